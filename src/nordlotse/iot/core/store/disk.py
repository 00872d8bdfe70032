"""The few calls by which something becomes safe on the disk. Tests put a disk that fails, tears or forgets in their place."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

#: Share of a disk that stays free, so that segments can still be written and the log be worked off; at most `RESERVE_BYTES`.
RESERVE, RESERVE_BYTES = 0.05, 5 * 1024**3

# Windows and macOS, where the agent may run, have no fdatasync.
_sync = getattr(os, "fdatasync", os.fsync)


class Disk:
    """The real disk. What `sync` and `sync_folder` returned from survives a power cut; what was only written may not."""

    def create(self, path: Path, *, exclusive: bool = False) -> int:
        """Open a file for writing behind its end: a new one (`exclusive`: it must not be there yet) or an emptied one.

        Raises:
            OSError.
        """
        flags = (os.O_EXCL if exclusive else os.O_TRUNC) | getattr(os, "O_BINARY", 0)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | flags, 0o600)

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it that are missing, each safe on the disk under its name.

        Raises:
            OSError.
        """
        missing = []
        while not path.is_dir():
            missing.append(path)
            path = path.parent
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            self.sync_folder(folder.parent)

    def short(self, folder: Path) -> bool:
        """Return whether so little is free that only what frees space again may still be written."""
        told = shutil.disk_usage(folder)
        return told.free < min(RESERVE * told.total, RESERVE_BYTES)

    def write(self, handle: int, content: bytes | memoryview) -> None:
        """Write all of the content at the end of an open file.

        Raises:
            OSError: also when the disk took only a part of it.
        """
        view = memoryview(content)
        while view:
            written = os.write(handle, view)
            if written <= 0:
                raise OSError("nothing was written")
            view = view[written:]

    def sync(self, handle: int) -> None:
        """Return when what was written to the file, and its length, are on the disk."""
        _sync(handle)

    def sync_folder(self, folder: Path) -> None:
        """Return when names made, changed or removed in the folder are on the disk; Windows (NTFS) keeps a journal of names itself."""
        if sys.platform == "win32":
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut an open file back to `size` bytes."""
        os.ftruncate(handle, size)

    def rename(self, old: Path, new: Path) -> None:
        """Put one file in another's place, in one step."""
        old.replace(new)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        path.unlink(missing_ok=True)

    def reach(self, point: str) -> None:
        """Do nothing: a named point that tests stop or kill at."""


def beside(disk: Disk, path: Path, content: bytes) -> None:
    """Make `content` the file's content in one step, without waiting for the disk: for a copy that tells itself whether it is whole.

    Raises:
        OSError: the old content stays.
    """
    partial = path.with_name(f"{path.name}.partial")
    handle = disk.create(partial)
    try:
        disk.write(handle, content)
    finally:
        os.close(handle)
    disk.rename(partial, path)


def publish(disk: Disk, path: Path, content: bytes) -> None:
    """Make `content` the file's content in one step, safe on the disk when this returns.

    Raises:
        OSError: the old content stays, or, where only the folder could not be synced, nobody knows which of both a power cut leaves.
    """
    partial = path.with_name(f"{path.name}.partial")
    handle = disk.create(partial)
    try:
        disk.write(handle, content)
        disk.sync(handle)
    finally:
        os.close(handle)
    disk.reach("publish-written")
    disk.rename(partial, path)
    disk.reach("publish-renamed")
    disk.sync_folder(path.parent)
