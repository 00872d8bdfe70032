"""What is known of one leaf of a model for one answer set."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class State(StrEnum):
    """How a leaf stands: answered, missing (not asked, not answered, not known), or not applicable to this company."""

    ANSWERED = "answered"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Standing:
    """A leaf's state, its answer, and the lowest and highest points it can have; None: it is left out of what lies above."""

    state: State
    answer: str | tuple[str, ...] | None
    low: Fraction | None
    high: Fraction | None
