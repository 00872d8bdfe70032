"""A synthetic population: computed, never asked. For tests and demonstrations; the word stands on everything made of it.

One-factor Gaussian copula over a model's published margins: every dimension shares one hidden factor with correlation `RHO`, and
its level is where the draw falls in the published shares. Source: readiness facts, section 5 (own simulation, 2,000,000 draws).
It must never be shown as other companies nor be mixed with real answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core.maturity import Distribution, MaturityModel, Node
from nordlotse.readiness.core.vectors import Answer, answers_of

#: Correlation of the dimensions: an assumption, no published figure (readiness facts, section 5).
RHO = 0.5

#: Stands with everything that comes from here.
WORD = Text("synthetisch", "synthetic")

Rounding = Literal["nearest", "floor", "ceiling"]


@dataclass(frozen=True, slots=True)
class Population:
    """Companies that do not exist: one row each, one column per dimension of the model, whole levels; and the unrounded totals.

    `total` counts in hundredths of a level times the weights' denominator `unit`, so that rounding is exact. `word` says what it is.
    """

    model: MaturityModel
    levels: NDArray[np.int64]
    total: NDArray[np.int64]
    unit: int
    seed: int
    word: Text = WORD

    @property
    def mean(self) -> float:
        """Return the mean of the unrounded totals."""
        return float(self.total.mean()) / self.unit

    def classed(self, rounding: Rounding = "nearest") -> NDArray[np.int64]:
        """Return the total levels: nearest (half up), or by the rules that do not reproduce the published shares."""
        if rounding == "floor":
            return self.total // self.unit
        if rounding == "ceiling":
            return -(-self.total // self.unit)
        return (2 * self.total + self.unit) // (2 * self.unit)

    def shares(self, rounding: Rounding = "nearest") -> tuple[float, ...]:
        """Return the share of companies at each total level from 0, in percent."""
        counts = np.bincount(self.classed(rounding), minlength=int(self.model.top) + 1)
        return tuple(float(count) * 100 / len(self.total) for count in counts)

    def distribution(self, year: int) -> Distribution:
        """Return the total levels as a distribution that says of itself that it is synthetic."""
        shares = {
            band.key: Fraction(round(share, 6)).limit_denominator(10**6)
            for band, share in zip(self.model.bands, self.shares(), strict=True)
        }
        return Distribution(
            about="total",
            shares=shares,
            n=f"{len(self.total)} {WORD.de} / {WORD.en}",
            year=year,
            scope=Text("synthetische Betriebe, nicht befragt", "synthetic companies, not asked"),
            source=f"synthetic: one-factor Gaussian copula, rho = {RHO}, seed {self.seed}",
            note=Text("Synthetisch: berechnet, nicht erhoben.", "Synthetic: computed, not surveyed."),
            synthetic=True,
        )


def population(model: MaturityModel, n: int, seed: int, rho: float = RHO) -> Population:
    """Return `n` synthetic companies drawn from the published margins of a model whose total is a weighted mean of whole levels.

    Raises:
        BadInput: `no_margins`: a dimension has no published shares, or the total is no weighted mean.
    """
    margins = _margins(model)
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal(n)
    columns = []
    for shares in margins:
        drawn = math.sqrt(rho) * factor + math.sqrt(1 - rho) * rng.standard_normal(n)
        cuts = norm.ppf(np.cumsum(shares)[:-1] / sum(shares))
        columns.append(np.searchsorted(cuts, drawn))
    levels = np.column_stack(columns).astype(np.int64)
    weights = [part.weight for part in model.dimensions]
    common = math.lcm(*(weight.denominator for weight in weights))
    whole = np.array([int(weight * common) for weight in weights], dtype=np.int64)
    return Population(model, levels, levels @ whole, int(sum(whole)), seed)


def _margins(model: MaturityModel) -> list[Sequence[float]]:
    published = {row.about: row for row in model.published if not row.synthetic}
    found: list[Sequence[float]] = []
    for part in model.dimensions:
        row = published.get(part.id)
        if row is None or model.root.aggregate != "weighted_mean" or model.unit != "level":
            raise BadInput(
                "no_margins",
                de=f"Für „{part.id}“ in „{model.id}“ sind keine Anteile je Stufe veröffentlicht.",
                en=f"No shares per level are published for “{part.id}” in “{model.id}”.",
                where=f"{model.id}.{part.id}",
                remedy_de="Nehmen Sie ein Modell mit veröffentlichten Anteilen, zum Beispiel „impuls“.",
                remedy_en="Use a model with published shares, for example “impuls”.",
            )
        found.append([float(row.shares.get(band.key, Fraction(0))) for band in model.dimension_bands])
    return found


@dataclass(frozen=True, slots=True)
class SyntheticSheet:
    """The answers of a company that does not exist; `word` says so wherever they go."""

    answers: Mapping[str, Answer]
    word: Text = WORD


def sheets(drawn: Population, count: int) -> Iterator[SyntheticSheet]:
    """Yield the answers of the first `count` companies: of a dimension's items one stands at its level, the others at or above.

    Which one and how far above is drawn evenly: an assumption, for only levels of dimensions are published.

    Raises:
        BadInput: `vector_broken`, if the model cannot be answered by levels.
    """
    rng = np.random.default_rng([drawn.seed, 1])
    top = int(drawn.model.top)
    for row in drawn.levels[:count]:
        short: dict[str, list[int]] = {}
        for part, level in zip(drawn.model.dimensions, row, strict=True):
            items = len(part.children) if isinstance(part, Node) else 1
            values = rng.integers(level, top + 1, size=items)
            values[rng.integers(items)] = level
            short[part.id] = [int(value) for value in values]
        yield SyntheticSheet(answers_of(drawn.model, short))
