"""A maturity model made of a questionnaire's own columns: dimension, weight, score, and the sheets `levels` and `dimensions`.

The columns become the same plain values as a YAML model, so the same strict reader judges both. Totals count in points.
"""

from __future__ import annotations

import difflib
import re
from fractions import Fraction
from typing import Any

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, DimensionRow, Form, Kind, Question
from nordlotse.foundation.records.fields import Fields
from nordlotse.readiness.core.aggregate import highest
from nordlotse.readiness.core.branches import TreeReader, wrong
from nordlotse.readiness.core.loading import model_of
from nordlotse.readiness.core.maturity import MaturityModel, Node
from nordlotse.readiness.core.written import number

#: Half a minute for a question: 200 words a minute for reading it, the rest for choosing (bench/readiness/words.py).
_MINUTES_EACH = 0.5

#: The settings that are rules of the model or texts about it.
_RULES = frozenset(
    {"aggregate", "rounding", "missing", "not_applicable", "minutes", "scale", "top"}
    | {f"{text}_{lang}" for text in ("about", "limits", "attribution") for lang in ("de", "en")}
)

_LIMITS = {
    "de": "Dies ist ein eigener Check des Zentrums. Er ist nicht wissenschaftlich geprüft.",
    "en": "This is the centre's own check. It has not been scientifically validated.",
}


def model_of_form(form: Form, place: str) -> MaturityModel:
    """Return the model in a questionnaire; `place` names the file in errors.

    A dimension with weights on its questions is their weighted mean. The total is the mean of the dimensions, or the weighted one
    where their weights differ. Rules may stand in the sheet `settings`: aggregate (of the total), rounding, missing, not_applicable, minutes, about_de, about_en,
    limits_de, limits_en, attribution_de, attribution_en, and scale: then the best answer to every question is worth so many points,
    and the others in proportion, whatever numbers stand in `score` (points / largest points of the question × scale).

    Raises:
        BadInput: `model_broken`, with place and remedy.
    """
    _no_misspelt(form, place)
    dimensions = [_dimension(form, row, place) for row in form.dimensions]
    differ = len({row.weight for row in form.dimensions}) > 1
    aggregate = form.settings.get("aggregate") or ("weighted_mean" if differ else "mean")
    if differ or aggregate == "weighted_mean":
        for part, row in zip(dimensions, form.dimensions, strict=True):
            part["weight"] = _exact(row.weight)
    settings = form.settings
    not_applicable = settings.get("not_applicable", "skip")
    tree: dict[str, Any] = {
        "id": form.id,
        "version": form.version,
        "title": {"de": form.title.de, "en": form.title.en},
        "unit": "points",
        "rounding": settings.get("rounding", "none"),
        "missing": settings.get("missing", "undetermined_with_bounds"),
        "not_applicable": not_applicable,
        "minutes": _minutes(form, place),
        "about": _pair(form, "about") or {"de": form.title.de, "en": form.title.en},
        "limits": _pair(form, "limits") or _LIMITS,
        "aggregate": aggregate,
        "dimensions": dimensions,
        "bands": [
            {
                "key": level.key,
                "from": _exact(level.lower),
                "de": level.label.de,
                "en": level.label.en,
                **({"text_de": level.text.de, "text_en": level.text.en} if level.text.de else {}),
            }
            for level in form.levels
        ],
    }
    if attribution := _pair(form, "attribution"):
        tree["attribution"] = attribution
    tree["top"] = number(_top(form, tree, not_applicable, place))
    return model_of(tree, place, form)


def _exact(value: float) -> int | str:
    return number(Fraction(str(value)))


def _pair(form: Form, name: str) -> dict[str, str]:
    de, en = form.settings.get(f"{name}_de", ""), form.settings.get(f"{name}_en", "")
    return {"de": de, "en": en} if de or en else {}


def _no_misspelt(form: Form, place: str) -> None:
    """Refuse a setting that looks like a rule written wrongly: passed over in silence, it would change every result."""
    for name in form.settings.keys() - _RULES:
        meant = difflib.get_close_matches(name, _RULES, 1, 0.8)
        if meant:
            raise wrong(
                f"{place} settings {name}",
                f"Die Einstellung „{name[:40]}“ kennen wir nicht.",
                f"We do not know the setting “{name[:40]}”.",
                f"Gemeint ist vielleicht „{meant[0]}“.",
                f"Perhaps “{meant[0]}” is meant.",
            )


