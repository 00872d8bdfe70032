"""Lists of cases: the coordinator's by age, an expert's own; each page a handful of queries, however many cases there are."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from nordlotse.foundation.region import State
from nordlotse.journey.models import Assignment, Case, Service
from nordlotse.journey.queries.access import case_unknown, people_of
from nordlotse.journey.queries.briefing import WITHDRAWN
from nordlotse.network.models import Person

#: So many cases stand on one page.
PAGE = 50

#: More than so many are not counted: "1,000 or more" is enough to know, and counting further would take long.
COUNTED = 1000

_HELD = (Assignment.Status.PROPOSED, Assignment.Status.ACCEPTED)

#: "Is true" as a comparison: SQLite uses no index for a bare yes-or-no column.
YES = (True,)

#: What the desk's list can show, in the order of its tabs.
VIEWS = ("late", "attention", "unassigned", "proposed", "stale", "working", "waiting", "open", "mine", "closed")

#: A case nobody touched for so many days is stale; one that waits until a day to come is not.
STALE_DAYS = 10

_BY_VIEW: dict[str, Q] = {
    "attention": Q(needs__in=YES, open__in=YES),
    "unassigned": Q(stage="unassigned"),
    "proposed": Q(stage="proposed"),
    "working": Q(stage="working"),
    "waiting": Q(stage="waiting"),
    "open": Q(open__in=YES),
    "closed": Q(stage="closed"),
}


def condition(view: str) -> Q:
    """Return which cases a view holds; the desk's numbers are counted by the same condition, so that each opens just its cases."""
    if view == "late":
        return Q(open__in=YES, first_reply_at=None, promised_on__lte=timezone.localdate())
    if view == "stale":
        since = timezone.now() - timedelta(days=STALE_DAYS)
        return Q(open__in=YES, touched_at__lt=since) & ~Q(stage="waiting")
    return _BY_VIEW.get(view, _BY_VIEW["open"])


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list: what the desk shows of it without opening it.

    `age`: days since it came in, `still`: days since anybody touched it, `overdue`: days since the promised first reply was
    due (0: today; None: nothing is due).
    """

    case: Case
    age: int
    people: tuple[str, ...]
    still: int
    overdue: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` leads to the next one, "" on the last."""

    rows: tuple[Row, ...]
    after: str


def _rows(cases: list[Case], today: date) -> tuple[Row, ...]:
    return tuple(
        Row(
            case,
            (today - timezone.localdate(case.opened_at)).days,
            tuple(a.person.name for a in case.assignments.all()),
            (today - timezone.localdate(case.touched_at)).days,
            (today - case.promised_on).days if late(case, today) and case.promised_on else None,
        )
        for case in cases
    )


def late(case: Case, today: date | None = None) -> bool:
    """Tell whether the promised first reply is due or overdue and has not come."""
    due = case.promised_on
    return case.open and case.first_reply_at is None and due is not None and due <= (today or timezone.localdate())


def _place(after: str, *, day: bool) -> tuple[datetime | date, str] | None:
    moment, _, key = after.partition("~")
    found: datetime | date | None
    try:
        found = date.fromisoformat(moment) if day else parse_datetime(moment)
    except ValueError:
        return None
    if found is None or (isinstance(found, datetime) and not timezone.is_aware(found)):
        return None
    return (found, key) if key.isascii() and key.isalnum() else None


def _named(words: str) -> Q:
    """Return the condition for cases of this number, or of a company of this name."""
    if words.isdecimal() and len(words) < 10:
        return Q(number=int(words))
    return Q(company__name__icontains=words) | Q(company_name__icontains=words)


def _of(user: Any) -> Q:
    """Return the condition for the open cases somebody of the centre has taken over."""
    return Q(open__in=YES, taken_by_id=user.pk if user is not None else 0)


def desk(view: str, *, state: str = "", topic: str = "", after: str = "", words: str = "", user: Any = None) -> Page:
    """Return a page of cases: what is promised by the day of the promise, else oldest first, closed ones newest first; two queries.

    `user`: whose cases the view "mine" holds.
    `words`: a number or a part of a company's name; they are looked for in all cases, open and closed, the newest first.
    """
    words = " ".join(words.split())[:100]
    chosen = _named(words) if words else _of(user) if view == "mine" else condition(view)
    found: QuerySet[Case] = Case.objects.filter(chosen)
    if state in set(State):
        found = found.filter(state=state)
    if topic:
        found = found.filter(topic=topic[:20])
    by_promise = view == "late" and not words
    backwards, by = view == "closed" or bool(words), "promised_on" if by_promise else "opened_at"
    place = _place(after, day=by_promise)
    if place is not None:
        moment, key = place
        # A range first, then the few of the same moment out of it: "later, or the same and after" would read everything.
        found = found.filter(**{f"{by}__lte" if backwards else f"{by}__gte": moment})
        found = found.exclude(Q(**{by: moment}) & (Q(pk__gte=key) if backwards else Q(pk__lte=key)))
    held = Assignment.objects.filter(status__in=_HELD).select_related("person")
    order = (f"-{by}", "-pk") if backwards else (by, "pk")
    cases = list(
        found.order_by(*order)
        .select_related("company", "contact", "taken_by")
        .prefetch_related(Prefetch("assignments", queryset=held))
        .defer("question", "answer", "results")[: PAGE + 1]
    )
    more = cases[PAGE - 1] if len(cases) > PAGE else None
    today = timezone.localdate()
    return Page(_rows(cases[:PAGE], today), f"{getattr(more, by).isoformat()}~{more.pk}" if more else "")


