"""What a kept part costs: the few figures at a glance, and the whole comparison with what the company does today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.records.figures import number
from nordlotse.print3d.core import amounts, filament
from nordlotse.print3d.core.answering import foremost
from nordlotse.print3d.core.comparison import Comparison, Today, compare
from nordlotse.print3d.core.costs import PRINTED, Costing, Priced, priced
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.limits_data import machines, materials
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.rates import GUIDE_VALUE, Rates, changed, rates, with_material
from nordlotse.print3d.core.values import Estimate, Material, Process
from nordlotse.print3d.core.whole import Examined, Reckoned
from nordlotse.print3d.queries import shop

if TYPE_CHECKING:
    from nordlotse.print3d.queries.parts import KeptPart

#: Pieces that are reckoned with where nobody named a quantity.
QUANTITY = 10
#: Largest quantity up to which break-even is looked for.
HORIZON = 10_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person told about quantity, today's way and own cost figures; `told`: somebody kept it with the part."""

    quantity: int = QUANTITY
    today: Today | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    told: bool = False


def chosen(today: Mapping[str, Any]) -> Chosen:
    """Return what is kept with a part (`Part.today`); what cannot be read counts as not said."""
    try:
        soon, late = today.get("lead_days") or (0, 0)
        price = today.get("price")
        now = (
            Today(float(price), (int(soon), int(late)), int(today.get("minimum") or 1), str(today.get("process") or ""))
            if price
            else None
        )
        figures = {str(key): float(value) for key, value in (today.get("figures") or {}).items()}
        return Chosen(int(today.get("quantity") or QUANTITY), now, figures, bool(today))
    except (TypeError, ValueError, AttributeError, BadInput):
        return Chosen()


def rates_for(kept: KeptPart, figures: Mapping[str, float] | None = None) -> Rates:
    """Return the cost figures a part is reckoned with: ours, a person's own before them.

    Raises:
        BadInput: `rate_unknown`, `rate_impossible`.
    """
    given = rates()
    own = shop.of_part(kept)
    if own is not None:
        given = own.rates(given)
    if (material := material_of(kept)) is not None:
        given = with_material(given, material)
    return changed(given, figures or {})


def material_of(kept: KeptPart) -> Material | None:
    """Return the material somebody chose for a part: a shop's own or ours; None where none was chosen."""
    name = kept.examined.wishes.material if kept.examined else ""
    own = shop.of_part(kept)
    return next((one for one in (own.materials if own else ()) if one.id == name), materials().get(name))


def figures_of(kept: KeptPart) -> Figures | None:
    """Return what costs are made of: the part's figures, its filament weighed as the material it is priced with."""
    made = weighed(kept)
    return None if made is None else made.figures


def weighed(kept: KeptPart) -> Reckoned | None:
    """Return time, material and figures with the filament weighed as the material the part is priced with; None where nothing was reckoned."""
    made = kept.examined.reckoned if kept.examined else None
    if kept.examined is None or made is None:
        return None
    own = shop.of_part(kept)
    usual = next((one for one in (own.materials if own else ()) if one.process is Process.FDM), None)
    return filament.weighed(made, profile(kept.examined.wishes.profile), material_of(kept) or usual)


def impossible(held: Rates, key: str, value: float) -> Text | None:
    """Return why a cost figure cannot be taken, None if it can."""
    try:
        changed(held, {key: value})
    except BadInput as problem:
        return Text(problem.message_de, problem.message_en)
    return None


def left_out(examined: Examined) -> dict[str, Text]:
    """Return the processes the check says cannot make the part at all, with the first reason."""
    return {
        name: verdict.reasons[0]
        for name, verdict in examined.checked.printable.items()
        if verdict.verdict == "no" and verdict.reasons and name in PRINTED
    }


def costing(kept: KeptPart, figures: Mapping[str, float] | None = None) -> Costing | None:
    """Return the part by every process that can make it; None where no price can be reckoned.

    Raises:
        BadInput: `rate_unknown`, `rate_impossible`.
    """
    made = figures_of(kept)
    if made is None or kept.examined is None:
        return None
    try:
        return priced(made, rates_for(kept, figures), left_out(kept.examined))
    except BadInput as problem:
        if problem.code == "nothing_to_price":
            return None
        raise


