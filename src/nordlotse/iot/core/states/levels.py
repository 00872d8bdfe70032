"""The levels of a signal: which of them are off, idle and running, and the limits between them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.written import number
from nordlotse.iot.core.states.grids import averaged
from nordlotse.iot.core.states.rules import Condition
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.core.values import Floats

#: Off lies below this share of the running level: idle control cabinets draw more, transformers and sensor zeros less. Own setting.
OFF_SHARE = 1 / 16
#: Beside a calm level of its own for idle, off may lie this high: a transformer or a fan that always runs. Own setting.
STANDBY_SHARE = 1 / 8
#: A signal that moves less than this share around its level is calm. Own setting.
CALM = 0.05


@dataclass(frozen=True, slots=True)
class Levels:
    """What was found in a signal: `off`, `run` are conditions on the averaged signal (None: that state was not seen), levels in its unit.

    `window` µs is what was averaged over, `cycle` µs the cycle found (0: none), `step` µs the grid, `high` how high the signal
    goes, spikes aside, `pause` µs the usual pause within a running machine's cycle (0: none). `flags`: codes of what could not be
    told: `one_level` (only one state seen, taken for running or off), `no_idle`, `no_off`, `too_short` (less than an hour of data).
    """

    window: int
    cycle: int
    step: int
    high: float
    pause: int
    off: Condition | None
    run: Condition | None
    off_level: float | None
    idle_level: float | None
    run_level: float | None
    flags: tuple[str, ...]

    @property
    def method(self) -> Text:
        """Return how the states were found, in a sentence."""
        seconds = number(_fraction(self.window), 0)
        cycle = number(_fraction(self.cycle), 0)
        whole = 0 < self.cycle <= self.window
        over_de = f"einen Takt von {cycle.de} s" if whole else f"{seconds.de} s"
        over_en = f"one cycle of {cycle.en} s" if whole else f"{seconds.en} s"
        return Text(
            f"Gemittelt über {over_de}; die Grenzen liegen in den Tälern zwischen den Häufungen der Werte (Parzen 1962).",
            f"Averaged over {over_en}; the limits lie in the valleys between the hills of the values' distribution (Parzen 1962).",
        )


def named(
    levels: list[float], limits: list[float], calm: list[float], window: int, cycle: int, step: int, flags: list[str]
) -> Levels:
    """Return which levels are off, idle and running, with the limits between them; `flags` grows by what could not be told.

    `levels` ascending with the `limits` between them, in the signal's unit; `calm` after `spreads`; `window`, `cycle`, `step` µs.
    """
    top = levels[-1]
    off = sum(level < top * OFF_SHARE for level in levels[:-1])
    if not off and len(levels) > 2 and levels[0] < top * STANDBY_SHARE and levels[1] < top / 2 and calm[1] < CALM:
        off = 1
    idle = off
    while idle < len(levels) - 1 and _idles(levels[idle], calm[idle], top, calm[-1], first=idle == off):
        idle += 1
    has_idle = idle > off
    if not off:
        flags.append("no_off")
    if not has_idle:
        flags.append("no_idle")
    if len(levels) == 1:
        flags.append("one_level")
    return Levels(
        window,
        cycle,
        step,
        0.0,
        0,
        _limit(levels, limits, off, low=True) if off else None,
        _limit(levels, limits, idle, low=False) if has_idle else None,
        max(levels[0], 0.0) if off else None,
        levels[off] if has_idle else None,
        top,
        tuple(flags),
    )


def _idles(level: float, spread: float, top: float, top_spread: float, *, first: bool) -> bool:
    """A level below half of the highest is idle if it is the lowest or calm; up to four fifths of it if it is both.

    A motor without load may draw more than half of its full current, so a calm level not far below can be idle.
    """
    calm = spread < max(top_spread / 2, CALM)
    if level < top / 2:
        return first or calm
    return first and calm and level < top * 0.8


def _limit(levels: list[float], limits: list[float], upper: int, *, low: bool) -> Condition:
    """The limit below level `upper`, with a tenth of the way to both neighbours as hysteresis."""
    middle, under, over = limits[upper - 1], levels[upper - 1], levels[upper]
    above, below = middle + (over - middle) / 10, middle - (middle - under) / 10
    return Condition("", below, above) if low else Condition("", above, below)


def spreads(grid: Floats, smooth: Floats, limits: list[float], width: int) -> list[float]:
    """Return for each level how much the signal moves around its average, as share of it."""
    moved = averaged(np.abs(grid - smooth), width)
    place = np.searchsorted(limits, smooth)
    sound = np.isfinite(moved) & np.isfinite(smooth) & (smooth > 0)
    return [
        float(np.median((moved / np.where(smooth > 0, smooth, 1))[sound & (place == level)]))
        if (sound & (place == level)).any()
        else 0.0
        for level in range(len(limits) + 1)
    ]


def _fraction(time: int) -> Fraction:
    return Fraction(time, SECOND)
