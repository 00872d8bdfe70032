"""The write-ahead log: what stands in it is safe, and only then anything is acknowledged.

Files `00000001-8c1f….log` … in one folder; each record (see `records`) is safe on the disk when `append` returns. After a failed write or sync
the file is cut back to its last safe length and never synced again as if nothing had happened: a system may forget what a failed sync did not
write (PostgreSQL's "fsyncgate", 2018). A new file is begun instead.

Behind the number of a file stands, in hexadecimal, the random salt of its seal. In the name it is there with the file or not at all: in the
file's beginning it could be torn or spoilt, and with it every record. Files of earlier versions have no salt (`00000001.log`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.records import HEAD, PLAIN, SALT_BYTES, Damage, Seal, record, records, seal, whole

#: A file this long is followed by a new one, so that old ones can be removed.
ROLL_BYTES = 64 * 1024 * 1024
#: How often is looked how full the disk is, seconds.
_LOOK_SECONDS = 1.0
#: Bytes read at once. A whole file at once would cost more than the checksums: memory that is new each time.
_BLOCK = 8 * 1024 * 1024
_NAME = re.compile(rf"([0-9]+)(?:-([0-9a-f]{{{2 * SALT_BYTES}}}))?\.log")


class Place(NamedTuple):
    """A place in the log: number of the file, bytes from its beginning. Everything before it is before it."""

    file: int
    offset: int


#: Before everything.
START = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the log: its content, where it begins and where it ends."""

    content: memoryview
    begin: Place
    end: Place


class Log:
    """The log as its one writer holds it."""

    def __init__(
        self, folder: Path, disk: Disk, roll: int = ROLL_BYTES, after: Place = START, *, reserve: bool = True
    ) -> None:
        """Open the folder; writing goes on in a new file, so that a torn end of the last one is never written behind.

        `after`: how far any store says it is worked in. The log goes on behind it even where its files are gone (a restored backup), or
        what is written next would be taken for worked in already. `reserve`: whether nothing is taken while the disk is nearly full.
        """
        disk.make_folder(folder)
        self._folder = folder
        self._disk = disk
        self._roll = roll
        self._reserve = reserve
        self._handle = -1
        self._file = max([*numbers(folder), after.file])
        self._looked = 0.0
        self._size = 0
        self._seal = PLAIN
        self._begin()

    @property
    def end(self) -> Place:
        """Return the place behind the last safe record."""
        return Place(self._file, self._size)

    def append(self, contents: Sequence[Sequence[bytes | bytearray | memoryview]]) -> Place:
        """Write records, each given in parts, and return the place behind them when all are safe on the disk.

        Raises:
            OSError: none of them is in the log.
        """
        joined = self._joined(contents)
        self._leave_reserve()
        if self._handle < 0 or self._size + len(joined) > self._roll:
            self._begin()
            joined = self._joined(contents)  # each file has its own seal
        try:
            self._disk.write(self._handle, joined)
            self._disk.reach("log-written")
            self._disk.sync(self._handle)
        except OSError:
            self._give_up()
            raise
        self._disk.reach("log-synced")
        self._size += len(joined)
        return self.end

    def forget(self, before: Place) -> None:
        """Remove the files that lie wholly before a place."""
        old = [path for number, path in files(self._folder) if number < min(before.file, self._file)]
        for path in old:
            self._disk.reach("log-forget")
            self._disk.remove(path)
        if old:
            self._disk.sync_folder(self._folder)

    def roll(self) -> Place:
        """Go on in a new file and return the place where it begins: nothing before it is written to any more.

        Raises:
            OSError.
        """
        self._begin()
        return self.end

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _joined(self, contents: Sequence[Sequence[bytes | bytearray | memoryview]]) -> bytes:
        return b"".join([record(*parts, sealed=self._seal) for parts in contents])

    def _leave_reserve(self) -> None:
        """Take nothing more while the disk is nearly full: segments need room, and only they let old files of the log go."""
        now = time.monotonic()
        if self._reserve and now - self._looked > _LOOK_SECONDS:
            if self._disk.short(self._folder):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._looked = now

    def _begin(self) -> None:
        self.close()
        number = max([self._file, *numbers(self._folder)]) + 1  # there may be a file that could not be taken back
        salt = secrets.token_bytes(SALT_BYTES)
        path = self._folder / f"{number:08d}-{salt.hex()}.log"
        handle = self._disk.create(path, exclusive=True)
        try:
            self._disk.sync_folder(self._folder)
        except OSError:
            os.close(handle)
            with contextlib.suppress(OSError):
                self._disk.remove(path)
            raise
        self._handle, self._file, self._size, self._seal = handle, number, 0, seal(salt)

    def _give_up(self) -> None:
        """Cut the file back and begin a new one with the next append; nothing behind the last safe record may come back."""
        with contextlib.suppress(OSError):
            self._disk.truncate(self._handle, self._size)
        self.close()


