"""Answers that are not kept travel with the person: one hidden field in every form, read here within limits.

A form that shows questions sends their fields too (`shown` names them): they are put in here, so that every button of a page of
questions (on, result, keep, the other language) takes along what was just ticked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.foundation.questionnaire.answering import Mend
from nordlotse.readiness.core import asking
from nordlotse.readiness.forms.answering import PREFIX
from nordlotse.readiness.queries import answering
from nordlotse.readiness.queries.models import base

#: The largest set of answers that travels, in characters of JSON.
MAX_CHARACTERS = 100_000
#: So many questions a set of answers names at most.
MAX_NAMES = 400
#: Letters of one answer in words.
MAX_WORDS = 2_000
#: So many choices one answer holds at most.
MAX_CHOICES = 60
#: The model somebody gets who names none.
DEFAULT_MODELS = ("own",)
#: So many models are asked for at once.
MAX_MODELS = 8

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
#: A model's id, and for an own one its version.
_MODEL = re.compile(r"[A-Za-z0-9_-]{1,40}(@[0-9a-f]{12})?")


@dataclass(frozen=True, slots=True)
class Carried:
    """The answers given so far and the models asked for, own ones with the version they are answered with. `given` is False where the request held none.

    `shown` are the questions on the page that was sent; `mends` what does not fit together in its fields.
    """

    answers: Mapping[str, Any]
    models: tuple[str, ...]
    given: bool = True
    shown: tuple[str, ...] = ()
    mends: tuple[Mend, ...] = ()

    @property
    def json(self) -> str:
        """Return the answers as the hidden field holds them."""
        return json.dumps(dict(self.answers), ensure_ascii=False, separators=(",", ":"))

    @property
    def models_now(self) -> str:
        """Return the models without their versions: those on offer now."""
        return ",".join(base(model) for model in self.models)

    @property
    def models_text(self) -> str:
        """Return the models as the hidden field holds them."""
        return ",".join(self.models)


def carried(request: HttpRequest) -> Carried:
    """Return what a form carried along (POST fields `answers` and `models`).

    Raises:
        BadInput: the answers are no answers (`answers_unreadable`).
        TooLarge: there are more than fit (`answers_too_large`).
    """
    typed = request.POST.get("answers", "")
    models = answering.offered(read_models(request.POST.getlist("models")))
    answers = read_answers(typed) if typed else {}
    shown, given = page_of(request, models)
    return Carried(
        answers=given.merged(answers),
        models=models,
        given="models" in request.POST or bool(typed),
        shown=shown,
        mends=given.mends,
    )


def page_of(request: HttpRequest, models: Sequence[str]) -> tuple[tuple[str, ...], asking.Given]:
    """Return the questions a sent page showed, and what its fields say."""
    names = request.POST.get("shown", "").split(",")[:MAX_NAMES]
    form = answering.form_of(models)
    shown = tuple(name for name in names if name in form.by_name)
    questions = [form.by_name[name] for name in shown]
    return shown, asking.read(questions, lambda name: request.POST.getlist(PREFIX + name))


def read_models(typed: Sequence[str]) -> tuple[str, ...]:
    """Return ids of models from fields or a list, each once; the short check where none is named."""
    names = [name.strip() for part in typed for name in str(part).split(",")]
    found = tuple(dict.fromkeys(name for name in names if _MODEL.fullmatch(name)))[:MAX_MODELS]
    return found or DEFAULT_MODELS


def read_answers(text: str) -> dict[str, Any]:
    """Return a set of answers from JSON: an object of question names, or such an object under "answers".

    Raises:
        BadInput, TooLarge: as in `carried`.
    """
    return check_answers(_object(text))


def check_answers(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers whose shape fits (words, numbers, lists of words); what they mean the form says later.

    Raises:
        BadInput, TooLarge: as in `carried`.
    """
    if len(found) > MAX_NAMES:
        raise _too_large()
    made: dict[str, Any] = {}
    for name, value in found.items():
        if not _NAME.fullmatch(name) or not _fits(value):
            raise _unreadable(name[:64])
        made[name] = tuple(value) if isinstance(value, list) else value
    return made


def _object(text: str) -> Mapping[str, Any]:
    if len(text) > MAX_CHARACTERS:
        raise _too_large()
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _unreadable("answers") from error
    if isinstance(found, dict) and isinstance(found.get("answers"), dict):
        found = found["answers"]
    if not isinstance(found, dict):
        raise _unreadable("answers")
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)


def _fits(value: object) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= MAX_CHOICES and all(isinstance(v, str) and _is_text(v) for v in value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    return _is_text(value) if isinstance(value, str) else abs(value) < 1e15


def _is_text(value: str) -> bool:
    """Tell whether words can be written on a page and kept: JSON also names halves of letters, and NUL, which no text holds."""
    return len(value) <= MAX_WORDS and "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def _unreadable(where: str) -> BadInput:
    return BadInput(
        "answers_unreadable",
        de="Diese Antworten lassen sich nicht lesen.",
        en="These answers cannot be read.",
        where=where,
        remedy_de="Gehen Sie im Browser eine Seite zurück oder laden Sie Ihre Datei antworten.json neu hoch. Gesichertes bleibt, wie es ist.",
        remedy_en="Go back one page in your browser, or upload your file antworten.json again. What is kept stays as it is.",
    )


def _too_large() -> TooLarge:
    return TooLarge(
        "answers_too_large",
        de=f"Das sind zu viele Antworten: höchstens {MAX_NAMES} Fragen und {MAX_CHARACTERS // 1000} kB.",
        en=f"These are too many answers: at most {MAX_NAMES} questions and {MAX_CHARACTERS // 1000} kB.",
        where="answers",
        remedy_de="Bitte nehmen Sie die Datei, die Sie hier heruntergeladen haben.",
        remedy_en="Use the file that you downloaded here.",
    )
