"""The publications of a client that were taken last, in six bytes each: by them a repetition is recognised."""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode, b64encode

import numpy as np

#: So many publications with quality of service 1 are remembered for each client at most: more than it may have under way.
REMEMBERED = 10_000


class Remembered:
    """Packet identifiers and checksums (`mark`) in the order in which they were taken; the oldest go first.

    Each has a number that only grows. A client repeats in the order in which it sent [MQTT 5, 4.6], so a repetition has a higher number than the
    one before it; what does not is a new publication that looks like an old one, and is to be taken.
    """

    __slots__ = ("_gone", "_ids", "_marks", "most")

    def __init__(self) -> None:
        """Begin without any. `most`: how many are kept at least, before the oldest go."""
        self._ids = array("H")
        self._marks = array("I")
        self._gone = 0
        self.most = REMEMBERED

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, packet_id: int, mark: int) -> None:
        """Remember one."""
        self._ids.append(packet_id)
        self._marks.append(mark)
        self._trim()

    def extend(self, packet_ids: bytes, marks: list[int]) -> None:
        """Remember many; the identifiers as they stand in packets, two bytes each."""
        ids = array("H", packet_ids)
        if sys.byteorder == "little":
            ids.byteswap()
        self._ids.extend(ids)
        self._marks.extend(marks)
        self._trim()

    def _trim(self) -> None:
        over = len(self._ids) - self.most
        if over > self.most // 4:  # not one by one: each cut moves all the others
            del self._ids[:over], self._marks[:over]
            self._gone += over

    def find(self, packet_id: int, mark: int, after: int) -> int:
        """Return the number of this very publication, -1 if it was not taken, or not after number `after`.

        The newest with the identifier counts: an identifier is free again once its publication was acknowledged.
        """
        if not self._ids:
            return -1
        found = np.flatnonzero(np.frombuffer(self._ids, np.uint16) == packet_id)
        if not len(found):
            return -1
        place = int(found[-1])
        number = self._gone + place
        return number if self._marks[place] == mark and number > after else -1

    def clear(self) -> None:
        """Forget all."""
        self._gone += len(self._ids)
        del self._ids[:], self._marks[:]

    def as_text(self) -> list[str]:
        """Return both columns as text, to be kept; little-endian."""
        return [
            b64encode(np.frombuffer(self._ids, np.uint16).astype("<u2").tobytes()).decode() if self._ids else "",
            b64encode(np.frombuffer(self._marks, np.uint32).astype("<u4").tobytes()).decode() if self._ids else "",
        ]

    @classmethod
    def from_text(cls, columns: list[str] | list[list[int]]) -> Remembered:
        """Return what `as_text` gave, or pairs of identifier and checksum, as the first version kept them.

        Raises:
            ValueError, TypeError: it is nothing such.
        """
        made = cls()
        pairs = [one for one in columns if not isinstance(one, str)]
        if pairs or not columns:
            for packet_id, mark in pairs:
                made.add(packet_id, mark)
            return made
        ids, marks = (b64decode(str(one), validate=True) for one in columns)
        if len(ids) * 2 != len(marks):
            raise ValueError("columns of different lengths")
        made._ids.extend(np.frombuffer(ids, "<u2").tolist())
        made._marks.extend(np.frombuffer(marks, "<u4").tolist())
        return made
