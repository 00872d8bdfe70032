"""Sound parts of a second generator that nothing was tuned to: gears, threads, lattices, shells, tubes, letters, gyroids, organic shapes.

All are thick enough for every process (walls and gaps of 3 mm and more before scaling), so that what is planted is all there is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import trimesh
from manifold3d import CrossSection, Manifold, OpType
from manifold3d import Mesh as ManifoldMesh
from scipy.spatial.transform import Rotation

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.welding import welded

Draw = np.random.Generator


def of_trimesh(made: trimesh.Trimesh) -> Manifold:
    """Return a part of trimesh as a solid."""
    return Manifold(ManifoldMesh(np.asarray(made.vertices, np.float32), np.asarray(made.faces, np.uint32)))


def mesh_of(solid: Manifold) -> Mesh:
    """Return a solid as our mesh, equal vertices merged as the reader does."""
    made = solid.to_mesh64()
    return welded(np.asarray(made.vert_properties)[:, :3], np.asarray(made.tri_verts).astype(np.int32))


def rod(a: tuple[float, float, float], b: tuple[float, float, float], radius: float, sides: int = 16) -> Manifold:
    """Return a round rod between two points."""
    way = np.subtract(b, a)
    length = float(np.linalg.norm(way))
    turn = Rotation.align_vectors([way / length], [[0.0, 0.0, 1.0]])[0].as_matrix()
    return Manifold.cylinder(length, radius, radius, sides).transform(np.column_stack([turn, a]))


def _gear(draw: Draw) -> Manifold:
    teeth, out = int(draw.integers(9, 20)), draw.uniform(18, 30)
    angle = np.arange(4 * teeth) * 2 * np.pi / (4 * teeth)
    radius = np.tile([out, out, out - 4, out - 4], teeth)
    gear = CrossSection([np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])])
    return Manifold.extrude(gear - CrossSection.circle(4, 48), draw.uniform(6, 15))


def _helix(draw: Draw) -> Manifold:
    blade = CrossSection.circle(9, 40) + CrossSection.square((26, 5), True)
    return Manifold.extrude(blade, draw.uniform(25, 50), 60, draw.uniform(60, 200))


def _lattice(draw: Draw) -> Manifold:
    n, cell = 3, draw.uniform(11, 15)
    grid = [tuple(cell * np.array(p)) for p in np.ndindex(n, n, 2)]
    bars = [
        rod(a, b, 2.2, 12) for a in grid for b in grid if np.isclose(np.linalg.norm(np.subtract(b, a)), cell) and a < b
    ]
    return Manifold.batch_boolean([*bars, *(Manifold.sphere(3.0, 16).translate(p) for p in grid)], OpType.Add)


def _letters(draw: Draw) -> Manifold:
    strokes = {
        "L": [((0, 0), (4, 20)), ((0, 0), (12, 4))],
        "T": [((4, 0), (8, 20)), ((0, 16), (12, 20))],
        "H": [((0, 0), (4, 20)), ((8, 0), (12, 20)), ((0, 8), (12, 12))],
        "E": [((0, 0), (4, 20)), ((0, 0), (12, 4)), ((0, 8), (10, 12)), ((0, 16), (12, 20))],
        "O": [((0, 0), (4, 20)), ((8, 0), (12, 20)), ((0, 0), (12, 4)), ((0, 16), (12, 20))],
    }
    word = draw.choice(list(strokes), 3)
    part = Manifold.cube((54, 28, 4)).translate((-3, -4, -3.5))
    for place, letter in enumerate(word):
        for (x, y), (u, v) in strokes[str(letter)]:
            part += Manifold.cube((u - x, v - y, 5)).translate((x + 17 * place, y, 0))
    return part


def _bent_tube(draw: Draw) -> Manifold:
    ring = CrossSection.circle(9, 36) - CrossSection.circle(5, 36)
    return Manifold.revolve(ring.translate((draw.uniform(16, 30), 0)), 64, draw.uniform(90, 250))


def _bowl(draw: Draw) -> Manifold:
    out, wall = draw.uniform(18, 30), draw.uniform(3, 5)
    return (Manifold.sphere(out, 64) - Manifold.sphere(out - wall, 64)).trim_by_plane((0, 0, -1), -out * 0.2)


def _pebble(draw: Draw) -> Manifold:
    ball = trimesh.creation.icosphere(int(draw.integers(2, 5)), 20)
    ways, phases = draw.normal(size=(5, 3)) * 1.5, draw.uniform(0, 6, 5)
    bumps = np.sin(ball.vertices / 20 @ ways.T + phases).sum(axis=1)
    ball.vertices *= (1 + 0.06 * bumps)[:, None]
    return of_trimesh(ball)


def _polyhedron(draw: Draw) -> Manifold:
    points = draw.normal(size=(int(draw.integers(8, 30)), 3))
    points *= draw.uniform(15, 25, (len(points), 1)) / np.linalg.norm(points, axis=1, keepdims=True)
    return Manifold.hull_points(points)


def _stairs(draw: Draw) -> Manifold:
    part = Manifold()
    for step in range(int(draw.integers(3, 6))):
        part += Manifold.cube((40 - 7 * step, 25, 6 * (step + 1)))
    return part


def _tee(draw: Draw) -> Manifold:
    out, bore = draw.uniform(8, 11), draw.uniform(3.5, 5)
    sides = int(draw.integers(12, 60))
    solid = rod((-25, 0, 0), (25, 0, 0), out, sides) + rod((0, 0, 0), (0, 0, 25), out, sides)
    return solid - rod((-26, 0, 0), (26, 0, 0), bore, sides) - rod((0, 0, 0), (0, 0, 26), bore, sides)


def _comb(draw: Draw) -> Manifold:
    part = Manifold.cube((48, 40, 8))
    for x in range(4):
        for y in range(3):
            part -= Manifold.cylinder(10, 3.6, 3.6, 6).translate((6.5 + 11.5 * x, 8 + 12 * y, -1))
    return part


def _gyroid(draw: Draw) -> Manifold:
    wave, level = draw.uniform(22, 28) / (2 * np.pi), draw.uniform(1.43, 2.21)

    def depth(x: float, y: float, z: float) -> float:
        u, v, w = x / wave, y / wave, z / wave
        return float(np.sin(u) * np.cos(v) + np.sin(v) * np.cos(w) + np.sin(w) * np.cos(u))

    while True:  # where its vertices fall together it is no solid any more
        made = max(Manifold.level_set(depth, [-22.3, -22.1, -22.7, 21.9, 22.3, 21.8], level).decompose(), key=_volume)
        mesh = mesh_of(made)
        if trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).is_watertight:
            return made
        level += 0.0137


def _volume(solid: Manifold) -> float:
    return float(solid.volume())


def _cone(draw: Draw) -> Manifold:
    cone = Manifold.cylinder(30, 20, draw.uniform(8, 12), int(draw.integers(10, 90)))
    return cone - Manifold.cylinder(60, 4, 4, 24).translate((0, 0, -5))


def _capsule(draw: Draw) -> Manifold:
    return of_trimesh(trimesh.creation.capsule(draw.uniform(15, 30), draw.uniform(8, 14)))


def _torus(draw: Draw) -> Manifold:
    return of_trimesh(trimesh.creation.torus(draw.uniform(18, 28), draw.uniform(5, 9), 48, 24))


def _annulus(draw: Draw) -> Manifold:
    return of_trimesh(trimesh.creation.annulus(draw.uniform(8, 14), draw.uniform(18, 28), draw.uniform(6, 20)))


def _angle(draw: Draw) -> Manifold:
    part = Manifold.cube((40, 28, 5)) + Manifold.cube((5, 28, 32))
    rib = Manifold.hull_points(
        [(4, y, 4) for y in (11, 17)] + [(26, y, 4) for y in (11, 17)] + [(4, y, 26) for y in (11, 17)]
    )
    return part + rib - rod((30, 6, -1), (30, 6, 8), 2.5, 24) - rod((30, 22, -1), (30, 22, 8), 2.5, 24)


def _window(draw: Draw) -> Manifold:
    part = Manifold.cube((40, 30, 26), True) - Manifold.cube((32, 22, 30), True).translate((0, 0, 6))
    return part - Manifold.cube((14, 60, 10), True)


def _knob(draw: Draw) -> Manifold:
    part = Manifold.cylinder(14, 20, 18, 48)
    for angle in np.arange(8) * np.pi / 4:
        part -= Manifold.cylinder(30, 3.5, 3.5, 20).translate((22 * np.cos(angle), 22 * np.sin(angle), -5))
    return part + Manifold.cylinder(20, 8, 8, 32)


#: The second generator's parts.
BASES: tuple[Callable[[Draw], Manifold], ...] = (
    _gear, _helix, _lattice, _letters, _bent_tube, _bowl, _pebble, _polyhedron, _stairs, _tee,
    _comb, _gyroid, _cone, _capsule, _torus, _annulus, _angle, _window, _knob,
)  # fmt: skip


def base(number: int) -> Manifold:
    """Return the sound part of that number, coarse or fine."""
    draw = np.random.default_rng([17, number])
    solid = BASES[number % len(BASES)](draw)
    if solid.is_empty():
        raise ValueError(f"{BASES[number % len(BASES)].__name__} is empty")
    return solid.refine(int(draw.integers(2, 5))) if solid.num_tri() < 3_000 and draw.random() < 0.5 else solid


def placed(mesh: Mesh, points: Floats, draw: Draw, upright: bool = False) -> tuple[Mesh, Floats]:
    """Return a mesh and points turned (about z alone if `upright`) and moved at random."""
    turn = (
        Rotation.from_euler("z", draw.uniform(0, 360), degrees=True) if upright else Rotation.random(random_state=draw)
    )
    move = draw.uniform(-80, 80, 3)
    matrix = turn.as_matrix()
    return Mesh(mesh.vertices @ matrix.T + move, mesh.faces), points @ matrix.T + move
