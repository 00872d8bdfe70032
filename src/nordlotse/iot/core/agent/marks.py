"""How far a source was read, kept on the disk: after a restart a file is read on and a history asked for from there."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

from nordlotse.iot.core.store.disk import Disk, publish

_log = logging.getLogger("nordlotse.iot")

#: Marks that may be a little old are noted so often, seconds.
_NOTE = 10.0


class Marks:
    """Words and numbers by name, in one JSON file that is replaced in one step."""

    def __init__(self, path: Path) -> None:
        """Read what was noted; what is spoilt counts for nothing (values come twice then, and are stored once)."""
        self._path = path
        self._noted = time.monotonic()
        self._changed = False
        try:
            told = json.loads(path.read_bytes())
            self.known: dict[str, list[int]] = {str(name): list(map(int, mark)) for name, mark in told.items()}
        except FileNotFoundError:
            self.known = {}
        except (ValueError, TypeError, AttributeError):
            _log.error("event=iot_agent_marks_damaged")
            self.known = {}

    def set(self, name: str, *mark: int, soon: bool = False) -> None:
        """Set a mark; `soon`: it may be noted with the next ones."""
        self.known[name] = list(mark)
        self._changed = True
        if not soon or time.monotonic() - self._noted > _NOTE:
            self.note()

    def drop(self, name: str) -> None:
        """Forget a mark, noted with the next ones."""
        self._changed |= self.known.pop(name, None) is not None

    def note(self) -> None:
        """Note what has changed."""
        if not self._changed:
            return
        self._noted = time.monotonic()
        try:
            publish(Disk(), self._path, json.dumps(self.known).encode())
            self._changed = False
        except OSError as error:
            _log.error("event=iot_agent_marks_failed error=%s", error.strerror)
