"""What was found as plain values with stable keys: the JSON of the command line and of the interface. Every key is always there.

Lengths in mm of the file's own coordinates after unit and scale, angles in degrees, money in EUR, times in s, masses in g.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nordlotse.print3d.core.asking import Mended
from nordlotse.print3d.core.calibration import Calibration, Fit
from nordlotse.print3d.core.comparison import BreakEven, Comparison
from nordlotse.print3d.core.judging import Judged
from nordlotse.print3d.core.screening import Screening
from nordlotse.print3d.core.values import Checked, Estimate, Finding, MeshFacts, Proposal, UnitCost

Plain = dict[str, Any]


def check_told(found: Checked, lang: str) -> Plain:
    """Return mesh, findings, printable, seconds."""
    return {
        "mesh": _mesh(found.facts),
        "findings": [_finding(one, lang) for one in found.findings],
        "printable": {
            process: {"verdict": told.verdict, "reasons": [reason.get(lang) for reason in told.reasons]}
            for process, told in found.printable.items()
        },
        "seconds": round(found.seconds, 3),
    }


def _mesh(facts: MeshFacts) -> Plain:
    return {
        "triangles": facts.triangles,
        "bodies": facts.bodies,
        "watertight": facts.watertight,
        "winding_ok": facts.winding_ok,
        "volume_mm3": facts.volume_mm3,
        "area_mm2": facts.area_mm2,
        "bbox_mm": [list(corner) for corner in facts.bbox_mm],
        "unit": facts.unit,
        "scale": facts.scale,
    }


def _finding(one: Finding, lang: str) -> Plain:
    return {
        "code": one.code,
        "severity": one.severity.value,
        "where": list(one.where),
        "value": one.value,
        "limit": one.limit,
        "unit": one.unit,
        "text": one.text.get(lang),
        "remedy": one.remedy.get(lang),
    }


def estimate_told(made: Estimate, lang: str) -> Plain:
    """Return time and filament with their bands, support, layers, profile, engine, warnings, cpu_s."""
    return {
        "time_s": made.time_s,
        "time_low_s": made.time_low_s,
        "time_high_s": made.time_high_s,
        "filament_g": made.filament_g,
        "filament_low_g": made.filament_low_g,
        "filament_high_g": made.filament_high_g,
        "support_g": made.support_g,
        "layers": made.layers,
        "profile": made.profile,
        "engine": made.engine,
        "warnings": [warning.get(lang) for warning in made.warnings],
        "cpu_s": round(made.cpu_s, 4),
    }


def orient_told(found: Sequence[Proposal], lang: str) -> Plain:
    """Return the proposals; `rotation` row by row, v' = R v."""
    return {
        "proposals": [
            {
                "name": one.name,
                "rotation": [[float(cell) for cell in row] for row in one.rotation],
                "support_mm3": float(one.support_mm3),
                "time_s": float(one.time_s),
                "reason": one.reason.get(lang),
            }
            for one in found
        ]
    }


def cost_told(found: Comparison, lang: str) -> Plain:
    """Return cost per process, today's first where it is known, and the break-even quantities.

    A process that cannot make the part has `unit_cost` None.
    """
    processes = {cost.process: _unit_cost(cost) for cost in found.costs}
    processes |= {process: {"unit_cost": None, "measured": False} for process in found.left_out}
    return {"processes": processes, "break_even": [_break_even(one, lang) for one in found.break_even]}


def _unit_cost(cost: UnitCost) -> Plain:
    return {"unit_cost": {"low": cost.low, "likely": cost.likely, "high": cost.high}, "measured": cost.measured}


def _break_even(one: BreakEven, lang: str) -> Plain:
    """Return one break-even: `quantity` from which the other way costs no more for good, None if printing still pays at `horizon`."""
    return {
        "process": one.process,
        "against": one.against,
        "quantity": one.always,
        "low": one.low,
        "high": one.high,
        "first": one.first,
        "pays": [list(span) for span in one.pays],
        "horizon": one.horizon,
        "sentence": one.sentence.get(lang),
    }


def repair_told(made: Mended, lang: str) -> Plain:
    """Return what was changed, and what was measured before and after."""
    return {
        "changes": [change.get(lang) for change in made.changes],
        "before": asdict(made.before),
        "after": asdict(made.after),
    }


def screen_told(found: Screening, lang: str) -> Plain:
    """Return all parts, best first, with rank; what is not known is None."""
    return {"parts": [_judged(rank, row, lang) for rank, row in enumerate(found.rows, 1)]}


def _judged(rank: int, row: Judged, lang: str) -> Plain:
    saving = dict(zip(("low", "likely", "high"), row.saving, strict=True)) if row.saving else None
    return {
        "rank": rank,
        "part": row.item.part,
        "file": row.file,
        "saving_eur": saving,
        "sure": row.sure,
        "suitability": row.suitability.points,
        "reasons": [reason.get(lang) for reason in row.suitability.reasons],
        "process": row.cost.process if row.cost else None,
        "lot": row.lot,
        **(_unit_cost(row.cost) if row.cost else {"unit_cost": None, "measured": False}),
        "verdict": str(row.verdict),
        "against": [doubt.get(lang) for doubt in row.doubts],
        "stated_material": row.item.material,
        "material": row.material.get(lang),
        "material_note": row.note.get(lang),
        "spent_eur": row.spent,
        "stock_eur": row.bound,
        "stock_years": row.years,
        "changes": row.changes.get(lang),
        "problem": row.problem.get(lang),
    }


def calibration_told(found: Calibration) -> Plain:
    """Return the factors for time and filament with their 95 % interval and band, how many jobs counted, which rows were left out."""
    return {
        "profile": found.profile,
        "jobs": found.jobs,
        "left_out": list(found.left_out),
        "time": _fit(found.time),
        "filament": _fit(found.filament),
    }


def _fit(fit: Fit) -> Mapping[str, float]:
    return {"factor": fit.factor, "low": fit.low, "high": fit.high, "band": fit.band}
