"""Compounds come apart into words the corpus knows."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from nordlotse.answers.core.decompound import Decompounder, affected_words, may_be_part

COUNTS = Counter(
    {
        "digitalisierung": 9, "strategie": 5, "kompetenz": 6, "zentrum": 8, "maschine": 7, "daten": 12, "schule": 4,
        "haus": 6, "untere": 3, "wartung": 4, "vertrag": 5, "unternehmen": 30,
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("digitalisierungsstrategie", ("digitalisierung", "strategie")),
        ("kompetenzzentrum", ("kompetenz", "zentrum")),
        ("maschinendaten", ("maschine", "daten")),
        ("schulhaus", ("schule", "haus")),
        ("wartungsvertrag", ("wartung", "vertrag")),
        ("unternehmen", ()),
        ("haus", ()),
        ("fräsmaschine4", ()),
    ],
)
def test_known_parts_are_found_with_their_linking_letters(word: str, parts: tuple[str, ...]) -> None:
    assert Decompounder(COUNTS)(word) == parts


def test_three_parts_are_found_by_splitting_twice() -> None:
    assert Decompounder(COUNTS)("maschinendatenstrategie") == ("maschine", "daten", "strategie")


def test_mere_endings_are_no_parts() -> None:
    assert not may_be_part("keit")
    assert not may_be_part("ab")
    assert may_be_part("daten")


def test_a_successor_splits_with_the_new_counts_and_keeps_unaffected_splits() -> None:
    old = Decompounder(COUNTS)
    assert old("sensordaten") == ()
    counts = COUNTS + Counter(sensor=2)
    affected = affected_words(["sensordaten", "maschinendaten"], ["sensor"])
    assert affected == {"sensordaten"}
    new = old.successor(counts, affected)
    assert new("sensordaten") == ("sensor", "daten")
    assert old("sensordaten") == ()


def test_endless_words_are_not_split_and_cost_nothing() -> None:
    start = time.perf_counter()
    assert Decompounder(COUNTS)("daten" * 5_000) == ()
    assert time.perf_counter() - start < 0.1
