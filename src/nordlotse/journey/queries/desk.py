"""What waits on the desk: one line per kind of work, with how much, how old, and where to do it; few queries, however full it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from nordlotse.dialogue.models import Event
from nordlotse.journey.core.periods import month_before, parse
from nordlotse.journey.models import Assignment, Case, ClosedMonth, Inquiry, Service
from nordlotse.journey.queries.cases import VIEWS, condition
from nordlotse.office.models import OutgoingMail

#: The promise is shown over so many days.
PROMISE_DAYS = 90
#: So many questions stand on the desk itself; the rest come up when these are done.
QUESTIONS = 20
#: So many of the next events are shown.
EVENTS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of work. `page` and `query` say where it is done; `days`: age of the oldest piece, None if age says nothing."""

    key: str
    count: int
    page: str
    query: str = ""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class NextEvent:
    """An event to come: how many places are taken, how many are free (None: open to all)."""

    id: int
    title_de: str
    title_en: str
    begin: datetime
    taken: int
    free: int | None


@dataclass(frozen=True, slots=True)
class Overload:
    """Somebody with more open cases than places a month."""

    id: int
    name: str
    held: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Week:
    """The desk of whoever coordinates: lines of work, the promise, events, overload, the month to close ("" when none is due)."""

    lines: tuple[Line, ...]
    asked: int
    promise: int | None
    promised: int
    events: tuple[NextEvent, ...]
    overload: tuple[Overload, ...]
    month: str


def _age(moment: datetime | date | None) -> int | None:
    if moment is None:
        return None
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return max(0, (timezone.localdate() - day).days)


def asked_since(days: int = 7) -> int:
    """Return how many questions came in lately."""
    return Inquiry.objects.filter(asked_at__gte=timezone.now() - timedelta(days=days)).count()


#: A question that found nothing; whoever also said so is not listed twice.
_NOTHING = Q(kind="answer", confidence="none")


def _waiting_questions() -> QuerySet[Inquiry]:
    found = Inquiry.objects.filter(handled_at=None).exclude(question="")
    return found.filter(_NOTHING | Q(helpful=False))


def open_questions() -> tuple[list[Inquiry], list[Inquiry]]:
    """Return the oldest open questions without an answer, and those whose answer did not help, each once; two queries."""
    found = _waiting_questions().order_by("asked_at", "pk")
    return list(found.filter(_NOTHING)[:QUESTIONS]), list(found.exclude(_NOTHING)[:QUESTIONS])


def _case_lines() -> list[Line]:
    # The list behind a number is drawn by the same condition: who taps on nine finds nine.
    views = {key: condition(key) for key in VIEWS if key not in ("open", "mine", "closed")}
    wanted = {f"n_{key}": Count("pk", filter=q) for key, q in views.items()}
    oldest = {f"o_{key}": Min("opened_at", filter=q) for key, q in views.items()}
    found = Case.objects.filter(open=True).aggregate(**wanted, **oldest)
    return [Line(key, found[f"n_{key}"], "desk_cases", f"?sicht={key}", _age(found[f"o_{key}"])) for key in views]


def _question_lines() -> list[Line]:
    made = _waiting_questions().aggregate(
        nothing=Count("pk", filter=_NOTHING),
        oldest=Min("asked_at", filter=_NOTHING),
        bad=Count("pk", filter=~_NOTHING),
        oldest_bad=Min("asked_at", filter=~_NOTHING),
    )
    return [
        Line("questions", made["nothing"], "desk", "#offen", _age(made["oldest"])),
        Line("unhelped", made["bad"], "desk", "#schlecht", _age(made["oldest_bad"])),
    ]


def _service_line() -> Line:
    waiting = Service.objects.filter(confirmed_at=None, refused_at=None)
    made = waiting.aggregate(number=Count("pk"), oldest=Min("day"))
    return Line("services", made["number"], "services", "", _age(made["oldest"]))


def _mail_line() -> Line:
    failed = OutgoingMail.objects.filter(state=OutgoingMail.State.FAILED)
    made = failed.aggregate(number=Count("pk"), oldest=Min("created_at"))
    return Line("mails", made["number"], "outbox", "", _age(made["oldest"]))


def _promise() -> tuple[int, int]:
    """Return of the cases that came in lately: how many got a first reply as promised, and how many were due (examples left out)."""
    since = timezone.now() - timedelta(days=PROMISE_DAYS)
    due = Case.objects.filter(opened_at__gte=since, promised_on__lt=timezone.localdate(), is_example=False)
    # Who took the question back before anybody answered was promised nothing any more.
    due = due.exclude(first_reply_at=None, open=False)
    # A reply before the promised day began in UTC came in time in every time zone: the database counts these together. Only
    # later ones are looked at one by one.
    later = Q(first_reply_at__gte=F("promised_on"))
    rows = (
        due.order_by()
        .annotate(
            early=Q(first_reply_at__isnull=False, first_reply_at__lt=F("promised_on")),
            at=models.Case(models.When(later, then=F("first_reply_at"))),
            day=models.Case(models.When(later, then=F("promised_on"))),
        )
        .values_list("early", "at", "day")
        .annotate(number=Count("pk"))
    )
    kept = due_ones = 0
    for early, at, day, number in rows:
        due_ones += number
        kept += number if early or (at is not None and timezone.localdate(at) <= day) else 0
    return kept, due_ones


def _events() -> tuple[NextEvent, ...]:
    taken = Count("registrations", filter=Q(registrations__status="confirmed"))
    found = Event.objects.filter(status="published", begin__gt=timezone.now()).annotate(taken=taken).order_by("begin")
    return tuple(
        NextEvent(
            e.pk,
            e.title("de"),
            e.title("en"),
            e.begin,
            e.taken,
            max(0, e.quota - e.taken) if e.quota is not None else None,
        )
        for e in found[:EVENTS]
    )


def _overload() -> tuple[Overload, ...]:
    # From the open assignments to their people: the other way round every assignment there ever was would be read.
    held = Assignment.objects.filter(status__in=("proposed", "accepted"), case__open=True, person__active=True)
    found = (
        held.values("person_id", "person__name", "person__capacity")
        .annotate(held=Count("pk"))
        .filter(held__gt=F("person__capacity"))
        .order_by("-held", "person__name")
    )
    return tuple(
        Overload(row["person_id"], row["person__name"], row["held"], row["person__capacity"]) for row in found[:10]
    )


def _month_due() -> str:
    """Return the earliest month that has ended and waits to be closed; the first one only once services were counted."""
    last = month_before(timezone.localdate())
    newest = ClosedMonth.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        first = Service.objects.filter(confirmed_at__isnull=False, is_example=False).aggregate(day=Min("day"))["day"]
        return f"{first:%Y-%m}" if first is not None and first <= last.end else ""
    following = parse(newest).end + timedelta(days=1)
    return f"{following:%Y-%m}" if following <= last.end else ""


def week(*, mails: bool = False) -> Week:
    """Return the desk of the week; `mails`: also what the outbox could not send, for whoever may open it."""
    more = (_mail_line(),) if mails else ()
    kept, due = _promise()
    return Week(
        lines=(*_case_lines(), *_question_lines(), _service_line(), *more),
        asked=asked_since(),
        promise=(kept * 200 + due) // (2 * due) if due else None,
        promised=due,
        events=_events(),
        overload=_overload(),
        month=_month_due(),
    )
