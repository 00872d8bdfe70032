"""Answers become a score: points of each leaf, the tree's values with bounds, levels, what blocks, and where each point comes from.

A missing answer is never guessed: with the rule `undetermined_with_bounds` the tree is computed twice, once with the lowest and once
with the highest points that the answer could give. Every rule of a tree only rises with its parts, so those two are the bounds, and
both are reached: they hold every way to answer what is missing that keeps the answers given. What is irrelevant (`hidden`) is empty before anything is calculated and counts as not applicable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE
from nordlotse.readiness.core.aggregate import (
    Valued,
    band_of_dimension,
    band_of_total,
    valued,
)
from nordlotse.readiness.core.blocking import blocking
from nordlotse.readiness.core.explaining import rule_of
from nordlotse.readiness.core.maturity import Band, Leaf, MaturityModel
from nordlotse.readiness.core.score import PartScore, Point, Score
from nordlotse.readiness.core.standing import Standing, State
from nordlotse.readiness.core.steps import NextStep, next_steps

_ZERO = Fraction(0)


def score(model: MaturityModel, answers: Mapping[str, object], hidden: frozenset[str] = frozenset()) -> Score:
    """Return the score of one answer set; `hidden` are questions that were not asked because they do not apply.

    Values are exact fractions. An answer the model does not know leaves its leaf undetermined, never at 0.
    """
    standings = {leaf.id: standing(model, leaf, answers, hidden) for leaf in model.leaves()}
    lower = valued(model.root, lambda leaf: standings[leaf.id].low)
    known = all(one.low == one.high for one in standings.values())
    upper = lower if known else valued(model.root, lambda leaf: standings[leaf.id].high)
    total = _part(model, lower, upper, valued(model.root, lambda leaf: leaf.high), depth=0)
    return Score(
        model=model.id,
        version=model.version,
        hash=model.hash,
        dimensions=total.children,
        total=total,
        next_band=_next(model, total),
        blocking=blocking(model, upper, standings, total.lower) if total.applies else (),
        trace=tuple(_trace(model, lower, standings, answers)),
        answered=sum(1 for one in standings.values() if one.state is State.ANSWERED),
        asked=sum(1 for one in standings.values() if one.state is not State.NOT_APPLICABLE),
    )


def steps(
    model: MaturityModel, answers: Mapping[str, object], hidden: frozenset[str] = frozenset()
) -> tuple[NextStep, ...]:
    """Return what each answer's next better one would add, one at a time, in the model's order."""
    standings = {leaf.id: standing(model, leaf, answers, hidden) for leaf in model.leaves()}
    upper = valued(model.root, lambda leaf: standings[leaf.id].high)
    return tuple(next_steps(upper, standings, zero=model.missing == "zero"))


def standing(model: MaturityModel, leaf: Leaf, answers: Mapping[str, object], hidden: frozenset[str]) -> Standing:
    """Return what is known of one leaf: its state, the answer, and the lowest and highest points it can have (None: left out)."""
    given = answers.get(leaf.question)
    if leaf.question in hidden or given == NOT_APPLICABLE:
        left = None if model.not_applicable == "skip" else leaf.low
        return Standing(State.NOT_APPLICABLE, None, left, left)
    answer = _answer(leaf, given)
    if answer is None:
        if model.missing == "skip":
            return Standing(State.MISSING, None, None, None)
        return Standing(State.MISSING, None, leaf.low, leaf.low if model.missing == "zero" else leaf.high)
    points = points_of(leaf, answer)
    return Standing(State.ANSWERED, answer, points, points)


def _answer(leaf: Leaf, given: object) -> str | tuple[str, ...] | None:
    """Return the answer as the leaf reads it; None where it is missing, not known, or has no counterpart in the model."""
    if given is None or given == DONT_KNOW:
        return None
    if not leaf.several:
        name = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
        return name if name in leaf.scores else None
    if isinstance(given, str):
        given = given.split()
    if not isinstance(given, list | tuple | set | frozenset):
        return None
    ticked = {str(name) for name in given}
    if ticked & {DONT_KNOW, NOT_APPLICABLE} or (ticked and not ticked & (leaf.scores.keys() | leaf.exclusive)):
        return None
    # “none of these” beside something else is a contradiction: the one that gives nothing counts
    counted = ticked & leaf.exclusive or ticked
    return tuple(name for name in (leaf.choices or leaf.scores) if name in counted)


def points_of(leaf: Leaf, answer: str | tuple[str, ...]) -> Fraction:
    """Return the points of an answer, at most the leaf's cap."""
    if isinstance(answer, str):
        points = leaf.scores[answer]
    else:
        points = sum((leaf.scores.get(name, _ZERO) for name in answer), _ZERO)
    return points if leaf.cap is None else min(points, leaf.cap)


