"""A table's file as a stream of UTF-8, however it is kept and encoded."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core.tables.packed import unpacked
from nordlotse.iot.core.tables.values import MOST_BYTES, MOST_PACKED, FileKind

_PIECE = 1024 * 1024
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)  # fmt: skip


def kind_of(path: Path) -> FileKind:
    """Return how a table is kept, judged by its first bytes.

    Raises:
        BadInput: `table_empty`, `table_kind`; TooLarge: `table_too_large`.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    where = shown_name(path.name)
    if not head.strip():
        raise BadInput(
            "table_empty",
            de="Die Datei ist leer.",
            en="The file is empty.",
            where=where,
            remedy_de="Bitte die richtige Datei wählen.",
            remedy_en="Choose the right file.",
        )
    kind = FileKind.TEXT
    if head.startswith(b"PAR1"):
        kind = FileKind.PARQUET
    elif head.startswith(b"PK"):
        kind = FileKind.XLSX
    elif head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG")) or _binary(head):
        raise BadInput(
            "table_kind",
            de="Das ist keine Tabelle, die gelesen werden kann.",
            en="This is no table that can be read.",
            where=where,
            remedy_de="Angenommen werden CSV, TSV, XLSX und Parquet; eine alte XLS-Datei bitte als XLSX speichern.",
            remedy_en="CSV, TSV, XLSX and Parquet are accepted; save an old XLS file as XLSX.",
        )
    most = MOST_BYTES if kind is FileKind.TEXT else MOST_PACKED
    if size > most:
        raise TooLarge(
            "table_too_large",
            de=f"Die Datei hat {size / 2**20:.0f} MB, erlaubt sind {most // 2**20} MB.",
            en=f"The file has {size / 2**20:.0f} MB, {most // 2**20} MB are allowed.",
            where=where,
            remedy_de="Bitte die Tabelle teilen." if kind is FileKind.TEXT else "Bitte als CSV speichern.",
            remedy_en="Split the table." if kind is FileKind.TEXT else "Save it as CSV.",
        )
    return kind


def _binary(head: bytes) -> bool:
    """Return whether so many control characters stand in it that it is no text."""
    text = head.decode(encoding_of(head), "replace")
    return sum(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in text) > len(text) // 200


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text by its beginning: UTF-8, UTF-16 with or without mark, else Windows-1252."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) >= 4 and max(even, odd) > 0.4 * (len(head) // 2) and min(even, odd) < 0.1 * (len(head) // 2):
        return "utf-16-be" if even > odd else "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # may end within a character
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


class Plain(io.RawIOBase):
    """A text of any of our encodings, read as UTF-8; what is no UTF-8 in a file that began as such is read as Windows-1252."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        """Take the file at its beginning."""
        self._raw = raw
        self._encoding = encoding
        self.rewind()

    def rewind(self) -> None:
        """Begin again."""
        self._raw.seek(0)
        self._begun = False
        self._held = b""
        self._rest = b""
        utf8 = self._encoding.startswith("utf-8")
        self._decoder = None if utf8 else codecs.getincrementaldecoder(self._encoding)("replace")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer and return how many bytes there were."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._held:
            raw = self._raw.read(_PIECE)
            self._held = self._decoded(raw)
            if not raw:
                break
        size = min(len(view), len(self._held))
        view[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def skip(self, lines: int) -> bool:
        """Read so many lines, and return whether something follows them."""
        while True:
            if not self._held:
                raw = self._raw.read(_PIECE)
                self._held = self._decoded(raw)
                if not self._held and not raw:
                    return False
                continue
            if not lines:
                return True
            end = self._held.find(b"\n") + 1
            self._held = self._held[end:] if end else b""
            lines -= bool(end)

    def _decoded(self, raw: bytes) -> bytes:
        if self._decoder is not None:
            text = self._decoder.decode(raw, final=not raw)
            if text and not self._begun:
                self._begun, text = True, text.removeprefix("\ufeff")
            return text.encode("utf-8", "replace")
        raw = self._rest + raw
        if not self._begun:
            self._begun, raw = True, raw.removeprefix(b"\xef\xbb\xbf")
        cut = (
            raw.rfind(b"\n") + 1 if len(raw) > len(self._rest) else len(raw)
        )  # whole lines, or what is left at the end
        cut = cut or len(raw)
        self._rest, raw = raw[cut:], raw[:cut]
        try:
            raw.decode()
        except UnicodeDecodeError:
            return b"".join(_line(line) for line in raw.splitlines(keepends=True))
        return raw


def _line(line: bytes) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").encode()
    return line


@contextmanager
def opened(
    path: Path, kind: FileKind, encoding: str = "", sheet: str = ""
) -> Iterator[tuple[Plain, str, tuple[str, ...]]]:
    """Give a table's text as a stream, the sheet it comes from, and all sheets there are.

    Raises:
        BadInput, TooLarge, NotAvailable: as `packed.unpacked`.
    """
    if kind is FileKind.TEXT:
        with path.open("rb") as file:
            yield Plain(file, encoding), "", ()
    else:
        found = unpacked(kind, path.read_bytes(), sheet, shown_name(path.name))
        yield Plain(io.BytesIO(found.text), "utf-8"), found.sheet, found.sheets
