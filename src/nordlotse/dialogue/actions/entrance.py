"""At the entrance: checking people in, also late and more than once, from phones that were out of reach.

Each check-in comes with the moment it happened at the door. For one person the latest moment decides whether they are in;
of several check-ins the earliest is kept. So the order in which phones come back does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from nordlotse.dialogue import announcements
from nordlotse.dialogue.actions.patience import patiently
from nordlotse.dialogue.actions.registrations import CONSENT_VERSION, lock
from nordlotse.dialogue.actions.rights import check_coordinator
from nordlotse.dialogue.core.codes import new_code
from nordlotse.dialogue.core.values import one_line
from nordlotse.dialogue.models import Event, Registration
from nordlotse.dialogue.queries import events, registrations
from nordlotse.foundation.problem import BadInput
from nordlotse.office import log
from nordlotse.office.addresses import check_address
from nordlotse.office.faults import reach

#: The entrance opens so long before the beginning and closes so long after the end (phones that sync late).
OPENS, CLOSES = timedelta(hours=12), timedelta(days=14)
#: A phone sends at most so many at once.
MAX_ITEMS = 2000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a phone noted: who, whether in (or taken back), and when (aware)."""

    registration_id: int
    inside: bool
    at: datetime


def _check_open(event: Event) -> None:
    now = timezone.now()
    if event.status == Event.Status.PUBLISHED and event.begin - OPENS <= now <= event.end + CLOSES:
        return
    raise BadInput(
        "entrance_closed",
        de="Der Einlass ist geschlossen.",
        en="The entrance is closed.",
        where=event.slug,
        remedy_de="Er öffnet 12 Stunden vor dem Beginn und schließt 14 Tage nach dem Ende.",
        remedy_en="It opens 12 hours before the beginning and closes 14 days after the end.",
    )


def check_in(user: Any, registration_id: int, at: datetime | None = None) -> Registration:
    """Note that somebody came; again changes nothing. Somebody who waits gets the place: they stand at the door.

    Raises:
        NotAllowed: only coordinators.
        NotFound, BadInput: unknown, cancelled, or the entrance is closed.
    """
    return _one(user, registration_id, inside=True, at=at)


def check_out(user: Any, registration_id: int, at: datetime | None = None) -> Registration:
    """Take a check-in back.

    Raises:
        NotAllowed, NotFound, BadInput: as `check_in`.
    """
    return _one(user, registration_id, inside=False, at=at)


def _one(user: Any, registration_id: int, *, inside: bool, at: datetime | None) -> Registration:
    check_coordinator(user)
    found = Registration.objects.filter(pk=registration_id, erased_at=None).first()
    if found is None:
        raise registrations.unknown()
    if found.status == Registration.Status.CANCELLED:
        raise BadInput(
            "registration_cancelled",
            de="Diese Anmeldung ist abgesagt.",
            en="This registration is cancelled.",
            where="registration",
            remedy_de="Bitte als Gast ohne Anmeldung aufnehmen.",
            remedy_en="Take them in as a guest without registration.",
        )
    seen = Seen(registration_id, inside, at or timezone.now())
    sync(user, found.event_id, [seen])
    found.refresh_from_db()
    return found


def sync(user: Any, event_id: int, items: Sequence[Seen]) -> dict[int, bool]:
    """Take over what a phone noted, as often and in whatever order it comes; return who is in now, by registration.

    The answer names everybody of the event, not only who was sent: a page made before another phone's tap, or before its
    own last one arrived, is put right by it. With nothing to take over it only asks.

    Raises:
        NotAllowed: only coordinators.
        BadInput: more than `MAX_ITEMS` at once, or the entrance is closed.
    """
    check_coordinator(user)
    if len(items) > MAX_ITEMS:
        raise BadInput(
            "entrance_many",
            de=f"Mehr als {MAX_ITEMS} Einträge auf einmal.",
            en=f"More than {MAX_ITEMS} entries at once.",
            where="items",
            remedy_de="Bitte in Teilen senden.",
            remedy_en="Send them in parts.",
        )
    if items:
        return patiently(lambda: _sync(user, event_id, items))
    event = events.by_id(event_id)
    _check_open(event)
    return _inside(event)


def _inside(event: Event) -> dict[int, bool]:
    rows = event.registrations.filter(erased_at=None).exclude(status=Registration.Status.CANCELLED)
    return {pk: at is not None for pk, at in rows.values_list("pk", "checked_in_at")}


