"""Smooth lines, discs and a few letters on a picture of pixels, each as its distance to a stroke: no font and no library needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.mesh import Floats

Pixels = NDArray[np.float32]
Place = tuple[float, float]
Rgb = tuple[int, int, int]

#: Letters as strokes in a field 4 wide and 6 high, the origin on top left.
_GLYPHS: dict[str, tuple[tuple[Place, ...], ...]] = {
    "0": (((1, 0), (3, 0), (4, 1.2), (4, 4.8), (3, 6), (1, 6), (0, 4.8), (0, 1.2), (1, 0)),),
    "1": (((0.8, 1.2), (2.2, 0), (2.2, 6)),),
    "2": (((0, 1.2), (1, 0), (3, 0), (4, 1.2), (4, 2.2), (0, 6), (4, 6)),),
    "3": (((0, 0.8), (1, 0), (3, 0), (4, 1), (4, 2), (3, 2.9), (1.6, 2.9)), ((3, 2.9), (4, 3.8), (4, 5), (3, 6), (1, 6), (0, 5.2))),
    "4": (((3, 6), (3, 0), (0, 4.2), (4, 4.2)),),
    "5": (((3.8, 0), (0.4, 0), (0.2, 2.6), (1, 2.3), (3, 2.3), (4, 3.4), (4, 4.8), (3, 6), (1, 6), (0, 5.2)),),
    "6": (((3.6, 0.4), (3, 0), (1.2, 0), (0, 1.6), (0, 4.8), (1, 6), (3, 6), (4, 4.9), (4, 3.7), (3, 2.6), (1, 2.6), (0, 3.7)),),
    "7": (((0, 0), (4, 0), (1.4, 6)),),
    "8": (((1, 2.9), (0, 2), (0, 1), (1, 0), (3, 0), (4, 1), (4, 2), (3, 2.9), (1, 2.9), (0, 3.9), (0, 5), (1, 6), (3, 6), (4, 5), (4, 3.9), (3, 2.9)),),
    "9": (((0.4, 5.6), (1, 6), (2.8, 6), (4, 4.4), (4, 1.2), (3, 0), (1, 0), (0, 1.1), (0, 2.3), (1, 3.4), (3, 3.4), (4, 2.3)),),
    "X": (((0, 0), (4, 6)), ((4, 0), (0, 6))),
    "Y": (((0, 0), (2, 2.9), (4, 0)), ((2, 2.9), (2, 6))),
    "Z": (((0, 0), (4, 0), (0, 6), (4, 6)),),
    "m": (((0, 6), (0, 2)), ((0, 2.8), (0.7, 2), (1.5, 2), (2, 2.8), (2, 6)), ((2, 2.8), (2.7, 2), (3.5, 2), (4, 2.8), (4, 6))),
    "µ": (((0, 2), (0, 7.6)), ((0, 5.2), (0.8, 6), (2.2, 6), (3.2, 5.2), (3.2, 2)), ((3.2, 5.2), (4, 6))),
    "-": (((0.6, 3.2), (3.4, 3.2)),),
    " ": (),
}  # fmt: skip
_WIDE, _HIGH, _STEP = 4.0, 6.0, 5.6


def line(pixels: Pixels, points: Sequence[Place], thick: float, colour: Rgb) -> None:
    """Draw a line through `points` (x, y) in pixels from the top left, `thick` pixels wide, with round ends."""
    _stroke(pixels, [points], thick / 2.0, colour)


def disc(pixels: Pixels, centre: Place, radius: float, colour: Rgb) -> None:
    """Draw a filled disc."""
    _stroke(pixels, [(centre, centre)], radius, colour)


def text(pixels: Pixels, centre: Place, words: str, high: float, colour: Rgb, thick: float = 0.0) -> None:
    """Draw digits and the few letters there are around `centre`, `high` pixels tall; what has no strokes is left out."""
    unit = high / _HIGH
    begin = centre[0] - width_of(words, high) / 2.0
    strokes = [
        [(begin + (number * _STEP + x) * unit, centre[1] + (y - _HIGH / 2.0) * unit) for x, y in stroke]
        for number, letter in enumerate(words)
        for stroke in _GLYPHS.get(letter, ())
    ]
    if strokes:
        _stroke(pixels, strokes, (thick or high / 6.0) / 2.0, colour)


def width_of(words: str, high: float) -> float:
    """Return how wide a text is in pixels."""
    return ((len(words) - 1) * _STEP + _WIDE) * high / _HIGH


def _stroke(pixels: Pixels, strokes: Iterable[Sequence[Place]], radius: float, colour: Rgb) -> None:
    """Mix the colour in where a pixel is nearer to a stroke than the radius, evenly over the last pixel."""
    lines = np.array([[*a, *b] for stroke in strokes for a, b in pairwise(stroke)], np.float64)
    high, wide = pixels.shape[:2]
    low = np.floor(np.minimum(lines[:, :2], lines[:, 2:]).min(axis=0) - radius - 1).astype(int)
    top = np.ceil(np.maximum(lines[:, :2], lines[:, 2:]).max(axis=0) + radius + 2).astype(int)
    (x0, y0), (x1, y1) = np.maximum(low, 0).tolist(), np.minimum(top, [wide, high]).tolist()
    if x1 <= x0 or y1 <= y0:
        return
    x, y = np.arange(x0, x1) + 0.5, np.arange(y0, y1)[:, None] + 0.5
    nearest = np.full((y1 - y0, x1 - x0), np.inf)
    for row in lines:
        np.minimum(nearest, _distance(x, y, row), out=nearest)
    cover = np.clip(radius + 0.5 - nearest, 0.0, 1.0).astype(np.float32)[:, :, None]
    field = pixels[y0:y1, x0:x1]
    field += cover * (np.array(colour, np.float32) - field)


def _distance(x: Floats, y: Floats, row: Floats) -> Floats:
    ax, ay, bx, by = row.tolist()
    way = (bx - ax, by - ay)
    square = way[0] ** 2 + way[1] ** 2
    share = np.clip(((x - ax) * way[0] + (y - ay) * way[1]) / (square or 1.0), 0.0, 1.0)
    found: Floats = np.hypot(x - ax - share * way[0], y - ay - share * way[1])
    return found
