"""Taking over events of other systems: as often as one likes, in whatever order, and never more than was asked for.

What comes in is untrusted text. New events wait as drafts unless the source may publish; doubtful ones always wait. A remote
cancellation calls the event off here too, unless people were checked in: then a person decides.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.dialogue import announcements, keys, remote
from nordlotse.dialogue.actions.events import announce_change, call_off
from nordlotse.dialogue.actions.registrations import lock
from nordlotse.dialogue.actions.rights import check_coordinator
from nordlotse.dialogue.core.imported import Reading, Remote, address
from nordlotse.dialogue.core.kinds import TOPICS
from nordlotse.dialogue.core.naming import slug
from nordlotse.dialogue.core.values import one_line
from nordlotse.dialogue.models import Event, ImportSource
from nordlotse.dialogue.queries.imports import unknown
from nordlotse.foundation.problem import BadInput, NotAllowed, NotAvailable, Problem
from nordlotse.foundation.region import parse_state
from nordlotse.office import log

_log = logging.getLogger("nordlotse.dialogue")

#: A source is asked so often; after failures the pause doubles up to the longest.
EVERY, FIRST_PAUSE, LONGEST_PAUSE = timedelta(hours=1), timedelta(minutes=5), timedelta(hours=6)
#: A refused token is tried once a day: somebody may have mended it on the other side.
_REFUSED_PAUSE = timedelta(days=1)
_HEALTH = {NotAllowed: ImportSource.Health.REFUSED, NotAvailable: ImportSource.Health.DOWN}


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did: events made, changed, left as they are, called off; and what was left out with its reason."""

    made: int = 0
    changed: int = 0
    same: int = 0
    cancelled: int = 0
    left_out: tuple[tuple[str, str], ...] = ()


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    url = address(values.get("url", ""))
    if not url or values.get("kind") not in ImportSource.Kind.values:
        raise BadInput(
            "source_address",
            de="Die Adresse der Quelle ist nicht brauchbar.",
            en="The source's address cannot be used.",
            where="url",
            remedy_de="Erwartet wird http(s)://…",
            remedy_en="http(s)://… is expected.",
        )
    topic = str(values.get("topic", ""))
    return {
        "kind": values["kind"],
        "url": url,
        "name": one_line(str(values.get("name", "")), 120) or url[:120],
        "organiser": one_line(str(values.get("organiser", "")), 200),
        "state": parse_state(values.get("state") or "") or "",
        "topic": topic if topic in TOPICS else "",
        "publish": bool(values.get("publish")),
        "active": bool(values.get("active", True)),
    }


@transaction.atomic
def keep_source(user: Any, values: Mapping[str, Any], source_id: int | None = None) -> ImportSource:
    """Make or change a source; an empty `token` leaves the one that is there. It is asked at the worker's next turn.

    Raises:
        NotAllowed: only coordinators.
        NotFound: there is no such source.
        BadInput: the address cannot be used, or the token holds strange characters.
    """
    check_coordinator(user)
    kept, token = _checked(values), str(values.get("token") or "").strip()
    if token and not (token.isascii() and token.isprintable() and " " not in token and len(token) <= 500):
        raise BadInput(
            "source_token",
            de="Der Zugangsschlüssel enthält unbrauchbare Zeichen.",
            en="The token holds characters that cannot be used.",
            where="token",
            remedy_de="Bitte noch einmal kopieren.",
            remedy_en="Copy it again.",
        )
    source = ImportSource() if source_id is None else ImportSource.objects.filter(pk=source_id).first()
    if source is None:
        raise unknown()
    for name, value in kept.items():
        setattr(source, name, value)
    source.due_at, source.failures, source.error = timezone.now(), 0, ""
    source.save()
    if token:
        keys.keep_token(source.pk, token)
    log.record("kept", "import_source", source.pk, user)
    return source


@transaction.atomic
def drop_source(user: Any, source_id: int) -> None:
    """Forget a source and its token; events already taken over stay.

    Raises:
        NotAllowed: only coordinators.
        NotFound: there is no such source.
    """
    check_coordinator(user)
    if not ImportSource.objects.filter(pk=source_id).delete()[0]:
        raise unknown()
    keys.keep_token(source_id, "")
    log.record("dropped", "import_source", source_id, user)


def notice(hook: str) -> None:
    """Take a webhook: the source is asked soon. Nothing in the notice is believed, so twice or in the wrong order is all one.

    Raises:
        NotFound: nobody has such an address.
    """
    if not ImportSource.objects.filter(hook=hook[:40], active=True).update(due_at=timezone.now()):
        raise unknown()


def read_due(now: datetime | None = None) -> int:
    """Ask every source whose time has come; return how many answered."""
    now = now or timezone.now()
    due = ImportSource.objects.filter(active=True, due_at__lte=now).exclude(url="").order_by("due_at")
    return sum(read_source(pk, now) is not None for pk in list(due.values_list("pk", flat=True)[:5]))


