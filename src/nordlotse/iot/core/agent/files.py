"""A folder of CSV files: new files are taken, a growing one is followed line by line, and what was taken is remembered by name."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from nordlotse.foundation.problem import Problem
from nordlotse.iot.core.agent.config import Files
from nordlotse.iot.core.agent.keeping import Keeper
from nordlotse.iot.core.agent.marks import Marks
from nordlotse.iot.core.agent.reading import Finding, Keeping, NotKept, State
from nordlotse.iot.core.tables import FileKind, Found, Role, Told, blocks, inspect

_log = logging.getLogger("nordlotse.iot")

#: A last line without its end is taken when the file has been quiet for so long, seconds: the program that wrote it has ended.
_QUIET = 60.0
#: So long is waited before values are tried to be kept again, seconds.
_AGAIN = 2.0
#: Bytes at the beginning of a file and before the place read up to, by which a new one under an old name is known; bytes read on at once.
_HEAD, _AT_ONCE = 4096, 16 * 1024 * 1024
#: What the names of copies begin with.
_COPY = "piece-"


@dataclass(frozen=True, slots=True)
class _Piece:
    """What of a file is to be taken now: a copy with the head, where it ends in the file, a sum over what stands before that."""

    found: Found
    end: int
    seen: int
    copy: Path


class FilesSource:
    """Reads one folder. Fits `reading.Source`."""

    def __init__(self, config: Files, marks: Marks, folder: Path) -> None:
        """Take the configuration, how far each file was read before, and the agent's folder."""
        self._config = config
        self._marks = marks
        self._folder = folder
        self._bad: dict[Path, tuple[int, int]] = {}
        self._known: dict[Path, Found] = {}
        for left in folder.glob(f"{_COPY}*"):  # of an agent that was killed; nobody reads yet
            left.unlink(missing_ok=True)
        self.name = f"CSV {config.folder}"

    async def run(self, into: Keeping, state: State) -> None:
        """Look into the folder again and again until cancelled."""
        assert isinstance(into, Keeper)  # noqa: S101 - the agent hands in no other
        while True:
            faults: list[Finding] = []
            try:
                for path in self._files():
                    fault = await self._follow(path, into, state)
                    if fault is not None:
                        faults.append(fault)
                state.works()
                state.fault = faults[0] if faults else None
            except OSError as error:
                state.fail(*self._absent(error))
            await asyncio.sleep(self._config.period)

    async def check(self) -> Sequence[Finding]:
        """Look into the folder once and say what the newest file holds."""
        try:
            files = self._files()
        except OSError as error:
            return [Finding(False, *self._absent(error))]
        if not files:
            pattern = self._config.pattern
            return [Finding(True, f"Noch keine Datei {pattern}.", f"No file {pattern} yet.")]
        path = max(files, key=lambda one: one.stat().st_mtime)
        told = [Finding(True, f"{len(files)} Dateien.", f"{len(files)} files.")]
        try:
            found = await asyncio.to_thread(inspect, path)
            if (fault := _unusable(path, found)) is not None:
                return [*told, fault]
        except (Problem, OSError) as error:
            return [*told, _unreadable(path, error)]
        names = ", ".join(one.signal for one in found.columns if one.role is Role.SIGNAL)[:200]
        return [*told, Finding(True, f"{path.name}: Signale {names}", f"{path.name}: signals {names}")]

    def _files(self) -> list[Path]:
        if not self._config.folder.is_dir():
            raise FileNotFoundError(2, os.strerror(2))
        return sorted(path for path in self._config.folder.glob(self._config.pattern) if path.is_file())

    def _absent(self, error: OSError) -> tuple[str, str]:
        why = error.strerror or type(error).__name__
        return (
            f"Der Ordner ist nicht lesbar ({why}). Pfad und Rechte prüfen.",
            f"The folder cannot be read ({why}). Check path and rights.",
        )

    # ---- one file ----

    async def _follow(self, path: Path, into: Keeper, state: State) -> Finding | None:
        """Take what is new in a file; return what is wrong with it."""
        told = path.stat()
        now = (told.st_size, told.st_mtime_ns)
        if self._bad.get(path) == now:
            return None if not told.st_size else _still(path)
        fault = None
        while True:
            try:
                piece = await asyncio.to_thread(self._piece, path)
                if piece is None:
                    return fault
                try:
                    fault = await self._take(piece, into, state) or fault
                finally:
                    piece.copy.unlink(missing_ok=True)
            except (Problem, ValueError) as error:
                self._bad[path] = now  # tried again when it has changed
                _log.warning("event=iot_agent_file_unreadable error=%s", type(error).__name__)
                return _unreadable(path, error)
            self._bad.pop(path, None)
            self._marks.set(self._mark(path), piece.end, piece.seen)

    async def _take(self, piece: _Piece, into: Keeper, state: State) -> Finding | None:
        """Bring the values of a piece to the buffer, however long that takes; return what of it could not be read."""
        told = Told()
        reading = iter(blocks(piece.copy, piece.found, "local", self._config.machine, told))
        while (some := await asyncio.to_thread(next, reading, None)) is not None:
            while True:
                try:
                    await into.keep_blocks(some)
                    break
                except NotKept:  # the file keeps them
                    await asyncio.sleep(_AGAIN)
            state.read += sum(map(len, some))
        if not told.lost:
            return None
        state.gaps += told.lost
        first = told.faults[0]
        de, en = (
            f"{first.column} „{first.content[:40]}“: {first.message(lang)} {first.remedy(lang)}"
            for lang in ("de", "en")
        )
        return Finding(
            False,
            f"{told.lost} Werte nicht lesbar, zum Beispiel {de}",
            f"{told.lost} values not readable, for example {en}",
        )

    def _piece(self, path: Path) -> _Piece | None:
        """Return what is new in a file, None where nothing is.

        Raises:
            Problem: it cannot be read.
        """
        told = path.stat()
        begin, seen = (*self._marks.known.get(self._mark(path), []), 0, 0)[:2]
        quiet = time.time() - told.st_mtime > _QUIET
        with path.open("rb") as file:
            if begin and (told.st_size < begin or seen != _sum(file, begin)):
                begin = 0  # another file under the old name
            if told.st_size <= begin:
                return None
            file.seek(begin)
            new = file.read(_AT_ONCE)
            if len(new) == _AT_ONCE or not quiet:
                new = new[: new.rfind(b"\n") + 1]
            if not new.strip():
                return None
            found = self._known.get(path) if begin else None
            if found is None:
                found = self._known[path] = inspect(path)
                if _unusable(path, found) is not None:
                    raise ValueError("no times")
            whole = found.file is not FileKind.TEXT or found.newest_first or found.encoding.lower().startswith("utf-16")
            file.seek(0)
            lines = [file.readline() for _ in range(found.skip)]
            end = told.st_size if whole else begin + len(new)
            seen = _sum(file, end)
            if whole:
                file.seek(0)
                new = file.read(end)
        copy = self._copy(path.suffix)
        if whole or begin < sum(map(len, lines)):
            copy.write_bytes(new)
        else:
            copy.write_bytes(b"".join(lines) + new)
        return _Piece(found if whole else replace(found, rows=0), end, seen, copy)

    def _copy(self, suffix: str) -> Path:
        """Return a file of its own: several folders are read at the same time."""
        handle, name = tempfile.mkstemp(suffix, _COPY, self._folder)
        os.close(handle)
        return Path(name)

    def _mark(self, path: Path) -> str:
        return f"file:{self._config.machine}:{path.absolute()}"


