"""Flaws of shape built by the second generator, each code in several ways, on flat, round and slanted hosts, coarse and fine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import trimesh
from manifold3d import CrossSection, Manifold
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from bench.print3d.unseen_parts import Draw, base, mesh_of, placed
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.values import Process

_NONE: frozenset[str] = frozenset()
_SUPPORTED = frozenset({"support_volume", "overhang", "long_bridge"})


@dataclass(frozen=True, eq=False)
class Shaped:
    """A part with one flaw of shape: for `process`, over the points `region` (n, 3) with its middle among them; `value` its true measure.

    `besides`: codes that are true of it as well. `wide`: half its own size in mm where the flaw is a space, not a surface.
    """

    code: str
    process: str
    mesh: Mesh
    region: Floats
    value: float | None
    besides: frozenset[str]
    wide: float = 0.0


@dataclass(frozen=True, eq=False)
class _Made:
    solid: Manifold
    region: Floats
    value: float | None = None
    process: str = "sls"
    besides: frozenset[str] = _NONE
    wide: float = 0.0


def _frame(way: Floats, draw: Draw) -> Floats:
    """Return a rotation whose z axis is `way`."""
    up = way / np.linalg.norm(way)
    side = np.cross(up, draw.normal(size=3))
    side /= np.linalg.norm(side)
    return np.column_stack([side, np.cross(up, side), up])


def _set(solid: Manifold, turn: Floats, at: Floats) -> Manifold:
    return solid.transform(np.column_stack([turn, at]))


def _at(points: Sequence[Sequence[float]] | Floats, turn: Floats, at: Floats) -> Floats:
    found: Floats = np.asarray(points, float) @ turn.T + at
    return found


def _spot(draw: Draw, deep: float = 9.0, wide: float = 6.0) -> tuple[Manifold, Floats, Floats]:
    """Return a sound host, a place on it with `deep` mm of material under and free air over `wide` mm around, and its normal."""
    while True:
        host = base(int(draw.integers(0, 400)))
        mesh = mesh_of(host)
        peer = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
        for face in draw.choice(len(mesh.faces), min(12, len(mesh.faces)), replace=False, p=mesh.areas / mesh.area):
            share = np.sort(draw.random(2))
            a, b, c = mesh.corners[face]
            at, up = a * share[0] + b * (share[1] - share[0]) + c * (1 - share[1]), mesh.normals[face]
            ring = [at, *(at + wide * (_frame(up, draw)[:, 0]) for _ in range(8))]
            inward = np.array([p + up * 8 for p in ring])
            hits, ray, _ = peer.ray.intersects_location(inward, np.tile(-up, (len(ring), 1)), multiple_hits=True)
            depth = (inward[ray] - hits) @ up
            first = [np.sort(depth[ray == r]) for r in range(len(ring))]
            free = not len(peer.ray.intersects_location([at + up * 0.01, at + up * 8], [up, up])[0])
            even = all(len(d) > 1 and abs(d[0] - 8) < 1.5 and d[1] - d[0] > deep for d in first)
            if free and even:
                return host, at, up


def _sides(draw: Draw, low: int = 12) -> int:
    return int(draw.choice([low, 16, 24, 48, 96]))


def _thin(draw: Draw, most: float) -> float:
    return float(draw.uniform(0.3, 0.93)) * most


# ---- walls ----


def _fin(draw: Draw) -> _Made:
    host, at, up = _spot(draw)
    turn = _frame(up, draw) @ Rotation.from_euler("x", draw.uniform(-35, 35), degrees=True).as_matrix()
    thick, long, tall = _thin(draw, 0.8), draw.uniform(7, 11), draw.uniform(6, 14)
    fin = Manifold.cube((long, thick, tall + 3)).translate((-long / 2, -thick / 2, -3))
    if draw.random() < 0.3:
        fin = fin.refine(8)
    return _Made(host + _set(fin, turn, at), _at(_grid((-long / 2, long / 2), (0, 0), (1, tall)), turn, at), thick)


def _grid(*ranges: tuple[float, float]) -> Floats:
    axes = [
        np.linspace(low, high, max(2, int(2 * (high - low)) + 2)) if high > low else np.array([low])
        for low, high in ranges
    ]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)


def _round_points(radius: float, low: float, high: float, end: float | None = None) -> Floats:
    angle, z = (a.ravel() for a in np.meshgrid(np.linspace(0, 2 * np.pi, 120), np.linspace(0, 1, 40)))
    r = radius + ((radius if end is None else end) - radius) * z
    return np.column_stack([r * np.cos(angle), r * np.sin(angle), low + z * (high - low)])


def _tube(draw: Draw) -> _Made:
    thick, out, tall, n = _thin(draw, 0.8), draw.uniform(4, 12), draw.uniform(10, 30), _sides(draw)
    tube = Manifold.cylinder(tall, out, out, n) - Manifold.cylinder(tall, out - thick, out - thick, n)
    flange = Manifold.cylinder(4, out + 8, out + 8, 48) - Manifold.cylinder(9, out - thick, out - thick, n).translate(
        (0, 0, -2)
    )
    return _Made(tube + flange, _round_points(out - thick / 2, 4, tall), thick * np.cos(np.pi / n))


def _funnel(draw: Draw) -> _Made:
    """A cone's shell: its wall is measured across, not level."""
    thick, low, high, tall, n = (
        _thin(draw, 0.8),
        draw.uniform(5, 8),
        draw.uniform(11, 16),
        draw.uniform(8, 20),
        _sides(draw, 24),
    )
    slant = np.hypot(tall, high - low) / tall
    wide = thick * slant
    shell = Manifold.cylinder(tall, low + wide, high + wide, n) - Manifold.cylinder(tall, low, high, n)
    flange = Manifold.cylinder(4, low + 12, low + 12, 64) - Manifold.cylinder(9, low, low, n).translate((0, 0, -2))
    return _Made(
        shell + flange.translate((0, 0, -3.9)),
        _round_points(low + wide / 2, 0.2, tall, high + wide / 2),
        thick * np.cos(np.pi / n),
    )


