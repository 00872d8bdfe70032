"""Pauses in an even rhythm: they are asked about, with the figures of both readings, and only where the answer matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.states.classifying import classify
from nordlotse.iot.core.states.finding import find_levels, readings
from nordlotse.iot.core.states.levels import Levels
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.silence import heard
from nordlotse.iot.core.states.values import SECOND, State, seconds_per_state
from nordlotse.iot.core.states.ways import answered, corrected, found_in, looked_in, read
from tests.iot.core.states.machines_made import START, machine


def rhythm(
    run: float, pause: float, *, hours: float = 8, step: float = 1.0, high: float = 17.0, low: float = 2.0, off: float = 0.0,
    spread: float = 0.02, irregular: bool = False, seed: int = 1,
) -> Signal:  # fmt: skip
    """A current that runs and pauses, evenly or for as long as chance wills; `off` hours without any before and behind it."""
    rng = np.random.default_rng(seed)
    time = np.arange(0, hours * 3600, step)
    level, at = np.full(len(time), low), 0.0
    while at < hours * 3600:
        chance = (
            np.array([rng.exponential(run), rng.exponential(pause)]) + 20
            if irregular
            else np.array([run, pause]) * rng.normal(1, spread, 2)
        )
        level[(time >= at) & (time < at + chance[0])] = high
        at += float(chance.sum())
    level = np.concatenate([np.zeros(int(off * 3600 / step)), level, np.zeros(int(off * 3600 / step))])
    value = level * rng.normal(1, 0.05, len(level)) + rng.normal(0, 0.05, len(level))
    return Signal(START + np.round(np.arange(len(level)) * step * SECOND).astype(np.int64), value)


def shares(signal: Signal, levels: Levels) -> float:
    """Which part of the time in which the machine is not off it runs."""
    found = seconds_per_state(classify(signal, levels, int(signal.time[0]), int(signal.time[-1])))
    return found[State.PRODUCING] / (found[State.PRODUCING] + found.get(State.IDLE, 0))


@pytest.mark.parametrize(("run", "pause"), [(100, 50), (300, 120), (60, 30), (270, 30), (600, 200), (30, 60)])
@pytest.mark.parametrize("off", [0.0, 8.0])
def test_an_even_rhythm_with_long_pauses_is_asked_about_with_its_figures(run: int, pause: int, off: float) -> None:
    signal = rhythm(run, pause, hours=12, off=off)
    found = readings(signal)
    assert found.rhythm is not None and found.plain is not None
    assert found.rhythm.run == pytest.approx(run * SECOND, abs=3 * SECOND)
    assert found.rhythm.pause == pytest.approx(pause * SECOND, abs=3 * SECOND)
    assert found.rhythm.share == pytest.approx(shares(signal, found.levels), abs=0.02)
    assert found.rhythm.plain_share == pytest.approx(run / (run + pause), abs=0.02)
    assert shares(signal, found.levels) > 0.98
    assert shares(signal, found.plain) == pytest.approx(run / (run + pause), abs=0.02)


@pytest.mark.parametrize("step", [1.0, 2.0, 5.0, 10.0])
def test_the_figures_hold_for_values_that_come_more_seldom(step: float) -> None:
    found = readings(rhythm(100, 50, step=step))
    assert found.rhythm is not None
    assert found.rhythm.plain_share == pytest.approx(2 / 3, abs=0.03)


def test_a_heater_that_switches_is_asked_about_too_for_a_current_cannot_tell_it_from_a_machine_that_waits() -> None:
    found = readings(rhythm(180, 240, high=33.0, low=3.0))
    assert found.rhythm is not None and found.rhythm.plain_share == pytest.approx(180 / 420, abs=0.02)


def with_gaps(signal: Signal, every: int, long: int) -> Signal:
    """The signal without the last `long` of each `every` seconds."""
    there = (signal.time - signal.time[0]) // SECOND % every < every - long
    return Signal(signal.time[there], signal.value[there])


@pytest.mark.parametrize(("off", "every", "long"), [(0.5, 0, 0), (0.0, 3600, 900), (2.0, 5400, 2700)])
def test_the_figures_are_those_of_the_time_with_data_in_which_the_machine_is_not_off(
    off: float, every: int, long: int
) -> None:
    signal = rhythm(100, 50, off=off)
    found = readings(with_gaps(signal, every, long) if every else signal).rhythm
    assert found is not None and found.shares.de == "mit Pausen 100 %, ohne 67 %"


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_those_that_each_answer_then_counts(seed: int) -> None:
    signal = with_gaps(rhythm(100, 50, off=1, spread=0.05, seed=seed), 3600, 700 + 100 * seed)
    way = found_in("Strom", signal)
    begin, end = int(signal.time[0]), int(signal.time[-1]) + 1
    assert way.rhythm is not None
    for answer, share in (("work", way.rhythm.share), ("stop", way.rhythm.plain_share)):
        told = seconds_per_state(answered(way, signal, answer).spans(signal, begin, end))
        assert told[State.PRODUCING] / (told[State.PRODUCING] + told.get(State.IDLE, 0)) == pytest.approx(share)


def test_with_limits_set_by_hand_the_figures_are_those_of_these_limits() -> None:
    signal = rhythm(100, 50)
    # from 18 A on hardly anything runs
    stop = answered(corrected(found_in("Strom", signal), 18.0, 0.5), signal, "stop")
    begin, end = int(signal.time[0]), int(signal.time[-1]) + 1
    told = seconds_per_state(stop.spans(signal, begin, end))
    assert stop.rhythm is not None
    assert stop.rhythm.plain_share == pytest.approx(told.get(State.PRODUCING, 0) / sum(told.values()), abs=0.001)


def test_the_question_and_both_figures_are_told_in_words() -> None:
    found = readings(rhythm(100, 50)).rhythm
    assert found is not None
    assert found.seen.de == "Diese Maschine schaltet etwa alle 150 s um: 100 s läuft sie, 50 s nicht."
    assert found.shares.de == "mit Pausen 100 %, ohne 67 %"
    assert "50 s" in found.open.en and "without them 67 %" in found.open.en.replace("\u202f", " ").replace("\xa0", " ")


def test_a_press_whose_pauses_are_short_is_not_asked_about() -> None:
    assert readings(rhythm(40, 8)).rhythm is None
    assert readings(rhythm(45, 15)).rhythm is None


def test_pauses_that_hardly_change_the_running_time_are_not_asked_about() -> None:
    assert readings(rhythm(850, 30, hours=24)).rhythm is None


@pytest.mark.parametrize("kind", ["cnc", "moulder", "saw", "pump", "press", "conveyor", "mill", "clips"])
def test_machines_with_short_pauses_or_none_are_not_asked_about(kind: str) -> None:
    assert readings(machine(kind, 1).signal).rhythm is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(40, 600), st.floats(20, 300), st.sampled_from([2.0, 5.0]))
def test_irregular_standing_is_never_asked_about(seed: int, run: float, pause: float, step: float) -> None:
    found = readings(rhythm(run, pause, hours=6, step=step, irregular=True, seed=seed))
    assert found.rhythm is None and found.plain is None


def test_the_plain_reading_of_a_signal_without_such_pauses_is_the_usual_one() -> None:
    signal = machine("mill", 1).signal
    assert find_levels(signal, plain=True) == find_levels(signal)


def test_an_answer_is_kept_and_tells_the_states() -> None:
    signal = rhythm(100, 50)
    way = found_in("Strom", signal)
    assert way.asks and way.levels is not None and shares(signal, way.levels) > 0.98
    work, stop = answered(way, signal, "work"), answered(way, signal, "stop")
    assert not work.asks and work.levels == way.levels
    assert not stop.asks and stop.levels is not None and shares(signal, stop.levels) == pytest.approx(2 / 3, abs=0.02)
    assert answered(stop, signal, "work").levels == way.levels
    for one in (way, work, stop):
        assert read(one.as_dict()) == one


def test_limits_set_by_hand_stay_when_the_question_is_answered() -> None:
    signal = rhythm(100, 50)
    by_hand = corrected(found_in("Strom", signal), 8.0, 0.5)
    stop = answered(by_hand, signal, "stop")
    assert stop.corrected and stop.limits == by_hand.limits
    assert stop.levels is not None and shares(signal, stop.levels) == pytest.approx(2 / 3, abs=0.03)


def steady() -> Signal:
    """A current that goes up and down without an even rhythm, as on other days."""
    return rhythm(400, 300, irregular=True, seed=3)


def test_limits_set_by_hand_stay_too_where_the_rhythm_is_not_seen_any_more() -> None:
    asked = found_in("Strom", rhythm(100, 50))
    by_hand = corrected(asked, 6.0, None)
    found = answered(by_hand, steady(), "work")
    assert found.corrected and found.limits == by_hand.limits
    assert found.pauses == "work" and found.rhythm == asked.rhythm


def test_an_answer_that_takes_another_reading_needs_a_signal_that_shows_the_rhythm() -> None:
    way = found_in("Strom", rhythm(100, 50))
    with pytest.raises(BadInput) as told:
        answered(way, steady(), "stop")
    assert told.value.code == "iot_pauses_unseen"


def test_a_way_kept_before_pauses_were_asked_about_gets_the_question_and_stays_as_it_is() -> None:
    signal = rhythm(100, 50)
    way = found_in("Strom", signal)
    old = read({name: value for name, value in way.as_dict().items() if name not in ("rhythm", "pauses", "heard")})
    assert old is not None and not old.looked and not old.asks
    looked = looked_in(old, signal)
    assert looked.asks and looked.rhythm == way.rhythm and looked.levels == old.levels


def test_in_the_first_hour_a_rhythm_is_no_single_state() -> None:
    for minutes in (12, 24, 50):
        way = found_in("Strom", rhythm(100, 50, hours=minutes / 60))
        assert not way.undecided, minutes


def test_time_in_which_nothing_came_is_not_heard() -> None:
    time = np.concatenate([np.arange(1200), np.arange(1800, 2400)]) * SECOND + START
    assert heard(Signal(time, np.ones(1800))) == 1800 * SECOND
    assert heard(Signal(time[:1200], np.ones(1200))) == 1200 * SECOND


def test_an_hour_with_a_gap_in_it_is_less_than_an_hour_of_values() -> None:
    time = np.concatenate([np.arange(1500), np.arange(2400, 3900)]) * SECOND + START
    rng = np.random.default_rng(1)
    assert found_in("Strom", Signal(time, 6.4 + rng.normal(0, 0.05, 3000))).undecided
