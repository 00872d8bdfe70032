"""Ways a part could lie: directions that may face the bed, and how each would print, judged from its faces and columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from nordlotse.print3d.core.columns import Flags, support
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.slicing import Indices

#: Directions nearer than this (cosine) are one; normals in files carry noise of about 1e-5.
_SAME = 0.9999
#: Flat faces nearer to the bed than this stand on it, in mm.
_TOUCH = 0.05
#: Faces whose normal is nearer to straight down than this (cosine of 1.8°) are a flat underside.
_DOWN = 0.9995
#: Faces whose normal rises less than this (sine of 5°) are walls.
_UPRIGHT = 0.087
#: How much more support a part needs whose faces all lie aslant, as a share.
_ASLANT = 0.6
#: Of a mesh with more points than the second the hull is made of the extremes in the first number of directions.
_EXTREMES, _MANY = 800, 25_000
#: Headings about z at which it is tested whether a part fits, over half a turn.
_HEADINGS = 36
#: Faces looked at together.
_BLOCK = 20_000


@dataclass(frozen=True, eq=False)
class Pose:
    """One way to lie. `down` is the direction of the part that faces the bed; volumes mm³, areas mm², lengths mm. `outline`: how far it
    reaches over half a turn about z.

    `rough`: mean height of the steps that layers leave on the wanted faces, as a share of a layer, supported faces counted as whole.
    """

    down: Floats
    rotation: Floats
    support: float
    stands: float
    height: float
    size: Floats
    outline: Floats
    rough: float
    stable: bool


def shortest_turn(down: Floats) -> Floats:
    """Return the rotation (3, 3), v' = R v, that brings direction `down` to −z on the shortest way."""
    a = np.asarray(down, dtype=np.float64) / np.linalg.norm(down)
    cosine = -a[2]
    if cosine < -1 + 1e-12:
        return np.diag([1.0, -1.0, -1.0])
    axis = np.cross(a, [0.0, 0.0, -1.0])
    x, y, z = axis
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    result: Floats = np.eye(3) + skew + skew @ skew / (1 + cosine)
    return result


def directions(mesh: Mesh, most: int = 120) -> Floats:
    """Return unit directions (n, 3) that may face the bed, the likeliest first: facets of the hull, large flat faces, their backs."""
    flat = _clusters(mesh.normals, mesh.areas)[:30]
    hull = _hull_facets(mesh)[:90]
    found: list[Floats] = [np.array([0.0, 0.0, -1.0])]
    for direction in [*_zipped(flat, hull), *(-flat[:12]), *np.eye(3), *(-np.eye(3))]:
        if np.max(np.array(found) @ direction) < _SAME:
            found.append(direction)
        if len(found) == most:
            break
    return np.array(found)


def _zipped(one: Floats, two: Floats) -> list[Floats]:
    """Return the rows of both by turns."""
    longest = max(len(one), len(two))
    return [rows[n] for n in range(longest) for rows in (one, two) if n < len(rows)]


def _clusters(normals: Floats, areas: Floats) -> Floats:
    """Return the mean directions of normals that are nearly equal, by falling area; equal after rounding is equal enough."""
    keep = areas > 0
    keys = np.round(normals[keep] * 500).astype(np.int64)
    _, place = np.unique(keys @ np.array([1, 4096, 4096**2]), return_inverse=True)
    weight = np.bincount(place, areas[keep])
    sums = np.stack([np.bincount(place, areas[keep] * normals[keep, axis]) for axis in range(3)], axis=1)
    order = np.argsort(-weight, kind="stable")
    result: Floats = sums[order] / np.maximum(np.linalg.norm(sums[order], axis=1, keepdims=True), 1e-12)
    return result


