"""Segments: immutable files of chunks with an index at the end; every chunk, every pyramid and the index carry a checksum.

Layout: mark, which tells the rows of a page, then for each chunk its bytes and its pyramid (`columns.pyramid`, float64), the index (`INDEX`), a tail `<8sQII`: mark, where
the index begins, how many chunks, CRC-32 of the index.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core.store.columns import Chunk, encode, pyramid
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.values import Floats, Kind, Raw

_MARK = b"NLseg\x00\x00\x02"
#: Marks of all versions there were, and the rows of a page.
_PAGES = {b"NLseg\x00\x00\x01": 512, _MARK: 256}
_TAIL = struct.Struct("<8sQII")

#: One row for each chunk. `least`, `most`, `total` are those of the whole chunk (NaN for texts), `crc` of its bytes, `pyramid_crc` of its pyramid.
INDEX = np.dtype(
    [
        ("series", "<u4"), ("kind", "u1"), ("corrected", "u1"), ("rows", "<u4"), ("first", "<i8"), ("last", "<i8"),
        ("newest", "<i8"), ("begin", "<u8"), ("length", "<u4"), ("crc", "<u4"), ("pyramid_crc", "<u4"),
        ("least", "<f8"), ("most", "<f8"), ("total", "<f8"),
    ]
)  # fmt: skip
Index = NDArray[np.void]


def write(path: Path, chunks: Iterable[tuple[int, Raw, bool]], disk: Disk) -> Index:
    """Write chunks (number of the series, rows, whether they are superseded values) as a segment, safe on the disk; return its index.

    Raises:
        OSError: there is no such segment then.
    """
    handle = disk.create(path)
    rows = []
    try:
        disk.write(handle, _MARK)
        at = len(_MARK)
        for series, raw, corrected in chunks:
            data, sums = encode(raw), pyramid(raw).astype("<f8")
            packed = sums.tobytes()
            number = raw.kind is not Kind.TEXT
            rows.append(
                (
                    series, raw.kind, corrected, len(raw), raw.time[0], raw.time[-1], raw.arrived.max(), at, len(data),
                    zlib.crc32(data), zlib.crc32(packed),
                    sums[:, 0].min() if number else np.nan, sums[:, 1].max() if number else np.nan, sums[:, 2].sum(),
                )
            )  # fmt: skip
            disk.write(handle, data + packed)
            disk.reach("segment-chunk")
            at += len(data) + len(packed)
        index = np.array(rows, dtype=INDEX)
        content = index.tobytes()
        disk.write(handle, content + _TAIL.pack(_MARK, at, len(index), zlib.crc32(content)))
        disk.reach("segment-written")
        disk.sync(handle)
        disk.reach("segment-synced")
    except BaseException:
        os.close(handle)
        disk.remove(path)
        raise
    os.close(handle)
    return index


class Segment:
    """A segment as read; stays readable after its file was removed."""

    def __init__(self, path: Path) -> None:
        """Open the file and check its index.

        Raises:
            FileNotFoundError: it is gone: a newer manifest does not name it.
            NotAvailable: `iot_damaged`.
        """
        self.path = path
        with path.open("rb") as file:
            try:
                self._data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            except ValueError as error:  # an empty file cannot be mapped
                raise damaged(path, "empty") from error
        self.index = self._index()
        self._paged = _PAGES[bytes(self._data[: len(_MARK)])]
        self._checked = np.zeros((2, len(self.index)), dtype=bool)

    def _index(self) -> Index:
        data = self._data
        if len(data) < len(_MARK) + _TAIL.size or bytes(data[: len(_MARK)]) not in _PAGES:
            raise damaged(self.path, "mark")
        mark, begin, count, crc = _TAIL.unpack_from(data, len(data) - _TAIL.size)
        end = begin + count * INDEX.itemsize
        if mark != data[: len(_MARK)] or end + _TAIL.size != len(data) or zlib.crc32(data[begin:end]) != crc:
            raise damaged(self.path, "index")
        return np.frombuffer(data[begin:end], dtype=INDEX)

    def chunk(self, number: int) -> Chunk:
        """Return a chunk; its checksum is looked at the first time.

        Raises:
            NotAvailable: `iot_damaged`.
        """
        row = self.index[number]
        begin = int(row["begin"])
        data = self._data[begin : begin + int(row["length"])]
        if not self._checked[0, number]:
            if zlib.crc32(data) != row["crc"]:
                raise damaged(self.path, f"chunk {number}")
            self._checked[0, number] = True
        return Chunk(data, self._paged)

    def pyramid(self, number: int) -> Floats:
        """Return least, most, sum and first time of each page of a chunk, (pages, 4).

        Raises:
            NotAvailable: `iot_damaged`.
        """
        row = self.index[number]
        begin = int(row["begin"]) + int(row["length"])
        size = -(-int(row["rows"]) // self._paged) * 32
        packed = self._data[begin : begin + size]
        if not self._checked[1, number]:
            if zlib.crc32(packed) != row["pyramid_crc"]:
                raise damaged(self.path, f"pyramid {number}")
            self._checked[1, number] = True
        return np.frombuffer(packed, dtype="<f8").reshape(-1, 4)

    def faults(self) -> list[str]:
        """Return what of the segment is damaged, looking at every byte."""
        found = []
        for number, row in enumerate(self.index):
            begin, length = int(row["begin"]), int(row["length"])
            behind = begin + length
            if zlib.crc32(self._data[begin:behind]) != row["crc"]:
                found.append(f"{self.path.name}: chunk {number}")
            size = -(-int(row["rows"]) // self._paged) * 32
            if zlib.crc32(self._data[behind : behind + size]) != row["pyramid_crc"]:
                found.append(f"{self.path.name}: pyramid {number}")
        return found


def damaged(path: Path, where: str) -> NotAvailable:
    """Return the error of a file that is not as it was written."""
    return NotAvailable(
        "iot_damaged",
        de="Eine Datei mit Messwerten ist beschädigt; die anderen sind es nicht.",
        en="A file of values is damaged; the others are not.",
        where=f"{path.name}: {where}",
        remedy_de="`nordlotse iot verify` zeigt, was fehlt; aus der letzten Sicherung zurückholen.",
        remedy_en="`nordlotse iot verify` shows what is missing; restore it from the last backup.",
    )
