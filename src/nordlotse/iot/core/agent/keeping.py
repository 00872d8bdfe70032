"""From the sources to the buffer: what came within a moment goes to the disk together, so that a memory card lives long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.reading import Clock, NotKept, Reading, Told
from nordlotse.iot.core.agent.records import Rows, of_block, of_readings
from nordlotse.iot.core.values import Block

_log = logging.getLogger("nordlotse.iot")

#: Values in one record at most.
_MOST = 10_000


class Keeper:
    """Fits `reading.Keeping`. Belongs to one event loop."""

    def __init__(self, buffer: Buffer, clock: Clock, told: Told, every: float) -> None:
        """Take the buffer, what is shown, and how long is gathered, seconds."""
        self._buffer = buffer
        self._clock = clock
        self._told = told
        self._every = every
        self._waiting: list[tuple[list[Rows], asyncio.Future[None] | None]] = []
        self._offered: list[Reading] = []
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "buffer")
        self._ending = False
        #: Values taken in this run: on their way to the disk, or there. What found no room is not among them.
        self.handed = 0

    async def keep(self, readings: Sequence[Reading]) -> None:
        """Return when the readings are on the disk.

        Raises:
            NotKept.
        """
        await self._put([of_readings(readings[at : at + _MOST]) for at in range(0, len(readings), _MOST)])

    async def keep_blocks(self, blocks: Sequence[Block]) -> None:
        """Return when the values of a file or of a broker's payloads are on the disk.

        Raises:
            NotKept.
        """
        await self._put([of_block(block) for block in blocks])

    def offer(self, readings: Sequence[Reading]) -> None:
        """Take readings nobody can repeat; where they find no room they are counted as missed and told."""
        self._offered += readings
        self.handed += len(readings)
        self._wake.set()

    async def run(self) -> None:
        """Bring to the disk until `end`."""
        while not (self._ending and not self._waiting and not self._offered):
            await self._wake.wait()
            self._wake.clear()
            if not self._ending:
                await asyncio.sleep(self._every)
            await self._write()
        self._thread.shutdown()

    def end(self) -> None:
        """End when everything taken so far is settled."""
        self._ending = True
        self._wake.set()

    async def _put(self, rows: list[Rows]) -> None:
        if not rows:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, done))
        self.handed += sum(map(len, rows))
        self._wake.set()
        await done

    async def _write(self) -> None:
        waiting, self._waiting = self._waiting, []
        offered, self._offered = self._offered, []
        if offered:
            parts = [of_readings(offered[at : at + _MOST]) for at in range(0, len(offered), _MOST)]
            waiting.insert(0, (parts, None))
        for rows, done in self._gathered(waiting):
            fault = await self._put_down(rows)
            if fault:
                self.handed -= sum(map(len, rows))
            for one in done:
                if one is not None and not one.done():
                    (one.set_exception(fault) if fault else one.set_result(None))
            if fault and None in done:
                self._buffer.missed += len(offered)
                self._told.missed = self._buffer.missed

    def _gathered(
        self, waiting: Sequence[tuple[list[Rows], asyncio.Future[None] | None]]
    ) -> list[tuple[list[Rows], list[asyncio.Future[None] | None]]]:
        """Return what waits in one piece; while there is little room, one by one, so that what is small still fits."""
        if not waiting:
            return []
        if self._told.full:
            return [(rows, [done]) for rows, done in waiting]
        return [([one for rows, _ in waiting for one in rows], [done for _, done in waiting])]

    async def _put_down(self, rows: list[Rows]) -> NotKept | None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._buffer.put, rows, self._clock.last)
        except Exception as error:  # a fault of ours must not end the keeping of everything else
            if not isinstance(error, NotKept):
                _log.exception("event=iot_agent_keeping_failed")
                return NotKept(type(error).__name__)
            if not self._told.full:
                _log.error("event=iot_agent_buffer_full reason=%s", error)
            self._told.full = True
            return error
        if self._told.full:
            _log.warning("event=iot_agent_buffer_has_room missed=%d", self._buffer.missed)
        self._told.full = False
        return None
