"""Processes side by side with the one used today: price, lead time, least order, curve, break-even, and which is cheapest, if any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isfinite
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.costs import CONVENTIONAL, MOST, PRINTED, Costing, Priced, check_quantity, priced
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.nesting import Counts
from nordlotse.print3d.core.rates import Rates, rates
from nordlotse.print3d.core.values import UnitCost

#: Key of the process the company uses today.
TODAY = "today"
#: Points of a curve drawn.
_POINTS = 60
#: Spans in which printing pays that are told; a saw crosses a line more often than anybody reads.
_SPANS = 12


@dataclass(frozen=True, slots=True)
class Today:
    """How the part is bought or made today: EUR per piece, lead time in days, least order, and by what process (free words)."""

    price: float
    lead_days: tuple[int, int] = (0, 0)
    minimum: int = 1
    process: str = ""

    def __post_init__(self) -> None:
        """Refuse figures that cannot be."""
        if not (isfinite(self.price) and self.price > 0 and self.minimum >= 1 and min(self.lead_days) >= 0):
            raise BadInput(
                "today_impossible",
                de="Preis und Mindestmenge müssen über null liegen, die Lieferzeit darf nicht negativ sein.",
                en="Price and least order must be above zero, the lead time must not be negative.",
            )

    def total(self, quantity: Counts) -> Floats:
        """Return what quantities cost in all, in EUR: less than the least order is paid as the least order."""
        return np.asarray(np.maximum(np.asarray(quantity, dtype=np.float64), self.minimum) * self.price)

    def cost(self, quantity: int) -> UnitCost:
        """Return the cost of one part at a quantity: known, not estimated."""
        unit = float(self.total(np.array([quantity]))[0]) / quantity
        note = Text(self.process, self.process) if self.process else NOTHING
        return UnitCost(
            TODAY,
            quantity,
            unit,
            unit,
            unit,
            True,
            MappingProxyType({"price": unit}),
            self.lead_days,
            self.minimum,
            note,
        )


def smooth_break_even(fixed: float, printed: float, conventional: float) -> int | None:
    """Return n* = ceil(F/(c_AM − c_conv)); None if printing is not dearer per piece.

    Reckoned with the decimal digits given, so that a quotient that is whole stays whole.
    """
    gain = Fraction(str(printed)) - Fraction(str(conventional))
    return max(1, ceil(Fraction(str(fixed)) / gain)) if gain > 0 else None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where printing by `process` stops to pay `against` another way, piece by piece up to `horizon`.

    `pays`: spans of quantities in which printing costs less (at most the first dozen). `first`: the first quantity after a paying one at
    which the other way costs no more; `always`: from which it stays so, None if printing still pays at the horizon, 1 if it never pays.
    `low` and `high`: about where `always` lies at the ends of both costs' ranges, None as above. `sure`: about the quantity from which
    printing costs less even at the unfavourable ends of both ranges, and up to `low`; None: from none.
    """

    process: str
    against: str
    pays: tuple[tuple[int, int], ...]
    first: int | None
    always: int | None
    low: int | None
    high: int | None
    horizon: int
    sentence: Text
    sure: int | None = None


def crossings(
    printed: Callable[[Counts], Floats], other: Callable[[Counts], Floats], horizon: int
) -> tuple[tuple[tuple[int, int], ...], int | None, int | None]:
    """Return paying spans, `first` and `always` as in `BreakEven`, from total costs, looking at every quantity up to the horizon."""
    n = np.arange(1, horizon + 1)
    dear, cheap = other(n), printed(n)
    # equal totals count as break-even; rounding must not move it by a piece
    pays = cheap < dear - 1e-9 * np.maximum(np.abs(dear), 1.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], pays, [False]]).astype(np.int8)))
    spans = tuple((int(a) + 1, int(b)) for a, b in edges.reshape(-1, 2))
    if not spans:
        return (), None, 1
    first = spans[0][1] + 1
    last = spans[-1][1] + 1
    return spans[:_SPANS], first if first <= horizon else None, last if last <= horizon else None


def break_even(process: Priced, against: Priced | Today, horizon: int = 100_000) -> BreakEven:
    """Return where printing stops to pay, exact to the piece with all jumps of the likely costs."""
    other_id = TODAY if isinstance(against, Today) else against.way.id
    spans, first, always = crossings(process.total, against.total, horizon)
    at = quantities(horizon, 160)
    low, _, high = process.span(at)
    other_low, other_high = _ends(against, at)
    # dear printing against a cheap other way stops to pay soonest
    surely = high < other_low
    soon, late = _last(at, surely), _last(at, low < other_high)
    sentence = _sentence(process.way.name, _name(against), spans, first, always, horizon)
    return BreakEven(process.way.id, other_id, spans, first, always, soon, late, horizon, sentence, _begin(at, surely))


