"""Reading a company's store without a lock: a snapshot of segments and the hot values behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from nordlotse.iot.core.store import hot, rollups
from nordlotse.iot.core.store.buckets import NO_BUCKETS, Summing, edges
from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.store.manifest import Manifest, load
from nordlotse.iot.core.store.merging import NOTHING, joined, merged, rows_of
from nordlotse.iot.core.store.segment import damaged
from nordlotse.iot.core.store.snapshot import Part, Snapshot
from nordlotse.iot.core.values import EARLIEST, LATEST, Block, Buckets, Quality, Rows, Series

#: A manifest may be replaced while its segments are opened; then the newer one is taken.
_TRIES = 20


class Tail(Protocol):
    """What stands in the log and is shown nowhere yet: the writer lags, or has ended, or cannot write the hot file."""

    def shown(self) -> tuple[bytes, Place]:
        """Return the run of the writer and up to which place it has shown everything in the hot files."""
        ...

    def since(self, place: Place, given: Callable[[], dict[Series, int]]) -> Sequence[Block]:
        """Return the values behind a place; `given` tells the last times given to values without one."""
        ...


class Reader:
    """A company's store as readers see it just now: the newest snapshot, the hot values behind it, and the log behind those.

    For one thread at a time: pages are unpacked without the interpreter's lock, and what unpacks them refuses a second thread.
    """

    def __init__(self, folder: Path, tail: Tail | None = None) -> None:
        """Remember the folder; nothing is opened before `look`. Without a `tail` only what the writer has shown is seen."""
        self._folder = folder
        self._tail = tail
        self._snapshot = Snapshot(folder, Manifest())
        self._hot: dict[Series, list[Block]] = {}
        self._behind: dict[Series, list[Block]] = {}
        self._hot_number = 0
        self._hot_run = b""
        self._hours: dict[int, Buckets] = {}
        self._hours_read = (0, 0)
        self._forget_hot()

    @property
    def snapshot(self) -> Snapshot:
        """Return the snapshot last looked at."""
        return self._snapshot

    def look(self) -> None:
        """Take what is new since the last look.

        Raises:
            NotAvailable: `iot_damaged`: the manifest is not readable.
        """
        for tried in range(_TRIES):
            manifest = load(self._folder)
            run, shown = (
                self._tail.shown() if self._tail else (b"", START)
            )  # before the hot file: that holds at least as much
            try:
                if manifest.version != self._snapshot.manifest.version:
                    # after so many tries nobody is replacing it: its segment is really missing
                    self._snapshot = Snapshot(self._folder, manifest, settled=tried == _TRIES - 1, last=self._snapshot)
                    self._forget_hot()
                self._read_hours(manifest, tried == _TRIES - 1)
                self._read_hot(manifest.hot)
            except FileNotFoundError:
                continue
            if self._tail is not None:
                known = shown if run and run == self._hot_run else START
                place = max(manifest.worked, self._hot_until, known)
                self._behind = _by_series(self._tail.since(place, self._given))
            if load(self._folder).version == manifest.version:
                return
        raise TimeoutError("the store changes faster than it can be read")

    def series(self) -> list[Series]:
        """Return the series there are."""
        named = (series for series in self._snapshot.manifest.series if series.machine)  # the others were dropped
        return list(dict.fromkeys([*named, *self._hot, *self._behind]))

    def rows(self, series: Series, begin: int = EARLIEST, end: int = LATEST) -> Rows:
        """Return the values of a series with begin ≤ time < end (µs) that count, sorted by time."""
        kept = self._kept(series, begin, end)
        fresh = self._fresh(series, begin, end)
        return merged([kept, *fresh]).rows if fresh else kept

    def older(self, series: Series, begin: int = EARLIEST, end: int = LATEST) -> Rows:
        """Return the values that newer ones corrected, sorted by time."""
        number = self._snapshot.number(series)
        found = [] if number is None else self._snapshot.older_of(number, begin, end)
        if fresh := self._fresh(series, begin, end):
            first, last = min(int(one.time.min()) for one in fresh), max(int(one.time.max()) for one in fresh)
            found.append(merged([self._kept(series, first, last + 1), *fresh]).older)
        rows = joined(found)
        return rows.taken(np.argsort(rows.time, kind="stable"))

    def count(self, series: Series) -> int:
        """Return how many values of a series count."""
        return int(self.buckets(series, EARLIEST, LATEST, 1, rolled=False).count.sum())

    def reached(self, series: Series) -> int:
        """Return the time µs of the newest value of a series without decoding it, `EARLIEST` where there is none."""
        number = self._snapshot.number(series)
        kept = [] if number is None else [p.last for p in self._snapshot.parts.of(number) if not p.corrected]
        fresh = [int(block.time.max()) for block in self._unwritten(series) if len(block)]
        return max([*kept, *fresh], default=EARLIEST)

    def kept_from(self, series: Series) -> int:
        """Return the moment µs before which the values of a series were let go (their hours are left), `EARLIEST` where none were."""
        number = self._snapshot.number(series)
        return EARLIEST if number is None else self._snapshot.manifest.cut.get(number, EARLIEST)

    def latest(self, series: Series) -> Rows:
        """Return the newest value of a series by its time, none where there is none."""
        pieces = []
        number = self._snapshot.number(series)
        if number is not None and (parts := [p for p in self._snapshot.parts.of(number) if not p.corrected]):
            last = max(part.last for part in parts)
            pieces.append(self._snapshot.rows_of(number, last, last + 1))
        for block in self._unwritten(series):
            place = np.flatnonzero(block.time == block.time.max())
            pieces.append(rows_of(block).taken(place))
        rows = merged(pieces).rows
        return rows.taken(slice(max(len(rows) - 1, 0), None))

    def buckets(self, series: Series, begin: int, end: int, count: int, rolled: bool = True) -> Buckets:
        """Return a series from `begin` to `end` (µs) in `count` stretches of equal length, borders exact to the value.

        Stretch k holds times t with border k ≤ t < border k + 1; border k = begin + ⌊(end − begin)·k/count⌋. Of values no longer kept there
        are hours (with `rolled`): each counts for the stretch its begin lies in.
        """
        summing = Summing(edges(begin, end, count))
        if rolled:
            summing.hours(self._rolled(series))
        fresh = merged(self._fresh(series, begin, end)).rows
        number = self._snapshot.number(series)
        snapshot = self._snapshot
        if number is None:
            summing.rows(fresh)
            return summing.made()
        limit = snapshot.manifest.cut.get(number, EARLIEST)
        alone: list[Part] = []
        for parts in snapshot.runs(number, begin, end):
            first, last = parts[0].first, max(part.last for part in parts)
            a, b = np.searchsorted(fresh.time, [first, last + 1]) if len(fresh) else (0, 0)
            if len(parts) == 1 and a == b and limit <= first:
                alone.append(parts[0])
                continue
            summing.rows(merged([snapshot.run(number, parts), fresh.taken(slice(a, b))]).rows)
            fresh = fresh.taken(np.r_[0:a, b : len(fresh)])
        if alone and not self._whole(summing, alone):
            summing.pages(snapshot.pages(alone, begin, end))
        summing.rows(fresh)
        return summing.made()

    def _whole(self, summing: Summing, alone: Sequence[Part]) -> bool:
        """Add chunks as the index tells them if no border cuts any; return whether that was so."""
        middle = alone[len(alone) // 2]  # mostly all are cut: one is looked at before all are
        return not summing.cut(middle.first, middle.last) and summing.parts(*self._snapshot.told(alone))

    def _rolled(self, series: Series) -> Buckets:
        """Return the hours of values that are no longer kept."""
        number = self._snapshot.number(series)
        return self._hours.get(-1 if number is None else number, NO_BUCKETS)

    def _kept(self, series: Series, begin: int, end: int) -> Rows:
        number = self._snapshot.number(series)
        return NOTHING if number is None else self._snapshot.rows_of(number, begin, end)

    def _fresh(self, series: Series, begin: int, end: int) -> list[Rows]:
        found = []
        begin = max(begin, self.kept_from(series))
        for block in self._unwritten(series):
            inside = (block.time >= begin) & (block.time < end)
            if inside.all():
                found.append(rows_of(block))
            elif inside.any():
                found.append(rows_of(block).taken(inside))
        return found

    def _unwritten(self, series: Series) -> list[Block]:
        """Return the values that lie in no segment yet, in the order of their arrival, without blocks that are older than what is kept.

        What comes so late counts no more here than in a segment: it would be seen until the next one is written.
        """
        blocks = [*self._hot.get(series, ()), *self._behind.get(series, ())]
        limit = self.kept_from(series)
        return blocks if limit == EARLIEST else [one for one in blocks if len(one) and one.time.max() >= limit]

    def _given(self) -> dict[Series, int]:
        """Return the last time given by us to values without one, of each series that has such."""
        manifest = self._snapshot.manifest
        last = {manifest.series[number]: time for number, time in manifest.last_given.items()}
        for series, blocks in self._hot.items():
            for block in blocks:
                own = block.time[(block.quality & Quality.NO_TIME) != 0]
                if len(own):
                    last[series] = max(last.get(series, EARLIEST), int(own.max()))
        return last

    def _forget_hot(self) -> None:
        self._hot, self._hot_end, self._hot_until, self._hot_run = {}, 0, START, b""

    def _read_hours(self, manifest: Manifest, settled: bool) -> None:
        if manifest.rolled == self._hours_read:
            return
        try:
            self._hours = rollups.held(self._folder, manifest.rolled)
        except FileNotFoundError:
            if not settled:
                raise
            self._hours = {}
            path = rollups.path_of(self._folder, manifest.rolled[0])
            self._snapshot.damaged[0] = damaged(path, "missing")  # segments are numbered from 1
        self._hours_read = manifest.rolled

    def _read_hot(self, number: int) -> None:
        if number != self._hot_number:
            self._forget_hot()
            self._hot_number = number
        piece = hot.read(hot.path_of(self._folder, number), self._hot_end)
        if piece.run:
            self._hot_run, self._hot_until = piece.run, piece.began
        self._hot_end = piece.end
        for one in piece.hot:
            self._hot_until = max(self._hot_until, one.until)
            for block in one.blocks:
                self._hot.setdefault(block.series, []).append(block)


def _by_series(blocks: Sequence[Block]) -> dict[Series, list[Block]]:
    found: dict[Series, list[Block]] = {}
    for block in blocks:
        found.setdefault(block.series, []).append(block)
    return found
