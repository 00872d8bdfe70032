"""Where a surface passes through itself: triangle against triangle, deeper than the rounding of coordinates.

Neighbours that touch, triangles that lie flat on each other and contact within the tolerance are no intersection. The triangle test is
Möller's (A fast triangle-triangle intersection test, 1997), carried out for many pairs at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.boxes import Index, along_space, overlapping
from nordlotse.print3d.core.mesh import Floats, Mesh

#: Depth below which a crossing is left alone, as a share of the box's diagonal (5 µm at 100 mm; no process resolves that, and CAD
#: programs leave folds of 1 µm where fillets end).
TOLERANCE = 5e-5
_MOST = 200_000  # pairs kept


@dataclass(frozen=True, eq=False)
class Crossings:
    """Pairs of triangles that pass through each other, (k, 2), and the line where they do.

    `points` its middle, (k, 3), `lengths` and how deep the triangles reach through each other, `depths`, (k,), all in mm.
    """

    pairs: Index
    points: Floats
    lengths: Floats
    depths: Floats


#: Nothing crosses.
NO_CROSSINGS = Crossings(np.zeros((0, 2), np.int64), np.zeros((0, 3)), np.zeros(0), np.zeros(0))


def crossings(mesh: Mesh) -> Crossings:
    """Return all pairs of triangles that cross deeper than the tolerance (at most 200,000 pairs)."""
    if not len(mesh.faces):
        return NO_CROSSINGS
    tolerance = TOLERANCE * max(float(np.linalg.norm(mesh.size)), 1e-12)
    order = along_space(mesh.centres)
    work = _Work(Mesh(mesh.vertices, mesh.faces[order]), tolerance)
    pairs: list[Index] = []
    points: list[Floats] = []  # x, y, z, length, depth
    edges: list[tuple[Index, Index, Index, Floats]] = []
    held = 0
    for near in overlapping(work.corners, 0.0):
        a, b = work.candidates(*near)
        found, where = work.crossing(a, b)
        pairs.append(found)
        points.append(where)
        edges += [work.lying(a, b), work.lying(b, a)]
        held += len(found)
        if held > _MOST:
            break
    through, where = work.through(edges)
    every = np.concatenate([*pairs, through]) if pairs else through
    middle = np.concatenate([*points, where]) if points else where
    _, kept = np.unique(np.sort(every, axis=1) @ np.array([len(mesh.faces), 1], np.int64), return_index=True)
    kept = kept[:_MOST]
    return Crossings(order[every[kept]], middle[kept, :3] + work.centre, middle[kept, 3], middle[kept, 4])


class _Work:
    """The triangles with their planes, around the box's centre so that a part far from the origin loses no digits."""

    def __init__(self, mesh: Mesh, tolerance: float) -> None:
        self.tolerance = tolerance
        self.faces = mesh.faces
        self.centre = mesh.bounds.mean(axis=0)
        self.vertices = mesh.vertices - self.centre
        self.corners = self.vertices[mesh.faces]
        self.normals = mesh.normals
        self.offsets = np.einsum("ij,ij->i", self.normals, self.corners[:, 0])
        # a needle's plane is uncertain: its crossing would be one too
        sides = np.linalg.norm(self.corners - np.roll(self.corners, 1, axis=1), axis=2).max(axis=1)
        self.flat = 2.0 * mesh.areas > tolerance * sides
        self.plain = _plain_fans(mesh)
        self.loose = np.float32(2.0 * tolerance)
        self.points = self.corners.reshape(-1, 9).astype(np.float32)
        planes = np.column_stack([self.normals, self.offsets]).astype(np.float32)
        planes[~self.flat] = (0.0, 0.0, 0.0, 1e30)
        self.planes = planes

    def candidates(self, a: Index, b: Index) -> tuple[Index, Index]:
        """Return the pairs left: one shared vertex at most, and then only where its fan may fold; b on both sides of a's plane."""
        kept = np.flatnonzero(self._spans(a, b))
        a, b = a[kept], b[kept]
        first, second = self.faces[a], self.faces[b]
        shared = np.zeros(len(a), np.int8)
        fold = np.zeros(len(a), bool)
        for i in range(3):
            for j in range(3):
                same = first[:, i] == second[:, j]
                shared += same
                fold |= same & ~self.plain[first[:, i]]
        kept = np.flatnonzero((shared == 0) | ((shared == 1) & fold))
        a, b = a[kept], b[kept]
        kept = np.flatnonzero(self._spans(b, a))
        return a[kept], b[kept]

    def _spans(self, a: Index, b: Index) -> NDArray[np.bool_]:
        """Return whether triangle b may reach to both sides of the plane of a, or lie in it with an edge; not if all of it lies there.

        In single precision with a margin for its rounding: it only sorts out.
        """
        plane = self.planes[a]
        points = self.points[b]
        sides = []
        for at in (0, 3, 6):
            side = plane[:, 0] * points[:, at] + plane[:, 1] * points[:, at + 1]
            sides.append(side + plane[:, 2] * points[:, at + 2] - plane[:, 3])
        low, high = np.minimum(np.minimum(*sides[:2]), sides[2]), np.maximum(np.maximum(*sides[:2]), sides[2])
        found: NDArray[np.bool_] = (low < self.loose) & (high > -self.loose) & (high - low > self.loose / 2)
        return found

    def _sides(self, a: Index, b: Index) -> Floats:
        """Return the distances of b's corners from a's plane, (k, 3), rounding set to zero."""
        side: Floats = np.einsum("kij,kj->ki", self.corners[b], self.normals[a]) - self.offsets[a][:, None]
        side[np.abs(side) <= self.tolerance] = 0.0
        return side

    def crossing(self, a: Index, b: Index) -> tuple[Index, Floats]:
        """Return the pairs where both triangles reach through the other's plane and overlap on the common line: its middle, length, depth."""
        side_b, side_a = self._sides(a, b), self._sides(b, a)
        kept = np.flatnonzero(
            (side_b.max(axis=1) > 0) & (side_b.min(axis=1) < 0) & (side_a.max(axis=1) > 0) & (side_a.min(axis=1) < 0)
        )
        a, b = a[kept], b[kept]
        way = np.cross(self.normals[a], self.normals[b])
        length = np.linalg.norm(way, axis=1, keepdims=True)
        way = np.divide(way, length, out=np.zeros_like(way), where=length > 0)
        ends_a = _on_plane(self.corners[a], side_a[kept])
        ends_b = _on_plane(self.corners[b], side_b[kept])
        along_a = np.einsum("kij,kj->ki", ends_a, way)
        along_b = np.einsum("kij,kj->ki", ends_b, way)
        begin = np.maximum(along_a.min(axis=1), along_b.min(axis=1))
        end = np.minimum(along_a.max(axis=1), along_b.max(axis=1))
        found = np.flatnonzero((end - begin > self.tolerance) & (length[:, 0] > 0))
        foot = ends_a[:, 0] - along_a[:, :1] * way
        middle = foot + ((begin + end) / 2.0)[:, None] * way
        reach = [np.minimum(side.max(axis=1), -side.min(axis=1))[kept] for side in (side_a, side_b)]
        place = np.column_stack([middle, end - begin, np.minimum(*reach)])[found]
        return np.stack([a[found], b[found]], axis=1).astype(np.int64).reshape(-1, 2), place

    def lying(self, a: Index, b: Index) -> tuple[Index, Index, Index, Floats]:
        """Return edges of b that lie in the plane of a and pass over its inside: a, edge as two vertices, b, and ±1 for b's side."""
        side = self._sides(a, b)
        # the third corner well away, or a needle would count as passing through
        two = np.flatnonzero(((side == 0).sum(axis=1) == 2) & (np.abs(side).max(axis=1) > 10.0 * self.tolerance))
        if not len(two):
            return np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros(0, np.int64), np.zeros(0)
        a, b, side = a[two], b[two], side[two]
        off = np.argmax(side != 0, axis=1)
        rows = np.arange(len(two))
        edge = np.stack([self.faces[b, (off + 1) % 3], self.faces[b, (off + 2) % 3]], axis=1)
        inside = self._clipped(a, self.vertices[edge[:, 0]], self.vertices[edge[:, 1]])
        sign = np.sign(side[rows, off])
        return a[inside], np.sort(edge[inside], axis=1).astype(np.int64), b[inside], sign[inside]

    def _clipped(self, a: Index, p: Floats, q: Floats) -> NDArray[np.bool_]:
        """Return whether the segments p to q, in the plane of a, run through its inside, not only along its border."""
        corners, normal = self.corners[a], self.normals[a]
        begin, end = np.zeros(len(a)), np.ones(len(a))
        outside = np.zeros(len(a), bool)
        for i in range(3):
            inward = np.cross(normal, corners[:, (i + 1) % 3] - corners[:, i])
            inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-300)
            at_p = np.einsum("ij,ij->i", p - corners[:, i], inward) - self.tolerance
            at_q = np.einsum("ij,ij->i", q - corners[:, i], inward) - self.tolerance
            outside |= (at_p <= 0) & (at_q <= 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                cut = at_p / (at_p - at_q)
            begin = np.where((at_p < 0) & (at_q > 0), np.maximum(begin, cut), begin)
            end = np.where((at_p > 0) & (at_q < 0), np.minimum(end, cut), end)
        length = np.linalg.norm(q - p, axis=1)
        found: NDArray[np.bool_] = ~outside & ((end - begin) * length > self.tolerance)
        return found

    def through(self, edges: list[tuple[Index, Index, Index, Floats]]) -> tuple[Index, Floats]:
        """Return the pairs where an edge lies in a triangle and its two faces go to both sides: the surface passes through there."""
        if not edges:
            return np.zeros((0, 2), np.int64), np.zeros((0, 5))
        a = np.concatenate([e[0] for e in edges])
        edge = np.concatenate([e[1] for e in edges])
        b = np.concatenate([e[2] for e in edges])
        sign = np.concatenate([e[3] for e in edges])
        if not len(a):
            return np.zeros((0, 2), np.int64), np.zeros((0, 5))
        _, group = np.unique(np.column_stack([a, edge]), axis=0, return_inverse=True)
        group = group.reshape(-1)
        up = np.bincount(group, sign > 0)
        down = np.bincount(group, sign < 0)
        both = np.flatnonzero(((up > 0) & (down > 0))[group])
        p, q = self.vertices[edge[both, 0]], self.vertices[edge[both, 1]]
        depth = np.full(len(both), 10.0 * self.tolerance)
        place = np.column_stack([(p + q) / 2.0, np.linalg.norm(q - p, axis=1), depth])
        return np.stack([a[both], b[both]], axis=1).astype(np.int64), place


def _on_plane(corners: Floats, side: Floats) -> Floats:
    """Return the two points where each triangle's border meets the plane its corners are `side` away from, (k, 2, 3)."""
    rows = np.arange(len(corners))
    positive = (side > 0).sum(axis=1)
    # the corner alone on its side; with one corner in the plane the positive one
    lone = np.where(positive == 1, np.argmax(side, axis=1), np.argmin(side, axis=1))
    ends = np.empty((len(corners), 2, 3))
    here, at = side[rows, lone], corners[rows, lone]
    for number, other in enumerate(((lone + 1) % 3, (lone + 2) % 3)):
        share = here / (here - side[rows, other])
        ends[:, number] = at + share[:, None] * (corners[rows, other] - at)
    return ends


def _plain_fans(mesh: Mesh) -> NDArray[np.bool_]:
    """Return the vertices whose fan of triangles cannot cross itself: seen along their mean normal all face up and go round once."""
    count = len(mesh.vertices)
    faces, normals = mesh.faces, mesh.normals
    mean = np.stack(
        [np.bincount(faces.reshape(-1), np.repeat(normals[:, axis], 3), count) for axis in range(3)], axis=1
    )
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    mean = np.divide(mean, length, out=np.zeros_like(mean), where=length > 0)
    plain = np.ones(count, bool)
    turn = np.zeros(count)
    for corner in range(3):
        at = faces[:, corner]
        axis = mean[at]
        plain[at[(normals * axis).sum(axis=1) <= 0.05]] = False
        here = mesh.vertices[at]
        p, q = mesh.vertices[faces[:, (corner + 1) % 3]] - here, mesh.vertices[faces[:, (corner + 2) % 3]] - here
        p -= (p * axis).sum(axis=1)[:, None] * axis
        q -= (q * axis).sum(axis=1)[:, None] * axis
        turn += np.bincount(at, np.arctan2((np.cross(p, q) * axis).sum(axis=1), (p * q).sum(axis=1)), count)
    return plain & (turn < 3.0 * np.pi)
