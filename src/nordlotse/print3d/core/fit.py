"""Whether the part fits a machine's build volume, laid in any way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.findings import measured_finding
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.values import Finding, Machine

#: Rounding of coordinates, in mm: a part as long as the build volume fits.
_ROUNDING = 1e-6
#: Hull faces tried as a base, the largest first.
_BASES = 60


def fits(mesh: Mesh, machine: Machine) -> bool:
    """Return whether the part fits the machine's build volume in some way: lying, standing or across its plate."""
    return _box_fits(mesh.size, machine) or _box_fits(_tightest(mesh), machine)


def fit_findings(mesh: Mesh, machines: Iterable[Machine]) -> tuple[Finding, ...]:
    """Return for each process of the machines a finding if the part fits none of them; the value is the side that is too long, in mm."""
    several = list(machines)
    found = []
    tight: Floats | None = None
    for process in dict.fromkeys(machine.process for machine in several):
        own = [machine for machine in several if machine.process is process]
        if any(_box_fits(mesh.size, machine) for machine in own):
            continue
        tight = _tightest(mesh) if tight is None else tight
        if any(_box_fits(tight, machine) for machine in own):
            continue
        largest = max(own, key=lambda machine: float(np.prod(machine.build)))
        sides, build = np.sort(tight), np.sort(np.array(largest.build))
        side = int(np.argmax(sides - build))
        where = mesh.centres[int(np.argmax(mesh.areas))]
        faces = np.array([int(np.argmax(mesh.areas))], np.int32)
        value, limit = float(sides[side]), float(build[side])
        told = measured_finding(mesh, "too_big", where, faces, value, limit, "mm", (str(process),))
        found.append(replace(told, text=_said(told, largest)))
    return tuple(found)


def _said(told: Finding, machine: Machine) -> Text:
    """Return that the part is too large, with the machine it was held against."""
    build = " × ".join(f"{side:.0f}" for side in machine.build)
    return Text(
        f"{told.text.de.removesuffix('.')}: {machine.name.de}, {build} mm.",
        f"{told.text.en.removesuffix('.')}: {machine.name.en}, {build} mm.",
    )


def _box_fits(sides: Floats, machine: Machine) -> bool:
    """Return whether a box fits the build volume with any of its sides upright, also across the plate.

    A box p × q (p the longer) goes into a plate a × b (a the longer) askew if b is at least
    (2 p q a + (p² − q²) √(p² + q² − a²)) / (p² + q²) (Carver, Mathematics Magazine 30, 1957).
    """
    plate = np.sort(np.array(machine.build[:2])) + _ROUNDING
    for upright in range(3):
        q, p = np.sort(np.delete(sides, upright))
        if sides[upright] > machine.build[2] + _ROUNDING or q > plate[0]:
            continue
        if p <= plate[1]:
            return True
        square = p * p + q * q
        needed = (2 * p * q * plate[1] + (p * p - q * q) * np.sqrt(square - plate[1] ** 2)) / square
        if plate[0] >= needed:
            return True
    return False


def _tightest(mesh: Mesh) -> Floats:
    """Return the sides of the smallest box with a face on one of the hull's faces and an edge along one of its edges, in mm."""
    try:
        hull = ConvexHull(mesh.vertices)
    except (QhullError, ValueError):
        return mesh.size
    points = mesh.vertices[hull.vertices]
    normals = hull.equations[:, :3]
    corners = mesh.vertices[hull.simplices]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    best = mesh.size
    for face in np.argsort(-area, kind="stable")[:_BASES]:
        up = normals[face]
        for edge in range(3):
            along = corners[face, (edge + 1) % 3] - corners[face, edge]
            length = float(np.linalg.norm(along))
            if length <= 0:
                continue
            along = along / length
            seen = points @ np.stack([along, np.cross(up, along), up], axis=1)
            sides = np.ptp(seen, axis=0)
            if sides.prod() < best.prod():
                best = sides
    return best
