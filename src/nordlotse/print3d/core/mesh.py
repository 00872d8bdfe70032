"""The triangle mesh every other part of the room works on: vertices in mm, faces as indices, nothing hidden."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles: `vertices` (n, 3) in mm, `faces` (m, 3) indices, counter-clockwise seen from outside.

    Vertices that are equal are one vertex; degenerate and doubled faces are kept, for they are findings.
    """

    vertices: Floats
    faces: Ints

    @cached_property
    def corners(self) -> Floats:
        """Return the corner points of each face, (m, 3, 3) in mm."""
        return self.vertices[self.faces]

    @cached_property
    def cross(self) -> Floats:
        """Return the cross product of two edges of each face, (m, 3): its length is twice the area."""
        a, b, c = self.corners[:, 0], self.corners[:, 1], self.corners[:, 2]
        return np.cross(b - a, c - a)

    @cached_property
    def areas(self) -> Floats:
        """Return the area of each face, (m,) in mm²."""
        result: Floats = np.linalg.norm(self.cross, axis=1) / 2.0
        return result

    @cached_property
    def normals(self) -> Floats:
        """Return the outward unit normal of each face, (m, 3); zero for a degenerate face."""
        length = np.linalg.norm(self.cross, axis=1, keepdims=True)
        result: Floats = np.divide(self.cross, length, out=np.zeros_like(self.cross), where=length > 0)
        return result

    @cached_property
    def centres(self) -> Floats:
        """Return the centre of each face, (m, 3) in mm."""
        result: Floats = self.corners.mean(axis=1)
        return result

    @cached_property
    def bounds(self) -> Floats:
        """Return the lowest and highest corner of the box around the used vertices, (2, 3) in mm."""
        if not len(self.faces):
            return np.zeros((2, 3))
        touched = np.zeros(len(self.vertices), dtype=bool)
        touched[self.faces] = True
        used = self.vertices if touched.all() else self.vertices[touched]
        return np.array([used.min(axis=0), used.max(axis=0)])

    @cached_property
    def size(self) -> Floats:
        """Return the side lengths of the box, (3,) in mm."""
        result: Floats = self.bounds[1] - self.bounds[0]
        return result

    @cached_property
    def flat(self) -> bool:
        """Return whether all vertices lie in one plane: a sheet without thickness, no solid, however it lies."""
        if not len(self.vertices):
            return True
        apart = self.vertices - self.vertices.mean(axis=0)
        # the eigenvalues of the scatter are squares: 1e-12 is a millionth of the length
        spread = np.linalg.eigvalsh(apart.T @ apart)
        return bool(spread[0] <= 1e-12 * spread[2])

    @cached_property
    def area(self) -> float:
        """Return the whole surface in mm²."""
        return float(self.areas.sum())

    @cached_property
    def volume(self) -> float:
        """Return the enclosed volume in mm³ by the divergence theorem; negative if turned inside out.

        Counted from the box's centre, so that a part far from the origin loses no digits. Without meaning on an open mesh.
        """
        from_centre = self.corners - self.bounds.mean(axis=0)
        return float(
            np.einsum("ij,ij->i", from_centre[:, 0], np.cross(from_centre[:, 1], from_centre[:, 2])).sum() / 6.0
        )

    def turned(self, rotation: Floats) -> Mesh:
        """Return the mesh turned by `rotation` (3, 3): v' = R v."""
        return Mesh(np.ascontiguousarray(self.vertices @ np.asarray(rotation, dtype=np.float64).T), self.faces)

    def moved(self, by: Floats) -> Mesh:
        """Return the mesh moved by `by` (3,) in mm."""
        return Mesh(self.vertices + np.asarray(by, dtype=np.float64), self.faces)

    def on_bed(self) -> Mesh:
        """Return the mesh centred in x and y with its lowest point at z = 0."""
        low, high = self.bounds
        return self.moved(np.array([-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -low[2]]))
