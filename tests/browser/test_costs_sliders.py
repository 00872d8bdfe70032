"""The costs page in a browser: the slider of the quantity, a slider of a cost figure, another process; nothing is loaded anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from nordlotse.print3d.models import Shop
from tests.browser.conftest import Visitor
from tests.browser.test_axe import check
from tests.print3d import made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_sliders_change_answer_and_address_without_a_new_page(visit: Visitor) -> None:
    key = made.kept("bracket")

    def slide(page: Page) -> tuple[str, float, float, str]:
        page.goto(f"/druck/{key}/kosten/?price=12,50&quantity=20")
        page.evaluate("document.body.dataset.same = 'yes'")
        page.locator("#regler").fill("14")
        expect(page.locator("#ergebnis .answer__text")).to_contain_text("Bei 500 Stück")
        slider = page.locator(".lever input[type=range]").first
        slider.evaluate("e => { e.value = e.max; e.dispatchEvent(new Event('input', {bubbles: true})) }")
        expect(page.locator(".lever__said").first).to_contain_text("Ihre Angabe")
        figure = float(page.locator(".lever input[name]").first.input_value().replace(",", "."))
        most = float(slider.evaluate("e => e.max"))
        page.select_option("#detail", "sls")
        expect(page.locator("#dazu")).to_contain_text("SLS")
        expect(page.locator("#hebel input[name='f.sls.machine_rate']")).to_be_visible()
        return page.input_value("#quantity"), figure, most, page.evaluate("document.body.dataset.same") + page.url

    quantity, figure, most, address = visit(slide)
    assert quantity == "500"
    assert figure == most > 0
    assert address.startswith("yes")
    assert "quantity=500" in address
    assert not visit.seen.complaints


def test_the_page_works_without_javascript(visit: Visitor) -> None:
    key = made.kept("bracket")

    def ask(page: Page) -> str:
        page.goto(f"/druck/{key}/kosten/")
        page.fill("#price", "12,50")
        page.fill("#quantity", "200")
        page.click("#kosten button[type=submit]")
        assert not page.locator("#regler").is_visible()
        return page.locator("#ergebnis .answer__text").inner_text()

    assert visit(ask, script=False).startswith("Bei 200 Stück: FDM")


@pytest.mark.parametrize("width", [390, 1200])
def test_no_page_is_wider_than_its_window(visit: Visitor, width: int) -> None:
    key, shop = made.kept("bracket", picture=True), Shop.objects.create().key
    addresses = [f"/druck/{key}/kosten/?price=5&process={'lang' * 15}", f"/druck/{key}/lage/?x=45&y=0&z=0"]
    addresses += [f"/druck/werkstatt/{shop}/{page}" for page in ("", "maschine/", "kosten/", "kalibrieren/")]

    def measure(page: Page) -> list[str]:
        found = []
        for address in addresses:
            page.goto(address)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(address)
        return found

    assert visit(measure, width=width) == []


def test_axe_finds_nothing_on_costs_ways_to_lie_and_shops(visit: Visitor) -> None:
    key = made.kept("bracket", picture=True)
    machine = {"id": "own-1", "name": "MK4", "process": "fdm", "build": [250, 210, 220], "rate": 4.5, "limits": {}}
    shop = Shop.objects.create(machines=[machine]).key
    addresses = [f"/druck/{key}/kosten/?price=12,50&quantity=20&f.fdm.finishing=2", f"/druck/{key}/kosten/?price=x"]
    addresses += [f"/druck/{key}/lage/?x=45&y=0&z=0", f"/druck/{key}/werkstatt/", "/druck/werkstatt/"]
    addresses += [f"/druck/werkstatt/{shop}/{p}" for p in ("", "maschine/?id=own-1", "material/", "kosten/")]
    addresses += [f"/en/druck/werkstatt/{shop}/{p}" for p in ("kalibrieren/", "loeschen/")]
    check(visit, addresses, as_staff=False)
