"""Bodies that overlap or touch print as one: walls are measured through all of them, and a face inside another body is no surface.

Each body has a scene of its own, for two faces at the same place cannot be told apart in one. A wall that begins at a body's face ends where
the last of the bodies in the ray's way ends that joins without a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.rays import Solid
from nordlotse.print3d.core.topology import Topology, inside_out

Flags = NDArray[np.bool_]

#: With more bodies than this that share space each is measured alone: every one of them is another look at every ray.
_MOST = 48
#: So many bodies in a row a ray is followed through.
_LONGEST = 16


@dataclass(frozen=True, eq=False)
class Lone:
    """One body with its own cavities: as a solid, and for each of its triangles the triangle of the whole fine mesh."""

    solid: Solid
    rows: Ints
    box: Floats


@dataclass(frozen=True, eq=False)
class Together:
    """Bodies that share space. `body`: for each triangle of the fine mesh the number of its body, -1 for one that shares none."""

    bodies: tuple[Lone, ...]
    body: Ints

    def covered(self, points: Floats, ways: Floats, own: Ints) -> Flags:
        """Return which points lie in a body other than their `own`; `ways`: unit vectors to look along."""
        found = np.zeros(len(points), bool)
        for number, lone in enumerate(self.bodies):
            at = np.flatnonzero(~found & (own != number) & _in_box(points, lone.box))
            found[at] = lone.solid.shoot(points[at], ways[at]).cosine > 0
        return found

    def ends(self, origins: Floats, ways: Floats, off: float, own: Ints) -> tuple[Floats, Ints, Floats]:
        """Return where rays that begin in their `own` body leave the last body that joins: distance, triangle (-1: none), cosine."""
        distance = np.full(len(origins), np.inf)
        face = np.full(len(origins), -1, np.int32)
        cosine = np.zeros(len(origins))
        for number in range(len(self.bodies)):
            mine = np.flatnonzero(own == number)
            self._leave(number, mine, np.zeros(len(mine)), origins, ways, (distance, face, cosine))
        going = np.flatnonzero(cosine > 0)
        for _ in range(_LONGEST):
            on = np.zeros(len(origins), bool)
            for number, lone in enumerate(self.bodies):
                points = origins[going] + ways[going] * (distance[going] + off)[:, None]
                near = going[_in_box(points, lone.box)]
                before = distance[near].copy()
                self._leave(number, near, before + off, origins, ways, (distance, face, cosine))
                on[near[distance[near] > before + off]] = True
            going = np.flatnonzero(on)
            if not len(going):
                break
        return distance, face, cosine

    def _leave(
        self,
        number: int,
        rays: Ints | NDArray[np.int64],
        begin: Floats,
        origins: Floats,
        ways: Floats,
        into: tuple[Floats, Ints, Floats],
    ) -> None:
        """Put into `into` where rays leave a body, if they are in it at `begin` mm; the others stay as they are."""
        lone = self.bodies[number]
        hits = lone.solid.shoot(origins[rays] + ways[rays] * begin[:, None], ways[rays])
        out = hits.cosine > 0
        distance, face, cosine = into
        distance[rays[out]] = begin[out] + hits.distance[out]
        face[rays[out]] = lone.rows[hits.face[out]]
        cosine[rays[out]] = hits.cosine[out]


def together(found: Topology, solid: Solid) -> Together | None:
    """Return the closed bodies whose boxes meet, None where there are none, or too many to look at each."""
    outer = [
        number for number, body in enumerate(found.bodies) if body.closed and (body.volume > 0) != inside_out(body)
    ]
    boxes = np.array([found.bodies[number].box for number in outer]).reshape(-1, 2, 3)
    below: Flags = np.all(boxes[:, None, 0] <= boxes[None, :, 1] + solid.off, axis=2)
    meet: Flags = below & below.T
    np.fill_diagonal(meet, False)
    chosen = [number for number, met in zip(outer, np.any(meet, axis=1).tolist(), strict=True) if met]
    if not 2 <= len(chosen) <= _MOST:
        return None
    label = np.full(len(found.mesh.faces), -1, np.int32)
    for place, number in enumerate(chosen):
        label[found.bodies[number].faces] = place
    for number, body in enumerate(found.bodies):
        holder = next((chosen.index(other) for other in body.inside if other in chosen), None)
        if number not in outer and holder is not None:
            label[body.faces] = holder  # a cavity belongs to the body around it
    of = label[solid.parent]
    lones = []
    for place in range(len(chosen)):
        rows = np.flatnonzero(of == place).astype(np.int32)
        mesh = Mesh(solid.mesh.vertices, solid.mesh.faces[rows])
        corners = solid.mesh.vertices[mesh.faces.reshape(-1)]
        box = np.stack([corners.min(axis=0), corners.max(axis=0)])
        lones.append(Lone(Solid(mesh, rows, solid.diagonal, mesh), rows, box))
    return Together(tuple(lones), of)


def _in_box(points: Floats, box: Floats) -> Flags:
    inside: Flags = ((points >= box[0]) & (points <= box[1])).all(axis=1)
    return inside
