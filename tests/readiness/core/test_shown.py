"""A result in words: level or bounds, what comes first, where each point comes from, and who stands beside it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core import published, telling
from nordlotse.readiness.core.change import changed
from nordlotse.readiness.core.planned import cost_words, days_words, planned
from nordlotse.readiness.core.repeated import repeated
from nordlotse.readiness.core.shown import shown
from tests.readiness.core import pictured

KNOWN = ((1, 1), (2, 2), (1, 1), (0, 0), (2, 2), (3, 3))


def test_missing_answers_are_said_as_bounds_with_their_number_never_as_one_value() -> None:
    made = shown(pictured.model(), pictured.score(), pictured.form(), "de")
    assert made.open == "Der Wert liegt zwischen 1,17 und 1,83, weil 2 von 6 Antworten fehlen oder nicht bekannt sind."
    assert made.level == "zwischen „Stufe 1“ und „Stufe 2“"
    assert made.open_questions == ("q2", "q4")
    assert [line.value for line in made.lines] == ["1", "2", "1 – 3", "0", "0 – 2", "3"]


def test_without_missing_answers_there_is_one_level_and_its_meaning() -> None:
    made = shown(pictured.model(), pictured.score(KNOWN), pictured.form(), "de")
    assert (made.level, made.number, made.value, made.open) == ("Stufe 2", "Stufe 2 auf der Skala 0 bis 5", "1,5", "")
    assert made.text == "Was es heißt"


def test_the_sentence_beside_the_picture_names_the_furthest_and_the_least_far_area() -> None:
    said = telling.picture_sentence(pictured.score(KNOWN), pictured.model())
    assert said.de == "Am weitesten sind Sie bei „Beschäftigte“ (Stufe 3), am wenigsten weit bei „Produkte“ (Stufe 0)."
    assert said.en == "You are furthest in “Beschäftigte” (level 3) and least far in “Produkte” (level 0)."


def test_an_area_with_missing_answers_is_never_called_the_least_far() -> None:
    said = telling.picture_sentence(pictured.score(), pictured.model())
    assert said.de == (
        "Unter den Bereichen ohne Lücke sind Sie am weitesten bei „Beschäftigte“ (Stufe 3), am wenigsten weit bei"
        " „Produkte“ (Stufe 0). Noch offen, weil Antworten fehlen: Abläufe (1 – 3), Datenbasierte Dienste (0 – 2)."
    )


def test_every_answer_stands_in_the_trace_once_with_question_answer_points_and_rule() -> None:
    made = shown(pictured.model(), pictured.score(), pictured.form(), "de")
    points = [p for _, those in made.trace for p in those]
    assert [p.question for p in points] == [f"Wie steht es um {name}?" for name in pictured.NAMES]
    assert [p.points for p in points] == ["1", "2", "1 – 3", "0", "0 – 2", "3"]
    assert [p.missing for p in points] == [False, False, True, False, True, False]
    assert all(p.answer and p.rule for p in points)


@pytest.mark.parametrize("bounds", [KNOWN, ((0, 0),) * 6, ((5, 5),) * 6, ((0, 5),) * 6])
def test_shares_of_those_asked_add_up_to_a_hundred(bounds: tuple[tuple[int, int], ...]) -> None:
    for beside in published.compared(pictured.model(), pictured.score(bounds)):
        assert beside.lower + beside.same + beside.higher == 100
        assert min(beside.lower, beside.same, beside.higher) >= 0


def test_the_sentence_beside_a_published_distribution_names_year_and_n() -> None:
    total = published.compared(pictured.model(), pictured.score(KNOWN))[0]
    said = published.sentence(total).de
    assert said.startswith(
        "Von 100 befragten Betrieben standen 2015 (n = 234–268) etwa 76 niedriger, 18 auf Ihrer Stufe, 6"
    )


def test_a_synthetic_distribution_is_never_shown_beside_a_company() -> None:
    only = replace(pictured.model(), published=(pictured.published("total", synthetic=True),))
    assert published.compared(only, pictured.score()) == ()
    assert shown(only, pictured.score(), pictured.form(), "de").compared == ()


def test_a_published_mean_stands_in_the_picture_only_if_every_area_has_one() -> None:
    whole = shown(pictured.model(), pictured.score(), pictured.form(), "de")
    half = replace(pictured.model(), published=pictured.model().published[:3])
    assert "picture__published" in whole.bars
    assert whole.beside_legend == "veröffentlichter Mittelwert 2015"
    assert "picture__published" not in shown(half, pictured.score(), pictured.form(), "de").bars


def test_the_published_mean_is_the_one_computed_from_the_shares() -> None:
    # readiness facts, section 3: computed mean of the total 0.912
    mean = published.mean_level(pictured.published("total"), pictured.bands())
    assert mean is not None
    assert round(float(mean), 3) == 0.912


@pytest.mark.parametrize("lang", ["de", "en"])
def test_an_area_that_does_not_apply_is_named_as_such(lang: Lang) -> None:
    score = pictured.score(KNOWN)
    off = replace(score, dimensions=(replace(score.dimensions[0], applies=False), *score.dimensions[1:]))
    line = shown(pictured.model(), off, pictured.form(), lang).lines[0]
    assert (line.value, line.level) == ("–", "trifft nicht zu" if lang == "de" else "does not apply")


def test_several_choices_are_said_in_words_and_none_as_none_of_these() -> None:
    assert telling.answer_words(pictured.form(), "q0", ("0", "3")).de == "Antwort 0; Antwort 3"
    assert telling.answer_words(pictured.form(), "q0", ()).de == "nichts davon"
    assert telling.answer_words(pictured.form(), "q0", "dont_know").en == "do not know"


def test_days_and_costs_are_ranges_with_the_likely_value() -> None:
    assert days_words((1, 2, 4), "de") == "1 bis 4 Tage, wahrscheinlich 2"
    assert days_words((1, 1, 1), "de") == "1 Tag"
    assert cost_words((0, 1500, 12000), "de") == "0 bis 12.000 Euro, wahrscheinlich 1.500 Euro"
    assert cost_words((0, 0, 300), "de") == "0 bis 300 Euro, wahrscheinlich keine"
    assert cost_words((0, 0, 0), "en") == "none"


def test_a_goal_out_of_reach_is_said_with_the_best_that_can_be_had() -> None:
    made = planned(
        pictured.unknown_goal(pictured.plan()),
        pictured.model(),
        pictured.score(),
        pictured.score(((2, 2),) * 6),
        pictured.form(),
        "de",
    )
    assert not made.reached
    assert "„Stufe 5“ ist mit fünf Schritten aus unserer Liste nicht zu erreichen" in made.verdict
    assert "bis zur Stufe „Stufe 2“" in made.verdict


def test_a_plan_says_what_each_step_changes_and_what_is_not_known() -> None:
    made = planned(
        pictured.plan(), pictured.model(), pictured.score(), pictured.score(((2, 2),) * 6), pictured.form(), "de"
    )
    assert [(c.question, c.today, c.after) for c in made.steps[0].changes] == [
        ("Wie steht es um Strategie?", "Antwort 0", "Antwort 2")
    ]
    assert made.open.startswith("Eine Antwort fehlt.")
    assert made.rows[0] == ("Gesamt", "1,17", "2")


def test_rounds_stand_side_by_side_and_a_difference_needs_both_values() -> None:
    before, after = pictured.score(), pictured.score(((2, 2), (2, 2), (1, 3), (1, 1), (1, 1), (2, 2)))
    made = repeated(pictured.model(), [("T0", before), ("T1", after)], pictured.form(), "de")
    found = [line.difference for line in made.lines]
    assert [f for f in found if "bis" not in f] == ["+1", "0", "+1", "−1"]
    assert found[0] == "−0,33 bis +0,67"  # not known: the least and the most that it can be
    assert "Genauer geht es nicht, weil Antworten fehlen." in made.sentence
    assert len(made.items) == sum(i.changed for i in changed(before, after).items) == 4
    assert made.same == 2


def test_the_sentence_on_rounds_names_what_rose_and_what_fell() -> None:
    before, after = pictured.score(KNOWN), pictured.score(((2, 2), (2, 2), (1, 1), (1, 1), (2, 2), (2, 2)))
    made = repeated(pictured.model(), [("T0", before), ("T1", after)], pictured.form(), "de")
    assert (
        made.sentence
        == "Gesamt: 1,5 (T0), 1,67 (T1). Die Stufe bleibt „Stufe 2“. Gestiegen: Strategie, Produkte. Gesunken: Beschäftigte."
    )
    assert Fraction(10, 6) - Fraction(9, 6) == changed(before, after).total.difference
