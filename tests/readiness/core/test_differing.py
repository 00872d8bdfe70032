"""How far people's answers lie apart: by stages, by ticks, by amounts; the biggest gap first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Choice, Form, Kind, Question
from nordlotse.readiness.core.differing import differences


def choices(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(n, Text(n, n)) for n in names)


STAGES = Question("stage", Kind.SELECT_ONE, Text("s", "s"), choices=choices("0", "1", "2", "3", "4"))
TOOLS = Question("tools", Kind.SELECT_MULTIPLE, Text("t", "t"), choices=choices("erp", "crm", "shop"))
AMOUNT = Question("amount", Kind.DECIMAL, Text("a", "a"))
FORM = Form("f", "1", Text("f", "f"), (STAGES, TOOLS, AMOUNT))


def gaps(*people: dict[str, Any]) -> dict[str, float]:
    return {d.question.name: d.gap for d in differences(FORM, people)[0]}


def test_stages_ticks_and_amounts_are_measured_each_in_its_own_way() -> None:
    assert gaps({"stage": "1"}, {"stage": "4"}) == {"stage": 0.75}
    assert gaps({"tools": ("erp", "crm")}, {"tools": ("crm", "shop")}) == {"tools": 1 - 1 / 3}
    assert gaps({"tools": ("erp",)}, {"tools": ()}) == {"tools": 1.0}
    assert gaps({"amount": 50}, {"amount": 100}) == {"amount": 0.5}


def test_the_biggest_gap_of_any_two_people_counts_and_comes_first() -> None:
    found, alike = differences(
        FORM, [{"stage": "1", "tools": ("erp",)}, {"stage": "2", "tools": ("crm",)}, {"stage": "2"}]
    )
    assert [d.question.name for d in found] == ["tools", "stage"]
    assert found[1].gap == 0.25
    assert alike == 0


def test_those_farthest_apart_are_named_by_their_places() -> None:
    found, _ = differences(FORM, [{"stage": "2"}, {"stage": "0"}, {"stage": "4"}, {"stage": DONT_KNOW}])
    assert found[0].farthest == (1, 2)
    assert found[0].unsure


def test_ticks_in_another_order_are_the_same_answer() -> None:
    assert differences(FORM, [{"tools": ("erp", "crm")}, {"tools": ["crm", "erp"]}]) == ((), 1)


def test_who_does_not_know_differs_without_a_gap() -> None:
    found, _ = differences(FORM, [{"stage": "2"}, {"stage": DONT_KNOW}])
    assert (found[0].gap, found[0].unsure, found[0].farthest) == (0.0, True, (0, 0))


def test_what_is_said_about_the_company_itself_is_no_difference() -> None:
    of = Form("f", "1", Text("f", "f"), (replace(STAGES, group="company"),))
    assert differences(of, [{"stage": "1"}, {"stage": "2"}]) == ((), 0)


def test_a_question_one_person_answered_is_no_difference() -> None:
    assert differences(FORM, [{"stage": "2"}, {}]) == ((), 0)


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from(["0", "1", "2", "3", "4", DONT_KNOW]),
        "tools": st.one_of(st.lists(st.sampled_from(["erp", "crm", "shop"]), unique=True), st.just(DONT_KNOW)),
        "amount": st.integers(-1000, 1000),
    },
)


@given(st.lists(ANSWERS, max_size=5))
def test_a_gap_lies_between_none_and_the_whole_whoever_comes_first(people: list[dict[str, Any]]) -> None:
    found, alike = differences(FORM, people)
    assert all(0 <= d.gap <= 1 for d in found)
    turned, same = differences(FORM, people[::-1])
    assert {d.question.name: d.gap for d in found} == {d.question.name: d.gap for d in turned}
    assert alike == same
