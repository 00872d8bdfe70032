"""Running, idle and off found from one current or power signal, without any configuration.

The way, each step plain enough to be told to the person at the machine:

1. The signal is put on an even grid; single spikes go by a running median of five values.
2. Does the signal repeat (a press, a moulder, a heater that switches)? The highest peak of its autocorrelation tells the cycle. The signal is
   then averaged over half a minute, so that the pauses within a cycle are no stops. Where this shows stops in a quarter of the cycles or
   more, it is averaged over one cycle, or over four of its pauses where that is shorter.
3. How often each level occurs is counted on a logarithmic scale (levels of machines differ by factors). Hills are levels, valleys between
   them are limits: mode seeking after Parzen (1962), "On estimation of a probability density function and mode", Ann. Math. Stat. 33.
4. Hills below a sixteenth of the running level are "off" (a sensor's zero, a transformer); the next calm or clearly lower ones are "idle"; the
   others are "running".
5. Where a cycle with pauses of a length that may be standstill was taken for work, the other reading is found too and a person is asked
   (`pausing`); a current alone cannot tell a press that is being loaded from a machine that waits.
6. A change counts only past a limit with hysteresis; its moment is then sought in the unaveraged signal: the split that fits two levels best.

Limits, measured: a state must last half the averaging window; the signal needs at least four values per cycle, with fewer a machine whose
cycle dips to its idle level is told wrongly without a flag; a heater that also switches while it only holds its temperature is told apart to
about a tenth of its idle time.

`levels` says which hill is what, `cycles` tells the rhythm, `classifying` uses what was found. What was found can be kept (`Levels`) and
shown; a person may correct it. What could not be told is flagged, not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nordlotse.iot.core.states.classifying import classify
from nordlotse.iot.core.states.cycles import cycle_of, pause_of, running_cells, short_stops
from nordlotse.iot.core.states.grids import averaged, even, height
from nordlotse.iot.core.states.hills import hills
from nordlotse.iot.core.states.levels import OFF_SHARE, Levels, named, spreads
from nordlotse.iot.core.states.pausing import Rhythm, matters, rhythm_of, running_share
from nordlotse.iot.core.states.rules import Signal, hold_of
from nordlotse.iot.core.states.silence import distance_of, heard
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.core.values import Floats

#: Averaged over, where the signal does not repeat (s). Own setting.
PLAIN_WINDOW = 30
#: Averaged over this many pauses of a cycle, where the cycle is longer than that: short stops are seen that a whole cycle would hide.
PAUSES = 4
#: A short average is enough if it falls below the limit of running in fewer cycles than this share of them. Own setting.
SELDOM = 0.25
#: The two levels of a rhythm are sought in a signal averaged over this (s): noise goes, pauses stay. Own setting.
FINE_WINDOW = 9


@dataclass(frozen=True, slots=True)
class Readings:
    """What a signal says by itself (`levels`); where its cycle has pauses that may be standstill also their rhythm and the reading in which they are."""

    levels: Levels
    rhythm: Rhythm | None = None
    plain: Levels | None = None


def find_levels(signal: Signal, *, plain: bool = False) -> Levels:
    """Return the levels of a machine's current or power; use days rather than hours of data, with off and idle times in it.

    `plain`: the pauses of a cycle are standstill (`pausing`), so nothing longer than they are is averaged over; without such pauses as else.
    An empty or constant signal gives levels with flags; nothing is raised.
    """
    found = readings(signal)
    return found.plain if plain and found.plain is not None else found.levels


def readings(signal: Signal) -> Readings:
    """Return the levels of a machine's current or power, and the other way to read them where only a person can say which is right."""
    step, grid = even(signal)
    if len(grid) < 60 or not np.isfinite(grid).any():
        return Readings(Levels(PLAIN_WINDOW * SECOND, 0, step, 0.0, 0, None, None, None, None, None, ("too_short",)))
    seconds = step / SECOND
    cycle = cycle_of(grid, seconds)
    # a pause may stand in one cell more than it lasts
    plain = max(PLAIN_WINDOW + seconds, 3 * seconds)
    flags = ("too_short",) if heard(signal) < 3600 * SECOND else ()
    high = height(signal)
    found = _found(grid, plain, cycle, step, high, flags)
    fine = _levels_at(grid, max(FINE_WINDOW, seconds), cycle, step, high, flags)
    return _asked(signal, grid, found, fine, flags)


