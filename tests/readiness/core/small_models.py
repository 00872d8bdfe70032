"""Small models for tests: the rules of the published ones over a questionnaire of bare numbers, independent of the shipped texts."""

from __future__ import annotations

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import Choice, Form, Kind, Question
from nordlotse.readiness.core.loading import read_model
from nordlotse.readiness.core.maturity import MaturityModel

HEAD = """
id: {id}
version: "1"
title: {{de: "Ein Modell", en: "A model"}}
unit: {unit}
top: {top}
rounding: {rounding}
missing: {missing}
not_applicable: {not_applicable}
minutes: 5
about: {{de: "Worum es geht.", en: "What it is about."}}
limits: {{de: "Was es nicht kann.", en: "What it cannot do."}}
"""

TREE = """
aggregate: weighted_mean
dimensions:
  - {id: strategy, de: Strategie, en: Strategy, weight: 60, aggregate: min, items: [
      {id: s1, question: s1, map: {"0": 0, "1": 1, "2": 2, "3": 3}},
      {id: s2, question: s2, map: {"0": 0, "1": 1, "2": 2, "3": 3}}]}
  - {id: data, de: Daten, en: Data, weight: 40, aggregate: mean, items: [
      {id: d1, question: d1, each: 1, of: [a, b, c]},
      {id: d2, question: d2, map: {"0": 0, "1": 1, "2": 2, "3": 3}}]}
"""

BANDS = """
bands:
  - {key: "0", from: 0, de: Anfang, en: Start}
  - {key: "1", from: 1, de: Mitte, en: Middle}
  - {key: "2", from: 2, de: Weit, en: Far}
  - {key: "3", from: 3, de: Oben, en: Top}
"""


def stages(name: str, count: int = 4) -> Question:
    """Return a question with `count` stages named by their number."""
    choices = tuple(Choice(str(n), Text(f"Stufe {n}", f"Stage {n}")) for n in range(count))
    return Question(name, Kind.SELECT_ONE, Text(f"Frage {name}?", f"Question {name}?"), choices=choices)


def ticks(name: str, letters: str = "abc") -> Question:
    """Return a question with several things to tick, and “none of these”."""
    choices = tuple(Choice(letter, Text(letter.upper(), letter.upper())) for letter in letters)
    none = Choice("none", Text("Nichts davon", "None of these"), exclusive=True)
    return Question(name, Kind.SELECT_MULTIPLE, Text(f"Frage {name}?", f"Question {name}?"), choices=(*choices, none))


FORM = Form("small", "1", Text("Klein", "Small"), (stages("s1"), stages("s2"), ticks("d1"), stages("d2")))


def small_text(**changes: str) -> str:
    """Return the YAML of the small model: a lowest-value dimension and a mean one, weighted 60 to 40, levels 0 to 3."""
    rules = {
        "id": "small",
        "unit": "level",
        "top": "3",
        "rounding": "half_up",
        "missing": "undetermined_with_bounds",
        "not_applicable": "skip",
    }
    return HEAD.format(**(rules | changes)) + TREE + BANDS


def small(**changes: str) -> MaturityModel:
    """Return the small model."""
    return read_model(small_text(**changes), "small.yaml", FORM)
