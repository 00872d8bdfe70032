"""The mails about events: each is written into the outbox in the transaction of what it tells of, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.crypto import get_random_string

from nordlotse.dialogue.core.codes import qr_png, spoken
from nordlotse.dialogue.core.values import ZONE
from nordlotse.dialogue.core.wording import span_written
from nordlotse.dialogue.models import Event, Registration
from nordlotse.dialogue.queries import events, registrations
from nordlotse.foundation.language import Lang
from nordlotse.office.mail import Attachment, enqueue

ROOM = "dialogue"


def _context(registration: Registration, lang: Lang) -> dict[str, Any]:
    event = registration.event
    return {
        "name": registration.name,
        "title": event.title(lang),
        "when": span_written(event.begin, event.end, lang),
        "place": registrations.place(registration),
        "online": event.online,
        "organiser": event.organiser,
        "event_address": events.address(event, lang),
        "own_address": registrations.own_address(registration),
    }


def _send(
    registration: Registration,
    what: str,
    *,
    about: str = "",
    more: Mapping[str, Any] | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """Write one mail; `about` tells two mails of the same sort apart (a change from the next one)."""
    if not registration.mail:  # came without registering, or is erased
        return
    lang = registrations.lang_of(registration)
    enqueue(
        f"dialogue:{what}:{registration.pk}{about}",
        registration.mail,
        lang=lang,
        template=f"dialogue/mail/{what}.txt",
        context={**_context(registration, lang), **(more or {})},
        room=ROOM,
        reference=f"registration:{registration.pk}",
        attachments=attachments,
    )


def _calendar(registration: Registration) -> Attachment:
    return Attachment("termin.ics", "text/calendar", registrations.calendar_file(registration))


def _place_papers(registration: Registration) -> tuple[dict[str, Any], tuple[Attachment, ...]]:
    picture = Attachment("einlass.png", "image/png", qr_png(registrations.entrance_address(registration)))
    return {"code": spoken(registration.code)}, (_calendar(registration), picture)


def confirmed(registration: Registration) -> None:
    """Say that somebody has a place; with calendar file and QR code."""
    more, files = _place_papers(registration)
    _send(registration, "confirmed", more=more, attachments=files)


def waiting(registration: Registration) -> None:
    """Say that somebody waits, and where in the queue."""
    _send(registration, "waiting", more={"position": registrations.position(registration)})


def moved_up(registration: Registration) -> None:
    """Say that somebody who waited has a place now."""
    more, files = _place_papers(registration)
    _send(registration, "moved_up", more=more, attachments=files)


def again(registration: Registration) -> None:
    """Say that this address is registered already; once a day, however often somebody tries."""
    more = {"status": registration.status, "position": registrations.position(registration)}
    _send(registration, "again", about=f":{timezone.localdate().isoformat()}", more=more)


def renewed(registration: Registration) -> None:
    """Bring the new personal link after the older ones were made to stop working."""
    more = {"status": registration.status, "position": registrations.position(registration)}
    _send(registration, "again", about=f":{get_random_string(12)}", more=more)


def withdrawn(registration: Registration) -> None:
    """Confirm that somebody gave the place back."""
    _send(registration, "withdrawn", attachments=(_calendar(registration),))


def changed(registration: Registration, event: Event) -> None:
    """Say that time or place has changed."""
    _send(registration, "changed", about=f":{event.sequence}", attachments=(_calendar(registration),))


def cancelled(registration: Registration, event: Event) -> None:
    """Say that an event is called off."""
    more = {"reason": event.cancel_reason}
    _send(registration, "cancelled", more=more, attachments=(_calendar(registration),))


def reminder(registration: Registration) -> None:
    """Remind somebody of tomorrow; an event that was put off is reminded of again."""
    day = f":{registration.event.begin.astimezone(ZONE):%Y-%m-%d}"
    _send(registration, "reminder", about=day, more={"code": spoken(registration.code)})


def thanks(registration: Registration) -> None:
    """Ask for feedback and lead to the certificate."""
    _send(registration, "thanks")
