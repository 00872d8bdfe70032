"""How a part lies: turns from angles, the turn that lays a face down, the box it then takes up, the machine it fits; and a small picture.

The picture is drawn from the data of the turning picture, which is ours: no file of a stranger is read for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, atan2, cos, degrees, pi, radians, sin

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.seeing.png import as_png
from nordlotse.print3d.core.values import Machine

WIDE, HIGH = 480, 360
#: Seen from the front left, a little from above: degrees.
_AROUND, _ABOVE = -32.0, 24.0
_PAPER, _PLATE, _SUPPORT, _PART = (255, 255, 255), (222, 227, 233), (236, 160, 70), (88, 132, 172)
#: Flatter than this from the horizontal, a face that looks down needs support, degrees; nearer to the plate than this it stands on it, mm.
_OVERHANG, _ON_PLATE = 45.0, 0.3
#: The plate reaches this far around the part, as a share of its longest side.
_MARGIN = 0.18
#: A side this near to the part's furthest point in its direction, mm, is one it can stand on.
_AT_BORDER = 0.05
#: Rounding of coordinates, in mm: a part as long as the build volume fits.
_ROUNDING = 0.01


def turn(x: float, y: float, z: float) -> Floats:
    """Return the rotation (3, 3) that turns about x, then y, then z, each in degrees."""
    a, b, c = radians(x), radians(y), radians(z)
    about_x = np.array([[1, 0, 0], [0, cos(a), -sin(a)], [0, sin(a), cos(a)]])
    about_y = np.array([[cos(b), 0, sin(b)], [0, 1, 0], [-sin(b), 0, cos(b)]])
    about_z = np.array([[cos(c), -sin(c), 0], [sin(c), cos(c), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def angles(rotation: Floats) -> tuple[float, float, float]:
    """Return the angles about x, y and z in degrees, to a tenth, that `turn` makes this rotation of."""
    r = np.asarray(rotation, dtype=np.float64)
    b = asin(max(-1.0, min(1.0, -float(r[2, 0]))))
    if abs(cos(b)) > 1e-6:
        a, c = atan2(r[2, 1], r[2, 2]), atan2(r[1, 0], r[0, 0])
    else:  # x and z turn about the same axis: all of it goes to x
        a, c = atan2(-r[1, 2], r[1, 1]), 0.0
    x, y, z = (round(degrees(angle), 1) % 360 for angle in (a, b, c))
    return x, y, z


def down(normal: Floats) -> Floats:
    """Return the shortest rotation (3, 3) that makes a direction look straight down; as it lies for a direction without length."""
    length = float(np.linalg.norm(normal))
    if length == 0:
        return np.eye(3)
    way = np.asarray(normal, dtype=np.float64) / length
    target = np.array([0.0, 0.0, -1.0])
    axis, cosine = np.cross(way, target), float(way @ target)
    if cosine < -1 + 1e-9:
        return turn(180, 0, 0)
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + k + k @ k / (1 + cosine))


def feet(mesh: Mesh, most: int = 6) -> tuple[tuple[Floats, float], ...]:
    """Return the flat sides a part can stand on, the largest first: the direction each looks (3,), its area in mm² on the plate then.

    A side counts where its triangles lie in one plane at the part's border and make up at least a hundredth of its surface.
    """
    sound = mesh.areas > 0
    rounded, group = np.unique(np.round(mesh.normals[sound], 2), axis=0, return_inverse=True)
    areas = np.bincount(group.ravel(), weights=mesh.areas[sound], minlength=len(rounded))
    whole, found = float(areas.sum()), []
    for place in np.argsort(-areas)[: 4 * most]:
        if areas[place] < whole / 100:
            break
        mine = np.flatnonzero(sound)[group.ravel() == place]
        normal = mesh.cross[mine].sum(axis=0)
        normal = normal / np.linalg.norm(normal)
        at_border = mesh.centres[mine] @ normal >= float((mesh.vertices @ normal).max()) - _AT_BORDER
        area = float(mesh.areas[mine][at_border].sum())
        if area >= whole / 100:
            found.append((normal, area))
    return tuple(sorted(found, key=lambda one: -one[1])[:most])


def size(mesh: Mesh, rotation: Floats) -> tuple[float, float, float]:
    """Return the sides in mm of the box the part takes up when it is turned."""
    x, y, z = (float(side) for side in mesh.turned(rotation).size)
    return x, y, z


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a turned part fits: the box it takes up, the first machine it fits (None where it fits none), and by how many degrees it must
    be turned on the plate for that.
    """

    sides: tuple[float, float, float]
    machine: Machine | None
    heading: int = 0


def fit(mesh: Mesh, rotation: Floats, machines: Iterable[Machine]) -> Fit:
    """Return the first of some machines whose build volume takes a part turned so, freely turned on its plate in steps of a degree."""
    sides = size(mesh, rotation)
    across, along = _reach(mesh, rotation)
    for one in machines:
        width, depth, up = one.build
        if sides[2] > up + _ROUNDING:
            continue
        room = np.minimum(width - across, depth - along)
        straight = next((heading for heading in (0, 90) if room[heading] >= -_ROUNDING), None)
        heading = int(np.argmax(room)) if straight is None else straight
        if room[heading] >= -_ROUNDING:
            return Fit(sides, one, heading)
    return Fit(sides, None)


