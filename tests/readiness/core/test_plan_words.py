"""A plan in words: no identifier anywhere, struck steps stay out, money and the price of the next level are said truthfully."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bench.readiness.plan_cases import measure, model_of, single, to, words

from nordlotse.foundation.language import LANGS
from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.beginning import beginning
from nordlotse.readiness.core.maturity import MaturityModel, Node
from nordlotse.readiness.core.measure import Goal, Measure, Plan
from nordlotse.readiness.core.measures import shipped_measures
from nordlotse.readiness.core.money import doubled, over_budget, yearly_words
from nordlotse.readiness.core.planned import after_plan, planned
from nordlotse.readiness.core.planning import plan
from nordlotse.readiness.core.rounds import price_of
from tests.browser.readiness_carried import answers

#: What stands in files and never on a page: names with an underscore, and choices such as "work".
_IDENTIFIER = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b")


def _own(stage: int, goal: Goal, model: str = "own", **more: Any) -> tuple[Plan, MaturityModel, dict[str, Any]]:
    tree, form = catalogue.shipped_models()[model], catalogue.form_for([model])
    given = answers((model,), stage=stage)
    return plan(tree, given, goal, shipped_measures(), employees=40, form=form, **more), tree, given


def _mean(*questions: str) -> MaturityModel:
    children = tuple(single(q, q, range(6)) for q in questions)
    return model_of(Node("total", words("total"), "mean", children), (0, 2, 4))


# ---- no identifiers ----


@pytest.mark.parametrize("model", ["own", "dma", "impuls"])
def test_no_reason_step_or_change_contains_an_identifier_whatever_the_measure_raises(model: str) -> None:
    tree, form = catalogue.shipped_models()[model], catalogue.form_for([model])
    given = answers((model,), stage=1)
    names = {q.name for q in catalogue.questions().questions}
    choices = {c.name for q in catalogue.questions().questions for c in q.choices if c.name.isalpha()}
    score = assess(given, {model: tree}, form).scores[model]
    for one in shipped_measures():
        found = plan(tree, given, Goal(budget=10_000_000), [one], form=form)
        for lang in LANGS:
            told = planned(found, tree, score, score, form, lang)
            for step in told.steps:
                said = [step.reason, step.why, *(t for c in step.changes for t in (c.question, c.today, c.after))]
                for text in said:
                    assert not _IDENTIFIER.search(text), (one.id, text)
                    assert text not in names | choices, (one.id, text)
                    assert not any(f"“{c}”" in text or f"„{c}“" in text for c in choices | names), (one.id, text)


def test_a_step_names_only_answers_that_were_asked_for() -> None:
    form = catalogue.form_for(["own"])
    asked = {q.label.de for q in form.questions}
    found, tree, given = _own(1, Goal(budget=10_000_000))
    score = assess(given, {"own": tree}, form).scores["own"]
    told = planned(found, tree, score, score, form, "de")
    assert told.steps
    assert all(c.question in asked for s in told.steps for c in s.changes)


# ---- struck steps ----


def test_a_struck_step_stays_out_and_the_plan_is_made_anew() -> None:
    first, _, _ = _own(1, Goal(budget=5_000))
    struck = first.steps[0].measure.id
    second, _, _ = _own(1, Goal(budget=5_000), without=frozenset({struck}))
    assert struck not in {s.measure.id for s in second.steps}
    assert second.steps


def test_what_needs_a_struck_step_first_stays_out_with_it() -> None:
    measures = [measure("a", to("q", "2")), measure("b", to("r", "5"), after=("a",))]
    found = plan(_mean("q", "r"), {"q": "0", "r": "0"}, Goal(budget=10_000), measures, without=frozenset({"a"}))
    assert found.steps == ()


def test_a_step_whose_struck_prerequisite_is_already_so_can_be_had() -> None:
    measures = [measure("a", to("q", "2")), measure("b", to("r", "5"), after=("a",))]
    found = plan(_mean("q", "r"), {"q": "3", "r": "0"}, Goal(budget=10_000), measures, without=frozenset({"a"}))
    assert [s.measure.id for s in found.steps] == ["b"]


# ---- the price of a level beyond five steps ----


def _many(n: int, cost: int = 100) -> tuple[MaturityModel, dict[str, object], list[Measure]]:
    names = [f"q{i}" for i in range(n)]
    return _mean(*names), dict.fromkeys(names, "0"), [measure(f"m{i}", to(f"q{i}", "5"), cost=cost) for i in range(n)]


def test_a_level_that_takes_seven_steps_says_seven_steps_two_rounds_and_their_cost() -> None:
    model, given, measures = _many(15)  # 2 of 5 on average: 30 points of 75, six steps; level 2 at 4: twelve
    price = price_of(model, given, "1", measures)
    assert price is not None
    assert (price.steps, price.rounds, price.cost) == (6, 2, 600)


def test_a_level_that_the_whole_list_does_not_reach_has_no_price() -> None:
    model, given, measures = _many(15)
    assert price_of(model, given, "2", measures[:3]) is None


def test_the_price_leaves_out_struck_steps() -> None:
    model, given, measures = _many(15)
    price = price_of(model, given, "1", measures, without=frozenset({"m0", "m1"}))
    assert price is not None
    assert price.steps == 6
    assert price_of(model, given, "1", measures[:6], without=frozenset({"m0"})) is None


def test_the_verdict_says_the_price_instead_of_only_not_to_be_reached() -> None:
    tree, form = catalogue.shipped_models()["own"], catalogue.form_for(["own"])
    given = answers(stage=0)
    top = tree.bands[-1].key
    found = plan(tree, given, Goal(target=top), shipped_measures(), employees=40, form=form)
    score = assess(given, {"own": tree}, form).scores["own"]
    price = price_of(tree, given, top, shipped_measures(), employees=40, form=form)
    told = planned(found, tree, score, score, form, "de", price=price)
    assert price is not None
    assert not found.reached
    assert f"{price.steps} Schritten" in told.verdict
    assert "Runden" in told.verdict
    assert "Euro" in told.verdict


# ---- money ----


def test_a_plan_whose_upper_costs_exceed_the_budget_says_so() -> None:
    found, _, _ = _own(1, Goal(budget=5_000))
    assert found.cost[2] > 5_000
    assert "mehr als Ihr Budget von 5.000 Euro" in over_budget(found, "de")
    assert over_budget(_own(1, Goal(budget=1_000_000))[0], "de") == ""


def test_what_a_plan_costs_every_further_year_is_shown_and_summed() -> None:
    tree, form, given = catalogue.shipped_models()["own"], catalogue.form_for(["own"]), answers(stage=1)
    rented = [m for m in shipped_measures() if m.cost.yearly or m.id in ("part_list", "day_plan")]
    found = plan(tree, given, Goal(budget=1_000_000), rented, form=form)
    yearly = [s.measure.cost.yearly for s in found.steps if s.measure.cost.yearly]
    assert yearly
    score = assess(given, {"own": tree}, form).scores["own"]
    told = planned(found, tree, score, score, form, "de")
    assert told.yearly == yearly_words(sum(yearly), "de")
    assert sum(1 for s in told.steps if s.yearly) == len(yearly)


def test_double_the_money_is_said_in_one_sentence_with_what_it_buys() -> None:
    found, tree, _ = _own(1, Goal(budget=2_000))
    more, _, _ = _own(1, Goal(budget=4_000))
    said = doubled(found, more, tree, "de")
    assert said.startswith("Mit 4.000 statt 2.000 Euro")
    assert ("mehr" in said) == (more.after > found.after) or "nicht weiter" in said


# ---- why the plan begins elsewhere ----


def test_where_the_blocking_answer_is_not_among_the_steps_the_plan_says_why() -> None:
    model, given = _mean("q", "r"), {"q": "0", "r": "0"}
    measures = [measure("dear", to("q", "5"), cost=9_000), measure("cheap", to("r", "4"), cost=10)]
    found = plan(model, given, Goal(target="1"), measures)
    said = beginning(found, "q", words("Wie geht q?"), measures, frozenset())
    assert "Wie geht q?" in said.de
    assert "nicht dabei" in said.de
    assert "9.000 Euro" in said.de


def test_where_no_measure_raises_the_blocking_answer_the_plan_says_that() -> None:
    measures = [measure("cheap", to("r", "4"), cost=10)]
    found = plan(_mean("q", "r"), {"q": "0", "r": "0"}, Goal(target="1"), measures)
    assert "keinen Schritt" in beginning(found, "q", words("Wie geht q?"), measures, frozenset()).de


def test_where_the_step_for_it_was_struck_the_plan_says_that() -> None:
    measures = [measure("dear", to("q", "5"), cost=9_000), measure("cheap", to("r", "4"), cost=10)]
    found = plan(_mean("q", "r"), {"q": "0", "r": "0"}, Goal(target="1"), measures, without=frozenset({"dear"}))
    assert "gestrichen" in beginning(found, "q", words("Wie geht q?"), measures, frozenset({"dear"})).de


def test_where_the_first_step_raises_it_nothing_is_said() -> None:
    measures = [measure("dear", to("q", "5"), cost=9_000)]
    found = plan(_mean("q", "r"), {"q": "0", "r": "0"}, Goal(target="1"), measures)
    assert beginning(found, "q", words("Wie geht q?"), measures, frozenset()).de == ""


def test_a_later_step_that_raises_it_is_named() -> None:
    measures = [measure("dear", to("q", "5"), cost=9_000), measure("cheap", to("r", "4"), cost=10)]
    found = plan(_mean("q", "r"), {"q": "0", "r": "0"}, Goal(target="2"), measures)
    assert "Schritt 2" in beginning(found, "q", words("Wie geht q?"), measures, frozenset()).de


def test_after_a_plan_struck_steps_change_nothing() -> None:
    found, _, given = _own(1, Goal(budget=5_000), without=frozenset(m.id for m in shipped_measures()))
    assert found.steps == ()
    assert after_plan(given, found) == given
