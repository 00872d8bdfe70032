"""Nothing scrolls sideways at 320 px, an answer prints on one sheet, and motion stops where it is not wanted."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from nordlotse.foundation.language import Lang
from nordlotse.journey import actions
from nordlotse.journey.models import Operator
from tests.browser import company_pages, pages
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? '' :
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' | ') || 'page'"""


def too_wide(page: Page, addresses: list[str]) -> list[str]:
    """Return the addresses whose page is wider than the window, with the first elements that stick out."""
    found = []
    for address in addresses:
        page.goto(address)
        outside = page.evaluate(TOO_WIDE)
        if outside:
            found.append(f"{address}: {outside}")
    return found


@pytest.mark.parametrize("lang", ["de", "en"])
def test_no_public_page_scrolls_sideways_at_320_px(visit: Visitor, lang: Lang) -> None:
    addresses = pages.public(lang)
    assert visit(lambda page: too_wide(page, addresses), width=320) == []


def test_no_staff_page_scrolls_sideways_at_320_px(staff_visit: Visitor) -> None:
    addresses = pages.desk("de")
    assert staff_visit(lambda page: too_wide(page, addresses), width=320, as_staff=True) == []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_answer_prints_on_exactly_one_page(visit: Visitor, lang: Lang) -> None:
    Operator.objects.create(
        pk=1,
        name="Mittelstand 4.0-Kompetenzzentrum Nord",
        phone="040 123456",
        mail="hallo@example.org",
        hours="Montag bis Freitag 9 bis 16 Uhr",
        asked=True,
    )
    long = actions.ask("Was kostet ein 3D-Druckteil, " + "und was gilt für Kunststoff, Metall und Nacharbeit, " * 35)[
        0
    ]["id"]
    ids = [long, *pages.asked(lang)]
    prefix = "/en" if lang == "en" else ""

    def counts(page: Page) -> dict[str, int]:
        found = {}
        for answer_id in ids:
            page.goto(f"{prefix}/antwort/{answer_id}/blatt/")
            found[answer_id] = len(PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages)
        return found

    assert set(visit(counts).values()) == {1}


def test_nothing_moves_where_reduced_motion_is_wanted(visit: Visitor) -> None:
    def moving(page: Page) -> list[str]:
        page.goto("/")
        return list(
            page.evaluate("""() => [...document.querySelectorAll('*')].filter(e => {
          const s = getComputedStyle(e);
          return s.animationName !== 'none' || s.transitionDuration.split(',').some(d => parseFloat(d) > 0) && s.transitionProperty !== 'none';
        }).map(e => e.outerHTML.slice(0, 80))""")
        )

    assert visit(moving, motion="reduce") == []


def test_one_heading_of_the_first_level_and_the_language_on_every_page(visit: Visitor) -> None:
    addresses = {"de": pages.public("de"), "en": pages.public("en")}

    def odd(page: Page) -> list[str]:
        found = []
        for lang, those in addresses.items():
            for address in those:
                page.goto(address)
                if page.locator("h1").count() != 1 or page.locator("html").get_attribute("lang") != lang:
                    found.append(address)
        return found

    assert visit(odd) == []


#: Buttons whose words stick out of the button, or that stick out of their card.
SQUEEZED = """() => [...document.querySelectorAll('.kern-btn')].filter(b => {
  const card = b.closest('.card'), box = b.getBoundingClientRect();
  const label = b.querySelector('.kern-label:not(.kern-sr-only)');
  return box.width && ((label && label.getBoundingClientRect().right > box.right + 1)
    || (card && box.right > card.getBoundingClientRect().right + 1));
}).map(b => b.textContent.trim())"""


def test_no_button_of_the_companys_page_sticks_out_on_a_phone(staff_visit: Visitor) -> None:
    addresses = [a for a in company_pages.desk("de") if a.startswith("/betrieb/")]

    def look(page: Page) -> list[str]:
        found = []
        for address in addresses:
            page.goto(address)
            found += [f"{address}: {words}" for words in page.evaluate(SQUEEZED)]
        return found

    assert len(addresses) >= 3
    assert staff_visit(look, width=390, as_staff=True) == []
