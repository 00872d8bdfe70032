"""What changed between two rounds of one company: total, dimension by dimension, item by item.

Only results of the same model rules (equal hashes) are compared. A difference is never called an effect: without a control
group nothing is known of its cause. Over companies, `release` tells the mean change with its interval, and who did not come again.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core.score import PartScore, Point, Score


@dataclass(frozen=True, slots=True)
class PartChange:
    """A dimension or the total of one company in two rounds; None where it was undetermined. `difference` needs both."""

    id: str
    label: Text
    before: Fraction | None
    after: Fraction | None

    @property
    def difference(self) -> Fraction | None:
        """Return after minus before, None unless both are known."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item of one company in two rounds: both answers, their points, and their difference where both are known."""

    leaf: str
    question: str
    dimension: str
    before: Point
    after: Point

    @property
    def difference(self) -> Fraction | None:
        """Return the points after minus before, None unless both were answered."""
        if self.before.points is None or self.after.points is None:
            return None
        return self.after.points - self.before.points

    @property
    def changed(self) -> bool:
        """Tell whether the answer is another one, in words or in state."""
        return (self.before.state, self.before.answer) != (self.after.state, self.after.answer)


@dataclass(frozen=True, slots=True)
class Changed:
    """All that changed of one company between two rounds of one model."""

    model: str
    total: PartChange
    dimensions: tuple[PartChange, ...]
    items: tuple[ItemChange, ...]


def changed(before: Score, after: Score) -> Changed:
    """Return what changed between two results of one company.

    Raises:
        BadInput: `models_differ`, if they were not made by the same rules.
    """
    _same(before, after)
    later = {point.leaf: point for point in after.trace}
    return Changed(
        model=before.model,
        total=_part(before.total, after.total),
        dimensions=tuple(_part(part, after.dimension(part.id)) for part in before.dimensions),
        items=tuple(
            ItemChange(point.leaf, point.question, point.path[0], point, later[point.leaf]) for point in before.trace
        ),
    )


def _same(before: Score, after: Score) -> None:
    if before.hash != after.hash:
        raise BadInput(
            "models_differ",
            de=f"Die Ergebnisse stammen aus verschiedenen Fassungen: {before.model} {before.version} und {after.model} {after.version}.",
            en=f"The results come from different versions: {before.model} {before.version} and {after.model} {after.version}.",
            where=before.model,
            remedy_de="Rechnen Sie beide Antworten mit derselben Fassung des Modells.",
            remedy_en="Score both answer sets with the same version of the model.",
        )


def _part(before: PartScore, after: PartScore) -> PartChange:
    return PartChange(before.id, before.label, before.value, after.value)
