"""What one part costs by each process at a quantity: low, likely and high, its parts, its curve, and what moves it most.

Each figure alone is set to its low and its high end; the ends of the cost are put together as independent errors on a logarithmic
scale. A sum of all worst ends would be a range that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.milling import milling_totals
from nordlotse.print3d.core.moulding import moulding_totals
from nordlotse.print3d.core.nesting import Counts, Grid, grid
from nordlotse.print3d.core.plates import fdm_totals, lpbf_totals, sla_totals
from nordlotse.print3d.core.powder import powder_totals
from nordlotse.print3d.core.rates import GUIDE_VALUE, Rate, Rates, Way, rates
from nordlotse.print3d.core.values import Sourced, UnitCost

#: Processes that print, and those that do not; the order of tables.
PRINTED = ("fdm", "sla", "sls", "mjf", "lpbf")
CONVENTIONAL = ("milling", "moulding")
PROCESSES = PRINTED + CONVENTIONAL
#: Largest quantity that is reckoned with.
MOST = 1_000_000

_PLATES: Mapping[str, Callable[[Figures, Mapping[str, float], Grid, Floats], dict[str, Floats]]] = MappingProxyType(
    {"fdm": fdm_totals, "sla": sla_totals, "lpbf": lpbf_totals}
)
#: The low end of a cost is at least this share of the likely one: a logarithm needs more than nothing.
_LEAST = 1e-6
#: What is spent again for a part that fails.
_REPEATED = ("machine", "material", "labour")


@dataclass(frozen=True, slots=True)
class Lever:
    """How much one figure moves the unit cost: cost in EUR at its low and at its high end, all others likely."""

    rate: Rate
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """Return how far the cost moves, in EUR."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """A part by one process: gives its cost at any quantity. `measured`: time and material come from an estimate with known error."""

    way: Way
    part: Figures
    packed: Grid
    measured: bool

    def totals(self, quantity: Counts, figures: Mapping[str, float] | None = None) -> dict[str, Floats]:
        """Return what quantities cost in all, in EUR by kind, overhead and margin apart; `figures` stand in for likely ones.

        Less than the least order is paid as the least order.
        """
        given = self.way.likely()
        given.update(figures or {})
        n = np.maximum(np.asarray(quantity, dtype=np.float64), self.way.minimum)
        spent = _spent(self, given, n)
        spent = {k: v / (1 - given["scrap"]) if k in _REPEATED else v for k, v in spent.items()}
        net = sum(spent.values(), np.zeros_like(n))
        overhead = net * given["overhead"]
        return {**spent, "overhead": overhead, "margin": (net + overhead) * given["margin"]}

    def total(self, quantity: Counts, figures: Mapping[str, float] | None = None) -> Floats:
        """Return what quantities cost in all, in EUR."""
        return sum(self.totals(quantity, figures).values(), np.zeros(np.shape(quantity)))

    def unit(self, quantity: Counts, figures: Mapping[str, float] | None = None) -> Floats:
        """Return the cost of one part at quantities, in EUR."""
        return np.asarray(self.total(quantity, figures) / np.asarray(quantity, dtype=np.float64))

    def span(self, quantity: Counts) -> tuple[Floats, Floats, Floats]:
        """Return the low, likely and high cost of one part at quantities, in EUR."""
        likely = self.unit(quantity)
        down, up = np.zeros_like(likely), np.zeros_like(likely)
        for name, rate in self.way.rates.items():
            ends = [self.unit(quantity, {name: end}) for end in _ends(rate.value)]
            if ends:
                # what costs nothing, for all its figures are zero, has no range
                shares = np.divide(np.stack(ends), likely, out=np.ones((len(ends), len(likely))), where=likely > 0)
                moved = np.log(np.maximum(shares, _LEAST))
                down += np.minimum(moved.min(axis=0), 0.0) ** 2
                up += np.maximum(moved.max(axis=0), 0.0) ** 2
        return likely * np.exp(-np.sqrt(down)), likely, likely * np.exp(np.sqrt(up))

    def levers(self, quantity: int) -> tuple[Lever, ...]:
        """Return how much each figure moves the cost at a quantity, the strongest first; certain figures are left out."""
        at = np.array([quantity])
        found = [
            Lever(rate, *(float(self.unit(at, {name: end})[0]) for end in (rate.value.low, rate.value.high)))
            for name, rate in self.way.rates.items()
            if _ends(rate.value)
        ]
        return tuple(sorted(found, key=lambda lever: (-lever.width, lever.rate.id)))

    def cost(self, quantity: int) -> UnitCost:
        """Return the cost of one part at a quantity.

        Raises:
            BadInput: `quantity_impossible`.
        """
        check_quantity(quantity)
        at = np.array([quantity])
        low, likely, high = (float(value[0]) for value in self.span(at))
        parts = {kind: float(value[0]) / quantity for kind, value in self.totals(at).items()}
        return UnitCost(
            self.way.id,
            quantity,
            low,
            likely,
            high,
            self.measured,
            MappingProxyType(parts),
            self.way.lead_days,
            self.way.minimum,
            NOTHING if self.measured else GUIDE_VALUE,
        )


def _ends(value: Sourced) -> tuple[float, ...]:
    return tuple(end for end in (value.low, value.high) if end != value.likely)


def _spent(priced: Priced, given: Mapping[str, float], n: Floats) -> dict[str, Floats]:
    way, part = priced.way.id, priced.part
    if way in _PLATES:
        return _PLATES[way](part, given, priced.packed, n)
    if way in ("sls", "mjf"):
        return powder_totals(part, given, priced.packed, priced.way.build, n)
    return milling_totals(part, given, n) if way == "milling" else moulding_totals(part, given, n)


def check_quantity(quantity: int) -> None:
    """Refuse a quantity that is none.

    Raises:
        BadInput: `quantity_impossible`.
    """
    if not 1 <= quantity <= MOST:
        raise BadInput(
            "quantity_impossible",
            de="Die Stückzahl muss zwischen 1 und 1.000.000 liegen.",
            en="The quantity must lie between 1 and 1,000,000.",
            where=str(quantity),
        )


@dataclass(frozen=True, slots=True)
class Costing:
    """The processes that can make the part, and why others are left out."""

    ways: Mapping[str, Priced]
    left_out: Mapping[str, Text]


def priced(part: Figures, given: Rates | None = None, without: Mapping[str, Text] = MappingProxyType({})) -> Costing:
    """Return a part by every process it fits into, but for those it is made `without`, each with its reason. FDM needs the part's estimate.

    Raises:
        BadInput: `nothing_to_price`, if the part has no volume.
    """
    if part.volume <= 0 or part.area <= 0 or min(part.size) <= 0:
        raise BadInput(
            "nothing_to_price",
            de="Das Teil hat kein Volumen; so lässt sich kein Preis rechnen.",
            en="The part has no volume; no price can be reckoned like that.",
            remedy_de="Schließen Sie das Netz oder geben Sie das Volumen an.",
            remedy_en="Close the mesh or state the volume.",
        )
    held = given or rates()
    ways: dict[str, Priced] = {}
    left_out: dict[str, Text] = dict(without)
    for name in PROCESSES:
        if name in without:
            continue
        way, packed = _machine_for(part, held.ways[name])
        if packed is None:
            x, y, z = way.build
            left_out[name] = Text(
                f"Das Teil ist größer als der Bauraum ({x:.0f} × {y:.0f} × {z:.0f} mm).",
                f"The part is larger than the build volume ({x:.0f} × {y:.0f} × {z:.0f} mm).",
            )
        elif name == "fdm" and part.fdm is None:
            left_out[name] = Text("Für FDM fehlt die Schätzung der Druckzeit.", "FDM needs the estimate of print time.")
        else:
            # the estimate's error was measured on the first machine only
            ways[name] = Priced(_with_estimate(way, part), part, packed, name == "fdm" and way is held.ways[name])
    return Costing(MappingProxyType(ways), MappingProxyType(left_out))


def _machine_for(part: Figures, way: Way) -> tuple[Way, Grid | None]:
    """Return the process on the first machine the part fits, and how it is packed there; on the last one and None if it fits none."""
    for one in (way, *way.larger):
        packed = _packed(part, one)
        if packed is not None:
            return one, packed
    return one, None


def _packed(part: Figures, way: Way) -> Grid | None:
    # milled and moulded parts do not share a chamber, but must fit the machine whichever side is up
    return grid(part.size, way.build, way.gap, stacked=way.id not in _PLATES)


#: Source of the estimate's figures.
_ESTIMATE = Text("Schätzung aus dem Teil, Fehler gemessen", "Estimate from the part, error measured")
_SLICED = Text("Vom Slicer gerechnet", "Computed by the slicer")


def _with_estimate(way: Way, part: Figures) -> Way:
    """Return FDM with the part's own time and filament among its rates, so that their band is part of the range."""
    if way.id != "fdm" or part.fdm is None:
        return way
    made = part.fdm
    source = _SLICED if made.engine == "sliced" else _ESTIMATE
    decided = way.rates["machine_rate"].value.decided
    time = Sourced(made.time_low_s, made.time_s, made.time_high_s, "s", source, decided)
    mass = Sourced(made.filament_low_g, made.filament_g, made.filament_high_g, "g", source, decided)
    own = {
        "time": Rate("fdm.time", Text("Druckzeit", "print time"), time),
        "filament": Rate("fdm.filament", Text("Filament je Teil", "filament per part"), mass),
    }
    return replace(way, rates=MappingProxyType({**way.rates, **own}))
