"""How often a signal speaks: the usual distance of its values, and how much of a stretch it was heard in."""

from __future__ import annotations

import numpy as np

from nordlotse.iot.core.states.rules import LONGEST_HOLD, USUAL_DISTANCES, Signal, hold_of

#: Pauses longer than a value holds are usual if there are so many of them, and they are at least this share of the time. Own settings.
OFTEN, MUCH = 10, 0.2


def distance_of(signal: Signal) -> int:
    """Return how far apart (µs) a signal's values usually are, 0 for fewer than two: the median.

    Where longer pauses come again and again and make up much of the time, silence is usual: the source sends what changes. Then it is so much
    that a value holds as long as any may.
    """
    if len(signal.time) < 2:
        return 0
    pauses = np.diff(signal.time)
    median = int(np.median(pauses))
    heard = pauses[pauses <= LONGEST_HOLD]
    silent = heard[heard > hold_of(median)]
    if len(silent) >= OFTEN and int(silent.sum()) >= MUCH * int(heard.sum()):
        return LONGEST_HOLD // USUAL_DISTANCES
    return median


def heard(signal: Signal) -> int:
    """Return how long (µs) a signal was heard: time in which nothing came, longer than a value holds, does not count."""
    sound = Signal(signal.time[np.isfinite(signal.value)], signal.value[np.isfinite(signal.value)])
    if len(sound.time) < 2:
        return 0
    pauses = np.diff(sound.time)
    usual = int(np.median(pauses))
    # the last value before a silence holds as long as values usually do
    return int(np.where(pauses <= hold_of(distance_of(sound)), pauses, usual).sum()) + usual
