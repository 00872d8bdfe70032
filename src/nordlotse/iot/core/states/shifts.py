"""Shift calendars: when a machine is meant to work, in local time, with breaks, public holidays, closed days and daylight saving.

A shift belongs to the day on which it begins; on a public holiday or closed day no shift begins, one from the evening before runs to its end.
Local times become moments through the time zone's rules: a night shift is 7 hours long when clocks go forward and 9 when they go back. A
time that the change skips means the moment just as long after the change; a time that occurs twice means its first occurrence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.states.values import SECOND, Span, State, joined

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of the week: on `weekdays` (0 = Monday) from `begin` to `end` local time (end ≤ begin: on the next day), with breaks."""

    name: str
    weekdays: tuple[int, ...]
    begin: time
    end: time
    breaks: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The week of a machine. `state`: German state whose public holidays are free ("" only nation-wide ones, None none at all)."""

    shifts: tuple[Shift, ...]
    zone: str = "Europe/Berlin"
    state: str | None = ""
    closed: frozenset[date] = frozenset()
    open_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a calendar that cannot be.

        Raises:
            BadInput: `iot_calendar`: unknown zone or state, a weekday beyond 0 to 6, a break outside of its shift, shifts that overlap.
        """
        check_calendar(self)


@dataclass(frozen=True, slots=True)
class Worked:
    """One shift of one day: moments µs, and its breaks as moments, in order and apart."""

    name: str
    day: date
    begin: int
    end: int
    breaks: tuple[tuple[int, int], ...] = ()

    @property
    def planned_stops(self) -> tuple[Span, ...]:
        """Return the breaks as planned stops."""
        return tuple(Span(a, b, State.PLANNED_STOP, "break") for a, b in self.breaks)


def moment(day: date, at: time, zone: str) -> int:
    """Return the moment (µs) of a local time on a day; see the rules for changes of the clock above."""
    local = datetime.combine(day, at, ZoneInfo(zone))
    return round((local.astimezone(UTC) - _EPOCH) / timedelta(microseconds=1))


def local_day(at: int, zone: str) -> date:
    """Return the local day on which a moment (µs) lies."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()


def worked(calendar: Calendar, begin: int, end: int) -> Iterator[Worked]:
    """Yield the shifts that touch the window [begin, end) µs, in order of their begin, each whole."""
    day, last = local_day(begin, calendar.zone) - timedelta(days=1), local_day(end, calendar.zone)
    while day <= last:
        if not is_free(day, calendar):
            for shift in sorted(calendar.shifts, key=lambda s: (s.begin, s.name)):
                if day.weekday() in shift.weekdays:
                    made = _on(shift, day, calendar.zone)
                    if made.begin < end and made.end > begin:
                        yield made
        day += timedelta(days=1)


def is_free(day: date, calendar: Calendar) -> bool:
    """Tell whether no shift begins on a day: a closed day, or a public holiday that is not named as open."""
    if day in calendar.closed:
        return True
    return calendar.state is not None and day not in calendar.open_days and day in _holidays(calendar.state, day.year)


def outside(calendar: Calendar, begin: int, end: int) -> tuple[Span, ...]:
    """Return the time of a window that lies outside of all shifts, as planned stops."""
    spans, reached = [], begin
    for shift in worked(calendar, begin, end):
        spans.append(Span(reached, min(shift.begin, end), State.PLANNED_STOP, "no shift"))
        reached = max(reached, shift.end)
    spans.append(Span(reached, end, State.PLANNED_STOP, "no shift"))
    return joined(spans)


def check_calendar(calendar: Calendar) -> None:
    """Refuse a calendar that cannot be.

    Raises:
        BadInput: `iot_calendar`.
    """
    try:
        ZoneInfo(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _wrong(
            f"Die Zeitzone „{calendar.zone[:40]}“ gibt es nicht.",
            f"There is no time zone “{calendar.zone[:40]}”.",
            "zone",
        ) from error
    if calendar.state and calendar.state not in holidays.country_holidays("DE").subdivisions:
        raise _wrong(
            f"Das Land „{calendar.state[:10]}“ gibt es nicht.", f"There is no state “{calendar.state[:10]}”.", "state"
        )
    week: list[tuple[int, int, str]] = []
    for shift in calendar.shifts:
        if not shift.weekdays or any(day not in range(7) for day in shift.weekdays):
            raise _wrong(
                "Wochentage sind 0 (Montag) bis 6 (Sonntag).", "Weekdays are 0 (Monday) to 6 (Sunday).", shift.name
            )
        length = _minutes(shift.begin, shift.end)
        for first, last in shift.breaks:
            start = _minutes(shift.begin, first) % 1440
            if start + _minutes(first, last) > length:
                raise _wrong(
                    "Eine Pause liegt nicht in ihrer Schicht.", "A break does not lie in its shift.", shift.name
                )
        week.extend(
            (day * 1440 + shift.begin.hour * 60 + shift.begin.minute, length, shift.name) for day in set(shift.weekdays)
        )
    week.sort()
    for place, (start, length, name) in enumerate(week):
        following = week[(place + 1) % len(week)]
        until = following[0] + (10_080 if place + 1 == len(week) else 0)
        if start + length > until:
            raise _wrong(
                f"Die Schichten „{name}“ und „{following[2]}“ überlappen.",
                f"The shifts “{name}” and “{following[2]}” overlap.",
                name,
            )


def _on(shift: Shift, day: date, zone: str) -> Worked:
    def at(clock: time) -> int:
        return moment(day if clock >= shift.begin else day + timedelta(days=1), clock, zone)

    end = moment(day if shift.end > shift.begin else day + timedelta(days=1), shift.end, zone)
    breaks = []
    for first, last in shift.breaks:
        stop = end if last == shift.begin else at(last)
        breaks.append((at(first), stop if stop >= at(first) else end))
    return Worked(shift.name, day, at(shift.begin), end, _apart(breaks))


def _apart(breaks: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    made: list[tuple[int, int]] = []
    for begin, end in sorted(breaks):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        elif end > begin:
            made.append((begin, end))
    return tuple(made)


def _minutes(begin: time, end: time) -> int:
    """Minutes from one clock time to the next occurrence of another; the same time is a whole day."""
    found = (end.hour - begin.hour) * 60 + end.minute - begin.minute
    return found if found > 0 else found + 1440


@lru_cache(maxsize=128)
def _holidays(state: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DE", subdiv=state or None, years=year, language="de"))


def _wrong(de: str, en: str, where: str) -> BadInput:
    return BadInput(
        "iot_calendar", de=de, en=en, where=where,
        remedy_de="Bitte den Schichtplan berichtigen.", remedy_en="Correct the shift calendar.",
    )  # fmt: skip


#: µs in an hour, for callers that count shifts.
HOUR = 3600 * SECOND
