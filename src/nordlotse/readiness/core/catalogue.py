"""What ships with the room: the common set of questions, the models over it, and the form that some of the models need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.answering import needed
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.foundation.questionnaire.rows import read_form
from nordlotse.readiness.core.loading import read_model
from nordlotse.readiness.core.maturity import MaturityModel

#: The group of questions about the company itself: optional, never scored, in every form.
COMPANY = "company"
#: The shipped models, the centre's own short check first.
ORDER = ("own", "dma", "impuls")


def _data() -> Traversable:
    return resources.files("nordlotse.readiness.core") / "data"


@cache
def questions() -> Form:
    """Return the common set of questions, every one once, whichever models use it.

    Raises:
        BadInput: the file is broken.
    """
    name = "questions.yaml"
    return read_form((_data() / name).read_text("utf-8"), name)


@cache
def shipped_models() -> Mapping[str, MaturityModel]:
    """Return the shipped models by id, the short check first.

    Raises:
        BadInput: a file is broken.
    """
    folder, form = _data() / "models", questions()
    models = (read_model((folder / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml", form) for name in ORDER)
    return MappingProxyType({model.id: model for model in models})


def chosen(wanted: Iterable[str], models: Mapping[str, MaturityModel] | None = None) -> dict[str, MaturityModel]:
    """Return the models wanted, in that order; from the shipped ones unless `models` says from which.

    Raises:
        BadInput: `unknown_model`, naming those there are.
    """
    on_offer = shipped_models() if models is None else models
    found: dict[str, MaturityModel] = {}
    for name in wanted:
        if name not in on_offer:
            raise BadInput(
                "unknown_model",
                de=f"Das Modell „{name[:40]}“ gibt es nicht.",
                en=f"There is no model “{name[:40]}”.",
                where=name[:40],
                remedy_de=f"Möglich sind: {', '.join(on_offer)}.",
                remedy_en=f"Possible: {', '.join(on_offer)}.",
            )
        found[name] = on_offer[name]
    return found


def form_for(models: Sequence[str | MaturityModel]) -> Form:
    """Return the questions that models need, each once, in the order of the common set, with those about the company.

    What a question's condition names is in it as well. Models are shipped ones by id, or any over the common set.

    Raises:
        BadInput: `unknown_model`.
    """
    names: list[str] = []
    for model in models:
        names += (next(iter(chosen([model]).values())) if isinstance(model, str) else model).questions
    return _subset(frozenset(names))


@lru_cache(maxsize=64)
def _subset(names: frozenset[str]) -> Form:
    form = questions()
    kept = set(needed(form, [*names, *(q.name for q in form.questions if q.group == COMPANY)]))
    asked = tuple(q for q in form.questions if q.name in kept)
    groups = {q.group for q in asked}
    return replace(form, questions=asked, groups=tuple(g for g in form.groups if g.name in groups))


def deepening(models: Sequence[str | MaturityModel], answers: Mapping[str, object]) -> tuple[str, ...]:
    """Return the questions of models that have no answer yet, in order: what going deeper still asks. “Don't know” is an answer.

    Raises:
        BadInput: `unknown_model`.
    """
    form = form_for(models)
    return tuple(q.name for q in form.questions if q.group != COMPANY and q.name not in answers)
