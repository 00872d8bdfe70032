"""Readings as records of the agent's buffer, and records as publications for the centre."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from nordlotse.iot.core.agent.reading import Reading
from nordlotse.iot.core.decoding import WORDS
from nordlotse.iot.core.store.log import Place
from nordlotse.iot.core.values import Block, Kind, Quality

#: Values and bytes of one publication at most: below what a listener takes as one packet. Texts are up to 256 bytes each.
MOST, MOST_BYTES = 5000, 512 * 1024
#: Values this much older than their sending carry the moment of sending along, µs: they waited, their clock is not wrong.
_WAITED = 30 * 60 * 1_000_000
_HEAD = struct.Struct("<BIHI")
_VERSION = 1
#: A record of what lies aside: a head with how many values it holds, a mark, and records, each behind its length.
_MARKED = 2
_MARK = struct.Struct("<5Q")
_LENGTH = struct.Struct("<I")
#: Bytes of values in such a record at most, well below what the log takes.
_RECORD = 16 * 1024 * 1024
#: From the worst to the best: a value has one word.
_WORST = (Quality.BAD, Quality.UNCERTAIN, Quality.CLOCK, Quality.IMPORTED)
_WORD = {flag: word for word, flag in WORDS.items()}


#: A value of a record: place of its name, time µs, value (place of its text for a text), kind, quality.
ROW = np.dtype([("name", "<u2"), ("time", "<i8"), ("value", "<f8"), ("kind", "u1"), ("quality", "u1")])


@dataclass(frozen=True, eq=False)
class Rows:
    """What a record holds: `names` (machine, signal), `texts`, and `data` (n,) of `ROW`."""

    names: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    data: NDArray[np.void]

    def __len__(self) -> int:
        return len(self.data)


class Mark(NamedTuple):
    """How far everything was when something was laid aside: told with it in one write, so that no kill parts the two."""

    #: The place of the buffer before which everything is at the centre or aside.
    sent: Place
    #: Values the centre has acknowledged since the buffer's folder was made.
    passed: int
    #: The place before which nothing lies aside any more.
    aside: Place


def of_readings(readings: Sequence[Reading]) -> Rows:
    """Return readings as rows."""
    names: dict[tuple[str, str], int] = {}
    texts: dict[str, int] = {}
    rows = [
        (
            names.setdefault((one.machine, one.signal), len(names)),
            one.time,
            texts.setdefault(one.value, len(texts)) if isinstance(one.value, str) else float(one.value),
            _kind(one.value),
            one.quality,
        )
        for one in readings
    ]
    return Rows(tuple(names), tuple(texts), np.array(rows, ROW))


def of_block(block: Block) -> Rows:
    """Return a block (of a file, of a broker's payload) as rows."""
    data = np.zeros(len(block), ROW)
    data["time"], data["value"], data["kind"], data["quality"] = block.time, block.value, block.kind, block.quality
    return Rows(((block.series.machine, block.series.signal),), block.texts, data)


def _kind(value: float | bool | str) -> Kind:
    if isinstance(value, bool):
        return Kind.BOOLEAN
    return Kind.TEXT if isinstance(value, str) else Kind.NUMBER


def packed(rows: Rows) -> bytes:
    """Return rows as the content of a record."""
    # names hold no control character (`values.check_name`), so these part them safely
    names = "\n".join(f"{machine}\t{signal}" for machine, signal in rows.names).encode()
    texts = orjson.dumps(rows.texts) if rows.texts else b""
    return b"".join((_HEAD.pack(_VERSION, len(rows), len(names), len(texts)), names, texts, rows.data.tobytes()))


def unpacked(content: memoryview) -> Rows:
    """Return what a record holds.

    Raises:
        ValueError, LookupError, struct.error: it is none of ours.
    """
    version, n, names, texts = _HEAD.unpack_from(content)
    if version != _VERSION:
        raise ValueError("unknown version")
    begin = _HEAD.size + names
    held = tuple(orjson.loads(content[begin : begin + texts])) if texts else ()
    data = np.frombuffer(content, ROW, n, begin + texts)
    return Rows(_names(bytes(content[_HEAD.size : begin])), held, data)


def packed_with(several: Sequence[Rows], mark: Mark) -> list[list[bytes]]:
    """Return rows as records, each in parts, the last of them with a mark. One record is written whole or not at all; only what is
    longer than `_RECORD` takes several, and where those are torn, what is in the first ones comes twice and is lost never.
    """
    groups: list[list[Rows]] = [[]]
    size = 0
    for rows in several:
        length = rows.data.nbytes + sum(map(len, rows.texts))
        if groups[-1] and size + length > _RECORD:
            groups.append([])
            size = 0
        groups[-1].append(rows)
        size += length
    made = [[packed(rows)] for group in groups[:-1] for rows in group]
    inner = [packed(rows) for rows in groups[-1]]
    head = _HEAD.pack(_MARKED, sum(map(len, groups[-1])), 0, 0) + _MARK.pack(*mark.sent, mark.passed, *mark.aside)
    return [*made, [head, *(part for one in inner for part in (_LENGTH.pack(len(one)), one))]]


def all_unpacked(content: memoryview) -> list[Rows]:
    """Return everything a record holds, with a mark or without.

    Raises:
        ValueError, LookupError, struct.error: it is none of ours.
    """
    return [unpacked(one) for one in _inner(content)]


def machines_in(content: memoryview) -> set[str]:
    """Return whose values a record holds, without reading them.

    Raises:
        ValueError, LookupError, struct.error: it is none of ours.
    """
    heads = [one[_HEAD.size : _HEAD.size + _HEAD.unpack_from(one)[2]] for one in _inner(content)]
    return {machine for names in heads for machine, _ in _names(bytes(names))}


def mark_in(content: memoryview) -> Mark | None:
    """Return the mark of a record, None where it has none."""
    if content[0] != _MARKED or len(content) < _HEAD.size + _MARK.size:
        return None
    file, offset, passed, *aside = _MARK.unpack_from(content, _HEAD.size)
    return Mark(Place(file, offset), passed, Place(*aside))


def _inner(content: memoryview) -> Iterator[memoryview]:
    if content[0] != _MARKED:
        yield content
        return
    at = _HEAD.size + _MARK.size
    while at < len(content):
        (length,) = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size + length
        yield content[at - length : at]


@lru_cache(maxsize=256)
def _names(held: bytes) -> tuple[tuple[str, str], ...]:
    parted = (name.partition("\t") for name in held.decode().split("\n"))
    return tuple((machine, signal) for machine, _, signal in parted)


def rows_in(content: memoryview) -> int:
    """Return how many values a record holds, without reading them."""
    return int(_HEAD.unpack_from(content)[1])


def publications(records: Sequence[Rows], now: int) -> Iterator[tuple[str, bytes, int]]:
    """Yield records as topic, payload and number of values, values of a signal together and in their order; `now`: µs."""
    known: dict[tuple[str, str], int] = {}
    #: where the names of a record begin in `table`, which says which series each is
    begins: dict[tuple[tuple[str, str], ...], int] = {}
    table: list[int] = []
    texts: list[str] = []
    begin_of, shifts = [], []
    for rows in records:
        begin = begins.get(rows.names)
        if begin is None:
            begin = begins[rows.names] = len(table)
            table += [known.setdefault(name, len(known)) for name in rows.names]
        begin_of.append(begin)
        shifts.append(len(texts))
        texts += rows.texts
    counts = [len(rows) for rows in records]
    data = np.frombuffer(bytearray().join([rows.data.tobytes() for rows in records]), ROW)
    series = np.array(table)[np.repeat(begin_of, counts) + data["name"]]
    if texts:
        data["value"] += np.repeat(shifts, counts) * (data["kind"] == Kind.TEXT)
    key = series * 4 + data["kind"]
    order = np.argsort(key, kind="stable")
    turns = np.flatnonzero(np.diff(key[order])) + 1
    names = list(known)
    for part in np.split(order, turns):
        for at in range(0, len(part), MOST):
            places_of = part[at : at + MOST]
            topic = "/".join(names[int(series[places_of[0]])])
            for payload, count in _payloads(data[places_of], texts, now):
                yield topic, payload, count


def _payloads(data: NDArray[np.void], texts: Sequence[str], now: int) -> Iterator[tuple[bytes, int]]:
    """Yield values as payloads with how many are in each: in halves where one would be too long."""
    payload = _payload(data, texts, now)
    if len(payload) <= MOST_BYTES or len(data) == 1:
        yield payload, len(data)
        return
    for half in np.array_split(data, 2):
        yield from _payloads(half, texts, now)


def _payload(data: NDArray[np.void], texts: Sequence[str], now: int) -> bytes:
    kind = Kind(int(data["kind"][0]))
    time, quality = data["time"], data["quality"]
    shown: Any = np.ascontiguousarray(data["value"])
    if kind is Kind.TEXT:
        shown = [texts[int(place)] for place in data["value"]]
    elif kind is Kind.BOOLEAN:
        shown = [bool(one) for one in data["value"]]
    whole = not (time % 1000).any()
    moments: Any = time // 1000 if whole else time / 1000
    content: dict[str, Any] = {"value": shown, "time": moments}
    words = [_word(one) for one in quality.tolist()] if quality.any() else []
    if words:
        content["quality"] = words[0] if len(set(words)) == 1 else words
    if now - int(time.min()) > _WAITED:
        content["sent"] = now // 1000
    if len(time) == 1:
        content["value"], content["time"] = shown[0], moments[0]
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


def _word(quality: int) -> str:
    return next((_WORD[flag] for flag in _WORST if quality & flag), "good")
