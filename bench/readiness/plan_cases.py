"""Random models, answers and measures, and every plan tried one by one in exact fractions: what the programme is held against.

The counting here is written a second time on purpose and shares nothing with the programme: subsets of at most five measures, the
answers after them, the tree, and the first by (goal, cost, days, steps, ids).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from random import Random

from nordlotse.foundation.language import Text
from nordlotse.readiness.core.maturity import Band, Leaf, MaturityModel, Node
from nordlotse.readiness.core.measure import Cost, Goal, Measure, Raise

_STAGES = ("0", "1", "2", "3", "4", "5")
_TICKS = ("a", "b", "c", "d", "e", "f")


@dataclass(frozen=True, slots=True)
class Case:
    """A question to the planner."""

    model: MaturityModel
    answers: Mapping[str, object]
    measures: tuple[Measure, ...]
    goal: Goal
    employees: int | None
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying everything found: chosen ids, total, cost and days (likely), whether the goal is reached."""

    ids: tuple[str, ...]
    total: Fraction
    cost: int
    days: int
    reached: bool


def words(text: str) -> Text:
    """Return one text for both languages."""
    return Text(text, text)


def measure(
    name: str,
    *raises: Raise,
    cost: int = 100,
    days: int = 1,
    after: tuple[str, ...] = (),
    employees_from: int | None = None,
    employees_to: int | None = None,
) -> Measure:
    """Return a measure with one figure for its cost and days."""
    return Measure(
        id=name,
        title=words(name),
        text=words(name),
        raises=raises,
        days=(days, days, days),
        cost=Cost(cost, cost, cost, words("test"), date(2026, 11, 23)),
        after=after,
        employees_from=employees_from,
        employees_to=employees_to,
    )


def to(question: str, choice: str) -> Raise:
    """Return the raise of one choice."""
    return Raise(question, choice, (), words(""))


def ticks(question: str, *choices: str) -> Raise:
    """Return the raise that ticks choices."""
    return Raise(question, "", choices, words(""))


def model_of(
    root: Node, bands: Sequence[Fraction | int], *, rounding: str = "none", zero: bool = False
) -> MaturityModel:
    """Return a model around a tree with levels from these totals."""
    nothing = words("")
    return MaturityModel(
        id="random",
        version="1",
        title=words("random"),
        root=root,
        bands=tuple(Band(str(n), n, Fraction(lower), words(f"level {n}")) for n, lower in enumerate(bands)),
        dimension_bands=(Band("0", 0, Fraction(0), words("level 0")),),
        top=Fraction(100),
        unit="points",
        rounding="half_up" if rounding == "half_up" else "none",
        missing="undetermined_with_bounds",
        not_applicable="zero" if zero else "skip",
        minutes=1,
        about=nothing,
        limits=nothing,
        attribution=nothing,
        sources=(),
        published=(),
        hash="",
    )


def single(name: str, question: str, points: Sequence[Fraction | int], weight: int = 1) -> Leaf:
    """Return a leaf of one choice whose stages "0", "1" … give these points."""
    scores = {stage: Fraction(p) for stage, p in zip(_STAGES, points, strict=False)}
    return Leaf(name, question, scores, False, min(scores.values()), max(scores.values()), weight=Fraction(weight))


def several(name: str, question: str, points: Sequence[Fraction | int], cap: Fraction | None, weight: int = 1) -> Leaf:
    """Return a leaf of several choices "a", "b" … with these points each."""
    scores = {tick: Fraction(p) for tick, p in zip(_TICKS, points, strict=False)}
    high = sum(scores.values(), Fraction(0))
    return Leaf(
        name, question, scores, True, Fraction(0), high if cap is None else min(cap, high), cap, Fraction(weight)
    )


# -- random cases --------------------------------------------------------------------------------------------------------


