"""Which boxes overlap: a grid that is refined where it is crowded. The broad phase of every search for neighbouring triangles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.mesh import Floats

Single = NDArray[np.float32]
Index = NDArray[Any]

#: Largest extents of this share of the triangles fit into the first cells; entries of a cell above which it is split.
_FITTING = 0.8
#: Cells in which a triangle's box lies on average, at most.
_CELLS_EACH = 4.0
_CROWDED = 128
_DEEPEST = 14
#: Entries looked at at once: what they need of memory fits into the processor's cache.
_CHUNK = 40_000


@dataclass(frozen=True, eq=False)
class _Entries:
    """Triangles in cells of one size: number of the triangle, cell as three whole numbers, size of the cells."""

    triangle: NDArray[np.int32]
    cell: NDArray[np.int32]
    size: float


@dataclass(frozen=True, eq=False)
class _Boxes:
    """The boxes of all triangles, the grid's origin, and which triangles are left out of cells their box reaches."""

    low: Single
    high: Single
    origin: Floats
    culled: NDArray[np.bool_]
    planes: _Planes


def overlapping(corners: Floats, margin: float) -> Iterator[tuple[Index, Index]]:
    """Yield batches of pairs of triangles whose boxes, grown by `margin`, overlap; a few pairs come more than once.

    `corners` (m, 3, 3). Long triangles are entered only in the cells they really meet, so a fan of needles stays cheap.
    """
    if len(corners) < 2:
        return
    low = np.nextafter((corners.min(axis=1) - margin).astype(np.float32), np.float32(-np.inf))
    high = np.nextafter((corners.max(axis=1) + margin).astype(np.float32), np.float32(np.inf))
    origin = low.min(axis=0).astype(np.float64)
    boxes = _Boxes(low, high, origin, np.zeros(len(corners), bool), _Planes(corners, margin))
    entries: _Entries | None = _entered(boxes)
    for depth in range(_DEEPEST + 1):
        if entries is None:
            break
        order, starts, counts = _grouped(entries.cell)
        crowded = counts > _CROWDED if depth < _DEEPEST else np.zeros(len(counts), bool)
        finer = None
        if crowded.any():
            finer, crowded = _split(entries, order, counts, crowded, boxes)
        yield from _pairs(entries, order, starts, np.where(crowded, 0, counts), boxes)
        entries = finer


class _Planes:
    """The planes of the triangles, to leave out cells that a large triangle only passes by."""

    def __init__(self, corners: Floats, margin: float) -> None:
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        self.normal = np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)
        self.offset = np.einsum("ij,ij->i", self.normal, corners[:, 0])
        self.margin = margin
        self.corners = corners

    def meet(self, triangle: NDArray[Any], centre: Floats, half: float) -> NDArray[np.bool_]:
        """Return whether the triangle and the cube around `centre` may overlap: its plane and its edges seen along the axes."""
        normal = self.normal[triangle]
        distance = np.abs(np.einsum("ij,ij->i", normal, centre) - self.offset[triangle])
        found: NDArray[np.bool_] = distance <= half * np.abs(normal).sum(axis=1) + self.margin + 1e-9 * half
        kept = np.flatnonzero(found)
        found[kept] = self._edges(triangle[kept], centre[kept], half + self.margin)
        return found

    def _edges(self, triangle: NDArray[Any], centre: Floats, half: float) -> NDArray[np.bool_]:
        """Separate along cross products of edges and axes (Akenine-Möller's triangle and box test)."""
        points = self.corners[triangle] - centre[:, None, :]
        meets = np.ones(len(triangle), bool)
        for edge in range(3):
            way = points[:, (edge + 1) % 3] - points[:, edge]
            for axis in range(3):
                u, v = (axis + 1) % 3, (axis + 2) % 3
                side = points[:, :, u] * way[:, None, v] - points[:, :, v] * way[:, None, u]
                reach = half * (np.abs(way[:, u]) + np.abs(way[:, v])) * (1 + 1e-9)
                meets &= (side.min(axis=1) <= reach) & (side.max(axis=1) >= -reach)
        return meets


