"""The cheapest plan that reaches a level, or the most progress within a budget: at most five steps, proven.

Order of preference, each settled before the next: what the goal asks for; least likely cost; fewest days of own work; fewest
steps; the ids of the measures in the order of the alphabet. So equal questions get equal plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core.aggregate import band_of_total
from nordlotse.readiness.core.fitting import Needs
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.measure import Answers, Goal, Measure, Plan, Step
from nordlotse.readiness.core.prospect import Prospect
from nordlotse.readiness.core.reasons import Change, reason
from nordlotse.readiness.core.search import Search


def plan(
    model: MaturityModel,
    answers: Answers,
    goal: Goal,
    measures: Sequence[Measure],
    *,
    employees: int | None = None,
    hidden: frozenset[str] = frozenset(),
    form: Form | None = None,
    without: frozenset[str] = frozenset(),
) -> Plan:
    """Return the plan for a goal.

    `answers` is the common answer set; what is not known counts as the lowest answer and is named in `unknown`. `hidden` are
    questions that are not asked (no measure touches them). `form` gives the words of the reasons, and which choices stand alone.
    `without` are ids of measures that do not suit the company: they stay out, and with them what needs them first.
    With a target and a budget, the target is sought within the budget. A target out of reach gives the plan to the best level
    within reach (or, if that is today's, the most progress), `reached` False.

    Raises:
        BadInput: the goal names neither target nor budget, an unknown level, a budget below 0, or days that are no half days.
    """
    _check(model, goal)
    prospect = Prospect(model, answers, form, hidden)
    search = Search(prospect, measures, employees, without)
    before = prospect.total(prospect.today)
    chosen, best = search.towards(goal, before)
    steps = _steps(prospect, search.needs, search.programme.chosen(chosen), before)
    after = search.programme.exact(chosen)
    done = [step.measure for step in steps]
    return Plan(
        model=model.id,
        goal=goal,
        steps=steps,
        cost=(sum(m.cost.low for m in done), sum(m.cost.likely for m in done), sum(m.cost.high for m in done)),
        days=(sum(m.days[0] for m in done), sum(m.days[1] for m in done), sum(m.days[2] for m in done)),
        before=before,
        after=after,
        band_before=band_of_total(model, before).key,
        band_after=band_of_total(model, after).key,
        reached=not goal.target or band_of_total(model, after).number >= model.band(goal.target).number,
        optimal=search.programme.proven,
        unknown=prospect.unknown,
        best=best,
    )


def _check(model: MaturityModel, goal: Goal) -> None:
    if not goal.target and goal.budget is None:
        raise BadInput(
            "goal_missing",
            de="Es fehlt das Ziel: eine Stufe oder ein Budget.",
            en="The goal is missing: a level or a budget.",
            remedy_de="Nennen Sie eine Stufe oder einen Betrag in Euro.",
            remedy_en="Name a level or an amount in euros.",
        )
    if goal.budget is not None and goal.budget < 0:
        raise BadInput(
            "budget_negative",
            de="Ein Budget kann nicht unter 0 Euro liegen.",
            en="A budget cannot be below 0 euros.",
            where=str(goal.budget),
            remedy_de="Nennen Sie einen Betrag ab 0 Euro.",
            remedy_en="Name an amount of at least 0 euros.",
        )
    if goal.days is not None and (goal.days < 0 or (goal.days * 2) % 1):
        raise BadInput(
            "days_wrong",
            de="Die eigene Zeit muss in ganzen oder halben Tagen dastehen.",
            en="Your own time has to be in whole or half days.",
            where=str(goal.days),
            remedy_de="Nennen Sie zum Beispiel 0,5 oder 3 Tage.",
            remedy_en="Name 0.5 or 3 days, for example.",
        )
    if goal.target:
        _check_level(model, goal.target)


def _check_level(model: MaturityModel, key: str) -> None:
    if not any(band.key == key for band in model.bands):
        known = ", ".join(b.key for b in model.bands)
        raise BadInput(
            "level_unknown",
            de=f"Die Stufe „{key}“ gibt es in diesem Modell nicht.",
            en=f"There is no level “{key}” in this model.",
            where=model.id,
            remedy_de=f"Mögliche Stufen: {known}.",
            remedy_en=f"Possible levels: {known}.",
        )


def _steps(prospect: Prospect, needs: Needs, chosen: Sequence[Measure], before: Fraction) -> tuple[Step, ...]:
    """Return the steps in order: prerequisites first, then the largest gain per euro; gains add up to after − before."""
    left, answers, total = list(chosen), prospect.today, before
    order: list[tuple[Measure, Fraction, Fraction]] = []
    while left:
        waiting = {m.id for m in left}
        ready = [m for m in left if not waiting & set(needs.first[m.id])]
        gains = {m.id: prospect.total(prospect.after(answers, [m])) - total for m in ready}
        step = min(ready, key=lambda m: (-gains[m.id] / max(m.cost.likely, 1), m.cost.likely, m.days[1], m.id))
        order.append((step, total, total + gains[step.id]))
        left.remove(step)
        answers, total = prospect.after(answers, [step]), total + gains[step.id]
    return tuple(_told(prospect, needs, order))


def _told(prospect: Prospect, needs: Needs, order: Sequence[tuple[Measure, Fraction, Fraction]]) -> list[Step]:
    steps: list[Step] = []
    answers, earlier = prospect.today, dict[str, int]()
    for number, (measure, total, then) in enumerate(order, start=1):
        after = prospect.after(answers, [measure])
        changes = [
            Change(r, answers.get(r.question), after[r.question], earlier.get(r.question))
            for r in measure.raises
            if after.get(r.question) != answers.get(r.question)
        ]
        later = [(n, m) for n, (m, _, _) in enumerate(order, start=1) if n > number and measure.id in needs.first[m.id]]
        steps.append(
            Step(
                number=number,
                measure=measure,
                changes=tuple((c.raised.question, _shown(prospect, c), c.after) for c in changes),
                reason=reason(prospect, changes, answers, after, then - total, later),
                gain=then - total,
            )
        )
        earlier |= {c.raised.question: number for c in changes}
        answers = after
    return steps


def _shown(prospect: Prospect, change: Change) -> str | tuple[str, ...] | None:
    """Return the answer before a step, None where it is not known."""
    return None if change.step is None and change.raised.question not in prospect.today else change.before


def as_dict(found: Plan, lang: Lang) -> dict[str, Any]:
    """Return a plan as plain JSON values, texts in one language; euros are whole, gains and totals decimal numbers."""
    return {
        "model": found.model,
        "goal": {"target": found.goal.target, "budget_eur": found.goal.budget, "days": found.goal.days},
        "steps": [_step_dict(step, lang) for step in found.steps],
        "total_cost_eur": _range(found.cost),
        "yearly_cost_eur": sum(step.measure.cost.yearly for step in found.steps),
        "days": _range(found.days),
        "reached": found.reached,
        "optimal": found.optimal,
        "before": float(found.before),
        "after": float(found.after),
        "level_before": found.band_before,
        "level_after": found.band_after,
        "unknown": list(found.unknown),
        "best": found.best,
    }


def _step_dict(step: Step, lang: Lang) -> dict[str, Any]:
    measure = step.measure
    return {
        "number": step.number,
        "id": measure.id,
        "title": measure.title.get(lang),
        "text": measure.text.get(lang),
        "changes": [{"question": q, "before": _plain(b), "after": _plain(a)} for q, b, a in step.changes],
        "reason": step.reason.get(lang),
        "days": _range(measure.days),
        "cost_eur": {
            **_range((measure.cost.low, measure.cost.likely, measure.cost.high)),
            "yearly": measure.cost.yearly,
            "source": measure.cost.source.get(lang),
            "decided": measure.cost.decided.isoformat(),
        },
        "gain": float(step.gain),
        "after": list(measure.after),
        "pointers": [{"kind": p.kind, "key": p.key} for p in measure.pointers],
    }


def _plain(answer: str | tuple[str, ...] | None) -> str | list[str] | None:
    return list(answer) if isinstance(answer, tuple) else answer


def _range(values: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("low", "likely", "high"), values, strict=True))
