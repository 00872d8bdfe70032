"""An expert's answer to a request that comes by mail: its first word decides, everything else is read by the coordinator."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from nordlotse.journey.actions import letters, proposals, thread
from nordlotse.journey.actions.cases import locked
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Message
from nordlotse.journey.queries.access import Who, case_unknown
from nordlotse.network.models import Person
from nordlotse.office import files, log
from nordlotse.office.mail import Attachment

#: First words of a mail that answer a request.
_WORDS = {
    "accept": ("ja", "yes", "gern", "gerne", "zusage"),
    "decline": ("nein", "no", "absage"),
    "not_now": ("später", "spaeter", "later", "jetzt nicht", "not now"),
    "conflict": ("befangen", "conflict"),
}
_FIRST = re.compile(
    r"\A[\s„“\"'>*]{0,20}(" + "|".join(w for words in _WORDS.values() for w in words) + r")\b(?![-\w])", re.I
)


def _choice_in(text: str) -> str:
    """Return which answer a mail begins with, "" for none of the four."""
    found = _FIRST.match(text)
    return next((c for c, words in _WORDS.items() if found[1].lower() in words), "") if found else ""


def take_mail(reference: str, sender: str, text: str, attachments: Sequence[Attachment], message_id: str) -> None:
    """Take in the mailed answer to a request (handler of the purpose "assignment").

    The first word decides: ja, nein, später, befangen (yes, no, later, conflict). A no after a yes gives the case back. Anything
    else, and whatever comes after the request is settled, goes to the coordinator as an internal note; the sender hears in every
    case what became of the words.

    Raises:
        NotFound: the request is gone, or somebody else's.
        BadInput: nothing to read.
    """
    with written("answer"):
        asked = Assignment.objects.select_related("person").filter(pk=reference, person__active=True).first()
        if asked is None or sender != f"person:{asked.person_id}":
            raise case_unknown()
        case = locked(asked.case_id)
        asked.refresh_from_db(fields=["status"])
        asked.case = case
        once = f"mail:{case.pk}:{message_id}"[:300]
        if thread.once_known(once):
            return
        choice, expert = _choice_in(text), Who(Actor.EXPERT, person=asked.person)
        open_now = asked.status == Assignment.Status.PROPOSED
        if not (choice and open_now) or len(text.split()) > 3 or attachments:
            # What is more than the word itself is kept for the coordinator, and for whoever works on the case.
            _keep_note(case, asked.person, text, attachments, once)
        words, key = " ".join(text.split())[:500], hashlib.sha256(once.encode()).hexdigest()[:12]
        if choice == "decline" and asked.status == Assignment.Status.ACCEPTED:
            proposals.give_back(expert, case.pk, words)
            letters.noted(asked, "given_back", f"journey:noted:{asked.pk}:{key}")
            return
        if not (choice and open_now):
            thread.note_to_coordinator(case.pk)
            letters.noted(asked, _standing(asked), f"journey:noted:{asked.pk}:{key}")
            log.record("case_note", "case", case.pk, f"person:{asked.person_id}")
            return
        answered = proposals.answer_in(asked.pk, expert, choice, words)
        if choice != "accept":  # who accepts gets the case by mail
            letters.noted(answered, choice)


def _standing(asked: Assignment) -> str:
    """Return what a mail is told that answers nothing: how the request stands (see `journey/mail/noted.txt`)."""
    if asked.status == Assignment.Status.PROPOSED:
        return "note"
    return "yours" if asked.status == Assignment.Status.ACCEPTED else "answered"


def _keep_note(case: Case, person: Person, text: str, attachments: Sequence[Attachment], once: str) -> None:
    words = thread.check_words(text, bool(attachments))
    kept = [files.take_in_bytes(a.content, name=a.name, room="journey", reference=case.pk) for a in attachments]
    Message.objects.create(
        case=case,
        author=Message.Author.EXPERT,
        channel=Message.Channel.MAIL,
        person=person,
        internal=True,
        text=words,
        mail_id=once,
        attachments=[file.pk for file in kept],
    )
