"""What a hall's machines say just now: the newest value of each signal, its last minutes as a small line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
import orjson
from django.utils.translation import get_language

from nordlotse.foundation.language import Lang
from nordlotse.iot import lookout, memory
from nordlotse.iot.core.showing import spark, words
from nordlotse.iot.core.showing.names import named
from nordlotse.iot.core.states.rules import LONGEST_HOLD, hold_of
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Quality, Rows, Series
from nordlotse.iot.lookout import Newest
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import standing, states

#: The small line shows so many minutes in so many steps.
MINUTES, STEPS = 5, 60
#: Older than so many seconds, and the value is shown as old.
OLD_SECONDS = 60
#: A machine of a hall with several shows so many signals there, a machine's own page at most so many.
_FEW, _MANY = 4, 200
#: So many names nobody has taken in yet are told one by one.
_UNCLAIMED = 10
#: The usual distance of values is told from so many of the last minute; with fewer from all of the time that a value may hold.
_USUAL = 6
#: A stream ends after so many seconds and is taken up again; without news it says every so many that it is alive.
STREAM_SECONDS, ALIVE_SECONDS = 600.0, 10.0
#: A stream looks so often whether its browser is still there, in seconds.
_THERE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SignalNow:
    """One signal on the page: name and title, unit, value as words, age, what is known of it, whether it is old, the line."""

    machine: int
    name: str
    title: str
    unit: str
    value: str
    time: int
    age: str
    note: str
    old: bool
    line: spark.Line | None
    sort: Literal["number", "boolean", "text"]

    @property
    def milliseconds(self) -> int:
        """Return its time in ms."""
        return self.time // 1000

    @property
    def query(self) -> str:
        """Return what the address of its history holds behind the question mark."""
        return urlencode({"s": self.name})

    @property
    def points(self) -> str:
        """Return the points of the line for scripts: "place:value place:value …"."""
        return " ".join(f"{place}:{value:g}" for place, value in self.line.points) if self.line else ""


@dataclass(frozen=True, slots=True)
class MachineNow:
    """A machine on the page: its signals, how many more it has, its state in words where known, alarms that are not over.

    `overdue`: that long (ms) after its last value the machine counts as silent.
    """

    machine: Machine
    signals: tuple[SignalNow, ...]
    more: int
    state: standing.Standing | None
    alarms: tuple[standing.Open, ...]
    overdue: int = LONGEST_HOLD // 1000

    @property
    def pauses_open(self) -> bool:
        """Tell whether nobody has said yet if the machine stands in the pauses of its cycle."""
        return states.open_question(self.machine) is not None


def now() -> int:
    """Return the time, µs since 1970."""
    return time.time_ns() // 1000


def machines_now(hall: Hall, machines: Sequence[Machine], lang: Lang, own_words: bool = True) -> list[MachineNow]:
    """Return machines of a hall as they are now; with one machine all of its signals, with several the first of each.

    `own_words`: with reasons that somebody typed freely; strangers are not told them.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    at = now()
    few = _FEW if len(machines) > 1 else _MANY
    found = []
    with memory.looked(hall.store) as reader:
        by_machine: dict[str, list[Series]] = {}
        for series in reader.series():
            by_machine.setdefault(series.machine, []).append(series)
        for machine in machines:
            every = sorted(by_machine.get(machine.name, ()), key=lambda one: order(machine, one.signal))
            signals: list[SignalNow] = []
            newest: tuple[int, Series | None] = (0, None)
            for place, series in enumerate(every):
                if place >= few and at - newest[0] < OLD_SECONDS * 1_000_000:
                    break  # somebody speaks: the others are not asked
                rows = reader.latest(series)
                if not len(rows):
                    continue
                newest = max(newest, (int(rows.time[0]), series), key=lambda one: one[0])
                if place < few:
                    signals.append(_seen(machine, series, rows, reader, at, lang))
            hold = _hold(reader, newest[1], newest[0], machine) if newest[1] is not None else LONGEST_HOLD
            found.append((machine, signals, max(len(every) - few, 0), newest[0], hold))
    kept, alarms = states.around(machines, at), standing.alarms_of(machines, at, lang)
    return [
        MachineNow(
            m, tuple(s), more, _state(m, newest, hold, at, lang, own_words, kept[m.pk]), alarms[m.pk], hold // 1000
        )
        for m, s, more, newest, hold in found
    ]


def _seen(machine: Machine, series: Series, rows: Rows, reader: Reader, at: int, lang: Lang) -> SignalNow:
    newest = Newest(int(rows.time[0]), rows.shown()[0], int(rows.quality[0]))
    line = None
    if not isinstance(newest.value, str):
        line = spark.line(reader.buckets(series, at - MINUTES * 60_000_000, at, STEPS, rolled=False), lang)
    return _shown(machine, series.signal, newest, at, lang, line)


