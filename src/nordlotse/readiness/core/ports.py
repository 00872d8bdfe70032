"""What the room needs from others: where a step of the plan leads. `journey` plugs the adapter in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core.measure import Pointer


@dataclass(frozen=True, slots=True)
class Direction:
    """A place that exists: kind as in `Pointer`, what it is called, its address on this site, and a sentence on its state."""

    kind: str
    label: str
    target: str
    state: str = ""


class Directions(Protocol):
    """Finds what a pointer names; None where there is no such thing (any more), so that no step leads nowhere."""

    def find(self, pointer: Pointer, lang: Lang, *, state: str = "", employees: int | None = None) -> Direction | None:
        """Return the place, in the language of the page, for a company in `state` (HH, SH, MV or "") of that size."""
