"""Safe file intake: what a file is by its content, its size and encoding, and which files a folder gives.

Nothing here opens a document: parsing happens in a confined child process (see `confined`). A name is never trusted.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nordlotse.foundation.problem import BadInput, NotFound, TooLarge

__all__ = [
    "MAX_BYTES",
    "MAX_FILES",
    "Kind",
    "Listing",
    "Waiting",
    "check_size",
    "kind_of",
    "list_files",
    "shown_name",
    "text_of",
]

#: Largest file taken in, in bytes (10 MB).
MAX_BYTES = 10 * 1024 * 1024

#: So many files are taken in at once.
MAX_FILES = 200

# How far a folder is searched: a folder of a million files must not hold up the command.
_MAX_SEEN = 5_000

_PDF_WITHIN = 1024  # bytes; the PDF standard lets the header stand anywhere in them
_HTML = re.compile(
    r"\A\s{0,1000}<(?:!doctype\s+html|html|head|body|title|meta|main|article|section|div|h[1-6]|p|ul|ol|table)\b", re.I
)
_COMMENT = re.compile(r"\A\s{0,1000}(?:<!--.{0,10000}?-->|<\?xml[^<>]{0,300}\?>)", re.S)
_CHARSET = re.compile(rb"""<meta[^<>]{0,200}?charset\s{0,5}=\s{0,5}["']?([A-Za-z0-9_.:-]{2,40})""", re.I)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


class Kind(StrEnum):
    """What a file is, judged by its first bytes."""

    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


def shown_name(name: str) -> str:
    """Return a file name fit to be shown: no folders above, no control characters, at most 120 characters.

    A name that is too long keeps its beginning and its end with the ending.
    """
    kept = "".join(c if c.isprintable() else "?" for c in name.replace("\\", "/"))
    parts = [part for part in kept.split("/") if part not in ("", ".", "..")]
    shown = "/".join(parts)
    return (shown if len(shown) <= 120 else f"{shown[:89]}…{shown[-30:]}") or "?"


def check_size(size: int, where: str) -> None:
    """Refuse an empty or too large file.

    Raises:
        BadInput: the file is empty.
        TooLarge: it has more than 10 MB.
    """
    if size == 0:
        raise BadInput(
            "file_empty",
            de="Die Datei ist leer.",
            en="The file is empty.",
            where=where,
            remedy_de="Bitte die richtige Datei wählen.",
            remedy_en="Choose the right file.",
        )
    if size > MAX_BYTES:
        raise TooLarge(
            "file_too_large",
            de=f"Die Datei hat {size / 1024 / 1024:.1f} MB, erlaubt sind {MAX_BYTES // 1024 // 1024} MB.".replace(
                ".", ",", 1
            ),
            en=f"The file has {size / 1024 / 1024:.1f} MB, {MAX_BYTES // 1024 // 1024} MB are allowed.",
            where=where,
            remedy_de="Bitte die Datei teilen oder Bilder daraus entfernen.",
            remedy_en="Split the file or take the pictures out.",
        )


