"""Payloads nobody could read: kept with their topic and reason, shown, and read again once a mapping fits.

The file only grows; what of it counts is told by the manifest, in the same step as the segments of what came with it. What a crash left
behind that is cut off: it comes again out of the log. So each payload stands here once.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nordlotse.iot.core.decoding import Refused
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.manifest import Manifest, load
from nordlotse.iot.core.store.records import record, records
from nordlotse.iot.core.values import Why

_HEAD = struct.Struct("<qHB")
_WHY = list(Why)
#: Bytes read at once by those who only look.
_PIECE = 4 * 1024 * 1024
#: Payloads read again at once.
_MANY = 50_000


def add(folder: Path, manifest: Manifest, refused: Sequence[Refused], disk: Disk) -> tuple[int, int]:
    """Keep payloads behind those that count, safe on the disk; return `aside` of the next manifest.

    Raises:
        OSError: nothing has changed; they are still in the log.
    """
    number, size = manifest.aside
    path = path_of(folder, number)
    joined = _joined(refused)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        disk.truncate(handle, size)
    except FileNotFoundError:
        handle = disk.create(path)
    try:
        disk.write(handle, joined)
        disk.sync(handle)
    finally:
        os.close(handle)
    if not size:
        disk.sync_folder(folder)
    disk.reach("quarantine-written")
    return number, size + len(joined)


def begun(folder: Path, manifest: Manifest, disk: Disk) -> tuple[int, int]:
    """Begin a new file; return `aside` of the next manifest. The old one is to be removed behind it (`tidy`).

    Raises:
        OSError: nothing has changed.
    """
    number = manifest.aside[0] + 1
    disk.remove(path_of(folder, number))
    return number, 0


def pieces(held: Iterable[tuple[int, Refused]]) -> Iterator[list[Refused]]:
    """Yield what `read_on` yields in lists of some megabytes."""
    piece: list[Refused] = []
    size = 0
    for _, one in held:
        piece.append(one)
        size += len(one.payload)
        if len(piece) >= _MANY or size >= _PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def tidy(folder: Path, manifest: Manifest, disk: Disk) -> None:
    """Remove files that no longer count."""
    for path in folder.glob("*.aside"):
        if path != path_of(folder, manifest.aside[0]):
            disk.remove(path)


def held(folder: Path, manifest: Manifest | None = None) -> list[Refused]:
    """Return what lies here, oldest first."""
    number, size = (manifest or load(folder)).aside
    try:
        with path_of(folder, number).open("rb") as file:
            data = file.read(size)
    except FileNotFoundError:
        return []
    found = []
    for _, _, content in records(data):
        found.append(_refused(content))
    return found


def read_on(folder: Path, number: int, begin: int, end: int) -> Iterator[tuple[int, Refused]]:
    """Yield what lies in file `number` between two places, with the place behind it, oldest first; little is in memory at a time."""
    try:
        file = path_of(folder, number).open("rb")
    except FileNotFoundError:
        return
    with file:
        at, size = begin, _PIECE
        while at < end:
            file.seek(at)
            data = file.read(min(size, end - at))
            done = 0
            for _, done, content in records(data):
                yield at + done, _refused(content)
            if not done and size >= end - at:
                return
            at, size = at + done, _PIECE if done else 2 * size


def stretches(
    folder: Path, number: int, begin: int, end: int
) -> Iterator[tuple[int, bytes, list[tuple[int, int, int, bytes]]]]:
    """Yield file `number` from one place to another in stretches as they stand there: the place behind, the bytes, and of each payload in them
    where its record begins and ends, its arrival (µs) and its topic. Damage is passed over, also where nothing whole follows it.
    """
    try:
        file = path_of(folder, number).open("rb")
    except FileNotFoundError:
        yield end, b"", []
        return
    with file:
        at, size = begin, _PIECE
        while at < end:
            file.seek(at)
            data = file.read(min(size, end - at))
            found, done = [], 0
            for first, done, content in records(data):
                arrived, topic, _ = _HEAD.unpack_from(content)
                found.append((first, done, arrived, bytes(content[_HEAD.size : _HEAD.size + topic])))
            if not done and size < end - at:  # a record longer than that
                size *= 2
                continue
            at, size = at + done if done else end, _PIECE
            yield at, data, found


def path_of(folder: Path, number: int) -> Path:
    """Return the path of a file of payloads that could not be read."""
    return folder / f"{number:08d}.aside"


def _refused(content: memoryview) -> Refused:
    arrived, topic, why = _HEAD.unpack_from(content)
    rest = bytes(content[_HEAD.size :])
    return Refused(rest[:topic], rest[topic:], arrived, _WHY[why])


def _joined(refused: Sequence[Refused]) -> bytes:
    return b"".join(
        record(_HEAD.pack(one.arrived, len(one.topic), _WHY.index(one.why)), one.topic, one.payload) for one in refused
    )
