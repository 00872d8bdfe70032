"""The last minutes of a signal as a line small enough to stand beside its value: points of an SVG and what it spans in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.language import Lang
from nordlotse.iot.core.showing.words import figure
from nordlotse.iot.core.values import Buckets

#: The drawing area, in its own units.
WIDTH, HEIGHT = 120.0, 32.0
_RIM = 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """The line: strokes of points "x,y x,y …" (a gap begins a new one), the least and the most as words, all points (place, value) for scripts."""

    strokes: tuple[str, ...]
    least: str
    most: str
    points: tuple[tuple[int, float], ...]


def line(buckets: Buckets, lang: Lang) -> Line | None:
    """Return the means of stretches as a line over the whole width; None where there is nothing. Empty stretches up to five are bridged."""
    mean = buckets.mean
    filled = np.flatnonzero(~np.isnan(mean))
    if not len(filled):
        return None
    values = mean[filled]
    low, high = float(np.nanmin(buckets.least)), float(np.nanmax(buckets.most))
    span = float(values.max() - values.min()) or 1.0
    x = (filled + 0.5) / len(mean) * WIDTH
    y = _RIM + (HEIGHT - 2 * _RIM) * (1 - (values - values.min()) / span)
    if values.max() == values.min():
        y = np.full(len(x), HEIGHT / 2)
    cuts = np.flatnonzero(np.diff(filled) > 6) + 1
    strokes = tuple(
        " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(xs, ys, strict=True))
        for xs, ys in zip(np.split(x, cuts), np.split(y, cuts), strict=True)
    )
    points = tuple((int(place), float(f"{value:.6g}")) for place, value in zip(filled, values, strict=True))
    return Line(strokes, figure(low, lang), figure(high, lang), points)
