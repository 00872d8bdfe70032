"""Answers files, short forms, several models from one answer set, and what the command line hands out."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import NOT_APPLICABLE, Choice, Form, Kind, Question
from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.assess import as_dict, assess, plain, read_document
from nordlotse.readiness.core.loading import read_model
from nordlotse.readiness.core.vectors import answers_of
from tests.readiness.core.small_models import FORM, small, small_text
from tests.readiness.core.test_golden import DMA_A, IMPULS_1


def refused(document: object) -> BadInput:
    """Return the error of a broken answers file."""
    with pytest.raises(BadInput) as caught:
        read_document(document)
    return caught.value


# ---- one answer set, three models ----


def test_one_answer_set_is_scored_by_three_models() -> None:
    found = assess({"iot_use": "3", "print3d_use": "5", "security": ["backup"]})
    assert list(found.scores) == ["own", "dma", "impuls"]
    for name, path in (("own", "iot"), ("dma", "digital_readiness")):
        assert found.scores[name].dimension(path).lower > 0


def test_what_the_short_check_asked_is_answered_in_the_others() -> None:
    own = catalogue.shipped_models()["own"]
    answered = {leaf.question: [] if leaf.several else "0" for leaf in own.leaves()}
    found = assess(answered)
    assert found.scores["own"].answered == 15
    assert found.scores["dma"].answered >= 4
    assert found.scores["impuls"].answered >= 6


def test_an_irrelevant_answer_is_empty_before_anything_is_calculated() -> None:
    dependent = next(q for q in catalogue.questions().questions if q.relevant and "machine_data" in q.relevant)
    some = {"machine_data": NOT_APPLICABLE, dependent.name: "5"}
    found = assess(some)
    assert dependent.name in found.filled.hidden
    states = {p.question: p.state for p in found.scores["own"].trace}
    assert states[dependent.name] == "not_applicable"


def gated() -> Form:
    """Return the small form with a gate before its last question."""
    yes_no = (Choice("yes", Text("Ja", "Yes")), Choice("no", Text("Nein", "No")))
    gate = Question("gate", Kind.SELECT_ONE, Text("Ja?", "Yes?"), choices=yes_no)
    questions = [replace(q, relevant="${gate} = 'yes'") if q.name == "d2" else q for q in FORM.questions]
    return replace(FORM, questions=(gate, *questions))


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"gate": "no"}, "not_applicable"),
        ({}, "missing"),
        ({"gate": "dont_know"}, "missing"),
        ({"gate": "yes"}, "missing"),
    ],
)
def test_a_question_that_may_still_come_up_is_missing_not_irrelevant(given: dict[str, str], state: str) -> None:
    found = assess({"s1": "1", **given}, {"small": small()}, gated()).scores["small"]
    assert {p.question: p.state for p in found.trace}["d2"] == state


def test_a_wrong_answer_is_told_and_not_counted() -> None:
    found = assess({"iot_use": "99"})
    assert [mend.question for mend in found.filled.mends] == ["iot_use"]
    assert {p.question: p.state for p in found.scores["own"].trace}["iot_use"] == "missing"


# ---- answers files ----


def test_an_answers_file_names_questions() -> None:
    assert read_document({"answers": {"iot_use": "3"}}) == {"iot_use": "3"}


def test_short_forms_and_answers_may_stand_in_one_file() -> None:
    found = read_document({"answers": {"employees": 40}, "impuls": IMPULS_1})
    assert found["employees"] == 40
    assert found["implementation"] == "1"


@pytest.mark.parametrize("document", [None, [], {}, "text", 3, {"answers": [1]}, {"answers": None}, {"siri": {}}])
def test_a_file_without_answers_is_refused_with_a_remedy(document: object) -> None:
    problem = refused(document)
    assert problem.code == "answers_broken"
    assert problem.remedy_de and problem.remedy_en


def test_contradicting_answers_are_refused() -> None:
    problem = refused({"answers": {"implementation": "3"}, "impuls": IMPULS_1})
    assert "implementation" in problem.message_de


BROKEN: list[Any] = [
    {"dma": {"plan": 11}},
    {"dma": {"plan": -1}},
    {"dma": {"plan": 1.5}},
    {"dma": {"plan": True}},
    {"dma": {"plan": "4"}},
    {"dma": {"plans": 4}},
    {"dma": {"ai": [1, 2, 3]}},
    {"dma": {"AI": [0] * 5, "ai": [0] * 5}},
    {"dma": {"env": [0, 1, 2, 3, 0]}},
    {"dma": {"advanced": [6] * 7}},
    {"dma": [1, 2, 3]},
    {"dma": 7},
    {"impuls": {"S": [1, 2]}},
    {"impuls": {"S": [1, 2, 6]}},
    {"impuls": {"X": [1]}},
]


@pytest.mark.parametrize("document", BROKEN, ids=json.dumps)
def test_a_broken_short_form_is_told_with_place_and_what_is_possible(document: Any) -> None:
    problem = refused(document)
    assert problem.code == "vector_broken"
    assert problem.where.startswith(next(iter(document)))
    assert any(word in problem.remedy_de for word in ("Möglich", "Reihenfolge", "ganze Zahl", "jede Zeile"))
    assert problem.remedy_en


def test_parts_a_short_form_does_not_name_stay_open() -> None:
    found = assess(read_document({"dma": {"plan": 4, "env": [0, None, 2, 0, 0]}})).scores["dma"]
    assert found.total.value is None
    assert found.answered == 5


def test_a_count_ticks_the_first_choices_and_never_none_of_these() -> None:
    dma = catalogue.shipped_models()["dma"]
    found = answers_of(dma, {"plan": 2, "prepared": 0})
    assert found["planned_areas"] == ["design", "planning"]
    assert found["prepared"] == []


def test_a_level_that_no_ticks_make_up_is_refused_not_rounded_up() -> None:
    model = read_model(small_text().replace("each: 1, of: [a, b, c]", "each: 2, of: [a, b, c], cap: 3"), "t.yaml", FORM)
    assert answers_of(model, {"d1": 2})["d1"] == ["a"]
    assert answers_of(model, {"d1": 3})["d1"] == ["a", "b"]
    with pytest.raises(BadInput, match="1") as caught:
        answers_of(model, {"d1": 1})
    assert "0, 2, 3" in caught.value.remedy_en


# ---- what is handed out ----


def test_a_score_is_handed_out_as_the_contract_says() -> None:
    found = as_dict(assess(read_document({"impuls": IMPULS_1})).scores["impuls"])
    assert found["dimensions"] == {
        "strategy": 1,
        "smart_factory": 1,
        "smart_operations": 1,
        "smart_products": 0,
        "data_driven_services": 0,
        "employees": 2,
    }
    assert (found["total"], found["level"], found["lower"], found["upper"]) == (0.85, 1, 0.85, 0.85)
    assert found["blocking"][0].keys() >= {"item", "reason"}
    assert len(found["trace"]) == 18
    json.dumps(found)


def test_an_undetermined_score_has_bounds_and_no_level() -> None:
    found = as_dict(assess({}).scores["dma"])
    assert (found["total"], found["level"], found["lower"], found["upper"]) == (None, None, 0, 100)
    assert set(found["dimensions"].values()) == {None}


def test_a_level_with_a_name_is_handed_out_by_name() -> None:
    assert as_dict(assess(read_document({"dma": DMA_A})).scores["dma"])["level"] == "average"


def test_reasons_and_rules_come_in_the_language_asked_for() -> None:
    scored = assess(read_document({"impuls": IMPULS_1})).scores["impuls"]
    assert "heute" in as_dict(scored)["blocking"][0]["reason"]
    assert "today" in as_dict(scored, "en")["blocking"][0]["reason"]


@pytest.mark.parametrize(
    ("value", "out"), [("3", 3), ("1/3", 0.333333), ("2/3", 0.666667), ("1/2", 0.5), ("1/2000000", 0.000001)]
)
def test_numbers_are_whole_or_rounded_half_up_to_6_places(value: str, out: float) -> None:
    assert plain(Fraction(value)) == out
    assert isinstance(plain(Fraction(3)), int)


def test_three_models_are_scored_in_a_few_milliseconds() -> None:
    full = read_document({"dma": DMA_A}) | {"implementation": "2", "cloud": "1"}
    assess(full)
    best = min(_timed(full) for _ in range(30))
    assert best < 0.02  # target 5 ms; the machine of the tests may be busy


def _timed(answers: dict[str, object]) -> float:
    started = time.perf_counter()
    assess(answers)
    return time.perf_counter() - started
