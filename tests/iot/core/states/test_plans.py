"""Calendars are kept as plain values; time is cut into shifts and what lies between them without gap or overlap."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from nordlotse.iot.core.states.kept import given_kept, given_read, shift_kept, shift_read, spans_kept, spans_read
from nordlotse.iot.core.states.period import Observed, given_of
from nordlotse.iot.core.states.plans import PATTERNS, calendar_kept, calendar_read, stretches
from nordlotse.iot.core.states.seen import changed, mark
from nordlotse.iot.core.states.shifts import Calendar, Shift
from nordlotse.iot.core.states.values import SECOND, Span, State

DAY = 86_400 * SECOND
AUTUMN = 1_792_879_200 * SECOND  # Sunday, 25 October 2026, the clock goes back in this night


@pytest.mark.parametrize("name", PATTERNS)
def test_each_usual_week_is_a_calendar_that_can_be_kept(name: str) -> None:
    calendar = Calendar(PATTERNS[name].shifts, state="SH", closed=frozenset({date(2026, 12, 24)}))
    assert calendar_read(calendar_kept(calendar)) == calendar


def test_without_a_shift_each_day_counts_as_a_whole() -> None:
    found = list(stretches(calendar_read({}), AUTUMN, AUTUMN + 3 * DAY))
    assert {one.name for one in found} == {"Tag"}
    assert sorted({(one.end - one.begin) // (3600 * SECOND) for one in found}) == [24, 25]


@how(max_examples=40)
@given(st.sampled_from(sorted(PATTERNS)), st.integers(0, 20 * DAY), st.integers(SECOND, 9 * DAY))
def test_stretches_follow_each_other_without_gap_or_overlap(name: str, later: int, length: int) -> None:
    begin = AUTUMN - 10 * DAY + later
    found = list(stretches(Calendar(PATTERNS[name].shifts, state="SH"), begin, begin + length))
    assert found[0].begin <= begin and found[-1].end >= begin + length
    assert all(a.end == b.begin for a, b in pairwise(found))


def test_a_result_kept_and_read_again_is_the_same_exactly() -> None:
    shift = next(s for s in stretches(Calendar((Shift("Früh", (0, 1, 2, 3, 4, 5, 6), time(6), time(14), ((time(9), time(9, 30)),)),)), AUTUMN, AUTUMN + DAY) if s.name)  # fmt: skip
    third = shift.begin + (shift.end - shift.begin) // 3
    spans = (Span(shift.begin, third, State.PRODUCING), Span(third, shift.end, State.IDLE, "material"))
    found = given_of(Observed("Säge", spans), shift)
    assert given_read(given_kept(found)) == found
    assert shift_read(shift_kept(shift)) == shift
    assert spans_read(spans_kept(spans)) == spans


def test_marks_tell_what_changed_and_nothing_else() -> None:
    before = {"hours": {"1": "a"}, "limits": mark([1]), "stops": mark([]), "orders": mark([]), "plan": mark([])}
    assert changed(before, dict(before)) == ()
    assert changed(before, {**before, "hours": {"1": "b"}}) == ("values",)
    assert changed(before, {**before, "stops": mark([1]), "plan": mark([2])}) == ("stops", "plan")
