"""The values of a scored answer set: dimensions, total, bounds, what blocks the next level, and where each point comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.readiness.core.maturity import Band


@dataclass(frozen=True, slots=True)
class Point:
    """One leaf of the trace: the answer, the points it gave and by which rule.

    `state`: "answered", "missing" (not asked, not answered or not known) or "not_applicable". `points` None unless answered.
    `answer` is what was said, "dont_know" and "not_applicable" among it; None where nothing was, or the question fell away.
    `path` are the ids from the dimension down to the leaf; `low`, `high` are the bounds of the leaf itself. `contribution` is its part
    of the total's lower bound: all contributions of a trace add up to it exactly.
    """

    leaf: str
    question: str
    path: tuple[str, ...]
    answer: str | tuple[str, ...] | None
    state: str
    points: Fraction | None
    low: Fraction
    high: Fraction
    rule: Text
    contribution: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class PartScore:
    """A dimension (or item): its value, None while undetermined, with bounds; its level where both bounds lie in one band."""

    id: str
    label: Text
    value: Fraction | None
    lower: Fraction
    upper: Fraction
    band: Band | None
    share: Fraction  # of the largest possible value, lower bound, 0 to 1: how far a bar is drawn
    top: Fraction
    children: tuple[PartScore, ...] = ()
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Blocking:
    """What keeps the company from the next level: the question or item, its answer today, and why it is this one.

    `dimension` "" where it blocks the total; `gain` is what one step of it adds to the total.
    """

    item: str
    question: str
    dimension: str
    answer: str | tuple[str, ...] | None
    needed: str
    gain: Fraction
    reason: Text


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one model for one answer set. `answered` of `asked` leaves are known."""

    model: str
    version: str
    hash: str
    dimensions: tuple[PartScore, ...]
    total: PartScore
    next_band: Band | None
    blocking: tuple[Blocking, ...]
    trace: tuple[Point, ...]
    answered: int
    asked: int

    def dimension(self, name: str) -> PartScore:
        """Return a dimension by its id."""
        return next(d for d in self.dimensions if d.id == name)


Answers = Mapping[str, object]
