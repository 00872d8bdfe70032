"""How sure an answer is: between 0 and 1, and higher where more speaks for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nordlotse.answers.core.certainty import Model, chance, load_model
from nordlotse.answers.core.ranking import Ranking


def test_the_shipped_model_is_whole() -> None:
    model = load_model()
    assert len(model.names) == len(model.weights) == len(model.mean) == len(model.deviation) > 10
    assert all(d > 0 for d in model.deviation)


@given(st.dictionaries(st.sampled_from(load_model().names), st.floats(-1e6, 1e6)))
def test_a_chance_lies_between_0_and_1(signs: dict[str, float]) -> None:
    assert 0 <= load_model().chance(signs) <= 1


def test_a_positive_sign_raises_the_chance() -> None:
    model = Model(("cov",), (0.5,), (0.1,), (1.0,), 0.0)
    assert model.chance({"cov": 0.2}) < model.chance({"cov": 0.5}) == 0.5 < model.chance({"cov": 0.9})


def test_without_vectors_or_findings_the_rankings_own_confidence_counts() -> None:
    ranking = Ranking("?", "de", (), {}, 0.4, False, "lexical")
    assert chance(ranking, ()) == 0.0
