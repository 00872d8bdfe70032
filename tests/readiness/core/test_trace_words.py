"""Where each point comes from, in words: what was answered is never called unanswered, and a mean says of how many it is one."""

from __future__ import annotations

from typing import Any

import pytest

from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.catalogue import questions, shipped_models
from nordlotse.readiness.core.shown import Traced, shown

ANSWERED = {
    "it_systems": "1",
    "security": (),
    "skills": "0",
    "iot_use": "0",
    "machine_data": "not_applicable",
    "print3d_use": "not_applicable",
    "twin_use": "dont_know",
    "info_sharing": "0",
    "implementation": "0",
    "data_services": "0",
    "innovation": "0",
    "analytics": "0",
}


def traced(question: str, answers: dict[str, Any] = ANSWERED, model: str = "own") -> Traced:
    model_of = shipped_models()[model]
    told = shown(model_of, assess(answers, {model: model_of}).scores[model], questions(), "de")
    label = questions().by_name[question].label.de
    return next(p for _, points in told.trace for p in points if p.question == label)


def test_an_answer_that_it_does_not_apply_is_shown_as_given() -> None:
    assert traced("machine_data").answer == "Wir arbeiten ohne Maschinen und Anlagen"
    assert traced("print3d_use").answer == "Wir stellen keine Teile her und brauchen keine"


def test_a_question_that_fell_away_is_not_called_unanswered() -> None:
    assert traced("machine_links").answer == "nicht gefragt, trifft nicht zu"
    assert traced("part_files").answer == "nicht gefragt, trifft nicht zu"


def test_dont_know_is_shown_as_given_and_no_answer_as_none() -> None:
    assert traced("twin_use").answer == "weiß nicht"
    assert traced("twin_use", {k: v for k, v in ANSWERED.items() if k != "twin_use"}).answer == "keine Antwort"


def test_a_mean_counts_only_what_applies() -> None:
    rule = traced("it_systems").rule
    assert "„Digitalisierung“ ist der Mittelwert von 3 Werten." in rule
    assert "ist der Mittelwert von 4 Werten." in rule
    assert "von 1 Wert." in traced("iot_use").rule


@pytest.mark.parametrize("question", ["print3d_use", "part_choice", "machine_links"])
def test_what_does_not_apply_contributes_nothing_and_says_so_plainly(question: str) -> None:
    assert traced(question).rule == "Trifft nicht zu und zählt deshalb nicht mit."


def test_in_a_model_that_counts_it_lowest_the_rule_says_so() -> None:
    assert traced("print3d_use", model="dma").rule.startswith("Trifft nicht zu: Das Modell zählt 0.")
