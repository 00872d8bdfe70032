"""Flaws of the mesh planted into the second generator's parts, each code in several ways: one triangle or many, on one body or between two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import trimesh
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from bench.print3d.flaws import sound
from bench.print3d.unseen_parts import Draw, base, mesh_of, placed
from nordlotse.print3d.core.mesh import Floats, Ints, Mesh
from nordlotse.print3d.core.places import on_faces
from nordlotse.print3d.core.welding import joined, welded


@dataclass(frozen=True, eq=False)
class Flawed:
    """A part with one flaw: `place` its middle, `region` points all over it, (n, 3); a finding near either is right.

    `besides`: codes that are true of it as well.
    """

    code: str
    mesh: Mesh
    place: Floats
    region: Floats
    besides: frozenset[str] = frozenset()


#: What a plant returns: the mesh, its flaw's middle, points over the flaw, what else is true.
_Made = tuple[Mesh, Floats, Floats, frozenset[str]]
_NONE: frozenset[str] = frozenset()


def host(number: int, draw: Draw) -> Mesh:
    """Return a sound part of either generator, scaled by 0.4 to 4, turned and moved."""
    mesh = sound(number) if number % 3 == 2 else mesh_of(base(number))
    scale = float(np.exp(draw.uniform(np.log(0.4), np.log(4.0))))
    mesh, _ = placed(Mesh(mesh.vertices * scale, mesh.faces), np.zeros((0, 3)), draw)
    return mesh


def _fat(mesh: Mesh, draw: Draw) -> int:
    """Return a face that is no needle."""
    longest = np.linalg.norm(mesh.corners - np.roll(mesh.corners, 1, axis=1), axis=2).max(axis=1)
    height = 2 * mesh.areas / longest
    good = np.flatnonzero((height > 0.15 * longest) & (mesh.areas > 0.2 * np.median(mesh.areas)))
    return int(draw.choice(good if len(good) else np.array([int(np.argmax(height))])))


def _adjacent(mesh: Mesh) -> Ints:
    """Return the pairs of faces that share an edge (n, 2)."""
    return np.asarray(trimesh.graph.face_adjacency(mesh.faces))  # type: ignore[no-untyped-call]


def _patch(mesh: Mesh, draw: Draw, most: int) -> Ints:
    """Return a connected patch of faces that all share edges with the rest, grown around one face."""
    pairs = _adjacent(mesh)
    near: dict[int, list[int]] = {}
    for a, b in pairs.tolist():
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    chosen = [_fat(mesh, draw)]
    for face in chosen:
        for other in near.get(face, ()):
            if other not in chosen and len(chosen) < most and mesh.normals[other] @ mesh.normals[chosen[0]] > 0.5:
                chosen.append(other)
    return np.array(chosen, np.int32)


def _middle(mesh: Mesh, faces: Ints) -> Floats:
    weight = mesh.areas[faces][:, None]
    found: Floats = (mesh.centres[faces] * weight).sum(axis=0) / weight.sum()
    return found


def _spread(mesh: Mesh, faces: Ints) -> Floats:
    """Return points all over faces."""
    steps = np.array([(i, j, 20 - i - j) for i in range(21) for j in range(21 - i)]) / 20
    found: Floats = np.einsum("pk,nki->npi", steps, mesh.corners[faces]).reshape(-1, 3)
    return found


def _removed(mesh: Mesh, draw: Draw) -> _Made:
    faces = _patch(mesh, draw, int(draw.choice([1, 1, 2, 3, 6, 12])))
    left = Mesh(mesh.vertices, np.delete(mesh.faces, faces, axis=0))
    return left, _middle(mesh, faces), _spread(mesh, faces), _NONE


def _crack(mesh: Mesh, draw: Draw) -> _Made:
    """Tear an edge open by a hair: its two faces no longer share one vertex."""
    a, b = draw.permutation(_adjacent(mesh))[0]
    ends = np.intersect1d(mesh.faces[a], mesh.faces[b])[:2]
    middle = mesh.vertices[ends].mean(axis=0)
    off = mesh.normals[a] * 5e-6 * float(np.linalg.norm(mesh.size)) * draw.uniform(0.5, 4)
    p, q = len(mesh.vertices), len(mesh.vertices) + 1
    faces = [face for n, face in enumerate(mesh.faces.tolist()) if n not in (a, b)]
    for face, new in ((a, p), (b, q)):
        corners = mesh.faces[face].tolist()
        apex = next(c for c in corners if c not in ends)
        at = corners.index(apex)
        first, second = corners[(at + 1) % 3], corners[(at + 2) % 3]
        faces += [[apex, first, new], [apex, new, second]]
    vertices = np.vstack([mesh.vertices, middle, middle + off])
    return Mesh(vertices, np.array(faces, np.int32)), middle, middle[None], _NONE


def _wing(mesh: Mesh, draw: Draw) -> _Made:
    """Hang a sheet of one or several triangles on an edge, or set a second body onto an edge so that four faces meet there."""
    face = _fat(mesh, draw)
    a, b = mesh.faces[face][:2]
    p, q, up = mesh.vertices[a], mesh.vertices[b], mesh.normals[face]
    middle, long = (p + q) / 2, float(np.linalg.norm(q - p))
    count = len(mesh.vertices)
    if draw.random() < 0.5:
        vertices = np.vstack([mesh.vertices, p + up * long * 0.4, q + up * long * 0.4])
        new = [[a, b, count + 1], [a, count + 1, count]]
        return Mesh(vertices, np.vstack([mesh.faces, new]).astype(np.int32)), middle, np.stack([p, middle, q]), _NONE
    # a tetrahedron that shares just this edge: both its faces there and ours make four
    side = np.cross(up, (q - p) / long)
    tips = middle + up * long * 0.4 + np.stack([side, -side]) * long * 0.15
    s, t = count, count + 1
    new = [[a, b, t], [b, a, s], [a, t, s], [b, s, t]]
    solid = Mesh(np.vstack([mesh.vertices, tips]), np.vstack([mesh.faces, new]).astype(np.int32))
    return solid, middle, np.stack([p, middle, q]), _NONE


def _turned(mesh: Mesh, draw: Draw) -> _Made:
    chosen = _patch(mesh, draw, int(draw.choice([1, 1, 2, 4, 9])))
    faces = mesh.faces.copy()
    faces[chosen] = faces[chosen][:, ::-1]
    return Mesh(mesh.vertices, faces), _middle(mesh, chosen), _spread(mesh, chosen), _NONE


def _inside_out(mesh: Mesh, draw: Draw) -> _Made:
    """Turn the whole part, or a second body beside it."""
    back = Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))
    if draw.random() < 0.5:
        return back, _middle(mesh, np.arange(len(mesh.faces), dtype=np.int32)), mesh.corners.reshape(-1, 3), _NONE
    ball = trimesh.creation.icosphere(2, 0.1 * float(mesh.size.max()))
    place = mesh.bounds[1] + 0.3 * float(mesh.size.max())
    other = welded(ball.vertices + place, ball.faces[:, ::-1].astype(np.int32))
    return joined([mesh, other]), place, other.vertices, frozenset({"loose_body"})


def _doubled(mesh: Mesh, draw: Draw) -> _Made:
    chosen = _patch(mesh, draw, int(draw.choice([1, 1, 2, 5])))
    again = mesh.faces[chosen]
    if draw.random() < 0.3:
        again = again[:, ::-1]
    return (
        Mesh(mesh.vertices, np.vstack([mesh.faces, again]).astype(np.int32)),
        _middle(mesh, chosen),
        _spread(mesh, chosen),
        _NONE,
    )


def _empty(mesh: Mesh, draw: Draw) -> _Made:
    """Add a triangle without area: a line, a point, or three points of one edge; or shrink a face's corner onto its edge."""
    face = _fat(mesh, draw)
    a, b, c = mesh.faces[face]
    p, q = mesh.vertices[a], mesh.vertices[b]
    kind = int(draw.integers(3))
    if kind == 0:
        return (
            Mesh(mesh.vertices, np.vstack([mesh.faces, [a, b, b]]).astype(np.int32)),
            (p + q) / 2,
            np.stack([p, q]),
            _NONE,
        )
    if kind == 1:
        return (
            Mesh(mesh.vertices, np.vstack([mesh.faces, [c, c, c]]).astype(np.int32)),
            mesh.vertices[c],
            mesh.vertices[[c]],
            _NONE,
        )
    vertices = np.vstack([mesh.vertices, p + 0.3 * (q - p), p + 0.7 * (q - p)])
    count = len(mesh.vertices)
    faces = np.vstack([mesh.faces, [count, count + 1, a]]).astype(np.int32)
    return Mesh(vertices, faces), p + 0.35 * (q - p), vertices[[a, count, count + 1]], _NONE


