"""A place for readings in memory, in the buffer's place, and waiting for what must come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence

from nordlotse.iot.core.agent.reading import NotKept, Reading


class Kept:
    """Fits `reading.Keeping`; `full` makes it refuse."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.full = False

    async def keep(self, readings: Sequence[Reading]) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise NotKept("full")
        self.readings += readings

    def offer(self, readings: Sequence[Reading]) -> None:
        if not self.full:
            self.readings += readings

    def values(self, signal: str) -> list[object]:
        return [one.value for one in self.readings if one.signal == signal]


async def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Return when something holds.

    Raises:
        AssertionError: it did not within the time.
    """
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("did not come about in time")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
