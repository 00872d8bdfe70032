"""Chunks of a series that meet no other, side by side, so that a chart goes through the pages of all of them at once.

A year at one value a second is 123,188 pages in 121 chunks: what is done chunk by chunk costs more than the pages a border cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nordlotse.iot.core.store.columns import Chunk, Unpack
from nordlotse.iot.core.values import Floats, Kind, Times


@dataclass(frozen=True, eq=False)
class Pages:
    """The pages of chunks sorted by time; rows are counted through all of them. `sums` of each chunk as `columns.pyramid` makes them."""

    chunks: Sequence[Chunk]
    sums: Sequence[Floats]

    @cached_property
    def begins(self) -> Times:
        """Return how many rows lie before each page, and at the end how many there are, (pages + 1,)."""
        inside = [
            before + np.arange(len(sums)) * chunk.paged
            for before, chunk, sums in zip(self._before[:-1], self.chunks, self.sums, strict=True)
        ]
        begins: Times = np.concatenate([*inside, self._before[-1:]])
        return begins

    @cached_property
    def least(self) -> Floats:
        """Return the least value of each page, (pages,); NaN for texts."""
        return self._column(0)

    @cached_property
    def most(self) -> Floats:
        """Return the largest value of each page, (pages,); NaN for texts."""
        return self._column(1)

    @cached_property
    def total(self) -> Floats:
        """Return the sum of each page, (pages,); 0 for texts."""
        return np.nan_to_num(self._column(2))

    def places(self, times: Times) -> Times:
        """Return how many rows lie before each of `times` (sorted, µs); only pages they fall into are decoded."""
        firsts, steps = self._firsts, self._steps
        chunk = np.searchsorted(firsts, times, side="left") - 1  # the last that begins before
        found = np.zeros(len(times), dtype=np.int64)
        even = np.flatnonzero((chunk >= 0) & (steps[chunk] > 0))
        own = chunk[even]
        rows = -((firsts[own] - times[even]) // steps[own])
        found[even] = np.minimum(self._before[own] + rows, self._before[own + 1])
        odd = np.flatnonzero((chunk >= 0) & (steps[chunk] == 0))
        for number in np.unique(chunk[odd]).tolist():
            mine = odd[chunk[odd] == number]
            inside = self.chunks[number].places(times[mine], self.sums[number][:, 3])
            found[mine] = self._before[number] + inside
        return found

    def values(self, pages: Times) -> Floats:
        """Return all values of some pages one behind the other; NaN for texts."""
        lengths = self.begins[pages + 1] - self.begins[pages]
        longest = max(chunk.paged for chunk in self.chunks)
        out = np.empty((len(pages), longest))
        own = np.searchsorted(self._first_pages, pages, side="right") - 1
        begins, ends = self._spots[:, pages]
        # one plain loop over all of them: what is done page by page in it costs as much as unpacking
        for data, unpack, begin, end, length, row in zip(
            map(self._data.__getitem__, own.tolist()),
            map(self._unpack.__getitem__, own.tolist()),
            begins.tolist(),
            ends.tolist(),
            lengths.tolist(),
            out,
            strict=True,
        ):
            unpack(data[begin:end].tobytes(), length, row)
        short = lengths < longest
        return out[np.arange(longest) < lengths[:, None]] if short.any() else out.reshape(-1)

    @cached_property
    def _before(self) -> Times:
        rows: Times = np.concatenate([[0], np.cumsum([chunk.rows for chunk in self.chunks], dtype=np.int64)])
        return rows

    @cached_property
    def _first_pages(self) -> Times:
        """Return the number of the first page of each chunk."""
        numbers: Times = np.concatenate([[0], np.cumsum([len(one) for one in self.sums], dtype=np.int64)])[:-1]
        return numbers

    @cached_property
    def _spots(self) -> Times:
        """Return where in the bytes of its chunk's values each page begins and ends, (2, pages); the same where the chunk holds texts."""
        spots = np.zeros((2, len(self.begins) - 1), np.int64)
        for chunk, first, sums in zip(self.chunks, self._first_pages.tolist(), self.sums, strict=True):
            if chunk.kind is not Kind.TEXT:
                bounds = chunk.value.bounds
                spots[:, first : first + len(sums)] = bounds[:-1], bounds[1:]
        return spots

    @cached_property
    def _data(self) -> list[memoryview]:
        return [chunk.value.data for chunk in self.chunks]

    @cached_property
    def _unpack(self) -> list[Unpack]:
        return [_no_number if chunk.kind is Kind.TEXT else chunk.value.unpack for chunk in self.chunks]

    @cached_property
    def _firsts(self) -> Times:
        return np.array([one[0, 3] for one in self.sums], np.int64)

    @cached_property
    def _steps(self) -> Times:
        """Return the distances of the times of each chunk, 0 where they differ."""
        return np.array([0 if chunk.step is None else chunk.step or 1 for chunk in self.chunks], np.int64)

    def _column(self, number: int) -> Floats:
        return np.concatenate([one[:, number] for one in self.sums])


def _no_number(_page: bytes, _rows: int, out: Floats) -> None:
    """Stand in for what unpacks a page where its values are texts."""
    out[:] = np.nan
