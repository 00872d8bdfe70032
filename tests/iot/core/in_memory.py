"""The simplest store there can be: lists in memory. It shows that the contract says enough to build another adapter from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from nordlotse.iot.core.gate import check
from nordlotse.iot.core.values import EARLIEST, LATEST, Block, Buckets, Kind, Rows, Series

_Value = tuple[int, float | str | bool, int, int, int]


class InMemory:
    """Keeps every value that was ever handed in, in the order of arrival. Fits `ports.Store`."""

    def __init__(self) -> None:
        self._kept: dict[Series, list[_Value]] = {}

    def hand_in(self, blocks: Sequence[Block], seconds: float = 10.0) -> None:
        for block in blocks:
            check(block)
        for block in blocks:
            held = self._kept.setdefault(block.series, [])
            for time, value, quality, arrived in zip(
                block.time.tolist(), block.value.tolist(), block.quality.tolist(), block.arrived.tolist(), strict=True
            ):
                said = block.texts[int(value)] if block.kind is Kind.TEXT else value
                last = next((one for one in reversed(held) if one[0] == time), None)
                if last is None or (last[1], last[2]) != (said, int(block.kind)):
                    held.append((time, said, int(block.kind), quality, arrived))

    @contextmanager
    def looked(self, company: str) -> Iterator[_Looked]:
        yield _Looked({series: list(held) for series, held in self._kept.items() if series.company == company})

    def leave(self, company: str) -> None:
        self._kept = {series: held for series, held in self._kept.items() if series.company != company}

    def drop(self, company: str, machine: str, signal: str = "") -> None:
        self._kept = {
            one: held
            for one, held in self._kept.items()
            if (one.company, one.machine) != (company, machine) or (signal and one.signal != signal)
        }


class _Looked:
    def __init__(self, kept: dict[Series, list[_Value]]) -> None:
        self._kept = kept

    def series(self) -> list[Series]:
        return list(self._kept)

    def rows(self, series: Series, begin: int = EARLIEST, end: int = LATEST) -> Rows:
        newest = {one[0]: one for one in self._kept.get(series, [])}
        return _rows(newest[time] for time in sorted(newest) if begin <= time < end)

    def older(self, series: Series, begin: int = EARLIEST, end: int = LATEST) -> Rows:
        held = self._kept.get(series, [])
        newest = {one[0]: place for place, one in enumerate(held)}
        old = [one for place, one in enumerate(held) if newest[one[0]] != place and begin <= one[0] < end]
        return _rows(sorted(old, key=lambda one: one[0]))

    def count(self, series: Series) -> int:
        return len(self.rows(series))

    def latest(self, series: Series) -> Rows:
        rows = self.rows(series)
        return rows.taken(slice(max(len(rows) - 1, 0), None))

    def buckets(self, series: Series, begin: int, end: int, count: int) -> Buckets:
        rows = self.rows(series, begin, end)
        borders = [begin + (end - begin) * k // count for k in range(count + 1)]
        parts = [rows.value[(rows.time >= a) & (rows.time < b)] for a, b in pairwise(borders)]
        return Buckets(
            np.array(borders[:-1], np.int64),
            np.array([part.min() if len(part) else np.nan for part in parts]),
            np.array([part.max() if len(part) else np.nan for part in parts]),
            np.array([part.sum() for part in parts]),
            np.array([len(part) for part in parts], np.int64),
        )


def _rows(values: Iterator[_Value] | list[_Value]) -> Rows:
    held = list(values)
    texts = tuple(dict.fromkeys(value for _, value, *_ in held if isinstance(value, str)))
    numbers = [float(texts.index(value)) if isinstance(value, str) else float(value) for _, value, *_ in held]
    return Rows(
        np.array([one[0] for one in held], np.int64),
        np.array(numbers),
        np.array([one[2] for one in held], np.uint8),
        np.array([one[3] for one in held], np.uint8),
        np.array([one[4] for one in held], np.int64),
        texts,
    )