def _crossing(mesh: Mesh, draw: Draw) -> _Made:
    """Push one vertex of a thick place out through the wall opposite."""
    rays = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).ray
    for _ in range(400):
        face = _fat(mesh, draw)
        way = -mesh.normals[face]
        # the face is cut in three around its middle, and that new corner is pulled through
        start = mesh.centres[face]
        hits, _, at = rays.intersects_location([start + way * 1e-4], [way], multiple_hits=True)
        order = np.argsort((hits - start) @ way)
        if len(order) and mesh.normals[at[order[0]]] @ way > 0.6:
            out = hits[order[0]]
            beyond = float((hits[order[1]] - out) @ way) if len(order) > 1 else np.inf
            depth = float(np.linalg.norm(out - start))
            tip = out + way * min(0.3 * beyond, 0.25 * depth, 3.0)
            break
    else:
        raise ValueError("no wall opposite")
    a, b, c = mesh.faces[face]
    count = len(mesh.vertices)
    faces = np.vstack([np.delete(mesh.faces, face, axis=0), [[a, b, count], [b, c, count], [c, a, count]]])
    made = Mesh(np.vstack([mesh.vertices, tip]), faces.astype(np.int32))
    # the three long faces leave through the wall around `out`: where each of their edges comes out
    share = float(np.linalg.norm(tip - out)) / max(float(np.linalg.norm(tip - start)), 1e-9)
    ring = tip + share * (mesh.corners[face] - tip)
    return made, ring.mean(axis=0), np.vstack([ring, out]), _NONE


