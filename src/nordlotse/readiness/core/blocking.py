"""What keeps a company from the next level.

The total: the one answer whose next step adds most to it. Where no single step adds anything (several items of a lowest-value
dimension stand at its lowest), the group that adds most per item, named by its first. A dimension by its lowest value: all items
that stand at it, for it rises only when all of them rise (IMPULS report 2015; readiness facts, section 8). Other dimensions: the
answer whose next step adds most to them. A missing answer blocks nothing: it leaves bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.readiness.core.aggregate import Valued, replaced
from nordlotse.readiness.core.explaining import (
    dimension_reason,
    lowest_reason,
    not_applicable_reason,
    total_reason,
)
from nordlotse.readiness.core.maturity import Leaf, MaturityModel, Node
from nordlotse.readiness.core.score import Blocking
from nordlotse.readiness.core.standing import Standing, State
from nordlotse.readiness.core.steps import NextStep, Position, gained, next_steps

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class _Group:
    """The items that together hold a part at its lowest value: their next steps, and what the total gains when all are taken."""

    part: Node
    steps: tuple[NextStep, ...]
    gain: Fraction


def blocking(
    model: MaturityModel, tree: Valued, standings: Mapping[str, Standing], lower: Fraction
) -> tuple[Blocking, ...]:
    """Return what blocks the total (first, with dimension "") and then each dimension that is not at its top.

    `tree` is the one of upper bounds, `lower` the lower bound of the total.
    """
    steps = list(next_steps(tree, standings, zero=model.missing == "zero"))
    by_position = {step.position: step for step in steps}
    found = [_of_total(model, tree, steps, by_position, lower)]
    for index, dimension in enumerate(tree.children):
        found.extend(_of_dimension(tree, dimension, (index,), steps, by_position, standings))
    return tuple(one for one in found if one is not None)


def _of_total(
    model: MaturityModel,
    tree: Valued,
    steps: Sequence[NextStep],
    by_position: Mapping[Position, NextStep],
    lower: Fraction,
) -> Blocking | None:
    best = max(steps, key=lambda step: step.gain, default=None)
    with_it: tuple[NextStep, ...] = ()
    joint = _ZERO
    if best is not None and best.gain == 0:
        groups = [group for group in _groups(tree, (), tree, by_position) if group.gain > 0]
        if groups:
            group = max(groups, key=lambda group: group.gain / len(group.steps))
            best, with_it, joint = group.steps[0], group.steps[1:], group.gain
        else:
            best = None
    if best is None or tree.value is None:
        return None
    ties = [step for step in steps if step is not best and step.gain == best.gain] if not with_it else []
    return _blocking(best, "", total_reason(model, best, with_it, lower, tree.value, joint or best.gain, ties))


def _groups(
    tree: Valued, position: Position, whole: Valued, by_position: Mapping[Position, NextStep]
) -> Iterator[_Group]:
    """Yield for each part that is its lowest item the group of items at it, if every one of them can rise."""
    if isinstance(tree.part, Node) and tree.part.aggregate == "min":
        least = tree.lowest
        steps = [
            _step_below((*position, index), by_position)
            for index, child in enumerate(tree.children)
            if child.value is not None and child.value == least
        ]
        taken = tuple(step for step in steps if step is not None)
        if taken and len(taken) == len(steps):
            raised = replaced(whole, [(step.position, step.after) for step in taken])
            yield _Group(tree.part, taken, gained(whole, raised))
    for index, child in enumerate(tree.children):
        yield from _groups(child, (*position, index), whole, by_position)


def _step_below(position: Position, by_position: Mapping[Position, NextStep]) -> NextStep | None:
    """Return the step of a part: its own, or the one below it that raises most points."""
    below = [step for place, step in by_position.items() if place[: len(position)] == position]
    return max(below, key=lambda step: step.after - step.before, default=None)


def _of_dimension(
    whole: Valued,
    dimension: Valued,
    position: Position,
    steps: Sequence[NextStep],
    by_position: Mapping[Position, NextStep],
    standings: Mapping[str, Standing],
) -> Iterator[Blocking]:
    part = dimension.part
    mine = [step for step in steps if step.position[0] == position[0]]
    if dimension.value is None:
        return
    if not (isinstance(part, Node) and part.aggregate == "min"):
        best = max(mine, key=lambda step: step.dimension_gain, default=None)
        if best is not None and best.dimension_gain > 0:
            yield _blocking(best, part.id, dimension_reason(part, best))
            return
        # no single step helps: somewhere below several items stand at the lowest value together
        for group in list(_groups(dimension, position, whole, by_position))[:1]:
            for one in group.steps:
                others = [other for other in group.steps if other is not one]
                yield _blocking(one, part.id, lowest_reason(group.part, one, others))
        return
    held = [(n, child) for n, child in enumerate(dimension.children) if child.value == dimension.lowest]
    barred = [child.part for _, child in held if _does_not_apply(child, standings) and isinstance(child.part, Leaf)]
    if barred:  # no step of the others can lift it
        for leaf in barred:
            reason = not_applicable_reason(part, leaf)
            yield Blocking(leaf.id, leaf.question, part.id, None, "", _ZERO, reason)
        return
    found = [_step_below((*position, n), by_position) for n, _ in held]
    together = [step for step in found if step is not None]
    for step in together:
        yield _blocking(step, part.id, lowest_reason(part, step, [other for other in together if other is not step]))


def _does_not_apply(found: Valued, standings: Mapping[str, Standing]) -> bool:
    return isinstance(found.part, Leaf) and standings[found.part.id].state is State.NOT_APPLICABLE


def _blocking(step: NextStep, dimension: str, reason: Text) -> Blocking:
    needed = step.to if isinstance(step.to, str) else next(name for name in step.to if name not in (step.answer or ()))
    return Blocking(
        item=step.leaf.id,
        question=step.leaf.question,
        dimension=dimension,
        answer=step.answer,
        needed=needed,
        gain=step.gain,
        reason=reason,
    )
