"""Every write on the company's way: ask, rate, handle, erase."""

from __future__ import annotations

import logging
import secrets
import string
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from nordlotse.answers import queries as answers
from nordlotse.answers.core.answer import Answer
from nordlotse.foundation.language import Lang
from nordlotse.foundation.masking import mask
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound, TooLarge
from nordlotse.foundation.region import State
from nordlotse.journey.models import Inquiry, Operator
from nordlotse.journey.next_step import NextStep, missing_demonstrator, next_step
from nordlotse.office.roles import check_staff

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    Person = User | AnonymousUser

_log = logging.getLogger("nordlotse.journey")
_ALPHABET = string.ascii_letters + string.digits

#: Announces every answer given (`answer`), so that the outer wall can count without being known here.
answered = Signal()

MAX_QUESTION = 2_000
KEEP_WORDS = timedelta(days=180)
MAX_EMPLOYEES = 1_000_000


def answer_dict(inquiry_id: str, answer: Answer, step: NextStep) -> dict[str, Any]:
    """Return the answer object of interface and command line: every key always present, lists never null."""
    return {
        "id": inquiry_id,
        "question": answer.question,
        "lang": answer.lang,
        "kind": answer.kind,
        "topic": answer.topic,
        "confidence": answer.confidence,
        "score": answer.score,
        "answer": answer.text,
        "sentences": [q.as_dict() for q in answer.sentences],
        "sources": [s.as_dict() for s in answer.sources],
        "valid_on": answer.valid_on.isoformat(),
        "warnings": [*answer.warnings, *filter(None, [missing_demonstrator(answer)])],
        "ask_back": list(answer.ask_back),
        "demonstrator": answer.demonstrator,
        "next_step": step.as_dict(),
        "ms": answer.ms,
    }


def check_question(question: object) -> str:
    """Return the question without control characters.

    Raises:
        BadInput: not a text, or nothing to read in it.
        TooLarge: longer than 2,000 characters.
    """
    if not isinstance(question, str):
        raise BadInput(
            "question_kind",
            de="Die Frage ist kein Text.",
            en="The question is not a text.",
            where="question",
            remedy_de="Bitte als Text senden.",
            remedy_en="Send it as a text.",
        )
    if len(question) > MAX_QUESTION:
        raise TooLarge(
            "question_too_long",
            de=f"Die Frage hat {len(question)} Zeichen, möglich sind {MAX_QUESTION}.",
            en=f"The question has {len(question)} characters, {MAX_QUESTION} are possible.",
            where="question",
            remedy_de="Bitte kürzer fragen; Einzelheiten klären wir im Gespräch.",
            remedy_en="Ask more briefly; details can be settled in a talk.",
        )
    text = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not any(c.isalnum() for c in text):
        raise BadInput(
            "question_empty",
            de="Die Frage ist leer.",
            en="The question is empty.",
            where="question",
            remedy_de="Bitte mit Worten fragen, zum Beispiel: „Was kostet ein 3D-Druckteil?“",
            remedy_en="Ask in words, for example: “What does a 3D-printed part cost?”",
        )
    return text


def tidy(text: str) -> str:
    """Return a text without control characters and lone surrogates, which no database keeps; line breaks stay."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n")).strip()


def check_employees(value: object) -> int | None:
    """Return the number of employees, None for nothing.

    Raises:
        BadInput: not a whole number from 0 to 1,000,000.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, str) and value.strip().isdecimal())
    ):
        number = -1
    else:
        number = int(value) if len(str(value)) <= 9 else -1
    if not 0 <= number <= MAX_EMPLOYEES:
        raise BadInput(
            "employees_wrong",
            de="Die Zahl der Beschäftigten ist nicht zu verstehen.",
            en="The number of employees cannot be understood.",
            where="employees",
            remedy_de="Bitte eine ganze Zahl von 0 bis 1.000.000 angeben.",
            remedy_en="Give a whole number from 0 to 1,000,000.",
        )
    return number


def ask(
    question: object,
    *,
    lang: Lang | None = None,
    state: State | None = None,
    employees: int | None = None,
    channel: str = "web",
    store: bool = True,
) -> tuple[dict[str, Any], Answer]:
    """Answer a question, add the one next step, and keep both (words masked) for the permanent link and the desk.

    Returns the answer object and the room's own value. With `store=False` nothing is written.

    Raises:
        BadInput, TooLarge: the question cannot be used.
    """
    text = check_question(question)
    answer = answers.answer(text, lang=lang, state=state, employees=employees)
    inquiry_id = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    made = answer_dict(inquiry_id, answer, next_step(answer, inquiry_id if store else ""))
    answered.send(sender=ask, answer=answer)
    if store:
        Inquiry.objects.create(
            id=inquiry_id,
            question=mask(text)[:MAX_QUESTION],
            lang=answer.lang,
            state=answer.state or "",
            employees=answer.employees,
            channel=channel,
            kind=answer.kind,
            topic=answer.topic,
            confidence=answer.confidence,
            answer={
                **made,
                "question": "",
                "doors": [[d.name, d.url, d.phone] for d in answer.doors],
                "articles": list(answer.articles),
                "records": list(answer.records),
                "mode": answer.mode,
            },
            expires_at=timezone.now() + KEEP_WORDS,
        )
    _log.info(
        "event=answered kind=%s topic=%s confidence=%s channel=%s ms=%s",
        answer.kind,
        answer.topic,
        answer.confidence,
        channel,
        answer.ms,
    )
    return made, answer


