"""What the energy page says: the cost of an idle hour, what stood unplanned and planned, and a base load nobody takes for the cost of standing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.test import Client

from nordlotse.iot.actions import results, states
from nordlotse.iot.core.energy import factors
from nordlotse.iot.core.periods import period
from nordlotse.iot.models import ShiftResult
from nordlotse.iot.queries.energy import Used, used
from tests.iot.clocked import clocked
from tests.iot.worked import HOUR, MONDAY, Filled

pytestmark = pytest.mark.django_db

NOW = MONDAY + 4 * 24 * HOUR


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the energy page of a machine with five hours idle at 2.3 kW and two of setup at 1 kW in one shift."""
    clocked(monkeypatch, lambda: NOW)
    made = Filled()
    made.work(days=3)
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    monkeypatch.setattr("nordlotse.iot.views.energy.fresh", lambda machine: NOW)
    ShiftResult.objects.update(energy={})
    one = ShiftResult.objects.filter(machine=made.machine).order_by("-begin").first()
    assert one is not None
    one.energy = {"states": {"producing": [3600.0, 4.0], "idle": [18_000.0, 11.5], "setup": [7200.0, 2.0]}, "flags": []}
    one.save()
    return f"/maschinen/{made.hall.pk}/m/{made.machine.pk}/energie/"


@pytest.fixture
def page(client: Client, path: str) -> str:
    """The words of that page."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(path).content.decode())))


def test_an_idle_hour_is_told_as_power_times_price(page: str) -> None:
    assert "Eine Stunde, in der sie nur bereitsteht, kostet etwa 0,41 €" in page
    assert "(2,3 kW mal 0,18 € je kWh)" in page


def test_setup_and_planned_stops_are_told_apart_from_unplanned_ones(page: str) -> None:
    assert "11,5 kWh (66 %, etwa 2,07 €) brauchte sie, während sie ungeplant stand" in page
    assert "2 kWh (etwa 0,36 €) brauchte sie beim Rüsten und in geplanten Stillständen" in page


def test_the_base_load_over_a_year_is_said_not_to_be_the_cost_of_standing(page: str) -> None:
    assert "Es ist nicht das, was der Stillstand kostet." in page or "Grundlast)" not in page
    assert "Warum die Zeiten von denen der Auslastung abweichen" in page


def test_a_few_idle_minutes_tell_no_cost_of_an_hour() -> None:
    from nordlotse.iot.core.states.values import State

    used = Used.__new__(Used)
    object.__setattr__(used, "by_state", {State.IDLE: (120.0, 0.1)})
    assert used.idle_watts is None


def test_english_pages_say_what_a_german_source_is_and_mark_its_title_as_german(client: Client, path: str) -> None:
    german, english = (unescape(client.get(f"{before}{path}").content.decode()) for before in ("", "/en"))
    for factor in factors().values():
        assert factor.title in german and factor.title_en not in german
        assert re.search(
            rf'{re.escape(factor.title_en)}, in German: <a [^>]*lang="de"[^>]*>{re.escape(factor.title)}</a>', english
        )


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment / 1e6, UTC).date()


@pytest.mark.parametrize(("hours", "told"), [(6, False), (30, True)])
def test_a_base_load_is_told_from_a_day_of_values_on(hours: int, told: bool) -> None:
    made = Filled()
    begin = MONDAY - 24 * HOUR
    made.put("Leistung", range(begin, begin + hours * HOUR, 60_000_000), [2000.0] * (hours * 60))
    made.machine.signals = {"Leistung": {"unit": "W", "role": "power"}}
    made.machine.save()
    now = begin + hours * HOUR
    found = used(made.machine, period("zweiwochen", _day(now), "Europe/Berlin"), now)
    assert found is not None
    assert (found.base_watts is not None) == told


@pytest.mark.parametrize(("every", "told"), [(60, True), (5, False)])
def test_a_meter_that_is_read_seldom_is_said_not_to_tell_short_states_apart(every: int, told: bool) -> None:
    made = Filled()
    begin = MONDAY - 2 * HOUR
    times = range(begin, MONDAY, every * 1_000_000)
    made.put("Zähler", times, [100 + 0.01 * k for k in range(len(times))])
    made.machine.signals = {"Zähler": {"unit": "kWh", "role": "energy"}}
    made.machine.save()
    found = used(made.machine, period("zweiwochen", _day(MONDAY), "Europe/Berlin"), MONDAY)
    assert found is not None
    assert any("nur alle 1 Minute gelesen" in flag.de for flag in found.flags) == told
