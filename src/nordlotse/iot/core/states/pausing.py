"""A machine that pauses in an even rhythm: whether its pauses are work or standstill only a person can say, and this is what to ask with.

A press whose operator puts in the next part, a heater that switches, and a machine that waits in each cycle draw the same current. Which of
them it is changes the running time much, so nothing is guessed here: the figures of both readings are told, and somebody answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.written import percent
from nordlotse.iot.core.states.grids import averaged
from nordlotse.iot.core.states.levels import Levels
from nordlotse.iot.core.states.rules import Condition
from nordlotse.iot.core.states.values import SECOND, Span, State, seconds_per_state
from nordlotse.iot.core.values import Floats

#: What somebody said: "" nothing yet, the pauses belong to the work, or the machine stands in them.
Pauses = Literal["", "work", "stop"]
ANSWERS: tuple[Pauses, ...] = ("work", "stop")
#: A pause from so long on (s) may be standstill: nearly the half minute over which everything is averaged anyway, so what is shorter is work on
#: all pages; and about what changing a part by hand takes. Own setting.
LEAST_PAUSE = 25
#: So many pauses make a rhythm; in this share of the cycles their distance is the usual one, which this share more or less still is. Own settings.
LEAST_COUNT, EVEN, SPREAD = 4, 0.7, 0.25
#: It is asked only where the answer moves the running time by this share of the time the machine is on. Own setting.
LEAST_CHANGE = 0.05
#: Low and high are told apart by the majority of so many seconds, so that a spark or a dip is neither.
MAJORITY = 9


@dataclass(frozen=True, slots=True)
class Rhythm:
    """An even rhythm with pauses that count as work so far: `run` and `pause` µs in each cycle, the middle ones of all.

    `share`, `plain_share`: which part (0 to 1) of the time in which the machine is not off it runs, with the pauses and without them, as the
    states of the one and the other answer tell it (`running_share`).
    """

    run: int
    pause: int
    share: float
    plain_share: float

    @property
    def cycle(self) -> int:
        """Return the length (µs) of a cycle."""
        return self.run + self.pause

    @property
    def shares(self) -> Text:
        """Return the running time by both readings: with the pauses, without them."""
        both = [percent(Fraction(one).limit_denominator(1000), 0) for one in (self.share, self.plain_share)]
        return Text(
            f"mit Pausen {both[0].de}, ohne {both[1].de}", f"with pauses {both[0].en}, without them {both[1].en}"
        )

    @property
    def open(self) -> Text:
        """Return in a sentence that nobody has said yet what the pauses are, and how much hangs on it."""
        return Text(
            f"Ob die Pausen von etwa {_even(self.pause)} s in jedem Takt Stillstand sind, ist noch offen: Laufzeit {self.shares.de}.",
            f"Whether the pauses of about {_even(self.pause)} s in each cycle are standstill is still open: running time {self.shares.en}.",
        )

    @property
    def said_work(self) -> Text:
        """Return in a sentence that the pauses belong to the work."""
        return Text(
            f"Sie haben gesagt: Die Pausen von etwa {_even(self.pause)} s gehören zum Takt (Laufzeit {self.shares.de}).",
            f"You said: the pauses of about {_even(self.pause)} s belong to the cycle (running time {self.shares.en}).",
        )

    @property
    def said_stop(self) -> Text:
        """Return in a sentence that the machine stands in its pauses."""
        return Text(
            f"Sie haben gesagt: In den Pausen von etwa {_even(self.pause)} s steht sie (Laufzeit {self.shares.de}).",
            f"You said: in the pauses of about {_even(self.pause)} s it stands still (running time {self.shares.en}).",
        )

    @property
    def seen(self) -> Text:
        """Return the rhythm in a sentence."""
        run, pause = _even(self.run), _even(self.pause)
        return Text(
            f"Diese Maschine schaltet etwa alle {run + pause} s um: {run} s läuft sie, {pause} s nicht.",
            f"This machine switches about every {run + pause} s: it runs for {run} s, and does not for {pause} s.",
        )


def rhythm_of(grid: Floats, levels: Levels, fine: Levels) -> tuple[int, int] | None:
    """Return how long (µs) a machine runs and pauses in an even rhythm that a reading takes for work, None where there is none.

    Whether the pauses matter is told by the states of both readings (`matters`). `grid`: the signal every `levels.step` µs; `levels`: the reading; `fine`: levels of the signal averaged over a few seconds at most.
    """
    if not levels.cycle or fine.run is None or fine.idle_level is None or fine.run_level is None:
        return None
    seconds, known = levels.step / SECOND, np.isfinite(grid)
    below = np.where(known, (grid < (fine.idle_level + fine.run_level) / 2).astype(float), np.nan)
    low = averaged(below, max(1, round(MAJORITY / seconds)) | 1) > 0.5
    smooth = averaged(grid, max(1, round(levels.window / levels.step)))
    on = known & (~(smooth < _middle(levels.off)) if levels.off is not None else True)
    working = on & (smooth >= _middle(levels.run)) if levels.run is not None else on
    begin, end = _stretches(low & known)
    # a pause lies wholly in what the reading calls running
    first, last = np.maximum(begin - 1, 0), np.minimum(end + 1, len(grid))
    inside = np.concatenate(([0], np.cumsum(working)))
    lengths = (end - begin) * seconds
    within = (inside[last] - inside[first] == last - first) & (lengths >= LEAST_PAUSE)
    # how long one is can be told only where something ran before and behind it
    mine = within & (begin > 0) & (end < len(grid))
    if mine.sum() < LEAST_COUNT:
        return None
    apart = np.diff(begin[mine]) * seconds
    usual = float(np.median(apart))
    if (np.abs(apart - usual) <= SPREAD * usual).mean() < EVEN:
        return None
    pause = float(np.median(lengths[mine]))
    return round((usual - pause) * SECOND), round(pause * SECOND)


def running_share(spans: Iterable[Span]) -> float:
    """Return which part (0 to 1) of the time in which a machine is on it runs, 0 where it never is; time without data does not count."""
    lengths = seconds_per_state(spans)
    ran, stood = lengths.get(State.PRODUCING, 0.0), lengths.get(State.IDLE, 0.0)
    return ran / (ran + stood) if ran + stood else 0.0


def matters(share: float, plain_share: float) -> bool:
    """Tell whether the running time hangs so much on what the pauses are that somebody is asked."""
    return share - plain_share >= LEAST_CHANGE


def _middle(limit: Condition) -> float:
    return (limit.enter + limit.leave) / 2


def _stretches(true: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each stretch begins in which something holds, and where it has ended."""
    edges = np.diff(np.concatenate(([0], true.astype(np.int8), [0])))
    return np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)


def _even(time: int) -> int:
    """Seconds as one says them: whole fives."""
    return 5 * round(time / SECOND / 5)
