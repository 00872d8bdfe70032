"""The plan against every other plan, tried one by one in exact fractions by code of its own (bench/readiness/plan_cases.py)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from bench.readiness.plan_cases import Case, random_case, try_everything

from nordlotse.readiness.core.measure import Goal, Plan, Raise
from nordlotse.readiness.core.planning import plan
from nordlotse.readiness.core.scoring import score

_SEEDS = range(200)


def _plan(case: Case) -> Plan:
    return plan(case.model, case.answers, case.goal, case.measures, employees=case.employees, hidden=case.hidden)


@pytest.mark.parametrize("tens", range(0, len(_SEEDS), 20))
def test_no_set_of_five_measures_is_better_than_the_plan(tens: int) -> None:
    for seed in _SEEDS[tens : tens + 20]:
        case = random_case(seed, 12)
        found, best = _plan(case), try_everything(case)
        ids = tuple(sorted(step.measure.id for step in found.steps))
        assert (ids, found.after, found.cost[1], found.days[1], found.reached) == (
            best.ids,
            best.total,
            best.cost,
            best.days,
            best.reached,
        ), seed
        assert found.optimal


def test_more_budget_never_gives_less_progress() -> None:
    for seed in range(1_000, 1_030):
        case = random_case(seed, 12)
        budgets = (0, 400, 1_000, 2_500, 6_000, 15_000, 60_000)
        totals = [_plan(replace(case, goal=Goal(budget=b))).after for b in budgets]
        costs = [_plan(replace(case, goal=Goal(budget=b))).cost[1] for b in budgets]
        assert totals == sorted(totals), seed
        assert all(cost <= budget for cost, budget in zip(costs, budgets, strict=True)), seed


def test_every_prerequisite_comes_before_or_is_met_today() -> None:
    for seed in range(2_000, 2_060):
        case = random_case(seed, 12)
        done: set[str] = set()
        for step in _plan(case).steps:
            for first in step.measure.after:
                needed = next(m for m in case.measures if m.id == first)
                assert first in done or _is_met(case, needed.raises[0]), seed
            done.add(step.measure.id)


def _is_met(case: Case, raised: Raise) -> bool:
    given = case.answers.get(raised.question)
    if raised.question in case.hidden or given == "not_applicable":
        return False
    if raised.adds:
        return isinstance(given, list) and set(raised.adds) <= set(given)
    leaves = [leaf for leaf in case.model.leaves() if leaf.question == raised.question]
    points = [leaf.scores.get(str(given), leaf.low) >= leaf.scores[raised.to] for leaf in leaves]
    return all(points) if leaves else given == raised.to


def test_the_same_question_gets_the_same_plan_in_whatever_order_measures_come() -> None:
    for seed in range(3_000, 3_040):
        case = random_case(seed, 12)
        assert _plan(case) == _plan(replace(case, measures=tuple(reversed(case.measures)))), seed


def test_before_and_after_are_the_scorers_own_lower_bounds() -> None:
    for seed in range(4_000, 4_080):
        case = random_case(seed, 8)
        found = _plan(case)
        answers = dict(case.answers)
        assert score(case.model, answers, case.hidden).total.lower == found.before, seed
        for step in found.steps:
            answers |= {question: after for question, _, after in step.changes}
        assert score(case.model, answers, case.hidden).total.lower == found.after, seed


def test_gains_add_up_to_the_rise_and_no_step_changes_nothing() -> None:
    for seed in range(5_000, 5_080):
        found = _plan(random_case(seed, 12))
        assert sum((step.gain for step in found.steps), Fraction(0)) == found.after - found.before, seed
        assert all(step.changes for step in found.steps), seed