@transaction.atomic
def _sync(user: Any, event_id: int, items: Sequence[Seen]) -> dict[int, bool]:
    event = lock(event_id)
    _check_open(event)
    wanted = {item.registration_id for item in items}
    known = {r.pk: r for r in event.registrations.filter(pk__in=wanted, erased_at=None)}
    before = {pk: r.checked_in_at is not None for pk, r in known.items()}
    for item in sorted(items, key=lambda i: i.at):
        registration = known.get(item.registration_id)
        if registration is not None and registration.status != Registration.Status.CANCELLED:
            _apply(event, registration, item, user)
    changed = [r for pk, r in known.items() if _settle(event, r, before[pk])]
    # The log last, after every row: its head stays locked until the transaction ends.
    for registration in changed:
        log.record("checked_in" if registration.checked_in_at else "checked_out", "registration", registration.pk, user)
    reach("dialogue.checkin.before_commit")
    # What was cancelled or erased meanwhile is answered too, so that no phone asks for ever.
    return {pk: pk in known and known[pk].checked_in_at is not None for pk in wanted} | _inside(event)


def _apply(event: Event, registration: Registration, item: Seen, user: Any) -> None:
    """Let one note count: the latest decides, the earliest time of being in stays."""
    at = min(max(item.at, event.begin - OPENS), timezone.now())
    last = registration.checked_in_change
    if last is not None and at <= last:
        if item.inside and registration.checked_in_at is not None:
            registration.checked_in_at = min(registration.checked_in_at, at)
        return
    registration.checked_in_change = at
    if item.inside and registration.checked_in_at is None:
        registration.checked_in_at = at
        registration.checked_in_by = user
    elif not item.inside:
        registration.checked_in_at = registration.checked_in_by = None


def _settle(event: Event, registration: Registration, was_in: bool) -> bool:
    """Write one person's row, announce what has changed on the whole, and tell whether something has."""
    is_in = registration.checked_in_at is not None
    if is_in and registration.status == Registration.Status.WAITING:
        registration.status, registration.turn = Registration.Status.CONFIRMED, None
        registration.moved_up_at = timezone.now()
    registration.save(
        update_fields=["checked_in_at", "checked_in_by", "checked_in_change", "status", "turn", "moved_up_at"]
    )
    if is_in == was_in:
        return False
    registration.event = event
    signal = announcements.checked_in if is_in else announcements.checked_out
    signal.send(sender=Registration, registration=registration)
    return True


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody at the door; `form_token` makes a form sent twice one person."""

    name: str
    mail: str = ""
    company_name: str = ""
    form_token: str = ""


def take_in(user: Any, event_id: int, guest: Guest) -> Registration:
    """Register somebody who stands at the door without a registration, and check them in.

    An address that is registered already is checked in instead of being written down twice.

    Raises:
        NotAllowed: only coordinators.
        BadInput: no name, a wrong address, or the entrance is closed.
    """
    check_coordinator(user)
    name, mail = one_line(guest.name, 120), check_address(guest.mail) if guest.mail.strip() else ""
    if not name:
        raise BadInput(
            "name_missing",
            de="Bitte nennen Sie einen Namen.",
            en="Please give a name.",
            where="name",
            remedy_de="Bitte ergänzen.",
            remedy_en="Please complete it.",
        )
    token = guest.form_token[:40] or get_random_string(24)
    cleaned = Guest(name, mail, one_line(guest.company_name, 200), token)
    return patiently(lambda: _take_in(user, event_id, cleaned))


@transaction.atomic
def _take_in(user: Any, event_id: int, guest: Guest) -> Registration:
    event = lock(event_id)
    _check_open(event)
    known = event.registrations.filter(form_token=guest.form_token).first()
    if known is None and guest.mail:
        active = event.registrations.exclude(status=Registration.Status.CANCELLED)
        known = active.filter(mail_key=guest.mail.lower()).first()
    if known is None:
        known = Registration.objects.create(
            event=event,
            name=guest.name,
            mail=guest.mail,
            mail_key=guest.mail.lower(),
            company_name=guest.company_name,
            lang=event.language,
            status=Registration.Status.CONFIRMED,
            code=new_code(settings.SECRET_KEY),
            form_token=guest.form_token,
            consent_version=CONSENT_VERSION,
            is_example=event.is_example,
        )
        log.record("taken_in", "registration", known.pk, user)
    _sync(user, event_id, [Seen(known.pk, True, timezone.now())])
    known.refresh_from_db()
    return known
