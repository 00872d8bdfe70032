"""What a source's history still has to bring: for each signal the moment from which on values may be missing, kept over a restart."""

from __future__ import annotations

import asyncio

from nordlotse.iot.core.agent.marks import Marks


class Holes:
    """Stands in the file of the marks, so that a mark never moves over a hole without the hole being noted with it.

    All times are the source's own, µs since 1970.
    """

    def __init__(self, marks: Marks) -> None:
        """Take the marks, with what an earlier run left."""
        self._marks = marks
        self._dug: dict[str, int] = {}
        #: Set when a hole was dug.
        self.wake = asyncio.Event()

    def dig(self, name: str, begin: int) -> None:
        """Remember that values of a signal from a moment on may be missing; to be called before its mark moves on."""
        self._dug[name] = min(begin, self._dug.get(name, begin))
        known = self.begin(name)
        if known is None or begin < known:
            self._marks.set(_key(name), begin)
        self.wake.set()

    def begin(self, name: str) -> int | None:
        """Return from which moment on values may be missing, None where nothing is."""
        mark = self._marks.known.get(_key(name))
        return mark[0] if mark else None

    def open(self) -> list[str]:
        """Return the signals of which something may be missing."""
        return [key[1:] for key in self._marks.known if key.startswith("/")]

    def asked(self, name: str) -> None:
        """Begin to bring a piece: what is dug from now on is not in it."""
        self._dug.pop(name, None)

    def brought(self, name: str, until: int) -> int:
        """Move the hole's begin behind a piece that is safe, not over what was dug since it was asked for; return the begin."""
        begin = min(until, self._dug.pop(name, until))
        self._marks.set(_key(name), begin, soon=True)
        return begin

    def close(self, name: str) -> None:
        """Forget a hole: it is filled, or told as a gap."""
        self._marks.drop(_key(name))


def _key(name: str) -> str:
    return f"/{name}"  # no machine's name is empty, so no mark of another kind begins like this
