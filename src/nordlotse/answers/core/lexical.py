"""Ready-weighted postings in numpy: BM25 over passages or sentences.

BM25 after Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with
`idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))` and `w(t, d) = idf tf (k1 + 1) / (tf + k1 (1 - b + b dl / avgdl))`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["K1", "UNKNOWN_WEIGHT", "Counts", "Postings", "counts_of"]

K1 = 0.9
B_PASSAGE = 0.45
"""Chosen on the training questions (2026-11-23): shorter memory for repetition than the usual 1.2 and 0.75."""

B_SENTENCE = 0.3

UNKNOWN_WEIGHT = 8.0
"""Weight of a question's term that the index does not know, in the upper bound (facts, section 5)."""

_BLOCK_ENTRIES = 4_000_000


@dataclass(frozen=True, slots=True)
class Counts:
    """Term numbers of many texts, one after the other: text i owns `terms[starts[i]:starts[i + 1]]`.

    A term that occurs twice in a text stands there twice.
    """

    terms: NDArray[np.int32]
    starts: NDArray[np.int64]

    @property
    def texts(self) -> int:
        """Number of texts."""
        return len(self.starts) - 1


def counts_of(texts: Iterable[Sequence[str]], ids: dict[str, int]) -> Counts:
    """Number the terms of tokenised texts; new terms get the next number in `ids` (changed in place)."""
    terms: list[int] = []
    starts = [0]
    for tokens in texts:
        for token in tokens:
            terms.append(ids.setdefault(token, len(ids)))
        starts.append(len(terms))
    return Counts(np.array(terms, dtype=np.int32), np.array(starts, dtype=np.int64))


class Postings:
    """An inverted index: for each term its texts (int32) and ready weights (float32).

    Memory: 8 bytes for each pair of term and text that contains it.
    """

    def __init__(self, ids: Mapping[str, int], counts: Counts, *, b: float = B_PASSAGE, k1: float = K1) -> None:
        """Build from numbered terms; `ids` is kept, terms numbered later than `counts` count as unknown."""
        self._ids = ids
        self.texts = counts.texts
        size = int(counts.terms.max()) + 1 if len(counts.terms) else 0
        lengths = np.diff(counts.starts).astype(np.float32)
        # A large pool is sorted twice rather than held twice.
        kept = list(_pairs(counts)) if len(counts.terms) <= _BLOCK_ENTRIES else None
        df = np.zeros(size, dtype=np.int64)
        for terms, _, _ in kept or _pairs(counts):
            df += np.bincount(terms, minlength=size)
        self._starts = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(df, out=self._starts[1:])
        self._texts = np.empty(int(self._starts[-1]), dtype=np.int32)
        self._weights = np.empty(int(self._starts[-1]), dtype=np.float32)
        average = float(lengths.mean()) if self.texts and lengths.any() else 1.0
        penalty = (k1 * (1 - b + b * lengths / average)).astype(np.float32)
        idf = np.log(1 + (self.texts - df + 0.5) / (df + 0.5)).astype(np.float32)
        filled = self._starts[:-1].copy()
        for terms, texts, tf in kept or _pairs(counts):
            here = np.bincount(terms, minlength=size)
            first = np.cumsum(here) - here
            position = filled[terms] + (np.arange(len(terms)) - first[terms])
            self._texts[position] = texts
            self._weights[position] = idf[terms] * tf * (k1 + 1) / (tf + penalty[texts])
            filled += here
        self.idf = idf
        self._bounds = np.zeros(size, dtype=np.float32)
        held = df > 0
        if held.any():
            self._bounds[held] = np.maximum.reduceat(self._weights, self._starts[:-1][held])

    def number(self, term: str) -> int | None:
        """Return the number of a term that at least one text contains, else None."""
        number = self._ids.get(term)
        if number is None or number >= len(self._bounds) or self._bounds[number] == 0.0:
            return None
        return number

    def bound(self, term: str, unknown: float = UNKNOWN_WEIGHT) -> float:
        """Return the highest weight the term has in any text; `unknown` for a term no text contains."""
        number = self.number(term)
        return unknown if number is None else float(self._bounds[number])

    def idf_of(self, term: str) -> float:
        """Return ln(1 + (N - df + 0.5) / (df + 0.5)) of a term; the value for df = 0 when no text contains it."""
        number = self.number(term)
        return float(np.log(1 + (self.texts + 0.5) / 0.5)) if number is None else float(self.idf[number])

    def weight(self, term: str, text: int) -> float:
        """Return the ready weight of a term in one text, 0.0 when the text does not contain it."""
        texts, weights = self.row(term)
        place = int(np.searchsorted(texts, text))
        return float(weights[place]) if place < len(texts) and texts[place] == text else 0.0

    def row(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return (texts, weights) of one term; both empty when no text contains it."""
        number = self.number(term)
        if number is None:
            return self._texts[:0], self._weights[:0]
        part = slice(self._starts[number], self._starts[number + 1])
        return self._texts[part], self._weights[part]

    def scores(self, terms: Iterable[str]) -> tuple[NDArray[np.float32], float]:
        """Return (scores (texts,), upper bound): the sums of the terms' weights; repeated terms count again.

        No score exceeds the bound, to which each unknown term adds 8.0.
        """
        scores = np.zeros(self.texts, dtype=np.float32)
        bound = 0.0
        repeated: dict[str, int] = {}
        for term in terms:
            repeated[term] = repeated.get(term, 0) + 1
        for term, times in repeated.items():
            bound += times * self.bound(term)
            texts, weights = self.row(term)
            scores[texts] += weights if times == 1 else times * weights
        return scores, bound


def _pairs(counts: Counts) -> Iterable[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]]:
    """Yield (terms, texts, frequencies) in blocks of texts, each sorted by term, then text; bounds the memory."""
    first = 0
    while first < counts.texts:
        limit = counts.starts[first] + _BLOCK_ENTRIES
        last = max(first + 1, int(np.searchsorted(counts.starts, limit, side="right")) - 1)
        terms = counts.terms[counts.starts[first] : counts.starts[last]]
        texts = np.repeat(np.arange(first, last, dtype=np.int64), np.diff(counts.starts[first : last + 1]))
        keys = terms.astype(np.int64) * counts.texts + texts
        keys.sort()
        new = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, int)
        frequency = np.diff(np.append(new, len(keys))).astype(np.float32)
        unique = keys[new]
        yield (
            (unique // max(1, counts.texts)).astype(np.int32),
            (unique % max(1, counts.texts)).astype(np.int32),
            frequency,
        )
        first = last
