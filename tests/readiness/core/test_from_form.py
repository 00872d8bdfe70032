"""A questionnaire's own columns make a model, judged by the same strict reader as a file."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import Choice, DimensionRow, Form, Kind, Level, Question
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.from_form import model_of_form


def scored(name: str, dimension: str, *, several: bool = False, weight: float | None = None) -> Question:
    """Return a question with points on its choices."""
    label = Text(f"Frage {name}", f"Question {name}")
    points = (0, 4, 6) if several else (0, 5, 10)
    choices = tuple(
        Choice(f"c{n}", Text(f"Wahl {n}", f"Choice {n}"), score=p, exclusive=several and not p)
        for n, p in enumerate(points)
    )
    kind = Kind.SELECT_MULTIPLE if several else Kind.SELECT_ONE
    return Question(name, kind, label, choices=choices, dimension=dimension, weight=weight)


LEVELS = (
    Level("low", Text("Niedrig", "Low"), 0),
    Level("high", Text("Hoch", "High"), 5, Text("Gut.", "Good.")),
)
FORM = Form(
    "welding",
    "2",
    Text("Schweißen", "Welding"),
    (
        scored("q1", "tools"),
        scored("q2", "tools", several=True),
        scored("q3", "people"),
        Question("note", Kind.TEXT, Text("Noch etwas?", "Anything else?")),
    ),
    levels=LEVELS,
    dimensions=(
        DimensionRow("tools", Text("Geräte", "Tools")),
        DimensionRow("people", Text("Menschen", "People"), "min"),
    ),
)


def test_a_questionnaire_with_points_is_a_model() -> None:
    model = model_of_form(FORM, "welding.xlsx")
    assert (model.id, model.version, model.top, model.unit) == ("welding", "2", 10, "points")
    assert [part.id for part in model.dimensions] == ["tools", "people"]
    assert model.questions == ("q1", "q2", "q3")


def test_it_scores_like_any_other() -> None:
    model = model_of_form(FORM, "welding.xlsx")
    found = assess({"q1": "c1", "q2": ["c2"], "q3": "c2"}, {"welding": model}, FORM).scores["welding"]
    assert [part.value for part in found.dimensions] == [5.5, 10]
    assert found.total.band is not None and found.total.band.key == "high"


def test_weights_of_dimensions_are_used_where_they_differ() -> None:
    weighted = replace(
        FORM, dimensions=(replace(FORM.dimensions[0], weight=30.0), replace(FORM.dimensions[1], weight=70.0))
    )
    model = model_of_form(weighted, "welding.xlsx")
    assert model.root.aggregate == "weighted_mean"
    assert [part.weight for part in model.dimensions] == [30, 70]


def test_weights_that_do_not_sum_to_100_are_refused() -> None:
    wrong = replace(
        FORM, dimensions=(replace(FORM.dimensions[0], weight=30.0), replace(FORM.dimensions[1], weight=60.0))
    )
    with pytest.raises(BadInput) as caught:
        model_of_form(wrong, "welding.xlsx")
    assert "90 statt 100" in caught.value.message_de
    assert caught.value.where.startswith("welding.xlsx")


def test_weights_of_questions_make_a_weighted_mean() -> None:
    questions = (scored("q1", "tools", weight=75), scored("q2", "tools", several=True, weight=25), *FORM.questions[2:])
    model = model_of_form(replace(FORM, questions=questions), "welding.xlsx")
    found = assess({"q1": "c2", "q2": ["c0"], "q3": "c0"}, {"welding": model}, FORM).scores["welding"]
    assert found.dimension("tools").value == 7.5


def test_rules_may_stand_in_the_settings() -> None:
    settings = {
        "missing": "zero",
        "rounding": "half_up",
        "minutes": "7",
        "limits_de": "Nur ein Anfang.",
        "limits_en": "Only a start.",
    }
    model = model_of_form(replace(FORM, settings=settings), "welding.xlsx")
    assert (model.missing, model.rounding, model.minutes, model.limits.de) == ("zero", "half_up", 7, "Nur ein Anfang.")


def test_a_question_that_cannot_give_points_is_refused_in_a_dimension() -> None:
    wrong = replace(FORM, questions=(*FORM.questions[:3], replace(FORM.questions[3], dimension="tools")))
    with pytest.raises(BadInput) as caught:
        model_of_form(wrong, "welding.xlsx")
    assert "keine Punkte" in caught.value.message_de


def test_without_levels_it_is_no_model() -> None:
    with pytest.raises(BadInput) as caught:
        model_of_form(replace(FORM, levels=()), "welding.xlsx")
    assert "Stufen" in caught.value.message_de


@pytest.mark.parametrize(
    ("aggregate", "total"), [("min", Fraction(5, 2)), ("mean", Fraction(25, 4)), ("sum", Fraction(25, 2))]
)
def test_how_the_total_comes_together_may_stand_in_the_settings(aggregate: str, total: Fraction) -> None:
    model = model_of_form(replace(FORM, settings={"aggregate": aggregate}), "t.xlsx")
    found = assess({"q1": "c1", "q2": ["c0"], "q3": "c2"}, {"m": model}, FORM).scores["m"]
    tools, people = (part.value for part in found.dimensions)
    assert (tools, people) == (Fraction(5, 2), 10)
    assert found.total.value == total


@pytest.mark.parametrize(
    "settings",
    [
        {"aggregate": "average"},
        {"mising": "zero"},
        {"rouding": "half_up"},
        {"scale": "viel"},
        {"scale": "0"},
        {"minutes": "-5"},
        {"missing": "guess"},
    ],
    ids=str,
)
def test_a_setting_that_would_be_passed_over_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(BadInput) as caught:
        model_of_form(replace(FORM, settings=settings), "t.xlsx")
    assert caught.value.code == "model_broken" and caught.value.remedy_de


def test_settings_of_other_tools_are_passed_over() -> None:
    settings = {"style": "pages", "instance_name": "concat('a')", "public_key": "abc", "allow_choice_duplicates": "yes"}
    assert model_of_form(replace(FORM, settings=settings), "t.xlsx").root.aggregate == "mean"