def _entered(boxes: _Boxes) -> _Entries:
    """Enter all triangles into cells in which most of them fit; large ones only where they really are."""
    extent = (boxes.high - boxes.low)[:: max(1, len(boxes.low) // 20_000)].astype(np.float64)
    whole = float((boxes.high.max(axis=0) - boxes.origin).max())
    size = max(float(np.quantile(extent.max(axis=1), _FITTING)), whole / 500.0, 1e-12)
    while (extent / size + 1.0).prod(axis=1).mean() > _CELLS_EACH and size < whole:
        size *= 1.4
    first = np.floor((boxes.low - boxes.origin) / size).astype(np.int32)
    span = np.floor((boxes.high - boxes.origin) / size).astype(np.int32) - first + 1
    count = span.astype(np.int64).prod(axis=1)
    triangle = np.repeat(np.arange(len(count), dtype=np.int32), count)
    within = (np.arange(len(triangle)) - np.repeat(np.cumsum(count) - count, count)).astype(np.int32)
    wide = span[triangle]
    cell = np.empty((len(triangle), 3), np.int32)
    cell[:, 2] = within % wide[:, 2]
    within //= wide[:, 2]
    cell[:, 1] = within % wide[:, 1]
    cell[:, 0] = within // wide[:, 1]
    cell += first[triangle]
    large = np.flatnonzero(count > 8)
    if len(large):
        boxes.culled[large] = True
        reach = np.flatnonzero(boxes.culled[triangle])
        centre = (cell[reach] + 0.5) * size + boxes.origin
        keep = np.ones(len(triangle), bool)
        keep[reach] = boxes.planes.meet(triangle[reach], centre, size / 2 * (1 + 1e-6))
        triangle, cell = triangle[keep], cell[keep]
    return _Entries(triangle, cell, size)


def along_space(points: Floats) -> Index:
    """Return an order of the points in which neighbours in space mostly stand near each other."""
    low = points.min(axis=0)
    size = max(float(np.ptp(points, axis=0).max()), 1e-300) / 128.0
    cell = ((points - low) / size).astype(np.int64)
    return np.argsort((cell[:, 0] * 256 + cell[:, 1]) * 256 + cell[:, 2], kind="stable")


def _grouped(cell: NDArray[np.int32]) -> tuple[Index, Index, Index]:
    """Return the order by cells, where each cell begins in it, and how many entries it has."""
    least = cell.min(axis=0)
    span = (cell.max(axis=0) - least + 1).astype(np.int64)
    key = ((cell[:, 0] - least[0]).astype(np.int64) * span[1] + (cell[:, 1] - least[1])) * span[2] + (
        cell[:, 2] - least[2]
    )
    order = np.argsort(key)
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    return order, starts, np.diff(np.append(starts, len(key)))


def _split(
    entries: _Entries, order: Index, counts: Index, crowded: NDArray[np.bool_], boxes: _Boxes
) -> tuple[_Entries | None, NDArray[np.bool_]]:
    """Return the entries of crowded cells in cells of half the size, and for which cells that pays."""
    size = entries.size / 2
    mine = np.repeat(crowded, counts)
    inner, group = order[mine], np.repeat(np.arange(len(counts)), counts)[mine]
    triangle, cell = entries.triangle[inner], entries.cell[inner] * 2
    long = (boxes.high[triangle] - boxes.low[triangle]).max(axis=1) > 3.0 * size
    found: list[tuple[NDArray[np.int32], NDArray[np.int32], Index]] = []
    for corner in range(8):
        child = cell + np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1], np.int32)
        begin = child * size + boxes.origin
        inside = (boxes.low[triangle] <= begin + size * (1 + 1e-6)) & (boxes.high[triangle] >= begin - size * 1e-6)
        meets: NDArray[np.bool_] = inside[:, 0] & inside[:, 1] & inside[:, 2]
        reach = np.flatnonzero(meets & long)
        meets[reach] = boxes.planes.meet(triangle[reach], begin[reach] + size / 2, size / 2 * (1 + 1e-6))
        boxes.culled[triangle[reach[~meets[reach]]]] = True
        kept = np.flatnonzero(meets)
        found.append((triangle[kept], child[kept], group[kept] * 8 + corner))
    groups = np.concatenate([f[2] for f in found])
    work = np.bincount(
        np.arange(8 * len(counts)) // 8, np.bincount(groups, minlength=8 * len(counts)).astype(float) ** 2
    )
    useful = crowded & (work < 0.7 * counts.astype(np.float64) ** 2)
    keep = useful[groups // 8]
    if not keep.any():
        return None, useful
    return (
        _Entries(np.concatenate([f[0] for f in found])[keep], np.concatenate([f[1] for f in found])[keep], size),
        useful,
    )


def _pairs(
    entries: _Entries, order: Index, starts: Index, counts: Index, boxes: _Boxes
) -> Iterator[tuple[Index, Index]]:
    """Yield the pairs inside each cell whose boxes overlap, some cells at a time in the order of space."""
    kept = counts > 1
    starts, counts = starts[kept], counts[kept]
    if not len(counts):
        return
    ends = np.cumsum(counts)
    cuts = np.searchsorted(ends, np.arange(_CHUNK, int(ends[-1]) + _CHUNK, _CHUNK), side="left") + 1
    begin = 0
    for end in np.unique(np.minimum(cuts, len(counts))).tolist():
        yield _chunk_pairs(entries, order, starts[begin:end], counts[begin:end], boxes)
        begin = end


def _chunk_pairs(entries: _Entries, order: Index, starts: Index, counts: Index, boxes: _Boxes) -> tuple[Index, Index]:
    """Return the pairs of some cells: every entry with the next, the one after that, and so on.

    Full cells stand first, so each step looks only at the entries that still have a partner. A pair counts only in the cell that holds
    the low corner of the boxes' overlap: there, along each axis, one of both begins.
    """
    cells = np.argsort(-counts, kind="stable")
    starts, counts = starts[cells], counts[cells]
    ends = np.cumsum(counts)
    total = int(ends[-1])
    at = order[np.repeat(starts - (ends - counts), counts) + np.arange(total)]
    triangle = entries.triangle[at]
    low, high = boxes.low[triangle], boxes.high[triangle]
    lows = [np.ascontiguousarray(low[:, axis]) for axis in range(3)]
    highs = [np.ascontiguousarray(high[:, axis]) for axis in range(3)]
    begins = np.floor((low - boxes.origin) / entries.size).astype(np.int32) >= entries.cell[at]
    mark = (begins @ np.array([1, 2, 4], np.uint8)).astype(np.uint8)
    mark[boxes.culled[triangle]] = 7
    left = (np.repeat(ends, counts) - np.arange(total)).astype(np.int32)  # entries of the cell from this one on
    partners = np.searchsorted(
        -counts, -np.arange(1, int(counts[0])), side="left"
    )  # cells with more than so many entries
    found_a: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    found_b: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    for step, reach in enumerate(partners.tolist(), 1):
        n = int(ends[reach - 1]) - step
        meets = left[:n] > step
        meets &= (mark[:n] | mark[step : n + step]) == 7
        for axis in range(3):
            meets &= lows[axis][:n] <= highs[axis][step : n + step]
            meets &= highs[axis][:n] >= lows[axis][step : n + step]
        found = np.flatnonzero(meets)
        found_a.append(triangle[found])
        found_b.append(triangle[found + step])
    return np.concatenate(found_a), np.concatenate(found_b)
