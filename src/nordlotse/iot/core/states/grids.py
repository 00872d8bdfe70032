"""An even grid under a signal: cells, spikes taken out, values that hold until the next one, running means."""

from __future__ import annotations

import numpy as np

from nordlotse.iot.core.states.rules import LONGEST_HOLD, Signal
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.core.values import Floats, Times

#: Values that stand out alone are spikes if less than this share of all do. Own setting.
RARE = 0.02
#: Most grid steps: a longer signal is averaged more coarsely.
MOST_STEPS = 400_000


def even(signal: Signal) -> tuple[int, Floats]:
    """Put values on an even grid (NaN where silent); the step is the usual distance of values, a second at least."""
    sound = np.isfinite(signal.value)
    time, value = signal.time[sound], signal.value[sound]
    if len(time) < 2:
        return SECOND, np.empty(0)
    usual = max(SECOND, int(np.median(np.diff(time))))
    step = max(usual, -(-int(time[-1] - time[0] + 1) // MOST_STEPS))
    step = -(-step // SECOND) * SECOND
    cells = (time // step - time[0] // step).astype(np.int64)
    high = height(signal)
    return step, filled(cell_means(cells, value, int(cells[-1]) + 1, high), max(1, LONGEST_HOLD // step))


def height(signal: Signal) -> float:
    """How high the signal goes, spikes aside."""
    sound = signal.value[np.isfinite(signal.value)]
    return float(np.quantile(np.abs(sound), 0.98)) if len(sound) else 0.0


def cell_means(cells: Times, value: Floats, count: int, high: float) -> Floats:
    """The mean of each cell. A value far from the median of its five neighbours is a spike and left out, if such values are rare."""
    if len(value) >= 5:
        around = np.median(np.lib.stride_tricks.sliding_window_view(np.pad(value, 2, mode="edge"), 5), axis=1)
        far = np.abs(value - around)
        # what is common in a signal is no spike but its cycle, unless it is higher than the signal ever stays
        limit = high / 4 if (far > high / 4).mean() < RARE else high
        # a lone value that stood for long is no spike: sources that send on change send a short stop as one value
        brief = np.diff(cells, append=cells[-1] + 1) <= 2
        value = np.where((far > limit) & brief, around, value)
    number_in = np.bincount(cells, minlength=count)
    total = np.bincount(cells, weights=value, minlength=count)
    means: Floats = np.divide(total, number_in, out=np.full(count, np.nan), where=number_in > 0)
    return means


def filled(grid: Floats, longest: int) -> Floats:
    """Let each value hold until the next one, `longest` cells at most."""
    place = np.where(np.isfinite(grid), np.arange(len(grid)), -1)
    last = np.maximum.accumulate(place)
    near = (last >= 0) & (np.arange(len(grid)) - last < longest)
    return np.where(near, grid[np.maximum(last, 0)], np.nan)


def averaged(grid: Floats, width: int) -> Floats:
    """The mean of `width` cells around each cell, of those that are known."""
    known = np.isfinite(grid)
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, grid, 0.0))))
    counts = np.concatenate(([0], np.cumsum(known)))
    place = np.arange(len(grid))
    low, high = np.maximum(place - width // 2, 0), np.minimum(place - width // 2 + width, len(grid))
    number_in = counts[high] - counts[low]
    means: Floats = np.divide(
        sums[high] - sums[low], number_in, out=np.full(len(grid), np.nan), where=known & (number_in > 0)
    )
    return means
