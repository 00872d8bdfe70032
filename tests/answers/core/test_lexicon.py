"""The lexicon finds one thing under its many names."""

from __future__ import annotations

import time

import pytest

from nordlotse.answers.core.lexicon import Lexicon
from nordlotse.foundation.problem import BadInput

LEXICON = Lexicon.load()


def found(question: str) -> set[str]:
    return {m.term for m in LEXICON.matches(question)}


def names(question: str) -> set[str]:
    return {e.term for e in LEXICON.expand(question)}


def test_it_holds_at_least_120_things() -> None:
    assert len(LEXICON) >= 120


def test_no_head_name_occurs_twice() -> None:
    assert len(set(LEXICON.terms)) == len(LEXICON.terms)


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("Was ist eine VWS?", "Verwaltungsschale"),
        ("What is an AAS?", "Verwaltungsschale"),
        ("Unsere WaWi ist alt", "ERP"),
        ("GAE berechnen", "Anlageneffektivität"),
        ("Gibt es den Digitalbonus Hamburg noch?", "Hamburg Digital"),
        ("unternehmenswert mensch", "INQA-Coaching"),
        ("industrie 4 punkt 0", "Industrie 4.0"),
        ("Industrie 4.0 einführen", "Industrie 4.0"),
        ("ERechnung ab wann", "E-Rechnung"),
        ("elektronische Rechnung an Kunden", "E-Rechnung"),
        ("NIS-2 Pflichten", "NIS2"),
        ("pay-per-use contract", "nutzungsabhängige Bezahlung"),
        ("vorbeugung mit predictive maintenance", "vorausschauende Wartung"),
        ("KI im Betrieb", "künstliche Intelligenz"),
        ("laserschmelzen bauteil", "SLM"),
    ],
)
def test_a_name_leads_to_its_thing(question: str, term: str) -> None:
    assert term in found(question)


def test_a_name_inside_a_compound_is_found() -> None:
    assert "Retrofit" in found("Unser Retrofitprojekt stockt")


def test_a_compound_counts_less_than_the_whole_word() -> None:
    whole = {m.term: m.strength for m in LEXICON.matches("Retrofit")}["Retrofit"]
    part = {m.term: m.strength for m in LEXICON.matches("Retrofitprojekt")}["Retrofit"]
    assert part < whole


@pytest.mark.parametrize(
    "typo", ["Retorfit", "Retroffit", "Verwaltungschale", "Verwaltugnsschale", "Maschinenverordnug"]
)
def test_a_typing_error_is_forgiven(typo: str) -> None:
    assert found(typo)


def test_umlauts_written_with_two_letters_are_the_same() -> None:
    assert found("Foerdermittel") == found("Fördermittel") != set()


@pytest.mark.parametrize("question", ["Wir sind am Ende", "the red car", "step by step", "das ist mir neu"])
def test_short_codes_that_are_everyday_words_need_capitals(question: str) -> None:
    assert not found(question) & {"3D-Druck", "EN 18031", "STL"}


def test_short_words_are_not_corrected() -> None:
    assert "MQTT" not in found("mqt")


def test_expansion_goes_in_both_directions() -> None:
    assert "Verwaltungsschale" in names("AAS")
    assert "AAS" in names("Verwaltungsschale")


def test_the_other_language_is_added() -> None:
    assert "spare part" in names("Ersatzteil drucken")
    assert "Ersatzteil" in names("print a spare part")


def test_names_already_in_the_question_are_not_added() -> None:
    assert "Retrofit" not in names("Retrofit nachrüsten")


def test_related_things_are_not_added() -> None:
    assert not names("vorausschauende Wartung") & {"vorbeugende wartung", "zustandsüberwachung"}


def test_weights_lie_between_zero_and_one_and_fall() -> None:
    weights = [e.weight for e in LEXICON.expand("Was kostet der Retrofit mit OPC UA?")]
    assert weights == sorted(weights, reverse=True)
    assert all(0 < w <= 1 for w in weights)


def test_everyday_words_add_little() -> None:
    weights = {e.term: e.weight for e in LEXICON.expand("Unser Betrieb")}
    assert max(weights.values()) <= 0.3


def test_at_most_24_names_are_added() -> None:
    assert len(LEXICON.expand("3D-Druck OPC UA MQTT ERP MES E-Rechnung NIS2 Data Act Retrofit Förderung Cobot")) <= 24


def test_a_page_of_text_takes_under_50_ms() -> None:
    LEXICON.expand("warm")
    start = time.perf_counter()
    LEXICON.expand("verwaltungsschalenx maschinendatenerfasung " * 500)
    assert time.perf_counter() - start < 0.05


def test_an_empty_question_has_no_names() -> None:
    assert LEXICON.expand("") == ()


def test_a_broken_entry_names_its_place() -> None:
    with pytest.raises(BadInput) as caught:
        Lexicon([{"term": "A", "variants": []}, {"term": "", "variants": ["b"]}])
    assert "entry 2" in caught.value.where


def test_an_impossible_weight_is_refused() -> None:
    with pytest.raises(BadInput):
        Lexicon([{"term": "A", "variants": ["b"], "weight": 2}])
