"""Cuts polygons into triangles: fans for triangles and convex ones, ears for the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nordlotse.print3d.core.limits import MAX_POLYGON
from nordlotse.print3d.core.mesh import Floats, Ints
from nordlotse.print3d.core.refusals import large


def triangulated(vertices: Floats, corners: Floats | Ints, sizes: Ints, where: str) -> Ints:
    """Return the triangles (m, 3) of polygons: `corners` their vertex numbers one after the other, `sizes` how many each has.

    Polygons of fewer than three corners are passed over. The order of polygons is kept within each size.

    Raises:
        TooLarge: `polygon_corners`.
    """
    if len(sizes) and int(sizes.max()) > MAX_POLYGON:
        raise large(
            "polygon_corners",
            f"Ein Vieleck hat {int(sizes.max())} Ecken; erlaubt sind {MAX_POLYGON}.",
            f"A polygon has {int(sizes.max())} corners; {MAX_POLYGON} are allowed.",
            where,
        )
    corners = np.asarray(corners, np.int32)
    starts = np.cumsum(sizes) - sizes
    found = [corners[starts[sizes == 3][:, None] + np.arange(3)]]
    four = corners[starts[sizes == 4][:, None] + np.arange(4)]
    if len(four):
        found.append(_quads(vertices, four))
    for polygon in np.flatnonzero(sizes > 4):
        loop = corners[starts[polygon] : starts[polygon] + sizes[polygon]]
        found.append(np.array(ears(vertices, loop.tolist()), np.int32).reshape(-1, 3))
    return np.concatenate(found).astype(np.int32, copy=False)


def _quads(vertices: Floats, quads: Ints) -> Ints:
    """Cut each quadrilateral along the diagonal that keeps both triangles on the same side."""
    a, b, c, d = (vertices[quads[:, i]] for i in range(4))
    first = np.einsum("ij,ij->i", np.cross(b - a, c - a), np.cross(c - a, d - a))
    other = first < 0
    cut = np.where(other[:, None], quads[:, [0, 1, 3, 1, 2, 3]], quads[:, [0, 1, 2, 0, 2, 3]])
    return cut.reshape(-1, 3)


def ears(vertices: Floats, loop: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return the triangles of one polygon by cutting ears; a fan where it is convex or has more than 500 corners."""
    points = vertices[list(loop)]
    following = np.roll(points, -1, axis=0)
    normal = np.cross(points, following).sum(axis=0)
    axis = int(np.argmax(np.abs(normal)))
    flat = np.delete(points, axis, axis=1)
    if (normal[axis] < 0) != (axis == 1):
        flat = flat[:, ::-1]
    turns = _turn(np.roll(flat, 1, axis=0), flat, np.roll(flat, -1, axis=0))
    if (turns >= 0).all() or len(loop) > 500:
        return [(loop[0], loop[i], loop[i + 1]) for i in range(1, len(loop) - 1)]
    left = list(range(len(loop)))
    triangles = []
    while len(left) > 3:
        at = _ear(flat, left)
        before, here, after = left[at - 1], left[at], left[(at + 1) % len(left)]
        triangles.append((loop[before], loop[here], loop[after]))
        left.pop(at)
    triangles.append((loop[left[0]], loop[left[1]], loop[left[2]]))
    return triangles


def _ear(flat: Floats, left: list[int]) -> int:
    points = flat[left]
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    convex = _turn(before, points, after) > 0
    for at in np.flatnonzero(convex):
        a, b, c = before[at], points[at], after[at]
        inside = (_turn(a, b, points) >= 0) & (_turn(b, c, points) >= 0) & (_turn(c, a, points) >= 0)
        if inside.sum() <= 3:
            return int(at)
    return int(np.argmax(convex))


def _turn(a: Floats, b: Floats, c: Floats) -> Floats:
    """Return twice the signed area of the triangles a, b, c in the plane."""
    first, second = b - a, c - a
    turn: Floats = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return turn
