"""Payloads nobody could read that came since the last ones were put into quarantine: read from the end of the log, so that a page sees them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nordlotse.iot.core.decoding import Refused
from nordlotse.iot.core.entries import peek
from nordlotse.iot.core.entries import read as read_entry
from nordlotse.iot.core.intake import Mapping, worked
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.tail import UNREADABLE
from nordlotse.iot.core.values import Series

#: More bytes of the log than this are not read for one look: a page must not do the ingest's work. They reach the quarantine within half a minute.
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """What was refused lately, oldest first; `whole`: nothing that came is left out."""

    refused: Sequence[Refused]
    whole: bool


class JustRefused:
    """The refused payloads of one company behind what its store has worked in. Reads on from look to look."""

    def __init__(self, folder: Path, company: str) -> None:
        """Take the data folder and the company."""
        self._log = folder / "log"
        self._company = company
        self._mapping = Mapping(company_folder(folder, company))
        self._mapped = 0
        self._to = START
        self._found: list[tuple[Place, Refused]] = []

    def look(self, since: Place) -> Seen:
        """Return what was refused behind a place; `since`: up to where the store's manifest holds everything."""
        changed = self._mapping.changed
        if changed != self._mapped:  # what was refused may be readable now
            self._mapped = changed
            self._found, self._to = [], START
        self._found = [(end, one) for end, one in self._found if end > since]
        self._to = max(self._to, since)
        if logs.end_of(self._log) > self._to:
            held = sum(len(one.payload) for _, one in self._found)  # much only while the disk takes nothing
            if held + _size_behind(self._log, self._to) > MOST_BYTES:
                return Seen([one for _, one in self._found], False)
            self._read_on()
        routes = self._mapping.routes()
        kept = [one for _, one in self._found if routes is None or not routes.throws_away(one.topic, one.arrived)]
        return Seen(kept, True)

    def _read_on(self) -> None:
        for entry in logs.read(self._log, self._to):
            try:
                told = peek(entry.content)
                if told is not None and told[0] == self._company:
                    taken = read_entry(entry.content)
                    if isinstance(taken, Taken):
                        self._found += [(entry.end, one) for one in self._refused(taken)]
            except UNREADABLE:
                pass
            self._to = entry.end

    def _refused(self, taken: Taken) -> Sequence[Refused]:
        made = worked([taken], lambda _: self._mapping.routes(), lambda _: _arrived)
        return made.refused.get(self._company, ())


def _arrived(series: Series, arrived: int, count: int) -> int:
    return arrived


def _size_behind(folder: Path, place: Place) -> int:
    """Return how many bytes of the log lie behind a place."""
    size = 0
    for number, path in logs.files(folder):
        try:
            held = path.stat().st_size
        except FileNotFoundError:
            continue
        if number >= place.file:
            size += max(held - (place.offset if number == place.file else 0), 0)
    return size
