"""Parts made by chance, to fit and judge the estimate on more than any collection holds: plates, brackets, tubes, gears, housings …

Every part is drawn from its own number, so that the same parts come out everywhere; longest side at most 180 mm.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from manifold3d import CrossSection, FillRule, Manifold, OpType
from numpy.random import Generator

from nordlotse.print3d.core.mesh import Mesh

_LONGEST = 180.0


def _box(x: float, y: float, z: float, at: tuple[float, float, float] = (0, 0, 0)) -> Manifold:
    return Manifold.cube((x, y, z)).translate(at)


def _pin(height: float, radius: float, at: tuple[float, float, float] = (0, 0, 0), sides: int = 48) -> Manifold:
    return Manifold.cylinder(height, radius, -1, sides).translate(at)


def plate(draw: Generator) -> Manifold:
    """Return a plate with holes and blocks."""
    a, b, c = draw.uniform(15, 150), draw.uniform(15, 120), draw.choice([1.2, 1.6, 2, 3, 4, 6, 10])
    part = _box(a, b, c)
    for _ in range(draw.integers(0, 25)):
        part -= _pin(c + 2, draw.uniform(1, 4), (draw.uniform(0, a), draw.uniform(0, b), -1), 32)
    for _ in range(draw.integers(0, 5)):
        at = (draw.uniform(0, a * 0.8), draw.uniform(0, b * 0.8), 0)
        part += _box(draw.uniform(3, 20), draw.uniform(3, 20), draw.uniform(2, 25), at)
    return part


def bracket(draw: Generator) -> Manifold:
    """Return an angle with a rib and holes."""
    a, b, c, t = draw.uniform(20, 80), draw.uniform(15, 60), draw.uniform(20, 70), draw.uniform(1.5, 8)
    part = _box(a, b, t) + _box(t, b, c)
    if draw.random() < 0.7:
        reach, wide = min(a, c) * draw.uniform(0.3, 0.9), draw.uniform(1.5, 6)
        rib = CrossSection([[(0, 0), (reach, 0), (0, reach)]]).extrude(wide).rotate((90, 0, 0))
        part += rib.translate((0, b / 2 + wide / 2, 0))
    for _ in range(draw.integers(1, 6)):
        r = draw.uniform(1.2, 5)
        part -= _pin(t + 2, r, (draw.uniform(t + r, a), draw.uniform(r, b - r), -1))
        side = Manifold.cylinder(t + 2, r, -1, 48).rotate((0, 90, 0))
        part -= side.translate((-1, draw.uniform(r, b - r), draw.uniform(t + r, c)))
    return part


def tube(draw: Generator) -> Manifold:
    """Return a tube, perhaps with a flange and holes through its wall."""
    r, wall, h, sides = (
        draw.uniform(3, 45),
        draw.uniform(0.5, 6),
        draw.uniform(5, 90),
        int(draw.choice([16, 48, 128, 200])),
    )
    bore = _pin(h + 2, max(r - wall, 0.3), (0, 0, -1), sides)
    part = _pin(h, r, sides=sides) - bore
    if draw.random() < 0.4:
        part += _pin(draw.uniform(1, 4), r + draw.uniform(2, 15), sides=sides) - bore
    for _ in range(draw.integers(0, 8)):
        hole = Manifold.cylinder(4 * r, draw.uniform(0.8, 4), -1, 32).rotate((0, 90, draw.uniform(0, 360)))
        part -= hole.translate((0, 0, draw.uniform(0, h)))
    return part


def gear(draw: Generator) -> Manifold:
    """Return a gear, straight or helical, perhaps with a hub."""
    teeth, module, h = int(draw.integers(8, 60)), draw.uniform(0.6, 3), draw.uniform(3, 20)
    r = teeth * module / 2
    flanks = ((-0.25, r - 1.25 * module), (-0.12, r + module), (0.12, r + module), (0.25, r - 1.25 * module))
    turns = [(2 * np.pi * (n + at) / teeth, radius) for n in range(teeth) for at, radius in flanks]
    outline = CrossSection([[(radius * np.cos(a), radius * np.sin(a)) for a, radius in turns]])
    outline -= CrossSection.circle(max(1, r * draw.uniform(0.1, 0.4)), 64)
    part = outline.extrude(h, 20, float(draw.choice([0, 15, 30])))
    if draw.random() < 0.5:
        part += (CrossSection.circle(r * 0.45, 64) - CrossSection.circle(r * 0.3, 64)).extrude(h * 2)
    return part


def lattice(draw: Generator) -> Manifold:
    """Return a lattice of square struts."""
    n, step, t = int(draw.integers(2, 5)), draw.uniform(8, 18), draw.uniform(0.8, 3.5)
    whole = step * (n - 1) + t
    struts = []
    for i in range(n):
        for j in range(n):
            struts += [
                _box(whole, t, t, (0, i * step, j * step)),
                _box(t, whole, t, (i * step, 0, j * step)),
                _box(t, t, whole, (i * step, j * step, 0)),
            ]
    return Manifold.batch_boolean(struts, OpType.Add)


def housing(draw: Generator) -> Manifold:
    """Return an open box with posts and openings, at times upside down."""
    a, b, c = draw.uniform(25, 120), draw.uniform(20, 90), draw.uniform(8, 50)
    t = float(draw.choice([0.8, 1.2, 1.6, 2, 2.5, 3]))
    part = _box(a, b, c) - _box(a - 2 * t, b - 2 * t, c, (t, t, t))
    for _ in range(draw.integers(0, 7)):
        r = draw.uniform(2, 4)
        x, y, h = draw.uniform(t + r, a - t - r), draw.uniform(t + r, b - t - r), draw.uniform(3, c)
        part += _pin(h, r, (x, y, 0), 32) - _pin(h + 5, r * 0.5, (x, y, t), 32)
    for _ in range(draw.integers(0, 5)):
        opening = _box(draw.uniform(2, 15), 4 * t, draw.uniform(2, c * 0.7))
        part -= opening.translate((draw.uniform(t, a - 15), -2 * t, draw.uniform(t, c * 0.6)))
    return part.rotate((180, 0, 0)) if draw.random() < 0.3 else part


def blobs(draw: Generator) -> Manifold:
    """Return balls, boxes and cones grown together at any angle."""
    part = Manifold()
    for _ in range(draw.integers(1, 6)):
        s = draw.uniform(5, 22)
        solids = [Manifold.sphere(s, 48), _box(s * 1.5, s, s * 0.8), _pin(s * 1.5, s * 0.6)]
        solid = solids[draw.integers(0, 3)].rotate(tuple(draw.uniform(0, 360, 3)))
        part += solid.translate(tuple(draw.uniform(-15, 15, 3)))
    return part


def turned(draw: Generator) -> Manifold:
    """Return a part turned on a lathe."""
    n = int(draw.integers(3, 9))
    z, r = np.cumsum(draw.uniform(1, 12, n)), draw.uniform(2, 28, n)
    outline = [(0.0, 0.0), (float(r[0]), 0.0), *zip(r[1:].tolist(), z[1:].tolist(), strict=True), (0.0, float(z[-1]))]
    part = CrossSection([outline], FillRule.Positive).revolve(int(draw.choice([24, 64, 128])))
    return part - _pin(200, draw.uniform(1, 4), (0, 0, -1)) if draw.random() < 0.5 else part


def twisted(draw: Generator) -> Manifold:
    """Return a rod twisted like a coarse thread, perhaps with a head."""
    h = draw.uniform(10, 50)
    outline = CrossSection.circle(draw.uniform(3, 8), int(draw.choice([6, 24, 48]))).translate(
        (draw.uniform(0.3, 3), 0)
    )
    part = outline.extrude(h, int(h * 4), float(draw.uniform(200, 3000) * h / 50))
    if draw.random() < 0.6:
        part += CrossSection.circle(draw.uniform(6, 14), 6).extrude(draw.uniform(3, 8))
    return part


def leaning(draw: Generator) -> Manifold:
    """Return one of the others at any angle."""
    kinds = (plate, bracket, tube, gear, housing)
    part = kinds[draw.integers(0, len(kinds))](draw).scale((0.6, 0.6, 0.6))
    return part.rotate(tuple(draw.uniform(0, 360, 3)))


KINDS: tuple[Callable[[Generator], Manifold], ...] = (
    plate,
    bracket,
    tube,
    gear,
    lattice,
    housing,
    blobs,
    turned,
    twisted,
    leaning,
)


def made(number: int) -> Mesh:
    """Return part `number`; every fifth one small, for small parts are printed by other rules."""
    draw = np.random.default_rng([7, number])
    solid = KINDS[number % len(KINDS)](draw)
    low_x, low_y, low_z, high_x, high_y, high_z = solid.bounding_box()
    longest = max(high_x - low_x, high_y - low_y, high_z - low_z)
    wanted = draw.uniform(6, 22) if number % 5 == 4 else min(longest, _LONGEST)
    mesh = solid.scale([wanted / longest] * 3).to_mesh()
    vertices = np.array(mesh.vert_properties[:, :3], dtype=np.float64)
    return Mesh(vertices, np.array(mesh.tri_verts, dtype=np.int32)).on_bed()
