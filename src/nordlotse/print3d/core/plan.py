"""From the sampled layers to every layer: how much of what is printed, at which pace, slowed down where a layer would be too quick.

Kinds of lines, in this order in every array: outer, inner, small inner loops, sparse infill, solid, top, bridge, skirt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.motion import line_times, loop_times
from nordlotse.print3d.core.paths import bead_spacing, grown, lengths, per_slot
from nordlotse.print3d.core.slicing import Contours, Indices
from nordlotse.print3d.core.values import Profile
from nordlotse.print3d.core.work import Lines, Work

KINDS = ("outer", "inner", "small", "sparse", "solid", "top", "bridge", "skirt")
OUTER, INNER, SMALL, SPARSE, SOLID, TOP, BRIDGE, SKIRT = range(8)

#: The narrowest line as a share of the nozzle's width.
_NARROWEST = 0.85
#: Inner loops shorter than a circle of this radius in mm count as small and are printed slower, as slicers do.
_SMALL_RADIUS = 6.5


@dataclass(frozen=True, eq=False)
class Plan:
    """What is printed in every layer.

    `lines` (8, n): mm by kind. `speeds` (8, n): wanted mm/s. `paces` (8, g, m): seconds per mm by kind, speed of `grid` (g,) in mm/s, and
    sampled layer; `stands` (n,) is the sampled layer's position. `retractions` (n,) count, `travel` (n,) mm, `volume` (n,) mm³.
    """

    lines: Floats
    paces: Floats
    speeds: Floats
    grid: Floats
    stands: Indices
    retractions: Floats
    travel: Floats
    volume: Floats


def planned(work: Work, profile: Profile, coefficients: Mapping[str, float], skirt: float, size: float) -> Plan:
    """Return the plan of all layers; `skirt` is its length in mm in one layer, `size` the part's footprint in mm²."""
    value = profile.values
    layer = value["layer"]
    spacing = bead_spacing(value["width"], layer)
    n, stands, count = work.figures.count, work.sample.stands, len(work.sample.chosen)
    around = _ratio(work.figures.length, work.figures.length[work.sample.chosen][stands])
    core = _core(work, spacing, value)
    solid, top, bridge = _surfaces(work, core)
    sparse_area = np.maximum(core - solid, 0.0)
    lines = np.zeros((8, n))
    outer, inner = grown(work.outer, work.pair), grown(work.inner, work.pair)
    tiny = inner < 2 * pi * _SMALL_RADIUS
    lines[OUTER] = (per_slot(work.outer, outer, count) + work.thin_length)[stands] * around
    lines[INNER] = (per_slot(work.inner, np.where(tiny, 0.0, inner), count) + work.thin_inner / spacing)[
        stands
    ] * around
    lines[SMALL] = per_slot(work.inner, np.where(tiny, inner, 0.0), count)[stands] * around
    straight = _sum(work.sparse_lines, work.sparse_lines.length, count)
    infill = straight * coefficients["sparse_line"] + work.sparse.joints * coefficients["sparse_joint"]
    infill = infill + work.sparse.strands * coefficients["sparse_strand"]
    share = _ratio(sparse_area, np.maximum(work.core - work.solid, 0.0)[stands], 4.0)
    lines[SPARSE] = infill[stands] * share
    lines[TOP], lines[BRIDGE] = top / spacing, bridge / spacing
    lines[SOLID] = np.maximum(solid - top - bridge, 0.0) / spacing
    spread = _ratio(solid, work.solid[stands], 4.0)
    retractions = _retractions(work, coefficients, np.minimum(share, 1.0), spread)
    lines[SKIRT, : int(value["skirt_layers"])] = skirt
    flow = spacing * layer
    volume = lines.sum(axis=0) * flow
    # a line alone in a thin wall is as wide as the wall, but not narrower than the nozzle can draw
    bead = np.maximum(work.thin_outer, work.thin_length * _NARROWEST * value["nozzle"]) * layer
    volume += (bead - work.thin_length * flow + work.widened * layer)[stands] * around
    grid = np.unique(
        [value[k] for k in ("least_speed", "external_speed", "perimeter_speed", "infill_speed", "solid_speed")]
    )
    return Plan(
        lines,
        _paces(work, grid, value, tiny, count),
        _speeds(value, n),
        grid,
        stands,
        retractions,
        retractions * coefficients["travel"] * np.sqrt(size),
        volume,
    )


