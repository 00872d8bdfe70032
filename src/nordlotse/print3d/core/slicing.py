"""Cutting a mesh into layers: figures of every layer from the triangles alone, and closed contours at chosen heights.

Everything is vectorised; no triangle is looked at one by one. Heights in mm above the bed, the part stands with its lowest point at 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.mesh import Floats, Mesh

Indices = NDArray[np.int64]

#: Faces steeper than this count as walls, not as a top or bottom surface: a step of one layer (0.2 mm) is then narrower than the
#: two perimeters (0.84 mm) that cover it. cos(atan(0.2 / 0.84)).
FLAT = 0.973

#: A part of a triangle lower than this share of a layer is taken as a step; its slope would only bring rounding errors.
_STEP = 1e-3


@dataclass(frozen=True, eq=False)
class Layers:
    """Figures of every layer, arrays (n,): cut at half its height. `length` mm of contour and `area` mm² of the section.

    `top` and `bottom`: mm² of flat faces looking up or down that end within this layer; `up`, `down`: mm² of all faces looking up
    or down above the layer's cut, (n + 1,), the last at the part's top. `crossings`: number of triangles cut. Area without meaning
    on an open mesh.
    """

    height: float
    heights: Floats
    length: Floats
    area: Floats
    up: Floats
    down: Floats
    top: Floats
    bottom: Floats
    crossings: Floats

    @property
    def count(self) -> int:
        """Return the number of layers."""
        return len(self.heights)


@dataclass(frozen=True, eq=False)
class Contours:
    """Closed contours of several cuts: points (m, 2) one loop after the other, `starts` (loops + 1,), `cut` (loops,) which height.

    Outer contours run counter-clockwise, holes clockwise; where `turned`, neighbouring triangles disagree about outside and the
    direction means nothing. `open_ends`: how many ends found no partner (0 for a sound mesh).
    """

    points: Floats
    starts: Indices
    cut: Indices
    open_ends: int = 0
    turned: bool = False

    @property
    def sizes(self) -> Indices:
        """Return the number of points of each loop."""
        return np.diff(self.starts)


def layer_count(height: float, layer: float) -> int:
    """Return the number of layers of a part `height` mm tall at `layer` mm each; at least one."""
    return max(1, round(height / layer))


def layers(mesh: Mesh, layer: float) -> Layers:
    """Return the figures of every layer of `mesh`, which stands on the bed.

    The section's length is a hat over each triangle (0 at its ends, the chord at its middle corner), the projected area above a cut a
    parabola: both are summed as differences of their coefficients, so that the cost is the number of triangles plus that of layers.
    """
    corners = mesh.corners
    z = corners[:, :, 2]
    count = layer_count(float(z.max(initial=0.0)), layer)
    order = np.argsort(z, axis=1)
    z0, z1, z2 = np.take_along_axis(z, order, axis=1).T
    places = np.take_along_axis(corners[:, :, :2], order[:, :, None], axis=1)
    rise = np.where(z2 > z0, z2 - z0, 1.0)
    across = places[:, 0] + (places[:, 2] - places[:, 0]) * ((z1 - z0) / rise)[:, None] - places[:, 1]
    chord = np.hypot(across[:, 0], across[:, 1])
    # in layer units from the first cut: cut k stands at k
    low, mid, high = (z0 / layer - 0.5, z1 / layer - 0.5, z2 / layer - 0.5)
    length = _hats(low, mid, high, chord, count)
    crossings = _ramps(low, high, np.zeros(len(low)), np.ones(len(low)), count)
    flat = mesh.cross[:, 2] / 2.0
    normal = mesh.normals[:, 2]
    up = _above(low, mid, high, np.maximum(flat, 0.0), count)
    down = _above(low, mid, high, np.maximum(-flat, 0.0), count)
    # a top belongs to the last layer cut below it, a bottom to the first cut above it
    over = np.ceil(np.round((low + high) / 2.0, 6)).astype(np.int64)
    top = np.bincount(np.clip(over - 1, 0, count - 1)[normal > FLAT], flat[normal > FLAT], count).astype(np.float64)
    bottom = np.bincount(np.clip(over, 0, count - 1)[normal < -FLAT], -flat[normal < -FLAT], count).astype(np.float64)
    heights = (np.arange(count, dtype=np.float64) + 0.5) * layer
    return Layers(layer, heights, length, up[:-1] - down[:-1], up, down, top, bottom, crossings)


def _ramps(low: Floats, high: Floats, slope: Floats, level: Floats, count: int) -> Floats:
    """Sum over rows: level + slope·k at the cuts k with low ≤ k < high."""
    first = np.clip(np.ceil(low), 0, count).astype(np.int64)
    last = np.clip(np.ceil(high), 0, count).astype(np.int64)
    keep = last > first
    first, last, slope, level = first[keep], last[keep], slope[keep], level[keep]
    a = np.bincount(first, slope, count + 1) - np.bincount(last, slope, count + 1)
    b = np.bincount(first, level, count + 1) - np.bincount(last, level, count + 1)
    k = np.arange(count + 1)
    result: Floats = (np.cumsum(a) * k + np.cumsum(b))[:count].astype(np.float64)
    return result


def _hats(low: Floats, mid: Floats, high: Floats, peak: Floats, count: int) -> Floats:
    rising = np.where(mid - low > _STEP, peak / np.maximum(mid - low, _STEP), 0.0)
    falling = np.where(high - mid > _STEP, peak / np.maximum(high - mid, _STEP), 0.0)
    up = _ramps(low, mid, rising, np.where(rising > 0, -rising * low, peak / 2), count)
    down = _ramps(mid, high, -falling, np.where(falling > 0, falling * high, peak / 2), count)
    return np.maximum(up + down, 0.0)


def _above(low: Floats, mid: Floats, high: Floats, area: Floats, count: int) -> Floats:
    """Return the area above each cut k = 0 … count: a parabola below and one above the middle corner."""
    keep = area > 0
    low, mid, high, area = low[keep], mid[keep], high[keep], area[keep]
    span, below, over = high - low, mid - low, high - mid
    bent = span > _STEP
    lower = np.where(bent & (below > _STEP), area / np.maximum(below * span, _STEP**2), 0.0)
    upper = np.where(bent & (over > _STEP), area / np.maximum(over * span, _STEP**2), 0.0)
    k = np.arange(count + 1)
    total = np.zeros(count + 1)
    # whole triangle above, then what is left of it between low and mid, then between mid and high
    start = np.full(len(low), -1.0)
    total += _parabola(start, low, np.zeros(len(low)), low, area, k)
    total += _parabola(low, mid, -lower, low, area, k)
    total += _parabola(mid, high, upper, high, np.zeros(len(low)), k)
    return total


def _parabola(start: Floats, end: Floats, bend: Floats, at: Floats, level: Floats, k: NDArray[np.int64]) -> Floats:
    """Sum over rows: level + bend·(k − at)² at the cuts k with start ≤ k < end."""
    count = len(k)
    first = np.clip(np.ceil(start), 0, count).astype(np.int64)
    last = np.clip(np.ceil(end), 0, count).astype(np.int64)
    keep = last > first
    first, last, bend, at, level = first[keep], last[keep], bend[keep], at[keep], level[keep]

    def summed(weights: Floats) -> Floats:
        step = np.bincount(first, weights, count + 1) - np.bincount(last, weights, count + 1)
        return np.cumsum(step)[:count]

    return summed(bend) * k**2 + summed(-2.0 * bend * at) * k + summed(level + bend * at**2)


def cut(mesh: Mesh, heights: Floats) -> Contours:
    """Return the closed contours of `mesh` at `heights` (ascending, mm).

    A corner exactly at a height counts as below it: so every section of a closed mesh is closed, whatever touches the plane.
    """
    z = mesh.vertices[:, 2][mesh.faces]
    first = np.searchsorted(heights, np.minimum(np.minimum(z[:, 0], z[:, 1]), z[:, 2]), side="left")
    last = np.searchsorted(heights, np.maximum(np.maximum(z[:, 0], z[:, 1]), z[:, 2]), side="left")
    number = last - first
    rows = np.flatnonzero(number > 0)
    number = number[rows]
    if not len(rows):
        return Contours(np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(0, np.int64))
    face = np.repeat(rows, number)
    ends = np.cumsum(number)
    level = np.arange(ends[-1]) - np.repeat(ends - number, number) + np.repeat(first[rows], number)
    above = z[face] > heights[level][:, None]
    single_up = above.sum(axis=1) == 1
    lone = np.where(single_up, above.argmax(axis=1), (~above).argmax(axis=1))
    corners = mesh.faces[face].astype(np.int64)
    row = np.arange(len(face))
    a = corners[row, lone]
    b = corners[row, (lone + 1) % 3]
    c = corners[row, (lone + 2) % 3]
    # seen from outside, with the lone corner above the plane the section runs from edge ab to edge ca
    one, other = np.where(single_up, b, c), np.where(single_up, c, b)
    starts, begin = _edge_key(mesh, a, one, level)
    stops, end = _edge_key(mesh, a, other, level)
    following, open_ends = _following(starts, stops)
    points = _crossing(mesh, begin, heights[level])
    if open_ends and 2 * (loose := _loose(starts, stops)) < open_ends:
        ended = _crossing(mesh, end, heights[level])
        return _unordered(np.concatenate([points, ended]), np.r_[starts, stops], level, loose)
    return _loops(points, following, level, open_ends)


def _edge_key(mesh: Mesh, a: Indices, b: Indices, level: Indices) -> tuple[Indices, Indices]:
    low, high = np.minimum(a, b), np.maximum(a, b)
    count = len(mesh.vertices)
    return (level * count + low) * count + high, np.stack([low, high], axis=1)


def _crossing(mesh: Mesh, edge: Indices, height: Floats) -> Floats:
    """Return where the edges cross their heights; from the lower-numbered corner, so that both neighbours get the same point."""
    p, q = mesh.vertices[edge[:, 0]], mesh.vertices[edge[:, 1]]
    share = (height - p[:, 2]) / (q[:, 2] - p[:, 2])
    result: Floats = p[:, :2] + (q[:, :2] - p[:, :2]) * share[:, None]
    return result


def _following(starts: Indices, stops: Indices) -> tuple[Indices, int]:
    """Return for each segment the one that begins where it ends (−1: none), and the number of open ends."""
    begin, end = np.argsort(starts, kind="stable"), np.argsort(stops, kind="stable")
    following = np.full(len(starts), -1, np.int64)
    if np.array_equal(starts[begin], stops[end]):
        following[end] = begin
        return following, 0
    # the n-th segment that ends at an edge goes on with the n-th that begins there
    key_begin = _ranked(starts[begin])
    key_end = _ranked(stops[end])
    _, at_begin, at_end = np.intersect1d(key_begin, key_end, assume_unique=True, return_indices=True)
    following[end[at_end]] = begin[at_begin]
    return following, int((following < 0).sum())


def _loose(starts: Indices, stops: Indices) -> int:
    """Return how many ends have no partner even if the direction of the segments is not minded."""
    return int((np.unique(np.r_[starts, stops], return_counts=True)[1] % 2).sum())


def _unordered(points: Floats, keys: Indices, level: Indices, loose: int) -> Contours:
    """Return loops along segments whose directions disagree, for a mesh with triangles turned over.

    `points` and `keys` hold the begin of every segment, then the end of every segment; two ends with one key are joined.
    """
    count = len(level)
    order = np.argsort(keys, kind="stable")
    same = keys[order[1:]] == keys[order[:-1]]
    place = np.arange(len(same))
    rank = place - np.maximum.accumulate(np.where(np.r_[True, ~same[:-1]], place, 0))
    first = np.flatnonzero(same & (rank % 2 == 0))
    partner = np.full(len(keys), -1, np.int64)
    partner[order[first]], partner[order[first + 1]] = order[first + 1], order[first]
    mates = partner.tolist()
    seen = bytearray(count)
    loops: list[list[int]] = []
    for segment in range(count):
        # leave each segment by the end it was not entered by
        end, loop = segment + count, []
        while end >= 0 and not seen[end % count]:
            seen[end % count] = 1
            loop.append(end)
            mate = mates[end]
            end = -1 if mate < 0 else mate + count if mate < count else mate - count
        if len(loop) >= 3:
            loops.append(loop)
    index = np.array([n for loop in loops for n in loop], dtype=np.int64)
    begin = np.r_[0, np.cumsum([len(loop) for loop in loops])].astype(np.int64)
    return Contours(points[index], begin, level[index[begin[:-1]] % count], loose, True)


def _ranked(keys: Indices) -> NDArray[np.void]:
    """Return each key of a sorted array together with how often it came before, as one comparable value."""
    new = np.r_[True, keys[1:] != keys[:-1]]
    place = np.arange(len(keys))
    rank = place - np.maximum.accumulate(np.where(new, place, 0))
    pair = np.empty(len(keys), dtype=[("key", np.int64), ("rank", np.int64)])
    pair["key"], pair["rank"] = keys, rank
    result: NDArray[np.void] = pair
    return result


def _loops(points: Floats, following: Indices, level: Indices, open_ends: int) -> Contours:
    """Walk along the segments; an open chain is closed straight, as slicers do with small gaps."""
    after = following.tolist()
    seen = bytearray(len(after) + 1)
    seen[-1] = 1  # where an open chain ends: index −1
    order: list[int] = []
    keep, starts = order.append, [0]
    entered = np.zeros(len(after), bool)
    entered[following[following >= 0]] = True
    heads = np.flatnonzero(~entered).tolist() if open_ends else []
    for head in [*heads, *range(len(after))]:
        if seen[head]:
            continue
        here = head
        while not seen[here]:
            seen[here] = 1
            keep(here)
            here = after[here]
        if len(order) - starts[-1] < 3:
            del order[starts[-1] :]
        else:
            starts.append(len(order))
    index = np.array(order, dtype=np.int64)
    begin = np.array(starts, dtype=np.int64)
    return Contours(points[index], begin, level[index[begin[:-1]]], open_ends)


def thinned(contours: Contours, tolerance: float) -> Contours:
    """Return the contours without points that lie within `tolerance` mm of the line between their neighbours; twice over."""
    for _ in range(2):
        if not len(contours.points):
            return contours
        following, before = neighbours(contours)
        p, here, q = contours.points[before], contours.points, contours.points[following]
        d = q - p
        span = np.hypot(d[:, 0], d[:, 1])
        off = np.abs(d[:, 0] * (here[:, 1] - p[:, 1]) - d[:, 1] * (here[:, 0] - p[:, 0]))
        away = np.where(span > 1e-9, off / np.maximum(span, 1e-9), np.hypot(*(here - p).T))
        drop = away < tolerance
        # two neighbours are never dropped together; a loop keeps its first four points
        place = np.arange(len(drop)) - np.repeat(contours.starts[:-1], contours.sizes)
        drop &= (place % 2 == 1) | ~(drop[before] | drop[following])
        drop &= place >= 4
        kept = np.flatnonzero(~drop)
        starts = np.r_[0, np.cumsum(~drop)][contours.starts]
        contours = Contours(contours.points[kept], starts, contours.cut, contours.open_ends, contours.turned)
    return contours


def neighbours(contours: Contours) -> tuple[Indices, Indices]:
    """Return for each point the index of the next and of the one before in its loop."""
    place = np.arange(len(contours.points))
    following, before = place + 1, place - 1
    following[contours.starts[1:] - 1] = contours.starts[:-1]
    before[contours.starts[:-1]] = contours.starts[1:] - 1
    return following, before
