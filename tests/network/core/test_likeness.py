"""Likeness: by words across inflection and compounds, by vectors without what all texts have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.network.core.likeness import by_vectors, by_words, need_vectors, profile_vectors, shared_words
from nordlotse.network.core.ports import Matrix

PROFILES = ("Energieberater für Druckluft und Wärme", "Näherei und Textil", "Webseiten und Fotos")


def _best(need: str) -> int:
    return int(by_words([need], PROFILES)[0].argmax())


def test_inflected_words_meet() -> None:
    assert _best("Unsere Textilien") == 1


def test_parts_of_compounds_meet() -> None:
    assert _best("Unser Energieverbrauch steigt") == 0
    assert _best("eine Segelnäherei") == 1


def test_a_text_that_shares_nothing_scores_nought() -> None:
    assert by_words(["xyz"], PROFILES).max() == 0
    assert by_words([""], PROFILES).max() == 0


def test_a_rare_word_counts_more_than_a_frequent_one() -> None:
    scores = by_words(["Fotos Maschine"], ["Maschine Fotos", "Maschine Wolle", "Maschine Zement", "Fotos Zement"])[0]
    assert scores[0] > scores[3] > scores[1]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.lists(st.text(max_size=60), min_size=1, max_size=4))
@settings(deadline=None)  # the time of a run is the machine's, not the scores'
def test_scores_by_words_lie_between_nought_and_one(needs: list[str], profiles: list[str]) -> None:
    scores = by_words(needs, profiles)
    assert scores.shape == (len(needs), len(profiles))
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_shared_words_are_told_as_the_profile_writes_them() -> None:
    assert shared_words("alte Pumpe, altes Lager", "Ich kenne „Pumpen“ und Lager.") == ("Pumpen", "Lager")


def _embed(texts: Sequence[str]) -> Matrix:
    """One direction all share, one for each of a few words."""
    words = ("pumpe", "naht", "foto")
    rows = np.array([[1.0, *(float(w in t.lower()) for w in words)] for t in texts], dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_vectors_come_as_the_whole_first_and_then_its_sentences() -> None:
    one, two = profile_vectors(["Pumpen.", "Naht. Foto ist mein Feld."], _embed)
    assert (one.shape, two.shape) == ((1, 4), (3, 4))
    np.testing.assert_allclose(two[1], _embed(["Naht"])[0])


def test_a_denied_sentence_is_not_embedded() -> None:
    (matrix,) = profile_vectors(["Pumpen sind mein Feld. Fotos mache ich nicht."], _embed)
    assert matrix[:, 3].max() == 0


def test_one_sentence_of_a_long_profile_is_enough() -> None:
    people = profile_vectors(["Ich bin da. Ich mag das. Pumpe ist gut.", "Ich bin da. Ich mag das. Ich gehe."], _embed)
    scores = by_vectors(need_vectors(["Die Pumpe klemmt."], _embed), people)
    assert scores is not None
    assert scores[0, 0] > scores[0, 1]


def test_who_has_no_vectors_scores_nought_and_nobody_at_all_gives_none() -> None:
    (pump,) = profile_vectors(["Pumpe"], _embed)
    scores = by_vectors([pump], [None, pump])
    assert scores is not None
    assert scores[0, 0] == 0 < scores[0, 1]
    assert by_vectors([pump], [None]) is None
    assert by_vectors([None], [pump]) is None