def _dome(draw: Draw) -> _Made:
    thick, out = _thin(draw, 0.8), draw.uniform(8, 16)
    n = int(draw.choice([32, 64, 100]))
    shell = (Manifold.sphere(out, n) - Manifold.sphere(out - thick, n)).trim_by_plane((0, 0, 1), 0)
    foot = (
        Manifold.cylinder(5, out + 4, out + 4, 64) - Manifold.cylinder(9, out - 4, out - 4, 64).translate((0, 0, -2))
    ).translate((0, 0, -4.9))
    points = trimesh.creation.icosphere(4, out - thick / 2).vertices
    return _Made(shell + foot, np.asarray(points[points[:, 2] > 0.1]), thick)


def _floor(draw: Draw) -> _Made:
    thick, side = _thin(draw, 0.8), draw.uniform(12, 30)
    block = Manifold.cube((side + 10, side + 8, 8)) - Manifold.cube((side, side - 2, 10)).translate((5, 5, thick))
    return _Made(block, _grid((5, 5 + side), (5, 3 + side), (thick / 2, thick / 2)), thick)


def _near_bore(draw: Draw) -> _Made:
    thick, r = _thin(draw, 0.8), draw.uniform(4, 8)
    n = int(draw.choice([24, 48, 96]))
    bored = Manifold.cube((40, 30, 10)) - Manifold.cylinder(30, r, r, n).rotate((0, 0, 180 / n + 90)).translate(
        (20, r + thick, -5)
    )
    low = thick + r * (1 - np.cos(np.pi / n))  # a side of the bore, not a corner, is nearest
    return _Made(bored, _grid((18, 22), (0, thick), (0, 10)), low)


