"""What people say about alarms moves the limit: real, false, planned, missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from nordlotse.iot.core.anomaly.learning import Model

Judgement = Literal["real", "false", "planned", "missed"]

#: One real event without an alarm weighs as much as this many false alarms: a stop costs more than a look at the machine.
MISSED_WEIGHT = 3
#: The limit never falls below or rises above these multiples of what was learnt, so that feedback cannot switch watching off.
LEAST_FACTOR, MOST_FACTOR = 0.5, 3.0
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's word on an event and its highest score in limits as learnt (factor 1); `missed`: no alarm came."""

    judgement: Judgement
    peak: float


def limit_factor(given: Iterable[Feedback]) -> float:
    """Return the factor on the learnt limits that fits all feedback best, 1 without any.

    It minimises (false alarms above it) + 3 · (real or missed events not above it) within [0.5, 3]; of equal factors the
    one nearest to 1 counts. Planned events say nothing about the limit. The order of the feedback does not matter.
    """
    peaks = [(one.peak, one.judgement == "false") for one in given if one.judgement != "planned"]
    candidates = {1.0}
    for peak, false in peaks:
        moved = peak + _STEP if false else peak - _STEP
        candidates.add(min(max(moved, LEAST_FACTOR), MOST_FACTOR))

    def cost(factor: float) -> int:
        return sum((peak > factor) if false else MISSED_WEIGHT * (peak <= factor) for peak, false in peaks)

    return min(candidates, key=lambda factor: (cost(factor), abs(factor - 1.0), factor))


def with_feedback(model: Model, given: Iterable[Feedback]) -> Model:
    """Return the model with its limits moved by all feedback."""
    return replace(model, factor=limit_factor(given))