def process_of(kept: KeptPart, found: Costing, quantity: int = QUANTITY) -> str:
    """Return the process a part is shown by at a quantity: the one asked for, else as `answering.foremost` chooses it."""
    if kept.examined is None:
        return ""
    costs = [found.ways[name].cost(quantity) for name in PRINTED if name in found.ways]
    return foremost(costs, kept.examined.checked.printable, kept.examined.wishes.process)


@dataclass(frozen=True, slots=True)
class Exact:
    """What the slicer reckoned for FDM, in words: time and filament beside the estimate, cost ("" where FDM has no price), layers."""

    name: str
    time: str
    mass: str
    cost: str
    cost_range: str
    layers: int
    layer: str


@dataclass(frozen=True, slots=True)
class Glance:
    """The figures of a part at a glance, in words: each with its range. `guide` is "" where the error was measured.

    `machine`: on which the part is reckoned, `own` if it is the shop's; `exact`: what the slicer reckoned, for FDM alone.
    """

    process: str
    name: str
    material: str
    quantity: int
    cost: str
    cost_range: str
    guide: str
    time: str
    time_range: str
    mass: str
    mass_range: str
    sliced: bool
    layers: int
    support: str
    supported: bool
    height: str
    today: str
    warnings: tuple[str, ...]
    layer: str
    machine: str
    own: bool
    exact: Exact | None


def glance(kept: KeptPart, lang: Lang) -> Glance | None:
    """Return time, material and cost of one piece by the chosen process; None where nothing could be reckoned."""
    said = chosen(kept.today)
    try:
        found = costing(kept, said.figures)
    except BadInput:  # a figure kept once and no longer known
        found = costing(kept)
    if found is None or kept.examined is None or kept.examined.reckoned is None:
        return None
    name = process_of(kept, found, said.quantity)
    if not name:
        return None
    way = found.ways[name]
    cost = way.cost(said.quantity)
    made = way.part.fdm or kept.examined.reckoned.estimate
    time, time_range = _time(way, made, said.quantity, lang)
    mass, mass_range = _mass(way, made, said.quantity, lang)
    fdm = name == "fdm"
    return Glance(
        process=name,
        name=way.way.name.get(lang),
        material=way.way.material.get(lang),
        quantity=said.quantity,
        cost=amounts.about(cost.likely, lang),
        cost_range=amounts.between(cost.low, cost.high, lang),
        guide="" if cost.measured else GUIDE_VALUE.get(lang),
        time=time,
        time_range=time_range,
        mass=mass,
        mass_range=mass_range,
        sliced=fdm and made.engine == "sliced",
        layers=made.layers if fdm else 0,
        support=amounts.grams(made.support_g, lang) if fdm and made.support_g > 0 else "",
        supported=fdm and kept.examined.reckoned.supported,
        height=f"{kept.examined.reckoned.figures.size[2]:.0f} mm",
        today=amounts.euro(said.today.cost(said.quantity).likely, lang) if said.today else "",
        warnings=tuple(text.get(lang) for text in made.warnings) if fdm else (),
        layer=_layer(kept, lang) if fdm else "",
        machine=_machine(kept, way, lang),
        own=any(one.id == way.way.machine for one in shop.machines_of(kept)),
        exact=_exact(kept, found, said.quantity, lang),
    )


def _layer(kept: KeptPart, lang: Lang) -> str:
    """Return the layers' height of the profile the part is reckoned with: "0,2 mm"."""
    return f"{number(profile(kept.wishes.profile).values['layer'], lang)} mm"


def _machine(kept: KeptPart, way: Priced, lang: Lang) -> str:
    """Return the machine a part is reckoned on with its build volume: "FDM-Tischgerät (250 × 210 × 210 mm)"; "" without one."""
    there = (*shop.machines_of(kept), *machines().values())
    one = next((machine for machine in there if machine.id == way.way.machine), None)
    if one is None:
        return ""
    return f"{one.name.get(lang)} ({' × '.join(number(side, lang) for side in one.build)} mm)"


def _exact(kept: KeptPart, found: Costing, quantity: int, lang: Lang) -> Exact | None:
    """Return what the slicer reckoned for FDM, None where it did not."""
    made = weighed(kept)
    if made is None or made.estimate.engine != "sliced":
        return None
    exact, before = made.estimate, made.estimated
    cost = found.ways["fdm"].cost(quantity) if "fdm" in found.ways else None
    return Exact(
        name=rates().ways["fdm"].name.get(lang),
        time=_both(
            amounts.duration(exact.time_s, lang),
            tuple(amounts.duration(s, lang) for s in (before.time_s, before.time_low_s, before.time_high_s))
            if before
            else (),
            lang,
        ),
        mass=_both(
            amounts.grams(exact.filament_g, lang),
            tuple(amounts.grams(g, lang) for g in (before.filament_g, before.filament_low_g, before.filament_high_g))
            if before
            else (),
            lang,
        ),
        cost=amounts.about(cost.likely, lang) if cost else "",
        cost_range=amounts.between(cost.low, cost.high, lang) if cost else "",
        layers=exact.layers,
        layer=_layer(kept, lang),
    )


