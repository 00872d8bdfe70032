"""SKAB's protocol as an own scorer: F1, false and missed alarms pooled over rows, and its NAB score of change points.

Rules as published with SKAB (waico/SKAB, `core/metrics.py`: `chp_score`, window 60 s to the right of a change point,
"cut right window", scale "improved" with coefficient 1): the first 400 rows of a run train, the rest is scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]

WINDOW_SECONDS = 60.0
#: Rewards and costs of NAB's standard profile: hit, false alarm, missed window.
HIT, FALSE, MISSED = 1.0, -0.11, -1.0
_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the confusion matrix, pooled by adding."""

    hit: int = 0
    false: int = 0
    missed: int = 0
    quiet: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Pool two counts."""
        return Counts(
            self.hit + other.hit, self.false + other.false, self.missed + other.missed, self.quiet + other.quiet
        )

    @property
    def f1(self) -> float:
        """Return TP / (TP + (FP + FN) / 2), 0 without any anomaly and alarm."""
        of = self.hit + (self.false + self.missed) / 2
        return self.hit / of if of else 0.0

    @property
    def false_rate(self) -> float:
        """Return FP / (FP + TN) in percent (FAR)."""
        return 100 * self.false / (self.false + self.quiet) if self.false + self.quiet else 0.0

    @property
    def missed_rate(self) -> float:
        """Return FN / (FN + TP) in percent (MAR)."""
        return 100 * self.missed / (self.missed + self.hit) if self.missed + self.hit else 0.0


def counts(truth: Flags, alarms: Flags) -> Counts:
    """Return the confusion of one run, rows (n,)."""
    return Counts(
        int((truth & alarms).sum()),
        int((~truth & alarms).sum()),
        int((truth & ~alarms).sum()),
        int((~truth & ~alarms).sum()),
    )


def reward(position: float) -> float:
    """Return the reward of a detection at a share (0 … 1) of its window: 1 at the left edge, −0.11 at the right.

    −(1.11/2) · tanh(x)/tanh(π/2) + 1.11/2 − 0.11 with x from −π/2 to π/2 in 1,000 steps.
    """
    place = min(int(position * _STEPS), _STEPS - 1)
    x = -np.pi / 2 + place * np.pi / (_STEPS - 1)
    half = (HIT - FALSE) / 2
    return float(-half * np.tanh(x) / np.tanh(np.pi / 2) + half + FALSE)


def windows(times: NDArray[np.float64], changes: Flags) -> list[tuple[float, float]]:
    """Return the scoring windows (s): 60 s from each change point; where two overlap, the right one is cut."""
    found: list[tuple[float, float]] = []
    for begin in times[changes]:
        end = float(begin) + WINDOW_SECONDS
        found.append((max(float(begin), found[-1][1]) if found else float(begin), end))
    return found


def change_score(times: NDArray[np.float64], changes: Flags, alarms: Flags) -> tuple[float, int]:
    """Return the raw standard score of one run and its number of windows; an alarm's begin and end are its detections."""
    told = np.concatenate([[alarms[0]], alarms[1:] != alarms[:-1]])
    detections = times[told]
    inside = np.zeros(len(detections), dtype=bool)
    total = 0.0
    spans = windows(times, changes)
    for begin, end in spans:
        here = (detections >= begin) & (detections <= end)
        inside |= here
        total += reward(float((detections[here][0] - begin) / (end - begin))) if here.any() else MISSED
    return total + FALSE * int((~inside).sum()), len(spans)


def nab_score(raw: Sequence[tuple[float, int]]) -> float:
    """Return 100 · (score − null) / (perfect − null) over all runs; null misses all windows, perfect finds all at once."""
    total, count = sum(score for score, _ in raw), sum(number for _, number in raw)
    return 100 * (total - MISSED * count) / ((HIT - MISSED) * count) if count else 0.0
