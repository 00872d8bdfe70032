"""What is known about a question before anything is looked up: the values only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from nordlotse.answers.core.lexicon import Expansion
from nordlotse.foundation.language import Lang
from nordlotse.foundation.region import State

__all__ = ["DEMONSTRATORS", "KINDS", "READ_CHARACTERS", "TOPICS", "Given", "Kind", "Neighbour", "Understanding", "tidy"]

Kind = Literal["answer", "clarify", "refer", "decline", "emergency"]

KINDS: tuple[Kind, ...] = ("answer", "clarify", "refer", "decline", "emergency")
"""What to do with a question: answer it, ask back, name a person's office, say no, or show the emergency card."""

TOPICS = (
    "digitalisation",
    "iot",
    "print3d",
    "industrie40",
    "business_models",
    "funding",
    "network",
    "events",
    "out_of_scope",
)
"""Subjects of the centre; `out_of_scope` holds exactly the declined questions."""

DEMONSTRATORS = ("none", "print_check", "iot", "twin", "business_simulation", "readiness_check")
"""Which demonstrator helps with a question."""

READ_CHARACTERS = 2_000
"""Only the beginning of a question is read; what matters has been said by then."""

_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Given:
    """What the asker said beside the question; None means: find it in the text."""

    lang: Lang | None = None
    state: State | None = None
    employees: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Something of the knowledge that lies near a question: its labels and its fused score (z + 3 x coverage)."""

    topic: str
    demonstrator: str
    score: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question is about.

    `topic_p`, `kind_p` and `demonstrator_p` are calibrated probabilities (0..1) of the chosen values; a fixed rule
    gives 1.0. `card` is the id of the fixed text to show when `kind` is not "answer". `reason` says in one word or
    phrase who decided ("rule:…" or "model:…"). `cleaned` is the text to search with.
    """

    lang: Lang
    topic: str
    topic_p: float
    kind: Kind
    kind_p: float
    demonstrator: str
    demonstrator_p: float
    state: State | None
    employees: int | None
    card: str | None
    reason: str
    cleaned: str
    expansions: tuple[Expansion, ...]


def tidy(question: str) -> str:
    """Return the first 2,000 characters without tags, control and direction marks, blanks made single."""
    text = question[:READ_CHARACTERS]
    if "<" in text:
        text = _TAG.sub(" ", _SCRIPT.sub(" script ", text))
    # Categories Cc, Cf (direction marks, zero-width), Cs (lone surrogates), Co, Cn carry no words.
    kept = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", kept)).strip()
