"""Bars lying under each other: the loss waterfall, stops by size, energy by state, the trend of a figure. Names stand above their bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from nordlotse.iot.core.drawing.svg import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    RED,
    WIDTHS,
    Size,
    box,
    frame,
    n,
    rule,
    short,
    state_box,
    text,
)
from nordlotse.iot.core.oee.written import number as written
from nordlotse.iot.core.states.values import State

_ROW, _BAR = 42.0, 18.0
#: A letter of a row's words is at most so wide on average, with some room beside them.
_LETTER = 8.2
_COLOURS = {"whole": "#8b95a1", "loss": ORANGE, "good": GREEN, "stop": RED, "plain": BLUE}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from `start` to `start + length` in the same unit as all; a negative length goes to the left. `kind`: whole, loss, good, stop, plain."""

    name: str
    start: float
    length: float
    said: str
    kind: str = "plain"


def bars(rows: Sequence[Bar], name: str, size: Size = "wide") -> str:
    """Return bars on one common scale; "" where there are none or all are empty."""
    ends = [0.0, *(edge for row in rows for edge in (row.start, row.start + row.length))]
    low, high = min(ends), max(ends)
    if not rows or high <= low:
        return ""
    width = WIDTHS[size] - 4
    scale = width / (high - low)
    parts = []
    for place, row in enumerate(rows):
        y = place * _ROW
        a, b = sorted((row.start, row.start + row.length))
        parts.append(text(0, y + 14, short(row.name, int((width - _LETTER * len(row.said)) / _LETTER))))
        parts.append(text(width + 4, y + 14, row.said, anchor="end", strong=True))
        parts.append(
            box(
                (a - low) * scale,
                y + 20,
                (b - a) * scale,
                _BAR - 2,
                f"work__bar work__bar--{row.kind}",
                _COLOURS[row.kind],
            )
        )
        if place + 1 < len(rows) and rows[place + 1].kind in ("loss", "good") and row.kind in ("whole", "loss"):
            edge = (row.start - low) * scale if row.kind == "loss" else (b - low) * scale
            # it leads past the next row's words, never through them
            if _LETTER * len(rows[place + 1].name) < edge < width - _LETTER * len(rows[place + 1].said):
                parts.append(rule(edge, y + 20 + _BAR - 2, edge, y + _ROW + 20))
    if low < 0:
        parts.append(rule(-low * scale, 16, -low * scale, len(rows) * _ROW, strong=True))
    return frame(parts, size, len(rows) * _ROW, name)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a trend: its name below, a share 0 … (None: nothing known), and whether it was computed anew after late data."""

    name: str
    value: float | None
    revised: bool = False


def columns(rows: Sequence[Column], name: str, revised: str, size: Size = "wide", top: float = 1.0) -> str:
    """Return upright columns from 0 to `top` or more (a share of 1.2 stands above the line of 100 %); a ring marks what was revised."""
    if not rows:
        return ""
    height, below, left = (180.0, 44.0, 46.0)
    width = WIDTHS[size] - left
    high = (
        max(top, *(row.value for row in rows if row.value is not None))
        if any(r.value is not None for r in rows)
        else top
    )
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = 14 + height * (1 - share / high)
        parts += [
            rule(left, y, left + width, y, strong=share == 0),
            text(left - 6, y + 5, f"{share * 100:.0f} %", anchor="end", size=12),
        ]
    step = width / len(rows)
    every = max(1, -(-len(rows) * 44 // int(width)))
    for place, row in enumerate(rows):
        x = left + place * step
        if row.value is not None:
            tall = height * row.value / high
            base = 14 + height
            parts.append(
                box(x + step * 0.12, base - max(tall, 0), step * 0.76, abs(tall), "work__bar work__bar--plain", BLUE)
            )
            if row.revised:
                parts.append(
                    f'<circle class="work__revised" cx="{n(x + step / 2)}" cy="{n(base - max(tall, 0) - 7)}" r="4" fill="none" stroke="{INK}" stroke-width="2"/>'
                )
        if place % every == 0:
            parts.append(text(x + step / 2, height + 32, row.name, anchor="middle", size=12))
    if any(row.revised for row in rows):
        parts.append(
            f'<circle class="work__revised" cx="6" cy="{n(height + below + 4)}" r="4" fill="none" stroke="{INK}" stroke-width="2"/>'
        )
        parts.append(text(16, height + below + 9, revised, quiet=True, size=13))
    return frame(parts, size, height + below + 14, name)


def stacked(
    rows: Sequence[tuple[str, Sequence[tuple[State, float]]]], name: str, unit: str, lang: str, size: Size = "wide"
) -> str:
    """Return one upright column per row, stacked by state: energy by day."""
    most = max((sum(v for _, v in parts) for _, parts in rows), default=0.0)
    if most <= 0:
        return ""
    height, left = 180.0, 54.0
    width = WIDTHS[size] - left
    step = width / len(rows)
    drawn = [rule(left, 14 + height, left + width, 14 + height, strong=True)]
    for share in (0.5, 1.0):
        y = 14 + height * (1 - share)
        drawn += [
            rule(left, y, left + width, y),
            text(
                left - 6,
                y + 5,
                f"{written(Fraction(most * share), 0 if most >= 20 else 2).get(lang)} {unit}",
                anchor="end",
                size=12,
            ),
        ]
    every = max(1, -(-len(rows) * 44 // int(width)))
    for place, (label, parts) in enumerate(rows):
        x, base = left + place * step, 14 + height
        for state, value in parts:
            tall = height * value / most
            base -= tall
            if tall <= 0:
                continue
            drawn.append(state_box(x + step * 0.12, base, step * 0.76, tall, state))
        if place % every == 0:
            drawn.append(text(x + step / 2, height + 32, label, anchor="middle", size=12))
    return frame(drawn, size, height + 40, name)
