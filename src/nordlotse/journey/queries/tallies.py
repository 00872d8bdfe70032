"""Tallies of periods: months that are closed as they were frozen, months still open as they stand, days counted where needed.

A closed month is never counted again. What a month was counted to is kept packed (`KeptTally`), under the SHA-256 of a closed
month or the stamp of an open one; both are new when what they stand for is. What is not kept is read from the frozen JSON, or
counted from the services; the worker keeps it for the next one (`actions.tallies`).
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Value

from nordlotse.journey.core import counting
from nordlotse.journey.core.counting import Report, Tally
from nordlotse.journey.core.periods import Period, parse
from nordlotse.journey.core.tally import PACKING, unpacked
from nordlotse.journey.models import ClosedMonth, CountedMonth, KeptTally, Service

__all__ = [
    "Closing",
    "closed_report",
    "closed_sums",
    "count_days",
    "count_month",
    "counted",
    "forget",
    "frozen_parts",
    "kept_key",
    "rows",
    "tally",
    "thaw",
]

#: What is read of each service, in the order of `counting.Row`.
_READ = (
    "day",
    "company_key",
    "contact_key",
    "state",
    "district",
    "sector",
    "size",
    "topic",
    "kind",
    "format",
    "partner__slug",
    "one",
    "participants",
    "minutes",
)

#: A month, its SHA-256 or stamp, whether it is closed.
_Part = tuple[str, str, bool]


def counted(begin: date, end: date) -> QuerySet[Service]:
    """Return the services that count in a span of days: confirmed, not refused, and never an example."""
    return Service.objects.filter(
        day__gte=begin, day__lte=end, confirmed_at__isnull=False, refused_at=None, is_example=False
    )


def rows(begin: date, end: date) -> list[tuple[Any, ...]]:
    """Return what counts in a span of days as plain tuples in the order of `counting.Row`, None for nothing known.

    Read as the database's driver hands it over: a month can have 40,000 of them, and nobody waits for 40,000 dates to be parsed.
    """
    found = counted(begin, end).order_by().annotate(one=Value(1)).values_list(*_READ)
    with connection.cursor() as cursor:
        cursor.execute(*found.query.sql_with_params())
        return list(cursor.fetchall())


def count_days(begin: date, end: date) -> Tally:
    """Count a span of days from its services."""
    return counting.count(rows(begin, end))


def count_month(month: str) -> Tally:
    """Count a month from its services, whether it is closed or not."""
    period = parse(month)
    return count_days(period.begin, period.end)


def kept_key(stamp: str) -> str:
    """Return what a kept tally goes by, from the SHA-256 or the stamp of its month."""
    return f"{PACKING}:{stamp}"


def thaw(month: str) -> tuple[Tally, dict[str, Any]]:
    """Read a closed month from its frozen JSON: its tally, and the rest of it."""
    held = json.loads(ClosedMonth.objects.values_list("figures", flat=True).get(pk=month))
    return counting.tally_from(held.pop("tally")), held


@lru_cache(maxsize=32)
def _thawed(month: str, sha256: str) -> Tally:
    return thaw(month)[0]


@lru_cache(maxsize=32)
def _live(month: str, stamp: str) -> Tally:
    return count_month(month)


def _read(parts: Sequence[_Part]) -> list[Tally]:
    """Return the tallies of stamped months: kept ones by one query, the others the long way."""
    wanted = {month: kept_key(stamp) for month, stamp, _ in parts}
    found = KeptTally.objects.filter(pk__in=list(wanted), key__in=list(wanted.values()))
    kept = {m: data for m, key, data in found.values_list("pk", "key", "data") if key == wanted[m]}
    return [
        unpacked(kept[month]) if month in kept else (_thawed if closed else _live)(month, stamp)
        for month, stamp, closed in parts
    ]


@lru_cache(maxsize=8)
def _closed_together(parts: tuple[_Part, ...]) -> Tally:
    """Return closed months put together; they stay the same while the month after them goes on."""
    return counting.union(_read(parts))


@lru_cache(maxsize=32)
def _together(parts: tuple[_Part, ...]) -> tuple[Tally, Report]:
    """Return what stamped months are together, oldest first."""
    open_from = next((i for i, (_, _, closed) in enumerate(parts) if not closed), len(parts))
    if open_from in (0, len(parts)):
        held = _read(parts)
    else:
        held = [_closed_together(parts[:open_from]), *_read(parts[open_from:])]
    made = held[0] if len(held) == 1 else counting.union(held)
    return made, counting.report(made)


def forget() -> None:
    """Forget what this process has read and counted; what is kept in the database stays."""
    for cache in (_thawed, _live, _rest, _closed_together, _together):
        cache.cache_clear()


def tally(period: Period) -> tuple[Tally, Report]:
    """Return a period counted, and its figures; two queries for what this process has counted before.

    A span of days is its whole months, and the days before and after them.
    """
    months = _months_in(period)
    closed = {month: closing.sha256 for month, closing in closed_sums().items()}
    stamps = dict(CountedMonth.objects.filter(pk__in=months).values_list("pk", "stamp"))
    parts = [(m, closed.get(m) or stamps.get(m, ""), m in closed) for m in months]
    if _nothing_in([parse(month) for month, stamp, _ in parts if not stamp]):
        parts = [part for part in parts if part[1]]
    if parts and all(stamp for _, stamp, _ in parts):
        whole = _together(tuple(parts))
        if period.months:
            return whole
        middle = [whole[0]]
    else:
        middle = _runs(parts)
    made = counting.union([*_days(period, months, before=True), *middle, *_days(period, months, before=False)])
    return made, counting.report(made)


def _months_in(period: Period) -> tuple[str, ...]:
    """Return the whole months of a period."""
    if period.months:
        return period.months
    begin = period.begin if period.begin.day == 1 else _first_of_next(period.begin)
    last = monthrange(period.end.year, period.end.month)[1]
    end = period.end if period.end.day == last else period.end.replace(day=1) - timedelta(days=1)
    return Period(period.key, begin, end).months if begin < end else ()


def _first_of_next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _days(period: Period, months: Sequence[str], *, before: bool) -> list[Tally]:
    """Return the days of a period before its whole months, or after them, counted; all of it, before, where it has none."""
    if not months:
        return [count_days(period.begin, period.end)] if before else []
    first, last = parse(months[0]).begin, parse(months[-1]).end
    if before:
        return [count_days(period.begin, first - timedelta(days=1))] if period.begin < first else []
    return [count_days(last + timedelta(days=1), period.end)] if last < period.end else []


def _nothing_in(periods: Iterable[Period]) -> bool:
    """Return whether nothing counts in months without a stamp: nothing was ever confirmed in them."""
    spans = Q(pk=None)
    for period in periods:
        spans |= Q(day__gte=period.begin, day__lte=period.end)
    return spans == Q(pk=None) or not counted(date.min, date.max).filter(spans).exists()


def _runs(parts: Sequence[_Part]) -> list[Tally]:
    """Return the tallies of months, those without a stamp (services written past the actions) counted each time."""
    kept = iter(_read([part for part in parts if part[1]]))
    return [next(kept) if stamp else count_month(month) for month, stamp, _ in parts]


# ---- what was frozen ----


@dataclass(frozen=True, slots=True)
class Closing:
    """When a month was closed, and the SHA-256 of what is kept of it."""

    sha256: str
    at: datetime


def closed_sums() -> dict[str, Closing]:
    """Return every closed month with its checksum, oldest first: read from an index, past the figures."""
    found = ClosedMonth.objects.order_by("pk").values_list("pk", "sha256", "closed_at")
    return {month: Closing(sha256, at) for month, sha256, at in found}


def closed_report(months: Sequence[str], closed: Mapping[str, Closing]) -> tuple[Tally, Report]:
    """Return closed months counted together; no query for what this process has read before."""
    return _together(tuple((m, closed[m].sha256, True) for m in months))


@lru_cache(maxsize=128)
def _rest(month: str, sha256: str) -> dict[str, Any]:
    kept = KeptTally.objects.filter(pk=month, key=kept_key(sha256)).values_list("rest", flat=True).first()
    return thaw(month)[1] if kept is None else json.loads(kept)


def frozen_parts(month: str, sha256: str) -> dict[str, Any]:
    """Return what was frozen with a month besides its tally: `effect`, `cases`, `targets`, `seed` …; not to be changed."""
    return _rest(month, sha256)
