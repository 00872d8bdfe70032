"""One part from file to figures, in steps a page can show: look at it, lay it, reckon with it. Each step is one call of the child."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.estimate import Factors, estimate
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.orientation import by_hand, orient
from nordlotse.print3d.core.parcel import packed, unpacked
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.values import Checked, Estimate, Loaded, Proposal, UnitGuess


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person chose for the check: unit and scale of the file, process and material ("" for all), the FDM profile.

    `rotation`: nine numbers row by row, v' = R v, how the part shall lie; None as in the file. `support`: with support under FDM, None
    where the overhangs ask for it.
    """

    unit: str = "auto"
    scale: float = 1.0
    process: str = ""
    material: str = ""
    profile: str = "fdm-pla-0.2"
    rotation: tuple[float, ...] | None = None
    support: bool | None = None

    @property
    def turn(self) -> Floats:
        """Return the rotation as (3, 3)."""
        if self.rotation is None:
            return np.eye(3)
        return np.array(self.rotation, dtype=np.float64).reshape(3, 3)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Time and material as the part shall lie, with or without support, and the figures costs are made of.

    `pose` is how that way of lying does beside the proposals. `estimated`: the estimate from before the slicer reckoned, None where the
    estimate itself is one.
    """

    estimate: Estimate
    supported: bool
    figures: Figures
    pose: Proposal
    estimated: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything kept of a part but its triangles: what a page, the report and the interface show.

    Findings hold no faces here; those are in the picture's data. `proposals` are empty and `reckoned` is None where the mesh cannot be
    printed at all; then `not_reckoned` says why. `brep_valid`: of a STEP file, whether the solid itself is sound; None elsewhere.
    """

    name: str
    kind: str
    unit: UnitGuess
    parts: tuple[str, ...]
    notes: tuple[Text, ...]
    checked: Checked
    wishes: Wishes = field(default_factory=Wishes)
    proposals: tuple[Proposal, ...] = ()
    reckoned: Reckoned | None = None
    not_reckoned: Text | None = None
    brep_valid: bool | None = None


def begun(loaded: Loaded, checked: Checked, wishes: Wishes) -> Examined:
    """Return what is known after the first look."""
    bare = tuple(replace(finding, faces=()) for finding in checked.findings)
    return Examined(
        loaded.name,
        loaded.kind,
        loaded.unit,
        loaded.parts,
        loaded.notes,
        replace(checked, findings=bare),
        wishes,
        brep_valid=loaded.brep_valid,
    )


def laid(mesh: Mesh, wishes: Wishes) -> tuple[Proposal, ...]:
    """Return the proposals how to lay the part.

    Raises:
        BadInput: as `estimate`.
    """
    return tuple(orient(mesh, profile(wishes.profile)))


def reckoned(mesh: Mesh, wishes: Wishes, exact_volume: float | None = None, factors: Factors | None = None) -> Reckoned:
    """Return time, material and figures of the part as it shall lie.

    Raises:
        BadInput: as `estimate`.
    """
    given = profile(wishes.profile)
    pose = by_hand(mesh, wishes.turn, given)
    needed = pose.support_mm3 > 0
    supported = needed if wishes.support is None else wishes.support
    turned = mesh.turned(wishes.turn)
    made = estimate(turned, given, supported, factors)
    return Reckoned(made, supported, figures(turned, made, exact_volume), pose)


def to_text(found: Examined) -> str:
    """Return the values as text for a database's column."""
    text, arrays = packed(found)
    held = [base64.b64encode(array).decode("ascii") for array in arrays]
    return json.dumps({"value": json.loads(text), "arrays": held}, ensure_ascii=False)


def from_text(text: str) -> Examined:
    """Return what `to_text` kept.

    Raises:
        BadInput: `part_outdated`: kept by a version with other values; the file must be looked at again.
    """
    try:
        kept: Mapping[str, object] = json.loads(text)
        arrays = [base64.b64decode(str(array)) for array in kept["arrays"]]  # type: ignore[attr-defined]
        value = unpacked(json.dumps(kept["value"]).encode(), arrays)
    except (ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise _outdated() from error
    if not isinstance(value, Examined):
        raise _outdated()
    return value


def _outdated() -> BadInput:
    return BadInput(
        "part_outdated",
        de="Diese Prüfung stammt aus einer älteren Fassung von Nordlotse.",
        en="This check was made by an older version of Nordlotse.",
        remedy_de="Bitte das Teil noch einmal hochladen.",
        remedy_en="Please upload the part again.",
    )