def _reach(mesh: Mesh, rotation: Floats) -> tuple[Floats, Floats]:
    """Return how far the turned part reaches along x and along y when it is turned on its plate by 0, 1, … 179 degrees, in mm."""
    points = (mesh.vertices @ np.asarray(rotation).T)[:, :2]
    with contextlib.suppress(
        QhullError, ValueError
    ):  # a part that lies in a line has no hull: then all its points count
        points = points[ConvexHull(points).vertices]
    angle = np.deg2rad(np.arange(180))
    turned = np.stack([np.cos(angle), np.sin(angle)])
    across = np.ptp(points @ np.stack([turned[0], -turned[1]]), axis=0)
    return across, np.roll(across, 90)


def picture(mesh: Mesh, rotation: Floats) -> bytes:
    """Return a PNG of 480 × 360 pixels: the turned part on its plate, and in orange where support stands on the plate."""
    part = mesh.turned(rotation).on_bed()
    pixels = np.empty((HIGH, WIDE, 3), np.float32)
    pixels[:] = _PAPER
    if not len(part.faces) or float(part.size.max()) <= 0:
        return as_png(pixels.astype(np.uint8))
    right, up, away = _eye()
    reach = part.size[:2] / 2 + _MARGIN * float(part.size.max())
    corners = np.array(
        [[sx * reach[0], sy * reach[1], z] for sx in (-1, 1) for sy in (-1, 1) for z in (0, part.size[2])]
    )
    flat = corners @ np.stack([right, up], axis=1)
    middle = (flat.max(axis=0) + flat.min(axis=0)) / 2
    scale = float(min((WIDE - 16) / np.ptp(flat[:, 0]), (HIGH - 16) / np.ptp(flat[:, 1])))
    across = (np.arange(WIDE) + 0.5 - WIDE / 2) / scale + middle[0]
    high = (HIGH / 2 - np.arange(HIGH) - 0.5) / scale + middle[1]
    far = 2.0 * float(np.linalg.norm(part.size)) + float(reach.max())
    start = (across[None, :, None] * right + high[:, None, None] * up - far * away).reshape(-1, 3)
    scene = EmbreeScene()
    TriangleMesh(scene, part.vertices.astype(np.float32), np.ascontiguousarray(part.faces, np.int32))
    piece = _hit(scene, start, away)
    flatly = pixels.reshape(-1, 3)
    seen = piece >= 0
    _plate(flatly, scene, part, start, away, ~seen, reach)
    light = np.array([-0.35, -0.55, 0.76])
    normals = part.normals[piece[seen]]
    normals = np.where((normals @ away > 0)[:, None], -normals, normals)
    flatly[seen] = np.array(_PART, np.float32) * (0.62 + 0.5 * np.clip(normals @ light, 0, 1))[:, None]
    _outlined(pixels, piece.reshape(HIGH, WIDE), part)
    return as_png(np.clip(pixels, 0, 255).astype(np.uint8))


def _eye() -> tuple[Floats, Floats, Floats]:
    """Return right, up and away of the eye."""
    around, above = _AROUND * pi / 180, _ABOVE * pi / 180
    right = np.array([cos(around), sin(around), 0.0])
    away = np.array([-sin(around) * cos(above), cos(around) * cos(above), -sin(above)])
    return right, np.cross(right, away), away


def _hit(scene: EmbreeScene, start: Floats, way: Floats) -> NDArray[np.int32]:
    ways = np.ascontiguousarray(np.broadcast_to(way.astype(np.float32), start.shape))
    found: NDArray[np.int32] = scene.run(np.ascontiguousarray(start, np.float32), ways)
    return found


def _plate(
    pixels: NDArray[np.float32],
    scene: EmbreeScene,
    part: Mesh,
    start: Floats,
    away: Floats,
    free: NDArray[np.bool_],
    reach: Floats,
) -> None:
    """Paint the plate where no part hides it, orange where what stands above it first hangs over."""
    at = start[free] + (-start[free][:, 2] / away[2])[:, None] * away
    inside = (np.abs(at[:, :2]) <= reach).all(axis=1)
    colour = np.full((len(at), 3), _PAPER, np.float32)
    colour[inside] = _PLATE
    above = np.full(len(at), -1, np.int32)
    begin = at[inside].copy()
    begin[:, 2] = -0.01
    above[inside] = _hit(scene, begin, np.array([0.0, 0.0, 1.0]))
    hanging = part.normals[:, 2] < -cos(radians(_OVERHANG))
    hanging &= part.corners[:, :, 2].min(axis=1) > _ON_PLATE
    under = (above >= 0) & hanging[above]
    stripes = ((at[:, 0] + at[:, 1]) / max(float(reach.max()) / 12, 1e-6)) % 1.0 < 0.6
    colour[under] = np.where(stripes[under][:, None], np.array(_SUPPORT, np.float32), np.array(_PLATE, np.float32))
    pixels[free] = colour


def _outlined(pixels: NDArray[np.float32], piece: NDArray[np.int32], part: Mesh) -> None:
    """Darken where the part ends and where its faces bend sharply."""
    normals = np.vstack([part.normals, np.zeros(3)])
    for axis in (0, 1):
        first = tuple(slice(None, -1) if n == axis else slice(None) for n in (0, 1))
        second = tuple(slice(1, None) if n == axis else slice(None) for n in (0, 1))
        one, other = piece[first], piece[second]
        bend = (np.einsum("ijk,ijk->ij", normals[one], normals[other]) < 0.85) & (one != other)
        edge = ((one >= 0) != (other >= 0)) | (bend & (one >= 0) & (other >= 0))
        pixels[first][edge] *= 0.45
