"""Cavities behind narrow openings, told on the surface itself: exact at any size, where a grid would miss a tiny opening of a large room.

The surface is cut where the space before it is narrower than the smallest useful opening (the walls of a bore, of a slit). A piece that
hangs together with nothing else then, and faces inwards, is a room whose every opening is too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.print3d.core.bodies import groups
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.rays import Flags, Solid
from nordlotse.print3d.core.thickness import BELOW, Measured
from nordlotse.print3d.core.topology import Topology

#: A smaller room than a ball as wide as the opening holds nothing worth draining.
_BALL = np.pi / 6.0
#: The width of an opening is the one that this share of its walls' area falls below.
_QUANTILE = 0.05
#: From the middle of a room at least this share of all ways meets a wall from inside.
_SHUT = 0.7
#: Points from which that is looked at, and ways from each.
_POINTS, _WAYS = 64, 64
#: Rays on the rim of a rod that is to pass.
_RIM = 8


@dataclass(frozen=True, eq=False)
class Room:
    """A cavity: its middle, the faces of the part around it, its box (2, 3), and its widest opening in mm."""

    where: Floats
    faces: Ints
    box: Floats
    opening: float


def rooms(found: Topology, solid: Solid, gap: Measured, wide: float) -> list[Room]:
    """Return the cavities in closed bodies whose openings are all narrower than `wide` mm, the largest first; sealed ones are no such."""
    mesh = solid.mesh
    tight = gap.width < BELOW * wide
    if not tight.any():
        return []
    label, count = _pieces(mesh, ~tight)
    kept = np.flatnonzero(label >= 0).astype(np.int32)
    volume, middle = _volumes(mesh, kept, label[kept], count)
    closed = np.array([body.closed for body in found.bodies] + [False])
    sound = np.ones(count, bool)
    sound[label[kept][~closed[found.body_of[solid.parent[kept]]]]] = False
    several = [int(n) for n in np.argsort(volume) if volume[n] < -_BALL * wide**3 and sound[n]]
    if not several:
        return []
    walls = _Walls(solid, gap, tight, label)
    made = []
    for number in several:
        pieces = np.flatnonzero(label == number).astype(np.int32)
        opening = walls.opening(pieces)
        inner = _inner_points(solid, gap, pieces, wide) if opening is not None else None
        if opening is not None and inner is not None:
            points = mesh.corners[pieces]
            box = np.stack([points.min(axis=(0, 1)), points.max(axis=(0, 1))])
            made.append(Room(_place(solid, middle[number], inner, box), solid.parents(pieces), box, opening))
    return made


def _inner_points(solid: Solid, gap: Measured, pieces: Ints, wide: float) -> Floats | None:
    """Return points in the space before the faces of a room, (n, 3); None if a straight way `wide` mm across leads outside: it is no room.

    The faces of a loose piece that fits closely into another face inwards as a whole once their rim is cut off, and shut nothing in.
    """
    chosen = pieces[:: max(1, len(pieces) // _POINTS)]
    before = np.minimum(np.nan_to_num(gap.width[chosen], nan=wide, posinf=wide), wide) / 2.0
    points = solid.mesh.centres[chosen] + solid.mesh.normals[chosen] * before[:, None]
    ways = np.tile(_sphere(_WAYS), (len(points), 1))
    starts = np.repeat(points, _WAYS, axis=0)
    free = solid.shoot(starts, ways).face < 0
    if _passes(solid, starts[free], ways[free], wide):
        return None
    share = 1.0 - free.reshape(len(points), _WAYS).mean(axis=1)
    inside: Floats = points[share >= share.max() - 0.1]
    return inside


def _passes(solid: Solid, starts: Floats, ways: Floats, wide: float) -> bool:
    """Return whether along one of the ways that meet nothing a rod `wide` mm thick meets nothing either: told by rays on its rim."""
    if not len(starts):
        return False
    across = np.cross(ways, np.eye(3)[np.argmin(np.abs(ways), axis=1)])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    other = np.cross(ways, across)
    clear = np.ones(len(starts), bool)
    for turn in np.arange(_RIM) * (2.0 * np.pi / _RIM):
        rim = starts + (np.cos(turn) * across + np.sin(turn) * other) * (wide / 2.0)
        clear &= solid.shoot(rim, ways).face < 0
    return bool(clear.any())


def _place(solid: Solid, middle: Floats, inner: Floats, box: Floats) -> Floats:
    """Return the middle where it lies in the room, else that of the points inside it which is nearest to the middle of its box."""
    if ((middle >= box[0]) & (middle <= box[1])).all():
        met = solid.shoot(np.tile(middle, (_WAYS, 1)), _sphere(_WAYS))
        if float(((met.face >= 0) & (met.cosine < 0)).mean()) >= _SHUT:
            return middle
    nearest: Floats = inner[int(np.argmin(np.linalg.norm(inner - box.mean(axis=0), axis=1)))]
    return nearest


def _sphere(count: int) -> Floats:
    """Return ways spread evenly over all directions, (count, 3), by the golden angle."""
    at = np.arange(count) + 0.5
    up = 1.0 - 2.0 * at / count
    turn = np.pi * (1.0 + 5.0**0.5) * at
    flat = np.sqrt(1.0 - up**2)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), up], axis=1)


def _pieces(mesh: Mesh, chosen: Flags) -> tuple[Ints, int]:
    """Return for each chosen triangle the number of its piece (-1 for the others), and how many pieces there are."""
    rows = np.flatnonzero(chosen)
    faces = mesh.faces[rows].astype(np.int64)
    ends = np.roll(faces, -1, axis=1)
    key = (np.minimum(faces, ends) * len(mesh.vertices) + np.maximum(faces, ends)).reshape(-1)
    order = np.argsort(key)
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    label = np.full(len(mesh.faces), -1, np.int32)
    label[rows] = groups(len(rows), order[same] // 3, order[same + 1] // 3)
    return label, int(label.max()) + 1


def _volumes(mesh: Mesh, rows: Ints, label: Ints, count: int) -> tuple[Floats, Floats]:
    """Return the volume in mm³ enclosed by each piece and the fan from its middle over its rims (below 0: it faces inwards), and its centre."""
    corners, areas = mesh.corners[rows], mesh.areas[rows]
    total = np.bincount(label, areas, count) + 1e-300
    apex = np.stack([np.bincount(label, areas * mesh.centres[rows, k], count) / total for k in range(3)], axis=1)
    about = corners - apex[label][:, None]
    each = np.einsum("ij,ij->i", about[:, 0], np.cross(about[:, 1], about[:, 2])) / 6.0
    volume: Floats = np.bincount(label, each, count).astype(np.float64)
    middle = about.sum(axis=1) / 4.0
    safe = np.where(np.abs(volume) > 1e-12, volume, np.inf)
    centre: Floats = apex + np.stack([np.bincount(label, each * middle[:, k], count) / safe for k in range(3)], axis=1)
    return volume, centre


class _Walls:
    """The narrow places in pieces that hang together, each with its width and what it leads to."""

    def __init__(self, solid: Solid, gap: Measured, tight: Flags, label: Ints) -> None:
        mesh = solid.mesh
        self.faces = mesh.faces
        self.owner = np.full(len(mesh.vertices), -1, np.int32)  # the narrow piece at a vertex
        self.widths: list[float] = []
        #: Narrow pieces that lead to more than one of the others.
        self.leads: list[bool] = []
        at = np.full(len(mesh.vertices), -1, np.int32)
        other = np.full(len(mesh.vertices), -1, np.int32)
        open_ = np.flatnonzero(label >= 0)
        at[mesh.faces[open_]] = label[open_][:, None]
        other[mesh.faces[open_][::-1]] = label[open_][::-1][:, None]
        for number, pieces in enumerate(solid.clusters(tight, gap.opposite)):
            order = np.argsort(gap.width[pieces])
            sums = np.cumsum(mesh.areas[pieces][order])
            self.widths.append(float(gap.width[pieces][order[int(np.searchsorted(sums, _QUANTILE * sums[-1]))]]))
            corners = np.unique(mesh.faces[pieces])
            self.owner[corners] = number
            reached = np.unique(np.concatenate([at[corners], other[corners]]))
            self.leads.append(int((reached >= 0).sum()) > 1)

    def opening(self, pieces: Ints) -> float | None:
        """Return the widest way out of the room these pieces line, in mm; None if none leads anywhere."""
        near = np.unique(self.owner[self.faces[pieces]])
        found = [self.widths[n] for n in near[near >= 0].tolist() if self.leads[n]]
        return max(found, default=None)
