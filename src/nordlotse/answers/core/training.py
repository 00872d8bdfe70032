"""The router's training questions: read, checked, split into a part to learn from and a part to measure on."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nordlotse.answers.core.understand import DEMONSTRATORS, KINDS, TOPICS
from nordlotse.foundation.problem import BadInput

__all__ = ["Example", "held_out", "load_training", "read_training"]

_FIFTH = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its labels. `kind` "" = not known; `card` is "" for answered questions.

    `group` is the subject the question was written for; `weight` counts against 1 for an own question.
    """

    question: str
    lang: str
    topic: str
    kind: str
    demonstrator: str
    group: str = ""
    card: str = ""
    weight: float = 1.0


def read_training(lines: Iterable[str], where: str = "router_training.jsonl") -> tuple[Example, ...]:
    """Parse JSON lines into examples.

    Raises:
        BadInput: a line is no JSON or has an unknown label; the error names the line.
    """
    examples = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            example = Example(**raw)
        except (ValueError, TypeError) as error:
            raise _broken(where, number, str(error)) from error
        if example.topic not in TOPICS or example.kind not in KINDS or example.demonstrator not in DEMONSTRATORS:
            raise _broken(where, number, "unknown label")
        if (example.kind == "decline") != (example.topic == "out_of_scope"):
            raise _broken(where, number, "decline and out_of_scope go together")
        examples.append(example)
    return tuple(examples)


def _broken(where: str, number: int, detail: str) -> BadInput:
    return BadInput(
        "training_line",
        de=f"Eine Trainingsfrage ist unbrauchbar: {detail}.",
        en=f"A training question cannot be used: {detail}.",
        where=f"{where}, line {number}",
        remedy_de="Die Zeile nach data/README.md berichtigen.",
        remedy_en="Mend the line as data/README.md says.",
    )


@cache
def load_training() -> tuple[Example, ...]:
    """Return the training questions shipped with the package (read once per process)."""
    text = resources.files("nordlotse.answers.core.data").joinpath("router_training.jsonl").read_text(encoding="utf-8")
    return read_training(text.splitlines())


def held_out(example: Example) -> bool:
    """Whether an example belongs to the fifth that is only measured on.

    Answered questions leave by subject group, so that the measure is about subjects never seen. The classes of refusal,
    referral and asking back are groups themselves; there the fifth is drawn by question.
    """
    name = example.group if example.kind == "answer" else example.question
    return zlib.crc32(name.encode()) % _FIFTH == 0
