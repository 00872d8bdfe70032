"""axe-core finds nothing on any page, at both widths, light and dark, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from tests.browser import pages
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => (await axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']}))
  .violations.map(v => `${v.id}: ` + v.nodes.slice(0, 2).map(n => n.html.slice(0, 160)).join(' | '))"""


def violations(page: Page, address: str) -> list[str]:
    """Return what axe finds at an address at 390 and 1200 px, light and dark."""
    page.goto(address)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for width in (390, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{address} {width} {scheme} {v}" for v in page.evaluate(RUN, RULES)]
    return found


def check(visit: Visitor, addresses: list[str], *, as_staff: bool) -> None:
    """Fail with everything axe finds on these addresses."""
    if not AXE.is_file():
        pytest.skip("NO AXE-CORE: run npm ci; the accessibility tests did not run")
    found = visit(lambda page: [v for a in addresses for v in violations(page, a)], as_staff=as_staff)
    assert not found, "\n".join(found)
    assert not visit.seen.complaints, visit.seen.complaints


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_any_public_template(visit: Visitor, lang: Lang) -> None:
    check(visit, pages.public(lang), as_staff=False)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_any_staff_template(staff_visit: Visitor, lang: Lang) -> None:
    check(staff_visit, pages.desk(lang), as_staff=True)


@pytest.mark.long
@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_any_page(visit: Visitor, lang: Lang) -> None:
    check(visit, pages.everything(lang), as_staff=False)


def test_axe_would_find_a_picture_without_text(visit: Visitor) -> None:
    def spoiled(page: Page) -> list[str]:
        page.goto("/")
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/web/icon.svg\">')"
        )
        page.evaluate(AXE.read_text(encoding="utf-8"))
        return list(page.evaluate(RUN, RULES))

    assert any("image-alt" in v for v in visit(spoiled))