def _ends(way: Priced | Today, at: Counts) -> tuple[Floats, Floats]:
    if isinstance(way, Today):
        unit = way.total(at) / at
        return unit, unit
    low, _, high = way.span(at)
    return low, high


def _last(at: Counts, pays: Counts) -> int | None:
    held = np.flatnonzero(pays)
    if not len(held):
        return 1
    return int(at[held[-1] + 1]) if held[-1] + 1 < len(at) else None


def _begin(at: Counts, pays: NDArray[np.bool_]) -> int | None:
    """Return where the last stretch of paying begins, None where nothing pays."""
    held = np.flatnonzero(pays)
    if not len(held):
        return None
    breaks = np.flatnonzero(np.diff(held) > 1)
    return int(at[held[int(breaks[-1]) + 1 if len(breaks) else 0]])


def _name(way: Priced | Today) -> Text:
    if isinstance(way, Priced):
        return way.way.name
    return Text(way.process or "das heutige Verfahren", way.process or "today's process")


def _sentence(
    name: Text, other: Text, spans: Sequence[tuple[int, int]], first: int | None, always: int | None, horizon: int
) -> Text:
    if not spans:
        return Text(
            f"{name.de} kostet bei keiner Stückzahl bis {_de(horizon)} weniger als {other.de}.",
            f"{name.en} costs less than {other.en} at no quantity up to {horizon:,}.",
        )
    begin = spans[0][0]
    since_de = "" if begin == 1 else f" ab {_de(begin)}" if always is None else f" von {_de(begin)}"
    since_en = "" if begin == 1 else f" from {begin:,}"
    if always is None:
        de = f"{name.de} kostet{since_de or ' ab 1'} Stück weniger als {other.de}, auch noch bei {_de(horizon)}."
        en = f"{name.en} costs less than {other.en}{since_en or ' from 1'} pieces, and still at {horizon:,}."
    else:
        until, until_en = _de(always - 1), f"{always - 1:,}"
        de = f"{name.de} kostet{since_de} bis {until} Stück weniger als {other.de}, ab {_de(always)} Stück nicht mehr."
        en = (
            f"{name.en} costs less than {other.en}{since_en} up to {until_en} pieces, from {always:,} pieces no longer."
        )
    if first is not None and first != always:
        de += f" Dazwischen gibt es Stückzahlen, bei denen es nicht günstiger ist, zuerst {_de(first)}."
        en += f" In between there are quantities at which it is not cheaper, first {first:,}."
    return Text(de, en)


def _de(number: int | None) -> str:
    return f"{number:,}".replace(",", ".") if number is not None else ""


def quantities(most: int, points: int = _POINTS) -> Counts:
    """Return quantities from 1 to `most`, each once, evenly spread on a logarithmic scale: all small ones are among them."""
    spread = np.geomspace(1, max(most, 1), points)
    return np.unique(np.concatenate([np.arange(1, min(most, 12) + 1), np.rint(spread).astype(np.int64)]))