def _minutes(form: Form, place: str) -> int:
    given = form.settings.get("minutes", "")
    if given:
        if not re.fullmatch("[0-9]{1,3}", given):
            raise _no_number(place, "minutes", given)
        return int(given)
    return max(1, round(_MINUTES_EACH * sum(1 for q in form.questions if q.dimension)))


def _dimension(form: Form, row: DimensionRow, place: str) -> dict[str, Any]:
    asked = [q for q in form.questions if q.dimension == row.name]
    weighted = any(q.weight is not None for q in asked)
    if weighted and row.aggregate not in ("mean", "weighted_mean"):
        raise wrong(
            f"{place} {row.name}",
            f"„{row.name}“ ist kein Mittel ({row.aggregate}); Gewichte seiner Fragen hätten keine Wirkung.",
            f"“{row.name}” is no mean ({row.aggregate}); weights of its questions would have no effect.",
            "Löschen Sie die Gewichte oder nehmen Sie „mean“.",
            "Delete the weights or use “mean”.",
        )
    scale = _scale(form, place)
    items = [_item(q, place, scale) | ({"weight": _exact(q.weight or 0)} if weighted else {}) for q in asked]
    return {
        "id": row.name,
        "de": row.label.de,
        "en": row.label.en,
        "aggregate": "weighted_mean" if weighted else row.aggregate,
        "items": items,
    }


def _scale(form: Form, place: str) -> Fraction | None:
    given = form.settings.get("scale", "").replace(",", ".")
    if given and not re.fullmatch(r"[1-9][0-9]{0,5}(\.[0-9]{1,4})?", given):
        raise _no_number(place, "scale", given)
    return Fraction(given) if given else None


def _no_number(place: str, name: str, given: str) -> BadInput:
    return wrong(
        f"{place} settings {name}",
        f"„{given[:40]}“ ist keine Zahl, die hier geht.",
        f"“{given[:40]}” is no number that goes here.",
        "Schreiben Sie eine Zahl größer als 0, zum Beispiel 100.",
        "Write a number greater than 0, for example 100.",
    )


def _item(question: Question, place: str, scale: Fraction | None) -> dict[str, Any]:
    reserved = (DONT_KNOW, NOT_APPLICABLE)
    given = {
        c.name: None if c.score is None else Fraction(str(c.score)) for c in question.choices if c.name not in reserved
    }
    known = [points for points in given.values() if points is not None]
    most = sum(known, Fraction(0)) if question.kind is Kind.SELECT_MULTIPLE else max(known, default=Fraction(0))
    factor = scale / most if scale is not None and most > 0 else Fraction(1)
    scored = {name: None if points is None else number(points * factor) for name, points in given.items()}
    if question.kind is Kind.SELECT_ONE:
        return {"id": question.name, "question": question.name, "map": scored}
    if question.kind is Kind.SELECT_MULTIPLE:
        # a tick without points adds none: nobody has to write a column of zeros
        each = {name: points for name, points in scored.items() if points is not None}
        return {"id": question.name, "question": question.name, "each": each}
    raise wrong(
        f"{place} {question.name}",
        f"Die Frage „{question.name}“ ({question.kind.value}) kann keine Punkte geben.",
        f"The question “{question.name}” ({question.kind.value}) cannot give points.",
        "Nehmen Sie select_one oder select_multiple, oder lassen Sie „dimension“ leer.",
        "Use select_one or select_multiple, or leave “dimension” empty.",
    )


def _top(form: Form, tree: dict[str, Any], not_applicable: str, place: str) -> Fraction:
    """Return the highest total the questionnaire allows; the reader then checks everything else against it."""
    reader = TreeReader(form, "points", Fraction(1), not_applicable)
    weighted = tree["aggregate"] == "weighted_mean"
    parts = [
        reader.part(Fields(part, f"{place} dimensions[{n}]"), weighted) for n, part in enumerate(tree["dimensions"])
    ]
    root = Node("total", form.title, tree["aggregate"], tuple(parts))
    reader.check(Fields(tree, place), "dimensions", root)
    return highest(root) or Fraction(1)
