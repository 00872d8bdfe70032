"""Where the result of a check went beyond this room: holds the query that `journey` plugs in. Without one it went nowhere we know of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nordlotse.readiness.queries.checks import KeptCheck

_plugged: list[Callable[[str, Sequence[int]], Sequence[str]]] = []


def plug(cases: Callable[[str, Sequence[int]], Sequence[str]] | None) -> None:
    """Put the query in place, once at start: from a check's key and its rounds to the numbers of cases. None takes it away (tests)."""
    _plugged[:] = [cases] if cases is not None else []


def found(check: KeptCheck) -> Sequence[str]:
    """Return the numbers of the cases that a check's result went along with: they stay when it is deleted."""
    return _plugged[0](check.key, [r.number for r in check.rounds]) if _plugged else ()
