"""How topology becomes findings with place, measured value and remedy; what each kind says stands in `codes`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.bodies import groups
from nordlotse.print3d.core.codes import CODES, UNSOUND
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.places import centre_of, closest, loop_centre, on_faces, touching, weighted
from nordlotse.print3d.core.spanning import spanned
from nordlotse.print3d.core.topology import Index, Topology, inside_out
from nordlotse.print3d.core.values import Finding, Loaded, MeshFacts

__all__ = ["CODES", "MOST", "UNSOUND", "measured_finding", "mesh_facts", "topology_findings"]

#: Most findings of one code; further ones are counted in the text of the last.
MOST = 50
#: Most faces marked by one finding.
_MOST_FACES = 5_000
#: Crossings both shallower than the first share of the part's diagonal (0.02 mm at 100 mm) and shorter than the second are no finding:
#: CAD programs leave such folds at the ends of fillets, and no process resolves them.
_SHALLOW, _SHORT = 2e-4, 5e-3
#: Crossings nearer to each other than this share of the diagonal are one place.
_ONE_PLACE = 0.01
#: A hole narrower than this share of the diagonal is a crack between edges that only nearly meet (0.02 mm at 100 mm).
_CRACK = 2e-4


def mesh_facts(loaded: Loaded, found: Topology) -> MeshFacts:
    """Return what the mesh is: triangles, bodies, verdicts, volume (exact where the file told it), area, box, unit."""
    mesh = loaded.mesh
    low, high = mesh.bounds.tolist()
    exact = loaded.exact_volume
    return MeshFacts(
        triangles=len(mesh.faces),
        bodies=len(found.bodies),
        watertight=found.watertight,
        winding_ok=found.winding_ok,
        volume_mm3=mesh.volume if exact is None else exact,
        area_mm2=mesh.area,
        bbox_mm=((low[0], low[1], low[2]), (high[0], high[1], high[2])),
        unit=loaded.unit.unit.value,
        scale=loaded.unit.factor,
        volume_from="mesh" if exact is None else "b-rep",
        volume_tolerance=loaded.tolerance,
    )


def topology_findings(found: Topology, kind: str = "stl", brep_valid: bool | None = None) -> tuple[Finding, ...]:
    """Return the findings about the mesh itself, at most 50 of a code, ordered by code and size.

    `kind` and `brep_valid` of the file: open edges of a STEP file whose solid is not known to be unsound come from its tessellation.
    """
    ours = kind == "step" and brep_valid is not False
    several: list[tuple[str, Iterable[Finding]]] = [
        ("hole", _holes(found, ours)),
        ("non_manifold_edge", _many(found, ours)),
        ("winding", _winding(found)),
        ("inside_out", _inside_out(found)),
        ("duplicate_face", _faces(found, "duplicate_face", found.doubled)),
        ("degenerate_face", () if ours else _faces(found, "degenerate_face", found.empty)),
        ("self_intersection", _crossings(found)),
        ("inner_shell", _inner(found)),
        ("loose_body", _loose(found)),
    ]
    return tuple(finding for _, findings in several for finding in _first(findings))


def _first(findings: Iterable[Finding]) -> list[Finding]:
    return list(findings)[:MOST]


def _finding(
    mesh: Mesh, code: str, where: Floats, faces: Ints, value: float | None, unit: str, snap: bool = True
) -> Finding:
    entry = CODES[code]
    marked = np.unique(faces)[:_MOST_FACES]
    place = on_faces(mesh, where, marked) if snap and len(marked) else where
    x, y, z = (float(number) for number in place)
    return Finding(
        code,
        entry.severity,
        (x, y, z),
        value,
        None,
        unit,
        entry.text,
        entry.remedy,
        tuple(int(f) for f in marked.tolist()),
    )


def measured_finding(
    mesh: Mesh,
    code: str,
    where: Floats,
    faces: Ints,
    value: float,
    limit: float | None,
    unit: str,
    processes: tuple[str, ...],
    remedy: Text | None = None,
    snap: bool = True,
) -> Finding:
    """Return a finding of `code` with a measured value and its limit; the place is moved onto the marked faces if far (`snap`).

    Of many faces those nearest to the place are marked.
    """
    if len(faces) > _MOST_FACES:
        away = np.linalg.norm(mesh.centres[faces] - where, axis=1)
        faces = faces[np.argpartition(away, _MOST_FACES)[:_MOST_FACES]]
    plain = _finding(mesh, code, where, faces, value, unit, snap)
    return replace(plain, limit=limit, processes=processes, remedy=remedy or plain.remedy)


def _holes(found: Topology, ours: bool) -> list[Finding]:
    mesh = found.mesh
    narrow = _CRACK * float(np.linalg.norm(mesh.size))
    border = np.zeros(len(mesh.vertices), bool)
    for loop in found.holes:
        border[loop] = True
    # the faces beside a hole: those with two corners on it
    beside = np.flatnonzero(border[mesh.faces].sum(axis=1) >= 2).astype(np.int32)
    rows = []
    for loop in found.holes:
        points = mesh.vertices[loop]
        centre, area, length = loop_centre(points)
        least = spanned(points)
        area = area if least is None else least[1]  # round a tube, a crack spans no area
        narrow_one = 2.0 * area < narrow * length and len(loop) > 2
        code = "tessellation_crack" if ours else "crack" if narrow_one else "hole"
        rows.append((area, code, centre, loop))
    rows.sort(key=lambda row: (-row[0], *row[2].tolist()))
    inside = np.zeros(len(mesh.vertices), bool)
    findings = []
    for area, code, centre, loop in rows[:MOST]:
        inside[loop] = True
        faces = beside[inside[mesh.faces[beside]].sum(axis=1) >= 2]
        inside[loop] = False
        findings.append(_finding(mesh, code, centre, faces, area, "mm2", snap=False))
    return findings


def _many(found: Topology, ours: bool) -> Iterator[Finding]:
    mesh = found.mesh
    if len(found.many):
        label = groups(len(mesh.vertices), found.many[:, 0], found.many[:, 1])[found.many[:, 0]]
        for group in np.unique(label)[:MOST]:
            rows = np.flatnonzero(label == group)
            faces = np.concatenate([found.many_faces[row] for row in rows.tolist()])
            ends = mesh.vertices[found.many[rows]]
            length = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
            centre = weighted(ends.mean(axis=1), length)
            code = "tessellation_crack" if ours else "non_manifold_edge"
            yield _finding(mesh, code, closest(ends.mean(axis=1), centre), faces, float(length.sum()), "mm")
    yield from _flaps(found)


def _flaps(found: Topology) -> Iterator[Finding]:
    """Yield a finding for each piece that hangs on an edge: at that edge."""
    mesh, flaps = found.mesh, found.flaps
    if not len(flaps):
        return
    rest = np.ones(len(mesh.faces), bool)
    rest[flaps] = rest[found.empty] = rest[found.doubled] = False
    held = np.zeros(len(mesh.vertices), bool)
    held[mesh.faces[rest]] = True
    for faces in touching(mesh, flaps):
        sides = np.concatenate([mesh.faces[faces][:, [i, (i + 1) % 3]] for i in range(3)])
        common = sides[held[sides].all(axis=1)]
        ends = mesh.vertices[common] if len(common) else mesh.corners[faces][:, :2]
        length = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
        where = closest(ends.mean(axis=1), weighted(ends.mean(axis=1), length))
        yield _finding(mesh, "non_manifold_edge", where, faces, float(length.sum()), "mm")


def _winding(found: Topology) -> Iterator[Finding]:
    mesh = found.mesh
    patches = sorted(found.turned, key=lambda faces: (-len(faces), int(faces[0])))
    for faces in patches:
        yield _finding(mesh, "winding", centre_of(mesh, faces), faces, float(mesh.areas[faces].sum()), "mm2")
    for faces in touching(mesh, found.unorientable):
        yield _finding(mesh, "winding", centre_of(mesh, faces), faces, None, "")


def _inside_out(found: Topology) -> Iterator[Finding]:
    for body in found.bodies:
        if inside_out(body):
            yield _finding(found.mesh, "inside_out", body.centre, body.faces, body.volume, "mm3")


def _faces(found: Topology, code: str, faces: Ints) -> Iterator[Finding]:
    for group in touching(found.mesh, faces):
        area = float(found.mesh.areas[group].sum())
        yield _finding(found.mesh, code, centre_of(found.mesh, group), group, area, "mm2")


def _crossings(found: Topology) -> list[Finding]:
    """Return a finding for each place where surfaces cross: pairs that share a triangle or triangles that touch are one place."""
    mesh, cross = found.mesh, found.crossings
    if not len(cross.pairs):
        return []
    faces = cross.pairs
    count = len(mesh.faces)
    corners = mesh.faces[faces]
    # pairs hang together over common vertices of their first and of their second triangle
    a = np.concatenate([faces[:, 0], *(faces[:, side] for side in (0, 1) for _ in range(3))])
    b = np.concatenate([faces[:, 1], *(corners[:, side, i] + count for side in (0, 1) for i in range(3))])
    label = groups(count + len(mesh.vertices), a, b)[faces[:, 0]]
    diagonal = float(np.linalg.norm(mesh.size))
    findings = []
    for rows in _places(label, cross.points, cross.lengths, _ONE_PLACE * diagonal):
        size = float(np.linalg.norm(np.ptp(cross.points[rows], axis=0))) + float(cross.lengths[rows].max())
        depth = float(cross.depths[rows].max())
        if depth < _SHALLOW * diagonal and size < _SHORT * diagonal:
            continue
        marked = np.unique(faces[rows])
        code = "bodies_overlap" if _between_bodies(found, faces[rows]) else "self_intersection"
        where = weighted(cross.points[rows], cross.lengths[rows])
        if float(np.linalg.norm(on_faces(mesh, where, marked.astype(np.int32)) - where)) > 0.0:
            where = closest(cross.points[rows], where)  # inside a ring: onto the line itself
        findings.append(_finding(mesh, code, where, marked.astype(np.int32), float(cross.lengths[rows].sum()), "mm"))
    findings.sort(key=lambda f: -(f.value or 0.0))
    return findings


def _places(label: Ints, points: Floats, lengths: Floats, reach: float) -> Iterator[Index]:
    """Yield the crossings of one place each: of one group, and along a line without gaps above `reach` (a long triangle may cross two walls)."""
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    for rows in np.split(order, cuts)[: 20 * MOST]:
        if not 1 < len(rows) <= 5_000:
            yield rows
            continue
        near = cKDTree(points[rows]).query_pairs(max(reach, 1.5 * float(lengths[rows].max())), output_type="ndarray")
        away = np.linalg.norm(points[rows[near[:, 0]]] - points[rows[near[:, 1]]], axis=1)
        near = near[away <= np.maximum(reach, 0.75 * (lengths[rows[near[:, 0]]] + lengths[rows[near[:, 1]]]))]
        part = groups(len(rows), near[:, 0], near[:, 1])
        for number in np.unique(part)[:MOST]:
            yield rows[part == number]


def _between_bodies(found: Topology, pairs: Index) -> bool:
    """Return whether all pairs are of two closed bodies each: then every body is sound by itself."""
    bodies = found.body_of[pairs]
    if (bodies < 0).any() or (bodies[:, 0] == bodies[:, 1]).any():
        return False
    return all(found.bodies[number].closed for number in np.unique(bodies).tolist())


def _inner(found: Topology) -> Iterator[Finding]:
    for body in found.bodies:
        if body.closed and body.inside:
            yield _finding(found.mesh, "inner_shell", body.centre, body.faces, abs(body.volume), "mm3", snap=False)


def _loose(found: Topology) -> Iterator[Finding]:
    """Yield the bodies beside the largest one that neither lie in another nor cross it."""
    if len(found.bodies) < 2:
        return
    between = np.concatenate([found.body_of[found.crossings.pairs], _common_vertices(found)])
    between = between[(between >= 0).all(axis=1)]
    label = groups(len(found.bodies), between[:, 0], between[:, 1])
    outer = [n for n, body in enumerate(found.bodies) if not body.inside]
    main = label[outer[0]] if outer else -1
    seen = {int(main)}
    for number in outer:
        if int(label[number]) not in seen:
            seen.add(int(label[number]))
            body = found.bodies[number]
            yield _finding(found.mesh, "loose_body", body.centre, body.faces, abs(body.volume), "mm3", snap=False)


def _common_vertices(found: Topology) -> Ints:
    """Return pairs of bodies that touch at a vertex, (k, 2)."""
    kept = np.flatnonzero(found.body_of >= 0)
    vertices, bodies = found.mesh.faces[kept].reshape(-1), np.repeat(found.body_of[kept], 3)
    highest = np.full(len(found.mesh.vertices), -1, np.int32)
    np.maximum.at(highest, vertices, bodies)
    return np.unique(np.stack([bodies, highest[vertices]], axis=1), axis=0)
