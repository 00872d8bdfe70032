"""Reads OBJ and OFF: text with vertices and polygons."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.limits import MAX_TRIANGLES, MAX_VERTICES
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.polygons import triangulated
from nordlotse.print3d.core.refusals import (
    bad_index,
    broken,
    large,
    no_triangles,
    not_a_number,
    too_many_triangles,
    truncated,
)
from nordlotse.print3d.core.welding import welded

_V = re.compile(rb"^[ \t]*v[ \t]+([^\r\n]*)", re.M)
_F = re.compile(rb"^[ \t]*f[ \t]+([^\r\n]*)", re.M)
_O = re.compile(rb"^[ \t]*o[ \t]+([^\r\n]*)", re.M)
_AFTER_SLASH = re.compile(rb"/\S*")
_COMMENT = re.compile(rb"#[^\r\n]*")
_OFF = re.compile(rb"\A\s*(ST)?(C)?(N)?(4)?(n)?OFF\b")


def check_mesh(vertices: Floats, faces: NDArray[Any], name: str) -> Mesh:
    """Return the welded mesh, or refuse what is not finite, names a missing vertex, has no or too many triangles.

    Raises:
        BadInput: `not_finite`, `bad_index` (with vertex or triangle number), `no_triangles`.
        TooLarge: `too_many_triangles`.
    """
    if not len(faces):
        raise no_triangles(name)
    if len(faces) > MAX_TRIANGLES:
        raise too_many_triangles(len(faces), name)
    outside = ((faces < 0) | (faces >= len(vertices))).any(axis=1)
    if outside.any():
        raise bad_index(f"{name}: Dreieck/triangle {int(np.flatnonzero(outside)[0]) + 1}")
    if not np.isfinite(vertices).all():
        bad = int(np.flatnonzero(~np.isfinite(vertices).all(axis=1))[0])
        raise not_a_number(f"{name}: Eckpunkt/vertex {bad + 1}")
    return welded(vertices, faces)


def read_obj(data: bytes, name: str) -> tuple[Mesh, tuple[str, ...]]:
    """Return the mesh of an OBJ file in file units and the names of its objects.

    Raises:
        BadInput: `obj_line` (with the line), `bad_index`, `not_finite`, `no_triangles`.
        TooLarge: `too_many_triangles`, `too_many_vertices`.
    """
    data = data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    _check_counts(data.count(b"\nv ") + 1, data.count(b"\nf "), name)
    vertices = _obj_vertices(data, name)
    faces = [_AFTER_SLASH.sub(b"", line.group(1).split(b"#")[0]).split() for line in _F.finditer(data)]
    sizes = np.array([len(face) for face in faces], np.int32)
    try:
        corners: NDArray[Any] = np.array([int(corner) for face in faces for corner in face], np.int64)
    except ValueError:
        raise _obj_line(data, _F, _is_face, name) from None
    corners = _absolute(data, corners, sizes)
    if len(corners) and ((corners < 0) | (corners >= len(vertices))).any():
        bad = int(np.flatnonzero((corners < 0) | (corners >= len(vertices)))[0])
        raise bad_index(f"{name}: Fläche/face {int(np.searchsorted(np.cumsum(sizes), bad, 'right')) + 1}")
    parts = tuple(o.decode("utf-8", "replace").strip()[:80] for o in _O.findall(data)[:1000])
    return check_mesh(vertices, triangulated(vertices, corners.astype(np.int32), sizes, name), name), parts


def _check_counts(vertices: int, faces: int, name: str) -> None:
    if faces > MAX_TRIANGLES:
        raise too_many_triangles(faces, name)
    if vertices > MAX_VERTICES:
        raise large(
            "too_many_vertices",
            f"Die Datei nennt {vertices} Eckpunkte; erlaubt sind {MAX_VERTICES}.",
            f"The file lists {vertices} vertices; {MAX_VERTICES} are allowed.",
            name,
        )


def _obj_vertices(data: bytes, name: str) -> Floats:
    try:
        rows = [float(n) for line in _V.finditer(data) for n in _first_three(line.group(1))]
    except ValueError:
        raise _obj_line(data, _V, _is_vertex, name) from None
    return np.array(rows, np.float64).reshape(-1, 3)


def _first_three(line: bytes) -> list[bytes]:
    words = line.split(None, 3)[:3]
    if len(words) != 3:
        raise ValueError
    return words


def _absolute(data: bytes, corners: NDArray[Any], sizes: Ints) -> NDArray[Any]:
    """Return vertex numbers from 0: OBJ counts from 1, and negative ones back from the last vertex named before the face."""
    if len(corners) and (corners < 0).any():
        begins = np.array([line.start() for line in _V.finditer(data)])
        before = np.searchsorted(begins, np.array([line.start() for line in _F.finditer(data)]))
        return np.where(corners < 0, corners + np.repeat(before, sizes), corners - 1)
    return corners - 1


def _is_vertex(line: bytes) -> bool:
    try:
        return len([float(word) for word in _first_three(line)]) == 3
    except ValueError:
        return False


def _is_face(line: bytes) -> bool:
    try:
        return bool([int(word) for word in _AFTER_SLASH.sub(b"", line.split(b"#")[0]).split()])
    except ValueError:
        return False


def _obj_line(data: bytes, pattern: re.Pattern[bytes], sound: object, name: str) -> BadInput:
    for line in pattern.finditer(data):
        if callable(sound) and not sound(line.group(1)):
            number = data.count(b"\n", 0, line.start()) + 1
            break
    else:
        number = 0
    return broken(
        "obj_line",
        "Eine Zeile ist unvollständig oder enthält etwas anderes als Zahlen.",
        "A line is incomplete or holds something other than numbers.",
        f"{name}: Zeile/line {number}",
    )


def read_off(data: bytes, name: str) -> Mesh:
    """Return the mesh of an OFF file in file units; colours and normals are passed over.

    Raises:
        BadInput: `off_header`, `off_number`, `file_truncated`, `bad_index`, `not_finite`, `no_triangles`.
        TooLarge: `too_many_triangles`, `too_many_vertices`.
    """
    data = _COMMENT.sub(b"", data)
    head = _OFF.match(data)
    if head is None or head.group(4) or head.group(5) or re.match(rb"\s*BINARY", data[head.end() : head.end() + 40]):
        raise _off_header(name)
    lines = [line for line in data[head.end() :].splitlines() if line.strip()]
    try:
        vertex_count, face_count = (int(word) for word in lines[0].split()[:2])
    except (ValueError, IndexError):
        raise _off_header(name) from None
    if vertex_count < 0 or face_count < 0:
        raise _off_header(name)
    _check_counts(vertex_count, face_count, name)
    if len(lines) < 1 + vertex_count + face_count:
        raise truncated(
            f"Sie verspricht {vertex_count} Eckpunkte und {face_count} Flächen und hat {len(lines) - 1} Zeilen dafür.",
            f"it promises {vertex_count} vertices and {face_count} faces and has {len(lines) - 1} lines for them.",
            name,
        )
    vertices = np.array(
        [_off_numbers(line, 3, n, name) for n, line in enumerate(lines[1 : 1 + vertex_count], 1)], np.float64
    ).reshape(-1, 3)
    corners, sizes = _off_faces(lines[1 + vertex_count : 1 + vertex_count + face_count], vertex_count, name)
    outside = (corners < 0) | (corners >= vertex_count)
    if outside.any():
        face = int(np.searchsorted(np.cumsum(sizes), np.flatnonzero(outside)[0], "right")) + 1
        raise bad_index(f"{name}: Fläche/face {face}")
    return check_mesh(vertices, triangulated(vertices, corners, sizes, name), name)


def _off_faces(lines: list[bytes], before: int, name: str) -> tuple[Ints, Ints]:
    corners: list[int] = []
    sizes = []
    for number, line in enumerate(lines, before + 1):
        words = line.split()
        try:
            size = int(words[0])
            face = [int(word) for word in words[1 : 1 + size]]
        except ValueError:
            raise _off_number(number, name) from None
        if size < 0 or len(face) != size or max(face, default=0) > 2**31 - 1 or min(face, default=0) < -(2**31):
            raise _off_number(number, name)
        corners += face
        sizes.append(size)
    return np.array(corners, np.int32), np.array(sizes, np.int32)


def _off_numbers(line: bytes, count: int, number: int, name: str) -> list[float]:
    try:
        row = [float(word) for word in line.split()[:count]]
    except ValueError:
        raise _off_number(number, name) from None
    if len(row) != count:
        raise _off_number(number, name)
    return row


def _off_number(entry: int, name: str) -> BadInput:
    return broken(
        "off_number",
        "Ein Eintrag ist unvollständig oder enthält etwas anderes als Zahlen.",
        "An entry is incomplete or holds something other than numbers.",
        f"{name}: Eintrag/entry {entry}",
    )


def _off_header(name: str) -> BadInput:
    return broken(
        "off_header",
        "Der Kopf der OFF-Datei ist beschädigt oder von einer Art, die nicht gelesen wird.",
        "The head of the OFF file is damaged or of a kind that is not read.",
        f"{name}: Zeile/line 1",
    )
