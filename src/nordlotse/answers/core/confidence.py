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
from nordlotse.answers.core.sentence_reading import Question, ReadText, offers

__all__ = ["Found", "Logistic", "abstains", "chance", "features", "fit", "load_weights"]

UNKNOWN_WORD = 3.0
"""Weight of a question word that no passage contains, where shares of words are counted."""

NEWTON_ROUNDS = 50

PAIRED = (
    "share", "sentence_share", "sentence_grams", "missing", "names_missing", "page_margin", "lead", "margin", "qlen",
    "e5_at", "e5_top", "use_z",
)  # fmt: skip
"""Features whose squares and products take part: a weak match weighs differently when names are missing."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression on standardised features and products of pairs of them; below `threshold` we abstain.

    `mean`, `deviation`: of the features; `weights`: of the standardised features, then of the products of `pairs`.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    pairs: tuple[tuple[str, str], ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float = 0.0

    def chance(self, features: Mapping[str, float]) -> float:
        """Return the chance 0..1 that the pool answers; 0 without features (no passage, no question)."""
        if not features:
            return 0.0
        return float(self.chances([features])[0])

    def chances(self, rows: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
        """Return the chances of several feature rows, shape (rows,)."""
        table = _expanded(rows, self.names, np.array(self.mean), np.array(self.deviation), self.pairs)
        total = np.clip(table @ np.array(self.weights) + self.bias, -30.0, 30.0)
        return np.asarray(1.0 / (1.0 + np.exp(-total)))


def _expanded(
    rows: Sequence[Mapping[str, float]],
    names: Sequence[str],
    mean: NDArray[np.float64],
    deviation: NDArray[np.float64],
    pairs: Sequence[tuple[str, str]],
) -> NDArray[np.float64]:
    """Standardise features (bounded to 5 deviations, so that odd questions cannot explode) and append products."""
    table = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    table = np.clip((table - mean) / deviation, -5.0, 5.0)
    place = {name: column for column, name in enumerate(names)}
    products = [table[:, place[one]] * table[:, place[other]] for one, other in pairs]
    return np.column_stack([table, *products])


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
            tuple((one, other) for one, other in row["pairs"]),
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


@dataclass(frozen=True, slots=True)
class Found:
    """The first passage and what was seen on the way to it.

    `place`: its number in `corpus`; `top`: its row in every array of `views` ("fused", "words", and "e5", "use"
    where they took part); `allowed`: the rows that could have been returned; `others`: those of other pages.
    """

    corpus: Corpus
    place: int
    read: ReadText
    views: Mapping[str, NDArray[np.float32]]
    top: int
    allowed: NDArray[np.int64]
    others: NDArray[np.int64]
    same_language: bool


def features(asked: str, found: Found) -> dict[str, float]:
    """Return the features of the first passage for a question."""
    question = Question(asked, found.corpus)
    fused, words = found.views["fused"], found.views["words"]
    best = np.sort(fused[found.allowed])[::-1][:10]
    result = {
        **_shares(asked, question, found),
        **_sentence_shares(question, found.read),
        "margin": float(best[0] - best[1]) if len(best) > 1 else 0.0,
        "lead": float(best[0] - best[1:].mean()) if len(best) > 1 else 0.0,
        "page_margin": float(fused[found.top] - fused[found.others].max()) if len(found.others) else 0.0,
        "qlen": math.log1p(len(question.words)),
        "same": 1.0 if found.same_language else 0.0,
        "agree_words": float(words[found.top] >= words[found.allowed].max() > 0),
    }
    for name in ("e5", "use"):
        if name in found.views:
            scores = found.views[name][found.allowed]
            at = float(found.views[name][found.top])
            result[f"{name}_at"] = at
            result[f"{name}_top"] = float(scores.max())
            result[f"{name}_margin"] = _margin(scores)
            result[f"{name}_z"] = (at - float(scores.mean())) / (float(scores.std()) + 1e-6)
            result[f"agree_{name}"] = float(at >= scores.max())
    return result


def _shares(asked: str, question: Question, found: Found) -> dict[str, float]:
    """How much of the question's words and 4-grams the passage holds."""
    corpus, place = found.corpus, found.place
    surface = surface_words(asked)
    terms = [term for word in surface for term in corpus.analyzer.terms(word)]
    grams = [gram for word in surface for gram in grams_of(word)]
    total = held = 0.0
    for term in terms:
        weight = corpus.words.bound(term, UNKNOWN_WORD)
        total += weight
        held += weight if corpus.words.weight(term, place) > 0 else 0.0
    held_grams = sum(corpus.grams.weight(gram, place) > 0 for gram in grams)
    stems = frozenset(t for s in found.read.sentences for w in s.words for t in corpus.analyzer.terms(w))
    titled = frozenset(t for w in found.read.title for t in corpus.analyzer.terms(w))
    all_grams = frozenset(gram for s in found.read.sentences for gram in s.grams)
    matches = question.matches(stems | titled, all_grams)
    missing = [word.idf for word, match in zip(question.words, matches, strict=True) if match < 0.5]
    named = _named(asked)
    return {
        "cov": held / total if total else 0.0,
        "covgram": held_grams / len(grams) if grams else 0.0,
        "lexnorm": float(found.views["words"][found.top]) / (len(terms) + 1),
        "share": question.share(matches),
        "missing": sum(missing),
        "rarest_missing": max(missing, default=0.0),
        "names_missing": sum(
            word.idf
            for word, match in zip(question.words, matches, strict=True)
            if match < 0.5 and word.surface in named
        ),
    }


