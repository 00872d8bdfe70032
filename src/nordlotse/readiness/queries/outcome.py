"""What comes out of a check, in one place: scores, comparison with what is published, and the plan. Pages, PDF and `journey` ask here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nordlotse.foundation.language import NOTHING, Lang, Text
from nordlotse.foundation.questionnaire.answering import Filled
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.foundation.result import Figure, Result
from nordlotse.readiness import directions
from nordlotse.readiness.core import planned as plans
from nordlotse.readiness.core import shown as results
from nordlotse.readiness.core import telling
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.beginning import beginning
from nordlotse.readiness.core.first_goal import FirstGoal, default_goal
from nordlotse.readiness.core.fitting import possible
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.measure import Goal, Measure, Plan
from nordlotse.readiness.core.measures import shipped_measures
from nordlotse.readiness.core.picture import FONT
from nordlotse.readiness.core.planned import Planned
from nordlotse.readiness.core.planning import plan as cheapest
from nordlotse.readiness.core.prospect import Prospect
from nordlotse.readiness.core.repeated import Repeated
from nordlotse.readiness.core.repeated import repeated as side_by_side
from nordlotse.readiness.core.rounds import Price, price_of
from nordlotse.readiness.core.score import Score
from nordlotse.readiness.core.shown import Shown
from nordlotse.readiness.core.telling import level_name, possible_bands
from nordlotse.readiness.queries import answering
from nordlotse.readiness.queries.checks import RoundOf

#: What the room calls its outcome where results of all rooms stand side by side.
KIND = "readiness_check"
#: So many letters of a summary for a case at most.
_SUMMARY = 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scored answer set. `models` are those asked for, the main one first; `answers` those given to questions asked now; `hidden` do not apply."""

    form: Form
    filled: Filled
    models: Mapping[str, MaturityModel]
    scores: Mapping[str, Score]
    main: str
    answers: Mapping[str, Any]
    hidden: frozenset[str] = frozenset()

    @property
    def employees(self) -> int | None:
        """Return how many people work in the company, None if it was not said."""
        value = self.answers.get("employees")
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None

    @property
    def state(self) -> str:
        """Return the federal state as the journey writes it: HH, SH, MV, or "" for elsewhere or unknown."""
        value = str(self.answers.get("state", ""))
        return value if value in ("HH", "SH", "MV") else ""

    @property
    def answered(self) -> int:
        """Return how many answers count in any of the models."""
        return sum(s.answered for s in self.scores.values())


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan with the scores before and after it. `price`: what a level takes that five steps do not reach; `without`: struck steps."""

    plan: Plan
    before: Score
    after: Score
    price: Price | None = None
    without: frozenset[str] = frozenset()


def outcome(answers: Mapping[str, Any], asked: Sequence[str]) -> Outcome:
    """Return what comes out of these answers in these models, own ones in the version named; those that do not exist are left out."""
    form, chosen = answering.form_of(asked), answering.chosen(asked)
    made = assess({name: value for name, value in answers.items() if name in form.by_name}, chosen, form)
    return Outcome(form, made.filled, chosen, made.scores, next(iter(chosen)), made.filled.answers, made.hidden)


def first_goal(found: Outcome, model: str = "", *, employees: int | None = None) -> FirstGoal | None:
    """Return the goal of somebody who names none: the next level of a model, or an amount where that takes too many steps.

    `employees` instead of what the answers say, if given. None at the top.
    """
    name = model or found.main
    return default_goal(
        found.models[name],
        found.answers,
        shipped_measures(),
        employees=found.employees if employees is None else employees,
        hidden=found.hidden,
        form=found.form,
    )


def first_action(found: Outcome) -> Measure | None:
    """Return what to do first: the cheapest step that raises the answer which holds the main model back most.

    None at the top, where no single answer holds back, and where our list has no step for it that suits the company.
    """
    score = found.scores[found.main]
    block = next((b for b in score.blocking if not b.dimension), None)
    if block is None or score.next_band is None:
        return None
    prospect = Prospect(found.models[found.main], found.answers, found.form, found.hidden)
    raising = [
        m
        for m in possible(prospect, shipped_measures(), found.employees).measures
        if any(r.question == block.question and prospect.changed(prospect.today, r) is not None for r in m.raises)
    ]
    return min(raising, key=lambda m: (m.cost.likely, m.days[1], m.id), default=None)


def next_goal(found: Outcome, model: str = "") -> Goal | None:
    """Return the first goal alone."""
    first = first_goal(found, model)
    return first.goal if first else None


def plan(
    found: Outcome, goal: Goal, model: str = "", *, employees: int | None = None, without: Sequence[str] = ()
) -> Planning:
    """Return the cheapest plan to a goal; `employees` instead of what the answers say, if given; `without` steps struck out.

    Raises:
        BadInput: the goal names a level that is none, or a budget below 0.
    """
    name = model or found.main
    tree = found.models[name]
    made = cheapest(
        tree,
        found.answers,
        goal,
        shipped_measures(),
        employees=found.employees if employees is None else employees,
        hidden=found.hidden,
        form=found.form,
        without=frozenset(without),
    )
    after = assess(plans.after_plan(found.answers, made), {name: tree}, found.form).scores[name]
    away = (
        None
        if made.reached or goal.budget is not None or goal.days is not None
        else price(found, goal.target, name, employees, without)
    )
    return Planning(made, found.scores[name], after, away, frozenset(without))


def price(
    found: Outcome, target: str, model: str, employees: int | None = None, without: Sequence[str] = ()
) -> Price | None:
    """Return what a level takes at least, in steps and euros, without the limit of five; None where our list does not reach it."""
    return price_of(
        found.models[model],
        found.answers,
        target,
        shipped_measures(),
        employees=found.employees if employees is None else employees,
        hidden=found.hidden,
        form=found.form,
        without=frozenset(without),
    )


def shown(found: Outcome, lang: Lang, *, font: str = FONT, ground: bool = False) -> tuple[Shown, ...]:
    """Return every model's result in one language, the main one first."""
    return tuple(
        results.shown(model, found.scores[name], found.form, lang, font=font, ground=ground)
        for name, model in found.models.items()
    )


