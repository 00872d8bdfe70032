"""How far a ceiling spans between what holds it on both sides."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from nordlotse.print3d.core.mesh import Floats, Ints
from nordlotse.print3d.core.rays import Solid

#: Directions tried over a half turn.
_WAYS = 12
#: The ceiling is looked for above these shares of the span, no higher than this share of it: an arch up to 45° steep rises by 0.21.
_ALONG, _ARCH = (0.25, 0.5, 0.75), 0.25
#: Triangles tested; more take the span of the nearest tested one.
_TESTED = 4_000


def spans(solid: Solid, pieces: Ints, below: float) -> Floats:
    """Return for each triangle the shortest way in mm from wall to wall, `below` mm under it; inf where a side is free in every direction.

    A bridge is printed from side to side: what holds it must stand in one direction and in the opposite one.
    """
    if len(pieces) > _TESTED:
        tested = pieces[:: len(pieces) // _TESTED + 1]
        near = cKDTree(solid.mesh.centres[tested]).query(solid.mesh.centres[pieces])[1]
        every: Floats = spans(solid, tested, below)[near]
        return every
    start = solid.mesh.centres[pieces] - np.array([0.0, 0.0, below])
    shortest = np.full(len(pieces), np.inf)
    nearest, wall = np.full(len(pieces), np.inf), np.full(len(pieces), -1, np.int32)
    for angle in np.arange(_WAYS) * np.pi / _WAYS:
        ways = np.tile([np.cos(angle), np.sin(angle), 0.0], (len(start), 1))
        there, back = solid.shoot(start, ways), solid.shoot(start, -ways)
        shortest = _shorter(solid, shortest, start, ways, there.distance, back.distance, below)
        for hits in (there, back):
            closer = hits.distance < nearest
            nearest[closer], wall[closer] = hits.distance[closer], hits.face[closer]
    # straight onto the nearest wall: the directions above only come near it
    ways = solid.mesh.normals[wall] * np.array([1.0, 1.0, 0.0])
    length = np.linalg.norm(ways, axis=1)
    seen = np.flatnonzero((wall >= 0) & (length > 1e-3))
    ways, begin = ways[seen] / length[seen, None], start[seen]
    there, back = solid.shoot(begin, ways), solid.shoot(begin, -ways)
    shortest[seen] = _shorter(solid, shortest[seen], begin, ways, there.distance, back.distance, below)
    return shortest


def _shorter(
    solid: Solid, shortest: Floats, start: Floats, ways: Floats, there: Floats, back: Floats, below: float
) -> Floats:
    """Return the shorter of the spans known and those from `back` to `there`, where the ceiling goes on from wall to wall."""
    span = there + back
    rows = np.flatnonzero(span < shortest)
    whole = np.ones(len(rows), bool)
    for share in _ALONG:
        along = share * span[rows] - back[rows]
        place = start[rows] + ways[rows] * along[:, None]
        up = solid.shoot(place, np.tile([0.0, 0.0, 1.0], (len(rows), 1)))
        whole &= up.distance <= 2.0 * below + _ARCH * span[rows]
    found = shortest.copy()
    found[rows[whole]] = span[rows[whole]]
    return found
