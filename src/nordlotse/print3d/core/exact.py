"""What only the exact geometry of a STEP file tells: its volume, whether its solids are sound. Needs the extra `step-exact`."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Exact:
    """Volume in mm³ of all solids, whether the geometry is valid, how many solids there are."""

    volume: float
    valid: bool
    solids: int


@cache
def library() -> dict[str, Any] | None:
    """Return the modules of the exact geometry by name, None where the extra is not installed."""
    names = ("BRepCheck", "BRepGProp", "GProp", "IFSelect", "STEPControl", "TopAbs", "TopExp")
    try:
        return {name: import_module(f"OCP.{name}") for name in names}
    except ImportError:
        return None


def exact_of(data: bytes) -> Exact | None:
    """Return what the exact geometry tells, None where the extra is not installed or cannot read the file.

    The volume is integrated over the exact faces (Gauss, BRepGProp of OpenCASCADE); validity is its BRepCheck.
    """
    known = library()
    if known is None:
        return None
    reader = known["STEPControl"].STEPControl_Reader()
    if reader.ReadStream("part.step", io.BytesIO(data)) != known["IFSelect"].IFSelect_ReturnStatus.IFSelect_RetDone:
        return None
    reader.TransferRoots()
    shape = reader.OneShape()
    if shape is None or shape.IsNull():
        return None
    properties = known["GProp"].GProp_GProps()
    known["BRepGProp"].BRepGProp.VolumeProperties_s(shape, properties, True, False)
    solids = 0
    explorer = known["TopExp"].TopExp_Explorer(shape, known["TopAbs"].TopAbs_ShapeEnum.TopAbs_SOLID)
    while explorer.More():
        solids += 1
        explorer.Next()
    return Exact(float(properties.Mass()), bool(known["BRepCheck"].BRepCheck_Analyzer(shape).IsValid()), solids)
