"""The cost of one part against quantity as SVG: both axes logarithmic, a band for each way, dashed where no error was measured.

Like every picture of the house it stands alone: colours are presentation attributes, and on our pages the style sheet sets them anew by
class for light and dark. What it shows also stands in a sentence and a table beside it. Lines carry their name at their end, so nobody
needs the colour to tell them apart. Lengths are in the units of its own drawing area.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Literal

from nordlotse.foundation.language import Lang
from nordlotse.foundation.records.figures import number
from nordlotse.print3d.core.comparison import TODAY, Curve

#: The font of our pages, and what others have in its place.
FONT = "Fira Sans, Arial, Helvetica, sans-serif"
#: One colour for each way, told apart on white at 3 : 1 and more; the style sheet has others for dark pages.
COLOURS: Mapping[str, str] = {
    TODAY: "#1d2430",
    "fdm": "#0a4a7a",
    "sla": "#7a3fa0",
    "sls": "#8a5a00",
    "mjf": "#b1325c",
    "lpbf": "#5d6b7a",
    "milling": "#2f6f3e",
    "moulding": "#b23c17",
}
_INK, _GRID = "#1d2430", "#6b7480"
#: Costs further below the dearest shown than this are cut off: the eye cannot follow more decades.
_DECADES = 4.0
#: What costs less than this in EUR is drawn at this height: nothing has no place on a logarithmic scale.
_FREE = 0.001
Size = Literal["narrow", "wide"]
_SIZES: Mapping[Size, tuple[float, float]] = {"narrow": (360.0, 380.0), "wide": (760.0, 440.0)}
#: Room left of the axis for prices, below it for quantities, above it for the name of the axis, right of it for the lines' names.
_LEFT, _BELOW, _ABOVE = 64.0, 46.0, 30.0
_RIGHT: Mapping[Size, float] = {"narrow": 26.0, "wide": 170.0}
_LINE = 17.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the chart with its words: where one way stops to pay."""

    quantity: float
    cost: float
    said: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From quantity and cost to the drawing area: both logarithmic."""

    left: float
    top: float
    width: float
    height: float
    most: float
    low: float
    high: float

    def x(self, quantity: float) -> float:
        """Return the place of a quantity."""
        return self.left + self.width * log10(max(quantity, 1.0)) / max(log10(self.most), 1e-9)

    def y(self, cost: float) -> float:
        """Return the height of a cost, at the border where it lies beyond."""
        inside = min(max(cost, self.low), self.high)
        return self.top + self.height * (1 - log10(inside / self.low) / log10(self.high / self.low))


def chart(
    curves: Sequence[Curve],
    names: Mapping[str, str],
    quantity: int,
    name: str,
    lang: Lang,
    *,
    marks: Sequence[Mark] = (),
    strong: str = "",
    size: Size = "wide",
    font: str = FONT,
    ground: bool = False,
) -> str:
    """Return the drawing of the curves given; `strong` is the way it is about, `name` what it is called for whoever does not see it.

    `ground` puts white under it, for where the page's colours are not ours. "" where there is no curve.
    """
    if not curves:
        return ""
    width, height = _SIZES[size]
    extra = _LINE * len(curves) if size == "narrow" else 0.0
    scale = _scale(curves, quantity, width - _LEFT - _RIGHT[size], height - _ABOVE - _BELOW)
    order = sorted(curves, key=lambda curve: curve.process == strong)
    parts = [
        *_axes(scale, lang),
        *(part for curve in order for part in _band(curve, scale)),
        *(part for curve in order for part in _curve(curve, scale, curve.process == strong)),
        *_here(quantity, scale, lang),
        *(part for mark in marks for part in _mark(mark, scale)),
        *(_ends(curves, names, scale) if size == "wide" else _legend(curves, names, height)),
    ]
    paper = f'<rect width="{_n(width)}" height="{_n(height + extra)}" fill="#ffffff"/>' if ground else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart chart--{size}" role="img" aria-label="{escape(name)}"'
        f' viewBox="0 0 {_n(width)} {_n(height + extra)}" font-family="{escape(font)}">{paper}{"".join(parts)}</svg>'
    )


def crossing(curves: Sequence[Curve], process: str, quantity: int) -> float:
    """Return the likely cost of one part by a way at a quantity, between the points of its curve; 0.0 where it is not drawn."""
    curve = next((one for one in curves if one.process == process), None)
    if curve is None:
        return 0.0
    after = next((place for place, n in enumerate(curve.quantity) if n >= quantity), len(curve.quantity) - 1)
    if after == 0 or curve.quantity[after] == quantity or min(curve.likely[after - 1 : after + 1]) <= 0:
        return curve.likely[after]
    before = after - 1
    share = log10(quantity / curve.quantity[before]) / log10(curve.quantity[after] / curve.quantity[before])
    return float(curve.likely[before] * (curve.likely[after] / curve.likely[before]) ** share)


def _scale(curves: Sequence[Curve], quantity: int, width: float, height: float) -> Scale:
    most = max(*(curve.quantity[-1] for curve in curves), quantity, 10)
    low = max(min(min(curve.low) for curve in curves), _FREE)
    high = max(max(curve.high) for curve in curves)
    low = 10 ** (floor(log10(low) * 3) / 3)
    high = max(min(10 ** (ceil(log10(high) * 3) / 3), low * 10**_DECADES), low * 10)
    return Scale(_LEFT, _ABOVE, width, height, float(most), low, high)


def _axes(scale: Scale, lang: Lang) -> Iterable[str]:
    cost, pieces = (
        ("Kosten je Stück in €", "Stückzahl") if lang == "de" else ("Cost per piece in €", "Number of pieces")
    )
    bottom, right = scale.top + scale.height, scale.left + scale.width
    yield _text(0, 14, cost, quiet=True)
    yield _text(scale.left + scale.width, bottom + 40, pieces, anchor="end", quiet=True)
    decade = 1
    while decade <= scale.most * 1.0001:
        x = scale.x(decade)
        yield _rule(x, scale.top, x, bottom)
        yield _text(x, bottom + 19, number(decade, lang), anchor="middle")
        decade *= 10
    shown = [p for p in _prices(scale.low, scale.high) if scale.low * 0.999 <= p <= scale.high * 1.001]
    for price in shown:
        y = scale.y(price)
        yield _rule(scale.left, y, right, y)
        yield _text(scale.left - 8, y + 5, _price(price, lang), anchor="end")
    yield f'<path class="chart__axis" d="M{_n(scale.left)} {_n(scale.top)}V{_n(bottom)}H{_n(right)}" fill="none" stroke="{_INK}"/>'


def _prices(low: float, high: float) -> Iterable[float]:
    """Return round prices: 1, 10, 100 …; with 2 and 5 between them where there is room."""
    steps = (1, 2, 5) if log10(high / low) < 2.6 else (1,)
    for power in range(floor(log10(low)), ceil(log10(high)) + 1):
        yield from (step * 10.0**power for step in steps)


def _price(value: float, lang: Lang) -> str:
    if value < 1:
        return f"{value:.2f}".replace(".", "," if lang == "de" else ".")
    return number(round(value), lang)


def _points(values: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in values)


def _band(curve: Curve, scale: Scale) -> Iterable[str]:
    """Return the range of a way as an area; without one where low and high are the same."""
    if curve.low == curve.high:
        return
    upper = [(scale.x(n), scale.y(c)) for n, c in zip(curve.quantity, curve.high, strict=True)]
    lower = [(scale.x(n), scale.y(c)) for n, c in zip(curve.quantity, curve.low, strict=True)]
    colour = COLOURS.get(curve.process, _INK)
    yield (
        f'<polygon class="chart__band chart__{curve.process}" points="{_points([*upper, *reversed(lower)])}" fill="{colour}"'
        f' fill-opacity="{"0.16" if curve.measured else "0.09"}"/>'
    )


def _curve(curve: Curve, scale: Scale, strong: bool) -> Iterable[str]:
    colour = COLOURS.get(curve.process, _INK)
    points = [(scale.x(n), scale.y(c)) for n, c in zip(curve.quantity, curve.likely, strict=True)]
    look = "" if curve.measured else ' stroke-dasharray="7 5"'
    kind = "chart__line" + ("" if curve.measured else " chart__line--guide")
    thick = 3.5 if strong else 2.5 if curve.process == TODAY else 2
    yield (
        f'<polyline class="{kind} chart__{curve.process}" points="{_points(points)}" fill="none" stroke="{colour}"'
        f' stroke-width="{_n(thick)}"{look}/>'
    )


def _here(quantity: int, scale: Scale, lang: Lang) -> Iterable[str]:
    """Return the quantity that was asked for as an upright line with its number above."""
    x = scale.x(quantity)
    said = f"{number(quantity, lang)} {'Stück' if lang == 'de' else 'pieces' if quantity != 1 else 'piece'}"
    anchor = "start" if x < scale.left + scale.width * 0.35 else "end"
    yield (
        f'<line class="chart__here" x1="{_n(x)}" x2="{_n(x)}" y1="{_n(scale.top - 6)}" y2="{_n(scale.top + scale.height)}"'
        f' stroke="{_INK}" stroke-width="1.5" stroke-dasharray="2 3"/>'
    )
    yield _text(x + (5 if anchor == "start" else -5), scale.top + 11, said, anchor=anchor, strong=True)


def _mark(mark: Mark, scale: Scale) -> Iterable[str]:
    """Return a ring at a break-even with its number."""
    x, y = scale.x(mark.quantity), scale.y(mark.cost)
    anchor = "end" if x > scale.left + scale.width * 0.6 else "start"
    yield f'<circle class="chart__mark" cx="{_n(x)}" cy="{_n(y)}" r="6" fill="none" stroke="{_INK}" stroke-width="2.5"/>'
    yield _text(x + (9 if anchor == "start" else -9), y - 12, mark.said, anchor=anchor, strong=True)


def _ends(curves: Sequence[Curve], names: Mapping[str, str], scale: Scale) -> Iterable[str]:
    """Return the lines' names at their right ends, moved apart where they would meet, each with a leader."""
    right = scale.left + scale.width
    placed: list[tuple[float, Curve]] = []
    for curve in sorted(curves, key=lambda one: scale.y(one.likely[-1])):
        wanted = scale.y(curve.likely[-1])
        placed.append((max(wanted, placed[-1][0] + _LINE) if placed else wanted, curve))
    over = placed[-1][0] - (scale.top + scale.height)
    lift = max(over, 0.0)
    for y, curve in placed:
        end, at = scale.y(curve.likely[-1]), y - lift
        colour = COLOURS.get(curve.process, _INK)
        yield (
            f'<polyline class="chart__lead chart__{curve.process}" points="{_points([(right, end), (right + 6, end), (right + 12, at)])}"'
            f' fill="none" stroke="{colour}"/>'
        )
        yield _text(right + 16, at + 5, _short(names.get(curve.process, curve.process), 20))