def _folded(draw: Draw) -> _Made:
    """A sheet bent by an angle: both halves equally thin, one finding over both."""
    thick, long, wide = _thin(draw, 0.8), draw.uniform(15, 25), draw.uniform(12, 20)
    bend = np.radians(draw.uniform(30, 70))
    along = np.array([[0, 0], [long, 0], [long + long * np.cos(bend), long * np.sin(bend)]])
    normal = np.array([[0, 1], [-np.sin(bend / 2) / np.cos(bend / 2), 1], [-np.sin(bend), np.cos(bend)]]) * thick
    sheet = Manifold.extrude(CrossSection([np.vstack([along, (along + normal)[::-1]])]), wide)
    middle = along + normal / 2
    steps = np.linspace(0, 1, 40)[:, None]
    line = np.vstack([middle[0] + steps * (middle[1] - middle[0]), middle[1] + steps * (middle[2] - middle[1])])
    return _Made(sheet, np.vstack([np.column_stack([line, np.full(80, z)]) for z in np.linspace(0, wide, 30)]), thick)


# ---- gaps, holes, pins ----


def _slot(draw: Draw) -> _Made:
    host, at, up = _spot(draw)
    turn = _frame(up, draw)
    wide, long, deep = draw.uniform(0.12, 0.46), draw.uniform(6, 10), draw.uniform(3, 6)
    slot = Manifold.cube((long, wide, deep + 9)).translate((-long / 2, -wide / 2, -deep))
    return _Made(host - _set(slot, turn, at), _at(_grid((-long / 2, long / 2), (0, 0), (-deep, 0)), turn, at), wide)


def _ring_gap(draw: Draw) -> _Made:
    """A pin in a bore with too little play, held at its bottom."""
    wide, r, n = draw.uniform(0.12, 0.46), draw.uniform(3, 8), _sides(draw, 24)
    block = Manifold.cube((30, 28, 14), True) - (
        Manifold.cylinder(20, r + wide, r + wide, n) - Manifold.cylinder(20, r, r, n)
    ).translate((0, 0, -3))
    return _Made(block, _round_points(r + wide / 2, -3, 7), wide * np.cos(np.pi / n))


def _two_fins(draw: Draw) -> _Made:
    host, at, up = _spot(draw, wide=7.0)
    turn = _frame(up, draw)
    wide = draw.uniform(0.12, 0.46)
    fin = Manifold.cube((8, 3, 12)).translate((-4, wide / 2, -3))
    both = fin + fin.mirror((0, 1, 0))
    return _Made(host + _set(both, turn, at), _at(_grid((-4, 4), (0, 0), (-1, 9)), turn, at), wide)


def _hinge(draw: Draw) -> _Made:
    """Two bodies that are to move: their play is too small."""
    wide, r, n = draw.uniform(0.12, 0.46), draw.uniform(4, 8), _sides(draw, 24)
    ring = Manifold.cylinder(12, r + 6, r + 6, n) - Manifold.cylinder(30, r + wide, r + wide, n).translate((0, 0, -5))
    return _Made(
        ring + Manifold.cylinder(20, r, r, n).translate((0, 0, -4)),
        _round_points(r + wide / 2, 0, 12),
        wide * np.cos(np.pi / n),
        besides=frozenset({"loose_body"}),
    )


def _bore(draw: Draw) -> _Made:
    host, at, up = _spot(draw, 12.0)
    turn = _frame(up, draw) @ Rotation.from_euler("x", draw.uniform(0, 30), degrees=True).as_matrix()
    wide, deep = draw.uniform(0.35, 0.93), draw.uniform(4, 9)
    n = int(draw.choice([4, 6, 8, 12, 24, 64]))
    hole = Manifold.cylinder(deep + 8, wide / 2 / np.cos(np.pi / n), -1, n).translate((0, 0, -deep))
    return _Made(host - _set(hole, turn, at), _at(_grid((0, 0), (0, 0), (-deep, 0)), turn, at), wide)


