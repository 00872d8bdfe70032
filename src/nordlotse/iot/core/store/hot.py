"""Values that lie in no segment yet, decoded, for readers in other processes: a file that is not synced, for the log behind it is safe.

The first record says which run of the writer began the file and how far the log was worked in then; every other one up to which place of
the log it reaches, and whether it is the last of those that reach there. So a reader knows what it still has to decode by itself.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.store.records import record, unbroken
from nordlotse.iot.core.values import Block, Flags, Floats, Kind, Series, Times

_HEAD = struct.Struct("<QQI")
_BLOCK = struct.Struct("<HHHBII")
#: Beside the kind of a block: its times are those of the block before, all its values arrived at one time, all have one quality. What is
#: the same stands once: a table of ten signals takes nine bytes a value instead of 25.
_TIMES_BEFORE, _ONE_ARRIVAL, _ONE_QUALITY = 0x20, 0x80, 0x40
_KIND = 0x1F
#: Blocks of fewer values are written out: to look for what is the same takes longer.
_WORTH = 64

#: Bytes of the name of a writer's run.
RUN_BYTES = 8
#: A text takes up to so many times the room of a number.
_TEXT_WEIGHT = 16
_PART, _WHOLE, _BEGIN = b"\0", b"\1", b"\2"
_PLACE = struct.Struct("<QQ")


@dataclass(frozen=True, eq=False)
class Hot:
    """What one record holds: values decoded up to a place of the log; `whole`: no further record follows for it."""

    until: Place
    blocks: tuple[Block, ...]
    whole: bool = True


@dataclass(frozen=True, eq=False)
class Piece:
    """What was read of a hot file: the writer's run and where it began (when read from the beginning), values, where the next record begins."""

    run: bytes
    began: Place
    hot: tuple[Hot, ...]
    end: int


def begun(run: bytes, worked: Place) -> bytes:
    """Return the first record of a hot file."""
    return record(_BEGIN, run, _PLACE.pack(*worked))


def packed(until: Place, blocks: Sequence[Block], whole: bool = True) -> bytes:
    """Return blocks as a record."""
    return record(_WHOLE if whole else _PART, content(until, blocks))


def content(until: Place, blocks: Sequence[Block]) -> bytes:
    """Return blocks as the content of a record."""
    parts: list[bytes | memoryview] = [_HEAD.pack(until.file, until.offset, len(blocks))]
    before: Times | None = None
    for block in blocks:
        names = [name.encode() for name in block.series]
        texts = json.dumps(block.texts).encode() if block.texts else b""
        time, arrived, quality, marks = block.time, block.arrived, block.quality, 0
        if len(block) >= _WORTH:
            if before is not None and _same(before, time):
                time, marks = time[:0], _TIMES_BEFORE
            if _one(arrived):
                arrived, marks = arrived[:1], marks | _ONE_ARRIVAL
            if _one(quality):
                quality, marks = quality[:1], marks | _ONE_QUALITY
        before = block.time
        parts.append(_BLOCK.pack(*map(len, names), block.kind | marks, len(block), len(texts)))
        parts += [*names, texts, _bytes(time), _bytes(block.value), _bytes(arrived), _bytes(quality)]
    return b"".join(parts)


def _same(before: Times, time: Times) -> bool:
    if before is time:
        return True
    return len(before) == len(time) and bool(before[-1] == time[-1]) and bool((before == time).all())


def _one(column: Times | Flags) -> bool:
    return bool(column[-1] == column[0]) and bool((column == column[0]).all())


def _bytes(column: Times | Floats | Flags) -> memoryview | bytes:
    return column.data.cast("B") if len(column) and column.flags.c_contiguous else column.tobytes()


def unpacked(held: memoryview, whole: bool = True) -> Hot:
    """Return the blocks of a record.

    Raises:
        ValueError, struct.error: it is none, or longer or shorter than it says.
    """
    file, offset, count = _HEAD.unpack_from(held, 0)
    at = _HEAD.size
    blocks: list[Block] = []
    for _ in range(count):
        company, machine, signal, kind, n, text = _BLOCK.unpack_from(held, at)
        at += _BLOCK.size
        again = kind & _TIMES_BEFORE
        moments, marks = 1 if kind & _ONE_ARRIVAL else n, 1 if kind & _ONE_QUALITY else n
        pieces = []
        for size in (company, machine, signal, text, 0 if again else 8 * n, 8 * n, 8 * moments, marks):
            pieces.append(held[at : at + size])
            at += size
        if at > len(held) or (again and (not blocks or len(blocks[-1]) != n)):
            raise ValueError("a block that ends too early")
        names = Series(*(bytes(piece).decode() for piece in pieces[:3]))
        texts = tuple(json.loads(bytes(pieces[3]))) if text else ()
        arrived = np.require(np.frombuffer(pieces[6], np.int64), requirements="A")
        quality = np.frombuffer(pieces[7], np.uint8)
        blocks.append(
            Block(
                names,
                Kind(kind & _KIND),
                # names before them leave columns at odd places, and the compressor takes none such
                blocks[-1].time if again else np.require(np.frombuffer(pieces[4], np.int64), requirements="A"),
                np.require(np.frombuffer(pieces[5], np.float64), requirements="A"),
                quality if marks == n else np.broadcast_to(quality, n),
                arrived if moments == n else np.broadcast_to(arrived, n),
                texts,
            )
        )
    if at != len(held):
        raise ValueError("something behind the last block")
    return Hot(Place(file, offset), tuple(blocks), whole)


def path_of(folder: Path, number: int) -> Path:
    """Return the path of a hot file."""
    return folder / f"{number:08d}.hot"


def read(path: Path, begin: int = 0) -> Piece:
    """Return what stands in a hot file from `begin` on, up to the last record that is whole for its place; nothing where there is no file."""
    try:
        with path.open("rb") as file:
            file.seek(begin)
            data = file.read()
    except FileNotFoundError:
        return Piece(b"", START, (), begin)
    run, began, end = b"", START, begin
    found: list[Hot] = []
    gathered: list[Hot] = []
    for _, stop, held in unbroken(data):  # behind a write that failed half-way nothing is taken for whole
        kind = bytes(held[:1])
        if kind == _BEGIN:
            run = bytes(held[1 : 1 + RUN_BYTES])
            began = Place(*_PLACE.unpack_from(held, 1 + RUN_BYTES))
            end = begin + stop
            continue
        gathered.append(unpacked(held[1:], kind == _WHOLE))
        if kind == _WHOLE:
            found += gathered
            gathered = []
            end = begin + stop
    return Piece(run, began, tuple(found), end)


def slices(blocks: Sequence[Block], most: int) -> Iterator[list[Block]]:
    """Yield blocks in groups of at most `most` values, a text counting as many; long blocks are cut."""
    group: list[Block] = []
    held = 0
    for block in blocks:
        weight = _TEXT_WEIGHT if block.kind is Kind.TEXT else 1
        for begin in range(0, len(block), most // weight):
            end = min(begin + most // weight, len(block))
            part = block if end - begin == len(block) else _cut(block, begin, end)
            if held + weight * len(part) > most and group:
                yield group
                group, held = [], 0
            group.append(part)
            held += weight * len(part)
    if group:
        yield group


def _cut(block: Block, begin: int, end: int) -> Block:
    part = slice(begin, end)
    value, texts = block.value[part], block.texts
    if texts:
        used, codes = np.unique(value.astype(np.int64), return_inverse=True)
        value, texts = codes.astype(np.float64), tuple(texts[place] for place in used.tolist())
    return Block(block.series, block.kind, block.time[part], value, block.quality[part], block.arrived[part], texts)
