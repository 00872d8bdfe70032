"""Feedback moves the limit; grouping makes one alarm of an event."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nordlotse.iot.core.anomaly import Feedback, Grouping, Verdict, judge, learn, limit_factor, with_feedback
from nordlotse.iot.core.anomaly.feedback import LEAST_FACTOR, MISSED_WEIGHT, MOST_FACTOR
from tests.iot.core.anomaly.made import SENSORS, machine

FEEDBACK = st.lists(
    st.builds(Feedback, st.sampled_from(("real", "false", "planned", "missed")), st.floats(0.01, 10)), max_size=8
)


def test_without_feedback_the_limit_stays() -> None:
    assert limit_factor([]) == 1.0
    assert limit_factor([Feedback("planned", 9.0), Feedback("real", 2.0)]) == 1.0


def test_a_false_alarm_does_not_come_again() -> None:
    rows = machine()
    rows[400:440, 3] += 1.5
    model = learn(rows[:300], SENSORS)
    peak = max(verdict.score for verdict in judge(model, rows, None, 300)[300:])
    assert 1 < peak < MOST_FACTOR
    calmer = with_feedback(model, [Feedback("false", peak)])
    assert not any(verdict.alarm for verdict in judge(calmer, rows, None, 300))


def test_a_missed_event_lowers_the_limit_below_it() -> None:
    assert 0.79 < limit_factor([Feedback("missed", 0.8)]) < 0.8


def test_one_false_alarm_above_a_real_one_does_not_silence_it() -> None:
    assert limit_factor([Feedback("real", 1.2), Feedback("false", 1.3)]) < 1.2


@given(FEEDBACK)
def test_the_factor_is_bounded_and_does_not_depend_on_the_order(given_: list[Feedback]) -> None:
    factor = limit_factor(given_)
    assert LEAST_FACTOR <= factor <= MOST_FACTOR
    assert limit_factor(reversed(given_)) == factor


@given(FEEDBACK, st.floats(0.51, 2.99))
def test_no_other_factor_in_range_fits_the_feedback_better(given_: list[Feedback], other: float) -> None:
    def cost(factor: float) -> int:
        false = sum(one.judgement == "false" and one.peak > factor for one in given_)
        return false + MISSED_WEIGHT * sum(one.judgement in ("real", "missed") and one.peak <= factor for one in given_)

    # the search moves limits by a millionth; a factor within that of a peak may be as good by luck
    if all(abs(one.peak - other) > 1e-5 for one in given_):
        assert cost(limit_factor(given_)) <= cost(other)


def test_alarm_rows_close_together_are_one_alarm_with_its_highest_reasons() -> None:
    grouping = Grouping(quiet=10)
    ended = [
        grouping.step(row, None, Verdict(score, score > 1)) for row, score in enumerate([0.5, 2, 0.5, 3, *[0.1] * 12])
    ]
    alarms = [one for one in ended if one is not None]
    assert [(one.first_row, one.last_row, one.peak) for one in alarms] == [(1, 3, 3)]
    assert grouping.open is None


def test_alarms_farther_apart_than_the_quiet_time_are_two() -> None:
    grouping = Grouping(quiet=60.0)
    ended = [grouping.step(row, time, Verdict(2.0, True)) for row, time in enumerate([0.0, 50.0, 120.0])]
    assert [one.last_row for one in ended if one is not None] == [1]
    assert grouping.open is not None
    assert grouping.open.first_row == 2