def _through(draw: Draw) -> _Made:
    wide, thick = draw.uniform(0.5, 0.93), draw.uniform(2, 12)
    plate = Manifold.cylinder(thick, 20, 20, 64).refine(int(draw.integers(1, 4)))
    x, y = draw.uniform(-9, 9, 2)
    n = _sides(draw)
    return _Made(
        plate - Manifold.cylinder(30, wide / 2, wide / 2, n).translate((x, y, -5)),
        _grid((x, x), (y, y), (0, thick)),
        wide * np.cos(np.pi / n),
    )


def _pin(draw: Draw) -> _Made:
    host, at, up = _spot(draw)
    turn = _frame(up, draw) @ Rotation.from_euler("x", draw.uniform(0, 35), degrees=True).as_matrix()
    wide = draw.uniform(0.7, 1.85)
    tall = max(draw.uniform(1.5, 5) * wide, 2.5)
    n = int(draw.choice([4, 6, 8, 12, 24, 64]))
    pin = Manifold.cylinder(tall + 2, wide / 2 / np.cos(np.pi / n), -1, n).translate((0, 0, -2))
    return _Made(
        host + _set(pin, turn, at),
        _at(_grid((0, 0), (0, 0), (0, tall)), turn, at),
        wide,
        "fdm",
        _SUPPORTED | {"island"},
    )


def _bar(draw: Draw) -> _Made:
    """A thin rod between two walls."""
    wide, n = draw.uniform(0.7, 1.85), int(draw.choice([4, 6, 12, 32]))
    yoke = Manifold.cube((30, 14, 5)) + Manifold.cube((5, 14, 20)) + Manifold.cube((5, 14, 20)).translate((25, 0, 0))
    bar = (
        Manifold.cylinder(22, wide / 2 / np.cos(np.pi / n), -1, n)
        .rotate((0, 90, 0))
        .translate((4, 7, draw.uniform(8, 17)))
    )
    z = float(bar.bounding_box()[2] + bar.bounding_box()[5]) / 2
    return _Made(yoke + bar, _grid((5, 25), (7, 7), (z, z)), wide, "fdm", _SUPPORTED | {"island"})


# ---- as it lies ----


def _shelf(draw: Draw) -> _Made:
    r, out, wide, up = draw.uniform(8, 14), draw.uniform(6, 14), draw.uniform(6, 12), draw.uniform(8, 22)
    tower = Manifold.cylinder(up + 12, r, r, _sides(draw))
    shelf = Manifold.cube((out + r, wide, 5)).translate((0, -wide / 2, up))
    return _Made(
        tower + shelf, _grid((r, r + out), (-wide / 2, wide / 2), (up, up)), 0.0, "fdm", frozenset({"support_volume"})
    )


def _leaning(draw: Draw) -> _Made:
    """A slab that leans by less than 42° from the horizontal, from the side of a block."""
    slope = np.radians(draw.uniform(12, 41))
    out, wide = draw.uniform(8, 16), draw.uniform(8, 16)
    block = Manifold.cube((14, wide + 6, 40)).translate((-14, -3, 0))
    rise = out * np.tan(slope)
    points = [
        (x, y, 12 + (x + 1 if x < 0 else x) * 0 + (rise if x > 0 else -np.tan(slope)) + t)
        for x in (-1, out)
        for y in (0, wide)
        for t in (0, 6)
    ]
    slab = Manifold.hull_points(points)
    under = np.array(
        [(x, y, 12 + x * np.tan(slope)) for x in np.linspace(0, out, 20) for y in np.linspace(0, wide, 15)]
    )
    return _Made(block + slab, under, float(np.degrees(slope)), "fdm", frozenset({"support_volume"}))


def _mushroom(draw: Draw) -> _Made:
    stem, cap, up, n = draw.uniform(5, 8), draw.uniform(13, 20), draw.uniform(8, 20), _sides(draw, 24)
    part = Manifold.cylinder(up + 1, stem, stem, n) + Manifold.cylinder(6, cap, cap, n).translate((0, 0, up))
    return _Made(part, _round_points(stem, up, up, cap), 0.0, "fdm", frozenset({"support_volume"}))