def _part(model: MaturityModel, lower: Valued, upper: Valued, full: Valued, depth: int) -> PartScore:
    children = tuple(
        _part(model, low, high, most, depth + 1)
        for low, high, most in zip(lower.children, upper.children, full.children, strict=True)
    )
    part, top = lower.part, full.value or _ZERO
    if lower.value is None or upper.value is None:
        return PartScore(part.id, part.label, None, _ZERO, top, None, _ZERO, top, children, applies=False)
    band = _band(model, depth, top, lower.value)
    if band is not None and upper.value != lower.value and _band(model, depth, top, upper.value) != band:
        band = None
    return PartScore(
        id=part.id,
        label=part.label,
        value=lower.value if lower.value == upper.value else None,
        lower=lower.value,
        upper=upper.value,
        band=band,
        share=lower.value / top if top else _ZERO,
        top=top,
        children=children,
    )


def _band(model: MaturityModel, depth: int, top: Fraction, value: Fraction) -> Band | None:
    """Return the level of a part; parts of a dimension have one only if they reach as far as the total."""
    if depth == 0:
        return band_of_total(model, value)
    return band_of_dimension(model, value) if depth == 1 or top == model.top else None


def _next(model: MaturityModel, total: PartScore) -> Band | None:
    """Return the level after the one that is certain, None at the top."""
    if not total.applies:
        return None
    reached = band_of_total(model, total.lower).number
    return model.bands[reached + 1] if reached + 1 < len(model.bands) else None


def _said(given: object) -> str | None:
    """Return an answer that is one though it gives no points: not known, or not applicable."""
    return given if isinstance(given, str) and given in (DONT_KNOW, NOT_APPLICABLE) else None


def _trace(
    model: MaturityModel, lower: Valued, standings: Mapping[str, Standing], answers: Mapping[str, object]
) -> Iterator[Point]:
    for leaf, path, share in _shares(lower, (), lower.value or _ZERO):
        one = standings[leaf.id]
        yield Point(
            leaf=leaf.id,
            question=leaf.question,
            path=(*(above.part.id for above in path[1:]), leaf.id),
            answer=one.answer if one.answer is not None else _said(answers.get(leaf.question)),
            state=one.state.value,
            points=one.low if one.state is State.ANSWERED else None,
            low=leaf.low if one.low is None else one.low,
            high=leaf.high if one.high is None else one.high,
            rule=rule_of(model, leaf, one, path, share),
            contribution=share,
        )


def _shares(
    tree: Valued, path: tuple[Valued, ...], amount: Fraction
) -> Iterator[tuple[Leaf, tuple[Valued, ...], Fraction]]:
    """Yield each leaf with what it contributes; the contributions below a part add up to the part's own.

    A mean or sum is shared out in proportion to what each part put in; the lowest value is shared by all that stand at it.
    """
    part = tree.part
    if isinstance(part, Leaf):
        yield part, path, amount
        return
    least = tree.lowest
    inputs = [_ZERO if child.value is None else child.value for child in tree.children]
    if part.aggregate == "min":
        inputs = [Fraction(child.value is not None and child.value == least) for child in tree.children]
    elif part.aggregate == "weighted_mean":
        inputs = [child.part.weight * value for child, value in zip(tree.children, inputs, strict=True)]
    together = sum(inputs, _ZERO)
    for child, put_in in zip(tree.children, inputs, strict=True):
        yield from _shares(child, (*path, tree), amount * put_in / together if together and amount else _ZERO)
