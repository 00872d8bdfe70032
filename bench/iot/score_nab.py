"""NAB's protocol as an own scorer and optimizer: standard, low false positives, low false negatives.

Rules as published with NAB (numenta/NAB, `sweeper.py`; Lavin and Ahmad 2015): the first 15 % of a stream (at most 750
rows) are probation; a window counts once, at its best detection; rows outside cost by their distance from the window
before; one threshold for all streams, the best of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

#: Cost of a false alarm and of a missed window per profile (NAB `config/profiles.json`); a hit is worth 1.
PROFILES: Mapping[str, tuple[float, float]] = {"standard": (0.11, 1.0), "low FP": (0.22, 1.0), "low FN": (0.11, 2.0)}


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream's length and its windows as first and last row."""

    rows: int
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """Return the rows at the start that are not scored."""
        return min(int(0.15 * self.rows), 750)


@dataclass(frozen=True, slots=True)
class Best:
    """A normalised score (100 perfect, 0 no detection at all) and its threshold: a row alarms at a score ≥ it."""

    score: float
    threshold: float


def sigmoid(position: Scores) -> Scores:
    """Return 2/(1 + e^{5y}) − 1, and −1 from y = 3 on; y = −1 at a window's left edge, 0 at its right edge."""
    found: Scores = np.where(position >= 3.0, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, 3.0))) - 1.0)
    return found


def weights(stream: Stream) -> tuple[Scores, NDArray[np.int64]]:
    """Return each row's weight (inside a window: of a hit; outside: of a false alarm) and its window (−1 none, −2 probation)."""
    row = np.arange(stream.rows)
    weight = np.full(stream.rows, -1.0)
    window = np.full(stream.rows, -1, dtype=np.int64)
    most = float(sigmoid(np.array(-1.0)))
    for number, (first, last) in enumerate(stream.windows):
        width = last - first + 1
        until = stream.windows[number + 1][0] if number + 1 < len(stream.windows) else stream.rows
        weight[first : last + 1] = sigmoid(-(last - row[first : last + 1] + 1) / width) / most
        window[first : last + 1] = number
        weight[last + 1 : until] = sigmoid((row[last + 1 : until] - last) / max(width - 1, 1))
    window[: stream.probation] = -2
    return weight, window


def sweep(streams: Sequence[Stream], scores: Sequence[Scores], profile: str) -> tuple[Scores, Scores, int]:
    """Return all thresholds from high to low, the raw score of all streams together at each, and the number of windows."""
    false_cost, missed_cost = PROFILES[profile]
    all_scores, changes = [], []
    number = 0
    for stream, given in zip(streams, scores, strict=True):
        weight, window = weights(stream)
        order = np.argsort(-given, kind="stable")
        order = order[window[order] > -2]
        change = np.where(window[order] < 0, weight[order] * false_cost, 0.0)
        for one in range(len(stream.windows)):
            places = np.flatnonzero(window[order] == one)
            best = np.maximum.accumulate(np.concatenate([[-missed_cost], weight[order][places]]))
            change[places] = np.diff(best)
        all_scores.append(given[order])
        changes.append(change)
        number += len(stream.windows)
    joined = np.concatenate(all_scores)
    order = np.argsort(-joined, kind="stable")
    total = -missed_cost * number + np.cumsum(np.concatenate(changes)[order])
    joined = joined[order]
    ends = np.flatnonzero(np.append(joined[1:] != joined[:-1], True))
    return joined[ends], total[ends], number


def normalised(raw: float, number: int, profile: str) -> float:
    """Return 100 · (raw − null) / (perfect − null); null = all windows missed, perfect = all hit at once."""
    missed = PROFILES[profile][1] * number
    return 100.0 * (raw + missed) / (number + missed) if number else 0.0


def optimised(streams: Sequence[Stream], scores: Sequence[Scores], profile: str) -> Best:
    """Return the best score over all thresholds, as NAB gives it; no detection at all is one of them."""
    thresholds, raw, number = sweep(streams, scores, profile)
    place = int(np.argmax(raw))
    if raw[place] < -PROFILES[profile][1] * number:
        return Best(0.0, float("inf"))
    return Best(normalised(float(raw[place]), number, profile), float(thresholds[place]))


def raw_at(streams: Sequence[Stream], scores: Sequence[Scores], profile: str, threshold: float) -> tuple[float, int]:
    """Return the raw score at a threshold chosen elsewhere, and the number of windows."""
    thresholds, raw, number = sweep(streams, scores, profile)
    above = np.flatnonzero(thresholds >= threshold)
    return (float(raw[above[-1]]) if len(above) else -PROFILES[profile][1] * number), number
