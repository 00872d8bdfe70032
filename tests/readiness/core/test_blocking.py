"""What keeps a company from the next level is named with today's answer, what is needed, and why."""

from __future__ import annotations

from fractions import Fraction

from nordlotse.readiness.core.loading import read_model
from nordlotse.readiness.core.score import Blocking, Score
from nordlotse.readiness.core.scoring import score, steps
from tests.readiness.core.small_models import FORM, small, small_text

LOW = {"s1": "1", "s2": "2", "d1": ["a"], "d2": "3"}


def of(found: Score, dimension: str) -> list[Blocking]:
    """Return what blocks a dimension ("" for the total)."""
    return [one for one in found.blocking if one.dimension == dimension]


def test_the_total_comes_first() -> None:
    found = score(small(), LOW)
    assert found.blocking[0].dimension == ""
    assert len(of(found, "")) == 1


def test_the_step_that_adds_most_to_the_total_blocks_it() -> None:
    (one,) = of(score(small(), LOW), "")
    assert (one.item, one.answer, one.needed, one.gain) == ("s1", "1", "2", Fraction(6, 10))


def test_a_reason_names_question_today_and_what_is_needed() -> None:
    (one,) = of(score(small(), LOW), "")
    for words in ("Frage s1?", "heute „Stufe 1“", "„Stufe 2“", "um 0,6"):
        assert words in one.reason.de
    for words in ("Question s1?", "today “Stage 1”", "“Stage 2”", "by 0.6"):
        assert words in one.reason.en


def test_a_reason_says_whether_the_step_reaches_the_next_level() -> None:
    (far,) = of(score(small(), LOW | {"d1": [], "d2": "0"}), "")
    assert "fehlen 0,9" in far.reason.de
    (near,) = of(score(small(), LOW | {"d2": "1"}), "")
    assert "ist die Stufe „Weit“ erreicht" in near.reason.de


def test_with_missing_answers_a_reason_tells_the_span_instead() -> None:
    (one,) = of(score(small(), LOW | {"d2": None}), "")
    assert "zwischen 0,8 und 1,4" in one.reason.de


def test_a_missing_answer_blocks_nothing() -> None:
    found = score(small(), {"s2": "2"})
    assert [one.item for one in found.blocking] == ["s2", "s2"]


def test_a_missing_answer_that_counts_as_zero_does_block() -> None:
    found = score(small(missing="zero"), {"s2": "2"})
    assert [one.item for one in of(found, "strategy")] == ["s1"]
    assert "nicht beantwortet" in of(found, "strategy")[0].reason.de


def test_all_items_at_the_lowest_value_block_together_and_name_each_other() -> None:
    found = of(score(small(), LOW | {"s2": "1"}), "strategy")
    assert [one.item for one in found] == ["s1", "s2"]
    assert "erst, wenn auch „Frage s2?“ steigt" in found[0].reason.de
    assert [one.gain for one in found] == [0, 0]


def test_in_a_mean_the_step_that_adds_most_to_the_dimension_blocks_it() -> None:
    (one,) = of(score(small(), LOW | {"d2": "1"}), "data")
    assert one.item in ("d1", "d2")
    (other,) = of(score(small(), LOW), "data")
    assert (other.item, other.answer, other.needed) == ("d1", ("a",), "b")


def test_one_more_tick_leaves_none_of_these_behind() -> None:
    found = {step.leaf.id: step.to for step in steps(small(), LOW | {"d1": ["none"]})}
    assert found["d1"] == ("a",)


def test_at_the_top_nothing_blocks() -> None:
    assert score(small(), {"s1": "3", "s2": "3", "d1": ["a", "b", "c"], "d2": "3"}).blocking == ()


def test_a_dimension_at_its_top_is_blocked_by_nothing() -> None:
    assert of(score(small(), LOW | {"s1": "3", "s2": "3"}), "strategy") == []


def test_what_does_not_apply_and_counts_zero_is_said_to_hold_the_dimension() -> None:
    found = of(score(small(not_applicable="zero"), LOW | {"s1": "not_applicable"}), "strategy")
    assert [one.item for one in found] == ["s1"]
    assert found[0].needed == ""
    assert "trifft auf Sie nicht zu" in found[0].reason.de


def test_items_that_hold_a_part_below_a_mean_are_named_together() -> None:
    text = small_text(not_applicable="zero").replace(
        '{id: d2, question: d2, map: {"0": 0, "1": 1, "2": 2, "3": 3}}',
        '{id: low, aggregate: min, items: [{id: d2, question: d2, map: {"0": 0, "1": 1, "2": 2, "3": 3}},'
        ' {id: d3, question: s1, map: {"0": 0, "1": 1, "2": 2, "3": 3}}]}',
    )
    model = read_model(text, "small.yaml", FORM)
    found = of(score(model, LOW | {"d1": ["a", "b", "c"], "d2": "1", "s1": "1"}), "data")
    assert [one.item for one in found] == ["d2", "d3"]
    assert "erst, wenn auch" in found[0].reason.de


def test_beside_what_does_not_apply_no_other_item_is_blamed() -> None:
    answers = LOW | {"s1": "not_applicable", "s2": "0"}
    found = of(score(small(not_applicable="zero"), answers), "strategy")
    assert [one.item for one in found] == ["s1"]


def test_below_a_mean_too_no_item_is_blamed_beside_what_does_not_apply() -> None:
    text = small_text(not_applicable="zero").replace(
        '{id: d2, question: d2, map: {"0": 0, "1": 1, "2": 2, "3": 3}}',
        '{id: low, aggregate: min, items: [{id: d2, question: d2, map: {"0": 0, "1": 1, "2": 2, "3": 3}},'
        ' {id: d3, question: s1, map: {"0": 0, "1": 1, "2": 2, "3": 3}}]}',
    )
    model = read_model(text, "small.yaml", FORM)
    answers = LOW | {"d1": ["a", "b", "c"], "d2": "0", "s1": "not_applicable"}
    assert of(score(model, answers), "data") == []
