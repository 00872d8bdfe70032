"""Periods of reports: months, quarters, half-years, years, and any span of days."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput

__all__ = ["Period", "month_before", "parse", "quarter_of"]

_KINDS = {"Q": 3, "H": 6}
_NAMES = {"Q": Text("Quartal", "quarter"), "H": Text("Halbjahr", "half-year")}


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both ends included. `key`: "2026-03", "2026-Q1", "2026-H1", "2026" or "2026-03-05..2026-04-01"."""

    key: str
    begin: date
    end: date

    @property
    def months(self) -> tuple[str, ...]:
        """Return the months ("2026-03") the period is made of, () if it begins or ends inside one."""
        last = monthrange(self.end.year, self.end.month)[1]
        if self.begin.day != 1 or self.end.day != last:
            return ()
        first = self.begin.year * 12 + self.begin.month - 1
        return tuple(f"{n // 12}-{n % 12 + 1:02d}" for n in range(first, self.end.year * 12 + self.end.month))

    @property
    def name(self) -> Text:
        """Return the period for people."""
        if found := re.fullmatch(r"(\d{4})-([QH])(\d)", self.key):
            word, number = _NAMES[found[2]], found[3]
            return Text(f"{number}. {word.de} {found[1]}", f"{word.en} {number} of {found[1]}")
        if re.fullmatch(r"\d{4}", self.key):
            return Text(self.key, self.key)
        if re.fullmatch(r"\d{4}-\d\d", self.key):
            return Text(f"{self.begin:%m/%Y}", f"{self.begin:%m/%Y}")
        return Text(f"{self.begin:%d.%m.%Y} bis {self.end:%d.%m.%Y}", f"{self.begin:%Y-%m-%d} to {self.end:%Y-%m-%d}")


def _whole(key: str, year: int, first: int, count: int) -> Period:
    last = first + count - 1
    return Period(key, date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def parse(key: str) -> Period:
    """Return the period a key names.

    Raises:
        BadInput: it names none, or its end lies before its beginning.
    """
    key = key.strip()[:30]
    try:
        if found := re.fullmatch(r"(20\d\d)-([QH])(\d)", key):
            length = _KINDS[found[2]]
            return _whole(key, int(found[1]), (int(found[3]) - 1) * length + 1, length)
        if found := re.fullmatch(r"(20\d\d)", key):
            return _whole(key, int(key), 1, 12)
        if found := re.fullmatch(r"(20\d\d)-(\d\d)", key):
            return _whole(key, int(found[1]), int(found[2]), 1)
        if found := re.fullmatch(r"(20\d\d-\d\d-\d\d)\.\.(20\d\d-\d\d-\d\d)", key):
            begin, end = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            if begin <= end:
                return Period(key, begin, end)
    except ValueError:
        pass
    raise BadInput(
        "period_unknown",
        de="Dieser Zeitraum ist nicht zu verstehen.",
        en="This period cannot be understood.",
        where="period",
        remedy_de="Möglich sind 2026-03, 2026-Q1, 2026-H1, 2026 und 2026-03-05..2026-04-01.",
        remedy_en="Possible are 2026-03, 2026-Q1, 2026-H1, 2026 and 2026-03-05..2026-04-01.",
    )


def quarter_of(day: date) -> Period:
    """Return the quarter a day lies in."""
    return parse(f"{day.year}-Q{(day.month - 1) // 3 + 1}")


def month_before(day: date) -> Period:
    """Return the last month that had ended on a day."""
    last = day.replace(day=1) - timedelta(days=1)
    return parse(f"{last:%Y-%m}")
