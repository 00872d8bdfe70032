"""A question as numbers for the router: words, 4-grams, things of the lexicon, and its embedding."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core.analysis import grams_of
from nordlotse.answers.core.lexicon import Lexicon
from nordlotse.foundation.german import fold

__all__ = ["Scaler", "Vocabulary", "pieces"]

Array = NDArray[np.float32]
_SHORT = 5  # words; vagueness shows in the length of a question


def pieces(cleaned: str, lexicon: Lexicon) -> dict[str, list[str]]:
    """Return the pieces of a tidied question by kind: words and word pairs, 4-grams, things, shape.

    Stop words stay in: "wer ist", "was ist", "können wir" tell what kind of question it is.
    """
    words = "".join(c if c.isalnum() else " " for c in fold(cleaned)).split()
    shown = ["#" if w.isdigit() else w for w in words]
    pairs = [f"{a} {b}" for a, b in zip(["^", *shown], [*shown, "$"], strict=True)]
    shape = [f"len{min(len(words) // 2, 8)}"]
    if len(words) <= _SHORT:
        shape.append("short")
    if any(w.isdigit() for w in words):
        shape.append("number")
    if cleaned.endswith("?"):
        shape.append("?")
    return {
        "w": shown + pairs,
        "g": [g for w in words if not w.isdigit() for g in grams_of(w)],
        "t": [m.term for m in lexicon.matches(cleaned)],
        "s": shape,
    }


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces that were seen often enough, their columns and idf weights; blocks are scaled separately."""

    columns: dict[str, int]
    idf: Array
    scales: dict[str, float]

    @classmethod
    def learn(
        cls, questions: Iterable[dict[str, list[str]]], least: dict[str, int], scales: dict[str, float]
    ) -> Vocabulary:
        """Learn from the pieces of questions; `least` = in so many questions a piece of a kind must occur."""
        seen: Counter[str] = Counter()
        total = 0
        for question in questions:
            total += 1
            seen.update({f"{kind}:{piece}" for kind, found in question.items() for piece in found})
        kept = sorted(piece for piece, count in seen.items() if count >= least[piece[0]])
        idf = np.array([math.log((1 + total) / (1 + seen[p])) + 1 for p in kept], dtype=np.float32)
        return cls({piece: i for i, piece in enumerate(kept)}, idf, dict(scales))

    def row(self, question: dict[str, list[str]]) -> Array:
        """Return one row; every block has the length its scale says (0 if nothing of it is known)."""
        row = np.zeros(len(self.columns), dtype=np.float32)
        for kind, found in question.items():
            at = [c for piece in set(found) if (c := self.columns.get(f"{kind}:{piece}")) is not None]
            if not at:
                continue
            values = self.idf[at]
            row[at] = values * (self.scales[kind] / float(np.linalg.norm(values)))
        return row

    def rows(self, questions: Sequence[dict[str, list[str]]]) -> Array:
        """Return the matrix of several questions."""
        return np.stack([self.row(q) for q in questions])


@dataclass(frozen=True, slots=True)
class Scaler:
    """Standardises embeddings: E5 vectors all lie in a narrow cone, their differences carry the meaning."""

    mean: Array
    spread: Array
    scale: float

    @classmethod
    def learn(cls, vectors: Array, scale: float) -> Scaler:
        """Learn mean and spread of every dimension."""
        spread = vectors.std(axis=0) + 1e-6
        return cls(vectors.mean(axis=0).astype(np.float32), spread.astype(np.float32), scale)

    def apply(self, vectors: Array) -> Array:
        """Return standardised rows of length `scale`."""
        z = (vectors - self.mean) / self.spread
        norm = np.maximum(np.linalg.norm(z, axis=-1, keepdims=True), 1e-6)
        result: Array = (z / norm * self.scale).astype(np.float32)
        return result
