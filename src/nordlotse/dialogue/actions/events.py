"""Making, changing, publishing and calling off events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from nordlotse.dialogue import announcements
from nordlotse.dialogue.actions import messages
from nordlotse.dialogue.actions.registrations import lock, move_up
from nordlotse.dialogue.actions.rights import check_coordinator
from nordlotse.dialogue.core import series
from nordlotse.dialogue.core.kinds import AUDIENCES, KINDS, TOPICS
from nordlotse.dialogue.core.naming import slug
from nordlotse.dialogue.core.values import ZONE, clean, one_line
from nordlotse.dialogue.models import Event, Question, Registration
from nordlotse.dialogue.models.events import new_uid
from nordlotse.dialogue.queries import events
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import parse_state
from nordlotse.office import log
from nordlotse.office.faults import reach

#: What staff enter; everything else of the row is ours.
FIELDS = (
    "title_de",
    "title_en",
    "text_de",
    "text_en",
    "kind",
    "begin",
    "end",
    "place",
    "video_link",
    "state",
    "district",
    "topic",
    "quota",
    "language",
    "organiser",
    "audience",
    "register_until",
    "alarm_minutes",
)
#: A change of these is told to everybody who registered.
_TOLD = ("begin", "end", "place", "video_link")
MAX_QUOTA = 100_000
MAX_QUESTIONS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A question at registration, as staff enter it."""

    text_de: str
    text_en: str = ""
    kind: str = "line"
    options: tuple[str, ...] = ()
    required: bool = False


def _bad(where: str, de: str, en: str) -> BadInput:
    return BadInput(
        f"event_{where}", de=de, en=en, where=where, remedy_de="Bitte richten.", remedy_en="Please mend it."
    )


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are kept.

    Raises:
        BadInput: a value is missing or wrong; `where` names the field.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise _bad("field", f"Unbekannte Angabe: {min(unknown)}", f"Unknown value: {min(unknown)}")
    kept = {name: values[name] for name in FIELDS if name in values}
    for name, limit in (("title_de", 200), ("title_en", 200), ("place", 300), ("organiser", 200)):
        if name in kept:
            kept[name] = one_line(kept[name] or "", limit)
    for name in ("text_de", "text_en"):
        if name in kept:
            kept[name] = clean(kept[name] or "", 5000)
    if "title_de" in kept and not kept["title_de"]:
        raise _bad("title_de", "Der Titel fehlt.", "The title is missing.")
    for name, known in (("kind", KINDS), ("audience", AUDIENCES)):
        if name in kept and kept[name] not in known:
            raise _bad(name, "Diese Auswahl gibt es nicht.", "There is no such choice.")
    if kept.get("topic") and kept["topic"] not in TOPICS:
        raise _bad("topic", "Dieses Thema gibt es nicht.", "There is no such topic.")
    if "state" in kept:
        kept["state"] = parse_state(kept["state"]) or ""
    if kept.get("quota") is not None and not 1 <= kept["quota"] <= MAX_QUOTA:
        raise _bad("quota", "Plätze: 1 oder mehr, oder leer.", "Places: 1 or more, or empty.")
    return kept


def _check_times(begin: datetime, end: datetime, until: datetime | None) -> None:
    if not begin < end <= begin + timedelta(days=14):
        raise _bad("end", "Das Ende muss nach dem Beginn liegen, höchstens 14 Tage.", "The end must be after the beginning, 14 days at most.")  # fmt: skip
    if until is not None and until > begin:
        raise _bad("register_until", "Die Anmeldung endet spätestens zum Beginn.", "Registration ends at the beginning at the latest.")  # fmt: skip


def _free_slug(title: str, begin: datetime) -> str:
    return slug(title, begin, lambda name: Event.objects.filter(slug=name).exists())


@transaction.atomic
def create(user: Any, values: Mapping[str, Any], questions: Sequence[Asked] = ()) -> Event:
    """Make an event as a draft.

    Raises:
        NotAllowed: only coordinators.
        BadInput: a value is missing or wrong.
    """
    check_coordinator(user)
    kept = _checked(values)
    for name in ("title_de", "begin", "end"):
        if not kept.get(name):
            raise _bad(name, "Diese Angabe fehlt.", "This is missing.")
    _check_times(kept["begin"], kept["end"], kept.get("register_until"))
    made = Event.objects.create(slug=_free_slug(kept["title_de"], kept["begin"]), created_by=user, **kept)
    _ask(made, questions)
    log.record("created", "event", made.pk, user)
    return made


