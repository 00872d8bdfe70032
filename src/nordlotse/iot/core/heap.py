"""Entries of the log heaped up by topic, so that recovery reads publications that look alike all at once (`piles`), the others one by one."""

from __future__ import annotations

import numpy as np

from nordlotse.iot.core.decoding import numbers
from nordlotse.iot.core.entries import Head, whole
from nordlotse.iot.core.intake import Entry
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.piles import pile, topic_of
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.stores import Stores
from nordlotse.iot.core.tail import UNREADABLE
from nordlotse.iot.core.values import Block, Series

#: A pile of fewer bytes is read one by one: looking at all at once has a price of its own.
_WORTH = 16 * 1024
_Key = tuple[str, int, bytes]


class Heap:
    """What is gathered between two steps of recovery."""

    def __init__(self, stores: Stores) -> None:
        """Take the stores the values go to."""
        self._stores = stores
        self._piles: dict[_Key, list[tuple[int, Head, logs.Entry]]] = {}
        self._others: list[tuple[int, Entry]] = []
        self._turn = 0
        self.size = 0
        #: The place behind what was added last.
        self.end: Place = START

    def add(self, read: Head | Entry, entry: logs.Entry) -> None:
        """Add a record of the log.

        Raises:
            LookupError: it is none of ours.
        """
        self._turn += 1
        self.size += len(entry.content)
        self.end = entry.end
        if isinstance(read, Head):
            topic = topic_of(read.frames) + bytes([read.frames[0] & 2])
            self._piles.setdefault((read.company, read.version, topic), []).append((self._turn, read, entry))
        else:
            self._others.append((self._turn, read))

    def sorted_out(self) -> tuple[list[Entry], list[logs.Entry]]:
        """Return everything as entries in the order of the log, as far as it matters, and the records nobody can read; begin anew.

        Only values of one series have an order. A pile is read at once only if none of its machine's values comes another way.
        """
        blocks: list[Block] = []
        unreadable: list[logs.Entry] = []
        alone: list[tuple[_Key, Series]] = []
        for key, held in self._piles.items():
            series = (
                self._stores.plainly(key[0], key[2][:-1]) if sum(len(h.frames) for _, h, _ in held) > _WORTH else None
            )
            if series is None:
                self._one_by_one(held, unreadable)
            else:
                alone.append((key, series))
        elsewhere = {machine for _, entry in self._others for machine in _machines(entry)}
        twice = {series for _, series in alone if sum(series == other for _, other in alone) > 1}
        for key, series in alone:
            held = self._piles[key]
            other = (series.company, series.machine) in elsewhere or series in twice
            block = None if other else self._at_once(key, series, held)
            if block is None:
                self._one_by_one(held, unreadable)
            else:
                blocks.append(block)
        self._others.sort(key=lambda one: one[0])
        entries: list[Entry] = [entry for _, entry in self._others]
        self._piles, self._others, self.size = {}, [], 0
        return ([*entries, blocks] if blocks else entries), unreadable

    def _at_once(self, key: _Key, series: Series, held: list[tuple[int, Head, logs.Entry]]) -> Block | None:
        found = pile(b"".join([head.frames for _, head, _ in held]), key[2][:-1], key[1])
        if found is None:
            return None
        ends = np.cumsum([len(head.frames) for _, head, _ in held])
        counts = np.diff(np.searchsorted(found.begin, ends), prepend=0)
        arrived = np.repeat(np.array([head.arrived for _, head, _ in held], np.int64), counts)
        return numbers(series, found.value, found.ms, arrived, self._stores.writer(series.company).given)

    def _one_by_one(self, held: list[tuple[int, Head, logs.Entry]], unreadable: list[logs.Entry]) -> None:
        for turn, head, entry in held:
            try:
                self._others.append((turn, whole(head)))
            except UNREADABLE:
                unreadable.append(entry)


def _machines(entry: Entry) -> set[tuple[str, str]]:
    if isinstance(entry, list):
        return {(block.series.company, block.series.machine) for block in entry}
    if isinstance(entry, Taken):
        topics = set(entry.publications.topics)
        return {(entry.company, topic.partition(b"/")[0].decode("utf-8", "replace")) for topic in topics}
    return set()
