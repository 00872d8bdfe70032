"""After a start: what the log holds and segments do not is worked in; what of the log is damaged is kept aside and told."""

from __future__ import annotations

import json
import logging
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nordlotse.iot.core import apart
from nordlotse.iot.core.entries import Head, head, whole
from nordlotse.iot.core.entries import read as read_entry
from nordlotse.iot.core.heap import Heap
from nordlotse.iot.core.intake import Entry
from nordlotse.iot.core.mqtt.ports import Released
from nordlotse.iot.core.mqtt.sessions import REMEMBERED, Sessions, mark
from nordlotse.iot.core.piles import how_many
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.store.records import Damage
from nordlotse.iot.core.stores import FLUSH_REFUSED, FLUSH_ROWS, Stores, company_folder
from nordlotse.iot.core.tail import UNREADABLE

_log = logging.getLogger("nordlotse.iot")
_SESSIONS = "sessions"
#: Bytes of log decoded together.
_AT_ONCE = 8 * 1024 * 1024
#: Values that become segments together: more than while machines send, for nobody waits and each time costs several syncs.
_FLUSH_ROWS = 3 * FLUSH_ROWS
#: Bytes of publications kept to let them count for the sessions at the end.
_KEPT = 64 * 1024 * 1024


@dataclass(slots=True)
class Recovery:
    """What was found: how many records were worked in, which stretches of the log were damaged."""

    records: int = 0
    damages: list[str] = field(default_factory=list)


def recover(folder: Path, stores: Stores, sessions: Sessions, disk: Disk) -> Recovery:
    """Work in what the log holds behind the segments, and let it count for the sessions.

    Raises:
        OSError: the disk does not take it; the log still holds it.
    """
    found = Recovery()
    memory = _Memory(sessions, _restore(folder, sessions, found))
    worked = _opened(stores, disk, found)
    heap, beside = Heap(stores), _Beside(stores)
    damages: list[tuple[int, Damage]] = []
    for entry in logs.read(folder / "log", START, damages):
        try:
            taken = head(entry.content)
            read = taken or read_entry(entry.content)
            memory.add(read, entry.end)
            if stores.damaged:
                beside.add(read, entry, worked)
            if isinstance(read, list):
                read = [block for block in read if beside.lacks(block.series.company, entry, worked)]
            elif isinstance(read, Released) or not beside.lacks(read.company, entry, worked):
                continue
            heap.add(read, entry)
        except UNREADABLE:
            damages.append((entry.begin.file, Damage(entry.begin.offset, entry.end.offset, True)))
            continue
        found.records += 1
        if heap.size >= _AT_ONCE:
            damages += _take(heap, stores, disk)
    damages += _take(heap, stores, disk)
    beside.keep()
    memory.end()
    for number, damage in damages:
        _keep_aside(folder, number, damage, disk, found)
    if stores.waits:
        stores.flush(heap.end)
    return found


def _opened(stores: Stores, disk: Disk, found: Recovery) -> dict[str, Place]:
    """Open the stores, work in what waited beside those that could not be opened before; return up to where each has everything of the log."""
    worked = {company: stores.worked(company) for company in stores.known()}
    for company in worked:
        folder = company_folder(stores.folder, company)
        if company in stores.damaged:
            why = stores.damaged[company].where
            found.damages.append(f"{company}: {why} (put aside; what comes for it waits in {folder / apart.FOLDER})")
            continue
        if stores.writer(company).mended:
            found.damages.append(f"{company}: manifest: {stores.writer(company).mended} (its twin took its place)")
        if apart.waits(folder):
            worked[company] = _waited(stores, company, disk, found)
    return worked


def _waited(stores: Stores, company: str, disk: Disk, found: Recovery) -> Place:
    """Work in what waited while a company's store could not be opened; return up to where the store has everything of the log then."""
    folder, writer = company_folder(stores.folder, company), stores.writer(company)
    worked = last = writer.manifest.worked
    damages: list[tuple[int, Damage]] = []
    for until, kept in apart.read(folder, damages):
        entries: list[Entry] = []
        for place, content in kept:
            if place <= worked:
                continue
            try:
                entries.append(read_entry(memoryview(content)))
            except UNREADABLE:
                damages.append((place.file, Damage(place.offset, place.offset, True)))
        last = max(last, until)
        stores.take(entries, last, mark=False)  # what the log holds for others before it is not worked in yet
        found.records += len(entries)
        if stores.rows_waiting >= _FLUSH_ROWS or stores.refused_waiting >= FLUSH_REFUSED:
            stores.flush(last)
    if stores.waits:
        stores.flush(last)
    inside = [one for _, one in damages if one.inside]
    found.damages += [f"{company}: waiting: {one.begin}–{one.end}" for one in inside]
    apart.done(folder, disk, whole=not inside)
    _log.warning("event=iot_store_back company=%s damages=%d", company, len(inside))
    return last


def keep(folder: Path, sessions: list[dict[str, object]], place: Place, disk: Disk) -> None:
    """Keep the sessions as they are once everything before a place of the log has counted for them.

    Raises:
        OSError: the last ones stay.
    """
    content = json.dumps({"place": list(place), "sessions": sessions}).encode()
    publish(disk, folder / _SESSIONS, b"%08x\n%s" % (zlib.crc32(content), content))


