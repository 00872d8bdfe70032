"""What the JSON interface of the room takes and gives: the keys of the command line, described for OpenAPI."""

from __future__ import annotations

from typing import Literal

from ninja import Field, Schema

from nordlotse.foundation.language import Lang

ProcessName = Literal["fdm", "sla", "sls", "mjf", "lpbf"]
Point = tuple[float, float, float]
_PROCESS_COSTS = "by process: fdm, sla, sls, mjf, lpbf, milling, moulding; today where its price was named"


class Reading(Schema):
    """How a file is read."""

    unit: Literal["auto", "mm", "inch", "m"] = Field("auto", description="unit of the file; auto: as told or guessed")
    scale: float = Field(1.0, description="multiplies all lengths", ge=1e-6, le=1e6)
    inner: str = Field("", max_length=1000, description="which part of a ZIP with several, by its path or name")
    lang: Lang = Field("de", description="language of texts")


class CheckIn(Reading):
    """What is judged."""

    process: ProcessName | None = Field(None, description="judge this process only")
    material: str = Field("", max_length=60, description="such as pla, petg, pa12-sls, 316l")


class EstimateIn(Reading):
    """How an FDM print is estimated."""

    profile: str = Field("fdm-pla-0.2", max_length=60, description="FDM profile")
    support: bool = Field(False, description="with support under overhangs")
    material: str = Field("", max_length=60, description="another filament: pla, petg, abs, pa-fdm")


class CostIn(Reading):
    """What is compared."""

    quantity: int = Field(..., description="how many pieces, 1 to 1,000,000")
    today: float | None = Field(None, description="what one piece costs today in EUR", gt=0, le=1e9)
    today_minimum: int = Field(1, description="least order today", ge=1, le=1_000_000_000)
    profile: str = Field("fdm-pla-0.2", max_length=60, description="FDM profile")
    material: str = Field("", max_length=60, description="changes price and density for its own process")


class RepairIn(Reading):
    """What is given back."""

    answer: Literal["json", "stl"] = Field("json", description="json: what was changed; stl: the mended part, mm")


class CalibrateIn(Reading):
    """Which profile the jobs were printed with."""

    profile: str = Field(..., max_length=60, description="FDM profile")


class MeshOut(Schema):
    """The mesh; lengths mm after unit and scale; `scale`: mm per unit of the file, with the scale asked for."""

    triangles: int
    bodies: int
    watertight: bool
    winding_ok: bool
    volume_mm3: float
    area_mm2: float
    bbox_mm: tuple[Point, Point]
    unit: str
    scale: float


class FindingOut(Schema):
    """One thing found; `where` in mm of the file's own coordinates; `value` and `limit` in `unit`, null where nothing is measured."""

    code: str
    severity: Literal["blocks", "risk", "note"]
    where: Point
    value: float | None
    limit: float | None
    unit: str
    text: str
    remedy: str


class VerdictOut(Schema):
    """Whether a process can make the part."""

    verdict: Literal["yes", "with_changes", "no"]
    reasons: list[str]


class CheckOut(Schema):
    """The whole check. Not checked: strength, fatigue, approval (a design office or a testing body can)."""

    mesh: MeshOut
    findings: list[FindingOut]
    printable: dict[str, VerdictOut]
    seconds: float


class EstimateOut(Schema):
    """Time and filament with error band; `filament_g` includes `support_g`."""

    time_s: float
    time_low_s: float
    time_high_s: float
    filament_g: float
    filament_low_g: float
    filament_high_g: float
    support_g: float
    layers: int
    profile: str
    engine: Literal["estimated", "sliced"]
    warnings: list[str]
    cpu_s: float


class ProposalOut(Schema):
    """A way to lay the part: v' = R v with the rows of `rotation`."""

    name: str
    rotation: tuple[Point, Point, Point]
    support_mm3: float
    time_s: float
    reason: str


class OrientOut(Schema):
    """Three proposals; often one way is several of them."""

    proposals: list[ProposalOut]


class RangeOut(Schema):
    """EUR without VAT."""

    low: float
    likely: float
    high: float


class WayCostOut(Schema):
    """Cost of one part; null where the process cannot make it. `measured` false: a guide value whose error nobody measured."""

    unit_cost: RangeOut | None
    measured: bool


class BreakEvenOut(Schema):
    """Where printing stops to pay.

    `quantity`: from here the other way costs no more for good; null if printing still pays at `horizon`, 1 if it never pays. `low`,
    `high`: about where at the ends of both ranges. `pays`: quantities in which printing costs less. `first`: where it stops to pay first.
    """

    process: str
    against: str
    quantity: int | None
    low: int | None
    high: int | None
    first: int | None
    pays: list[tuple[int, int]]
    horizon: int
    sentence: str


class CostOut(Schema):
    """Cost per process and break-even quantities."""

    processes: dict[str, WayCostOut] = Field(..., description=_PROCESS_COSTS)
    break_even: list[BreakEvenOut]


class StateOut(Schema):
    """What is measured before and after a repair."""

    triangles: int
    bodies: int
    holes: int
    watertight: bool
    winding_ok: bool
    crossings: int
    volume_mm3: float
    area_mm2: float


class RepairOut(Schema):
    """What was changed."""

    changes: list[str]
    before: StateOut
    after: StateOut


class ScreenedOut(Schema):
    """A part judged; `saving_eur` a year, null without price and yearly quantity; `problem`: why it was not judged."""

    rank: int
    part: str
    file: str
    saving_eur: RangeOut | None
    sure: bool
    suitability: int
    reasons: list[str]
    process: str | None
    lot: int
    unit_cost: RangeOut | None
    measured: bool
    verdict: Literal["worth", "maybe", "no", "unread"]
    against: list[str]
    stated_material: str
    material: str
    material_note: str
    spent_eur: float | None
    stock_eur: float | None
    stock_years: float | None
    changes: str
    problem: str


class ScreenOut(Schema):
    """All parts, best first."""

    parts: list[ScreenedOut]


class FitOut(Schema):
    """A factor with its 95 % interval, and the half width of the band as a share."""

    factor: float
    low: float
    high: float
    band: float


class CalibrationOut(Schema):
    """What past jobs say about the estimate; `left_out`: rows that are outliers."""

    profile: str
    jobs: int
    left_out: list[int]
    time: FitOut
    filament: FitOut
