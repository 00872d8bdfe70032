"""The end of the log as readers decode it themselves: what the ingest has acknowledged and not shown yet, because it lags or has ended."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nordlotse.iot.core.entries import peek
from nordlotse.iot.core.entries import read as read_entry
from nordlotse.iot.core.intake import Entry, Mapping, worked
from nordlotse.iot.core.mqtt.packets import ProtocolError
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.store.shown import shown
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.values import Block, Series

#: So young values are left to the ingest, which shows them within a fraction of it while it keeps up, seconds.
PATIENCE = 0.4
#: What a record may be that we cannot read: recovery tells it, readers pass over it.
UNREADABLE = (ValueError, struct.error, ProtocolError, LookupError)


def reader(folder: Path, company: str, patience: float = PATIENCE) -> Reader:
    """Return a reader of a company's store below the data folder that sees every acknowledged value; `look` before reading.

    Raises:
        ValueError: the id cannot be one.
    """
    return Reader(company_folder(folder, company), LogTail(folder, company, patience))


class LogTail:
    """The log's end for one company. Fits `store.reader.Tail`."""

    def __init__(self, folder: Path, company: str, patience: float = PATIENCE) -> None:
        """Take the data folder and the company."""
        self._folder = folder
        self._company = company
        self._patience = patience
        self._mapping = Mapping(company_folder(folder, company))
        self._from = self._to = START
        self._blocks: list[Block] = []
        self._last: dict[Series, int] = {}

    def shown(self) -> tuple[bytes, Place]:
        """Return the run of the ingest and up to which place it has shown everything."""
        return shown(self._folder)

    def since(self, place: Place, given: Callable[[], dict[Series, int]]) -> Sequence[Block]:
        """Return the values behind a place; those of the last `PATIENCE` seconds only once they are older and still not shown."""
        if place != self._from:
            self._from = self._to = place
            self._blocks = []
            self._last = {}
        if logs.end_of(self._folder / "log") <= self._to:
            return self._blocks
        if not self._blocks:
            self._last = given()
        entries = self._entries()
        if entries:
            made = worked(entries, lambda _: self._mapping.routes(), lambda _: self._given)
            self._blocks = [*self._blocks, *made.blocks.get(self._company, ())]
        return self._blocks

    def _entries(self) -> list[Entry]:
        young = (time.time() - self._patience) * 1_000_000
        found: list[Entry] = []
        for entry in logs.read(self._folder / "log", self._to):
            try:
                told = peek(entry.content)
                if told is not None and told[0] == self._company:
                    if told[1] > young:
                        return found
                    found.append(read_entry(entry.content))
            except UNREADABLE:
                pass
            self._to = entry.end
        return found

    def _given(self, series: Series, arrived: int, count: int) -> int:
        """Return times as the ingest will give them: `store.writer.Writer.given`."""
        begin = max(arrived, self._last.get(series, 0) + 1)
        self._last[series] = begin + count - 1
        return begin
