"""Whom the form of an event offers as organisers: a room that knows organisations plugs its names in."""

from __future__ import annotations

from collections.abc import Callable

Names = Callable[[], list[str]]

_plugged: list[Names] = []


def plug(names: Names) -> None:
    """Offer these names from now on; once, when the house is put together."""
    if names not in _plugged:
        _plugged.append(names)


def offered() -> list[str]:
    """Return the names on offer, each once, in their order."""
    return list(dict.fromkeys(name for names in _plugged for name in names()))
