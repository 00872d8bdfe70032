"""Reads 3MF: objects, components, build items, transforms and units, also with parts in several model files.

Own reader, so that nothing is believed: no document types or entities, components counted before they are laid out.
Source: 3MF Core Specification 1.3 and Production Extension 1.1 (3mf.io).
"""

from __future__ import annotations

import posixpath
import xml.parsers.expat
from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.archive import READ_ERRORS, Container, damaged
from nordlotse.print3d.core.limits import MAX_DEPTH, MAX_PARTS, MAX_TRIANGLES, MAX_VERTICES
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.objects import check_mesh
from nordlotse.print3d.core.refusals import broken, no_triangles, not_a_number, too_many_triangles
from nordlotse.print3d.core.welding import joined

#: mm in one of the units of the core specification.
UNITS = {"micron": 0.001, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8, "meter": 1000.0}

_ROOT_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
_MAX_FILES = 2_000


@dataclass(slots=True)
class _Use:
    """An object used by another one or by the build: file, number, transform (4, 3) or None."""

    path: str
    number: str
    place: Floats | None


@dataclass(slots=True)
class _Object:
    """An object: vertices and triangles as flat numbers, or the uses of other objects."""

    name: str
    kind: str
    vertices: array[float] = field(default_factory=lambda: array("d"))
    triangles: array[int] = field(default_factory=lambda: array("q"))
    uses: list[_Use] = field(default_factory=list)


@dataclass(slots=True)
class _Model:
    """One model file."""

    unit: str = "millimeter"
    objects: dict[str, _Object] = field(default_factory=dict)
    build: list[_Use] = field(default_factory=list)


class _Stop(Exception):  # noqa: N818 - carries a refusal out of the parser's callback
    def __init__(self, problem: BadInput) -> None:
        self.problem = problem


def is_3mf(box: Container) -> bool:
    """Return whether a ZIP is a 3MF: it has a model file where one belongs."""
    return any(path.lower().endswith(".model") for path in box.paths)


def read_3mf(box: Container) -> tuple[Mesh, float, str, tuple[str, ...]]:
    """Return the mesh of all build items in file units, mm per unit, the unit's name, the names of the items.

    Equal vertices are merged inside each object, not across objects. Objects for support are left out.

    Raises:
        BadInput: `zip_broken`, `xml_broken` (with the line), `3mf_number`, `3mf_missing`, `3mf_recursion`, `bad_index`, `not_finite`,
            `no_triangles`.
        TooLarge: `too_many_triangles`, `3mf_depth`, `3mf_files`.
    """
    root = _root(box)
    models = _models(box, root)
    first = models[root]
    layout = _Layout(models, box.name)
    uses = first.build or [_Use(root, number, None) for number in first.objects]
    if len(uses) > MAX_PARTS:
        raise _too_deep(box.name)
    total = sum(layout.count(use, ()) for use in uses)
    if total > MAX_TRIANGLES:
        raise too_many_triangles(total, box.name)
    meshes: list[Mesh] = []
    names = []
    for use in uses:
        found = layout.laid(use)
        meshes += found
        if found:
            names.append(layout.title(use))
    if not meshes:
        raise no_triangles(box.name)
    return joined(meshes), UNITS[first.unit], first.unit, tuple(names)


def _root(box: Container) -> str:
    """Return the path of the main model: as the relations say, else the usual one, else the only one."""
    if box.has("_rels/.rels"):
        found: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if attributes.get("Type") == _ROOT_TYPE:
                found.append(attributes.get("Target", ""))

        _parse(box, "_rels/.rels", start)
        if found and box.has(found[0]):
            return posixpath.normpath(found[0]).lstrip("/")
    models = sorted(path for path in box.paths if path.lower().endswith(".model"))
    return next((path for path in models if path.lower() == "3d/3dmodel.model"), models[0])


