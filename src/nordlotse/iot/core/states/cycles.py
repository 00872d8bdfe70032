"""The rhythm of a machine: the cycle in which its signal repeats, its pauses within the cycle, its short stops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.states.grids import averaged
from nordlotse.iot.core.states.levels import OFF_SHARE, Levels
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.core.values import Floats

#: The longest cycle looked for (s). Own setting.
LONGEST_CYCLE = 900
#: The autocorrelation of a repeating signal stands out at its cycle by at least this, and is at least half as high. Own setting.
CYCLE_STRENGTH = 0.3


def cycle_of(grid: Floats, seconds: float) -> float:
    """Return the length (s) of the cycle in which the signal repeats while the machine is on, 0 if it does not."""
    known = np.isfinite(grid)
    top = float(np.quantile(grid[known], 0.98))
    on = known & (grid > top * OFF_SHARE)
    longest = min(round(LONGEST_CYCLE / seconds), len(grid) // 4)
    if on.sum() < 4 * longest or longest < 8:
        return 0.0
    # against the local mean, so that the change between idle and running is no rhythm
    slow = averaged(np.where(on, grid, np.nan), 2 * longest)
    fast = np.where(on, grid - np.where(np.isfinite(slow), slow, 0), 0.0)
    size = 1 << int(np.ceil(np.log2(2 * len(fast))))
    power = np.fft.irfft(np.abs(np.fft.rfft(fast, size)) ** 2, size)[:longest]
    if power[0] <= 0:
        return 0.0
    likeness = power / power[0]
    inner = likeness[2:-2]
    peaks = 2 + np.flatnonzero((inner >= likeness[1:-3]) & (inner > likeness[3:-1]))
    strong = [
        int(p)
        for p in peaks
        if likeness[p] >= CYCLE_STRENGTH / 2 and likeness[p] - _beside(likeness, int(p)) >= CYCLE_STRENGTH
    ]
    if not strong:
        return 0.0
    best = max(likeness[p] for p in strong)
    return min(p for p in strong if likeness[p] >= 0.6 * best) * seconds


def _beside(likeness: Floats, place: int) -> float:
    """The higher of the lowest values half a cycle before and behind a peak: what it stands out from on both sides."""
    before, behind = likeness[place // 2 : place + 1], likeness[place : place + place // 2 + 1]
    return float(max(before.min(), behind.min() if place + place // 4 < len(likeness) else before.min()))


def pause_of(grid: Floats, smooth: Floats, levels: Levels) -> int:
    """Return how long (µs) the signal usually lies below the limit of running while the machine runs."""
    limit = levels.run or levels.off
    if limit is None:
        return 0
    middle = (limit.enter + limit.leave) / 2
    lengths = _lengths((grid < middle) & (smooth >= middle))
    running = int((smooth >= middle).sum())
    # a few low moments at the edges of running are no pauses
    if len(lengths) < 10 or lengths.sum() < running / 50:
        return 0
    return int(np.median(lengths)) * levels.step


def short_stops(grid: Floats, levels: Levels, cycle: float) -> int:
    """Return how often the averaged signal falls below the limit of running for less than a cycle (s)."""
    limit = levels.run or levels.off
    if limit is None:
        return 0
    smooth = averaged(grid, max(1, round(levels.window / levels.step)))
    lengths = _lengths(smooth < (limit.enter + limit.leave) / 2)
    return int((lengths * levels.step < cycle * SECOND).sum())


def _lengths(low: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many cells each stretch has in which something holds."""
    edges = np.diff(np.concatenate(([0], low.astype(np.int8), [0])))
    lengths: NDArray[np.int64] = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return lengths


def running_cells(grid: Floats, levels: Levels) -> int:
    """Return in how many cells the averaged signal lies above the limit of running."""
    limit = levels.run or levels.off
    smooth = averaged(grid, max(1, round(levels.window / levels.step)))
    return len(grid) if limit is None else int((smooth >= (limit.enter + limit.leave) / 2).sum())
