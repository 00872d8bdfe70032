"""The child this process keeps for the JSON interface: one part at a time, one caller may wait, and whoever comes on top comes back later.

A web process has few threads; parts must never take all of them from the pages. An idle child is ended, so that it holds no memory.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nordlotse.foundation.problem import TooMany
from nordlotse.print3d.core.workshop import WorkLimits, Workshop

#: Seconds and bytes a part may take by the interface; the pages' worker and the command line have more time.
PART = WorkLimits(seconds=30.0, memory=1536 * 1024 * 1024)
#: Seconds a second caller waits for its turn.
PATIENCE = 15.0
#: Seconds after which an idle child is ended.
IDLE = 300.0
_PRELOAD = ("nordlotse.print3d.core.asking", "nordlotse.print3d.core.asking:warm")


class Counter:
    """Takes calls one by one; threads share it."""

    def __init__(self, limits: WorkLimits = PART, patience: float = PATIENCE, idle: float = IDLE) -> None:
        """Take the limits of a call; the child starts with the first one."""
        self._shop = Workshop(limits, _PRELOAD)
        self._patience = patience
        self._idle = idle
        self._serving = threading.Lock()
        self._waiting = threading.Lock()
        self._last = 0.0
        self._timer: threading.Timer | None = None

    @property
    def child(self) -> int | None:
        """Return the process number of the child, None while there is none."""
        return self._shop.child

    @contextmanager
    def turn(self) -> Iterator[Workshop]:
        """Give the workshop to one caller.

        Raises:
            TooMany: `parts_busy`, if somebody else waits already or the wait is too long.
        """
        self._take_turn()
        try:
            yield self._shop
        finally:
            self._last = time.monotonic()
            self._serving.release()
            self._wind()

    def close(self) -> None:
        """End the child."""
        if self._timer is not None:
            self._timer.cancel()
        self._shop.close()

    def _take_turn(self) -> None:
        if self._serving.acquire(blocking=False):
            return
        if not self._waiting.acquire(blocking=False):
            raise _busy()
        try:
            if not self._serving.acquire(timeout=self._patience):
                raise _busy()
        finally:
            self._waiting.release()

    def _wind(self) -> None:
        """Look after a while whether the child is idle."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle, self._end_if_idle)
        self._timer.daemon = True
        self._timer.start()

    def _end_if_idle(self) -> None:
        if self._serving.acquire(blocking=False):
            try:
                if time.monotonic() - self._last >= self._idle * 0.9:
                    self._shop.close()
            finally:
                self._serving.release()


def _busy() -> TooMany:
    return TooMany(
        "parts_busy",
        de="Gerade werden andere Teile gerechnet.",
        en="Other parts are being computed just now.",
        where="request",
        remedy_de="Bitte in einigen Sekunden noch einmal versuchen, oder die Seite /druck/ nutzen: Dort wartet Ihr Teil von selbst.",
        remedy_en="Try again in a few seconds, or use the page /en/druck/: your part waits there by itself.",
    )


counter = Counter()
atexit.register(counter.close)