def _goblet(draw: Draw) -> _Made:
    slope, stem, out, up = (
        np.radians(draw.uniform(15, 40)),
        draw.uniform(6, 9),
        draw.uniform(8, 14),
        draw.uniform(6, 14),
    )
    rise, n = out * np.tan(slope), _sides(draw, 24)
    part = Manifold.cylinder(up, stem, stem, n) + Manifold.cylinder(rise, stem, stem + out, n).translate((0, 0, up))
    part += Manifold.cylinder(4, stem + out, stem + out, n).translate((0, 0, up + rise))
    return _Made(
        part,
        _round_points(stem, up, up + rise, stem + out),
        float(np.degrees(slope)),
        "fdm",
        frozenset({"support_volume"}),
    )


def _gate(draw: Draw) -> _Made:
    span, deep, up = draw.uniform(11.5, 30), draw.uniform(8, 20), draw.uniform(8, 20)
    posts = [Manifold.cube((8, deep, up)), Manifold.cube((8, deep, up)).translate((8 + span, 0, 0))]
    part = posts[0] + posts[1] + Manifold.cube((16 + span, deep, 5)).translate((0, 0, up))
    return _Made(part, _grid((8, 8 + span), (0, deep), (up, up)), span, "fdm", frozenset({"support_volume"}))


def _tunnel(draw: Draw) -> _Made:
    span, up, long = draw.uniform(11.5, 30), draw.uniform(6, 14), draw.uniform(15, 40)
    block = Manifold.cube((span + 16, long, up + 10)) - Manifold.cube((span, long + 2, up)).translate((8, -1, 3))
    return _Made(block, _grid((8, 8 + span), (0, long), (up + 3, up + 3)), span, "fdm", frozenset({"support_volume"}))


def _room(draw: Draw) -> _Made:
    """A room with a roof on four walls and a window that empties it: the shorter way across is the span."""
    span, long, up = draw.uniform(12, 25), draw.uniform(26, 40), draw.uniform(10, 18)
    block = Manifold.cube((span + 12, long + 12, up + 12)) - Manifold.cube((span, long, up)).translate((6, 6, 6))
    block -= Manifold.cube((6, 20, 5)).translate((6 + span / 2 - 3, -5, 8))
    return _Made(
        block, _grid((6, 6 + span), (6, 6 + long), (up + 6, up + 6)), span, "fdm", frozenset({"support_volume"})
    )


def _hanging(draw: Draw) -> _Made:
    size, low = draw.uniform(2.5, 4), draw.uniform(4, 12)
    kind = int(draw.integers(4))
    shape = (
        Manifold.cube((2 * size, 2 * size, 30), True).translate((0, 0, 15)),
        Manifold.cylinder(30, size, size, 32),
        Manifold.cylinder(6, 0.0, size, 32) + Manifold.cylinder(24, size, size, 32).translate((0, 0, 6)),
        Manifold.sphere(size, 32).translate((0, 0, size)) + Manifold.cylinder(27, size * 0.8, size * 0.8, 32).translate((0, 0, size)),
    )[kind]  # fmt: skip
    arm = Manifold.cube((6, 14, 36)) + Manifold.cube((34, 14, 5)).translate((0, 0, 31))
    drop = shape.translate((22, 7, low)).trim_by_plane((0, 0, -1), -33)
    return _Made(arm + drop, np.array([[22.0, 7.0, low]]), low, "fdm", _SUPPORTED)


def _floating(draw: Draw) -> _Made:
    low, size = draw.uniform(4, 15), draw.uniform(3, 6)
    cup = Manifold.cylinder(25, 20, 20, 48) - Manifold.cylinder(25, 15, 15, 48).translate((0, 0, 4))
    ball = Manifold.sphere(size, 32) if draw.random() < 0.5 else Manifold.tetrahedron().scale([size] * 3)
    ball = ball.translate((0, 0, low - ball.bounding_box()[2] + 4))
    bottom = ball.to_mesh().vert_properties[:, :3]
    where = bottom[bottom[:, 2] < bottom[:, 2].min() + 0.05].mean(axis=0)
    return _Made(cup + ball, where[None].astype(float), float(where[2]), "fdm", _SUPPORTED | {"loose_body"})


