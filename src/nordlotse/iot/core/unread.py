"""How much of what nobody could read a company's quarantine holds, and what leaves it first.

Two bounds for each company, of their own beside those of values: bytes and days. When there is no room the oldest go, those of the topics
that take the most first: one machine that floods takes nothing from another one's few payloads, and what is sent now can be looked at and
mapped. What goes is counted in the manifest, told by `verify` and the log. Values that were accepted do not lie here and are never touched.
"""

from __future__ import annotations

import logging
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core import quarantine
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.manifest import LetGo
from nordlotse.iot.core.store.writer import Writer

_log = logging.getLogger("nordlotse.iot")

MB, DAYS = "NORDLOTSE_IOT_UNREAD_MB", "NORDLOTSE_IOT_UNREAD_DAYS"
_DAY = 86_400_000_000
#: What is left, of the most there may be, when some of it had to go: so the file is not written anew with every few payloads.
_LEFT = 0.5
#: Bytes looked through with each flush, or so many times those that came: whoever decodes does it beside all other work, but must keep up.
_STEP, _TIMES = 8 * 1024 * 1024, 4
#: Topics are told apart by a sum of so many values: a company may send as many topics as it likes.
_SORTS = 4096


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most a company's quarantine holds: bytes on the disk, days since a payload came."""

    size: int = 256 * 1024 * 1024
    days: int = 400


def bounds(environ: Mapping[str, str] = os.environ) -> Bounds:
    """Return the bounds as the environment sets them; what is no whole number above 0 is told in the log and passed over."""
    usual = Bounds()
    return Bounds(_whole(environ, MB, usual.size >> 20) << 20, _whole(environ, DAYS, usual.days))


def _whole(environ: Mapping[str, str], name: str, usual: int) -> int:
    told = environ.get(name, "").strip()
    if told.isascii() and told.isdigit() and 0 < int(told) < 10**7:
        return int(told)
    if told:
        _log.error("event=iot_unread_setting name=%s", name)
    return usual


def days_of(bound: Bounds, periods: Periods | None) -> int:
    """Return how many days a company's unread payloads stay: the bound, or where values are kept for less, as long as those kept the longest.

    Read later than that they would no longer count.
    """
    kept = [None] if periods is None else [periods.days, *periods.signals.values()]
    longest = [days for days in kept if days is not None]
    return bound.days if len(longest) < len(kept) else min(bound.days, max(longest))


@dataclass(slots=True)
class _Job:
    """Room being made: the file it is about, how far it was looked through and written anew.

    `most`: bytes to be left, None where what came before `limit` (µs) is to go instead.
    """

    number: int
    most: int | None
    limit: int = 0
    #: Bytes of each sort of topics that are there; once `measured`, those still to go.
    sorts: list[int] = field(default_factory=lambda: [0] * _SORTS)
    measured: bool = False
    #: How many sorts have still some to go.
    going: int = 0
    at: int = 0
    handle: int = -1
    written: int = 0
    count: int = 0
    gone: int = 0
    newest: int = 0


