"""The questions somebody is asked: the form of the models chosen, once, and what each model on offer takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.questionnaire.answering import Filled, fill
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core import asking
from nordlotse.readiness.core.maturity import MaturityModel

#: The centre's own short check; everybody begins with it.
SHORT = "own"


def _available() -> dict[str, MaturityModel]:
    from nordlotse.readiness.queries import models

    return models.available()


def form_of(models: Sequence[str]) -> Form:
    """Return the questions of these models, each once; models that are not on offer (any more) are left out."""
    from nordlotse.readiness.queries import models as known

    return known.form_for(offered(models))


def offered(models: Sequence[str]) -> tuple[str, ...]:
    """Return those of these models that are on offer; the short check where none is."""
    on_offer = _available()
    return tuple(m for m in models if m in on_offer) or (SHORT,)


def hashes(models: Sequence[str]) -> dict[str, str]:
    """Return the hash of each model and, under "form", of their questions: kept with the answers."""
    on_offer = _available()
    return {m: on_offer[m].hash for m in offered(models)} | {"form": form_of(models).hash}


def filled(models: Sequence[str], answers: Mapping[str, Any]) -> Filled:
    """Return what the questions of these models make of the answers."""
    form = form_of(models)
    return fill(form, {name: value for name, value in answers.items() if name in form.by_name})


@dataclass(frozen=True, slots=True)
class Offer:
    """A model on offer: how many questions it asks, how many of them are `further` ones, and the minutes for those.

    `minutes` is the model's own figure in proportion to its further questions, at least one where there are any.
    """

    model: MaturityModel
    questions: int
    further: int
    minutes: int


def short() -> Offer:
    """Return the short check, with nothing answered."""
    return _offer(_available()[SHORT], (), {})


def offers(answers: Mapping[str, Any] | None = None, beside: Sequence[str] = ()) -> list[Offer]:
    """Return the models on offer that are not among `beside`, each with what it asks beyond those and beyond the answers given."""
    found = _available()
    return [_offer(model, beside, answers or {}) for name, model in found.items() if name not in beside]


def _offer(model: MaturityModel, beside: Sequence[str], answers: Mapping[str, Any]) -> Offer:
    own = asking.counted(form_of((model.id,)), filled((model.id,), answers))
    asked_anyway = form_of(beside).by_name if beside else {}
    further = [q for q in own if q.name not in answers and q.name not in asked_anyway]
    minutes = max(1, round(model.minutes * len(further) / len(own))) if further else 0
    return Offer(model, len(own), len(further), minutes)
