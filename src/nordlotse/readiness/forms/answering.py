"""A page of questions as fields: what to choose from, what is chosen, what has to be mended, what somebody else said meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from nordlotse.foundation.language import Lang
from nordlotse.foundation.questionnaire.answering import Mend
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Kind, Question
from nordlotse.readiness.core import asking

#: What stands before a question's name in the page's fields, so that it meets no field of ours.
PREFIX = "q_"
#: More choices than this stand in a drop-down: on a phone a column of cards would hide the button.
LONG = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. `apart`: not one of the stages ("don't know", "none of these")."""

    value: str
    label: str
    hint: str
    chosen: bool
    apart: bool = False


@dataclass(frozen=True, slots=True)
class QuestionField:
    """One question on a page. `kind`: "one", "list" (one of many, as a drop-down), "several", "number" or "words".

    `typed` is the text of the last two.

    `mends` are sentences on what to mend, each with what to do; `meanwhile` is somebody else's answer.
    """

    name: str
    kind: str
    label: str
    hint: str
    options: tuple[Option, ...]
    typed: str
    mends: tuple[tuple[str, str], ...]
    meanwhile: str


_KINDS = {Kind.SELECT_ONE: "one", Kind.SELECT_MULTIPLE: "several", Kind.TEXT: "words"}


def fields(
    questions: Sequence[Question],
    answers: Mapping[str, Any],
    lang: Lang,
    mends: Sequence[Mend] = (),
    meanwhile: Mapping[str, Any] | None = None,
) -> tuple[QuestionField, ...]:
    """Return the fields of a page; `meanwhile` are answers somebody else gave, by question."""
    return tuple(_field(q, answers.get(q.name), lang, mends, meanwhile or {}) for q in questions)


def _field(q: Question, answer: Any, lang: Lang, mends: Sequence[Mend], meanwhile: Mapping[str, Any]) -> QuestionField:
    kind = _KINDS.get(q.kind, "number")
    if kind == "one" and len(q.choices) > LONG and not any(c.hint.de for c in q.choices):
        kind = "list"
    return QuestionField(
        name=PREFIX + q.name,
        kind=kind,
        label=q.label.get(lang),
        hint=q.hint.get(lang),
        options=_options(q, answer, lang) if kind in ("one", "list", "several") else (),
        typed=_typed(answer, lang) if kind in ("number", "words") else "",
        mends=tuple((m.message.get(lang), m.remedy.get(lang)) for m in mends if m.question == q.name),
        meanwhile=asking.said(q, meanwhile[q.name]).get(lang) if q.name in meanwhile else "",
    )


def _options(q: Question, answer: Any, lang: Lang) -> tuple[Option, ...]:
    chosen = set(answer) if isinstance(answer, list | tuple) else {answer}
    made = [
        Option(
            c.name,
            c.label.get(lang),
            c.hint.get(lang),
            c.name in chosen,
            c.exclusive and q.kind == Kind.SELECT_MULTIPLE,
        )
        for c in q.choices
    ]
    if q.kind == Kind.SELECT_MULTIPLE and not any(c.exclusive for c in q.choices):
        empty = isinstance(answer, list | tuple) and not answer
        made.append(Option(asking.NONE_OF_THESE, _("nichts davon"), "", empty, True))
    if q.choice(DONT_KNOW) is None:
        made.append(Option(DONT_KNOW, _("weiß nicht"), "", answer == DONT_KNOW, True))
    return tuple(made)


def _typed(answer: Any, lang: Lang) -> str:
    if answer is None or answer == DONT_KNOW:
        return ""
    text = str(answer)
    return text.replace(".", ",") if lang == "de" and isinstance(answer, float) else text