def rhythm_in(signal: Signal, levels: Levels) -> Rhythm | None:
    """Return the rhythm whose pauses levels found before take for work, None where there is none (`pausing.rhythm_of`)."""
    step, grid = even(signal)
    if len(grid) < 60 or not np.isfinite(grid).any():
        return None
    fine = _levels_at(grid, max(FINE_WINDOW, step / SECOND), 0.0, step, height(signal), ())
    return _asked(signal, grid, replace(levels, step=step), fine).rhythm


def _asked(signal: Signal, grid: Floats, found: Levels, fine: Levels, flags: tuple[str, ...] = ()) -> Readings:
    """Return a reading; where its cycle has pauses that matter also their rhythm and the other reading. `fine`: as in `pausing.rhythm_of`."""
    rhythm = rhythm_of(grid, found, fine)
    if rhythm is None:
        return Readings(found)
    run, pause = rhythm
    step, seconds = fine.step, fine.step / SECOND
    # half a pause at most is averaged over: then it is seen at its own level
    brief = max(min(max(PLAIN_WINDOW + seconds, 3 * seconds), pause / SECOND / 2), seconds)
    # no pause within the work is left over that half of it could be added behind each stretch
    plain = replace(_levels_at(grid, brief, 0.0, step, fine.high, flags), pause=0)
    share, plain_share = (share_of(signal, levels, hold_of(distance_of(signal))) for levels in (found, plain))
    return (
        Readings(found, Rhythm(run, pause, share, plain_share), plain)
        if matters(share, plain_share)
        else Readings(found)
    )


def share_of(signal: Signal, levels: Levels, hold: int) -> float:
    """Return which part (0 to 1) of the time in which the machine is not off it runs by levels, in all of a signal; `hold` as in `classify`."""
    if not len(signal.time):
        return 0.0
    return running_share(classify(signal, levels, int(signal.time[0]), int(signal.time[-1]) + 1, hold=hold))


def _found(grid: Floats, plain: float, cycle: float, step: int, high: float, flags: tuple[str, ...]) -> Levels:
    """Find the levels averaged over `plain` s, or over the cycle where that is needed."""
    seconds = step / SECOND
    window = cycle * np.ceil(plain / cycle) if cycle else plain
    if window > 1.5 * plain:
        # a short average sees short stops; it is enough unless the machine seems to stop in many of its cycles
        brief = _levels_at(grid, plain, cycle, step, high, flags)
        if short_stops(grid, brief, cycle) * cycle < SELDOM * running_cells(grid, brief) * seconds:
            return brief
    found = _levels_at(grid, window, cycle, step, high, flags)
    if cycle and 0 < PAUSES * found.pause < found.window:
        shorter = max(PAUSES * found.pause / SECOND, plain)
        if shorter < window:
            again = _levels_at(grid, shorter, cycle, step, high, flags)
            # the shorter average must tell nearly the same running time, else the whole cycle was needed
            if abs(running_cells(grid, again) - running_cells(grid, found)) < 0.1 * running_cells(grid, found):
                found = again
    return found


def _levels_at(grid: Floats, window: float, cycle: float, step: int, high: float, flags: tuple[str, ...]) -> Levels:
    """Find the levels of a signal averaged over `window` s."""
    width = max(1, round(window * SECOND / step))
    smooth = averaged(grid, width)
    sound = np.isfinite(smooth)
    scale = float(np.quantile(smooth[sound], 0.98))
    if scale <= 0:
        return Levels(round(window * SECOND), 0, step, high, 0, None, None, scale, None, None, (*flags, "one_level"))
    floor = scale * OFF_SHARE
    tops, valleys = hills(np.log(np.maximum(smooth[sound], 0) + floor))
    levels = [float(np.exp(top) - floor) for top in tops]
    limits = [float(np.exp(valley) - floor) for valley in valleys]
    calm = spreads(grid, smooth, limits, width)
    found = named(levels, limits, calm, round(window * SECOND), round(cycle * SECOND), step, list(flags))
    return replace(found, high=high, pause=pause_of(grid, smooth, found))