def _ratio(value: Floats, by: Floats, most: float = 2.0) -> Floats:
    """Return value / by, 1 where nothing is known, bounded so that no layer is stretched beyond reason."""
    found = np.divide(value, by, out=np.ones(len(value)), where=by > 1e-9)
    result: Floats = np.clip(np.nan_to_num(found, nan=1.0), 1.0 / most if most < 3 else 0.0, most)
    return result


def _core(work: Work, spacing: float, value: Mapping[str, float]) -> Floats:
    """Return the area inside the perimeters of every layer: that of its sample, corrected by its own section and contour."""
    stands = work.sample.stands
    edge = value["width"] / 2 + spacing * (value["perimeters"] - 0.5 - value["infill_overlap"])
    own = work.figures.area - edge * work.figures.length
    core = np.maximum(work.core[stands] + own - own[work.sample.chosen][stands], 0.0)
    # on an open mesh the section's area is not known from the triangles
    trusted = np.abs(work.figures.area[work.sample.chosen] - work.area) <= 0.05 * np.maximum(work.area, 1.0)
    return np.where(trusted[stands], np.minimum(core, 2.0 * work.core[stands]), work.core[stands])


def _surfaces(work: Work, core: Floats) -> tuple[Floats, Floats, Floats]:
    """Return solid, and of it the uppermost and the bridging area of every layer in mm²."""
    figures, stands = work.figures, work.sample.stands
    k = np.arange(figures.count)
    flat = _window(figures.top, k, k + work.top_layers) + _window(figures.bottom, k - work.bottom_layers + 1, k + 1)
    near = np.maximum(work.near_up + work.near_down, 1e-9)
    flatness = np.clip(flat / near, 0.0, 1.0)
    part = _ratio(core, work.core[stands], 4.0)
    solid = ((1.0 - flatness) * work.solid[stands] + flatness * work.spread[stands]) * part
    solid = np.minimum(solid, core)
    inside = np.divide(core, figures.area, out=np.zeros_like(core), where=figures.area > 1e-6).clip(0, 1)
    growth = _ratio(work.spread, work.solid, 6.0)[stands]
    top = np.minimum(figures.top * inside * growth, solid)
    over = np.zeros_like(core)
    reach = work.top_layers - 1
    hollow = np.clip(1.0 - np.divide(solid, core, out=np.ones_like(core), where=core > 1e-6), 0.0, 1.0)
    if figures.count > reach + 1:
        over[1 : figures.count - reach] = figures.top[1 + reach :] * hollow[: figures.count - reach - 1]
    beneath = figures.bottom.copy()
    beneath[0] = 0.0
    bridge = np.minimum((over + beneath) * inside * growth, solid - top)
    return solid, top, bridge


def _window(values: Floats, first: Indices, last: Indices) -> Floats:
    """Return the sums of values[first:last]."""
    total = np.r_[0.0, np.cumsum(values)]
    result: Floats = total[np.clip(last, 0, len(values))] - total[np.clip(first, 0, len(values))]
    return result


def _sum(lines: Lines, values: Floats, count: int) -> Floats:
    return np.bincount(lines.slot, values * lines.weight, count).astype(np.float64)


def _retractions(work: Work, coefficients: Mapping[str, float], share: Floats, spread: Floats) -> Floats:
    """Return how often the nozzle leaves what it prints in each layer: for every outline, chain of infill, piece of solid area."""
    stands, count = work.sample.stands, len(work.sample.chosen)
    walls = (
        coefficients["retract_layer"]
        + coefficients["retract_outer"] * work.outers
        + coefficients["retract_hole"] * work.holes
        + coefficients["retract_thin"] * (work.thin_length + work.thin_inner)
    )
    pieces = coefficients["retract_solid"] * work.solid_pieces
    number = _sum(work.solid_lines, np.ones(len(work.solid_lines.length)), count)
    lines = coefficients["retract_line"] * np.sqrt(number[stands] * spread)
    found: Floats = walls[stands] + coefficients["retract_strand"] * work.sparse.strands[stands] * share
    return found + pieces[stands] * np.sqrt(spread) + lines