_COUNTS = """
SELECT
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case
   WHERE "open" = TRUE AND first_reply_at IS NULL AND promised_on <= %s LIMIT 1000) AS l),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case WHERE needs = TRUE AND "open" = TRUE LIMIT 1000) AS a),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case WHERE stage = 'unassigned' LIMIT 1000) AS b),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case WHERE stage = 'proposed' LIMIT 1000) AS c),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case
   WHERE "open" = TRUE AND touched_at < %s AND stage <> 'waiting' LIMIT 1000) AS s),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case WHERE stage = 'working' LIMIT 1000) AS d),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case WHERE stage = 'waiting' LIMIT 1000) AS e),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case WHERE "open" = TRUE LIMIT 1000) AS f),
 (SELECT COUNT(*) FROM (SELECT 1 AS n FROM journey_case WHERE "open" = TRUE AND taken_by_id = %s LIMIT 1000) AS m)
"""


def counts(user: Any = None) -> dict[str, int]:
    """Return how many cases each tab of the desk holds, counted up to 1,000; one query. "mine": those the user has taken over."""
    with connection.cursor() as cursor:
        since = timezone.now() - timedelta(days=STALE_DAYS)
        cursor.execute(_COUNTS, [timezone.localdate(), since, user.pk if user is not None else 0])
        row = cursor.fetchone()
    return dict(zip(VIEWS, (int(number) for number in row or ()), strict=False))


def case(case_id: str) -> Case:
    """Return a case with its company and contact.

    Raises:
        NotFound: there is none.
    """
    found = (
        Case.objects.select_related("company", "contact", "inquiry", "wished__partner", "wished_partner", "taken_by")
        .filter(pk=case_id[:16])
        .first()
    )
    if found is None:
        raise case_unknown()
    return found


def assignments(of: Case) -> list[Assignment]:
    """Return everybody who was ever asked about a case, the first first."""
    return list(of.assignments.select_related("person__partner", "person__user").order_by("proposed_at", "pk"))


def free_people(asked: list[Assignment], biased: Collection[int] = ()) -> list[Person]:
    """Return everybody of the network who can be asked, by name; for choosing by hand.

    Not among them: who is asked or in charge already, and who said to be biased (`biased`, see `matching.conflicted`).
    """
    busy = {a.person_id for a in asked if a.status in _HELD or a.status == Assignment.Status.CONFLICT} | {*biased}
    people = Person.objects.filter(active=True).select_related("partner").order_by("name", "pk")[:500]
    return [p for p in people if p.pk not in busy]


def in_charge_of(of: Case) -> list[Assignment]:
    """Return who looks after a case now, the leading person first."""
    held = of.assignments.filter(status__in=(Assignment.Status.ACCEPTED, Assignment.Status.ENDED))
    return list(held.select_related("person__partner").order_by("-leads", "pk"))


@dataclass(frozen=True, slots=True)
class Own:
    """An expert's own page: what is asked, what is in hand, the month's places and minutes."""

    asked: tuple[Assignment, ...]
    held: tuple[Assignment, ...]
    closed: tuple[Assignment, ...]
    capacity: int
    filled: int
    minutes: int
    has_profile: bool


def own(user: Any, on: date | None = None) -> Own:
    """Return an expert's cases and hours; four queries."""
    on = on or timezone.localdate()
    people = people_of(user)
    mine = (
        Assignment.objects.filter(person__in=people)
        .select_related("case", "person")
        .annotate(told=~Q(case__outcome=WITHDRAWN))
    )
    current = list(mine.filter(status__in=_HELD, case__open=True).order_by("case__opened_at", "pk")[: 2 * PAGE])
    asked = tuple(a for a in current if a.status == Assignment.Status.PROPOSED)
    held = tuple(a for a in current if a.status == Assignment.Status.ACCEPTED)
    closed = mine.filter(status=Assignment.Status.ENDED).order_by("-pk")[:10]
    first = on.replace(day=1)
    total = services_of(people).filter(day__gte=first).aggregate(total=Sum("minutes"))["total"] or 0
    taken = [a for a in held if a.answered_at and timezone.localdate(a.answered_at) >= first]
    return Own(asked, held, tuple(closed), sum(p.capacity for p in people), len(taken), total, bool(people))


def services_of(people: list[Any]) -> QuerySet[Service]:
    """Return what people of the network did, confirmed or still to be: these are their hours."""
    return Service.objects.filter(person__in=people, refused_at=None)


def hours_csv(user: Any, on: date | None = None) -> str:
    """Return an expert's services of this and the last eleven months as CSV (semicolons, decimal comma: opens in a German Excel)."""
    on = on or timezone.localdate()
    first = date(on.year - 1, on.month, 1)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Tag", "Fall", "Art", "Form", "Minuten", "Stunden", "bestätigt"])
    found = services_of(people_of(user)).filter(day__gte=first).select_related("case").order_by("day", "pk")
    for service in found:
        writer.writerow(
            [
                service.day.isoformat(),
                service.case.number if service.case else "",
                service.kind,
                service.format,
                service.minutes,
                f"{service.minutes / 60:.2f}".replace(".", ","),
                "ja" if service.confirmed_at else "nein",
            ]
        )
    return out.getvalue()
