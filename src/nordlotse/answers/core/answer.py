"""What the answers room knows about a question: sentences with their places, sources, warnings, questions back, doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from nordlotse.answers.core.compose import Chosen
from nordlotse.foundation.language import Lang
from nordlotse.foundation.region import State
from nordlotse.foundation.source import Source

__all__ = ["Answer", "Confidence", "Door", "Quote", "quote_of", "used_sources"]

Confidence = Literal["found", "related", "none"]


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence of an answer: verbatim, where it stands, what it rests on."""

    text: str
    article: str
    section: str
    start: int
    end: int
    sources: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the sentence as the interface shows it."""
        return {
            "text": self.text,
            "article": self.article,
            "section": self.section,
            "start": self.start,
            "end": self.end,
            "sources": list(self.sources),
        }


@dataclass(frozen=True, slots=True)
class Door:
    """An office or profession to turn to."""

    name: str
    url: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the answers room knows about a question. `score` 0..1 is calibrated, `ms` milliseconds."""

    question: str
    lang: Lang
    kind: str
    topic: str
    confidence: Confidence
    score: float
    sentences: tuple[Quote, ...]
    sources: tuple[Source, ...]
    valid_on: date
    warnings: tuple[str, ...]
    ask_back: tuple[str, ...]
    demonstrator: str
    state: State | None
    employees: int | None
    mode: str
    ms: float
    doors: tuple[Door, ...] = ()
    card: str = ""
    articles: tuple[str, ...] = ()
    records: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the answer as one string, "" if there is none."""
        return " ".join(q.text for q in self.sentences)


def quote_of(chosen: Chosen) -> Quote:
    """Return a chosen sentence as the interface shows it."""
    s = chosen.sentence
    return Quote(chosen.text, chosen.unit.article, chosen.unit.anchor, s.start, s.end, s.sources)


def used_sources(chosen: Sequence[Chosen]) -> tuple[Source, ...]:
    """Return the sources the chosen sentences rest on, each once, in the order of the sentences."""
    wanted = {i for c in chosen for i in c.sentence.sources}
    found: dict[str, Source] = {}
    for one in chosen:
        for source in one.unit.sources:
            if source.id in wanted:
                found.setdefault(source.id, source)
    return tuple(found.values())
