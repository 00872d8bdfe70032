"""Two risks of the pose in the file (z is up): a long base that lifts and warps, a part that is tall and slim."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist, squareform

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.findings import measured_finding
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.values import Finding, Limits, Material, Process

#: A base longer than this many mm divided by the material's warping (0 to 1) is at risk: 50 mm for ABS (0.8), 200 mm for PLA (0.2).
#: Our own choice.
WARPS = 40.0
#: A part higher than this many times its narrowest width seen from above is at risk. Our own choice.
SLIM = 8.0
#: Points of an outline looked at.
_OUTLINE = 720
#: Processes that build upon a bed or plate.
_ON_BED = (Process.FDM, Process.SLA, Process.LPBF)
#: Processes whose parts warp off their plate by heat.
_HOT = frozenset({Process.FDM, Process.LPBF})
#: What helps where metal is welded to a plate.
_METAL = Text(
    "Kräftig auf der Bauplatte verankern, spannungsarm glühen, bevor das Teil von der Platte kommt, oder es schräg legen.",
    "Anchor it firmly to the build plate, relieve stresses by heat before the part leaves the plate, or lay it askew.",
)


def pose_findings(
    mesh: Mesh, limits: Mapping[Process, Limits], materials: Mapping[Process, Material]
) -> tuple[Finding, ...]:
    """Return the risk of warping and of a tall, slim part; lengths in mm."""
    beds = [name for name in limits if name in _ON_BED]
    if not beds or not len(mesh.faces):
        return ()
    layer = max(limits[name].layer for name in beds)
    base = np.flatnonzero(mesh.corners[:, :, 2].max(axis=1) < mesh.bounds[0, 2] + layer).astype(np.int32)
    outline = _hull(mesh.vertices[np.unique(mesh.faces[base])]) if len(base) else np.zeros((0, 3))
    return (*_warping(mesh, outline, base, materials), *_slim(mesh, beds))


def _hull(points: Floats) -> Floats:
    """Return points on the convex outline seen from above, in order, at most `_OUTLINE`."""
    try:
        corners = ConvexHull(points[:, :2]).vertices
    except (QhullError, ValueError):
        return points[:2]
    found: Floats = points[corners[:: len(corners) // _OUTLINE + 1]]
    return found


def _warping(mesh: Mesh, outline: Floats, base: Ints, materials: Mapping[Process, Material]) -> list[Finding]:
    if len(outline) < 2:
        return []
    apart = squareform(pdist(outline[:, :2]))
    first = int(np.argmax(apart.max(axis=1)))
    length = float(apart[first].max())
    worst = {
        name: WARPS / material.warping for name, material in materials.items() if name in _HOT and material.warping > 0
    }
    found = []
    for kind, remedy in ((_HOT - {Process.LPBF}, None), (_HOT & {Process.LPBF}, _METAL)):
        matters = [name for name in worst if name in kind and length > worst[name]]
        if matters:
            limit = min(worst[name] for name in worst if name in kind)
            names = tuple(map(str, matters))
            found.append(measured_finding(mesh, "warping", outline[first], base, length, limit, "mm", names, remedy))
    return found


def _slim(mesh: Mesh, beds: list[Process]) -> list[Finding]:
    height = float(mesh.size[2])
    width = _width(_hull(mesh.vertices))
    ratio = height / max(width, 1e-3 * height)
    if ratio <= SLIM:
        return []
    high = mesh.corners[:, :, 2] > mesh.bounds[1, 2] - 1e-6 * height
    top = np.flatnonzero(high.all(axis=1) if high.all(axis=1).any() else high.any(axis=1)).astype(np.int32)
    if high[top].all():
        weight = mesh.areas[top][:, None] + 1e-300
        where = (mesh.centres[top] * weight).sum(axis=0) / weight.sum()
    else:
        where = mesh.vertices[np.unique(mesh.faces[top][high[top]])].mean(axis=0)
    return [measured_finding(mesh, "tall_slim", where, top, ratio, SLIM, "", tuple(map(str, beds)))]


def _width(outline: Floats) -> float:
    """Return the smallest width of a convex outline: between an edge and the corner farthest from it."""
    if len(outline) < 3:
        return 0.0
    points = outline[:, :2]
    edges = np.roll(points, -1, axis=0) - points
    across = np.stack([-edges[:, 1], edges[:, 0]], axis=1) / np.maximum(np.linalg.norm(edges, axis=1), 1e-300)[:, None]
    seen = points @ across.T
    return float((seen.max(axis=0) - seen.min(axis=0)).min())
