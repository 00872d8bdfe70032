"""Which triangles of a picture belong to a finding."""

from __future__ import annotations

import numpy as np

from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.seeing.look import Narrows, Seen
from nordlotse.print3d.core.thickness import BELOW
from nordlotse.print3d.core.values import Finding

#: Triangles of the marked faces so near to the place belong to it whatever was measured on them, in mm.
_NEAR = 1.0
#: Codes about the width of walls and of gaps.
_WALLS = frozenset({"thin_wall", "small_feature"})
_GAPS = frozenset({"thin_gap", "small_hole"})


class Marks:
    """The triangles of a part by the face they are pieces of, sorted once for all findings."""

    def __init__(self, seen: Seen) -> None:
        """Take the part."""
        self._seen = seen
        self._order = np.argsort(seen.parent, kind="stable").astype(np.int32)
        self._parent = seen.parent[self._order]

    def of(self, finding: Finding) -> Ints:
        """Return the triangles to mark: those of its faces, where it is about a width only the narrow ones and those at the place.

        Large faces are cut finely for the picture, and only some of their pieces are too thin.
        """
        pieces = self._pieces(np.unique(np.asarray(finding.faces, np.int32)))
        width = _width(self._seen, finding.code)
        if width is None or finding.limit is None:
            return pieces
        narrow = width[pieces] < BELOW * finding.limit
        near = np.linalg.norm(_centres(self._seen, pieces) - np.array(finding.where), axis=1) <= _NEAR
        return pieces[narrow | near] if narrow.any() else pieces

    def _pieces(self, faces: Ints) -> Ints:
        begin = np.searchsorted(self._parent, faces, side="left")
        count = np.searchsorted(self._parent, faces, side="right") - begin
        # places begin, begin + 1, … for each face, one after the other
        steps = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        return np.sort(self._order[np.repeat(begin, count) + steps])


def marked_pieces(seen: Seen, finding: Finding) -> Ints:
    """Return the triangles to mark for one finding; for many `Marks` sorts only once."""
    return Marks(seen).of(finding)


def nearest_piece(mesh: Mesh, where: tuple[float, float, float]) -> Ints:
    """Return the triangle whose centre is nearest to a place, as an array of one; of none where there is no triangle."""
    if not len(mesh.faces):
        return np.zeros(0, np.int32)
    return np.array([np.argmin(np.linalg.norm(mesh.centres - np.array(where), axis=1))], np.int32)


def _width(seen: Seen, code: str) -> Narrows | None:
    return seen.wall if code in _WALLS else seen.gap if code in _GAPS else None


def _centres(seen: Seen, pieces: Ints) -> Floats:
    centres: Floats = seen.vertices[seen.faces[pieces]].mean(axis=1)
    return centres
