"""The cheapest plan that reaches a level, or the most progress within a budget: at most five steps, proven.

Order of preference, each settled before the next: what the goal asks for; least likely cost; fewest days of own work; fewest
steps; the ids of the measures in the order of the alphabet. So equal questions get equal plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Form
from nordlotse.readiness.core.aggregate import band_of_total, threshold
from nordlotse.readiness.core.maturity import Band, MaturityModel
from nordlotse.readiness.core.measure import Answers, Goal, Measure, Plan, Step
from nordlotse.readiness.core.programme import STEPS, Programme, Row
from nordlotse.readiness.core.prospect import Prospect
from nordlotse.readiness.core.reasons import Change, reason

#: Binary digits of one search for the first ids: coefficients up to 2^16 stay far inside what the solver tells apart.
_DIGITS = 16


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
    search = _Search(prospect, measures, employees, without)
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
        reached=not goal.target or band_of_total(model, after).number >= _band(model, goal.target).number,
        optimal=search.programme.proven,
        unknown=prospect.unknown,
        best=best,
    )


def reach(
    prospect: Prospect, measures: Sequence[Measure], employees: int | None, without: frozenset[str] = frozenset()
) -> Fraction:
    """Return the largest total that five steps can reach at all, whatever they cost."""
    programme = _Search(prospect, measures, employees, without).programme
    return programme.exact(programme.most([]))


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
        _band(model, goal.target)


def _band(model: MaturityModel, key: str) -> Band:
    found = next((b for b in model.bands if b.key == key), None)
    if found is None:
        known = ", ".join(b.key for b in model.bands)
        raise BadInput(
            "level_unknown",
            de=f"Die Stufe „{key}“ gibt es in diesem Modell nicht.",
            en=f"There is no level “{key}” in this model.",
            where=model.id,
            remedy_de=f"Mögliche Stufen: {known}.",
            remedy_en=f"Possible levels: {known}.",
        )
    return found


@dataclass(frozen=True, slots=True)
class _Needs:
    """What may be chosen, and what has to be chosen with it."""

    measures: tuple[Measure, ...]
    first: Mapping[str, tuple[str, ...]]


def possible(
    prospect: Prospect, measures: Sequence[Measure], employees: int | None, without: frozenset[str] = frozenset()
) -> _Needs:
    """Return the measures that fit the company's size, change an answer, and whose prerequisites can be had; those that help this model.

    A measure that only changes answers outside the model is kept where another needs it first.
    """
    known = {m.id: m for m in measures}
    usable = {m.id for m in measures if m.id not in without and _suits(m, employees, prospect) and prospect.changes(m)}
    first = {m.id: tuple(p for p in m.after if p not in known or not prospect.met(known[p])) for m in measures}
    while bad := {name for name in usable if any(p not in usable for p in first[name])}:
        usable -= bad
    wanted = {name for name in usable if any(r.question in prospect.leaves for r in known[name].raises)}
    while more := {p for name in wanted for p in first[name]} - wanted:
        wanted |= more
    wanted -= _needless(prospect, [known[name] for name in sorted(wanted)], first)
    return _Needs(tuple(known[name] for name in sorted(wanted)), {name: first[name] for name in sorted(wanted)})


def _needless(prospect: Prospect, measures: Sequence[Measure], first: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return those that another one beats: it does as much, needs no more before it, and comes first by cost, days, id.

    In every plan the other one could stand in its place (or stands there already), and the plan would come first.
    """
    needed = {p for m in measures for p in first[m.id]}
    does = {m.id: prospect.does(m) for m in measures}
    worth = {m.id: (m.cost.likely, m.days[1], m.id) for m in measures}
    return {
        one.id
        for one in measures
        if one.id not in needed
        and any(
            worth[other.id] < worth[one.id]
            and does[one.id] <= does[other.id]
            and set(first[other.id]) <= set(first[one.id])
            for other in measures
        )
    }


def _fits(measure: Measure, employees: int | None) -> bool:
    if employees is None:
        return True
    return (measure.employees_from or 0) <= employees <= (measure.employees_to or employees)


#: Section C of WZ 2008: manufacturing.
_MAKERS = "C"


def _suits(measure: Measure, employees: int | None, prospect: Prospect) -> bool:
    """Tell whether a measure fits the size and the trade: its sectors name the company's, or it is a maker's step already begun.

    Whoever prints parts goes on whatever the trade; a step for offices and vans is none for a works that has begun otherwise.
    """
    sector = prospect.today.get("sector", "")
    trade = not measure.sectors or not sector or sector in measure.sectors
    trade = trade or (_MAKERS in measure.sectors and prospect.begun(measure))
    return trade and _fits(measure, employees)


