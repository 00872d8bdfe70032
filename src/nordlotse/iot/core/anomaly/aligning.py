"""From values that come whenever they come to rows on an even grid, as the detectors need them. The same live and in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.values import Floats, Kind, Rows, Times

SECOND = 1_000_000
#: A row is never shorter than this, nor longer (µs): a fault has to be told within a minute.
SHORTEST, LONGEST = SECOND, 60 * SECOND
#: A value stands for the signal so many of its own usual distances, when no newer one comes.
HOLD = 3.0
#: A signal grows like a counter when so much of its changes goes upwards.
COUNTING = 0.995


@dataclass(frozen=True, slots=True)
class Grid:
    """How a machine's signals become rows: rows of `step` µs begin at multiples of it, `holds` rows a value stands for its signal.

    A cell is the middle one of the values in it, so that it looks the same whether a machine sent once or ten times in it, and a cell in which it
    stopped looks like work or like rest, never like half of both. An empty one takes the value before it for at most `holds` rows, then it is NaN.
    """

    signals: tuple[str, ...]
    step: int
    holds: tuple[int, ...]

    @property
    def reach(self) -> int:
        """Return how far back values have to be known for a row, µs."""
        return (max(self.holds, default=0) + 1) * self.step

    def rows(self, values: Mapping[str, Rows], first: int, count: int) -> NDArray[np.float64]:
        """Return rows `first` … `first + count` (numbers of multiples of `step`), (count, signals); `values` reach `reach` further back."""
        lead = max(self.holds, default=0) + 1
        made = np.full((count, len(self.signals)), np.nan)
        for place, (signal, hold) in enumerate(zip(self.signals, self.holds, strict=True)):
            given = values.get(signal)
            if given is None or not len(given):
                continue
            number = (given.kind == Kind.NUMBER) & np.isfinite(given.value)
            cell = given.time[number] // self.step - (first - lead)
            inside = (cell >= 0) & (cell < count + lead)
            there, middle = _middles(cell[inside], given.value[number][inside], count + lead)
            at = np.arange(count + lead)
            last = np.maximum.accumulate(np.where(there > 0, at, -1))
            fresh = (last >= 0) & (at - last <= hold)
            made[:, place] = np.where(fresh, middle[np.maximum(last, 0)], np.nan)[lead:]
        return made

    def as_plain(self) -> dict[str, Any]:
        """Return the grid as plain values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> Grid:
        """Return the grid kept by `as_plain`."""
        return cls(tuple(kept["signals"]), int(kept["step"]), tuple(int(hold) for hold in kept["holds"]))


def _middles(cell: Times, value: Floats, count: int) -> tuple[Times, Floats]:
    """Return how many values lie in each of `count` cells, and the middle one of each (the lower of two)."""
    there = np.bincount(cell, minlength=count)
    order = np.lexsort((value, cell))
    begin = np.cumsum(there) - there
    middle = np.full(count, np.nan)
    filled = there > 0
    middle[filled] = value[order][begin[filled] + (there[filled] - 1) // 2]
    return there, middle


def distance(time: Times) -> float:
    """Return the usual distance of two values, µs: the middle one; 0 for fewer than two values."""
    return float(np.median(np.diff(time))) if len(time) > 1 else 0.0


def grid_of(values: Mapping[str, Rows]) -> Grid:
    """Return the grid that fits signals (each with two values at least): rows as far apart as most signals send, 1 to 60 s."""
    apart = {name: distance(rows.time) for name, rows in values.items()}
    step = int(np.median(list(apart.values()))) if apart else SHORTEST
    step = min(max(round(step / SECOND) * SECOND, SHORTEST), LONGEST)
    holds = tuple(max(2, int(np.ceil(HOLD * one / step))) for one in apart.values())
    return Grid(tuple(apart), step, holds)


def is_number(rows: Rows) -> bool:
    """Return whether a signal's values are numbers for the most part."""
    return len(rows) > 0 and float(np.mean(rows.kind == Kind.NUMBER)) > 0.5


def counts(value: Floats) -> bool:
    """Return whether a signal only grows (a counter), but for being set back now and then."""
    moves = np.diff(value[np.isfinite(value)])
    moves = moves[moves != 0]
    return len(moves) > 0 and float(np.mean(moves > 0)) >= COUNTING


def spread_over(keep: NDArray[np.bool_], most: int, length: int) -> Sequence[slice]:
    """Return stretches of rows, each at most `length` long, that hold at most about `most` of the rows to `keep`, spread over all of them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    pieces = [
        slice(begin, min(begin + length, int(last)))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        for begin in range(int(first), int(last), length)
    ]
    total = int(keep.sum())
    if total <= most:
        return pieces
    chosen = np.unique(np.linspace(0, len(pieces) - 1, max(1, len(pieces) * most // total)).round().astype(int))
    return [pieces[place] for place in chosen]
