"""What a file handed in is, by its content alone: documents, pictures, tables and parts are taken, everything else is refused.

A file is only ever given back as a download and opened by nobody here; what is refused is what could run on the reader's machine
(programs, pages, documents with macros) or burst when opened (archives that unpack to many times their size).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from dataclasses import dataclass

from nordlotse.foundation.intake import text_of
from nordlotse.foundation.problem import BadInput

#: Limits of a file that is a ZIP container (DOCX, XLSX, ODT, ODS, 3MF): entries, unpacked size in bytes, and how many times
#: larger than packed it may be as a whole. Office files rarely exceed a factor of 20.
MAX_ENTRIES = 2_000
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 120


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken: media type, and the ending its name shall have."""

    media_type: str
    ending: str


PDF = FileKind("application/pdf", ".pdf")
PNG = FileKind("image/png", ".png")
JPEG = FileKind("image/jpeg", ".jpg")
HEIC = FileKind("image/heic", ".heic")
WEBP = FileKind("image/webp", ".webp")
DOCX = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")
XLSX = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")
ODT = FileKind("application/vnd.oasis.opendocument.text", ".odt")
ODS = FileKind("application/vnd.oasis.opendocument.spreadsheet", ".ods")
THREE_MF = FileKind("model/3mf", ".3mf")
STL = FileKind("model/stl", ".stl")
STEP = FileKind("model/step", ".step")
CSV = FileKind("text/csv", ".csv")
MARKDOWN = FileKind("text/markdown", ".md")
TEXT = FileKind("text/plain", ".txt")

#: Endings that mean the same kind.
_SAME = {
    ".jpg": {".jpg", ".jpeg"},
    ".heic": {".heic", ".heif"},
    ".step": {".step", ".stp"},
    ".txt": {".txt", ".text", ".log"},
    ".md": {".md", ".markdown"},
}

#: How a photo of a phone says what it is (ISO/IEC 23008-12): HEIC, and HEIF with several pictures.
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")

_PROGRAMS = (
    b"MZ",  # Windows
    b"\x7fELF",  # Linux
    b"\xfe\xed\xfa",  # macOS
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # macOS and Java
    b"#!",  # scripts
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcuts
)
_PAGE = re.compile(
    r"<\s{0,20}(?:!doctype\s{1,20}(?:html|svg)|html|head|body|script|svg|iframe|object|embed|meta|\?xml|xml|xsl:)", re.I
)
_STEP_HEAD = re.compile(rb"\A\s{0,100}ISO-10303-21\s{0,20};")


def _refused(where: str, de: str, en: str, code: str = "file_kind") -> BadInput:
    return BadInput(
        code,
        de=de,
        en=en,
        where=where,
        remedy_de="Angenommen werden PDF, PNG, JPEG, WebP, HEIC, DOCX, XLSX, ODT, ODS, CSV, TXT, MD, STL, 3MF und STEP.",
        remedy_en="PDF, PNG, JPEG, WebP, HEIC, DOCX, XLSX, ODT, ODS, CSV, TXT, MD, STL, 3MF and STEP are taken.",
    )


def kind_of(data: bytes, name: str) -> FileKind:
    """Return what a file is; the name only tells CSV, Markdown and plain text apart.

    Raises:
        BadInput: a kind that is not taken, a document with macros, or a container beyond the limits (`file_kind`,
            `file_macros`, `file_bomb`, `file_broken`).
    """
    if data.startswith(_PROGRAMS):
        raise _refused(name, "Das ist ein Programm oder Skript.", "This is a program or script.")
    if data.startswith(b"PK\x03\x04"):
        return _container(data, name)
    for begin, kind in ((b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG)):
        if data.startswith(begin):
            return kind
    if data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return PDF
    for kind, place, brands in ((HEIC, data[4:8] == b"ftyp", _HEIC_BRANDS), (WEBP, data[:4] == b"RIFF", (b"WEBP",))):
        if place and data[8:12] in brands:
            return kind
    if _is_binary_stl(data):
        return STL
    return _of_text(data, name)


def _is_binary_stl(data: bytes) -> bool:
    """Tell a binary STL: 80 bytes of header, the number of triangles, 50 bytes for each."""
    return len(data) >= 84 and len(data) == 84 + 50 * int(struct.unpack_from("<I", data, 80)[0])


