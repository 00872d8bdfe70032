"""The golden vectors and derived figures of the readiness facts, through answers as people give them."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.aggregate import band_of_total
from nordlotse.readiness.core.assess import as_dict, assess, read_document
from nordlotse.readiness.core.maturity import Leaf, Node
from nordlotse.readiness.core.score import Score
from nordlotse.readiness.core.scoring import points_of, score, steps

DMA_A = [4, 3, 5, 7, [1, 0, 5, 3, 2, 0, 1], 3, 4, 4, 3, [0, 1, 0, 2, 3], 3, [0, 1, 2, 0, 1]]
DMA_B = [2, 1, 2, 4, [0, 0, 5, 0, 0, 0, 0], 1, 2, 2, 2, [0, 0, 0, 0, 1], 1, [0, 0, 1, 0, 1]]
DMA_EMPTY = [0, 0, 0, 0, [0] * 7, 0, 0, 0, 0, [0] * 5, 0, [0] * 5]
DMA_FULL = [10, 10, 10, 10, [5] * 7, 7, 8, 8, 6, [5] * 5, 10, [2] * 5]
NAMES = [
    "plan",
    "invested",
    "prepared",
    "basic",
    "advanced",
    "skill",
    "staff",
    "data",
    "security",
    "AI",
    "green",
    "env",
]

IMPULS_1 = {"S": [1, 1, 2], "F": [1, 1, 2, 3], "O": [5, 5, 5, 1], "P": [0, 0], "D": [0, 0, 0], "M": [2, 3]}
IMPULS_2 = {"S": [2, 2, 2], "F": [3, 2, 2, 2], "O": [2, 2, 2, 2], "P": [1, 1], "D": [0, 0, 0], "M": [3, 3]}


def scored(**short: Any) -> Score:
    """Return the score of a short form, filled by the questionnaire as any answers are."""
    (model,) = short
    found = assess(read_document(short))
    assert not found.filled.mends
    return found.scores[model]


@pytest.mark.parametrize(
    ("vector", "dimensions", "total"),
    [
        (DMA_EMPTY, ["0.00"] * 6, "0.00"),
        (DMA_FULL, ["100.00"] * 6, "100.00"),
        (DMA_A, ["40.00", "52.14", "46.43", "50.00", "24.00", "35.00"], "41.26"),
        (DMA_B, ["16.67", "27.14", "19.64", "29.17", "4.00", "15.00"], "18.60"),
    ],
    ids=["empty", "full", "A", "B"],
)
def test_dma_vectors_score_as_printed(vector: list[Any], dimensions: list[str], total: str) -> None:
    found = scored(dma=vector)
    assert [f"{float(part.value or 0):.2f}" for part in found.dimensions] == dimensions
    assert f"{float(found.total.value or 0):.2f}" == total


def test_dma_vector_is_exact_not_only_to_two_digits() -> None:
    assert scored(dma=DMA_A).total.value == Fraction(40 * 42 + 2190 + 1950 + 2100 + 1008 + 1470, 42 * 6)


@pytest.mark.parametrize("seed", range(5))
def test_which_statements_are_ticked_does_not_matter_only_how_many(seed: int) -> None:
    chance = random.Random(seed)
    dma = catalogue.shipped_models()["dma"]
    answers: dict[str, Any] = {}
    for name, amount in zip(NAMES, DMA_A, strict=True):
        part = named_part(name)
        if isinstance(part, Leaf):
            answers[part.question] = chance.sample([choice for choice, points in part.scores.items() if points], amount)
        else:
            for row, stage in zip(part.children, amount, strict=True):
                assert isinstance(row, Leaf)
                answers[row.question] = str(stage)
    assert as_dict(assess(answers, {"dma": dma}).scores["dma"])["total"] == 41.261905


def named_part(name: str) -> Node | Leaf:
    """Return the part of the DMA model that a name of the readiness facts means."""
    model = catalogue.shipped_models()["dma"]
    wanted = model.vector.names.get(name.lower(), name.lower())
    return next(part for d in model.dimensions if isinstance(d, Node) for part in d.children if part.id == wanted)


def test_a_named_dma_vector_means_the_same_as_a_plain_list() -> None:
    named = dict(zip(NAMES, DMA_A, strict=True))
    assert as_dict(scored(dma=named)) == as_dict(scored(dma=DMA_A))


@pytest.mark.parametrize(("vector", "mean", "level"), [(IMPULS_1, "0.85", 1), (IMPULS_2, "1.71", 2)])
def test_impuls_vectors_score_as_printed(vector: dict[str, list[int]], mean: str, level: int) -> None:
    found = as_dict(scored(impuls=vector))
    assert f"{found['total']:.2f}" == mean
    assert found["level"] == level


def test_impuls_dimension_is_its_lowest_item() -> None:
    assert scored(impuls=IMPULS_1).dimension("smart_operations").value == 1


def test_impuls_letters_names_and_a_plain_list_mean_the_same() -> None:
    letters = as_dict(scored(impuls=IMPULS_1))
    words = ["strategy", "factory", "smart_operations", "products", "services", "employees"]
    assert as_dict(scored(impuls=dict(zip(words, IMPULS_1.values(), strict=True)))) == letters
    assert as_dict(scored(impuls=list(IMPULS_1.values()))) == letters


def test_all_levels_5_are_excellence() -> None:
    top = {name: [5] * len(items) for name, items in IMPULS_1.items()}
    assert as_dict(scored(impuls=top))["level"] == 5


# ---- gain table of section 2 ----

GAINS = {
    "security": "1.389",
    "skill": "1.190",
    "staff": "1.042",
    "data": "1.042",
    "basic": "0.833",
    "green_uses": "0.833",
    "env_energy": "0.833",
    "vision": "0.667",
    "plan": "0.556",
    "invested": "0.556",
    "prepared": "0.556",
    "vr": "0.238",
}


@pytest.mark.parametrize(("item", "gain"), GAINS.items())
def test_one_more_step_adds_what_the_gain_table_says(item: str, gain: str) -> None:
    answers = assess(read_document({"dma": DMA_B})).filled.answers
    found = {step.leaf.id: step.gain for step in steps(catalogue.shipped_models()["dma"], answers)}
    assert f"{float(found[item]):.3f}" == gain


# ---- section 8 ----


def test_in_operations_the_fourth_item_alone_blocks() -> None:
    found = scored(impuls=IMPULS_1)
    assert [one.item for one in found.blocking if one.dimension == "smart_operations"] == ["cloud"]


def test_raising_it_to_2_lifts_operations_to_2_and_the_total_by_a_tenth() -> None:
    raised = scored(impuls=IMPULS_1 | {"O": [5, 5, 5, 2]})
    assert raised.dimension("smart_operations").value == 2
    assert raised.total.value == Fraction(95, 100)
    assert as_dict(raised)["level"] == 1
    (one,) = [one for one in scored(impuls=IMPULS_1).blocking if one.dimension == "smart_operations"]
    assert one.gain == Fraction(1, 10)


def test_all_items_at_the_lowest_level_block_a_dimension_together() -> None:
    found = scored(impuls=IMPULS_1)
    assert [one.item for one in found.blocking if one.dimension == "smart_factory"] == ["equipment", "digital_image"]
    assert [one.item for one in found.blocking if one.dimension == "strategy"] == ["impl_status", "investment"]


def test_the_next_total_level_needs_065_and_no_two_dimension_steps_give_it() -> None:
    weights = {part.id: part.weight / 100 for part in catalogue.shipped_models()["impuls"].dimensions}
    assert band_of_total(catalogue.shipped_models()["impuls"], Fraction(150, 100)).key == "2"
    assert band_of_total(catalogue.shipped_models()["impuls"], Fraction(149, 100)).key == "1"
    top_two = weights["strategy"] * 2
    assert top_two < Fraction(65, 100) <= top_two + weights["employees"]


@pytest.mark.parametrize(
    "changes", [{"S": [3, 3, 3], "P": [1, 1]}, {"S": [3, 3, 3], "M": [3, 3]}], ids=["products", "employees"]
)
def test_strategy_twice_and_one_more_reach_level_2(changes: dict[str, list[int]]) -> None:
    assert as_dict(scored(impuls=IMPULS_1 | changes))["level"] == 2


def test_the_item_that_blocks_the_total_is_the_single_step_that_adds_most() -> None:
    first = scored(impuls=IMPULS_1).blocking[0]
    assert (first.dimension, first.item, first.gain) == ("", "skills", Fraction(18, 100))


def test_where_no_single_step_helps_the_group_that_adds_most_for_each_item_is_named() -> None:
    first = scored(impuls=IMPULS_2).blocking[0]
    assert (first.dimension, first.item, first.gain) == ("", "functions", 0)
    assert "„Daten aus der Nutzung“" in first.reason.de
    assert "0,19" in first.reason.de


def test_dma_the_blocking_item_is_the_best_row_of_the_gain_table() -> None:
    assert scored(dma=DMA_B).blocking[0].item == "security"


# ---- traps ----


@pytest.mark.parametrize(
    ("value", "band"), [("25", "basic"), ("25.4", "basic"), ("25.5", "average"), ("100", "advanced")]
)
def test_values_between_the_published_whole_numbers_are_classed_as_the_model_says(value: str, band: str) -> None:
    model = catalogue.shipped_models()["dma"]
    assert "25.4" in model.parameters["whole_number_limits"]
    assert band_of_total(model, Fraction(value)).key == band


def test_the_negative_statement_of_question_7_counts_nothing_and_alone() -> None:
    dma = catalogue.shipped_models()["dma"]
    leaf = next(leaf for leaf in dma.leaves() if leaf.id == "data")
    (negative,) = leaf.exclusive
    ticked = [*leaf.scores][:3]
    assert score(dma, {leaf.question: [negative]}).dimension("data_management").children[0].value == 0
    assert score(dma, {leaf.question: [negative, *ticked]}).dimension("data_management").children[0].value == 0


def test_every_dma_question_counts_at_most_1() -> None:
    dma = catalogue.shipped_models()["dma"]
    several = [leaf for leaf in dma.leaves() if leaf.several]
    assert len(several) == 9
    assert all(leaf.cap == 1 and leaf.high == 1 for leaf in several)


def test_more_ticks_than_the_divisor_do_not_pass_the_cap() -> None:
    dma = catalogue.shipped_models()["dma"]
    leaf = next(leaf for leaf in dma.leaves() if leaf.id == "staff")
    more = Leaf(
        leaf.id, leaf.question, {f"s{n}": Fraction(1, 8) for n in range(10)}, True, Fraction(0), Fraction(1), leaf.cap
    )
    assert points_of(more, tuple(more.scores)) == 1