class _Random:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.singles: dict[str, int] = {}
        self.severals: dict[str, int] = {}

    def leaf(self, name: str) -> Leaf:
        r = self.random
        weight = r.randint(1, 30)
        if r.random() < 0.3:
            old = [q for q in self.severals if r.random() < 0.15]
            question = old[0] if old else f"s{len(self.severals)}"
            count = self.severals.setdefault(question, r.randint(2, 6))
            points = [Fraction(r.choice([0, 1, 1, 2, 5]), r.choice([1, 3, 7, 10])) for _ in range(count)]
            whole = sum(points, Fraction(0))
            return several(
                name, question, points, whole * Fraction(r.randint(4, 9), 10) if r.random() < 0.4 else None, weight
            )
        old = [q for q in self.singles if r.random() < 0.15]
        question = old[0] if old else f"q{len(self.singles)}"
        count = self.singles.setdefault(question, r.randint(2, 6))
        if r.random() < 0.5:
            return single(name, question, range(count), weight)
        points = sorted(Fraction(r.randint(0, 20), r.choice([1, 3, 4, 7])) for _ in range(count))
        return single(name, question, points, weight)

    def node(self, name: str, depth: int) -> Node:
        r = self.random
        children = tuple(
            self.node(f"{name}.{n}", depth - 1) if depth and r.random() < 0.6 else self.leaf(f"{name}.{n}")
            for n in range(r.randint(1, 4))
        )
        aggregate = r.choice(["mean", "weighted_mean", "sum", "min", "min"])
        scale = r.choice([Fraction(1), Fraction(1), Fraction(10, 3), Fraction(1, 2)])
        cap = Fraction(r.randint(2, 12)) if r.random() < 0.2 else None
        return Node(name, words(name), aggregate, children, Fraction(r.randint(1, 30)), scale, cap)  # type: ignore[arg-type]

    def answers(self) -> dict[str, object]:
        r, given = self.random, dict[str, object]()
        for question, count in self.singles.items():
            dice = r.random()
            if dice < 0.8:
                given[question] = _STAGES[min(int(r.expovariate(1.2)), count - 1)]
            elif dice < 0.9:
                given[question] = r.choice(["dont_know", "not_applicable"])
        for question, count in self.severals.items():
            if r.random() < 0.85:
                given[question] = [tick for tick in _TICKS[:count] if r.random() < 0.3]
        return given

    def raised(self) -> Raise:
        r = self.random
        pool = [*self.singles, *self.severals, "elsewhere"]
        question = r.choice(pool)
        if question in self.severals:
            return ticks(question, *r.sample(_TICKS[: self.severals[question]], r.randint(1, 2)))
        return to(question, _STAGES[r.randint(1, max(self.singles.get(question, 3) - 1, 1))])

    def measures(self, count: int) -> tuple[Measure, ...]:
        r, made = self.random, list[Measure]()
        for n in range(count):
            raises = {one.question: one for one in (self.raised() for _ in range(r.choice([1, 1, 1, 2, 3])))}
            first = tuple(m.id for m in made if r.random() < 0.4 / count)
            made.append(
                measure(
                    f"m{r.randint(0, 9)}{n:03d}",
                    *raises.values(),
                    cost=r.choice([0, 500, 500, 1000, 2000, r.randint(0, 20000)]),
                    days=r.randint(0, 12),
                    after=first,
                    employees_from=10 if r.random() < 0.05 else None,
                    employees_to=49 if r.random() < 0.05 else None,
                )
            )
        r.shuffle(made)
        return tuple(made)


def random_case(seed: int, most: int) -> Case:
    """Return a random question with at most so many measures."""
    made = _Random(seed)
    r = made.random
    root = made.node("t", r.randint(1, 2))
    answers, hidden = made.answers(), frozenset(q for q in made.singles if r.random() < 0.05)
    top = max(float(value(root, full(root), frozenset(), False) or 0), 1.0)
    half = r.random() < 0.5
    bands = sorted({Fraction(0), *(Fraction(round(top * k / 6, 0 if half else 1)) for k in range(1, 6))})
    model = model_of(root, bands, rounding="half_up" if half else "none", zero=r.random() < 0.3)
    measures = made.measures(r.randint(1, most))
    dice = r.random()
    target = r.choice(model.bands[1:]).key if dice < 0.6 and len(model.bands) > 1 else ""
    budget = r.choice([0, 500, 1500, 4000, 20000, r.randint(0, 30000)]) if not target or dice > 0.45 else None
    return Case(model, answers, measures, Goal(target, budget), r.choice([None, 5, 30, 120]), hidden)


def full(root: Node) -> dict[str, object]:
    """Return the highest answers to everything."""
    result: dict[str, object] = {}
    for leaf in _leaves(root):
        result[leaf.question] = (
            tuple(leaf.scores) if leaf.several else max(leaf.scores, key=lambda c: (leaf.scores[c], c))
        )
    return result


def with_many(seed: int, count: int) -> Case:
    """Return a random question with exactly so many measures."""
    case = random_case(seed, 5)
    made = _Random(seed)
    for leaf in _leaves(case.model.root):
        (made.severals if leaf.several else made.singles)[leaf.question] = len(leaf.scores)
    return replace(case, measures=made.measures(count))


# -- trying everything ---------------------------------------------------------------------------------------------------


def _leaves(part: Node | Leaf) -> list[Leaf]:
    return [part] if isinstance(part, Leaf) else [leaf for child in part.children for leaf in _leaves(child)]