def _hull_facets(mesh: Mesh) -> Floats:
    """Return the outward normals of the convex hull's facets by falling area."""
    points = mesh.vertices[np.unique(mesh.faces)]
    if len(points) > _MANY:
        n = np.arange(_EXTREMES)
        # Fibonacci's points spread evenly over the sphere
        z, turn = 1 - (2 * n + 1) / len(n), n * np.pi * (3 - 5**0.5)
        sphere = np.stack([np.sqrt(1 - z**2) * np.cos(turn), np.sqrt(1 - z**2) * np.sin(turn), z], axis=1)
        rough = points[:: max(1, len(points) // 60_000)]
        extreme = np.unique(np.concatenate([(rough @ part.T).argmax(axis=0) for part in np.array_split(sphere, 8)]))
        points = rough[extreme]
    try:
        hull = ConvexHull(points)
    except (QhullError, ValueError):
        return np.zeros((0, 3))
    a, b, c = points[hull.simplices].transpose(1, 0, 2)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return _clusters(hull.equations[:, :3], areas)


def under_all(mesh: Mesh, downs: Floats, angle: float) -> Floats:
    """Return for each direction an upper bound of the space under overhangs in mm³: their area times their height over the bed."""
    cosine = float(np.cos(np.radians(angle)))
    towards = downs.astype(np.float32).T
    vertices = mesh.vertices.astype(np.float32)
    bottoms = np.max([(part @ towards).max(axis=0) for part in np.array_split(vertices, 8) if len(part)], axis=0)
    normals, centres = mesh.normals.astype(np.float32), mesh.centres.astype(np.float32)
    areas = mesh.areas.astype(np.float32)
    result = np.zeros(len(downs))
    for first in range(0, len(areas), _BLOCK):
        rows = slice(first, first + _BLOCK)
        facing = normals[rows] @ towards
        high = bottoms - centres[rows] @ towards
        facing *= (facing > cosine) & (high > 4 * _TOUCH)
        high += 2.0
        facing *= high
        result += areas[rows] @ facing
    return result


def posed(
    mesh: Mesh,
    down: Floats,
    angle: float,
    coefficients: tuple[float, float, float],
    marked: Indices | None,
    layer: float,
) -> Pose:
    """Return how `mesh` lies with `down` towards the bed; `coefficients`: support margin mm, filament per mm³ and per mm² of contact."""
    rotation = shortest_turn(down)
    turned = mesh.turned(rotation).on_bed()
    margin, per_volume, per_contact = coefficients
    size = turned.size
    found = support(turned, angle, margin, 0.3, max(0.4, float(size[:2].max()) / 64), max(layer, float(size[2]) / 80))
    filament = per_volume * found.volume + per_contact * float(found.contact.sum())
    # on a part that lies aslant every layer's edge is a small overhang more; measured on own slices
    steep = np.abs(turned.normals[:, 2])
    aslant = float(turned.areas[(steep > _UPRIGHT) & (steep < _DOWN)].sum()) / max(turned.area, 1e-12)
    filament *= 1.0 + _ASLANT * aslant
    down_facing = -turned.normals[:, 2]
    low = turned.corners[:, :, 2].max(axis=1) < _TOUCH
    stands = float(turned.areas[low & (down_facing > _DOWN)].sum())
    return Pose(
        np.asarray(down, dtype=np.float64),
        rotation,
        filament,
        stands,
        float(size[2]),
        size,
        _outline(turned),
        _rough(turned, low, angle, marked),
        _stable(turned, stands, float(size[2])),
    )


def _outline(turned: Mesh) -> Floats:
    """Return how far the part reaches (n,) in mm across n directions of half a turn, seen from above."""
    angles = np.arange(_HEADINGS) * (np.pi / _HEADINGS)
    points = turned.vertices[:: max(1, len(turned.vertices) // 20_000), :2]
    reach: Floats = np.ptp(points @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)
    return reach


def _rough(turned: Mesh, low: Flags, angle: float, marked: Indices | None) -> float:
    """Return the mean step height on the wanted faces (all where none is marked): none on walls and level faces, whole where supported."""
    steep = np.abs(turned.normals[:, 2])
    step = np.where(steep > _DOWN, 0.0, steep)
    step = np.where((turned.normals[:, 2] < -np.cos(np.radians(angle))) & ~low, 1.0, step)
    rows = slice(None) if marked is None or not len(marked) else marked
    weight = turned.areas[rows]
    return float((step[rows] * weight).sum() / max(float(weight.sum()), 1e-12))


def _stable(turned: Mesh, stands: float, height: float) -> bool:
    """Return whether the part stands by itself: its weight over its foot, and not taller than ten times the foot's width."""
    foot = turned.vertices[turned.vertices[:, 2] < 0.3][:, :2]
    spread = np.ptp(foot, axis=0).min() if len(foot) else 0.0
    volume = np.einsum("ij,ij->i", turned.corners[:, 0], np.cross(turned.corners[:, 1], turned.corners[:, 2])) / 6
    total = float(volume.sum())
    middle = (
        (turned.corners.sum(axis=1)[:, :2] * volume[:, None]).sum(axis=0) / (4 * total) if abs(total) > 1e-9 else 0.0
    )
    inside = bool(len(foot)) and bool(((foot.min(axis=0) <= middle) & (middle <= foot.max(axis=0))).all())
    return stands > 1.0 and inside and height <= 10 * max(spread, np.sqrt(stands))
