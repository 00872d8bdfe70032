"""Working days: Monday to Friday without the public holidays of a state (package `holidays`)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

from nordlotse.foundation.region import State


@lru_cache(maxsize=64)
def _free(state: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DE", subdiv=state or None, years=year, language="de"))


def is_working_day(day: date, state: State | str = "") -> bool:
    """Tell whether people work on this day in this state (no state: only nation-wide holidays count)."""
    return day.weekday() < 5 and day not in _free(str(state), day.year)


def add_working_days(start: date, days: int, state: State | str = "") -> date:
    """Return the day that is `days` (≥ 0) working days after `start`; 0 gives the next working day on or after it.

    What comes in on a free day counts as come in on the next working day.
    """
    day = start
    while not is_working_day(day, state):
        day += timedelta(days=1)
    while days > 0:
        day += timedelta(days=1)
        if is_working_day(day, state):
            days -= 1
    return day


def working_days_between(start: date, end: date, state: State | str = "") -> int:
    """Return how many working days lie after `start` up to and including `end` (0 if end ≤ start)."""
    count, day = 0, start
    while day < end:
        day += timedelta(days=1)
        count += is_working_day(day, state)
    return count
