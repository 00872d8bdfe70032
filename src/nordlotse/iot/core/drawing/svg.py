"""What all pictures of the room share: the frame, texts, rectangles, and a colour for each state.

What a picture shows also stands in a sentence and a table beside it. Lengths are in the units of the picture's own drawing area.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from types import MappingProxyType
from typing import Literal

from nordlotse.iot.core.states.values import State

#: The font of our pages, and what others have in its place.
FONT = "Fira Sans, Arial, Helvetica, sans-serif"
INK, QUIET, RULE, PAPER = "#1d2430", "#4d5661", "#6b7480", "#ffffff"
BLUE, ORANGE, RED, GREEN = "#0a4a7a", "#b36200", "#a3262e", "#2f6f3e"
Size = Literal["narrow", "wide"]
WIDTHS: Mapping[Size, float] = MappingProxyType({"narrow": 360.0, "wide": 760.0})
#: Told apart on white; unknown time is hatched.
STATE_COLOURS: Mapping[State, str] = MappingProxyType(
    {
        State.PRODUCING: "#2f6f3e",
        State.IDLE: "#e0a63c",
        State.OFF: "#8b95a1",
        State.FAULT: "#a3262e",
        State.SETUP: "#3178b5",
        State.NO_ORDER: "#8a63b0",
        State.PLANNED_STOP: "#c9d2db",
        State.UNKNOWN: "#ffffff",
    }
)


def frame(parts: Iterable[str], size: Size, height: float, name: str) -> str:
    """Return the whole picture; `name` is what it is called for whoever does not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart chart--{size} work" role="img" aria-label="{escape(name)}"'
        f' viewBox="0 0 {n(WIDTHS[size])} {n(height)}" font-family="{escape(FONT)}">{"".join(parts)}</svg>'
    )


def text(
    x: float, y: float, said: str, *, anchor: str = "start", quiet: bool = False, strong: bool = False, size: float = 14
) -> str:
    """Return a text; `y` is its base line."""
    kind = "chart__text" + (" chart__text--quiet" if quiet else "")
    weight = ' font-weight="600"' if strong else ""
    colour = QUIET if quiet else INK
    return f'<text class="{kind}" x="{n(x)}" y="{n(y)}" font-size="{n(size)}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(said)}</text>'


def box(x: float, y: float, width: float, height: float, kind: str, colour: str) -> str:
    """Return a filled rectangle; one that would be too thin to see is half a unit wide."""
    return f'<rect class="{kind}" x="{n(x)}" y="{n(y)}" width="{n(max(width, 0.5))}" height="{n(height)}" fill="{colour}"/>'


def rule(x1: float, y1: float, x2: float, y2: float, *, strong: bool = False) -> str:
    """Return a line of the grid, or of an axis."""
    kind, colour, width = ("chart__axis", INK, "1") if strong else ("chart__grid", RULE, "0.6")
    return f'<line class="{kind}" x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}" stroke="{colour}" stroke-width="{width}"/>'


def state_box(x: float, y: float, width: float, height: float, state: State) -> str:
    """Return a stretch of a state; what is not known is an empty box with a rim."""
    if state is State.UNKNOWN:
        return (
            f'<rect class="work__unknown" x="{n(x)}" y="{n(y + 0.5)}" width="{n(max(width, 0.5))}" height="{n(max(height - 1, 0.5))}" fill="none"'
            f' stroke="{RULE}" stroke-width="0.8" stroke-dasharray="3 3"/>'
        )
    return box(x, y, width, height, f"work__{state.value}", STATE_COLOURS[state])


def short(said: str, most: int) -> str:
    """Return a text cut to so many letters."""
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def n(value: float) -> str:
    """Write a length for SVG, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")