def read_source(source_id: int, now: datetime | None = None) -> Report | None:
    """Ask one source and take over what it has; None when it did not answer (why stands in its row)."""
    now = now or timezone.now()
    source = ImportSource.objects.filter(pk=source_id).first()
    if source is None:
        raise unknown()
    # Put off first: whatever breaks while reading, the other sources get their turn, and a second worker leaves this one.
    ImportSource.objects.filter(pk=source_id).update(due_at=now + FIRST_PAUSE)
    try:
        reading = remote.read(source, now)
    except Problem as problem:
        _failed(source, problem, now)
        return None
    report = take_over(source, reading, now)
    source.cursor, source.read_at, source.due_at = now.isoformat(timespec="seconds"), now, now + EVERY
    source.health, source.error, source.failures = ImportSource.Health.GOOD, "", 0
    source.save(update_fields=["cursor", "read_at", "due_at", "health", "error", "failures"])
    return report


def _failed(source: ImportSource, problem: Problem, now: datetime) -> None:
    source.health = next((h for kind, h in _HEALTH.items() if isinstance(problem, kind)), ImportSource.Health.ODD)
    source.failures = min(source.failures + 1, 1000)
    pause = min(FIRST_PAUSE * 2 ** min(source.failures - 1, 10), LONGEST_PAUSE)
    source.due_at = now + (_REFUSED_PAUSE if source.health == ImportSource.Health.REFUSED else pause)
    source.error = problem.code
    source.save(update_fields=["health", "failures", "due_at", "error"])
    _log.warning("event=import_failed source=%s code=%s failures=%s", source.pk, problem.code, source.failures)


def take_file(user: Any, data: bytes, values: Mapping[str, Any]) -> Report:
    """Take over a calendar file handed in; its events become drafts. The same file again changes nothing.

    Raises:
        NotAllowed: only coordinators.
        BadInput: no calendar, or too large.
    """
    check_coordinator(user)
    now = timezone.now()
    reading = remote.read_calendar(data, now)
    source, _ = ImportSource.objects.get_or_create(
        kind=ImportSource.Kind.ICS, url="", defaults={"name": "ICS", "active": False}
    )
    source.state, source.topic = parse_state(values.get("state") or "") or "", str(values.get("topic") or "")
    source.organiser, source.publish = one_line(str(values.get("organiser") or ""), 200), False
    report = take_over(source, reading, now)
    log.record("imported", "import_source", source.pk, user)
    return report


def take_over(source: ImportSource, reading: Reading, now: datetime) -> Report:
    """Take over a reading, each event in a transaction of its own."""
    counts = dict.fromkeys(("made", "changed", "same", "cancelled"), 0)
    for found in reading.events:
        counts[_take(source, found, now)] += 1
    return Report(**counts, left_out=reading.left_out)


@transaction.atomic
def _take(source: ImportSource, found: Remote, now: datetime) -> str:
    known = Event.objects.filter(source=source, source_key=found.key).values_list("pk", flat=True).first()
    if known is None:
        return _make(source, found, now)
    event = lock(known)
    older = found.changed_at is not None and event.source_at is not None and found.changed_at < event.source_at
    if older or event.source_hash == found.digest():
        return "same"
    event.source_hash, event.source_at, event.source_note = found.digest(), found.changed_at, found.doubt
    if found.cancelled:
        return _call_off(event)
    changed = _set(event, found)
    counted = found.attended is not None and event.attended_elsewhere != found.attended
    if counted:
        event.attended_elsewhere = found.attended
    announce_change(event, changed)
    if counted:
        announcements.counted.send(sender=Event, event=event)
    log.record("imported", "event", event.pk, "system")
    return "changed"


def _set(event: Event, found: Remote) -> set[str]:
    """Take the remote values into the row; return the names of those that changed."""
    changed = set()
    for name in ("title_de", "title_en", "text_de", "text_en", "begin", "end", "place", "booking_url"):
        if getattr(event, name) != getattr(found, name):
            setattr(event, name, getattr(found, name))
            changed.add(name)
    return changed


def _call_off(event: Event) -> str:
    if event.status == Event.Status.CANCELLED:
        event.save(update_fields=["source_hash", "source_at", "source_note"])
        return "same"
    try:
        call_off(event, "")
    except BadInput:
        event.source_note = "cancelled_there"
        event.save(update_fields=["source_hash", "source_at", "source_note"])
        return "same"
    event.save(update_fields=["source_hash", "source_at", "source_note"])
    log.record("cancelled", "event", event.pk, "system")
    return "cancelled"


def _make(source: ImportSource, found: Remote, now: datetime) -> str:
    if found.cancelled:
        return "same"
    public = source.publish and not found.doubt and found.end > now
    made = Event.objects.create(
        slug=slug(found.title_de, found.begin, lambda name: Event.objects.filter(slug=name).exists()),
        title_de=found.title_de,
        title_en=found.title_en,
        text_de=found.text_de,
        text_en=found.text_en,
        begin=found.begin,
        end=found.end,
        place=found.place,
        booking_url=found.booking_url,
        attended_elsewhere=found.attended,
        state=source.state,
        topic=source.topic if source.topic in TOPICS else "",
        organiser=source.organiser,
        status=Event.Status.PUBLISHED if public else Event.Status.DRAFT,
        source=source,
        source_key=found.key,
        source_hash=found.digest(),
        source_at=found.changed_at,
        source_note=found.doubt,
    )
    if found.attended is not None:
        announcements.counted.send(sender=Event, event=made)
    log.record("imported", "event", made.pk, "system")
    return "made"