def _of_text(data: bytes, name: str) -> FileKind:
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(name, "Diese Art von Datei nehmen wir nicht an.", "We do not take this kind of file.")
    try:
        text = text_of(data, name)
    except BadInput as problem:
        raise _refused(
            name, "Diese Art von Datei nehmen wir nicht an.", "We do not take this kind of file."
        ) from problem
    if _STEP_HEAD.match(data):
        return STEP
    if text.lstrip().startswith("solid") and "facet" in text[:2000]:
        return STL
    ending = ending_of(name)
    # A Markdown or log file may speak of tags; a browser that guesses looks at the beginning only.
    if text.lstrip()[:1] == "<" or _PAGE.search(text[:1500]):
        raise _refused(
            name, "Das ist eine Webseite, ein SVG-Bild oder XML.", "This is a web page, an SVG picture or XML."
        )
    if text.startswith("{\\rtf"):
        raise _refused(name, "Das ist eine RTF-Datei.", "This is an RTF file.")
    for kind in (CSV, MARKDOWN):
        if ending in _SAME.get(kind.ending, {kind.ending}):
            return kind
    return TEXT


def _container(data: bytes, name: str) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(data), name)
            kind = _kind_of_container(archive, {e.filename for e in entries})
            _check_macros(archive, entries, name)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise _refused(
            name, "Die Datei ist beschädigt oder verschlüsselt.", "The file is damaged or encrypted.", "file_broken"
        ) from error
    except struct.error as error:
        raise _refused(name, "Die Datei ist beschädigt.", "The file is damaged.", "file_broken") from error
    if kind is None:
        raise _refused(name, "Archive nehmen wir nicht an.", "We do not take archives.")
    return kind


def _check_entries(entries: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    unpacked = sum(e.file_size for e in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > packed * MAX_RATIO:
        raise _refused(
            name,
            "Die Datei entpackt sich auf ein Vielfaches ihrer Größe.",
            "The file unpacks to many times its size.",
            "file_bomb",
        )
    names = [e.filename for e in entries]
    strange = any(n.startswith(("/", "\\")) or ".." in n.replace("\\", "/").split("/") for n in names)
    if strange or len(set(names)) != len(names) or any(e.flag_bits & 1 for e in entries):
        raise _refused(
            name, "Die Datei ist beschädigt oder verschlüsselt.", "The file is damaged or encrypted.", "file_broken"
        )


def _kind_of_container(archive: zipfile.ZipFile, names: set[str]) -> FileKind | None:
    if "[Content_Types].xml" in names:
        for inner, kind in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("3D/3dmodel.model", THREE_MF)):
            if inner in names:
                return kind
    if "mimetype" in names:
        with archive.open("mimetype") as file:
            said = file.read(100).strip().decode("ascii", errors="replace")
        return next((kind for kind in (ODT, ODS) if kind.media_type == said), None)
    return None


def _check_macros(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse documents that carry programs: VBA, Excel 4 macro sheets, Basic and scripts of OpenDocument, ActiveX, embedded OLE."""
    for entry in entries:
        low = entry.filename.lower()
        if low.endswith(("vbaproject.bin", "vbadata.xml")) or low.startswith(
            (
                "xl/macrosheets/",
                "basic/",
                "scripts/",
                "word/activex/",
                "xl/activex/",
                "xl/embeddings/ole",
                "word/embeddings/ole",
            )
        ):
            raise _with_macros(name)
        if low == "[content_types].xml":
            with archive.open(entry) as file:
                if b"macroenabled" in file.read(1024 * 1024).lower():
                    raise _with_macros(name)


def _with_macros(name: str) -> BadInput:
    return BadInput(
        "file_macros",
        de="Das Dokument enthält Makros oder eingebettete Programme.",
        en="The document contains macros or embedded programs.",
        where=name,
        remedy_de="Bitte ohne Makros speichern, etwa als DOCX, XLSX oder PDF.",
        remedy_en="Save it without macros, for example as DOCX, XLSX or PDF.",
    )


def ending_of(name: str) -> str:
    """Return the ending of a name with its dot in lower case, "" without one."""
    base = name.rpartition("/")[2]
    stem, dot, ending = base.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def fitting_name(name: str, kind: FileKind) -> str:
    """Return the last part of a name with an ending that fits the kind, at most 100 characters long, safe on every system."""
    base = name.replace("\\", "/").rpartition("/")[2]
    ending = ending_of(base)
    stem = base[: len(base) - len(ending)] if ending else base
    if ending not in _SAME.get(kind.ending, {kind.ending}):
        ending = kind.ending
    safe = re.sub(r'[<>:"|?*\x00-\x1f]', "_", "".join(c for c in stem if c.isprintable())).strip(" .")
    return (safe[: 100 - len(ending)].strip(" .") or "datei") + ending