def _both(reckoned: str, guessed: Sequence[str], lang: Lang) -> str:
    """Return a figure of the slicer beside what was estimated: "geschätzt 4 h 55 min (4 h 10 min – 5 h 35 min), gerechnet 5 h 25 min"."""
    if not guessed:
        return f"gerechnet {reckoned}" if lang == "de" else f"computed {reckoned}"
    likely, low, high = guessed
    words = ("geschätzt", "gerechnet") if lang == "de" else ("estimated", "computed")
    return f"{words[0]} {likely} ({amounts.span(low, high)}), {words[1]} {reckoned}"


def _time(way: Priced, e: Estimate, quantity: int, lang: Lang) -> tuple[str, str]:
    """Return the machine time of one piece and its range: FDM by its estimate, else what the cost model reckons with."""
    if way.way.id == "fdm":
        return amounts.duration(e.time_s, lang), amounts.span(
            amounts.duration(e.time_low_s, lang), amounts.duration(e.time_high_s, lang)
        )
    low, likely, high = _share(way, quantity, "machine", "machine_rate")
    return amounts.duration(likely * 3600, lang), amounts.span(
        amounts.duration(low * 3600, lang), amounts.duration(high * 3600, lang)
    )


def _mass(way: Priced, e: Estimate, quantity: int, lang: Lang) -> tuple[str, str]:
    """Return the material of one piece and its range, support and powder lost included."""
    if way.way.id == "fdm":
        return amounts.grams(e.filament_g, lang), amounts.span(
            amounts.grams(e.filament_low_g, lang), amounts.grams(e.filament_high_g, lang)
        )
    low, likely, high = _share(way, quantity, "material", "material_price")
    return amounts.grams(likely * 1000, lang), amounts.span(
        amounts.grams(low * 1000, lang), amounts.grams(high * 1000, lang)
    )


def _share(way: Priced, quantity: int, kind: str, price: str) -> tuple[float, float, float]:
    """Return the hours or kilograms of one piece that a kind of cost stands for: low, likely, high as `Priced.span` puts them together."""
    at = np.array([quantity])

    def amount(figures: Mapping[str, float]) -> float:
        given = {**way.way.likely(), **figures}
        # at a price of 1 an hour or kilogram costs its amount: a machine or material may be free
        spent = float(way.totals(at, {**figures, price: 1.0})[kind][0]) / quantity
        return spent * (1 - given["scrap"])

    likely = amount({})
    if likely <= 0:
        return 0.0, 0.0, 0.0
    down = up = 0.0
    for name, rate in way.way.rates.items():
        if name in (price, "scrap"):
            continue
        moved = [float(np.log(amount({name: end}) / likely)) for end in (rate.value.low, rate.value.high)]
        down += min(*moved, 0.0) ** 2
        up += max(*moved, 0.0) ** 2
    return likely * float(np.exp(-np.sqrt(down))), likely, likely * float(np.exp(np.sqrt(up)))


def compared(kept: KeptPart, said: Chosen | None = None) -> Comparison | None:
    """Return all ways side by side with today's, as chosen or as kept with the part; None where no price can be reckoned.

    Raises:
        BadInput: `rate_unknown`, `rate_impossible`, `quantity_impossible`.
    """
    made = figures_of(kept)
    if made is None or kept.examined is None:
        return None
    said = said or chosen(kept.today)
    try:
        return compare(
            made,
            said.quantity,
            said.today,
            rates_for(kept, said.figures),
            max(HORIZON, said.quantity),
            left_out(kept.examined),
        )
    except BadInput as problem:
        if problem.code == "nothing_to_price":
            return None
        raise


def compared_as_kept(kept: KeptPart) -> tuple[Comparison | None, Chosen]:
    """Return the comparison as it is kept with the part, and what it was made with: a cost figure no longer known is left out."""
    said = chosen(kept.today)
    try:
        return compared(kept, said), said
    except BadInput:
        said = replace(said, figures={})
        return compared(kept, said), said
