"""A small drawing of a part as SVG, from obliquely above, with numbered marks: it goes where no viewer goes (a case, a mail, a report).

A picture of rows of strokes: the triangles are sampled on a grid, the nearest sample of each cell wins, its tone says how its face is lit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.mesh import Floats, Ints

#: Cells of the longer side of the drawing.
CELLS = 150
#: Margin for the marks, in cells.
_MARGIN = 9
#: Tones from dark (turned away from the light) to light, and the line along an edge.
_TONES = ("#6b7f92", "#8fa1b2", "#b3c1cd", "#d5dee6")
_LINE = "#33424f"
_MARK, _HIDDEN = "#b3261e", "#ffffff"
#: Where one looks from, and where the light comes from (both from the part outwards), z upwards.
_EYE = np.array([0.62, -0.62, 0.48])
_LIGHT = np.array([0.15, -0.55, 0.82])
#: A mark lies behind the part if something is nearer by this share of the drawing's size.
_BEHIND = 0.03


def sketch(vertices: Floats, faces: Ints, places: Mapping[int, tuple[float, float, float]], text: str) -> str:
    """Return an SVG of the triangles (lengths in mm, z upwards) with a mark at each place, named by its number; "" for nothing to draw.

    `text` is the drawing's title for those who do not see it. A mark behind the part is drawn hollow.
    """
    corners = np.asarray(vertices, dtype=np.float64)[np.asarray(faces, dtype=np.int64)]
    if not len(corners) or not np.isfinite(corners).all():
        return ""
    right, up, eye = _axes()
    turn = np.stack([right, up, eye], axis=1)
    seen = corners @ turn
    low, high = seen.reshape(-1, 3).min(axis=0), seen.reshape(-1, 3).max(axis=0)
    scale = (CELLS - 1) / max(float((high - low)[:2].max()), 1e-9)
    wide, tall = (int(n) for n in np.ceil((high - low)[:2] * scale).astype(int) + 1)
    flat = (seen - low) * scale
    flat[..., 1] = (high - low)[1] * scale - flat[..., 1]  # SVG counts downwards
    tone, depth = _painted(flat, _lit(corners), wide, tall)
    strokes = _strokes(tone)
    put = (np.array(list(places.values()), dtype=np.float64).reshape(-1, 3) @ turn - low) * scale
    put[:, 1] = (high - low)[1] * scale - put[:, 1]
    marks = "".join(_mark(n, place, depth, wide, tall) for n, place in zip(places, put, strict=True))
    width, height = wide + 2 * _MARGIN, tall + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-_MARGIN} {-_MARGIN} {width} {height}" '
        f'width="{4 * width}" height="{4 * height}" role="img"><title>{_escaped(text)}</title>'
        f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{width}" height="{height}" fill="#fff"/>{strokes}{marks}</svg>'
    )


def _axes() -> tuple[Floats, Floats, Floats]:
    """Return the directions to the right, up and towards the eye, each of length 1."""
    eye = _EYE / np.linalg.norm(_EYE)
    right = np.cross([0.0, 0.0, 1.0], eye)
    right /= np.linalg.norm(right)
    return right, np.cross(eye, right), eye


def _lit(corners: Floats) -> NDArray[np.int8]:
    """Return the tone of each triangle by how it faces the light."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1)
    facing = np.abs(normals @ (_LIGHT / np.linalg.norm(_LIGHT))) / np.where(length > 0, length, 1.0)
    tone: NDArray[np.int8] = np.clip((facing * len(_TONES)).astype(np.int8), 0, len(_TONES) - 1)
    return tone


def _sampled(flat: Floats, tone: NDArray[np.int8]) -> tuple[Floats, NDArray[np.int8]]:
    """Return points so close on the triangles that no cell between them stays empty, with their tones.

    The longest edge is halved until it is shorter than a cell: thin triangles stay as cheap as they are small.
    """
    points, tones = [], []
    while len(flat):
        edges = np.linalg.norm(np.roll(flat, -1, axis=1)[..., :2] - flat[..., :2], axis=2)
        small = edges.max(axis=1) <= 1.0
        points.append(flat[small].mean(axis=1))
        tones.append(tone[small])
        flat, tone, edges = flat[~small], tone[~small], edges[~small]
        if not len(flat):
            break
        first = edges.argmax(axis=1)
        row = np.arange(len(flat))
        a, b, c = (flat[row, (first + n) % 3] for n in range(3))
        middle = (a + b) / 2
        flat = np.concatenate([np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
        tone = np.concatenate([tone, tone])
    return np.concatenate(points), np.concatenate(tones)


def _painted(flat: Floats, tone: NDArray[np.int8], wide: int, tall: int) -> tuple[NDArray[np.int8], Floats]:
    """Return for each cell the tone of the nearest sample (-1 for none, the last one for a line) and how near it is."""
    points, tones = _sampled(flat, tone)
    order = np.argsort(points[:, 2], kind="stable")  # the nearest is written last and stays
    column = np.clip(points[order, 0].round().astype(int), 0, wide - 1)
    row = np.clip(points[order, 1].round().astype(int), 0, tall - 1)
    painted = np.full((tall, wide), -1, np.int8)
    depth = np.full((tall, wide), -np.inf)
    painted[row, column] = tones[order]
    depth[row, column] = points[order, 2]
    return np.where(_edges(painted, depth), np.int8(len(_TONES)), painted), depth


def _edges(painted: NDArray[np.int8], depth: Floats) -> NDArray[np.bool_]:
    """Return the cells along which a line is drawn: the outline, and where the next cell lies far behind."""
    full = painted >= 0
    around = np.pad(depth, 1, constant_values=-np.inf)
    far = np.zeros_like(full)
    for down, across in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        beside = around[1 + down : 1 + down + depth.shape[0], 1 + across : 1 + across + depth.shape[1]]
        far |= np.where(full, depth, 0.0) - np.where(np.isfinite(beside), beside, -1e9) > 5.0
    return full & far


def _strokes(tone: NDArray[np.int8]) -> str:
    """Return one path per tone, made of level strokes."""
    found = []
    for number, colour in enumerate((*_TONES, _LINE)):
        inside = np.pad((tone == number).astype(np.int8), ((0, 0), (1, 1)))
        edges = np.diff(inside, axis=1)
        rows, begins = np.nonzero(edges == 1)
        ends = np.nonzero(edges == -1)[1]
        if len(rows):
            runs = "".join(f"M{x} {y}h{e - x}" for y, x, e in zip(rows, begins, ends, strict=True))
            found.append(f'<path d="{runs}" stroke="{colour}" stroke-width="1.1"/>')
    return "".join(found)


def _mark(number: int, place: Floats, depth: Floats, wide: int, tall: int) -> str:
    x, y = float(np.clip(place[0], 0, wide)), float(np.clip(place[1], 0, tall))
    before = depth[min(round(y), tall - 1), min(round(x), wide - 1)]
    hidden = bool(np.isfinite(before) and before - place[2] > _BEHIND * CELLS)
    fill, ink = (_HIDDEN, _MARK) if hidden else (_MARK, "#ffffff")
    dashes = ' stroke-dasharray="2 1.5"' if hidden else ""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{fill}" stroke="{_MARK}"{dashes}/>'
        f'<text x="{x:.1f}" y="{y + 2.5:.1f}" text-anchor="middle" font-family="sans-serif" font-size="7" '
        f'font-weight="bold" fill="{ink}">{number}</text>'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
