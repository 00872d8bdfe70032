"""Mends a mesh as far as that is safe, and says what it changed: measured before and after, on a copy.

Order: empty and doubled triangles and flaps go, nearly equal vertices on open edges become one, triangles are turned alike, holes are
closed, bodies that cross are united (manifold3d, which guarantees a sound result).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.polygons import ears
from nordlotse.print3d.core.spanning import spanned
from nordlotse.print3d.core.topology import Topology, inside_out, topology
from nordlotse.print3d.core.welding import merged_near, welded

#: Vertices on open edges nearer than this share of the diagonal become one (0.01 mm at 100 mm).
_NEAR = 1e-4
#: Holes whose loop has more corners than this are left open: what belongs there cannot be guessed.
_MOST_CORNERS = 2_000
#: A surface this much larger than the smallest one over the same loop is not what belongs there.
_SAME = 1.05

#: What was changed: once, and several times.
_EMPTY = (
    Text("Ein Dreieck ohne Fläche entfernt.", "A triangle without area removed."),
    Text("{} Dreiecke ohne Fläche entfernt.", "{} triangles without area removed."),
)
_DOUBLED = (
    Text("Ein doppeltes Dreieck entfernt.", "A doubled triangle removed."),
    Text("{} doppelte Dreiecke entfernt.", "{} doubled triangles removed."),
)
_FLAPS = (
    Text("Ein Dreieck entfernt, das lose an einer Kante hing.", "A triangle removed that hung loosely on an edge."),
    Text("{} Dreiecke entfernt, die lose an einer Kante hingen.", "{} triangles removed that hung loosely on an edge."),
)
_MERGED = (
    Text("Zwei fast gleiche Eckpunkte an offenen Kanten vereinigt.", "Two nearly equal vertices on open edges merged."),
    Text("{} fast gleiche Eckpunkte an offenen Kanten vereinigt.", "{} nearly equal vertices on open edges merged."),
)
_TURNED = (
    Text("Ein Dreieck umgedreht.", "A triangle turned round."),
    Text("{} Dreiecke umgedreht.", "{} triangles turned round."),
)
_INSIDE_OUT = (
    Text("Einen Körper umgestülpt, dessen Innenseite außen lag.", "A body turned whose inside was outside."),
    Text("{} Körper umgestülpt, deren Innenseite außen lag.", "{} bodies turned whose inside was outside."),
)


@dataclass(frozen=True, slots=True)
class State:
    """What is measured before and after: lengths mm."""

    triangles: int
    bodies: int
    holes: int
    watertight: bool
    winding_ok: bool
    crossings: int
    volume_mm3: float
    area_mm2: float


@dataclass(frozen=True, slots=True, eq=False)
class Repaired:
    """The mended mesh, what was changed in words, the state before and after, the new faces of closed holes."""

    mesh: Mesh
    changes: tuple[Text, ...]
    before: State
    after: State
    filled: Ints


def repair(mesh: Mesh, unite: bool = True) -> Repaired:
    """Return a mended copy. `unite`: join bodies that cross or overlap into one."""
    before = topology(mesh)
    changes: list[Text] = []
    mended = _cleaned(mesh, before, changes)
    mended = _closed_cracks(mended, changes)
    mended = _turned(mended, changes)
    count = len(mended.faces)
    mended = _filled(mended, changes)
    mended = _outside_out(mended, changes)
    filled = np.arange(count, len(mended.faces), dtype=np.int32)
    if unite and len(before.crossings.pairs):
        united = _united(mended, changes)
        if united is not None:
            mended, filled = united, np.zeros(0, np.int32)
    return Repaired(mended, tuple(changes), _state(before), _state(topology(mended)), filled)


def _state(found: Topology) -> State:
    mesh = found.mesh
    return State(
        len(mesh.faces),
        len(found.bodies),
        len(found.holes),
        found.watertight,
        found.winding_ok,
        len(found.crossings.pairs),
        mesh.volume,
        mesh.area,
    )


def _counted(count: int, one: Text, several: Text) -> Text:
    return one if count == 1 else Text(several.de.format(count), several.en.format(count))


def _cleaned(mesh: Mesh, found: Topology, changes: list[Text]) -> Mesh:
    for faces, one, several in (
        (found.empty, _EMPTY[0], _EMPTY[1]),
        (found.doubled, _DOUBLED[0], _DOUBLED[1]),
        (found.flaps, _FLAPS[0], _FLAPS[1]),
    ):
        if len(faces):
            changes.append(_counted(len(faces), one, several))
    keep = np.ones(len(mesh.faces), bool)
    keep[found.empty] = keep[found.doubled] = keep[found.flaps] = False
    return mesh if keep.all() else welded(mesh.vertices, mesh.faces[keep])


def _closed_cracks(mesh: Mesh, changes: list[Text]) -> Mesh:
    found = topology(mesh, cross=False)
    if not found.holes:
        return mesh
    mended = merged_near(mesh, _NEAR * float(np.linalg.norm(mesh.size)))
    gone = len(mesh.vertices) - len(mended.vertices)
    if not gone:
        return mesh
    after = topology(mended, cross=False)
    if len(after.holes) >= len(found.holes) or len(after.many) > len(found.many):
        return mesh
    changes.append(_counted(gone, *_MERGED))
    return mended


def _turned(mesh: Mesh, changes: list[Text]) -> Mesh:
    found = topology(mesh, cross=False)
    if not found.turned:
        return mesh
    faces = mesh.faces.copy()
    wrong = np.concatenate(found.turned)
    faces[wrong] = faces[wrong][:, ::-1]
    changes.append(_counted(len(wrong), *_TURNED))
    return Mesh(mesh.vertices, faces)


def _outside_out(mesh: Mesh, changes: list[Text]) -> Mesh:
    found = topology(mesh, cross=False)
    wrong = [body for body in found.bodies if inside_out(body)]
    if not wrong:
        return mesh
    faces = mesh.faces.copy()
    for body in wrong:
        faces[body.faces] = faces[body.faces][:, ::-1]
    changes.append(_counted(len(wrong), *_INSIDE_OUT))
    return Mesh(mesh.vertices, faces)


def _filled(mesh: Mesh, changes: list[Text]) -> Mesh:
    found = topology(mesh, cross=False)
    added: list[Ints] = []
    area = 0.0
    for loop in found.holes:
        if 3 <= len(loop) <= _MOST_CORNERS and _is_loop(mesh, loop):
            patch = _patch(mesh, loop)
            added.append(patch)
            area += _area(mesh.vertices, patch)
    if not added:
        return mesh
    said = f"{area:.3g}"
    german, n = said.replace(".", ","), len(added)
    changes.append(
        Text(f"Ein Loch von {german} mm² geschlossen.", f"A hole of {said} mm² closed.")
        if n == 1
        else Text(f"{n} Löcher von zusammen {german} mm² geschlossen.", f"{n} holes of {said} mm² together closed.")
    )
    return Mesh(mesh.vertices, np.concatenate([mesh.faces, *added]))


def _patch(mesh: Mesh, loop: Ints) -> Ints:
    """Return triangles over a loop: cut off ear by ear, or the smallest surface where that is clearly smaller.

    A hair-thin crack round a tube is closed by a strip along it, not by a wall across the tube.
    """
    patch = np.array(ears(mesh.vertices, loop.tolist()), np.int32).reshape(-1, 3)
    least = spanned(mesh.vertices[loop])
    if least is None or _area(mesh.vertices, patch) <= _SAME * least[1]:
        return patch
    strip: Ints = loop[least[0]].astype(np.int32)
    same_sense = {(int(a), int(b)) for row in patch for a, b in zip(row, np.roll(row, -1), strict=True)}
    first, second = int(loop[0]), int(loop[1])
    edges = {(int(a), int(b)) for row in strip for a, b in zip(row, np.roll(row, -1), strict=True)}
    turned = ((first, second) in same_sense) != ((first, second) in edges)
    return np.ascontiguousarray(strip[:, ::-1]) if turned else strip


def _is_loop(mesh: Mesh, loop: Ints) -> bool:
    """Return whether the chain closes: an edge of some face leads from its first to its last vertex."""
    first, last = int(loop[0]), int(loop[-1])
    rows = mesh.faces[(mesh.faces == first).any(axis=1)]
    return bool((rows == last).any())


def _area(vertices: Floats, faces: Ints) -> float:
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


def _united(mesh: Mesh, changes: list[Text]) -> Mesh | None:
    """Return the union of the bodies, None if manifold3d does not take one of them."""
    import manifold3d

    found = topology(mesh, cross=False)
    solids = []
    for body in found.bodies:
        # a cavity is a solid turned inside out: it is taken away from the rest
        faces = mesh.faces[body.faces]
        part = welded(mesh.vertices, faces[:, ::-1] if body.volume < 0 else faces)
        solid = manifold3d.Manifold(
            manifold3d.Mesh64(
                vert_properties=np.ascontiguousarray(part.vertices),
                tri_verts=np.ascontiguousarray(part.faces, np.uint64),
            )
        )
        if solid.status() != manifold3d.Error.NoError or not body.closed:
            return None
        solids.append((solid, body.volume < 0))
    whole = manifold3d.Manifold()
    for solid, cavity in sorted(solids, key=lambda s: s[1]):
        whole = whole - solid if cavity else whole + solid
    result = whole.to_mesh64()
    if whole.status() != manifold3d.Error.NoError or not len(result.tri_verts):
        return None
    united = welded(
        np.asarray(result.vert_properties, np.float64)[:, :3], np.asarray(result.tri_verts).astype(np.int32)
    )
    count = _count(whole)
    if len(united.faces) == len(mesh.faces) and count >= len(solids):
        return None  # nothing was there to unite: what crosses does so within the rounding of coordinates
    changes.append(
        Text("Durchdringungen aufgelöst.", "Crossings resolved.")
        if len(solids) == 1
        else Text(
            f"{len(solids)} Einzelkörper zu {count} vereinigt.",
            f"{len(solids)} separate bodies united to {count}.",
        )
    )
    return united


def _count(solid: object) -> int:
    return len(solid.decompose())  # type: ignore[attr-defined]


def as_stl(mesh: Mesh, begin: bytes = b"Nordlotse") -> bytes:
    """Return the mesh as binary STL; `begin`: its first bytes, `units.OURS` for a mended part in mm."""
    rows = np.zeros(len(mesh.faces), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")]))
    rows["normal"] = mesh.normals
    rows["corners"] = mesh.corners
    return begin.ljust(80, b" ") + len(rows).to_bytes(4, "little") + rows.tobytes()
