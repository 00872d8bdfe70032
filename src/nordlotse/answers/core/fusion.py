"""Joining what three views say about the same passages: E5, USE and the bounded lexical coverage.

`F = z(e5) + factor x coverage + share x z(USE)`: z over the whole pool of the question, coverage in 0..1. The bounded
coverage adds only as much as question and passage really share; rank fusion and plain sums of z-scores would let a
noisy lexical list outvote the vectors (measured, docs/benchmarks.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core.corpus import LexicalScores

__all__ = ["MODES", "FusionWeights", "Mode", "coverage", "lexical_score", "standard_scores", "weights_for"]

Mode = Literal["e5", "use", "lexical"]
"""Which views took part: "e5" all three, "use" lexical and USE, "lexical" words and 4-grams alone."""

MODES: tuple[Mode, ...] = ("e5", "use", "lexical")

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Factors of the fused score; dimensionless, on the scale of z(e5)."""

    coverage: float
    use: float
    fitted_on: str


SAME_LANGUAGE = FusionWeights(
    coverage=4.0, use=0.15, fitted_on="2026-11-23, XQuAD-de even (training half), OMoS-de train"
)
"""Question and passage in one language."""

OTHER_LANGUAGE = FusionWeights(coverage=2.0, use=0.5, fitted_on="2026-11-23, the same questions in English")
"""Question in one language, passage in the other: USE was trained on translations and helps most here."""


def weights_for(same_language: bool) -> FusionWeights:
    """Return the factors for passages in the question's own or the other language."""
    return SAME_LANGUAGE if same_language else OTHER_LANGUAGE


def standard_scores(values: Scores) -> Scores:
    """Return (values - mean) / std over all passages; zeros when they are all alike or there is only one."""
    if len(values) == 0:
        return values
    deviation = float(values.std())
    if not deviation > 1e-9:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / deviation, dtype=np.float32)


def coverage(lexical: LexicalScores) -> Scores:
    """Return how much of the question each passage covers, 0..1: half by words, half by 4-grams.

    Each half is the BM25 score over the highest score any passage could reach; unknown terms weigh 8.0 there.
    """
    words = lexical.words / lexical.words_bound if lexical.words_bound > 0 else np.zeros_like(lexical.words)
    grams = lexical.grams / lexical.grams_bound if lexical.grams_bound > 0 else np.zeros_like(lexical.grams)
    return np.clip(np.asarray(0.5 * words + 0.5 * grams, dtype=np.float32), 0.0, 1.0)


def lexical_score(lexical: LexicalScores) -> Scores:
    """Return the lexical score without vectors, 0..1: mean of words and 4-grams, each over its maximum."""
    return np.asarray(0.5 * _over_maximum(lexical.words) + 0.5 * _over_maximum(lexical.grams), dtype=np.float32)


def _over_maximum(values: Scores) -> Scores:
    highest = float(values.max()) if len(values) else 0.0
    return values / np.float32(highest) if highest > 0 else np.zeros_like(values)
