"""Change between two rounds of one company: total, dimension by dimension, item by item."""

from __future__ import annotations

import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core.change import changed
from nordlotse.readiness.core.score import Score
from nordlotse.readiness.core.scoring import score
from tests.readiness.core.small_models import small

FIRST = {"s1": "1", "s2": "1", "d1": ["a"], "d2": "1"}


def made(**answers: object) -> Score:
    """Return the score of the first answers with some changed."""
    return score(small(), FIRST | answers)


def test_a_change_is_told_for_the_total_and_each_dimension() -> None:
    found = changed(made(), made(d1=["a", "b"]))
    assert found.total.difference == found.dimensions[1].difference * 4 / 10  # type: ignore[operator]
    assert [part.difference for part in found.dimensions] == [0, 0.5]


def test_a_change_is_told_for_each_item_with_both_answers() -> None:
    found = changed(made(), made(s1="2"))
    (item,) = [item for item in found.items if item.changed]
    assert (item.leaf, item.dimension, item.before.answer, item.after.answer) == ("s1", "strategy", "1", "2")
    assert item.difference == 1


def test_an_undetermined_value_has_no_difference() -> None:
    found = changed(made(d2=None), made())
    assert found.total.difference is None
    (item,) = [item for item in found.items if item.changed]
    assert item.difference is None


def test_results_of_different_rules_are_not_compared() -> None:
    other = score(small(missing="zero"), FIRST)
    with pytest.raises(BadInput) as caught:
        changed(made(), other)
    assert caught.value.code == "models_differ"
