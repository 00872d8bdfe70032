"""How well a part suits printing, without any price: points with their reasons. The points are our own estimate, not measured."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.partlist import Item

#: Where a part stands of which nothing speaks for or against printing.
_BASE = 20


@dataclass(frozen=True, slots=True)
class Suitability:
    """Points from 0 to 100 and why."""

    points: int
    reasons: tuple[Text, ...]


def suitability(item: Item, part: Figures, processes: tuple[str, ...]) -> Suitability:
    """Return how well a part suits: it fits a machine, is small, open, of plastic, needed rarely, slow to get, and not in stock for years."""
    if not processes:
        return Suitability(0, (Text("passt in keine Maschine", "fits no machine"),))
    if item.yearly == 0:
        return Suitability(0, (Text("Sie brauchen davon nichts im Jahr", "you need none of it in a year"),))
    found = [rule for rule in (*_shape(part), *_need(item)) if rule is not None]
    if processes == ("lpbf",):
        found.append((-25, Text("Metalldruck kostet viel", "metal printing costs much")))
    points = _BASE + sum(points for points, _ in found)
    return Suitability(max(0, min(100, points)), tuple(reason for _, reason in found))


_Rule = tuple[int, Text] | None


def _shape(part: Figures) -> tuple[_Rule, ...]:
    litres = part.box / 1e6
    small: _Rule = None
    if litres <= 0.1:
        small = (25, Text("kleines Teil", "small part"))
    elif litres <= 1:
        small = (15, Text("mittelgroßes Teil", "part of medium size"))
    elif litres > 10:
        small = (-10, Text("großes Teil", "large part"))
    open_shape = not part.plain and part.volume < 0.3 * part.box
    return small, (
        (15, Text("braucht wenig Material für seine Größe", "needs little material for its size"))
        if open_shape
        else None
    )


def _need(item: Item) -> tuple[_Rule, ...]:
    yearly, stock = item.yearly, item.stock
    rare: _Rule = None
    if yearly is not None and yearly <= 50:
        rare = (25, Text("wenig Bedarf: höchstens 50 im Jahr", "small need: at most 50 a year"))
    elif yearly is not None and yearly <= 500:
        rare = (10, Text("mäßiger Bedarf: höchstens 500 im Jahr", "moderate need: at most 500 a year"))
    elif yearly is not None and yearly > 5000:
        rare = (-20, Text("großer Bedarf: über 5.000 im Jahr", "large need: more than 5,000 a year"))
    slow = item.lead is not None and item.lead > 30
    forced = item.minimum is not None and yearly is not None and item.minimum > yearly
    return (
        rare,
        (10, Text("lange Lieferzeit", "long lead time")) if slow else None,
        (10, Text("Mindestmenge über dem Jahresbedarf", "least order above the yearly need")) if forced else None,
        _lying(stock, yearly),
    )


def _lying(stock: float | None, yearly: float | None) -> _Rule:
    """Return what stock for a year and more says: it counts against printing now."""
    if not stock or not yearly or stock < yearly:
        return None
    years = stock / yearly
    if years >= 2:
        n = int(years)
        return (
            -40,
            Text(
                f"Sie haben Bestand für {n} Jahre: jetzt nichts drucken",
                f"you have stock for {n} years: print nothing now",
            ),
        )
    return -15, Text("Bestand für mehr als ein Jahr", "stock for more than a year")
