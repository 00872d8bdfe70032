"""Flaws of shape built into sound blocks at known places: one kind of flaw, one part at a time, each with sizes drawn by its number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.welding import welded


@dataclass(frozen=True, eq=False)
class ShapeFlaw:
    """A part with one flaw: code, process it matters to, the place in mm, the true measure (None where none is asked for).

    `besides`: codes that truly hold for such a part as well.
    """

    code: str
    process: str
    mesh: Mesh
    place: Floats
    value: float | None
    besides: frozenset[str]


#: A solid, the flaw's place, the true value.
_Built = tuple[Manifold, tuple[float, float, float], float | None]


def _box(x: float, y: float, z: float, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Manifold:
    return Manifold.cube((x, y, z)).translate(at)


def _pin(height: float, radius: float, at: tuple[float, float, float], sides: int = 48) -> Manifold:
    return Manifold.cylinder(height, radius, radius, sides).translate(at)


def _block(draw: np.random.Generator) -> tuple[float, float, float, Manifold]:
    """Return a block with a rib and a bore, all thick enough, at least 30 × 30 × 8 mm."""
    x, y, z = draw.uniform(30, 60), draw.uniform(30, 50), draw.uniform(8, 14)
    part = _box(x, y, z) + _box(4, y, 6, (0, 0, z - 0.5))
    return x, y, z, part - _pin(z + 2, draw.uniform(2.5, 3.5), (8.5, 8.5, -1))


def _thin_wall(draw: np.random.Generator) -> _Built:
    x, y, z, part = _block(draw)
    thick, tall, long = draw.uniform(0.3, 1.1), draw.uniform(5, 12), draw.uniform(8, 20)
    px, py = draw.uniform(14, x - 4), draw.uniform(2, y - long - 2)
    return part + _box(thick, long, tall + 1, (px, py, z - 1)), (px + thick / 2, py + long / 2, z + tall / 2), thick


def _thin_gap(draw: np.random.Generator) -> _Built:
    x, y, z, part = _block(draw)
    wide, deep, long = draw.uniform(0.1, 0.45), draw.uniform(3, 6), draw.uniform(8, 20)
    px, py = draw.uniform(16, x - 6), draw.uniform(4, y - long - 4)
    return part - _box(wide, long, deep + 1, (px, py, z - deep)), (px + wide / 2, py + long / 2, z - deep / 2), wide


def _small_hole(draw: np.random.Generator) -> _Built:
    x, y, z, part = _block(draw)
    width = draw.uniform(0.5, 1.8)
    px, py = draw.uniform(18, x - 6), draw.uniform(6, y - 6)
    return part - _pin(z + 2, width / 2, (px, py, -1)), (px, py, z / 2), width


def _small_feature(draw: np.random.Generator) -> _Built:
    x, y, z, part = _block(draw)
    width, tall = draw.uniform(0.5, 1.8), draw.uniform(3, 8)
    px, py = draw.uniform(18, x - 6), draw.uniform(6, y - 6)
    return part + _pin(tall + 1, width / 2, (px, py, z - 1)), (px, py, z + tall / 2), width


def _overhang(draw: np.random.Generator) -> _Built:
    x, y, z, part = _block(draw)
    out, long = draw.uniform(6, 14), draw.uniform(6, 15)
    py = draw.uniform(2, y - long - 2)
    up = draw.uniform(3, z - 3)
    return part + _box(out + 1, long, z - up, (x - 1, py, up)), (x + out / 2, py + long / 2, up), 0.0


def _long_bridge(draw: np.random.Generator) -> _Built:
    x, y, z, part = _block(draw)
    wide = draw.uniform(12, x - 16)
    tall = draw.uniform(3, z - 3)
    px = draw.uniform(13, x - wide - 3)
    return part - _box(wide, y + 2, tall + 1, (px, -1, -1)), (px + wide / 2, y / 2, tall), wide


def _island(draw: np.random.Generator) -> _Built:
    x, y, z, part = _block(draw)
    px, py, side = draw.uniform(16, x - 10), draw.uniform(6, y - 10), draw.uniform(2.5, 4)
    gate = _box(4, 8, 30, (px - 9, py - 2, z - 1)) + _box(12 + side, 8, 4, (px - 9, py - 2, z + 25))
    up = draw.uniform(4, 15)
    return part + gate + _box(side, side, 26 - up, (px, py, z + up)), (px + side / 2, py + side / 2, z + up), None


def _trapped(draw: np.random.Generator) -> _Built:
    x, y, _, _ = _block(draw)
    z = draw.uniform(16, 24)
    radius = draw.uniform(3.5, z / 2 - 2.5)
    at = (draw.uniform(12, x - 12), draw.uniform(12, y - 12), z / 2)
    part = _box(x, y, z) - Manifold.sphere(radius, 48).translate(at)
    opening = float(draw.choice([0.0, draw.uniform(1.2, 2.4)]))
    if opening:
        part -= _pin(z, opening / 2, at)
    return part, at, opening


def _warping(draw: np.random.Generator) -> _Built:
    x, y, z = draw.uniform(215, 300), draw.uniform(20, 60), draw.uniform(5, 10)
    return _box(x, y, z), (0.0, 0.0, 0.0), float(np.hypot(x, y))


def _tall(draw: np.random.Generator) -> _Built:
    x, y = draw.uniform(5, 9), draw.uniform(9, 15)
    z = x * draw.uniform(9, 12)
    return _box(x, y, z), (x / 2, y / 2, z), z / x


def _big(draw: np.random.Generator) -> _Built:
    x, y, z = draw.uniform(800, 1000), draw.uniform(20, 300), draw.uniform(10, 200)
    return _box(x, y, z), (x / 2, y / 2, z / 2), None


_SUPPORTED = frozenset({"support_volume", "overhang", "long_bridge"})
#: For each code: how it is built, the process that is asked, and what else is true of such a part.
BUILT: dict[str, tuple[Callable[[np.random.Generator], _Built], str, frozenset[str]]] = {
    "thin_wall": (_thin_wall, "fdm", frozenset()),
    "thin_gap": (_thin_gap, "fdm", frozenset()),
    "small_hole": (_small_hole, "fdm", frozenset()),
    "small_feature": (_small_feature, "fdm", frozenset()),
    "overhang": (_overhang, "fdm", frozenset({"support_volume"})),
    "long_bridge": (_long_bridge, "fdm", frozenset({"support_volume"})),
    "island": (_island, "fdm", _SUPPORTED),
    "trapped_volume": (_trapped, "sls", frozenset({"inner_shell"})),
    "warping": (_warping, "fdm", frozenset()),
    "tall_slim": (_tall, "fdm", frozenset()),
    "too_big": (_big, "fdm", frozenset({"warping"})),
}


def shape_flaw(code: str, part: int) -> ShapeFlaw:
    """Return the part of that number with a flaw of that code, turned about z and moved (always the same for a number)."""
    build, process, besides = BUILT[code]
    draw = np.random.default_rng([13, part, list(BUILT).index(code)])
    solid, place, value = build(draw)
    made = solid.to_mesh64()
    angle = draw.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    move = draw.uniform(-50, 50, 3)
    vertices = np.asarray(made.vert_properties)[:, :3] @ turn.T + move
    mesh = welded(vertices, np.asarray(made.tri_verts).astype(np.int32))
    return ShapeFlaw(code, process, mesh, turn @ np.array(place) + move, value, besides)


def reach(flaw: ShapeFlaw) -> float:
    """Return how far in mm a finding's place may lie from the flaw's middle: 1 mm, and half the width that is itself too small.

    Where the whole part is the flaw (too big), any place on it; where a corner of it is (warping), any of its corners.
    """
    if flaw.code in ("warping", "too_big"):
        return float(np.linalg.norm(flaw.mesh.size)) + 1.0
    return 1.0
