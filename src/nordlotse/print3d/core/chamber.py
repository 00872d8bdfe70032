"""Drawings of a packed chamber from the front and from above, and of the saw-tooth cost curve, as SVG that stands alone.

On white in light and dark; parts carry their number, so nobody needs the colours. Lengths are mm of the chamber or units of the drawing.
"""

from __future__ import annotations

from html import escape
from math import ceil, log10

from nordlotse.foundation.language import Lang, Text
from nordlotse.print3d.core.amounts import about
from nordlotse.print3d.core.nesting import Placed
from nordlotse.print3d.core.packing import PackedPart, Packing

_FILLS = ("#a9cce3", "#f5cba7", "#abebc6", "#d7bde2", "#f9e79f", "#aed6f1", "#edbb99", "#a3e4d7", "#d2b4de", "#fad7a0")
_INK, _GRID, _LINE = "#1d2430", "#6b7480", "#0a4a7a"
_FONT = "Fira Sans, Arial, Helvetica, sans-serif"
_WIDE, _EDGE = 360.0, 26.0


def front(found: Packing, build: int, lang: Lang) -> str:
    """Return a build seen from the front: width and height, what is further back behind what is nearer."""
    title = Text(f"Kammer {build + 1} von vorn", f"Chamber {build + 1} from the front").get(lang)
    return _view(found, build, (0, 2), title, lang)


def above(found: Packing, build: int, lang: Lang) -> str:
    """Return a build seen from above: width and depth, the top parts over those below."""
    title = Text(f"Kammer {build + 1} von oben", f"Chamber {build + 1} from above").get(lang)
    return _view(found, build, (0, 1), title, lang)


def _view(found: Packing, build: int, axes: tuple[int, int], title: str, lang: Lang) -> str:
    across, up = axes
    deep = 3 - across - up
    # a chamber far from full is drawn as high as it is filled, and says so
    filled = found.heights[build] if up == 2 else found.chamber[up]
    tall = min(found.chamber[up], max(filled * 1.08, found.chamber[across] * 0.25))
    scale = _WIDE / found.chamber[across]
    height = tall * scale
    parts = [one for one in found.placed if one.build == build]
    parts.sort(key=lambda one: -one.corner[deep] if up == 2 else one.corner[deep] + one.size[deep])
    rects = "".join(_box(one, axes, scale, height) for one in parts)
    cut = (
        f'<path d="M0 1H{_WIDE:g}" stroke="{_GRID}" stroke-dasharray="6 5" fill="none"/>'
        if tall < found.chamber[up]
        else ""
    )
    sides = f"{found.chamber[across]:.0f} × {found.chamber[up]:.0f} mm"
    if up == 2:
        wide, whole = f"{found.chamber[across]:.0f}", f"{found.chamber[up]:.0f}"
        sides = Text(
            f"{wide} mm breit, gefüllt bis {filled:.0f} von {whole} mm",
            f"{wide} mm wide, filled to {filled:.0f} of {whole} mm",
        ).get(lang)
    return (
        f'<svg class="chamber" viewBox="-2 -2 {_WIDE + 4:g} {height + _EDGE + 2:.1f}" role="img" aria-label="{escape(title)}, {sides}" '
        f'xmlns="http://www.w3.org/2000/svg"><rect x="-2" y="-2" width="{_WIDE + 4:g}" height="{height + _EDGE + 2:.1f}" fill="#fff"/>'
        f'<rect width="{_WIDE:g}" height="{height:.1f}" fill="#f4f6f8" stroke="{_INK}" stroke-width="1.5"/>{rects}{cut}'
        f'<text x="0" y="{height + 18:.1f}" font-family="{_FONT}" font-size="13" fill="{_INK}">{sides}</text></svg>'
    )