class Room:
    """Makes room in one company's quarantine: what stays is written into a new file, a piece with each call.

    The file counts as it is until the new one takes its place in the same step that tells what went. Whatever else writes the file anew
    meanwhile (a mapping, an order) has removed its number: then the work begins again. A crash leaves a file `*.room` nobody names.
    """

    def __init__(self, writer: Writer, disk: Disk) -> None:
        """Take the store; what a crash has left half made is removed."""
        self._writer = writer
        self._disk = disk
        self._job: _Job | None = None
        self._size = writer.manifest.aside[1]
        #: File, and the place in it before which everything came while our clock stood ahead.
        self._ahead = (0, 0)
        for path in writer.folder.glob("*.room"):
            disk.remove(path)

    @property
    def busy(self) -> bool:
        """Return whether a further call of `make` is needed."""
        return self._job is not None

    def make(self, bound: Bounds) -> int:
        """Let payloads go where they take more than they may, one step of it; return how many went. Nothing may wait in the writer.

        Raises:
            OSError: nothing has changed.
        """
        number, size = self._writer.manifest.aside
        come, self._size = size - self._size, size
        self._leave_stale(number)
        if self._job is None:
            if size <= bound.size:
                return 0
            self._job = _Job(number, int(bound.size * _LEFT))
        return self._step(self._job, max(_STEP, _TIMES * come))

    def let_old_go(self, days: int, now: int) -> int:
        """Let payloads go that came more than `days` before `now` (µs), a day's worth at a time; return how many went, `make` does the rest.

        Nothing may wait in the writer.

        Raises:
            OSError: nothing has changed.
        """
        number = self._writer.manifest.aside[0]
        limit = now - days * _DAY
        self._leave_stale(number)
        if self._job is not None or not self._old(limit - _DAY, now):
            return 0
        self._job = _Job(number, None, limit, measured=True)
        return self._step(self._job, _STEP)

    def give_up(self) -> None:
        """Leave what was begun; nothing of it stays on the disk."""
        job, self._job = self._job, None
        if job is None or job.handle < 0:
            return
        os.close(job.handle)
        with suppress(OSError):
            self._disk.remove(self._path(job))

    def _leave_stale(self, number: int) -> None:
        if self._job is not None and self._job.number != number:
            self.give_up()

    def _old(self, limit: int, now: int) -> bool:
        """Return whether the oldest came before `limit`; what came while our clock stood ahead of `now` tells nothing."""
        number, size = self._writer.manifest.aside
        begin = self._ahead[1] if self._ahead[0] == number else 0
        budget = _STEP
        for behind, data, found in quarantine.stretches(self._writer.folder, number, begin, size):
            known = [arrived for _, _, arrived, _ in found if arrived <= now]
            if known:
                return min(known) < limit
            self._ahead = number, behind
            budget -= len(data)
            if budget <= 0:
                break
        return False

    def _step(self, job: _Job, budget: int) -> int:
        try:
            if not job.measured:
                budget = self._measure(job, budget)
            if job.measured and budget > 0:
                self._copy(job, budget)
            if not job.measured or job.at < self._writer.manifest.aside[1]:
                return 0
            return self._finish(job)
        except OSError:
            self.give_up()
            raise

    def _measure(self, job: _Job, budget: int) -> int:
        """Add up what is there, as far as the budget of bytes goes; return what is left of it."""
        size = self._writer.manifest.aside[1]
        for behind, data, found in quarantine.stretches(self._writer.folder, job.number, job.at, size):
            for begin, end, _, topic in found:
                job.sorts[_sort(topic)] += end - begin
            job.at = behind
            budget -= len(data)
            if budget <= 0:
                break
        if job.at >= size:
            sizes = np.array(job.sorts, np.int64)
            job.sorts = (sizes - np.minimum(sizes, _level(sizes, job.most or 0))).tolist()
            job.going = sum(more > 0 for more in job.sorts)
            job.at, job.measured = 0, True
        return budget

    def _copy(self, job: _Job, budget: int) -> None:
        """Write what stays into the new file, as far as the budget of bytes goes."""
        folder, size = self._writer.folder, self._writer.manifest.aside[1]
        if job.handle < 0:
            job.handle = self._disk.create(self._path(job))
        for behind, data, found in quarantine.stretches(folder, job.number, job.at, size):
            view = memoryview(data)
            left = b"".join(
                [view[begin:end] for begin, end, came, topic in found if _stays(job, end - begin, came, topic)]
            )
            self._disk.write(job.handle, left)
            job.at, job.written = behind, job.written + len(left)
            budget -= len(data)
            if budget <= 0:
                break

    def _finish(self, job: _Job) -> int:
        writer, number = self._writer, job.number + 1
        self._disk.sync(job.handle)
        os.close(job.handle)
        job.handle = -1
        self._disk.rename(self._path(job), quarantine.path_of(writer.folder, number))
        self._disk.sync_folder(writer.folder)
        self._disk.reach("quarantine-written")
        by_age, gone = job.most is None, writer.manifest.let_go
        told = LetGo(gone.size + job.count * (not by_age), gone.age + job.count * by_age, max(gone.newest, job.newest))
        writer.flush_with([], writer.manifest.worked, aside=(number, job.written), let_go=told)
        self._job, self._size = None, job.written
        quarantine.tidy(writer.folder, writer.manifest, self._disk)
        _log.warning("event=iot_unread_let_go company=%s why=%s count=%d bytes=%d", writer.company, "age" if by_age else "size", job.count, job.gone)  # fmt: skip
        return job.count

    def _path(self, job: _Job) -> Path:
        return quarantine.path_of(self._writer.folder, job.number + 1).with_suffix(".room")


def _stays(job: _Job, size: int, arrived: int, topic: bytes) -> bool:
    """Return whether a payload stays, and count it where it does not."""
    if job.most is None:
        if arrived >= job.limit:
            return True
    else:
        if not job.going:
            return True
        sort = _sort(topic)
        if job.sorts[sort] <= 0:
            return True
        job.sorts[sort] -= size
        job.going -= job.sorts[sort] <= 0
    job.count, job.gone, job.newest = job.count + 1, job.gone + size, max(job.newest, arrived)
    return False


def _level(sizes: NDArray[np.int64], most: int) -> int:
    """Return the number of bytes to which each sort is cut so that all together take `most` at most."""
    low, high = 0, int(sizes.max(initial=0))
    while low < high:
        middle = (low + high + 1) // 2
        if int(np.minimum(sizes, middle).sum()) <= most:
            low = middle
        else:
            high = middle - 1
    return low


def _sort(topic: bytes) -> int:
    return zlib.crc32(topic) % _SORTS
