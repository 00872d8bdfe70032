"""The questions somebody is asked: the form of the models chosen, once, and what each model on offer takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.language import Lang
from nordlotse.foundation.questionnaire.answering import Filled, fill, needed
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core import asking
from nordlotse.readiness.core.maturity import MaturityModel

#: The centre's own short check; everybody begins with it.
SHORT = "own"


def _available() -> dict[str, MaturityModel]:
    from nordlotse.readiness.queries import models

    return models.available()


def form_of(models: Sequence[str]) -> Form:
    """Return the questions of these models, each once; models that do not exist are left out."""
    from nordlotse.readiness.queries import models as known

    return known.form_for(offered(models))


def offered(models: Sequence[str]) -> tuple[str, ...]:
    """Return the references of those of these models that exist, own ones with their version; the short check where none does."""
    from nordlotse.readiness.queries import models as known

    return tuple(v.reference for v in known.versions(models)) or (SHORT,)


def chosen(models: Sequence[str]) -> dict[str, MaturityModel]:
    """Return these models by id, as `offered`."""
    from nordlotse.readiness.queries import models as known

    return {v.model.id: v.model for v in known.versions(offered(models))}


def hashes(models: Sequence[str]) -> dict[str, str]:
    """Return the hash of each model by id and, under "form", of their questions: kept with the answers."""
    return {name: model.hash for name, model in chosen(models).items()} | {"form": form_of(models).hash}


def filled(models: Sequence[str], answers: Mapping[str, Any]) -> Filled:
    """Return what the questions of these models make of the answers."""
    form = form_of(models)
    return fill(form, {name: value for name, value in answers.items() if name in form.by_name})


def said(form: Form, found: Filled, answers: Mapping[str, Any], lang: Lang) -> list[tuple[str, str, str]]:
    """Return name, wording and answer in words of every question asked now that has an answer, in the order of the form."""
    given = [q for q in asking.asked(form, found) if q.name in answers]
    return [(q.name, q.label.get(lang), asking.said(q, answers[q.name]).get(lang)) for q in given]


@dataclass(frozen=True, slots=True)
class Offer:
    """A model on offer: how many questions it asks, how many of them are `further` ones, and the minutes for those.

    Some questions come only after certain answers: it is at least so many, and at most `most` and `further_most`. `minutes` is the
    model's own figure in proportion to the questions that may come, at least one where there are any.
    """

    model: MaturityModel
    questions: int
    most: int
    further: int
    further_most: int
    minutes: int


def offer(model: str) -> Offer | None:
    """Return one model on offer by its id, with nothing answered; None where it is not on offer."""
    found = _available().get(model)
    return _offer(found, (), {}) if found else None


def short() -> Offer:
    """Return the short check, with nothing answered."""
    return _offer(_available()[SHORT], (), {})


def offers(answers: Mapping[str, Any] | None = None, beside: Sequence[str] = ()) -> list[Offer]:
    """Return the models on offer that are not among `beside`, each with what it asks beyond those and beyond the answers given."""
    from nordlotse.readiness.queries import models as known

    there = {known.base(reference) for reference in beside}
    return [_offer(model, beside, answers or {}) for name, model in _available().items() if name not in there]


def _offer(model: MaturityModel, beside: Sequence[str], answers: Mapping[str, Any]) -> Offer:
    form, found = form_of((model.id,)), filled((model.id,), answers)
    now = asking.counted(form, found)
    later = [q for q in form.questions if q.kind in asking.ASKED and _may_come_up(form, found, answers, q.name)]
    asked_anyway = form_of(beside).by_name if beside else {}
    further = [q for q in now if q.name not in answers and q.name not in asked_anyway]
    more = [q for q in later if q.name not in answers and q.name not in asked_anyway]
    most, left = len(now) + len(later), len(further) + len(more)
    minutes = max(1, round(model.minutes * left / most)) if left else 0
    return Offer(model, len(now), most, len(further), left, minutes)


def _may_come_up(form: Form, found: Filled, answers: Mapping[str, Any], name: str) -> bool:
    """Tell whether a question that is not asked now may be, because it depends on one without an answer."""
    if name in found.visible:
        return False
    return any(other != name and other not in answers for other in needed(form, [name]))
