"""The log of what was done: append-only, hash-chained, ids and verbs only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.office.models import LogEntry, LogHead


def _hash(number: int, at: datetime, actor: str, verb: str, kind: str, object_id: str, previous: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = (str(number), moment, actor, verb, kind, object_id, previous)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def actor_id(user: Any) -> str:
    """Return how the log names who acted: `user:5`, or `visitor` for somebody without an account."""
    return f"user:{user.pk}" if user is not None and getattr(user, "is_authenticated", False) else "visitor"


def record(verb: str, kind: str, object_id: object, actor: Any = None) -> None:
    """Append one entry, in the caller's transaction: what is undone is not logged.

    `actor` is a user, None for a visitor, or a word such as "system". Call it last: on PostgreSQL the head of the chain stays
    locked until the transaction ends.
    """
    with transaction.atomic():
        head = LogHead.objects.select_for_update().filter(pk=1).first()
        if head is None:
            LogHead.objects.get_or_create(pk=1)
            head = LogHead.objects.select_for_update().get(pk=1)
        number, at = head.number + 1, timezone.now()
        who = actor if isinstance(actor, str) else actor_id(actor)
        made = _hash(number, at, who, verb, kind, str(object_id), head.hash)
        LogEntry.objects.create(
            number=number,
            at=at,
            actor=who,
            verb=verb,
            kind=kind,
            object_id=str(object_id),
            previous=head.hash,
            hash=made,
        )
        head.number, head.hash = number, made
        head.save(update_fields=["number", "hash"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain is whole: number of entries, and the number of the first entry that does not fit (0: none)."""

    entries: int
    broken_at: int


def verify() -> Verdict:
    """Walk the chain from its beginning; a changed, missing or inserted entry breaks it, and so does a cut-off end."""
    previous, expected = "0" * 64, 1
    for entry in LogEntry.objects.order_by("number").iterator(chunk_size=2000):
        made = _hash(entry.number, entry.at, entry.actor, entry.verb, entry.kind, entry.object_id, previous)
        if entry.number != expected or entry.previous != previous or entry.hash != made:
            return Verdict(expected - 1, expected)
        previous, expected = made, expected + 1
    head = LogHead.objects.filter(pk=1).first()
    if head is not None and (head.number != expected - 1 or head.hash != previous):
        return Verdict(expected - 1, expected)
    return Verdict(expected - 1, 0)
