"""The search for a plan: the integer programme is asked in the order of preference, each question settled before the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from nordlotse.readiness.core.aggregate import band_of_total, threshold
from nordlotse.readiness.core.fitting import possible
from nordlotse.readiness.core.measure import Goal, Measure
from nordlotse.readiness.core.programme import STEPS, Programme, Row
from nordlotse.readiness.core.prospect import Prospect

#: Binary digits of one search for the first ids: coefficients up to 2^16 stay far inside what the solver tells apart.
_DIGITS = 16


def reach(
    prospect: Prospect, measures: Sequence[Measure], employees: int | None, without: frozenset[str] = frozenset()
) -> Fraction:
    """Return the largest total that five steps can reach at all, whatever they cost."""
    programme = Search(prospect, measures, employees, without).programme
    return programme.exact(programme.most([]))


class Search:
    """Asks the programme in the order of preference."""

    def __init__(
        self, prospect: Prospect, measures: Sequence[Measure], employees: int | None, without: frozenset[str]
    ) -> None:
        """Take what is so today, and of the measures those that fit."""
        self.model = prospect.model
        self.needs = possible(prospect, measures, employees, without)
        self.programme = Programme(prospect, self.needs.measures, self.needs.first)

    def towards(self, goal: Goal, before: Fraction) -> tuple[frozenset[str], str]:
        """Return the chosen ids and the best level within reach, "" where the goal does not ask for more."""
        spend = [] if goal.budget is None else [self.programme.within(likely_cost, goal.budget)]
        if goal.days is not None:
            spend.append(self.programme.within(_half_days, int(2 * goal.days)))
        if not goal.target:
            return self._most(spend), ""
        level = self.model.band(goal.target)
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

        found = ask.least(likely_cost, rows, holds)
        if found is None:
            return None
        rows.append(ask.within(likely_cost, sum(likely_cost(m) for m in ask.chosen(found))))
        while True:
            other = ask.least(_effort, [*rows, ask.without(found)], holds)
            if other is None or self._effort_of(other) > self._effort_of(found):
                return found
            if self._effort_of(other) == self._effort_of(found):
                return self._first(rows, found, holds)
            found = other

    def _effort_of(self, ids: frozenset[str]) -> int:
        return sum(_effort(m) for m in self.programme.chosen(ids))

    def _first(self, rows: list[Row], found: frozenset[str], holds: Callable[[frozenset[str]], bool]) -> frozenset[str]:
        """Among choices equal in cost, days and steps, return the one whose ids come first: settled sixteen measures at a time."""
        ask = self.programme
        rows = [*rows, ask.within(_effort, self._effort_of(found))]
        kept: dict[int, float] = {}
        most, effort = sum(likely_cost(m) for m in ask.chosen(found)), self._effort_of(found)
        able = [m for m in ask.measures if likely_cost(m) <= most and _effort(m) <= effort]
        for start in range(0, len(able), _DIGITS):
            block = able[start : start + _DIGITS]
            value = {m.id: 2 ** (_DIGITS - 1 - place) for place, m in enumerate(block)}
            better = ask.least(lambda m, value=value: -value.get(m.id, 0), rows, holds, kept)  # type: ignore[misc]
            found = found if better is None else better
            kept |= {ask.place[m.id]: float(m.id in found) for m in block}
            if sum(kept.values()) == len(found):
                break
        return found


def likely_cost(measure: Measure) -> int:
    """Return what a measure likely costs, in euros."""
    return measure.cost.likely


def _effort(measure: Measure) -> int:
    """Days of own work first, then steps: one step weighs less than half a day as long as there are at most five."""
    return _half_days(measure) * (STEPS + 1) + 1


def _half_days(measure: Measure) -> int:
    """The likely days of own work in halves: the programme counts in whole numbers."""
    return int(2 * measure.days[1])
