"""The agent's buffer: what was read lies on the disk until the centre has acknowledged it.

What is in it is never dropped to make room. When it has reached its limit it takes nothing more (`NotKept`): a file or a broker keeps its
values until there is room, an OPC UA server may bring them from its history, and what no source can keep is counted and told as a gap.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from nordlotse.iot.core.agent.alone import alone
from nordlotse.iot.core.agent.reading import NotKept
from nordlotse.iot.core.agent.records import (
    Mark,
    Rows,
    all_unpacked,
    machines_in,
    mark_in,
    packed,
    packed_with,
    rows_in,
)
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.store.log import START, Log, Place

_log = logging.getLogger("nordlotse.iot")

#: Below the buffer's folder: a buffer of values of machines the centre refuses (`refused`).
ASIDE = "refused"
#: A file of the buffer; what was sent leaves the disk by such pieces.
_ROLL = 8 * 1024 * 1024
#: How often is noted how far the centre has everything, seconds. What is sent twice after a kill is stored once.
_NOTE = 2.0
_UNREADABLE = (ValueError, LookupError, struct.error)


class Buffer:
    """Readings on the disk, in order. One thread adds, another one reads and forgets."""

    def __init__(
        self, folder: Path, limit: int, disk: Disk | None = None, since: Place = START, *, reserve: bool = True
    ) -> None:
        """Open the folder; `limit` in bytes; nothing before `since` is held any more; `reserve`: a nearly full disk takes nothing.

        What was laid aside last says how far everything was then; that may be further than was noted here.

        Raises:
            NotAvailable: `iot_agent_running`.
            OSError: the folder cannot be made.
        """
        self._disk = disk or Disk()
        self._disk.make_folder(folder)
        self._folder, self._limit = folder, limit
        self._lock = alone(folder)
        self._guard = threading.Lock()
        #: `passed`: values the centre has acknowledged, `missed`: such as found no room, both since the folder was made.
        sent, self.last, passed, self.missed = self._noted()
        mark = last_mark(folder / ASIDE) or Mark(START, 0, START)
        self._sent, self.passed = max(sent, since, mark.sent), max(passed, mark.passed)
        self._log = Log(folder / "log", self._disk, roll=_ROLL, after=self._sent, reserve=reserve)
        #: Stretches of the buffer that were spoilt on the disk.
        self.damages = 0
        self._old, waiting = self._counted()
        #: Values that were put here since the folder was made: what was passed on and what waits.
        self.taken = self.passed + waiting
        self._note_at = time.monotonic()
        self._noted_at = (sent, passed, self.missed)

    @property
    def folder(self) -> Path:
        """Return the folder it lies in."""
        return self._folder

    def beside(self, count: int) -> None:
        """Count values as waiting here that lie aside since an earlier run."""
        with self._guard:
            self.taken += count

    @property
    def waiting(self) -> int:
        """Return how many values wait to be sent."""
        return max(self.taken - self.passed, 0)

    @property
    def bytes_waiting(self) -> int:
        """Return how many bytes wait to be sent."""
        with self._guard:
            end = self._log.end
            sizes = {**self._old, end.file: end.offset}
            size = sum(size for number, size in sizes.items() if number >= self._sent.file)
            return size - (self._sent.offset if self._sent.file in sizes else 0)

    @property
    def sent(self) -> Place:
        """Return the place before which the centre has everything."""
        return self._sent

    @property
    def end(self) -> Place:
        """Return the place behind everything."""
        return self._log.end

    @property
    def full(self) -> bool:
        """Return whether nothing more is taken."""
        return self.bytes_waiting >= self._limit

    def put(self, several: Sequence[Rows], last: int = 0) -> None:
        """Make rows safe on the disk; `last`: the last moment of the agent's clock.

        Raises:
            NotKept: the limit is reached or the disk does not take it; nothing of it was kept.
        """
        contents = [[packed(rows)] for rows in several if len(rows)]
        if contents:
            self._put(contents, sum(map(len, several)), last, self._limit)

    def put_with(self, several: Sequence[Rows], mark: Mark, back: bool = False) -> None:
        """Make rows and a mark safe on the disk, both or none; `back`: in place of others that are forgotten next, whatever the limit is.

        Raises:
            NotKept: as `put`.
        """
        kept = [rows for rows in several if len(rows)]
        self._put(packed_with(kept, mark), sum(map(len, kept)), 0, None if back else self._limit)

    def _put(self, contents: Sequence[Sequence[bytes]], count: int, last: int, limit: int | None) -> None:
        if limit is not None and self.bytes_waiting + sum(len(part) for one in contents for part in one) > limit:
            raise NotKept("limit")
        try:
            before = self._log.end
            place = self._log.append(contents)
        except OSError as error:
            raise NotKept(str(error.strerror)) from error
        with self._guard:
            if place.file != before.file:
                self._old[before.file] = before.offset
            self.taken += count
            self.last = max(self.last, last)

    def read(self, since: Place, most: int) -> tuple[list[Rows], Place]:
        """Return up to about `most` values behind a place, and the place behind them."""
        end = self._log.end
        found: list[Rows] = []
        count, place = 0, since
        if since >= end:
            return found, since
        for entry in logs.read(self._folder / "log", since):
            if entry.end > end or count >= most:
                break
            expected = place.offset if entry.begin.file == place.file else 0
            if entry.begin.offset != expected:
                self._spoilt(Place(entry.begin.file, expected))
            try:
                rows = all_unpacked(entry.content)
                found += rows
                count += sum(map(len, rows))
            except _UNREADABLE:
                self._spoilt(entry.begin)
            place = entry.end
        return found, place

    def machines(self) -> set[str]:
        """Return whose values wait here; only their names are read."""
        found: set[str] = set()
        for entry in logs.read(self._folder / "log", self._sent):
            try:
                found |= machines_in(entry.content)
            except _UNREADABLE:
                continue
        return found

    def forget(self, place: Place, count: int) -> None:
        """The centre has everything before a place, `count` values more than before: let it go."""
        with self._guard:
            self._sent = place
            self.passed += count
            self._old = {number: size for number, size in self._old.items() if number >= place.file}
        self.note_if_due()

    def note_if_due(self) -> None:
        """Note how far the centre has everything, if that was not done just now."""
        if time.monotonic() - self._note_at > _NOTE:
            self.note()

    def note(self) -> None:
        """Note on the disk how far the centre has everything and how many values that were, in one step; free the space before it."""
        self._note_at = time.monotonic()
        with self._guard:
            place, passed, missed = self._sent, self.passed, self.missed
        if self._noted_at == (place, passed, missed):
            return
        try:
            told = {"sent": list(place), "last": self.last, "passed": passed, "missed": missed}
            publish(self._disk, self._folder / "sent.json", json.dumps(told).encode())
            self._log.forget(place)
            self._noted_at = (place, passed, missed)
        except OSError as error:  # sent once more after a restart, stored once
            _log.error("event=iot_agent_note_failed error=%s", error.strerror)

    def close(self) -> None:
        """Close files and give the lock back."""
        self.note()
        self._log.close()
        os.close(self._lock)

    def _noted(self) -> tuple[Place, int, int, int]:
        """Return the place before which the centre has everything, the clock's last moment, the values passed on and those missed."""
        try:
            told = json.loads((self._folder / "sent.json").read_bytes())
            counts = int(told.get("passed", 0)), int(told.get("missed", 0))
            return Place(*map(int, told["sent"])), int(told["last"]), *counts
        except FileNotFoundError:
            return START, 0, 0, 0
        except (ValueError, KeyError, TypeError, AttributeError):  # everything is sent once more and stored once
            _log.error("event=iot_agent_note_damaged")
            return START, 0, 0, 0

    def _counted(self) -> tuple[dict[int, int], int]:
        sizes, count = {}, 0
        for number, path in logs.files(self._folder / "log"):
            sizes[number] = path.stat().st_size
        for entry in logs.read(self._folder / "log", self._sent):
            try:
                count += rows_in(entry.content)
            except _UNREADABLE:
                continue
        sizes.pop(self._log.end.file, None)
        return {number: size for number, size in sizes.items() if number >= self._sent.file}, count

    def _spoilt(self, place: Place) -> None:
        self.damages += 1
        _log.error("event=iot_agent_buffer_damaged file=%d begin=%d", *place)


def last_mark(folder: Path) -> Mark | None:
    """Return what a buffer of values laid aside says last of how far everything was, None where it says nothing."""
    told = [mark for entry in logs.read(folder / "log") if (mark := mark_in(entry.content)) is not None]
    return told[-1] if told else None
