"""The stores of all companies below one folder, as the one process that writes them holds them."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

from nordlotse.foundation.problem import NotAvailable, Problem
from nordlotse.iot.core import quarantine, retention, unread
from nordlotse.iot.core.apart import Apart, Kept, content_for
from nordlotse.iot.core.decoding import Refused
from nordlotse.iot.core.intake import Entry, Mapping, again, worked
from nordlotse.iot.core.mapping import Routes
from nordlotse.iot.core.mqtt.matching import matches
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.orders import Order
from nordlotse.iot.core.store import hot
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.store.shown import Shown
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.values import COMPANY, Block, Series

_log = logging.getLogger("nordlotse.iot")

#: Values are turned into segments when so many wait, or the oldest so long in seconds, or so many bytes of refused payloads.
FLUSH_ROWS = 500_000
FLUSH_SECONDS = 20.0
FLUSH_REFUSED = 8 * 1024 * 1024
#: Bytes a refused payload takes beside its own.
_WEIGHT = 150
#: Folder of companies that are being deleted.
_LEAVING = "leaving"


class Stores:
    """All companies' stores. Whoever holds it is the only writer: it holds the folder's lock as long as the process lives."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        """Take the lock and finish deletions a crash has stopped.

        Raises:
            NotAvailable: `iot_running`: another process writes here.
        """
        disk.make_folder(folder)
        self.folder = folder
        self._disk = disk
        self._lock = _locked(folder)
        self._run = secrets.token_bytes(hot.RUN_BYTES)
        self._shown = Shown(folder, self._run)
        self._writers: dict[str, Writer] = {}
        self._mappings: dict[str, Mapping] = {}
        #: Companies whose store cannot be opened, with the reason; what comes for them is kept beside it.
        self.damaged: dict[str, NotAvailable] = {}
        self._apart: dict[str, Apart] = {}
        self._refused: dict[str, list[Refused]] = {}
        self.rows_waiting = 0
        #: Bytes of payloads that wait for quarantine.
        self.refused_waiting = 0
        #: Whether something was kept beside a store since the last `flush`: it is safe, but lies in the log as well until that may go.
        self._beside = False
        self._oldest = 0.0
        self._bounds = unread.bounds()
        self._rooms: dict[str, unread.Room] = {}
        self._clear_leaving()

    def known(self) -> list[str]:
        """Return the ids of the companies that have a store."""
        return sorted(path.name for path in (self.folder / "companies").glob("*") if COMPANY.match(path.name))

    def writer(self, company: str) -> Writer:
        """Return a company's store.

        Raises:
            OSError: it cannot be opened now.
            ValueError: the id cannot be one.
            NotAvailable: `iot_damaged`: its manifest. It stays untouched until the process starts anew.
        """
        if company not in self._writers:
            if company in self.damaged:
                raise self.damaged[company]
            folder = company_folder(self.folder, company)
            try:
                writer = Writer(folder, company, self._disk, self._run)
            except NotAvailable as error:
                _log.error("event=iot_store_aside company=%s", company)
                self._apart[company] = Apart(folder, self._disk)
                self.damaged[company] = error
                raise
            self._rooms[company] = unread.Room(writer, self._disk)
            self._writers[company] = writer
        return self._writers[company]

    def opens(self, company: str) -> bool:
        """Return whether a company's store can be opened; one that cannot is put aside, and what comes for it is kept beside it.

        Raises:
            OSError: it cannot be opened now.
        """
        if company in self._writers:
            return True
        with suppress(NotAvailable):
            self.writer(company)
        return company in self._writers

    def worked(self, company: str) -> Place:
        """Return up to which place of the log everything of a company lies in its store, or beside it where that cannot be opened.

        Raises:
            OSError.
        """
        return self.writer(company).manifest.worked if self.opens(company) else self._apart[company].reached

    def take(self, entries: Sequence[Entry], until: Place, *, mark: bool = True) -> None:
        """Decode what came and show it to readers.

        `mark`: everything of the log before `until` was taken by now, whoever it is for, and readers may know.

        Raises:
            OSError: a new company's store cannot be opened now, or what is for one that is damaged not be kept; nothing was taken that
                comes again with the same `until`.
        """
        first = not self.waits
        aside = [one for one in {one for entry in entries for one in _companies(entry)} if not self.opens(one)]
        if aside:
            entries = self._kept_apart(entries, aside, until)
        made = worked(
            entries,
            lambda company: self._mapping(company).routes(),
            lambda company: self.writer(company).given,
            self._room,
        )
        for company, refused in made.refused.items():
            self._refused.setdefault(company, []).extend(refused)
            self.refused_waiting += sum(_WEIGHT + len(one.payload) for one in refused)
        for company, blocks in made.blocks.items():
            self.writer(company).add(blocks, until)
        if first:
            self._oldest = time.monotonic()
        self.rows_waiting = sum(writer.rows_waiting for writer in self._writers.values())
        if mark:
            self.mark(until)

    def keep_apart(self, company: str, entries: Sequence[Kept], until: Place) -> None:
        """Keep entries of the log beside the store of a company that cannot be opened; with them everything before `until` is held.

        Raises:
            OSError: nothing was kept.
        """
        self._apart[company].keep(entries, until)
        self._beside = True

    def _kept_apart(self, entries: Sequence[Entry], aside: Collection[str], until: Place) -> Sequence[Entry]:
        """Keep what is for stores that cannot be opened beside them; return what is for the others."""
        for company in aside:
            mine = [(until, content) for entry in entries if (content := content_for(company, entry))]
            self.keep_apart(company, mine, until)
        left: list[Entry] = []
        for entry in entries:
            if isinstance(entry, list):
                left.append([block for block in entry if block.series.company not in aside])
            elif entry.company not in aside:
                left.append(entry)
        return left

    def _room(self, company: str, several: Collection[Series]) -> bool:
        """Return whether a company may have these series, and count them as its own if so."""
        writer = self.writer(company)
        if not writer.room(several):
            return False
        for series in several:
            writer.number(series)
        return True

    def mark(self, until: Place) -> None:
        """Let readers know that everything before a place was taken; where it could not be shown they read the log."""
        hidden = [writer.shown for writer in self._writers.values() if writer.shown is not None]
        self._shown.set(min([until, *hidden]))

    def plainly(self, company: str, topic: bytes) -> Series | None:
        """Return the series a topic names by itself, None where a company's rules or an object in the payload have a say."""
        routes = self._mapping(company).routes()
        if routes is None or not routes.plain:
            return None
        route = routes.of(topic)
        return Series(company, route.machine, route.signal) if route.signal else None

    @property
    def waits(self) -> bool:
        """Return whether something waits to be put into segments or into quarantine, or lies in the log though it was kept apart; or whether room is being made."""
        busy = any(room.busy for room in self._rooms.values())
        return bool(self.rows_waiting or self._refused or self._beside or busy)

    @property
    def due(self) -> bool:
        """Return whether what waits should become segments."""
        return self.waits and (
            self.rows_waiting >= FLUSH_ROWS
            or self.refused_waiting >= FLUSH_REFUSED
            or time.monotonic() - self._oldest > FLUSH_SECONDS
        )

    def flush(self, until: Place) -> None:
        """Turn everything waiting into segments; afterwards the log before `until` is not needed.

        Raises:
            OSError: what is not in segments still waits.
        """
        for company, writer in self._writers.items():
            refused = self._refused.get(company)
            if refused:
                aside = quarantine.add(writer.folder, writer.manifest, refused, self._disk)
                writer.flush(until, aside=aside)
                del self._refused[company]
            else:
                writer.flush(until)
        self.rows_waiting = self.refused_waiting = 0
        self._beside = False
        self._oldest = time.monotonic()
        for company, room in self._rooms.items():
            try:
                room.make(self._bounds)
            except OSError as error:  # everything is in its place, and the log may go: that frees more than this would
                _log.error("event=iot_unread_failing company=%s error=%s", company, error.strerror)

    def merge(self) -> None:
        """Merge fresh segments where there are many.

        Raises:
            OSError: nothing has changed.
        """
        for writer in self._writers.values():
            writer.merge()

    def read_again(self, until: Place) -> int:
        """Read the quarantine of companies whose mapping has changed again; return how many payloads became values.

        Raises:
            OSError: nothing has changed for the company concerned.
        """
        freed = 0
        for company in self.known():
            if company in self.damaged:
                continue
            try:
                freed += self._read_again(company, until)
            except Problem as problem:  # damage on the disk of one company keeps nobody else's from being read
                _log.error("event=iot_quarantine_unreadable error=%s", problem.code)
        return freed

    def _read_again(self, company: str, until: Place) -> int:
        mapping = self._mapping(company)
        writer = self.writer(company)
        changed = mapping.changed
        if not changed or changed == writer.manifest.mapped:
            return 0
        routes = mapping.routes()
        if routes is None:
            return 0
        self.flush(until)
        number, size = writer.manifest.aside
        given = _Free(writer).given
        blocks: list[Block] = []
        seen = left = 0
        aside = quarantine.begun(writer.folder, writer.manifest, self._disk)
        for refused in quarantine.pieces(quarantine.read_on(writer.folder, number, 0, size)):
            made, still = again(company, refused, routes, given)
            blocks += made
            if still:
                aside = quarantine.add(writer.folder, writer.manifest.after(aside=aside), still, self._disk)
            seen, left = seen + len(refused), left + len(still)
        writer.flush_with(blocks, writer.manifest.worked, aside=aside, mapped=changed)
        quarantine.tidy(writer.folder, writer.manifest, self._disk)
        _log.info("event=iot_quarantine_read_again freed=%d left=%d", seen - left, left)
        return seen - left

    def retain(self, now: int) -> None:
        """Let values older than a company keeps them go, and keep their roll-ups; `now` in µs.

        Where one company's disk or data fail nothing changes for it, and the others' turn comes all the same.

        Raises:
            OSError: the look cannot be noted; nothing has changed for anybody.
        """
        until = retention.steady(self.folder, now, self._disk)
        for company in self.known():
            if company in self.damaged:
                continue
            periods = retention.periods(company_folder(self.folder, company))
            try:
                self.writer(company)
                self._rooms[company].let_old_go(unread.days_of(self._bounds, periods), until)
                if periods is None:
                    continue
                retention.apply(self.writer(company), periods, until, self._disk)
            except (
                Problem,
                OSError,
            ) as error:  # damage on the disk of one company keeps nobody else's values from being kept
                code = error.code if isinstance(error, Problem) else error.strerror
                _log.error("event=iot_retention_failed company=%s error=%s", company, code)

    def concerns(self, order: Order) -> Callable[[bytes], bool]:
        """Return what tells of a topic whether its payloads go with the machine or signal an order removes."""
        routes = self._mapping(order.company).routes() or Routes()

        def going(topic: bytes) -> bool:
            text = topic.decode("utf-8", "replace")
            return routes.leads_to(topic, order.machine, order.signal) or any(
                matches(one, text) for one in order.topics
            )

        return going

    def drop(self, order: Order) -> None:
        """Remove what an order says of a company's values, and payloads of its topics nobody could read; what waits must be flushed before.

        Raises:
            OSError: it is no longer read, but may lie on the disk still; asking again removes it.
        """
        writer = self.writer(order.company)
        self._rooms[order.company].give_up()
        writer.drop(order.machine, order.signal)
        going = self.concerns(order)
        number, size = writer.manifest.aside
        if not any(going(one.topic) for _, one in quarantine.read_on(writer.folder, number, 0, size)):
            return
        aside = quarantine.begun(writer.folder, writer.manifest, self._disk)
        for refused in quarantine.pieces(quarantine.read_on(writer.folder, number, 0, size)):
            if left := [one for one in refused if not going(one.topic)]:
                aside = quarantine.add(writer.folder, writer.manifest.after(aside=aside), left, self._disk)
        writer.flush_with([], writer.manifest.worked, aside=aside)
        quarantine.tidy(writer.folder, writer.manifest, self._disk)

    def leave(self, company: str) -> None:
        """Remove everything of a company but what of it stands in the log: that must be flushed and forgotten before.

        Raises:
            OSError: it is gone from the stores, its files may not be yet; the next start removes them.
        """
        writer = self._writers.pop(company, None)
        if company in self._rooms:
            self._rooms.pop(company).give_up()
        if writer is not None:
            writer.close()
        if company in self._apart:
            self._apart.pop(company).close()
        self.damaged.pop(company, None)
        self._refused.pop(company, None)
        self._mappings.pop(company, None)
        folder = company_folder(self.folder, company)
        if folder.is_dir():
            leaving = self.folder / _LEAVING
            self._disk.make_folder(leaving)
            self._disk.rename(folder, leaving / f"{company}-{secrets.token_hex(8)}")
            self._disk.sync_folder(folder.parent)
            self._disk.reach("leaving")
        self._clear_leaving()

    def close(self) -> None:
        """Close the files and give the lock back."""
        for room in self._rooms.values():
            room.give_up()
        for writer in self._writers.values():
            writer.close()
        for apart in self._apart.values():
            apart.close()
        self._shown.close()
        os.close(self._lock)

    @property
    def reached(self) -> Place:
        """Return how far in the log any store says it is worked in, or what is kept beside one says it reaches."""
        return max([self.worked(company) for company in self.known()], default=START)

    def _mapping(self, company: str) -> Mapping:
        if company not in self._mappings:
            self._mappings[company] = Mapping(company_folder(self.folder, company))
        return self._mappings[company]

    def _clear_leaving(self) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self.folder / _LEAVING)


