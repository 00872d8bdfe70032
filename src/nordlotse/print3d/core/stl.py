"""Reads STL, binary and text."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.formats import STL_FACE, STL_HEAD
from nordlotse.print3d.core.limits import MAX_TRIANGLES
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.refusals import broken, no_triangles, not_a_number, too_many_triangles, truncated
from nordlotse.print3d.core.welding import weld, without_rounding_cracks

_VERTEX = re.compile(rb"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)", re.I)
_FACET = re.compile(rb"\bfacet\s+normal\b", re.I)
_END = re.compile(rb"\bendfacet\b", re.I)
_SOLID = re.compile(rb"^[ \t]*solid\b[ \t]*([^\r\n]*)", re.I | re.M)
_ENDSOLID = re.compile(rb"\bend\s?solid\b", re.I)
_CHUNK = 8 * 1024 * 1024  # bytes of text taken at once

#: Said when a text STL lacks its last line.
ENDLESS = Text(
    "Der Datei fehlt die Schlusszeile („endsolid“); vielleicht wurde sie nicht vollständig übertragen.",
    "The file lacks its last line (“endsolid”); perhaps it was not transferred completely.",
)
#: Said when a binary STL goes on after its last triangle.
TRAILING = Text(
    "Nach dem letzten Dreieck stehen weitere Bytes; sie wurden übergangen.",
    "More bytes follow the last triangle; they were passed over.",
)


def read_binary(data: bytes, name: str) -> tuple[Mesh, tuple[Text, ...]]:
    """Return the mesh in file units and remarks.

    Raises:
        BadInput: `file_truncated`, `not_finite` (with the triangle's number), `no_triangles`.
        TooLarge: `too_many_triangles`.
    """
    if len(data) < STL_HEAD:
        raise truncated("Der Kopf ist unvollständig.", "the header is incomplete.", f"{name}: Byte {len(data)}")
    claimed = int.from_bytes(data[80:STL_HEAD], "little")
    held = (len(data) - STL_HEAD) // STL_FACE
    if claimed == 0:
        raise no_triangles(name)
    if claimed > max(MAX_TRIANGLES, 100 * held):
        raise truncated(
            "Ihr Inhalt ist kein STL, oder das meiste fehlt.",
            "its content is no STL, or most of it is missing.",
            f"{name}: Byte {len(data)} (Dreieck/triangle {held + 1})",
        )
    if claimed > held:
        raise truncated(
            f"Sie verspricht {claimed} Dreiecke und enthält {held}.",
            f"it promises {claimed} triangles and holds {held}.",
            f"{name}: Byte {len(data)} (Dreieck/triangle {held + 1})",
        )
    if claimed > MAX_TRIANGLES:
        raise too_many_triangles(claimed, name)
    rows = np.frombuffer(data, np.uint8, count=STL_FACE * claimed, offset=STL_HEAD).reshape(claimed, STL_FACE)
    points = np.ascontiguousarray(rows[:, 12:48]).view("<f4").reshape(-1, 3)
    notes = (TRAILING,) if len(data) > STL_HEAD + STL_FACE * claimed else ()
    return _mesh(points, name), notes


def read_text(data: bytes, name: str) -> tuple[Mesh, tuple[str, ...], tuple[Text, ...]]:
    """Return the mesh in file units, the names of the solids, remarks.

    Raises:
        BadInput: `stl_facet` (with line and triangle number), `not_finite`, `no_triangles`.
        TooLarge: `too_many_triangles`.
    """
    if data.count(b"vertex") + data.count(b"VERTEX") > 3 * MAX_TRIANGLES:
        raise too_many_triangles(data.count(b"vertex") // 3, name)
    numbers = array("d")
    for begin, chunk in _chunks(data):
        if (regular := _regular(chunk)) is not None:
            numbers.extend(regular)
            continue
        found = _VERTEX.findall(chunk)
        facets = len(_FACET.findall(chunk))
        try:
            if not 3 * facets == len(found) == 3 * len(_END.findall(chunk)):
                raise ValueError
            numbers.extend(float(number) for point in found for number in point)
        except ValueError:
            raise _broken_facet(data, begin, len(numbers) // 9, name) from None
    points = np.frombuffer(numbers, np.float64).reshape(-1, 3)
    solids = tuple(s.decode("utf-8", "replace").strip()[:80] for s in _SOLID.findall(data)[:1000])
    notes = () if _ENDSOLID.search(data[-4096:]) else (ENDLESS,)
    return _mesh(points, name), tuple(s for s in solids if s), notes


#: Words of a facet as nearly every program writes it, and where its fixed words and its nine coordinates stand.
_WORDS = 21
_FIXED = {
    0: b"facet",
    1: b"normal",
    5: b"outer",
    6: b"loop",
    7: b"vertex",
    11: b"vertex",
    15: b"vertex",
    19: b"endloop",
    20: b"endfacet",
}
_COORDINATES = (8, 9, 10, 12, 13, 14, 16, 17, 18)


def _regular(chunk: bytes) -> array[float] | None:
    """Return the coordinates of a stretch in which nothing but whole facets follow each other, the usual case; None for any other."""
    begin, end = chunk.find(b"facet"), chunk.rfind(b"endfacet") + 8
    if begin < 0 or b"vertex" in chunk[:begin] or b"vertex" in chunk[end:]:
        return None
    words = chunk[begin:end].split()
    if len(words) % _WORDS or any(set(words[place::_WORDS]) != {word} for place, word in _FIXED.items()):
        return None
    try:
        columns = [np.array(list(map(float, words[place::_WORDS]))) for place in _COORDINATES]
    except ValueError:
        return None
    return array("d", np.stack(columns, axis=1).tobytes())


def _mesh(points: NDArray[np.float32] | Floats, name: str) -> Mesh:
    if not len(points):
        raise no_triangles(name)
    finite = np.isfinite(points)
    if not finite.all():
        raise not_a_number(f"{name}: Dreieck/triangle {int(np.flatnonzero(~finite.all(axis=1))[0]) // 3 + 1}")
    distinct, number = weld(points)
    return without_rounding_cracks(Mesh(distinct.astype(np.float64), number.reshape(-1, 3)))


def _chunks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield parts of the text that end after an `endfacet`, each with where it begins."""
    begin = 0
    while begin < len(data):
        end = min(begin + _CHUNK, len(data))
        if end < len(data):
            last = max(data.rfind(b"endfacet", begin, end), data.rfind(b"ENDFACET", begin, end))
            end = last + 8 if last > begin else len(data)
        yield begin, data[begin:end]
        begin = end


def _broken_facet(data: bytes, begin: int, triangle: int, name: str) -> Exception:
    """Return the refusal with the line of the first facet from `begin` that is not whole."""
    at = begin
    for number, facet in enumerate(_FACET.finditer(data, begin, begin + 2 * _CHUNK), triangle + 1):
        at = facet.start()
        end = _END.search(data, at)
        vertices = _VERTEX.findall(data, at, end.end() if end else len(data))
        if end is None or len(vertices) != 3 or not all(_is_number(n) for point in vertices for n in point):
            triangle = number
            break
    line = data.count(b"\n", 0, at) + 1
    return broken(
        "stl_facet",
        "Ein Dreieck ist unvollständig oder enthält etwas anderes als Zahlen.",
        "A triangle is incomplete or holds something other than numbers.",
        f"{name}: Zeile/line {line}, Dreieck/triangle {triangle}",
    )


def _is_number(word: bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
