"""When a machine is at work, cell by cell, so that only then it is judged: off, idle and setting up are other machines, so to say.

A cell counts when the machine's current or power lies above the limit between idle and running (`states.finding`), or in a pause between two
such cells as short as those within its cycle, and when it has mostly worked for a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.states.finding import find_levels
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.values import Kind, Rows

Truths = NDArray[np.bool_]
#: A pause within the work is bridged for at least and at most so long, s. Own settings.
LEAST_PAUSE, MOST_PAUSE = 10.0, 60.0
#: Over so many seconds, at least so many cells, a machine must have been at work for this share of what is usual while it works. Own settings.
RECENT, LEAST_RECENT, RECENT_SHARE = 60.0, 3, 0.6


@dataclass(frozen=True, slots=True)
class AtWork:
    """At work from `limit` of `signal` on (its unit); pauses up to `hold` cells are bridged; `duty`: the usual share of `recent` cells above it."""

    signal: str
    limit: float
    hold: int
    recent: int
    duty: float

    def above(self, cells: NDArray[np.float64]) -> Truths:
        """Return which cells of the signal lie above the limit; NaN does not."""
        found: Truths = np.nan_to_num(cells, nan=-np.inf) >= self.limit
        return found

    def mask(self, cells: NDArray[np.float64]) -> Truths:
        """Return which cells (n,) of the signal count, all of them known."""
        above = self.above(cells)
        within = bridged(above, self.hold)
        recent: Truths = within & (share(above, self.recent) >= RECENT_SHARE * self.duty)
        return recent

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, kept: Mapping[str, Any]) -> AtWork:
        """Return what `as_plain` kept."""
        return cls(
            str(kept["signal"]), float(kept["limit"]), int(kept["hold"]), int(kept["recent"]), float(kept["duty"])
        )


def bridged(above: Truths, hold: int) -> Truths:
    """Return the cells above, and those between two of them that are at most `hold` + 1 apart."""
    far = len(above) + 2 * hold + 10
    at = np.arange(len(above))
    last = np.maximum.accumulate(np.where(above, at, -far))
    following = np.minimum.accumulate(np.where(above, at, far)[::-1])[::-1]
    found: Truths = above | (following - last <= hold + 1)
    return found


def share(above: Truths, recent: int) -> NDArray[np.float64]:
    """Return for each cell which share of the last `recent` lies above; before the first there is nothing above."""
    sums = np.concatenate([[0], np.cumsum(above)])
    at = np.arange(len(above)) + 1
    found: NDArray[np.float64] = (sums[at] - sums[np.maximum(at - recent, 0)]) / recent
    return found


def find(candidates: Sequence[str], values: Mapping[str, Rows], step: int) -> tuple[str, float, int, int] | None:
    """Return signal, limit, hold and recent (cells of `step` µs) of the first candidate that tells running from idle; None where none does."""
    for name in candidates:
        rows = values.get(name)
        if rows is None or not len(rows):
            continue
        number = (rows.kind == Kind.NUMBER) & np.isfinite(rows.value)
        levels = find_levels(Signal(rows.time[number], rows.value[number]))
        if levels.run is None or "too_short" in levels.flags:
            continue
        seconds = min(max(2 * levels.pause / 1e6, levels.cycle / 1e6, LEAST_PAUSE), MOST_PAUSE)
        return (
            name,
            min(levels.run.enter, levels.run.leave),
            max(1, round(seconds * 1e6 / step)),
            max(LEAST_RECENT, round(RECENT * 1e6 / step)),
        )
    return None


def learnt(found: tuple[str, float, int, int], cells: NDArray[np.float64]) -> AtWork:
    """Return what was found with the duty of the cells (n,) of the good period."""
    name, limit, hold, recent = found
    plain = AtWork(name, limit, hold, recent, 0.0)
    above = plain.above(cells)
    within = bridged(above, hold)
    return replace(plain, duty=float(np.median(share(above, recent)[within])) if within.any() else 0.0)
