"""Reads a part of any format taken, as one mesh in mm with its unit, names and remarks.

Runs over strangers' files: call it in a child (see `workshop`), not in the process that serves pages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import Text
from nordlotse.print3d.core.archive import Container, part_of, parts_of
from nordlotse.print3d.core.formats import Kind, kind_of
from nordlotse.print3d.core.limits import MAX_BYTES, MAX_SIDE
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.objects import read_obj, read_off
from nordlotse.print3d.core.ply import read_ply
from nordlotse.print3d.core.refusals import broken, large
from nordlotse.print3d.core.step import read_step
from nordlotse.print3d.core.stl import read_binary, read_text
from nordlotse.print3d.core.threemf import is_3mf, read_3mf
from nordlotse.print3d.core.units import OURS, check_scale, guessed, told_by_file, told_by_person, told_by_us
from nordlotse.print3d.core.values import Loaded, Unit, UnitGuess

_BEGIN = 4096  # bytes searched for a remark on the unit


@dataclass(frozen=True, slots=True)
class _Read:
    """A mesh in file units, as its reader gave it; `told`: the unit the file carries."""

    kind: str
    mesh: Mesh
    parts: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    told: UnitGuess | None = None
    exact_volume: float | None = None
    tolerance: float | None = None
    brep_valid: bool | None = None


def read(data: bytes, name: str, *, unit: str = "auto", scale: float = 1.0) -> Loaded:
    """Return the part in a file.

    `unit` ("auto", "mm", "inch", "m") overrules what the file says or what is guessed; `scale` multiplies on top. A ZIP with one part
    is read; with several, choose one by `archive.parts_of` and `archive.part_of`.

    Raises:
        BadInput: the file is broken, of another format, or holds several parts; `where` says the place.
        TooLarge: it is beyond a limit of `limits`.
        WrongCall: `unit_unknown`, `scale_wrong`.
    """
    check_scale(unit, scale)
    name = shown_name(name)
    if len(data) > MAX_BYTES:
        raise large(
            "file_too_large",
            f"Die Datei hat {len(data) // 2**20} MB; erlaubt sind {MAX_BYTES // 2**20} MB.",
            f"The file has {len(data) // 2**20} MB; {MAX_BYTES // 2**20} MB are allowed.",
            name,
        )
    found = _read(data, name)
    side = float(found.mesh.size.max())
    if unit != "auto":
        taken = told_by_person(Unit(unit), found.told)
    else:
        taken = found.told or guessed(side, name, data[:_BEGIN] if found.kind in ("obj", "ply", "off") else b"")
    factor = taken.factor * scale
    if (
        found.kind == "step" and found.told
    ):  # its reader works in mm already: only another unit than the file's changes the size
        factor /= found.told.factor
    _check_side(side * factor, name)
    mesh = found.mesh if factor == 1.0 else Mesh(found.mesh.vertices * factor, found.mesh.faces)
    return Loaded(
        name=name,
        kind=found.kind,
        mesh=mesh,
        unit=UnitGuess(taken.unit, taken.factor * scale, taken.reason, taken.certain),
        parts=found.parts,
        exact_volume=None if found.exact_volume is None else found.exact_volume * factor**3,
        tolerance=None if found.tolerance is None else found.tolerance * factor,
        brep_valid=found.brep_valid,
        notes=found.notes,
    )


def _read(data: bytes, name: str) -> _Read:
    kind = kind_of(data, name)
    if kind is Kind.ZIP:
        return _read_zip(data, name)
    if kind is Kind.STL:
        mesh, notes = read_binary(data, name)
        return _Read("stl", mesh, notes=notes, told=told_by_us() if data.startswith(OURS) else None)
    if kind is Kind.STL_TEXT:
        mesh, parts, notes = read_text(data, name)
        return _Read("stl", mesh, parts, notes)
    if kind is Kind.STEP:
        step = read_step(data, name)
        return _Read(
            "step",
            step.mesh,
            step.parts,
            step.notes,
            told_by_file(step.unit_mm, step.unit_name),
            step.exact_volume,
            step.tolerance,
            step.valid,
        )
    if kind is Kind.OBJ:
        mesh, parts = read_obj(data, name)
        return _Read("obj", mesh, parts)
    return _Read(kind.value, read_ply(data, name) if kind is Kind.PLY else read_off(data, name))


def _read_zip(data: bytes, name: str) -> _Read:
    box = Container(data, name)
    if is_3mf(box):
        mesh, factor, word, parts = read_3mf(box)
        return _Read("3mf", mesh, parts, told=told_by_file(factor, word))
    parts_in = parts_of(data, name)
    if len(parts_in) > 1:
        raise broken(
            "several_parts",
            f"Im Archiv liegen {len(parts_in)} Teile.",
            f"There are {len(parts_in)} parts in the archive.",
            f"{name}: " + ", ".join(part.name for part in parts_in[:10]),
            "Bitte ein Teil auswählen.",
            "Choose one part.",
        )
    inner = part_of(data, name, parts_in[0].path)
    if inner.startswith(b"PK") and not is_3mf(Container(inner, parts_in[0].name)):
        raise broken(
            "zip_in_zip",
            "Im Archiv liegt wieder ein Archiv.",
            "There is an archive inside the archive.",
            f"{name}: {parts_in[0].name}",
            "Bitte einmal auspacken.",
            "Unpack it once.",
        )
    return _read(inner, parts_in[0].name)


def _check_side(side: float, name: str) -> None:
    if not np.isfinite(side) or side > MAX_SIDE or side <= 0:
        raise broken(
            "size_impossible",
            f"Das Teil wäre {side / 1000:.3g} m lang; eine Koordinate ist beschädigt oder die Einheit falsch.".replace(
                ".", ",", 1
            ),
            f"The part would be {side / 1000:.3g} m long; a coordinate is damaged or the unit is wrong.",
            name,
            "Bitte Einheit und Maßstab prüfen und die Datei neu ausgeben.",
            "Check unit and scale and export the file anew.",
        )