def _supported(draw: Draw) -> _Made:
    """A table on one leg: the support's volume is what its plate covers beside the leg, times its height."""
    x, y, leg, up = draw.uniform(25, 45), draw.uniform(25, 45), draw.uniform(7, 12), draw.uniform(10, 30)
    part = Manifold.cube((leg, leg, up + 1)).translate(((x - leg) / 2, (y - leg) / 2, 0)) + Manifold.cube(
        (x, y, 4)
    ).translate((0, 0, up))
    return _Made(part, _grid((0, x), (0, y), (up, up)), (x * y - leg**2) * up, "fdm", frozenset({"overhang"}))


# ---- as a whole ----


def _sealed(draw: Draw) -> _Made:
    size = draw.uniform(5, 9)
    room = (
        Manifold.sphere(size, 40),
        Manifold.cube([1.6 * size] * 3, True),
        Manifold.cylinder(2 * size, size, size / 2, 32, True),
        Manifold.revolve(CrossSection.circle(3.5, 24).translate((size + 2, 0)), 48),
    )[int(draw.integers(4))]
    outer = (
        Manifold.cube((50, 46, 40), True), Manifold.sphere(24, 64), Manifold.cylinder(44, 23, 20, 48, True),
    )[int(draw.integers(3))]  # fmt: skip
    at = np.zeros(3) if draw.random() < 0.5 else draw.uniform(-2, 2, 3)
    turn = Rotation.random(random_state=draw).as_matrix()
    inside = _set(room, turn, at)
    wide = float(np.linalg.norm(np.asarray(inside.to_mesh().vert_properties)[:, :3] - at, axis=1).max())
    process = str(draw.choice(["sls", "sla", "mjf", "lpbf"]))
    return _Made(outer - inside, at[None], 0.0, process, frozenset({"inner_shell", *_SUPPORTED, "island"}), wide)


def _narrow_mouth(draw: Draw) -> _Made:
    process = str(draw.choice(["sls", "sla", "mjf", "lpbf"]))
    drain = {"sls": 3.5, "sla": 3.5, "mjf": 3.0, "lpbf": 2.0}[process]
    mouth, size = draw.uniform(0.35, 0.8) * drain, draw.uniform(6, 10)
    room = Manifold.sphere(size, 40) if draw.random() < 0.5 else Manifold.cube([1.6 * size] * 3, True)
    outer = Manifold.cube((44, 40, 36), True) if draw.random() < 0.5 else Manifold.sphere(21, 64)
    way = draw.normal(size=3)
    bore = _set(Manifold.cylinder(60, mouth / 2, -1, 32), _frame(way, draw), np.zeros(3))
    # a bore narrower than the process makes is a small hole as well, but these are wider
    return _Made(
        outer - room - bore, np.zeros((1, 3)), mouth, process, frozenset({*_SUPPORTED, "island", "small_hole"}), size
    )


def _big_box(draw: Draw) -> _Made:
    """A large hollow box with a tiny opening: powder in a litre."""
    side, wall, mouth = draw.uniform(60, 110), draw.uniform(2.5, 5), draw.uniform(0.6, 1.5)
    process = str(draw.choice(["lpbf", "sls", "mjf"]))
    x, y = draw.uniform(-0.3, 0.3, 2) * side
    box = Manifold.cube([side] * 3, True) - Manifold.cube([side - 2 * wall] * 3, True)
    box -= Manifold.cylinder(side, mouth / 2, -1, 24).translate((x, y, 0))
    return _Made(
        box, np.zeros((1, 3)), mouth, process, frozenset({*_SUPPORTED, "island", "small_hole", "warping"}), side / 2
    )


