"""Which triangles belong to one body, which bodies are closed, and which lie inside others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from nordlotse.print3d.core.mesh import Floats, Ints, Mesh

#: Triangles looked at in all tests of what lies inside what; beyond it the smallest bodies stay untested.
_MOST_WORK = 30_000_000
#: A body with holes contains what it surrounds to this share of all directions (generalised winding number, Jacobson et al. 2013).
_AROUND = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A connected surface: its faces, volume in mm³ (signed), area in mm², box (2, 3), centre of its area, whether it is closed.

    `inside`: numbers of the bodies that contain it, a hole or two in them notwithstanding.
    """

    faces: Ints
    volume: float
    area: float
    box: Floats
    centre: Floats
    closed: bool
    inside: tuple[int, ...] = ()


def groups(count: int, a: NDArray[np.int64] | Ints, b: NDArray[np.int64] | Ints) -> Ints:
    """Return for each of `count` things the number of its group, where a[i] and b[i] belong together."""
    links = coo_matrix((np.ones(len(a), bool), (a, b)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    found: Ints = label.astype(np.int32)
    return found


def bodies_of(mesh: Mesh, label: Ints, open_faces: Ints) -> list[Body]:
    """Return the bodies in order of size (area), by each face's label; `open_faces` have an edge without a neighbour."""
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    is_open = np.zeros(int(label.max()) + 1 if len(label) else 0, bool)
    is_open[label[open_faces]] = True
    found = []
    for faces in np.split(order.astype(np.int32), cuts):
        if not len(faces):
            continue
        corners = mesh.corners[faces]
        areas = mesh.areas[faces]
        area = float(areas.sum())
        centre = (mesh.centres[faces] * areas[:, None]).sum(axis=0) / area if area > 0 else corners.mean(axis=(0, 1))
        box = np.array([corners.min(axis=(0, 1)), corners.max(axis=(0, 1))])
        about = corners - centre
        volume = float(np.einsum("ij,ij->i", about[:, 0], np.cross(about[:, 1], about[:, 2])).sum() / 6.0)
        found.append(Body(faces, volume, area, box, centre, not is_open[label[faces[0]]]))
    found.sort(key=lambda body: (-body.area, *body.centre.tolist()))
    return found


def nested(mesh: Mesh, bodies: list[Body], crossing: set[tuple[int, int]]) -> list[Body]:
    """Return the bodies, each with those that contain it, closed or with holes in them; bodies whose surfaces cross do not contain each other."""
    if len(bodies) < 2:
        return bodies
    boxes = np.array([body.box for body in bodies])
    work = 0
    found = []
    for number, body in enumerate(bodies):
        holds = (boxes[:, 0] <= body.box[0]).all(axis=1) & (boxes[:, 1] >= body.box[1]).all(axis=1)
        holds[number] = False
        inside = []
        for other in np.flatnonzero(holds).tolist():
            work += len(bodies[other].faces)
            if work > _MOST_WORK or (min(number, other), max(number, other)) in crossing:
                continue
            point = mesh.corners[body.faces[0]].mean(axis=0)
            enough = 0.5 if bodies[other].closed else _AROUND
            if abs(winding_number(mesh.corners[bodies[other].faces], point)) > enough:
                inside.append(other)
        found.append(
            Body(body.faces, body.volume, body.area, body.box, body.centre, body.closed, tuple(inside))
            if inside
            else body
        )
    return found


def winding_number(corners: Floats, point: Floats) -> float:
    """Return how often a closed surface goes round a point: 1 inside, 0 outside, -1 inside of one turned inside out.

    Sum of solid angles over 4π (van Oosterom and Strackee, The solid angle of a plane triangle, 1983).
    """
    a, b, c = (corners[:, i] - point for i in range(3))
    la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    below = (
        la * lb * lc
        + np.einsum("ij,ij->i", a, b) * lc
        + np.einsum("ij,ij->i", b, c) * la
        + np.einsum("ij,ij->i", c, a) * lb
    )
    return float(np.arctan2(above, below).sum() / (2.0 * np.pi))
