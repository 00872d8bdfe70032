"""Change between rounds: item by item for one company, paired with drop-out in sight over companies, never called an effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core.change import changed, over, paired, sentence
from nordlotse.readiness.core.score import Score
from nordlotse.readiness.core.scoring import score
from tests.readiness.core.small_models import small

FIRST = {"s1": "1", "s2": "1", "d1": ["a"], "d2": "1"}
LABEL = Text("Gesamtwert", "Total")


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
    with pytest.raises(BadInput):
        over([(made(), other)])
    with pytest.raises(BadInput):
        over([(made(), None), (other, None)])


def test_the_interval_is_the_one_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    before = rng.normal(40, 10, 30)
    after = before + rng.normal(2, 5, 30)
    found = paired("total", list(zip(before.tolist(), after.tolist(), strict=True)))
    expected = stats.ttest_rel(after, before).confidence_interval(0.95)
    assert found.interval == pytest.approx((expected.low, expected.high))
    assert found.n == 30 and found.mean == pytest.approx(float(np.mean(after - before)))


def test_the_bootstrap_agrees_with_the_t_interval_on_many_normal_differences() -> None:
    rng = np.random.default_rng(4)
    found = paired("total", [(0.0, float(value)) for value in rng.normal(1, 2, 400)])
    assert found.interval is not None and found.bootstrap is not None
    assert found.bootstrap == pytest.approx(found.interval, abs=0.05)


def test_the_intervals_cover_the_truth_about_95_times_of_100() -> None:
    rng = np.random.default_rng(9)
    inside = [0, 0]
    for _ in range(300):
        found = paired("total", [(0.0, float(value)) for value in rng.normal(1, 2, 40)])
        for kind, interval in enumerate((found.interval, found.bootstrap)):
            assert interval is not None
            inside[kind] += interval[0] <= 1 <= interval[1]
    assert all(275 <= count <= 297 for count in inside)


def test_the_same_pairs_give_the_same_bootstrap() -> None:
    values: list[tuple[float | None, float | None]] = [(1.0, 2.0), (2.0, 2.0), (3.0, 5.0)]
    assert paired("total", values) == paired("total", values)


def test_drop_out_is_counted_with_the_first_score_of_those_lost() -> None:
    found = paired("total", [(10.0, 20.0), (30.0, 40.0), (5.0, None), (7.0, None)])
    assert (found.n, found.lost, found.lost_share) == (2, 2, 0.5)
    assert (found.before, found.lost_before) == (20, 6)


def test_who_has_no_first_value_counts_nowhere() -> None:
    found = paired("total", [(None, 20.0), (None, None), (30.0, 40.0)])
    assert (found.n, found.lost, found.lost_share) == (1, 0, 0)


@pytest.mark.parametrize("values", [[(1.0, 2.0)], [(1.0, 2.0), (3.0, 4.0)]], ids=["one pair", "all alike"])
def test_without_spread_there_is_no_interval(values: list[tuple[float | None, float | None]]) -> None:
    found = paired("total", values)
    assert found.mean == 1
    assert found.interval is None and found.bootstrap is None
    assert "Intervall lässt sich daraus nicht berechnen" in sentence(found, LABEL).de


def test_scores_over_companies_become_pairs() -> None:
    found = over([(made(), made(s1="2", s2="2")), (made(), made()), (made(s1="0"), None)])
    assert (found.n, found.lost) == (2, 1)
    assert found.mean == pytest.approx(0.3)
    assert over([(made(), made(s1="2", s2="2"))], "strategy").mean == 1


def test_a_second_result_that_is_undetermined_counts_as_lost() -> None:
    assert over([(made(), made(d2=None))]).lost == 1


def test_a_sentence_tells_n_interval_drop_out_and_claims_no_cause() -> None:
    text = sentence(paired("total", [(10.0, 20.0), (30.0, 42.0), (5.0, None)]), LABEL)
    for words in ("2 Betriebe", "Differenz 11", "95-%-Intervall", "1 Betrieb (33,33 %)", "im Mittel erst 5"):
        assert words in text.de
    assert "Ohne Vergleichsgruppe sagt das nichts über die Ursache" in text.de
    assert "Without a control group this says nothing about the cause" in text.en
    for word in ("Wirkung", "bewirkt", "dank", "durch die Förderung"):
        assert word not in text.de


def test_nobody_twice_is_said() -> None:
    found = paired("total", [(1.0, None)])
    assert (found.n, found.mean, found.lost) == (0, None, 1)
    assert "noch kein Betrieb zweimal" in sentence(found, LABEL).de
