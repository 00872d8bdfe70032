"""Where a finding lies: centres of faces, loops and points, and the nearest point of a surface."""

from __future__ import annotations

import numpy as np

from nordlotse.print3d.core.bodies import groups
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh

#: A place farther than this from its marked faces is moved onto them, in mm.
_REACH = 0.9


def on_faces(mesh: Mesh, where: Floats, faces: Ints, reach: float = _REACH) -> Floats:
    """Return the place itself if a marked face is within `reach` mm, else the nearest point of the marked faces."""
    near = _nearest(mesh.corners[faces], where)
    return where if float(np.linalg.norm(near - where)) <= reach else near


def _nearest(corners: Floats, point: Floats) -> Floats:
    """Return the point of the triangles nearest to `point`: on a face, else on a border."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    candidates = [_on_segment(a, b, point), _on_segment(b, c, point), _on_segment(c, a, point)]
    normal = np.cross(b - a, c - a)
    square = np.maximum(np.einsum("ij,ij->i", normal, normal), 1e-300)
    foot = point - (np.einsum("ij,ij->i", point - a, normal) / square)[:, None] * normal
    inside = np.ones(len(a), bool)
    for p, q in ((a, b), (b, c), (c, a)):
        inside &= np.einsum("ij,ij->i", np.cross(q - p, foot - p), normal) >= 0
    candidates.append(np.where(inside[:, None], foot, candidates[0]))
    every = np.concatenate(candidates)
    nearest: Floats = every[int(np.argmin(np.linalg.norm(every - point, axis=1)))]
    return nearest


def _on_segment(p: Floats, q: Floats, point: Floats) -> Floats:
    way = q - p
    share = np.einsum("ij,ij->i", point - p, way) / np.maximum(np.einsum("ij,ij->i", way, way), 1e-300)
    nearest: Floats = p + np.clip(share, 0.0, 1.0)[:, None] * way
    return nearest


def loop_centre(points: Floats) -> tuple[Floats, float, float]:
    """Return the centre of the surface spanned over a loop of points, its area, and the loop's length."""
    following = np.roll(points, -1, axis=0)
    middle = points.mean(axis=0)
    areas = np.linalg.norm(np.cross(points - middle, following - middle), axis=1) / 2.0
    length = float(np.linalg.norm(following - points, axis=1).sum())
    area = float(areas.sum())
    if area <= 1e-12 * length**2:
        return middle, area, length
    centre: Floats = (((points + following + middle) / 3.0) * areas[:, None]).sum(axis=0) / area
    return centre, area, length


def weighted(points: Floats, weight: Floats) -> Floats:
    """Return the mean of points (n, 3) by weight (n,); by their number where all weigh nothing."""
    total = float(weight.sum())
    mean: Floats = (points * weight[:, None]).sum(axis=0) / total if total > 0 else points.mean(axis=0)
    return mean


def closest(points: Floats, to: Floats) -> Floats:
    """Return that of the points (n, 3) nearest to another one."""
    nearest: Floats = points[int(np.argmin(np.linalg.norm(points - to, axis=1)))]
    return nearest


def touching(mesh: Mesh, faces: Ints) -> list[Ints]:
    """Return the faces in groups that share vertices, larger ones first."""
    if not len(faces):
        return []
    corners = mesh.faces[faces]
    label = groups(len(mesh.vertices), corners.reshape(-1), np.repeat(corners[:, 0], 3))[corners[:, 0]]
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return sorted((faces[part] for part in np.split(order, cuts)), key=len, reverse=True)


def centre_of(mesh: Mesh, faces: Ints) -> Floats:
    """Return the centre of the faces' area; the middle of their box where they have none."""
    corners, areas = mesh.corners[faces], mesh.areas[faces]
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    if float(areas.sum()) <= 1e-6 * float(((high - low) ** 2).sum()):
        middle: Floats = (low + high) / 2.0
        return middle
    return weighted(mesh.centres[faces], areas)
