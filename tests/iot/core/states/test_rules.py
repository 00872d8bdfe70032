"""Rules with hysteresis and shortest duration, and states from the rhythm of parts."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.iot.core.states.rules import Condition, Rule, Signal, by_parts, by_rules, settled
from nordlotse.iot.core.states.values import SECOND, Span, State, joined
from nordlotse.iot.core.values import distinct

RUN = Rule(State.PRODUCING, (Condition("current", 5.0, 4.0),))


def signal(*values: float, step: int = SECOND) -> Signal:
    return Signal(np.arange(len(values), dtype=np.int64) * step, np.array(values))


def states(*values: float, **wanted: int) -> list[tuple[int, State]]:
    spans = by_rules({"current": signal(*values)}, [RUN], 0, len(values) * SECOND, **wanted)  # type: ignore[arg-type]
    return [(span.length // SECOND, span.state) for span in spans]


def test_between_both_limits_the_last_clear_answer_stands() -> None:
    assert states(1, 4.5, 5, 4.5, 4.2, 3.9, 4.9) == [(2, State.IDLE), (3, State.PRODUCING), (2, State.IDLE)]


def test_without_hysteresis_the_same_noise_would_switch_more_often() -> None:
    noise = 4.5 + np.random.default_rng(1).normal(0, 0.12, 500)
    with_it = by_rules({"current": signal(6, *noise)}, [RUN], 0, 501 * SECOND)
    bare = Rule(State.PRODUCING, (Condition("current", 4.5, 4.5),))
    assert len(with_it) <= 3 < len(by_rules({"current": signal(6, *noise)}, [bare], 0, 501 * SECOND))


def test_a_low_signal_can_be_the_condition() -> None:
    rule = Rule(State.OFF, (Condition("current", 0.1, 0.3),))
    spans = by_rules({"current": signal(1, 0.05, 0.2, 0.4)}, [rule], 0, 4 * SECOND)
    assert [(s.length // SECOND, s.state) for s in spans] == [(1, State.IDLE), (2, State.OFF), (1, State.IDLE)]


def test_a_state_shorter_than_the_shortest_belongs_to_the_states_around_it() -> None:
    assert states(6, 6, 6, 1, 6, 6, 1, 1, 1, shortest=2 * SECOND) == [(6, State.PRODUCING), (3, State.IDLE)]


def test_the_first_rule_that_holds_counts_and_all_its_conditions_must() -> None:
    lamp, current = signal(0, 1, 1, 0), signal(6, 6, 1, 1)
    fault = Rule(State.FAULT, (Condition("red", 0.5, 0.5), Condition("current", 2.0, 2.5)), "red lamp")
    spans = by_rules({"red": lamp, "current": current}, [fault, RUN], 0, 4 * SECOND)
    assert [(s.length // SECOND, s.state, s.reason) for s in spans] == [
        (2, State.PRODUCING, ""),
        (1, State.FAULT, "red lamp"),
        (1, State.IDLE, ""),
    ]


def test_a_silent_signal_is_unknown_after_the_longest_hold() -> None:
    spans = by_rules({"current": signal(6)}, [RUN], 0, 100 * SECOND, longest_hold=30 * SECOND)
    assert spans == (Span(0, 30 * SECOND, State.PRODUCING), Span(30 * SECOND, 100 * SECOND, State.UNKNOWN))
    assert by_rules({}, [RUN], 0, SECOND) == (Span(0, SECOND, State.UNKNOWN),)


spans_made = st.lists(st.tuples(st.integers(1, 30), st.sampled_from(list(State)[:4])), max_size=25).map(
    lambda rows: joined(
        Span(sum(r[0] for r in rows[:place]), sum(r[0] for r in rows[: place + 1]), row[1])
        for place, row in enumerate(rows)
    )
)


@settings(max_examples=200)
@holds(spans_made, st.integers(0, 40))
def test_settling_moves_time_between_states_and_loses_none(spans: tuple[Span, ...], shortest: int) -> None:
    found = settled(spans, shortest)
    assert sum(s.length for s in found) == sum(s.length for s in spans)
    assert all(a.end == b.begin and a[2:] != b[2:] for a, b in itertools.pairwise(found))
    unknown = [s for s in spans if s.state is State.UNKNOWN]
    assert [s for s in found if s.state is State.UNKNOWN] == unknown
    for place, span in enumerate(found):
        beside = [found[n].state for n in (place - 1, place + 1) if 0 <= n < len(found)]
        if span.length < shortest and span.state is not State.UNKNOWN:
            assert all(state is State.UNKNOWN for state in beside)


def test_settling_a_hundred_thousand_flickers_takes_no_time() -> None:
    spans = [Span(i, i + 1, State.IDLE if i % 2 else State.PRODUCING) for i in range(100_000)]
    assert sum(s.length for s in settled(spans, 50)) == 100_000


def test_parts_that_follow_each_other_within_two_cycles_are_production() -> None:
    parts = np.array([10, 20, 35, 100, 110]) * SECOND
    spans = by_parts(parts, 10 * SECOND, 0, 200 * SECOND)
    assert [(s.begin // SECOND, s.end // SECOND, s.state) for s in spans] == [
        (0, 35, State.PRODUCING),
        (35, 90, State.IDLE),
        (90, 110, State.PRODUCING),
        (110, 200, State.IDLE),
    ]


@holds(st.lists(st.integers(-5, 30), max_size=40))
def test_distinct_times_are_sorted_and_stand_there_once(times: list[int]) -> None:
    assert distinct(np.array(times, np.int64)).tolist() == sorted(set(times))
