"""The figures of one of many parts: measured from its file, in a child process for strangers' files, or guessed from sizes in a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.check import check
from nordlotse.print3d.core.estimate import estimate
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.partlist import Item
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.workshop import WorkLimits, Workshop

#: Measures a file's bytes: in a child for strangers' files, directly in tests.
Measure = Callable[[bytes, str], Figures]
#: Share of its box that a part fills whose shape nobody stated (own estimate).
_FILLED = 0.3


def measured(data: bytes, name: str, unit: str = "auto", scale: float = 1.0) -> Figures:
    """Return the figures of a file: the FDM estimate (with support, as the part lies) where it can be printed, and the check's verdicts.

    Runs over strangers' files: in a child.

    Raises:
        BadInput, TooLarge: as `reading.read`.
    """
    loaded = read(data, name, unit=unit, scale=scale)
    try:
        printed = estimate(loaded.mesh, profile("fdm-pla-0.2"), support=True)
    except BadInput:
        printed = None
    found = check(loaded).printable
    told = tuple((name, v.verdict, v.reasons[0] if v.reasons else NOTHING) for name, v in found.items())
    return replace(figures(loaded.mesh, printed, loaded.exact_volume), verdicts=told)


@contextmanager
def in_child(limits: WorkLimits | None = None, unit: str = "auto", scale: float = 1.0) -> Iterator[Measure]:
    """Give a measure that works in a child process, which can be killed at its limits; `unit` and `scale` are those of all files."""
    with Workshop(limits or WorkLimits(), ("nordlotse.print3d.core.measuring",)) as shop:
        yield by(shop, limits, unit, scale)


def by(shop: Workshop, limits: WorkLimits | None = None, unit: str = "auto", scale: float = 1.0) -> Measure:
    """Return a measure that works in the child of a workshop; `unit` and `scale` are those of all files."""

    def measure(data: bytes, name: str) -> Figures:
        found = shop.run("nordlotse.print3d.core.measuring:measured", data, name, unit, scale, limits=limits)
        assert isinstance(found, Figures)  # noqa: S101 - what the child may answer
        return found

    return measure


def guessed(item: Item) -> Figures | Text:
    """Return figures from the sizes in the list: a rough guess of a shape nobody has shown."""
    size = item.size
    if size is None or min(size) <= 0:
        return Text(
            "Weder Datei noch Länge, Breite und Höhe: nicht bewertet.",
            "Neither a file nor length, width and height: not judged.",
        )
    box = size[0] * size[1] * size[2]
    volume = min(item.volume, box) if item.volume else box * _FILLED
    area = 2 * (size[0] * size[1] + size[1] * size[2] + size[0] * size[2])
    return Figures(size, volume, max(volume, (box + volume) / 2), area * 1.3, plain=True)
