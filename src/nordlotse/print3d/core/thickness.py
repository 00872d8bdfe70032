"""How thick the part and its gaps are at every place of the surface, and which walls, gaps, pins and holes are too small.

A ray goes from each small triangle straight into the part (or away from it). Only what it meets nearly opposite counts: near edges and
on slopes a ray grazes other faces. Where the two faces are inclined by t, the sphere that touches the first face at the ray's start and
the second one somewhere has the diameter d·(1 - tan²(t/2)) of the ray's length d (both tangents from the wedge's edge are equally long).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.print3d.core.mesh import Floats, Ints
from nordlotse.print3d.core.rays import Solid
from nordlotse.print3d.core.together import Together

#: Faces inclined to each other by more than this, in degrees, are not the two sides of a wall or gap; a bore of seven sides is one (25.7°).
_INCLINED = 27.0
#: A measure counts as below the limit from this share of it on: none at the limit itself, nor where a round wall is faceted.
BELOW = 0.98
#: A piece is a pin or hole, not a wall or gap, if its second extent is below this times its width. Extents are those of a uniform
#: strip with the same spread: 1.22 widths for a round pin, 1.41 for a square one, 2 and more for a wall twice as wide as thick.
_ROUND = 1.8
#: And its faces must look round about: the second largest mean square of the normals along an axis is 0.5 for a pin or bore, nearly 0
#: for the strip of a wall between a bore and the outside.
_ABOUT = 0.2
#: A piece with less area than this times the square of its width is an effect of the facets.
_SMALLEST = 1.0
#: Pieces looked at, the largest first: a lattice has tens of thousands.
_MOST = 1_000
#: The width of a piece is the one that this share of its area falls below, or the square of its least width where that is less: walls
#: between round faces are thin at a point only.
_QUANTILE = 0.05
#: The place is the middle of what is at most this much wider than the width of the piece.
_NARROW = 1.1


@dataclass(frozen=True, eq=False)
class Measured:
    """For each triangle of the fine mesh: width of the wall or gap there in mm (inf for none), the triangle opposite (-1).

    `side`: -1 measured into the part, 1 away from it.
    """

    width: Floats
    opposite: Ints
    side: float


@dataclass(frozen=True, eq=False)
class Narrow:
    """A place too narrow for at least one process: width in mm, whether a pin or hole (`round`), middle (3,), faces of the part."""

    width: float
    round: bool
    where: Floats
    faces: Ints
    area: float


def thickness(solid: Solid, joined: Together | None = None) -> Measured:
    """Return how thick the part is at each triangle of the fine mesh; `joined`: bodies that share space, measured as one."""
    return _measured(solid, -1.0, joined)


def clearance(solid: Solid, joined: Together | None = None) -> Measured:
    """Return how wide the gap before each triangle of the fine mesh is."""
    return _measured(solid, 1.0, joined)


def _measured(solid: Solid, side: float, joined: Together | None) -> Measured:
    mesh = solid.mesh
    ways = mesh.normals * side
    rows = np.flatnonzero(mesh.areas > 0)
    if joined is not None:  # a face in another body is no surface
        outside = mesh.centres[rows] + mesh.normals[rows] * solid.off
        rows = rows[~joined.covered(outside, mesh.normals[rows], joined.body[rows])]
    origins = mesh.centres[rows] + ways[rows] * solid.off
    hits = solid.shoot(origins, ways[rows])
    distance, face, cosine = hits.distance, hits.face, hits.cosine
    if joined is not None and side < 0:
        of = np.flatnonzero(joined.body[rows] >= 0)
        distance[of], face[of], cosine[of] = joined.ends(origins[of], ways[rows[of]], solid.off, joined.body[rows[of]])
    # out of the part through a face that looks along the ray, across a gap onto one that looks against it
    facing = cosine * -side
    counts = facing > np.cos(np.radians(_INCLINED))
    half = (1.0 - facing[counts]) / (1.0 + facing[counts])  # tan²(t/2)
    width = np.full(len(mesh.faces), np.inf)
    width[rows[counts]] = (distance[counts] + solid.off) * (1.0 - half)
    opposite = np.full(len(mesh.faces), -1, np.int32)
    opposite[rows] = np.where(counts, face, -1)
    return Measured(width, opposite, side)


def narrow(solid: Solid, measured: Measured, limit: float, round_limit: float) -> list[Narrow]:
    """Return the places narrower than `limit` (walls or gaps) or `round_limit` (pins or holes), in mm; narrowest first."""
    found = []
    for most, is_round in ((limit, False), (round_limit, True)):
        chosen = measured.width < BELOW * most
        several = solid.clusters(chosen, measured.opposite, measured.side)
        if len(several) > _MOST:
            several = sorted(several, key=lambda pieces: -float(solid.mesh.areas[pieces].sum()))[:_MOST]
        for pieces in several:
            one = _narrow(solid, measured, pieces)
            if one.round == is_round and one.area >= _SMALLEST * one.width**2:
                found.append(one)
    found.sort(key=lambda one: (one.width, *one.where.tolist()))
    return found


def _narrow(solid: Solid, measured: Measured, pieces: Ints) -> Narrow:
    areas = solid.mesh.areas[pieces]
    width = measured.width[pieces]
    order = np.argsort(width)
    sums = np.cumsum(areas[order])
    enough = min(_QUANTILE * float(sums[-1]), float(width[order[0]]) ** 2)
    least = float(width[order[int(np.searchsorted(sums, enough))]])
    thin = pieces[width <= _NARROW * least]
    where = solid.middle(thin)
    normals = solid.mesh.normals[pieces]
    about = np.linalg.eigvalsh(np.einsum("n,ni,nj->ij", areas, normals, normals) / areas.sum())[1] > _ABOUT
    is_round = bool(about) and _extents(solid, pieces)[1] < _ROUND * least
    return Narrow(least, is_round, where, solid.parents(pieces), float(areas.sum()))


def _extents(solid: Solid, pieces: Ints) -> Floats:
    """Return the three extents, longest first, of the uniform strip with the spread of the pieces' area."""
    corners, areas = solid.mesh.corners[pieces], solid.mesh.areas[pieces] + 1e-300
    about = corners - solid.middle(pieces)
    # second moments of a triangle: (sum of its corners' + 9 of its centre's) / 12
    centre = about.mean(axis=1)
    spread = np.einsum("n,nki,nkj->ij", areas, about, about) + 9.0 * np.einsum("n,ni,nj->ij", areas, centre, centre)
    values = np.linalg.eigvalsh(spread / (12.0 * areas.sum()))
    extents: Floats = np.sqrt(12.0 * np.maximum(values, 0.0))[::-1]
    return extents
