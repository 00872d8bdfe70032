"""The front door of the room's core: a part read, checked, mended, laid, estimated, priced, compared; usable without Django.

    from nordlotse.print3d.core import check_file, orient
    found, loaded = check_file(data, "bracket.stl")

What stands here is loaded when it is first asked for, so that whoever wants a price list does not load the rays. The verbs and data
`check`, `estimate`, `figures`, `profile`, `rates`, `repair` and `report` stand in the modules of their names. Strangers' files belong into
a `Workshop`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nordlotse.print3d.core.calibration import Calibration, calibrate, read_factors, read_jobs
    from nordlotse.print3d.core.check import check_file
    from nordlotse.print3d.core.comparison import BreakEven, Comparison, Curve, Today, compare, smooth_break_even
    from nordlotse.print3d.core.costs import Costing, Lever, Priced, priced
    from nordlotse.print3d.core.estimate import Factors
    from nordlotse.print3d.core.figures import Figures
    from nordlotse.print3d.core.judging import Judged
    from nordlotse.print3d.core.limits_data import default_material, machines, material, materials, process_limits
    from nordlotse.print3d.core.matching import jobs_in_folder, jobs_in_zip
    from nordlotse.print3d.core.mesh import Mesh
    from nordlotse.print3d.core.nesting import Nest, Placed, nest
    from nordlotse.print3d.core.orientation import by_hand, orient
    from nordlotse.print3d.core.partlist import Item, PartList, read_list
    from nordlotse.print3d.core.profile import profiles
    from nordlotse.print3d.core.ranking import csv_bytes, xlsx_bytes
    from nordlotse.print3d.core.rates import Rate, Rates, Way, changed, with_machine, with_material
    from nordlotse.print3d.core.reading import read
    from nordlotse.print3d.core.repair import Repaired, as_stl
    from nordlotse.print3d.core.samples import SAMPLES, Sample, sample, sample_bytes
    from nordlotse.print3d.core.screening import Screening, screen
    from nordlotse.print3d.core.slicer import Sliced, sliced
    from nordlotse.print3d.core.values import (
        Checked,
        Estimate,
        Finding,
        Limits,
        Loaded,
        Machine,
        Material,
        MeshFacts,
        Process,
        Profile,
        Proposal,
        Severity,
        Sourced,
        Unit,
        UnitCost,
        UnitGuess,
        Verdict,
    )
    from nordlotse.print3d.core.whole import Examined, Reckoned, Wishes, laid, reckoned
    from nordlotse.print3d.core.workshop import WorkLimits, Workshop

__all__ = [
    "SAMPLES",
    "BreakEven",
    "Calibration",
    "Checked",
    "Comparison",
    "Costing",
    "Curve",
    "Estimate",
    "Examined",
    "Factors",
    "Figures",
    "Finding",
    "Item",
    "Judged",
    "Lever",
    "Limits",
    "Loaded",
    "Machine",
    "Material",
    "Mesh",
    "MeshFacts",
    "Nest",
    "PartList",
    "Placed",
    "Priced",
    "Process",
    "Profile",
    "Proposal",
    "Rate",
    "Rates",
    "Reckoned",
    "Repaired",
    "Sample",
    "Screening",
    "Severity",
    "Sliced",
    "Sourced",
    "Today",
    "Unit",
    "UnitCost",
    "UnitGuess",
    "Verdict",
    "Way",
    "Wishes",
    "WorkLimits",
    "Workshop",
    "as_stl",
    "by_hand",
    "calibrate",
    "changed",
    "check_file",
    "compare",
    "csv_bytes",
    "default_material",
    "jobs_in_folder",
    "jobs_in_zip",
    "laid",
    "machines",
    "material",
    "materials",
    "nest",
    "orient",
    "priced",
    "process_limits",
    "profiles",
    "read",
    "read_factors",
    "read_jobs",
    "read_list",
    "reckoned",
    "sample",
    "sample_bytes",
    "screen",
    "sliced",
    "smooth_break_even",
    "with_machine",
    "with_material",
    "xlsx_bytes",
]

_MODULES = {
    "calibration": ("Calibration", "calibrate", "read_factors", "read_jobs"),
    "check": ("check_file",),
    "comparison": ("BreakEven", "Comparison", "Curve", "Today", "compare", "smooth_break_even"),
    "costs": ("Costing", "Lever", "Priced", "priced"),
    "estimate": ("Factors",),
    "figures": ("Figures",),
    "judging": ("Judged",),
    "limits_data": ("default_material", "machines", "material", "materials", "process_limits"),
    "matching": ("jobs_in_folder", "jobs_in_zip"),
    "mesh": ("Mesh",),
    "nesting": ("Nest", "Placed", "nest"),
    "orientation": ("by_hand", "orient"),
    "partlist": ("Item", "PartList", "read_list"),
    "profile": ("profiles",),
    "ranking": ("csv_bytes", "xlsx_bytes"),
    "rates": ("Rate", "Rates", "Way", "changed", "with_machine", "with_material"),
    "reading": ("read",),
    "repair": ("Repaired", "as_stl"),
    "samples": ("SAMPLES", "Sample", "sample", "sample_bytes"),
    "screening": ("Screening", "screen"),
    "slicer": ("Sliced", "sliced"),
    "values": (
        "Checked",
        "Estimate",
        "Finding",
        "Limits",
        "Loaded",
        "Machine",
        "Material",
        "MeshFacts",
        "Process",
        "Profile",
        "Proposal",
        "Severity",
        "Sourced",
        "Unit",
        "UnitCost",
        "UnitGuess",
        "Verdict",
    ),
    "whole": ("Examined", "Reckoned", "Wishes", "laid", "reckoned"),
    "workshop": ("WorkLimits", "Workshop"),
}
_MODULE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for (PEP 562)."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
