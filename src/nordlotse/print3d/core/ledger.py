"""What was measured already, kept beside the result, so that a run over many parts goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.parcel import packed, unpacked


class Ledger:
    """What was measured already, by content: a file of one line each, so that a run broken off goes on where it stopped.

    Prices and rates are not in it: a new price list is judged anew without measuring again. `read_as`: in which unit and scale the files
    are read; figures of another reading are not taken.
    """

    def __init__(self, path: Path | None = None, read_as: str = "") -> None:
        """Read what is there; a line cut off in the middle is passed over."""
        self._path = path
        self._read_as = read_as
        self._known: dict[str, Figures | Text] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            row = json.loads(line)
            value = unpacked(row["value"].encode(), [])
            if isinstance(value, Figures | Text):
                self._known[str(row["key"])] = value
        except (ValueError, KeyError, TypeError, AttributeError):
            return

    def key(self, data: bytes, name: str) -> str:
        """Return the key of a content: the name's ending and its unit words help to read the file, so they belong to it."""
        return hashlib.sha256(b"\0".join([data, name.encode(), self._read_as.encode()])).hexdigest()

    def get(self, key: str) -> Figures | Text | None:
        """Return the figures of a content, or why it has none; None if it was not measured yet."""
        return self._known.get(key)

    def put(self, key: str, value: Figures | Text) -> None:
        """Keep what was measured, at once on the disk."""
        self._known[key] = value
        if self._path is not None:
            line = json.dumps({"key": key, "value": packed(value)[0].decode()})
            # a line of its own even after one that was cut off
            with self._path.open("a+b") as out:
                out.seek(0, 2)
                if out.tell():
                    out.seek(-1, 2)
                    if out.read(1) != b"\n":
                        out.write(b"\n")
                out.write(line.encode() + b"\n")
