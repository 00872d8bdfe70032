"""What is asked for and what a sentence offers."""

from __future__ import annotations

import time

import pytest

from nordlotse.answers.core.cues import asked_kinds, cues_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Wann endet die Frist?", "when"),
        ("Seit welchem Jahr gilt das?", "when"),
        ("Wie viele Beschäftigte braucht man?", "many"),
        ("Was kostet ein Drucker?", "many"),
        ("How much does it cost?", "many"),
        ("Wer zahlt das?", "who"),
        ("Wo beantrage ich das?", "where"),
        ("Warum friert der Drucker ein?", "why"),
        ("Wie heißt der Standard?", "called"),
        ("Wie schließe ich eine alte Steuerung an?", "how"),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, kind: str) -> None:
    assert kind in asked_kinds(question)


def test_a_plain_question_asks_for_no_special_kind() -> None:
    assert asked_kinds("Lohnt sich ein Retrofit?") == frozenset()


def test_a_sentence_offers_years_names_and_places() -> None:
    cues = cues_of("Im Jahr 2024 gründete Frau Erika Musterfrau in Lübeck eine Firma.")
    assert cues.years == {"2024"}
    assert frozenset({"frau", "erika", "musterfrau"}) in cues.names
    assert "lübeck" in cues.places


def test_reason_means_number_words_and_pointers_back_are_seen() -> None:
    assert cues_of("Das lohnt sich, weil der Strom teuer ist.").reason
    assert cues_of("Durch Sensoren sinkt der Ausschuss.").means
    assert cues_of("Dafür reichen zwei Tage.").number_words
    assert cues_of("Diese Norm gilt überall.").refers_back
    assert not cues_of("Normen gelten überall.").refers_back


def test_hostile_sentences_are_read_quickly() -> None:
    start = time.perf_counter()
    for text in ("um " * 30_000, "A " * 50_000, "in " * 50_000, "1999" * 20_000):
        cues_of(text)
        asked_kinds(text)
    assert time.perf_counter() - start < 2.0
