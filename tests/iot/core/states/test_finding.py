"""States found from one current signal without configuration, against machines whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from nordlotse.iot.core.states.classifying import classify
from nordlotse.iot.core.states.finding import find_levels
from nordlotse.iot.core.states.levels import Levels
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.values import SECOND, Span, State, seconds_per_state
from tests.iot.core.states.machines_made import RUNNING, START, Made, machine

CASES: dict[str, dict[str, float]] = {
    "clean": {},
    "noisy": {"noise": 0.3},
    "drifting": {"drift": 0.15},
    "with spikes": {"spikes": 20},
    "off four fifths of three days": {"off_share": 0.8, "hours": 72},
    "never off": {"off_share": 0.0},
    "a value every two seconds": {"step": 2.0},
    "a value every ten seconds": {"step": 10.0, "hours": 72},
}


def found(made: Made) -> tuple[Levels, tuple[Span, ...]]:
    levels = find_levels(made.signal)
    return levels, classify(made.signal, levels, made.truth[0][0], made.truth[-1][1])


def true_seconds(made: Made) -> dict[State, float]:
    sums: dict[State, float] = {}
    for begin, end, state in made.truth:
        sums[state] = sums.get(state, 0) + (end - begin) / SECOND
    return sums


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", RUNNING)
def test_minutes_per_state_are_within_two_percent_of_the_truth(kind: str, case: str) -> None:
    for seed in (1, 2):
        made = machine(kind, seed, **CASES[case])
        levels, spans = found(made)
        counted, truth = seconds_per_state(spans), true_seconds(made)
        for state, seconds in truth.items():
            assert counted.get(state, 0) == pytest.approx(seconds, rel=0.02), (levels, state)
        assert set(counted) <= {*truth}


def test_the_states_are_right_moment_by_moment_too() -> None:
    made = machine("moulder", 5)
    _, spans = found(made)
    same = 0
    for begin, end, state in made.truth:
        same += sum(max(0, min(end, s.end) - max(begin, s.begin)) for s in spans if s.state is state)
    assert same / (made.truth[-1][1] - made.truth[0][0]) > 0.99


def test_the_cycle_of_a_repeating_machine_is_found_and_told() -> None:
    levels = find_levels(machine("moulder", 1).signal)
    assert levels.cycle == pytest.approx(32 * SECOND, rel=0.05)
    assert "Takt von 32 s" in levels.method.de and "Parzen" in levels.method.en


def test_a_long_cycle_whose_pauses_are_short_hides_no_short_stops() -> None:
    levels = find_levels(machine("mill", 1).signal)
    assert levels.window < 60 * SECOND < levels.cycle
    assert "über 31 s" in levels.method.de


def test_a_cycle_too_short_for_the_values_is_not_taken_for_one_of_many_times_its_length() -> None:
    assert find_levels(machine("clips", 1, step=30.0, hours=168).signal).window == 90 * SECOND


def test_a_source_that_sends_only_changes_and_a_sign_of_life_gives_the_same_states() -> None:
    made = machine("pump", 2)
    time, value = made.signal.time, made.signal.value
    kept = np.concatenate(([True], np.abs(np.diff(np.round(value))) > 0)) | (np.arange(len(time)) % 300 == 0)
    sparse = Made(Signal(time[kept], value[kept]), made.truth)
    assert kept.mean() < 0.5
    counted = seconds_per_state(found(sparse)[1])
    for state, seconds in true_seconds(made).items():
        assert counted[state] == pytest.approx(seconds, rel=0.02)


def test_a_transformer_that_always_draws_something_is_off_beside_a_calm_idle_level() -> None:
    made = machine("cnc", 3)
    lifted = Made(
        Signal(made.signal.time, np.where(made.signal.value < 0.7, made.signal.value + 0.6, made.signal.value)),
        made.truth,
    )
    counted = seconds_per_state(found(lifted)[1])
    for state, seconds in true_seconds(made).items():
        assert counted[state] == pytest.approx(seconds, rel=0.02)


def test_a_signal_that_ends_leaves_unknown_time_and_not_the_last_state() -> None:
    made = machine("pump", 1, hours=6, off_share=0.0)
    levels = find_levels(made.signal)
    end = made.truth[-1][1] + 3600 * SECOND
    spans = classify(made.signal, levels, made.truth[0][0], end)
    assert spans[-1].state is State.UNKNOWN and spans[-1].length == pytest.approx(2700 * SECOND, abs=2 * SECOND)


def test_a_stretch_gets_the_same_states_whether_asked_for_alone_or_within_a_day() -> None:
    made = machine("cnc", 3)
    levels, whole = found(made)
    begin, end = START + 30_000 * SECOND, START + 40_000 * SECOND
    alone = seconds_per_state(classify(made.signal, levels, begin, end))
    within = seconds_per_state(
        s._replace(begin=max(s.begin, begin), end=min(s.end, end)) for s in whole if s.end > begin and s.begin < end
    )
    for state, seconds in within.items():
        assert alone[state] == pytest.approx(seconds, abs=levels.window / SECOND)


@pytest.mark.parametrize(
    ("values", "flag"),
    [([], "too_short"), ([float("nan")] * 500, "too_short"), ([0.0] * 5000, "one_level"), ([7.0] * 5000, "one_level")],
)
def test_a_signal_that_tells_nothing_is_flagged_and_not_guessed(values: list[float], flag: str) -> None:
    signal = Signal(START + np.arange(len(values), dtype=np.int64) * SECOND, np.array(values))
    levels = find_levels(signal)
    assert flag in levels.flags
    spans = classify(signal, levels, START, START + 5000 * SECOND)
    assert sum(s.length for s in spans) == 5000 * SECOND
