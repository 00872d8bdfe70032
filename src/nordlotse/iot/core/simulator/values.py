"""What simulated machines are made of, and what is known about what they did. Times are int64 µs since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Machine(StrEnum):
    """Which machine: a milling machine, an injection moulding machine, a gas-fired oven for batches."""

    CNC = "cnc"
    MOULDER = "moulder"
    OVEN = "oven"


class State(StrEnum):
    """What the machine does. Only `RUNNING` makes parts; in `IDLE`, `SETUP` and `FAULT` it is switched on."""

    RUNNING = "running"
    IDLE = "idle"
    OFF = "off"
    FAULT = "fault"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal: its German name, unit ("" for none), what it reads while a good machine makes parts (from, to), digits behind the point.

    `boolean`: yes or no; `counter`: only grows, and begins at 0 each day.
    """

    name: str
    unit: str
    typical: tuple[float, float]
    digits: int = 2
    boolean: bool = False
    counter: bool = False


@dataclass(frozen=True, slots=True)
class FaultSort:
    """A fault that can be switched on: its name on the command line, what people call it, and the signals that show it, the clearest first."""

    name: str
    de: str
    en: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault switched on at `begin`, grown to its full size after `ramp` µs, and mended at `end` (None: not yet)."""

    name: str
    begin: int
    end: int | None = None
    ramp: int = 120_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch in one state: from `begin` up to `end`; why ("" while running or off), during which order (its number, "" for none)."""

    begin: int
    end: int
    state: State
    reason: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a day: what, how many were planned, what one part should take (µs), what was made and how much of it is scrap.

    `begin` is the begin of its setup. `running` is the time in which parts were made, µs.
    """

    number: str
    product: str
    begin: int
    end: int
    planned: int
    part: float
    running: int
    made: int
    scrap: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift and its breaks (begin, end)."""

    name: str
    begin: int
    end: int
    breaks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What happened in a stretch of time: stretches without gaps, cut at its ends; orders and shifts that touch it; faults.

    `made` parts came out in it, `scrap` of them bad.
    """

    stretches: tuple[Stretch, ...]
    orders: tuple[Order, ...]
    shifts: tuple[Shift, ...]
    faults: tuple[Fault, ...]
    made: int
    scrap: int

    def seconds(self, *states: State) -> float:
        """Return how long the machine was in the states."""
        return sum(one.end - one.begin for one in self.stretches if one.state in states) / 1e6
