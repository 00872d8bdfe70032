"""What a level takes that five steps do not reach: at least so many steps, in rounds of five, and what they cost then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.foundation.records import euros
from nordlotse.readiness.core.aggregate import threshold
from nordlotse.readiness.core.fitting import possible
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.measure import Answers, Measure
from nordlotse.readiness.core.programme import STEPS, Programme
from nordlotse.readiness.core.prospect import Prospect
from nordlotse.readiness.core.search import likely_cost


@dataclass(frozen=True, slots=True)
class Price:
    """What a level takes at least: `steps`, and the likely euros of the cheapest way with so few steps."""

    steps: int
    cost: int

    @property
    def rounds(self) -> int:
        """Return how many plans of five steps that makes."""
        return -(-self.steps // STEPS)

    @property
    def sentence(self) -> Text:
        """Say it: no promise, for the next rounds are planned anew."""
        rounds_de = "einer Runde" if self.rounds == 1 else f"{self.rounds} Runden zu höchstens fünf"
        rounds_en = "one round" if self.rounds == 1 else f"{self.rounds} rounds of at most five"
        money = Text(euros(self.cost, "de"), euros(self.cost, "en"))
        return Text(
            f"Dorthin kommen Sie erst mit etwa {self.steps} Schritten, also in {rounds_de}, und mit etwa {money.de}.",
            f"It takes about {self.steps} steps, that is {rounds_en}, and about {money.en}.",
        )


def price_of(
    model: MaturityModel,
    answers: Answers,
    target: str,
    measures: Sequence[Measure],
    *,
    employees: int | None = None,
    hidden: frozenset[str] = frozenset(),
    form: Form | None = None,
    without: frozenset[str] = frozenset(),
) -> Price | None:
    """Return what the level `target` takes, None if all measures together do not reach it. Arguments as those of `planning.plan`.

    First the fewest steps, then the least likely cost with so many.
    """
    band = next((b for b in model.bands if b.key == target), None)
    if band is None:
        return None
    prospect = Prospect(model, answers, form, hidden)
    needs = possible(prospect, measures, employees, without)
    ask = Programme(prospect, needs.measures, needs.first, steps=len(needs.measures))
    need = threshold(model, band)
    if ask.exact([m.id for m in needs.measures]) < need:
        return None
    rows = [ask.at_least(need)]

    def holds(ids: frozenset[str]) -> bool:
        return ask.exact(ids) >= need

    fewest = ask.least(_one, rows, holds)
    if fewest is None:
        return None
    ask.cuts.clear()
    cheapest = ask.least(likely_cost, [*rows, ask.within(_one, len(fewest))], holds) or fewest
    return Price(len(fewest), sum(m.cost.likely for m in ask.chosen(cheapest)))


def _one(measure: Measure) -> int:
    return 1
