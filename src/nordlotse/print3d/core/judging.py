"""What printing one part of many would save in a year, and whether that is worth it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.costs import priced
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.matching import Job
from nordlotse.print3d.core.own_material import nearest, weighed, with_nearest
from nordlotse.print3d.core.partlist import Item
from nordlotse.print3d.core.rates import Rates
from nordlotse.print3d.core.suitability import Suitability, suitability
from nordlotse.print3d.core.values import UnitCost

#: What comes out for a part, the best first.
Pays = Literal["worth", "maybe", "no", "unread"]
#: Points from which a part without figures may be worth a closer look (own estimate).
SUITABLE = 45
#: Years of stock from which nothing is printed now, and from which a part is worth no more than a look (own choice).
LASTS, ENOUGH = 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Judged:
    """What came out for a part. `saving`: EUR a year on the pieces needed, never on stock; None without price or yearly quantity.

    `cost`: the cheapest likely way to print it, at the lot it would be ordered in, before all one that needs no changes; `changes`: what
    speaks for changes by that way, empty where nothing does; `problem`: why it was not judged. `sure`: even the low end saves.
    `material`: what it is reckoned with; `same`: that is the list's own material, or the person said another one is fine; `note`: what
    must be said of it. `bound`: EUR in stock; `years` it lasts; `holding`: EUR a year that the stock above one year's need costs to hold.
    """

    item: Item
    file: str
    suitability: Suitability
    cost: UnitCost | None = None
    lot: int = 0
    saving: tuple[float, float, float] | None = None
    sure: bool = False
    plain: bool = False
    problem: Text = NOTHING
    changes: Text = NOTHING
    material: Text = NOTHING
    same: bool = True
    note: Text = NOTHING
    bound: float | None = None
    years: float | None = None
    holding: tuple[float, float, float] | None = None

    @property
    def spent(self) -> float | None:
        """Return what the part costs in a year today, EUR."""
        item = self.item
        return item.price * item.yearly if item.price is not None and item.yearly is not None else None

    @property
    def doubts(self) -> tuple[Text, ...]:
        """Return what keeps a part that may save from being called worth printing; empty where nothing does."""
        told: list[Text] = []
        if self.saving is not None and self.saving[0] <= 0 < self.saving[2]:
            told.append(Text("spart nicht sicher", "does not surely save"))
        if self.plain:
            told.append(Text("nur Maße, keine Form", "sizes only, no shape"))
        if not self.same:
            own, used = self.item.material, self.material
            told.append(
                Text(
                    f"{own} nicht zu drucken wie verlangt, gerechnet mit {used.de}",
                    f"{own} not printed as asked, reckoned with {used.en}",
                )
            )
        if self.changes.de:
            told.append(Text(f"mit Änderungen: {self.changes.de}", f"with changes: {self.changes.en}"))
        if self.years is not None and ENOUGH <= self.years < LASTS:
            told.append(Text("Bestand reicht über ein Jahr", "stock lasts over a year"))
        return tuple(told)

    @property
    def verdict(self) -> Pays:
        """Return whether printing pays: "worth" only where shape and material are known, needs no changes, and even the low end saves.

        What nobody needs or what lies in stock for years is not printed now. Without the yearly quantity the price of one piece decides
        between "maybe" and "no", without a price the suitability.
        """
        if self.problem.de:
            return "unread"
        if self.cost is None or self.item.yearly == 0 or (self.years is not None and self.years >= LASTS):
            return "no"
        if self.saving is None and self.item.price:
            return "maybe" if self.cost.low < self.item.price else "no"
        if self.saving is None:
            return "maybe" if self.suitability.points >= SUITABLE else "no"
        if self.sure and not self.doubts:
            return "worth"
        return "maybe" if self.saving[2] > 0 else "no"


def judged(job: Job, found: Figures | Text, given: Rates, other_fine: bool = False) -> Judged:
    """Return what printing a part would save, as far as price and yearly quantity are stated, and how well it suits."""
    item = job.item
    if isinstance(found, Text):
        return Judged(item, job.file, Suitability(0, ()), problem=found)
    chosen = nearest(item.material)
    part = weighed(found, chosen)
    told = {name: (verdict, reason) for name, verdict, reason in part.verdicts}
    out = {name: reason for name, (verdict, reason) in told.items() if verdict == "no"}
    try:
        costing = priced(part, with_nearest(given, chosen), out)
    except BadInput as refusal:
        return Judged(item, job.file, Suitability(0, ()), problem=Text(refusal.message_de, refusal.message_en))
    wanted = chosen.processes
    fitting = {name: costing.ways[name] for name in wanted if name in costing.ways}
    bound, years, holding = _stock(item, given)
    if not fitting:
        why = next((out[name] for name in wanted if name in out), None)
        suits = suitability(item, part, ()) if why is None else Suitability(0, (why,))
        return Judged(item, job.file, suits, plain=part.plain, note=chosen.note, bound=bound, years=years)
    suits = suitability(item, part, tuple(fitting))
    orders = given.screening["orders"].value.likely
    lot = max(1, ceil(item.yearly / orders)) if item.yearly else 1
    lot = min(lot, 1_000_000)
    # a way that needs no changes goes before a cheaper one that does
    sound = {name: way for name, way in fitting.items() if name not in told or told[name][0] == "yes"} or fitting
    best = min(sound.values(), key=lambda way: float(way.unit(np.array([lot]))[0]))
    cost = best.cost(lot)
    saving = _saving(item, cost)
    verdict, reason = told.get(cost.process, ("", NOTHING))
    return Judged(
        item,
        job.file,
        suits,
        cost,
        lot,
        saving,
        sure=saving is not None and saving[0] > 0 and not part.plain,
        plain=part.plain,
        changes=reason if verdict == "with_changes" else NOTHING,
        material=chosen.of(cost.process).name,
        same=chosen.same or other_fine,
        note=chosen.note,
        bound=bound,
        years=years,
        holding=holding,
    )


def _saving(item: Item, cost: UnitCost) -> tuple[float, float, float] | None:
    """Return the yearly saving on the pieces needed, low, likely, high: never more than they cost today."""
    if not item.price or not item.yearly:
        return None
    return (
        item.yearly * (item.price - cost.high),
        item.yearly * (item.price - cost.likely),
        item.yearly * (item.price - cost.low),
    )


def _stock(item: Item, given: Rates) -> tuple[float | None, float | None, tuple[float, float, float] | None]:
    """Return the EUR in stock, the years it lasts, and what it costs a year to hold what lies above one year's need."""
    if not item.stock:
        return None, None, None
    years = item.stock / item.yearly if item.yearly else None
    if not item.price:
        return None, years, None
    held = given.screening["holding"].value
    if item.yearly is None:
        return item.stock * item.price, None, None
    above = max(0.0, item.stock - item.yearly) * item.price
    return item.stock * item.price, years, (above * held.low, above * held.likely, above * held.high)