def _ask(event: Event, questions: Sequence[Asked]) -> None:
    """Replace an event's questions; a question that stays keeps its row, so answers given stay readable."""
    if len(questions) > MAX_QUESTIONS:
        raise _bad("questions", f"Höchstens {MAX_QUESTIONS} Fragen.", f"{MAX_QUESTIONS} questions at most.")
    known = {q.text_de: q for q in event.questions.all()}
    kept = set()
    for number, asked in enumerate(questions, 1):
        text = one_line(asked.text_de, 300)
        options = [o for raw in asked.options if (o := one_line(raw, 100))][:20]
        if not text or asked.kind not in Question.Kind.values or (asked.kind == "choice" and len(options) < 2):
            raise _bad("questions", "Eine Frage ist unvollständig.", "A question is incomplete.")
        question = known.get(text) or Question(event=event, text_de=text)
        question.number, question.text_en, question.kind = number, one_line(asked.text_en, 300), asked.kind
        question.options, question.required = options, asked.required
        question.save()
        kept.add(question.pk)
    event.questions.exclude(pk__in=kept).delete()


@transaction.atomic
def change(user: Any, event_id: int, values: Mapping[str, Any], questions: Sequence[Asked] | None = None) -> Event:
    """Change an event. Calendars hear of it; a new time or place is told once to everybody who registered.

    Raises:
        NotAllowed: only coordinators.
        NotFound: there is none.
        BadInput: a value is wrong, or the event is called off.
    """
    check_coordinator(user)
    kept = _checked(values)
    event = lock(event_id)
    if event.status == Event.Status.CANCELLED:
        raise _bad("status", "Der Termin ist abgesagt.", "The event is cancelled.")
    before = {name: getattr(event, name) for name in kept}
    for name, value in kept.items():
        setattr(event, name, value)
    _check_times(event.begin, event.end, event.register_until)
    if questions is not None:
        _ask(event, questions)
    changed = {name for name, value in kept.items() if before[name] != value}
    if changed:
        announce_change(event, changed)
        log.record("changed", "event", event.pk, user)
    return event


def announce_change(event: Event, changed: set[str]) -> None:
    """Save a locked event that has changed, tell calendars and people, and let those move up for whom there is room."""
    event.changed_at = timezone.now()
    if event.status == Event.Status.PUBLISHED:
        event.sequence += 1
    if changed & {"begin"}:
        event.reminded_at = None
    event.save()
    told = event.status == Event.Status.PUBLISHED and changed & set(_TOLD) and event.end > timezone.now()
    for registration in _registered(event) if told else ():
        messages.changed(registration, event)
    move_up(event)


def _registered(event: Event) -> list[Registration]:
    """Return everybody who has a place or waits, with the event as it is in memory."""
    found = list(event.registrations.exclude(status=Registration.Status.CANCELLED).order_by("pk"))
    for registration in found:
        registration.event = event
    return found


@transaction.atomic
def publish(user: Any, event_id: int) -> Event:
    """Show an event to the public; again changes nothing.

    Raises:
        NotAllowed: only coordinators.
        NotFound: there is none.
        BadInput: neither place nor video link, or called off.
    """
    check_coordinator(user)
    event = lock(event_id)
    if event.status == Event.Status.PUBLISHED:
        return event
    if event.status == Event.Status.CANCELLED:
        raise _bad("status", "Der Termin ist abgesagt.", "The event is cancelled.")
    if not (event.place or event.video_link or event.booking_url):
        raise _bad("place", "Ort oder Video-Link fehlt.", "Place or video link is missing.")
    event.status, event.changed_at = Event.Status.PUBLISHED, timezone.now()
    event.save(update_fields=["status", "changed_at"])
    log.record("published", "event", event.pk, user)
    return event


@transaction.atomic
def cancel(user: Any, event_id: int, reason: str = "") -> Event:
    """Call an event off and inform everybody who registered, once; again changes nothing.

    Raises:
        NotAllowed: only coordinators.
        NotFound: there is none.
        BadInput: people were checked in (it has taken place; their certificates stay true).
    """
    check_coordinator(user)
    event = lock(event_id)
    if event.status != Event.Status.CANCELLED:
        call_off(event, one_line(reason, 300))
        log.record("cancelled", "event", event.pk, user)
        reach("dialogue.cancel.before_commit")
    return event


