"""The result of a centre's own check in words: levels counted as people count, ties named, unequal ticks explained, nothing said twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.catalogue import questions, shipped_models
from nordlotse.readiness.core.own import Usable, compile_file, example_workbook
from nordlotse.readiness.core.shown import Shown, shown

ANSWERS = {"welds": "yes", "weld_robot": "1", "weld_power": "1", "weld_records": ("machine", "linked")}


def example() -> Usable:
    usable = compile_file("check.xlsx", example_workbook()).usable
    assert usable is not None
    return usable


def told(answers: Mapping[str, Any] = ANSWERS, lang: Lang = "de") -> Shown:
    usable = example()
    score = assess(answers, {"w": usable.model}, usable.form).scores["w"]
    return shown(usable.model, score, usable.form, lang)


@pytest.mark.parametrize(("stage", "number"), [("0", "Stufe 1 von 3"), ("2", "Stufe 2 von 3"), ("3", "Stufe 3 von 3")])
def test_levels_are_counted_from_one(stage: str, number: str) -> None:
    records = {"0": (), "2": ("machine", "linked"), "3": ("paper", "machine", "linked")}[stage]
    assert told({**ANSWERS, "weld_robot": stage, "weld_power": stage, "weld_records": records}).number == number


def test_a_span_of_levels_is_counted_from_one_too() -> None:
    assert told({"welds": "yes"}).number == "Stufe 1 bis 3 von 3"


def test_shipped_points_models_count_the_same_way_and_a_scale_of_levels_keeps_its_numbers() -> None:
    models = shipped_models()
    score = assess({}, models, questions()).scores
    said = {name: shown(model, score[name], questions(), "de").number for name, model in models.items()}
    assert said["own"] == "Stufe 1 bis 5 von 5"
    assert said["dma"] == "Stufe 1 bis 4 von 4"
    assert said["impuls"] == "Stufe 0 bis 5 auf der Skala 0 bis 5"


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_blocking_question_is_said_once(lang: Lang) -> None:
    first = told(lang=lang).first
    assert first is not None
    assert f"{first.question} {first.reason}".count(first.question) == 1
    assert first.reason[0].isupper()


def test_ties_are_named() -> None:
    first = told().first
    assert first is not None
    other = {"Schweißt bei Ihnen ein Roboter oder Cobot?", "Sehen Sie, wie viel Strom ein Schweißplatz braucht?"} - {
        first.question
    }
    assert f"ebenso viel bringt „{other.pop()}“" in first.reason


def test_without_a_tie_none_is_named() -> None:
    first = told({**ANSWERS, "weld_power": "3"}).first
    assert first is not None
    assert "ebenso viel" not in first.reason


def test_unequal_ticks_are_explained_one_by_one() -> None:
    rule = next(t.rule for _, points in told().trace for t in points if "Schweißwerte" in t.question)
    assert "„Die Maschine speichert sie“ 33,33" in rule
    assert "„Sie stehen beim Auftrag“ 50" in rule
    assert "83,33 von 100" in rule
