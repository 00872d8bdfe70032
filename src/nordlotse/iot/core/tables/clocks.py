"""Times of a local clock become UTC; the hour that exists twice is put in the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.values import EARLIEST, LATEST, Times

_Mask = NDArray[np.bool_]
_DAY = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Universal:
    """Times of UTC (n,) µs, which of them stood in an hour that exists twice, and which in one that does not exist."""

    micros: Times
    double: _Mask
    missing: _Mask


class LocalClock:
    """A zone's clock, for the rows of one file in their order."""

    def __init__(self, zone: str, newest_first: bool = False) -> None:
        """Take the zone's name and whether the rows go back in time.

        Raises:
            ValueError, OSError: there is no such zone.
        """
        self._zone = ZoneInfo(zone)
        self._newest_first = newest_first
        self._begins = np.zeros(0, np.int64)
        self._offsets = np.zeros(0, np.int64)
        self._known: tuple[int, int] = (0, 0)
        #: The last time of UTC of each row of times, and the last local one.
        self._last: dict[object, tuple[int, int]] = {}

    def universal(self, local: Times, of: object = None) -> Universal:
        """Return local times of one row of times (`of`: a series, in the long form) as UTC; rows come piece by piece in the file's order."""
        if not len(local):
            return Universal(local, np.zeros(0, np.bool_), np.zeros(0, np.bool_))
        bounded = np.clip(local, EARLIEST, LATEST)
        self._learn(int(bounded.min()), int(bounded.max()))
        place = np.searchsorted(self._begins + self._offsets, bounded, side="right") - 1
        before = np.maximum(place - 1, 0)
        old_end = self._begins[place] + self._offsets[before]
        double = (place > 0) & (bounded < old_end)
        # in spring: behind the end of the old time, before the begin of the new one
        new = np.minimum(place + 1, len(self._begins) - 1)
        missing = (new > place) & (bounded >= self._begins[new] + self._offsets[place])
        fold = self._folds(bounded, double, of) if double.any() else np.ones(len(local), np.bool_)
        offset = np.where(double & ~fold, self._offsets[before], self._offsets[place])
        micros: Times = local - offset
        self._last[of] = (int(micros[-1]), int(local[-1]))
        return Universal(micros, double, missing)

    def _folds(self, local: Times, double: _Mask, of: object) -> _Mask:
        """Return which rows of double hours are the second time: those behind a jump back of the clock within a run of such rows."""
        fold = np.ones(len(local), np.bool_)
        edges = np.flatnonzero(np.diff(double.astype(np.int8), prepend=0, append=0))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            run = local[begin:end]
            last = self._last.get(of) if begin == 0 else None
            again = last is not None and self._second(last, int(run[0]))
            jump = np.diff(run) < 0
            if self._newest_first:
                jump = np.diff(run) > 0
            if len(run) == 2 and run[0] == run[1]:
                jump = np.ones(1, np.bool_)  # values by the hour: the same hour twice
            later = np.concatenate([[again], jump]).cumsum() > 0
            fold[begin:end] = ~later if self._newest_first else later
        return fold

    def _second(self, last: tuple[int, int], now: int) -> bool:
        """Return whether a piece that begins in a double hour goes on behind the jump."""
        universal, local = last
        place = int(np.searchsorted(self._begins + self._offsets, local, side="right")) - 1
        was_double = place > 0 and local < int(self._begins[place] + self._offsets[place - 1])
        behind = was_double and (universal == local - int(self._offsets[place])) is not self._newest_first
        return behind or (was_double and (now > local if self._newest_first else now < local))

    def _learn(self, first: int, last: int) -> None:
        """Find when the zone's offset changes between two moments, day by day and then to the second."""
        first, last = first - 3 * _DAY, last + 3 * _DAY
        if len(self._begins) and self._known[0] <= first and last <= self._known[1]:
            return
        if len(self._begins):
            first, last = min(first, self._known[0]), max(last, self._known[1])
        begins, offsets = [first], [self._offset(first)]
        step = 7 * _DAY
        at = first
        while at < last:
            following = min(at + step, last)
            if self._offset(following) != offsets[-1]:
                low, high = at, following
                while high - low > 1_000_000:
                    middle = (low + high) // 2
                    low, high = (middle, high) if self._offset(middle) == offsets[-1] else (low, middle)
                begins.append((low // 1_000_000 + 1) * 1_000_000)  # zones change at whole seconds
                offsets.append(self._offset(following))
            at = following
        self._begins, self._offsets = np.array(begins, np.int64), np.array(offsets, np.int64)
        self._known = (first, last)

    def _offset(self, moment: int) -> int:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)
        told = when.astimezone(self._zone).utcoffset()
        return 0 if told is None else told // timedelta(microseconds=1)
