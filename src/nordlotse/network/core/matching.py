"""Who is proposed for what: the best few for one need, or one each for many needs at once.

When nobody is left for a need, it is the coordinator's: the outcome is a `Referral` that says why. `ALL_DECLINED`: somebody
could have taken it and everyone said no. `NOBODY`: the other limits leave no one. `ALL_TAKEN`: in a batch, those who could
take it got other cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from nordlotse.foundation.problem import BadInput
from nordlotse.network.core import reason
from nordlotse.network.core.likeness import shared_words
from nordlotse.network.core.limits import FREE, barred, counted
from nordlotse.network.core.scoring import WEIGHTS, Comparison, Weights, compare, free_share, kilometres
from nordlotse.network.core.taxonomy import by_id
from nordlotse.network.core.values import Expert, Limit, Need, Plan, Proposal, Proposed, Referral, Why

__all__ = ["assign", "propose", "slots"]

_ALIKE = 0.3
"""Likeness by vectors from which a profile is called similar to the question."""


def _ordered(needs: Sequence[Need], experts: Sequence[Expert]) -> tuple[list[Need], list[Expert]]:
    """Both by their ids, so that the order in which they come changes nothing, not even between equals."""
    for ids in ([need.id for need in needs], [expert.id for expert in experts]):
        if len(set(ids)) < len(ids):
            raise BadInput(
                "matching_id_twice",
                de="Dieselbe Person oder dieselbe Anfrage steht doppelt in der Liste.",
                en="The same person or need is in the list twice.",
                where=next(key for key in ids if ids.count(key) > 1),
                remedy_de="Bitte jede nur einmal übergeben.",
                remedy_en="Hand over each only once.",
            )
    return sorted(needs, key=lambda need: need.id), sorted(experts, key=lambda expert: expert.id)


def _proposal(need: Need, expert: Expert, at: tuple[int, int], comparison: Comparison, score: float) -> Proposal:
    asked, known = comparison.need_tags[at[0]], comparison.expert_tags[at[1]]
    place = {tag: i for i, tag in enumerate(by_id())}
    shared = tuple(
        sorted(asked.keys() & known.keys(), key=lambda tag: (-asked[tag] * known[tag], place.get(tag, 0), tag))
    )
    words = shared_words(need.text, expert.text)
    parts = {name: round(float(part[at]), 4) for name, part in comparison.parts.items()}
    alike = parts.get("vectors", 0.0) >= _ALIKE
    why = reason.proposed(need, expert, shared, words, alike, kilometres(need, expert))
    return Proposal(need.id, expert.id, round(score, 6), parts, why, shared, words)


def _referral(need: Need, excluded: Mapping[Limit, int], somebody: bool) -> Referral:
    declined = Why.ALL_DECLINED if excluded.get(Limit.DECLINED) else Why.NOBODY
    why = Why.ALL_TAKEN if somebody else declined
    return Referral(need.id, why, excluded, reason.referred(why, excluded))


def propose(need: Need, experts: Sequence[Expert], n: int = 3, weights: Weights = WEIGHTS) -> Proposed:
    """Return the `n` best experts who may take a need, best first, or a referral to the coordinator.

    Raises:
        BadInput: an expert is listed twice.
    """
    _, people = _ordered((), experts)
    row = barred([need], people)
    excluded = counted(row[0])
    allowed = np.flatnonzero(row[0] == FREE)
    if not len(allowed):
        return Proposed(need.id, (), _referral(need, excluded, somebody=False), excluded)
    comparison = compare([need], people, weights)
    best = sorted(allowed.tolist(), key=lambda j: (-comparison.score[0, j], people[j].id))[:n]
    found = tuple(_proposal(need, people[j], (0, j), comparison, float(comparison.score[0, j])) for j in best)
    return Proposed(need.id, found, None, excluded)


def slots(
    comparison: Comparison, bars: NDArray[np.int8], experts: Sequence[Expert], most: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the value of every need in every free place, and whose place it is; one column a place, at most `most` each.

    An expert's second place is worth a little less than the first, so that equal experts share the load. Where a limit
    holds, the value is 0; a permitted pair is always above 0.
    """
    owners = np.array(
        [j for j, expert in enumerate(experts) for _ in range(min(most, max(0, expert.capacity_left)))], dtype=np.intp
    )
    taken: list[int] = []
    for place, owner in enumerate(owners):
        taken.append(taken[-1] + 1 if place and owners[place - 1] == owner else 0)
    room = np.array([free_share(experts[j], k) for j, k in zip(owners, taken, strict=True)], dtype=np.float64)
    value = comparison.fixed[:, owners] + comparison.room * room
    return np.where(bars[:, owners] == FREE, np.maximum(value, 1e-9), 0.0), owners


def assign(needs: Sequence[Need], experts: Sequence[Expert], weights: Weights = WEIGHTS) -> Plan:
    """Give each need at most one expert so that the sum of the scores is as large as can be; nobody beyond capacity.

    Solved exactly as an assignment problem on one column a free place (Jonker and Volgenant 1987, in scipy). Needs that
    nobody is left for come out as referrals. The order of the input changes nothing.

    Raises:
        BadInput: a need or an expert is listed twice.
    """
    asked, people = _ordered(needs, experts)
    if not asked:
        return Plan((), (), 0.0)
    bars = barred(asked, people)
    comparison = compare(asked, people, weights)
    value, owners = slots(comparison, bars, people, len(asked))
    rows, columns = linear_sum_assignment(value, maximize=True)
    given = {int(i): int(c) for i, c in zip(rows, columns, strict=True) if value[i, c] > 0}
    proposals = tuple(
        _proposal(asked[i], people[owners[c]], (i, int(owners[c])), comparison, float(value[i, c]))
        for i, c in sorted(given.items())
    )
    left = tuple(
        _referral(need, counted(bars[i]), somebody=bool((bars[i] == FREE).any()))
        for i, need in enumerate(asked)
        if i not in given
    )
    return Plan(proposals, left, float(sum(value[i, c] for i, c in given.items())))
