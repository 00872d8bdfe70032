"""Use, stops, states and the report in a real browser: a week chosen by a click, a stop explained by a tap on the phone's page, nothing too wide."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from nordlotse.iot.actions import results, states
from nordlotse.iot.models import Stop
from tests.browser.conftest import Visitor
from tests.browser.test_axe import AXE, RULES, RUN
from tests.iot import worked
from tests.iot.worked import HOUR, Filled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def saw(monkeypatch: pytest.MonkeyPatch) -> Filled:
    """A machine that has worked for three days and stands now."""
    now = time.time_ns() // 1000
    # the made day begins so that the second idle stretch of its third day lies at this moment
    monkeypatch.setattr(worked, "MONDAY", now - 2 * 24 * HOUR - 345 * 60 * worked.SECOND)
    made = Filled(cycle=Decimal("50"), euros_per_hour=Decimal("60"))
    made.hall.shifts = {}
    made.hall.save()
    made.work(days=3)
    states.find(made.machine, now)
    results.refresh(made.machine, now)
    return made


def test_a_week_is_chosen_and_a_stop_explained_by_a_tap_at_the_machine(visit: Visitor, saw: Filled) -> None:
    def story(page: Page) -> str:
        page.goto(f"/maschinen/{saw.hall.pk}/m/{saw.machine.pk}/auslastung/")
        page.get_by_role("link", name="14 Tage").click()
        expect(page.locator("[aria-current=true]", has_text="14 Tage")).to_be_visible()
        expect(page.locator(".lead")).to_contain_text("ungeplant")
        page.goto(f"/maschinen/stopp/{saw.machine.stop_key}/")
        expect(page.locator("#jetzt")).to_contain_text("Steht seit")
        page.get_by_role("button", name="Material fehlt").first.click()
        expect(page.locator("#jetzt")).to_contain_text("Grund: Material fehlt")
        return str(page.url)

    assert "stopp" in visit(story)
    assert Stop.objects.get().reason == "material"
    assert not visit.seen.complaints


@pytest.mark.parametrize("width", [390, 1200])
def test_no_page_is_wider_than_its_window_and_all_can_be_read_by_machines(
    visit: Visitor, saw: Filled, width: int
) -> None:
    rest = ("auslastung/", "zustaende/", "stopps/", "stopps/blatt/", "auftraege/", "energie/")
    hall, machine = f"/maschinen/{saw.hall.pk}/", f"m/{saw.machine.pk}/"
    addresses = [f"{hall}{machine}{page}" for page in rest] + [
        f"{hall}{page}" for page in ("schichten/", "personen/", "bericht/")
    ]
    addresses.append(f"/maschinen/stopp/{saw.machine.stop_key}/")

    def look(page: Page) -> list[str]:
        wrong = []
        for place, address in enumerate(addresses):
            page.goto(address if place % 2 else f"/en{address}")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append(f"{address} is too wide")
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            page.evaluate(AXE.read_text("utf-8"))
            wrong += [f"{address}: {one}" for one in page.evaluate(RUN, RULES)]
        return wrong

    assert visit(look, width=width) == []
