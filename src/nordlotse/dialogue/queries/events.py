"""Reads about events: lists, one event, what a calendar or feed says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from nordlotse.dialogue.core.kinds import KINDS, TOPICS
from nordlotse.dialogue.core.queue import free_places, gets_place
from nordlotse.dialogue.core.values import Facts
from nordlotse.dialogue.core.wording import span_written
from nordlotse.dialogue.models import Event, Registration
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.region import State

#: Rows of one page of a list.
PAGE = 20
#: Events in a feed: those to come and the last month's, so that a calendar hears of a cancellation.
FEED_BACK = timedelta(days=31)
FEED_ROWS = 300

_CONFIRMED = Count("registrations", filter=Q(registrations__status=Registration.Status.CONFIRMED))
_WAITING = Count("registrations", filter=Q(registrations__status=Registration.Status.WAITING))
_CHECKED_IN = Count("registrations", filter=Q(registrations__checked_in_at__isnull=False))


def unknown() -> NotFound:
    """Return the error for an event that is not there, or not for this person."""
    return NotFound(
        "event_unknown",
        de="Diesen Termin gibt es nicht.",
        en="There is no such event.",
        where="event",
        remedy_de="Bitte in der Liste der Termine nachsehen.",
        remedy_en="Look in the list of events.",
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows; empty means all. `past`: what has ended, newest first."""

    state: str = ""
    topic: str = ""
    kind: str = ""
    past: bool = False

    def parameters(self) -> str:
        """Return the filter as the query part of an address ("" if nothing is chosen)."""
        chosen = (("state", self.state), ("topic", self.topic), ("kind", self.kind), ("past", "1" if self.past else ""))
        return "&".join(f"{name}={value}" for name, value in chosen if value)


