"""The values handed between the parts of the room: what was read, findings, processes, estimates, proposals, costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.print3d.core.mesh import Floats, Mesh

#: Stands with every result.
UNCHECKED = Text(
    "Nicht geprüft: Festigkeit, Ermüdung und Zulassung. Das kann ein Konstruktionsbüro oder eine Prüfstelle (etwa TÜV oder DEKRA).",
    "Not checked: strength, fatigue and approval. A design office or a testing body (such as TÜV or DEKRA) can do that.",
)
#: Stands with every result: copying parts of others. The provisions were read on 23 November 2026; a reform of the DesignG was under way then
#: (transposing Directive (EU) 2024/2823), so that what is said of its Section 40a is to be read again (record `design-repair-clause`).
RIGHTS = Text(
    "Ein fremdes Teil nachzubauen kann Rechte verletzen: Patent (§ 9 PatG), Gebrauchsmuster (§ 11 GebrMG), Design (§ 38 DesignG), Marke "
    "(§ 14 MarkenG), bei gestalteten Formen das Urheberrecht (§ 16 UrhG). § 40a DesignG nimmt nur Teile aus, die bei einer Reparatur das "
    "ursprüngliche Aussehen wiederherstellen, und gilt nicht für Designs, die vor dem 2. Dezember 2020 angemeldet wurden. Die Ausnahme für "
    "Privates (§ 11 Nr. 1 PatG) gilt im Betrieb nicht. Gelesen am 23.11.2026; das DesignG wird gerade geändert. Keine Rechtsberatung: im Zweifel "
    "prüfen lassen.",
    "Copying someone else's part may infringe rights: patent (Section 9 PatG), utility model (Section 11 GebrMG), design (Section 38 DesignG), "
    "trade mark (Section 14 MarkenG), for creative shapes copyright (Section 16 UrhG). Section 40a DesignG exempts only parts that restore the "
    "original appearance in a repair, and not against designs applied for before 2 December 2020. The exemption for private use (Section 11 "
    "no. 1 PatG) does not hold in a business. Read on 23 November 2026; the DesignG is being amended. No legal advice: have it checked if in doubt.",
)


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
    """What a process can do: smallest wall, gap, hole and feature in mm, overhang in degrees from the horizontal, longest bridge in mm.

    `overhang` 0: it needs no support. `layer` mm. `drain`: smallest opening in mm through which powder or resin comes out, 0 if there is
    none to come out.
    """

    wall: float
    gap: float
    hole: float
    feature: float
    overhang: float
    bridge: float
    source: Text
    decided: date
    layer: float = 0.2
    drain: float = 0.0


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
    unchecked: Text = UNCHECKED
    rights: Text = RIGHTS
