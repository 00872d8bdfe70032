"""The pictures of a result, drawn as SVG by us: bars and a radar, with the range where answers are missing.

Every picture stands alone (a mail, a case and the PDF show it as an image), so its colours are presentation attributes; on
our pages the style sheet sets them anew by class, for light and dark. What a picture shows also stands in a sentence and a
table beside it: it carries a short name only. Lengths are in the units of its own drawing area, 360 wide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Kind = Literal["own", "before", "published"]

WIDTH = 360.0
_FONT = 13.0
_LINE = 17.0
#: How thick a line of bars is: the own one stands out.
_THICK = {"own": 16.0, "before": 10.0, "published": 10.0}
_INK, _GRID, _GROUND = "#1d2430", "#6b7480", "#ffffff"
_FILL = {"own": "#0a4a7a", "before": "#5d6b7a", "published": "#8a5a00"}
#: The room right of a bar for its value in words.
_SAID = 92.0
_BAR = WIDTH - _SAID
_RADIUS = 84.0
_WORDS_ON_RADAR = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """One bar: from 0 to `lower` sure, on to `upper` possible (both 0 to 1), `said` is its value in words, at most 13 letters."""

    kind: Kind
    lower: float
    upper: float
    said: str


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured, with one bar for each time or group. No bar: it does not apply, `instead` says so."""

    label: str
    marks: tuple[Mark, ...]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a text stands: left, top, right, bottom. Tests look whether any two meet."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Tell whether two boxes share a place."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def width_of(text: str, size: float = _FONT) -> float:
    """Return about how wide a text is, rather too wide than too narrow: the font of whoever looks is not known."""
    narrow, wide = "iljtfrI.,:;!|'()[] -", "mwMWÄÖÜABCDEFGHKNOPQRSTUVXYZ%"
    return size * sum(0.36 if c in narrow else 0.74 if c in wide else 0.58 for c in text)


def lines_of(text: str, room: float, size: float = _FONT) -> list[str]:
    """Break a text into lines no wider than `room`; a word that is wider is divided with a hyphen."""
    lines: list[str] = []
    for word in text.split():
        for part in _parts(word, room, size):
            joined = f"{lines[-1]} {part}" if lines else part
            if lines and not lines[-1].endswith("\u2010") and width_of(joined, size) <= room:
                lines[-1] = joined
            else:
                lines.append(part)
    return lines or [""]


def _parts(word: str, room: float, size: float) -> list[str]:
    parts = []
    while width_of(word, size) > room and len(word) > 2:
        cut = len(word) - 2
        while cut > 2 and width_of(word[:cut], size) > room - size * 0.58:
            cut -= 1
        parts.append(word[:cut] + "\u2010")
        word = word[cut:]
    return [*parts, word]


