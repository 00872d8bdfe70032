"""The goal of somebody who names none: the next level where five steps reach it, else the most progress for an amount of money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core.aggregate import band_of_total, threshold
from nordlotse.readiness.core.maturity import Band, MaturityModel
from nordlotse.readiness.core.measure import Answers, Goal, Measure
from nordlotse.readiness.core.programme import STEPS
from nordlotse.readiness.core.prospect import Prospect
from nordlotse.readiness.core.search import reach

#: Euros to begin with where nobody names an amount: a proposal to move from, no figure of any statistic. Decided 2026-11-23.
EUROS = 5_000
EUROS_MICRO = 2_000
#: A micro enterprise has fewer people than this (Commission Recommendation 2003/361/EC, annex, article 2).
MICRO = 10


@dataclass(frozen=True, slots=True)
class FirstGoal:
    """The goal to begin with. `beyond`: the next level, where it takes more than five steps and the goal therefore is a budget."""

    goal: Goal
    beyond: Band | None = None

    @property
    def sentence(self) -> Text:
        """Say why the goal is a budget; empty where it is the next level."""
        if self.beyond is None:
            return Text("", "")
        level = self.beyond.label
        return Text(
            f"Bis zur Stufe „{level.de}“ braucht es mehr als {STEPS} Schritte.",
            f"The level “{level.en}” takes more than {STEPS} steps.",
        )


def start_euros(employees: int | None) -> int:
    """Return the amount to begin with: less for a micro enterprise, the usual one where the size is not known."""
    return EUROS_MICRO if employees is not None and employees < MICRO else EUROS


def default_goal(
    model: MaturityModel,
    answers: Answers,
    measures: Sequence[Measure],
    *,
    employees: int | None = None,
    hidden: frozenset[str] = frozenset(),
    form: Form | None = None,
) -> FirstGoal | None:
    """Return the goal to begin with, None at the top of the model. Arguments as those of `planning.plan`."""
    prospect = Prospect(model, answers, form, hidden)
    place = band_of_total(model, prospect.total(prospect.today)).number + 1
    if place == len(model.bands):
        return None
    following = model.bands[place]
    if reach(prospect, measures, employees) >= threshold(model, following):
        return FirstGoal(Goal(target=following.key))
    return FirstGoal(Goal(budget=start_euros(employees)), following)
