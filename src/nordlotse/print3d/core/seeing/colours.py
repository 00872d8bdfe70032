"""The colours of the heat map: one table of stops, so that page, views and report show the same thickness in the same colour.

Below the limit the colours are strong (red to orange), from the limit on pale and cool: what is too thin stands out, also for people who
do not tell red from green (the scale runs from dark to light to blue, as the diverging scales of Brewer, ColorBrewer 2002, do).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.language import Lang, Text
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.thickness import BELOW
from nordlotse.print3d.core.values import Limits, Process

Rgb = tuple[int, int, int]

#: Thickness as a share of the limit, and its colour; between two stops the colour changes evenly in sRGB. Two stops at one share: a jump.
STOPS: tuple[tuple[float, Rgb], ...] = (
    (0.0, (140, 20, 30)),
    (0.5, (200, 40, 35)),
    (BELOW, (244, 122, 40)),
    (BELOW, (246, 224, 150)),
    (1.5, (238, 232, 205)),
    (3.0, (186, 208, 224)),
    (8.0, (132, 168, 200)),
)
#: No wall was measured here: nothing lies nearly parallel on the other side.
UNKNOWN: Rgb = (176, 186, 194)
#: Strokes over a face that hangs over, edges of marked faces, and the marks themselves.
OVERHANG: Rgb = (76, 46, 130)
MARKED: Rgb = (20, 20, 40)

_TOO_THIN = Text("zu dünn", "too thin")
_LIMIT = Text("Grenzmaß", "limit")


def colour_of(width: float, limit: float) -> Rgb:
    """Return the colour of a wall of `width` mm where `limit` mm is the least; NaN and infinite are unknown."""
    red, green, blue = (int(part) for part in colours_of(np.array([width]), limit)[0])
    return red, green, blue


def colours_of(width: Floats | NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    """Return the colours (n, 3) of walls of `width` (n,) mm; NaN and infinite are unknown."""
    known = np.isfinite(width)
    share = np.where(known, width, 0.0) / limit
    at = np.array([stop for stop, _ in STOPS])
    table = np.array([colour for _, colour in STOPS], np.float64)
    after = np.clip(np.searchsorted(at, share, side="right"), 1, len(STOPS) - 1)
    low, high = at[after - 1], at[after]
    part = np.clip((share - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)[:, None]
    mixed = table[after - 1] * (1.0 - part) + table[after] * part
    found: NDArray[np.uint8] = np.rint(np.where(known[:, None], mixed, np.array(UNKNOWN))).astype(np.uint8)
    return found


def limit_of(process: str, limits: Mapping[Process, Limits] | None = None) -> float:
    """Return the wall limit in mm the colours refer to: of the process, or the largest of all where none is chosen ("")."""
    given = process_limits() if limits is None else limits
    own = [one.wall for name, one in given.items() if process in ("", name)]
    return max(own or [one.wall for one in given.values()])


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: thickness in mm, its colour as "#rrggbb", what to write beside it."""

    width: float
    colour: str
    text: Text


def legend(limit: float) -> tuple[Key, ...]:
    """Return the legend of the heat map, thinnest first: what lies below the limit, the limit itself, what lies above."""
    found = []
    for share in (0.0, 0.5, BELOW - 1e-9, 1.0, 1.5, 3.0, 8.0):
        width = share * limit
        de, en = _number(width, "de"), _number(width, "en")
        if share < BELOW - 1e-6:
            text = Text(f"{de} mm, {_TOO_THIN.de}", f"{en} mm, {_TOO_THIN.en}")
        elif share < 1.0:
            text = Text(f"unter {de} mm, {_TOO_THIN.de}", f"below {en} mm, {_TOO_THIN.en}")
        elif share == 1.0:
            text = Text(f"{de} mm, {_LIMIT.de}", f"{en} mm, {_LIMIT.en}")
        else:
            more = share == 8.0
            text = Text(f"{de} mm" + (" und mehr" if more else ""), f"{en} mm" + (" and more" if more else ""))
        found.append(Key(width, hex_of(colour_of(width, limit)), text))
    return tuple(found)


def hex_of(colour: Rgb) -> str:
    """Return a colour as "#rrggbb"."""
    return "#" + "".join(f"{part:02x}" for part in colour)


def _number(value: float, lang: Lang) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if lang == "de" else text
