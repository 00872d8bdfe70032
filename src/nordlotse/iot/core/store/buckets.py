"""A long stretch of a series as few buckets with exact borders: whole pages come from the pyramid, only pages cut by a border are decoded."""

from __future__ import annotations

import numpy as np

from nordlotse.iot.core.store.pages import Pages
from nordlotse.iot.core.values import Buckets, Floats, Kind, Rows, Times

NO_BUCKETS = Buckets(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int64))


def edges(begin: int, end: int, count: int) -> Times:
    """Return the count + 1 borders of `count` stretches of equal length."""
    step, rest = divmod(end - begin, count)
    places = np.arange(count + 1, dtype=np.int64)
    borders: Times = begin + step * places + rest * places // count  # (end − begin)·k might not fit into 64 bits
    return borders


class Summing:
    """Sums pieces of a series up, each piece falling wholly into one bucket."""

    def __init__(self, borders: Times) -> None:
        """Take the borders, (buckets + 1,) µs."""
        self._borders = borders
        count = len(borders) - 1
        self._least = np.full(count, np.inf)
        self._most = np.full(count, -np.inf)
        self._total = np.zeros(count)
        self._count = np.zeros(count, dtype=np.int64)

    def made(self) -> Buckets:
        """Return the buckets."""
        none = np.isinf(self._least) & (self._least > 0)
        least, most, total = (column.copy() for column in (self._least, self._most, self._total))
        least[none] = most[none] = total[none] = np.nan
        return Buckets(self._borders[:-1], least, most, total, self._count)

    def hours(self, hours: Buckets) -> None:
        """Add sums sorted by their begins, each to the stretch its begin lies in."""
        place = np.searchsorted(self._borders, hours.begin, side="right") - 1
        inside = np.flatnonzero((place >= 0) & (place < len(self._count)))
        if not len(inside):
            return
        self._pieces(place[inside], hours.count[inside], hours.least[inside], hours.most[inside], hours.total[inside])

    def rows(self, rows: Rows) -> None:
        """Add rows sorted by time, each time once."""
        if not len(rows):
            return
        at = np.searchsorted(rows.time, self._borders)
        value = np.where(rows.kind == Kind.TEXT, np.nan, rows.value)
        filled = np.flatnonzero(at[1:] > at[:-1])
        if not len(filled):
            return
        starts = at[filled]
        value = value[: at[filled[-1] + 1]]
        # between two filled buckets lies nothing, so each run ends where the next begins
        self._pieces(
            filled,
            at[filled + 1] - starts,
            np.fmin.reduceat(value, starts),
            np.fmax.reduceat(value, starts),
            np.add.reduceat(np.nan_to_num(value), starts),
        )

    def cut(self, first: int, last: int) -> bool:
        """Return whether a border lies behind `first` and not behind `last`, µs."""
        low, high = np.searchsorted(self._borders, [first, last], side="right")
        return bool(low != high)

    def parts(self, first: Times, last: Times, rows: Times, sums: Floats) -> bool:
        """Add stretches of which none is cut by a border: their first and last times, (n,), rows and least, most and sum, (n, 3).

        Return whether that was so; otherwise nothing is added.
        """
        low, high = (np.searchsorted(self._borders, times, side="right") - 1 for times in (first, last))
        if (low != high).any():
            return False
        inside = (low >= 0) & (low < len(self._count))
        self._pieces(low[inside], rows[inside], *sums[inside].T)
        return True

    def pages(self, pages: Pages) -> None:
        """Add chunks that meet no other ones; only pages cut by a border are decoded."""
        begins = pages.begins
        cuts = pages.places(self._borders)
        page = np.searchsorted(begins, cuts, side="right") - 1  # as many as there are pages: behind all of them
        split = begins[page] < cuts
        first, end = page[:-1] + split[:-1], page[1:]
        filled = np.flatnonzero(first < end)  # the buckets that hold whole pages
        if len(filled):
            first, end = first[filled], end[filled]
            # reduceat takes from each place to the next: every second of its answers is a bucket
            turns = np.stack([first, end], axis=1).reshape(-1)
            turns = turns[:-1] if turns[-1] == len(begins) - 1 else turns
            self._pieces(
                filled,
                begins[end] - begins[first],
                np.fmin.reduceat(pages.least, turns)[::2],
                np.fmax.reduceat(pages.most, turns)[::2],
                np.add.reduceat(pages.total, turns)[::2],
            )
        if split.any():
            self._split(pages, cuts, _once(page[split]), cuts[split])

    def _split(self, pages: Pages, cuts: Times, page: Times, inside: Times) -> None:
        """Add the pages that borders cut; `cuts`: rows before each border, `inside`: those of them that lie within these pages."""
        begins, values = pages.begins[page], pages.values(page)
        rows = _once(np.sort(np.concatenate([begins, inside])))
        own = np.searchsorted(begins, rows, side="right") - 1
        before = np.cumsum(np.concatenate([[0], pages.begins[page + 1] - begins]))
        place = before[own] + rows - begins[own]
        numbers = np.nan_to_num(values) if np.isnan(values[place]).any() else values
        # which bucket a piece lies in: that of the last border at or before its first row
        bucket = np.searchsorted(cuts, rows, side="right") - 1
        kept = (bucket >= 0) & (bucket < len(self._count))
        columns = (
            np.diff(place, append=len(values)),
            np.fmin.reduceat(values, place),
            np.fmax.reduceat(values, place),
            np.add.reduceat(numbers, place),
        )
        self._pieces(bucket[kept], *(column[kept] for column in columns))

    def _pieces(self, bucket: Times, counts: Times, least: Floats, most: Floats, total: Floats) -> None:
        """Add pieces by the buckets they lie in, several of which may be the same; NaN where they hold texts."""
        np.add.at(self._count, bucket, counts)
        np.fmin.at(self._least, bucket, least)
        np.fmax.at(self._most, bucket, most)
        np.add.at(self._total, bucket, np.nan_to_num(total))


def _once(numbers: Times) -> Times:
    """Return sorted numbers, each once."""
    once: Times = numbers[np.diff(numbers, prepend=-1) != 0]
    return once
