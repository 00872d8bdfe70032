"""Fixed texts are short, complete in both languages, and name only what was read."""

from __future__ import annotations

import re

import pytest

from nordlotse.answers.core.cards import Card, card, load, read_cards
from nordlotse.answers.core.rules import load_rules
from nordlotse.answers.core.sentences import sentence_spans
from nordlotse.answers.core.training import load_training
from nordlotse.foundation.language import LANGS
from nordlotse.foundation.problem import BadInput, NotFound

CARDS = sorted(load().values(), key=lambda c: (c.id, c.lang))
IDS = sorted({c.id for c in CARDS})
PHONE = re.compile(r"\b0\d[\d /-]{5,}\d\b")
PUBLIC = {"110", "112"}
SUBJECTS = {
    "de": ("Digitalisierung", "Internet der Dinge", "3D-Druck", "Industrie 4.0", "Geschäftsmodelle"),
    "en": ("digitalisation", "Internet of Things", "3D printing", "Industrie 4.0", "business models"),
}


def named(c: Card) -> str:
    return f"{c.id}-{c.lang}"


@pytest.mark.parametrize("found", CARDS, ids=named)
def test_a_card_has_at_most_six_sentences_and_120_words(found: Card) -> None:
    assert 1 <= len(found.sentences) <= 6
    assert len(found.text.split()) <= 120


@pytest.mark.parametrize("found", CARDS, ids=named)
def test_every_sentence_stands_alone(found: Card) -> None:
    for sentence in found.sentences:
        assert sentence[-1] in ".?!"
        assert sentence[0].isupper()
        assert len(sentence_spans(sentence)) == 1, sentence


@pytest.mark.parametrize("found", CARDS, ids=named)
def test_at_most_three_questions_back_and_all_are_questions(found: Card) -> None:
    assert len(found.ask_back) <= 3
    assert all(question.endswith("?") for question in found.ask_back)


@pytest.mark.parametrize("found", CARDS, ids=named)
def test_a_phone_number_stands_in_a_source_that_was_read(found: Card) -> None:
    read = " ".join(re.sub(r"\D", "", s.passage) for s in found.sources)
    for number in [*PHONE.findall(found.text), *(d.phone for d in found.doors if d.phone)]:
        assert re.sub(r"\D", "", number) in read, number


@pytest.mark.parametrize("found", CARDS, ids=named)
def test_a_door_with_a_phone_names_its_source(found: Card) -> None:
    assert all(door.source is not None for door in found.doors if door.phone)


@pytest.mark.parametrize("found", CARDS, ids=named)
def test_every_source_says_what_was_read_and_when(found: Card) -> None:
    for source in found.sources:
        assert source.url.startswith("http")
        assert source.passage
        assert source.checked_on.year >= 2026


@pytest.mark.parametrize("id_", IDS)
def test_both_languages_have_the_same_shape(id_: str) -> None:
    de, en = (card(id_, lang) for lang in LANGS)
    assert len(de.sentences) == len(en.sentences)
    assert len(de.ask_back) == len(en.ask_back)
    assert len(de.doors) == len(en.doors)


@pytest.mark.parametrize("id_", IDS)
def test_both_languages_name_the_same_numbers(id_: str) -> None:
    texts = [card(id_, lang).text for lang in LANGS]
    german, english = (sorted(re.findall(r"\d+", t)) for t in texts)
    assert german == english


@pytest.mark.parametrize("id_", [i for i in IDS if i.startswith("clarify-")])
def test_a_card_that_asks_back_gives_a_first_step_too(id_: str) -> None:
    for lang in LANGS:
        found = card(id_, lang)
        assert len(found.sentences) >= 2
        assert 2 <= len(found.ask_back) <= 3


@pytest.mark.parametrize("id_", [i for i in IDS if i.startswith("decline-") and i != "decline-prediction"])
@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_names_what_the_centre_does_help_with(id_: str, lang: str) -> None:
    text = card(id_, "de" if lang == "de" else "en").text
    for subject in SUBJECTS[lang]:
        assert re.search(subject.rstrip("ne"), text, re.IGNORECASE), subject


def test_the_refusals_name_the_right_door() -> None:
    assert "Steuerberat" in card("decline-tax", "de").text
    assert "Anwalt" in card("decline-law", "de").text
    assert "lawyer" in card("decline-law", "en").text
    assert "Datenschutz" in card("decline-data", "de").text
    assert "112" in card("decline-medical", "en").text


def test_the_emergency_card_begins_with_the_network() -> None:
    assert "Netzwerk" in card("emergency", "de").sentences[0]
    assert "network" in card("emergency", "en").sentences[0]


def test_the_emergency_card_says_not_to_pay_whom_to_call_and_the_72_hours() -> None:
    text = card("emergency", "de").text
    for word in ("kein Lösegeld", "IT-Dienstleister", "Polizei", "BSI", "72 Stunden", "nicht aus"):
        assert word in text


def test_every_card_of_the_training_questions_and_rules_exists() -> None:
    wanted = {e.card for e in load_training() if e.card} | {r.card for r in load_rules()}
    assert wanted <= set(IDS)


def test_an_unknown_card_is_not_found() -> None:
    with pytest.raises(NotFound):
        card("no-such-card", "de")


@pytest.mark.parametrize("text", ["", "cards: [", "cards: {a: {de: [x]}}\nsources: {}", "sources: {x: {}}\ncards: {}"])
def test_a_broken_file_names_its_place(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_cards(text)
    assert "cards.yaml" in caught.value.where