def _base(draw: Draw) -> _Made:
    kind, long = int(draw.integers(3)), draw.uniform(215, 280)
    if kind == 0:
        part, length = Manifold.cylinder(6, long / 2, long / 2, 64), long
    elif kind == 1:
        part, length = Manifold.cube((long, 40, 6)) + Manifold.cube((40, long, 6)), float(np.hypot(long, long))
    else:
        ring = CrossSection.circle(long / 2, 96) - CrossSection.circle(long / 2 - 15, 96)
        part, length = Manifold.extrude(ring, 8), long
    mesh = mesh_of(part)
    return _Made(part, mesh.vertices[mesh.vertices[:, 2] < 0.1], length, "fdm", wide=0.1)


def _tall(draw: Draw) -> _Made:
    wide, kind = draw.uniform(4, 9), int(draw.integers(4))
    tall = wide * draw.uniform(9, 14)
    if kind == 0:
        part = Manifold.cylinder(tall, wide / 2, wide / 2, 48)
    elif kind == 1:
        part = Manifold.cylinder(tall, wide / 2, wide / 3, 36)
    elif kind == 2:
        part = Manifold.cube((wide, wide * 3, tall), True).translate((0, 0, tall / 2))
    else:
        part = Manifold.cylinder(tall, wide / 2, wide / 2, 32) - Manifold.cylinder(tall, wide / 4, wide / 4, 32)
    return _Made(
        part,
        np.array([[0, 0, tall], *_round_points(wide / 2, tall, tall), *_round_points(wide / 4, tall, tall)]),
        tall / wide,
        "fdm",
        frozenset({"thin_wall"}),
    )


def _big(draw: Draw) -> _Made:
    kind, long = int(draw.integers(3)), draw.uniform(800, 1000)
    part = (
        Manifold.cube((long, 60, 40), True),
        Manifold.cylinder(60, long / 2, long / 2, 64),
        Manifold.extrude(CrossSection.circle(long / 2, 96) - CrossSection.circle(long / 2 - 30, 96), 30),
    )[kind]
    return _Made(
        part, mesh_of(part).vertices, None, "fdm", frozenset({"warping", "tall_slim", "island", *_SUPPORTED}), 1000.0
    )


#: For each code: the ways it is built, whether the part must stay upright, whether its measure can be told exactly.
SHAPES: dict[str, tuple[tuple[Callable[[Draw], _Made], ...], bool]] = {
    "thin_wall": ((_fin, _tube, _funnel, _dome, _floor, _near_bore, _folded), False),
    "thin_gap": ((_slot, _ring_gap, _two_fins, _hinge), False),
    "small_hole": ((_bore, _through, _bore), False),
    "small_feature": ((_pin, _bar, _pin), False),
    "overhang": ((_shelf, _leaning, _mushroom, _goblet), True),
    "long_bridge": ((_gate, _tunnel, _room), True),
    "island": ((_hanging, _floating), True),
    "support_volume": ((_supported,), True),
    "trapped_volume": ((_sealed, _narrow_mouth, _big_box), False),
    "warping": ((_base,), True),
    "tall_slim": ((_tall,), True),
    "too_big": ((_big,), False),
}


def shaped(code: str, part: int) -> Shaped:
    """Return the part of that number with a flaw of that code; always the same for a number."""
    ways, upright = SHAPES[code]
    draw = np.random.default_rng([23, part, list(SHAPES).index(code)])
    made = ways[part % len(ways)](draw)
    mesh, region = placed(mesh_of(made.solid), made.region, draw, upright)
    return Shaped(code, made.process, mesh, region, made.value, made.besides, made.wide)


def away(flaw: Shaped, where: tuple[float, float, float]) -> float:
    """Return how far in mm a place is from the flaw: from the nearest point of it, less its own half size where it is a space."""
    near = float(cKDTree(flaw.region).query(np.array(where))[0])
    return max(near - flaw.wide, 0.0) if flaw.wide else near


def limit_of(flaw: Shaped, field: str) -> float:
    """Return the limit of the flaw's process."""
    return float(getattr(process_limits()[Process(flaw.process)], field))
