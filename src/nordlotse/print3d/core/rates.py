"""What manufacturing costs, as data: every figure low, likely, high with unit, source and date; and the plain formulas of rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from math import isfinite
from types import MappingProxyType
from typing import Any

import yaml

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.values import Sourced

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
    """A process as a way to make a part: build volume and gap between parts in mm, lead time in days, least order, its rates."""

    id: str
    name: Text
    material: Text
    build: tuple[float, float, float]
    gap: float
    lead_days: tuple[int, int]
    minimum: int
    rates: Mapping[str, Rate]

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
    """Return the figures that come with the room."""
    text = files("nordlotse.print3d.core.data").joinpath("costs.yaml").read_text(encoding="utf-8")
    given = yaml.safe_load(text)
    sources = {name: Text(**row) for name, row in given["sources"].items()}
    shop = _read("shop", given["shop"], sources, given["decided"])
    ways = {}
    for name, row in given["processes"].items():
        x, y, z = (float(side) for side in row["build"])
        soon, late = row["lead_days"]
        own = _read(name, row["rates"], sources, given["decided"])
        ways[name] = Way(
            name,
            Text(**row["name"]),
            Text(**row["material"]),
            (x, y, z),
            float(row["gap"]),
            (int(soon), int(late)),
            int(row["minimum"]),
            MappingProxyType({**shop, **own}),
        )
    screening = _read("screening", given["screening"], sources, given["decided"])
    return Rates(MappingProxyType(ways), MappingProxyType(screening))


def _read(group: str, rows: dict[str, Any], sources: Mapping[str, Text], decided: date) -> dict[str, Rate]:
    read = {}
    for name, row in rows.items():
        low, likely, high = float(row["low"]), float(row["likely"]), float(row["high"])
        value = Sourced(low, likely, high, row["unit"], sources[row["source"]], row.get("decided", decided))
        read[name] = Rate(f"{group}.{name}", Text(**row["name"]), value)
    return read


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
    ways = {name: replace(way, rates=_with(way.rates, figures, day)) for name, way in given.ways.items()}
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
_SHARES: Mapping[str, float] = MappingProxyType({"scrap": 0.95, "alone": 1.0, "refresh": 1.0, "stock_saved": 1.0})
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
