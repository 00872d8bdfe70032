"""A machine watched live: simulated machines with known faults, restarts, batches, pauses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly.aligning import Grid, counts, grid_of
from nordlotse.iot.core.anomaly.calm import calmest, stretches
from nordlotse.iot.core.anomaly.live import Judged, Learnt, LiveWatch, learn_machine
from nordlotse.iot.core.anomaly.running import bridged
from nordlotse.iot.core.simulator import Fault, Machine, Simulation
from nordlotse.iot.core.values import Buckets, Rows

SECOND = 1_000_000
DAY = 86_400 * SECOND
MONDAY = 1_794_178_800 * SECOND  # 2026-11-09 00:00 in Berlin
CANDIDATES = ("Strom", "Leistung")


@cache
def _values(kind: Machine, begin: int, end: int, fault: str = "", since: int = 0) -> Mapping[str, Rows]:
    faults = (Fault(fault, since),) if fault else ()
    return {
        one.series.signal: Rows(one.time, one.value, np.full(len(one), one.kind, np.uint8), one.quality, one.arrived)
        for one in Simulation(kind, 1, faults).at(begin, end, SECOND)
    }


@cache
def _learnt(kind: Machine) -> Learnt:
    made = learn_machine(_values(kind, MONDAY, MONDAY + 4 * DAY), [(MONDAY, MONDAY + 4 * DAY)], CANDIDATES)
    return Learnt.from_plain(json.loads(json.dumps(made.as_plain(), allow_nan=False)))


def _judged(kind: Machine, begin: int, end: int, fault: str = "", since: int = 0) -> list[Judged]:
    watch = LiveWatch(_learnt(kind), begin)
    return watch.step(_values(kind, begin, end, fault, since), end // SECOND, most=10**9)


@pytest.mark.parametrize(
    ("kind", "fault", "first", "within"),
    [
        (Machine.CNC, "bearing", {"Vibration"}, 60),
        (Machine.CNC, "tool-break", {"Vibration", "Spindellast", "Strom"}, 30),
        (Machine.CNC, "coolant", {"Kühlmitteldruck"}, 60),
        (Machine.MOULDER, "heater-band", {"Zylindertemperatur 2"}, 90),
        (Machine.MOULDER, "valve-leak", {"Massepolster"}, 90),
    ],
)
def test_a_fault_alarms_within_a_minute_or_so_and_names_the_right_sensor_first(
    kind: Machine, fault: str, first: set[str], within: int
) -> None:
    since = Simulation(kind, 1).awake(MONDAY + 4 * DAY + 10 * 3600 * SECOND)
    judged = _judged(kind, since - 900 * SECOND, since + 300 * SECOND, fault, since)
    alarm = next(one for one in judged if one.verdict.alarm)
    assert 0 <= (alarm.time - since) / SECOND <= within
    assert alarm.verdict.reasons[0].sensor in first


def test_a_stuck_sensor_is_a_notice_of_its_own() -> None:
    since = Simulation(Machine.CNC, 1).awake(MONDAY + 4 * DAY + 10 * 3600 * SECOND)
    judged = _judged(Machine.CNC, since - 900 * SECOND, since + 300 * SECOND, "stuck-sensor", since)
    told = [(notice.kind, notice.sensor) for one in judged for notice in one.verdict.notices]
    assert ("stuck", "Spindeltemperatur") in told


@pytest.mark.parametrize("kind", list(Machine))
def test_a_good_day_gives_no_alarm(kind: Machine) -> None:
    begin = MONDAY + 4 * DAY
    judged = _judged(kind, begin + 5 * 3600 * SECOND, begin + 14 * 3600 * SECOND)
    assert len(judged) > 10_000
    assert not [one for one in judged if one.verdict.alarm]


def test_only_rows_at_work_are_judged() -> None:
    at_work = _learnt(Machine.CNC).at_work
    assert at_work is not None
    assert at_work.signal == "Strom"
    assert not _judged(Machine.CNC, MONDAY + 4 * DAY, MONDAY + 4 * DAY + 3600 * SECOND)  # the night


def test_counters_and_switches_are_left_out_and_told() -> None:
    made = _learnt(Machine.CNC)
    assert "Teile" not in made.grid.signals
    assert ("Teile", "rarely_changes") in [(one.column, one.reason) for one in made.left_out]


def test_restarts_change_nothing() -> None:
    since = Simulation(Machine.CNC, 1).awake(MONDAY + 4 * DAY + 10 * 3600 * SECOND)
    begin, end = since - 300 * SECOND, since + 120 * SECOND
    whole = _judged(Machine.CNC, begin, end, "bearing", since)
    values = _values(Machine.CNC, begin, end, "bearing", since)
    watch, found = LiveWatch(_learnt(Machine.CNC), begin), []
    for until in range(begin // SECOND, end // SECOND + 1, 7):
        found += watch.step(values, until)
        watch = LiveWatch(_learnt(Machine.CNC), begin, json.loads(json.dumps(watch.kept(), allow_nan=False)))
    found += watch.step(values, end // SECOND)
    assert found == whole


def test_what_was_kept_by_another_version_begins_anew() -> None:
    watch = LiveWatch(_learnt(Machine.CNC), MONDAY, {"watch": {}, "next": 1})
    assert watch.next == MONDAY // SECOND


def test_a_signal_that_lags_is_waited_for_but_not_for_ever() -> None:
    watch = LiveWatch(_learnt(Machine.CNC), MONDAY)
    at = MONDAY + 100 * SECOND
    assert watch.horizon({"a": at, "b": at - 10 * SECOND}) == (at - 10 * SECOND) // SECOND
    assert watch.horizon({"a": at, "b": at - 50 * SECOND}) == at // SECOND


def test_too_little_work_is_refused_in_minutes() -> None:
    with pytest.raises(BadInput, match="anomaly_too_few_rows"):
        learn_machine(_values(Machine.CNC, MONDAY, MONDAY + 300 * SECOND), [(MONDAY, MONDAY + 300 * SECOND)])


def test_a_gap_as_short_as_within_a_cycle_is_bridged() -> None:
    above = np.array([1, 0, 0, 1, 0, 0, 0, 0, 1], dtype=bool)
    assert bridged(above, 2).tolist() == [True, True, True, True, False, False, False, False, True]


def test_coarse_values_of_the_past_do_for_fine_ones_of_now() -> None:
    source = Simulation(Machine.CNC, 1, around=True)
    now = source.awake(MONDAY + 14 * DAY)
    past = {
        one.series.signal: Rows(one.time, one.value, np.full(len(one), one.kind, np.uint8), one.quality, one.arrived)
        for one in source.at(now - 7 * DAY, now, 10 * SECOND)
    }
    watch = LiveWatch(learn_machine(past, [(now - 7 * DAY, now)], CANDIDATES), now)
    fault = Simulation(Machine.CNC, 1, (Fault("bearing", now + 3600 * SECOND),), around=True)
    live = {
        one.series.signal: Rows(one.time, one.value, np.full(len(one), one.kind, np.uint8), one.quality, one.arrived)
        for one in fault.at(now, now + 4200 * SECOND, SECOND)
    }
    alarms = [one for one in watch.step(live, (now + 4200 * SECOND) // (10 * SECOND)) if one.verdict.alarm]
    assert 0 < (alarms[0].time - now) / SECOND - 3600 < 120
    assert alarms[0].verdict.reasons[0].sensor == "Vibration"


def _rows(times: list[float], values: list[float]) -> Rows:
    time = (np.array(times) * SECOND).astype(np.int64)
    flags = np.zeros(len(time), dtype=np.uint8)
    return Rows(time, np.array(values, dtype=np.float64), flags, flags, time)


def test_a_cell_is_its_middle_value_and_a_value_holds_for_a_while() -> None:
    grid = Grid(("a", "b"), 2 * SECOND, (1, 3))
    made = grid.rows({"a": _rows([0, 0.5, 1, 8], [1, 2, 90, 7]), "b": _rows([0.5], [5])}, 0, 5)
    np.testing.assert_array_equal(made, [[2, 5], [2, 5], [np.nan, 5], [np.nan, 5], [7, np.nan]])


def test_the_rows_are_as_far_apart_as_most_signals_send() -> None:
    fast, slow = _rows([float(n) for n in range(50)], [1.0] * 50), _rows([10.0 * n for n in range(5)], [1.0] * 5)
    grid = grid_of({"a": fast, "b": fast, "c": slow})
    assert (grid.step, grid.holds) == (SECOND, (3, 3, 30))


def test_a_counter_is_known_by_growing_only() -> None:
    assert counts(np.arange(1000.0) // 7)
    assert not counts(np.random.default_rng(1).normal(size=1000))


def test_the_calmest_days_are_proposed_and_empty_ones_passed_over() -> None:
    random = np.random.default_rng(3)
    hours = 24 * 10
    begin = MONDAY + np.arange(hours, dtype=np.int64) * 3600 * SECOND
    most = 10 + random.normal(0, 0.1, hours)
    most[24 * 2 : 24 * 4] += 5  # two bad days
    count = np.full(hours, 3600)
    count[24 * 6 : 24 * 7] = 0
    most[24 * 6 : 24 * 7] = np.nan
    found = calmest(stretches({"a": Buckets(begin, most - 1, most, most, count)}), 3)
    assert found is not None
    assert found[0] >= MONDAY + 4 * DAY
    assert calmest([]) is None
