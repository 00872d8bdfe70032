"""What a machine does on a day: shifts, orders, stops; worked out from the seed and the day alone, and from the faults that stop it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from nordlotse.iot.core.simulator.kinds import Make, Product, Stop
from nordlotse.iot.core.simulator.values import Shift, State

ZONE = ZoneInfo("Europe/Berlin")
#: A stretch in which a fault stops the machine: begin and end, µs, and the reason.
Halt = tuple[int, int, str]
#: A stretch in which each cycle takes longer: begin and end, µs, and how many times as long.
Slow = tuple[int, int, float]

#: Shifts of Monday to Friday and their break: name, begin and end of the shift, begin and end of the break, in minutes of the day.
_TWO = (("Frühschicht", 360, 840, 540, 570), ("Spätschicht", 840, 1320, 1080, 1110))
#: Shifts of every day, for machines that never rest, by `breaks_late`: whoever needs one that runs just now finds a seed at any time of the day.
_THREE = tuple(
    tuple(
        (name, begin, begin + 480, begin + rest, begin + rest + 20)
        for name, begin in (("Nachtschicht", 0), ("Frühschicht", 480), ("Spätschicht", 960))
    )
    for rest in (180, 270)
)
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Job:
    """An order of a day as it was planned and worked: where it stands in the day, its product, cycles planned, µs of running at full speed."""

    number: str
    place: int
    product: Product
    cycles: int
    begin: int
    end: int
    running: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch in one state; `job` is the order's place in the day or −1.

    `run`: µs of running the order had at its begin, as if at full speed; `slow`: µs it takes for one µs of these.
    """

    begin: int
    end: int
    state: State
    reason: str
    job: int
    run: int
    slow: float = 1.0


@dataclass(frozen=True, slots=True)
class Day:
    """A day without gaps, from one local midnight to the next."""

    begin: int
    end: int
    pieces: tuple[Piece, ...]
    jobs: tuple[Job, ...]
    shifts: tuple[Shift, ...]


def day_of(moment: int) -> date:
    """Return the local date of a moment."""
    return datetime.fromtimestamp(moment // 1_000_000, ZONE).date()


#: The bit of a seed that `breaks_late` looks at.
LATE = 1 << 30


def breaks_late(seed: int) -> bool:
    """Return whether a machine that works around the clock rests 4.5 hours after a shift's begin; else 3."""
    return bool(seed & LATE)


def planned(make: Make, seed: int, day: date, halts: Sequence[Halt], slows: Sequence[Slow], around: bool) -> Day:
    """Return a day; `around`: the machine works every day around the clock."""
    begin, end = _at(day, 0), _at(day + timedelta(days=1), 0)
    rows = _THREE[breaks_late(seed)] if around else _TWO if day.weekday() < 5 else ()
    shifts = tuple(Shift(name, _at(day, a), _at(day, b), ((_at(day, c), _at(day, d)),)) for name, a, b, c, d in rows)
    # the numbers of a day come from the day itself, so that any day can be asked for first
    random = np.random.default_rng([seed % 2**63, zlib.crc32(make.title.encode()), day.toordinal()])
    work = _Work(make, _windows(shifts, halts, slows), iter(random.random(4096).tolist()))
    work.run(first=not around, prefix=f"{day:%y%m%d}")
    return Day(begin, end, tuple(_filled(work.pieces, begin, end, shifts, halts)), tuple(work.jobs), shifts)


def _at(day: date, minute: int) -> int:
    if minute >= 1440:
        return _at(day + timedelta(days=1), minute - 1440)
    return int(datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZONE).timestamp()) * 1_000_000


def _windows(shifts: Sequence[Shift], halts: Sequence[Halt], slows: Sequence[Slow]) -> list[Slow]:
    """Return when the machine is meant to work, and how slowly: the shifts without breaks and halts."""
    left: list[Slow] = [(shift.begin, shift.end, 1.0) for shift in shifts]
    for begin, end in [*(one for shift in shifts for one in shift.breaks), *((b, e) for b, e, _ in halts)]:
        left = [part for one in left for part in _cut(one, begin, end, 0.0)]
    for begin, end, slow in slows:
        left = [part for one in left for part in _cut(one, begin, end, slow)]
    return left


def _cut(one: Slow, begin: int, end: int, inside: float) -> list[Slow]:
    """Return a window cut at two moments; what lies between has `inside` as its slowness, and is left out where that is 0."""
    a, b, slow = one
    begin, end = min(max(a, begin), b), min(max(a, end), b)
    parts = [(a, begin, slow), (begin, end, inside), (end, b, slow)]
    return [part for part in parts if part[0] < part[1] and part[2]]


