"""What a form makes of answers: relevance before calculation, types, exclusive choices, constraints; never an error."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.answering import Filled, fill, needed
from nordlotse.foundation.questionnaire.form import Choice, Form, Group, Kind, Question


def question(name: str, kind: Kind = Kind.INTEGER, **more: object) -> Question:
    return Question(name=name, kind=kind, label=Text(name, name), **more)  # type: ignore[arg-type]


def form(*questions: Question, groups: tuple[Group, ...] = ()) -> Form:
    return Form("test", "1", Text("Test", "Test"), questions, groups)


STAGES = tuple(Choice(str(n), Text(f"Stufe {n}", f"stage {n}")) for n in range(4))
USES = (
    Choice("erp", Text("ERP", "ERP")),
    Choice("crm", Text("CRM", "CRM")),
    Choice("none", Text("nichts davon", "none of these"), exclusive=True),
)


def codes(filled: Filled) -> list[tuple[str, str]]:
    return [(m.question, m.code) for m in filled.mends]


# the trap of docs: a question that was answered, then hidden, still entered the score elsewhere (3.5 instead of 2)
TRAP = form(
    question("employees"),
    question("sizeclass", Kind.CALCULATE, calculation="if(${employees} < 10, 1, 2)"),
    question("q1"),
    question("q2", relevant="${employees} >= 10"),
    question(
        "score",
        Kind.CALCULATE,
        calculation="(${q1} * 2 + coalesce(${q2}, 0)) div if(${sizeclass} > 1, 3, 2)",
    ),
)


def test_a_question_hidden_after_it_was_answered_does_not_enter_the_score() -> None:
    filled = fill(TRAP, {"employees": 5, "q1": 2, "q2": 3})
    assert filled.calculated["score"] == 2.0
    assert "q2" not in filled.answers
    assert filled.hidden == {"q2"}


def test_the_same_question_counts_while_it_is_shown() -> None:
    assert fill(TRAP, {"employees": 50, "q1": 2, "q2": 3}).calculated["score"] == pytest.approx(7 / 3)


def test_a_hidden_group_empties_all_its_questions_and_what_depends_on_them() -> None:
    f = form(
        question(
            "machines", Kind.SELECT_ONE, choices=(Choice("yes", Text("ja", "yes")), Choice("no", Text("nein", "no")))
        ),
        question("count", group="iot"),
        question("sensors", relevant="${count} > 3", group="iot"),
        question("later", relevant="${sensors} > 0"),
        groups=(Group("iot", Text("IoT", "IoT"), "${machines} = 'yes'"),),
    )
    shown = {"machines": "yes", "count": 5, "sensors": 2, "later": 1}
    assert fill(f, shown).answers == shown
    filled = fill(f, {**shown, "machines": "no"})
    assert filled.answers == {"machines": "no"}
    assert filled.visible == ("machines",)
    assert filled.hidden == {"count", "sensors", "later"}


def test_a_condition_may_name_a_later_question_and_the_order_of_the_form_stays() -> None:
    f = form(question("first", relevant="${last} = 1"), question("middle"), question("last"))
    assert fill(f, {"first": 7, "last": 1}).visible == ("first", "middle", "last")
    assert fill(f, {"first": 7, "last": 2}).visible == ("middle", "last")


def test_a_circle_is_refused_with_the_question() -> None:
    f = form(question("a", relevant="${b} = 1"), question("b", relevant="${a} = 1"))
    with pytest.raises(BadInput) as error:
        fill(f, {})
    assert error.value.code == "form_circle"
    assert error.value.where == "a"


def test_dont_know_is_kept_and_empty_in_every_formula() -> None:
    f = form(
        question("stage", Kind.SELECT_ONE, choices=STAGES),
        question("more", relevant="${stage} != '0'"),
        question("double", Kind.CALCULATE, calculation="${stage} * 2"),
    )
    filled = fill(f, {"stage": "dont_know"})
    assert filled.answers == {"stage": "dont_know"}
    assert "more" in filled.visible
    assert filled.calculated["double"] is None


def test_nothing_ticked_is_known_and_an_absent_answer_is_not() -> None:
    f = form(question("uses", Kind.SELECT_MULTIPLE, choices=USES))
    assert fill(f, {"uses": []}).answers == {"uses": ()}
    assert fill(f, {}).answers == {}


def test_ticks_come_in_the_order_of_the_form_each_once() -> None:
    f = form(question("uses", Kind.SELECT_MULTIPLE, choices=USES))
    assert fill(f, {"uses": ["crm", "erp", "crm"]}).answers == {"uses": ("erp", "crm")}


def test_an_exclusive_choice_beside_others_is_to_be_mended_and_counts_as_unknown() -> None:
    f = form(question("uses", Kind.SELECT_MULTIPLE, choices=USES))
    filled = fill(f, {"uses": ["none", "erp"]})
    assert codes(filled) == [("uses", "exclusive_choice")]
    assert filled.answers == {}
    assert "nichts davon" in filled.mends[0].message.de


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("employees", "vierzig", "not_a_number"),
        ("employees", [1], "wrong_type"),
        ("employees", True, "wrong_type"),
        ("employees", 2.5, "not_whole"),
        ("employees", 10**400, "not_a_number"),
        ("employees", math.nan, "not_a_number"),
        ("employees", math.inf, "not_a_number"),
        ("stage", "9", "unknown_choice"),
        ("stage", ["1"], "wrong_type"),
        ("stage", {"a": 1}, "wrong_type"),
        ("uses", ["erp", "xyz"], "unknown_choice"),
        ("uses", [["erp"]], "wrong_type"),
        ("uses", 5, "wrong_type"),
        ("words", "x" * 4001, "text_too_long"),
        ("words", ["x"], "wrong_type"),
        ("heading", "x", None),
        ("sum", 3, None),
        ("employes", 5, "unknown_question"),
    ],
)
def test_every_wrong_answer_is_told_with_its_question(name: str, raw: object, code: str | None) -> None:
    f = form(
        question("employees"),
        question("stage", Kind.SELECT_ONE, choices=STAGES),
        question("uses", Kind.SELECT_MULTIPLE, choices=USES),
        question("words", Kind.TEXT),
        question("heading", Kind.NOTE),
        question("sum", Kind.CALCULATE, calculation="1"),
    )
    filled = fill(f, {name: raw})
    assert name not in filled.answers
    if code:
        assert codes(filled) == [(name, code)]
        assert filled.mends[0].message.de
        assert filled.mends[0].remedy.en


def test_a_misspelt_name_is_answered_with_the_nearest_one() -> None:
    assert "employees" in fill(form(question("employees")), {"employes": 5}).mends[0].remedy.de


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("40", 40), (" 1.200 ", 1200), ("1 200", 1200), (12.0, 12), ("-3", -3), ("dont_know", "dont_know")],
)
def test_whole_numbers_are_read_as_people_and_programs_write_them(raw: object, kept: object) -> None:
    assert fill(form(question("n")), {"n": raw}).answers == {"n": kept}


@pytest.mark.parametrize(("raw", "kept"), [("12,5", 12.5), ("12.5", 12.5), (3, 3), ("1.200", 1.2)])
def test_decimal_numbers_take_comma_and_point(raw: object, kept: float) -> None:
    assert fill(form(question("n", Kind.DECIMAL)), {"n": raw}).answers == {"n": kept}


def test_a_stage_may_come_as_a_number() -> None:
    assert fill(form(question("s", Kind.SELECT_ONE, choices=STAGES)), {"s": 2}).answers == {"s": "2"}


def test_what_cannot_be_stored_is_left_out_of_words() -> None:
    assert fill(form(question("w", Kind.TEXT)), {"w": "a\x00b\ud800c"}).answers == {"w": "abc"}


def test_an_answer_that_breaks_its_constraint_is_told_in_the_forms_words_and_does_not_count() -> None:
    f = form(
        question("staff", constraint=". >= 1 and . <= 5000", constraint_message=Text("1 bis 5000", "1 to 5000")),
        question("works", Kind.CALCULATE, calculation="coalesce(${staff}, 1) * 2"),
    )
    filled = fill(f, {"staff": -4})
    assert codes(filled) == [("staff", "constraint")]
    assert filled.mends[0].message.de == "1 bis 5000"
    assert filled.answers == {}
    assert filled.calculated["works"] == 2.0


def test_a_question_is_hidden_when_the_answer_it_waits_for_breaks_a_constraint() -> None:
    f = form(question("a", constraint=". < 5"), question("b", relevant="${a} > 1"))
    assert fill(f, {"a": 9, "b": 1}).visible == ("a",)


def test_two_numbers_that_contradict_each_other_are_both_told() -> None:
    f = form(question("low", constraint=". <= ${high}"), question("high", constraint=". >= ${low}"))
    assert set(codes(fill(f, {"low": 5, "high": 3}))) == {("low", "constraint"), ("high", "constraint")}
    assert fill(f, {"low": 3, "high": 5}).mends == ()


def test_what_a_question_needs_comes_along() -> None:
    f = form(
        question("a"),
        question("unused"),
        question("b", relevant="${sum} > 1"),
        question("sum", Kind.CALCULATE, calculation="${a} + 1"),
    )
    assert needed(f, ["b"]) == ("a", "b", "sum")


def test_a_yes_of_a_calculation_is_one_and_works_as_yes() -> None:
    f = form(
        question("n"),
        question("big", Kind.CALCULATE, calculation="${n} > 10"),
        question("more", relevant="${big}"),
    )
    assert fill(f, {"n": 11}).calculated["big"] == 1.0
    assert "more" in fill(f, {"n": 11}).visible
    assert "more" not in fill(f, {"n": 9}).visible


WILD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["0", "erp", "none"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["n", "d", "one", "several", "words", "calc", "other", "hidden"]), WILD))
def test_no_answer_crashes_and_what_is_kept_is_taken_again_unchanged(answers: dict[str, object]) -> None:
    f = form(
        question("n", constraint=". < 100"),
        question("d", Kind.DECIMAL),
        question("one", Kind.SELECT_ONE, choices=STAGES),
        question("several", Kind.SELECT_MULTIPLE, choices=USES),
        question("words", Kind.TEXT),
        question("calc", Kind.CALCULATE, calculation="${n} + ${d} + count-selected(${several})"),
        question("hidden", relevant="${one} = '1' or ${calc} > 3"),
    )
    filled = fill(f, answers)
    again = fill(f, filled.answers)
    assert again.answers == filled.answers
    assert again.calculated == filled.calculated
    assert again.mends == ()
    assert set(filled.visible) | filled.hidden == {q.name for q in f.questions} - {"calc"}


def test_the_order_of_the_rows_does_not_change_what_comes_out() -> None:
    rows = [
        question("a"),
        question("b", relevant="${a} > 1"),
        question("c", Kind.CALCULATE, calculation="coalesce(${b}, 10) + 1"),
        question("d", relevant="${c} = 11"),
    ]
    outcomes = set()
    for order in itertools.permutations(rows):
        filled = fill(form(*order), {"a": 1, "b": 5, "d": 2})
        outcomes.add((frozenset(filled.answers), filled.hidden, filled.calculated["c"]))
    assert outcomes == {(frozenset({"a", "d"}), frozenset({"b"}), 11.0)}
