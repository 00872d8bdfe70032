"""A disk that remembers what a power cut would leave: only what was synced is sure; of the rest any part may be there, in any order.

The model is stricter than a real file system: unsynced writes of a file are kept or lost one by one, and torn; names made, renamed or removed
in a folder that was not synced are kept or lost one by one too.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from nordlotse.iot.core.store.disk import Disk
from tests.iot.core.store.faulty import Stopped

T = TypeVar("T")


@dataclass
class _File:
    safe: bytearray = field(default_factory=bytearray)
    #: (offset, bytes), or (size, None) for a cut
    loose: list[tuple[int, bytes | None]] = field(default_factory=list)


@dataclass
class _Folder:
    safe: dict[str, int | Path] = field(default_factory=dict)
    #: (name, what it stands for, None for removed; the name it had before)
    loose: list[tuple[str, int | Path | None, str]] = field(default_factory=list)


class Power(Disk):
    """Writes for real, stops for good at the n-th step, and can tell what the power cut leaves."""

    def __init__(self, root: Path, steps: int) -> None:
        self.root = root
        self.left = steps
        self.files: dict[int, _File] = {}
        #: the system's number of an open or named file → ours; it uses its numbers again
        self._ours: dict[int, int] = {}
        self.folders: dict[Path, _Folder] = {root: _Folder()}

    def reach(self, point: str) -> None:
        self._step()

    def create(self, path: Path, *, exclusive: bool = False) -> int:
        self._step()
        there = path.exists()
        handle = super().create(path, exclusive=exclusive)
        if there:
            self._file(handle).loose.append((0, None))
            return handle
        ours = self._ours[os.fstat(handle).st_ino] = len(self.files)
        self.files[ours] = _File()
        self.folders[path.parent].loose.append((path.name, ours, ""))
        return handle

    def make_folder(self, path: Path) -> None:
        missing = [one for one in (path, *path.parents) if not one.is_dir()]
        for one in reversed(missing):
            self.folders[one] = _Folder()
            self.folders[one.parent].loose.append((one.name, one, ""))
        super().make_folder(path)

    def write(self, handle: int, content: bytes | memoryview) -> None:
        self._step()
        self._file(handle).loose.append((os.fstat(handle).st_size, bytes(content)))
        super().write(handle, content)

    def sync(self, handle: int) -> None:
        self._step()
        file = self._file(handle)
        for change in file.loose:
            _apply(file.safe, change)
        file.loose = []

    def sync_folder(self, folder: Path) -> None:
        self._step()
        kept = self.folders[folder]
        for change in kept.loose:
            _rename(kept.safe, change)
        kept.loose = []

    def truncate(self, handle: int, size: int) -> None:
        self._step()
        self._file(handle).loose.append((size, None))
        super().truncate(handle, size)

    def rename(self, old: Path, new: Path) -> None:
        self._step()
        inode = self._ours[old.stat().st_ino]
        self.folders[new.parent].loose.append((new.name, inode, old.name if old.parent == new.parent else ""))
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._step()
        if path.exists():
            self.folders[path.parent].loose.append((path.name, None, ""))
        super().remove(path)

    def cut(self, target: Path, chance: random.Random) -> None:
        """Write what may be left after a power cut now to another folder."""
        self._leave(self.root, target, chance)

    def _leave(self, folder: Path, target: Path, chance: random.Random) -> None:
        target.mkdir(parents=True, exist_ok=True)
        kept = self.folders[folder]
        names = dict(kept.safe)
        for change in _some(kept.loose, chance):
            _rename(names, change)
        for name, what in names.items():
            if isinstance(what, Path):
                self._leave(what, target / name, chance)
                continue
            file = self.files[what]
            content = bytearray(file.safe)
            for place, data in _some(file.loose, chance):
                torn = data if data is None or chance.random() < 0.5 else data[: chance.randrange(len(data) + 1)]
                _apply(content, (place, torn))
            (target / name).write_bytes(content)

    def _file(self, handle: int) -> _File:
        return self.files[self._ours[os.fstat(handle).st_ino]]

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Stopped("power")


class Unsynced(Power):
    """A disk whose `sync` says it is done and does nothing: the protection switched off."""

    def sync(self, handle: int) -> None:
        self._step()


class NamesUnsynced(Power):
    """A disk that forgets names: `sync_folder` does nothing."""

    def sync_folder(self, folder: Path) -> None:
        self._step()


def _some(changes: list[T], chance: random.Random) -> list[T]:
    return [change for change in changes if chance.random() < 0.5]


def _apply(content: bytearray, change: tuple[int, bytes | None]) -> None:
    place, data = change
    if data is None:
        del content[place:]
        return
    if len(content) < place:
        content.extend(bytes(place - len(content)))
    content[place : place + len(data)] = data


def _rename(names: dict[str, int | Path], change: tuple[str, int | Path | None, str]) -> None:
    name, what, before = change
    if before and names.get(before) == what:
        del names[before]
    if what is None:
        names.pop(name, None)
    else:
        names[name] = what