def before_all(answers: Answers, measures: Sequence[Measure], *, employees: int | None = None) -> tuple[Measure, ...]:
    """Return the measures to name before any plan: marked `first`, fitting the size, and known to be lacking.

    They are not part of a plan and count nothing. Whoever has not answered, or does not know, is not told that something lacks. Of two
    for the same, the smaller one (by cost, days, id) is named.
    """
    found: dict[tuple[str, ...], Measure] = {}
    for one in sorted(measures, key=lambda m: (m.cost.likely, m.days[1], m.id)):
        main = one.raises[0]
        given = answers.get(main.question)
        ticks = set(given) if isinstance(given, list | tuple) else {DONT_KNOW}
        if one.first and not {DONT_KNOW, NOT_APPLICABLE} & ticks and _fits(one, employees) and set(main.adds) - ticks:
            found.setdefault((main.question, *main.adds), one)
    return tuple(m for m in measures if m in found.values())


class _Search:
    """Asks the programme in the order of preference."""

    def __init__(
        self, prospect: Prospect, measures: Sequence[Measure], employees: int | None, without: frozenset[str]
    ) -> None:
        self.model = prospect.model
        self.needs = possible(prospect, measures, employees, without)
        self.programme = Programme(prospect, self.needs.measures, self.needs.first)

    def towards(self, goal: Goal, before: Fraction) -> tuple[frozenset[str], str]:
        """Return the chosen ids and the best level within reach, "" where the goal does not ask for more."""
        spend = [] if goal.budget is None else [self.programme.within(_cost, goal.budget)]
        if goal.days is not None:
            spend.append(self.programme.within(_half_days, int(2 * goal.days)))
        if not goal.target:
            return self._most(spend), ""
        level = _band(self.model, goal.target)
        need = threshold(self.model, level)
        if before >= need or level == self.model.bands[0]:
            return frozenset(), ""
        found = self._cheapest(need, spend)
        if found is not None:
            return found, ""
        most = self.programme.most(spend)
        best = band_of_total(self.model, self.programme.exact(most))
        if best == band_of_total(self.model, before):
            return self._most(spend, most), best.key
        return self._cheapest(threshold(self.model, best), spend) or most, best.key

    def _most(self, spend: Sequence[Row], found: frozenset[str] | None = None) -> frozenset[str]:
        """Return the cheapest choice with the largest total; `found` may be one with it."""
        found = self.programme.most(spend) if found is None else found
        while True:
            total = self.programme.exact(found)
            cheapest = self._cheapest(total, spend)
            if cheapest is None or self.programme.exact(cheapest) == total:
                return found if cheapest is None else cheapest
            found = cheapest  # the solver had stopped a hair below the largest total

    def _cheapest(self, need: Fraction, spend: Sequence[Row]) -> frozenset[str] | None:
        """Return the first choice by cost, days, steps and ids whose total is at least `need`."""
        ask = self.programme
        ask.cuts.clear()
        rows = [*spend, ask.at_least(need)]

        def holds(ids: frozenset[str]) -> bool:
            return ask.exact(ids) >= need

        found = ask.least(_cost, rows, holds)
        if found is None:
            return None
        rows.append(ask.within(_cost, sum(_cost(m) for m in ask.chosen(found))))
        while True:
            other = ask.least(_effort, [*rows, ask.without(found)], holds)
            if other is None or self._effort_of(other) > self._effort_of(found):
                return found
            if self._effort_of(other) == self._effort_of(found):
                return self._first(rows, found, holds)
            found = other

    def _effort_of(self, ids: frozenset[str]) -> int:
        return sum(_effort(m) for m in self.programme.chosen(ids))

    def _first(self, rows: list[Row], found: frozenset[str], holds: Any) -> frozenset[str]:
        """Among choices equal in cost, days and steps, return the one whose ids come first: settled sixteen measures at a time."""
        ask = self.programme
        rows = [*rows, ask.within(_effort, self._effort_of(found))]
        kept: dict[int, float] = {}
        most, effort = sum(_cost(m) for m in ask.chosen(found)), self._effort_of(found)
        able = [m for m in ask.measures if _cost(m) <= most and _effort(m) <= effort]
        for start in range(0, len(able), _DIGITS):
            block = able[start : start + _DIGITS]
            value = {m.id: 2 ** (_DIGITS - 1 - place) for place, m in enumerate(block)}
            better = ask.least(lambda m, value=value: -value.get(m.id, 0), rows, holds, kept)  # type: ignore[misc]
            found = found if better is None else better
            kept |= {ask.place[m.id]: float(m.id in found) for m in block}
            if sum(kept.values()) == len(found):
                break
        return found


def _cost(measure: Measure) -> int:
    return measure.cost.likely


def _effort(measure: Measure) -> int:
    """Days of own work first, then steps: one step weighs less than half a day as long as there are at most five."""
    return _half_days(measure) * (STEPS + 1) + 1


def _half_days(measure: Measure) -> int:
    """The likely days of own work in halves: the programme counts in whole numbers."""
    return int(2 * measure.days[1])


def _steps(prospect: Prospect, needs: _Needs, chosen: Sequence[Measure], before: Fraction) -> tuple[Step, ...]:
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


def _told(prospect: Prospect, needs: _Needs, order: Sequence[tuple[Measure, Fraction, Fraction]]) -> list[Step]:
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
