"""Disks that fail, stop, and forget, in the place of the real one."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from nordlotse.iot.core.store.disk import Disk


class Stopped(BaseException):
    """The process ends here, as by kill -9: nothing after this point runs."""


class Stopping(Disk):
    """Stops at the n-th call that touches the disk or reaches a named point."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.reached = ""

    def _step(self, what: str) -> None:
        self.left -= 1
        if self.left < 0:
            self.reached = what
            raise Stopped(what)

    def write(self, handle: int, content: bytes | memoryview) -> None:
        self._step("write")
        super().write(handle, content)

    def sync(self, handle: int) -> None:
        self._step("sync")
        super().sync(handle)

    def rename(self, old: Path, new: Path) -> None:
        self._step("rename")
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._step("remove")
        super().remove(path)

    def reach(self, point: str) -> None:
        self._step(point)


class Failing(Disk):
    """Fails when `fails(what)` says so, with the error the system gives."""

    def __init__(self, fails: Callable[[str], bool], code: int = errno.EIO) -> None:
        self.fails = fails
        self.code = code

    def write(self, handle: int, content: bytes | memoryview) -> None:
        if self.fails("write"):
            os.write(handle, memoryview(content)[: len(content) // 2])
            raise OSError(self.code, os.strerror(self.code))
        super().write(handle, content)

    def sync(self, handle: int) -> None:
        if self.fails("sync"):
            raise OSError(self.code, os.strerror(self.code))
        super().sync(handle)
