"""Simulated machines: there at once, a value a second, a year behind them; what a dead worker left out is made up."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput, NotAvailable, TooMany
from nordlotse.iot import memory
from nordlotse.iot.actions import simulating
from nordlotse.iot.actions.example import _RULES
from nordlotse.iot.core import simulator, tail
from nordlotse.iot.core.orders import Order
from nordlotse.iot.core.simulator.planning import ZONE
from nordlotse.iot.core.states.plans import calendar_read
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import Rows, Series
from nordlotse.iot.models import Alarm, Hall, Machine, Rule, Simulation
from nordlotse.iot.tasks import Simulators
from tests.iot.process import Serve

pytestmark = pytest.mark.django_db
SECOND, DAY = 1_000_000, 86_400_000_000


def begun(kind: str = "cnc") -> Machine:
    return simulating.start(kind, user=None, lang="de")


def rows(machine: Machine, signal: str = "Strom", begin: int = 0, end: int = 2**62) -> Rows:
    reader = tail.reader(memory.folder(), machine.hall.store, patience=0)
    reader.look()
    return reader.rows(Series(machine.hall.store, machine.name, signal), max(begin, 1), min(end, 7 * 10**15))


@pytest.mark.parametrize("kind", ["cnc", "moulder", "oven"])
def test_its_last_ten_minutes_are_there_when_the_click_returns_and_it_runs(intake: Serve, kind: str) -> None:
    machine = begun(kind)
    held = rows(machine)
    assert len(held) == 600
    assert np.all(np.diff(held.time) == SECOND)
    assert micros() - int(held.time[-1]) < 5 * SECOND
    assert machine.hall.is_example and machine.hall.expires_at is not None


def test_its_seed_is_one_with_which_it_runs_when_it_begins(intake: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(simulating, "_awake", lambda kind, now, hall: asked.append((kind, now)) or 77)
    begun("oven")
    kept = Simulation.objects.get()
    assert kept.seed == 77
    assert asked == [("oven", kept.sent_until)]


@pytest.mark.parametrize("kind", ["cnc", "moulder", "oven"])
@pytest.mark.parametrize("minute", [40, 185, 265, 475, 655, 955, 1159])
def test_at_nearly_any_time_of_the_day_there_is_one_that_runs(kind: str, minute: int) -> None:
    at = 1_795_388_400 * SECOND + minute * 60 * SECOND  # from a midnight in November, German time
    assert simulating.of(kind, simulating._awake(kind, at, None), "h", "m").awake(at) == at


@pytest.mark.parametrize("minute", [3, 1435])
def test_around_midnight_when_each_is_set_up_it_runs_soon(minute: int) -> None:
    at = 1_795_388_400 * SECOND + minute * 60 * SECOND
    assert simulating.of("cnc", simulating._awake("cnc", at, None), "h", "m").awake(at) - at < 60 * 60 * SECOND


def test_a_second_one_rests_when_the_shifts_of_its_hall_do(intake: Serve) -> None:
    first = begun()
    second = simulating.start("oven", user=None, lang="de", hall=first.hall)
    late = {simulator.breaks_late(one.seed) for one in Simulation.objects.filter(machine__in=[first, second])}
    assert len(late) == 1
    day = 1_795_388_400 * SECOND
    rests = [
        (shift.begin, shift.breaks)
        for shift in simulating.source_of(Simulation.objects.get(machine=first)).truth(day, day + DAY).shifts
    ]
    told = {pause for shift in calendar_read(Hall.objects.get().shifts).shifts for pause in shift.breaks}
    assert len(rests) == 3
    for _, ((begin, end),) in rests:
        assert tuple(datetime.fromtimestamp(x // SECOND, ZONE).time() for x in (begin, end)) in told


def test_it_brings_shifts_orders_stops_with_reasons_rules_and_what_signals_are(intake: Serve) -> None:
    machine = begun()
    assert machine.orders.count() > 50
    assert {stop.reason for stop in machine.stops.all()} >= {"setup", "material", "break"}
    assert machine.stops.order_by("-end").first().end < micros() - DAY  # type: ignore[union-attr]
    assert len(calendar_read(Hall.objects.get().shifts).shifts) == 3
    assert machine.signals["Strom"] == {"title": "Strom", "unit": "A", "role": "current"}
    assert Rule.objects.filter(machine=machine).count() == 2


@pytest.mark.parametrize("kind", ["cnc", "moulder", "oven"])
def test_its_rules_do_not_speak_while_it_has_no_fault(kind: str) -> None:
    source = simulating.of(kind, 11, "h", "m")
    end = 1_795_000_000 * SECOND
    blocks = {block.series.signal: block.value for block in source.at(end - 20 * DAY, end, 10 * SECOND)}
    for signal, _, limits in _RULES[kind]:
        assert float(blocks[signal].max()) < limits.get("high", 1e9)
        assert float(blocks[signal].min()) > limits.get("low", -1e9)


def test_a_turn_of_the_worker_sends_each_second_once(intake: Serve) -> None:
    machine = begun()
    lane, kept = Simulators(), Simulation.objects.get()
    for later in (1, 2, 4):
        assert lane.turn(kept.sent_until + later * SECOND) == 1
    held = rows(machine, begin=kept.sent_until)
    assert [int(t) - kept.sent_until for t in held.time] == [0, SECOND, 2 * SECOND, 3 * SECOND]


def test_what_a_dead_worker_left_out_is_made_up_and_nothing_counts_twice(intake: Serve) -> None:
    machine = begun()
    begin = Simulation.objects.get().sent_until
    killed = Simulators()
    killed.turn(begin + 50 * SECOND)  # it never noted how far it was
    fresh, end = Simulators(), begin + 600 * SECOND
    while True:
        fresh.turn(end)
        if not fresh.behind(end):
            break
    fresh.note()
    held = rows(machine, begin=begin)
    assert len(held) == 600
    assert Simulation.objects.get().sent_until == end


def test_a_fault_that_is_switched_on_shows_in_the_next_second(intake: Serve) -> None:
    begun()
    lane, kept = Simulators(), Simulation.objects.get()
    lane.turn(kept.sent_until + 2 * SECOND)
    at = kept.sent_until + 2 * SECOND
    Simulation.objects.update(faults=[{"name": "coolant", "since": at}])
    end = at + 300 * SECOND
    while True:
        lane.turn(end)
        if not lane.behind(end):
            break
    pressure = rows(kept.machine, "Kühlmitteldruck", begin=at + 200 * SECOND)
    assert float(pressure.value.max()) < 3.0


def test_the_past_comes_newest_first_until_a_year_is_there(intake: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "HISTORY", 40 * DAY)
    machine = begun()
    progress = simulating.progress(machine)
    assert progress is not None and progress.percent == 0
    reached = [Simulation.objects.get().history_from]
    while simulating.go_back(Simulation.objects.get()):
        reached.append(Simulation.objects.get().history_from)
    assert reached == sorted(reached, reverse=True)
    assert simulating.progress(machine) is None
    held = rows(machine)
    assert (int(held.time[-1]) - int(held.time[0])) / DAY == pytest.approx(40, abs=1.1)
    assert set(np.diff(held.time[:100]).tolist()) == {60 * SECOND}
    assert int(np.diff(held.time).max()) <= 60 * SECOND


def test_without_an_intake_nothing_stands_half_and_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "folder", lambda: tmp_path)
    with pytest.raises(NotAvailable, match="iot_not_running"):
        begun()
    assert not Hall.objects.exists() and not Simulation.objects.exists()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadInput, match="iot_simulator"):
        begun("loom")
    assert not Hall.objects.exists()


def test_so_many_run_at_once(intake: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "MOST", 1)
    begun()
    with pytest.raises(TooMany, match="iot_simulations"):
        begun()
    assert Hall.objects.count() == 1


def test_twenty_simulations_cost_little_of_a_core(intake: Serve) -> None:
    sources = [simulating.of("cnc", seed, "h", "m") for seed in range(20)]
    at = micros() // SECOND * SECOND
    for source in sources:
        source.at(at, at + SECOND, SECOND)
    begin = time.process_time()
    for k in range(10):
        for source in sources:
            source.at(at + k * SECOND, at + (k + 1) * SECOND, SECOND)
    assert (time.process_time() - begin) / 10 < 0.2  # seconds of a core per second
    assert not Alarm.objects.exists()


def test_values_sent_while_a_hall_was_deleted_are_asked_to_go_again(
    intake: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Order] = []
    monkeypatch.setattr("nordlotse.iot.leaving.orders.ask", lambda folder, order: asked.append(order))
    machine = begun()
    store, kept = machine.hall.store, Simulation.objects.get()
    lane = Simulators()
    lane.turn(kept.sent_until + SECOND)
    Hall.objects.all().delete()  # and its first order carried out before the values of this second came
    assert not asked
    lane.turn(kept.sent_until + 2 * SECOND)
    assert asked == [Order("leave", store)]


def test_a_simulation_that_cannot_be_made_is_stopped_and_holds_up_no_other(intake: Serve) -> None:
    broken, fine = begun(), begun("oven")
    Simulation.objects.filter(pk=broken.pk).update(faults=[{"name": "nobody knows it", "since": 1}])
    at = max(one.sent_until for one in Simulation.objects.all())
    lane = Simulators()
    lane.turn(at + 5 * SECOND)
    assert Simulation.objects.get(pk=broken.pk).stopped
    assert not Simulation.objects.get(pk=fine.pk).stopped
    assert len(rows(fine, "Ofentemperatur", begin=at)) == 5
    assert lane.turn(at + 6 * SECOND) == 1
