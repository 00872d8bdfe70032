"""Energy of a machine: per state and part, base load, cost and CO₂. Power in W, energy in kWh, times µs.

Energy comes from a power signal, from a meter's reading in kWh, or is estimated from one current (told in a flag).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.foundation.records.fields import Fields, read_yaml
from nordlotse.iot.core.states.rules import LONGEST_HOLD, Signal
from nordlotse.iot.core.states.values import SECOND, Span, State, StateFlag
from nordlotse.iot.core.values import Floats, Times, distinct

#: W·µs in a kWh.
KWH = 3600 * SECOND * 1000.0
#: Base load: the power that is exceeded in this share of the known time. Own setting, common in load profile reports.
BASE_SHARE = 0.95
#: States in which a machine stands unplanned, and in which nothing is made as planned.
STOOD = (State.IDLE, State.OFF, State.FAULT, State.NO_ORDER)
MEANT = (State.SETUP, State.PLANNED_STOP)

_TEXTS = {
    "meter_reset": Text("Der Stromzähler begann von vorn; was davor fehlte, ist nicht bekannt.", "The meter began anew; what was missing before is not known."),
    "negative_power": Text("Die Leistung ist zeitweise negativ (Einspeisung oder verpolter Wandler).", "The power is negative at times (feed-in or a reversed clamp)."),
    "no_energy_data": Text("Für einen Teil der Zeit gibt es keine Messung; er zählt nicht mit.", "There is no measurement for a part of the time; it does not count."),
    "estimated_from_current": Text("Aus dem Strom geschätzt: Spannung und Leistungsfaktor sind angenommen.", "Estimated from the current: voltage and power factor are assumed."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Factor:
    """A dated figure with its source: what a kWh emits (g) or costs (EUR). `title`: the source's own, German; `title_en`: what that says."""

    id: str
    name: Text
    value: float
    unit: str
    year: int
    note: Text
    title: str
    title_en: str
    publisher: Text
    url: str
    checked_on: date
    review_on: date


@dataclass(frozen=True, eq=False)
class Profile:
    """Energy over time: `time` (n,) µs, energy since the first time `energy` (n,) kWh, known time since then `known` (n,) µs; linear between."""

    time: Times
    energy: Floats
    known: Floats
    flags: tuple[StateFlag, ...] = ()

    def between(self, begin: int, end: int) -> float:
        """Return the energy of [begin, end) in kWh."""
        return _difference(self.time, self.energy, begin, end)

    def known_between(self, begin: int, end: int) -> float:
        """Return how much of [begin, end) was measured, µs."""
        return _difference(self.time, self.known, begin, end)


@dataclass(frozen=True, slots=True)
class Share:
    """What one state, part or period took: seconds measured, kWh, and from them euros and kg CO₂."""

    seconds: float
    kwh: float
    euros: float
    co2_kg: float


@dataclass(frozen=True, slots=True)
class Energy:
    """The energy of a machine in a window: whole, by state, per part (None where no parts), base load in W (None where not measured)."""

    whole: Share
    by_state: Mapping[State, Share]
    per_part_kwh: float | None
    producing_per_part_kwh: float | None
    base_watts: float | None
    base: Share | None
    price: float
    co2_grams: float
    flags: tuple[StateFlag, ...]

    @property
    def waste(self) -> Share:
        """Return what was taken while the machine stood unplanned."""
        return self._of(STOOD)

    @property
    def planned(self) -> Share:
        """Return what was taken while nothing was made as planned."""
        return self._of(MEANT)

    def _of(self, states: Sequence[State]) -> Share:
        parts = [self.by_state[s] for s in states if s in self.by_state]
        return Share(*(sum(getattr(p, name) for p in parts) for name in ("seconds", "kwh", "euros", "co2_kg")))


@cache
def factors() -> Mapping[str, Factor]:
    """Return the shipped figures by id; read once."""
    place = "energy.yaml"
    fields = read_yaml((files("nordlotse.iot.core") / place).read_text("utf-8"), place)
    made = {row.string("id", needed=True): _factor(row) for row in fields.mappings("factors")}
    fields.done()
    return MappingProxyType(made)


