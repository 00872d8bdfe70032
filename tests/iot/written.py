"""A hall whose store is written while a test looks on, as the ingest does it: values are shown at once, segments come later."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

import numpy as np

from nordlotse.iot import memory
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.values import Block, Kind, Series
from nordlotse.iot.models import new_store


def alone(folder: Path) -> None:
    """Refuse to write beside an intake: it opens every store it finds, begins its hot file anew, and what a test has shown there is gone."""
    lock = folder / "lock"
    if lock.exists():
        with lock.open("rb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AssertionError("an intake runs here: this test belongs into a module without one") from None


class Written:
    """The one writer of a store."""

    def __init__(self, store: str = "") -> None:
        alone(memory.folder())
        self.store = store or new_store()
        self.folder = company_folder(memory.folder(), self.store)
        self.writer = Writer(self.folder, self.store, Disk())
        self.place = START

    def put(self, machine: str, signal: str, time: Any, value: Any, *, quality: int = 0) -> None:
        """Show values (n,) of times (n,) µs to readers; texts and booleans as what they are."""
        at = np.asarray(time, np.int64)
        texts: tuple[str, ...] = ()
        kind = Kind.NUMBER
        if isinstance(value[0], bool):
            kind = Kind.BOOLEAN
        elif isinstance(value[0], str):
            kind, texts = Kind.TEXT, tuple(dict.fromkeys(value))
            value = [texts.index(one) for one in value]
        flags = np.full(len(at), quality, np.uint8)
        block = Block(Series(self.store, machine, signal), kind, at, np.asarray(value, np.float64), flags, at, texts)
        self.place = self.place._replace(offset=self.place.offset + 1)
        self.writer.add([block], self.place)

    def flush(self) -> None:
        """Turn what was shown into a segment; readers find a new hot file."""
        self.writer.flush(self.place)
