"""From answers to the scores of several models: one answer set, what does not apply left out, each model in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.answering import Filled, fill, needed
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Form
from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.score import Blocking, PartScore, Point, Score
from nordlotse.readiness.core.scoring import score
from nordlotse.readiness.core.vectors import answers_of


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answers as the form takes them, the score of each model by its id, and the questions that do not apply (`hidden`).

    `hidden` are fewer than those the form does not ask: what an open answer may still bring up is missing, not irrelevant. A plan
    takes the same ones, so that it begins where the score stands.
    """

    filled: Filled
    scores: Mapping[str, Score]
    hidden: frozenset[str] = frozenset()


def assess(
    answers: Mapping[str, object], models: Mapping[str, MaturityModel] | None = None, form: Form | None = None
) -> Assessment:
    """Return what the answers say in each model (the shipped ones by default); `form` is the questionnaire they belong to.

    A question hidden by an answer that is not known yet counts as missing, not as irrelevant: it may still come up.
    """
    asked = catalogue.questions() if form is None else form
    filled = fill(asked, answers)
    hidden = frozenset(name for name in filled.hidden if not _may_come_up(asked, filled, name))
    chosen = catalogue.shipped_models() if models is None else models
    return Assessment(filled, {name: score(model, filled.answers, hidden) for name, model in chosen.items()}, hidden)


def _may_come_up(form: Form, filled: Filled, name: str) -> bool:
    """Tell whether a hidden question depends on one that is asked and has no known answer."""
    return any(
        other not in filled.hidden and other in filled.visible and filled.answers.get(other, DONT_KNOW) == DONT_KNOW
        for other in needed(form, [name])
        if other != name
    )


def read_document(
    document: object, models: Mapping[str, MaturityModel] | None = None, where: str = ""
) -> dict[str, object]:
    """Return the answers of an answers file: `{"answers": {question: value}}`, or short forms by model id, or both.

    Capital letters in these keys do not matter.

    Raises:
        BadInput: `answers_broken` or `vector_broken`, with place and remedy.
    """
    on_offer = catalogue.shipped_models() if models is None else models
    known = {name.casefold(): model for name, model in on_offer.items()}
    if not isinstance(document, Mapping) or not document:
        raise _wrong(
            where,
            "Die Datei enthält keine Antworten.",
            "The file contains no answers.",
            'Schreiben Sie {"answers": {"Frage": "Antwort"}}.',
            'Write {"answers": {"question": "answer"}}.',
        )
    found: dict[str, object] = {}
    for key, value in document.items():
        meant = str(key).strip().casefold()
        if meant == "answers":
            if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
                raise _wrong(
                    f"{where} answers".strip(),
                    "„answers“ muss jeder Frage eine Antwort zuordnen.",
                    "“answers” must map each question to an answer.",
                    'Schreiben Sie {"answers": {"Frage": "Antwort"}}.',
                    'Write {"answers": {"question": "answer"}}.',
                )
            given: Mapping[str, object] = value
        elif meant in known:
            given = answers_of(known[meant], value)
        else:
            names = ", ".join(["answers", *on_offer])
            raise _wrong(
                f"{where} {str(key)[:40]}".strip(),
                f"„{str(key)[:40]}“ ist hier nicht bekannt.",
                f"“{str(key)[:40]}” is not known here.",
                f"Möglich sind: {names}.",
                f"Possible: {names}.",
            )
        for name, answer in given.items():
            if found.setdefault(name, answer) != answer:
                raise _wrong(
                    f"{where} {key}".strip(),
                    f"Die Frage „{name}“ ist in der Datei zweimal verschieden beantwortet.",
                    f"The question “{name}” has two different answers in the file.",
                    "Lassen Sie eine der beiden Antworten weg.",
                    "Leave one of the two answers out.",
                )
    return found


def _wrong(where: str, de: str, en: str, remedy_de: str, remedy_en: str) -> BadInput:
    return BadInput("answers_broken", de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def as_dict(scored: Score, lang: Lang = "de") -> dict[str, Any]:
    """Return a score as the command line and the interface hand it out.

    Numbers are whole where they are, else rounded half up to 6 decimals; None while undetermined. `lower` and `upper` are the bounds of
    `total`. `level` is a number where the level's key is one. An `item` is a question, as `{"answers": {item: value}}` names it, a `leaf`
    its place in the model. `blocking` and `trace` explain themselves in `lang`.
    """
    band = scored.total.band
    return {
        "dimensions": {part.id: _value(part) for part in scored.dimensions},
        "total": _value(scored.total),
        "level": None if band is None else int(band.key) if band.key.isdecimal() else band.key,
        "lower": plain(scored.total.lower),
        "upper": plain(scored.total.upper),
        "blocking": [_blocking(one, lang) for one in scored.blocking],
        "trace": [_point(point, lang) for point in scored.trace],
        "bounds": {part.id: [plain(part.lower), plain(part.upper)] for part in scored.dimensions},
        "answered": scored.answered,
        "asked": scored.asked,
        "version": scored.version,
        "hash": scored.hash,
    }


def plain(value: Fraction) -> int | float:
    """Return an exact number for JSON: whole, or a decimal rounded half up to 6 places."""
    if value.denominator == 1:
        return value.numerator
    return float(Fraction((value * 10**6 + Fraction(1, 2)).__floor__(), 10**6))


def _value(part: PartScore) -> int | float | None:
    return None if part.value is None else plain(part.value)


def _blocking(one: Blocking, lang: Lang) -> dict[str, Any]:
    return {
        "item": one.question,
        "leaf": one.item,
        "dimension": one.dimension or None,
        "answer": list(one.answer) if isinstance(one.answer, tuple) else one.answer,
        "needed": one.needed,
        "gain": plain(one.gain),
        "reason": one.reason.get(lang),
    }


def _point(point: Point, lang: Lang) -> dict[str, Any]:
    return {
        "item": point.question,
        "leaf": point.leaf,
        "path": list(point.path),
        "answer": list(point.answer) if isinstance(point.answer, tuple) else point.answer,
        "state": point.state,
        "points": None if point.points is None else plain(point.points),
        "low": plain(point.low),
        "high": plain(point.high),
        "contribution": plain(point.contribution),
        "rule": point.rule.get(lang),
    }
