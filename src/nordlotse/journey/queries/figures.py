"""Every figure that is reported: counted from confirmed services, or read from the months that are closed.

A closed month is never counted again: what was frozen is what every page, export and interface shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.sectors import section_of
from nordlotse.journey.core import counting
from nordlotse.journey.core.counting import Report, Row, Tally
from nordlotse.journey.core.disclosure import Record, protect, safe_together
from nordlotse.journey.core.periods import Period, parse
from nordlotse.journey.models import Case, ClosedMonth, CountedMonth, Effect, LaterChange, Service, Target

#: What makes two services the same for counting.
_SAME = (
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
)


#: The same, by the names of a row's fields.
_FIELDS = tuple(name.removesuffix("_key").removesuffix("__slug") for name in _SAME[1:])


def counted(begin: date, end: date) -> QuerySet[Service]:
    """Return the services that count in a span of days: confirmed, not refused, and never an example."""
    return Service.objects.filter(
        day__gte=begin, day__lte=end, confirmed_at__isnull=False, refused_at=None, is_example=False
    )


def rows(begin: date, end: date) -> Iterable[Row]:
    """Return what counts in a span of days, equal services summed up by the database."""
    found = counted(begin, end).order_by().values_list(*_SAME)
    for day, *values, services, participants, minutes in found.annotate(
        Count("pk"), Sum("participants"), Sum("minutes")
    ).iterator(chunk_size=5000):
        about = dict(zip(_FIELDS, (v or "" for v in values), strict=True))
        yield Row(day.isoformat(), **about, services=services, participants=participants, minutes=minutes)


@lru_cache(maxsize=64)
def _frozen_tally(month: str, sha256: str) -> Tally:
    """Return the tally of a closed month; what is frozen never changes, so it is read once."""
    return counting.tally_from(json.loads(ClosedMonth.objects.get(pk=month).figures)["tally"])


@lru_cache(maxsize=64)
def _live_tally(month: str, stamp: str) -> Tally:
    """Return the tally of a month still open; its stamp is a new one after every change."""
    return _count(parse(month))


def _count(period: Period) -> Tally:
    return counting.count(rows(period.begin, period.end))


_Part = tuple[str, str, bool]


def _one(part: _Part) -> Tally:
    month, stamp, closed = part
    return (_frozen_tally if closed else _live_tally)(month, stamp)


@lru_cache(maxsize=16)
def _closed_together(parts: tuple[_Part, ...]) -> Tally:
    """Return closed months put together; they stay the same while the month after them goes on."""
    return counting.union(_one(part) for part in parts)


@lru_cache(maxsize=16)
def _together(parts: tuple[_Part, ...]) -> tuple[Tally, Report]:
    """Return what stamped months are together: (month, SHA-256 or stamp, whether it is closed), oldest first."""
    if len(parts) == 1:
        made = _one(parts[0])
    else:
        open_from = next((i for i, (_, _, closed) in enumerate(parts) if not closed), len(parts))
        first = [_closed_together(parts[:open_from])] if open_from else []
        made = counting.union([*first, *(_one(part) for part in parts[open_from:])])
    return made, counting.report(made)


def forget() -> None:
    """Forget what was counted, so that somebody can measure how long it takes."""
    for cache in (_frozen_tally, _live_tally, _closed_together, _together):
        cache.cache_clear()


def tally(period: Period) -> tuple[Tally, Report]:
    """Return a period counted, and its figures; two queries for what this process has counted before."""
    if not period.months:
        made = _count(period)
        return made, counting.report(made)
    closed = dict(ClosedMonth.objects.filter(pk__in=period.months).values_list("pk", "sha256"))
    stamps = dict(CountedMonth.objects.filter(pk__in=period.months).values_list("pk", "stamp"))
    parts = tuple((m, closed.get(m) or stamps.get(m, ""), m in closed) for m in period.months)
    if any(not stamp for _, stamp, _ in parts):
        # Nothing was ever confirmed in such a month, or somebody wrote services past the actions: it is counted each time.
        tallies = [_one(part) if part[1] else _count(parse(part[0])) for part in parts]
        made = counting.union(tallies)
        return made, counting.report(made)
    return _together(parts)


@dataclass(frozen=True, slots=True)
class Goal:
    """A target beside what was reached from its first day to the end of the period looked at."""

    id: int
    figure: str
    begin: date
    end: date
    value: int
    source: str
    actual: int | None

    @property
    def share(self) -> int | None:
        """Return how much of the target is reached, in whole percent (half up); None where the figure is not shown."""
        return None if self.actual is None or not self.value else (self.actual * 200 + self.value) // (2 * self.value)


def goals(period: Period) -> list[Goal]:
    """Return the targets that touch a period, each with what was reached up to its end."""
    found = Target.objects.filter(begin__lte=period.end, end__gte=period.begin).order_by("begin", "figure")
    made = []
    for target in found:
        until = min(period.end, target.end)
        span = Period(f"{target.begin}..{until}", target.begin, until)
        reached = tally(span)[1].total.figure(target.figure)
        made.append(Goal(target.pk, target.figure, target.begin, target.end, target.value, target.source, reached))
    return made


# ---- effect and cases ----


def _moments(begin: date, end: date) -> tuple[datetime, datetime]:
    """Return the first moment of a span of days and the last: a range of moments finds its rows by index, a cast to days reads all."""
    first, last = datetime.combine(begin, time.min), datetime.combine(end, time.max)
    return timezone.make_aware(first), timezone.make_aware(last)


def effect_figures(begin: date, end: date) -> dict[str, Any]:
    """Return how often the effect was asked and what was answered in a span of days, examples left out."""
    real, span = Effect.objects.filter(case__is_example=False), _moments(begin, end)
    answered = real.filter(answered_at__range=span)
    made: dict[str, Any] = {
        "asked": real.filter(asked_at__range=span).count(),
        "answered": 0,
        "helped": dict.fromkeys(Effect.Helped.values, 0),
        "done": dict.fromkeys(Effect.Done.values, 0),
    }
    for helped, done, number in answered.values_list("helped", "done").annotate(Count("pk")).order_by():
        made["answered"] += number
        if helped:
            made["helped"][helped] += number
        if done:
            made["done"][done] += number
    return made


def case_figures(begin: date, end: date) -> dict[str, int]:
    """Return what happened with cases in a span of days, examples left out; `in_time`: first replies within the promise."""
    real, span = Case.objects.filter(is_example=False), _moments(begin, end)
    replied = real.filter(first_reply_at__range=span)
    days = replied.values_list("promised_on", "first_reply_at")
    in_time = sum(1 for promised, at in days if promised is None or timezone.localdate(at) <= promised)
    return {
        "opened": real.filter(opened_at__range=span).count(),
        "closed": real.filter(closed_at__range=span).count(),
        "first_replies": replied.count(),
        "in_time": in_time,
    }


# ---- closed months ----


def records_of(begin: date, end: date) -> list[list[Any]]:
    """Return what is frozen of each counted service: no name, no words, no id; whoever got it by number."""
    found = counted(begin, end).order_by("day", "pk")
    names = ("company_key", "contact_key", "topic", "kind", "format", "participants", "minutes", "partner__slug")
    made = []
    for company, contact, *values, partner, outcome in found.values_list(*names, "case__outcome"):
        party = f"c{company}" if company else f"p{contact}" if contact else "-"
        made.append([party, *values, partner or "", outcome or ""])
    return sorted(made)


def frozen(month: str) -> dict[str, Any] | None:
    """Return the figures of a closed month as they were frozen, None for one still open."""
    found = ClosedMonth.objects.filter(pk=month).values_list("figures", flat=True).first()
    return json.loads(found) if found is not None else None


def closed_months() -> list[str]:
    """Return the closed months, newest first."""
    return list(ClosedMonth.objects.order_by("-pk").values_list("pk", flat=True))


def closed_quarters() -> list[Period]:
    """Return the quarters whose three months are closed, newest first: the only ones anybody outside sees."""
    months = set(closed_months())
    quarters = {parse(f"{m[:4]}-Q{(int(m[5:]) - 1) // 3 + 1}").key for m in months}
    return [q for q in (parse(key) for key in sorted(quarters, reverse=True)) if set(q.months) <= months]


def changes_in_report(period: Period) -> list[LaterChange]:
    """Return the later changes a report lists: made after the report before was complete, and before this one was.

    A change made after that stands in the next report, so that this one stays as it is.
    """
    moments = dict(ClosedMonth.objects.filter(pk__lte=period.months[-1]).values_list("pk", "closed_at"))
    until = max(moments[m] for m in period.months)
    before = [at for month, at in moments.items() if month < period.months[0]]
    found = LaterChange.objects.filter(at__lte=until).select_related("month")
    if before:
        found = found.filter(at__gt=max(before))
    return list(found.order_by("pk"))


def quarter_report(period: Period) -> bytes:
    """Return the report of a period whose months are all closed, as canonical JSON: the same bytes for ever.

    It is made of frozen months only: their sums and unions, and the later changes known when the last of them was closed.
    """
    months = list(ClosedMonth.objects.filter(pk__in=period.months).order_by("pk"))
    held = [json.loads(m.figures) for m in months]
    made = counting.report(counting.union(counting.tally_from(h["tally"]) for h in held))
    value = {
        "period": period.key,
        "months": [{"month": m.pk, "closed_at": m.closed_at.isoformat(), "sha256": m.sha256} for m in months],
        "total": _plain(made.total),
        "tables": {name: {v: _plain(c) for v, c in cells.items()} for name, cells in made.tables.items()},
        "effect": _summed([h["effect"] for h in held]),
        "cases": _summed([h["cases"] for h in held]),
        "targets": held[-1]["targets"] if held else [],
        "changes": [_plain_change(c) for c in changes_in_report(period)],
    }
    return counting.canonical(value).encode()


def _plain(cell: counting.Cell) -> dict[str, int]:
    return {m.key: cell.figure(m.key) for m in counting.MEASURES}


def _plain_change(change: LaterChange) -> dict[str, Any]:
    return {
        "number": change.pk,
        "month": change.month_id,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
        "at": change.at.isoformat(),
    }


def _summed(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if isinstance(value, dict):
                made[key] = _summed([made.get(key, {}), value])
            else:
                made[key] = made.get(key, 0) + value
    return made


def seed_of(period: Period) -> str:
    """Return the secret lot of a closed period, made of those its months were closed with."""
    found = ClosedMonth.objects.filter(pk__in=period.months).order_by("pk").values_list("figures", flat=True)
    return "|".join(json.loads(text)["seed"] for text in found)


def frozen_records(period: Period) -> list[Record]:
    """Return the nameless records of a closed period, with what its companies were last known to be."""
    parties = tally(period)[0].parties
    made = []
    for month, text in ClosedMonth.objects.filter(pk__in=period.months).order_by("pk").values_list("pk", "records"):
        for key, topic, kind, form, _, minutes, partner, outcome in json.loads(text):
            party = parties.get(key)
            made.append(
                Record(
                    month,
                    key,
                    party.state if party else "",
                    section_of(party.sector) if party else "",
                    party.size if party else "",
                    topic,
                    kind,
                    minutes,
                    outcome,
                    form,
                    partner,
                    party.district if party else "",
                )
            )
    return made


# ---- a month on its way to being closed ----


def unconfirmed(period: Period) -> QuerySet[Service]:
    """Return the services of a period that nobody has confirmed or refused, oldest first, examples left out."""
    found = Service.objects.filter(day__gte=period.begin, day__lte=period.end, confirmed_at=None, refused_at=None)
    return found.filter(is_example=False).order_by("day", "pk")


def open_before(period: Period) -> str:
    """Return the earliest month before a period that has confirmed services and is not closed, "" if there is none.

    Looked for between the closed months only: these hold nearly everything, and need not be read for it.
    """
    begin = date(2000, 1, 1)
    closed = [month for month in map(parse, sorted(closed_months())) if month.begin < period.begin]
    for known in (*closed, period):
        if begin < known.begin:
            found = counted(begin, known.begin - timedelta(days=1)).order_by("day").values_list("day", flat=True)
            day = found.first()
            if day is not None:
                return f"{day:%Y-%m}"
        begin = known.end + timedelta(days=1)
    return ""


def unknown_fields(period: Period) -> dict[str, int]:
    """Return how many counted services of a period lack what the report breaks down by; one query."""
    named = ~Q(company_key="")
    return counted(period.begin, period.end).aggregate(
        state=Count("pk", filter=named & Q(state="")),
        sector=Count("pk", filter=named & Q(sector="")),
        size=Count("pk", filter=named & Q(size="")),
        topic=Count("pk", filter=Q(topic="")),
    )


# ---- what is told outside ----


def closed_quarter(key: str) -> Period:
    """Return a quarter whose months are all closed, the newest one for "".

    Raises:
        NotFound: it is none, or not closed.
    """
    found = next((q for q in closed_quarters() if key in (q.key, "")), None)
    if found is None:
        raise NotFound(
            "quarter_open",
            de="Dieses Quartal ist nicht abgeschlossen.",
            en="This quarter is not closed.",
            where="quarter",
            remedy_de="Berichtet wird, sobald alle drei Monate abgeschlossen sind.",
            remedy_en="It is reported as soon as all three months are closed.",
        )
    return found


def _parts(period: Period, name: str) -> list[Any]:
    texts = ClosedMonth.objects.filter(pk__in=period.months).order_by("pk").values_list("figures", flat=True)
    return [json.loads(text)[name] for text in texts]


def effect_of(period: Period) -> dict[str, Any]:
    """Return the answers about the effect as they were frozen with the months of a period."""
    return _summed(_parts(period, "effect"))


def cases_of(period: Period) -> dict[str, Any]:
    """Return what happened with cases as it was frozen with the months of a period."""
    return _summed(_parts(period, "cases"))


def goals_outside(period: Period) -> list[Goal]:
    """Return the targets as frozen with the last month of a quarter; actuals from closed quarters only.

    Companies over several quarters are told only where that number cannot narrow down a hidden cell (`safe_together`).
    """
    quarters = [q for q in reversed(closed_quarters()) if q.end <= period.end]
    made = []
    for i, row in enumerate(_parts(period, "targets")[-1]):
        begin, end = date.fromisoformat(row["begin"]), date.fromisoformat(row["end"])
        if begin > period.end or end < period.begin:
            continue
        parts = [q for q in quarters if q.begin >= begin and q.end <= end]
        actual: int | None = None
        if parts and parts[-1] == period and _without_gap(parts, begin):
            span = Period(f"{begin}..{period.end}", begin, period.end)
            total = tally(span)[1].total
            actual = total.figure(row["figure"])
            if len(parts) > 1 and row["figure"] in ("companies", "contacts"):
                shown = [protect(tally(q)[1], seed_of(q))[1] for q in parts]
                actual = actual if safe_together(total.units, shown) else None
        made.append(Goal(i, row["figure"], begin, end, row["value"], row["source"], actual))
    return made


def _without_gap(parts: Sequence[Period], begin: date) -> bool:
    expected = begin
    for part in parts:
        if part.begin != expected:
            return False
        expected = part.end + timedelta(days=1)
    return True


def change_sums(period: Period) -> list[dict[str, Any]]:
    """Return the later changes a quarter's report lists, by month and kind of change: numbers only, no words."""
    sums: dict[tuple[str, str], list[int]] = {}
    for change in changes_in_report(period):
        before, after = change.before or {}, change.after or {}
        held = sums.setdefault((change.month_id, change.what), [0, 0])
        held[0] += 1
        held[1] += after.get("minutes", 0) - before.get("minutes", 0)
    return [
        {"month": month, "what": what, "services": n, "minutes": minutes}
        for (month, what), (n, minutes) in sorted(sums.items())
    ]
