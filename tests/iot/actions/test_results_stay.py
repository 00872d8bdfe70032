"""Results stay when what they were worked out from is looked at no more: older than the horizon, or let go after its time."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from nordlotse.iot import memory
from nordlotse.iot.actions import results, states
from nordlotse.iot.core import retention
from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.states.kept import given_read
from nordlotse.iot.core.states.shifts import Worked
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.models import Machine
from nordlotse.iot.queries.observing import Found, Observer
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

DAY = 24 * HOUR


def kept(machine: Machine, begin: int = MONDAY) -> tuple[Any, ...]:
    row = machine.results.get(begin=begin)
    return row.given, row.energy, row.revision, row.why


def still(made: Filled, *days: int) -> None:
    """One value on each of some days, so that time goes on."""
    made.put("Strom", [MONDAY + day * DAY for day in days], [8.0] * len(days))


def let_go(made: Filled, days: int, now: int) -> None:
    writer = Writer(company_folder(memory.folder(), made.hall.store), made.hall.store, Disk())
    retention.apply(writer, Periods(days), now, Disk())


def test_a_result_does_not_change_while_its_hours_leave_what_is_looked_at() -> None:
    made = Filled(cycle=Decimal("50"))
    made.work(days=2)
    still(made, 30, 36)
    states.find(made.machine, MONDAY + 4 * DAY)
    results.refresh(made.machine, MONDAY + 30 * DAY, 300)
    before = kept(made.machine)
    assert before[2] == 0
    for hours in (-7, 0, 1, 4, 7, 8, 9, 30):
        results.refresh(made.machine, MONDAY + 35 * DAY + hours * HOUR + 60 * SECOND, 300)
        assert kept(made.machine) == before, hours


def test_a_shift_first_worked_out_at_the_edge_counts_its_first_part_and_its_energy() -> None:
    signals = {
        "Strom": {"unit": "A", "role": "current"},
        "Teile": {"unit": "", "role": "parts"},
        "Zähler": {"unit": "kWh", "role": "energy"},
    }
    made = Filled(cycle=Decimal("50"), signals=signals)
    made.work(days=1)
    made.put("Zähler", [MONDAY - 90 * 60 * SECOND + k * 60 * SECOND for k in range(600)], [k * 0.1 for k in range(600)])
    still(made, 36)
    states.find(made.machine, MONDAY + 4 * DAY)
    # the hour before the shift, with the readings that it begins with, is older than the horizon
    observer = Observer(made.machine, MONDAY + 35 * DAY + 30 * 60 * SECOND)
    shift = next(one for one in observer.stretches() if one.begin == MONDAY)
    found = observer.found(shift)
    assert observer.whole_from == MONDAY
    assert found.given.elements["PQ"] == 390
    assert sum(kwh for _, kwh in found.energy["states"].values()) == pytest.approx(48.0, rel=0.01)


def test_a_reading_long_before_the_horizon_is_found() -> None:
    made = Filled(cycle=Decimal("50"))
    made.put("Teile", [MONDAY - 200 * DAY, MONDAY + 60 * SECOND], [5.0, 6.0])
    made.put("Strom", [MONDAY, MONDAY + 60 * SECOND], [8.0, 8.0])
    observer = Observer(made.machine, MONDAY + HOUR)
    counted = observer._counter("parts", MONDAY, MONDAY + HOUR)
    assert counted is not None
    assert counted.between(MONDAY, MONDAY + HOUR) == 1


def test_values_let_go_take_no_result_with_them_whatever_is_said_or_planned_later() -> None:
    made = Filled(cycle=Decimal("50"))
    made.work(days=5)
    still(made, 31)
    machine, now = made.machine, MONDAY + 31 * DAY + 4 * HOUR
    states.find(machine, MONDAY + 6 * DAY)
    results.refresh(machine, now, 300)
    before = {day: kept(machine, MONDAY + day * DAY) for day in (0, 1, 4)}
    assert evaluate(given_read(before[0][0])).elements["PQ"] == 390
    let_go(made, 30, now)
    results.refresh(machine, now + 60 * SECOND, 300)
    assert {day: kept(machine, MONDAY + day * DAY) for day in before} == before
    # a reason said later, and another plan
    machine.stops.create(begin=MONDAY + 2 * HOUR, end=MONDAY + 2 * HOUR + 2400 * SECOND, reason="setup", state="setup")
    made.hall.shifts = {**made.hall.shifts, "shifts": [{**made.hall.shifts["shifts"][0], "begin": "05:00"}]}
    made.hall.save()
    machine = Machine.objects.select_related("hall").get(pk=machine.pk)
    results.refresh(machine, now + 120 * SECOND, 300)
    assert {day: kept(machine, MONDAY + day * DAY) for day in (0, 1)} == {day: before[day] for day in (0, 1)}
    # what still has its values goes by the new plan, and nothing counts twice
    assert machine.results.filter(begin=MONDAY + 4 * DAY - HOUR).exists()
    spans = sorted(machine.results.values_list("begin", "end"))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_a_shift_whose_values_were_let_go_before_anybody_looked_gets_no_false_result() -> None:
    made = Filled(cycle=Decimal("50"))
    made.work(days=2)
    still(made, 31)
    now = MONDAY + 31 * DAY + 4 * HOUR
    assert states.find(made.machine, MONDAY + 3 * DAY)
    let_go(made, 30, now)
    results.refresh(made.machine, now, 300)
    assert made.machine.results.filter(begin__gt=MONDAY + 30 * DAY).exists()
    assert not made.machine.results.filter(begin=MONDAY).exists()


def test_a_stop_that_goes_on_has_only_the_newest_stretches_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Filled(cycle=Decimal("50"))
    made.work(days=3)
    now = MONDAY + 8 * DAY
    idle = range(MONDAY + 3 * DAY, now, 300 * SECOND)
    made.put("Strom", list(idle), [0.05] * len(idle))
    states.find(made.machine, now)
    worked: list[int] = []
    real = Observer.found

    def found(self: Observer, shift: Worked) -> Found:
        worked.append(shift.begin)
        return real(self, shift)

    monkeypatch.setattr(Observer, "found", found)
    stop = made.machine.stops.create(begin=MONDAY + 3 * DAY, end=0, reason="maintenance", state="planned_stop")
    results.refresh(made.machine, now, 300)
    assert len(worked) > 10
    worked.clear()
    results.refresh(made.machine, now + 60 * SECOND, 300)
    assert min(worked, default=now) >= now - DAY
    before = kept(made.machine, MONDAY + 3 * DAY)
    # its end changes the stretch it lies in, and no earlier one
    stop.end = MONDAY + 4 * DAY + HOUR
    stop.save()
    worked.clear()
    results.refresh(made.machine, now + 120 * SECOND, 300)
    assert min(worked) == MONDAY + 4 * DAY
    assert kept(made.machine, MONDAY + 3 * DAY) == before
