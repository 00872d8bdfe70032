"""How states are told can be kept, corrected and told in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.states.classifying import classify
from nordlotse.iot.core.states.rules import Condition, Signal
from nordlotse.iot.core.states.values import SECOND, State, seconds_per_state
from nordlotse.iot.core.states.ways import Way, corrected, found_in, histogram, read, told_states
from tests.iot.core.states.machines_made import START, machine


def test_a_way_kept_and_read_again_is_the_same() -> None:
    way = found_in("Strom", machine("saw", 1).signal)
    assert read(way.as_dict()) == way
    fixed = Way("limits", "Lampe", run=Condition("", 1.0, 0.5), off=None, corrected=True)
    assert read(fixed.as_dict()) == fixed
    counter = Way("counter", "Teile", cycle=60 * SECOND)
    assert read(counter.as_dict()) == counter
    assert read({}) is None


def test_a_correction_moves_the_limits_and_says_so() -> None:
    made = machine("saw", 1)
    way = found_in("Strom", made.signal)
    other = corrected(way, 0.4, 0.2)
    begin, end = made.truth[0][0], made.truth[-1][1]
    idle, _ = (seconds_per_state(w.spans(made.signal, begin, end)).get(State.IDLE, 0) for w in (way, other))
    assert idle > 3600
    assert seconds_per_state(other.spans(made.signal, begin, end)).get(State.IDLE, 0) < idle / 4
    assert "von Hand" in other.method.de and "by hand" in other.method.en


@pytest.mark.parametrize(("run", "off"), [(None, None), (1.0, 1.0), (1.0, 2.0)])
def test_limits_that_contradict_each_other_are_refused(run: float | None, off: float | None) -> None:
    with pytest.raises(BadInput, match="iot_limits"):
        corrected(found_in("Strom", machine("saw", 1).signal), run, off)


def test_a_counter_tells_running_idle_and_silence() -> None:
    cycle = 60 * SECOND
    busy = np.arange(START, START + 3600 * SECOND, cycle)
    quiet = np.arange(START + 3600 * SECOND, START + 7200 * SECOND, cycle)
    time = np.concatenate([busy, quiet])
    value = np.concatenate([np.arange(len(busy)), np.full(len(quiet), len(busy) - 1)]).astype(float)
    way = Way("counter", "Teile", cycle=cycle)
    told = seconds_per_state(way.spans(Signal(time, value), START - 600 * SECOND, START + 4 * 3600 * SECOND))
    assert told[State.PRODUCING] == pytest.approx(3600, abs=130)
    assert told[State.IDLE] == pytest.approx(3600 + 840, abs=200)
    assert told[State.UNKNOWN] > 6000


def test_limits_are_told_in_words_in_both_languages() -> None:
    way = Way("limits", "Strom", run=Condition("", 4.5, 4.0), off=Condition("", 0.5, 0.7))
    assert [(s, t.de, t.en) for s, t in told_states(way)] == [
        (State.PRODUCING, "ab 4,5", "from 4.5"),
        (State.IDLE, "von 0,5 bis 4,5", "from 0.5 to 4.5"),
        (State.OFF, "unter 0,5", "below 0.5"),
    ]


def test_a_histogram_holds_all_values_but_rare_spikes() -> None:
    hills = histogram(machine("saw", 1, spikes=1).signal)
    assert sum(share for _, share in hills) == pytest.approx(1, abs=0.002)
    assert histogram(Signal(np.empty(0, np.int64), np.empty(0))) == ()


def test_a_machine_that_sent_every_second_and_is_silent_is_unknown_after_half_a_minute() -> None:
    made = machine("pump", 1, hours=6, off_share=0.0)
    way = found_in("Strom", made.signal)
    last = int(made.signal.time[-1])
    spans = way.spans(made.signal, last - 600 * SECOND, last + 840 * SECOND)
    assert spans[-1].state is State.UNKNOWN
    assert spans[-1].begin - last == pytest.approx(30 * SECOND, abs=2 * SECOND)


def test_a_gap_within_dense_values_is_unknown_and_not_the_state_before_it() -> None:
    signal = machine("pump", 1, hours=6, off_share=0.0).signal
    gap = int(signal.time[len(signal.time) // 2])
    kept = (signal.time < gap) | (signal.time > gap + 120 * SECOND)
    way = found_in("Strom", signal)
    told = way.spans(Signal(signal.time[kept], signal.value[kept]), gap - 300 * SECOND, gap + 300 * SECOND)
    # it stood before: a stop ends with its last value
    assert told[-3].state is State.IDLE
    assert seconds_per_state(told).get(State.UNKNOWN, 0) == pytest.approx(120, abs=3)


def press(seconds: np.ndarray) -> Signal:
    """A press that runs for 100 s and pauses for 50 s."""
    value = np.where(seconds % 150 < 100, 17.0, 2.0) * np.random.default_rng(1).normal(1, 0.03, len(seconds))
    return Signal(START + seconds.astype(np.int64) * SECOND, value)


@pytest.mark.parametrize("step", [1, 2, 5])
def test_time_without_data_makes_no_pause_longer(step: int) -> None:
    seconds = np.arange(0, 8 * 3600, step)
    # the data break off 40 s into a pause
    gap = 100 * 150 + 140
    signal = press(seconds[(seconds < gap) | (seconds >= gap + 1800)])
    way = found_in("Strom", signal, "stop")
    told = way.spans(signal, START, START + 8 * 3600 * SECOND)
    pause = next(s for s in told if s.end >= START + gap * SECOND)
    assert pause.state is State.IDLE and pause.length == pytest.approx(40 * SECOND, abs=2 * step * SECOND)
    after = told[told.index(pause) + 1]
    assert after.state is State.UNKNOWN and after.length == pytest.approx(1800 * SECOND, abs=60 * SECOND)
    # none of the pauses is so long that it counts as a stop of its own
    assert max(s.length for s in told if s.state is State.IDLE) < 60 * SECOND


def test_a_pause_whose_next_value_has_only_not_come_yet_goes_on_until_now() -> None:
    seconds = np.arange(0, 8 * 3600 - 10)
    signal = press(seconds)
    last = int(signal.time[-1])
    way = found_in("Strom", signal, "stop")
    for late in (1, 5, 20):
        told = way.spans(signal, START, last + late * SECOND)
        assert told[-1].state is State.IDLE and told[-1].end == last + late * SECOND, late
    assert way.spans(signal, START, last + 60 * SECOND)[-1].begin - last <= SECOND


def test_where_only_changes_are_sent_a_pause_lasts_until_the_next_value() -> None:
    at = np.arange(0, 8 * 3600, 150)
    seconds = np.sort(np.concatenate([at, at + 100]))
    sent = press(np.arange(0, 8 * 3600))
    signal = Signal(sent.time[seconds], sent.value[seconds])
    way = replace(found_in("Strom", sent, "stop"), on_change=True)
    stood = seconds_per_state(way.spans(signal, START, START + 8 * 3600 * SECOND))[State.IDLE]
    assert stood == pytest.approx(8 * 3600 / 3, rel=0.02)


@pytest.mark.parametrize("kind", ["cnc", "saw", "moulder", "oven"])
def test_without_gaps_states_do_not_depend_on_how_long_a_value_may_hold(kind: str) -> None:
    made = machine(kind, 2)
    way = found_in("Strom", made.signal)
    assert way.levels is not None
    begin, end = made.truth[0][0], int(made.signal.time[-1])
    assert way.spans(made.signal, begin, end) == classify(made.signal, way.levels, begin, end)


def test_a_source_that_sends_only_changes_may_be_silent_for_as_long_as_any() -> None:
    signal = machine("saw", 1).signal
    steps = np.flatnonzero(np.abs(np.diff(np.round(signal.value))) > 0) + 1
    signs = np.arange(0, len(signal.time), 600)
    sent = np.unique(np.concatenate([steps, signs]))
    way = found_in("Strom", Signal(signal.time[sent], np.round(signal.value)[sent]))
    assert way.hold == 15 * 60 * SECOND
    assert found_in("Strom", signal).hold == 30 * SECOND
    assert replace(found_in("Strom", signal), on_change=True).hold == 15 * 60 * SECOND


def test_a_counter_that_falls_silent_for_long_leaves_unknown_time_in_between() -> None:
    time = np.concatenate([np.arange(0, 600), np.arange(1200, 1800)]) * SECOND + START
    value = np.concatenate([np.arange(0, 600) // 10, 60 + np.arange(0, 600) // 10]).astype(float)
    way = Way("counter", "Teile", cycle=10 * SECOND, distance=SECOND)
    told = seconds_per_state(way.spans(Signal(time, value), START, START + 1800 * SECOND))
    assert told[State.UNKNOWN] == pytest.approx(550, abs=25)


@pytest.mark.parametrize("seconds", [40, 200, 280])
def test_in_the_first_minutes_no_state_is_told(seconds: int) -> None:
    time = np.arange(seconds) * SECOND + START
    value = np.where(np.arange(seconds) < seconds / 2, 6.4, 0.0)
    way = found_in("Strom", Signal(time, value))
    assert way.undecided
    assert {s.state for s in way.spans(Signal(time, value), START, START + seconds * SECOND)} == {State.UNKNOWN}


def test_one_level_in_less_than_an_hour_is_no_state_and_two_levels_are() -> None:
    time = np.arange(1200) * SECOND + START
    rng = np.random.default_rng(1)
    flat = found_in("Strom", Signal(time, 6.4 + rng.normal(0, 0.05, 1200)))
    both = found_in("Strom", Signal(time, np.where(np.arange(1200) < 600, 6.4, 0.05) + rng.normal(0, 0.02, 1200)))
    assert flat.undecided and not both.undecided
    assert not corrected(flat, 4.0, None).undecided
