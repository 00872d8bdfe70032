"""The part cut finely and made ready for rays: what thickness, gaps, bridges, islands and cavities are measured with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from nordlotse.print3d.core.bodies import groups
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.topology import Topology, inside_out

Flags = NDArray[np.bool_]

#: Edges are cut until none is longer than this share of the part's diagonal.
_FINE = 1 / 60
#: No mesh is cut into more triangles than this; one that has more stays as it is.
_MOST = 60_000
#: Rays start this share of the diagonal off the surface, above the rounding of 32-bit coordinates.
_OFF = 5e-6
#: Rays sent at once: bounds memory.
_BATCH = 250_000
#: Neighbours whose normals have a larger cosine go smoothly on.
_FLAT = 0.8


@dataclass(frozen=True, eq=False)
class Hits:
    """What rays met first: distance in mm (inf for nothing), triangle of the fine mesh (-1), cosine of its normal with the ray."""

    distance: Floats
    face: Ints
    cosine: Floats


@dataclass(frozen=True, eq=False)
class Solid:
    """The part's surface, cut finely: `mesh`, for each triangle the face of the part it is a piece of, `diagonal` of the box in mm, `whole`: the part uncut."""

    mesh: Mesh
    parent: Ints
    diagonal: float
    whole: Mesh

    @cached_property
    def _scene(self) -> EmbreeScene:
        scene = EmbreeScene()
        vertices = (self.mesh.vertices - self._centre).astype(np.float32)
        TriangleMesh(scene, vertices, np.ascontiguousarray(self.mesh.faces, dtype=np.int32))
        return scene

    @cached_property
    def _centre(self) -> Floats:
        centre: Floats = self.mesh.bounds.mean(axis=0)
        return centre

    @property
    def off(self) -> float:
        """Return how far rays start off the surface in mm."""
        return self.diagonal * _OFF

    def shoot(self, origins: Floats, ways: Floats) -> Hits:
        """Return what rays from `origins` (n, 3) along unit vectors `ways` (n, 3) meet first."""
        distance = np.full(len(origins), np.inf)
        face = np.full(len(origins), -1, np.int32)
        cosine = np.zeros(len(origins))
        for begin in range(0, len(origins), _BATCH):
            part = slice(begin, begin + _BATCH)
            start = (origins[part] - self._centre).astype(np.float32)
            found = self._scene.run(start, np.ascontiguousarray(ways[part], dtype=np.float32), output=True)
            hit = found["primID"] >= 0
            number = found["primID"][hit].astype(np.int32)
            distance[part][hit] = found["tfar"][hit]
            face[part][hit] = number
            cosine[part][hit] = np.einsum("ij,ij->i", self.mesh.normals[number], ways[part][hit])
        return Hits(distance, face, cosine)

    def clusters(self, chosen: Flags, partner: Ints | None = None, side: float = 0.0) -> list[Ints]:
        """Return the chosen triangles in pieces that hang together by edges, or by `partner` (the triangle opposite, -1 for none).

        `side` -1: only over flat and convex edges (a pin is not one piece with its plate); 1: over flat and concave ones (a bore is not
        one piece with the face it opens into); 0: over all.
        """
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return []
        faces = self.mesh.faces[rows].astype(np.int64)
        key = _keys(faces, np.roll(faces, -1, axis=1), len(self.mesh.vertices)).reshape(-1)
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(key[order][1:] == key[order][:-1])
        a, b = order[same] // 3, order[same + 1] // 3
        if side:
            normals, centres = self.mesh.normals[rows], self.mesh.centres[rows]
            flat = np.einsum("ij,ij->i", normals[a], normals[b]) > _FLAT
            up = np.einsum("ij,ij->i", normals[a], centres[b] - centres[a]) * side > 0
            a, b = a[flat | up], b[flat | up]
        if partner is not None:
            place = np.full(len(self.mesh.faces), -1, np.int64)
            place[rows] = np.arange(len(rows))
            there = partner[rows]
            joined = np.flatnonzero((there >= 0) & (place[there] >= 0))
            a, b = np.concatenate([a, joined]), np.concatenate([b, place[there[joined]]])
        label = groups(len(rows), a, b)
        order = np.argsort(label, kind="stable")
        cuts = np.flatnonzero(np.diff(label[order])) + 1
        return [rows[piece].astype(np.int32) for piece in np.split(order, cuts)]

    def parents(self, pieces: Ints) -> Ints:
        """Return the part's faces the pieces belong to."""
        return np.unique(self.parent[pieces]).astype(np.int32)

    def middle(self, pieces: Ints) -> Floats:
        """Return the centre of the area of the pieces."""
        weight = self.mesh.areas[pieces][:, None] + 1e-300
        centre: Floats = (self.mesh.centres[pieces] * weight).sum(axis=0) / weight.sum()
        return centre


