"""Values that meet at the same time of a series: the same value came twice (a duplicate), or another one corrects the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nordlotse.iot.core.values import Block, Kind, Raw, Rows


@dataclass(frozen=True, eq=False)
class Merged:
    """Rows sorted by time, each time once with the newest value; `older`: the values that newer ones corrected; how many came twice."""

    rows: Rows
    older: Rows
    duplicates: int


NOTHING = Rows(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.uint8), np.empty(0, np.int64))


def rows_of(block: Block | Raw) -> Rows:
    """Return a block or chunk as rows."""
    kind = np.full(len(block.time), block.kind, dtype=np.uint8)
    return Rows(block.time, block.value, kind, block.quality, block.arrived, block.texts)


def joined(pieces: Sequence[Rows]) -> Rows:
    """Return rows one behind the other, with one table of texts."""
    if len(pieces) <= 1:
        return pieces[0] if pieces else NOTHING
    texts: dict[str, int] = {}
    values = []
    for piece in pieces:
        value = piece.value
        if piece.texts:
            places = np.array([texts.setdefault(text, len(texts)) for text in piece.texts], dtype=np.float64)
            is_text = piece.kind == Kind.TEXT
            value = value.copy()
            value[is_text] = places[value[is_text].astype(np.int64)]
        values.append(value)
    return Rows(
        np.concatenate([piece.time for piece in pieces]),
        np.concatenate(values),
        np.concatenate([piece.kind for piece in pieces]),
        np.concatenate([piece.quality for piece in pieces]),
        np.concatenate([piece.arrived for piece in pieces]),
        tuple(texts),
    )


def merged(pieces: Sequence[Rows]) -> Merged:
    """Return rows given in the order of their arrival as what counts, what was corrected, and how many came twice."""
    rows = joined(pieces)
    steps = np.diff(rows.time)
    if (steps > 0).all():
        return Merged(rows, NOTHING, 0)
    rows = rows.taken(np.argsort(rows.time, kind="stable"))
    again = rows.time[1:] == rows.time[:-1]
    same = again & (rows.value[1:] == rows.value[:-1]) & (rows.kind[1:] == rows.kind[:-1])
    rows = rows.taken(np.concatenate([[True], ~same]))
    last = np.concatenate([rows.time[1:] != rows.time[:-1], [True]])
    return Merged(rows.taken(last), rows.taken(~last), int(same.sum()))


def chunks_of(rows: Rows, most: int) -> list[Raw]:
    """Return rows (each time once) as raws of one kind each, at most `most` long."""
    if not len(rows):
        return []
    turns = np.flatnonzero(np.diff(rows.kind)) + 1
    found = []
    for begin, end in zip([0, *turns.tolist()], [*turns.tolist(), len(rows)], strict=True):
        for at in range(begin, end, most):
            part = rows.taken(slice(at, min(at + most, end)))
            kind = Kind(int(part.kind[0]))
            texts = part.texts if kind is Kind.TEXT else ()
            found.append(Raw(kind, part.time, part.value, part.quality, part.arrived, texts))
    return found
