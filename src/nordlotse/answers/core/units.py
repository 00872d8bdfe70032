"""From found passages to units: which section or record a ranking speaks for, and how strongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordlotse.answers.core.cues import asked_roles
from nordlotse.answers.core.knowledge import Unit
from nordlotse.answers.core.ranking import Ranking

__all__ = ["Found", "found_units"]

#: Share of the best wording in a unit's score; the rest is its best piece of text.
WORDING = 0.5

#: What the next three units of the same article add: a subject that answers with several sections is the right one.
ARTICLE = 0.15
_KIN = 3

#: A section on cost, mistakes or first steps gains where the question asks for that, and loses where it does not.
#: In units of the fused score; sizes from a softmax over 1,900 section questions, each with its own wording taken away.
ROLE_ASKED: Mapping[str, float] = {"cost": 0.8, "pitfalls": 0.65, "next": 1.0}
ROLE_UNASKED = -0.3


@dataclass(frozen=True, slots=True)
class Found:
    """A unit and its score, comparable within one ranking."""

    unit: Unit
    score: float


def found_units(ranking: Ranking, units: Mapping[str, Unit]) -> list[Found]:
    """Return the units behind a ranking's passages, best first.

    A unit's score is the mean of its best wording and its best piece of text: a question that only sounds alike, or a text
    that only shares words, is not enough. What is not among the hits counts as the last hit does. To that come its
    neighbours in the same article and whether the question asks for what the section is for.
    """
    best: dict[str, dict[bool, float]] = {}
    for hit in ranking.hits:
        unit_id, _, part = hit.passage.id.rpartition("|")
        if unit_id in units:
            best.setdefault(unit_id, {}).setdefault(part.startswith("q"), hit.score)
    floor = ranking.hits[-1].score if ranking.hits else 0.0
    kin: dict[str, list[tuple[float, str]]] = {}
    for unit_id, found in best.items():
        kin.setdefault(units[unit_id].article, []).append((max(found.values()), unit_id))
    asked = asked_roles(ranking.question)
    scores = {}
    for unit_id, found in best.items():
        unit = units[unit_id]
        own = WORDING * found.get(True, floor) + (1 - WORDING) * found.get(False, floor)
        scores[unit_id] = own + ARTICLE * _others(kin[unit.article], unit_id, floor) + _role(unit.role, asked)
    return [Found(units[u], score) for u, score in sorted(scores.items(), key=lambda item: -item[1])]


def _others(kin: Sequence[tuple[float, str]], unit_id: str, floor: float) -> float:
    """Return the mean of the best three other units of an article, missing ones counted as the last hit."""
    others = sorted((score for score, other in kin if other != unit_id), reverse=True)[:_KIN]
    return (sum(others) + floor * (_KIN - len(others))) / _KIN


def _role(role: str, asked: frozenset[str]) -> float:
    if role not in ROLE_ASKED:
        return 0.0
    return ROLE_ASKED[role] if role in asked else ROLE_UNASKED
