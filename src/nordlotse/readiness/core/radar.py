"""A radar drawn as SVG: one axis an area, the sure part filled, the possible part dashed, labels that never meet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nordlotse.readiness.core.picture import (
    FILL,
    FONT,
    GRID,
    LINE,
    WIDTH,
    Box,
    drawing,
    legend_of,
    lines_of,
    number,
    short,
    text,
    width_of,
)

_RADIUS = 84.0
#: With more axes words leave too little room.
_WORDS_ON_RADAR = 8
#: How far above a tip a label's last line stands: the first height that keeps it clear of the web is taken.
_LIFTS = (9, 17, 25)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the radar: lower and upper bound, and a second value where there is one (0 to 1)."""

    label: str
    lower: float
    upper: float
    second: float | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the labels stand, around the middle (0, 0) of the web: `words`, or numbers where words do not fit.

    `lines` are text, middle and base line of each line; `boxes` the room they take.
    """

    words: bool
    lines: tuple[tuple[str, float, float], ...]
    boxes: tuple[Box, ...]


def _angle(axis: int, of: int) -> float:
    return -math.pi / 2 + 2 * math.pi * axis / of


@lru_cache(maxsize=512)
def layout(labels: tuple[str, ...]) -> Layout:
    """Return the places of labels. In words they are above the tips in the upper half and below in the lower one.

    A label at a side stands at its tip, moved outwards until it is clear of the web. Where two would meet, one would lie on the web, or
    a word would have to be divided, the axes carry numbers.
    """
    if 3 <= len(labels) <= _WORDS_ON_RADAR:
        lines = tuple(line for axis, label in enumerate(labels) for line in _label(label, axis, len(labels)))
        boxes = tuple(_box(*line) for line in lines)
        clear = not any(a.meets(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
        if (
            clear
            and not any("\u2010" in said for said, *_ in lines)
            and not any(_on_web(b, len(labels)) for b in boxes)
        ):
            return Layout(True, lines, boxes)
    lines = tuple(
        (
            str(n + 1),
            math.cos(_angle(n, len(labels))) * (_RADIUS + 14),
            math.sin(_angle(n, len(labels))) * (_RADIUS + 14) + 4.5,
        )
        for n in range(len(labels))
    )
    return Layout(False, lines, tuple(_box(*line) for line in lines))


def _box(said: str, x: float, y: float) -> Box:
    half = width_of(said) / 2
    return Box(x - half, y - 11, x + half, y + 3)


def _label(label: str, axis: int, of: int) -> list[tuple[str, float, float]]:
    dx, dy = math.cos(_angle(axis, of)), math.sin(_angle(axis, of))
    side = abs(dx) > 0.1
    lines = lines_of(short(label), 124 if side else 150)
    above = dy < 0.01
    firsts = [dy * _RADIUS - lift - LINE * (len(lines) - 1) if above else dy * _RADIUS + 11 + lift for lift in _LIFTS]
    x, first = _beside_the_web(lines, dx * _RADIUS, firsts, of) if side else (0.0, firsts[0])
    return [(line, x, first + LINE * n) for n, line in enumerate(lines)]


def _beside_the_web(lines: Sequence[str], tip: float, firsts: Sequence[float], of: int) -> tuple[float, float]:
    """Return the middle of a label at a side and the height of its first line.

    It stands at its axis' tip, or as far outside it as the web and the other side need, or higher where the edge leaves no room.
    """
    side, half = (1 if tip > 0 else -1), max(width_of(line) for line in lines) / 2
    far = WIDTH / 2 - half
    for first in firsts:
        for step in range(40):
            x = min(abs(tip) + 4 * step, far)
            boxes = [Box(x - half, first + LINE * n - 11, x + half, first + LINE * n + 3) for n in range(len(lines))]
            if x - half >= 6 and not any(_on_web(_mirrored(box, side), of) for box in boxes):
                return side * x, first
            if x == far:
                break
    return side * far, firsts[-1]


def _mirrored(box: Box, side: int) -> Box:
    return box if side > 0 else Box(-box.right, box.top, -box.left, box.bottom)


def _on_web(box: Box, of: int) -> bool:
    """Tell whether a corner of a text lies within the outermost ring."""
    apothem = (_RADIUS + 3) * math.cos(math.pi / of)
    normals = [(math.cos(_angle(n, of) + math.pi / of), math.sin(_angle(n, of) + math.pi / of)) for n in range(of)]
    xs = [box.left + (box.right - box.left) * step / 6 for step in range(7)]
    points = [(x, y) for x in xs for y in (box.top, (box.top + box.bottom) / 2, box.bottom)]
    return any(all(x * nx + y * ny < apothem for nx, ny in normals) for x, y in points)


def _polygon(shares: Sequence[float], middle: tuple[float, float]) -> str:
    cx, cy = middle
    points = []
    for axis, share in enumerate(shares):
        angle = _angle(axis, len(shares))
        far = _RADIUS * min(max(share, 0.0), 1.0)
        points.append(f"{number(cx + far * math.cos(angle))},{number(cy + far * math.sin(angle))}")
    return " ".join(points)


def radar(
    axes: Sequence[Axis],
    name: str,
    *,
    rings: int,
    legend: Mapping[str, str] | None = None,
    font: str = FONT,
    ground: bool = False,
) -> str:
    """Return a radar with `rings` rings: the sure part filled, the possible part as a dashed line, a second value as a line.

    "" for fewer than three axes: there a radar shows nothing. Where the labels do not fit in words the axes carry numbers;
    the caller numbers the table beside it.
    """
    if len(axes) < 3:
        return ""
    places = layout(tuple(axis.label for axis in axes))
    middle = (WIDTH / 2, -min(box.top for box in places.boxes))
    parts = _web(len(axes), rings, middle)
    uppers, lowers = [a.upper for a in axes], [a.lower for a in axes]
    if any(u > lo for u, lo in zip(uppers, lowers, strict=True)):
        parts.append(
            f'<polygon class="picture__own picture__possible" points="{_polygon(uppers, middle)}" fill="{FILL["own"]}"'
            f' fill-opacity="0.18" stroke="{FILL["own"]}" stroke-width="1.2" stroke-dasharray="3 2"/>'
        )
    parts.append(
        f'<polygon class="picture__own picture__area" points="{_polygon(lowers, middle)}" fill="{FILL["own"]}"'
        f' fill-opacity="0.45" stroke="{FILL["own"]}" stroke-width="2"/>'
    )
    seconds = [a.second for a in axes if a.second is not None]
    if len(seconds) == len(axes):  # a line with holes would tell of values nobody has published
        kind = "before" if "before" in (legend or {}) else "published"
        parts.append(
            f'<polygon class="picture__{kind} picture__outline" points="{_polygon(seconds, middle)}" fill="none"'
            f' stroke="{FILL[kind]}" stroke-width="2"/>'
        )
    parts += [text(middle[0] + x, middle[1] + y, said, anchor="middle") for said, x, y in places.lines]
    end = middle[1] + max(_RADIUS + 6, *(box.bottom for box in places.boxes))
    drawn, bottom = legend_of(list((legend or {}).items()), end + 12)
    return drawing([*parts, *drawn], bottom if legend else end, name, "radar", font=font, ground=ground)


def _web(axes: int, rings: int, middle: tuple[float, float]) -> list[str]:
    cx, cy = middle
    parts = [
        f'<polygon class="picture__grid" points="{_polygon([ring / rings] * axes, middle)}" fill="none" stroke="{GRID}"'
        f' stroke-width="{"1.2" if ring == rings else "0.6"}"/>'
        for ring in range(1, rings + 1)
    ]
    for axis in range(axes):
        angle = _angle(axis, axes)
        x, y = cx + _RADIUS * math.cos(angle), cy + _RADIUS * math.sin(angle)
        parts.append(
            f'<line class="picture__grid" x1="{number(cx)}" y1="{number(cy)}" x2="{number(x)}" y2="{number(y)}" stroke="{GRID}" stroke-width="0.6"/>'
        )
    return parts