def from_power(power: Signal, *, longest_hold: int = LONGEST_HOLD) -> Profile:
    """Return the energy that a power signal in W tells; a value holds until the next one, at most `longest_hold` µs."""
    sound = np.isfinite(power.value)
    time, watts = power.time[sound], power.value[sound]
    if not len(time):
        return _nothing()
    lengths = np.minimum(np.diff(time, append=time[-1] + longest_hold), longest_hold).astype(np.float64)
    # a breakpoint where a value stops to hold keeps the line flat over the silence behind it
    edges = np.stack([time, time + lengths.astype(np.int64)], axis=1).ravel()
    steps = np.stack([np.zeros(len(time)), watts * lengths / KWH], axis=1).ravel()
    knowns = np.stack([np.zeros(len(time)), lengths], axis=1).ravel()
    flags = (_flag("negative_power", int(time[0]), int(time[-1])),) if (watts < 0).any() else ()
    return Profile(edges, np.cumsum(steps), np.cumsum(knowns), flags)


def from_meter(meter: Signal) -> Profile:
    """Return the energy that a meter's readings in kWh tell; a reading below the one before is a reset: the new reading counts."""
    sound = np.isfinite(meter.value)
    time, reading = meter.time[sound], meter.value[sound]
    if not len(time):
        return _nothing()
    rise = np.diff(reading, prepend=reading[0])
    resets = np.flatnonzero(rise < 0)
    rise[resets] = reading[resets]
    flags = tuple(_flag("meter_reset", int(time[place - 1]), int(time[place])) for place in resets)
    return Profile(time, np.cumsum(rise), (time - time[0]).astype(np.float64), flags)


def from_current(current: Signal, *, volts: float = 400.0, phases: int = 3, power_factor: float = 0.8) -> Profile:
    """Return the energy estimated from one phase's current in A: √3·U·I·cos φ for three phases (U between them), U·I·cos φ for one.

    The power factor of a machine is seldom known; .8 is usual for motors under load (DIN EN 60034 motors: .75 to .9). The flag says so.
    """
    scale = volts * power_factor * (np.sqrt(3.0) if phases == 3 else 1.0)
    made = from_power(Signal(current.time, np.abs(current.value) * scale))
    begin, end = (int(made.time[0]), int(made.time[-1])) if len(made.time) else (0, 0)
    return Profile(made.time, made.energy, made.known, (*made.flags, _flag("estimated_from_current", begin, end)))


def energy_of(
    profile: Profile,
    spans: Sequence[Span],
    begin: int,
    end: int,
    *,
    parts: int = 0,
    price: float | None = None,
    co2_grams: float | None = None,
) -> Energy:
    """Return the energy of [begin, end) by state; states that leave a gap leave UNKNOWN. Sums over the states equal the whole.

    `price` EUR/kWh and `co2_grams` g/kWh: the company's own, else the shipped figures.
    """
    euros = factors()["price_business_de"].value if price is None else price
    grams = factors()["co2_grid_de"].value if co2_grams is None else co2_grams

    def share(seconds: float, kwh: float) -> Share:
        return Share(seconds, kwh, kwh * euros, kwh * grams / 1000)

    sums: dict[State, tuple[float, float]] = {}
    for span in _covering(spans, begin, end):
        known, kwh = profile.known_between(span.begin, span.end), profile.between(span.begin, span.end)
        before = sums.get(span.state, (0.0, 0.0))
        sums[span.state] = (before[0] + known / SECOND, before[1] + kwh)
    whole = share(profile.known_between(begin, end) / SECOND, profile.between(begin, end))
    base = _base(profile, begin, end)
    missing = end - begin - whole.seconds * SECOND > SECOND
    producing = sums.get(State.PRODUCING, (0.0, 0.0))[1]
    return Energy(
        whole,
        MappingProxyType({state: share(*both) for state, both in sums.items()}),
        whole.kwh / parts if parts > 0 else None,
        producing / parts if parts > 0 else None,
        base,
        None if base is None else share(whole.seconds, base * whole.seconds * SECOND / KWH),
        euros,
        grams,
        (*profile.flags, *((_flag("no_energy_data", begin, end),) if missing else ())),
    )


