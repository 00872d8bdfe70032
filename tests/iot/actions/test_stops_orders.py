"""Writes about stops and orders: what they refuse, what they keep, what they log."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.iot import results as chore
from nordlotse.iot.actions import orders, states, stops
from nordlotse.iot.models import Machine
from nordlotse.office.models import LogEntry
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def saw() -> Machine:
    return Filled().machine


@pytest.mark.parametrize(
    ("begin", "end", "reason"),
    [
        (MONDAY, MONDAY, "tool"),
        (MONDAY, MONDAY - 1, "tool"),
        (MONDAY, MONDAY + 15 * 24 * HOUR, "tool"),
        (10**18, 0, "tool"),
        (MONDAY, MONDAY + 1, " "),
    ],
)
def test_a_stop_that_cannot_be_is_refused(saw: Machine, begin: int, end: int, reason: str) -> None:
    with pytest.raises(BadInput):
        stops.explain(saw, begin, end, reason)
    assert not saw.stops.exists()


def test_the_later_word_on_a_stop_counts_and_both_are_logged(saw: Machine) -> None:
    stops.explain(saw, MONDAY, MONDAY + HOUR, "tool")
    stops.explain(saw, MONDAY, MONDAY + HOUR, "Kran besetzt")
    assert [(s.reason, s.state) for s in saw.stops.all()] == [("Kran besetzt", "idle")]
    assert LogEntry.objects.filter(verb="stop_explained").count() == 2


def test_only_reasons_of_a_planned_stop_can_be_planned(saw: Machine) -> None:
    with pytest.raises(BadInput, match="iot_reason"):
        stops.plan(saw, MONDAY, MONDAY + HOUR, "tool")
    assert stops.plan(saw, MONDAY, MONDAY + HOUR, "meeting").state == "planned_stop"


def test_a_new_order_ends_the_running_one_and_cannot_begin_before_it(saw: Machine) -> None:
    first = orders.begin(saw, "A1", 50, MONDAY)
    with pytest.raises(BadInput):
        orders.begin(saw, "A0", 50, MONDAY - HOUR)
    orders.begin(saw, "A2", 60, MONDAY + HOUR)
    first.refresh_from_db()
    assert first.end == MONDAY + HOUR


def test_taking_back_more_rejects_than_there_are_leaves_none(saw: Machine) -> None:
    order = orders.begin(saw, "A1", 50, MONDAY)
    orders.tap(saw, order.pk, "scrap", 2, MONDAY + SECOND)
    orders.tap(saw, order.pk, "scrap", -5, MONDAY + 2 * SECOND)
    order.refresh_from_db()
    assert order.scrap == 0
    assert order.taps == [[MONDAY + SECOND, 2, "scrap"], [MONDAY + 2 * SECOND, -2, "scrap"]]


def test_an_order_of_another_machine_is_not_found(saw: Machine) -> None:
    other = orders.begin(Filled().machine, "B1", 50, MONDAY)
    with pytest.raises(NotFound):
        orders.tap(saw, other.pk, "scrap", 1, MONDAY)


@pytest.mark.parametrize("cycle", [0.0, -1.0, float("nan"), 1e9])
def test_a_cycle_that_cannot_be_is_refused(saw: Machine, cycle: float) -> None:
    with pytest.raises(BadInput):
        orders.put_cycle(saw, cycle)


def test_the_chore_finds_states_and_works_out_shifts_of_every_machine_and_one_broken_keeps_none_waiting() -> None:
    broken, made = Filled(states={"kind": "found", "levels": {}}), Filled(cycle=Decimal("50"))
    broken.work()
    made.work()
    chore.run(MONDAY + 24 * HOUR)
    made.machine.refresh_from_db()
    assert made.machine.states["kind"] == "found"
    assert made.machine.results.filter(begin=MONDAY).exists()


def test_states_found_in_little_are_looked_for_again_and_a_persons_are_left_alone() -> None:
    made = Filled()
    moments = list(range(MONDAY, MONDAY + 2 * HOUR, 5 * SECOND))
    made.put("Strom", moments, [8.0 + (k % 7) / 50 for k in range(len(moments))])
    first = states.find(made.machine, MONDAY + 2 * HOUR)
    assert first is not None and first.levels is not None and "one_level" in first.levels.flags
    made.work()
    again = states.find(made.machine, MONDAY + 8 * HOUR)
    assert again is not None and again.levels is not None and again.levels.run is not None
    from nordlotse.iot.core.states.ways import corrected

    states.keep(made.machine, corrected(again, 5.0, None), None)
    kept = states.find(made.machine, MONDAY + 9 * 24 * HOUR)
    assert kept is not None and kept.corrected


def test_a_word_with_a_nul_in_it_is_kept_without(saw: Machine) -> None:
    stops.explain(saw, MONDAY, MONDAY + HOUR, "Kran\0besetzt", note="a\0b")
    assert [(s.reason, s.note) for s in saw.stops.all()] == [("Kran besetzt", "a b")]
