"""Six views of a part, drawn without a browser: light, thickness in colour, overhangs hatched, and the findings with their numbers.

Parallel projection, one ray per pixel; z is up as in the file. Each view has its own scale, with a bar in mm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.mesh import Floats, Ints
from nordlotse.print3d.core.seeing import colours, ink
from nordlotse.print3d.core.seeing.look import Numbered, Seen, numbered
from nordlotse.print3d.core.seeing.marks import Marks
from nordlotse.print3d.core.seeing.pins import Pin, placed
from nordlotse.print3d.core.seeing.png import as_png, said_in
from nordlotse.print3d.core.values import Checked, Limits, Process

Flags = NDArray[np.bool_]

#: Name of each view: where right, up and away from the eye point in the file's coordinates.
VIEWS: Mapping[str, tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]] = {
    "front": ((1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "back": ((-1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "left": ((0, -1, 0), (0, 0, 1), (1, 0, 0)),
    "right": ((0, 1, 0), (0, 0, 1), (-1, 0, 0)),
    "top": ((1, 0, 0), (0, 1, 0), (0, 0, -1)),
    "bottom": ((1, 0, 0), (0, -1, 0), (0, 0, 1)),
}
#: What each view is called for people.
VIEW_NAMES: Mapping[str, Text] = {
    "front": Text("von vorn", "from the front"),
    "back": Text("von hinten", "from the back"),
    "left": Text("von links", "from the left"),
    "right": Text("von rechts", "from the right"),
    "top": Text("von oben", "from above"),
    "bottom": Text("von unten", "from below"),
}
WIDE, HIGH = 640, 480
#: Pixels left free around the part: sides and top, and below for bar and axes.
_FREE, _FREE_BELOW = 40, 64
_GROUND = (255, 255, 255)
_EDGE = (40, 46, 56)
#: How bright a face is that looks sideways, and straight at the eye; the light comes from above left beside the eye.
_DIM, _LIGHT = 0.68, (-0.35, 0.45, -0.82)
#: Neighbours whose normals have a smaller cosine meet at an edge.
_SHARP = 0.85
#: Neighbours farther apart than this share of the part's diagonal in depth (beyond what the slope explains) belong to different parts of it.
_STEP = 0.006
#: A face flatter than the limit by less than this is none that hangs over, in degrees.
_AT_LIMIT = 1.0
#: Hatching: distance of strokes and their width in pixels.
_HATCH, _STROKE = 9, 2
#: A finding is seen where at least this share of what a view could show of it is not covered by other parts.
_SEEN = 0.03
#: Views in which stands what is seen in none.
_PLAN = ("front", "right", "top")
#: Findings marked in one view, the most important first: more would hide the part.
_MOST = 24


@dataclass(frozen=True, eq=False)
class View:
    """A drawn view: `pixels` (480, 640, 3); `piece` (480, 640) the triangle seen at each pixel, -1 for none; `shade` its brightness.

    `pins` are the marks drawn. `scale` in pixels per mm.
    """

    name: str
    pixels: NDArray[np.uint8]
    piece: Ints
    shade: NDArray[np.float32]
    pins: tuple[Pin, ...]
    scale: float

    @property
    def png(self) -> bytes:
        """Return the picture as PNG, the numbers of its marks kept inside."""
        return as_png(self.pixels, {"View": self.name, "Marks": ",".join(str(pin.number) for pin in self.pins)})


def views(
    seen: Seen, checked: Checked, process: str = "", limits: Mapping[Process, Limits] | None = None
) -> dict[str, bytes]:
    """Return the six views as PNG of 640 × 480 pixels by their names; `process` ("" for all) gives the limits of colours and hatching."""
    return {name: view.png for name, view in drawn(seen, checked, process, limits).items()}


def drawn(
    seen: Seen, checked: Checked, process: str = "", limits: Mapping[Process, Limits] | None = None
) -> dict[str, View]:
    """Return the six views with what is seen at each pixel."""
    given = process_limits() if limits is None else limits
    limit = colours.limit_of(process, given)
    angle = max((one.overhang for name, one in given.items() if process in ("", name)), default=0.0)
    marks = Marks(seen)
    own = [(one, marks.of(one.finding)) for one in numbered(checked.findings)[:_MOST]]
    stage = _Stage(seen, colours.colours_of(seen.wall, limit), seen.angle < angle - _AT_LIMIT, own)
    looks = {name: stage.look(name) for name in VIEWS}
    shown = {number for look in looks.values() for number in look.spots}
    # what no view shows lies inside or behind: three views together still say where
    inside = [one for one, _ in own if one.number not in shown]
    return {name: stage.view(look, inside if name in _PLAN else []) for name, look in looks.items()}


def marks_in(png: bytes) -> tuple[int, ...]:
    """Return the numbers of the findings marked in a view, as kept in its file."""
    return tuple(int(number) for number in said_in(png).get("Marks", "").split(",") if number)


@dataclass(frozen=True, eq=False)
class _Look:
    """What one view sees: triangle (-1 for none) and depth in mm at each pixel; `spots`: the pixel at which each seen finding is marked."""

    name: str
    scale: float
    piece: Ints
    depth: NDArray[np.float32]
    places: dict[int, tuple[float, float]]
    spots: dict[int, tuple[float, float]]


class _Stage:
    """The part before the eye: its triangles ready for rays, their colours, which hang over, which belong to which finding."""

    def __init__(
        self, seen: Seen, heat: NDArray[np.uint8], hanging: Flags, findings: list[tuple[Numbered, Ints]]
    ) -> None:
        mesh = seen.mesh
        self._bounds = mesh.bounds
        self._centre = self._bounds.mean(axis=0)
        self._diagonal = float(np.linalg.norm(mesh.size)) or 1.0
        self._normals = mesh.normals.astype(np.float32)
        self._heat, self._hanging, self._findings = heat, hanging, findings
        self._area = [mesh.cross[pieces] / 2.0 for _, pieces in findings]
        self._scene = EmbreeScene()
        self._empty = not len(seen.faces)
        if not self._empty:
            vertices = (seen.vertices - self._centre).astype(np.float32)
            TriangleMesh(self._scene, vertices, np.ascontiguousarray(seen.faces, np.int32))
        self._marked = np.zeros(len(seen.faces), bool)
        for _, pieces in findings:
            self._marked[pieces] = True

    def look(self, name: str) -> _Look:
        """Send the rays of a view."""
        right, up, away = _ways(name)
        corners = (self._bounds - self._centre) @ np.stack([right, up], axis=1)
        half = np.abs(corners).max(axis=0) + 1e-9
        scale = float(min((WIDE - 2 * _FREE) / (2 * half[0]), (HIGH - _FREE - _FREE_BELOW) / (2 * half[1])))
        middle = np.array([WIDE / 2, (HIGH - _FREE_BELOW + _FREE) / 2])
        piece, depth = self._looked(right, up, away, scale, middle)
        where = np.array([one.finding.where for one, _ in self._findings], np.float64).reshape(-1, 3) - self._centre
        flat = (middle + (where @ np.stack([right, -up], axis=1)) * scale).tolist()
        places = {one.number: (x, y) for (one, _), (x, y) in zip(self._findings, flat, strict=True)}
        could = [float(np.maximum(-(area @ away), 0.0).sum()) * scale**2 for area in self._area]
        pixels = _Shown(piece, len(self._marked))
        spots = {}
        for (one, pieces), most, deep in zip(self._findings, could, (where @ away).tolist(), strict=True):
            x, y = places[one.number]
            spot = pixels.nearest(pieces, x, y, _SEEN * most)
            if spot is None and self._open(depth, x, y, deep):
                spot = (x, y)
            if spot is not None:
                spots[one.number] = spot
        return _Look(name, scale, piece, depth, places, spots)

    def view(self, look: _Look, inside: list[Numbered]) -> View:
        """Draw a view; `inside`: findings to be marked though they are not seen."""
        right, up, away = _ways(look.name)
        shade = self._shade(look.piece, right, up, away)
        pixels = self._painted(look.piece, look.depth, shade)
        marks = [(one, *look.spots[one.number], True) for one, _ in self._findings if one.number in look.spots]
        marks += [(one, *look.places[one.number], False) for one in inside if not self._empty]
        pins = placed(marks, look.piece >= 0)
        for pin in reversed(pins):
            pin.draw(pixels)
        if not self._empty:
            _bar(pixels, look.scale)
            _axes(pixels, right, up)
        return View(look.name, np.rint(pixels).astype(np.uint8), look.piece, shade, pins, look.scale)

    def _open(self, depth: NDArray[np.float32], x: float, y: float, deep: float) -> bool:
        """Return whether nothing stands before a place, as before one in a bore: it is in the air and free to the eye."""
        column, row = int(x), int(y)
        if self._empty or not (0 <= column < WIDE and 0 <= row < HIGH):
            return False
        return bool(depth[row, column] > deep + self._diagonal * (1.0 + 1e-4))

    def _looked(
        self, right: Floats, up: Floats, away: Floats, scale: float, middle: Floats
    ) -> tuple[Ints, NDArray[np.float32]]:
        """Return for each pixel the triangle seen (-1 for none) and its depth in mm."""
        across = (np.arange(WIDE) + 0.5 - middle[0]) / scale
        down = (middle[1] - np.arange(HIGH) - 0.5) / scale
        start = (
            across[None, :, None] * right + down[:, None, None] * up - away * self._diagonal
        ).reshape(-1, 3).astype(np.float32)  # fmt: skip
        piece = np.full(WIDE * HIGH, -1, np.int32)
        depth = np.full(WIDE * HIGH, np.inf, np.float32)
        if not self._empty:
            ways = np.ascontiguousarray(np.broadcast_to(away.astype(np.float32), start.shape))
            hits = self._scene.run(start, ways, output=True)
            piece[:] = hits["primID"]
            depth[:] = np.where(piece >= 0, hits["tfar"], np.inf)
        return piece.reshape(HIGH, WIDE), depth.reshape(HIGH, WIDE)

    def _shade(self, piece: Ints, right: Floats, up: Floats, away: Floats) -> NDArray[np.float32]:
        if self._empty:
            return np.ones(piece.shape, np.float32)
        light = _LIGHT[0] * right + _LIGHT[1] * up + _LIGHT[2] * away
        light /= np.linalg.norm(light)
        # an open mesh shows its inside too: lit as if it looked at the eye
        turned = np.where(self._normals @ away.astype(np.float32) > 0, -1.0, 1.0)
        bright = _DIM + (1.0 - _DIM) * np.clip(turned * (self._normals @ light.astype(np.float32)), 0.0, 1.0)
        found: NDArray[np.float32] = np.where(piece >= 0, bright.astype(np.float32)[piece], np.float32(1.0))
        return found

    def _painted(self, piece: Ints, depth: NDArray[np.float32], shade: NDArray[np.float32]) -> ink.Pixels:
        pixels = np.empty((HIGH, WIDE, 3), np.float32)
        pixels[:] = _GROUND
        if self._empty:
            return pixels
        there = piece >= 0
        pixels[there] = self._heat[piece[there]] * shade[there][:, None]
        slanted = (np.arange(HIGH)[:, None] + np.arange(WIDE)) % _HATCH < _STROKE
        strokes = there & self._hanging[piece] & slanted
        pixels[strokes] = 0.25 * pixels[strokes] + 0.75 * np.array(colours.OVERHANG, np.float32)
        edges = _edges(piece, depth, self._normals, self._diagonal)
        pixels *= 1.0 - edges[:, :, None]
        pixels += edges[:, :, None] * np.array(_EDGE, np.float32)
        border = _border(there & self._marked[piece])
        pixels[border] = colours.MARKED
        return pixels


def _edges(piece: Ints, depth: NDArray[np.float32], normals: NDArray[np.float32], diagonal: float) -> Floats:
    """Return how dark each pixel is for an edge: outline fully, steps in depth and sharp bends a little less."""
    there = piece >= 0
    found = np.zeros(piece.shape)
    deep = np.where(there, depth, 0.0)
    for axis in (0, 1):
        first, second = _pair(axis)
        outline = there[first] != there[second]
        both = there[first] & there[second]
        cosine = np.ones(outline.shape, np.float32)
        at, to = piece[first][both], piece[second][both]
        differ = at != to
        values = np.ones(len(at), np.float32)
        values[differ] = np.einsum("ij,ij->i", normals[at[differ]], normals[to[differ]])
        cosine[both] = values
        bend = both & (cosine < _SHARP)
        step = both & _stepped(deep, there, axis, diagonal)
        strength = np.maximum(np.where(outline | step, 0.85, 0.0), np.where(bend, 0.5, 0.0))
        found[first] = np.maximum(found[first], np.where(outline & ~there[first], 0.35, strength))
        found[second] = np.maximum(found[second], np.where(outline & ~there[second], 0.35, 0.6 * strength))
    return found


def _pair(axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    whole, early, late = slice(None), slice(None, -1), slice(1, None)
    return ((early, whole), (late, whole)) if axis == 0 else ((whole, early), (whole, late))


def _stepped(depth: Floats, there: Flags, axis: int, diagonal: float) -> Flags:
    """Return between which neighbours the depth jumps by more than the slope on both sides explains."""
    jump = np.diff(depth, axis=axis)
    size = np.abs(jump)
    before, after = np.roll(size, 1, axis=axis), np.roll(size, -1, axis=axis)
    found: Flags = size > np.minimum(before, after) * 2.0 + _STEP * diagonal
    return found


def _border(marked: Flags) -> Flags:
    """Return the pixels along the inner border of what is marked."""
    inside = marked.copy()
    for axis in (0, 1):
        for way in (1, -1):
            inside &= np.roll(marked, way, axis=axis)
    return marked & ~inside


class _Shown:
    """The pixels of a view that show something, and the triangle each shows."""

    def __init__(self, piece: Ints, triangles: int) -> None:
        self._pixels = np.flatnonzero(piece.ravel() >= 0)
        self._piece = piece.ravel()[self._pixels]
        self._chosen = np.zeros(triangles, bool)

    def nearest(self, pieces: Ints, x: float, y: float, least: float) -> tuple[float, float] | None:
        """Return the pixel nearest to (x, y) that shows one of the triangles; None where fewer than `least` do."""
        self._chosen[pieces] = True
        own = self._pixels[self._chosen[self._piece]]
        self._chosen[pieces] = False
        if len(own) < max(least, 1.0):
            return None
        px, py = own % WIDE + 0.5, own // WIDE + 0.5
        nearest = int(np.argmin((px - x) ** 2 + (py - y) ** 2))
        return float(px[nearest]), float(py[nearest])


def _ways(name: str) -> tuple[Floats, Floats, Floats]:
    right, up, away = (np.array(way, np.float64) for way in VIEWS[name])
    return right, up, away


def _bar(pixels: ink.Pixels, scale: float) -> None:
    """Draw a bar of a round length, about a fifth of the picture, with its length."""
    length, words = round_length(WIDE / 5 / scale)
    x, y = 24.0, HIGH - 20.0
    end = x + length * scale
    for points in (((x, y), (end, y)), ((x, y - 5), (x, y + 5)), ((end, y - 5), (end, y + 5))):
        ink.line(pixels, points, 2.0, _EDGE)
    ink.text(pixels, ((x + end) / 2, y - 13), words, 12.0, _EDGE)


def round_length(about: float) -> tuple[float, str]:
    """Return the next smaller length in mm of 1, 2 or 5 times a power of ten, and what to write: in m, mm or µm."""
    power = 10.0 ** np.floor(np.log10(about))
    length = float(max(step for step in (1.0, 2.0, 5.0) if step * power <= about * (1 + 1e-9)) * power)
    if length >= 1000:
        return length, f"{length / 1000:.0f} m"
    return (length, f"{length:.0f} mm") if length >= 1 else (length, f"{length * 1000:.0f} µm")


def _axes(pixels: ink.Pixels, right: Floats, up: Floats) -> None:
    """Draw the two axes of the file that lie in the picture, each with its letter, in the lower right corner."""
    origin = np.array([WIDE - 66.0, HIGH - 14.0])
    if right.sum() < 0:
        origin[0] += 26.0
    if up.sum() < 0:
        origin[1] -= 33.0
    for letter, axis in zip("XYZ", np.eye(3), strict=True):
        way = np.array([axis @ right, -(axis @ up)])
        if not way.any():
            continue
        tip = origin + way * 26.0
        side = np.array([-way[1], way[0]]) * 4.0
        ink.line(pixels, (tuple(origin), tuple(tip)), 2.0, _EDGE)
        for sign in (1, -1):
            ink.line(pixels, (tuple(tip), tuple(tip - way * 7.0 + sign * side)), 2.0, _EDGE)
        ink.text(pixels, tuple(tip + way * 11.0), letter, 10.0, _EDGE)
