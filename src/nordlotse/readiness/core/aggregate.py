"""How the parts of a model come together: one step up the tree, whole trees, and the levels their values belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nordlotse.readiness.core.maturity import Band, Leaf, MaturityModel, Node

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Valued:
    """A part of a model with its value; None: nothing in it applies, so it is left out one step up."""

    part: Node | Leaf
    value: Fraction | None
    children: tuple[Valued, ...] = ()

    @property
    def lowest(self) -> Fraction | None:
        """Return the lowest value among the children, before scale and cap."""
        return min((child.value for child in self.children if child.value is not None), default=None)


def together(node: Node, values: Sequence[Fraction | None]) -> Fraction | None:
    """Return the value of a node from those of its children, in their order.

    None among them is left out: of a mean, the weights of the others count as the whole; a sum has nothing to add. None of them
    left: None. Source of the rules: IMPULS report 2015 (lowest item, weighted mean), interpretation of DMA scores (plain mean, cap).
    """
    known = [(child.weight, value) for child, value in zip(node.children, values, strict=True) if value is not None]
    if not known:
        return None
    if node.aggregate == "min":
        value = min(value for _, value in known)
    elif node.aggregate == "weighted_mean":
        value = _sum([weight * value for weight, value in known]) / _sum([weight for weight, _ in known])
    else:
        value = _sum([value for _, value in known], 1 if node.aggregate == "sum" else len(known))
    if node.scale != 1:
        value *= node.scale
    return value if node.cap is None else min(value, node.cap)


def _sum(values: Sequence[Fraction], parts: int = 1) -> Fraction:
    """Return the sum over `parts`, exactly; adding whole numbers and reducing once is five times as fast as adding fractions."""
    above, below = 0, 1
    for value in values:
        if value.denominator == below:
            above += value.numerator
        else:
            above = above * value.denominator + value.numerator * below
            below *= value.denominator
    return Fraction(above, below * parts)


def valued(part: Node | Leaf, of: Callable[[Leaf], Fraction | None]) -> Valued:
    """Return the tree with its values; `of` gives each leaf's points (None: left out)."""
    if isinstance(part, Leaf):
        return Valued(part, of(part))
    children = tuple(valued(child, of) for child in part.children)
    return Valued(part, together(part, [child.value for child in children]), children)


def replaced(tree: Valued, changes: Sequence[tuple[tuple[int, ...], Fraction]]) -> Valued:
    """Return the tree after some of its parts got other values; `changes` are positions (indices downwards) with values.

    Only what lies above a change is computed anew.
    """
    below: dict[int, list[tuple[tuple[int, ...], Fraction]]] = {}
    for position, value in changes:
        if not position:
            return Valued(tree.part, value, tree.children)
        below.setdefault(position[0], []).append((position[1:], value))
    if not below:
        return tree
    children = tuple(
        replaced(child, below[index]) if index in below else child for index, child in enumerate(tree.children)
    )
    assert isinstance(tree.part, Node)  # noqa: S101 - a leaf has no children, so no position leads below it
    return Valued(tree.part, together(tree.part, [child.value for child in children]), children)


def highest(part: Node | Leaf) -> Fraction:
    """Return the largest value a part can have."""
    return valued(part, lambda leaf: leaf.high).value or Fraction(0)


def lowest(part: Node | Leaf) -> Fraction:
    """Return the smallest value a part can have."""
    return valued(part, lambda leaf: leaf.low).value or Fraction(0)


def rounded(model: MaturityModel, value: Fraction) -> Fraction:
    """Return the total as it is classed: to whole numbers, halves up, where the model rounds (exact, no binary floats)."""
    return Fraction((value + _HALF).__floor__()) if model.rounding == "half_up" else value


def _of(bands: Sequence[Band], value: Fraction) -> Band:
    return next((band for band in reversed(bands) if value >= band.lower), bands[0])


def band_of_total(model: MaturityModel, value: Fraction) -> Band:
    """Return the level of a total: bands are half-open, their lower end belongs to them."""
    return _of(model.bands, rounded(model, value))


def band_of_dimension(model: MaturityModel, value: Fraction) -> Band:
    """Return the level of a dimension; a dimension is never rounded."""
    return _of(model.dimension_bands, value)


def threshold(model: MaturityModel, band: Band) -> Fraction:
    """Return the smallest total that is classed as `band`: half a level earlier where totals are rounded half up."""
    if model.rounding == "half_up":
        return Fraction(band.lower.__ceil__()) - _HALF
    return band.lower
