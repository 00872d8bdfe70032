"""The one process that takes machine data in: listener → log → decoding → stores. `docs/rooms/iot.md` draws it."""

from __future__ import annotations

import asyncio
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from contextlib import suppress
from functools import partial
from pathlib import Path

from nordlotse.foundation.problem import Problem
from nordlotse.iot.core import recovery
from nordlotse.iot.core.committing import Committer, Entry
from nordlotse.iot.core.gatekeeper import Gate
from nordlotse.iot.core.mqtt.ports import Login, Logins, Taken
from nordlotse.iot.core.mqtt.server import Server
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.orders import Order, waiting
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Log, Place
from nordlotse.iot.core.stores import FLUSH_REFUSED, FLUSH_ROWS, Stores, company_folder, micros

_log = logging.getLogger("nordlotse.iot")

#: So long the decoder gathers what came, in seconds, or so many bytes: fewer, larger pieces, but not all that has piled up at once.
_GATHER, _GATHER_BYTES = 0.05, 4 * 1024 * 1024
#: While segments cannot be written, so many values wait in memory at most; the rest stays in the log and nobody is read from.
_MOST_WAITING, _MOST_REFUSED = 6 * FLUSH_ROWS, 6 * FLUSH_REFUSED
#: How often orders and changed mappings are looked for, and old values let go, seconds.
_LOOK, _RETAIN = 1.0, 3600.0
_PAUSE = 0.5
#: The longest pause before an order that fails is tried again, seconds.
_ORDER_PAUSE = 300.0
#: Seconds a thread may keep the interpreter while another one waits for it.
_SWITCH = 0.0005


