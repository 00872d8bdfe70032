"""The score of every expert for every need, and what it is made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.districts import by_key, distance_km
from nordlotse.foundation.region import State
from nordlotse.network.core.likeness import Scores, by_vectors, by_words
from nordlotse.network.core.taxonomy import Kind, by_id, suggest
from nordlotse.network.core.values import Expert, Need
from nordlotse.network.core.words import claims

__all__ = ["WEIGHTS", "Comparison", "Weights", "compare", "kilometres", "tags_of"]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts; what has no value (no vectors, no tags) is left out and the rest scaled up."""

    words: float = 0.35
    vectors: float = 0.30
    tags: float = 0.25
    near: float = 0.05
    room: float = 0.05


WEIGHTS = Weights()
"""Chosen on our own development set (bench/data/network/own_*.jsonl), never on the blind one."""

_HALF_KM = 60.0
"""At this distance nearness counts half."""

_KIND_WEIGHT = {Kind.TOPIC: 1.0, Kind.METHOD: 0.8, Kind.SECTOR: 0.4}

_GUESSED = 0.8
"""What a tag found in free text counts beside one a person ticked."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scores of needs (rows) against experts (columns), 0 to 1, with their parts; limits are not looked at here.

    `fixed` is the score without the part for free places, `room` that part's weight: see `of_slot`.
    """

    score: NDArray[np.float64]
    parts: Mapping[str, Scores]
    fixed: NDArray[np.float64]
    room: float
    need_tags: tuple[Mapping[str, float], ...]
    expert_tags: tuple[Mapping[str, float], ...]


def tags_of(given: frozenset[str], text: str) -> dict[str, float]:
    """Return the tags somebody has and how sure: 1 for those ticked, less for those only found in the text.

    A ticked tag that the shipped taxonomy does not have (a coordinator's own) counts as a topic.
    """
    found = {s.tag: _GUESSED * s.strength for s in suggest(text)}
    return found | dict.fromkeys(given, 1.0)


def _rarity(experts: Sequence[Mapping[str, float]], tags: Sequence[str]) -> list[float]:
    """How much it says that somebody has a tag: rarer among the experts says more."""
    seen = Counter(tag for own in experts for tag in own)
    shipped, n = by_id(), len(experts)
    kinds = [shipped[tag].kind if tag in shipped else Kind.TOPIC for tag in tags]
    return [_KIND_WEIGHT[k] * math.log(1 + (n + 0.5) / (seen[tag] + 0.5)) for tag, k in zip(tags, kinds, strict=True)]


def _by_tags(needs: Sequence[Mapping[str, float]], experts: Sequence[Mapping[str, float]]) -> Scores:
    """How much of what a need is about an expert knows: cosine of tags weighed by rarity, so that who ticks all gains little."""
    all_tags = sorted({tag for own in (*needs, *experts) for tag in own} | by_id().keys())
    column = {tag: c for c, tag in enumerate(all_tags)}
    weights = np.array(_rarity(experts, all_tags), dtype=np.float32)

    def dense(tags: Sequence[Mapping[str, float]]) -> Scores:
        rows = np.zeros((len(tags), len(column)), dtype=np.float32)
        for i, own in enumerate(tags):
            for tag, sure in own.items():
                rows[i, column[tag]] = sure
        return rows * weights

    asked, known = dense(needs), dense(experts)
    asked /= np.maximum(np.linalg.norm(asked, axis=1, keepdims=True), 1e-6)
    known /= np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-6)
    return asked @ known.T


def _where(state: str, district: str) -> str:
    if district in by_key():
        return district
    return state if state in State.__members__ else ""


def kilometres(need: Need, expert: Expert) -> float | None:
    """Return about how far an expert sits from a need, None when one of the places is unknown."""
    a, b = _where(need.state, need.district), _where(expert.state, expert.district)
    return distance_km(a, b) if a and b else None


def _by_distance(needs: Sequence[Need], experts: Sequence[Expert]) -> Scores:
    """1 in the same district, half at 60 km, a quarter at 120 km; half for an unknown place."""
    from_places = [_where(n.state, n.district) for n in needs]
    to_places = [_where(e.state, e.district) for e in experts]
    rows, columns = sorted(set(from_places)), sorted(set(to_places))
    table = np.array(
        [[0.5 ** (distance_km(a, b) / _HALF_KM) if a and b else 0.5 for b in columns] for a in rows], dtype=np.float32
    ).reshape(len(rows), len(columns))
    return table[np.ix_([rows.index(p) for p in from_places], [columns.index(p) for p in to_places])]


def free_share(expert: Expert, taken: int = 0) -> float:
    """Return the share of an expert's monthly places that is free after `taken` more cases, 0 to 1."""
    return max(0.0, min(1.0, (expert.capacity_left - taken) / max(1, expert.capacity, expert.capacity_left)))


def compare(needs: Sequence[Need], experts: Sequence[Expert], weights: Weights = WEIGHTS) -> Comparison:
    """Score every expert for every need; the result for one pair depends on no other need."""
    need_tags = tuple(tags_of(n.tags, n.text) for n in needs)
    expert_tags = tuple(tags_of(e.tags, claims(e.text)) for e in experts)
    parts: dict[str, Scores] = {
        "words": by_words([n.text for n in needs], [e.text for e in experts]),
        "tags": _by_tags(need_tags, expert_tags),
        "near": _by_distance(needs, experts),
    }
    vectors = by_vectors([n.vectors for n in needs], [e.vectors for e in experts])
    if vectors is not None:
        parts["vectors"] = vectors
    shape = (len(needs), len(experts))
    parts["room"] = np.broadcast_to(np.array([free_share(e) for e in experts], dtype=np.float32), shape)
    share = {name: getattr(weights, name) for name in parts}
    total = sum(share.values())
    fixed = np.zeros(shape, dtype=np.float64)
    for name, part in parts.items():
        if name != "room":
            fixed += share[name] / total * part
    room = share["room"] / total
    return Comparison(fixed + room * parts["room"], parts, fixed, room, need_tags, expert_tags)
