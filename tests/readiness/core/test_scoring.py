"""One answer set becomes a score: bounds instead of guesses, rules for what is missing or does not apply, a trace that adds up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.aggregate import band_of_total, rounded, threshold
from nordlotse.readiness.core.loading import read_model
from nordlotse.readiness.core.scoring import score
from tests.readiness.core.small_models import FORM, small, small_text

ALL = {"s1": "1", "s2": "2", "d1": ["a", "b"], "d2": "3"}


def test_a_full_answer_set_gives_one_value() -> None:
    found = score(small(), ALL)
    assert found.total.value == Fraction(6, 10) * 1 + Fraction(4, 10) * Fraction(5, 2)
    assert found.total.lower == found.total.upper == found.total.value
    assert (found.answered, found.asked) == (4, 4)


def test_the_score_names_model_version_and_hash() -> None:
    model = small()
    found = score(model, ALL)
    assert (found.model, found.version, found.hash) == ("small", "1", model.hash)


@pytest.mark.parametrize("gone", [None, "dont_know"])
def test_a_missing_answer_gives_bounds(gone: str | None) -> None:
    found = score(small(), ALL | {"d2": gone})
    part = found.dimension("data")
    assert (part.value, part.lower, part.upper) == (None, 1, Fraction(5, 2))
    assert found.total.value is None
    assert found.total.upper - found.total.lower == Fraction(4, 10) * Fraction(3, 2)


def test_a_dimension_is_determined_where_the_missing_answer_cannot_change_it() -> None:
    assert score(small(), ALL | {"s1": "0", "s2": None}).dimension("strategy").value == 0


def test_a_level_is_told_where_both_bounds_lie_in_it() -> None:
    found = score(small(), {"s1": "1", "s2": "1", "d1": ["a"], "d2": None})
    assert found.total.value is None
    assert found.total.band is not None and found.total.band.key == "1"


def test_no_answers_at_all_are_undetermined() -> None:
    found = score(small(), {})
    assert (found.total.value, found.total.lower, found.total.upper, found.total.band) == (None, 0, 3, None)
    assert found.blocking == ()


def test_no_answers_at_all_are_0_where_missing_counts_as_zero() -> None:
    found = score(small(missing="zero"), {})
    assert found.total.value == 0
    assert {point.state for point in found.trace} == {"missing"}


def test_missing_answers_may_be_left_out_of_the_mean() -> None:
    found = score(small(missing="skip"), ALL | {"d2": None})
    assert found.dimension("data").value == 2


def test_what_does_not_apply_is_left_out_of_the_mean() -> None:
    assert score(small(), ALL | {"d2": "not_applicable"}).dimension("data").value == 2


def test_a_hidden_question_does_not_apply_whatever_was_answered() -> None:
    assert score(small(), ALL, hidden=frozenset({"d2"})).dimension("data").value == 2


def test_a_dimension_with_nothing_left_is_left_out_and_the_weights_of_the_others_count_as_the_whole() -> None:
    found = score(small(), ALL | {"d1": "not_applicable", "d2": "not_applicable"})
    assert not found.dimension("data").applies
    assert found.total.value == 1


def test_where_the_model_says_so_what_does_not_apply_counts_zero() -> None:
    found = score(small(not_applicable="zero"), ALL | {"s1": "not_applicable"})
    assert found.dimension("strategy").value == 0


def test_nothing_applies_nothing_is_said() -> None:
    found = score(small(), dict.fromkeys(ALL, "not_applicable"))
    assert found.total.value is None
    assert not found.total.applies
    assert found.blocking == ()


def test_an_answer_the_model_does_not_know_is_undetermined_never_0() -> None:
    found = score(small(), ALL | {"s1": "9"})
    assert (found.dimension("strategy").lower, found.dimension("strategy").upper) == (0, 2)


def test_a_choice_without_counterpart_leaves_the_item_undetermined() -> None:
    rows = '{"0": 0, "1": 1, "2": 2, "3": 3}},'
    text = small_text().replace(rows, rows.replace('"1": 1', '"1": null'), 1)
    found = score(read_model(text, "m", FORM), ALL)
    assert found.dimension("strategy").value is None


def test_none_of_these_counts_as_known_nothing() -> None:
    found = score(small(), ALL | {"d1": ["none"]})
    assert next(point for point in found.trace if point.leaf == "d1").points == 0
    assert score(small(), ALL | {"d1": []}).total.value == found.total.value


def test_none_of_these_beside_something_else_counts_alone() -> None:
    assert score(small(), ALL | {"d1": ["none", "a", "b"]}).total.value == score(small(), ALL | {"d1": []}).total.value


def test_ticks_may_come_as_text_with_spaces() -> None:
    assert score(small(), ALL | {"d1": "a b"}).total.value == score(small(), ALL).total.value


@pytest.mark.parametrize("given", [True, 3.5, {"a": 1}, ["dont_know"], object(), ["x", "y"]])
def test_answers_of_a_wrong_kind_are_missing(given: object) -> None:
    assert score(small(), ALL | {"d1": given}).dimension("data").value is None


# ---- rounding and levels ----


@pytest.mark.parametrize(("total", "key"), [("0.499", "0"), ("0.5", "1"), ("1.499", "1"), ("1.5", "2"), ("3", "3")])
def test_half_a_level_is_rounded_up_before_it_is_classed(total: str, key: str) -> None:
    assert band_of_total(small(), Fraction(total)).key == key


def test_without_rounding_a_level_begins_at_its_lower_end() -> None:
    model = small(rounding="none")
    assert band_of_total(model, Fraction("0.999")).key == "0"
    assert band_of_total(model, Fraction(1)).key == "1"


def test_the_total_itself_is_not_rounded() -> None:
    assert score(small(), ALL).total.value == Fraction(8, 5)
    assert rounded(small(), Fraction(8, 5)) == 2


@pytest.mark.parametrize("rounding", ["none", "half_up"])
def test_the_threshold_is_the_smallest_total_of_a_level(rounding: str) -> None:
    model = small(rounding=rounding)
    for band in model.bands[1:]:
        least = threshold(model, band)
        assert band_of_total(model, least) == band
        assert band_of_total(model, least - Fraction(1, 10**9)).number == band.number - 1


def test_the_next_level_is_the_one_after_what_is_certain() -> None:
    found = score(small(), ALL)
    assert found.next_band is not None and found.next_band.key == "3"
    top = {"s1": "3", "s2": "3", "d1": ["a", "b", "c"], "d2": "3"}
    assert score(small(), top).next_band is None


# ---- trace ----


def test_the_trace_adds_up_to_the_total_exactly() -> None:
    found = score(small(), ALL)
    assert sum(point.contribution for point in found.trace) == found.total.value


def test_only_the_lowest_item_of_a_lowest_value_dimension_contributes() -> None:
    given = {point.leaf: point.contribution for point in score(small(), ALL).trace}
    assert (given["s1"], given["s2"]) == (Fraction(6, 10), 0)


def test_every_point_explains_itself_in_both_languages() -> None:
    for name, model in catalogue.shipped_models().items():
        for point in score(model, {}).trace + score(model, dict.fromkeys(model.questions, "not_applicable")).trace:
            assert point.rule.de and point.rule.en, name


def test_a_rule_names_answer_points_and_what_it_adds() -> None:
    (one,) = [point for point in score(small(), ALL).trace if point.leaf == "s1"]
    assert one.rule.de.startswith("Antwort „Stufe 1“ zählt 1 von 3.")
    assert "niedrigste von 2 Werten" in one.rule.de
    assert "Gewicht 60 von 100" in one.rule.de
    assert one.rule.de.endswith("Trägt 0,6 von 3 bei.")
    assert one.rule.en.endswith("Contributes 0.6 of 3.")


def test_the_path_leads_from_the_dimension_to_the_leaf() -> None:
    found = score(catalogue.shipped_models()["dma"], {})
    (one,) = [point for point in found.trace if point.leaf == "iot"]
    assert one.path == ("digital_readiness", "advanced", "iot")


def test_a_trace_says_how_each_leaf_stands() -> None:
    found = score(small(), {"s1": "1", "d1": "not_applicable"})
    assert {point.leaf: point.state for point in found.trace} == {
        "s1": "answered",
        "s2": "missing",
        "d1": "not_applicable",
        "d2": "missing",
    }
    assert (found.answered, found.asked) == (1, 3)


def test_a_cap_on_a_node_holds_its_value_and_its_bounds() -> None:
    capped = small_text(top="3").replace(
        "weight: 40, aggregate: mean, items: [", "weight: 40, aggregate: sum, cap: 3, items: ["
    )
    model = read_model(capped, "capped.yaml", FORM)
    full = score(model, {"s1": "3", "s2": "3", "d1": ["a", "b", "c"], "d2": "3"})
    assert full.dimension("data").value == 3
    assert full.total.value == model.top
    assert score(model, {"d1": ["a", "b"], "d2": "2"}).dimension("data").value == 3
    assert score(model, {"d1": ["a", "b"]}).dimension("data").upper == 3
