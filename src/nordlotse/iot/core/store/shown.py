"""How far the values of the log are shown in the hot files of all companies: a few bytes, for readers in other processes, never synced.

After a crash they name a run that has ended; a reader then goes by what the hot file itself says, and decodes the rest of the log.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

from nordlotse.iot.core.store.hot import RUN_BYTES
from nordlotse.iot.core.store.log import START, Place

_MARK = struct.Struct(f"<{RUN_BYTES}sQQ")
_CRC = struct.Struct("<I")
_NAME = "shown"


class Shown:
    """The mark as its one writer holds it."""

    def __init__(self, folder: Path, run: bytes) -> None:
        """Take the data folder and the name of this run; nothing is shown yet."""
        self._run = run
        self._handle = os.open(folder / _NAME, os.O_WRONLY | os.O_CREAT, 0o600)

    def set(self, until: Place) -> None:
        """Say that everything before a place is shown; where that cannot be written readers decode more by themselves."""
        packed = _MARK.pack(self._run, *until)
        try:
            os.pwrite(self._handle, packed + _CRC.pack(zlib.crc32(packed)), 0)
        except OSError:
            return

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def shown(folder: Path) -> tuple[bytes, Place]:
    """Return the run of the writer and up to which place it has shown everything; (b"", START) where nobody knows."""
    try:
        data = (folder / _NAME).read_bytes()
    except OSError:
        return b"", START
    packed, crc = data[: _MARK.size], data[_MARK.size :]
    if len(crc) != _CRC.size or _CRC.unpack(crc)[0] != zlib.crc32(packed):
        return b"", START
    run, file, offset = _MARK.unpack(packed)
    return run, Place(file, offset)
