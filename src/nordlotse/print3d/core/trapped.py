"""Cavities that powder or resin cannot leave: sealed ones, and ones whose openings are too small; with a place for drain holes.

Sealed cavities are shells inside a body, known exactly; those behind bores and slits are told on the surface (`mouths`). What else there
is, such as openings with sharp or slanted lips, is found on a grid: a ball as wide as the smallest useful opening fits into the cavity but
cannot roll out of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.codes import GEOMETRY
from nordlotse.print3d.core.columns import crossings
from nordlotse.print3d.core.findings import MOST, measured_finding
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.mouths import rooms
from nordlotse.print3d.core.rays import Solid
from nordlotse.print3d.core.thickness import Measured
from nordlotse.print3d.core.topology import Topology
from nordlotse.print3d.core.values import Finding, Limits, Process

#: Cells of the grid, and at most where so many cannot see the opening: bounds time and memory.
_CELLS, _MOST_CELLS = 900_000, 4_000_000
#: The grid's pitch is at most this share of the opening; coarser ones cannot see it, and only sealed cavities are reported.
_PITCH, _COARSEST = 1 / 6, 1 / 2.5
#: Rounding of a radius on the grid, in cells: an opening of just the limit is let through.
_ROUND = 0.75
#: Steps in which the size of the opening is narrowed down.
_STEPS = 4


def trapped_findings(
    found: Topology, solid: Solid, gap: Measured, limits: Mapping[Process, Limits]
) -> tuple[Finding, ...]:
    """Return the cavities that do not empty; the value is the widest opening in mm (0 if sealed), the limit the smallest useful one.

    `gap`: how wide the space before each triangle is.
    """
    draining = {name: limit.drain for name, limit in limits.items() if limit.drain > 0}
    if not draining or not len(found.mesh.faces):
        return ()
    widest = max(draining.values())
    findings = []
    boxes: list[Floats] = []
    for body in found.bodies:
        if body.closed and len(body.inside) % 2 == 1 and body.volume * _sign(found, body.inside) < 0:
            boxes.append(body.box)
            findings.append(_finding(found.mesh, solid, body.centre, body.faces, 0.0, widest, draining))
    behind = rooms(found, solid, gap, widest)
    for room in behind:
        boxes.append(room.box)
        findings.append(_finding(found.mesh, solid, room.where, room.faces, room.opening, widest, draining))
    for where, faces, opening in _narrow(found.mesh, solid, widest):
        if any(((where >= low) & (where <= high)).all() for low, high in boxes):
            continue  # known already; a thin wall around it may look open on the grid
        findings.append(_finding(found.mesh, solid, where, faces, opening, widest, draining))
    return tuple(findings[:MOST])


def _sign(found: Topology, inside: tuple[int, ...]) -> float:
    """Return the sense of the body around: a cavity runs against it, a solid lying inside runs with it."""
    return float(np.sign(found.bodies[inside[-1]].volume))


def _finding(
    mesh: Mesh,
    solid: Solid,
    where: Floats,
    faces: Ints,
    opening: float,
    widest: float,
    draining: Mapping[Process, float],
) -> Finding:
    matters = tuple(str(name) for name, limit in draining.items() if opening < limit)
    remedy = _proposal(solid, where, widest)
    return measured_finding(mesh, "trapped_volume", where, faces, opening, widest, "mm", matters, remedy, snap=False)


def _proposal(solid: Solid, where: Floats, wide: float) -> Text:
    """Return where to drill: the thinnest wall around the cavity, and the thinnest on the other side."""
    ways = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if x or y or z], float)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    start = np.tile(where, (len(ways), 1))
    inner = solid.shoot(start, ways)
    reached = np.flatnonzero((inner.face >= 0) & (inner.cosine < 0))
    entry = start[reached] + ways[reached] * (inner.distance[reached, None] + solid.off)
    outer = solid.shoot(entry, ways[reached])
    through = outer.face >= 0
    wall = outer.distance[through]
    place = entry[through] + ways[reached][through] * wall[:, None]
    if not len(wall):
        return GEOMETRY["trapped_volume"].remedy
    first = int(np.argmin(wall))
    other = ways[reached][through] @ ways[reached][through][first] < -0.5
    chosen = [first, *([int(np.argmin(np.where(other, wall, np.inf)))] if other.any() else [])]
    spots = [" / ".join(f"{number:.1f}" for number in place[at]) for at in chosen]
    walls = [f"{wall[at]:.1f}" for at in chosen]
    de = " und ".join(f"{spot} (Wand {w} mm)".replace(".", ",") for spot, w in zip(spots, walls, strict=True))
    en = " and ".join(f"{spot} (wall {w} mm)" for spot, w in zip(spots, walls, strict=True))
    width = f"{wide:.1f}"
    return Text(
        f"Öffnungen von mindestens {width.replace('.', ',')} mm vorsehen, zum Beispiel bei {de}.",
        f"Provide openings of at least {width} mm, for example at {en}.",
    )


def _narrow(mesh: Mesh, solid: Solid, wide: float) -> list[tuple[Floats, Ints, float]]:
    """Return centre, faces and opening of the cavities a ball `wide` mm across fits into but cannot leave."""
    space = float(np.prod(mesh.size + 2 * wide))
    pitch = min(max(wide * _PITCH, (space / _CELLS) ** (1 / 3)), wide * _COARSEST)
    if space / pitch**3 > _MOST_CELLS or (mesh.size < wide).any():
        return []
    border = int(np.ceil(wide / pitch)) + 1
    void = ~np.pad(_cells(mesh, pitch), border)
    if not _hollow(void):
        return []
    room = ndimage.distance_transform_edt(void) * pitch
    radius = wide / 2 - _ROUND * pitch
    label, count = ndimage.label(room > radius + _ROUND * pitch)
    loose, _ = ndimage.label(room > radius)
    outside = loose[0, 0, 0]
    found = []
    for number in range(1, count + 1):
        cells = np.argwhere(label == number)
        first = tuple(cells[0])
        if loose[first] == outside:
            continue
        opening = _opening(room, first, radius)
        at = (cells.mean(axis=0) + 0.5 - border) * pitch
        where = mesh.bounds[0] + at[::-1]
        centres = mesh.bounds[0] + ((cells[:: len(cells) // 5_000 + 1] + 0.5 - border) * pitch)[:, ::-1]
        away = cKDTree(centres).query(solid.mesh.centres, distance_upper_bound=wide / 2 + 3 * pitch)[0]
        found.append((where, solid.parents(np.flatnonzero(np.isfinite(away)).astype(np.int32)), opening))
    merged: list[tuple[Floats, Ints, float]] = []
    for one in sorted(found, key=lambda one: -len(one[1])):
        if not any(np.isin(one[1], other[1]).mean() > 0.5 for other in merged if len(one[1])):
            merged.append(one)
    return merged


def _hollow(void: NDArray[np.bool_]) -> bool:
    """Return whether anything void is shut in between material on both sides along all three axes: else nothing can be trapped."""
    solid = ~void
    shut = void
    for axis in range(3):
        before = np.maximum.accumulate(solid, axis=axis)
        after = np.flip(np.maximum.accumulate(np.flip(solid, axis), axis=axis), axis)
        shut = shut & before & after
    return bool(shut.any())


def _opening(room: Floats, cell: tuple[int, ...], radius: float) -> float:
    """Return the widest opening of the cavity in mm, by bisection; 0 if it is sealed."""
    low, high = 0.0, radius
    label, _ = ndimage.label(room > 0)
    if label[cell] != label[0, 0, 0]:
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        label, _ = ndimage.label(room > middle)
        if label[cell] == label[0, 0, 0]:
            low = middle
        else:
            high = middle
    return low + high


def _cells(mesh: Mesh, pitch: float) -> NDArray[np.bool_]:
    """Return which cells of the box around the part are material, (nz, ny, nx); columns that do not close are void."""
    found = crossings(mesh, pitch, 0.0)
    deep = int(np.ceil(mesh.size[2] / pitch)) + 1
    ny, nx = found.shape
    z = np.clip(np.ceil((found.height - mesh.bounds[0, 2]) / pitch - 0.5), 0, deep).astype(np.int64)
    step = np.bincount(z * (ny * nx) + found.pixel, np.where(found.enters, 1, -1), (deep + 1) * ny * nx)
    steps = step.reshape(deep + 1, ny, nx)
    steps[:, steps.sum(axis=0) != 0] = 0.0
    cells: NDArray[np.bool_] = np.cumsum(steps[:deep], axis=0) > 0.5
    return cells
