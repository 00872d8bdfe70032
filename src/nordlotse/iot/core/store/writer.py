"""The one writer of a company's store: takes decoded values, shows them to readers at once, and turns them into segments."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.store import hot, rollups
from nordlotse.iot.core.store.columns import MOST
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Place
from nordlotse.iot.core.store.manifest import Held, Manifest, keep_spoilt, opened, save, segment_path
from nordlotse.iot.core.store.merging import Merged, chunks_of, joined, merged, rows_of
from nordlotse.iot.core.store.segment import write
from nordlotse.iot.core.store.snapshot import Snapshot
from nordlotse.iot.core.values import Block, Raw, Rows, Series, Times

_log = logging.getLogger("nordlotse.iot")

#: Values shown in one record of the hot file at most.
_SHOWN = 200_000
#: So many fresh segments are merged into one.
FRESH = 8
#: A chunk with less than this share of the most rows is joined with its neighbours when segments are merged.
_SMALL = 0.5
#: Series of a company, and of one of its machines, that values may make by themselves.
MOST_SERIES, MOST_OF_MACHINE = 20_000, 2_000


class Writer:
    """The store of one company as its one writer holds it. Who holds it sees to it that there is only one (`lock`)."""

    def __init__(self, folder: Path, company: str, disk: Disk, run: bytes = b"\0" * hot.RUN_BYTES) -> None:
        """Open the store; what was shown but not in segments is not here: it comes again out of the log.

        `run` names this run of the writing process in the hot file.

        Raises:
            OSError.
            NotAvailable: `iot_damaged`: its manifest; nothing in the folder was touched.
        """
        disk.make_folder(folder)
        self.folder = folder
        self.company = company
        self._disk = disk
        found = opened(folder)
        self.manifest: Manifest = found.manifest
        #: What was wrong with the manifest, where its twin had to take its place.
        self.mended = found.spoilt
        if found.spoilt:
            _log.error("event=iot_manifest_mended company=%s", company)
            keep_spoilt(folder, disk)
        self._numbers = {series: number for number, series in enumerate(self.manifest.series) if series.machine}
        self._names: list[Series] = list(self.manifest.series)
        self._of_machine = Counter(series.machine for series in self._numbers)
        self._waiting: dict[int, list[Block]] = {}
        self._last_given = dict(self.manifest.last_given)
        self._hot = -1
        self._run = run
        #: Up to which place readers see everything in the hot file, None while that is all there is.
        self.shown: Place | None = None
        self._last = self.manifest.worked
        self.rows_waiting = 0
        self._tidy()
        self._publish(self.manifest.after(hot=self.manifest.hot + 1))
        self._begin_hot()

    def add(self, blocks: Sequence[Block], until: Place) -> None:
        """Take decoded values and show them to readers; `until` is the place in the log up to which they come from.

        Where they cannot be shown, readers decode the log themselves (`shown` says from where) until the next `flush`.
        """
        self._show(blocks, until)
        for block in blocks:
            self._waiting.setdefault(self.number(block.series), []).append(block)
            self.rows_waiting += len(block)

    def flush_with(self, blocks: Sequence[Block], until: Place, **also: Any) -> None:
        """Turn values into a segment at once, with what else changes in the same step (`also`); nothing may wait.

        Raises:
            OSError: nothing has changed; the values are not kept waiting, as who brought them brings them again.
        """
        for block in blocks:
            self._waiting.setdefault(self.number(block.series), []).append(block)
        try:
            self.flush(until, **also)
        except OSError:
            self._waiting = {}
            raise

    def number(self, series: Series) -> int:
        """Return the number of a series, a new one for a new series."""
        number = self._numbers.get(series)
        if number is None:
            number = self._numbers[series] = len(self._names)
            self._names.append(series)
            self._of_machine[series.machine] += 1
        return number

    def room(self, several: Collection[Series]) -> bool:
        """Return whether these may be series here: a name with a serial number or a date in it must not make thousands of them."""
        new = [series for series in several if series not in self._numbers]
        if not new:
            return True
        wanted = Counter(series.machine for series in new)
        return len(self._numbers) + len(new) <= MOST_SERIES and all(
            self._of_machine[machine] + count <= MOST_OF_MACHINE for machine, count in wanted.items()
        )

    def given(self, series: Series, arrived: int, count: int) -> int:
        """Return the first of `count` times, µs one after the other, for values that came without a time: each later than the last."""
        if not self.room([series]):
            return arrived  # it will be put aside
        number = self.number(series)
        begin = max(arrived, self._last_given.get(number, 0) + 1)
        self._last_given[number] = begin + count - 1
        return begin

    def flush(self, until: Place, **also: Any) -> None:
        """Turn everything waiting into a segment; when this returns the log before `until` is not needed for this company.

        `also`: what else changes in the manifest in the same step.

        Raises:
            OSError: what waits still waits.
        """
        if not self._waiting and not also:
            return
        snapshot = self.snapshot()
        duplicates = dict(self.manifest.duplicates)
        chunks: list[tuple[int, Raw, bool]] = []
        for number in sorted(self._waiting):
            fresh = self._fresh(snapshot, number)
            if fresh.duplicates:
                duplicates[number] = duplicates.get(number, 0) + fresh.duplicates
            chunks += [(number, raw, False) for raw in chunks_of(fresh.rows, MOST)]
            chunks += [(number, raw, True) for raw in _layers(fresh.older)]
        held = self.manifest.segments
        if chunks:
            self._write(self.manifest.next_segment, chunks)
            held = (*held, Held(self.manifest.next_segment, 0))
        self._publish(
            self.manifest.after(
                segments=held,
                series=tuple(self._names),
                worked=max(until, self.manifest.worked),
                next_segment=self.manifest.next_segment + 1,
                hot=self.manifest.hot + 1,
                duplicates=duplicates,
                last_given=dict(self._last_given),
                **also,
            )
        )
        self._waiting, self.rows_waiting = {}, 0
        self._begin_hot()

    def merge(self, fresh: int = FRESH) -> bool:
        """Turn fresh segments into one, with the chunks of merged ones they touch; returns whether there was something to do.

        Raises:
            OSError: nothing has changed.
        """
        if sum(held.level == 0 for held in self.manifest.segments) < fresh:
            return False
        snapshot = self.snapshot()
        whole = [held for held in self.manifest.segments if held.number not in snapshot.damaged]
        new = [held for held in whole if held.level == 0]
        gone: dict[int, set[int]] = {held.number: set(held.gone) for held in whole}
        number = self.manifest.next_segment
        self._disk.reach("merging")
        index = self._write(number, self._merging(snapshot, new, gone))
        # a segment with a damaged index stays as it is, and so does a damaged chunk: a backup may bring it back
        kept = [
            Held(held.number, 1, frozenset(gone.get(held.number, held.gone)))
            for held in self.manifest.segments
            if held.number in snapshot.damaged or len(gone[held.number]) < len(snapshot.segment(held.number).index)
        ]
        made = (Held(number, 1),) if index else ()
        self._publish(self.manifest.after(segments=(*kept, *made), next_segment=number + 1))
        self._disk.reach("merged")
        self._tidy()
        return True

    def forget_before(self, limits: Mapping[int, int], **also: Any) -> None:
        """Let values of series (by number) before a time no longer count; merging and `_tidy` remove whole chunks of them.

        Raises:
            OSError: nothing has changed.
        """
        cut = {**self.manifest.cut, **limits}
        snapshot = self.snapshot()
        held = []
        for one in self.manifest.segments:
            if one.number in snapshot.damaged:
                held.append(one)
                continue
            index = snapshot.segment(one.number).index
            past = {
                place
                for place, row in enumerate(index)
                if row["last"] < cut.get(int(row["series"]), np.iinfo(np.int64).min)
            }
            gone = one.gone | past
            if len(gone) < len(index):
                held.append(Held(one.number, one.level, frozenset(gone)))
        self._publish(self.manifest.after(cut=cut, segments=tuple(held), **also))
        self._tidy()

    def drop(self, machine: str, signal: str = "") -> None:
        """Remove everything of a machine, or of one signal of it, that lies in segments. What waits must be flushed before.

        Raises:
            OSError: it is no longer read, but may lie on the disk still; asking again removes it.
        """
        wanted = {
            number
            for number, series in enumerate(self._names)
            if series.machine == machine and signal in ("", series.signal)
        }
        names = [Series(self.company, "", "") if n in wanted else series for n, series in enumerate(self._names)]
        snapshot = self.snapshot()
        held = []
        for one in self.manifest.segments:
            index = () if one.number in snapshot.damaged else snapshot.segment(one.number).index
            gone = {place for place, row in enumerate(index) if int(row["series"]) in wanted}
            if not gone:
                held.append(one)
            elif len(gone | one.gone) < len(index):
                held.append(Held(one.number, 0, one.gone | gone))  # fresh again: the next merge writes the rest anew
        left = {
            name: {n: value for n, value in getattr(self.manifest, name).items() if n not in wanted}
            for name in ("duplicates", "last_given", "cut")
        }
        rolled = rollups.without(self.folder, self.manifest.rolled, wanted, self._disk)
        self._publish(self.manifest.after(segments=tuple(held), series=tuple(names), rolled=rolled, **left))
        self._names = names
        self._numbers = {series: number for number, series in enumerate(names) if series.machine}
        self._of_machine = Counter(series.machine for series in self._numbers)
        self._last_given = {n: value for n, value in self._last_given.items() if n not in wanted}
        self.merge(fresh=1)
        self._tidy()

    def snapshot(self) -> Snapshot:
        """Return the segments as a reader sees them, without what waits."""
        return Snapshot(self.folder, self.manifest, tolerant=True)

    def close(self) -> None:
        """Close the hot file."""
        if self._hot >= 0:
            os.close(self._hot)
            self._hot = -1

    def _fresh(self, snapshot: Snapshot, number: int) -> Merged:
        """Return what a segment needs to hold of what waits: nothing that is known with the same value.

        A known value that a newer one corrects stays in its segment; there it is superseded by the order of the segments. Only one that is
        corrected and comes back (1, 2, 1) is written once more, so that it is told among the superseded ones too.
        """
        waiting = [rows_of(block) for block in self._waiting[number]]
        earliest, latest = (
            min(int(piece.time.min()) for piece in waiting),
            max(int(piece.time.max()) for piece in waiting),
        )
        if not snapshot.meets(number, earliest, latest + 1):  # mostly: what comes is newer than what is there
            return merged(waiting)
        times = _sorted_once(np.concatenate([piece.time for piece in waiting]))
        there = snapshot.rows_near(number, times)
        if not len(there):
            return merged(waiting)
        both = merged([there, *waiting])
        current, older = both.rows.taken(_among(both.rows.time, times)), both.older
        known = joined([there, current])  # one table of texts for both
        old, new = known.taken(slice(0, len(there))), known.taken(slice(len(there), None))
        at = np.searchsorted(old.time, new.time)
        at[at == len(old)] = 0
        same = (old.time[at] == new.time) & (old.value[at] == new.value) & (old.kind[at] == new.kind)
        moved = _among(new.time, older.time)
        first = np.concatenate([[True], older.time[1:] != older.time[:-1]])[: len(older)]
        implied = first & _among(older.time, there.time) & ~_among(older.time, new.time[same])
        return Merged(current.taken(~same | moved), older.taken(~implied), both.duplicates)

    def _merging(
        self, snapshot: Snapshot, new: Sequence[Held], gone: dict[int, set[int]]
    ) -> Iterator[tuple[int, Raw, bool]]:
        parts = snapshot.parts
        numbers = {held.number for held in new}
        for series in sorted({int(s) for held in new for s in snapshot.segment(held.number).index["series"]}):
            # only what is merged is read: a check of all that is there would go through the whole history each time
            mine = parts.of(series)
            fresh = [part for part in mine if part.segment in numbers and snapshot.readable(part)]
            if not fresh:
                continue
            begin, end = min(p.first for p in fresh), max(p.last for p in fresh)
            touched = [
                p
                for p in mine
                if p.segment not in numbers and p.first <= end and p.last >= begin and snapshot.readable(p)
            ]
            before = [p for p in mine if p.segment not in numbers and p.last < begin and not p.corrected]
            if (
                before
                and (latest := max(before, key=lambda p: p.last)).rows < _SMALL * MOST
                and not any(latest.last < p.first < begin for p in touched)
                and snapshot.readable(latest)
            ):
                touched.append(latest)
            for part in (*touched, *fresh):
                gone[part.segment].add(part.number)
            merging = {*touched, *fresh}
            order = [p for p in mine if p in merging]
            counted = merged([snapshot.rows(p) for p in order if not p.corrected])
            limit = self.manifest.cut.get(series)
            rows = counted.rows if limit is None else counted.rows.taken(counted.rows.time >= limit)
            yield from ((series, raw, False) for raw in chunks_of(rows, MOST))
            older = joined([*(snapshot.rows(p) for p in order if p.corrected), counted.older])
            older = older.taken(np.argsort(older.time, kind="stable"))
            yield from ((series, raw, True) for raw in _layers(older))

    def _write(self, number: int, chunks: Sequence[tuple[int, Raw, bool]] | Iterator[tuple[int, Raw, bool]]) -> int:
        index = write(segment_path(self.folder, number), chunks, self._disk)
        self._disk.sync_folder(self.folder)
        return len(index)

    def _publish(self, manifest: Manifest) -> None:
        self._disk.reach("manifest")
        try:
            save(self.folder, manifest, self._disk)
        except OSError:
            # Perhaps it stands there, perhaps not. Neither its version nor its segment's number may come again with other content:
            # readers may hold them.
            self.manifest = replace(
                self.manifest, version=manifest.version, next_segment=self.manifest.next_segment + 1
            )
            raise
        self.manifest = manifest
        self._disk.reach("manifest-published")

    def _show(self, blocks: Sequence[Block], until: Place) -> None:
        if self.shown is None:
            records = list(hot.slices(blocks, _SHOWN))
            try:
                for place, part in enumerate(records, 1):
                    self._disk.write(self._hot, hot.packed(until, part, place == len(records)))
            except OSError as error:
                self._hide(error)
        if self.shown is None:
            self._last = until

    def _hide(self, error: OSError) -> None:
        """Show nothing more before the next hot file is begun."""
        self.shown = self._last
        _log.warning("event=iot_hot_file_failed error=%s", error.strerror)

    def _begin_hot(self) -> None:
        """Begin a new hot file and remove the old ones: what they hold lies in segments."""
        self.close()
        path = hot.path_of(self.folder, self.manifest.hot)
        self.shown, self._last = None, self.manifest.worked
        try:
            self._hot = self._disk.create(path)
            self._disk.write(self._hot, hot.begun(self._run, self.manifest.worked))
        except OSError as error:
            self._hide(error)
        with suppress(OSError):  # they are only in the way
            for other in self.folder.glob("*.hot"):
                if other != path:
                    self._disk.remove(other)

    def _tidy(self) -> None:
        """Remove files no manifest names: of merged segments, and what a crash left half made."""
        named = {held.number for held in self.manifest.segments}
        for path in self.folder.glob("*.seg"):
            if not path.stem.isdigit() or int(path.stem) not in named:
                self._disk.remove(path)
        for path in self.folder.glob("*.partial"):
            if not path.name.endswith(".json.partial"):  # rules and periods: a page may be keeping them just now
                self._disk.remove(path)
        rollups.tidy(self.folder, self.manifest.rolled, self._disk)


def _among(times: Times, held: Times) -> NDArray[np.bool_]:
    """Return which times are among sorted ones. `np.isin` hashes, and times at equal distances make it a hundred times as slow."""
    if not len(held):
        return np.zeros(len(times), np.bool_)
    at = np.minimum(np.searchsorted(held, times), len(held) - 1)
    found: NDArray[np.bool_] = held[at] == times
    return found


def _sorted_once(times: Times) -> Times:
    """Return times sorted, each once."""
    if (times[1:] > times[:-1]).all():
        return times
    times = np.sort(times)
    once: Times = times[np.concatenate([[True], times[1:] != times[:-1]])]
    return once


def _layers(older: Rows) -> list[Raw]:
    """Return superseded values, which may share a time, as raws in which each time stands once, the oldest first."""
    found = []
    rest = older
    while len(rest):
        first = np.concatenate([[True], rest.time[1:] != rest.time[:-1]])
        found += chunks_of(rest.taken(first), MOST)
        rest = rest.taken(~first)
    return found
