"""What came from which address lately: held in this process's memory only, as the rate limits hold them, and never written down."""

from __future__ import annotations

import threading
from collections import OrderedDict


class Entered:
    """Keys of what came in, by the address it came from: the newest `most` of each; the oldest addresses are dropped beyond `capacity`.

    Threads share it. "" is no address and is not held.
    """

    def __init__(self, most: int, capacity: int = 10_000) -> None:
        """Start empty."""
        self._most = most
        self._capacity = capacity
        self._keys: OrderedDict[str, list[str]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, address: str) -> list[str]:
        """Return the keys that came from an address, the oldest first."""
        with self._lock:
            return list(self._keys.get(address, ()))

    def note(self, address: str, key: str) -> None:
        """Note what came in."""
        if not address:
            return
        with self._lock:
            keys = self._keys.pop(address, [])
            self._keys[address] = [*keys, key][-self._most :]
            while len(self._keys) > self._capacity:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._keys.clear()