def value(part: Node | Leaf, answers: Mapping[str, object], fixed: frozenset[str], zero: bool) -> Fraction | None:
    """Return the exact value of a part, counted without the room's own code."""
    if isinstance(part, Leaf):
        if part.question in fixed:
            return part.low if zero else None
        given = answers.get(part.question)
        if part.several:
            points = sum((part.scores.get(c, Fraction(0)) for c in given or ()), Fraction(0))  # type: ignore[attr-defined]
            return points if part.cap is None else min(points, part.cap)
        return part.scores.get(str(given), part.low)
    have = [(c.weight, v) for c in part.children if (v := value(c, answers, fixed, zero)) is not None]
    if not have:
        return None
    if part.aggregate == "min":
        result = min(v for _, v in have)
    elif part.aggregate == "weighted_mean":
        result = sum((w * v for w, v in have), Fraction(0)) / sum(w for w, _ in have)
    else:
        result = sum((v for _, v in have), Fraction(0)) / (len(have) if part.aggregate == "mean" else 1)
    result *= part.scale
    return result if part.cap is None else min(result, part.cap)


def try_everything(case: Case) -> Tried:
    """Return the best plan by trying every set of at most five measures."""
    model = case.model
    fixed = case.hidden | {q for q, a in case.answers.items() if a == "not_applicable"}
    known = {
        q: tuple(a) if isinstance(a, list) else a  # type: ignore[misc]
        for q, a in case.answers.items()
        if q not in fixed and a != "dont_know"
    }
    stages: dict[str, list[str]] = {}
    for leaf in _leaves(model.root):
        if not leaf.several:
            stages.setdefault(leaf.question, sorted(leaf.scores))

    def rank(question: str, choice: object) -> tuple[Fraction, ...]:
        leaves = [leaf for leaf in _leaves(model.root) if leaf.question == question]
        if choice not in stages.get(question, ()):
            choice = min(
                stages[question],
                key=lambda c: [sum(leaf.scores[c] for leaf in leaves), *(leaf.scores[c] for leaf in leaves)],
            )  # type: ignore[misc]
        points = [leaf.scores[choice] for leaf in leaves]  # type: ignore[index]
        return (sum(points, Fraction(0)), *points)

    def done(answers: dict[str, object], one: Measure) -> dict[str, object]:
        result = dict(answers)
        for raised in one.raises:
            if raised.question in fixed:
                continue
            now = result.get(raised.question)
            if raised.adds:
                result[raised.question] = tuple(dict.fromkeys([*(now or ()), *raised.adds]))  # type: ignore[misc]
            elif raised.question not in stages or rank(raised.question, raised.to) > rank(raised.question, now):
                result[raised.question] = raised.to
        return result

    def total(answers: Mapping[str, object]) -> Fraction:
        return value(model.root, answers, fixed, model.not_applicable == "zero") or Fraction(0)

    def level(points: Fraction) -> int:
        counted = Fraction((points + Fraction(1, 2)).__floor__()) if model.rounding == "half_up" else points
        return max((b.number for b in model.bands if counted >= b.lower), default=0)

    def fits(one: Measure) -> bool:
        size = case.employees
        return size is None or (one.employees_from or 0) <= size <= (one.employees_to or size)

    by_id = {m.id: m for m in case.measures}
    changing = {m.id for m in case.measures if done(known, m) != known}
    met = {
        m.id
        for m in case.measures
        if m.raises[0].question not in fixed and done(known, replace(m, raises=m.raises[:1])) == known
    }
    usable = sorted(m.id for m in case.measures if fits(m) and m.id in changing)
    found: list[tuple[Fraction, int, int, int, tuple[str, ...]]] = []
    for size in range(6):
        for ids in itertools.combinations(usable, size):
            inside = set(ids)
            if any(p not in inside and p not in met for name in ids for p in by_id[name].after):
                continue
            cost = sum(by_id[name].cost.likely for name in ids)
            if case.goal.budget is not None and cost > case.goal.budget:
                continue
            answers = known
            for name in ids:
                answers = done(answers, by_id[name])
            found.append((total(answers), cost, sum(by_id[name].days[1] for name in ids), size, ids))
    most = max(one[0] for one in found)
    today = level(total(known))
    wanted = next((b.number for b in model.bands if b.key == case.goal.target), None)
    reached = wanted is None or level(most) >= wanted
    if wanted is None or (not reached and level(most) == today):
        good = [one for one in found if one[0] == most]
    else:
        good = [one for one in found if level(one[0]) >= (wanted if reached else level(most))]
    best = min(good, key=lambda one: one[1:])
    return Tried(best[4], best[0], best[1], best[2], reached)