def _models(box: Container, root: str) -> dict[str, _Model]:
    models: dict[str, _Model] = {}
    waiting = [root]
    while waiting:
        path = waiting.pop()
        if path in models:
            continue
        if len(models) >= _MAX_FILES:
            raise _too_deep(box.name)
        if not box.has(path):
            raise broken(
                "3mf_missing",
                "Eine Modelldatei, auf die verwiesen wird, fehlt.",
                "A model file that is referred to is missing.",
                f"{box.name}: {shown_name(path)}",
            )
        reader = _Reader(path, box.name)
        _parse(box, path, reader.start, reader)
        models[path] = reader.model
        if sum(len(o.triangles) for m in models.values() for o in m.objects.values()) > 3 * MAX_TRIANGLES:
            raise too_many_triangles(MAX_TRIANGLES + 1, box.name)
        uses = [*reader.model.build, *(use for o in reader.model.objects.values() for use in o.uses)]
        waiting += [use.path for use in uses if use.path not in models]
    return models


def _parse(box: Container, path: str, start: Any, reader: _Reader | None = None) -> None:
    """Run the parser over a file of the container; document types and deep nesting are refused."""
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    depth = 0
    where = f"{box.name}: {shown_name(path)}"

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise _Stop(_too_deep(f"{where}, Zeile/line {parser.CurrentLineNumber}"))
        start(tag, attributes)

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise _Stop(
            broken(
                "xml_entities",
                "Die Datei bestimmt eigene XML-Kürzel (DOCTYPE); das gehört in kein 3MF und kann Schaden anrichten.",
                "The file defines XML entities of its own (DOCTYPE); no 3MF has them and they can do harm.",
                f"{where}, Zeile/line {parser.CurrentLineNumber}",
            )
        )

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    if reader is not None:
        reader.line = lambda: int(parser.CurrentLineNumber)
    try:
        with box.open(path) as stream:
            while block := stream.read(1 << 20):
                parser.Parse(block, False)
            parser.Parse(b"", True)
    except _Stop as stop:
        raise stop.problem from None
    except xml.parsers.expat.ExpatError as error:
        raise broken(
            "xml_broken",
            "Die Modelldatei ist kein gültiges XML.",
            "The model file is no valid XML.",
            f"{where}, Zeile/line {error.lineno}",
        ) from error
    except READ_ERRORS as error:
        raise damaged(where) from error


