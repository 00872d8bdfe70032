"""A simulated machine on the pages: its own orders, states found without configuration, an OEE near the truth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils import timezone

from nordlotse.iot.actions import orders, results, shifts, simulated, states
from nordlotse.iot.actions.example import planned_cycle
from nordlotse.iot.actions.simulating import source_of
from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.simulator import State
from nordlotse.iot.core.states.kept import given_read
from nordlotse.iot.models import Hall, Machine, Simulation
from tests.iot.worked import HOUR, MONDAY, SECOND
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

NOW = MONDAY + 4 * 24 * HOUR


@pytest.mark.parametrize("kind", ["cnc", "moulder", "oven"])
def test_minutes_parts_and_oee_of_a_simulated_day_are_near_the_truth(kind: str) -> None:
    hall = Hall.objects.create()
    roles = {"Strom": "current", "Teile": "parts", "Ausschuss": "scrap"}
    machine = Machine.objects.create(
        hall=hall, name="m", kind=kind, signals={name: {"role": role} for name, role in roles.items()}
    )
    kept = Simulation.objects.create(machine=machine, kind=kind, seed=7, until=timezone.now())
    source, written = source_of(kept), Written(hall.store)
    for block in source.at(MONDAY - 24 * HOUR, NOW, 10 * SECOND):
        if block.series.signal in roles:
            written.put("m", block.series.signal, block.time, block.value)
    written.flush()
    assert simulated.prepare(machine, NOW) > 0
    assert simulated.prepare(machine, NOW) == 0
    machine.refresh_from_db()
    states.find(machine, NOW)
    results.refresh(machine, NOW)
    rows = [row for row in machine.results.order_by("begin") if row.settled][1:4]
    assert len(rows) == 3
    for row in rows:
        found, truth = evaluate(given_read(row.given)), source.truth(row.begin, row.end)
        ran = truth.seconds(State.RUNNING)
        assert float(found.elements["APT"]) == pytest.approx(ran, rel=0.04)
        # the counter begins anew each midnight: what was made between the last reading and the reset is not known
        assert float(found.elements["PQ"]) == pytest.approx(truth.made, rel=0.02, abs=2)
        assert float(found.elements["SQ"]) == pytest.approx(truth.scrap, abs=3)
        planned = (
            sum(order.part / 1e6 * order.made for order in truth.orders)
            * truth.made
            / max(sum(o.made for o in truth.orders), 1)
        )
        assert float(found.value("oee") or 0) == pytest.approx(
            planned / 86_400 * (truth.made - truth.scrap) / truth.made, rel=0.06
        )


def test_a_machine_that_is_not_simulated_is_left_alone() -> None:
    hall = Hall.objects.create()
    machine = Machine.objects.create(hall=hall, name="m")
    assert simulated.prepare(machine, NOW) == 0
    assert not hall.shifts and not machine.orders.exists()


def test_a_simulated_order_plans_the_best_time_of_a_part_so_no_shift_is_faster_than_planned() -> None:
    assert planned_cycle(100_000_000) == Decimal("96")


@pytest.fixture
def mill() -> Machine:
    """A simulated mill with its orders of two weeks and a result, as the worker leaves it behind each minute."""
    hall = Hall.objects.create()
    made = Machine.objects.create(hall=hall, name="m", kind="cnc")
    Simulation.objects.create(machine=made, kind="cnc", seed=7, until=timezone.now() + timedelta(days=1))
    simulated.prepare(made, NOW)
    worked(made, NOW)
    return made


def worked(machine: Machine, now: int) -> None:
    """A result worked out at a moment."""
    day = {"name": "", "day": "2026-11-20", "begin": MONDAY, "end": MONDAY + HOUR, "breaks": []}
    machine.results.update_or_create(
        begin=MONDAY, defaults={"end": MONDAY + HOUR, "shift": day, "given": {}, "computed": now}
    )


def turns(machine: Machine, begin: int, end: int) -> None:
    """The worker's turns of a time, one each quarter of an hour."""
    for now in range(begin, end, 900 * SECOND):
        simulated.prepare(machine, now)
        worked(machine, now)


def test_an_order_a_person_ended_stays_as_it_was_ended(mill: Machine) -> None:
    running = mill.orders.get(end=None)
    orders.end(mill, running.pk, NOW - SECOND, made=17)
    turns(mill, NOW + 30 * SECOND, NOW + 24 * HOUR)
    running.refresh_from_db()
    assert (running.end, running.made) == (NOW - SECOND, 17)


def test_an_order_a_person_deleted_does_not_come_back(mill: Machine) -> None:
    running = mill.orders.get(end=None)
    orders.remove(mill, running.pk)
    turns(mill, NOW + 30 * SECOND, NOW + 24 * HOUR)
    assert not mill.orders.filter(name=running.name, begin=running.begin).exists()


def test_no_other_order_begins_while_a_persons_own_runs_and_the_next_one_does_afterwards(mill: Machine) -> None:
    own = orders.begin(mill, "Mein", 60.0, NOW + 40 * SECOND)
    turns(mill, NOW + 60 * SECOND, NOW + 24 * HOUR)
    assert [one.name for one in mill.orders.filter(end=None)] == ["Mein"]
    assert not mill.orders.filter(begin__gt=own.begin).exists()
    orders.end(mill, own.pk, NOW + 24 * HOUR)
    turns(mill, NOW + 24 * HOUR, NOW + 48 * HOUR)
    assert mill.orders.filter(begin__gt=NOW + 24 * HOUR).exists()


def test_orders_of_the_simulator_end_and_follow_each_other(mill: Machine) -> None:
    before = mill.orders.get(end=None)
    turns(mill, NOW + 30 * SECOND, NOW + 48 * HOUR)
    before.refresh_from_db()
    assert before.end is not None and before.end > NOW
    assert mill.orders.filter(end=None).count() == 1
    spans = [(one.begin, one.end) for one in mill.orders.order_by("begin")]
    assert all(a[1] is not None and a[1] <= b[0] for a, b in pairwise(spans))


def test_a_plan_somebody_took_away_stays_away(mill: Machine) -> None:
    shifts.put(mill.hall, None)
    simulated.prepare(Machine.objects.select_related("hall").get(pk=mill.pk), NOW + 60 * SECOND)
    mill.hall.refresh_from_db()
    assert mill.hall.shifts == {}
