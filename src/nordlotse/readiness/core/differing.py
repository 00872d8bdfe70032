"""How far the answers of several people of one company lie apart, question by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Form, Kind, Question
from nordlotse.readiness.core.asking import COMPANY

__all__ = ["Difference", "differences"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One question on which people differ: each one's answer in the order given (None: open), and how far they lie apart.

    `gap` runs from 0 to 1: for one choice the distance in stages over the longest possible one, for several the share of ticks not
    in common (1 − Jaccard index), for numbers the distance over the larger amount, for words 1. `unsure`: somebody does not know.
    """

    question: Question
    answers: tuple[Any, ...]
    gap: float
    unsure: bool

    @property
    def farthest(self) -> tuple[int, int]:
        """Return the places of the two people who lie farthest apart, (0, 0) where only "don't know" differs."""
        known = [n for n, a in enumerate(self.answers) if _known(a)]
        pairs = list(combinations(known, 2))
        return max(
            pairs, key=lambda p: _distance(self.question, self.answers[p[0]], self.answers[p[1]]), default=(0, 0)
        )


def differences(form: Form, people: Sequence[Mapping[str, Any]]) -> tuple[tuple[Difference, ...], int]:
    """Return the questions on which answers differ, the biggest gap first, and how many questions all answered alike.

    Questions that fewer than two people answered are in neither, nor what was said about the company itself: colleagues are not asked.
    """
    found, alike = [], 0
    for q in form.questions:
        if q.kind in (Kind.NOTE, Kind.CALCULATE) or q.group == COMPANY:
            continue
        answers = tuple(_plain(p.get(q.name)) for p in people)
        given = [a for a in answers if a is not None]
        if len(given) < 2:
            continue
        if all(a == given[0] for a in given):
            alike += 1
            continue
        known = [a for a in given if _known(a)]
        gap = max((_distance(q, a, b) for a, b in combinations(known, 2)), default=0.0)
        found.append(Difference(q, answers, gap, len(known) < len(given)))
    order = {q.name: n for n, q in enumerate(form.questions)}
    return tuple(sorted(found, key=lambda d: (-d.gap, order[d.question.name]))), alike


def _plain(answer: Any) -> Any:
    """Several choices are the same in any order."""
    return tuple(sorted(answer)) if isinstance(answer, list | tuple) else answer


def _known(answer: Any) -> bool:
    return answer is not None and answer not in (DONT_KNOW, NOT_APPLICABLE)


def _distance(q: Question, a: Any, b: Any) -> float:
    if isinstance(a, tuple) or isinstance(b, tuple):
        one, other = set(a if isinstance(a, tuple) else ()), set(b if isinstance(b, tuple) else ())
        together = one | other
        return 1 - len(one & other) / len(together) if together else 0.0
    if q.kind == Kind.SELECT_ONE:
        place = {c.name: n for n, c in enumerate(c for c in q.choices if c.name != NOT_APPLICABLE)}
        if a not in place or b not in place:
            return float(a != b)
        return abs(place[a] - place[b]) / max(1, len(place) - 1)
    if isinstance(a, int | float) and isinstance(b, int | float):
        return min(1.0, abs(a - b) / max(abs(a), abs(b), 1))
    return float(a != b)
