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
_EXTREMES, _MANY = 400, 15_000
#: Headings about z at which it is tested whether a part fits, over half a turn.
_HEADINGS = 36
#: Faces looked at together.
_BLOCK = 4_000


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


def directions(part: Shape, most: int = 120) -> Floats:
    """Return unit directions (n, 3) that may face the bed, the likeliest first: facets of the hull, large flat faces, their backs."""
    flat, hull = _clusters(part.mesh.normals, part.mesh.areas)[:30], part.facets[:90]
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


@dataclass(frozen=True, eq=False)
class Shape:
    """A part and what stays the same however it lies: its hull's corners, the hull's facets by falling area, its centre of mass."""

    mesh: Mesh
    corners: Floats
    facets: Floats
    middle: Floats


def shape(mesh: Mesh) -> Shape:
    """Return the part's hull and centre of mass (that of its box where it has no volume)."""
    points = mesh.vertices[np.unique(mesh.faces)]
    if len(points) > _MANY:
        n = np.arange(_EXTREMES)
        # Fibonacci's points spread evenly over the sphere
        z, turn = 1 - (2 * n + 1) / len(n), n * np.pi * (3 - 5**0.5)
        sphere = np.stack([np.sqrt(1 - z**2) * np.cos(turn), np.sqrt(1 - z**2) * np.sin(turn), z], axis=1)
        rough = points[:: max(1, len(points) // 60_000)]
        # in single precision and few directions at a time: the products of all would not fit the processor's memory
        light = np.ascontiguousarray(rough.T, dtype=np.float32)
        parts = np.array_split(sphere.astype(np.float32), 40)
        extreme = np.unique(np.concatenate([(part @ light).argmax(axis=1) for part in parts]))
        points = rough[extreme]
    middle = _middle(mesh)
    try:
        hull = ConvexHull(points)
    except (QhullError, ValueError):
        return Shape(mesh, points, np.zeros((0, 3)), middle)
    a, b, c = points[hull.simplices].transpose(1, 0, 2)
    wide = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return Shape(mesh, points[hull.vertices], _clusters(hull.equations[:, :3], wide), middle)


def _middle(mesh: Mesh) -> Floats:
    low, high = mesh.bounds
    corners = mesh.corners - (low + high) / 2
    volume = np.einsum("ij,ij->i", corners[:, 0], mesh.cross)
    total = float(volume.sum())
    if abs(total) < 1e-9:
        return np.asarray((low + high) / 2)
    return np.asarray((low + high) / 2 + (corners.sum(axis=1) * volume[:, None]).sum(axis=0) / (4 * total))


def under_all(part: Shape, downs: Floats, angle: float) -> Floats:
    """Return for each direction an upper bound of the space under overhangs in mm³: their area times their height over the bed."""
    cosine = float(np.cos(np.radians(angle)))
    towards = downs.astype(np.float32).T
    bottoms = (part.corners.astype(np.float32) @ towards).max(axis=0)
    mesh = part.mesh
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
    part: Shape,
    down: Floats,
    angle: float,
    coefficients: tuple[float, float, float],
    marked: Indices | None,
    layer: float,
) -> Pose:
    """Return how the part lies with `down` towards the bed; `coefficients`: support margin mm, filament per mm³ and per mm² of contact."""
    rotation = shortest_turn(down)
    turned, corners = part.mesh.turned(rotation).on_bed(), part.corners @ rotation.T
    margin, per_volume, per_contact = coefficients
    size = turned.size
    found = support(turned, angle, margin, 0.3, max(0.4, float(size[:2].max()) / 64), max(layer, float(size[2]) / 80))
    filament = per_volume * found.volume + per_contact * float(found.contact.sum())
    # on a part that lies aslant every layer's edge is a small overhang more; measured on own slices
    steep = np.abs(turned.normals[:, 2])
    aslant = float(turned.areas[(steep > _UPRIGHT) & (steep < _DOWN)].sum()) / max(turned.area, 1e-12)
    filament *= 1.0 + _ASLANT * aslant
    down_facing = -turned.normals[:, 2]
    low = np.asarray((turned.vertices[:, 2] < _TOUCH)[turned.faces].all(axis=1))
    stands = float(turned.areas[low & (down_facing > _DOWN)].sum())
    return Pose(
        np.asarray(down, dtype=np.float64),
        rotation,
        filament,
        stands,
        float(size[2]),
        size,
        _outline(corners),
        _rough(turned, low, angle, marked),
        _stable(corners, rotation @ part.middle, stands),
    )


def _outline(corners: Floats) -> Floats:
    """Return how far the part reaches (n,) in mm across n directions of half a turn, seen from above."""
    angles = np.arange(_HEADINGS) * (np.pi / _HEADINGS)
    reach: Floats = np.ptp(corners[:, :2] @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)
    return reach


def _rough(turned: Mesh, low: Flags, angle: float, marked: Indices | None) -> float:
    """Return the mean step height on the wanted faces (all where none is marked): none on walls and level faces, whole where supported."""
    steep = np.abs(turned.normals[:, 2])
    step = np.where(steep > _DOWN, 0.0, steep)
    step = np.where((turned.normals[:, 2] < -np.cos(np.radians(angle))) & ~low, 1.0, step)
    rows = slice(None) if marked is None or not len(marked) else marked
    weight = turned.areas[rows]
    return float((step[rows] * weight).sum() / max(float(weight.sum()), 1e-12))


def _stable(corners: Floats, middle: Floats, stands: float) -> bool:
    """Return whether the part stands by itself: its weight over its foot, and not taller than ten times the foot's width."""
    low = float(corners[:, 2].min())
    foot = corners[corners[:, 2] < low + 0.3][:, :2]
    inside = bool(((foot.min(axis=0) <= middle[:2]) & (middle[:2] <= foot.max(axis=0))).all())
    tall = float(corners[:, 2].max()) - low
    return stands > 1.0 and inside and tall <= 10 * max(float(np.ptp(foot, axis=0).min()), float(np.sqrt(stands)))
