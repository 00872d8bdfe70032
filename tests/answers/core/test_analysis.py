"""Text becomes terms the same way for questions and passages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.answers.core.analysis import ANALYSED_CHARACTERS, Analyzer, calm, clean, grams_of, surface_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IEC 62541", "iec62541"),
        ("DIN EN ISO 9001", "din en iso9001"),
        ("VDI-3405", "VDI 3405"),
        ("Industrie 4.0", "industrie 4 . 0"),
        ("Industrie 4.0", "Industrie 4 punkt 0"),
        ("2,5 Prozent", "2.5 Prozent"),
        ("10.000 Teile", "10,000 Teile"),
        ("10.000 Teile", "10000 Teile"),
    ],
)
def test_spellings_of_one_thing_give_the_same_words(one: str, other: str) -> None:
    assert set(surface_words(one)) == set(surface_words(other))


def test_dates_and_long_versions_are_not_taken_for_decimals() -> None:
    assert "12p5" not in surface_words("am 12.5.2024")
    assert "3p1" not in surface_words("MQTT 3.1.1")


def test_stop_words_of_both_languages_are_dropped() -> None:
    assert surface_words("Wie ist the Preis of das Teil?") == ["preis", "teil"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zuschüsse", "Zuschuesse"), ("Straße", "strasse"), ("Kühlung", "KUEHLUNG"), ("Messgerät", "messgerat")],
)
def test_folded_spellings_share_their_grams(one: str, other: str) -> None:
    assert Analyzer("de").grams(one) == Analyzer("de").grams(other)


def test_german_inflections_share_a_stem() -> None:
    analyzer = Analyzer("de")
    assert analyzer.stem("förderungen") == analyzer.stem("förderung")


def test_english_text_is_stemmed_in_english() -> None:
    assert Analyzer("en").words("machines") == Analyzer("en").words("machine")


def test_a_short_word_gives_one_gram() -> None:
    assert grams_of("3d") == [" 3d "]


def test_nul_control_characters_and_lone_surrogates_become_blanks() -> None:
    assert clean("a\x00b\x07c\ud800d") == "a b c d"


def test_mostly_capital_questions_are_lowered_and_others_left_alone() -> None:
    assert calm("WAS KOSTET EIN DRUCKTEIL?") == "was kostet ein druckteil?"
    assert calm("Was kostet NIS2?") == "Was kostet NIS2?"


def test_only_the_first_characters_of_endless_text_are_read() -> None:
    assert "ende" not in surface_words("wort " * (ANALYSED_CHARACTERS // 5) + " ende")


@pytest.mark.parametrize("text", ["1." * 60_000, "4 punkt " * 20_000, "iec " * 40_000, "ä" * 100_000, "1 , " * 40_000])
def test_hostile_text_is_analysed_quickly(text: str) -> None:
    start = time.perf_counter()
    Analyzer("de").words(text)
    Analyzer("de").grams(text)
    assert time.perf_counter() - start < 2.0


@given(st.text(max_size=300))
def test_any_text_gives_terms_without_blanks_and_grams_of_bounded_length(text: str) -> None:
    analyzer = Analyzer("de")
    assert all(term and " " not in term for term in analyzer.words(text))
    assert all(0 < len(gram) <= 4 for gram in analyzer.grams(text))
