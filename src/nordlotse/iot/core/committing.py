"""Group commit: everything that came while the last write was on its way to the disk goes to the disk together."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from nordlotse.iot.core.entries import NOTHING, columns, parts_of
from nordlotse.iot.core.mqtt.ports import Done, Released, Taken
from nordlotse.iot.core.orders import Order
from nordlotse.iot.core.store.log import START, Log, Place
from nordlotse.iot.core.store.records import MOST
from nordlotse.iot.core.values import Block

_log = logging.getLogger("nordlotse.iot")

Entry = Taken | Released | list[Block] | Order
#: Hands on what is safe: the place behind it, and what it was.
Next = Callable[[Place, Sequence[Entry]], None]

#: Bytes that may wait for the disk, or for being decoded, before nobody is read from any more.
WAITING_BYTES = 16 * 1024 * 1024
#: Bytes written at once at most.
_AT_ONCE = 8 * 1024 * 1024
#: After a failed write nothing is tried for so long, seconds: clients come back by themselves.
_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: Entry
    parts: Sequence[bytes]
    size: int
    done: Done


class Committer:
    """Makes entries safe in the order in which they are put. Belongs to one event loop."""

    def __init__(self, log: Log, then: Next, behind: Callable[[], int]) -> None:
        """Take the log, who gets what is safe, and how many bytes of it still wait there."""
        self._log = log
        self._then = then
        self._behind = behind
        self._waiting: list[_Waiting] = []
        self._bytes = 0
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "commit")
        self._stopping = False
        #: The last error of the disk while it lasts, "" when writing works.
        self.failing = ""
        #: Everything before it is settled: safe, answered, and known to the sessions.
        self.settled = START
        self.commits = 0

    @property
    def full(self) -> bool:
        """Return whether nobody should be read from."""
        return bool(self.failing) or self._bytes + self._behind() > WAITING_BYTES

    def put(self, entry: Entry, done: Done, packed: bytes = b"") -> None:
        """Make an entry safe and call `done` afterwards. An order is handed on in its turn, with the place of a new file of the log.

        `packed`: blocks as `hot.content` packs them, where they came so.

        Raises:
            ValueError: more than a record holds (64 MB).
        """
        parts: Sequence[bytes] = ()
        if isinstance(entry, list):
            parts = columns(entry, packed)
        elif isinstance(entry, Taken) or (isinstance(entry, Released) and (entry.packet_ids or entry.all)):
            parts = parts_of(entry)  # any other release is only to be answered in its turn
        size = sum(map(len, parts))
        if size > MOST:
            raise ValueError(f"{size} bytes at once")
        self._waiting.append(_Waiting(entry, parts, size, done))
        self._bytes += size
        self._wake.set()

    async def run(self) -> None:
        """Commit until `stop`."""
        while not self._stopping or self._waiting:
            if self._waiting:
                batch = self._batch()
                self._settle(batch, await self._written([one.parts for one in batch if one.parts], batch[0].entry))
            elif self.failing:
                # Nobody is read from, so nobody would find out that the disk works again.
                self._told(await self._written([NOTHING]))
            else:
                self._wake.clear()
                await self._wake.wait()
            if self.failing:
                await asyncio.sleep(_PAUSE)
        self._thread.shutdown()

    def stop(self) -> None:
        """End when everything put so far is settled."""
        self._stopping = True
        self._wake.set()

    async def _written(self, contents: Sequence[Sequence[bytes]], first: Entry | None = None) -> OSError | None:
        loop = asyncio.get_running_loop()
        try:
            if isinstance(first, Order):
                await loop.run_in_executor(self._thread, self._log.roll)
            elif contents:
                await loop.run_in_executor(self._thread, self._log.append, contents)
                self.commits += 1
        except OSError as error:
            return error
        except Exception as error:  # whatever it is, nothing of it was promised; the next may go well
            _log.exception("event=iot_commit_failed")
            return OSError(errno.EIO, type(error).__name__)
        return None

    def _batch(self) -> list[_Waiting]:
        size = 0
        count = 0
        for one in self._waiting:
            if isinstance(one.entry, Order) and count:
                break
            count += 1
            size += one.size
            if size >= _AT_ONCE or isinstance(one.entry, Order):
                break
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    def _told(self, error: OSError | None) -> None:
        if error is not None and not self.failing:
            _log.error("event=iot_disk_failing error=%s", error.strerror)
        elif error is None and self.failing:
            _log.warning("event=iot_disk_works_again")
        self.failing = "" if error is None else str(error.strerror)

    def _settle(self, batch: Sequence[_Waiting], error: OSError | None) -> None:
        self._bytes -= sum(one.size for one in batch)
        self._told(error)
        for one in batch:
            try:
                one.done(error)
            except Exception:  # one connection's fault must not keep the others from their answers
                _log.exception("event=iot_answer_failed")
        if error is None:
            self.settled = self._log.end
            self._then(self.settled, [one.entry for one in batch if one.parts or isinstance(one.entry, Order)])
