"""What sources hand on: single values with their time, and what they need from the agent; what is told of how it goes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from nordlotse.foundation.language import Text
from nordlotse.iot.core.values import MAX_TEXT


class Reading(NamedTuple):
    """One value as a source read it: time in µs since 1970, quality as `values.Quality`."""

    machine: str
    signal: str
    value: float | bool | str
    time: int
    quality: int = 0


class NotKept(Exception):  # noqa: N818 - no fault of the program: there is no room
    """The buffer has no room, or the disk does not take it: the source still has to keep it, or it is a gap."""


class Keeping(Protocol):
    """Where readings become safe on the agent's disk."""

    async def keep(self, readings: Sequence[Reading]) -> None:
        """Return when the readings are on the disk.

        Raises:
            NotKept: they are not, and nobody but the source has them.
        """
        ...

    def offer(self, readings: Sequence[Reading]) -> None:
        """Take readings nobody can repeat; where they find no room they are told as a gap."""
        ...


class Source(Protocol):
    """Something the agent reads from. It comes back by itself after every fault of the other side."""

    #: What people call it: kind and address.
    name: str

    async def run(self, into: Keeping, state: State) -> None:
        """Read until cancelled."""
        ...

    async def check(self) -> Sequence[Finding]:
        """Try it once and say what was found."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What a try found, in words for a technician: whether it works, German, English.

    `value`: it tells a value that was read; `doubt`: why that looks like nonsense and what to try; `sample`: the row stands as in our sample.
    """

    good: bool
    de: str
    en: str
    value: bool = False
    doubt: Text | None = None
    sample: bool = False

    def text(self, lang: str) -> str:
        """Return the sentence in a language."""
        return self.de if lang == "de" else self.en


@dataclass(slots=True)
class State:
    """How it goes with one source or the centre: connected, values read, the last fault in both languages."""

    name: str
    connected: bool = False
    read: int = 0
    #: Values, or stretches of values, that are missing and that nobody could bring.
    gaps: int = 0
    backfilled: int = 0
    fault: Finding | None = None

    def fail(self, de: str, en: str) -> None:
        """Remember what went wrong; the connection is gone."""
        self.connected = False
        self.fault = Finding(False, de, en)

    def works(self) -> None:
        """The connection stands, nothing is wrong."""
        self.connected = True
        self.fault = None


@dataclass(slots=True)
class Told:
    """Everything the status line shows. Values are counted since the buffer's folder was made, also over a kill; `read` = `sent` + `waiting`."""

    centre: State
    sources: list[State] = field(default_factory=list)
    #: Values that are on their way to the disk or were brought there.
    read: int = 0
    #: Values the centre has acknowledged.
    sent: int = 0
    #: Bytes of the buffer that wait to be sent.
    waiting_bytes: int = 0
    #: Readings that found no room in the buffer and that no source could keep.
    missed: int = 0
    full: bool = False

    @property
    def waiting(self) -> int:
        """Return how many values are on their way to the centre: to the disk, in the buffer, sent and not acknowledged."""
        return self.read - self.sent


def usable(value: object) -> float | bool | str | None:
    """Return what a machine told as a value that can be kept: number, boolean, text cut to `MAX_TEXT` bytes; None for nothing and NaN."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    if isinstance(value, str):
        return value.encode()[:MAX_TEXT].decode(errors="ignore")
    return None


class Clock:
    """The agent's clock: µs since 1970, never the same moment twice even where the system's clock is set back.

    Moments are whole milliseconds. Every time the clock was set back the last digits differ by one more µs, so that a moment lived through
    twice gives two times, and no value takes another one's place.
    """

    def __init__(self, last: int = 0) -> None:
        """Take the last moment given before, by an earlier run."""
        self._last = last
        self._back = last % 1000

    @property
    def last(self) -> int:
        """Return the last moment given."""
        return self._last

    def now(self) -> int:
        """Return the moment."""
        wall = time.time_ns() // 1_000_000 * 1000
        if wall + 1000 <= self._last - self._back:
            self._back = (self._back + 1) % 1000
        self._last = wall + self._back
        return self._last