def _sum(file: BinaryIO, end: int) -> int:
    """Return a sum over a file's first line and what stands before a place, by which another file under the same name is known."""
    file.seek(0)
    first = file.read(min(_HEAD, end)).partition(b"\n")[0]
    file.seek(max(end - _HEAD, 0))
    return zlib.crc32(file.read(min(_HEAD, end)), zlib.crc32(first))


def _unusable(path: Path, found: Found) -> Finding | None:
    if found.places(Role.TIME) or found.places(Role.DATE):
        return None
    return Finding(
        False,
        f"{path.name}: keine Spalte mit der Zeit gefunden.",
        f"{path.name}: found no column with the time.",
    )


def _unreadable(path: Path, error: Exception) -> Finding:
    if isinstance(error, Problem):
        return Finding(False, f"{path.name}: {error.message_de} {error.remedy_de}", f"{path.name}: {error.message_en} {error.remedy_en}")  # fmt: skip
    return Finding(
        False,
        f"{path.name}: nicht lesbar, oder ohne eine Spalte mit der Zeit.",
        f"{path.name}: not readable, or without a column with the time.",
    )


def _still(path: Path) -> Finding:
    return Finding(
        False,
        f"{path.name}: nicht lesbar; sie wird wieder versucht, wenn sie sich ändert.",
        f"{path.name}: not readable; it is tried again when it changes.",
    )
