"""Reads about registrations: by a person's own link, by the code for the entrance, lists for staff."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from nordlotse.dialogue.core.calendar_out import calendar
from nordlotse.dialogue.core.codes import read_code
from nordlotse.dialogue.core.wording import span_written
from nordlotse.dialogue.models import Event, Registration
from nordlotse.dialogue.queries import events
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound

_signer = signing.Signer(salt="nordlotse.dialogue.registration", sep=".")


def token_of(registration: Registration) -> str:
    """Return the token of a person's own link; it works until the registration's key is changed."""
    return _signer.sign(registration.key)


def unknown() -> NotFound:
    """Return the error for a link that leads nowhere (any more)."""
    return NotFound(
        "registration_unknown",
        de="Dieser Link führt zu keiner Anmeldung.",
        en="This link leads to no registration.",
        where="registration",
        remedy_de="Bitte den Link aus der letzten Mail nehmen oder das Zentrum anrufen.",
        remedy_en="Use the link of the latest mail, or call the centre.",
    )


def by_token(token: str) -> Registration:
    """Return the registration a link is about.

    Raises:
        NotFound: damaged, withdrawn, or the registration's data was erased.
    """
    try:
        key = _signer.unsign(token[:120])
    except signing.BadSignature as error:
        raise unknown() from error
    found = Registration.objects.select_related("event").filter(key=key, erased_at=None).first()
    if found is None:
        raise unknown()
    return found


def by_code(typed: str) -> Registration | None:
    """Return the registration a code for the entrance belongs to, None if there is none."""
    code = read_code(typed[:40], settings.SECRET_KEY)
    return Registration.objects.select_related("event").filter(code=code).first() if code else None


def lang_of(registration: Registration) -> Lang:
    """Return the language somebody registered in."""
    return "en" if registration.lang == "en" else "de"


def own_address(registration: Registration) -> str:
    """Return the whole address of a person's own page."""
    path = reverse(f"{lang_of(registration)}:registration", args=[token_of(registration)])
    return settings.CONFIGURATION.public_url + path


def entrance_address(registration: Registration) -> str:
    """Return what the QR code says: the address that opens the code at the entrance."""
    return settings.CONFIGURATION.public_url + reverse("de:entrance_code", args=[registration.code])


def position(registration: Registration) -> int:
    """Return somebody's place in the queue (1: next), 0 for those who do not wait."""
    if registration.status != Registration.Status.WAITING or registration.turn is None:
        return 0
    queue = Registration.objects.filter(event_id=registration.event_id, status=Registration.Status.WAITING)
    return queue.filter(turn__lte=registration.turn).count()


def place(registration: Registration) -> str:
    """Return where to go: the place, and for those who have a place in it the video link."""
    event = registration.event
    shown = registration.status == Registration.Status.CONFIRMED
    return "\n".join(p for p in (event.place, event.video_link if shown else "") if p)


def calendar_file(registration: Registration) -> bytes:
    """Return somebody's own date as a calendar file; withdrawn registrations get it as cancelled."""
    event = registration.event
    where = place(registration).replace("\n", " ")
    made = events.facts(event, lang_of(registration), place=where, link=own_address(registration))
    if registration.status == Registration.Status.CANCELLED:
        made = replace(made, cancelled=True, sequence=made.sequence + 1)
    return calendar([made], host=settings.CONFIGURATION.host, alarm_minutes=event.alarm_minutes)


@dataclass(frozen=True, slots=True)
class Own:
    """What a person's own page shows."""

    registration: Registration
    event: Event
    title: str
    when: str
    position: int
    may_cancel: bool
    may_rate: bool
    may_print: bool


def own(registration: Registration, lang: Lang) -> Own:
    """Return what a person's own page shows and offers."""
    event, now = registration.event, timezone.now()
    active = registration.status != Registration.Status.CANCELLED and event.status == Event.Status.PUBLISHED
    came = registration.checked_in_at is not None
    return Own(
        registration=registration,
        event=event,
        title=event.title(lang),
        when=span_written(event.begin, event.end, lang),
        position=position(registration),
        may_cancel=active and now < event.begin and not came,
        may_rate=active and came and not hasattr(registration, "feedback"),
        may_print=active and came and now >= event.begin,
    )


def participants(event: Event) -> QuerySet[Registration]:
    """Return who registered: those with a place by name, then those who wait in their order, then the cancelled."""
    return event.registrations.order_by("status", "turn", Lower("name"), "pk")


def expected(event: Event) -> QuerySet[Registration]:
    """Return who may stand at the entrance: everybody who has not cancelled, by name."""
    return event.registrations.exclude(status=Registration.Status.CANCELLED).order_by(Lower("name"), "pk")
