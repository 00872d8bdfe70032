"""DOCX → document: visible text as it stands after accepting all changes; tables become list items."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any
from xml.sax.handler import ContentHandler

import defusedxml.sax
import docx
from defusedxml.common import DefusedXmlException
from docx.table import Table
from docx.text.paragraph import Paragraph

from nordlotse.answers.core.documents.document import Block, BlockKind, Document, Note, bounded, plain
from nordlotse.foundation.problem import BadInput, TooLarge

#: Limits of the container: bytes unpacked, packed to unpacked, entries; depth of its XML.
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 2_000
MAX_DEPTH = 200

# A tiny file may shrink more than a hundredfold without harm.
_RATIO_FROM = 1024 * 1024

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSEEN = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}txbxContent", _FALLBACK})
_HEADING = re.compile(r"(?:heading|berschrift|überschrift)\s?([1-9])", re.I)
_LIST = re.compile(r"list|aufz", re.I)


def read_docx(data: bytes, where: str) -> Document:
    """Read a DOCX file.

    Raises:
        BadInput: no DOCX, damaged, protected, with forbidden XML, or without text.
        TooLarge: it unpacks to more than 50 MB, more than a hundredfold, or is nested too deeply.
    """
    _check_container(data, where)
    try:
        document = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, zipfile.BadZipFile, OSError) as error:
        raise _damaged(where) from error
    reader = _Reader(where)
    blocks = bounded(reader.blocks(document), where)
    properties = document.core_properties
    title = plain(str(properties.title or ""))
    named = next((b.text for b in blocks if b.kind == "heading"), "")
    notes = []
    if reader.tables:
        notes.append(Note(f"{reader.tables} Tabellen wurden zu Aufzählungen.", f"{reader.tables} tables became lists."))
    if reader.pictures:
        notes.append(Note(f"{reader.pictures} Bilder weggelassen.", f"{reader.pictures} pictures left out."))
    if reader.unseen:
        notes.append(
            Note(
                "Verborgener oder gelöschter Text und Textfelder wurden weggelassen.",
                "Hidden or deleted text and text boxes were left out.",
            )
        )
    return Document((reader.title or title or named)[:150], blocks, _day(properties), notes=tuple(notes))


def _day(properties: Any) -> date | None:
    for name in ("modified", "created"):
        try:
            moment = getattr(properties, name)
        except ValueError:
            continue
        # The day of the library's own template is nobody's day.
        if moment is not None and moment.date() != date(2013, 12, 23):
            return date(moment.year, moment.month, moment.day)
    return None


def _damaged(where: str) -> BadInput:
    return BadInput(
        "docx_damaged",
        de="Die DOCX-Datei ist beschädigt oder unvollständig.",
        en="The DOCX file is damaged or incomplete.",
        where=where,
        remedy_de="Bitte in der Textverarbeitung öffnen und neu speichern.",
        remedy_en="Open it in the word processor and save it anew.",
    )


def _check_container(data: bytes, where: str) -> None:
    """Look at the container's list of contents and every XML part before any library builds a tree of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            entries = container.infolist()
            _check_entries(entries, len(data), where)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _check_xml(container.read(entry), f"{where}: {entry.filename[:80]}")
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _damaged(where) from error
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):  # zlib.error and lzma.LZMAError have no common base
            raise _damaged(where) from error
        raise


