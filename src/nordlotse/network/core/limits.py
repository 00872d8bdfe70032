"""The hard limits: who must not be proposed for what, and which limit says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nordlotse.network.core.values import Expert, Limit, Need

__all__ = ["FREE", "barred", "counted"]

FREE = -1
"""No limit holds; other values are positions in `Limit`."""

_ORDER = tuple(Limit)


def _places(keyed: Iterable[tuple[int, Iterable[str]]]) -> dict[str, list[int]]:
    """Return for every key the positions that carry it."""
    found: dict[str, list[int]] = {}
    for position, keys in keyed:
        for key in keys:
            found.setdefault(key, []).append(position)
    return found


def _open_to(needs: Sequence[str], experts: Sequence[frozenset[str]], all_when_empty: bool) -> NDArray[np.bool_]:
    """Which expert's set holds which need's value, shape (needs, experts)."""
    rows = {value: np.array([value in own or (all_when_empty and not own) for own in experts]) for value in set(needs)}
    return np.array([rows[value] for value in needs], dtype=bool).reshape(len(needs), len(experts))


def barred(needs: Sequence[Need], experts: Sequence[Expert]) -> NDArray[np.int8]:
    """Return the first limit (its place in `Limit`) that keeps each expert from each need, or FREE; int8, (needs, experts).

    An expert bound to states takes no need whose state is unknown.
    """
    shape = (len(needs), len(experts))
    holds = {limit: np.zeros(shape, dtype=bool) for limit in Limit}
    people = {expert.id: j for j, expert in enumerate(experts)}
    conflicts = _places((j, expert.conflicts) for j, expert in enumerate(experts))
    partners = _places((j, (expert.partner,)) for j, expert in enumerate(experts))
    for i, need in enumerate(needs):
        holds[Limit.DECLINED][i, [people[key] for key in need.excluded if key in people]] = True
        if need.company:
            holds[Limit.CONFLICT][i, conflicts.get(need.company, [])] = True
        for partner in need.excluded_partners:
            holds[Limit.CONFLICT][i, partners.get(partner, [])] = True
    neutral = np.array([expert.neutral for expert in experts], dtype=bool)
    wanted = np.array([need.needs_neutral for need in needs], dtype=bool)
    holds[Limit.NEUTRALITY] |= wanted[:, None] & ~neutral[None, :]
    holds[Limit.LANGUAGE] |= ~_open_to([n.language for n in needs], [e.languages for e in experts], False)
    holds[Limit.STATE] |= ~_open_to([n.state for n in needs], [e.states for e in experts], True)
    holds[Limit.LEAVE] |= np.array([e.on_leave for e in experts], dtype=bool)[None, :]
    holds[Limit.CAPACITY] |= np.array([e.capacity_left < 1 for e in experts], dtype=bool)[None, :]
    first = np.full(shape, FREE, dtype=np.int8)
    for place in reversed(range(len(_ORDER))):
        first[holds[_ORDER[place]]] = place
    return first


def counted(row: NDArray[np.int8]) -> Mapping[Limit, int]:
    """Return how many experts each limit excluded from one need, in the order of `Limit`, only those above 0."""
    counts = Counter(int(value) for value in row)
    return {limit: counts[place] for place, limit in enumerate(_ORDER) if counts[place]}
