"""What manufacturing costs, as data: every figure low, likely, high with unit, source and date; and the plain formulas of rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from importlib.resources import files
from math import isfinite
from types import MappingProxyType
from typing import Any

import yaml

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.limits_data import default_material, machines
from nordlotse.print3d.core.values import Machine, Material, Process, Sourced

#: A process whose error was not measured is headed so, in every place.
GUIDE_VALUE = Text("Richtwert, nicht gemessen", "Guide value, not measured")
#: Source of a figure a person gave.
_GIVEN = Text("Ihre Angabe", "Your figure")


@dataclass(frozen=True, slots=True)
class Rate:
    """One figure of a process: its key (`fdm.machine_rate`), name for people, range with unit, source and date."""

    id: str
    name: Text
    value: Sourced


@dataclass(frozen=True, slots=True)
class Way:
    """A process as a way to make a part: build volume and gap between parts in mm, lead time in days, least order, its rates.

    `machine`: id of the machine whose build volume and hour these are, "" for milling and moulding. `larger`: the same on the larger
    machines of the process, for parts that do not fit this one.
    """

    id: str
    name: Text
    material: Text
    build: tuple[float, float, float]
    gap: float
    lead_days: tuple[int, int]
    minimum: int
    rates: Mapping[str, Rate]
    machine: str = ""
    larger: tuple[Way, ...] = ()

    def likely(self) -> dict[str, float]:
        """Return the likely value of every rate."""
        return {name: rate.value.likely for name, rate in self.rates.items()}


@dataclass(frozen=True, slots=True)
class Rates:
    """All processes and the figures of screening."""

    ways: Mapping[str, Way]
    screening: Mapping[str, Rate]


@cache
def rates() -> Rates:
    """Return the figures that come with the room: each process with its first material, on its first machine and on the larger ones."""
    text = files("nordlotse.print3d.core.data").joinpath("costs.yaml").read_text(encoding="utf-8")
    given = yaml.safe_load(text)
    sources = {name: Text(**row) for name, row in given["sources"].items()}
    read = partial(_read, sources=sources, decided=given["decided"])
    shop = read("shop", given["shop"])
    ways = {}
    for name, row in given["processes"].items():
        if "build" in row:
            x, y, z = (float(side) for side in row["build"])
            ways[name] = _way(name, row, {**shop, **read(name, row["rates"])}, Text(**row["material"]), (x, y, z))
            continue
        process = Process(name)
        material = default_material(process)
        on = []
        for machine in (one for one in machines().values() if one.process is process):
            own = read(name, row["rates"], stated={**_of_material(material), "machine_rate": machine.rate})
            on.append(_way(name, row, {**shop, **own}, material.name, machine.build, machine.id))
        ways[name] = replace(on[0], larger=tuple(on[1:]))
    return Rates(MappingProxyType(ways), MappingProxyType(read("screening", given["screening"])))


def _way(
    name: str,
    row: Mapping[str, Any],
    held: Mapping[str, Rate],
    material: Text,
    build: tuple[float, float, float],
    machine: str = "",
) -> Way:
    soon, late = (int(days) for days in row["lead_days"])
    gap, minimum = float(row["gap"]), int(row["minimum"])
    return Way(
        name, Text(**row["name"]), material, build, gap, (soon, late), minimum, MappingProxyType(dict(held)), machine
    )


def _of_material(material: Material) -> dict[str, Sourced]:
    """Return what a material says of the figures of its process."""
    own = material.price
    density = Sourced(material.density, material.density, material.density, "g/cm3", own.source, own.decided)
    return {"material_price": own, "density": density}


def _read(
    group: str,
    rows: Mapping[str, Any],
    sources: Mapping[str, Text],
    decided: date,
    stated: Mapping[str, Sourced] = MappingProxyType({}),
) -> dict[str, Rate]:
    """Return the figures of a group; those that say `from` are among the `stated` ones of its material and its machine."""
    read = {}
    for name, row in rows.items():
        if "from" in row:
            value = stated[name]
        else:
            low, likely, high = float(row["low"]), float(row["likely"]), float(row["high"])
            value = Sourced(low, likely, high, row["unit"], sources[row["source"]], row.get("decided", decided))
        read[name] = Rate(f"{group}.{name}", Text(**row["name"]), value)
    return read


def with_material(given: Rates, material: Material) -> Rates:
    """Return the rates with another material for its process: its price and its density."""

    def made(way: Way) -> Way:
        stated = _of_material(material)
        held = {key: replace(rate, value=stated.get(key, rate.value)) for key, rate in way.rates.items()}
        larger = tuple(made(one) for one in way.larger)
        return replace(way, rates=MappingProxyType(held), material=material.name, larger=larger)

    process = material.process.value
    return replace(given, ways=MappingProxyType({**given.ways, process: made(given.ways[process])}))


def with_machine(given: Rates, machine: Machine) -> Rates:
    """Return the rates with this machine alone for its process: its build volume and its hour."""
    process = machine.process.value
    way = given.ways[process]
    rate = replace(way.rates["machine_rate"], value=machine.rate)
    held = MappingProxyType({**way.rates, "machine_rate": rate})
    made = replace(way, rates=held, build=machine.build, machine=machine.id, larger=())
    return replace(given, ways=MappingProxyType({**given.ways, process: made}))


def changed(given: Rates, figures: Mapping[str, float], on: date | None = None) -> Rates:
    """Return the rates with figures a person gave (`{"fdm.machine_rate": 4.0}`): certain, source "your figure".

    Raises:
        BadInput: `rate_unknown`, `rate_impossible`.
    """
    known = {rate.id for way in given.ways.values() for rate in way.rates.values()} | {
        rate.id for rate in given.screening.values()
    }
    for key, value in figures.items():
        if key not in known:
            raise BadInput(
                "rate_unknown",
                de=f"Es gibt keinen Kostenwert „{key[:60]}“.",
                en=f"There is no cost figure “{key[:60]}”.",
                where=key[:60],
                remedy_de=f"Zum Beispiel: {', '.join(sorted(known)[:6])}.",
                remedy_en=f"For example: {', '.join(sorted(known)[:6])}.",
            )
        _check(key, value)
    day = on or date.today()

    def made(way: Way) -> Way:
        larger = tuple(made(one) for one in way.larger)
        return replace(way, rates=_with(way.rates, figures, day), larger=larger)

    ways = {name: made(way) for name, way in given.ways.items()}
    return Rates(MappingProxyType(ways), _with(given.screening, figures, day))


def _check(key: str, value: float) -> None:
    """Refuse a figure nothing can be reckoned with.

    Raises:
        BadInput: `rate_impossible`.
    """
    name = key.rpartition(".")[2]
    most = _SHARES.get(name, _LARGEST)
    if not isfinite(value) or value < 0 or value > most or (value == 0 and name in _DIVISORS):
        raise BadInput(
            "rate_impossible",
            de=f"Der Wert muss über null liegen und höchstens {most:g} sein.",
            en=f"The figure must be above zero and no more than {most:g}.",
            where=key,
        )


#: Larger figures are typing errors.
_LARGEST = 1e9
#: Figures that are shares of a whole; not all parts may be scrap.
_SHARES: Mapping[str, float] = MappingProxyType({"scrap": 0.95, "alone": 1.0, "refresh": 1.0})
#: Figures something is divided by: never zero.
_DIVISORS = frozenset(
    ("layer", "scan", "removal", "finish", "tool_removal", "tool_finish", "cavities", "diffusivity", "orders")
)


def _with(held: Mapping[str, Rate], figures: Mapping[str, float], day: date) -> Mapping[str, Rate]:
    result = dict(held)
    for name, rate in held.items():
        if rate.id in figures:
            value = float(figures[rate.id])
            result[name] = Rate(rate.id, rate.name, Sourced(value, value, value, rate.value.unit, _GIVEN, day))
    return MappingProxyType(result)


def machine_rate(
    price: float, maintenance: float, life: float, power: float, room: float, spare: float, gas: float, hours: float
) -> float:
    """Return the cost of a machine hour: ((price + maintenance)/life + power + room + spare + gas)/hours.

    `price`, `maintenance` over the whole `life` in years; `power`, `room` (rent per m² times m²), `spare`, `gas` and `hours` per year
    (3YOURMIND, "Machine Runtime").
    """
    return ((price + maintenance) / life + power + room + spare + gas) / hours


def shop_rate(cost: float, hours: float, used: float) -> float:
    """Return the shop's rate per hour: yearly cost over paid hours times the share used (My Shop Metrics)."""
    return cost / (hours * used)