def _overlap(mesh: Mesh, draw: Draw) -> _Made:
    place = mesh.centres[_fat(mesh, draw)]
    size = 0.05 * float(mesh.size.max()) * draw.uniform(0.5, 2)
    other = (
        trimesh.creation.box((size, size * 1.3, size * 0.8))
        if draw.random() < 0.5
        else trimesh.creation.capsule(size, size / 2)
    )
    other.vertices -= other.vertices.mean(axis=0)
    turn = Rotation.random(random_state=draw).as_matrix()
    made = welded(other.vertices @ turn.T + place, other.faces.astype(np.int32))
    line = _between(mesh, made)
    return joined([mesh, made]), line.mean(axis=0) if len(line) else place, line, _NONE


def _between(one: Mesh, other: Mesh) -> Floats:
    """Return points on the line where two meshes cross: edges of each through faces of the other."""
    a, b = (trimesh.Trimesh(m.vertices, m.faces, process=False) for m in (one, other))
    near = a.triangles_center - other.bounds.mean(axis=0)
    around = np.linalg.norm(near, axis=1) < 2 * float(np.linalg.norm(other.size)) + a.edges_unique_length.max()
    found = []
    for edges, solid in (
        (b.vertices[b.edges_unique], a),
        (a.vertices[a.edges_unique[np.unique(a.faces_unique_edges[around])]], b),
    ):
        way = edges[:, 1] - edges[:, 0]
        length = np.linalg.norm(way, axis=1)
        hits, ray, _ = solid.ray.intersects_location(edges[:, 0], way / length[:, None])
        found.append(hits[np.linalg.norm(hits - edges[ray, 0], axis=1) <= length[ray]])
    points = np.vstack(found)
    # the line goes on between them
    pairs = cKDTree(points).query(points, k=min(4, len(points)))[1].reshape(len(points), -1)
    steps = np.linspace(0, 1, 9)[:, None, None]
    return np.vstack([(points + steps * (points[other] - points)).reshape(-1, 3) for other in pairs.T])


def _inner(mesh: Mesh, draw: Draw) -> _Made:
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    low, high = mesh.bounds
    points = draw.uniform(low, high, (3000, 3))
    points = points[whole.contains(points)]
    far = cKDTree(whole.sample(20_000, seed=1)).query(points)[0]
    place, room = points[int(np.argmax(far))], float(far.max()) * 0.5
    shape = (
        trimesh.creation.icosphere(int(draw.integers(1, 4)), room)
        if draw.random() < 0.5
        else trimesh.creation.box([room] * 3)
    )
    inner = welded(
        shape.vertices + place, (shape.faces[:, ::-1] if draw.random() < 0.7 else shape.faces).astype(np.int32)
    )
    return joined([mesh, inner]), place, inner.vertices, _NONE


def _loose(mesh: Mesh, draw: Draw) -> _Made:
    size = float(mesh.size.max()) * draw.uniform(0.005, 0.2)
    shape = (
        trimesh.creation.icosphere(2, size) if draw.random() < 0.5 else trimesh.creation.annulus(size / 2, size, size)
    )
    place = mesh.bounds[int(draw.integers(2))] + np.sign(draw.uniform(-1, 1, 3)) * 0.0
    way = place - mesh.bounds.mean(axis=0)
    place = place + way / np.linalg.norm(way) * size * 4
    other = welded(shape.vertices + place, shape.faces.astype(np.int32))
    return joined([mesh, other]), place, other.vertices, _NONE


PLANTS: dict[str, Callable[[Mesh, Draw], _Made]] = {
    "hole": _removed,
    "crack": _crack,
    "non_manifold_edge": _wing,
    "winding": _turned,
    "inside_out": _inside_out,
    "duplicate_face": _doubled,
    "degenerate_face": _empty,
    "self_intersection": _crossing,
    "bodies_overlap": _overlap,
    "inner_shell": _inner,
    "loose_body": _loose,
}


def flawed(code: str, part: int) -> Flawed:
    """Return the part of that number with a flaw of that code; always the same for a number."""
    draw = np.random.default_rng([19, part, list(PLANTS).index(code)])
    mesh, place, region, besides = PLANTS[code](host(part, draw), draw)
    return Flawed(code, mesh, place, region, besides)


def away(flaw: Flawed, where: tuple[float, float, float]) -> float:
    """Return how far in mm a place is from the flaw: from its middle, or from the nearest point of it.

    Where a whole body is the flaw (inside out) that is its surface.
    """
    place = np.array(where)
    if flaw.code == "inside_out":
        faces = np.arange(len(flaw.mesh.faces), dtype=np.int32)
        return float(np.linalg.norm(on_faces(flaw.mesh, place, faces, 0.0) - place))
    near = np.vstack([flaw.region, flaw.place]) if len(flaw.region) else flaw.place[None]
    return float(np.linalg.norm(near - place, axis=1).min())
