"""A table goes into the store, at once or at a pace: through the gate where the ingest runs, else with an ingest of its own for as long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import gate, tail
from nordlotse.iot.core.gate import Sender
from nordlotse.iot.core.ingest import Ingest, Nobody
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.tables import Found, Told, blocks
from nordlotse.iot.core.values import Block, Series

#: Seconds for an answer while much is handed in, and for an ingest that is just starting.
_ANSWER, _STARTING = 120.0, 30.0
#: With a pace: seconds of the clock between two steps.
_STEP = 0.2


@dataclass(slots=True)
class Outcome:
    """What became of a table. `stored`: values that were not there before; `duplicates`: known with the same value; `corrections`: with another."""

    told: Told = field(default_factory=Told)
    sent: int = 0
    stored: int = 0
    corrections: int = 0
    first: int | None = None
    last: int | None = None

    @property
    def duplicates(self) -> int:
        """Return how many values were known before, or came twice in the table."""
        return max(self.sent - self.stored - self.corrections, 0)


def replay(
    path: Path,
    found: Found,
    folder: Path,
    company: str,
    machine: str,
    speed: float | None = None,
    step: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Hand a table's values in and return when all are safe and counted. Values keep their own times.

    `speed`: so many times as fast as it happened (a table that is not in the order of time: each of its pieces), None for as fast as it goes.
    `step` is called with what was sent so far.

    Raises:
        Problem: as `tables.blocks`, `gate.hand_in`; what was sent before stays.
    """
    outcome = Outcome()
    with door(folder) as sender:
        before, known = _looked(folder, company), dict[Series, tuple[int, int]]()
        try:
            for piece in blocks(path, found, company, machine, outcome.told):
                for series in {block.series for block in piece} - known.keys():
                    known[series] = before.count(series), len(before.older(series))
                for part in [piece] if speed is None else _paced(piece, speed, outcome):
                    sender.send(part)
                    _sent(outcome, part)
                    step(outcome)
            sender.finish()
        finally:
            after = _looked(folder, company)
            for series, (count, older) in known.items():
                outcome.stored += after.count(series) - count
                outcome.corrections += len(after.older(series)) - older
    return outcome


def _looked(folder: Path, company: str) -> Reader:
    reader = tail.reader(folder, company, patience=0)
    reader.look()
    return reader


def _sent(outcome: Outcome, part: Sequence[Block]) -> None:
    times = [edge for block in part if len(block) for edge in (int(block.time.min()), int(block.time.max()))]
    if times:
        outcome.first = min([*times, *([] if outcome.first is None else [outcome.first])])
        outcome.last = max([*times, *([] if outcome.last is None else [outcome.last])])
    outcome.sent += sum(map(len, part))


def _paced(piece: Sequence[Block], speed: float, outcome: Outcome) -> Iterator[list[Block]]:
    """Yield the values of a piece by their times, as they came, so many times as fast."""
    ordered = [_sorted(block) for block in piece]
    now = min(int(block.time[0]) for block in ordered)
    end = max(int(block.time[-1]) for block in ordered)
    begun = time.monotonic()
    wait = 0.0 if outcome.last is None else max(now - outcome.last, 0) / 1e6 / speed
    places = [0] * len(ordered)
    origin = now
    while now <= end:
        time.sleep(max(0.0, begun + wait + (now - origin) / 1e6 / speed - time.monotonic()))
        now = max(now + 1, origin + round((time.monotonic() - begun - wait + _STEP) * speed * 1e6))
        part = []
        for number, block in enumerate(ordered):
            stop = int(np.searchsorted(block.time, now))
            if stop > places[number]:
                part.append(gate.cut(block, places[number], stop))
                places[number] = stop
        if part:
            yield part


def _sorted(block: Block) -> Block:
    if (block.time[1:] >= block.time[:-1]).all():
        return block
    order = np.argsort(block.time, kind="stable")
    columns = {name: getattr(block, name)[order] for name in ("time", "value", "quality", "arrived")}
    return replace(block, **columns)


# ---- whoever takes the values ----


@contextmanager
def door(folder: Path) -> Iterator[Sender]:
    """Give a sender to the ingest of a data folder, or to one that runs for as long as the sender is used.

    Raises:
        NotAvailable: `iot_damaged`, or as `gate.hand_in`.
    """
    until = time.monotonic() + _STARTING
    while True:
        sender, own = Sender(folder, _ANSWER), _Own(folder)
        try:
            sender.connect()
            break
        except NotAvailable as problem:
            if problem.code != "iot_not_running":
                raise
        try:
            own.begin()
            break
        except NotAvailable as problem:
            if (
                problem.code != "iot_running" or time.monotonic() > until
            ):  # one that runs opens its gate once it has recovered
                raise
        time.sleep(0.2)
    try:
        with sender:
            yield sender
    finally:
        own.end()


class _Own:
    """An ingest in a thread, without a listener."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready = threading.Event()
        self._end: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def begin(self) -> None:
        """Open the store.

        Raises:
            NotAvailable: `iot_running`, `iot_damaged`.
        """
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed

    def end(self) -> None:
        """Settle what came and close the store, if it was opened."""
        if self._loop is not None and self._end is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failed = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        ingest = Ingest(self._folder, Nobody())
        await ingest.start()
        self._ready.set()
        await self._end.wait()
        await ingest.stop()