def short(label: str, most: int = 60) -> str:
    """Return a label as a picture takes it: the table beside it has the whole one."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _text(x: float, y: float, said: str, *, anchor: str = "start", quiet: bool = False, strong: bool = False) -> str:
    kind = "picture__text" + (" picture__text--quiet" if quiet else "") + (" picture__text--strong" if strong else "")
    weight = ' font-weight="600"' if strong else ""
    return (
        f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" font-size="{_n(_FONT)}" fill="{_INK}" text-anchor="{anchor}"'
        f"{weight}>{escape(said)}</text>"
    )


def _bar(x: float, y: float, width: float, height: float, kind: str, *, sure: bool = True) -> str:
    """Return one part of a bar: full colour for what is sure, an empty frame with dots for what is only possible."""
    fill, name = _FILL[kind], f"picture__{kind}"
    if sure:
        look = f'fill="{fill}"'
    else:
        name += " picture__possible"
        look = f'fill="{fill}" fill-opacity="0.18" stroke="{fill}" stroke-width="1.2" stroke-dasharray="3 2"'
    return f'<rect class="{name}" x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(height)}" {look}/>'


def _svg(parts: Iterable[str], height: float, name: str, kind: str, *, font: str, ground: bool) -> str:
    paper = (
        f'<rect width="{_n(WIDTH + 16)}" height="{_n(height + 16)}" x="-8" y="-8" fill="{_GROUND}"/>' if ground else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture picture--{kind}" role="img" aria-label="{escape(name)}"'
        f' viewBox="-8 -8 {_n(WIDTH + 16)} {_n(height + 16)}" font-family="{escape(font)}">'
        f"{paper}{''.join(parts)}</svg>"
    )


FONT = "Fira Sans, Arial, Helvetica, sans-serif"


def _legend(entries: Sequence[tuple[str, str]], top: float) -> tuple[list[str], float]:
    """Return the drawn legend, one entry under the other, and where it ends. Keys: a kind, or "possible"."""
    parts, y = [], top
    for key, said in entries:
        parts.append(_bar(0, y, 18, 12, "own" if key == "possible" else key, sure=key != "possible"))
        for line in lines_of(said, WIDTH - 26):
            parts.append(_text(26, y + 11, line, quiet=True))
            y += _LINE
    return parts, y


def bars(
    rows: Sequence[Row],
    name: str,
    *,
    legend: Mapping[str, str] | None = None,
    ticks: Sequence[float] = (),
    font: str = FONT,
    ground: bool = False,
) -> str:
    """Return horizontal bars, each under its label so that no long word meets another.

    `name` is what the picture is called for whoever does not see it; `ticks` are thin lines at shares of the full length (limits
    of levels); `ground` puts white under it, for where the page's colours are not ours.
    """
    parts: list[str] = []
    y = 0.0
    for row in rows:
        for line in lines_of(short(row.label), WIDTH):
            parts.append(_text(0, y + 12, line))
            y += _LINE
        if not row.marks:
            parts.append(_text(0, y + 12, row.instead, quiet=True))
            y += _LINE
        for mark in row.marks:
            parts += _line(mark, y, ticks)
            y += max(_THICK[mark.kind], 13) + 4
        y += 9
    drawn, end = _legend(list((legend or {}).items()), y + 2)
    return _svg([*parts, *drawn], end if legend else y - 9, name, "bars", font=font, ground=ground)


def _line(mark: Mark, y: float, ticks: Sequence[float]) -> list[str]:
    high = _THICK[mark.kind]
    lower, upper = _within(mark.lower), _within(mark.upper)
    parts = [
        f'<rect class="picture__track" x="0" y="{_n(y)}" width="{_n(_BAR)}" height="{_n(high)}" fill="none" stroke="{_GRID}"/>'
    ]
    parts.append(_bar(0, y, _BAR * lower, high, mark.kind))
    if upper > lower:
        parts.append(_bar(_BAR * lower, y, _BAR * (upper - lower), high, mark.kind, sure=False))
    for tick in ticks:
        if 0 < tick < 1:
            x = _n(_BAR * tick)
            parts.append(
                f'<line class="picture__tick" x1="{x}" x2="{x}" y1="{_n(y)}" y2="{_n(y + high)}" stroke="{_GRID}"/>'
            )
    parts.append(_text(WIDTH, y + high / 2 + 4.5, mark.said, anchor="end", strong=mark.kind == "own"))
    return parts


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of the radar: lower and upper bound, and a second value where there is one (0 to 1)."""

    label: str
    lower: float
    upper: float
    second: float | None = None


def _angle(number: int, of: int) -> float:
    return -math.pi / 2 + 2 * math.pi * number / of


def _labels(axes: Sequence[Axis], middle: tuple[float, float], *, words: bool) -> list[tuple[str, float, float, str]]:
    """Return each line of the labels with its place: above the tip in the upper half, below it in the lower one.

    A label at a side stands at its tip, moved outwards until it is clear of the web.
    """
    cx, cy = middle
    placed: list[tuple[str, float, float, str]] = []
    for number, axis in enumerate(axes):
        angle = _angle(number, len(axes))
        dx, dy = math.cos(angle), math.sin(angle)
        if not words:
            placed.append((str(number + 1), cx + dx * (_RADIUS + 14), cy + dy * (_RADIUS + 14) + 4.5, "middle"))
            continue
        side = abs(dx) > 0.1
        lines = lines_of(short(axis.label), 124 if side else 150)
        firsts = [
            dy * _RADIUS - lift - _LINE * (len(lines) - 1) if dy < 0.01 else dy * _RADIUS + 11 + lift
            for lift in (9, 17, 25)
        ]
        x, first = _beside_the_web(lines, dx * _RADIUS, firsts, len(axes)) if side else (0.0, firsts[0])
        placed += [(line, cx + x, cy + first + _LINE * n, "middle") for n, line in enumerate(lines)]
    return placed


