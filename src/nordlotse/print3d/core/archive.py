"""Opens ZIP containers of strangers: checks table of contents, sizes and ratio before anything is unpacked."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.limits import (
    MAX_BYTES,
    MAX_ENTRIES,
    MAX_PARTS,
    MAX_RATIO,
    MAX_TABLE,
    MAX_UNPACKED,
    RATIO_FROM,
)
from nordlotse.print3d.core.refusals import broken, large

#: Endings of the parts taken out of a ZIP; each is recognised by its content when it is read.
ENDINGS = (".stl", ".3mf", ".obj", ".ply", ".off", ".step", ".stp")
_END_RECORD = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class PartFile:
    """A part inside a ZIP: its path there, the name to show, bytes unpacked."""

    path: str
    name: str
    size: int


class Container:
    """A checked ZIP; entries are read one by one, never more than they declare."""

    def __init__(self, data: bytes, name: str) -> None:
        """Check the container.

        Raises:
            BadInput: `zip_broken`, `zip_encrypted`, `zip_bomb`.
            TooLarge: `zip_entries`, `zip_unpacked`.
        """
        self.name = name
        _check_table(data, name)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._entries = {_plain(info.filename): info for info in self._zip.infolist() if not info.is_dir()}
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError, EOFError) as error:
            raise _broken(name) from error
        self._check()

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of all files in it."""
        return tuple(self._entries)

    def size(self, path: str) -> int:
        """Return how many bytes a file in it has."""
        return self._entries[path].file_size

    def has(self, path: str) -> bool:
        """Return whether there is such a file in it."""
        return _plain(path) in self._entries

    def open(self, path: str) -> IO[bytes]:
        """Return a file in it as a stream; reading may raise as `guarded` tells."""
        try:
            return self._zip.open(self._entries[_plain(path)])
        except (
            KeyError,
            zipfile.BadZipFile,
            RuntimeError,
            NotImplementedError,
            ValueError,
            OSError,
            EOFError,
        ) as error:
            raise _broken(f"{self.name}: {shown_name(path)}") from error

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        """Return a file in it.

        Raises:
            BadInput: `zip_broken`.
            TooLarge: `zip_unpacked`, if it has more than `most` bytes.
        """
        try:
            with self.open(path) as stream:
                data = stream.read(most + 1)
        except READ_ERRORS as error:
            raise _broken(f"{self.name}: {shown_name(path)}") from error
        if len(data) > most:
            raise _unpacked(len(data), f"{self.name}: {shown_name(path)}")
        return data

    def _check(self) -> None:
        if len(self._entries) > MAX_ENTRIES:
            raise large(
                "zip_entries",
                f"Das Archiv hat {len(self._entries)} Dateien; erlaubt sind {MAX_ENTRIES}.",
                f"The archive has {len(self._entries)} files; {MAX_ENTRIES} are allowed.",
                self.name,
            )
        total = sum(info.file_size for info in self._entries.values())
        for path, info in self._entries.items():
            if info.flag_bits & 0x1:
                raise broken(
                    "zip_encrypted",
                    "Das Archiv ist mit einem Passwort geschützt.",
                    "The archive is protected by a password.",
                    f"{self.name}: {shown_name(path)}",
                    "Bitte ohne Passwort packen.",
                    "Pack it without a password.",
                )
            if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
                raise broken(
                    "zip_bomb",
                    f"Eine Datei im Archiv ist {info.file_size // max(info.compress_size, 1)}-fach gepackt; so packt sich kein Bauteil.",
                    f"A file in the archive is packed {info.file_size // max(info.compress_size, 1)} times; no part packs like that.",
                    f"{self.name}: {shown_name(path)}",
                    "Bitte das Teil unverpackt hochladen.",
                    "Upload the part unpacked.",
                )
        if total > MAX_UNPACKED:
            raise _unpacked(total, self.name)


#: What reading from an entry's stream may raise besides the refusals: all mean a damaged container.
READ_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)


def damaged(where: str) -> BadInput:
    """Return the refusal of a damaged container."""
    return _broken(where)


def parts_of(data: bytes, name: str) -> tuple[PartFile, ...]:
    """Return the parts in a ZIP by their endings, in order of their names; nothing is unpacked.

    Raises:
        BadInput: as `Container`, and `zip_no_parts`.
        TooLarge: as `Container`, and `zip_entries`.
    """
    box = Container(data, name)
    found = [
        PartFile(path, shown_name(path), box.size(path))
        for path in sorted(box.paths)
        if path.lower().endswith(ENDINGS) and not posixpath.basename(path).startswith(".") and "__MACOSX" not in path
    ]
    if not found:
        raise broken(
            "zip_no_parts",
            "Im Archiv liegt kein Bauteil.",
            "There is no part in the archive.",
            name,
            "Bitte STL, 3MF, OBJ, PLY, OFF oder STEP hineinlegen.",
            "Put STL, 3MF, OBJ, PLY, OFF or STEP files into it.",
        )
    if len(found) > MAX_PARTS:
        raise large(
            "zip_entries",
            f"Das Archiv hat {len(found)} Teile; erlaubt sind {MAX_PARTS}.",
            f"The archive has {len(found)} parts; {MAX_PARTS} are allowed.",
            name,
        )
    return tuple(found)


def part_of(data: bytes, name: str, path: str) -> bytes:
    """Return the bytes of one part of a ZIP, as `parts_of` names it.

    Raises:
        BadInput: as `Container`.
    """
    return Container(data, name).read(path)


def _plain(path: str) -> str:
    return posixpath.normpath(path.replace("\\", "/")).lstrip("/")


def _check_table(data: bytes, name: str) -> None:
    """Refuse a table of contents too long to be kept, before the ZIP reader makes an object of each entry."""
    at = data.rfind(_END_RECORD, max(0, len(data) - 66_000))
    if at < 0 or at + 20 > len(data):
        raise _broken(name)
    if int.from_bytes(data[at + 12 : at + 16], "little") > MAX_TABLE and b"PK\x06\x07" not in data[at - 20 : at]:
        raise _broken(name)
    if data.count(b"PK\x01\x02") > MAX_ENTRIES * 2:
        raise large(
            "zip_entries",
            f"Das Archiv hat mehr als {MAX_ENTRIES} Dateien.",
            f"The archive has more than {MAX_ENTRIES} files.",
            name,
        )


def _broken(where: str) -> BadInput:
    return broken(
        "zip_broken",
        "Das Archiv ist beschädigt oder unvollständig.",
        "The archive is damaged or incomplete.",
        where,
        "Bitte neu packen oder das Teil unverpackt hochladen.",
        "Pack it anew or upload the part unpacked.",
    )


def _unpacked(size: int, where: str) -> BadInput:
    return large(
        "zip_unpacked",
        f"Das Archiv enthält ausgepackt {size // 2**20} MB; das ist zu viel.",
        f"The archive holds {size // 2**20} MB unpacked; that is too much.",
        where,
    )