def _box(one: Placed, axes: tuple[int, int], scale: float, height: float) -> str:
    across, up = axes
    x, y = one.corner[across] * scale, height - (one.corner[up] + one.size[up]) * scale
    w, h = one.size[across] * scale, one.size[up] * scale
    fill = _FILLS[one.part % len(_FILLS)]
    box = f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{fill}" stroke="{_INK}" stroke-width="0.8"/>'
    if min(w, h) < 11:
        return box
    size = min(13.0, h * 0.8)
    return box + (
        f'<text x="{x + w / 2:.1f}" y="{y + h / 2 + size * 0.36:.1f}" text-anchor="middle" font-family="{_FONT}" '
        f'font-size="{size:.1f}" fill="{_INK}">{one.part + 1}</text>'
    )


def drawn_from(part: PackedPart) -> tuple[int, float]:
    """Return from which quantity on the curve is drawn, and the dearest piece drawn in EUR.

    The first pieces bear the whole set-up; with them the teeth could not be seen.
    """
    costs = [cost for _, cost in part.curve]
    upper = min(max(costs), 4 * min(costs))
    return next((n for n, c in part.curve if c <= upper), 1), upper


def saw(part: PackedPart, lang: Lang) -> str:
    """Return the cost of a piece over the quantity: linear to the right, logarithmic upwards, with the count of the packing marked."""
    left, top, wide, high = 58.0, 26.0, 660.0, 260.0
    most = part.curve[-1][0]
    costs = [cost for _, cost in part.curve]
    shown, upper = drawn_from(part)
    lower = min(costs) * 0.94
    span = log10(upper / lower)

    def x(quantity: float) -> float:
        return left + wide * (quantity - 1) / max(1, most - 1)

    def y(cost: float) -> float:
        return top + high * (1 - log10(min(cost, upper) / lower) / span)

    points = " ".join(f"{x(n):.1f},{y(c):.1f}" for n, c in part.curve if c <= upper * 1.0001)
    title = Text(
        f"Kosten je Stück über der Stückzahl: {part.name}", f"Cost per piece over the quantity: {part.name}"
    ).get(lang)
    axis = Text("Stück", "pieces").get(lang)
    grid = "".join(
        f'<path d="M{left:g} {y(cost):.1f}h{wide:g}" stroke="{_GRID}" stroke-opacity="0.3"/>'
        f'<text x="{left - 6:g}" y="{y(cost) + 4:.1f}" text-anchor="end" {_words()}>{about(cost, lang)}</text>'
        for cost in _between(lower, upper)
    )
    ticks = "".join(
        f'<text x="{x(n):.1f}" y="{top + high + 20:g}" text-anchor="middle" {_words()}>{n}</text>'
        for n in _quantities(most)
    )
    mark = ""
    if part.count >= shown:
        cost = next((c for n, c in reversed(part.curve) if n <= part.count), costs[-1])
        mark = f'<circle cx="{x(part.count):.1f}" cy="{y(cost):.1f}" r="5" fill="#b23c17"/>'
    return (
        f'<svg class="saw" viewBox="0 0 {left + wide + 24:g} {top + high + 44:g}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg"><rect width="{left + wide + 24:g}" height="{top + high + 44:g}" fill="#fff"/>{grid}'
        f'<path d="M{left:g} {top:g}v{high:g}h{wide:g}" stroke="{_INK}" fill="none"/>{ticks}'
        f'<polyline points="{points}" fill="none" stroke="{_LINE}" stroke-width="2" stroke-dasharray="7 3"/>{mark}'
        f'<text x="{left + wide:g}" y="{top + high + 38:g}" text-anchor="end" {_words()}>{axis}</text></svg>'
    )


def _words() -> str:
    return f'font-family="{_FONT}" font-size="13" fill="{_INK}"'


def _between(lower: float, upper: float) -> list[float]:
    """Return four amounts, evenly apart for the eye."""
    return [lower * (upper / lower) ** (step / 3) for step in range(4)]


def _quantities(most: int) -> list[int]:
    step = 10 ** int(log10(max(most, 2)))
    step = (
        next(s for s in (step // 10, step // 5, step // 2, step, 2 * step) if s >= 1 and most / s <= 8)
        if most >= 10
        else 1
    )
    return [1, *range(ceil(step), most + 1, step)] if step > 1 else list(range(1, most + 1))
