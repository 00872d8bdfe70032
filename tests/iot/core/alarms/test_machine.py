"""The life of one alarm: laws over any order of events, and the cases a person thinks of."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.alarms import (
    Acknowledge,
    Effect,
    Event,
    Hours,
    Reading,
    Rule,
    Span,
    Standing,
    Step,
    Tick,
    advance,
)

HOT = Rule(
    "hot",
    "above",
    high=80.0,
    hysteresis=5.0,
    delay=10.0,
    clear_after=20.0,
    steps=(Step(60, "shift"), Step(300, "chief")),
)


def _told(rule: Rule, events: Iterable[Event]) -> list[Effect]:
    standing, told = Standing(), []
    for event in events:
        standing, effects = advance(rule, standing, event)
        told.extend(effects)
    return told


def _short(effects: Iterable[Effect]) -> list[tuple[str, float, str]]:
    return [(one.what, one.time, one.to) for one in effects]


def test_a_short_peak_raises_nothing() -> None:
    assert _told(HOT, [Reading(0, 90), Reading(9, 90), Reading(9.5, 70), Tick(1000)]) == []


def test_a_lasting_peak_is_raised_escalated_and_cleared() -> None:
    events = [
        Reading(0, 90),
        Tick(10),
        Tick(69),
        Tick(70),
        Tick(310),
        Reading(400, 70),
        Tick(419),
        Tick(420),
        Tick(900),
    ]
    assert _short(_told(HOT, events)) == [
        ("raised", 10, ""), ("escalated", 70, "shift"), ("escalated", 310, "chief"), ("cleared", 420, ""),
    ]  # fmt: skip


def test_a_value_within_the_hysteresis_keeps_the_alarm() -> None:
    events = [Reading(0, 90), Tick(10), *(Reading(20 + n, 76 + 8 * (n % 2)) for n in range(50)), Tick(80)]
    assert [one.what for one in _told(HOT, events)] == ["raised", "escalated"]


def test_an_acknowledged_alarm_is_not_escalated_but_cleared() -> None:
    events = [Reading(0, 90), Tick(10), Acknowledge(30), Tick(5000), Reading(5001, 60), Tick(5021)]
    assert [one.what for one in _told(HOT, events)] == ["raised", "acknowledged", "cleared"]


def test_acknowledging_nothing_does_nothing() -> None:
    assert _told(HOT, [Acknowledge(0), Reading(1, 20), Acknowledge(2)]) == []


def test_a_condition_that_returns_before_it_is_cleared_is_the_same_alarm() -> None:
    events = [Reading(0, 90), Tick(10), Reading(20, 60), Reading(30, 90), Tick(50), Reading(55, 60), Tick(75)]
    assert [(one.what, one.time) for one in _told(HOT, events)] == [("raised", 10), ("cleared", 75)]


def test_late_values_change_nothing() -> None:
    standing, _ = advance(HOT, Standing(), Reading(100, 20))
    assert advance(HOT, standing, Reading(50, 500)) == (standing, ())


def test_values_that_arrive_in_a_batch_are_judged_by_their_own_times_though_the_clock_went_on() -> None:
    ticks = [Reading(0, 20), *(Tick(n) for n in range(1, 61))]
    short = [Reading(10, 90), Reading(15, 20), Reading(60, 20)]
    assert _told(HOT, [*ticks, *short, Tick(61)]) == []
    long = [*(Reading(n, 90) for n in range(10, 61, 10)), Tick(61)]
    assert [(one.what, one.time) for one in _told(HOT, [*ticks, *long])] == [("raised", 60)]


def test_silence_is_told_and_ends_with_a_value() -> None:
    rule = Rule("silent", "silent", silence=60)
    events = [Reading(0, 1), Tick(60), Tick(61), Tick(100), Reading(120, 1)]
    assert _short(_told(rule, events)) == [("raised", 61, ""), ("cleared", 120, "")]


def test_a_machine_that_never_spoke_is_silent_from_the_first_tick_on() -> None:
    assert [one.time for one in _told(Rule("s", "silent", silence=60), [Tick(1000), Tick(1050), Tick(1061)])] == [1061]


def test_a_state_and_a_band_are_watched() -> None:
    assert [one.what for one in _told(Rule("s", "state", state="fault"), [Reading(0, "run"), Reading(1, "fault")])] == [
        "raised"
    ]
    band = Rule("b", "outside", low=2, high=8, hysteresis=0.5)
    assert [one.what for one in _told(band, [Reading(0, 5), Reading(1, 1), Reading(2, 2.2), Reading(3, 2.6)])] == [
        "raised",
        "cleared",
    ]
    assert [one.what for one in _told(Rule("l", "below", low=2), [Reading(0, 2), Reading(1, 1.9)])] == ["raised"]


def test_a_flag_is_not_the_number_one() -> None:
    assert _told(Rule("s", "state", state=True), [Reading(0, 1)]) == []
    assert [one.what for one in _told(Rule("s", "state", state=True), [Reading(0, True)])] == ["raised"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "text"])
def test_what_is_no_number_leaves_the_condition_as_it_is(value: float | str) -> None:
    assert _told(HOT, [Reading(0, 90), Reading(5, value), Tick(10)])[0].what == "raised"
    assert _told(HOT, [Reading(0, 20), Reading(5, value), Tick(100)]) == []


# Monday to Friday, 6 to 22 o'clock; 2026-11-23 is a Monday
WEEK = Hours("Europe/Berlin", tuple(Span(day, 6 * 60, 22 * 60) for day in range(5)))
MONDAY = 1795388400.0  # 2026-11-23 00:00 in Berlin


def test_outside_working_hours_nothing_is_raised_until_they_open() -> None:
    rule = Rule("hot", "above", high=80, hours=WEEK, steps=(Step(600, "chief"),))
    events = [
        Reading(MONDAY + 5 * 3600, 90),
        Tick(MONDAY + 6 * 3600 - 1),
        Tick(MONDAY + 6 * 3600),
        Tick(MONDAY + 7 * 3600),
    ]
    assert [(one.what, one.time - MONDAY) for one in _told(rule, events)] == [("raised", 21600), ("escalated", 25200)]


def test_what_ended_before_the_hours_opened_is_never_raised() -> None:
    rule = Rule("hot", "above", high=80, hours=WEEK)
    assert _told(rule, [Reading(MONDAY + 3600, 90), Reading(MONDAY + 7200, 20), Tick(MONDAY + 8 * 3600)]) == []


def test_hours_follow_the_clock_of_the_place_and_a_night_shift() -> None:
    assert WEEK.open_at(MONDAY + 6 * 3600)
    assert not WEEK.open_at(MONDAY + 22 * 3600)
    assert not WEEK.open_at(MONDAY - 3600)  # Sunday
    summer = 1782684000.0  # 2026-06-29 00:00 in Berlin, a Monday
    assert WEEK.open_at(summer + 6 * 3600)
    assert not WEEK.open_at(summer + 6 * 3600 - 1)
    night = Hours("Europe/Berlin", (Span(0, 22 * 60, 6 * 60),))
    assert night.open_at(MONDAY + 23 * 3600)
    assert night.open_at(MONDAY + 29 * 3600)
    assert not night.open_at(MONDAY + 30 * 3600)
    assert not night.open_at(MONDAY + 5 * 3600)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rule("x", "above"),
        lambda: Rule("x", "below", high=1),
        lambda: Rule("x", "outside", low=1),
        lambda: Rule("x", "outside", low=1, high=2, hysteresis=0.5),
        lambda: Rule("x", "above", high=math.nan),
        lambda: Rule("x", "above", high=1, delay=-1),
        lambda: Rule("x", "above", high=1, delay=math.inf),
        lambda: Rule("x", "silent"),
        lambda: Rule("x", "state"),
        lambda: Rule("x", "above", high=1, steps=(Step(10, "a"), Step(5, "b"))),
        lambda: Hours("Europe/Nowhere", (Span(0, 0, 60),)),
        lambda: Hours("../etc/passwd", (Span(0, 0, 60),)),
        lambda: Hours("Europe/Berlin", ()),
        lambda: Span(7, 0, 60),
    ],
)
def test_a_rule_that_cannot_work_is_refused(make: object) -> None:
    with pytest.raises(BadInput):
        make()  # type: ignore[operator]


VALUES = st.sampled_from([20.0, 74.0, 76.0, 79.0, 81.0, 90.0, math.nan])
EVENTS = st.lists(
    st.one_of(
        st.builds(Reading, st.integers(0, 600).map(float), VALUES),
        st.builds(Tick, st.integers(0, 600).map(float)),
        st.builds(Acknowledge, st.integers(0, 600).map(float)),
    ),
    max_size=40,
)


def _ordered(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda one: one.time)


@given(EVENTS)
def test_raised_and_cleared_alternate_and_acknowledged_comes_once_between(events: list[Event]) -> None:
    standing = "cleared"
    for one in _told(HOT, events):
        allowed = {
            "cleared": {"raised"},
            "raised": {"escalated", "acknowledged", "cleared"},
            "acknowledged": {"cleared"},
        }[standing]
        assert one.what in allowed
        standing = standing if one.what == "escalated" else one.what


@given(EVENTS)
def test_effects_come_in_the_order_of_time_and_each_step_once_an_alarm(events: list[Event]) -> None:
    effects = _told(HOT, events)
    assert [one.time for one in effects] == sorted(one.time for one in effects)
    steps: list[str] = []
    for one in effects:
        steps = [] if one.what == "raised" else steps
        if one.what == "escalated":
            steps.append(one.to)
        assert steps in ([], ["shift"], ["shift", "chief"])


@given(EVENTS)
def test_events_out_of_order_tell_what_the_newest_first_seen_tell(events: list[Event]) -> None:
    kept: list[Event] = []
    for event in events:
        before = [one for one in kept if isinstance(one, Reading)] if isinstance(event, Reading) else kept
        if all(event.time >= one.time for one in before):
            kept.append(event)
    assert _told(HOT, events) == _told(HOT, kept)


@given(EVENTS, st.integers(0, 600).map(float))
def test_the_same_tick_twice_tells_nothing_the_second_time(events: list[Event], time: float) -> None:
    standing = Standing()
    for event in [*_ordered([one for one in events if one.time <= time]), Tick(time)]:
        standing, _ = advance(HOT, standing, event)
    assert advance(HOT, standing, Tick(time)) == (standing, ())


@given(EVENTS)
def test_nothing_is_raised_before_the_condition_has_lasted(events: list[Event]) -> None:
    standing, above = Standing(), None
    for event in _ordered(events):
        if isinstance(event, Reading) and not math.isnan(event.value):  # type: ignore[arg-type]
            over = event.value > (75 if above is not None else 80)  # type: ignore[operator]
            above = None if not over else event.time if above is None else above
        standing, effects = advance(HOT, standing, event)
        if any(one.what == "raised" for one in effects):
            assert above is not None
            assert event.time - above >= HOT.delay


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(75.001, 85)), min_size=1, max_size=60))
def test_wobbling_between_the_limits_never_makes_a_second_alarm(steps: list[tuple[int, float]]) -> None:
    now, events = 10.0, [Reading(0.0, 90.0), Tick(10.0)]
    for gap, value in steps:
        now += gap
        events.append(Reading(now, value))
    told = [one.what for one in _told(HOT, events)]
    assert told.count("raised") == 1
    assert "cleared" not in told