def _sentence_shares(question: Question, read: ReadText) -> dict[str, float]:
    """How much of the question a single sentence of the passage holds, and whether one offers what is asked for."""
    best = best_grams = offered = 0.0
    for sentence in read.sentences:
        stems = frozenset(term for word in sentence.words for term in question.analyzer.terms(word))
        best = max(best, question.share(question.matches(stems, sentence.grams)))
        held = sum(idf for gram, idf in question.gram_idf.items() if gram in sentence.grams)
        best_grams = max(best_grams, held / question.gram_weight)
        offered = max(offered, float(offers(question, sentence)))
    return {"sentence_share": best, "sentence_grams": best_grams, "offered": offered}


def _named(asked: str) -> frozenset[str]:
    """Words of the question that look like names or numbers: capitals after the first word, or digits."""
    words = asked.split()
    marked = [word for place, word in enumerate(words) if (place and word[:1].isupper()) or word[:1].isdigit()]
    return frozenset(surface_words(" ".join(marked)))


def _margin(scores: NDArray[np.float32]) -> float:
    """First minus second score; 0 with a single passage."""
    if len(scores) < 2:
        return 0.0
    second, first = np.partition(scores, len(scores) - 2)[-2:]
    return float(first - second)


def fit(
    rows: Sequence[Mapping[str, float]],
    answerable: NDArray[np.bool_],
    weight: NDArray[np.float64],
    l2: float = 0.001,
) -> Logistic:
    """Fit a model on features and whether the pool held the answer; the threshold is left at 0.

    Ridge of `l2` per case on all weights but the bias, by Newton's method to convergence. `weight`: one a row.
    """
    names = tuple(name for name in rows[0] if name != "same")
    plain = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    mean, deviation = plain.mean(axis=0), plain.std(axis=0)
    deviation = np.where(deviation > 1e-9, deviation, 1.0)
    paired = [name for name in PAIRED if name in names]
    pairs = tuple((one, other) for place, one in enumerate(paired) for other in paired[place:])
    table = _expanded(rows, names, mean, deviation, pairs)
    table = np.column_stack([table, np.ones(len(table))])
    share = weight / weight.sum()
    ridge = np.diag([l2] * (table.shape[1] - 1) + [0.0])
    weights = np.zeros(table.shape[1])
    for _ in range(NEWTON_ROUNDS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (share * (chances - answerable)) + ridge @ weights
        bend = (table * (share * chances * (1 - chances))[:, None]).T @ table + ridge + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-8:
            break
    return Logistic(names, tuple(mean), tuple(deviation), pairs, tuple(weights[:-1]), float(weights[-1]))