class Ingest:
    """Listener, log and stores put together."""

    def __init__(self, folder: Path, logins: Logins, disk: Disk | None = None) -> None:
        """Open log and stores and work in what the log holds and segments do not.

        Raises:
            NotAvailable: `iot_running`, `iot_damaged`.
            OSError: the disk does not take what is in the log; it stays there.
        """
        self._disk = disk or Disk()
        self.folder = folder
        self.stores = Stores(folder, self._disk)
        self.sessions = Sessions()
        reached = self.stores.reached
        self.recovered = recovery.recover(folder, self.stores, self.sessions, self._disk)
        self._log = Log(folder / "log", self._disk, after=reached)
        self.stores.mark(self._log.end)
        self._queue: queue.SimpleQueue[tuple[Place, Sequence[Entry]] | None] = queue.SimpleQueue()
        self._behind = 0
        self._lock = threading.Lock()
        self.committer = Committer(self._log, self._hand_on, lambda: self._behind)
        self.server = Server(self.committer, logins, self.sessions)
        self.gate = Gate(folder, self.committer)
        self._decoder = threading.Thread(target=self._decode, name="decode", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._committing: asyncio.Task[None] | None = None
        self._ordered: dict[Order, list[Path]] = {}
        #: Orders that could not be carried out: when they are tried again, and the pause before, seconds.
        self._failed: dict[Order, tuple[float, float]] = {}
        self._looked = self._retained = 0.0
        self._stopping = False
        self._kept_changes = 0
        #: What keeps values from becoming segments while it lasts; readers see all of them nevertheless.
        self.failing = ""
        #: Done, with the error, when values can no longer be decoded: the process is to end, and the next start works the log in.
        self.broken: Future[None] = Future()

    async def start(self) -> None:
        """Begin to commit and decode, and open the gate; listening is the caller's to begin (`server.listen`).

        Raises:
            OSError: the gate cannot be opened.
        """
        # While the decoder reckons, whoever commits and answers waits this long for its turn, three times for each group; 5 ms by default.
        sys.setswitchinterval(_SWITCH)
        self._loop = asyncio.get_running_loop()
        self._committing = self._loop.create_task(self.committer.run())
        self._decoder.start()
        await self.gate.open()

    async def stop(self) -> None:
        """Close connections, settle what came, turn it into segments."""
        await self.server.close()
        await self.gate.close()
        self._stopping = True
        self.committer.stop()
        if self._committing is not None:
            await self._committing
        self._queue.put(None)
        while self._decoder.is_alive():
            await asyncio.sleep(0.01)
        self._log.close()
        self.stores.close()

    def _hand_on(self, place: Place, entries: Sequence[Entry]) -> None:
        with self._lock:
            self._behind += _size(entries)
        self._queue.put((place, entries))

    def _decode(self) -> None:
        place = self._log.end
        ended = False
        try:
            while not ended:
                batch, place, ended = self._gathered(place)
                self._work(batch, place)
                if self.stores.due or (ended and self.stores.waits):
                    self._flush(place)
                elif ended and self.sessions.changes != self._kept_changes:
                    with suppress(OSError):  # a disk that fails takes the subscriptions, no value
                        self._keep_sessions()
                while self._much_waits and not self._stopping:
                    time.sleep(_PAUSE)
                    self._flush(place)
                if not ended:
                    self._look(place)
        except (
            Exception
        ) as error:  # never silently: what is acknowledged is in the log, but nobody would see it any more
            _log.exception("event=iot_decoder_ended")
            self.failing = type(error).__name__
            self.broken.set_exception(error)

    @property
    def _much_waits(self) -> bool:
        return self.stores.rows_waiting > _MOST_WAITING or self.stores.refused_waiting > _MOST_REFUSED

    def _gathered(self, place: Place) -> tuple[list[Entry], Place, bool]:
        """Return what came within a moment, up to an order, the place behind it, and whether that is the end."""
        batch: list[Entry] = []
        with suppress(queue.Empty):
            got = self._queue.get(timeout=_LOOK)
            until = time.monotonic() + _GATHER
            size = 0
            while got is not None:
                place = got[0]
                batch.extend(got[1])
                size += _size(got[1])
                if size > _GATHER_BYTES:
                    return batch, place, False
                if isinstance(got[1][-1] if got[1] else None, Order):
                    return batch, place, False
                wait = until - time.monotonic()
                got = self._queue.get(timeout=wait) if wait > 0 else self._queue.get_nowait()
            return batch, place, True
        return batch, place, False

    def _work(self, batch: Sequence[Entry], place: Place) -> None:
        entries = [one for one in batch if not isinstance(one, Order)]
        while entries:
            try:
                self.stores.take(entries, place)
                break
            except OSError as error:
                self._fail(error)
                if self._stopping:
                    return  # it stays in the log
                time.sleep(_PAUSE)
        with self._lock:
            self._behind -= _size(batch)
        for order in (one for one in batch if isinstance(one, Order)):
            self._carry_out(order, place)

    def _flush(self, place: Place) -> None:
        try:
            self.stores.flush(place)
            if self._keep_sessions():
                self._log.forget(place)
            self.stores.merge()
        except OSError as error:
            self._fail(error)
            time.sleep(_PAUSE)
        else:
            if self.failing:
                _log.warning("event=iot_segments_work_again")
            self.failing = ""

    def _fail(self, error: OSError) -> None:
        if not self.failing:
            _log.error("event=iot_segments_failing error=%s", error.strerror)
        self.failing = str(error.strerror)

    def _look(self, place: Place) -> None:
        """See to what does not come with values: orders, changed mappings, values no longer kept."""
        now = time.monotonic()
        if now - self._looked < _LOOK or self._loop is None:
            return
        self._looked = now
        try:
            for path, order in waiting(self.folder).items():
                if now < self._failed.get(order, (0.0, 0.0))[0]:
                    continue
                if order not in self._ordered:
                    self._loop.call_soon_threadsafe(self.committer.put, order, partial(self._asked, order))
                if path not in self._ordered.setdefault(order, []):
                    self._ordered[order].append(path)
            self.stores.read_again(place)
            if self.sessions.changes != self._kept_changes:  # subscriptions do not stand in the log
                self._keep_sessions()
            if now - self._retained > _RETAIN:
                self._retained = now
                self.stores.flush(place)
                self.stores.retain(micros())
        except OSError as error:
            self._fail(error)

    def _asked(self, order: Order, error: OSError | None) -> None:
        if error is not None:  # the next look finds it again
            self._ordered.pop(order, None)

    def _carry_out(self, order: Order, place: Place) -> None:
        """Do what was asked; everything before `place`, where a new file of the log begins, was taken."""
        paths = self._ordered.pop(order, [])
        try:
            self.stores.flush(place)
            if order.do == "drop":
                folder = company_folder(self.folder, order.company)
                if folder.is_dir():
                    self.stores.drop(order)
                going = self.stores.concerns(order)
                self._settle_sessions(lambda: self.server.retained.forget(order.company, going))
                self._log.forget(place)
            else:
                self._settle_sessions(lambda: self.server.expel(order.company))
                # the log first: a company without a folder but with entries in the log would come back
                self._log.forget(place)
                self.stores.leave(order.company)
            for path in paths:
                self._disk.remove(path)
            self._failed.pop(order, None)
        except (OSError, ValueError, Problem) as error:  # each try begins a file of the log: not every second
            pause = min(2 * self._failed.get(order, (0.0, _LOOK))[1], _ORDER_PAUSE)
            self._failed[order] = (time.monotonic() + pause, pause)
            _log.error("event=iot_order_failed error=%s again_in=%d", type(error).__name__, pause)

    def _settle_sessions(self, first: Callable[[], None]) -> None:
        """Do something on the event loop and keep the sessions, so that the log before may go.

        Raises:
            OSError.
        """
        if not self._keep_sessions(first):
            raise TimeoutError("the event loop is busy")

    def _keep_sessions(self, first: Callable[[], None] = lambda: None) -> bool:
        """Keep the sessions as the event loop knows them now, `first` being done there; return whether that was done."""
        if self._loop is None or self._loop.is_closed():
            return False
        told: Future[tuple[list[dict[str, object]], Place]] = Future()

        def tell() -> None:
            first()
            self._kept_changes = self.sessions.changes
            told.set_result((self.sessions.as_dict(), self.committer.settled))

        self._loop.call_soon_threadsafe(tell)
        try:
            sessions, settled = told.result(timeout=5)
        except TooSlow:
            return False
        recovery.keep(self.folder, sessions, settled, self._disk)
        return True


def settle(folder: Path, disk: Disk | None = None) -> None:
    """Carry out what waits while no ingest runs: the log is worked in, orders are done, nobody is listened to.

    Raises:
        NotAvailable: `iot_running`: the running one does it.
    """

    async def run() -> None:
        ingest = Ingest(folder, Nobody(), disk)
        await ingest.start()
        while waiting(folder) and not ingest.broken.done():
            await asyncio.sleep(0.05)
        await ingest.stop()

    asyncio.run(run())


class Nobody:
    """Lets nobody in. Fits `mqtt.ports.Logins`."""

    def login(self, user: str | None, password: bytes | None, address: str) -> None:
        """Return None."""
        return

    def may_not(self, login: Login, machine: str, address: str, count: int = 1) -> None:
        """Do nothing: there is nobody."""


def _size(entries: Sequence[Entry]) -> int:
    size = sum(len(one.frames) for one in entries if isinstance(one, Taken))
    return size + sum(25 * len(block) for one in entries if isinstance(one, list) for block in one)
