"""How much a company whose logins are slow may send: a bucket of bytes that fills again. Whoever is over it is not read from; nothing is dropped."""

from __future__ import annotations

#: Bytes a second in the long run, and at once: some 2,000 values a second and 100,000 at once, as over HTTP.
PER_SECOND, AT_ONCE = 100_000.0, 5_000_000.0


class Allowance:
    """What all connections of one company may still send."""

    def __init__(self, now: float) -> None:
        """Begin full; `now` as `time.monotonic` tells it."""
        self._left = AT_ONCE
        self._at = now

    def spend(self, size: int, now: float) -> bool:
        """Count bytes that came; return whether it was too much, so that nothing more should be read until `ready`."""
        self._fill(now)
        self._left -= size
        return self._left < 0

    def ready(self, now: float) -> bool:
        """Return whether more may be read."""
        self._fill(now)
        return self._left >= 0

    def _fill(self, now: float) -> None:
        self._left = min(self._left + (now - self._at) * PER_SECOND, AT_ONCE)
        self._at = now
