"""The values handed between the parts of the room: what was read, findings, processes, estimates, proposals, costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.print3d.core.mesh import Floats, Mesh


class Unit(StrEnum):
    """Units of length a file may be in."""

    MM = "mm"
    INCH = "inch"
    M = "m"


@dataclass(frozen=True, slots=True)
class UnitGuess:
    """The unit taken, the factor to mm (with a scale asked for), and why; `certain` if the file or the person says so."""

    unit: Unit
    factor: float
    reason: Text
    certain: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """A part as read: one mesh in mm of all bodies of the file, the names of its parts, the unit.

    `kind`: stl, 3mf, obj, ply, off, step. `exact_volume`: from the B-rep in mm³ (STEP with the exact reader), else None. `tolerance`:
    of a tessellation in mm. `brep_valid`: the solid itself is sound, whatever its triangles do.
    """

    name: str
    kind: str
    mesh: Mesh
    unit: UnitGuess
    parts: tuple[str, ...] = ()
    exact_volume: float | None = None
    tolerance: float | None = None
    brep_valid: bool | None = None
    notes: tuple[Text, ...] = ()


class Severity(StrEnum):
    """How much a finding matters."""

    BLOCKS = "blocks"
    RISK = "risk"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found at a place, in the file's own coordinates (mm after unit and scale).

    `value` and `limit` in `unit` ("mm", "mm2", "mm3", "deg", "", …), None where nothing is measured; `faces` the triangles to mark.
    `processes`: for which it matters, () for all.
    """

    code: str
    severity: Severity
    where: tuple[float, float, float]
    value: float | None
    limit: float | None
    unit: str
    text: Text
    remedy: Text
    faces: tuple[int, ...] = ()
    processes: tuple[str, ...] = ()


class Process(StrEnum):
    """The processes the room knows."""

    FDM = "fdm"
    SLA = "sla"
    SLS = "sls"
    MJF = "mjf"
    LPBF = "lpbf"


@dataclass(frozen=True, slots=True)
class Sourced:
    """A figure with its range, unit, source and the day it was decided."""

    low: float
    likely: float
    high: float
    unit: str
    source: Text
    decided: date


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process can do: smallest wall, gap, hole and feature in mm, overhang in degrees from the horizontal, longest bridge in mm."""

    wall: float
    gap: float
    hole: float
    feature: float
    overhang: float
    bridge: float
    source: Text
    decided: date


@dataclass(frozen=True, slots=True)
class Material:
    """A material of a process: density in g/cm³, price per kg, how much it warps (0 to 1)."""

    id: str
    process: Process
    name: Text
    density: float
    price: Sourced
    warping: float = 0.0


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine: build volume in mm, rate per hour; `fields` are further figures its process needs (recoating, exposure …)."""

    id: str
    process: Process
    name: Text
    build: tuple[float, float, float]
    rate: Sourced
    fields: Mapping[str, Sourced] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """How an FDM machine prints: every value of facts section 2, as data; lengths mm, speeds mm/s, accelerations mm/s²."""

    id: str
    name: Text
    values: Mapping[str, float]
    material: str
    machine: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """Time and material of one print with their error band. `filament_g` includes `support_g`. `engine`: estimated or sliced."""

    profile: str
    time_s: float
    time_low_s: float
    time_high_s: float
    filament_g: float
    filament_low_g: float
    filament_high_g: float
    support_g: float
    layers: int
    engine: Literal["estimated", "sliced"]
    warnings: tuple[Text, ...] = ()
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A way to lay the part: rotation (3, 3) with v' = R v, support in mm³, time in s, height in mm, footprint in mm², why.

    `heading_deg`: a further turn about z, a gain of its own, that lays long edges along the machine's axes.
    """

    name: str
    rotation: Floats
    support_mm3: float
    time_s: float
    height_mm: float
    stands_mm2: float
    reason: Text
    heading_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What one part costs by a process at a quantity, in euros. `measured`: its error was measured; else it is a guide value."""

    process: str
    quantity: int
    low: float
    likely: float
    high: float
    measured: bool
    parts: Mapping[str, float]
    lead_days: tuple[int, int] = (0, 0)
    minimum: int = 1
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a process can make the part."""

    verdict: Literal["yes", "with_changes", "no"]
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class MeshFacts:
    """What the mesh is: for the page, the command line and the report. Lengths mm."""

    triangles: int
    bodies: int
    watertight: bool
    winding_ok: bool
    volume_mm3: float
    area_mm2: float
    bbox_mm: tuple[tuple[float, float, float], tuple[float, float, float]]
    unit: str
    scale: float
    volume_from: Literal["mesh", "b-rep"] = "mesh"
    volume_tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The whole check of one part."""

    facts: MeshFacts
    findings: tuple[Finding, ...]
    printable: Mapping[str, Verdict]
    seconds: float