class _Reader:
    """Takes the elements of one model file as the parser meets them."""

    def __init__(self, path: str, name: str) -> None:
        self.model = _Model()
        self.line: Any = lambda: 0
        self._path = path
        self._name = name
        self._object = _Object("", "model")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an element; vertices and triangles first, for there are millions of them."""
        space, _, local = tag.rpartition(" ")
        if space != _CORE and space:
            return
        try:
            if local == "vertex":
                self._object.vertices.extend((float(attributes["x"]), float(attributes["y"]), float(attributes["z"])))
            elif local == "triangle":
                self._object.triangles.extend((int(attributes["v1"]), int(attributes["v2"]), int(attributes["v3"])))
            else:
                self._other(local, attributes)
        except (KeyError, ValueError, OverflowError):
            raise _Stop(self._wrong(local)) from None
        if len(self._object.triangles) > 3 * MAX_TRIANGLES or len(self._object.vertices) > 3 * MAX_VERTICES:
            raise _Stop(too_many_triangles(len(self._object.triangles) // 3, self._name))

    def _other(self, local: str, attributes: dict[str, str]) -> None:
        if local == "model":
            self.model.unit = attributes.get("unit", "millimeter").strip().lower()
            if self.model.unit not in UNITS:
                raise ValueError
        elif local == "object":
            self._object = _Object(attributes.get("name", "")[:80], attributes.get("type", "model"))
            if attributes["id"] in self.model.objects or len(self.model.objects) >= MAX_PARTS * 2:
                raise ValueError
            self.model.objects[attributes["id"]] = self._object
        elif local == "component":
            self._object.uses.append(self._use(attributes))
        elif local == "item":
            self.model.build.append(self._use(attributes))

    def _use(self, attributes: dict[str, str]) -> _Use:
        path = attributes.get(f"{_PRODUCTION} path", "")
        place = None
        if "transform" in attributes:
            numbers = np.array([float(word) for word in attributes["transform"].split()])
            if numbers.shape != (12,) or not np.isfinite(numbers).all():
                raise ValueError
            place = numbers.reshape(4, 3)
        return _Use(posixpath.normpath(path).lstrip("/") if path else self._path, attributes["objectid"], place)

    def _wrong(self, local: str) -> BadInput:
        return broken(
            "3mf_number",
            f"Das Element „{local[:40]}“ ist unvollständig oder enthält etwas anderes als Zahlen.",
            f"The element “{local[:40]}” is incomplete or holds something other than numbers.",
            f"{self._name}: {shown_name(self._path)}, Zeile/line {self.line()}",
        )


class _Layout:
    """Lays the objects out as the build says; counts first, so that parts used a million times take no memory."""

    def __init__(self, models: dict[str, _Model], name: str) -> None:
        self._models = models
        self._name = name
        self._counts: dict[tuple[str, str], int] = {}
        self._meshes: dict[tuple[str, str], Mesh] = {}
        self._laid = 0

    def count(self, use: _Use, above: tuple[tuple[str, str], ...]) -> int:
        """Return how many triangles a use has, refusing circles and depth."""
        key = (use.path, use.number)
        if key in above:
            raise broken(
                "3mf_recursion",
                "Ein Objekt enthält sich selbst.",
                "An object contains itself.",
                f"{self._name}: object {use.number[:40]}",
            )
        if len(above) > MAX_DEPTH:
            raise _too_deep(self._name)
        if key not in self._counts:
            one = self._object(use)
            own = len(one.triangles) // 3
            self._counts[key] = own + sum(self.count(part, (*above, key)) for part in one.uses)
        return self._counts[key]

    def laid(self, use: _Use, place: Floats | None = None) -> list[Mesh]:
        """Return the meshes of a use where it is to lie, one for each object."""
        key = (use.path, use.number)
        if not self._counts[key]:
            return []
        one = self._object(use)
        whole = _after(use.place, place)
        found: list[Mesh] = []
        if one.kind not in ("support", "other") and len(one.triangles):
            if key not in self._meshes:
                self._meshes[key] = self._mesh(one, use.number)
            self._laid += 1
            if self._laid > MAX_PARTS:
                raise _too_deep(self._name)
            found.append(_placed(self._meshes[key], whole, self._name))
        for part in one.uses:
            found += self.laid(part, whole)
        return found

    def title(self, use: _Use) -> str:
        """Return the name of a used object, its number where it has none."""
        return self._object(use).name or f"object {use.number[:40]}"

    def _mesh(self, one: _Object, number: str) -> Mesh:
        vertices = np.frombuffer(one.vertices, np.float64).reshape(-1, 3)
        faces: NDArray[Any] = np.frombuffer(one.triangles, np.int64).reshape(-1, 3)
        return check_mesh(vertices, faces, f"{self._name}: object {number[:40]}")

    def _object(self, use: _Use) -> _Object:
        found = self._models[use.path].objects.get(use.number) if use.path in self._models else None
        if found is None:
            raise broken(
                "3mf_missing",
                "Ein Objekt, auf das verwiesen wird, fehlt.",
                "An object that is referred to is missing.",
                f"{self._name}: object {use.number[:40]}",
            )
        return found


def _after(first: Floats | None, then: Floats | None) -> Floats | None:
    """Return both transforms (4, 3), for points as rows, as one."""
    if first is None or then is None:
        return then if first is None else first
    both = first @ then[:3]
    both[3] += then[3]
    return both


def _placed(mesh: Mesh, place: Floats | None, name: str) -> Mesh:
    if place is None:
        return mesh
    with np.errstate(all="ignore"):
        vertices = mesh.vertices @ place[:3] + place[3]
        mirrored = np.linalg.det(place[:3]) < 0
    if not np.isfinite(vertices).all():
        raise not_a_number(f"{name}: transform")
    return Mesh(vertices, np.ascontiguousarray(mesh.faces[:, ::-1]) if mirrored else mesh.faces)


def _too_deep(where: str) -> BadInput:
    return broken(
        "3mf_depth",
        "Die Datei ist zu tief oder zu oft verschachtelt.",
        "The file is nested too deeply or too often.",
        where,
        "Bitte die Teile einzeln ausgeben.",
        "Export the parts one by one.",
    )