def _speeds(value: Mapping[str, float], n: int) -> Floats:
    """Return the wanted speed by kind and layer in mm/s (8, n), never above what the hot end melts."""
    most = value["flow"] / (bead_spacing(value["width"], value["layer"]) * value["layer"])
    names = ("external", "perimeter", "small_perimeter", "infill", "solid", "top", "bridge", "perimeter")
    speeds = np.repeat(np.array([[min(value[f"{name}_speed"], most)] for name in names]), n, axis=1)
    speeds[:, 0] = np.minimum(speeds[:, 0], value["first_layer_speed"])
    return speeds


def _paces(work: Work, grid: Floats, value: Mapping[str, float], tiny: NDArray[np.bool_], count: int) -> Floats:
    """Return seconds per mm by kind, speed of `grid` and sampled layer (8, g, m)."""
    outer, inner = lengths(work.outer), lengths(work.inner)
    paces = np.empty((8, len(grid), count))
    for at, speed in enumerate(grid.tolist()):
        plain = np.full(count, 1.0 / speed)
        paces[:, at] = plain
        walls = (value["perimeter_acceleration"], value["jerk"])
        lines = (value["acceleration"], value["jerk"])
        if speed <= value["external_speed"]:
            paces[OUTER, at] = _pace(work.outer, outer, loop_times(work.outer, speed, *walls), plain)
        if speed <= value["perimeter_speed"]:
            seconds = loop_times(work.inner, speed, *walls)
            paces[INNER, at] = _pace(work.inner, inner * ~tiny, seconds * ~tiny, plain)
            paces[SMALL, at] = _pace(work.inner, inner * tiny, seconds * tiny, plain)
        paces[SPARSE, at] = _line_pace(work.sparse_lines, line_times(work.sparse_lines.length, speed, *lines), plain)
        solid = _line_pace(work.solid_lines, line_times(work.solid_lines.length, speed, *lines), plain)
        paces[SOLID:SKIRT, at] = solid
    return paces


def _pace(contours: Contours, length: Floats, seconds: Floats, plain: Floats) -> Floats:
    way, time = per_slot(contours, length, len(plain)), per_slot(contours, seconds, len(plain))
    return np.divide(time, way, out=plain.copy(), where=way > 1e-6)


def _line_pace(lines: Lines, seconds: Floats, plain: Floats) -> Floats:
    way, time = _sum(lines, lines.length, len(plain)), _sum(lines, seconds, len(plain))
    return np.divide(time, way, out=plain.copy(), where=way > 1e-6)


def slowed(plan: Plan, fixed: Floats, least: float, slowest: float) -> Floats:
    """Return the speeds (8, n) after slowing down layers that would take less than `least` seconds.

    All lines faster than a common bound are brought down to it, not below `slowest`; bridges keep theirs. The slicer's
    clock for this knows no acceleration: length over speed, and `fixed` seconds (n,) for moves without printing.
    """
    quick = np.flatnonzero((plan.lines / plan.speeds).sum(axis=0) + fixed < least)
    if not len(quick):
        return plan.speeds
    lines, wanted = np.delete(plan.lines[:, quick], BRIDGE, axis=0), np.delete(plan.speeds[:, quick], BRIDGE, axis=0)
    always = fixed[quick] + plan.lines[BRIDGE, quick] / plan.speeds[BRIDGE, quick]
    low, high = np.full(len(quick), slowest), np.full(len(quick), float(plan.speeds.max()))
    for _ in range(10):
        middle = (low + high) / 2
        slow = always + (lines / np.minimum(wanted, middle)).sum(axis=0) < least
        high, low = np.where(slow, middle, high), np.where(slow, low, middle)
    result = plan.speeds.copy()
    result[:, quick] = np.minimum(plan.speeds[:, quick], high)
    result[BRIDGE] = plan.speeds[BRIDGE]
    return result


def times(plan: Plan, speeds: Floats) -> Floats:
    """Return the seconds by kind and layer (8, n) at `speeds`, read from the paces between the speeds of the grid."""
    inverse = 1.0 / plan.grid
    place = np.clip(np.searchsorted(plan.grid, speeds, side="right") - 1, 0, len(plan.grid) - 2)
    share = np.clip((1.0 / speeds - inverse[place]) / (inverse[place + 1] - inverse[place]), 0.0, 1.0)
    kind = np.arange(8)[:, None]
    below = plan.paces[kind, place, plan.stands[None, :]]
    above = plan.paces[kind, place + 1, plan.stands[None, :]]
    result: Floats = plan.lines * (below + (above - below) * share)
    return result