@dataclass(slots=True)
class _Work:
    """Walks through the windows of a day."""

    make: Make
    windows: list[Slow]
    numbers: Iterator[float]
    pieces: list[Piece] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)

    def run(self, first: bool, prefix: str) -> None:
        """Fill the windows with orders."""
        if first:
            self._take(self._between(6, 14), State.IDLE, "Anfahren", -1, 0)
        while self.windows:
            self._order(prefix)

    def _order(self, prefix: str) -> None:
        place = len(self.jobs)
        product = self.make.products[int(next(self.numbers) * len(self.make.products))]
        least, most = self.make.quantity
        cycles = least + int(next(self.numbers) * (most - least + 1))
        begin = self.windows[0][0]
        self._take(self._between(*self.make.setup), State.SETUP, "Rüsten", place, 0)
        cycle = round(product.cycle * 1e6)
        target, run = cycles * cycle, 0
        calm = self._calm()
        while run < target and self.windows:
            step = min(target - run, calm)
            if self.make.between[1]:
                step = min(step, cycle - run % cycle)
            done = self._take(step, State.RUNNING, "", place, run)
            run += done
            calm -= done
            if calm <= 0:
                self._stop(self._chosen(), place, run)
                calm = self._calm()
            elif self.make.between[1] and run % cycle == 0 and run < target:
                self._take(self._between(*self.make.between), State.IDLE, "Be- und Entladen", place, run)
        end = self.pieces[-1].end
        self.jobs.append(Job(f"{prefix}-{place + 1}", place, product, cycles, begin, end, run))

    def _calm(self) -> int:
        """Return µs of running up to the next stop: exponential, at least two minutes."""
        return round(max(2.0, -self.make.calm * math.log(1.0 - next(self.numbers))) * _MINUTE)

    def _chosen(self) -> Stop:
        stops = self.make.stops
        wish = next(self.numbers) * sum(stop.weight for stop in stops)
        for stop in stops:
            wish -= stop.weight
            if wish < 0:
                return stop
        return stops[-1]

    def _stop(self, stop: Stop, place: int, run: int) -> None:
        """Stop for half to nearly three times the usual minutes, more often shorter."""
        share = 0.5 + 2.2 * next(self.numbers) ** 2
        self._take(round(max(1.5, share * stop.minutes) * _MINUTE), stop.state, stop.reason, place, run)

    def _between(self, least: float, most: float) -> int:
        return round((least + (most - least) * next(self.numbers)) * _MINUTE)

    def _take(self, length: int, state: State, reason: str, place: int, run: int) -> int:
        """Use up to `length` µs of the windows, for running as many as make `length` at full speed; return how many there were of it."""
        done = 0
        running = state is State.RUNNING
        while done < length and self.windows:
            begin, end, slow = self.windows[0]
            slow = slow if running else 1.0
            stop = min(end, begin + round((length - done) * slow))
            self.pieces.append(Piece(begin, stop, state, reason, place, run + done if running else run, slow))
            done = length if stop < end else min(length, done + round((stop - begin) / slow))
            if stop == end:
                self.windows.pop(0)
            else:
                self.windows[0] = (stop, end, self.windows[0][2])
        return done


def _filled(
    pieces: Sequence[Piece], begin: int, end: int, shifts: Sequence[Shift], halts: Sequence[Halt]
) -> Iterator[Piece]:
    """Yield the pieces with what lies between them: off outside the shifts, a break or a fault within."""
    at, job, run = begin, -1, 0
    for piece in pieces:
        yield from _gap(at, piece.begin, shifts, halts, job, run)
        yield piece
        at, job = piece.end, piece.job
        run = piece.run + (round((piece.end - piece.begin) / piece.slow) if piece.state is State.RUNNING else 0)
    yield from _gap(at, end, shifts, halts, job, run)


def _gap(begin: int, end: int, shifts: Sequence[Shift], halts: Sequence[Halt], job: int, run: int) -> Iterator[Piece]:
    borders = {begin, end}
    for a, b in [(s.begin, s.end) for s in shifts] + [(a, b) for a, b, _ in halts]:
        borders.update(x for x in (a, b) if begin < x < end)
    marks = sorted(borders)
    for a, b in pairwise(marks):
        if not any(shift.begin <= a < shift.end for shift in shifts):
            yield Piece(a, b, State.OFF, "", -1, 0)
            continue
        why = next((reason for x, y, reason in halts if x <= a < y), "")
        yield Piece(a, b, State.FAULT if why else State.IDLE, why or "Pause", job, run)