def planned(found: Outcome, made: Planning, lang: Lang, *, font: str = FONT, ground: bool = False) -> Planned:
    """Return a plan in one language."""
    model = found.models[made.plan.model]
    told = plans.planned(
        made.plan, model, made.before, made.after, found.form, lang, font=font, ground=ground, price=made.price
    )
    steps = tuple(replace(step, source=directions.titled(step.source, lang)) for step in told.steps)
    return replace(told, begins=_begins(found, made).get(lang), steps=steps)


def _begins(found: Outcome, made: Planning) -> Text:
    """Return why the plan begins elsewhere than at what blocks most in the result."""
    block = next((b for b in made.before.blocking if not b.dimension), None)
    if block is None or made.before.next_band is None:
        return NOTHING
    words = telling.question_words(found.form, block.question)
    return beginning(made.plan, block.question, words, shipped_measures(), made.without)


def title(found: Outcome, lang: Lang) -> str:
    """Return what the outcome is called in a list: the check and the level of the main model."""
    bands = possible_bands(found.models[found.main], found.scores[found.main].total, total=True)
    return f"{'Reifegrad-Check' if lang == 'de' else 'Readiness check'}: {level_name(bands).get(lang)}"


def as_result(found: Outcome, lang: Lang, *, reference: str = "") -> Result:
    """Return the outcome as a result of the house: for a case, a talk, a file. `reference` is the kept check's address."""
    told = shown(found, lang, ground=True)
    main = told[0]
    block = main.first
    first = "Zuerst" if lang == "de" else "First"
    said = [
        f"{main.title}: {main.number}, {main.level}.",
        main.open,
        f"{first}: {block.question} {block.reason}" if block else "",
    ]
    return Result(
        kind=KIND,
        lang=lang,
        title=title(found, lang),
        summary=" ".join(filter(None, said))[:_SUMMARY],
        reference=reference,
        figures=_figures(told),
        sources=tuple(_sources(told)),
        picture=main.bars,
        picture_text=main.sentence,
    )


def _figures(told: Sequence[Shown]) -> tuple[Figure, ...]:
    totals = [Figure(s.title, f"{s.number}: {s.value} ({s.unit})", s.attribution) for s in told]
    return (*totals, *(Figure(line.label, line.value, told[0].title) for line in told[0].lines))


def _sources(told: Sequence[Shown]) -> list[str]:
    found = [", ".join(p for p in (s.title, s.publisher, str(s.year or "")) if p) for t in told for s in t.sources]
    return list(dict.fromkeys(found))


def repeated(rounds: Sequence[RoundOf], asked: Sequence[str], lang: Lang) -> tuple[Repeated, ...]:
    """Return the rounds of a check side by side, one value per model; all are scored by the rules of today."""
    named = "{}. Durchgang" if lang == "de" else "round {}"
    made = [(named.format(r.number + 1), outcome(r.answers, asked)) for r in rounds]
    newest = made[-1][1]
    return tuple(
        side_by_side(model, [(label, found.scores[name]) for label, found in made], newest.form, lang)
        for name, model in newest.models.items()
    )
