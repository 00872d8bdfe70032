"""Postings hold ready BM25 weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.answers.core import lexical
from nordlotse.answers.core.lexical import UNKNOWN_WEIGHT, Postings, counts_of

TEXTS = [["a", "b", "a"], ["b", "c"], ["c", "c", "d", "e"], []]


def _postings(texts: list[list[str]], **keywords: float) -> Postings:
    ids: dict[str, int] = {}
    return Postings(ids, counts_of(texts, ids), **keywords)


def test_weights_follow_the_bm25_formula() -> None:
    scores, _ = _postings(TEXTS, k1=1.2, b=0.75).scores(["a"])
    idf = math.log(1 + (4 - 1 + 0.5) / (1 + 0.5))
    average = 9 / 4
    expected = idf * 2 * 2.2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / average))
    assert scores[0] == pytest.approx(expected, rel=1e-6)
    assert not scores[1:].any()


def test_a_repeated_question_term_counts_again() -> None:
    index = _postings(TEXTS)
    assert index.scores(["b", "b"])[0] == pytest.approx(2 * index.scores(["b"])[0])


def test_an_unknown_term_scores_nothing_but_raises_the_bound() -> None:
    scores, bound = _postings(TEXTS).scores(["nowhere"])
    assert not scores.any()
    assert bound == UNKNOWN_WEIGHT


def test_a_term_numbered_after_the_index_was_built_is_unknown() -> None:
    ids: dict[str, int] = {}
    index = Postings(ids, counts_of(TEXTS, ids))
    ids["later"] = len(ids)
    assert index.number("later") is None
    assert index.row("later")[0].size == 0


def test_an_empty_index_scores_nothing() -> None:
    scores, bound = _postings([]).scores(["a"])
    assert scores.shape == (0,)
    assert bound == UNKNOWN_WEIGHT


def test_building_in_small_blocks_gives_the_same_index(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _postings(TEXTS).scores(["a", "b", "c", "d"])
    monkeypatch.setattr(lexical, "_BLOCK_ENTRIES", 2)
    parts = _postings(TEXTS).scores(["a", "b", "c", "d"])
    np.testing.assert_array_equal(whole[0], parts[0])


@given(
    st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), min_size=1, max_size=12),
    st.lists(st.sampled_from("abcdefghxyz"), max_size=10),
)
def test_no_score_exceeds_the_bound(texts: list[list[str]], question: list[str]) -> None:
    scores, bound = _postings(texts).scores(question)
    assert (scores >= 0).all()
    assert (scores <= bound + 1e-4).all()


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=8), min_size=1, max_size=8))
def test_weight_of_one_text_equals_its_place_in_the_scores(texts: list[list[str]]) -> None:
    index = _postings(texts)
    for term in "abcd":
        scores, _ = index.scores([term])
        assert [index.weight(term, place) for place in range(len(texts))] == pytest.approx(list(scores))
