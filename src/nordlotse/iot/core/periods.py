"""The stretches of time people choose: a shift, a day, a week, two weeks; with their days in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from nordlotse.foundation.language import Text
from nordlotse.foundation.records.figures import day as written
from nordlotse.iot.core.states.shifts import moment

PeriodId = Literal["schicht", "tag", "woche", "zweiwochen"]
#: The periods to choose, with the days each has.
PERIODS: Mapping[PeriodId, Text] = MappingProxyType(
    {
        "schicht": Text("Schicht", "shift"),
        "tag": Text("Tag", "day"),
        "woche": Text("7 Tage", "7 days"),
        "zweiwochen": Text("14 Tage", "14 days"),
    }
)
_DAYS = {"schicht": 1, "tag": 1, "woche": 7, "zweiwochen": 14}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch [begin, end) µs of whole local days (or one shift); `first`, `last` are its days."""

    id: PeriodId
    begin: int
    end: int
    first: date
    last: date
    shift: str = ""

    @property
    def words(self) -> Text:
        """Return the period in words that go into a sentence: "am 3. November 2026", "vom 10. bis 16. November 2026"."""
        if self.first == self.last:
            within = f" ({self.shift})" if self.shift else ""
            return Text(f"am {written(self.first, 'de')}{within}", f"on {written(self.first, 'en')}{within}")
        if (self.first.month, self.first.year) == (self.last.month, self.last.year):
            return Text(
                f"vom {self.first.day}. bis {written(self.last, 'de')}",
                f"from {self.first.day} to {written(self.last, 'en')}",
            )
        return Text(
            f"vom {written(self.first, 'de')} bis {written(self.last, 'de')}",
            f"from {written(self.first, 'en')} to {written(self.last, 'en')}",
        )

    @property
    def before(self) -> date:
        """Return the last day of the period before."""
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        """Return the last day of the period after."""
        return self.last + timedelta(days=_DAYS[self.id])


def period(id_: PeriodId, last: date, zone: str) -> Period:
    """Return the whole days of a period that ends with a day; for a shift its day, within which the shift is chosen."""
    first = last - timedelta(days=_DAYS[id_] - 1)
    end = moment(last + timedelta(days=1), time(0), zone)
    return Period(id_, moment(first, time(0), zone), end, first, last)


def clock(at: int, zone: str) -> str:
    """Return a moment (µs) as hours and minutes of a zone."""
    return f"{(_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)):%H:%M}"


def day_clock(at: int, zone: str) -> Text:
    """Return a moment (µs) as day and time: "Mo, 16.11., 08:00" and "Mon 16 Nov, 08:00"."""
    local = (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    de = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")[local.weekday()]
    en = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[local.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return Text(
        f"{de}, {local.day}.{local.month}., {local:%H:%M}",
        f"{en} {local.day} {months[local.month - 1]}, {local:%H:%M}",
    )


def short_day(value: date) -> Text:
    """Return a day as it stands below a column: "16.11." and "16/11"."""
    return Text(f"{value.day}.{value.month}.", f"{value.day}/{value.month}")
