"""How long a machine with limited acceleration and jerk needs along contours and infill lines.

Model: trapezoids of speed between corners, the corner's speed bounded by the jerk of each axis, looked ahead and back as a printer's
firmware plans it (Marlin's planner, which slicers repeat to tell the time). Lengths mm, speeds mm/s, accelerations mm/s², times s.
"""

from __future__ import annotations

import numpy as np

from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.slicing import Contours, neighbours


def corner_speeds(before: Floats, after: Floats, speed: float, jerk: float) -> Floats:
    """Return the speed allowed at corners between unit directions `before` and `after` (n, 2) at `speed` on both sides.

    Each axis may change by `jerk` at once; an axis that turns back may do so up to `jerk` on either side. Where that is slower than
    a stop within the jerk, the machine starts anew at the jerk.
    """
    factor = np.ones(len(before))
    for axis in (0, 1):
        leaving, entering = before[:, axis] * speed * factor, after[:, axis] * speed * factor
        same = (leaving > 0) == (entering > 0)
        change = np.where(same, np.abs(leaving - entering), np.maximum(np.abs(leaving), np.abs(entering)))
        factor = np.where(change > jerk, factor * jerk / np.maximum(change, 1e-12), factor)
    return np.maximum(speed * factor, min(jerk, speed))


def loop_times(contours: Contours, speed: float, acceleration: float, jerk: float) -> Floats:
    """Return the seconds along each loop at `speed`, beginning and ending it as slowly as the jerk asks."""
    if not len(contours.points):
        return np.zeros(0)
    following, before = neighbours(contours)
    way = contours.points[following] - contours.points
    length = np.hypot(way[:, 0], way[:, 1])
    unit = way / np.maximum(length, 1e-12)[:, None]
    corner = corner_speeds(unit[before], unit, speed, jerk)
    starts = contours.starts[:-1]
    corner[starts] = min(jerk, speed)
    limit = corner**2
    # v² may grow by 2·a·s along a segment: bounded from the front and from behind, both as running minima
    gain = 2.0 * acceleration * length
    reach = np.r_[0.0, np.cumsum(gain)]
    entry = np.minimum.accumulate(limit - reach[:-1]) + reach[:-1]
    leave = np.r_[limit[1:], min(jerk, speed) ** 2]
    back = np.minimum.accumulate((leave + reach[1:])[::-1])[::-1] - reach[:-1]
    entry = np.minimum(entry, np.maximum(back, 0.0))
    after = np.r_[entry[1:], min(jerk, speed) ** 2]
    after[contours.starts[1:] - 1] = min(jerk, speed) ** 2
    seconds = trapezoid(length, np.sqrt(entry), np.sqrt(after), speed, acceleration)
    loop = np.repeat(np.arange(len(starts)), contours.sizes)
    return np.bincount(loop, seconds, len(starts)).astype(np.float64)


def trapezoid(length: Floats, entry: Floats, leave: Floats, speed: float, acceleration: float) -> Floats:
    """Return the seconds over `length` from speed `entry` to `leave`, as fast as `speed` and `acceleration` allow."""
    peak = np.minimum(speed, np.sqrt(acceleration * length + (entry**2 + leave**2) / 2.0))
    peak = np.maximum(peak, np.maximum(entry, leave))
    ramps = (2.0 * peak**2 - entry**2 - leave**2) / (2.0 * acceleration)
    seconds: Floats = (2.0 * peak - entry - leave) / acceleration + np.maximum(length - ramps, 0.0) / np.maximum(
        peak, 1e-9
    )
    return seconds


def line_times(length: Floats, speed: float, acceleration: float, jerk: float) -> Floats:
    """Return the seconds for straight lines that begin and end at the speed the jerk allows a turn at 45° to the axes."""
    turn = np.full(len(length), min(speed, jerk * np.sqrt(2.0)))
    return trapezoid(length, turn, turn, speed, acceleration)
