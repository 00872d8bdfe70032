"""How sure we are that the first passage answers: a calibrated logistic regression over a few plain features.

A threshold on one cosine is no measure of this (facts, section 8). Weights live in `confidence_weights.json` with
the date and data of their fit; `bench/answers/fit_confidence.py` makes that file again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core.analysis import grams_of, surface_words
from nordlotse.answers.core.corpus import Corpus
from nordlotse.answers.core.fusion import Mode

__all__ = ["Logistic", "abstains", "chance", "features", "fit", "load_weights"]

UNKNOWN_WORD = 3.0
"""Weight of a question word that no passage contains, where shares of words are counted."""

L2 = 0.001
STEP = 0.5
ROUNDS = 2000


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression on standardised features, and the threshold below which we abstain."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float

    def chance(self, features: Mapping[str, float]) -> float:
        """Return the chance 0..1 that the first passage answers; 0 without features (no passage, no question)."""
        if not features:
            return 0.0
        total = self.bias
        for name, mean, deviation, weight in zip(self.names, self.mean, self.deviation, self.weights, strict=True):
            total += weight * (features[name] - mean) / deviation
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def load_weights() -> dict[Mode, Logistic]:
    """Return the shipped model of each mode."""
    text = files("nordlotse.answers.core").joinpath("confidence_weights.json").read_text("utf-8")
    models: dict[Mode, Logistic] = {}
    for mode, row in json.loads(text)["modes"].items():
        models[mode] = Logistic(
            tuple(row["names"]),
            tuple(row["mean"]),
            tuple(row["deviation"]),
            tuple(row["weights"]),
            float(row["bias"]),
            float(row["threshold"]),
        )
    return models


def chance(features: Mapping[str, float], mode: Mode) -> float:
    """Return the calibrated chance 0..1 that the first passage answers the question."""
    return load_weights()[mode].chance(features)


def abstains(chance: float, mode: Mode) -> bool:
    """Tell whether a chance lies below the threshold at which 90 % of answerable development questions pass."""
    return chance < load_weights()[mode].threshold


def features(
    question: str,
    corpus: Corpus,
    place: int,
    *,
    same_language: bool,
    views: Mapping[str, NDArray[np.float32]],
    top: int,
    allowed: NDArray[np.int64],
) -> dict[str, float]:
    """Return the features of the first passage.

    `corpus`, `place`: where that passage stands lexically. `views`: scores over the whole pool by name ("fused",
    "words", and "e5", "use" where they took part); `top`: the first passage's row in them; `allowed`: the rows that
    could have been returned.
    """
    surface = surface_words(question)
    terms = [term for word in surface for term in corpus.analyzer.terms(word)]
    grams = [gram for word in surface for gram in grams_of(word)]
    total = found = 0.0
    for term in terms:
        weight = corpus.words.bound(term, UNKNOWN_WORD)
        total += weight
        found += weight if corpus.words.weight(term, place) > 0 else 0.0
    held = sum(corpus.grams.weight(gram, place) > 0 for gram in grams)
    fused, words = views["fused"][allowed], views["words"][allowed]
    result = {
        "cov": found / total if total else 0.0,
        "covgram": held / len(grams) if grams else 0.0,
        "lexnorm": float(views["words"][top]) / (len(terms) + 1),
        "margin": _margin(fused),
        "qlen": math.log1p(len(surface)),
        "same": 1.0 if same_language else 0.0,
        "agree_words": float(views["words"][top] >= words.max() > 0),
    }
    for name in ("e5", "use"):
        if name in views:
            scores = views[name][allowed]
            result[f"{name}_at"] = float(views[name][top])
            result[f"{name}_top"] = float(scores.max())
            result[f"{name}_margin"] = _margin(scores)
            result[f"agree_{name}"] = float(views[name][top] >= scores.max())
    return result


def _margin(scores: NDArray[np.float32]) -> float:
    """First minus second score; 0 with a single passage."""
    if len(scores) < 2:
        return 0.0
    second, first = np.partition(scores, len(scores) - 2)[-2:]
    return float(first - second)


def fit(
    rows: Sequence[Mapping[str, float]],
    answered: NDArray[np.bool_],
    names: Sequence[str],
    weight: NDArray[np.float64] | None = None,
) -> Logistic:
    """Fit a model on features and whether the first passage answered; the threshold is left at 0.

    L2 0.001, gradient descent, step 0.5, 2000 rounds. `weight`: one factor a row, mean 1.
    """
    table = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    mean, deviation = table.mean(axis=0), table.std(axis=0)
    deviation = np.where(deviation > 1e-9, deviation, 1.0)
    table = (table - mean) / deviation
    target = answered.astype(np.float64)
    share = np.ones(len(target)) if weight is None else weight / weight.mean()
    weights, bias = np.zeros(len(names)), 0.0
    for _ in range(ROUNDS):
        wrong = share * (1.0 / (1.0 + np.exp(-(table @ weights + bias))) - target)
        weights -= STEP * (table.T @ wrong / len(target) + L2 * weights)
        bias -= STEP * float(wrong.mean())
    return Logistic(tuple(names), tuple(mean), tuple(deviation), tuple(weights), float(bias), 0.0)
