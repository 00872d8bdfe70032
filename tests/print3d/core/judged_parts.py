"""Parts to judge whose figures are known: those of `test_costs.PART`, without measuring anything."""

from __future__ import annotations

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.matching import Job
from nordlotse.print3d.core.partlist import Item
from tests.print3d.core.test_costs import PART


def measure(data: bytes, name: str) -> Figures:
    """Return the known figures; the bytes `broken` are refused."""
    if data == b"broken":
        raise BadInput("file_broken", de="Die Datei ist kaputt.", en="The file is broken.")
    return PART


def job(name: str, **known: float) -> Job:
    """Return a part of a list with a file of its own; `known`: what the list states of it."""
    return Job(Item(2, name, **known), f"{name}.stl", name.encode)  # type: ignore[arg-type]