def solid_of(found: Topology) -> Solid:
    """Return the part with its triangles turned the right way round where that is known, cut finely."""
    mesh = found.mesh
    wrong = [*found.turned, *(body.faces for body in found.bodies if inside_out(body))]
    if wrong:
        faces = mesh.faces.copy()
        for rows in wrong:
            faces[rows] = faces[rows][:, ::-1]
        mesh = Mesh(mesh.vertices, faces)
    diagonal = float(np.linalg.norm(mesh.size))
    fine, parent = mesh, np.arange(len(mesh.faces), dtype=np.int32)
    while len(fine.faces) < _MOST:
        finer, of = _cut(fine, diagonal * _FINE)
        if len(finer.faces) == len(fine.faces):
            break
        fine, parent = finer, parent[of]
    return Solid(fine, parent, diagonal, mesh)


def _cut(mesh: Mesh, longest: float) -> tuple[Mesh, Ints]:
    """Halve every edge longer than `longest`; return the mesh and which triangle each new one is a piece of.

    Whether an edge is cut depends on the edge alone, so neighbours still fit together.
    """
    faces = mesh.faces.astype(np.int64)
    ends = np.stack([faces, np.roll(faces, -1, axis=1)], axis=2)
    length = np.linalg.norm(mesh.vertices[ends[:, :, 0]] - mesh.vertices[ends[:, :, 1]], axis=2)
    long = length > longest
    count = len(mesh.vertices)
    key = _keys(ends[:, :, 0], ends[:, :, 1], count)
    keys, number = np.unique(key[long], return_inverse=True)
    middle = np.full(faces.shape, -1, np.int64)
    middle[long] = number.reshape(-1) + count
    halves = (mesh.vertices[keys // count] + mesh.vertices[keys % count]) / 2
    vertices = np.vstack([mesh.vertices, halves])
    # turn each triangle so that its cut edges come first
    cuts = long.sum(axis=1)
    first = np.where(cuts == 1, long.argmax(axis=1), np.where(cuts == 2, ((~long).argmax(axis=1) + 1) % 3, 0))
    turn = (first[:, None] + np.arange(3)) % 3
    faces, middle = np.take_along_axis(faces, turn, 1), np.take_along_axis(middle, turn, 1)
    a, b, c = faces.T
    p, q, r = middle.T
    whole, one, two, three = (np.flatnonzero(cuts == n) for n in range(4))
    across = np.linalg.norm(vertices[a[two]] - vertices[q[two]], axis=1)
    short = across <= np.linalg.norm(vertices[p[two]] - vertices[c[two]], axis=1)
    left, right = two[short], two[~short]
    pieces = [
        (whole, (a, b, c)), (one, (a, p, c)), (one, (p, b, c)), (two, (p, b, q)),
        (left, (a, p, q)), (left, (a, q, c)), (right, (a, p, c)), (right, (p, q, c)),
        (three, (a, p, r)), (three, (p, b, q)), (three, (r, q, c)), (three, (p, q, r)),
    ]  # fmt: skip
    new = np.concatenate([np.stack([corner[rows] for corner in corners], axis=1) for rows, corners in pieces])
    of = np.concatenate([rows for rows, _ in pieces])
    return Mesh(vertices, new.astype(np.int32)), of.astype(np.int32)


def _keys(a: NDArray[np.int64], b: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return a number for each edge, the same from both sides."""
    return np.minimum(a, b) * count + np.maximum(a, b)