def took_place(event: Event) -> bool:
    """Tell whether somebody was checked in."""
    return event.registrations.filter(checked_in_at__isnull=False).exists()


def call_off(event: Event, reason: str) -> None:
    """Call a locked event off, in the caller's transaction.

    Raises:
        BadInput: people were checked in.
    """
    if took_place(event):
        raise BadInput(
            "event_took_place",
            de="Der Termin hat stattgefunden: Es sind schon Menschen eingecheckt.",
            en="The event has taken place: people are checked in already.",
            where=event.slug,
            remedy_de="Nehmen Sie erst die Check-ins zurück, wenn er wirklich ausgefallen ist.",
            remedy_en="If it really did not happen, take the check-ins back first.",
        )
    was_public = event.status == Event.Status.PUBLISHED
    event.status, event.cancel_reason = Event.Status.CANCELLED, reason
    event.cancelled_at = event.changed_at = timezone.now()
    event.sequence += 1
    event.save(update_fields=["status", "cancel_reason", "cancelled_at", "changed_at", "sequence"])
    if was_public:
        for registration in _registered(event):
            messages.cancelled(registration, event)
        announcements.cancelled.send(sender=Event, event=event)


@transaction.atomic
def cancel_series(user: Any, event_id: int, reason: str = "") -> int:
    """Call off this date and all later ones of its series; return how many.

    Raises:
        NotAllowed, NotFound, BadInput: as `cancel`.
    """
    check_coordinator(user)
    event = events.by_id(event_id)
    if not event.series:
        cancel(user, event_id, reason)
        return 1
    later = Event.objects.filter(series=event.series, begin__gte=event.begin).exclude(status=Event.Status.CANCELLED)
    # All dates at once and in one order, before the log is touched: whoever registers for one of them holds that one and
    # waits for the log.
    ids = list(later.select_for_update().order_by("pk").values_list("pk", flat=True))
    for number in ids:
        cancel(user, number, reason)
    return len(ids)


def _copy(user: Any, event: Event, begin: datetime, name: str = "") -> Event:
    """Make a draft like `event` at another time, with its questions and nobody registered."""
    shift = begin - event.begin
    values = {field: getattr(event, field) for field in FIELDS if field not in ("begin", "end", "register_until")}
    until = event.register_until + shift if event.register_until else None
    made = Event.objects.create(
        slug=_free_slug(event.title_de, begin),
        uid=new_uid(),
        begin=begin,
        end=begin + (event.end - event.begin),
        register_until=until,
        series=name,
        created_by=user,
        is_example=event.is_example,
        **values,
    )
    for question in event.questions.all():
        question.pk, question.event = None, made
        question._state.adding = True
        question.save()
    return made


@transaction.atomic
def duplicate(user: Any, event_id: int) -> Event:
    """Make a draft like this event, a week later.

    Raises:
        NotAllowed: only coordinators.
        NotFound: there is none.
    """
    check_coordinator(user)
    event = lock(event_id)
    local = event.begin.astimezone(ZONE)
    made = _copy(user, event, local + timedelta(days=7))
    log.record("duplicated", "event", made.pk, user)
    return made


@transaction.atomic
def make_series(user: Any, event_id: int, rule: str) -> list[Event]:
    """Repeat an event by a rule (RRULE); the new dates are drafts or public as the first one is. Return the new dates.

    Raises:
        NotAllowed: only coordinators.
        NotFound: there is none.
        BadInput: the rule cannot be used, or the event belongs to a series already.
    """
    check_coordinator(user)
    event = lock(event_id)
    if event.series:
        raise _bad("series", "Der Termin gehört schon zu einer Reihe.", "The event belongs to a series already.")
    found = series.dates(event.begin.astimezone(ZONE), rule)
    event.series = get_random_string(12)
    event.save(update_fields=["series"])
    made = [_copy(user, event, begin, event.series) for begin in found[1:]]
    if event.status == Event.Status.PUBLISHED:
        for date in made:
            publish(user, date.pk)
    log.record("repeated", "event", event.pk, user)
    return made
