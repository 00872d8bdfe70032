"""A rehearsal tells the very alarms that stepping through every value would have raised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.iot.core.alarms import (
    Hours,
    Pace,
    Reading,
    Rehearsed,
    Rule,
    Span,
    Standing,
    Tick,
    advance,
    lately,
    propose,
    rehearsal,
    rehearse,
    steadied,
)
from nordlotse.iot.core.values import Kind, Rows

WEEK = Hours("Europe/Berlin", tuple(Span(day, 6 * 60, 22 * 60) for day in range(5)))
RULES = (
    Rule("a", "above", high=80.0, hysteresis=5.0, delay=7.0, clear_after=9.0),
    Rule("b", "below", low=20.0, hysteresis=2.0, delay=3.0),
    Rule("c", "outside", low=20.0, high=80.0, hysteresis=5.0, clear_after=4.0),
    Rule("d", "silent", silence=20.0, delay=5.0),
)


def _rows(times: list[int], values: list[float]) -> Rows:
    time = np.array(times, dtype=np.int64) * 1_000_000
    flags = np.zeros(len(time), dtype=np.uint8)
    return Rows(time, np.array(values, dtype=np.float64), flags, flags, time)


def _stepped(rule: Rule, rows: Rows, until: float) -> list[tuple[float, float | None]]:
    """Step through every value and every second between."""
    standing, found, begun = Standing(), [], None
    at = {int(t // 1_000_000): v for t, v in zip(rows.time.tolist(), rows.shown(), strict=True)}
    for second in range(min(at), int(until) + 1):
        # a hair later too: silence has to last longer than it
        events = [Reading(float(second), at[second])] if second in at else []
        for event in [*events, Tick(float(second)), *([Tick(second + 0.001)] if second < until else [])]:
            standing, effects = advance(rule, standing, event)
            for one in effects:
                if one.what == "raised":
                    begun = one.time
                elif one.what == "cleared":
                    found.append((begun, max(begun, one.time)))  # as an alarm does
                    begun = None
    return [*found, (begun, None)] if begun is not None else found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
@given(data=st.data())
def test_it_tells_the_same_alarms_as_every_step(rule: Rule, data: st.DataObject) -> None:
    times = sorted(data.draw(st.sets(st.integers(0, 200), min_size=1, max_size=40)))
    value = st.sampled_from([10.0, 19.0, 21.0, 23.0, 50.0, 76.0, 79.0, 81.0, 90.0])
    rows = _rows(times, [data.draw(value) for _ in times])
    told = [(one.begin, one.end) for one in rehearse(rule, rows, 260.0)]
    assert told == [
        (pytest.approx(begin, abs=0.0011), pytest.approx(end, abs=0.0011) if end is not None else None)
        for begin, end in _stepped(rule, rows, 260.0)
    ]


@pytest.mark.parametrize("rule", RULES[:3], ids=lambda rule: rule.kind)
@given(data=st.data())
def test_over_time_without_data_it_tells_the_same_alarms_as_every_step(rule: Rule, data: st.DataObject) -> None:
    slow = replace(rule, pace=Pace(data.draw(st.integers(1, 5)), data.draw(st.integers(5, 12))))
    test_it_tells_the_same_alarms_as_every_step.hypothesis.inner_test(slow, data)


def test_outside_the_working_hours_nothing_would_have_alarmed() -> None:
    sunday = 1_767_567_600 - 12 * 3600  # noon before a Monday in January, Berlin
    rows = _rows([sunday, sunday + 60, sunday + 120], [20.0, 90.0, 20.0])
    assert len(rehearse(Rule("a", "above", high=80.0), rows, sunday + 3600)) == 1
    assert rehearse(Rule("a", "above", high=80.0, hours=WEEK), rows, sunday + 3600) == ()


def test_a_million_values_are_rehearsed_in_a_moment() -> None:
    time = np.arange(1_200_000, dtype=np.int64) * 1_000_000
    flags = np.zeros(len(time), dtype=np.uint8)
    value = np.sin(np.arange(len(time)) / 5000.0) * 100
    assert len(rehearse(Rule("a", "above", high=99.0), Rows(time, value, flags, flags, time), 1_200_000.0)) == 38


def test_a_proposed_limit_lies_beyond_nearly_all_values() -> None:
    values = np.random.default_rng(1).normal(50, 2, 10_000)
    made = propose(values)
    assert made is not None
    assert made.low < values.min() + 1
    assert made.high > values.max() - 1
    assert 45 < made.usual < 55
    assert propose(values[:50]) is None


def test_texts_are_rehearsed_for_a_state() -> None:
    time = np.array([0, 10, 20], dtype=np.int64) * 1_000_000
    flags = np.zeros(3, dtype=np.uint8)
    rows = Rows(time, np.array([0.0, 1.0, 0.0]), np.full(3, Kind.TEXT, np.uint8), flags, time, ("run", "fault"))
    made = rehearse(Rule("s", "state", state="fault"), rows, 60.0)
    assert [(one.begin, one.end) for one in made] == [(10.0, 20.0)]


def test_a_hysteresis_against_swinging_does_what_it_says_and_a_signal_that_really_comes_back_gets_none() -> None:
    rule = Rule("x", "above", high=54.15)
    swings = [(54.3 if k % 12 < 6 else 54.0) if k % 600 < 480 else 52.0 for k in range(3600)]
    rows = _rows(list(range(3600)), swings)
    found = steadied(rule, rows, 3600.0, len(rehearse(rule, rows, 3600.0)))
    assert found is not None
    wider = Rule("x", "above", high=54.15, hysteresis=found.hysteresis)
    assert len(rehearse(wider, rows, 3600.0)) == found.alarms <= len(rehearse(rule, rows, 3600.0)) / 2
    cycles = _rows(list(range(3600)), [60.0 if k % 12 < 6 else 20.0 for k in range(3600)])
    assert steadied(rule, cycles, 3600.0, len(rehearse(rule, cycles, 3600.0))) is None


def test_no_hysteresis_is_proposed_with_which_the_first_alarm_would_never_end() -> None:
    rows = _rows(list(range(3600)), [54.3 if k % 2 else 54.0 for k in range(3600)])
    assert steadied(Rule("x", "above", high=54.05), rows, 3600.0, 1800) is None


def test_of_a_value_that_crosses_its_limit_all_the_time_only_the_newest_turns_are_stepped_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rehearsal, "MOST_TURNS", 10)
    rule, rows = (
        Rule("x", "above", high=54.05),
        _rows(list(range(3600)), [54.3 if k % 2 else 54.0 for k in range(3600)]),
    )
    assert lately(rule, rows).time.tolist() == rows.time[-10:].tolist()
    assert len(rehearse(rule, lately(rule, rows), 3600.0)) == 5


def test_of_a_value_that_crosses_its_limit_seldom_all_values_are_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "MOST_TURNS", 10)
    rows = _rows(list(range(3600)), [60.0 if k % 900 < 450 else 20.0 for k in range(3600)])
    for rule in (Rule("x", "above", high=54.05), Rule("d", "silent", silence=20.0)):
        assert lately(rule, rows) is rows


def test_the_alarms_there_would_have_been_are_not_counted_anew_for_a_hysteresis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = Rule("x", "above", high=54.15)
    rows = _rows(list(range(3600)), [(54.3 if k % 12 < 6 else 54.0) if k % 600 < 480 else 52.0 for k in range(3600)])
    before = len(rehearse(rule, rows, 3600.0))
    tried: list[float] = []

    def counted(rule: Rule, rows: Rows, until: float) -> tuple[Rehearsed, ...]:
        tried.append(rule.hysteresis)
        return rehearse(rule, rows, until)

    monkeypatch.setattr(rehearsal, "rehearse", counted)
    found = steadied(rule, rows, 3600.0, before)
    assert found is not None and found.alarms <= before / 2
    assert 0.0 not in tried