class _Free:
    """Gives times to values that came earlier without one: their arrival, or the next microsecond at which the series has nothing."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._snapshot = writer.snapshot()
        self._last: dict[Series, int] = {}

    def given(self, series: Series, arrived: int, count: int) -> int:
        """Return the first of `count` free times one behind the other."""
        begin = max(arrived, self._last.get(series, 0) + 1)
        number = self._writer.number(series)
        while True:
            rows = self._snapshot.rows_of(number, begin, begin + count)
            if not len(rows):
                break
            begin = int(rows.time[-1]) + 1
        self._last[series] = begin + count - 1
        return begin


def company_folder(folder: Path, company: str) -> Path:
    """Return the folder of a company's store.

    Raises:
        ValueError: the id cannot be one.
    """
    if not COMPANY.match(company):
        raise ValueError("no id of a company")
    return folder / "companies" / company


def _companies(entry: Entry) -> Sequence[str]:
    if isinstance(entry, list):
        return [block.series.company for block in entry]
    return [entry.company] if isinstance(entry, Taken) else []


def _locked(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise NotAvailable(
            "iot_running",
            de="Auf diesem Datenordner nimmt schon ein Prozess Maschinendaten auf.",
            en="A process already takes in machine data on this data folder.",
            where=str(folder),
            remedy_de="Bitte ihn zuerst beenden oder --data ändern.",
            remedy_en="Stop it first, or change --data.",
        ) from error
    return handle


def micros() -> int:
    """Return the time now in µs since 1970."""
    return time.time_ns() // 1000
