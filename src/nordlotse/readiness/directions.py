"""Where a step of the plan leads: holds the adapter that `journey` plugs in. Without one no step leads anywhere, and none is shown."""

from __future__ import annotations

from collections.abc import Sequence

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core.measure import Pointer
from nordlotse.readiness.core.ports import Direction, Directions

_plugged: list[Directions] = []


def plug(adapter: Directions | None) -> None:
    """Put the adapter in place, once at start; None takes it away (tests)."""
    _plugged[:] = [adapter] if adapter is not None else []


def found(
    pointers: Sequence[Pointer], lang: Lang, *, state: str = "", employees: int | None = None
) -> tuple[Direction, ...]:
    """Return the places that exist among those a measure points to, in its order; each address once."""
    if not _plugged:
        return ()
    places = (_plugged[0].find(p, lang, state=state, employees=employees) for p in pointers)
    return tuple({place.target: place for place in places if place is not None}.values())