def path_of(folder: Path, number: int) -> Path:
    """Return the path of a file of the log; where there is none, one that is not there."""
    return dict(files(folder)).get(number, folder / f"{number:08d}.log")


def numbers(folder: Path) -> list[int]:
    """Return the numbers of the log's files, oldest first."""
    return [number for number, _ in files(folder)]


def files(folder: Path) -> list[tuple[int, Path]]:
    """Return the log's files with their numbers, oldest first."""
    found = [(_NAME.fullmatch(path.name), path) for path in folder.glob("[0-9]*.log")]
    return sorted((int(told[1]), path) for told, path in found if told is not None)


def _seal_of(path: Path) -> Seal:
    told = _NAME.fullmatch(path.name)
    return seal(bytes.fromhex((told and told[2]) or ""))


def end_of(folder: Path) -> Place:
    """Return the place behind all that stands in the log, safe or not."""
    for number, path in reversed(files(folder)):
        with contextlib.suppress(FileNotFoundError):
            return Place(number, path.stat().st_size)
    return START


def read(folder: Path, since: Place = START, damages: list[tuple[int, Damage]] | None = None) -> Iterator[Entry]:
    """Yield the log's records from a place on, oldest first; takes no lock and may run beside the writer.

    Damage is skipped and told in `damages` with the file's number. A torn end is no damage of what was acknowledged.
    """
    for number, path in files(folder):
        if number < since.file:
            continue
        begin = since.offset if number == since.file else 0
        try:
            file = path.open("rb")
        except FileNotFoundError:  # forgotten just now: all of it lies in segments
            continue
        found: list[Damage] = []
        with file:
            for at, end, content in _records(file, begin, found, _seal_of(path)):
                yield Entry(content, Place(number, at), Place(number, end))
        if damages is not None:
            damages.extend((number, one) for one in found)


def within(path: Path, size: int, damages: list[Damage]) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (begin, end, content) of the records in the first `size` bytes of a file without a seal; damage is skipped and put into `damages`.

    Raises:
        FileNotFoundError.
    """
    with path.open("rb") as file:
        at = 0
        while at < size:
            file.seek(at)
            data = file.read(min(_BLOCK, size - at))
            last = len(data) < _BLOCK or at + len(data) >= size
            found: list[Damage] = []
            done = 0
            for begin, done, content in records(data, 0, found):
                yield at + begin, at + done, content
            torn = [one for one in found if one.end == len(data) and not last]  # may be a record the block has cut
            if torn and not done:  # a record longer than a block, or nothing but damage: all that is left at once
                file.seek(at)
                found, last, data = [], True, file.read(size - at)
                for begin, end, content in records(data, 0, found):
                    yield at + begin, at + end, content
                torn = []
            damages += [Damage(at + one.begin, at + one.end, one.inside) for one in found if one not in torn]
            if last:
                return
            at += torn[0].begin if torn else len(data)


def _records(file: BinaryIO, begin: int, damages: list[Damage], sealed: Seal) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (begin, end, content) of the records of a file from `begin` on, as `records` does, block by block while they are whole."""
    while True:
        file.seek(begin)
        data = file.read(_BLOCK)
        view, at = memoryview(data), 0
        while end := whole(view, at, sealed):
            yield begin + at, begin + end, view[at + HEAD.size : end]
            at = end
        begin += at
        if not at or len(data) < _BLOCK:  # the end, damage, or a record longer than a block
            break
    found: list[Damage] = []
    for start, end, content in records(data[at:] + file.read(), 0, found, sealed):
        yield begin + start, begin + end, content
    damages += [Damage(begin + one.begin, begin + one.end, one.inside) for one in found]
