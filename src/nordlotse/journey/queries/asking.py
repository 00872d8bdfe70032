"""Every read on the company's way."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from nordlotse.foundation.problem import NotFound
from nordlotse.journey.models import Inquiry, Operator


def inquiry(inquiry_id: str) -> Inquiry:
    """Return a question with its answer.

    Raises:
        NotFound: there is none with this id.
    """
    # Anything else cannot be one of ours, and a NUL would make PostgreSQL complain.
    usable = inquiry_id.isascii() and inquiry_id.isalnum() and len(inquiry_id) <= 22
    found = Inquiry.objects.filter(pk=inquiry_id).first() if usable else None
    if found is None:
        raise NotFound(
            "answer_unknown",
            de="Diese Antwort gibt es nicht.",
            en="There is no such answer.",
            where="id",
            remedy_de="Bitte die Frage neu stellen.",
            remedy_en="Ask the question again.",
        )
    return found


def operator() -> Operator:
    """Return who runs this centre; an empty value until somebody has entered it."""
    return Operator.objects.filter(pk=1).first() or Operator()


def _open() -> QuerySet[Inquiry]:
    """Return questions nobody has handled and whose words are still there."""
    return Inquiry.objects.filter(handled_at=None).exclude(question="")


def unanswered() -> QuerySet[Inquiry]:
    """Return open questions to which we had no checked passage, newest first."""
    return _open().filter(kind="answer", confidence="none").order_by("-asked_at")


def badly_rated() -> QuerySet[Inquiry]:
    """Return open questions whose answer did not help, newest first."""
    return _open().filter(helpful=False).order_by("-asked_at")


def open_questions() -> int:
    """Return how many questions nobody has handled."""
    return _open().filter(Q(kind="answer", confidence="none") | Q(helpful=False)).count()
