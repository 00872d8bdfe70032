"""What is asked of one file, each in one call of the child: check, estimate, lay, reckon, mend. Command line and interface ask alike.

The functions run over strangers' files: name them to a `Workshop`. They give small values back; a mended mesh is the only large one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Literal

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.print3d.core.archive import PartFile, part_of, parts_of
from nordlotse.print3d.core.check import check
from nordlotse.print3d.core.estimate import Factors, coefficients
from nordlotse.print3d.core.estimate import estimate as estimated
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.filament import other_settings
from nordlotse.print3d.core.limits_data import material as material_of
from nordlotse.print3d.core.orientation import orient as proposals
from nordlotse.print3d.core.profile import profile as profile_called
from nordlotse.print3d.core.profile import with_material
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import State, as_stl
from nordlotse.print3d.core.repair import repair as mended
from nordlotse.print3d.core.slicer import sliced
from nordlotse.print3d.core.units import OURS
from nordlotse.print3d.core.values import Checked, Estimate, Loaded, Profile, Proposal, UnitGuess

#: Loaded at the child's start, so that no call waits for it; `warm` also reads the data files.
PRELOAD = (__name__, f"{__name__}:warm")
#: Most parts of an archive named in a refusal.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A file and how to read it. `inner`: which part of a ZIP with several, "" where there is only one."""

    data: bytes
    name: str
    unit: str = "auto"
    scale: float = 1.0
    inner: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What is to be said of a file beside the figures: its unit and why, its parts' names, remarks of the reader."""

    name: str
    kind: str
    unit: UnitGuess
    parts: tuple[str, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """A repaired part: what was changed, what was measured before and after, and the new file (binary STL, mm)."""

    changes: tuple[Text, ...]
    before: State
    after: State
    stl: bytes


def warm() -> None:
    """Read the data files that every call needs."""
    given = profile_called("fdm-pla-0.2")
    coefficients(given.id)
    material_of(given.material)


def check_part(asked: Asked, process: str = "", material: str = "") -> tuple[Checked, About]:
    """Return the check of a part without the faces of its findings; `seconds` count reading and checking.

    Raises:
        Problem: what `reading.read` and `check.check` refuse; `several_parts`, `no_such_part`.
    """
    begin = time.perf_counter()
    loaded = loaded_of(asked)
    found = check(loaded, process or None, material or None)
    bare = tuple(replace(finding, faces=()) for finding in found.findings)
    return replace(found, findings=bare, seconds=time.perf_counter() - begin), _about(loaded)


def estimate_part(
    asked: Asked,
    profile: str,
    support: bool = False,
    engine: Literal["estimated", "sliced"] = "estimated",
    material: str = "",
    factors: Factors | None = None,
) -> tuple[Estimate, About]:
    """Return time and filament of a part as it lies; `cpu_s` count reading and estimating.

    Raises:
        NotAvailable: `no_slicer`.
        Problem: as `check_part` and `estimate.estimate`; `no_such_profile`, `material_of_other_process`, `slicing_failed`.
    """
    own = given = profile_called(profile)
    notes: tuple[Text, ...] = ()
    if material and material != own.material:
        given = with_material(own, material_of(material))
        notes = (other_settings(own, material_of(material)),)
    begin = time.process_time()
    loaded = loaded_of(asked)
    if engine == "sliced":
        reading = time.process_time() - begin
        made = sliced(loaded.mesh, given, support).estimate
        return replace(made, cpu_s=made.cpu_s + reading, warnings=(*made.warnings, *notes)), _about(loaded)
    made = estimated(loaded.mesh, given, support, factors)
    return replace(made, cpu_s=time.process_time() - begin, warnings=(*made.warnings, *notes)), _about(loaded)


def orient_part(asked: Asked, profile: str = "fdm-pla-0.2") -> tuple[tuple[Proposal, ...], About]:
    """Return the proposals how to lay a part.

    Raises:
        Problem: as `estimate_part`.
    """
    loaded = loaded_of(asked)
    return tuple(proposals(loaded.mesh, profile_called(profile))), _about(loaded)


def figures_of_part(
    asked: Asked, profile: str = "fdm-pla-0.2", material: str = "", factors: Factors | None = None
) -> tuple[Figures, About]:
    """Return what costs are made of: the part as it lies, printed with support where it needs some.

    A part FDM cannot print has figures without an estimate.

    Raises:
        Problem: as `check_part`; `no_such_profile`.
    """
    given = profile_of(profile, material)
    loaded = loaded_of(asked)
    try:
        printed = estimated(loaded.mesh, given, support=True, factors=factors)
    except BadInput:
        printed = None
    return figures(loaded.mesh, printed, loaded.exact_volume), _about(loaded)


def repair_part(asked: Asked) -> tuple[Mended, About]:
    """Return a part mended as far as that is safe.

    Raises:
        Problem: as `check_part`.
    """
    loaded = loaded_of(asked)
    made = mended(loaded.mesh)
    return Mended(made.changes, made.before, made.after, as_stl(made.mesh, OURS)), _about(loaded)


def profile_of(name: str, material: str) -> Profile:
    """Return the profile, with the material where it is a filament: what is made by another process is printed as the profile says.

    Raises:
        NotFound: `no_such_profile`, `no_such_material`.
    """
    given = profile_called(name)
    if not material or material == given.material:
        return given
    other = material_of(material)
    return with_material(given, other) if other.process == "fdm" else given


def _about(loaded: Loaded) -> About:
    return About(loaded.name, loaded.kind, loaded.unit, loaded.parts, loaded.notes)


def loaded_of(asked: Asked) -> Loaded:
    """Return the part asked for.

    Raises:
        BadInput: `several_parts`, with their names.
        NotFound: `no_such_part`.
    """
    if not asked.inner:
        try:
            return read(asked.data, asked.name, unit=asked.unit, scale=asked.scale)
        except BadInput as refused:
            if refused.code == "several_parts":
                raise _several(asked) from refused
            raise
    found = [part for part in _parts(asked) if asked.inner in (part.path, part.name)]
    if not found:
        found = [part for part in _parts(asked) if part.path.rpartition("/")[2] == asked.inner]
    if len(found) != 1:
        raise NotFound(
            "no_such_part",
            de=f"Im Archiv liegt kein Teil „{shown_name(asked.inner)}“.",
            en=f"There is no part “{shown_name(asked.inner)}” in the archive.",
            where=shown_name(asked.name),
            remedy_de=f"Es enthält: {_names(asked)}.",
            remedy_en=f"It holds: {_names(asked)}.",
        )
    data = part_of(asked.data, asked.name, found[0].path)
    return read(data, found[0].name, unit=asked.unit, scale=asked.scale)


def _parts(asked: Asked) -> tuple[PartFile, ...]:
    if not asked.data.startswith(b"PK"):
        raise BadInput(
            "no_archive",
            de="Diese Datei ist kein Archiv; sie hat keine Teile zur Auswahl.",
            en="This file is no archive; there are no parts to choose from.",
            where=shown_name(asked.name),
            remedy_de="Nennen Sie nur die Datei.",
            remedy_en="Name the file alone.",
        )
    return parts_of(asked.data, asked.name)


def _several(asked: Asked) -> BadInput:
    count = len(_parts(asked))
    name = shown_name(asked.name)
    example = _parts(asked)[0].name
    return BadInput(
        "several_parts",
        de=f"Im Archiv liegen {count} Teile: {_names(asked)}.",
        en=f"There are {count} parts in the archive: {_names(asked)}.",
        where=name,
        remedy_de=f"Wählen Sie eines: als Befehl {name}:{example}, über die Schnittstelle mit dem Feld inner. Viele auf einmal bewertet screen.",
        remedy_en=f"Choose one: as command {name}:{example}, by the interface with the field inner. screen judges many at once.",
    )


def _names(asked: Asked) -> str:
    found = _parts(asked)
    more = ", …" if len(found) > _NAMED else ""
    return ", ".join(part.name for part in found[:_NAMED]) + more
