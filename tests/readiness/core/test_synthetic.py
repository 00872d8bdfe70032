"""The synthetic population reproduces the published shares, and says of itself that it is synthetic."""

from __future__ import annotations

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core import catalogue, published, synthetic
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.synthetic import Population, Rounding, population, sheets

N = 400_000

#: Shares in percent at level 0 to 5, measured with 2,000,000 draws (readiness facts, section 5).
MEASURED: dict[Rounding, list[float]] = {
    "nearest": [37.3, 39.8, 16.6, 5.4, 1.0, 0.0],
    "floor": [60.9, 26.4, 9.8, 2.6, 0.3, 0.0],
    "ceiling": [7.6, 53.8, 26.2, 9.7, 2.5, 0.3],
}
PUBLISHED = [38.9, 37.6, 17.9, 4.6, 1.0, 0.0]


@pytest.fixture(scope="module")
def impuls() -> MaturityModel:
    return catalogue.shipped_models()["impuls"]


@pytest.fixture(scope="module")
def drawn(impuls: MaturityModel) -> Population:
    return population(impuls, N, seed=5)


@pytest.mark.parametrize("rounding", list(MEASURED))
def test_the_shares_of_each_rounding_are_met_within_three_tenths_of_a_point(
    drawn: Population, rounding: Rounding
) -> None:
    gaps = [abs(one - other) for one, other in zip(drawn.shares(rounding), MEASURED[rounding], strict=True)]
    assert max(gaps) <= 0.3


def test_only_rounding_to_the_nearest_level_comes_near_what_was_published(drawn: Population) -> None:
    def gap(rounding: Rounding) -> float:
        return max(abs(one - other) for one, other in zip(drawn.shares(rounding), PUBLISHED, strict=True))

    assert gap("nearest") < 3
    assert gap("floor") > 20
    assert gap("ceiling") > 20


def test_the_mean_of_the_unrounded_total_is_met(drawn: Population) -> None:
    assert abs(drawn.mean - 0.964) < 0.01


def test_every_margin_is_the_published_one(drawn: Population, impuls: MaturityModel) -> None:
    rows = {row.about: row for row in impuls.published}
    for column, part in enumerate(impuls.dimensions):
        shares = rows[part.id].shares
        whole = float(sum(shares.values()))
        found = np.bincount(drawn.levels[:, column], minlength=6) * 100 / N
        assert max(abs(f - float(shares[str(n)]) * 100 / whole) for n, f in enumerate(found)) < 0.3


def test_the_same_seed_gives_the_same_companies(impuls: MaturityModel) -> None:
    one, same, other = (population(impuls, 50, seed) for seed in (1, 1, 2))
    assert (one.levels == same.levels).all()
    assert (one.levels != other.levels).any()


def test_the_scorer_gives_every_synthetic_company_its_levels(drawn: Population, impuls: MaturityModel) -> None:
    for row, level, sheet in zip(drawn.levels, drawn.classed(), sheets(drawn, 200), strict=False):
        found = assess(sheet.answers, {"impuls": impuls}).scores["impuls"]
        assert [part.value for part in found.dimensions] == list(row)
        assert found.total.band is not None and found.total.band.number == level


def test_the_word_synthetic_goes_with_everything(drawn: Population) -> None:
    made = drawn.distribution(2026)
    assert made.synthetic
    for text in (drawn.word, next(sheets(drawn, 1)).word, made.note, made.scope):
        assert "synthetisch" in text.de.lower()
        assert "synthetic" in text.en.lower()
    assert "synthetic" in made.n and "synthetic" in made.source


def test_a_synthetic_distribution_is_never_shown_beside_a_company(drawn: Population, impuls: MaturityModel) -> None:
    from dataclasses import replace

    found = assess(next(sheets(drawn, 1)).answers, {"impuls": impuls}).scores["impuls"]
    assert published.compared(replace(impuls, published=(drawn.distribution(2026),)), found) == ()


def test_a_model_without_published_margins_has_no_population() -> None:
    with pytest.raises(BadInput) as caught:
        population(catalogue.shipped_models()["dma"], 10, 1)
    assert caught.value.code == "no_margins"


def test_the_word_is_the_same_everywhere() -> None:
    assert (synthetic.WORD.de, synthetic.WORD.en) == ("synthetisch", "synthetic")
