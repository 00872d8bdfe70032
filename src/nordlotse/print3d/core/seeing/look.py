"""One close look at a part: the check, and for every place of the surface what a picture shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.check import Sounded, check_sounded
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.values import Checked, Finding, Limits, Loaded, Machine, Material, Process, Severity

Narrows = NDArray[np.float32]

_WEIGHT = {Severity.BLOCKS: 0, Severity.RISK: 1, Severity.NOTE: 2}


@dataclass(frozen=True, eq=False)
class Seen:
    """The part as pictures show it: its surface cut finely, in mm of the file's coordinates, with what was measured on each triangle.

    `vertices` (n, 3), `faces` (m, 3); for each triangle `parent` the face of the part it is a piece of, `wall` the thickness there and `gap`
    the clearance before it in mm (NaN: none was measured), `angle` its incline from the horizontal in degrees where it looks down
    (90 and more: no overhang, also on the bed). A file without surface gives no triangles.
    """

    vertices: Floats
    faces: Ints
    parent: Ints
    wall: Narrows
    gap: Narrows
    angle: Narrows

    @property
    def mesh(self) -> Mesh:
        """Return the triangles as a mesh."""
        return Mesh(self.vertices, self.faces)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding with the number it bears in list, pictures and report."""

    number: int
    finding: Finding


def look_closely(
    data: bytes,
    name: str,
    unit: str = "auto",
    scale: float = 1.0,
    process: str | None = None,
    material: str | None = None,
    machines: Iterable[Machine] | None = None,
    limits: Mapping[Process, Limits] | None = None,
) -> tuple[Checked, Loaded, Seen]:
    """Read a file, check the part in it and keep what pictures need: one call for the child that reads strangers' files.

    Raises:
        Problem: what `read` and `check` refuse.
    """
    loaded = read(data, name, unit=unit, scale=scale)
    checked, seen = look_at(loaded, process, material, machines, limits)
    return checked, loaded, seen


def look_at(
    loaded: Loaded,
    process: str | None = None,
    material: str | None = None,
    machines: Iterable[Machine] | None = None,
    limits: Mapping[Process, Limits] | None = None,
    materials: Mapping[Process, Material] | None = None,
) -> tuple[Checked, Seen]:
    """Check a part that was read already, and keep what pictures need.

    Raises:
        NotFound: as `check`.
    """
    checked, measures = check_sounded(loaded, process or None, material or None, machines, limits, materials)
    return checked, _seen(measures, limits)


def numbered(findings: Iterable[Finding]) -> tuple[Numbered, ...]:
    """Return the findings with their numbers from 1, those that matter most first; the order does not depend on the marked faces."""
    ordered = sorted(findings, key=lambda one: _WEIGHT[one.severity])
    return tuple(Numbered(number, finding) for number, finding in enumerate(ordered, 1))


def _seen(measures: Sounded | None, limits: Mapping[Process, Limits] | None) -> Seen:
    if measures is None:
        nothing: Any = np.zeros(0, np.float32)
        return Seen(np.zeros((0, 3)), np.zeros((0, 3), np.int32), np.zeros(0, np.int32), nothing, nothing, nothing)
    fine, whole = measures.solid.mesh, measures.solid.whole
    given = process_limits() if limits is None else limits
    layer = max((one.layer for one in given.values()), default=0.2)
    angle = np.degrees(np.arccos(np.clip(-fine.normals[:, 2], -1.0, 1.0)))
    on_bed = fine.corners[:, :, 2].max(axis=1) <= whole.bounds[0, 2] + layer
    angle[on_bed & (angle < 90.0)] = 90.0
    angle[fine.areas <= 0] = 180.0
    return Seen(
        fine.vertices,
        fine.faces,
        measures.solid.parent,
        _narrow(measures.wall.width),
        _narrow(measures.gap.width),
        angle.astype(np.float32),
    )


def _narrow(width: Floats) -> Narrows:
    return np.where(np.isfinite(width), width, np.nan).astype(np.float32)
