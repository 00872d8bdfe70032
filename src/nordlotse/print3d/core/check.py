"""The whole check of one part: its mesh, its shape, and what that means for each process."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.print3d.core import limits_data
from nordlotse.print3d.core.findings import UNSOUND, mesh_facts, topology_findings
from nordlotse.print3d.core.fit import fit_findings
from nordlotse.print3d.core.gaps import narrow_findings
from nordlotse.print3d.core.islands import island_findings
from nordlotse.print3d.core.overhang import overhang_findings
from nordlotse.print3d.core.rays import Solid, solid_of
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.thickness import Measured, clearance, thickness
from nordlotse.print3d.core.together import together
from nordlotse.print3d.core.topology import Topology, topology
from nordlotse.print3d.core.trapped import trapped_findings
from nordlotse.print3d.core.values import (
    Checked,
    Finding,
    Limits,
    Loaded,
    Machine,
    Material,
    Process,
    Severity,
    Verdict,
)
from nordlotse.print3d.core.warping import pose_findings

_YES = Text("Keine Stelle steht dagegen.", "Nothing speaks against it.")
_OTHER = Text(
    "Das gewählte Material gibt es in diesem Verfahren nicht.", "The chosen material is not made by this process."
)
_NOTHING = Text("Die Datei enthält keine Fläche.", "The file holds no surface.")
_FLAT = Text(
    "Das ist eine Fläche ohne Dicke, kein Körper.",
    "This is a sheet without thickness, no solid.",
)
_MESH = Text(
    "Die Datei ist nicht sauber; erst reparieren, dann drucken.",
    "The file is not sound; repair it first, then print it.",
)


@dataclass(frozen=True, eq=False)
class Sounded:
    """What was measured on the part's surface: cut finely, how thick the part and how wide the gap before it is everywhere."""

    solid: Solid
    wall: Measured
    gap: Measured


def check(
    loaded: Loaded,
    process: Process | str | None = None,
    material: str | None = None,
    machines: Iterable[Machine] | None = None,
    limits: Mapping[Process, Limits] | None = None,
) -> Checked:
    """Return everything found about the part, as it lies in the file, and a verdict for each process.

    `process` and `material` narrow the check; without a process all five are judged, or that of the material. `machines` and `limits`
    replace our own data by a shop's.

    Raises:
        NotFound: `no_such_process`, `no_such_material`.
    """
    return check_sounded(loaded, process, material, machines, limits)[0]


def check_sounded(
    loaded: Loaded,
    process: Process | str | None = None,
    material: str | None = None,
    machines: Iterable[Machine] | None = None,
    limits: Mapping[Process, Limits] | None = None,
    materials: Mapping[Process, Material] | None = None,
) -> tuple[Checked, Sounded | None]:
    """Return what `check` does, and what was measured for it; None where the file holds no surface.

    `materials`: a shop's own, taken before ours where none is named.

    Raises:
        NotFound: as `check`.
    """
    begin = time.perf_counter()
    usual = dict(materials or {})
    mine = next((one for one in usual.values() if one.id == material), None)
    taken = mine or (None if material is None else limits_data.material(material))
    asked = limits_data.process(process) if process is not None else taken.process if taken else None
    given = dict(limits_data.process_limits() if limits is None else limits)
    wanted = {name: limit for name, limit in given.items() if asked in (None, name)}
    found = topology(loaded.mesh)
    known = limits_data.machines().values() if machines is None else machines
    findings = [*topology_findings(found, loaded.kind, loaded.brep_valid)]
    measures = sounded(found) if loaded.mesh.area > 0 else None
    if measures:
        own = {
            name: taken if taken and taken.process is name else usual.get(name) or limits_data.default_material(name)
            for name in wanted
        }
        fitting = [one for one in known if one.process in wanted]
        findings += shape_findings(found, measures, wanted, own, fitting)
    every = tuple(findings)
    none = _NOTHING if measures is None else _FLAT if loaded.mesh.flat else None
    verdicts = {str(n): Verdict("no", (none,)) if none else _verdict(str(n), every, taken) for n in wanted}
    return Checked(mesh_facts(loaded, found), every, verdicts, time.perf_counter() - begin), measures


def check_file(
    data: bytes,
    name: str,
    *,
    unit: str = "auto",
    scale: float = 1.0,
    process: str | None = None,
    material: str | None = None,
) -> tuple[Checked, Loaded]:
    """Read a file and check the part in it: one call for the child that reads strangers' files.

    Raises:
        Problem: what `read` and `check` refuse.
    """
    loaded = read(data, name, unit=unit, scale=scale)
    return check(loaded, process, material), loaded


def sounded(found: Topology) -> Sounded:
    """Return the part cut finely, with walls and gaps measured everywhere."""
    solid = solid_of(found)
    joined = together(found, solid)
    return Sounded(solid, thickness(solid, joined), clearance(solid, joined))


def shape_findings(
    found: Topology,
    measures: Sounded,
    limits: Mapping[Process, Limits],
    materials: Mapping[Process, Material],
    machines: Iterable[Machine],
) -> tuple[Finding, ...]:
    """Return the findings about the part's shape for the processes of `limits`."""
    solid = measures.solid
    mesh = solid.whole
    walls = narrow_findings(mesh, solid, measures.wall, limits, "thin_wall", "small_feature")
    gaps = narrow_findings(mesh, solid, measures.gap, limits, "thin_gap", "small_hole")
    islands = island_findings(mesh, solid, limits)
    marked = np.array(sorted({face for one in islands for face in one.faces}), np.int32)
    return (
        *walls,
        *gaps,
        *overhang_findings(mesh, solid, limits, marked),
        *islands,
        *trapped_findings(found, solid, measures.gap, limits),
        *pose_findings(mesh, limits, materials),
        *fit_findings(mesh, machines),
    )


def _verdict(process: str, findings: tuple[Finding, ...], material: Material | None) -> Verdict:
    """Return yes if only hints matter to the process, no if the part does not fit, else with changes."""
    if material is not None and material.process != process:
        return Verdict("no", (_OTHER,))
    own = [one for one in findings if not one.processes or process in one.processes]
    blocking = {one.code: one.text for one in own if one.code == "too_big"}
    if blocking:
        return Verdict("no", tuple(blocking.values()))
    unsound = any(one.code in UNSOUND and one.severity is not Severity.NOTE for one in own)
    risks = {one.code: one.text for one in own if one.severity is Severity.RISK and one.code not in UNSOUND}
    hints = {one.code: one.text for one in own if one.severity is Severity.NOTE and one.processes}
    if unsound or risks:
        return Verdict("with_changes", (*([_MESH] if unsound else []), *risks.values(), *hints.values()))
    return Verdict("yes", tuple(hints.values()) or (_YES,))
