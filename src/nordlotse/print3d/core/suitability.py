"""How well a part suits printing, without any price: points with their reasons. The points are our own estimate, not measured."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.partlist import Item

#: Where a part stands of which nothing speaks for or against printing.
_BASE = 20
_METALS = (
    "stahl",
    "steel",
    "edelstahl",
    "alu",
    "messing",
    "brass",
    "bronze",
    "kupfer",
    "copper",
    "titan",
    "zink",
    "zinc",
    "guss",
    "metall",
    "metal",
    "1.4",
    "316l",
    "inconel",
)


@dataclass(frozen=True, slots=True)
class Suitability:
    """Points from 0 to 100 and why."""

    points: int
    reasons: tuple[Text, ...]


def metal(material: str) -> bool:
    """Return whether a material's name means a metal; not stated counts as plastic."""
    bare = material.casefold()
    return any(word in bare for word in _METALS)


def suitability(item: Item, part: Figures, processes: tuple[str, ...]) -> Suitability:
    """Return how well a part suits: it fits a machine, is small, open, rare, slow to get, or lies about for years."""
    if not processes:
        return Suitability(0, (Text("passt in keine Maschine", "fits no machine"),))
    found = [rule for rule in (*_shape(part), *_need(item)) if rule is not None]
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
    return small, ((15, Text("füllt seinen Quader wenig aus", "fills little of its box")) if open_shape else None)


def _need(item: Item) -> tuple[_Rule, ...]:
    yearly, stock = item.yearly, item.stock
    rare: _Rule = None
    if yearly is not None and yearly <= 50:
        rare = (25, Text("höchstens 50 im Jahr", "at most 50 a year"))
    elif yearly is not None and yearly <= 500:
        rare = (10, Text("höchstens 500 im Jahr", "at most 500 a year"))
    elif yearly is not None and yearly > 5000:
        rare = (-20, Text("über 5.000 im Jahr", "more than 5,000 a year"))
    slow = item.lead is not None and item.lead > 30
    forced = item.minimum is not None and yearly is not None and item.minimum > yearly
    lying = stock is not None and yearly is not None and stock > 2 * yearly
    return (
        rare,
        (10, Text("lange Lieferzeit", "long lead time")) if slow else None,
        (10, Text("Mindestmenge über dem Jahresbedarf", "least order above the yearly need")) if forced else None,
        (10, Text("Bestand für mehr als zwei Jahre", "stock for more than two years")) if lying else None,
    )