def _beside_the_web(lines: Sequence[str], tip: float, firsts: Sequence[float], of: int) -> tuple[float, float]:
    """Return the middle of a label at a side and the height of its first line.

    It stands at its axis' tip, or as far outside it as the web and the other side need, or higher where the edge leaves no room.
    """
    side, half = (1 if tip > 0 else -1), max(width_of(line) for line in lines) / 2
    far = WIDTH / 2 - half
    for first in firsts:
        for step in range(40):
            x = min(abs(tip) + 4 * step, far)
            boxes = [Box(x - half, first + _LINE * n - 11, x + half, first + _LINE * n + 3) for n in range(len(lines))]
            if x - half >= 6 and not any(_on_web(_mirrored(box, side), of) for box in boxes):
                return side * x, first
            if x == far:
                break
    return side * far, firsts[-1]


def _mirrored(box: Box, side: int) -> Box:
    return box if side > 0 else Box(-box.right, box.top, -box.left, box.bottom)


def label_boxes(axes: Sequence[Axis], *, words: bool | None = None) -> list[Box]:
    """Return where the lines of a radar's labels stand, around the middle (0, 0) of the web."""
    boxes = []
    for said, x, y, anchor in _labels(axes, (WIDTH / 2, 0.0), words=in_words(axes) if words is None else words):
        wide = width_of(said)
        left = x - (wide if anchor == "end" else wide / 2 if anchor == "middle" else 0) - WIDTH / 2
        boxes.append(Box(left, y - 11, left + wide, y + 3))
    return boxes


def in_words(axes: Sequence[Axis]) -> bool:
    """Tell whether the labels fit around the web without meeting each other or it; otherwise the radar takes numbers."""
    divided = any("\u2010" in said for said, *_ in _labels(axes, (WIDTH / 2, 0.0), words=True))
    if divided or not 3 <= len(axes) <= _WORDS_ON_RADAR:
        return False
    boxes = label_boxes(axes, words=True)
    if any(a.meets(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :]):
        return False
    return not any(_on_web(box, len(axes)) for box in boxes)


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
    for number, share in enumerate(shares):
        angle = _angle(number, len(shares))
        far = _RADIUS * _within(share)
        points.append(f"{_n(cx + far * math.cos(angle))},{_n(cy + far * math.sin(angle))}")
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
    words = in_words(axes)
    top = min(box.top for box in label_boxes(axes))
    middle = (WIDTH / 2, -top)
    parts = _web(len(axes), rings, middle)
    uppers, lowers = [a.upper for a in axes], [a.lower for a in axes]
    if any(u > lo for u, lo in zip(uppers, lowers, strict=True)):
        parts.append(
            f'<polygon class="picture__own picture__possible" points="{_polygon(uppers, middle)}" fill="{_FILL["own"]}"'
            f' fill-opacity="0.18" stroke="{_FILL["own"]}" stroke-width="1.2" stroke-dasharray="3 2"/>'
        )
    parts.append(
        f'<polygon class="picture__own picture__area" points="{_polygon(lowers, middle)}" fill="{_FILL["own"]}"'
        f' fill-opacity="0.45" stroke="{_FILL["own"]}" stroke-width="2"/>'
    )
    seconds = [a.second for a in axes if a.second is not None]
    if len(seconds) == len(axes):  # a line with holes would tell of values nobody has published
        kind = "before" if "before" in (legend or {}) else "published"
        parts.append(
            f'<polygon class="picture__{kind} picture__outline" points="{_polygon(seconds, middle)}" fill="none"'
            f' stroke="{_FILL[kind]}" stroke-width="2"/>'
        )
    parts += [_text(x, y, said, anchor=anchor) for said, x, y, anchor in _labels(axes, middle, words=words)]
    end = middle[1] + max(_RADIUS + 6, *(box.bottom for box in label_boxes(axes)))
    drawn, bottom = _legend(list((legend or {}).items()), end + 12)
    return _svg([*parts, *drawn], bottom if legend else end, name, "radar", font=font, ground=ground)


def _web(axes: int, rings: int, middle: tuple[float, float]) -> list[str]:
    cx, cy = middle
    parts = [
        f'<polygon class="picture__grid" points="{_polygon([ring / rings] * axes, middle)}" fill="none" stroke="{_GRID}"'
        f' stroke-width="{"1.2" if ring == rings else "0.6"}"/>'
        for ring in range(1, rings + 1)
    ]
    for number in range(axes):
        angle = _angle(number, axes)
        x, y = cx + _RADIUS * math.cos(angle), cy + _RADIUS * math.sin(angle)
        parts.append(
            f'<line class="picture__grid" x1="{_n(cx)}" y1="{_n(cy)}" x2="{_n(x)}" y2="{_n(y)}" stroke="{_GRID}" stroke-width="0.6"/>'
        )
    return parts
