"""A period counted, as arrays: who got services, what every value adds up to, and who stands in which value.

A tally is canonical: the same content is the same arrays, whatever order it was counted in. It is kept in two forms: as plain
lists for canonical JSON, which is frozen and hashed, and packed, which is quick to read and can always be made again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "OF_PARTY",
    "OF_SERVICE",
    "PACKING",
    "Codes",
    "Party",
    "Sums",
    "Tally",
    "number",
    "packed",
    "places",
    "tally_from",
    "unpacked",
]

Codes = npt.NDArray[np.int64]
Sums = npt.NDArray[np.int64]
Members = npt.NDArray[np.bool_]

#: What belongs to whoever got the service: within a period everybody has one value, the last one known.
OF_PARTY = ("state", "district", "sector", "size")
#: What belongs to the service: somebody can stand in several values.
OF_SERVICE = ("topic", "kind", "format", "partner")

#: The form of `packed`; a new one makes what was kept in an older one worthless.
PACKING = 1


@dataclass(frozen=True, slots=True)
class Party:
    """What is known of somebody who got services; empty is not known."""

    state: str = ""
    district: str = ""
    sector: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """A period counted. Sums are services, participants, minutes.

    `keys` (P, sorted) begin with "c" (company), "p" (contact without company) or "-" (nobody known). `texts` are the values of
    each of `OF_PARTY` (sorted, "" first), `known` (4 x P) says by number which of them a party has. `party_sums` is P x 3.
    `contacts` (C, sorted), `pairs` (2 x N): which party has which contact, sorted. `labels` (L, sorted): a dimension of
    `OF_SERVICE` by number, and a value; `label_sums` (L x 3); `parties_in` (L x P) and `contacts_in` (L x C): who stands in it.
    """

    keys: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    known: Codes
    party_sums: Sums
    contacts: tuple[str, ...]
    pairs: Codes
    labels: tuple[tuple[int, str], ...]
    label_sums: Sums
    parties_in: Members
    contacts_in: Members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.as_dict() == other.as_dict()

    __hash__ = None  # type: ignore[assignment]

    @property
    def parties(self) -> dict[str, Party]:
        """Return what is known of everybody, by key."""
        columns = [
            np.array(texts, dtype=object)[codes].tolist() for texts, codes in zip(self.texts, self.known, strict=True)
        ]
        return {key: Party(*values) for key, *values in zip(self.keys, *columns, strict=True)}

    def as_dict(self) -> dict[str, Any]:
        """Return the tally as plain lists, in an order that depends on nothing but its content."""
        bounds = np.searchsorted(self.pairs[0], np.arange(len(self.keys) + 1)).tolist()
        who = self.pairs[1].tolist()
        sums = self.party_sums.tolist()
        parties = [
            [key, p.state, p.district, p.sector, p.size, *sums[i], who[bounds[i] : bounds[i + 1]]]
            for i, (key, p) in enumerate(self.parties.items())
        ]
        values: dict[str, dict[str, Any]] = {name: {} for name in OF_SERVICE}
        for i, (dimension, value) in enumerate(self.labels):
            inside = [np.flatnonzero(members[i]).tolist() for members in (self.parties_in, self.contacts_in)]
            values[OF_SERVICE[dimension]][value] = [*self.label_sums[i].tolist(), *inside]
        return {"contacts": list(self.contacts), "parties": parties, "values": values}


def number(values: Sequence[Any]) -> tuple[tuple[str, ...], Codes]:
    """Return the different values as text (sorted, "" and None as "" and always first), and the number of each value."""
    text = {value: "" if value is None else str(value) for value in set(values)}
    texts = tuple(sorted({"", *text.values()}))
    at = {t: i for i, t in enumerate(texts)}
    return texts, places(values, {value: at[t] for value, t in text.items()})


def places(values: Sequence[Any], at: Mapping[Any, int]) -> Codes:
    """Return the place of each value."""
    return np.fromiter(map(at.__getitem__, values), dtype=np.int64, count=len(values))


def tally_from(kept: Mapping[str, Any]) -> Tally:
    """Return a tally as it was kept by `Tally.as_dict`."""
    rows, keys, contacts = kept["parties"], tuple(row[0] for row in kept["parties"]), tuple(kept["contacts"])
    columns = [number([row[i] for row in rows]) for i in range(1, 5)]
    pairs = [(i, c) for i, row in enumerate(rows) for c in row[8]]
    labels = [
        ((dimension, value), held)
        for dimension, name in enumerate(OF_SERVICE)
        for value, held in sorted(kept["values"].get(name, {}).items())
    ]
    return Tally(
        keys,
        tuple(texts for texts, _ in columns),
        np.array([codes for _, codes in columns], dtype=np.int64).reshape(4, len(keys)),
        np.array([row[5:8] for row in rows], dtype=np.int64).reshape(len(keys), 3),
        contacts,
        np.array(pairs, dtype=np.int64).reshape(len(pairs), 2).T,
        tuple(label for label, _ in labels),
        np.array([held[:3] for _, held in labels], dtype=np.int64).reshape(len(labels), 3),
        _members((held[3] for _, held in labels), len(labels), len(keys)),
        _members((held[4] for _, held in labels), len(labels), len(contacts)),
    )


def _members(rows: Iterable[Sequence[int]], height: int, width: int) -> Members:
    made = np.zeros((height, width), dtype=np.bool_)
    for i, inside in enumerate(rows):
        made[i, inside] = True
    return made


def packed(tally: Tally) -> bytes:
    """Return a tally in a compact form: the names as JSON, then the numbers, memberships as bits; all of it deflated."""
    head = json.dumps(
        [tally.keys, tally.texts, tally.contacts, tally.labels, tally.pairs.shape[1]], ensure_ascii=False
    ).encode()
    parts = [
        len(head).to_bytes(8, "little"),
        head,
        tally.known.astype("<u2").tobytes(),
        tally.party_sums.astype("<i8").T.tobytes(),
        tally.pairs.astype("<u4").tobytes(),
        tally.label_sums.astype("<i8").tobytes(),
        np.packbits(tally.parties_in, axis=1).tobytes(),
        np.packbits(tally.contacts_in, axis=1).tobytes(),
    ]
    return zlib.compress(b"".join(parts), 1)


def unpacked(data: bytes | memoryview) -> Tally:
    """Return a tally kept by `packed`."""
    raw = zlib.decompress(data)
    begin = 8 + int.from_bytes(raw[:8], "little")
    keys, texts, contacts, labels, pairs = json.loads(raw[8:begin])
    high, wide, far = len(labels), len(keys), len(contacts)
    at = begin

    def take(kind: str, *shape: int) -> npt.NDArray[Any]:
        nonlocal at
        held = np.frombuffer(raw, dtype=kind, count=int(np.prod(shape)), offset=at)
        at += held.nbytes
        return held.reshape(shape)

    def bits(width: int) -> Members:
        held = take("u1", high, -(-width // 8))
        return np.unpackbits(held, axis=1, count=width).astype(np.bool_)

    return Tally(
        tuple(keys),
        tuple(tuple(t) for t in texts),
        take("<u2", 4, wide).astype(np.int64),
        take("<i8", 3, wide).T,
        tuple(contacts),
        take("<u4", 2, pairs).astype(np.int64),
        tuple((dimension, value) for dimension, value in labels),
        take("<i8", high, 3),
        bits(wide),
        bits(far),
    )
