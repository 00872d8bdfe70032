"""Working days by the calendars of the three states."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.region import State
from nordlotse.foundation.working_days import add_working_days, is_working_day, working_days_between

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
STATES = st.sampled_from(["", *State])


@pytest.mark.parametrize(
    ("day", "state", "works"),
    [
        (date(2025, 10, 31), "HH", False),  # Reformation Day, a Friday: free in the north since 2018
        (date(2025, 10, 31), "SH", False),
        (date(2025, 10, 31), "MV", False),
        (date(2025, 10, 31), "", True),
        (date(2026, 10, 31), "HH", False),  # a Saturday all the same
        (date(2017, 10, 31), "", False),  # the 500th anniversary: free everywhere, once
        (date(2016, 10, 31), "HH", True),  # before 2018 not free here …
        (date(2016, 10, 31), "MV", False),  # … but there
        (date(2025, 5, 8), "SH", True),  # liberation: free in Berlin only
        (date(2025, 5, 8), "HH", True),
        (date(2023, 3, 8), "MV", False),  # Women's Day: free in Mecklenburg-Vorpommern since 2023
        (date(2023, 3, 8), "SH", True),
        (date(2022, 3, 8), "MV", True),
        (date(2026, 4, 3), "", False),  # Good Friday
        (date(2026, 4, 6), "", False),  # Easter Monday
        (date(2026, 6, 4), "HH", True),  # Corpus Christi: not in the north
        (date(2026, 12, 24), "HH", True),  # Christmas Eve is no holiday by law
        (date(2026, 12, 25), "", False),
        (date(2026, 11, 22), "", False),  # a Sunday
    ],
)
def test_a_day_is_worked_or_free(day: date, state: str, works: bool) -> None:
    assert is_working_day(day, state) is works


@pytest.mark.parametrize(
    ("start", "days", "state", "end"),
    [
        (date(2026, 11, 20), 2, "", date(2026, 11, 24)),  # Friday to Tuesday
        (date(2026, 11, 21), 2, "", date(2026, 11, 25)),  # come in on Saturday counts as come in on Monday
        (date(2026, 11, 22), 0, "", date(2026, 11, 23)),
        (date(2026, 11, 23), 0, "", date(2026, 11, 23)),
        (date(2025, 10, 30), 2, "SH", date(2025, 11, 4)),  # over Reformation Day and a weekend
        (date(2025, 10, 30), 2, "", date(2025, 11, 3)),
        (date(2025, 12, 23), 2, "HH", date(2025, 12, 29)),  # over Christmas
        (date(2025, 12, 31), 1, "HH", date(2026, 1, 2)),  # over the turn of the year
    ],
)
def test_days_are_added(start: date, days: int, state: str, end: date) -> None:
    assert add_working_days(start, days, state) == end


@given(DAYS, st.integers(0, 30), STATES)
def test_what_comes_out_is_a_working_day_and_counting_back_gives_the_number(start: date, days: int, state: str) -> None:
    end = add_working_days(start, days, state)
    first = add_working_days(start, 0, state)
    assert is_working_day(end, state) and is_working_day(first, state)
    assert first >= start
    assert working_days_between(first, end, state) == days


@given(DAYS, st.integers(0, 60), STATES)
def test_days_between_are_counted_like_on_a_wall_calendar(start: date, days: int, state: str) -> None:
    end = start + timedelta(days=days)
    assert working_days_between(start, end, state) == sum(
        is_working_day(start + timedelta(days=n), state) for n in range(1, days + 1)
    )
    assert working_days_between(end, start, state) == 0
