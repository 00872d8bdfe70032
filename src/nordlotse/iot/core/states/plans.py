"""Shift calendars as plain values for JSON and back, and the usual patterns of small companies to begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from types import MappingProxyType
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.iot.core.states.shifts import Calendar, Shift, Worked, local_day, moment, worked

_WEEK, _ALL = (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A usual week: its name and its shifts."""

    id: str
    name: Text
    shifts: tuple[Shift, ...]


def _shift(name: str, days: tuple[int, ...], begin: int, end: int, *breaks: tuple[time, time]) -> Shift:
    return Shift(name, days, time(begin), time(end), breaks)


PATTERNS: Mapping[str, Pattern] = MappingProxyType(
    {
        p.id: p
        for p in (
            Pattern(
                "one",
                Text("Eine Schicht, Mo–Fr 7–16 Uhr", "One shift, Mon–Fri 7–16"),
                (_shift("Tag", _WEEK, 7, 16, (time(9), time(9, 15)), (time(12), time(12, 45))),),
            ),
            Pattern(
                "two",
                Text("Zwei Schichten, Mo–Fr 6–22 Uhr", "Two shifts, Mon–Fri 6–22"),
                (
                    _shift("Früh", _WEEK, 6, 14, (time(9), time(9, 30))),
                    _shift("Spät", _WEEK, 14, 22, (time(18), time(18, 30))),
                ),
            ),
            Pattern(
                "three",
                Text("Drei Schichten, Mo–Fr rund um die Uhr", "Three shifts, Mon–Fri around the clock"),
                (
                    _shift("Früh", _WEEK, 6, 14, (time(9), time(9, 30))),
                    _shift("Spät", _WEEK, 14, 22, (time(18), time(18, 30))),
                    _shift("Nacht", _WEEK, 22, 6, (time(2), time(2, 30))),
                ),
            ),
            Pattern(
                "always",
                Text("Rund um die Uhr, alle Tage", "Around the clock, every day"),
                (Shift("Tag", _ALL, time(0), time(0)),),
            ),
        )
    }
)
#: What shifts are called that the patterns name, in English.
SHIFT_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "Tag": Text("Tag", "day"),
        "Früh": Text("Früh", "early"),
        "Spät": Text("Spät", "late"),
        "Nacht": Text("Nacht", "night"),
        "": Text("außerhalb der Schichten", "outside of the shifts"),
    }
)


def calendar_kept(calendar: Calendar) -> dict[str, Any]:
    """Return a calendar for JSON."""
    return {
        "shifts": [
            {
                "name": s.name,
                "weekdays": list(s.weekdays),
                "begin": s.begin.isoformat("minutes"),
                "end": s.end.isoformat("minutes"),
                "breaks": [[a.isoformat("minutes"), b.isoformat("minutes")] for a, b in s.breaks],
            }
            for s in calendar.shifts
        ],
        "zone": calendar.zone,
        "state": calendar.state,
        "closed": sorted(day.isoformat() for day in calendar.closed),
        "open_days": sorted(day.isoformat() for day in calendar.open_days),
    }


def calendar_read(kept: Mapping[str, Any]) -> Calendar:
    """Return what `calendar_kept` gave; without any shift each day counts as a whole, with no day free."""
    rows = kept.get("shifts") or ()
    if not rows:
        return Calendar(PATTERNS["always"].shifts, zone=kept.get("zone", "Europe/Berlin"), state=None)
    return Calendar(
        tuple(
            Shift(
                str(row["name"]),
                tuple(int(day) for day in row["weekdays"]),
                time.fromisoformat(row["begin"]),
                time.fromisoformat(row["end"]),
                tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in row.get("breaks", ())),
            )
            for row in rows
        ),
        zone=kept.get("zone", "Europe/Berlin"),
        state=kept.get("state", ""),
        closed=frozenset(date.fromisoformat(day) for day in kept.get("closed", ())),
        open_days=frozenset(date.fromisoformat(day) for day in kept.get("open_days", ())),
    )


def stretches(calendar: Calendar, begin: int, end: int) -> Iterator[Worked]:
    """Yield the shifts that touch [begin, end) µs and, with an empty name, the time between them, cut at midnight; no gap, no overlap."""
    reached = moment(local_day(begin, calendar.zone), time(0), calendar.zone)
    for shift in worked(calendar, reached, end):
        yield from _free(calendar, reached, shift.begin)
        yield shift
        reached = max(reached, shift.end)
    yield from _free(calendar, reached, end)


def _free(calendar: Calendar, begin: int, end: int) -> Iterator[Worked]:
    while begin < end:
        day = local_day(begin, calendar.zone)
        until = moment(day + timedelta(days=1), time(0), calendar.zone)
        yield Worked("", day, begin, min(until, end))
        begin = until
