"""Folding: spellings of the same German word meet in one form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.german import fold

ALIKE = [
    ("Größe", "Groesse", "GRÖSSE", "grosse"),
    ("Förderung", "Foerderung", "FÖRDERUNG"),
    ("Prüfung", "Pruefung"),
    ("Straße", "Strasse", "STRAẞE"),
    ("Café", "Cafe"),
]


@pytest.mark.parametrize("words", ALIKE, ids=lambda w: w[0])
def test_spellings_of_one_word_fold_alike(words: tuple[str, ...]) -> None:
    assert len({fold(w) for w in words}) == 1


@pytest.mark.parametrize("word", ["neue", "Quelle", "blaue", "treue", "Steuer"])
def test_ue_after_a_vowel_or_q_is_no_umlaut(word: str) -> None:
    assert "ue" in fold(word)


@given(st.text(max_size=200))
def test_both_unicode_forms_of_a_text_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text("abcdefghijklmnopqrstuvwxyzäöüß ", max_size=200))
def test_folded_german_is_plain_ascii(text: str) -> None:
    assert fold(text).isascii()