def _hold(reader: Reader, series: Series, newest: int, machine: Machine) -> int:
    """Return after how much silence (µs) a machine's values are overdue: by the usual distance of the signal that spoke last."""
    times = reader.rows(series, newest - 60_000_000, newest + 1).time
    if len(times) < _USUAL:
        times = reader.rows(series, newest - LONGEST_HOLD, newest + 1).time
    distance = int(np.median(np.diff(times))) if len(times) > 1 else 0
    way = states.way_of(machine)
    return max(hold_of(distance), way.hold if way is not None else 0)


def _state(machine: Machine, newest: int, hold: int, at: int, lang: Lang, own_words: bool, kept: states.Around) -> standing.Standing | None:  # fmt: skip
    """The state in words; of a machine whose values are overdue that, whatever is known of its states."""
    if newest and at - newest > hold:
        return standing.silent(newest, at, lang)
    return standing.now(machine, at, lang, own_words, kept)


def order(machine: Machine, signal: str) -> tuple[int, str]:
    """Return where a signal stands: what a person confirmed first, in their order, then by name."""
    known = list(machine.signals)
    return (known.index(signal) if signal in machine.signals else len(known), signal.casefold())


def titled(machine: Machine, signal: str, lang: Lang | None = None) -> tuple[str, str]:
    """Return what a signal is called and its unit; names of ours in a language, without one in that of the page."""
    kept: Any = machine.signals.get(signal)
    told: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
    spoken: Lang = lang or ("en" if (get_language() or "de").startswith("en") else "de")
    name = named(str(told.get("title") or signal.replace("_", " ")), spoken)
    return name, named(str(told.get("unit") or ""), spoken)


def _shown(machine: Machine, signal: str, newest: Newest, at: int, lang: Lang, line: spark.Line | None) -> SignalNow:
    title, unit = titled(machine, signal, lang)
    seconds = (at - newest.time) / 1e6
    note = words.marks(newest.quality, lang, Quality.IMPORTED)
    return SignalNow(
        machine.pk,
        signal,
        title,
        unit,
        words.said(newest.value, lang),
        newest.time,
        words.age(seconds, newest.time, lang),
        note[0] if note else "",
        seconds > OLD_SECONDS,
        line,
        "text" if isinstance(newest.value, str) else "boolean" if isinstance(newest.value, bool) else "number",
    )


def unclaimed(hall: Hall, machines: Sequence[Machine]) -> tuple[list[str], int]:
    """Return the first names under which values came that no machine of the hall has, and how many more there are."""
    known = {machine.name for machine in machines}
    with memory.looked(hall.store) as reader:
        names = sorted({series.machine for series in reader.series()} - known)
    return names[:_UNCLAIMED], max(len(names) - _UNCLAIMED, 0)


def frame(signals: lookout.Signals, numbers: Mapping[str, int]) -> bytes:
    """Return newest values as JSON: `at` our time in ms, `values` lists of machine, signal, its time in ms, value, quality."""
    values = [
        (numbers[machine], signal, one.time / 1000, _plain(one.value), one.quality)
        for (machine, signal), one in signals.items()
        if machine in numbers
    ]
    return orjson.dumps({"at": now() / 1000, "values": values}) if values else b""


def _plain(value: lookout.Value) -> lookout.Value | None:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def all_now(hall: Hall, machines: Sequence[Machine]) -> bytes:
    """Return the newest values of machines as a frame, for those who ask again and again."""
    numbers = {machine.name: machine.pk for machine in machines}
    with lookout.watched(hall.store) as looking:
        signals = looking.newest()
    return frame(signals, numbers) or orjson.dumps({"at": now() / 1000, "values": []})


def frames(store: str, numbers: Mapping[str, int], there: Callable[[], bool]) -> Iterator[bytes]:
    """Yield the newest values of machines as server-sent events, all of them first, then what changes; ends after `STREAM_SECONDS`.

    `numbers`: the number of each machine by its name. `there` tells whether the browser still listens.
    """
    with lookout.watched(store) as looking:
        change, end, alive = 0, time.monotonic() + STREAM_SECONDS, time.monotonic()
        yield b"retry: 1000\n\n"
        while time.monotonic() < end and not looking.gone and there() and not any(over() for over in lookout.ending):
            change, signals = looking.since(change, _THERE_SECONDS)
            told = frame(signals, numbers)
            if told:
                yield b"data: " + told + b"\n\n"
                alive = time.monotonic()
            elif time.monotonic() - alive > ALIVE_SECONDS:
                yield b": \n\n"
                alive = time.monotonic()
        yield b"event: over\ndata: {}\n\n"
