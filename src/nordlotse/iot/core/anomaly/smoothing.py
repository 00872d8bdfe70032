"""The smoothers: EWMA and rolling median, row by row, with bounded memory. A missing value changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class Ewma:
    """Exponentially weighted mean per sensor, α = 2/(span + 1), with the weights of a finite history.

    y = Σ (1 − α)ⁱ x₋ᵢ / Σ (1 − α)ⁱ (as `pandas.ewm(adjust=True)`); a sensor that is missing keeps its mean.
    """

    def __init__(self, span: int, sensors: int) -> None:
        """Begin empty."""
        self._keep = 1.0 - 2.0 / (span + 1.0)
        self._sum = np.zeros(sensors)
        self._weight = np.zeros(sensors)

    def step(self, row: Vector) -> Vector:
        """Take a row (sensors,), NaN where missing; return the means (0 where nothing was seen yet)."""
        there = np.isfinite(row)
        if there.all():
            self._sum = self._sum * self._keep + row
            self._weight = self._weight * self._keep + 1.0
            return self._sum / self._weight
        self._sum = np.where(there, self._sum * self._keep + np.where(there, row, 0.0), self._sum)
        self._weight = np.where(there, self._weight * self._keep + 1.0, self._weight)
        mean: Vector = self._sum / np.maximum(self._weight, 1e-300)
        return mean

    def kept(self) -> dict[str, Any]:
        """Return what it holds as plain values."""
        return {"sum": self._sum.tolist(), "weight": self._weight.tolist()}

    def take(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `kept` returned."""
        self._sum, self._weight = _row(kept["sum"], self._sum), _row(kept["weight"], self._weight)


class RollingMedian:
    """Median of the last `window` rows per sensor; a missing value stands as the sensor's value before it."""

    def __init__(self, window: int, sensors: int) -> None:
        """Begin empty."""
        self._ring = np.zeros((window, sensors))
        self._last = np.zeros(sensors)
        self._taken = 0

    def step(self, row: Vector) -> Vector | None:
        """Take a row (sensors,); return the medians, or None until the window is full."""
        window = len(self._ring)
        self._last = np.where(np.isfinite(row), row, self._last)
        self._ring[self._taken % window] = self._last
        self._taken += 1
        if self._taken < window:
            return None
        ordered = np.sort(self._ring, axis=0)
        middle: Vector = (ordered[(window - 1) // 2] + ordered[window // 2]) / 2.0
        return middle

    def kept(self) -> dict[str, Any]:
        """Return what it holds as plain values."""
        return {"ring": self._ring.tolist(), "last": self._last.tolist(), "taken": self._taken}

    def take(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `kept` returned."""
        self._ring = np.array(kept["ring"], dtype=np.float64).reshape(self._ring.shape)
        self._last, self._taken = _row(kept["last"], self._last), int(kept["taken"])


def _row(values: Any, like: Vector) -> Vector:
    row: Vector = np.array(values, dtype=np.float64).reshape(like.shape)
    return row


class Smoothed:
    """The three smoothed forms of a stream of scaled rows that the charts need."""

    def __init__(self, ewma_span: int, joint_span: int, window: int, sensors: int) -> None:
        """Begin empty."""
        self._ewma = Ewma(ewma_span, sensors)
        self._joint = Ewma(joint_span, sensors)
        self._median = RollingMedian(window, sensors)

    def step(self, scaled: Vector, clipped: Vector, pattern: Vector) -> tuple[Vector, Vector, Vector | None]:
        """Take a row scaled for each chart; return EWMA of the first, EWMA of the second, median of the third."""
        return self._ewma.step(scaled), self._joint.step(clipped), self._median.step(pattern)

    def kept(self) -> dict[str, Any]:
        """Return what they hold as plain values."""
        return {"ewma": self._ewma.kept(), "joint": self._joint.kept(), "median": self._median.kept()}

    def take(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `kept` returned."""
        self._ewma.take(kept["ewma"])
        self._joint.take(kept["joint"])
        self._median.take(kept["median"])