@dataclass(frozen=True, slots=True)
class Curve:
    """Cost of one part against quantity, EUR: for the chart and its table."""

    process: str
    measured: bool
    quantity: tuple[int, ...]
    low: tuple[float, ...]
    likely: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All ways side by side at a quantity, today's first where it is known.

    `cheapest`: the one whose whole range lies below all others, None where ranges overlap; `sentence` says it in words. `below_today`:
    processes whose whole range lies below today's price. `sooner`: those whose longest lead time is shorter than today's shortest.
    """

    quantity: int
    costs: tuple[UnitCost, ...]
    left_out: Mapping[str, Text]
    cheapest: str | None
    sentence: Text
    break_even: tuple[BreakEven, ...]
    curves: tuple[Curve, ...]
    below_today: tuple[str, ...] = ()
    sooner: tuple[str, ...] = ()


def cheapest(costs: Sequence[UnitCost]) -> str | None:
    """Return the process whose range lies below all others; None where ranges overlap, so that a guide value never wins by chance."""
    if not costs:
        return None
    first = min(costs, key=lambda cost: cost.high)
    return first.process if all(first.high < other.low for other in costs if other is not first) else None


def compare(
    part: Figures,
    quantity: int,
    today: Today | None = None,
    given: Rates | None = None,
    horizon: int = 10_000,
    without: Mapping[str, Text] = MappingProxyType({}),
) -> Comparison:
    """Return all ways to make a part beside the one used today, with curves and break-even up to `horizon`.

    Without `today` the comparison is among the processes, and says so. `without`: processes that are out anyway, and why.

    Raises:
        BadInput: `quantity_impossible`, `nothing_to_price`.
    """
    check_quantity(quantity)
    horizon = min(max(horizon, quantity), MOST)
    held = given or rates()
    costing = priced(part, held, without)
    costs = [way.cost(quantity) for way in costing.ways.values()]
    if today is not None:
        costs.insert(0, today.cost(quantity))
    best = cheapest(costs)
    below, sooner = _beside_today(costs) if today is not None else ((), ())
    return Comparison(
        quantity,
        tuple(costs),
        costing.left_out,
        best,
        _told(costs, best, below, held, today),
        tuple(_break_evens(costing, today, horizon)),
        tuple(curves(costing, today, horizon)),
        below,
        sooner,
    )


def _beside_today(costs: Sequence[UnitCost]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the processes surely cheaper and those surely sooner than today's, which stands first; a lead time of 0 is not stated."""
    now, others = costs[0], costs[1:]
    below = tuple(cost.process for cost in others if cost.high < now.low)
    return below, tuple(cost.process for cost in others if cost.lead_days[1] < now.lead_days[0])


def _break_evens(costing: Costing, today: Today | None, horizon: int) -> list[BreakEven]:
    others: list[Priced | Today] = [costing.ways[name] for name in CONVENTIONAL if name in costing.ways]
    if today is not None:
        others.insert(0, today)
    return [break_even(costing.ways[name], o, horizon) for o in others for name in PRINTED if name in costing.ways]


def curves(costing: Costing, today: Today | None, most: int) -> list[Curve]:
    """Return the cost of one part against quantity by every way, today's first."""
    at = quantities(most)
    steps = tuple(int(n) for n in at)
    found = []
    if today is not None:
        unit = tuple((today.total(at) / at).tolist())
        found.append(Curve(TODAY, True, steps, unit, unit, unit))
    for name, way in costing.ways.items():
        low, likely, high = (tuple(values.tolist()) for values in way.span(at))
        found.append(Curve(name, way.measured, steps, low, likely, high))
    return found


def _told(costs: Sequence[UnitCost], best: str | None, below: Sequence[str], held: Rates, today: Today | None) -> Text:
    """Return in words which way is cheapest, or between which it cannot be said."""
    if not costs:
        return Text("Kein Verfahren kann das Teil herstellen.", "No process can make the part.")
    here = Text("das heutige Verfahren", "today's process")
    names = {cost.process: held.ways[cost.process].name if cost.process in held.ways else here for cost in costs}
    without = NOTHING
    if today is None:
        without = Text(
            " Ihr heutiger Preis fehlt; erst mit ihm sehen Sie, ob sich der Druck lohnt.",
            " Today's price is missing; only with it you see whether printing pays.",
        )
    if best is not None and len(costs) == 1:
        name = names[best]
        return Text(
            f"Unter den verglichenen kann nur dieses Verfahren das Teil herstellen: {name.de}.{without.de}",
            f"Of those compared only this process can make the part: {name.en}.{without.en}",
        )
    if best is not None:
        name = names[best]
        return Text(
            f"Am günstigsten ist {name.de}: Die Spanne liegt unter allen anderen.{without.de}",
            f"Cheapest is {name.en}: its range lies below all others.{without.en}",
        )
    reach = min(cost.high for cost in costs)
    close = [names[cost.process] for cost in sorted(costs, key=lambda c: c.likely) if cost.low <= reach]
    if below:
        without = Text(
            f" Mit der ganzen Spanne unter dem heutigen Preis: {', '.join(names[n].de for n in below)}.",
            f" With the whole range below today's price: {', '.join(names[n].en for n in below)}.",
        )
    return Text(
        f"Die Spannen überschneiden sich; sicher am günstigsten ist keines. In Frage kommen: {', '.join(n.de for n in close)}.{without.de}",
        f"The ranges overlap; none is surely the cheapest. Worth a look: {', '.join(n.en for n in close)}.{without.en}",
    )
