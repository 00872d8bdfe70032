"""The energy of a machine over a period: whole, by state, day and part, base load, cost and CO₂, from the kept results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.iot.core.drawing.bars import stacked
from nordlotse.iot.core.drawing.svg import Size
from nordlotse.iot.core.energy import BASE_SHARE, MEANT, STOOD, Factor, factors
from nordlotse.iot.core.measures import Measure, switch_off
from nordlotse.iot.core.oee.written import duration
from nordlotse.iot.core.periods import Period, short_day
from nordlotse.iot.core.states.kept import given_read
from nordlotse.iot.core.states.plans import calendar_read
from nordlotse.iot.core.states.values import SECOND, State
from nordlotse.iot.models import Machine
from nordlotse.iot.queries import held
from nordlotse.iot.queries.observing import Observer

#: The base load is told from means of so many µs each.
_MEAN = 5 * 60 * SECOND
_HOUR = 3600 * SECOND
#: The base load is told from so many hours of values on: before a night or a pause it is only the least of what was seen.
BASE_HOURS = 24
#: A meter read every so many seconds or more seldom does not tell short states apart.
COARSE = 30.0
_SIZES: tuple[Size, ...] = ("narrow", "wide")
#: An hour's cost is told from so many seconds at least.
_ENOUGH = 600.0
_TOLD = {
    "estimated_from_current": Text("Aus dem Strom geschätzt: drei Phasen, 400 V, Leistungsfaktor 0,8 sind angenommen.", "Estimated from the current: three phases, 400 V, power factor 0.8 are assumed."),
    "meter_reset": Text("Der Stromzähler begann von vorn; was davor fehlte, ist nicht bekannt.", "The meter began anew; what was missing before is not known."),
    "negative_power": Text("Die Leistung ist zeitweise negativ (Einspeisung oder verpolter Wandler).", "The power is negative at times (feed-in or a reversed clamp)."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Used:
    """What a machine took in a period: seconds and kWh by state, by day, per part; base load in W; the price and factor reckoned with.

    `hours`: from the first to the last hour with a value, as far back as results are kept.
    """

    machine: Machine
    period: Period
    source: str
    by_state: Mapping[State, tuple[float, float]]
    by_day: Sequence[tuple[date, Mapping[State, float]]]
    parts: int
    base_watts: float | None
    price: float
    own_price: bool
    flags: tuple[Text, ...]
    hours: int

    @property
    def kwh(self) -> float:
        """Return all energy."""
        return sum(kwh for _, kwh in self.by_state.values())

    @property
    def seconds(self) -> float:
        """Return how long was measured."""
        return sum(seconds for seconds, _ in self.by_state.values())

    @property
    def waste(self) -> float:
        """Return the energy taken while it stood unplanned (kWh)."""
        return sum(self.by_state[s][1] for s in STOOD if s in self.by_state)

    @property
    def planned(self) -> float:
        """Return the energy taken in setup and planned stops (kWh): nothing is made then either, but it was meant to be so."""
        return sum(self.by_state[s][1] for s in MEANT if s in self.by_state)

    @property
    def idle_watts(self) -> float | None:
        """Return the mean power (W) while the machine only stands ready, None where that was not measured."""
        seconds, kwh = self.by_state.get(State.IDLE, (0.0, 0.0))
        return kwh / seconds * 3_600_000 if seconds > _ENOUGH else None

    @property
    def per_part(self) -> float | None:
        """Return kWh per part, None where no parts are counted."""
        return self.kwh / self.parts if self.parts else None

    @property
    def step(self) -> Measure | None:
        """Return what to do first, None where the week leaves no time for it or too little is known."""
        return switch_off(calendar_read(self.machine.hall.shifts), self.hours)

    @property
    def euros(self) -> float:
        """Return what it cost."""
        return self.kwh * self.price

    @property
    def co2(self) -> float:
        """Return kg CO₂."""
        return self.kwh * factors()["co2_grid_de"].value / 1000


def used(machine: Machine, wanted: Period, now: int) -> Used | None:
    """Return the energy of a period, None where no signal tells it."""
    observer = Observer(machine, now)
    role, name = observer.meter
    if not role or name not in observer.names:
        return None
    states: dict[State, tuple[float, float]] = {}
    days: dict[date, dict[State, float]] = {}
    parts, flags = Fraction(), set()
    for row in held.results(machine, wanted.begin, wanted.end):
        day = days.setdefault(date.fromisoformat(row.shift["day"]), {})
        for word, (seconds, kwh) in row.energy.get("states", {}).items():
            state = State(word)
            before = states.get(state, (0.0, 0.0))
            states[state] = (before[0] + seconds, before[1] + kwh)
            day[state] = day.get(state, 0.0) + kwh
        flags |= set(row.energy.get("flags", ()))
        parts += given_read(row.given).elements.get("PQ", Fraction())
    own, hours = machine.hall.price_kwh, _hours(observer, name)
    return Used(
        machine,
        wanted,
        role,
        states,
        sorted(days.items()),
        max(int(parts), 0),
        base_watts(observer, role, name, wanted, now) if hours >= BASE_HOURS else None,
        float(own) if own is not None else factors()["price_business_de"].value,
        own is not None,
        (*(_TOLD[flag] for flag in sorted(flags) if flag in _TOLD), *_coarse(observer, role, name, wanted, now)),
        hours,
    )


def _coarse(observer: Observer, role: str, name: str, wanted: Period, now: int) -> Iterator[Text]:
    """Yield that a meter is read too seldom to tell short states apart, where it is: by the distance of its newest readings in the period."""
    hours = observer.hours(name)
    filled = hours.begin[(hours.count > 0) & (hours.begin < min(wanted.end, now))]
    if role != "energy" or not len(filled):
        return
    last = int(filled[-1])
    time = observer.signal(name, max(wanted.begin, last - _HOUR), min(wanted.end, last + _HOUR)).time
    apart = float(np.median(np.diff(time))) / SECOND if len(time) > 1 else 0.0
    if apart >= COARSE:
        every = duration(Fraction(round(apart)))
        yield Text(
            f"Der Zähler wird nur alle {every.de} gelesen. Wie viel auf Zustände entfällt, die kaum länger dauern, ist darum ungenau; die Summe stimmt.",
            f"The meter is read every {every.en} only. How much falls to states that hardly last longer is therefore inexact; the sum is right.",
        )


def _hours(observer: Observer, name: str) -> int:
    filled = np.flatnonzero(observer.hours(name).count)
    return int(filled[-1] - filled[0]) + 1 if len(filled) else 0


def base_watts(observer: Observer, role: str, name: str, wanted: Period, now: int) -> float | None:
    """Return the power (W) exceeded in `BASE_SHARE` of the measured five minutes, None where there are none; from means the store keeps."""
    end = min(wanted.end, now)
    count = max(1, (end - wanted.begin) // _MEAN)
    if role == "energy":
        profile = observer.profile(role, name, wanted.begin, end)
        edges = np.linspace(wanted.begin, end, count + 1)
        if not len(profile.time):
            return None
        known = np.diff(np.interp(edges, profile.time, profile.known))
        watts = np.diff(np.interp(edges, profile.time, profile.energy)) * 3600 * SECOND * 1000 / np.maximum(known, 1)
        watts = watts[known > _MEAN / 2]
    else:
        buckets = observer.means(name, wanted.begin, wanted.begin + count * _MEAN, count)
        watts = buckets[np.isfinite(buckets)] * observer.scale
        if role == "current":
            watts = np.abs(watts) * 400 * 0.8 * 3**0.5
    return float(np.quantile(watts, 1 - BASE_SHARE)) if len(watts) else None


def pictures(found: Used, name: str, lang: str) -> list[str]:
    """Return the energy by day and state in both widths."""
    order = [s for s in State if s in found.by_state]
    rows = [(short_day(day).get(lang), [(s, states.get(s, 0.0)) for s in order]) for day, states in found.by_day]
    return [stacked(rows, name, "kWh", lang, size) for size in _SIZES]


def sources(found: Used) -> list[Factor]:
    """Return the shipped figures that were used."""
    made = factors()
    return [made["co2_grid_de"]] if found.own_price else [made["price_business_de"], made["co2_grid_de"]]