def tell_energy(found: Energy) -> tuple[Text, ...]:
    """Return sentences on what was used, what of it while the machine stood unplanned, what while nothing was made as planned, and per part."""
    said = [
        _sentence("{} kWh verbraucht, etwa {} € und {} kg CO₂.", "{} kWh used, about €{} and {} kg CO₂.", found.whole)
    ]
    if found.waste.kwh > 0:
        said.append(
            _sentence(
                "Davon {} kWh (etwa {} €, {} kg CO₂), während die Maschine ungeplant stand.",
                "Of these {} kWh (about €{}, {} kg CO₂) while the machine stood unplanned.",
                found.waste,
            )
        )
    if found.planned.kwh > 0:
        said.append(
            _sentence(
                "Weitere {} kWh (etwa {} €, {} kg CO₂) beim Rüsten und in geplanten Stillständen; auch da entstand nichts.",
                "Another {} kWh (about €{}, {} kg CO₂) during setup and planned stops; nothing was made then either.",
                found.planned,
            )
        )
    if found.per_part_kwh is not None:
        de, en = _decimal(found.per_part_kwh, 3)
        said.append(Text(f"Je Teil {de} kWh.", f"{en} kWh per part."))
    return tuple(said)


def _covering(spans: Sequence[Span], begin: int, end: int) -> list[Span]:
    made: list[Span] = []
    reached = begin
    for span in sorted(spans):
        first, last = max(span.begin, reached), min(span.end, end)
        if last > first:
            made.extend((Span(reached, first, State.UNKNOWN), span._replace(begin=first, end=last)))
            reached = last
    return [s for s in (*made, Span(reached, end, State.UNKNOWN)) if s.end > s.begin]


def _base(profile: Profile, begin: int, end: int) -> float | None:
    """The power (W) that is exceeded in `BASE_SHARE` of the measured time."""
    edges = distinct(np.concatenate((np.clip(profile.time, begin, end), [begin, end])))
    lengths = np.diff(np.interp(edges, profile.time, profile.known)) if len(profile.time) else np.empty(0)
    if not len(lengths) or lengths.sum() <= 0:
        return None
    sound = lengths > 0
    watts = np.diff(np.interp(edges, profile.time, profile.energy))[sound] * KWH / lengths[sound]
    order = np.argsort(watts, kind="stable")
    reached = np.cumsum(lengths[sound][order])
    return float(watts[order][np.searchsorted(reached, (1 - BASE_SHARE) * reached[-1])])


def _difference(time: Times, sums: Floats, begin: int, end: int) -> float:
    if not len(time):
        return 0.0
    first, last = np.interp([begin, end], time, sums)
    return float(last - first)


def _factor(row: Fields) -> Factor:
    value, year = row.figure("value"), row.whole("year")
    if value is None or year is None:
        raise row.wrong("value", "„value“ und „year“ fehlen.", "“value” and “year” are missing.")
    made = Factor(
        row.string("id", needed=True),
        row.text("name", needed=True),
        float(value),
        row.string("unit", needed=True),
        year,
        row.text("note", needed=True),
        row.string("title", needed=True),
        row.string("title_en", needed=True),
        row.text("publisher", needed=True),
        row.string("url", needed=True),
        row.needed_day("checked_on"),
        row.needed_day("review_on"),
    )
    row.done()
    return made


def _sentence(de: str, en: str, share: Share) -> Text:
    pairs = [_decimal(share.kwh, 1), _decimal(share.euros, 2), _decimal(share.co2_kg, 1)]
    return Text(de.format(*(p[0] for p in pairs)), en.format(*(p[1] for p in pairs)))


def _decimal(value: float, digits: int) -> tuple[str, str]:
    english = f"{value:,.{digits}f}"
    return english.translate(str.maketrans(",.", ".,")), english


def _nothing() -> Profile:
    return Profile(np.empty(0, np.int64), np.empty(0), np.empty(0))


def _flag(code: str, begin: int, end: int) -> StateFlag:
    return StateFlag(code, begin, end, _TEXTS[code])
