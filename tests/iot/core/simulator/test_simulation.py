"""Simulated machines: the same from the same seed, however they are asked; faults show where they are said to; the truth adds up."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core import simulator
from nordlotse.iot.core.simulator import Fault, Machine, Simulation, State, faults, signals
from nordlotse.iot.core.values import Floats, Kind, check_name

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
#: Monday, 2 March 2026, midnight in Germany.
MONDAY = int(datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()) * SECOND
KINDS = list(Machine)


def column(simulation: Simulation, signal: str, begin: int, end: int, step: int = SECOND) -> Floats:
    return next(one.value for one in simulation.at(begin, end, step) if one.series.signal == signal)


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_depends_on_its_moment_alone(kind: Machine) -> None:
    begin = MONDAY + 9 * HOUR
    by_second = Simulation(kind, 7).at(begin, begin + HOUR, SECOND)
    asked_otherwise = Simulation(kind, 7)
    asked_otherwise.at(MONDAY - 40 * DAY, MONDAY - 39 * DAY, 60 * SECOND)
    by_minute = asked_otherwise.at(begin - 5 * HOUR + 1, begin + HOUR, 60 * SECOND)
    for fine, coarse in zip(by_second, by_minute, strict=True):
        late = coarse.time >= begin
        assert np.array_equal(fine.value[np.isin(fine.time, coarse.time)], coarse.value[late])


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_is_another_machine(kind: Machine) -> None:
    day = (MONDAY + 6 * HOUR, MONDAY + 22 * HOUR, 60 * SECOND)
    for one, other in zip(Simulation(kind, 1).at(*day), Simulation(kind, 2).at(*day), strict=True):
        assert not np.array_equal(one.value, other.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_signal_has_a_block_with_finite_values_and_a_name_that_can_be_one(kind: Machine) -> None:
    blocks = Simulation(kind, 3).at(MONDAY, MONDAY + DAY, 60 * SECOND)
    assert [block.series.signal for block in blocks] == [signal.name for signal in signals(kind)]
    for block, signal in zip(blocks, signals(kind), strict=True):
        check_name(signal.name, "signal")
        assert len(block) == 1440
        assert np.isfinite(block.value).all()
        assert (block.kind is Kind.BOOLEAN) == signal.boolean
    for sort in faults(kind):
        assert set(sort.signals) <= {signal.name for signal in signals(kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_typical_values_are_those_of_a_running_machine(kind: Machine) -> None:
    simulation = Simulation(kind, 11)
    blocks = {block.series.signal: block for block in simulation.at(MONDAY, MONDAY + 5 * DAY, 60 * SECOND)}
    time = blocks["Strom"].time
    running = np.zeros(len(time), np.bool_)
    for stretch in simulation.truth(MONDAY, MONDAY + 5 * DAY).stretches:
        if stretch.state is State.RUNNING:
            running |= (time >= stretch.begin) & (time < stretch.end)
    for signal in signals(kind):
        least, most = signal.typical
        middle = float(np.median(blocks[signal.name].value[running]))
        assert least <= middle <= most, signal.name


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_has_no_gaps_and_adds_up(kind: Machine) -> None:
    simulation = Simulation(kind, 5)
    begin, end = MONDAY + HOUR + 7, MONDAY + 6 * DAY + 5 * HOUR
    truth = simulation.truth(begin, end)
    assert truth.stretches[0].begin == begin
    assert truth.stretches[-1].end == end
    for one, following in zip(truth.stretches, truth.stretches[1:], strict=False):
        assert one.end == following.begin
        assert (one.state, one.reason, one.order) != (following.state, following.reason, following.order)
    assert truth.seconds(*State) == pytest.approx((end - begin) / SECOND)
    assert truth.made == sum(order.made for order in truth.orders)
    assert truth.scrap == sum(order.scrap for order in truth.orders)
    assert 0 < truth.scrap < truth.made / 10
    for order in truth.orders:
        assert order.made <= order.planned
        assert order.made * order.part <= order.running < (order.made + 41) * order.part
    running = sum(order.running for order in truth.orders)
    assert truth.seconds(State.RUNNING) == pytest.approx(running / SECOND)
    reasons = {stretch.reason for stretch in truth.stretches if stretch.state not in (State.RUNNING, State.OFF)}
    assert "" not in reasons
    assert {"Pause", "Rüsten"} <= reasons


@pytest.mark.parametrize("kind", KINDS)
def test_the_counters_tell_the_parts_of_the_truth(kind: Machine) -> None:
    simulation = Simulation(kind, 5)
    begin, end = MONDAY + 6 * HOUR, MONDAY + 13 * HOUR + 7 * SECOND
    for signal, of in (("Teile", "made"), ("Ausschuss", "scrap")):
        counted = column(simulation, signal, begin, end)
        assert (np.diff(counted) >= 0).all()
        assert counted[-1] == getattr(simulation.truth(MONDAY, end - SECOND + 1), of)


def test_work_is_in_two_shifts_from_monday_to_friday_in_local_time_also_after_the_clock_change() -> None:
    summer = int(datetime(2026, 3, 30, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()) * SECOND
    for monday in (MONDAY, summer):
        truth = Simulation(Machine.CNC, 1).truth(monday, monday + 7 * DAY)
        assert len(truth.shifts) == 10
        on = [one for one in truth.stretches if one.state is not State.OFF]
        assert on[0].begin == monday + 6 * HOUR
        assert on[-1].end == monday + 4 * DAY + 22 * HOUR
    around = Simulation(Machine.CNC, 1, around=True).truth(MONDAY, MONDAY + 7 * DAY)
    assert around.seconds(State.OFF) == 0


@pytest.mark.parametrize(
    ("kind", "fault", "signal", "least"),
    [
        ("cnc", "bearing", "Vibration", 2.0),
        ("cnc", "bearing", "Spindeltemperatur", 10.0),
        ("cnc", "coolant", "Kühlmitteldruck", -3.0),
        ("moulder", "heater-band", "Zylindertemperatur 2", -40.0),
        ("moulder", "heater-band", "Einspritzdruck", 60.0),
        ("moulder", "valve-leak", "Massepolster", -1.5),
        ("moulder", "cycle-drift", "Zykluszeit", 3.0),
        ("oven", "door-seal", "Gasdurchfluss", 1.0),
        ("oven", "thermocouple", "Chargentemperatur", -20.0),
        ("oven", "burner", "Ofentemperatur", -40.0),
    ],
)
def test_a_fault_shows_in_its_signals_once_it_has_grown_and_not_before(
    kind: str, fault: str, signal: str, least: float
) -> None:
    good = Simulation(Machine(kind), 4, around=True)
    begin = good.awake(MONDAY + 30 * HOUR)
    bad = good.with_faults([Fault(fault, begin)])
    before = (MONDAY + 20 * HOUR, begin, 10 * SECOND)
    for one, other in zip(good.at(*before), bad.at(*before), strict=True):
        assert np.array_equal(one.value, other.value)
    grown = (signal, begin + 180 * SECOND, begin + 590 * SECOND)
    change = float(np.median(column(bad, *grown)) - np.median(column(good, *grown)))
    assert change > least if least > 0 else change < least
    mended = good.with_faults([Fault(fault, begin, end=begin + HOUR)])
    after = (signal, begin + 30 * HOUR, begin + 30 * HOUR + 600 * SECOND)
    if fault != "cycle-drift":  # what was lost of the day is not made up for
        assert np.array_equal(column(good, *after), column(mended, *after))


def test_a_broken_tool_spoils_parts_and_then_stops_the_machine() -> None:
    good = Simulation(Machine.CNC, 9)
    begin = good.awake(MONDAY + 10 * HOUR) + 60 * SECOND
    broken = good.with_faults([Fault("tool-break", begin)])
    stop = [one for one in broken.truth(begin, begin + 2 * HOUR).stretches if one.reason == "Werkzeugbruch"]
    assert [(one.state, one.begin, one.end - one.begin) for one in stop] == [
        (State.FAULT, begin + 90 * SECOND, 45 * 60 * SECOND)
    ]
    cutting = column(broken, "Spindeldrehzahl", begin, begin + 80 * SECOND) > 0
    assert float(column(broken, "Spindellast", begin, begin + 80 * SECOND)[cutting].max()) < 10
    assert column(broken, "Spindeldrehzahl", begin + 91 * SECOND, begin + HOUR // 2).max() == 0


def test_a_stuck_sensor_stands_still_at_what_it_read() -> None:
    good = Simulation(Machine.CNC, 9)
    begin = good.awake(MONDAY + 10 * HOUR)
    stuck = column(good.with_faults([Fault("stuck-sensor", begin)]), "Spindeltemperatur", begin, begin + 600 * SECOND)
    assert set(stuck.tolist()) == {column(good, "Spindeltemperatur", begin, begin + 1)[0]}


def test_a_longer_cycle_makes_fewer_parts() -> None:
    good = Simulation(Machine.MOULDER, 2, around=True)
    slow = good.with_faults([Fault("cycle-drift", MONDAY, ramp=0)])
    made = [one.truth(MONDAY, MONDAY + 5 * DAY).made for one in (good, slow)]
    assert 0.83 < made[1] / made[0] < 0.93


def test_an_unknown_fault_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="iot_fault") as told:
        Simulation(Machine.OVEN, faults=[Fault("bearing", MONDAY)])
    assert "door-seal" in told.value.remedy_de


@pytest.mark.parametrize("kind", KINDS)
def test_a_year_by_the_minute_takes_less_than_a_second_of_the_processor(kind: Machine) -> None:
    taken = []
    for seed in range(3):
        begin = time.process_time()
        blocks = Simulation(kind, seed).at(MONDAY, MONDAY + 365 * DAY, 60 * SECOND)
        taken.append(time.process_time() - begin)
        assert len(blocks[0]) == 525_600
    assert min(taken) < 1.0


def test_the_simulator_knows_nothing_of_what_is_held_against_it() -> None:
    folder = Path(simulator.__file__).parent
    for path in folder.glob("*.py"):
        words = path.read_text()
        assert "core.states" not in words
        assert "core.anomaly" not in words
