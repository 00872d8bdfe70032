"""Joining the views of the same passages."""

from __future__ import annotations

import numpy as np
import pytest

from nordlotse.answers.core.corpus import LexicalScores
from nordlotse.answers.core.fusion import coverage, lexical_score, standard_scores, weights_for
from nordlotse.answers.core.neighbours import NEIGHBOUR, PAGE, Neighbours, group_of


def _scores(words: list[float], bound: float) -> LexicalScores:
    values = np.array(words, dtype=np.float32)
    return LexicalScores(values, bound, values / 2, bound)


def test_standard_scores_have_mean_nought_and_deviation_one() -> None:
    values = standard_scores(np.array([1, 2, 3, 6], dtype=np.float32))
    assert values.mean() == pytest.approx(0, abs=1e-6)
    assert values.std() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("values", [[], [0.7], [0.5, 0.5, 0.5]])
def test_scores_that_are_all_alike_become_nought(values: list[float]) -> None:
    assert not standard_scores(np.array(values, dtype=np.float32)).any()


def test_coverage_is_half_words_half_grams_over_their_bounds() -> None:
    np.testing.assert_allclose(coverage(_scores([4.0, 0.0], 8.0)), [0.5 * 0.5 + 0.5 * 0.25, 0.0])


def test_a_question_without_terms_covers_nothing() -> None:
    assert not coverage(_scores([0.0, 0.0], 0.0)).any()
    assert not lexical_score(_scores([0.0, 0.0], 0.0)).any()


def test_shared_words_count_more_within_one_language_and_use_more_across() -> None:
    same, other = weights_for(True), weights_for(False)
    assert same.coverage > other.coverage
    assert same.use < other.use


def test_numbered_ids_tell_their_page() -> None:
    assert group_of("om-001.2") == "om-001"
    assert group_of("handbuch#12") == "handbuch"
    assert group_of("xq-000") == ""
    assert group_of("print3d-17") == ""


def test_a_passage_gets_a_share_of_its_better_neighbour_and_its_page() -> None:
    scores = np.array([1.0, 4.0, 2.0, 9.0], dtype=np.float32)
    supported = Neighbours(["p", "p", "p", ""]).supported(scores)
    page = PAGE * (1 + 4 + 2) / 3
    np.testing.assert_allclose(
        supported,
        [1 + NEIGHBOUR * 4 + page, 4 + NEIGHBOUR * 2 + page, 2 + NEIGHBOUR * 4 + page, 9 * (1 + NEIGHBOUR + PAGE)],
        rtol=1e-6,
    )


def test_neighbours_are_found_when_pages_are_scattered() -> None:
    scores = np.array([1.0, 5.0, 2.0], dtype=np.float32)
    supported = Neighbours(["p", "q", "p"]).supported(scores)
    assert supported[0] == pytest.approx(1 + NEIGHBOUR * 2 + PAGE * 1.5)


def test_passages_that_stand_alone_keep_their_order() -> None:
    scores = np.array([0.3, -1.0, 2.0], dtype=np.float32)
    assert list(np.argsort(Neighbours(["", "", ""]).supported(scores))) == [1, 0, 2]
    assert Neighbours([]).supported(np.zeros(0, dtype=np.float32)).shape == (0,)


def test_rows_of_other_pages_are_told_apart() -> None:
    neighbours = Neighbours(["p", "p", "q"])
    assert list(neighbours.elsewhere(0, np.arange(3))) == [2]
