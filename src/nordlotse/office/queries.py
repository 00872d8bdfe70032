"""What the staff's pages of the office show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from nordlotse.foundation.problem import NotFound
from nordlotse.office.models import HeldMail, IncomingMail, OutgoingMail

#: Mails on one page of the outbox.
PAGE = 50

#: Days over which outcomes of incoming mails are counted.
COUNTED_DAYS = 30


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """One page of the outbox, newest first: its mails, how many there are by state, and the numbers of the pages beside it (0: none)."""

    mails: tuple[OutgoingMail, ...]
    counts: dict[str, int]
    total: int
    before: int
    after: int


def outbox(state: str = "", page: int = 1) -> OutboxPage:
    """Return one page of the outbox; an unknown state shows all."""
    counted = OutgoingMail.objects.values("state").annotate(n=Count("pk")).values_list("state", "n")
    counts = dict.fromkeys(OutgoingMail.State.values, 0) | dict(counted)
    found = OutgoingMail.objects.defer("text", "attachments", "headers").order_by("-pk")
    if state in counts:
        found = found.filter(state=state)
    total = counts[state] if state in counts else sum(counts.values())
    page = max(1, min(page, max(1, -(-total // PAGE))))
    mails = tuple(found[(page - 1) * PAGE : page * PAGE])
    return OutboxPage(mails, counts, total, page - 1, page + 1 if page * PAGE < total else 0)


def unsent_mails() -> dict[str, int]:
    """Return how many mails wait and how many have failed, by state."""
    states = (OutgoingMail.State.QUEUED, OutgoingMail.State.FAILED)
    return {state.value: OutgoingMail.objects.filter(state=state).count() for state in states}


def outgoing(mail_id: int) -> OutgoingMail:
    """Return one mail of the outbox.

    Raises:
        NotFound: there is none with this number.
    """
    found = OutgoingMail.objects.filter(pk=mail_id).first()
    if found is None:
        raise _unknown()
    return found


def held(held_id: int, *, lock: bool = False) -> HeldMail:
    """Return one mail that was kept aside; with `lock` nobody else decides about it until the transaction ends.

    Raises:
        NotFound: there is none with this number (any more).
    """
    rows = HeldMail.objects.select_for_update(of=("self",)) if lock else HeldMail.objects.all()
    found = rows.select_related("address").filter(pk=held_id).first()
    if found is None:
        raise _unknown()
    return found


def _unknown() -> NotFound:
    return NotFound(
        "mail_unknown",
        de="Diese Mail gibt es nicht (mehr).",
        en="This mail is not there (any more).",
        where="mail",
        remedy_de="Bitte wählen Sie eine aus der Liste.",
        remedy_en="Choose one from the list.",
    )


def held_mails() -> list[HeldMail]:
    """Return what was kept aside, oldest first."""
    return list(HeldMail.objects.select_related("address")[:100])


def incoming_counts() -> dict[str, int]:
    """Return how many mails of the last 30 days had which outcome."""
    since = timezone.now() - timedelta(days=COUNTED_DAYS)
    counted = IncomingMail.objects.filter(received_at__gt=since).values("outcome").annotate(n=Count("pk"))
    return dict(counted.order_by("-n").values_list("outcome", "n"))
