"""Sound parts of our own making, and flaws planted into them at known places: one kind of flaw, one part at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import trimesh
from manifold3d import CrossSection, Manifold

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.places import on_faces
from nordlotse.print3d.core.welding import joined, welded


@dataclass(frozen=True, eq=False)
class Planted:
    """A part with one flaw: its code and the place in mm; the number of the part it was planted in."""

    code: str
    mesh: Mesh
    place: Floats
    part: int


def _star(a: float, c: float) -> Manifold:
    angles = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    points = [(r * np.cos(t), r * np.sin(t)) for t, r in zip(angles, [a / 2, a / 3] * 12, strict=True)]
    return Manifold.extrude(CrossSection([points]), c, 6, 30.0)


#: Ten kinds of parts from three lengths in mm: blocks, rods, plates with holes, angles, balls, cones, rings, trays, towers, gears.
_SOLIDS: tuple[Callable[[float, float, float], Manifold], ...] = (
    lambda a, b, c: Manifold.cube((a, b, c), True).refine(4),
    lambda a, b, c: Manifold.cylinder(c, a / 2, a / 2, 48, True).refine(2),
    lambda a, b, c: Manifold.cube((a, b, c), True) - Manifold.cylinder(2 * c, min(a, b) / 4, min(a, b) / 4, 40, True),
    lambda a, b, c: Manifold.cube((a, b, c), True) - Manifold.cube((a, b, c), True).translate((a / 2, b / 2, 0.0)),
    lambda a, b, c: Manifold.sphere(a / 2, 40),
    lambda a, b, c: Manifold.cylinder(c, a / 2, a / 4, 36, True).refine(2),
    lambda a, b, c: Manifold.revolve(CrossSection.circle(a / 8, 24).translate((a / 2, 0.0)), 48),
    lambda a, b, c: Manifold.cube((a, b, c), True) - Manifold.cube((a - 8, b - 8, c), True).translate((0.0, 0.0, 4.0)),
    lambda a, b, c: Manifold.cube((a, b, c), True) + Manifold.cylinder(c, a / 5, a / 5, 32, False),
    lambda a, b, c: _star(a, c),
)


def _solid(kind: int, random: np.random.Generator) -> Manifold:
    a, b, c = random.uniform(18.0, 60.0, 3)
    return _SOLIDS[kind % len(_SOLIDS)](a, b, c)


def sound(kind: int) -> Mesh:
    """Return the sound part of that number, turned and moved at random (always the same for a number)."""
    random = np.random.default_rng([7, kind])
    found = _solid(kind, random).to_mesh64()
    turn = trimesh.transformations.random_rotation_matrix(random.random(3))[:3, :3]
    vertices = np.asarray(found.vert_properties)[:, :3] @ turn.T + random.uniform(-50, 50, 3)
    return welded(vertices, np.asarray(found.tri_verts).astype(np.int32))


def _face(mesh: Mesh, random: np.random.Generator) -> int:
    """Return a face that is neither tiny nor a needle."""
    heights = 2.0 * mesh.areas / np.linalg.norm(mesh.corners - np.roll(mesh.corners, 1, axis=1), axis=2).max(axis=1)
    return int(random.choice(np.flatnonzero(heights > min(0.5, np.quantile(heights, 0.8)))))


def _hole(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    face = _face(mesh, random)
    return Mesh(mesh.vertices, np.delete(mesh.faces, face, axis=0)), mesh.centres[face]


def _flap(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    face = _face(mesh, random)
    a, b = mesh.faces[face][:2]
    middle = (mesh.vertices[a] + mesh.vertices[b]) / 2
    tip = middle + mesh.normals[face] * 3.0
    vertices = np.vstack([mesh.vertices, tip])
    return Mesh(vertices, np.vstack([mesh.faces, [a, b, len(mesh.vertices)]]).astype(np.int32)), middle


def _turned(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    face = _face(mesh, random)
    faces = mesh.faces.copy()
    faces[face] = faces[face][::-1]
    return Mesh(mesh.vertices, faces), mesh.centres[face]


def _inside_out(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    """Turn the whole body; the flaw is everywhere on it, and the place is not asked for (see `distance`)."""
    centre = (mesh.centres * mesh.areas[:, None]).sum(axis=0) / mesh.area
    return Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1])), centre


def _doubled(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    face = _face(mesh, random)
    again = np.roll(mesh.faces[face], int(random.integers(3)))
    return Mesh(mesh.vertices, np.vstack([mesh.faces, again]).astype(np.int32)), mesh.centres[face]


def _empty(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    a, b, _ = mesh.faces[_face(mesh, random)]
    middle = (mesh.vertices[a] + mesh.vertices[b]) / 2
    if random.random() < 0.5:
        return Mesh(mesh.vertices, np.vstack([mesh.faces, [a, a, b]]).astype(np.int32)), middle
    vertices = np.vstack([mesh.vertices, middle])
    return Mesh(vertices, np.vstack([mesh.faces, [a, b, len(mesh.vertices)]]).astype(np.int32)), middle


def _through(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    """Pull a needle from a face through the opposite wall; the place is where it comes out."""
    rays = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).ray
    for _ in range(1000):
        face = _face(mesh, random)
        centre, way = mesh.centres[face], -mesh.normals[face]
        reach = mesh.corners[face] - centre
        small = centre + reach * min(0.6, 1.0 / np.linalg.norm(reach, axis=1).max())
        starts = np.vstack([centre, small])
        hits, ray, at = rays.intersects_location(starts + way * 1e-3, np.tile(way, (4, 1)))
        first = np.sort(ray) == np.array([0, 1, 2, 3]) if len(ray) == 4 else np.zeros(1, bool)
        if (
            first.all()
            and (np.abs(mesh.normals[at] @ way) > 0.7).all()
            and (mesh.normals[at] @ mesh.normals[at[0]] > 0.9).all()
        ):
            out = hits[ray == 0][0]
            break
    count = len(mesh.vertices)
    tip = out + way * 2.0
    a, b, c = mesh.faces[face]
    p, q, r, t = count, count + 1, count + 2, count + 3
    new = [[a, b, q], [a, q, p], [b, c, r], [b, r, q], [c, a, p], [c, p, r], [p, q, t], [q, r, t], [r, p, t]]
    faces = np.vstack([np.delete(mesh.faces, face, axis=0), new]).astype(np.int32)
    return Mesh(np.vstack([mesh.vertices, small, tip]), faces), out


def _overlap(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    place = mesh.centres[_face(mesh, random)]
    ball = trimesh.creation.icosphere(2, 0.7)
    return joined([mesh, welded(ball.vertices + place, ball.faces.astype(np.int32))]), place


def _inner(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    low, high = mesh.bounds
    points = random.uniform(low, high, (1000, 3))
    points = points[whole.contains(points)]
    far = np.linalg.norm(points[:, None] - whole.sample(20_000, seed=1)[None], axis=2).min(axis=1)
    place = points[int(np.argmax(far))]
    ball = trimesh.creation.icosphere(2, float(far.max()) * 0.4)
    return joined([mesh, welded(ball.vertices + place, ball.faces[:, ::-1].astype(np.int32))]), place


def _loose(mesh: Mesh, random: np.random.Generator) -> tuple[Mesh, Floats]:
    place = mesh.bounds[1] + random.uniform(2.0, 6.0, 3)
    ball = trimesh.creation.box((1.5, 1.0, 2.0))
    return joined([mesh, welded(ball.vertices + place, ball.faces.astype(np.int32))]), place


PLANTS: dict[str, Callable[[Mesh, np.random.Generator], tuple[Mesh, Floats]]] = {
    "hole": _hole,
    "non_manifold_edge": _flap,
    "winding": _turned,
    "inside_out": _inside_out,
    "duplicate_face": _doubled,
    "degenerate_face": _empty,
    "self_intersection": _through,
    "bodies_overlap": _overlap,
    "inner_shell": _inner,
    "loose_body": _loose,
}


def planted(code: str, part: int) -> Planted:
    """Return the part of that number with a flaw of that code."""
    random = np.random.default_rng([11, part, list(PLANTS).index(code)])
    mesh, place = PLANTS[code](sound(part), random)
    return Planted(code, mesh, place, part)


def distance(flaw: Planted, where: tuple[float, float, float]) -> float:
    """Return how far a finding is from the flaw in mm; where the whole body is the flaw, from the body's surface."""
    place = np.array(where)
    if flaw.code != "inside_out":
        return float(np.linalg.norm(place - flaw.place))
    return float(
        np.linalg.norm(place - on_faces(flaw.mesh, place, np.arange(len(flaw.mesh.faces), dtype=np.int32), 0.0))
    )
