"""Shift calendars over holidays, nights and changes of the clock."""

from __future__ import annotations

import itertools
from datetime import date, time

import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.states.shifts import Calendar, Shift, moment, outside, worked
from nordlotse.iot.core.states.values import SECOND

HOUR = 3600 * SECOND
WEEK = tuple(range(5))
EARLY = Shift("früh", WEEK, time(6), time(14), ((time(9), time(9, 30)),))
LATE = Shift("spät", WEEK, time(14), time(22))
NIGHT = Shift("nacht", (*range(5), 6), time(22), time(6), ((time(23, 45), time(0, 15)),))
BERLIN = "Europe/Berlin"


def hours(calendar: Calendar, first: date, last: date) -> list[tuple[str, int, float]]:
    begin, end = moment(first, time(0), BERLIN), moment(last, time(0), BERLIN)
    return [(s.name, s.day.day, (s.end - s.begin) / HOUR) for s in worked(calendar, begin, end)]


def test_a_night_shift_belongs_to_the_day_it_begins_and_its_break_crosses_midnight() -> None:
    calendar = Calendar((NIGHT,))
    found = list(
        worked(calendar, moment(date(2026, 11, 23), time(12), BERLIN), moment(date(2026, 11, 24), time(12), BERLIN))
    )
    assert [(s.day.day, s.begin, s.end) for s in found] == [
        (23, moment(date(2026, 11, 23), time(22), BERLIN), moment(date(2026, 11, 24), time(6), BERLIN))
    ]
    ((first, last),) = found[0].breaks
    assert last - first == HOUR // 2 and found[0].begin < first < last < found[0].end


@pytest.mark.parametrize(
    ("sunday", "length"), [(date(2026, 3, 29), 7), (date(2026, 10, 25), 9), (date(2026, 11, 22), 8)]
)
def test_the_night_of_a_change_of_the_clock_has_seven_or_nine_hours(sunday: date, length: int) -> None:
    calendar = Calendar((Shift("nacht", (5,), time(22), time(6)),))
    assert [h for *_, h in hours(calendar, sunday, date(sunday.year, sunday.month, sunday.day + 1))] == [length]


def test_shifts_touch_each_other_over_a_change_of_the_clock() -> None:
    calendar = Calendar((EARLY, LATE, NIGHT), state=None)
    found = list(
        worked(calendar, moment(date(2026, 10, 26), time(0), BERLIN), moment(date(2026, 10, 30), time(0), BERLIN))
    )
    assert all(a.end == b.begin for a, b in itertools.pairwise(found))


def test_a_public_holiday_of_the_state_is_free_and_of_another_state_is_not() -> None:
    reformation = date(2025, 10, 31)
    assert hours(Calendar((EARLY,), state="HH"), reformation, date(2025, 11, 1)) == []
    assert hours(Calendar((EARLY,), state="BY"), reformation, date(2025, 11, 1)) == [("früh", 31, 8.0)]
    assert (
        hours(Calendar((EARLY,), state="HH", open_days=frozenset({reformation})), reformation, date(2025, 11, 1)) != []
    )
    assert hours(Calendar((EARLY,), state=None), date(2025, 12, 25), date(2025, 12, 26)) == [("früh", 25, 8.0)]


def test_closed_days_have_no_shift() -> None:
    calendar = Calendar((EARLY,), closed=frozenset({date(2026, 11, 24)}))
    assert [day for _, day, _ in hours(calendar, date(2026, 11, 23), date(2026, 11, 26))] == [23, 25]


def test_time_outside_of_shifts_and_shifts_add_up_to_the_window() -> None:
    calendar = Calendar((EARLY, LATE))
    begin, end = moment(date(2026, 11, 20), time(3), BERLIN), moment(date(2026, 11, 24), time(10), BERLIN)
    free = sum(s.length for s in outside(calendar, begin, end))
    busy = sum(min(s.end, end) - max(s.begin, begin) for s in worked(calendar, begin, end))
    assert free + busy == end - begin


@pytest.mark.parametrize(
    "shifts",
    [
        (EARLY, Shift("x", (0,), time(13), time(15))),
        (Shift("nacht", (6,), time(22), time(6)), Shift("x", (0,), time(5), time(7))),
        (Shift("x", (7,), time(5), time(7)),),
        (Shift("x", (0,), time(5), time(7), ((time(8), time(9)),)),),
    ],
)
def test_an_impossible_calendar_is_refused(shifts: tuple[Shift, ...]) -> None:
    with pytest.raises(BadInput, match="iot_calendar"):
        Calendar(shifts)
    with pytest.raises(BadInput, match="iot_calendar"):
        Calendar((EARLY,), zone="Atlantis/Mitte")
    with pytest.raises(BadInput, match="iot_calendar"):
        Calendar((EARLY,), state="XX")
