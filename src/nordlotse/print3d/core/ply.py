"""Reads PLY: text, and binary of both byte orders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.limits import MAX_TRIANGLES, MAX_VERTICES
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.objects import check_mesh
from nordlotse.print3d.core.polygons import triangulated
from nordlotse.print3d.core.refusals import bad_index, broken, large, no_triangles, too_many_triangles, truncated

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_END = re.compile(rb"^end_header[ \t]*\r?\n", re.M)
_MOST_HEADER = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Property:
    """A column: its type; `counted` the type of the length of a list, "" for a single number."""

    name: str
    kind: str
    counted: str = ""


@dataclass(frozen=True, slots=True)
class _Element:
    """A table of the file."""

    name: str
    count: int
    properties: tuple[_Property, ...]


def read_ply(data: bytes, name: str) -> Mesh:
    """Return the mesh in file units; colours, normals and other columns are passed over.

    Raises:
        BadInput: `ply_header`, `file_truncated`, `ply_number`, `bad_index`, `not_finite`, `no_triangles`.
        TooLarge: `too_many_triangles`, `too_many_vertices`.
    """
    end = _END.search(data, 0, _MOST_HEADER)
    if end is None:
        raise _header(name, 1)
    order, elements = _read_header(data[: end.start()], name)
    _check(elements, name)
    body = _Text(data[end.end() :], name) if order == "ascii" else _Binary(data, end.end(), order, name)
    vertices: Floats = np.zeros((0, 3))
    for element in elements:
        if element.name == "vertex":
            vertices = body.table(element)
        elif element.name == "face":
            corners, sizes = body.lists(element)
            outside = (corners < 0) | (corners >= len(vertices))
            if outside.any():
                face = int(np.searchsorted(np.cumsum(sizes), np.flatnonzero(outside)[0], "right")) + 1
                raise bad_index(f"{name}: Fläche/face {face}")
            return check_mesh(vertices, triangulated(vertices, corners.astype(np.int32), sizes, name), name)
        else:
            body.skip(element)
    raise no_triangles(name)


def _read_header(head: bytes, name: str) -> tuple[str, list[_Element]]:
    order = ""
    elements: list[_Element] = []
    for number, line in enumerate(head.decode("latin-1").splitlines(), 1):
        words = line.split()
        try:
            if not words or words[0] in ("ply", "comment", "obj_info"):
                continue
            if words[0] == "format":
                order = {"ascii": "ascii", "binary_little_endian": "<", "binary_big_endian": ">"}[words[1]]
            elif words[0] == "element":
                elements.append(_Element(words[1], int(words[2]), ()))
            elif words[0] == "property":
                last = elements.pop()
                elements.append(_Element(last.name, last.count, (*last.properties, _column(words))))
            else:
                raise KeyError
        except (KeyError, IndexError, ValueError):
            raise _header(name, number) from None
    if not order or any(element.count < 0 for element in elements):
        raise _header(name, 1)
    return order, elements


def _column(words: list[str]) -> _Property:
    if words[1] == "list":
        if _TYPES[words[2]][0] == "f":
            raise KeyError
        return _Property(words[4], _TYPES[words[3]], _TYPES[words[2]])
    return _Property(words[2], _TYPES[words[1]])


def _check(elements: list[_Element], name: str) -> None:
    for element in elements:
        names = [p.name for p in element.properties]
        if element.name == "vertex":
            if not {"x", "y", "z"} <= set(names) or len(set(names)) != len(names):
                raise _header(name, 1)
            if any(p.counted for p in element.properties):
                raise _header(name, 1)
            if element.count > MAX_VERTICES:
                raise large(
                    "too_many_vertices",
                    f"Die Datei nennt {element.count} Eckpunkte; erlaubt sind {MAX_VERTICES}.",
                    f"The file lists {element.count} vertices; {MAX_VERTICES} are allowed.",
                    name,
                )
        if element.name == "face":
            if element.count > MAX_TRIANGLES:
                raise too_many_triangles(element.count, name)
            if not any(p.counted and p.kind[0] in "iu" for p in element.properties):
                raise _header(name, 1)


def _header(name: str, line: int) -> BadInput:
    return broken(
        "ply_header",
        "Der Kopf der PLY-Datei ist beschädigt.",
        "The head of the PLY file is damaged.",
        f"{name}: Zeile/line {line}",
    )


def _short(element: _Element, name: str, at: str) -> BadInput:
    return truncated(
        f"Sie verspricht {element.count} Einträge „{element.name}“ und hat weniger.",
        f"it promises {element.count} entries “{element.name}” and has fewer.",
        f"{name}: {at}",
    )


def _wrong(name: str, at: str) -> BadInput:
    return broken(
        "ply_number",
        "Ein Eintrag ist unvollständig oder enthält etwas anderes als Zahlen.",
        "An entry is incomplete or holds something other than numbers.",
        f"{name}: {at}",
    )


def _main_list(element: _Element) -> int:
    """Return which column holds the corners: the one of the usual name, else the first list of whole numbers."""
    lists = [i for i, p in enumerate(element.properties) if p.counted and p.kind[0] in "iu"]
    named = [i for i in lists if element.properties[i].name in ("vertex_indices", "vertex_index")]
    return (named or lists)[0]


class _Text:
    """The tables of a text file, one entry a line."""

    def __init__(self, body: bytes, name: str) -> None:
        self._lines = [line for line in body.splitlines() if line.strip()]
        self._at = 0
        self._name = name

    def skip(self, element: _Element) -> None:
        self._rows(element)

    def table(self, element: _Element) -> Floats:
        columns = [[p.name for p in element.properties].index(axis) for axis in "xyz"]
        rows = self._rows(element)
        numbers = [self._numbers(row, n) for n, row in enumerate(rows, 1)]
        try:
            return np.array([[row[c] for c in columns] for row in numbers], np.float64).reshape(-1, 3)
        except IndexError:
            raise _wrong(self._name, element.name) from None

    def lists(self, element: _Element) -> tuple[NDArray[Any], Ints]:
        main = _main_list(element)
        corners: list[int] = []
        sizes = []
        for number, row in enumerate(self._rows(element), 1):
            words = row.split()
            at = 0
            try:
                for column, prop in enumerate(element.properties):
                    size = int(words[at]) if prop.counted else 1
                    at += 1 if prop.counted else 0
                    if size < 0 or at + size > len(words):
                        raise ValueError
                    if column == main:
                        corners += [int(word) for word in words[at : at + size]]
                        sizes.append(size)
                    at += size
            except (ValueError, IndexError):
                raise _wrong(self._name, f"Fläche/face {number}") from None
        return np.array(corners, np.int64), np.array(sizes, np.int32)

    def _rows(self, element: _Element) -> list[bytes]:
        rows = self._lines[self._at : self._at + element.count]
        self._at += element.count
        if len(rows) < element.count:
            raise _short(element, self._name, f"Eintrag/entry {len(rows) + 1}")
        return rows

    def _numbers(self, row: bytes, number: int) -> list[float]:
        try:
            return [float(word) for word in row.split()]
        except ValueError:
            raise _wrong(self._name, f"Eckpunkt/vertex {number}") from None


class _Binary:
    """The tables of a binary file."""

    def __init__(self, data: bytes, at: int, order: str, name: str) -> None:
        self._data = data
        self._at = at
        self._order = order
        self._name = name

    def skip(self, element: _Element) -> None:
        if any(p.counted for p in element.properties):
            self._entries(element, 0)
            return
        self._fixed(element)

    def table(self, element: _Element) -> Floats:
        rows = self._fixed(element)
        return np.stack([rows[axis].astype(np.float64) for axis in "xyz"], axis=1)

    def lists(self, element: _Element) -> tuple[NDArray[Any], Ints]:
        main = _main_list(element)
        found = self._triangles(element, main)
        return found if found is not None else self._entries(element, main)

    def _fixed(self, element: _Element) -> np.ndarray[tuple[int], np.dtype[np.void]]:
        kind = np.dtype([(f"{p.name}", self._order + p.kind) for p in element.properties])
        need = kind.itemsize * element.count
        if self._at + need > len(self._data):
            raise _short(element, self._name, f"Byte {len(self._data)}")
        rows = np.frombuffer(self._data, kind, element.count, self._at)
        self._at += need
        return rows

    def _triangles(self, element: _Element, main: int) -> tuple[NDArray[Any], Ints] | None:
        """Return the corners if every face is a triangle and has no other list: then all entries are equally long."""
        if sum(1 for p in element.properties if p.counted) != 1 or not element.count:
            return None
        fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
        for column, prop in enumerate(element.properties):
            if column == main:
                fields += [("count", self._order + prop.counted), ("corners", self._order + prop.kind, (3,))]
            else:
                fields.append((f"other{column}", self._order + prop.kind))
        kind = np.dtype(fields)
        if self._at + kind.itemsize * element.count > len(self._data):
            return None
        rows = np.frombuffer(self._data, kind, element.count, self._at)
        if not (rows["count"] == 3).all():
            return None
        self._at += kind.itemsize * element.count
        return rows["corners"].astype(np.int64).reshape(-1), np.full(element.count, 3, np.int32)

    def _entries(self, element: _Element, main: int) -> tuple[NDArray[Any], Ints]:
        corners: list[int] = []
        sizes = []
        at, data, little = self._at, self._data, self._order == "<"
        for number in range(element.count):
            for column, prop in enumerate(element.properties):
                count = 1
                if prop.counted:
                    wide = int(prop.counted[1])
                    count = int.from_bytes(data[at : at + wide], "little" if little else "big")
                    at += wide
                wide = int(prop.kind[1])
                if at + wide * count > len(data):
                    raise _short(element, self._name, f"Eintrag/entry {number + 1} (Byte {at})")
                if column == main and prop.counted:
                    if count <= 4096:
                        corners += np.frombuffer(data, self._order + prop.kind, count, at).tolist()
                    else:
                        raise _wrong(self._name, f"Fläche/face {number + 1}")
                    sizes.append(count)
                at += wide * count
        self._at = at
        return np.array(corners, np.int64), np.array(sizes, np.int32)
