"""What only the exact geometry of a STEP file tells: its volume, whether its solids are sound. Needs the extra `step-exact`."""

from __future__ import annotations

import io
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exact:
    """Volume in mm³ of all solids, whether the geometry is valid, how many solids there are."""

    volume: float
    valid: bool
    solids: int


def exact_of(data: bytes) -> Exact | None:
    """Return what the exact geometry tells, None where the extra is not installed or cannot read the file.

    The volume is integrated over the exact faces (Gauss, BRepGProp of OpenCASCADE); validity is its BRepCheck.
    """
    try:
        from OCP.BRepCheck import BRepCheck_Analyzer
        from OCP.BRepGProp import BRepGProp
        from OCP.GProp import GProp_GProps
        from OCP.IFSelect import IFSelect_ReturnStatus
        from OCP.STEPControl import STEPControl_Reader
        from OCP.TopAbs import TopAbs_ShapeEnum
        from OCP.TopExp import TopExp_Explorer
    except ImportError:
        return None
    reader = STEPControl_Reader()
    if reader.ReadStream("part.step", io.BytesIO(data)) != IFSelect_ReturnStatus.IFSelect_RetDone:
        return None
    reader.TransferRoots()
    shape = reader.OneShape()
    if shape is None or shape.IsNull():
        return None
    properties = GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, properties, True, False)
    solids = 0
    explorer = TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_SOLID)
    while explorer.More():
        solids += 1
        explorer.Next()
    return Exact(float(properties.Mass()), bool(BRepCheck_Analyzer(shape).IsValid()), solids)
