"""The values of a maturity model: a tree from answers to a total, read from YAML or made from a questionnaire.

    total ── dimension ── item ── (rows) ── answer

Every step up is one of four rules (mean, weighted mean, sum, lowest), so more never gives less, and bounds of a tree with
missing answers are the tree of the answers' bounds. Points are exact fractions, never binary floats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from nordlotse.foundation.language import NOTHING, Text

Aggregate = Literal["mean", "weighted_mean", "sum", "min"]
Missing = Literal["undetermined_with_bounds", "zero", "skip"]
NotApplicable = Literal["skip", "zero"]
Unit = Literal["level", "points"]
Rounding = Literal["none", "half_up"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Points of one answer.

    One choice: `scores` gives the points by the choice's name. Several: each ticked choice in `scores` adds its points, at most `cap`.
    `question` is the name in the common set of questions; that several models name one question is the cross-walk. A choice without
    points has no counterpart in the model: it leaves the leaf undetermined. `low`, `high`: the range of points possible. `choices` are
    what the answers are called; one of `exclusive` stands for “none of these” and counts alone.
    """

    id: str
    question: str
    scores: Mapping[str, Fraction]
    several: bool
    low: Fraction
    high: Fraction
    cap: Fraction | None = None
    weight: Fraction = Fraction(1)
    label: Text = NOTHING
    choices: Mapping[str, Text] = field(default_factory=dict)
    exclusive: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Node:
    """Several leaves or nodes put together by `aggregate`, times `scale`, at most `cap`."""

    id: str
    label: Text
    aggregate: Aggregate
    children: tuple[Node | Leaf, ...]
    weight: Fraction = Fraction(1)
    scale: Fraction = Fraction(1)
    cap: Fraction | None = None
    text: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Band:
    """A level: reached from `lower` (included) up to the next band's `lower`. `number` counts from 0."""

    key: str
    number: int
    lower: Fraction
    label: Text
    text: Text = NOTHING


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a rule or figure of a model comes from; `basis`: what of it was checked."""

    title: str
    publisher: str
    year: int | None
    url: str = ""
    checked_on: date | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A published distribution of levels or of a value: shares in percent by band key, for one dimension or the total.

    `n`, `year`, `scope` (who was asked, with the smallest size) and `source` stand beside every picture made of it. `note` says what is
    uncertain. `synthetic`: made by computation, never shown as other companies.
    """

    about: str
    shares: Mapping[str, Fraction]
    n: str
    year: int
    scope: Text
    source: str
    note: Text = NOTHING
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Vector:
    """How the short form of published examples is read: bare numbers in the model's order, as `{"dma": {"plan": 4, …}}`.

    `order`: ids of items or dimensions, as a plain list names them. `names`: other names of those ids. `given`: answers that such an
    example takes for granted, as that the company has machines at all.
    """

    order: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MaturityModel:
    """A whole model. `root` is the total; its children are the dimensions.

    `bands` class the total (after `rounding` to whole numbers, if any); `dimension_bands` class a dimension. `unit` is what
    values are counted in ("level" or "points"); `top` the largest total. `vector` says how short forms of published examples are read.
    `hash` covers what decides a result (tree, points, bands, rules), not wording: equal hashes are comparable.
    """

    id: str
    version: str
    title: Text
    root: Node
    bands: tuple[Band, ...]
    dimension_bands: tuple[Band, ...]
    top: Fraction
    unit: Unit
    rounding: Rounding
    missing: Missing
    not_applicable: NotApplicable
    minutes: int
    about: Text
    limits: Text
    attribution: Text
    sources: tuple[ModelSource, ...]
    published: tuple[Distribution, ...]
    hash: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    vector: Vector = field(default_factory=Vector)

    @property
    def dimensions(self) -> tuple[Node | Leaf, ...]:
        """Return the parts of the total."""
        return self.root.children

    def leaves(self) -> Iterator[Leaf]:
        """Yield every leaf, in the order of the model."""
        yield from leaves_of(self.root)

    def band(self, key: str) -> Band:
        """Return a level by its key.

        Raises:
            KeyError: the model has none of that key.
        """
        for one in self.bands:
            if one.key == key:
                return one
        raise KeyError(key)

    @property
    def questions(self) -> tuple[str, ...]:
        """Return the names of the questions the model needs, each once, in its order."""
        return tuple(dict.fromkeys(leaf.question for leaf in self.leaves()))


def leaves_of(part: Node | Leaf) -> Iterator[Leaf]:
    """Yield every leaf of a part, in the order of the model; of a leaf itself."""
    if isinstance(part, Leaf):
        yield part
        return
    for child in part.children:
        yield from leaves_of(child)