def per_quantity(
    quantity: int,
    once: Mapping[str, float],
    each: Mapping[str, float],
    *,
    scrap: float = 0.0,
    overhead: float = 0.0,
    margin: float = 0.0,
) -> float:
    """Return the unit price: what is paid `once` over the quantity plus `each`; then scrap, overhead, margin (shares)."""
    unit = sum(once.values()) / quantity + sum(each.values())
    return unit / (1 - scrap) * (1 + overhead) * (1 + margin)


#: Hours a machine runs in a year: 90 % of all (Hopkinson and Dickens 2003).
RUNNING_HOURS = 7_884.0


@dataclass(frozen=True, slots=True)
class Platform:
    """A build with many parts after Hopkinson and Dickens (2003): what a part costs on a machine that runs all year.

    Money in EUR: `yearly` depreciation and maintenance, `operator` per hour, `material` per part; `build` in hours, `labour` in
    minutes per build.
    """

    parts: int
    build: float
    yearly: float
    operator: float
    labour: float
    material: float

    @property
    def per_hour(self) -> float:
        """Return parts per hour."""
        return self.parts / self.build

    @property
    def per_year(self) -> float:
        """Return parts per year."""
        return self.per_hour * RUNNING_HOURS

    @property
    def machine_cost(self) -> float:
        """Return the machine's cost per part."""
        return self.yearly / self.per_year

    @property
    def labour_cost(self) -> float:
        """Return the labour per part."""
        return self.labour / 60 * self.operator / self.parts

    @property
    def total(self) -> float:
        """Return the cost of a part."""
        return self.machine_cost + self.labour_cost + self.material