def _unsupported(where: str, what_de: str, what_en: str, remedy_de: str, remedy_en: str) -> BadInput:
    return BadInput("file_type", de=what_de, en=what_en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


_AS_DOCX = ("Bitte als DOCX oder PDF speichern und erneut einlesen.", "Save it as DOCX or PDF and import it again.")
_ONLY = ("Angenommen werden Markdown, HTML, PDF und DOCX.", "Markdown, HTML, PDF and DOCX are accepted.")


def kind_of(data: bytes, where: str) -> Kind:
    """Return what a file is by its content; a ZIP container counts as DOCX until it is opened.

    Raises:
        BadInput: it is something else; the message says what, the remedy what to do.
    """
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return Kind.PDF
    if data.startswith(b"PK\x03\x04"):
        return Kind.DOCX
    if data.startswith(b"PK"):
        raise _unsupported(where, "Das Archiv ist leer oder beschädigt.", "The archive is empty or damaged.", *_ONLY)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise _unsupported(
            where,
            "Das ist eine alte oder mit Passwort geschützte Office-Datei.",
            "This is an old Office file or one protected by a password.",
            "Bitte ohne Passwort als DOCX speichern.",
            "Save it as DOCX without a password.",
        )
    if data.startswith(b"{\\rtf"):
        raise _unsupported(where, "Das ist eine RTF-Datei.", "This is an RTF file.", *_AS_DOCX)
    if (
        data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM"))
        and b"\x00" in data[:4096]
    ):
        raise _unsupported(
            where,
            "Das ist ein Bild.",
            "This is a picture.",
            "Ein gescanntes Blatt braucht zuerst eine Texterkennung (OCR).",
            "A scanned page needs text recognition (OCR) first.",
        )
    text = text_of(data, where)
    begin = text[:40_000]
    for _ in range(5):  # comments and an XML line may stand before the first tag
        comment = _COMMENT.match(begin)
        if comment is None:
            break
        begin = begin[comment.end() :]
    return Kind.HTML if _HTML.match(begin) else Kind.MARKDOWN


def text_of(data: bytes, where: str) -> str:
    """Return a text file as text, its encoding found out: byte order mark, UTF-16 without one, declared, UTF-8, cp1252.

    Line ends become line feeds; a byte order mark and stray control characters are dropped.

    Raises:
        BadInput: the bytes are not text.
    """
    text = _decoded(data)
    controls = len(_CONTROLS.findall(text[:20_000])) if text is not None else 0
    if text is None or controls > 2 + min(len(text), 20_000) // 200:
        raise _unsupported(where, "Das ist keine Textdatei.", "This is not a text file.", *_ONLY)
    return _CONTROLS.sub("", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def _decoded(data: bytes) -> str | None:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:2000]
    if len(head) >= 4 and b"\x00" in head:
        even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
        if max(even, odd) > 0.4 and min(even, odd) < 0.1:
            return data.decode("utf-16-be" if even > odd else "utf-16-le", errors="replace")
        return None
    declared = _CHARSET.search(data[:4096])
    for encoding in ("utf-8", declared.group(1).decode("ascii") if declared else "", "cp1252"):
        try:
            if encoding:
                return data.decode(encoding)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return data.decode("cp1252", errors="replace")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits to be read: the name to show and where it lies."""

    name: str
    path: Path

    def read(self) -> bytes:
        """Return the content.

        Raises:
            BadInput: the file cannot be read or is empty.
            TooLarge: it has more than 10 MB; not more than that is ever read.
        """
        try:
            # O_NONBLOCK: a file swapped for a pipe since it was listed must not hold up the import.
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(handle, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                check_size(size, self.name)
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise BadInput(
                "file_unreadable",
                de="Die Datei lässt sich nicht öffnen.",
                en="The file cannot be opened.",
                where=f"{self.name}: {error.strerror or type(error).__name__}",
                remedy_de="Bitte die Zugriffsrechte prüfen.",
                remedy_en="Check its permissions.",
            ) from error
        check_size(len(data), self.name)
        return data


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a folder, and what in it is refused before reading."""

    files: tuple[Waiting, ...]
    refused: tuple[BadInput, ...]


def list_files(path: Path) -> Listing:
    """Return the file at `path`, or the files below the folder at `path` in order of their names.

    Hidden files are passed over. Links that lead out of the folder, devices and pipes are refused, linked folders are
    not entered; of more than 200 files the first 200 are given.

    Raises:
        NotFound: there is nothing at `path`.
        BadInput: `path` is a device or pipe.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise NotFound(
            "path_unknown",
            de="Diese Datei oder diesen Ordner gibt es nicht.",
            en="There is no such file or folder.",
            where=str(path)[:200],
            remedy_de="Bitte den Pfad prüfen.",
            remedy_en="Check the path.",
        ) from error
    if stat.S_ISREG(mode):
        return Listing((Waiting(shown_name(path.name), path),), ())
    if not stat.S_ISDIR(mode):
        raise _no_file(shown_name(path.name))
    root = path.resolve()
    files: list[Waiting] = []
    refused: list[BadInput] = []
    for found in _below(root):
        name = shown_name(found.relative_to(root).as_posix())
        problem = _refusal(found, root, name)
        if problem is not None:
            refused.append(problem)
        else:
            files.append(Waiting(name, found))
    if len(files) > MAX_FILES:
        refused.append(
            TooLarge(
                "too_many_files",
                de=f"Der Ordner hat mehr als {MAX_FILES} Dateien; die übrigen wurden nicht eingelesen.",
                en=f"The folder has more than {MAX_FILES} files; the rest was not imported.",
                where=files[MAX_FILES].name,
                remedy_de="Bitte die übrigen Dateien ab der genannten in einem eigenen Ordner einlesen.",
                remedy_en="Import the rest, from the file named, from a folder of its own.",
            )
        )
    return Listing(tuple(files[:MAX_FILES]), tuple(refused))


def _below(root: Path) -> Iterable[Path]:
    seen = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(n for n in names if not n.startswith(".")):
            seen += 1
            if seen > _MAX_SEEN:
                return
            yield Path(folder) / name


def _no_file(name: str) -> BadInput:
    return BadInput(
        "not_a_file",
        de="Das ist keine gewöhnliche Datei.",
        en="This is not an ordinary file.",
        where=name,
        remedy_de="Bitte eine Datei oder einen Ordner angeben.",
        remedy_en="Give a file or a folder.",
    )


def _refusal(path: Path, root: Path, name: str) -> BadInput | None:
    """Return why a folder's entry is not even opened, None if it may be."""
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError):  # RuntimeError: links that lead in a circle
        return BadInput(
            "link_broken",
            de="Der Verweis führt ins Leere.",
            en="The link leads nowhere.",
            where=name,
            remedy_de="Bitte die Datei selbst in den Ordner legen.",
            remedy_en="Put the file itself into the folder.",
        )
    if not target.is_relative_to(root):
        return BadInput(
            "link_outside",
            de="Der Verweis führt aus dem Ordner hinaus und wird nicht verfolgt.",
            en="The link leads out of the folder and is not followed.",
            where=name,
            remedy_de="Bitte die Datei selbst in den Ordner legen.",
            remedy_en="Put the file itself into the folder.",
        )
    return None if stat.S_ISREG(mode) else _no_file(name)