def remember(sessions: Sessions, entry: Entry) -> None:
    """Let an entry of the log count for the sessions, as it did when it came."""
    if isinstance(entry, list) or not entry.client:
        return
    session = sessions.of(entry.company, entry.client)
    if isinstance(entry, Released):
        if entry.all:
            session.taken.clear()
            session.received.clear()
            session.subscriptions.clear()
        for packet_id in entry.packet_ids:
            session.received.pop(packet_id, None)
        return
    found = entry.publications
    for topic, payload, raw_id, first in zip(found.topics, found.payloads, found.packet_ids, found.flags, strict=True):
        packet_id = int.from_bytes(raw_id, "big")
        if first & 6 == 2:
            session.remember(packet_id, mark(topic, payload))
        elif first & 6 == 4:
            session.received[packet_id] = mark(topic, payload)


def _restore(folder: Path, sessions: Sessions, found: Recovery) -> Place:
    """Take the sessions as they were kept; return up to which place of the log everything counts in them."""
    try:
        crc, _, content = (folder / _SESSIONS).read_bytes().partition(b"\n")
        if int(crc, 16) != zlib.crc32(content):
            raise ValueError("checksum")
        kept = json.loads(content)
        sessions.restore(kept["sessions"])
        return Place(*kept["place"])
    except FileNotFoundError:
        return START
    except (ValueError, KeyError, TypeError):  # repetitions may be taken twice then, nothing is lost
        found.damages.append(_SESSIONS)
        _log.error("event=iot_sessions_damaged")
        return START


class _Beside:
    """Gathers what the log holds for stores that cannot be opened, and keeps it beside them."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._gathered: dict[str, list[apart.Kept]] = {}
        self._bytes = 0

    def lacks(self, company: str, entry: logs.Entry, worked: Mapping[str, Place]) -> bool:
        """Return whether a store that can be opened has still to take an entry."""
        return company not in self._stores.damaged and entry.end > worked.get(company, START)

    def add(self, read: Head | Entry, entry: logs.Entry, worked: Mapping[str, Place]) -> None:
        """Take what of an entry is for one of them.

        Raises:
            UNREADABLE: it is none of ours.
        """
        for company in self._stores.damaged:
            if entry.end <= worked.get(company, START):
                continue
            if isinstance(read, Head):
                content = bytes(entry.content) if read.company == company else b""
            else:
                content = apart.content_for(company, read)
            if content:
                self._gathered.setdefault(company, []).append((entry.end, content))
                self._bytes += len(content)
        if self._bytes >= _AT_ONCE:
            self.keep()

    def keep(self) -> None:
        """Make what was gathered safe on the disk.

        Raises:
            OSError: the log still holds it.
        """
        for company, kept in self._gathered.items():
            self._stores.keep_apart(company, kept, kept[-1][0])
        self._gathered, self._bytes = {}, 0


class _Memory:
    """Lets the log count for the sessions. What a client sent last is enough to know a repetition, so most is never looked at."""

    def __init__(self, sessions: Sessions, known: Place) -> None:
        self._sessions = sessions
        self._known = known
        self._last: dict[tuple[str, str], deque[tuple[Head, int]]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._bytes = 0

    def add(self, entry: Head | Entry, end: Place) -> None:
        """Take an entry of the log in its turn."""
        if isinstance(entry, list) or not entry.client or end <= self._known:
            return
        key = (entry.company, entry.client)
        alike = how_many(entry.frames) if isinstance(entry, Head) else 0
        if not isinstance(entry, Head) or not alike:  # with other kinds of publications the order counts
            self._settle(key)
            remember(self._sessions, whole(entry) if isinstance(entry, Head) else entry)
            return
        kept = self._last.setdefault(key, deque())
        kept.append((entry, alike))
        self._bytes += len(entry.frames)
        self._counts[key] = self._counts.get(key, 0) + alike
        while self._counts[key] - kept[0][1] >= REMEMBERED:
            old, count = kept.popleft()
            self._counts[key] -= count
            self._bytes -= len(old.frames)
        if self._bytes > _KEPT:
            self.end()

    def end(self) -> None:
        """Let count what was kept."""
        for key in list(self._last):
            self._settle(key)

    def _settle(self, key: tuple[str, str]) -> None:
        self._counts.pop(key, None)
        for entry, _ in self._last.pop(key, ()):
            self._bytes -= len(entry.frames)
            remember(self._sessions, whole(entry))


def _keep_aside(folder: Path, number: int, damage: Damage, disk: Disk, found: Recovery) -> None:
    """Copy a stretch of the log that is no record, so that it is still there when the log is forgotten.

    A torn end is what a crash leaves of a write nobody was told of. It is kept all the same: damage of the last record looks alike.
    """
    if damage.inside:
        found.damages.append(f"log {number}: {damage.begin}–{damage.end}")
        _log.error("event=iot_log_damaged file=%d begin=%d end=%d", number, damage.begin, damage.end)
    target = folder / "damaged" / f"{number:08d}-{damage.begin}-{damage.end}{'-in' if damage.inside else ''}"
    if target.exists():
        return
    with logs.path_of(folder / "log", number).open("rb") as file:
        file.seek(damage.begin)
        content = file.read(damage.end - damage.begin)
    if content.strip(b"\0"):
        disk.make_folder(target.parent)
        publish(disk, target, content)


def _take(heap: Heap, stores: Stores, disk: Disk) -> list[tuple[int, Damage]]:
    """Work in what was heaped up; return the records nobody can read."""
    disk.reach("recovery")
    entries, unreadable = heap.sorted_out()
    if entries:
        stores.take(entries, heap.end)
    if stores.rows_waiting >= _FLUSH_ROWS or stores.refused_waiting >= FLUSH_REFUSED:
        stores.flush(heap.end)
    return [(one.begin.file, Damage(one.begin.offset, one.end.offset, True)) for one in unreadable]
