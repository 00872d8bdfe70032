"""The segments a manifest names, as they are read: chunks by series and time. Immutable, so that what is read always fits together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core.store.columns import Chunk
from nordlotse.iot.core.store.manifest import Manifest, segment_path
from nordlotse.iot.core.store.merging import merged, rows_of
from nordlotse.iot.core.store.pages import Pages
from nordlotse.iot.core.store.segment import Segment, damaged
from nordlotse.iot.core.values import EARLIEST, LATEST, Floats, Rows, Series, Times

#: So many answers of `Snapshot.pages` are kept: 2 MB each for a year at one value a second.
_PAGES_KEPT = 4

_File = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk that counts: segment and place in it, times of its first and last row, number of rows."""

    segment: int
    number: int
    first: int
    last: int
    rows: int
    corrected: bool


class Parts:
    """The chunks that count, by series, in the order in which they came to be."""

    def __init__(self, found: dict[int, list[Part]]) -> None:
        """Take the chunks by the series' number."""
        self._found = found

    def of(self, series: int) -> Sequence[Part]:
        """Return the chunks of a series."""
        return self._found.get(series, ())


class Snapshot:
    """The segments of a manifest. Immutable: what is read from it always fits together."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        tolerant: bool = False,
        settled: bool = False,
        last: Snapshot | None = None,
    ) -> None:
        """Open the segments; `tolerant`: chunks that are damaged are passed over instead of raising, as the writer needs it.

        Files that are still those of the snapshot before (`last`) are taken from it with all that was read and checked of them.

        A segment whose index is damaged is told in `damaged`, and with `settled` (the manifest is the newest) one that is missing; the
        others are read.

        Raises:
            FileNotFoundError: the manifest is no longer the newest.
        """
        self.manifest = manifest
        self.damaged: dict[int, NotAvailable] = {}
        self._tolerant = tolerant
        self._segments: dict[int, Segment] = {}
        self._files: dict[int, _File] = {}
        known: set[int] = set()
        for held in manifest.segments:
            path = segment_path(folder, held.number)
            try:
                self._files[held.number] = file = _file(path)
                if last is not None and held.number in last._segments and last._files[held.number] == file:
                    self._segments[held.number] = last._segments[held.number]
                    known.add(held.number)
                else:
                    self._segments[held.number] = Segment(path)
            except NotAvailable as error:
                self.damaged[held.number] = error
            except FileNotFoundError:
                if not (tolerant or settled):
                    raise
                self.damaged[held.number] = damaged(path, "missing")
        self._numbers = {series: number for number, series in enumerate(manifest.series)}
        self._chunks: dict[tuple[int, int], Chunk] = {}
        self._pages: list[tuple[Sequence[Part], Pages]] = []
        if last is not None:
            self._chunks = {key: chunk for key, chunk in last._chunks.items() if key[0] in known}
            self._pages = [one for one in last._pages if all(part.segment in known for part in one[0])]

    def segment(self, number: int) -> Segment:
        """Return an opened segment."""
        return self._segments[number]

    @cached_property
    def parts(self) -> Parts:
        """Return the chunks that count."""
        found: dict[int, list[Part]] = {}
        for held in self.manifest.segments:
            if held.number in self.damaged:
                continue
            index = self._segments[held.number].index
            columns = (index[name].tolist() for name in ("series", "first", "last", "rows", "corrected"))
            for place, (series, first, last, rows, corrected) in enumerate(zip(*columns, strict=True)):
                if place not in held.gone:
                    part = Part(held.number, place, first, last, rows, bool(corrected))
                    found.setdefault(series, []).append(part)
        return Parts(found)

    def chunk(self, part: Part) -> Chunk:
        """Return a chunk; what was decoded of its head is kept."""
        key = (part.segment, part.number)
        if key not in self._chunks:
            self._chunks[key] = self._segments[part.segment].chunk(part.number)
        return self._chunks[key]

    def readable(self, part: Part) -> bool:
        """Return whether a chunk is as it was written."""
        try:
            self.chunk(part)
        except NotAvailable:
            return False
        return True

    def rows(self, part: Part) -> Rows:
        """Return all rows of a chunk."""
        return rows_of(self.chunk(part).raw())

    def rows_of(self, series: int, begin: int, end: int) -> Rows:
        """Return the rows of a series with begin ≤ time < end that count."""
        begin = max(begin, self.manifest.cut.get(series, EARLIEST))
        return merged([self._between(part, begin, end) for part in self._meeting(series, begin, end)]).rows

    def older_of(self, series: int, begin: int, end: int) -> list[Rows]:
        """Return the rows of a series with begin ≤ time < end that newer ones corrected.

        A chunk that meets no other one corrects nothing and is not decoded.
        """
        superseded = [p for p in self.parts.of(series) if p.corrected and p.first < end and p.last >= begin]
        meeting = {part for parts in self.runs(series, begin, end) if len(parts) > 1 for part in parts}
        counted = merged([self._between(part, begin, end) for part in self.parts.of(series) if part in meeting])
        return [*(self._between(part, begin, end) for part in superseded), counted.older]

    def _meeting(self, series: int, begin: int, end: int) -> list[Part]:
        begin = max(begin, self.manifest.cut.get(series, EARLIEST))
        meeting = [p for p in self.parts.of(series) if not p.corrected and p.first < end and p.last >= begin]
        return [p for p in meeting if self.readable(p)] if self._tolerant else meeting

    def _between(self, part: Part, begin: int, end: int) -> Rows:
        rows = self.rows(part)
        a, b = np.searchsorted(rows.time, [begin, end])
        return rows.taken(slice(int(a), int(b)))

    def meets(self, series: int, begin: int, end: int) -> bool:
        """Return whether a chunk that counts reaches into begin ≤ time < end."""
        return bool(self._meeting(series, begin, end))

    def rows_near(self, series: int, times: Times) -> Rows:
        """Return the rows that count of all chunks one of `times` (sorted, µs) falls into; others are not decoded."""
        parts = [part for part in self._meeting(series, int(times[0]), int(times[-1]) + 1) if _any(times, part)]
        limit = self.manifest.cut.get(series, EARLIEST)
        return merged([self._between(part, limit, LATEST + 1) for part in parts]).rows

    def runs(self, series: int, begin: int, end: int) -> list[list[Part]]:
        """Return the chunks of a series in a stretch by time, those that meet each other together."""
        found: list[list[Part]] = []
        reached = EARLIEST - 1
        for part in sorted(self._meeting(series, begin, end), key=lambda part: part.first):
            if part.first <= reached:
                found[-1].append(part)
            else:
                found.append([part])
            reached = max(reached, part.last)
        return found

    def run(self, series: int, parts: Sequence[Part]) -> Rows:
        """Return the rows that count of chunks, merged in the order in which they came to be."""
        wanted = set(parts)
        limit = self.manifest.cut.get(series, EARLIEST)
        inside = [part for part in self.parts.of(series) if part in wanted]
        return merged([self._between(part, limit, LATEST + 1) for part in inside]).rows

    def told(self, parts: Sequence[Part]) -> tuple[Times, Times, Times, Floats]:
        """Return what the index says of chunks: first and last times, rows, and least, most and sum (n, 3)."""
        rows = [self._segments[part.segment].index[part.number] for part in parts]
        times = (np.array([getattr(part, name) for part in parts], np.int64) for name in ("first", "last", "rows"))
        first, last, count = times
        return first, last, count, np.array([[row["least"], row["most"], row["total"]] for row in rows])

    def pages(self, parts: Sequence[Part], begin: int, end: int) -> Pages:
        """Return the pages of all chunks of `parts` that reach into begin ≤ time < end, sorted by time and apart from each other.

        The last few answers are kept, for who looks at a chart looks again, a little to the left or closer: so there may be more of them,
        before `begin` and behind `end`.
        """
        for place, (known, pages) in enumerate(self._pages):
            if _within(known, begin, end) == parts:
                self._pages.append(self._pages.pop(place))
                return pages
        sums = [self._segments[part.segment].pyramid(part.number) for part in parts]
        pages = Pages([self.chunk(part) for part in parts], sums)
        self._pages = [*self._pages[1 - _PAGES_KEPT :], (list(parts), pages)]
        return pages

    def number(self, series: Series) -> int | None:
        """Return the number of a series, None where segments hold none of it."""
        return self._numbers.get(series)


def _file(path: Path) -> _File:
    """Return by what a file is told from another one of the same name, as a restored backup brings it.

    Raises:
        FileNotFoundError.
    """
    told = path.stat()
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns


def _within(parts: Sequence[Part], begin: int, end: int) -> Sequence[Part]:
    """Return those of chunks, sorted by time and apart from each other, that reach into begin ≤ time < end."""
    first = bisect_left(parts, begin, key=lambda part: part.last)
    return parts[first : bisect_left(parts, end, key=lambda part: part.first)]


def _any(times: Times, part: Part) -> bool:
    """Return whether one of the sorted times falls into the chunk."""
    a, b = np.searchsorted(times, [part.first, part.last + 1])
    return bool(b > a)
