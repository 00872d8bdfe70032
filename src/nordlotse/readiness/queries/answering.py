"""The questions somebody is asked: the form of the models chosen, once, and what each model on offer takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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


@lru_cache(maxsize=64)
def _shipped_form(models: tuple[str, ...]) -> Form:
    from nordlotse.readiness.core import catalogue

    return catalogue.form_for(models)


def form_of(models: Sequence[str]) -> Form:
    """Return the questions of these models, each once; models that are not on offer (any more) are left out."""
    wanted = offered(models)
    return _shipped_form(wanted)


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
    """A model on offer: how many questions it asks (in all, and beyond the answers given), and the minutes it takes.

    `minutes` is for the open questions, in proportion to the model's own figure, at least one.
    """

    model: MaturityModel
    questions: int
    open: int
    minutes: int


def offers(answers: Mapping[str, Any] | None = None) -> list[Offer]:
    """Return every model on offer, the short check first; with `answers` what each still asks.

    A model that is offered beside the short check counts only its own further questions.
    """
    given = answers or {}
    found = _available()
    order = sorted(found, key=lambda m: m != SHORT)
    return [_offer(found[m], given) for m in order]


def _offer(model: MaturityModel, answers: Mapping[str, Any]) -> Offer:
    form = form_of((model.id,))
    asked = [q for q in asking.asked(form, filled((model.id,), answers)) if q.group != "company"]
    left = [q for q in asked if q.name not in answers]
    minutes = max(1, round(model.minutes * len(left) / max(1, len(asked)))) if left else 0
    return Offer(model, len(asked), len(left), minutes)
