"""The check on a phone without an account and without JavaScript, kept, resumed on a computer, answered by a colleague, deleted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.readiness.models import Check, Sheet
from nordlotse.readiness.queries import checks
from tests.browser import readiness_pages as world
from tests.browser import test_axe as axe
from tests.browser import test_keyboard as keyboard
from tests.browser.conftest import Visitor
from tests.browser.steps import onward
from tests.browser.test_layout import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tick(page: Page, place: int) -> None:
    """Choose in every group of boxes on the page the choice at a place."""
    for group in page.locator("fieldset.inquiry").all():
        boxes = group.locator("input")
        boxes.nth(min(place, boxes.count() - 2)).check()


def through(page: Page, place: int) -> int:
    """Answer every page from the one that is open to the end; return how many there were."""
    pages = 0
    while page.locator("button[value=next]").count():
        tick(page, place)
        onward(page)
        pages += 1
        assert pages < 30, "the questions do not end"
    return pages


def test_a_check_from_a_phone_to_a_computer_a_colleague_three_models_and_to_its_deletion(visit: Visitor) -> None:
    def on_the_phone(page: Page) -> str:
        page.goto("/")
        page.click("text=Check in 10 Minuten")
        page.click("main form.ask button")
        assert "Vorab" in page.locator(".way").inner_text()
        page.fill("#q_employees", "vierzig")
        onward(page)
        assert "Ziffern" in page.locator("#q_employees_error").inner_text()
        page.fill("#q_employees", "40")
        onward(page)
        assert "Frage 1 bis" in page.locator(".way").inner_text()
        tick(page, 1)
        onward(page)
        page.click("button[value=back]")
        assert page.locator("fieldset.inquiry input:checked").count() == page.locator("fieldset.inquiry").count()
        onward(page)
        page.click("text=Sichern und später weitermachen")
        page.click("text=Unter einem Link sichern")
        assert "gesichert" in page.locator("[role=status]").inner_text()
        assert page.locator("svg.qr").is_visible()
        return re.sub(r"^https?://[^/]+", "", page.locator("#link ~ .secret a").get_attribute("href") or "")

    link = visit(on_the_phone, width=390, height=844, script=False)
    key = link.strip("/").split("/")[-1]
    assert checks.kept(key).employees == 40

    def on_the_computer(page: Page) -> str:
        page.goto(link)
        page.click("text=Weiter antworten")
        through(page, 1)
        assert page.url.endswith("/ergebnis/")
        page.goto(link)
        assert "Alle 15 Fragen sind beantwortet" in page.locator("main").inner_text()
        page.click("#einladen > summary")
        page.fill("#who", "Werkstatt")
        page.click("button[value=invite]")
        return page.locator("#kollegen ~ .cards .secret a").get_attribute("href") or ""

    colleague = visit(on_the_computer)
    assert checks.kept(key).newest.finished_at is not None

    def as_colleague(page: Page) -> str:
        page.goto(colleague)
        assert key not in page.content()
        page.click("main a.kern-btn")
        assert page.locator("input:checked").count() == 0
        through(page, 4)
        return page.locator("main").inner_text()

    assert "Danke" in visit(as_colleague, width=390, height=844, script=False)

    def differences(page: Page) -> tuple[str, str]:
        page.goto(link)
        page.click("text=Unterschiede ansehen")
        text = page.locator("main").inner_text()
        page.locator("ol.cards button").first.click()
        return text, page.locator("main p.lead").inner_text()

    before, after = visit(differences, width=390, height=844, script=False)
    assert "liegen Sie auseinander" in before
    assert "Werkstatt" in before
    assert after != before

    def deepened(page: Page) -> int:
        page.goto(link)
        pages = 0
        while page.locator("button[value=deepen]").count():
            page.locator("button[value=deepen]").last.click()
            pages += through(page, 0)
            page.goto(link)
        assert "sind beantwortet" in page.locator("main p.lead").inner_text()
        return pages

    answered = dict(checks.kept(key).newest.answers)
    assert visit(deepened, script=False) > 1
    newest = checks.kept(key).newest
    assert set(newest.models) == {"own", "dma", "impuls"}
    assert {name: newest.answers[name] for name in answered} == answered

    def ended(page: Page) -> str:
        page.goto(link)
        page.click("text=Check löschen")
        page.check("input[name=sure]")
        page.click("text=Endgültig löschen")
        text = page.locator("main").inner_text()
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 404
        return text

    assert "Beleg" in visit(ended, width=390, height=844, script=False)
    assert not Check.objects.exists()
    assert not Sheet.objects.exists()
    assert not visit.seen.foreign


def test_the_browsers_own_way_back_loses_no_answer(visit: Visitor) -> None:
    def way(page: Page) -> tuple[list[str], str]:
        page.goto("/check/")
        page.click("main form.ask button")
        page.fill("#q_employees", "40")
        onward(page)
        names = [str(n.get_attribute("name")) for n in page.locator("fieldset.inquiry input").all()]
        tick(page, 1)
        onward(page)
        page.go_back()
        again = [str(n.get_attribute("name")) for n in page.locator("fieldset.inquiry input").all()]
        assert again == names
        return again, page.locator("input[name=answers]").get_attribute("value") or ""

    names, answers = visit(way, script=False)
    assert names
    assert '"employees":40' in answers


def test_the_other_language_keeps_every_answer_of_a_page_that_travels(visit: Visitor) -> None:
    def way(page: Page) -> tuple[str, str]:
        page.goto("/check/")
        page.click("main form.ask button")
        page.fill("#q_employees", "40")
        page.click("text=English")
        return page.locator("h1").inner_text(), page.input_value("#q_employees")

    assert visit(way, script=False) == ("Your company", "40")


def loose_pages(page: Page, prefix: str) -> list[str]:
    """Return what axe and the width say about the pages that only a form leads to: company, mends, stages, end, keeping."""
    found: list[str] = []

    def look(name: str) -> None:
        page.evaluate(axe.AXE.read_text(encoding="utf-8"))
        for width in (320, 390, 1200):
            page.set_viewport_size({"width": width, "height": 900})
            if width == 320:
                found.extend([f"{name}: {wide}"] if (wide := page.evaluate(TOO_WIDE)) else [])
                continue
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found.extend(f"{name} {width} {scheme} {v}" for v in page.evaluate(axe.RUN, axe.RULES))

    page.goto(f"{prefix}/check/")
    page.locator("form.ask details summary").click()
    for box in page.locator("input[name=models][type=checkbox]").all():
        box.check()
    page.click("main form.ask > button")
    look("company")
    page.fill("#q_employees", "viele")
    onward(page)
    look("mends")
    page.fill("#q_employees", "40")
    onward(page)
    look("stages")
    while page.locator("button[value=next]").count():
        onward(page)
    look("end")
    page.locator("form#fragen button").last.click()
    look("keep")
    return found


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_axe_finds_nothing_on_the_pages_that_only_a_form_leads_to_and_none_is_too_wide(
    visit: Visitor, prefix: str
) -> None:
    assert visit(lambda page: loose_pages(page, prefix)) == []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_behind_a_link_and_no_page_is_too_wide(visit: Visitor, lang: Lang) -> None:
    addresses = world.public(lang)
    axe.check(visit, addresses, as_staff=False)

    def wide(page: Page) -> list[str]:
        return [f"{a}: {out}" for a in addresses if page.goto(a) and (out := page.evaluate(TOO_WIDE))]

    assert visit(wide, width=320) == []


def test_every_page_behind_a_link_is_walked_with_the_keyboard(visit: Visitor) -> None:
    for address in world.public("de"):
        keyboard.check(visit(lambda page, a=address: keyboard.walk(page, a, most=250)), address)


def test_a_page_of_questions_is_answered_with_keys_only(visit: Visitor) -> None:
    key, _ = world.kept_check(("own",))
    first = next(q.name for q in world.answering.form_of(("own",)).questions if q.group != "company")

    def way(page: Page) -> str:
        page.goto(f"/check/{key}/fragen/?frage={first}")
        page.locator(f"input[name=q_{first}]").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: first not in url)
        return page.url

    assert "frage=" in visit(way)
    assert world.lead_of(key).answers[first] != world.answers(("own",))[first]
