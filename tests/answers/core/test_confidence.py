"""The confidence is a calibrated chance and falls when the answer is taken away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nordlotse.answers.core.confidence import Logistic, abstains, fit, load_weights
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.fusion import MODES
from nordlotse.answers.core.ranking import Index, Passage
from nordlotse.answers.core.vectors import MemoryVectors
from tests.answers.core.stand_ins import stand_in_encoders


def test_the_chance_is_the_logistic_of_the_weighted_features() -> None:
    model = Logistic(("a", "b"), (1.0, 0.0), (2.0, 1.0), (("a", "b"),), (0.5, 1.0, 2.0), -1.0)
    total = 0.5 * 1.0 + 1.0 * 0.5 + 2.0 * 0.5 - 1.0
    assert model.chance({"a": 3.0, "b": 0.5}) == pytest.approx(1 / (1 + math.exp(-total)))


def test_no_features_mean_no_chance() -> None:
    assert load_weights()["e5"].chance({}) == 0.0


def test_every_mode_has_a_model_whose_features_are_delivered() -> None:
    passages = [Passage("a", "Wartung", "Die Wartung der Maschine kostet 400 Euro."), Passage("b", "", "Anderes.")]
    encoders = stand_in_encoders()
    for mode, used in (("e5", encoders), ("use", Encoders(use=encoders.use)), ("lexical", Encoders())):
        index = Index.build(passages, used, MemoryVectors(), embed=("e5", "use"))
        ranking = index.rank("Was kostet die Wartung der Maschine?")
        assert ranking.mode == mode
        assert set(load_weights()[ranking.mode].names) <= set(ranking.features)
    assert set(load_weights()) == set(MODES)


def test_a_chance_at_the_threshold_is_answered_and_below_it_is_not() -> None:
    threshold = load_weights()["e5"].threshold
    assert not abstains(threshold, "e5")
    assert abstains(math.nextafter(threshold, 0), "e5")
    assert 0.1 < threshold < 0.9


def test_taking_the_answer_away_lowers_the_confidence() -> None:
    right = Passage("a", "Wartung", "Die Wartung der Drehmaschine kostet im Jahr 400 Euro.")
    other = [Passage("b", "", "Ein Zuschuss hilft beim Kauf."), Passage("c", "", "Der Drucker druckt Kunststoff.")]
    question = "Was kostet die Wartung der Drehmaschine im Jahr?"
    with_answer = Index.build([right, *other], Encoders(), MemoryVectors()).rank(question)
    without = Index.build(other, Encoders(), MemoryVectors()).rank(question)
    assert with_answer.confidence > 0.8
    assert without.abstain
    assert without.confidence < 0.3


def test_fitting_finds_the_feature_that_decides() -> None:
    generator = np.random.default_rng(4)
    helps, noise = generator.normal(size=400), generator.normal(size=400)
    answerable = helps + 0.3 * generator.normal(size=400) > 0
    rows = [{"share": float(a), "noise": float(b)} for a, b in zip(helps, noise, strict=True)]
    model = fit(rows, answerable, np.ones(400))
    assert model.chance({"share": 2.0, "noise": 0.0}) > 0.95
    assert model.chance({"share": -2.0, "noise": 0.0}) < 0.05
    assert abs(model.weights[1]) < abs(model.weights[0]) / 5


def test_absurd_features_give_a_finite_chance() -> None:
    model = load_weights()["e5"]
    for value in (-1e9, 1e9):
        assert 0.0 <= model.chance(dict.fromkeys(model.names, value)) <= 1.0