def _check_entries(entries: list[zipfile.ZipInfo], packed: int, where: str) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    bomb = unpacked > _RATIO_FROM and unpacked > MAX_RATIO * packed
    bomb = bomb or any(e.file_size > _RATIO_FROM and e.file_size > MAX_RATIO * max(1, e.compress_size) for e in entries)
    if unpacked > MAX_UNPACKED or len(entries) > MAX_ENTRIES or bomb:
        raise TooLarge(
            "docx_bomb",
            de=f"Die Datei entpackt sich auf {unpacked // 1024 // 1024} MB in {len(entries)} Teilen; erlaubt sind "
            "50 MB, 2000 Teile und das Hundertfache der Dateigröße.",
            en=f"The file unpacks to {unpacked // 1024 // 1024} MB in {len(entries)} parts; 50 MB, 2000 parts and a "
            "hundred times the file's size are allowed.",
            where=where,
            remedy_de="Bitte Bilder entfernen und neu speichern.",
            remedy_en="Take pictures out and save it anew.",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(
            "docx_encrypted",
            de="Die Datei ist mit einem Passwort geschützt.",
            en="The file is protected by a password.",
            where=where,
            remedy_de="Bitte ohne Passwort speichern.",
            remedy_en="Save it without a password.",
        )
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise BadInput(
            "file_type",
            de="Das ist ein ZIP-Archiv, aber kein Word-Dokument.",
            en="This is a ZIP archive but not a Word document.",
            where=where,
            remedy_de="Bitte entpacken und den Ordner einlesen, oder als DOCX speichern.",
            remedy_en="Unpack it and import the folder, or save it as DOCX.",
        )


class _Depth(ContentHandler):
    """Stops at XML nested too deeply."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self._depth = 0
        self._where = where

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name is the interface's
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooLarge(
                "docx_depth",
                de=f"Das XML der Datei ist tiefer als {MAX_DEPTH} Ebenen verschachtelt.",
                en=f"The file's XML is nested deeper than {MAX_DEPTH} levels.",
                where=self._where,
                remedy_de="Bitte in der Textverarbeitung neu speichern.",
                remedy_en="Save it anew in the word processor.",
            )

    def endElement(self, name: str) -> None:  # noqa: N802
        self._depth -= 1


def _check_xml(part: bytes, where: str) -> None:
    from xml.sax import SAXException

    try:
        defusedxml.sax.parseString(part, _Depth(where), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise BadInput(
            "docx_entities",
            de="Die Datei enthält eine Dokumenttyp- oder Entity-Angabe, wie sie in Angriffen vorkommt.",
            en="The file contains a document type or entity declaration as used in attacks.",
            where=where,
            remedy_de="Bitte den Text in ein neues Dokument kopieren und dieses speichern.",
            remedy_en="Copy the text into a new document and save that.",
        ) from error
    except SAXException as error:
        raise _damaged(where) from error


class _Reader:
    """Walks the body of a document in order."""

    def __init__(self, where: str) -> None:
        self.title = ""
        self.tables = self.pictures = 0
        self.unseen = False
        self._where = where

    def blocks(self, document: Any) -> Iterable[Block]:
        for part in document.iter_inner_content():
            if isinstance(part, Paragraph):
                yield self._paragraph(part)
            elif isinstance(part, Table):
                self.tables += 1
                yield from self._rows(part)

    def _paragraph(self, paragraph: Any) -> Block:
        text = self._text(paragraph._p)
        style = _style_name(paragraph)
        if style.lower() in ("title", "titel"):
            self.title = self.title or plain(text)
            return Block("heading", text, 1)
        heading = _HEADING.search(style)
        if heading:
            return Block("heading", text, int(heading.group(1)))
        numbered = paragraph._p.find(f"{_W}pPr/{_W}numPr") is not None
        kind: BlockKind = "item" if numbered or _LIST.match(style) else "paragraph"
        return Block(kind, text)

    def _rows(self, table: Any) -> Iterable[Block]:
        for row in table._tbl.iterchildren(f"{_W}tr"):
            cells = [plain(self._text(cell)) for cell in row.iterchildren(f"{_W}tc")]
            yield Block("item", "; ".join(cell for cell in cells if cell))

    def _text(self, root: Any) -> str:
        """Return the visible text below an element: deleted, moved away, hidden and repeated text is left out."""
        parts: list[str] = []
        stack = [root]
        while stack:
            node = stack.pop()
            tag = node.tag
            if tag in _UNSEEN or (tag == f"{_W}r" and _vanishes(node)):
                self.unseen = self.unseen or tag != _FALLBACK
                continue
            if tag == f"{_W}t":
                parts.append(node.text or "")
            elif tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
                parts.append(" ")
            elif tag == f"{_W}noBreakHyphen":
                parts.append("-")
            elif tag in (f"{_W}drawing", f"{_W}pict"):
                self.pictures += 1
            elif tag == f"{_W}p" and parts:
                parts.append(" ")
            stack.extend(reversed(node))
        return "".join(parts)


def _style_name(paragraph: Any) -> str:
    """Return the style's name, "" if the file names a style it does not define."""
    try:
        return str(paragraph.style.name or "") if paragraph.style is not None else ""
    except (KeyError, AttributeError):
        return ""


def _vanishes(run: Any) -> bool:
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and vanish.get(f"{_W}val", "true") not in ("0", "false", "off")
