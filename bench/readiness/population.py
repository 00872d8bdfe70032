"""The synthetic population against the shares printed in the readiness facts and against the published ones.

    python -m bench.readiness.population

Synthetic: computed from the published margins of IMPULS 2015, nobody was asked.
"""

from __future__ import annotations

import time

from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.synthetic import RHO, Rounding, population, sheets

N = 2_000_000
SEED = 20261123
#: Targets in points: of this room's facts, and of the issue.
NEAR, WIDE = 0.3, 0.5

#: Shares in percent at level 0 to 5 (readiness facts, section 5).
FACTS: dict[Rounding, tuple[float, ...]] = {
    "nearest": (37.3, 39.8, 16.6, 5.4, 1.0, 0.0),
    "floor": (60.9, 26.4, 9.8, 2.6, 0.3, 0.0),
    "ceiling": (7.6, 53.8, 26.2, 9.7, 2.5, 0.3),
}
SCORED = 2000


def _row(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:6.2f}" for value in values)


def main() -> None:
    """Print the tables."""
    model = catalogue.shipped_models()["impuls"]
    started = time.perf_counter()
    drawn = population(model, N, SEED)
    took = time.perf_counter() - started
    published = next(row for row in model.published if row.about == "total")
    whole = float(sum(published.shares.values()))
    shares = tuple(float(published.shares[band.key]) * 100 / whole for band in model.bands)
    print(f"SYNTHETIC population, {N:,} draws, rho = {RHO}, seed {SEED}, {took:.1f} s; share in % at level 0 to 5")
    print(f"{'published 2015':<16} {_row(shares)}")
    worst = 0.0
    for rounding, printed in FACTS.items():
        found = drawn.shares(rounding)
        gap = max(abs(one - other) for one, other in zip(found, printed, strict=True))
        away = max(abs(one - other) for one, other in zip(found, shares, strict=True))
        worst = max(worst, gap)
        print(f"{rounding:<16} {_row(found)}   from the facts {gap:.2f}, from the published shares {away:.1f} points")
    print(f"largest gap to the facts: {worst:.2f} points (target: {NEAR}; issue: {WIDE})")
    print(f"mean of the unrounded total: {drawn.mean:.3f} (facts: 0.964)")
    levels = drawn.classed()
    same = sum(
        (score := assess(sheet.answers, {"impuls": model}).scores["impuls"]).total.band is not None
        and score.total.band.number == level  # type: ignore[union-attr]
        for sheet, level in zip(sheets(drawn, SCORED), levels, strict=False)
    )
    print(f"answered by items and scored from answers: {same} of {SCORED} on the level drawn (target: all)")


if __name__ == "__main__":
    main()
