"""What stays of values that are no longer kept: least, most, sum and number of each hour. A file that only grows; the manifest tells what of it counts."""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.records import record, records
from nordlotse.iot.core.values import Buckets

_log = logging.getLogger("nordlotse.iot")

#: Length of a roll-up in µs: an hour.
HOUR = 3_600_000_000
_HEAD = struct.Struct("<II")


@dataclass(frozen=True, eq=False)
class Hours:
    """Roll-ups of one series (its number): whole hours in which something was measured."""

    series: int
    buckets: Buckets


def add(folder: Path, rolled: tuple[int, int], hours: Sequence[Hours], disk: Disk) -> tuple[int, int]:
    """Keep roll-ups behind those that count (`rolled`: number of the file, valid bytes), safe on the disk; return what counts then.

    Raises:
        OSError: nothing has changed.
    """
    number, valid = rolled
    joined = b"".join(record(_packed(one)) for one in hours)
    if not joined:
        return rolled
    path = path_of(folder, number)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        disk.truncate(handle, valid)
    except FileNotFoundError:
        if valid:
            _missing(path)
            number, valid = number + 1, 0
            path = path_of(folder, number)
        handle = disk.create(path)
    try:
        disk.write(handle, joined)
        disk.sync(handle)
    finally:
        os.close(handle)
    if not valid:
        disk.sync_folder(folder)
    disk.reach("rollups-written")
    return number, valid + len(joined)


def without(folder: Path, rolled: tuple[int, int], series: Set[int], disk: Disk) -> tuple[int, int]:
    """Keep the roll-ups of all but some series in a new file; return what counts then. `tidy` removes the old one.

    A file that is missing holds nothing that could be removed: that is noted, and `verify` goes on telling it.

    Raises:
        OSError: nothing has changed.
    """
    try:
        kept = held(folder, rolled)
    except FileNotFoundError:
        _missing(path_of(folder, rolled[0]))
        return rolled
    if not series & kept.keys():
        return rolled
    number = rolled[0] + 1
    disk.remove(path_of(folder, number))
    return add(folder, (number, 0), [Hours(n, hours) for n, hours in kept.items() if n not in series], disk)


def tidy(folder: Path, rolled: tuple[int, int], disk: Disk) -> None:
    """Remove files that no longer count."""
    for path in folder.glob("*.hours"):
        if path != path_of(folder, rolled[0]):
            disk.remove(path)


def path_of(folder: Path, number: int) -> Path:
    """Return the path of a file of roll-ups."""
    return folder / f"{number:08d}.hours"


def held(folder: Path, rolled: tuple[int, int]) -> dict[int, Buckets]:
    """Return the roll-ups that count, by the series' number, sorted by time.

    Raises:
        FileNotFoundError: the manifest is no longer the newest.
    """
    number, valid = rolled
    if not valid:
        return {}
    with path_of(folder, number).open("rb") as file:
        data = file.read(valid)
    pieces: dict[int, list[Buckets]] = {}
    for _, _, content in records(data):
        one = _unpacked(content)
        pieces.setdefault(one.series, []).append(one.buckets)
    return {series: _joined(found) for series, found in pieces.items()}


def _missing(path: Path) -> None:
    _log.error("event=iot_rollups_missing file=%s", path.name)


def _packed(hours: Hours) -> bytes:
    b = hours.buckets
    columns = (b.begin.astype("<i8"), b.count.astype("<i8"), b.least, b.most, b.total)
    return _HEAD.pack(hours.series, len(b.begin)) + b"".join(column.tobytes() for column in columns)


def _unpacked(content: memoryview) -> Hours:
    series, n = _HEAD.unpack_from(content, 0)
    body = content[_HEAD.size :]
    times = [np.frombuffer(body[8 * n * k : 8 * n * (k + 1)], np.int64) for k in range(2)]
    sums = [np.frombuffer(body[8 * n * k : 8 * n * (k + 1)], np.float64) for k in range(2, 5)]
    return Hours(series, Buckets(times[0], sums[0], sums[1], sums[2], times[1]))


def _joined(pieces: Sequence[Buckets]) -> Buckets:
    names = ("begin", "least", "most", "total", "count")
    begin, least, most, total, count = (np.concatenate([getattr(one, name) for one in pieces]) for name in names)
    order = np.argsort(begin, kind="stable")
    return Buckets(begin[order], least[order], most[order], total[order], count[order])
