"""From contours to what the nozzle does in a layer: external and inner perimeters, single lines in thin walls, infill, solid areas.

The contours of many cuts lie one above the other in one plane (a slot each), so that one polygon operation serves all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from manifold3d import CrossSection, FillRule, JoinType

from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.slicing import Contours, Indices, neighbours

#: Empty space between two slots in mm.
_GAP = 20.0
_HALF = sqrt(0.5)


def bead_spacing(width: float, layer: float) -> float:
    """Return the distance of neighbouring lines in mm: the bead is a rectangle with round ends that overlap."""
    return width - layer * (1.0 - pi / 4.0)


@dataclass(frozen=True, eq=False)
class Slots:
    """Regions of several cuts in one plane: slot i is shifted up by i·pitch."""

    section: CrossSection
    pitch: float
    base: float
    count: int

    def offset(self, by: float) -> Slots:
        """Return the regions grown by `by` mm (shrunk if negative), corners kept sharp."""
        return self._like(self.section.offset(by, JoinType.Miter, 2.0, 0))

    def opened(self, by: float, grow: float = 0.0) -> Slots:
        """Return the regions without what is narrower than 2·`by`, shrunk by `grow` mm afterwards."""
        return self.offset(-by - grow).offset(by)

    def __sub__(self, other: Slots) -> Slots:
        """Return the regions without those of `other`."""
        return self._like(self.section - other.section)

    def __and__(self, other: Slots) -> Slots:
        """Return what both have."""
        return self._like(self.section ^ other.section)

    def contours(self) -> Contours:
        """Return the outlines, each loop with its slot; still in the common plane."""
        return _joined(self.section.to_polygons(), self.base, self.pitch, self.count)

    def _like(self, section: CrossSection) -> Slots:
        return Slots(section, self.pitch, self.base, self.count)


def _joined(loops: list[Floats], base: float, pitch: float, count: int) -> Contours:
    if not loops:
        return Contours(np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(0, np.int64))
    points = np.concatenate(loops).astype(np.float64)
    starts = np.zeros(len(loops) + 1, np.int64)
    np.cumsum([len(loop) for loop in loops], out=starts[1:])
    slot = np.floor((points[starts[:-1], 1] - base) / pitch).astype(np.int64)
    return Contours(points, starts, np.clip(slot, 0, count - 1))


def stacked(contours: Contours, places: Iterable[Iterable[int]], count: int, low: float, size: float) -> Slots:
    """Return the regions of the contours: loops of cut c go to each slot in places[c]; y runs from `low` over `size` mm.

    What several outer contours enclose is one region, as a slicer joins bodies that overlap.
    """
    pitch = size + _GAP
    loops: list[Floats] = []
    by_cut: dict[int, list[int]] = {}
    for loop, level in enumerate(contours.cut.tolist()):
        by_cut.setdefault(level, []).append(loop)
    bounds = contours.starts.tolist()
    for level, slots in enumerate(places):
        for slot in slots:
            shift = np.array([0.0, slot * pitch])
            loops.extend(contours.points[bounds[n] : bounds[n + 1]] + shift for n in by_cut.get(level, ()))
    rule = FillRule.EvenOdd if contours.turned else FillRule.Positive
    section = CrossSection(loops, rule)
    if not contours.turned and loops and section.is_empty():
        # the whole mesh is inside out
        section = CrossSection(loops, FillRule.Negative)
    return Slots(section, pitch, low - _GAP / 2, count)


def lengths(contours: Contours) -> Floats:
    """Return the length of each loop in mm."""
    if not len(contours.points):
        return np.zeros(0)
    following, _ = neighbours(contours)
    way = contours.points[following] - contours.points
    return np.add.reduceat(np.hypot(way[:, 0], way[:, 1]), contours.starts[:-1])


def areas(contours: Contours) -> Floats:
    """Return the area of each loop in mm², negative for a hole."""
    if not len(contours.points):
        return np.zeros(0)
    following, _ = neighbours(contours)
    first = np.repeat(contours.points[contours.starts[:-1]], contours.sizes, axis=0)
    p, q = contours.points - first, contours.points[following] - first
    return np.add.reduceat((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]) / 2.0, contours.starts[:-1])


def corners(contours: Contours) -> Floats:
    """Return Σ tan(turn / 2) of each loop: how much area per d² its corners add when it is grown by d with sharp corners."""
    if not len(contours.points):
        return np.zeros(0)
    following, before = neighbours(contours)
    p, here, q = contours.points[before], contours.points, contours.points[following]
    a, b = here - p, q - here
    turn = np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1))
    return np.add.reduceat(np.tan(np.clip(turn, -2.1, 2.1) / 2.0), contours.starts[:-1])


def per_slot(contours: Contours, values: Floats, count: int) -> Floats:
    """Return the sum of the loops' values in each slot."""
    return np.bincount(contours.cut, values, count).astype(np.float64)


def grown_area(contours: Contours, by: float, count: int) -> Floats:
    """Return the area in mm² of each slot's regions grown by `by` mm, by Steiner's formula (no new polygons)."""
    loop = areas(contours) + by * lengths(contours) + by**2 * corners(contours)
    return per_slot(contours, loop, count)


def grown(contours: Contours, by: float) -> Floats:
    """Return the length of each loop in mm after growing by `by` mm with sharp corners."""
    return np.maximum(lengths(contours) + 2.0 * by * corners(contours), 0.0)


def grown_length(contours: Contours, by: float, count: int) -> Floats:
    """Return the length of outline in mm of each slot's regions grown by `by` mm with sharp corners."""
    return per_slot(contours, grown(contours, by), count)


