"""The states of a stretch after levels found before; the moment of each change is sought in the unaveraged signal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.states.grids import averaged, cell_means, filled
from nordlotse.iot.core.states.levels import Levels
from nordlotse.iot.core.states.rules import LONGEST_HOLD, Signal, settled
from nordlotse.iot.core.states.values import Span, State, cut, joined
from nordlotse.iot.core.values import Floats

Codes = NDArray[np.int64]
_STATES = {-1: State.UNKNOWN, 0: State.OFF, 1: State.IDLE, 2: State.PRODUCING}


def classify(signal: Signal, levels: Levels, begin: int, end: int, *, hold: int = LONGEST_HOLD) -> tuple[Span, ...]:
    """Return the states of [begin, end) µs after levels that were found before; UNKNOWN where the signal is silent too long.

    `hold`: how long (µs) a value holds, `LONGEST_HOLD` at most.
    Only values of the window and one averaging window around it count, so the answer for a stretch does not depend on other stretches.
    """
    reach = levels.window + LONGEST_HOLD
    inside = (signal.time >= begin - reach) & (signal.time < end + reach) & np.isfinite(signal.value)
    time, value = signal.time[inside], signal.value[inside]
    if not len(time):
        return joined([Span(begin, end, State.UNKNOWN)])
    step = levels.step
    # the grid stands at fixed moments, so that two stretches of the same signal see the same cells
    longest = max(1, min(hold, LONGEST_HOLD) // step)
    first = int(time[0] // step)
    cells = (time // step - first).astype(np.int64)
    # an empty cell behind the last value is where what it says ends
    means = cell_means(cells, value, int(cells[-1]) + 1 + longest, levels.high)
    grid = filled(means, longest)
    smooth = averaged(grid, max(1, round(levels.window / step)))
    known = np.isfinite(smooth) & np.isfinite(grid)
    code = np.full(len(grid), -1)
    code[known] = 1 if levels.run is not None else 2
    if known.any():
        if levels.run is not None:
            code[known] = np.where(levels.run.holds(smooth[known]), 2, 1)
        if levels.off is not None:
            code[known] = np.where(levels.off.holds(smooth[known]), 0, code[known])
    if hold < LONGEST_HOLD:
        # where silence is not usual, a stop that a gap follows ends with its last value: time without data makes none longer
        over = end > (first + len(grid) - 1) * step
        code[_silent(means, grid, over=over) & (code < 2)] = -1
    return _spans(code, grid, levels, first, begin, end)


def _silent(means: Floats, grid: Floats, *, over: bool) -> NDArray[np.bool_]:
    """Return which cells only hold on a value that a gap follows; `over`: behind the last value is a gap too, not just no newer value yet."""
    there, gap = np.isfinite(means), ~np.isfinite(grid)
    gap[-1] = over
    place = np.arange(len(grid))
    following = np.minimum.accumulate(np.where(there, place, len(grid))[::-1])[::-1]
    next_gap = np.minimum.accumulate(np.where(gap, place, len(grid))[::-1])[::-1]
    silent: NDArray[np.bool_] = ~there & (next_gap < following)
    return silent


def _spans(code: Codes, grid: Floats, levels: Levels, first: int, begin: int, end: int) -> tuple[Span, ...]:
    edges = np.flatnonzero(np.diff(code)) + 1
    bounds = [0, *edges.tolist(), len(code)]
    reach = max(1, round(levels.window / levels.step))
    moved = [0]
    for left, edge, right in zip(bounds, bounds[1:], bounds[2:], strict=False):
        low, high = max(edge - reach, (left + edge) // 2, moved[-1]), min(edge + reach, (edge + right + 1) // 2)
        moved.append(max(_sought(grid, code, edge, low, high, levels), moved[-1]))
    moved.append(len(code))
    spans = [
        Span((first + a) * levels.step, (first + b) * levels.step, _STATES[int(code[at])])
        for a, b, at in zip(moved, moved[1:], bounds, strict=False)
    ]
    whole = [Span(begin, max(begin, spans[0].begin), State.UNKNOWN), *spans, Span(spans[-1].end, end, State.UNKNOWN)]
    return settled(cut(whole, begin, end), levels.window // 2)


def _sought(grid: Floats, code: Codes, edge: int, low: int, high: int, levels: Levels) -> int:
    """Return where in [low, high) the unaveraged signal makes the change that the averaged one shows at `edge`."""
    before, after = int(code[edge - 1]), int(code[edge])
    if min(before, after) < 0 or high - low < 2:
        return edge
    condition = (
        levels.run if max(before, after) == 2 and levels.run is not None and min(before, after) == 1 else levels.off
    )
    if condition is None:
        return edge
    middle = (condition.enter + condition.leave) / 2
    over = (levels.run_level if condition is levels.run or levels.idle_level is None else levels.idle_level) or middle
    # the split that fits two levels best; both sides are bounded, so that one wild value moves it little
    distance = np.clip(grid[low:high] - middle, -abs(over - middle), 3 * abs(over - middle))
    sums = np.concatenate(([0.0], np.cumsum(np.where(np.isfinite(distance), distance, 0.0))))
    if after > before:
        return low + int(np.argmin(sums))
    # nobody sees whether the last cycle was finished: half of its usual pause counts as running
    return min(low + int(np.argmax(sums)) + round(levels.pause / 2 / levels.step), max(high, edge))
