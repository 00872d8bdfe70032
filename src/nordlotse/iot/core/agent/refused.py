"""Values of machines the centre refuses: they lie beside the buffer, so that the other machines' go on, and are sent when they may be.

Nothing of them is dropped: they count as waiting, survive a restart, and where they find no room any more everything stays in the buffer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from nordlotse.iot.core.agent.buffer import ASIDE, Buffer, last_mark
from nordlotse.iot.core.agent.records import Mark, Rows
from nordlotse.iot.core.store.log import START, Place

#: Values read at once.
_AT_ONCE = 100_000


class Aside:
    """What lies aside below the buffer's folder. For the sender's thread alone."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Take the buffer's folder and the most bytes that lie aside.

        Raises:
            NotAvailable, OSError: what lies there already cannot be opened.
        """
        self._folder, self._limit = folder / ASIDE, limit
        self._buffer: Buffer | None = None
        self._behind, self._read = START, 0
        #: Whose values lie aside. To read that from the disk each time would take as long as to read them all.
        self.machines: set[str] = set()
        if self._folder.is_dir():
            self._open()

    @property
    def waiting(self) -> int:
        """Return how many values lie aside."""
        return self._buffer.waiting if self._buffer is not None else 0

    def put(self, several: Sequence[Rows], sent: Place, passed: int) -> None:
        """Lay rows aside, safe on the disk together with how far the buffer is then: its place and how many values were passed on.

        Raises:
            NotKept: there is no room; nothing of it was kept.
        """
        buffer = self._open()
        buffer.put_with(several, Mark(sent, passed, buffer.sent))
        self.machines |= whose(several)

    def put_back(self, rest: Sequence[Rows], sent: Place, passed: int) -> None:
        """Let go of the rows read last, but for the `rest` of them, which goes behind; and how far the buffer is then: all in one write.

        Raises:
            NotKept: the disk does not take it; everything lies as it lay.
        """
        assert self._buffer is not None  # noqa: S101 - they were read
        self._buffer.put_with(rest, Mark(sent, passed, self._behind), back=True)
        self._buffer.forget(self._behind, self._read)
        self._buffer.note()

    @property
    def end(self) -> Place:
        """Return the place behind everything that lies aside."""
        return self._buffer.end if self._buffer is not None else START

    @property
    def sent(self) -> Place:
        """Return the place where what lies aside begins."""
        return self._buffer.sent if self._buffer is not None else START

    def read(self) -> list[Rows]:
        """Return the oldest rows that lie aside, as many as are sent at once; `put_back` lets go of them."""
        if self._buffer is None:
            return []
        records, self._behind = self._buffer.read(self._buffer.sent, _AT_ONCE)
        self._read = sum(map(len, records))
        return records

    def close(self) -> None:
        """Close the files."""
        if self._buffer is not None:
            self._buffer.close()
            self._buffer = None

    def _open(self) -> Buffer:
        if self._buffer is None:
            mark = last_mark(self._folder)
            since = mark.aside if mark is not None else START
            # without a reserve: what comes here leaves the buffer, and only so the others' values go on and make room
            self._buffer = Buffer(self._folder, self._limit, since=since, reserve=False)
            self.machines = self._buffer.machines()
        return self._buffer


def whose(several: Sequence[Rows]) -> set[str]:
    """Return whose values rows are."""
    return {machine for rows in several for machine, _ in rows.names}


def parted(records: Sequence[Rows], machines: Collection[str]) -> tuple[list[Rows], list[Rows]]:
    """Return the rows of other machines, and those of `machines`."""
    others: list[Rows] = []
    theirs: list[Rows] = []
    for rows in records:
        places = [place for place, (machine, _) in enumerate(rows.names) if machine in machines]
        if not places:
            others.append(rows)
            continue
        mine = np.isin(rows.data["name"], places)
        if not mine.all():
            others.append(_only(rows, ~mine))
        if mine.any():
            theirs.append(_only(rows, mine))
    return others, theirs


def _only(rows: Rows, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Rows:
    """Return some of the rows, with the names they have and no others."""
    data = rows.data[which]
    used, data["name"] = np.unique(data["name"], return_inverse=True)
    return Rows(tuple(rows.names[place] for place in used), rows.texts, data)
