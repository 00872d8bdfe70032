"""A maturity model written down as plain values: the tree it is kept as, and the hash of what decides a result."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE
from nordlotse.readiness.core.maturity import Band, Distribution, Leaf, MaturityModel, ModelSource, Node

#: Keys that carry wording: they explain a result but do not decide it.
_WORDS = frozenset({"de", "en", "text_de", "text_en"})
#: What of a whole model decides a result.
_RULES = (
    "id",
    "version",
    "unit",
    "top",
    "aggregate",
    "scale",
    "cap",
    "rounding",
    "missing",
    "not_applicable",
    "dimensions",
    "bands",
    "dimension_bands",
)


def number(value: Fraction) -> int | str:
    """Return an exact number for JSON or YAML: whole, or a fraction as text ("1/10")."""
    return value.numerator if value.denominator == 1 else str(value)


def as_tree(model: MaturityModel) -> dict[str, Any]:
    """Return the model as plain JSON values in the layout of the YAML file; `loading.model_of` reads it again."""
    return {
        "id": model.id,
        "version": model.version,
        "title": _pair(model.title),
        "unit": model.unit,
        "top": number(model.top),
        "rounding": model.rounding,
        "missing": model.missing,
        "not_applicable": model.not_applicable,
        "minutes": model.minutes,
        "about": _pair(model.about),
        "limits": _pair(model.limits),
        "aggregate": model.root.aggregate,
        **_bounds(model.root.scale, model.root.cap),
        "dimensions": [_part(part, model.root.aggregate == "weighted_mean") for part in model.dimensions],
        "bands": [_band(band) for band in model.bands],
        "dimension_bands": [_band(band) for band in model.dimension_bands],
        **_kept(
            {
                "attribution": _pair(model.attribution),
                "sources": [_source(source) for source in model.sources],
                "published": [_distribution(row) for row in model.published],
                "parameters": dict(model.parameters),
                "vector": _kept(
                    {
                        "order": list(model.vector.order),
                        "names": dict(model.vector.names),
                        "given": dict(model.vector.given),
                    }
                ),
            }
        ),
    }


def rules(model: MaturityModel) -> dict[str, Any]:
    """Return what of a model decides a result, without wording: tree, points, bands, rounding, rules for what is missing."""
    tree = as_tree(model)
    return {key: _without_words(tree[key]) for key in _RULES if key in tree}


def rules_hash(model: MaturityModel) -> str:
    """Return the SHA-256 of `rules` as JSON (keys sorted, no spaces), in hexadecimal.

    A better word in a text changes nothing that was measured, so it does not cut a company off from its own first check.
    """
    text = json.dumps(rules(model), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        # below `map` and `each` the keys are names of answers, whatever they are
        return {
            key: inner if key in ("map", "each") else _without_words(inner)
            for key, inner in value.items()
            if key not in _WORDS
        }
    return [_without_words(inner) for inner in value] if isinstance(value, list) else value


def _pair(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en} if text.de else {}


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in ("", None, {}, [])}


def _beside(text: Text, prefix: str = "") -> dict[str, str]:
    return {f"{prefix}de": text.de, f"{prefix}en": text.en} if text.de else {}


def _bounds(scale: Fraction, cap: Fraction | None) -> dict[str, int | str]:
    return ({} if scale == 1 else {"scale": number(scale)}) | ({} if cap is None else {"cap": number(cap)})


def _part(part: Node | Leaf, weighted: bool) -> dict[str, Any]:
    head = {"id": part.id, **_beside(part.label)} | ({"weight": number(part.weight)} if weighted else {})
    if isinstance(part, Leaf):
        return head | _leaf(part)
    inner = [_part(child, part.aggregate == "weighted_mean") for child in part.children]
    return {
        **head,
        **_beside(part.text, "text_"),
        "aggregate": part.aggregate,
        **_bounds(part.scale, part.cap),
        "items": inner,
    }


def _leaf(leaf: Leaf) -> dict[str, Any]:
    capped = {} if leaf.cap is None else {"cap": number(leaf.cap)}
    if not leaf.several:
        reserved = (DONT_KNOW, NOT_APPLICABLE)
        open_choices: dict[str, int | str | None] = {
            name: None for name in leaf.choices if name not in leaf.scores and name not in reserved
        }
        given: dict[str, int | str | None] = {name: number(points) for name, points in leaf.scores.items()}
        return {"question": leaf.question, "map": given | open_choices, **capped}
    worth = {name: points for name, points in leaf.scores.items() if points}
    if len(set(worth.values())) != 1:
        each = {name: number(points) for name, points in leaf.scores.items()}
        return {"question": leaf.question, "each": each, **capped}
    return {"question": leaf.question, "each": number(next(iter(worth.values()))), "of": list(worth), **capped}


def _band(band: Band) -> dict[str, Any]:
    return {"key": band.key, "from": number(band.lower), **_beside(band.label), **_beside(band.text, "text_")}


def _source(source: ModelSource) -> dict[str, Any]:
    return _kept(
        {
            "title": source.title,
            "publisher": source.publisher,
            "year": source.year,
            "url": source.url,
            "checked_on": source.checked_on.isoformat() if source.checked_on else "",
            "basis": source.basis,
        }
    )


def _distribution(row: Distribution) -> dict[str, Any]:
    shares = {key: number(share) for key, share in row.shares.items()}
    head = {"about": row.about, "n": row.n, "year": row.year, "scope": _pair(row.scope), "source": row.source}
    return head | _kept({"note": _pair(row.note), "shares": shares, "synthetic": row.synthetic or None})