def filter_of(given: Any) -> Filter:
    """Return the filter a request asks for; values nobody knows are left out."""
    return Filter(
        state=given.get("state", "") if given.get("state") in list(State) else "",
        topic=given.get("topic", "") if given.get("topic") in TOPICS else "",
        kind=given.get("kind", "") if given.get("kind") in KINDS else "",
        past=given.get("past") == "1",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """An event as lists and pages show it. `free`: places left (None: open to everybody); `full`: one would wait."""

    event: Event
    title: str
    text: str
    when: str
    kind: str
    topic: str
    state: str
    free: int | None
    confirmed: int
    waiting: int
    full: bool


def row(event: Event, lang: Lang) -> Row:
    """Return an event as it is shown; counts are taken from the query's annotations, or asked for."""
    confirmed, waiting = getattr(event, "confirmed", None), getattr(event, "waiting", None)
    if confirmed is None or waiting is None:
        confirmed, waiting = counts(event)
    return Row(
        event=event,
        title=event.title(lang),
        text=event.text(lang),
        when=span_written(event.begin, event.end, lang),
        kind=KINDS[event.kind].get(lang),
        topic=TOPICS[event.topic].get(lang) if event.topic in TOPICS else "",
        state=State(event.state).label.get(lang) if event.state in list(State) else "",
        free=free_places(event.quota, confirmed),
        confirmed=confirmed,
        waiting=waiting,
        full=not gets_place(event.quota, confirmed, waiting),
    )


def counts(event: Event) -> tuple[int, int]:
    """Return how many have a place and how many wait."""
    found = dict(event.registrations.values_list("status").annotate(n=Count("pk")).order_by())
    return found.get(Registration.Status.CONFIRMED, 0), found.get(Registration.Status.WAITING, 0)


def _narrowed(events: QuerySet[Event], wanted: Filter) -> QuerySet[Event]:
    for name in ("topic", "kind"):
        value = getattr(wanted, name)
        events = events.filter(**{name: value}) if value else events
    # What takes place by video only is for every state.
    return events.filter(Q(state=wanted.state) | Q(state="")) if wanted.state else events


def public(wanted: Filter) -> QuerySet[Event]:
    """Return what the public sees: published events, and cancelled ones until their day has passed."""
    now = timezone.now()
    if wanted.past:
        shown = Event.objects.filter(status=Event.Status.PUBLISHED, end__lte=now).order_by("-begin", "pk")
    else:
        shown = Event.objects.exclude(status=Event.Status.DRAFT).filter(end__gt=now).order_by("begin", "pk")
    return _narrowed(shown, wanted)


def page(events: QuerySet[Event], number: int, lang: Lang) -> tuple[list[Row], bool]:
    """Return one page of a list (from 1) and whether another follows."""
    start = (max(1, number) - 1) * PAGE
    found = list(events.annotate(confirmed=_CONFIRMED, waiting=_WAITING)[start : start + PAGE + 1])
    return [row(event, lang) for event in found[:PAGE]], len(found) > PAGE


def upcoming(lang: Lang, *, topic: str = "", state: str = "", limit: int = 5) -> list[Row]:
    """Return the next events with a free place or without a limit first come; for other pages ("next step")."""
    found = public(Filter(state=state, topic=topic)).filter(status=Event.Status.PUBLISHED)
    return [row(e, lang) for e in found.annotate(confirmed=_CONFIRMED, waiting=_WAITING)[:limit]]


def by_slug(slug: str) -> Event:
    """Return an event the public may see.

    Raises:
        NotFound: none, or still a draft.
    """
    found = Event.objects.filter(slug=slug[:80]).exclude(status=Event.Status.DRAFT).first()
    if found is None:
        raise unknown()
    return found


def by_id(event_id: int) -> Event:
    """Return any event, for staff.

    Raises:
        NotFound: there is none.
    """
    found = Event.objects.filter(pk=event_id).first() if 0 < event_id < 2**62 else None
    if found is None:
        raise unknown()
    return found


def of_desk(wanted: Filter) -> QuerySet[Event]:
    """Return every event for staff, with counts: to come (drafts too) or past."""
    now = timezone.now()
    found = Event.objects.filter(end__lte=now) if wanted.past else Event.objects.filter(end__gt=now)
    return _narrowed(
        found.order_by("-begin" if wanted.past else "begin", "pk").annotate(checked_in=_CHECKED_IN), wanted
    )


def of_feed(wanted: Filter) -> Sequence[Event]:
    """Return what calendars and readers get."""
    since = timezone.now() - FEED_BACK
    shown = Event.objects.exclude(status=Event.Status.DRAFT).filter(end__gt=since).order_by("begin", "pk")
    return list(_narrowed(shown, wanted)[:FEED_ROWS])


def address(event: Event, lang: Lang) -> str:
    """Return the whole address of an event's public page."""
    return settings.CONFIGURATION.public_url + reverse(f"{lang}:event", args=[event.slug])


def facts(event: Event, lang: Lang, *, place: str | None = None, link: str = "") -> Facts:
    """Return what a calendar says of an event. `place` and `link` may name what only registered people learn."""
    online = "Online" if event.online else ""
    return Facts(
        uid=f"event-{event.uid}",
        title=event.title(lang),
        text=event.text(lang),
        begin=event.begin,
        end=event.end,
        place=place if place is not None else (event.place or online),
        address=link or address(event, lang),
        organiser=event.organiser,
        changed_at=event.changed_at,
        sequence=event.sequence,
        cancelled=event.status == Event.Status.CANCELLED,
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What an event came to: places taken, waiting, came, feedback with its mean (0 without any)."""

    confirmed: int
    waiting: int
    checked_in: int
    feedback: int
    mean: float


def figures(event: Event) -> Figures:
    """Return an event's figures."""
    confirmed, waiting = counts(event)
    ratings = list(event.feedback.values_list("rating", flat=True))
    came = event.registrations.filter(checked_in_at__isnull=False).count()
    return Figures(confirmed, waiting, came, len(ratings), sum(ratings) / len(ratings) if ratings else 0.0)
