"""The values of a questionnaire: form, groups, questions, choices, levels, and its canonical JSON with a hash.

The dialect follows XLSForm (xlsform.org): sheets survey, choices, settings; ours are the sheets `levels` and `dimensions` and the
columns dimension, weight, score, exclusive, benchmark, source, action. A tool that does not know them ignores them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from nordlotse.foundation.language import NOTHING, Text

#: The answer of somebody who does not know: kept as given, and missing in every calculation.
DONT_KNOW = "dont_know"
#: The answer that a question does not apply to this company: it is left out of means instead of counting as nothing.
NOT_APPLICABLE = "not_applicable"


class Kind(StrEnum):
    """The types of a row of the sheet `survey` that we take (XLSForm names)."""

    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    NOTE = "note"
    CALCULATE = "calculate"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose. `score`: points (None: not scored); `exclusive`: ticked alone, as “none of these”."""

    name: str
    label: Text
    score: float | None = None
    exclusive: bool = False
    hint: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Question:
    """One row of `survey`. Expressions are kept as written ("" for none); `row` is its row in the sheet (0: none).

    `hint` says in plain words what is meant. `action` names what may help where the answer is low.
    """

    name: str
    kind: Kind
    label: Text
    hint: Text = NOTHING
    choices: tuple[Choice, ...] = ()
    list_name: str = ""
    group: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: Text = NOTHING
    required: bool = False
    calculation: str = ""
    dimension: str = ""
    weight: float | None = None
    benchmark: str = ""
    source: str = ""
    action: str = ""
    row: int = 0

    def choice(self, name: str) -> Choice | None:
        """Return a choice by its name."""
        return next((c for c in self.choices if c.name == name), None)


@dataclass(frozen=True, slots=True)
class Group:
    """A page of the form: its name and heading; `relevant` holds for all its questions."""

    name: str
    label: Text
    relevant: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """A row of the sheet `levels`: reached from `lower` (points, included) up to the next one."""

    key: str
    label: Text
    lower: float
    text: Text = NOTHING


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """A row of the sheet `dimensions`: how its questions come together (mean, min, sum) and its weight in the total."""

    name: str
    label: Text
    aggregate: str = "mean"
    weight: float = 1.0


@dataclass(frozen=True)
class Form:
    """A whole questionnaire, in the order in which it is asked. `settings` are further columns of the sheet `settings`."""

    id: str
    version: str
    title: Text
    questions: tuple[Question, ...]
    groups: tuple[Group, ...] = ()
    levels: tuple[Level, ...] = ()
    dimensions: tuple[DimensionRow, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """Return the questions by name."""
        return {q.name: q for q in self.questions}

    def group(self, name: str) -> Group | None:
        """Return a group by name."""
        return next((g for g in self.groups if g.name == name), None)

    def canonical(self) -> dict[str, Any]:
        """Return the form as plain JSON values: what is empty is left out, row numbers do not belong to it."""
        return {
            "id": self.id,
            "version": self.version,
            "title": _text(self.title),
            "settings": dict(sorted(self.settings.items())),
            "groups": [_kept({"name": g.name, "label": _text(g.label), "relevant": g.relevant}) for g in self.groups],
            "questions": [_question(q) for q in self.questions],
            "levels": [
                _kept({"key": lv.key, "label": _text(lv.label), "lower": lv.lower, "text": _text(lv.text)})
                for lv in self.levels
            ],
            "dimensions": [
                {"name": d.name, "label": _text(d.label), "aggregate": d.aggregate, "weight": d.weight}
                for d in self.dimensions
            ],
        }

    def canonical_json(self) -> str:
        """Return the canonical JSON: keys sorted, no spaces, UTF-8 as it is; equal forms give equal text."""
        return json.dumps(self.canonical(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def hash(self) -> str:
        """Return the SHA-256 of the canonical JSON in hexadecimal; it is kept with every answer."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()


def _text(text: Text) -> dict[str, str]:
    return {lang: said for lang, said in (("de", text.de), ("en", text.en)) if said}


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    # a score or a limit of 0 says something; only “no” is as good as nothing
    return {key: value for key, value in row.items() if value is not False and value not in ("", None, {}, [])}


def _question(q: Question) -> dict[str, Any]:
    return _kept(
        {
            "name": q.name,
            "kind": q.kind.value,
            "label": _text(q.label),
            "hint": _text(q.hint),
            "choices": [
                _kept(
                    {
                        "name": c.name,
                        "label": _text(c.label),
                        "score": c.score,
                        "exclusive": c.exclusive,
                        "hint": _text(c.hint),
                    }
                )
                for c in q.choices
            ],
            "list_name": q.list_name,
            "group": q.group,
            "relevant": q.relevant,
            "constraint": q.constraint,
            "constraint_message": _text(q.constraint_message),
            "required": q.required,
            "calculation": q.calculation,
            "dimension": q.dimension,
            "weight": q.weight,
            "benchmark": q.benchmark,
            "source": q.source,
            "action": q.action,
        }
    )
