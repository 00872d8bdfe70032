"""A question is embedded once even if several parts need its vector."""

from __future__ import annotations

import numpy as np

from nordlotse.answers.core import memo
from nordlotse.answers.core.memo import Memo
from nordlotse.answers.core.ports import Vector
from tests.answers.core.stand_ins import HashEncoder


class Counting(HashEncoder):
    """Counts questions."""

    def __init__(self) -> None:
        super().__init__("model", "7")
        self.asked: list[str] = []

    def query(self, text: str) -> Vector:
        self.asked.append(text)
        return super().query(text)


def test_the_same_question_is_computed_once() -> None:
    encoder = Counting()
    made = Memo(encoder)
    assert np.array_equal(made.query("Frage"), made.query("Frage"))
    made.query("Andere")
    assert encoder.asked == ["Frage", "Andere"]


def test_the_vectors_are_those_of_the_encoder() -> None:
    encoder = Counting()
    assert np.array_equal(Memo(encoder).query("Frage"), encoder.query("Frage"))
    assert np.array_equal(Memo(encoder).passages(["a", "b"]), encoder.passages(["a", "b"]))


def test_it_goes_by_the_name_version_and_length_of_its_encoder() -> None:
    encoder = Counting()
    made = Memo(encoder)
    assert (made.name, made.version, made.dim) == ("model", "7", encoder.dim)


def test_only_the_last_questions_are_remembered() -> None:
    encoder = Counting()
    made = Memo(encoder)
    for number in range(memo.KEPT + 1):
        made.query(str(number))
    made.query("0")
    assert len(encoder.asked) == memo.KEPT + 2