def _legend(curves: Sequence[Curve], names: Mapping[str, str], top: float) -> Iterable[str]:
    """Return the lines' names below a narrow chart, each with a piece of its line."""
    for place, curve in enumerate(curves):
        y = top + place * _LINE
        look = "" if curve.measured else ' stroke-dasharray="7 5"'
        yield (
            f'<line class="chart__line chart__{curve.process}" x1="0" x2="34" y1="{_n(y)}" y2="{_n(y)}"'
            f' stroke="{COLOURS.get(curve.process, _INK)}" stroke-width="2.5"{look}/>'
        )
        yield _text(42, y + 5, _short(names.get(curve.process, curve.process), 38))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line class="chart__grid" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{_GRID}"'
        ' stroke-width="0.6" stroke-opacity="0.5"/>'
    )


def _text(x: float, y: float, said: str, *, anchor: str = "start", quiet: bool = False, strong: bool = False) -> str:
    kind = "chart__text" + (" chart__text--quiet" if quiet else " chart__text--strong" if strong else "")
    # strong words stand among the lines: a rim of paper keeps them readable
    rim = ' stroke="#ffffff" stroke-width="5" stroke-linejoin="round" paint-order="stroke"'
    weight = f' font-weight="600"{rim}' if strong else ""
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" font-size="14" fill="{_INK}" text-anchor="{anchor}"{weight}>{escape(said)}</text>'


def _n(value: float) -> str:
    """Write a length for SVG, to a tenth."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if "." in f"{value:.1f}" else f"{value:.1f}"
