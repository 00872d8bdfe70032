"""Sentences are embedded once, kept, and compared by several threads at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nordlotse.answers.core import likeness
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.likeness import SentenceLikeness
from nordlotse.answers.core.vectors import MemoryVectors
from tests.answers.core.stand_ins import HashEncoder

TEXTS = ["Der Sensor misst die Temperatur.", "Die Förderung endet im Dezember.", "Der Sensor misst den Druck."]


def test_the_likest_sentence_has_the_highest_number() -> None:
    made = SentenceLikeness(Encoders(use=HashEncoder()), MemoryVectors())
    numbers = made.to_question("Wann endet die Förderung?", TEXTS)
    assert len(numbers) == 3
    assert max(numbers) == numbers[1]
    assert all(-1.001 <= n <= 1.001 for n in numbers)


def test_without_an_encoder_or_sentences_there_are_no_numbers() -> None:
    assert SentenceLikeness(Encoders(), MemoryVectors()).to_question("Frage", TEXTS) == ()
    assert SentenceLikeness(Encoders(use=HashEncoder()), MemoryVectors()).to_question("Frage", []) == ()


def test_a_sentence_is_embedded_once() -> None:
    encoder, store = HashEncoder(), MemoryVectors()
    made = SentenceLikeness(Encoders(use=encoder), store)
    made.to_question("Frage", TEXTS * 2)
    made.to_question("Andere Frage", TEXTS)
    SentenceLikeness(Encoders(use=encoder), store).to_question("Frage", TEXTS)
    assert sorted(encoder.embedded) == sorted(TEXTS)


def test_the_same_sentence_twice_has_the_same_number() -> None:
    first, second = SentenceLikeness(Encoders(use=HashEncoder()), MemoryVectors()).to_question("Druck", [TEXTS[2]] * 2)
    assert first == second


def test_threads_that_push_each_other_out_of_the_memory_get_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "KEPT", 5)
    made = SentenceLikeness(Encoders(use=HashEncoder()), MemoryVectors())
    batches = [[f"Satz {n} aus Stapel {b}." for n in range(8)] for b in range(30)]
    with ThreadPoolExecutor(8) as pool:
        lengths = list(pool.map(lambda batch: len(made.to_question("Satz", batch)), batches * 3))
    assert lengths == [8] * 90


def test_the_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "KEPT", 5)
    encoder = HashEncoder()
    made = SentenceLikeness(Encoders(use=encoder), MemoryVectors())
    made.to_question("Satz", [f"Satz {n}." for n in range(20)])
    assert len(made._kept) == 5
