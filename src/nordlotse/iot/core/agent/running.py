"""The agent put together: sources → keeper → buffer → sender, and what is told of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nordlotse.iot.core.agent import sending
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.config import Config
from nordlotse.iot.core.agent.keeping import Keeper
from nordlotse.iot.core.agent.marks import Marks
from nordlotse.iot.core.agent.reading import Clock, Finding, Source, State, Told
from nordlotse.iot.core.agent.sending import Sender
from nordlotse.iot.core.store.disk import Disk

_log = logging.getLogger("nordlotse.iot")

#: A source that fell over by a fault of ours is begun again after so long, seconds.
_AGAIN = 10.0


class Agent:
    """One run of the agent."""

    def __init__(self, config: Config, disk: Disk | None = None) -> None:
        """Open the buffer.

        Raises:
            NotAvailable: `iot_agent_running`.
            OSError: the folder cannot be used.
        """
        self._config = config
        self._buffer = Buffer(config.folder, config.limit, disk)
        self._clock = Clock(self._buffer.last)
        self._marks = Marks(config.folder / "marks.json")
        self.sources = sources(config, self._clock, self._marks)
        self.told = Told(State(f"{config.centre.to}"), [State(source.name) for source in self.sources])
        self._keeper = Keeper(self._buffer, self._clock, self.told, config.every)
        self._sender = Sender(config, self._buffer, self.told, self._clock.now)
        self._before = self._buffer.taken
        self._count()

    async def run(self, ended: asyncio.Event, tell: Callable[[Told], None], every: float) -> None:
        """Read and send until `ended`; call `tell` every so many seconds."""
        keeping = asyncio.create_task(self._keeper.run())
        self._sender.start()
        reading = [
            asyncio.create_task(self._source(*pair)) for pair in zip(self.sources, self.told.sources, strict=True)
        ]
        try:
            while not ended.is_set():
                self._count()
                tell(self.told)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), every)
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
            self._keeper.end()
            await keeping
            await asyncio.get_running_loop().run_in_executor(None, self._sender.stop)
            self._marks.note()
            self._count()
            self._buffer.close()
            tell(self.told)

    def _count(self) -> None:
        told, buffer = self.told, self._buffer
        told.read, told.sent, told.missed = self._before + self._keeper.handed, buffer.passed, buffer.missed
        told.waiting_bytes = buffer.bytes_waiting

    async def _source(self, source: Source, state: State) -> None:
        while True:
            try:
                await source.run(self._keeper, state)
            except Exception as error:  # one source's fault must not end the others
                _log.exception("event=iot_agent_source_failed")
                state.fail(
                    f"Fehler im Programm: {type(error).__name__}", f"Fault of the program: {type(error).__name__}"
                )
            await asyncio.sleep(_AGAIN)


def sources(config: Config, clock: Clock, marks: Marks) -> list[Source]:
    """Return what the configuration says is to be read; libraries of kinds not used are not loaded."""
    made: list[Source] = []
    if config.opcua:
        from nordlotse.iot.core.agent.opcua import OpcUaSource

        made += [OpcUaSource(one, config.allow, clock, marks) for one in config.opcua]
    if config.modbus:
        from nordlotse.iot.core.agent.modbus import ModbusSource

        made += [ModbusSource(one, config.allow, clock) for one in config.modbus]
    if config.brokers:
        from nordlotse.iot.core.agent.broker import BrokerSource

        for place, one in enumerate(config.brokers):
            made.append(BrokerSource(one, config.allow, clock, f"{config.centre.name}-{place}"))
    if config.files:
        from nordlotse.iot.core.agent.files import FilesSource

        made += [FilesSource(one, marks, config.folder) for one in config.files]
    return made


async def check(config: Config) -> Sequence[tuple[str, Sequence[Finding]]]:
    """Try everything once; return what was found, under the name of each."""
    clock, marks = Clock(), Marks(Path(config.folder / "marks.json"))
    loop = asyncio.get_running_loop()
    found: list[tuple[str, Sequence[Finding]]] = [
        (str(config.centre.to), [await loop.run_in_executor(None, sending.check, config)])
    ]
    for source in sources(config, clock, marks):
        found.append((source.name, await source.check()))
    return found


def status(told: Told, lang: str) -> str:
    """Return how it goes in one line."""
    german = lang == "de"
    parts = [
        f"{'gelesen' if german else 'read'} {told.read}",
        f"{'gesendet' if german else 'sent'} {told.sent}",
        f"{'wartend' if german else 'waiting'} {told.waiting} ({told.waiting_bytes / 1e6:.1f} MB)",
    ]
    gaps = sum(state.gaps for state in told.sources)
    if gaps or told.missed:
        parts.append(f"{'Lücken' if german else 'gaps'} {gaps}, {'verpasst' if german else 'missed'} {told.missed}")
    backfilled = sum(state.backfilled for state in told.sources)
    if backfilled:
        parts.append(f"{'nachgeholt' if german else 'brought later'} {backfilled}")
    if told.full:
        parts.append("PUFFER VOLL" if german else "BUFFER FULL")
    fault = next((state for state in (told.centre, *told.sources) if state.fault is not None), None)
    if fault is not None and fault.fault is not None:
        parts.append(f"{fault.name}: {fault.fault.text(lang)}")
    elif not told.centre.connected:
        parts.append("verbindet" if german else "connecting")
    return " · ".join(parts)


def ending(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Let the usual signals end the agent; Windows has no such handlers, there Ctrl+C comes as an exception."""
    for name in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(name, ended.set)
        except NotImplementedError:
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(ended.set))


def stamp() -> str:
    """Return the time now as people read it."""
    return time.strftime("%Y-%m-%d %H:%M:%S")
