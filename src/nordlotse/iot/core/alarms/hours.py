"""Working hours: on which days and between which times of a time zone people are to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.states.shifts import Calendar, worked

_DAY = 24 * 60


class Opening(Protocol):
    """Times at which people are to be told."""

    def open_at(self, time: float) -> bool:
        """Return whether `time` (s since 1970 UTC) lies within the hours."""
        ...


@dataclass(frozen=True, slots=True)
class ShiftHours:
    """The shifts of a calendar, so that public holidays and closed days are quiet too; breaks are not."""

    calendar: Calendar

    def open_at(self, time: float) -> bool:
        """Return whether `time` (s since 1970 UTC) lies within a shift."""
        at = round(time * 1_000_000)
        return any(shift.begin <= at < shift.end for shift in worked(self.calendar, at, at + 1))


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` to before `end`, minutes after local midnight, on `weekday` (0 Monday); end ≤ begin: into the next day."""

    weekday: int
    begin: int
    end: int

    def __post_init__(self) -> None:
        """Refuse what no clock shows.

        Raises:
            BadInput: `alarm_hours`.
        """
        if not (0 <= self.weekday <= 6 and 0 <= self.begin < _DAY and 0 <= self.end <= _DAY):
            raise _wrong(f"{self.weekday} {self.begin}–{self.end}")


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of a week in a time zone of the IANA database; daylight saving is followed."""

    zone: str
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        """Refuse an unknown zone and hours that never open.

        Raises:
            BadInput: `alarm_hours`.
        """
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise _wrong(self.zone[:60]) from error
        if not self.spans:
            raise _wrong("0")

    def open_at(self, time: float) -> bool:
        """Return whether `time` (s since 1970 UTC) lies within the hours."""
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time)).astimezone(ZoneInfo(self.zone))
        minute, today = local.hour * 60 + local.minute, local.weekday()
        for span in self.spans:
            over_night = span.end <= span.begin
            if span.weekday == today and span.begin <= minute and (over_night or minute < span.end):
                return True
            if over_night and (span.weekday + 1) % 7 == today and minute < span.end:
                return True
        return False


def _wrong(where: str) -> BadInput:
    return BadInput(
        "alarm_hours",
        de="Diese Arbeitszeiten gibt es nicht.",
        en="There are no such working hours.",
        where=where,
        remedy_de="Zum Beispiel Montag bis Freitag, 6:00 bis 22:00, Europe/Berlin.",
        remedy_en="For example Monday to Friday, 6:00 to 22:00, Europe/Berlin.",
    )
