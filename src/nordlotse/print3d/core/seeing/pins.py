"""Numbered marks in a view: a dot at the place, the number beside the part with a line to it, none over another."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, pi, sin

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.seeing import ink
from nordlotse.print3d.core.seeing.colours import MARKED
from nordlotse.print3d.core.seeing.look import Numbered
from nordlotse.print3d.core.values import Severity

#: Radius of a number's disc in pixels; how far from the place it is tried; ways tried.
_RADIUS = 12.0
_FAR = (26.0, 40.0, 58.0, 80.0, 104.0)
_WAYS = 16
#: A number over the part costs as much as this many pixels of way.
_OVER_PART = 40.0
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Pin:
    """A mark: the finding's number, the pixel (x, y) of its place, the pixel of the number's disc, how much it matters, whether it is seen.

    What only hints has a light disc with dark digits, all else a dark one with light digits. What lies inside or
    behind (`seen` is False) has an open dot.
    """

    number: int
    at: tuple[float, float]
    label: tuple[float, float]
    severity: Severity
    seen: bool

    def draw(self, pixels: ink.Pixels) -> None:
        """Draw the mark."""
        light = self.severity is Severity.NOTE
        ink.line(pixels, (self.at, self.label), 4.0, _WHITE)
        ink.line(pixels, (self.at, self.label), 1.6, MARKED)
        ink.disc(pixels, self.at, 4.5, _WHITE)
        ink.disc(pixels, self.at, 3.0, MARKED)
        if not self.seen:
            ink.disc(pixels, self.at, 5.5, MARKED)
            ink.disc(pixels, self.at, 3.5, _WHITE)
        ink.disc(pixels, self.label, _RADIUS + 1.5, _WHITE)
        ink.disc(pixels, self.label, _RADIUS, MARKED)
        if light:
            ink.disc(pixels, self.label, _RADIUS - 2.0, _WHITE)
        words = str(self.number)
        high = 11.0 if len(words) < 3 else 8.0
        ink.text(pixels, self.label, words, high, MARKED if light else _WHITE, 1.8)


def placed(marks: list[tuple[Numbered, float, float, bool]], part: NDArray[np.bool_]) -> tuple[Pin, ...]:
    """Return the marks with places for their numbers; `part` (height, width) is where the part is seen. The first come first.

    `marks`: finding, pixel (x, y) of its place, whether it is seen there.
    """
    pins: list[Pin] = []
    for one, x, y, seen in marks:
        label = _label(x, y, part, [pin.label for pin in pins], [pin.at for pin in pins])
        pins.append(Pin(one.number, (x, y), label, one.finding.severity, seen))
    return tuple(pins)


def _label(
    x: float, y: float, part: NDArray[np.bool_], labels: list[tuple[float, float]], dots: list[tuple[float, float]]
) -> tuple[float, float]:
    high, wide = part.shape
    best, least = (x, y), float("inf")
    for far in _FAR:
        for way in range(_WAYS):
            # straight up first: where nothing else decides, numbers stand above their places
            turn = (way + 1) // 2 * (1 if way % 2 else -1) * 2 * pi / _WAYS
            u, v = x + far * sin(turn), y - far * cos(turn)
            if not (_RADIUS + 2 <= u < wide - _RADIUS - 2 and _RADIUS + 2 <= v < high - _RADIUS - 2):
                continue
            if any(hypot(u - a, v - b) < 2 * _RADIUS + 4 for a, b in labels):
                continue
            covered = sum(hypot(u - a, v - b) < _RADIUS + 5 for a, b in dots)
            cost = far + _OVER_PART * float(part[int(v), int(u)]) + 60.0 * covered
            if cost < least:
                best, least = (u, v), cost
    return best
