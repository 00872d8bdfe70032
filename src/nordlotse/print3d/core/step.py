"""Reads STEP: tessellates until a finer mesh hardly changes the volume, and asks the exact geometry where that is installed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.child import bounded
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.exact import Exact, exact_of, library
from nordlotse.print3d.core.glb import bodies_of
from nordlotse.print3d.core.limits import MAX_STEP_BYTES, MAX_STEP_ENTITIES, MAX_TRIANGLES
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.refusals import broken, large, no_triangles, truncated
from nordlotse.print3d.core.step_unit import unit_of
from nordlotse.print3d.core.welding import joined, welded

#: First linear tolerance in mm and angular one in rad (as the reference slices were made), and how often both are halved at most.
LINEAR, ANGULAR, HALVINGS = 0.05, 0.25, 4
#: Two meshes whose volumes differ by less than this share are taken as equal.
SAME_VOLUME = 1e-3

#: What one pass over the file may cost: six times what real parts take (0.3 to 0.8 µs and at most 150 bytes for each byte of the file).
_SECONDS, _SECONDS_BYTE = 0.7, 5e-6
_MEMORY, _MEMORY_BYTE = 250 * 2**20, 900

_END = re.compile(rb"END-ISO-10303-21\s*;\s*\Z")
_ENTITY = re.compile(rb"#\d+\s*=")
_POINT = re.compile(rb"CARTESIAN_POINT\s*\(\s*'[^']{0,200}'\s*,\s*\(\s*([-+.\dEe,\s]{1,120})\)")

_FROM_MESH = Text(
    "Das Volumen stammt aus dem Netz, nicht aus der genauen Geometrie (dafür fehlt hier ein Zusatz).",
    "The volume comes from the mesh, not from the exact geometry (an extra for that is not installed here).",
)


@dataclass(frozen=True, slots=True)
class StepPart:
    """A STEP file as read: mesh in mm, names of the bodies, tolerance in mm, and what the exact geometry says.

    The file was drawn in a unit of `unit_mm` mm, called `unit_name` ("" where it tells none that we know).
    """

    mesh: Mesh
    parts: tuple[str, ...]
    tolerance: float
    exact_volume: float | None
    valid: bool | None
    notes: tuple[Text, ...]
    unit_mm: float = 1.0
    unit_name: str = ""


def warm() -> None:
    """Load the converter and the exact geometry, so that no file pays for that."""
    import cascadio  # noqa: F401

    library()


def read_step(data: bytes, name: str) -> StepPart:
    """Return the bodies of a STEP file in mm.

    Raises:
        BadInput: `file_truncated`, `step_unreadable`, `no_triangles`.
        TooLarge: `step_size`, `step_entities`, `too_many_triangles`.
    """
    _check(data, name)
    warm()
    first = max(LINEAR, _extent(data) / 20_000)
    mesh, parts = _meshed(data, first, ANGULAR, name)
    tolerance, notes = first, []
    for halving in range(1, HALVINGS + 1):
        if len(mesh.faces) * 3 > MAX_TRIANGLES:
            break
        finer, _ = _meshed(data, first / 2**halving, ANGULAR / 2**halving, name)
        if abs(finer.volume - mesh.volume) <= SAME_VOLUME * abs(finer.volume):
            break
        mesh, tolerance = finer, first / 2**halving
    else:
        notes.append(_rough(tolerance))
    exact = _exact(data)
    if exact is None:
        notes.append(_FROM_MESH)
    return StepPart(
        mesh,
        parts,
        tolerance,
        exact.volume if exact and exact.solids and exact.volume > 0 else None,
        exact.valid if exact else None,
        tuple(notes),
        *unit_of(data),
    )


def _exact(data: bytes) -> Exact | None:
    with bounded(*_costs(data)):
        return exact_of(data)


def _costs(data: bytes) -> tuple[float, int]:
    return _SECONDS + _SECONDS_BYTE * len(data), _MEMORY + _MEMORY_BYTE * len(data)


def _rough(tolerance: float) -> Text:
    said = f"{tolerance:.3g}"
    return Text(
        f"Auch mit der feinsten Vernetzung (Toleranz {said.replace('.', ',')} mm) ändert sich das Volumen noch um mehr als 0,1 %.",
        f"Even with the finest meshing (tolerance {said} mm) the volume still changes by more than 0.1 %.",
    )


def _check(data: bytes, name: str) -> None:
    if len(data) > MAX_STEP_BYTES:
        raise large(
            "step_size",
            f"Die STEP-Datei hat {len(data) // 2**20} MB; erlaubt sind {MAX_STEP_BYTES // 2**20} MB.",
            f"The STEP file has {len(data) // 2**20} MB; {MAX_STEP_BYTES // 2**20} MB are allowed.",
            name,
        )
    if not _END.search(data[-4096:].rstrip(b"\x00\x1a \r\n\t") + b""):
        raise truncated(
            "Die Schlusszeile „END-ISO-10303-21;“ fehlt.",
            "the last line “END-ISO-10303-21;” is missing.",
            f"{name}: Byte {len(data)}",
        )
    entities = data.count(b"=") if data.count(b"=") <= MAX_STEP_ENTITIES else len(_ENTITY.findall(data))
    if entities > MAX_STEP_ENTITIES:
        raise large(
            "step_entities",
            f"Die STEP-Datei hat {entities} Einträge; erlaubt sind {MAX_STEP_ENTITIES}.",
            f"The STEP file has {entities} entries; {MAX_STEP_ENTITIES} are allowed.",
            name,
        )


def _extent(data: bytes) -> float:
    """Return the longest side of the box around the first 200,000 points named in the file, in its own unit."""
    rows = []
    for number, point in enumerate(_POINT.finditer(data)):
        try:
            row = [float(word) for word in point.group(1).split(b",")]
        except ValueError:
            continue
        if len(row) == 3:
            rows.append(row)
        if number > 200_000:
            break
    if not rows:
        return 0.0
    points = np.array(rows)
    points = points[np.isfinite(points).all(axis=1)]
    return float(np.ptp(points, axis=0).max()) if len(points) else 0.0


def _meshed(data: bytes, linear: float, angular: float, name: str) -> tuple[Mesh, tuple[str, ...]]:
    """Return the mesh in mm and the names of the bodies; equal vertices are merged inside each body."""
    import cascadio

    try:
        with bounded(*_costs(data)):
            glb = cascadio.load(data, tol_linear=linear, tol_angular=angular, use_parallel=False)
        bodies = bodies_of(glb, name) if glb else []
    except BadInput:
        raise
    except MemoryError:
        raise
    except Exception as error:  # the converter and its tree can break in any way over a stranger's file
        raise _unreadable(name) from error
    if not glb:
        raise _unreadable(name)
    meshes = [welded(vertices * 1000.0, faces) for _, vertices, faces in bodies if len(faces)]
    if not meshes:
        raise no_triangles(name)
    names = tuple(title for title, _, faces in bodies if len(faces))
    return joined(meshes), names


def _unreadable(name: str) -> BadInput:
    return broken(
        "step_unreadable",
        "Die STEP-Datei ist beschädigt oder enthält keinen Körper, der sich vernetzen lässt.",
        "The STEP file is damaged or holds no body that can be meshed.",
        name,
        "Bitte als STEP AP214 oder AP242 neu ausgeben.",
        "Export it anew as STEP AP214 or AP242.",
    )
