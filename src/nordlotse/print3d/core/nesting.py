"""How many parts fit beside and above each other: rows, layers and builds of one part, and a chamber packed with different ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d.core.mesh import Floats, Mesh

Counts = NDArray[Any]
Size = tuple[float, float, float]

#: Most parts of one nest; more are many builds of the same.
MOST = 2_000
#: Edge of a cell of the height map in mm, at least; a chamber has at most about this many cells along a side.
_CELL = 2.0
_CELLS = 100
#: The six ways to lie along the axes: which axis of the file points along x, y, z.
_AXES: tuple[tuple[int, int, int], ...] = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
#: Cells of triangles worked through at once.
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Equal parts in a chamber: how many in a row, rows in a layer, layers; `pitch`: room of one part with its gaps in mm."""

    per_row: int
    rows: int
    layers: int
    pitch: Size

    @property
    def per_layer(self) -> int:
        """Return parts per layer."""
        return self.per_row * self.rows

    @property
    def per_build(self) -> int:
        """Return parts per build."""
        return self.per_layer * self.layers


def grid(size: Size, chamber: Size, gap: float, *, stacked: bool) -> Grid | None:
    """Return the densest grid of equal parts of `size` mm; None if not even one fits.

    The gap is kept between parts, not to the walls. `stacked`: in powder a part may lie on any side and in layers; on a plate it keeps
    its height and may only turn a quarter.
    """
    best: Grid | None = None
    ways = permutations(size) if stacked else iter([size, (size[1], size[0], size[2])])
    for x, y, z in ways:
        pitch = (x + gap, y + gap, z + gap)
        room = [int((side + gap + 1e-9) // step) if step > 0 else 0 for side, step in zip(chamber, pitch, strict=True)]
        if min(room) < 1:
            continue
        found = Grid(room[0], room[1], room[2] if stacked else 1, pitch)
        # of equal ones the flattest: its first layer is full soonest
        if best is None or (found.per_build, -found.pitch[2]) > (best.per_build, -best.pitch[2]):
            best = found
    return best


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """What a quantity fills, as arrays over quantities: builds started; layers as exact share, with started rows, and whole."""

    builds: Floats
    layers_exact: Floats
    layers_by_rows: Floats
    layers_whole: Floats


def started(given: Grid, quantity: Counts) -> Started:
    """Return what quantities of equal parts fill, row after row, layer after layer, build after build."""
    n = np.asarray(quantity, dtype=np.float64)
    full = np.floor(n / given.per_layer)
    rest = n - full * given.per_layer
    rows = np.ceil(rest / given.per_row)
    return Started(
        np.ceil(n / given.per_build), n / given.per_layer, full + rows / given.rows, np.ceil(n / given.per_layer)
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """One part of a nest: its number in the list, build from 0, lowest corner and size of its box in mm, axes (file axes in x, y, z)."""

    part: int
    build: int
    corner: Size
    size: Size
    axes: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Nest:
    """Different parts packed: places, height filled per build in mm, and share of the filled chamber that is part volume."""

    placed: tuple[Placed, ...]
    heights: tuple[float, ...]
    density: float


@dataclass(frozen=True, eq=False)
class _Relief:
    """A part seen from above and below: height of its underside and top over its lowest point per cell, inf/-inf where it is not."""

    bottom: Floats
    top: Floats
    size: Size
    axes: tuple[int, int, int]


def nest(parts: Sequence[Mesh], chamber: Size, gap: float) -> Nest:
    """Return a packing of different parts without overlap, at least `gap` mm apart.

    Parts come largest first, each in six ways to lie, to the place where its top ends lowest: the height map of what lies already
    meets the part's underside, so a bowl sits in a bowl.

    Raises:
        BadInput: `part_too_large` (`where`: number of the part).
        TooLarge: `nest_too_large`.
    """
    if len(parts) > MOST:
        raise TooLarge(
            "nest_too_large",
            de=f"Mehr als {MOST} Teile werden nicht gepackt.",
            en=f"No more than {MOST} parts are packed.",
            remedy_de="Bitte teilen Sie die Liste.",
            remedy_en="Split the list.",
        )
    cell = max(_CELL, max(chamber[:2]) / _CELLS)
    shape = int((chamber[0] + gap) // cell), int((chamber[1] + gap) // cell)
    builds: list[Floats] = []
    placed: list[Placed] = []
    order = sorted(range(len(parts)), key=lambda k: (-float(np.prod(parts[k].size)), k))
    for number in order:
        reliefs = [_relief(parts[number], axes, cell, gap, shape) for axes in _AXES]
        fitting = [r for r in reliefs if all(s <= c + 1e-9 for s, c in zip(r.size, chamber, strict=True))]
        if not fitting:
            raise BadInput(
                "part_too_large",
                de=f"Teil {number + 1} passt nicht in den Bauraum.",
                en=f"Part {number + 1} does not fit into the build volume.",
                where=str(number + 1),
                remedy_de="Wählen Sie eine größere Maschine oder teilen Sie das Teil.",
                remedy_en="Choose a larger machine or split the part.",
            )
        for build in range(len(builds) + 1):
            if build == len(builds):
                builds.append(np.zeros(shape))
            found = _lowest(builds[build], fitting, chamber[2])
            if found is not None:
                placed.append(_put(builds[build], *found, number, build, cell, gap))
                break
    heights = [0.0] * len(builds)
    for one in placed:
        heights[one.build] = max(heights[one.build], one.corner[2] + one.size[2])
    filled = sum(heights) * chamber[0] * chamber[1]
    volume = sum(abs(part.volume) for part in parts)
    return Nest(tuple(placed), tuple(heights), volume / filled if filled else 0.0)


def _relief(mesh: Mesh, axes: tuple[int, int, int], cell: float, gap: float, shape: tuple[int, int]) -> _Relief:
    """Return the part's underside and top on cells: of each triangle's whole box, so never less than the part is.

    It is as wide as the part and a gap around it; the gap above is added where a part is put.
    """
    points = mesh.corners[:, :, list(axes)]
    low = points.reshape(-1, 3).min(axis=0)
    points = points - low
    size = points.reshape(-1, 3).max(axis=0)
    # the box and one gap on its far side, in cells; the last part of a full row needs no gap to the wall
    across = np.minimum(np.maximum(1, np.ceil((size[:2] + gap) / cell - 1e-9)).astype(int), shape)
    bottom, top = np.full(tuple(across), np.inf), np.full(tuple(across), -np.inf)
    # the gap belongs to the part in every direction, so that a neighbour that reaches under or over it keeps it too
    first = np.clip(np.floor((points[:, :, :2].min(axis=1) - gap) / cell).astype(int), 0, across - 1)
    last = np.clip(np.floor((points[:, :, :2].max(axis=1) + gap) / cell - 1e-9).astype(int), first, across - 1)
    wide, deep = (last - first + 1).T
    under, over = points[:, :, 2].min(axis=1), points[:, :, 2].max(axis=1)
    for rows in np.split(np.arange(len(points)), np.flatnonzero(np.diff(np.cumsum(wide * deep) // _CHUNK)) + 1):
        counts = (wide * deep)[rows]
        triangle = np.repeat(rows, counts)
        step = np.arange(len(triangle)) - np.repeat(np.cumsum(counts) - counts, counts)
        here = (first[triangle, 0] + step // deep[triangle], first[triangle, 1] + step % deep[triangle])
        np.minimum.at(bottom, here, under[triangle])
        np.maximum.at(top, here, over[triangle])
    return _Relief(bottom, top, (float(size[0]), float(size[1]), float(size[2])), axes)


def _lowest(heights: Floats, reliefs: list[_Relief], limit: float) -> tuple[_Relief, int, int, float] | None:
    """Return where a part ends lowest in a build: how it lies, cell, height of its lowest point; None if it is full."""
    best: tuple[float, _Relief, int, int, float] | None = None
    for relief in reliefs:
        a, b = relief.bottom.shape
        filled = np.argwhere(np.isfinite(relief.bottom))
        room = heights.shape[0] - a + 1, heights.shape[1] - b + 1
        stand = np.zeros(room)
        for i, j in filled:
            np.maximum(stand, heights[i : i + room[0], j : j + room[1]] - relief.bottom[i, j], out=stand)
        i, j = np.unravel_index(int(stand.argmin()), stand.shape)
        z = float(stand[i, j])
        end = z + relief.size[2]
        if end <= limit + 1e-9 and (best is None or end < best[0] - 1e-9):
            best = (end, relief, int(i), int(j), z)
    return best[1:] if best else None


def _put(
    heights: Floats, relief: _Relief, i: int, j: int, z: float, number: int, build: int, cell: float, gap: float
) -> Placed:
    a, b = relief.bottom.shape
    here = heights[i : i + a, j : j + b]
    np.maximum(here, np.where(np.isfinite(relief.top), z + relief.top + gap, 0.0), out=here)
    return Placed(number, build, (i * cell, j * cell, z), relief.size, relief.axes)
