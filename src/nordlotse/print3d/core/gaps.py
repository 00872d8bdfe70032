"""Walls and gaps that are too thin for a process, as findings."""

from __future__ import annotations

from collections.abc import Mapping

from nordlotse.print3d.core.findings import MOST, measured_finding
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.rays import Solid
from nordlotse.print3d.core.thickness import BELOW, Measured, narrow
from nordlotse.print3d.core.values import Finding, Limits, Process


def narrow_findings(
    mesh: Mesh, solid: Solid, measured: Measured, limits: Mapping[Process, Limits], code: str, round_code: str
) -> tuple[Finding, ...]:
    """Return what is narrower than the largest limit of the processes: `code` for walls or gaps, `round_code` for pins or holes.

    Each finding says for which of the processes it matters.
    """
    flat = {name: _limit(code, limit) for name, limit in limits.items()}
    round_ = {name: _limit(round_code, limit) for name, limit in limits.items()}
    found: dict[str, list[Finding]] = {code: [], round_code: []}
    for one in narrow(solid, measured, max(flat.values()), max(round_.values())):
        name, own = (round_code, round_) if one.round else (code, flat)
        if len(found[name]) < MOST:
            matters = tuple(str(process) for process, limit in own.items() if one.width < BELOW * limit)
            limit = max(own.values())
            found[name].append(measured_finding(mesh, name, one.where, one.faces, one.width, limit, "mm", matters))
    return tuple(found[code] + found[round_code])


def _limit(code: str, limit: Limits) -> float:
    return {
        "thin_wall": limit.wall,
        "thin_gap": limit.gap,
        "small_hole": limit.hole,
        "small_feature": limit.feature,
    }[code]
