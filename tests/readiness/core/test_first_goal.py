"""The goal somebody begins with: the next level while five steps reach it, else what takes furthest for an amount of money."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bench.readiness.plan_cases import measure, to

from nordlotse.foundation.language import Text
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.catalogue import questions, shipped_models
from nordlotse.readiness.core.first_goal import FirstGoal, default_goal, start_euros
from nordlotse.readiness.core.measure import Goal, Measure
from nordlotse.readiness.core.measures import shipped_measures
from nordlotse.readiness.core.planning import plan
from nordlotse.readiness.core.scoring import score
from tests.readiness.core.small_models import FORM, small

LOW: dict[str, object] = {"s1": "0", "s2": "0", "d1": [], "d2": "0"}
BOTH = [measure("first", to("s1", "2")), measure("second", to("s2", "2"))]


def begun(answers: dict[str, object], measures: list[Measure], **named: Any) -> FirstGoal | None:
    return default_goal(small(), answers, measures, form=FORM, **named)


def test_the_next_level_is_the_goal_where_the_steps_reach_it() -> None:
    found = begun(LOW, BOTH)
    assert found == FirstGoal(Goal(target="1"))
    assert found.sentence == Text("", "")


def test_where_no_steps_reach_the_next_level_the_goal_is_an_amount_and_a_sentence_says_why() -> None:
    found = begun(LOW, BOTH[:1])
    assert found is not None and found.beyond is not None
    assert found.goal == Goal(budget=5_000)
    assert found.sentence.de == "Bis zur Stufe „Mitte“ braucht es mehr als 5 Schritte."
    assert found.sentence.en == "The level “Middle” takes more than 5 steps."


def test_the_level_is_sought_whatever_it_costs() -> None:
    dear = [measure("first", to("s1", "2"), cost=90_000), measure("second", to("s2", "2"), cost=90_000)]
    assert begun(LOW, dear) == FirstGoal(Goal(target="1"))


def test_at_the_top_there_is_no_goal() -> None:
    assert begun({"s1": "3", "s2": "3", "d1": ["a", "b", "c"], "d2": "3"}, BOTH) is None


def test_answers_that_are_missing_count_as_lowest_as_in_the_plan() -> None:
    found = begun({"s1": "2"}, BOTH)
    assert found is not None and found.goal.target == "1"


def test_measures_that_do_not_fit_the_company_reach_nothing() -> None:
    large = [replace(one, employees_from=50) for one in BOTH]
    found = begun(LOW, large, employees=4)
    assert found is not None and found.goal == Goal(budget=2_000)


@pytest.mark.parametrize(("employees", "euros"), [(None, 5_000), (1, 2_000), (9, 2_000), (10, 5_000), (400, 5_000)])
def test_a_micro_enterprise_begins_with_less(employees: int | None, euros: int) -> None:
    assert start_euros(employees) == euros


@pytest.mark.parametrize("stage", ["0", "1", "2", "3"])
@pytest.mark.parametrize("name", ["own", "dma", "impuls"])
def test_on_the_shipped_models_the_goal_is_a_level_exactly_if_its_plan_reaches_it(name: str, stage: str) -> None:
    form, model = questions(), shipped_models()[name]
    answers = {q.name: stage for q in form.questions if q.kind.value == "select_one" and q.choice(stage)}
    made = assess(answers, {name: model})
    following = made.scores[name].next_band
    found = default_goal(model, made.filled.answers, shipped_measures(), hidden=made.hidden, form=form)
    assert found is not None and following is not None
    reached = plan(
        model, made.filled.answers, Goal(target=following.key), shipped_measures(), hidden=made.hidden, form=form
    ).reached
    assert (found.goal.target == following.key) is reached
    assert (found.beyond is None) is reached


def test_a_model_that_leaves_out_what_is_missing_begins_its_plan_at_the_score_too() -> None:
    model = small(missing="skip")
    answers: dict[str, object] = {"s1": "2", "d2": "1"}
    found = plan(model, answers, Goal(budget=100), BOTH, form=FORM)
    assert found.before == score(model, answers).total.lower > 1
    assert found.steps == ()
    assert set(found.unknown) == {"s2", "d1"}
