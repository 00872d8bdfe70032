"""Every figure that is reported: counted from confirmed services, or read from the months that are closed.

A closed month is never counted again: what was frozen is what every page, export and interface shows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.sectors import section_of
from nordlotse.foundation.working_days import working_days_between
from nordlotse.journey.core import counting
from nordlotse.journey.core.periods import Period, parse
from nordlotse.journey.core.records import Record
from nordlotse.journey.models import Case, ClosedMonth, Effect, LaterChange, Service, Target
from nordlotse.journey.queries import tallies

# How months are counted and held is told in `tallies`; whoever shows figures asks here.
Closing = tallies.Closing
closed_report = tallies.closed_report
closed_sums = tallies.closed_sums
counted = tallies.counted
forget = tallies.forget
frozen_parts = tallies.frozen_parts
rows = tallies.rows
tally = tallies.tally


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
        reached = tally(span)[1].figure(target.figure)
        made.append(Goal(target.pk, target.figure, target.begin, target.end, target.value, target.source, reached))
    return made


# ---- effect and cases ----


def _moments(begin: date, end: date) -> tuple[datetime, datetime]:
    """Return the first moment of a span of days and the last: a range of moments finds its rows by index, a cast to days reads all."""
    first, last = datetime.combine(begin, time.min), datetime.combine(end, time.max)
    return timezone.make_aware(first), timezone.make_aware(last)


def effect_part(begin: date, end: date) -> dict[str, Any]:
    """Return what is frozen of the effect: how often it was asked, and each answer as [whose, helped, done], examples left out."""
    real, span = Effect.objects.filter(case__is_example=False), _moments(begin, end)
    found = real.filter(answered_at__range=span).order_by()
    answers = [
        [f"c{company}" if company else f"p{contact}" if contact else "-", helped, done]
        for company, contact, helped, done in found.values_list(
            "case__company__count_key", "case__contact__count_key", "helped", "done"
        )
    ]
    asked = real.filter(asked_at__range=span).count()
    return {"asked": asked, "answers": sorted(answers)}


def effect_sums(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return what parts of the effect add up to: asked, answered, and each answer by its key."""
    made: dict[str, Any] = {
        "asked": 0,
        "answered": 0,
        "helped": dict.fromkeys(Effect.Helped.values, 0),
        "done": dict.fromkeys(Effect.Done.values, 0),
    }
    for part in parts:
        made["asked"] += part["asked"]
        for _, helped, done in part["answers"]:
            made["answered"] += 1
            if helped:
                made["helped"][helped] += 1
            if done:
                made["done"][done] += 1
    return made


def effect_figures(begin: date, end: date) -> dict[str, Any]:
    """Return how often the effect was asked and what was answered in a span of days, examples left out."""
    return effect_sums([effect_part(begin, end)])


def effect_in(period: Period) -> dict[str, Any]:
    """Return the same for a period: closed months as they were frozen, the others as they are now."""
    return effect_sums(_by_month(period, "effect", effect_part))


def case_figures(begin: date, end: date) -> dict[str, Any]:
    """Return what happened with cases in a span of days, examples left out.

    `in_time`: first replies within the promise; `reply_days`: how many first replies took how many working days of the state.
    """
    real, span = Case.objects.filter(is_example=False), _moments(begin, end)
    replied = real.filter(first_reply_at__range=span)
    in_time, days = 0, Counter[str]()
    for promised, opened, at, state in replied.values_list("promised_on", "opened_at", "first_reply_at", "state"):
        day = timezone.localdate(at)
        in_time += promised is None or day <= promised
        days[str(working_days_between(timezone.localdate(opened), day, state))] += 1
    return {
        "opened": real.filter(opened_at__range=span).count(),
        "closed": real.filter(closed_at__range=span).count(),
        "first_replies": sum(days.values()),
        "in_time": in_time,
        "reply_days": dict(days),
    }


def cases_in(period: Period) -> dict[str, Any]:
    """Return the same for a period: closed months as they were frozen, the others as they are now."""
    return summed(_by_month(period, "cases", case_figures))


def _by_month(period: Period, name: str, live: Callable[[date, date], dict[str, Any]]) -> list[dict[str, Any]]:
    closed = closed_sums() if period.months else {}
    if not set(period.months) & set(closed):
        return [live(period.begin, period.end)]
    months = [parse(m) for m in period.months]
    return [
        frozen_parts(m.key, closed[m.key].sha256)[name] if m.key in closed else live(m.begin, m.end) for m in months
    ]


# ---- closed months ----


def records_of(begin: date, end: date) -> list[list[Any]]:
    """Return what is frozen of each counted service: no name, no words, no id; whoever got it by number."""
    found = counted(begin, end).order_by("day", "pk")
    names = ("company_key", "contact_key", "topic", "kind", "format", "participants", "minutes", "partner__slug")
    made = []
    for company, contact, *values, partner, case, outcome in found.values_list(*names, "case_id", "case__outcome"):
        party = f"c{company}" if company else f"p{contact}" if contact else "-"
        made.append([party, *values, partner or "", (outcome or "open") if case else "none"])
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
        "attendance": made.figure(counting.ATTENDANCE.key),
        "effect": effect_sums(h["effect"] for h in held),
        "cases": summed([h["cases"] for h in held]),
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


def summed(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the sum of dictionaries of numbers, key by key."""
    made: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if isinstance(value, dict):
                made[key] = summed([made.get(key, {}), value])
            else:
                made[key] = made.get(key, 0) + value
    return made


def seed_of(period: Period) -> str:
    """Return the secret lot of a closed period, made of those its months were closed with."""
    return seed_in(period, closed_sums())


def seed_in(period: Period, closed: Mapping[str, Closing]) -> str:
    """Return the same where the checksums of the months are known already."""
    return "|".join(frozen_parts(m, closed[m].sha256)["seed"] for m in period.months if m in closed)


def frozen_records(period: Period) -> list[Record]:
    """Return the nameless records of a closed period, with what its companies were last known to be."""
    parties = tally(period)[0].parties
    made = []
    for text in ClosedMonth.objects.filter(pk__in=period.months).order_by("pk").values_list("records", flat=True):
        for key, topic, kind, _format, _number, minutes, partner, outcome in json.loads(text):
            party = parties.get(key)
            state, sector, size = (party.state, party.sector, party.size) if party else ("", "", "")
            made.append(Record(key, state, section_of(sector), size, topic, kind, minutes, outcome, partner))
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
