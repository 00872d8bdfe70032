"""One more step: what each answer's next better answer would add to the total, one at a time.

Measured on the tree where missing answers stand at their highest, so that what is not known never hides what is known to hold back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from nordlotse.readiness.core.aggregate import Valued, replaced
from nordlotse.readiness.core.maturity import Leaf
from nordlotse.readiness.core.standing import Standing, State

_ZERO = Fraction(0)

#: Indices from the total down to a part.
Position = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next better answer of one leaf: from `answer` to `to`, points before and after, what dimension and total gain with it alone."""

    leaf: Leaf
    position: Position
    dimension: str
    answer: str | tuple[str, ...] | None
    to: str | tuple[str, ...]
    before: Fraction
    after: Fraction
    dimension_gain: Fraction
    gain: Fraction


def better(leaf: Leaf, answer: str | tuple[str, ...] | None) -> tuple[str | tuple[str, ...], Fraction] | None:
    """Return the next better answer and its points: the next stage up, or one more tick (the one worth most); None at the top.

    No answer counts as the lowest.
    """
    if not leaf.several:
        now = leaf.low if answer is None else leaf.scores[str(answer)]
        above = [(points, name) for name, points in leaf.scores.items() if points > now]
        if not above:
            return None
        points = min(points for points, _ in above)
        return next(name for worth, name in above if worth == points), points
    ticked = set() if answer is None or isinstance(answer, str) else set(answer)
    now = sum((leaf.scores.get(name, _ZERO) for name in ticked), _ZERO)
    free = [(points, name) for name, points in leaf.scores.items() if points > 0 and name not in ticked]
    if not free or (leaf.cap is not None and now >= leaf.cap):
        return None
    most = max(points for points, _ in free)
    added = next(name for points, name in free if points == most)
    kept = ticked - leaf.exclusive
    raised = now + most if leaf.cap is None else min(now + most, leaf.cap)
    return tuple(name for name in leaf.scores if name in kept or name == added), raised


def positions(tree: Valued, position: Position = ()) -> Iterator[tuple[Position, Valued]]:
    """Yield every leaf of a tree with its position."""
    if isinstance(tree.part, Leaf):
        yield position, tree
        return
    for index, child in enumerate(tree.children):
        yield from positions(child, (*position, index))


def next_steps(tree: Valued, standings: Mapping[str, Standing], zero: bool = False) -> Iterator[NextStep]:
    """Yield the next step of each leaf that has one, in the model's order.

    Leaves that do not apply have none; missing ones only where the model counts them as nothing (`zero`).
    """
    for position, found in positions(tree):
        leaf, value = found.part, found.value
        if not isinstance(leaf, Leaf) or value is None:
            continue
        one = standings[leaf.id]
        if one.state is State.NOT_APPLICABLE or (one.state is State.MISSING and not zero):
            continue
        following = better(leaf, one.answer)
        if following is None:
            continue
        to, after = following
        raised = replaced(tree, [(position, after)])
        yield NextStep(
            leaf=leaf,
            position=position,
            dimension=tree.children[position[0]].part.id,
            answer=one.answer,
            to=to,
            before=value,
            after=after,
            dimension_gain=gained(tree.children[position[0]], raised.children[position[0]]),
            gain=gained(tree, raised),
        )


def gained(before: Valued, after: Valued) -> Fraction:
    """Return by how much a part rose."""
    return (after.value or _ZERO) - (before.value or _ZERO)
