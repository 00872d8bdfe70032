"""The log of what was done: append-only, hash-chained, ids and verbs only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.office.faults import reach
from nordlotse.office.models import LogEntry, LogHead

#: What the first entry names as the hash before it.
NOTHING = "0" * 64


def _hash(number: int, at: datetime, actor: str, verb: str, kind: str, object_id: str, previous: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = (str(number), moment, actor, verb, kind, object_id, previous)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _hash_of(entry: LogEntry) -> str:
    return _hash(entry.number, entry.at, entry.actor, entry.verb, entry.kind, entry.object_id, entry.previous)


def _check(word: str, most: int) -> str:
    """Refuse what is no id: an address or a sentence has no place in a log that is never erased."""
    if len(word) > most or "@" in word or any(c.isspace() or not c.isprintable() for c in word):
        raise ValueError("the log holds ids and verbs only")
    return word


def actor_id(user: Any) -> str:
    """Return how the log names who acted: `user:5`, or `visitor` for somebody without an account."""
    return f"user:{user.pk}" if user is not None and getattr(user, "is_authenticated", False) else "visitor"


def record(verb: str, kind: str, object_id: object, actor: Any = None) -> None:
    """Append one entry, in the caller's transaction: what is undone is not logged.

    `actor` is a user, None for a visitor, or a word such as "system". Call it last: on PostgreSQL the head of the chain stays
    locked until the transaction ends.

    Raises:
        ValueError: something given is no id (blanks, an address, too long): verb and actor 40 characters, kind 30, id 60.
    """
    who = _check(actor if isinstance(actor, str) else actor_id(actor), 40)
    thing = _check(str(object_id), 60)
    _check(verb, 40)
    _check(kind, 30)
    with transaction.atomic():
        head = LogHead.objects.select_for_update().filter(pk=1).first()
        if head is None:
            LogHead.objects.get_or_create(pk=1)
            head = LogHead.objects.select_for_update().get(pk=1)
        number, at = head.number + 1, timezone.now()
        made = _hash(number, at, who, verb, kind, thing, head.hash)
        LogEntry.objects.create(
            number=number,
            at=at,
            actor=who,
            verb=verb,
            kind=kind,
            object_id=thing,
            previous=head.hash,
            hash=made,
        )
        head.number, head.hash = number, made
        head.save(update_fields=["number", "hash"])
    reach("log-appended")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain is whole: entries that fit, the number of the first one that does not (0: none), the last one's hash.

    Whoever may write to the database could compute a whole new chain: note number and hash outside (on paper, by mail) from time
    to time, and compare.
    """

    entries: int
    broken_at: int
    hash: str = NOTHING


def verify() -> Verdict:
    """Walk the chain from its beginning; a changed, missing, moved or inserted entry breaks it, and so does a cut-off end.

    Others may go on writing meanwhile: the walk ends where the head stands after the last entry was read.
    """
    number, previous, promised = 0, NOTHING, 0
    while True:
        for entry in LogEntry.objects.filter(number__gt=number).order_by("number").iterator(chunk_size=2000):
            if entry.number != number + 1 or entry.previous != previous or entry.hash != _hash_of(entry):
                return Verdict(number, number + 1, previous)
            number, previous = entry.number, entry.hash
        head = LogHead.objects.filter(pk=1).first() or LogHead(pk=1)
        if head.number == number:
            return Verdict(number, 0 if head.hash == previous else max(number, 1), previous)
        # Entry and head are written together: once a head further on was seen, its entries must be there to be read.
        if head.number < number or number < promised:
            return Verdict(number, number + 1, previous)
        promised = head.number


def about(kind: str, object_id: object) -> list[LogEntry]:
    """Return what happened to one thing, oldest first."""
    return list(LogEntry.objects.filter(kind=kind, object_id=str(object_id)).order_by("number"))
