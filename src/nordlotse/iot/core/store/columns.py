"""Values of one series as compressed columns (pcodec), cut into pages that can be read alone, with a sum, least and most for each page.

A chunk is immutable: rows sorted by time, each time once. Layout: `<I` length of a JSON head, the head, then the sections it names.
Times at equal distances are not kept but reckoned.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, PagingSpec, wrapped

from nordlotse.iot.core.values import Floats, Kind, Raw, Times

#: Rows of a page as written now: what is decoded at least to reach one row. A segment's mark says how many its pages have.
PAGE = 256
#: Most rows of a chunk.
MOST = 262_144
#: How hard the compressor looks: at 6 it keeps some real signals in a form that is three times as slow to read and to write.
_LEVEL = 8
_SIZE = struct.Struct("<I")
_FILE = wrapped.FileCompressor()
_READER = wrapped.FileDecompressor.new(_FILE.write_header())[0]
Unpack = Callable[[bytes, int, NDArray[Any]], Any]
_TYPES: dict[str, np.dtype[Any]] = {"i64": np.dtype(np.int64), "f64": np.dtype(np.float64), "u32": np.dtype(np.uint32)}


def encode(rows: Raw) -> bytes:
    """Return rows (sorted by time, each time once, 1 to `MOST`) as a chunk."""
    n = len(rows)
    if not 0 < n <= MOST:
        raise ValueError(f"a chunk of {n} rows")
    sections: list[bytes] = []
    head: dict[str, Any] = {"n": n, "kind": int(rows.kind), "first": int(rows.time[0])}
    step = _step(rows.time)
    if step is None:
        head["time"] = _column(rows.time, "i64", sections)
    else:
        head["step"] = step
    if rows.kind is Kind.TEXT:
        used, codes = np.unique(rows.value.astype(np.uint32), return_inverse=True)
        head["value"] = _column(codes.astype(np.uint32), "u32", sections)
        head["texts"] = [rows.texts[code] for code in used]
    else:
        head["value"] = _column(rows.value, "f64", sections)
    late = rows.arrived - rows.time
    head["late"] = int(late[0]) if (late == late[0]).all() else None
    if head["late"] is None:
        same = (rows.arrived == rows.arrived[0]).all()
        head["arrived"] = int(rows.arrived[0]) if same else _column(late, "i64", sections)
    quality = rows.quality
    head["quality"] = int(quality[0]) if (quality == quality[0]).all() else _bytes(quality.tobytes(), sections)
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    return b"".join([_SIZE.pack(len(text)), text, *sections])


def pyramid(rows: Raw) -> Floats:
    """Return least, most and sum (NaN for texts) and the first time in µs of each page, (pages, 4).

    A float64 holds µs since 1970 exactly until the year 2255.
    """
    begins = np.arange(0, len(rows), PAGE)
    made = np.full((len(begins), 4), np.nan)
    made[:, 3] = rows.time[begins]
    if rows.kind is not Kind.TEXT:
        for column, ufunc in enumerate((np.minimum, np.maximum, np.add)):
            made[:, column] = ufunc.reduceat(rows.value, begins)
    return made


def _step(time: Times) -> int | None:
    """Return the distance of the times if they all have the same, 0 for a single one."""
    if len(time) == 1:
        return 0
    steps = np.diff(time)
    return int(steps[0]) if (steps == steps[0]).all() else None


def _column(column: NDArray[Any], kind: str, sections: list[bytes]) -> dict[str, Any]:
    n = len(column)
    sizes = [PAGE] * (n // PAGE) + ([n % PAGE] if n % PAGE else [])
    paging = PagingSpec.exact_page_sizes(sizes)
    made = _FILE.chunk_compressor(np.ascontiguousarray(column), ChunkConfig(_LEVEL, paging_spec=paging))
    meta = made.write_meta()
    pages = [made.write_page(page) for page in range(len(sizes))]
    lengths = np.array([len(page) for page in pages], dtype=np.uint16).tobytes()
    sections += [meta, lengths, *pages]
    return {"type": kind, "meta": len(meta), "bytes": sum(map(len, pages))}


def _bytes(content: bytes, sections: list[bytes]) -> dict[str, int]:
    packed = zlib.compress(content, 6)
    sections.append(packed)
    return {"zlib": len(packed)}


@dataclass(frozen=True, eq=False)
class Column:
    """A compressed column: decodes whole or some pages."""

    data: memoryview
    kind: str
    meta: int
    rows: int
    paged: int

    @cached_property
    def _reader(self) -> Any:
        return _READER.chunk_decompressor(bytes(self.data[: self.meta]), self.kind)[0]

    @cached_property
    def _begins(self) -> NDArray[np.int64]:
        pages = -(-self.rows // self.paged)
        lengths = np.frombuffer(self.data[self.meta : self.meta + 2 * pages], dtype="<u2")
        begins: NDArray[np.int64] = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        return begins + self.meta + 2 * pages

    @property
    def unpack(self) -> Unpack:
        """Return what puts a page (its bytes, how many rows it has) into an array that is at least as long as the page."""
        unpack: Unpack = self._reader.read_page_into
        return unpack

    @property
    def bounds(self) -> NDArray[np.int64]:
        """Return where in `data` each page begins, and at the end where the last one ends, (pages + 1,)."""
        return self._begins

    def pages(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """Return the rows of pages, (len(numbers), rows of a page); what the last page lacks is undefined."""
        out: NDArray[Any] = np.empty((len(numbers), self.paged), _TYPES[self.kind])
        begins = self._begins
        last = len(begins) - 2
        rest = self.rows - last * self.paged
        for place, number in enumerate(numbers.tolist()):
            page = bytes(self.data[begins[number] : begins[number + 1]])
            self._reader.read_page_into(page, rest if number == last else self.paged, out[place])
        return out

    def all(self) -> NDArray[Any]:
        """Return all rows, (n,)."""
        count = len(self._begins) - 1
        rows: NDArray[Any] = self.pages(np.arange(count)).reshape(-1)[: self.rows]
        return rows


class Chunk:
    """A chunk as read; nothing is decoded before it is asked for."""

    def __init__(self, data: memoryview, paged: int = PAGE) -> None:
        """Take the bytes of a chunk, already checked, and how many rows its pages have."""
        self.paged = paged
        (size,) = _SIZE.unpack_from(data, 0)
        self._head: dict[str, Any] = json.loads(bytes(data[_SIZE.size : _SIZE.size + size]))
        self._data = data
        self._at = _SIZE.size + size
        self._sections: dict[str, memoryview] = {}
        for name in ("time", "value", "arrived", "quality"):
            told = self._head.get(name)
            if not isinstance(told, dict):
                continue
            pages = -(-self.rows // paged)
            length = told["zlib"] if "zlib" in told else told["meta"] + 2 * pages + told["bytes"]
            self._sections[name] = data[self._at : self._at + length]
            self._at += length

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return int(self._head["n"])

    @property
    def kind(self) -> Kind:
        """Return what the values are."""
        return Kind(self._head["kind"])

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the texts that values stand for."""
        return tuple(self._head.get("texts", ()))

    @property
    def step(self) -> int | None:
        """Return the distance of the times in µs if all have the same (0 for a single row), None otherwise."""
        return int(self._head["step"]) if "step" in self._head else None

    @cached_property
    def value(self) -> Column:
        """Return the column of values."""
        return self._column("value")

    def times(self) -> Times:
        """Return all times, (n,) µs."""
        if "step" in self._head:
            reckoned: Times = self._head["first"] + self._head["step"] * np.arange(self.rows, dtype=np.int64)
            return reckoned
        column: Times = self._column("time").all()
        return column

    def places(self, times: Times, firsts: Floats) -> Times:
        """Return how many rows lie before each of `times` (sorted, µs); `firsts` are the first times of the pages.

        Only the pages the times fall into are decoded.
        """
        if "step" in self._head:
            first, step = self._head["first"], self._head["step"] or 1
            reckoned: Times = np.clip(-((first - times) // step), 0, self.rows)
            return reckoned
        page = np.searchsorted(firsts, times.astype(np.float64), side="left") - 1  # the last that begins before
        found = np.zeros(len(times), dtype=np.int64)
        inside = page >= 0
        numbers, back = np.unique(page[inside], return_inverse=True)
        decoded = self._column("time").pages(numbers)
        ends = np.minimum((numbers + 1) * self.paged, self.rows) - numbers * self.paged
        decoded[np.arange(self.paged) >= ends[:, None]] = np.iinfo(np.int64).max
        found[inside] = numbers[back] * self.paged + (decoded[back] < times[inside][:, None]).sum(axis=1)
        return found

    def values(self) -> Floats:
        """Return all values, (n,); places in `texts` where they are texts."""
        return np.asarray(self.value.all(), dtype=np.float64)

    def raw(self) -> Raw:
        """Return all rows."""
        time = self.times()
        return Raw(self.kind, time, self.values(), self._quality(), self._arrived(time), self.texts)

    def _arrived(self, time: Times) -> Times:
        late, arrived = self._head["late"], self._head.get("arrived")
        if late is not None:
            return time + int(late)
        if isinstance(arrived, int):
            return np.full(self.rows, arrived, dtype=np.int64)
        result: Times = time + self._column("arrived").all()
        return result

    def _quality(self) -> NDArray[np.uint8]:
        told = self._head["quality"]
        if isinstance(told, int):
            return np.full(self.rows, told, dtype=np.uint8)
        return np.frombuffer(zlib.decompress(self._sections["quality"]), dtype=np.uint8)

    def _column(self, name: str) -> Column:
        told = self._head[name]
        return Column(self._sections[name], told["type"], told["meta"], self.rows, self.paged)
