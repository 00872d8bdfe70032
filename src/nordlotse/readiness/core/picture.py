"""The pictures of a result, drawn as SVG by us: bars with the range where answers are missing, and what `radar` is drawn with.

Every picture stands alone (a mail, a case and the PDF show it as an image), so its colours are presentation attributes; on
our pages the style sheet sets them anew by class, for light and dark. What a picture shows also stands in a sentence and a
table beside it: it carries a short name only. Lengths are in the units of its own drawing area, 360 wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Kind = Literal["own", "before", "published"]

WIDTH = 360.0
#: The font of our pages, and what others have in its place.
FONT = "Fira Sans, Arial, Helvetica, sans-serif"
_FONT = 14.0
LINE = 18.0
#: How thick a line of bars is: the own one stands out.
_THICK = {"own": 16.0, "before": 10.0, "published": 10.0}
_INK, GRID, GROUND = "#1d2430", "#6b7480", "#ffffff"
FILL = {"own": "#0a4a7a", "before": "#5d6b7a", "published": "#8a5a00"}
#: The room right of a bar for its value in words.
_SAID = 98.0
_BAR = WIDTH - _SAID


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


def number(value: float) -> str:
    """Write a length for SVG, to a tenth."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(x: float, y: float, said: str, *, anchor: str = "start", quiet: bool = False, strong: bool = False) -> str:
    """Return a line of text at its base line; `said` is escaped."""
    kind = "picture__text" + (" picture__text--quiet" if quiet else "") + (" picture__text--strong" if strong else "")
    weight = ' font-weight="600"' if strong else ""
    return (
        f'<text class="{kind}" x="{number(x)}" y="{number(y)}" font-size="{number(_FONT)}" fill="{_INK}" text-anchor="{anchor}"'
        f"{weight}>{escape(said)}</text>"
    )


def _bar(x: float, y: float, width: float, height: float, kind: str, *, sure: bool = True) -> str:
    """Return one part of a bar: full colour for what is sure, an empty frame with dots for what is only possible."""
    fill, name = FILL[kind], f"picture__{kind}"
    if sure:
        look = f'fill="{fill}"'
    else:
        name += " picture__possible"
        look = f'fill="{fill}" fill-opacity="0.18" stroke="{fill}" stroke-width="1.2" stroke-dasharray="3 2"'
    return f'<rect class="{name}" x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(height)}" {look}/>'


def drawing(parts: Iterable[str], height: float, name: str, kind: str, *, font: str, ground: bool) -> str:
    """Return the whole SVG around its parts; `height` is where they end, `name` what it is called for whoever does not see it."""
    paper = (
        f'<rect width="{number(WIDTH + 16)}" height="{number(height + 16)}" x="-8" y="-8" fill="{GROUND}"/>'
        if ground
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture picture--{kind}" role="img" aria-label="{escape(name)}"'
        f' viewBox="-8 -8 {number(WIDTH + 16)} {number(height + 16)}" font-family="{escape(font)}">'
        f"{paper}{''.join(parts)}</svg>"
    )


def legend_of(entries: Sequence[tuple[str, str]], top: float) -> tuple[list[str], float]:
    """Return the drawn legend, one entry under the other, and where it ends. Keys: a kind, or "possible"."""
    parts, y = [], top
    for key, said in entries:
        parts.append(_bar(0, y, 18, 12, "own" if key == "possible" else key, sure=key != "possible"))
        for line in lines_of(said, WIDTH - 26):
            parts.append(text(26, y + 11, line, quiet=True))
            y += LINE
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
            parts.append(text(0, y + 12, line))
            y += LINE
        if not row.marks:
            parts.append(text(0, y + 12, row.instead, quiet=True))
            y += LINE
        for mark in row.marks:
            parts += _line(mark, y, ticks)
            y += max(_THICK[mark.kind], 13) + 4
        y += 9
    drawn, end = legend_of(list((legend or {}).items()), y + 2)
    return drawing([*parts, *drawn], end if legend else y - 9, name, "bars", font=font, ground=ground)


def _line(mark: Mark, y: float, ticks: Sequence[float]) -> list[str]:
    high = _THICK[mark.kind]
    lower, upper = _within(mark.lower), _within(mark.upper)
    parts = [
        f'<rect class="picture__track" x="0" y="{number(y)}" width="{number(_BAR)}" height="{number(high)}" fill="none" stroke="{GRID}"/>'
    ]
    parts.append(_bar(0, y, _BAR * lower, high, mark.kind))
    if upper > lower:
        parts.append(_bar(_BAR * lower, y, _BAR * (upper - lower), high, mark.kind, sure=False))
    for tick in ticks:
        if 0 < tick < 1:
            x = number(_BAR * tick)
            parts.append(
                f'<line class="picture__tick" x1="{x}" x2="{x}" y1="{number(y)}" y2="{number(y + high)}" stroke="{GRID}"/>'
            )
    parts.append(text(WIDTH, y + high / 2 + 4.5, mark.said, anchor="end", strong=mark.kind == "own"))
    return parts


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)
