"""What a process holds of the stores it reads: one reader for each, looked again for every question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from nordlotse.iot.core import tail
from nordlotse.iot.core.store.reader import Reader

#: So many stores stay open in a process.
_MOST = 32


def folder() -> Path:
    """Return the folder of all machine data."""
    return Path(settings.CONFIGURATION.data_dir) / "iot"


class Shelf:
    """Readers by store; threads share it, one at a time reads a store."""

    def __init__(self, most: int = _MOST) -> None:
        """Take how many readers are held."""
        self._most = most
        self._lock = threading.Lock()
        self._readers: OrderedDict[tuple[Path, str], tuple[threading.Lock, Reader]] = OrderedDict()

    @contextmanager
    def looked(self, store: str) -> Iterator[Reader]:
        """Give a reader of a store that has just looked.

        Raises:
            NotAvailable: `iot_damaged`.
        """
        key = (folder(), store)
        with self._lock:
            held = self._readers.get(key)
            if held is None:
                held = self._readers[key] = (threading.Lock(), tail.reader(key[0], store))
            self._readers.move_to_end(key)
            while len(self._readers) > self._most:
                self._readers.popitem(last=False)
        lock, reader = held
        with lock:
            reader.look()
            yield reader

    def forget(self, store: str) -> None:
        """Let go of a store that was deleted."""
        with self._lock:
            self._readers.pop((folder(), store), None)


shelf = Shelf()
looked = shelf.looked
