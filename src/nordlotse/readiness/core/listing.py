"""What a model asks, as plain values: from this list somebody writes an answers file without looking anywhere else."""

from __future__ import annotations

from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Form, Kind, Question
from nordlotse.readiness.core.assess import plain
from nordlotse.readiness.core.maturity import Leaf, MaturityModel, Node, leaves_of


def listed(model: MaturityModel, form: Form) -> dict[str, Any]:
    """Return a model with its levels, dimensions and items; `form` holds its questions.

    An item's `id` is the name of its question: what stands in `{"answers": {id: value}}`. `value` says how the answer is written; points are
    by choice.
    """
    return {
        "id": model.id,
        "version": model.version,
        "hash": model.hash,
        "title": _said(model.title),
        "about": _said(model.about),
        "limits": _said(model.limits),
        "attribution": _said(model.attribution),
        "unit": model.unit,
        "top": plain(model.top),
        "minutes": model.minutes,
        "aggregate": model.root.aggregate,
        "missing": model.missing,
        "levels": [{"level": b.key, "from": plain(b.lower), "label": _said(b.label)} for b in model.bands],
        "dimensions": [_dimension(part, model, form) for part in model.dimensions],
    }


def company_questions(form: Form, group: str) -> list[dict[str, Any]]:
    """Return the questions about the company itself, which give no points."""
    return [_asked(q) for q in form.questions if q.group == group]


def _said(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}


def _dimension(part: Node | Leaf, model: MaturityModel, form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {"id": part.id, "label": _said(part.label)}
    if model.root.aggregate == "weighted_mean":
        found["weight"] = plain(part.weight)
    if isinstance(part, Node):
        found["aggregate"] = part.aggregate
    found["items"] = [_item(leaf, form) for leaf in leaves_of(part)]
    return found


def _item(leaf: Leaf, form: Form) -> dict[str, Any]:
    question = form.by_name.get(leaf.question)
    asked: dict[str, Any] = {"id": leaf.question, "label": _said(leaf.label)} if question is None else _asked(question)
    for choice in asked.get("choices", ()):
        points = leaf.scores.get(choice["name"])
        choice["points"] = None if points is None else plain(points)
    return asked | {"leaf": leaf.id}


def _asked(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": question.name,
        "type": question.kind.value,
        "value": _VALUES[question.kind],
        "label": _said(question.label),
    }
    if question.hint.de:
        found["hint"] = _said(question.hint)
    if question.relevant:
        found["relevant"] = question.relevant
    if question.choices:
        found["choices"] = [
            {"name": c.name, "label": _said(c.label)} | ({"exclusive": True} if c.exclusive else {})
            for c in question.choices
        ]
    return found


_VALUES = {
    Kind.SELECT_ONE: f"name of one choice, or “{DONT_KNOW}”",
    Kind.SELECT_MULTIPLE: f"list of names of choices, [] for none of them, or “{DONT_KNOW}”",
    Kind.INTEGER: "whole number",
    Kind.DECIMAL: "number",
    Kind.TEXT: "text",
    Kind.NOTE: "",
    Kind.CALCULATE: "",
}