@dataclass(frozen=True, eq=False)
class Hatching:
    """Lines through regions: `length` mm and `slot` of each. By slot: `strands`, how many chains of joined lines, `joints` mm."""

    length: Floats
    slot: Indices
    strands: Floats
    joints: Floats


def hatched(contours: Contours, spacing: float, longest: float, count: int) -> Hatching:
    """Return infill lines at ±45° through the regions, `spacing` mm apart in either direction.

    Neighbouring ends are joined along the outline, the nearest first, if at most `longest` mm of it lie between them (0: none is
    joined, and nothing told about chains).
    """
    if not len(contours.points):
        return Hatching(np.zeros(0), np.zeros(0, np.int64), np.zeros(count), np.zeros(count))
    following, _ = neighbours(contours)
    slot = np.repeat(contours.cut, contours.sizes)
    one = _chords(contours.points, following, slot, spacing, 1.0)
    two = _chords(contours.points, following, slot, spacing, -1.0)
    length, rows = np.concatenate([one.length, two.length]), np.concatenate([one.slot, two.slot])
    if not len(length) or longest <= 0:
        return Hatching(length, rows, np.zeros(count), np.zeros(count))
    way = contours.points[following] - contours.points
    size = np.hypot(way[:, 0], way[:, 1])
    total = np.cumsum(size)
    edge, share = np.concatenate([one.edge, two.edge]), np.concatenate([one.share, two.share])
    line = np.concatenate([one.line, two.line + len(one.length)])
    place = total[edge] - size[edge] + share * size[edge]
    order = np.argsort(place)
    loop = np.repeat(np.arange(len(contours.cut)), contours.sizes)[edge[order]]
    gap = _gaps(
        place[order], loop, total[contours.starts[1:] - 1], total[contours.starts[:-1]] - size[contours.starts[:-1]]
    )
    after = _cyclic(loop)
    lines = line[order]
    joined, strand = _joined_lines(gap, after, lines, longest, len(length))
    roots = np.flatnonzero(strand == np.arange(len(strand)))
    return Hatching(
        length,
        rows,
        np.bincount(rows[roots], minlength=count).astype(np.float64),
        np.bincount(rows[lines[joined]], gap[joined], count).astype(np.float64),
    )


def _joined_lines(gap: Floats, after: Indices, lines: Indices, longest: float, count: int) -> tuple[Indices, Indices]:
    """Return which ends are joined with their next, and for each line the first of its chain.

    The shortest gaps first, each end once, and never the two ends of one chain: as a slicer joins them.
    """
    order = np.argsort(gap, kind="stable")
    order = order[(gap[order] <= longest) & (after[order] != order)]
    free = bytearray(b"\x01") * len(gap)
    root = list(range(count))
    joined: list[int] = []
    of, follow = lines.tolist(), after.tolist()
    for here in order.tolist():
        there = follow[here]
        if not (free[here] and free[there]):
            continue
        one, two = of[here], of[there]
        while root[one] != one:
            root[one] = one = root[root[one]]
        while root[two] != two:
            root[two] = two = root[root[two]]
        if one != two:
            root[two] = one
            free[here] = free[there] = 0
            joined.append(here)
    return np.array(joined, dtype=np.int64), np.array(root, dtype=np.int64)


def _cyclic(loop: Indices) -> Indices:
    """Return for each row of rows sorted by loop the next one of the same loop, the first after the last."""
    after = np.arange(1, len(loop) + 1)
    last = np.flatnonzero(np.r_[loop[1:] != loop[:-1], True])
    after[last] = np.r_[0, last[:-1] + 1]
    return after


def _gaps(place: Floats, loop: Indices, ends: Floats, begins: Floats) -> Floats:
    """Return how far along its loop's outline the next end lies."""
    after = _cyclic(loop)
    gap = place[after] - place
    over = after <= np.arange(len(loop))
    gap[over] += (ends - begins)[loop[over]]
    return gap


@dataclass(frozen=True, eq=False)
class _Chords:
    """Lines of one direction: length and slot of each; of each end its edge, how far along it, and its line."""

    length: Floats
    slot: Indices
    edge: Indices
    share: Floats
    line: Indices


def _chords(points: Floats, following: Indices, slot: Indices, spacing: float, sign: float) -> _Chords:
    along = (points[:, 0] + sign * points[:, 1]) * _HALF
    line = (points[:, 1] - sign * points[:, 0]) * (_HALF / spacing) + 0.37
    low, high = np.minimum(line, line[following]), np.maximum(line, line[following])
    first, last = np.ceil(low).astype(np.int64), np.ceil(high).astype(np.int64)
    number = last - first
    edge = np.repeat(np.arange(len(number)), number)
    if not len(edge):
        return _Chords(np.zeros(0), np.zeros(0, np.int64), edge, np.zeros(0), np.zeros(0, np.int64))
    ends = np.cumsum(number)
    at = np.arange(ends[-1]) - np.repeat(ends - number, number) + np.repeat(first, number)
    share = (at - line[edge]) / (line[following[edge]] - line[edge])
    where = along[edge] + share * (along[following[edge]] - along[edge])
    order = np.lexsort((where, at, slot[edge]))
    where, rows = where[order], slot[edge][order]
    # a closed outline crosses a line an even number of times: in and out by turns
    pairs = len(rows) // 2 * 2
    of = np.empty(len(order), np.int64)
    of[order] = np.minimum(np.arange(len(order)) // 2, pairs // 2 - 1)
    return _Chords(np.maximum(where[1:pairs:2] - where[:pairs:2], 0.0), rows[:pairs:2], edge, share, of)
