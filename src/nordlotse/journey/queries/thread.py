"""A case's thread as its readers see it: the company never sees internal notes, nor their files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import AccessRecord, Assignment, Case, Message
from nordlotse.journey.queries.access import Who, case_unknown
from nordlotse.office.models import StoredFile

#: Who took a case, even if somebody else has it now.
_TOOK = (Assignment.Status.ACCEPTED, Assignment.Status.ENDED, Assignment.Status.HANDED_OVER)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a thread: whose words, under which name, when, and the files with it. `own`: the reader's side wrote it."""

    id: int
    author: str
    name: str
    partner: str
    channel: str
    at: datetime
    text: str
    internal: bool
    own: bool
    draft: str
    files: tuple[StoredFile, ...]


def _shown(case: Case, who: Who) -> list[Message]:
    found = Message.objects.filter(case=case).select_related("person__partner").order_by("created_at", "pk")
    return list(found.filter(internal=False) if who.actor == Actor.COMPANY else found)


def entries(case: Case, who: Who) -> list[Entry]:
    """Return the entries this reader may see, oldest first; two queries."""
    messages = _shown(case, who)
    kept = StoredFile.objects.in_bulk([key for m in messages for key in m.attachments])
    mine = {Actor.COMPANY: "company", Actor.EXPERT: "expert", Actor.COORDINATOR: "centre"}.get(who.actor)
    return [
        Entry(
            m.pk,
            m.author,
            m.person.name if m.person else "",
            m.person.partner.name if m.person else "",
            m.channel,
            m.created_at,
            m.text,
            m.internal,
            m.author == mine and (who.person is None or m.person_id == who.person.pk),
            m.draft,
            tuple(kept[key] for key in m.attachments if key in kept),
        )
        for m in messages
    ]


def file_of(case: Case, who: Who, file_id: str) -> StoredFile:
    """Return a file of a case that this reader may have.

    Raises:
        NotFound: none, or of a note that is not for this reader.
    """
    for message in _shown(case, who):
        if file_id in message.attachments:
            found = StoredFile.objects.filter(pk=file_id, room="journey").first()
            if found is not None:
                return found
    raise case_unknown()


def readers_for_company(case: Case) -> list[AccessRecord]:
    """Return who read a case, as its company sees it: whoever read it and then did not take it stays without a name."""
    took = set(Assignment.objects.filter(case=case, status__in=_TOOK).values_list("person_id", flat=True))
    found = readers(case)
    for record in found:
        if record.person_id not in took:
            record.person = None
    return found


def readers(case: Case) -> list[AccessRecord]:
    """Return who read a case, newest first."""
    return list(AccessRecord.objects.filter(case=case).select_related("person__partner").order_by("-at")[:50])
