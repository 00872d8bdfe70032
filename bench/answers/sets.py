"""The public question sets of the retrieval benchmarks, read from the data folder beside the checkout."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nordlotse.answers.core.ranking import Passage

ROOT = Path(__file__).resolve().parents[2]


def shared() -> Path:
    """The folder with the measuring data: NORDLOTSE_SHARED, else `../shared` beside the checkout."""
    return Path(os.environ.get("NORDLOTSE_SHARED") or ROOT.parent / "shared")


def rows(name: str) -> list[dict[str, Any]]:
    """All rows of one JSON-lines file of the retrieval data."""
    path = shared() / "data" / "retrieval" / name
    if not path.exists():
        raise SystemExit(f"{path} is missing: set NORDLOTSE_SHARED to the folder with the measuring data")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def in_training_half(paragraph: str) -> bool:
    """XQuAD even: every second of the even paragraphs (0, 4, 8 …) is for fitting, the others for choosing."""
    return int(paragraph[3:]) % 4 == 0


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its gold passages, the paragraph it was written for and whether it belongs to the training part."""

    id: str
    text: str
    gold: frozenset[str]
    group: str
    training: bool


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions of one language against German passages."""

    name: str
    lang: str
    questions: tuple[Asked, ...]


class PoolD:
    """Pool D: 443 German XQuAD chunks and 1631 chunks of German municipal pages, with four question sets."""

    @cached_property
    def passages(self) -> list[Passage]:
        """2074 German passages."""
        found = rows("xquad_de.chunks.jsonl") + rows("omos_de.passages.jsonl")
        return [Passage(row["id"], row.get("title") or "", row["text"]) for row in found]

    @cached_property
    def sets(self) -> list[QuestionSet]:
        """German and English questions on both parts."""
        return [
            QuestionSet("XQuAD-de", "de", _xquad("de", "gold_chunk")),
            QuestionSet("XQuAD en->de", "en", _xquad("en", "gold_chunk_de")),
            QuestionSet("OMoS-de", "de", _omos("de", "gold")),
            QuestionSet("OMoS en->de", "en", _omos("en", "gold_de")),
        ]


def _xquad(lang: str, gold: str) -> tuple[Asked, ...]:
    return tuple(
        Asked(row["id"], row["q"], frozenset(row[gold]), row["gold"][0], in_training_half(row["gold"][0]))
        for row in rows(f"xquad_{lang}.queries.jsonl")
    )


def _omos(lang: str, gold: str) -> tuple[Asked, ...]:
    return tuple(
        Asked(row["id"], row["q"], frozenset(row[gold]), row["page"], row["split"] == "train")
        for row in rows(f"omos_{lang}.queries.jsonl")
        if row.get(gold)
    )


def unanswerable() -> list[Asked]:
    """The German OMoS questions that their pages do not answer (empty gold)."""
    return [
        Asked(row["id"], row["q"], frozenset(), row["page"], row["split"] == "train")
        for row in rows("omos_de.queries.jsonl")
        if not row["answerable"]
    ]