def rate(inquiry_id: str, *, helpful: bool, reason: str = "", comment: str = "") -> None:
    """Note whether an answer helped and why not; words are masked. The first rating counts, a later one changes nothing.

    A rating that did not help puts the question on the desk (again); its words are kept as long as a new question's.

    Raises:
        NotFound: there is no such answer.
        BadInput: the reason is not one of the list, or the comment is too long.
    """
    if reason and reason not in Inquiry.Reason.values:
        raise BadInput(
            "reason_unknown",
            de="Dieser Grund steht nicht zur Wahl.",
            en="This reason is not on the list.",
            where="reason",
            remedy_de="Bitte einen Grund aus der Liste wählen.",
            remedy_en="Choose one from the list.",
        )
    if len(comment) > 1000:
        raise TooLarge(
            "comment_too_long",
            de="Die Anmerkung ist zu lang.",
            en="The comment is too long.",
            where="comment",
            remedy_de="Bitte auf 1.000 Zeichen kürzen.",
            remedy_en="Shorten it to 1,000 characters.",
        )
    changed = Inquiry.objects.filter(pk=inquiry_id, helpful=None).update(
        helpful=helpful,
        reason="" if helpful else reason,
        comment=mask(tidy(comment))[:1000],
        expires_at=timezone.now() + KEEP_WORDS,
    )
    if changed and not helpful:
        Inquiry.objects.filter(pk=inquiry_id).update(handled_at=None)
    if not changed and not Inquiry.objects.filter(pk=inquiry_id).exists():
        raise NotFound(
            "answer_unknown",
            de="Diese Antwort gibt es nicht.",
            en="There is no such answer.",
            where="id",
            remedy_de="Bitte die Frage neu stellen.",
            remedy_en="Ask the question again.",
        )


def handle(user: Person, inquiry_id: str, note: str = "") -> None:
    """Mark a question on the desk as handled.

    Raises:
        NotAllowed: not of the staff.
        NotFound: there is no such question.
    """
    check_staff(user)
    changed = Inquiry.objects.filter(pk=inquiry_id).update(
        handled_at=timezone.now(),
        handled_by=user.pk,
        handled_note=mask(tidy(note))[:500],
        expires_at=timezone.now() + KEEP_WORDS,
    )
    if not changed:
        raise NotFound(
            "question_unknown",
            de="Diese Frage gibt es nicht.",
            en="There is no such question.",
            where="id",
            remedy_de="Bitte den Tisch neu laden.",
            remedy_en="Reload the desk.",
        )


def erase(user: Person, inquiry_id: str) -> None:
    """Erase the words of one question at once (somebody asked for it); the answer keeps its link.

    Raises:
        NotAllowed: not of the staff.
        NotFound: there is no such question.
    """
    check_staff(user)
    changed = Inquiry.objects.filter(pk=inquiry_id).update(question="", comment="", handled_note="", expires_at=None)
    if not changed:
        raise NotFound(
            "question_unknown",
            de="Diese Frage gibt es nicht.",
            en="There is no such question.",
            where="id",
            remedy_de="Bitte den Tisch neu laden.",
            remedy_en="Reload the desk.",
        )
    _log.info("event=words_erased_by_staff id=%s", inquiry_id)


@transaction.atomic
def erase_expired() -> int:
    """Erase the words of questions, comments and notes past their day; return how many. The answers keep their links."""
    return Inquiry.objects.filter(expires_at__lt=timezone.now()).update(
        question="", comment="", handled_note="", expires_at=None
    )


def describe_operator(user: Person, values: Mapping[str, str]) -> Operator:
    """Store who runs this centre; an empty form counts as "asked and skipped".

    Raises:
        NotAllowed: not an administrator.
    """
    check_staff(user)
    if not getattr(user, "is_superuser", False):
        raise NotAllowed(
            "administrators_only",
            de="Das darf nur die Verwaltung.",
            en="Only administrators may do this.",
            where="operator",
            remedy_de="Bitte fragen Sie die Verwaltung.",
            remedy_en="Ask an administrator.",
        )
    operator, _ = Operator.objects.get_or_create(pk=1)
    for name in ("name", "address", "phone", "mail", "hours", "responsible"):
        if name in values:
            setattr(operator, name, tidy(str(values[name])))
    operator.asked = True
    operator.save()
    return operator
