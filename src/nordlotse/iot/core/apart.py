"""What comes for a company whose store cannot be opened: kept as it came, beside the store, until it can be opened again.

`waiting/` in the company's folder is a log like the one of all companies. Each record says up to which place of that log everything for the
company is held (`<IQ`: file, offset), then come entries as the log holds them, each with the place behind it (`<IQI`: file, offset, length).
So the log of all may be forgotten, nobody else waits for the damaged store, and nothing is taken twice: neither when the log comes again
after a crash, nor what a store that is opened again held already.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from nordlotse.iot.core.entries import columns, parts_of
from nordlotse.iot.core.intake import Entry
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START, Log, Place
from nordlotse.iot.core.store.records import Damage

#: The folder, and what it is called once it was worked in and something of it was damaged.
FOLDER, WORKED = "waiting", "waiting.worked"
_PLACE, _ENTRY = struct.Struct("<IQ"), struct.Struct("<IQI")
#: An entry as the log holds it, and the place behind it there.
Kept = tuple[Place, bytes]


class Apart:
    """What waits for one company whose store cannot be opened, as the one process that writes holds it."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        """Take the company's folder; nothing is written before the first `keep`."""
        self._folder = folder / FOLDER
        self._disk = disk
        self._log: Log | None = None
        #: Everything before this place of the log of all is held here, or lies in the store.
        self.reached = reached(folder)

    def keep(self, entries: Sequence[Kept], until: Place) -> None:
        """Make entries of the company safe on the disk; with them everything before `until` is held.

        Raises:
            OSError: nothing was kept.
        """
        if until <= self.reached:
            return
        parts = [_PLACE.pack(*until)]
        for place, content in entries:
            parts += [_ENTRY.pack(*place, len(content)), content]
        if self._log is None:  # what others leave free of the disk is for them; this is what was acknowledged already
            self._log = Log(self._folder, self._disk, reserve=False)
        self._log.append([parts])
        self.reached = until

    def close(self) -> None:
        """Close the file."""
        if self._log is not None:
            self._log.close()


def content_for(company: str, entry: Entry) -> bytes:
    """Return what of an entry is a company's, as the log holds it; nothing where it is another one's."""
    if isinstance(entry, Taken):
        return b"".join(parts_of(entry)) if entry.company == company else b""
    if isinstance(entry, list):
        mine = [block for block in entry if block.series.company == company]
        return b"".join(columns(mine)) if mine else b""
    return b""


def waits(folder: Path) -> bool:
    """Return whether something waits in a company's folder."""
    return (folder / FOLDER).is_dir()


def size(folder: Path) -> int:
    """Return how many bytes wait in a company's folder."""
    found = 0
    for path in (folder / FOLDER).glob("*"):
        with suppress(FileNotFoundError):
            found += path.stat().st_size
    return found


def reached(folder: Path) -> Place:
    """Return up to which place of the log of all a company's `waiting/` holds everything, `START` where there is none."""
    last = START
    for place, _ in read(folder):
        last = max(last, place)
    return last


def read(folder: Path, damages: list[tuple[int, Damage]] | None = None) -> Iterator[tuple[Place, list[Kept]]]:
    """Yield what waits in a company's folder, oldest first: up to which place everything is held, and the entries with theirs."""
    for record in logs.read(folder / FOLDER, START, damages):
        content, at = record.content, _PLACE.size
        until = Place(*_PLACE.unpack_from(content))
        entries: list[Kept] = []
        while at < len(content):
            file, offset, size = _ENTRY.unpack_from(content, at)
            at += _ENTRY.size
            entries.append((Place(file, offset), bytes(content[at : at + size])))
            at += size
        yield until, entries


def done(folder: Path, disk: Disk, whole: bool) -> None:
    """Remove what waited once it lies in the store; what was damaged of it is left as `waiting.worked`, to be looked at.

    Raises:
        OSError: it stays; worked in again it changes nothing.
    """
    if whole:
        shutil.rmtree(folder / FOLDER)
    else:
        shutil.rmtree(folder / WORKED, ignore_errors=True)
        disk.rename(folder / FOLDER, folder / WORKED)
    disk.sync_folder(folder)
