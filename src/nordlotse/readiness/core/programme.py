"""The integer programme behind a plan: which measures, so that the tree of a model reaches a total or gains the most.

Columns: one binary per measure; per question one column for each answer that can be reached ("at least this one"), per tick one
column, both 1 exactly when a chosen measure brings them; one column for each lowest-of or capped part of the tree, held down by
what it is made of. All rules of a tree let more only give more, so holding such a column down is enough: a plan asks for
as much as possible. Coefficients come from exact fractions; a solution is believed only after its total was counted exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from nordlotse.readiness.core.maturity import Leaf, Node
from nordlotse.readiness.core.measure import Measure, Raise
from nordlotse.readiness.core.prospect import Prospect

#: A plan has at most so many steps (a list longer than a hand is not followed).
STEPS = 5

#: The solver may be wrong by so much (its feasibility tolerance is 1e-6); what it returns is counted anew in fractions.
SLACK = 1e-5

#: Seconds after which the solver stops and the best found so far is taken, as not proven.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Sum:
    """A linear expression over columns, with the range it can take.

    `stages`: where it is one answer, its values in rising order with the column that says "at least this".
    """

    constant: Fraction
    low: Fraction
    high: Fraction
    parts: Mapping[int, Fraction] = field(default_factory=dict)
    stages: tuple[tuple[Fraction, int], ...] = ()

    def times(self, factor: Fraction) -> Sum:
        """Return the expression times a factor of at least 0."""
        return Sum(
            self.constant * factor,
            self.low * factor,
            self.high * factor,
            {c: v * factor for c, v in self.parts.items()},
        )


def _together(sums: Iterable[Sum]) -> Sum:
    constant = low = high = Fraction(0)
    parts: dict[int, Fraction] = {}
    for one in sums:
        constant, low, high = constant + one.constant, low + one.low, high + one.high
        for column, factor in one.parts.items():
            parts[column] = parts.get(column, Fraction(0)) + factor
    return Sum(constant, low, high, parts)


@dataclass(frozen=True, slots=True)
class Row:
    """Columns times factors, between `low` and `high`."""

    factors: Mapping[int, float]
    low: float = -math.inf
    high: float = math.inf


class Programme:
    """The programme for one company's answers, one model and the measures that may be chosen (by id, in order)."""

    def __init__(
        self,
        prospect: Prospect,
        measures: Sequence[Measure],
        needs: Mapping[str, Sequence[str]],
        steps: int = STEPS,
    ) -> None:
        """Set up columns and rows; `needs` names, for each measure, those that have to be chosen with it. At most `steps` of them."""
        self.prospect = prospect
        self.measures = tuple(sorted(measures, key=lambda m: m.id))
        self.place = {m.id: column for column, m in enumerate(self.measures)}
        self.lower: list[float] = [0.0] * len(self.measures)
        self.upper: list[float] = [1.0] * len(self.measures)
        self.rows = [Row(dict.fromkeys(range(len(self.measures)), 1.0), high=steps)] if measures else []
        for name, before in needs.items():
            self.rows += [Row({self.place[name]: 1.0, self.place[first]: -1.0}, high=0.0) for first in before]
        self.cuts: list[Row] = []
        #: 1.0 for columns that must be whole: the measures, and the levels of a lowest-of part (which the solver branches on).
        self.whole: list[float] = [1.0] * len(self.measures)
        self.proven = True
        self._raising: dict[str, list[tuple[int, Raise]]] = {}
        for column, measure in enumerate(self.measures):
            for raised in measure.raises:
                self._raising.setdefault(raised.question, []).append((column, raised))
        self._columns: dict[tuple[str, object], int] = {}
        self.total = self._part(prospect.model.root) or Sum(Fraction(0), Fraction(0), Fraction(0))

    # -- columns -----------------------------------------------------------------------------------------------------

    def _column(self, low: Fraction, high: Fraction, whole: bool = False) -> int:
        self.whole.append(float(whole))
        self.lower.append(float(low))
        self.upper.append(float(high))
        return len(self.lower) - 1

    def _brought(self, key: tuple[str, object], by: Sequence[int], falls: bool) -> int:
        """Return the column that is at most 1, and 0 unless one of these measures is chosen; `falls`: it must not be less, either."""
        if len(by) == 1:
            return by[0]
        if key not in self._columns:
            column = self._columns[key] = self._column(Fraction(0), Fraction(1))
            self.rows.append(Row({column: 1.0} | dict.fromkeys(by, -1.0), high=0.0))
            if falls:
                self.rows += [Row({column: -1.0, one: 1.0}, high=0.0) for one in by]
        return self._columns[key]

    # -- the tree ----------------------------------------------------------------------------------------------------

    def _part(self, part: Node | Leaf, staged: bool = False) -> Sum | None:
        """Return a part of the tree; `staged`: the lowest of it and others counts, so its single values are worth columns."""
        if isinstance(part, Leaf):
            return self._leaf(part, staged)
        found = [(child.weight, self._part(child, part.aggregate == "min")) for child in part.children]
        sums = [(weight, one) for weight, one in found if one is not None]
        if not sums:
            return None
        if part.aggregate == "min":
            result = self._lowest([one for _, one in sums])
        elif part.aggregate == "sum":
            result = _together(one for _, one in sums)
        else:
            weights = [weight if part.aggregate == "weighted_mean" else Fraction(1) for weight, _ in sums]
            whole = sum(weights, Fraction(0)) or Fraction(1)
            result = _together(one.times(w / whole) for w, (_, one) in zip(weights, sums, strict=True))
        return self._capped(result.times(part.scale), part.cap)

    def _capped(self, one: Sum, cap: Fraction | None) -> Sum:
        if cap is None or one.high <= cap:
            return one
        return self._lowest([one, Sum(cap, cap, cap)])

    def _lowest(self, sums: Sequence[Sum]) -> Sum:
        low, high = min(s.low for s in sums), min(s.high for s in sums)
        binding = [s for s in sums if s.low < high]
        if not binding:
            return Sum(high, high, high)
        if len(binding) == 1 and binding[0].high == high:
            return binding[0]
        staged = [one for one in binding if one.stages]
        loose = len(staged) < len(binding)
        result = (
            self._by_stages(staged, low, high, loose)
            if staged
            else Sum(Fraction(0), low, high, {self._column(low, high): Fraction(1)})
        )
        for one in binding:
            if not one.stages:
                factors = {c: float(v) for c, v in result.parts.items()}
                for column, factor in one.parts.items():
                    factors[column] = factors.get(column, 0.0) - float(factor)
                self.rows.append(Row(factors, high=float(one.constant - result.constant)))
        return result

    def _by_stages(self, staged: Sequence[Sum], low: Fraction, high: Fraction, loose: bool) -> Sum:
        """The lowest of several answers, value by value: it is at least v only if every one of them is (this bounds more tightly)."""
        reached = {v for one in staged for v in (one.constant, *(value for value, _ in one.stages))}
        values = sorted({v for v in reached if low < v < high} | {high})
        parts: dict[int, Fraction] = {}
        below, before = low, -1
        for value in values:
            column = self._column(Fraction(0), Fraction(1), whole=not loose)
            parts[column] = value - below
            if before >= 0:
                self.rows.append(Row({column: 1.0, before: -1.0}, high=0.0))
            for one in staged:
                if value > one.constant:
                    first = next(c for v, c in one.stages if v >= value)
                    self.rows.append(Row({column: 1.0, first: -1.0}, high=0.0))
            below, before = value, column
        return Sum(low, low, high, parts)

    def _leaf(self, leaf: Leaf, staged: bool) -> Sum | None:
        fixed = self.prospect.value(leaf, self.prospect.today)
        if fixed is None:
            return None
        raising = self._raising.get(leaf.question, [])
        if leaf.question in self.prospect.fixed or not raising:
            return Sum(fixed, fixed, fixed)
        return self._ticks(leaf, raising, staged) if leaf.several else self._stages(leaf, raising, fixed)

    def _stages(self, leaf: Leaf, raising: Sequence[tuple[int, Raise]], fixed: Fraction) -> Sum:
        """One choice: today's points, and for each answer that can be reached what it gives beyond the one below."""
        ranks = self.prospect.ranks(leaf.question)
        today = self.prospect.today.get(leaf.question)
        now = self.prospect.rank(leaf.question, today if isinstance(today, str) else None) or ()
        reach = {r.to: ranks[r.to] for _, r in raising if r.to in ranks and ranks[r.to] > now}
        parts: dict[int, Fraction] = {}
        stages: list[tuple[Fraction, int]] = []
        low = high = below = fixed
        ordered = [now, *sorted(set(reach.values()))]
        falls = any(less > more for a, b in itertools.pairwise(ordered) for less, more in zip(a, b, strict=True))
        for rank in sorted(set(reach.values())):
            to = next(c for c in reach if reach[c] == rank)
            by = sorted({column for column, r in raising if r.to in reach and reach[r.to] >= rank})
            column = self._brought((leaf.question, rank), by, falls)
            points = leaf.scores.get(to, leaf.low)
            parts[column] = parts.get(column, Fraction(0)) + points - below
            if points > below:
                stages.append((points, column))
            below = points
            low, high = min(low, below), max(high, below)
        return Sum(fixed, low, high, parts, () if falls else tuple(stages))

    def _ticks(self, leaf: Leaf, raising: Sequence[tuple[int, Raise]], staged: bool) -> Sum:
        """Several choices: today's points and those of each further tick, at most the cap."""
        given = self.prospect.today.get(leaf.question, ())
        today = sum((leaf.scores.get(choice, Fraction(0)) for choice in given), Fraction(0))
        bringing: dict[str, set[int]] = {}
        for column, raised in raising:
            for choice in raised.adds:
                if choice not in given and leaf.scores.get(choice):
                    bringing.setdefault(choice, set()).add(column)
        parts: dict[int, Fraction] = {}
        for choice, by in bringing.items():
            column = self._brought((leaf.question, choice), sorted(by), falls=leaf.scores[choice] < 0)
            parts[column] = parts.get(column, Fraction(0)) + leaf.scores[choice]
        low = today + sum((min(v, Fraction(0)) for v in parts.values()), Fraction(0))
        high = today + sum((max(v, Fraction(0)) for v in parts.values()), Fraction(0))
        worth = {leaf.scores[choice] for choice in bringing}
        if staged and len(worth) == 1 and min(worth) > 0:
            return self._counted(today, min(worth), parts, leaf.cap)
        return self._capped(Sum(today, low, high, parts), leaf.cap)

    def _counted(self, today: Fraction, worth: Fraction, ticks: Mapping[int, Fraction], cap: Fraction | None) -> Sum:
        """Ticks of equal worth, counted: a column for each number of further ticks, up to the cap."""
        most = today + sum(ticks.values(), Fraction(0))
        high = most if cap is None else max(min(most, cap), min(today, cap))
        below = today if cap is None else min(today, cap)
        if high <= below:
            return Sum(below, below, below)
        columns: list[int] = []
        low, parts, stages = below, dict[int, Fraction](), list[tuple[Fraction, int]]()
        while below < high:
            value = min(today + (len(columns) + 1) * worth, high)
            column = self._column(Fraction(0), Fraction(1), whole=True)
            if columns:
                self.rows.append(Row({column: 1.0, columns[-1]: -1.0}, high=0.0))
            columns.append(column)
            parts[column] = value - below
            stages.append((value, column))
            below = value
        brought = {column: -float(points / worth) for column, points in ticks.items()}
        self.rows.append(Row(dict.fromkeys(columns, 1.0) | brought, high=0.0))
        return Sum(low, low, high, parts, tuple(stages))

    # -- solving -----------------------------------------------------------------------------------------------------

    def chosen(self, ids: Iterable[str]) -> list[Measure]:
        """Return measures by their ids, in the order of ids."""
        return [self.measures[self.place[name]] for name in sorted(ids)]

    def exact(self, ids: Iterable[str]) -> Fraction:
        """Return the exact total once these measures are done."""
        return self.prospect.total(self.prospect.after(self.prospect.today, self.chosen(ids)))

    def at_least(self, total: Fraction) -> Row:
        """Return the row that asks for a total; a little less is let through and counted exactly afterwards."""
        need = float(total - self.total.constant) - SLACK * max(1.0, abs(float(total)))
        return Row({c: float(v) for c, v in self.total.parts.items()}, low=need)

    def without(self, ids: frozenset[str]) -> Row:
        """Return the row that rules out exactly this choice."""
        return Row({c: (-1.0 if m.id in ids else 1.0) for m, c in self._each()}, low=1.0 - len(ids))

    def within(self, worth: Callable[[Measure], int], most: int) -> Row:
        """Return the row that keeps a whole-numbered sum over the chosen measures at or below `most`."""
        return Row({c: float(worth(m)) for m, c in self._each()}, high=most + 0.5)

    def _each(self) -> Iterable[tuple[Measure, int]]:
        return ((measure, column) for column, measure in enumerate(self.measures))

    def least(
        self,
        worth: Callable[[Measure], int],
        rows: Sequence[Row],
        holds: Callable[[frozenset[str]], bool],
        kept: Mapping[int, float] | None = None,
    ) -> frozenset[str] | None:
        """Return the choice with the smallest whole-numbered sum for which `holds`; None if there is none."""
        aim = {column: float(worth(measure)) for measure, column in self._each()}
        while (found := self._solved(aim, rows, kept or {})) is not None:
            if holds(found):
                return found
            self.cuts.append(self.without(found))
        return None

    def most(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return a choice with the largest total."""
        found = self._solved({c: -float(v) for c, v in self.total.parts.items()}, rows, {})
        return found if found is not None else frozenset()

    def _solved(
        self, aim: Mapping[int, float], rows: Sequence[Row], kept: Mapping[int, float]
    ) -> frozenset[str] | None:
        count = len(self.lower)
        if not self.measures:
            return frozenset() if all(row.low <= 0 <= row.high for row in rows) else None
        cost = np.zeros(count)
        for column, factor in aim.items():
            cost[column] = factor
        lower, upper = np.array(self.lower), np.array(self.upper)
        for column, value in kept.items():
            lower[column] = upper[column] = value
        result = milp(
            cost,
            constraints=_constraint([*self.rows, *self.cuts, *rows], count),
            integrality=np.array(self.whole),
            bounds=Bounds(lower, upper),
            options={"mip_rel_gap": 0.0, "time_limit": PATIENCE},
        )
        self.proven = self.proven and result.status in {0, 2}
        if result.x is None:
            return None
        return frozenset(m.id for m, column in self._each() if result.x[column] > 0.5)


def _constraint(rows: Sequence[Row], count: int) -> LinearConstraint:
    where = [(number, column, factor) for number, row in enumerate(rows) for column, factor in row.factors.items()]
    lines, columns, factors = zip(*where, strict=True) if where else ((), (), ())
    matrix = csr_array((factors, (lines, columns)), shape=(len(rows), count))
    return LinearConstraint(matrix, [row.low for row in rows], [row.high for row in rows])
