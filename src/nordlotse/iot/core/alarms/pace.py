"""How long a value is believed while nothing further comes: what a rule on a number counts as time, live and rehearsed alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nordlotse.iot.core.states.rules import LONGEST_HOLD, Signal, hold_of
from nordlotse.iot.core.states.silence import distance_of
from nordlotse.iot.core.values import Times


@dataclass(frozen=True, slots=True)
class Pace:
    """`step`: the newest value counts for so long, while nothing has come behind it; `hold`: between two values so much counts whole. Seconds.

    A longer pause is time without data: of it only `step` counts, behind the value before it.
    """

    step: float = math.inf
    hold: float = math.inf


#: Every value counts until the next one.
ENDLESS = Pace()


def pace_of(time: Times, on_change: bool) -> Pace:
    """Return the pace of a signal with values at `time` (n,) µs, sorted; `on_change`: its machine is known to send only what changes.

    The step is the usual distance of the values. Where that is not known, or silence is usual (`silence.distance_of`), a value counts for as long as
    it holds, as it does for states.
    """
    usual = LONGEST_HOLD if on_change else distance_of(Signal(time, np.zeros(len(time))))
    hold = hold_of(usual)
    sparse = not usual or on_change or usual != int(np.median(np.diff(time)))
    return Pace((hold if sparse else min(usual, hold)) / 1e6, hold / 1e6)
