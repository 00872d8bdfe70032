"""Everything can be reached and used with the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import pages
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOCUSED = """() => {
  const e = document.activeElement, b = e.getBoundingClientRect(), s = getComputedStyle(e);
  const inner = e.querySelector('.kern-label'), t = inner ? getComputedStyle(inner) : s;
  const ring = [s, t, getComputedStyle(e, '::before'), getComputedStyle(e, '::after')].some(x =>
    (x.outlineStyle !== 'none' && parseFloat(x.outlineWidth) > 0) || x.boxShadow !== 'none');
  const all = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]')];
  return {tag: e.tagName, text: (e.innerText || e.name || '').slice(0, 40), ring, width: b.width, height: b.height,
          place: all.indexOf(e), body: e === document.body};
}"""


def walk(page: Page, address: str, most: int = 150) -> list[dict[str, Any]]:
    """Press Tab from the top until the focus leaves the page; return every stop."""
    page.goto(address)
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["body"] or (stops and stop["place"] == stops[0]["place"]):
            return stops
        stops.append(stop)
    raise AssertionError(f"{address}: after {most} presses the focus had not left the page: {stops[-3:]}")


def check(stops: list[dict[str, Any]], address: str) -> None:
    """The order is the order of the page, and every stop can be seen."""
    places = [s["place"] for s in stops]
    assert places == sorted(places), f"{address}: the focus jumps {places}"
    unseen = [s for s in stops if not s["ring"] or s["width"] < 1 or s["height"] < 1]
    assert not unseen, f"{address}: no visible focus {unseen[:4]}"


def test_tab_walks_each_public_page_in_order_with_a_visible_focus_and_no_trap(visit: Visitor) -> None:
    (answer_id, *_) = pages.asked("de")
    for address in (
        "/",
        f"/antwort/{answer_id}/",
        "/foerderung/?state=SH",
        "/suche/?q=Sensor",
        "/thema/print3d/",
        "/kontakt/",
    ):
        check(visit(lambda page, a=address: walk(page, a)), address)


def test_tab_walks_the_desk_and_the_editor(staff_visit: Visitor) -> None:
    slug = pages.longest_article("de")
    pages.fill_desk("de")
    for address in ("/desk/", f"/desk/texte/{slug}/de/", "/desk/import/", "/desk/betreiber/"):
        check(staff_visit(lambda page, a=address: walk(page, a), as_staff=True), address)


def test_the_first_stop_skips_to_the_content(visit: Visitor) -> None:
    def skip(page: Page) -> tuple[str, bool, str]:
        page.goto("/")
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.innerText")
        seen = page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        return text, seen, page.evaluate("document.activeElement.id")

    assert visit(skip) == ("Zum Inhalt springen", True, "question")


def test_a_question_can_be_asked_and_rated_with_keys_only(visit: Visitor) -> None:
    def ask(page: Page) -> str:
        page.goto("/")
        page.locator("#question").focus()
        page.keyboard.type("Was kostet ein 3D-Druckteil?")
        for _ in range(2):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/antwort/**")
        page.locator("button[value=yes]").focus()
        page.keyboard.press("Enter")
        return page.locator(".thanks").inner_text()

    assert visit(ask).startswith("Danke.")


def test_after_a_partial_update_the_focus_is_not_lost(visit: Visitor) -> None:
    def choose(page: Page) -> str:
        page.goto("/foerderung/")
        page.locator("#state").focus()
        with page.expect_response("**/foerderung/?*"):
            page.select_option("#state", "HH")
        page.wait_for_timeout(100)
        return str(page.evaluate("document.activeElement.id"))

    assert visit(choose) == "state"
