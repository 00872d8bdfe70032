"""What the worker does for events: reminders, thanks, the waiting list, and forgetting."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from nordlotse.dialogue.actions import messages
from nordlotse.dialogue.actions.registrations import lock, move_up
from nordlotse.dialogue.core.values import ZONE
from nordlotse.dialogue.models import Event, Registration
from nordlotse.dialogue.personal import KEEP_DAYS, forget
from nordlotse.office import log

#: Reminders go out from this hour on the day before.
_FROM_HOUR = 8
#: Somebody who is checked in later than this after the end gets no thanks any more.
_THANKS_DAYS = 14
_BATCH = 200


def remind(now: datetime | None = None) -> int:
    """Remind everybody who has a place, the day before; return how many mails were written."""
    now = now or timezone.now()
    local = now.astimezone(ZONE)
    if local.hour < _FROM_HOUR:
        return 0
    last = datetime.combine(local.date() + timedelta(days=2), datetime.min.time(), ZONE)
    due = Event.objects.filter(
        status=Event.Status.PUBLISHED, reminded_at=None, begin__gt=now + timedelta(hours=2), begin__lt=last
    )
    return sum(_remind(pk, now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _remind(event_id: int, now: datetime) -> int:
    event = lock(event_id)
    if event.reminded_at is not None or event.status != Event.Status.PUBLISHED:
        return 0
    found = list(event.registrations.filter(status=Registration.Status.CONFIRMED))
    for registration in found:
        registration.event = event
        messages.reminder(registration)
    event.reminded_at = now
    event.save(update_fields=["reminded_at"])
    return len(found)


def thank(now: datetime | None = None) -> int:
    """Ask those who came for feedback and lead them to the certificate, an hour after the end; return how many."""
    now = now or timezone.now()
    due = Registration.objects.filter(
        event__status=Event.Status.PUBLISHED,
        event__end__lt=now - timedelta(hours=1),
        event__end__gt=now - timedelta(days=_THANKS_DAYS),
        checked_in_at__isnull=False,
        thanked_at=None,
        erased_at=None,
    )
    return sum(_thank(pk, now) for pk in list(due.values_list("pk", flat=True)[:_BATCH]))


@transaction.atomic
def _thank(registration_id: int, now: datetime) -> int:
    """Write one person's mail; of two workers only one writes it."""
    taken = Registration.objects.filter(pk=registration_id, thanked_at=None).update(thanked_at=now)
    if taken:
        messages.thanks(Registration.objects.select_related("event").get(pk=registration_id))
    return taken


def settle() -> int:
    """Let people move up wherever a place became free without anybody's doing (a deletion); return how many did."""
    waiting = Q(registrations__status=Registration.Status.WAITING)
    due = Event.objects.filter(waiting, status=Event.Status.PUBLISHED, begin__gt=timezone.now()).distinct()
    return sum(_settle(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _settle(event_id: int) -> int:
    return len(move_up(lock(event_id)))


def past_keeping(now: datetime | None = None) -> QuerySet[Registration]:
    """Return registrations whose names are no longer needed."""
    limit = (now or timezone.now()) - timedelta(days=KEEP_DAYS)
    return Registration.objects.filter(event__end__lt=limit, erased_at=None).order_by(F("pk"))


def erase_expired(now: datetime | None = None) -> int:
    """Erase names, addresses and words of registrations 12 months after the event; figures stay. Return how many."""
    ids = list(past_keeping(now).values_list("pk", flat=True)[:_BATCH])
    if not ids:
        return 0
    with transaction.atomic():
        forget(Registration.objects.filter(pk__in=ids))
        log.record("erased", "registration", len(ids), "system")
    return len(ids)
