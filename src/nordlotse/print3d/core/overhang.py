"""Faces that hang over as the part lies in the file (z is up): overhangs, ceilings that span too far, and the support they need."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nordlotse.print3d.core.bridges import spans
from nordlotse.print3d.core.columns import support
from nordlotse.print3d.core.findings import MOST, measured_finding
from nordlotse.print3d.core.mesh import Ints, Mesh
from nordlotse.print3d.core.rays import Solid
from nordlotse.print3d.core.values import Finding, Limits, Process

#: A face of just the limit's angle is no overhang: it may be this much flatter, in degrees.
_AT_LIMIT = 1.0
#: An overhang smaller than the square of this many layers holds itself.
_HOLDS = 10.0
#: A support is this much wider than the overhang and keeps this gap from walls, in mm, for the volume only.
_MARGIN, _GAP = 0.0, 0.0
#: A bridge this share longer than the limit is reported: directions are tried in steps.
_LONGER = 1.02


def overhang_findings(mesh: Mesh, solid: Solid, limits: Mapping[Process, Limits], islands: Ints) -> tuple[Finding, ...]:
    """Return overhangs, long bridges and the volume of support for processes that need it.

    `islands`: faces that a finding of an island marks already.
    """
    needing = {name: limit for name, limit in limits.items() if limit.overhang > 0}
    if not needing:
        return ()
    layer = max(limit.layer for limit in needing.values())
    angle = max(limit.overhang for limit in needing.values())
    fine = solid.mesh
    incline = np.degrees(np.arccos(np.clip(-fine.normals[:, 2], -1.0, 1.0)))  # from the horizontal, looking down
    hanging = (incline < angle - _AT_LIMIT) & (fine.areas > 0)
    hanging &= fine.corners[:, :, 2].max(axis=1) > mesh.bounds[0, 2] + layer
    hanging &= ~np.isin(solid.parent, islands)
    rows = np.flatnonzero(hanging).astype(np.int32)
    if not len(rows):
        return ()
    span = np.full(len(fine.faces), np.inf)
    span[rows] = spans(solid, rows, layer)
    least = min(limit.bridge for limit in needing.values())
    free = hanging & np.isinf(span)
    long = hanging & ~free & (span > _LONGER * least)
    found = []
    for pieces in _large(solid, free, layer):
        flat = float(np.quantile(incline[pieces], 0.05))
        matters = tuple(str(name) for name, limit in needing.items() if flat < limit.overhang - _AT_LIMIT)
        where, faces = solid.middle(pieces), solid.parents(pieces)
        found.append(measured_finding(mesh, "overhang", where, faces, flat, angle, "deg", matters))
    for pieces in _large(solid, long, layer):
        widest = float(span[pieces].max())
        matters = tuple(str(name) for name, limit in needing.items() if widest > _LONGER * limit.bridge)
        where, faces = solid.middle(pieces), solid.parents(pieces)
        found.append(measured_finding(mesh, "long_bridge", where, faces, widest, least, "mm", matters))
    if found:
        found += _support(mesh, angle, found[0], tuple(map(str, needing)))
    return tuple(found)


def _large(solid: Solid, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]], layer: float) -> list[Ints]:
    pieces = [(float(solid.mesh.areas[one].sum()), one) for one in solid.clusters(chosen)]
    pieces = [(area, one) for area, one in pieces if area > (_HOLDS * layer) ** 2]
    pieces.sort(key=lambda one: (-one[0], *solid.middle(one[1]).tolist()))
    return [one for _, one in pieces[:MOST]]


def _support(mesh: Mesh, angle: float, largest: Finding, processes: tuple[str, ...]) -> list[Finding]:
    volume = support(mesh.on_bed(), angle, _MARGIN, _GAP).volume
    if volume <= 0:
        return []
    faces = np.array(largest.faces, np.int32)
    where = np.array(largest.where)
    return [measured_finding(mesh, "support_volume", where, faces, volume, None, "mm3", processes, snap=False)]
