"""Islands: regions of a layer that begin in the air, as the part lies in the file (z is up).

Corners connected along edges within one layer are one group. A group without a lower neighbour, whose faces look down, is where a layer
begins; on the bed that is the part itself, above it an island.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nordlotse.print3d.core.bodies import groups
from nordlotse.print3d.core.findings import MOST, measured_finding
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.rays import Solid
from nordlotse.print3d.core.values import Finding, Limits, Process

#: Layers are counted from this share of a layer below the bed, so that a plane at a layer's height is not split by rounding.
_SHIFT = 0.013
#: Groups looked at: a lattice has tens of thousands.
_MOST = 2_000


def island_findings(mesh: Mesh, solid: Solid, limits: Mapping[Process, Limits]) -> tuple[Finding, ...]:
    """Return the islands for processes that need support, lowest first; the value is the height above the bed in mm."""
    needing = {name: limit for name, limit in limits.items() if limit.overhang > 0}
    if not needing or not len(mesh.faces):
        return ()
    layer = max(limit.layer for limit in needing.values())
    height = mesh.vertices[:, 2] - mesh.bounds[0, 2]
    level = np.floor(height / layer + _SHIFT).astype(np.int64)
    of = mesh.faces
    begin, end = of.reshape(-1), np.roll(of, -1, axis=1).reshape(-1)
    same = level[begin] == level[end]
    label = groups(len(mesh.vertices), begin[same], end[same])
    count = int(label.max()) + 1
    lowest = np.ones(count, bool)
    for a, b in ((begin, end), (end, begin)):
        lowest[label[a[level[a] > level[b]]]] = False
    level_of = np.zeros(count, np.int64)
    level_of[label[begin]] = level[begin]
    used = np.zeros(count, bool)
    used[label[begin]] = True
    candidates = lowest & used & (level_of > 0)
    if not candidates.any():
        return ()
    return tuple(_findings(mesh, solid, label, candidates, height, tuple(map(str, needing))))


def _findings(
    mesh: Mesh, solid: Solid, label: Ints, candidates: np.ndarray[tuple[int], np.dtype[np.bool_]],
    height: Floats, processes: tuple[str, ...],
) -> list[Finding]:  # fmt: skip
    of = mesh.faces
    rows = np.flatnonzero(candidates[label[of]].any(axis=1)).astype(np.int32)
    group = np.where(candidates[label[of[rows]]], label[of[rows]], -1).max(axis=1)
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    found = []
    for part in np.split(order, cuts)[:_MOST]:
        faces = rows[part]
        own = label[of[faces]] == group[part[0]]
        if _upward(mesh, faces, own) >= 0:
            continue  # the floor of a hollow, not the underside of material
        flat = faces[own.all(axis=1)]
        corners = mesh.vertices[np.unique(of[faces][own])]
        if len(flat) and mesh.areas[flat].sum() > 0:
            weight = mesh.areas[flat][:, None]
            where = (mesh.centres[flat] * weight).sum(axis=0) / weight.sum()
            marked = flat
        else:
            where, marked = corners[corners[:, 2] < corners[:, 2].min() + 4.0 * solid.off].mean(axis=0), faces
        lowest = corners[int(np.argmin(corners[:, 2]))]
        where[2] = lowest[2]
        if _inside(solid, lowest):
            continue
        value = float(height[of[faces][own]].min())
        found.append(measured_finding(mesh, "island", where, marked, value, 0.0, "mm", processes))
    found.sort(key=lambda one: (round(one.value or 0.0, 6), *one.where))
    return found[:MOST]


def _upward(mesh: Mesh, faces: Ints, own: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> float:
    """Return how far the surface looks up around a group's corners: the normals, each by its face's angle there.

    At a lowest point the sign tells material above from a hollow (Bærentzen and Aanæs, Signed distance computation using the angle
    weighted pseudonormal, 2005).
    """
    corners = mesh.corners[faces]
    there, back = np.roll(corners, -1, axis=1) - corners, np.roll(corners, 1, axis=1) - corners
    across = np.linalg.norm(np.cross(there, back), axis=2)
    angle = np.arctan2(across, np.einsum("nik,nik->ni", there, back))
    return float((np.where(own, angle, 0.0).sum(axis=1) * mesh.normals[faces, 2]).sum())


def _inside(solid: Solid, where: Floats) -> bool:
    """Return whether the place lies in another body: a ray downwards then leaves material first."""
    down = np.array([[0.0, 0.0, -1.0]])
    hit = solid.shoot(where[None] + down * 4.0 * solid.off, down)
    return bool(hit.face[0] >= 0 and hit.cosine[0] > 0)
