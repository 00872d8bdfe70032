"""A machine that does not exist, asked for any moment: its signals as blocks, and the truth about what it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.simulator import chance
from nordlotse.iot.core.simulator.formulas import FORMULAS, SPOILT
from nordlotse.iot.core.simulator.kinds import AMBIENT, MAKES, Make, Warmth
from nordlotse.iot.core.simulator.moments import Moments, level
from nordlotse.iot.core.simulator.planning import Day, Halt, Piece, Slow, day_of, planned
from nordlotse.iot.core.simulator.values import Fault, Machine, Order, State, Stretch, Truth
from nordlotse.iot.core.values import EARLIEST, LATEST, Block, Floats, Kind, Series, Times

_SECOND = 1_000_000
#: A broken tool is noticed after so long, and replaced after so long, µs.
_NOTICED, _REPLACED = 90 * _SECOND, 45 * 60 * _SECOND
#: How much longer a cycle gets at most, and in how many steps.
_LONGER, _STEPS = 0.16, 6
_CODES = {State.RUNNING: 0, State.IDLE: 1, State.OFF: 2, State.FAULT: 3, State.SETUP: 4}
_LOADING = "Be- und Entladen"


@dataclass(frozen=True, eq=False)
class _Worked:
    """A day as columns. Pieces (p,): begin, state, order, running so far; temperatures at their begin and aimed at (w, p).

    Cycles (c,): when they ended, parts so far without the bad ones counted apart.
    """

    day: Day
    begin: Times
    code: Times
    loading: Times
    run: Times
    slow: Floats
    cycle: Floats
    load: Floats
    setting: Floats
    number: Times
    warm: Floats
    aim: Floats
    done: Times
    scrap: Times
    job: Times


@dataclass
class Simulation:
    """A machine; the same arguments give the same values.

    `around`: it works day and night on every day; else in two shifts, Monday to Friday, in German local time. With `faults` the past before
    each fault stays as it was without.
    """

    kind: Machine
    seed: int = 0
    faults: Sequence[Fault] = ()
    company: str = "local"
    machine: str = ""
    around: bool = False
    _days: dict[int, _Worked] = field(default_factory=dict, repr=False, init=False)
    _plans: dict[int, Day] = field(default_factory=dict, repr=False, init=False)
    _stuck: dict[Fault, float] = field(default_factory=dict, repr=False, init=False)

    def __post_init__(self) -> None:
        """Refuse faults the machine does not know.

        Raises:
            BadInput: `iot_fault`.
        """
        self.kind = Machine(self.kind)
        known = {sort.name for sort in self._make.faults}
        for fault in self.faults:
            if fault.name not in known:
                raise BadInput(
                    "iot_fault",
                    de="Diese Störung kennt die Maschine nicht.",
                    en="The machine does not know this fault.",
                    where=fault.name[:80],
                    remedy_de=f"Möglich sind: {', '.join(sorted(known))}.",
                    remedy_en=f"Possible are: {', '.join(sorted(known))}.",
                )
        self.faults = tuple(sorted(map(_bounded, self.faults), key=lambda fault: fault.begin))
        self.machine = self.machine or self._make.title
        self._key = (self.seed * 1_000_003 + list(Machine).index(self.kind) * 101) % 2**40 * 4096

    @property
    def _make(self) -> Make:
        return MAKES[self.kind]

    def with_faults(self, faults: Sequence[Fault]) -> Simulation:
        """Return the same machine with other faults.

        Raises:
            BadInput: `iot_fault`.
        """
        return replace(self, faults=tuple(faults))

    def at(self, begin: int, end: int, step: int) -> list[Block]:
        """Return a block for each signal with a value at every multiple of `step` µs from `begin` up to `end`.

        Raises:
            ValueError: the stretch is longer than 20 million moments, or lies before 1900 or after 2199.
        """
        first = -(-begin // step) * step
        if begin <= EARLIEST or end >= LATEST - 10**12 or (end - first) // step > 20_000_000:
            raise ValueError("no such stretch")
        times = np.arange(first, max(end, first), step, dtype=np.int64)
        return self.values(times) if len(times) else []

    def values(self, times: Times) -> list[Block]:
        """Return a block for each signal at moments (n,), sorted, µs."""
        moments = self._moments(times)
        columns = FORMULAS[self.kind](moments)
        columns["Teile"], columns["Ausschuss"] = moments.made, moments.scrap
        for fault in self.faults:
            if fault.name == "stuck-sensor":
                self._stick(columns, "Spindeltemperatur", fault, times)
        quality = np.zeros(len(times), np.uint8)
        blocks = []
        for signal in self._make.signals:
            column = columns[signal.name]
            kind = Kind.BOOLEAN if signal.boolean else Kind.NUMBER
            value = np.round(column, signal.digits) + 0.0  # no −0
            blocks.append(Block(Series(self.company, self.machine, signal.name), kind, times, value, quality, times))
        return blocks

    def awake(self, moment: int) -> int:
        """Return the first moment from `moment` on from which the machine runs for ten minutes at least, within one day: for a demonstration."""
        while True:
            day = self._worked(day_of(moment)).day
            begin = end = 0
            for piece in day.pieces:
                if piece.state is not State.RUNNING:
                    continue
                if piece.begin != end:  # a shift's end parts pieces, not the work
                    begin = max(piece.begin, moment)
                end = piece.end
                if end - begin >= 600 * _SECOND:
                    return begin
            moment = day.end

    def truth(self, begin: int, end: int) -> Truth:
        """Return what happened from `begin` up to `end`, µs."""
        days = [self._worked(day) for day in _dates(begin, end)]
        stretches: list[Stretch] = []
        for worked in days:
            for piece in worked.day.pieces:
                _append(stretches, piece, worked.day, begin, end)
        orders = [order for worked in days for order in _orders(self._make, worked)]
        inside = [(worked.done >= begin) & (worked.done < end) for worked in days]
        return Truth(
            tuple(stretches),
            tuple(order for order in orders if order.begin < end and order.end > begin),
            tuple(s for worked in days for s in worked.day.shifts if s.begin < end and s.end > begin),
            tuple(fault for fault in self.faults if fault.begin < end and (fault.end is None or fault.end > begin)),
            sum(int(mask.sum()) for mask in inside) * self._make.parts,
            sum(int(worked.scrap[mask].sum()) for worked, mask in zip(days, inside, strict=True)),
        )

    # ---- columns ----

    def _moments(self, times: Times) -> Moments:
        days = [self._worked(day) for day in _dates(int(times[0]), int(times[-1]) + 1)]
        begin = np.concatenate([one.begin for one in days])
        at = np.searchsorted(begin, times, side="right") - 1
        joined = {
            name: np.concatenate([getattr(one, name) for one in days])[at]
            for name in ("code", "loading", "run", "slow", "cycle", "load", "setting", "number")
        }
        since = (times - begin[at]).astype(np.float64)
        running = joined["code"] == 0
        run = (joined["run"] + np.where(running, since / joined["slow"], 0.0)) / 1e6
        turns = np.floor(run / joined["cycle"])
        warm, aim = (np.concatenate([getattr(one, name) for one in days], axis=1)[:, at] for name in ("warm", "aim"))
        lags = np.array([[warmth.seconds] for warmth in self._make.warmths]) * 1e6
        warm = aim + (warm - aim) * np.exp(-since / lags)
        made, scrap = self._counted(days, times)
        return Moments(
            times,
            self._key,
            running,
            joined["code"] == 2,
            joined["loading"] > 0,
            joined["code"] == 4,
            joined["cycle"] * joined["slow"],
            run / joined["cycle"] - turns,
            joined["number"] * 100_000 + turns.astype(np.int64),
            joined["load"],
            joined["setting"],
            tuple(warm),
            tuple(aim),
            made,
            scrap,
            tuple(self.faults),
        )

    def _counted(self, days: Sequence[_Worked], times: Times) -> tuple[Floats, Floats]:
        done = np.concatenate([one.done for one in days])
        bad = np.concatenate([[0], np.cumsum(np.concatenate([one.scrap for one in days]))])
        begins = np.array([one.day.begin for one in days])
        day = begins[np.searchsorted(begins, times, side="right") - 1]
        upto, before = np.searchsorted(done, times, side="right"), np.searchsorted(done, day, side="left")
        made: Floats = ((upto - before) * self._make.parts).astype(np.float64)
        return made, (bad[upto] - bad[before]).astype(np.float64)

    def _stick(self, columns: dict[str, Floats], signal: str, fault: Fault, times: Times) -> None:
        """Let a signal stand at what it read when the fault began."""
        stuck = (times >= fault.begin) & (times < (LATEST if fault.end is None else fault.end))
        if not stuck.any():
            return
        if fault not in self._stuck:
            self._stuck[fault] = float(FORMULAS[self.kind](self._moments(np.array([fault.begin])))[signal][0])
        columns[signal] = np.where(stuck, self._stuck[fault], columns[signal])

    # ---- days ----

    def _worked(self, day: date) -> _Worked:
        number = day.toordinal()
        if number not in self._days:
            if len(self._days) > 800:
                self._days.clear()
            # what it was like a day ago is forgotten by the slowest part, so a day begins as warm as the one before ends
            start = _warmed(self._make.warmths, self._plan(day - timedelta(days=1)), [AMBIENT] * 9)[-1]
            self._days[number] = self._columns(self._plan(day), start)
        return self._days[number]

    def _plan(self, day: date) -> Day:
        number = day.toordinal()
        if number not in self._plans:
            if len(self._plans) > 800:
                self._plans.clear()
            self._plans[number] = planned(
                self._make, self.seed, day, list(_halts(self.faults)), list(_slows(self.faults)), self.around
            )
        return self._plans[number]

    def _columns(self, day: Day, start: Sequence[float]) -> _Worked:
        pieces, jobs = day.pieces, day.jobs
        product = [jobs[piece.job].product if piece.job >= 0 else self._make.products[0] for piece in pieces]
        warm = np.array(_warmed(self._make.warmths, day, start)[:-1]).T
        aim = np.array([_aims(self._make.warmths, piece, day) for piece in pieces]).T
        done, job, turn = _cycles(day)
        return _Worked(
            day,
            np.array([piece.begin for piece in pieces], np.int64),
            np.array([_CODES[piece.state] for piece in pieces], np.int64),
            np.array([piece.reason == _LOADING for piece in pieces], np.int64),
            np.array([piece.run for piece in pieces], np.int64),
            np.array([piece.slow for piece in pieces]),
            np.array([one.cycle for one in product]),
            np.array([one.load for one in product]),
            np.array([one.setting for one in product]),
            np.array([(day.begin // _SECOND // 3600) * 100 + piece.job for piece in pieces], np.int64),
            warm,
            aim,
            done,
            self._scrap(day, done, job, turn),
            job,
        )

    def _scrap(self, day: Day, done: Times, job: Times, turn: Times) -> Times:
        """Return how many parts of each cycle are bad."""
        rate = np.full(len(done), self._make.scrap)
        for fault in self.faults:
            rate = rate + SPOILT.get(fault.name, 0.0) * level(fault, done)
        parts = self._make.parts
        places = ((day.begin // _SECOND * 100 + job) * 100_000 + turn)[:, None] * 64 + np.arange(parts)
        drawn = chance.uniform(places.reshape(-1), self._key + 4000).reshape(-1, parts)
        bad: Times = (drawn < rate[:, None]).sum(axis=1).astype(np.int64)
        return bad


def _bounded(fault: Fault) -> Fault:
    """Return a broken tool with its end: it is replaced, if nobody does so earlier."""
    if fault.name != "tool-break":
        return fault
    return replace(fault, end=fault.end or fault.begin + _NOTICED + _REPLACED, ramp=1)


def _halts(faults: Sequence[Fault]) -> Iterator[Halt]:
    for fault in faults:
        if fault.name == "tool-break" and fault.end is not None and fault.end > fault.begin + _NOTICED:
            yield fault.begin + _NOTICED, fault.end, "Werkzeugbruch"


def _slows(faults: Sequence[Fault]) -> Iterator[Slow]:
    for fault in faults:
        if fault.name == "cycle-drift":
            end = fault.end or LATEST
            step = max(fault.ramp // _STEPS, 1)
            for k in range(_STEPS):
                begin = fault.begin + k * step
                last = k == _STEPS - 1
                if begin < end:
                    yield begin, end if last else min(begin + step, end), 1 + _LONGER * (k + 1) / _STEPS


def _dates(begin: int, end: int) -> list[date]:
    first, last = day_of(begin), day_of(max(end - 1, begin))
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]


def _aims(warmths: Sequence[Warmth], piece: Piece, day: Day) -> list[float]:
    """Return what each temperature aims at."""
    if piece.state is State.OFF:
        return [warmth.off for warmth in warmths]
    if piece.state is not State.RUNNING:
        return [warmth.idle for warmth in warmths]
    product = day.jobs[piece.job].product
    return [w.running * product.setting / 200 if w.set else w.running for w in warmths]


def _warmed(warmths: Sequence[Warmth], day: Day, start: Sequence[float]) -> list[list[float]]:
    """Return the temperatures at the begin of each piece, and at the end of the day."""
    now = list(start[: len(warmths)])
    found = [now]
    for piece in day.pieces:
        long = (piece.end - piece.begin) / 1e6
        aims = _aims(warmths, piece, day)
        now = [
            aim + (was - aim) * float(np.exp(-long / warmth.seconds))
            for aim, was, warmth in zip(aims, now, warmths, strict=True)
        ]
        found.append(now)
    return found


def _cycles(day: Day) -> tuple[Times, Times, Times]:
    """Return when each cycle ended, its order's place in the day, and its number in the order."""
    found: list[tuple[Times, Times, Times]] = []
    for piece in day.pieces:
        if piece.state is State.RUNNING:
            cycle = round(day.jobs[piece.job].product.cycle * 1e6)
            first, last = piece.run // cycle + 1, (piece.run + round((piece.end - piece.begin) / piece.slow)) // cycle
            turn = np.arange(first, last + 1, dtype=np.int64)
            ended = piece.begin + ((turn * cycle - piece.run) * piece.slow).astype(np.int64)
            found.append((ended, np.full(len(turn), piece.job, np.int64), turn))
    if not found:
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    done, job, turn = (np.concatenate([one[k] for one in found]) for k in range(3))
    return done, job, turn


def _append(stretches: list[Stretch], piece: Piece, day: Day, begin: int, end: int) -> None:
    """Add a piece as far as it lies between two moments, joined with the one before if it is more of the same."""
    a, b = max(piece.begin, begin), min(piece.end, end)
    if a >= b:
        return
    made = Stretch(a, b, piece.state, piece.reason, day.jobs[piece.job].number if piece.job >= 0 else "")
    last = stretches[-1] if stretches else None
    if last and (last.end, last.state, last.reason, last.order) == (a, made.state, made.reason, made.order):
        stretches[-1] = replace(last, end=b)
    else:
        stretches.append(made)


def _orders(make: Make, worked: _Worked) -> Iterator[Order]:
    for job in worked.day.jobs:
        mine = worked.job == job.place
        running = sum(p.end - p.begin for p in worked.day.pieces if p.job == job.place and p.state is State.RUNNING)
        yield Order(
            job.number,
            job.product.name,
            job.begin,
            job.end,
            job.cycles * make.parts,
            job.product.cycle * 1e6 / make.parts,
            running,
            int(mine.sum()) * make.parts,
            int(worked.scrap[mine].sum()),
        )
