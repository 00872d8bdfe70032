"""PDF → document: the text layer, its lines joined to paragraphs; headings are told by their size."""

from __future__ import annotations

import io
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from nordlotse.answers.core.documents.document import Block, Document, Note, bounded, plain
from nordlotse.foundation.problem import BadInput, TooLarge

#: A PDF may have so many pages.
MAX_PAGES = 300

# Fewer letters and digits a page than this: a scan with a stray stamp, not a text.
_LETTERS_A_PAGE = 20

_BULLET = re.compile(r"^(?:[•▪●◦‣·■–—*-]|\d{1,2}[.)])\s+(?=\S)")
# "Kosten . . . . . . 12": a line of the table of contents says nothing by itself.
_LEADERS = re.compile(r"(?:\. ?){6}")
_ENDS = (".", "!", "?", ":", "”", "“", "»")
_PROGRAM_TITLE = re.compile(r"\.(?:docx?|odt|indd|pdf|pptx?|xlsx?|tex)\b|^untitled|^unbenannt|^microsoft word", re.I)
_LETTERS_BEFORE_HYPHEN = re.compile(r"[a-zäöüß]-$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page and the size of its largest letters in points (0 if unknown)."""

    text: str
    size: float
    page: int


def read_pdf(data: bytes, where: str) -> Document:
    """Read the text layer of a PDF. A page that cannot be read is left out and noted.

    Raises:
        BadInput: encrypted, damaged, or a scan without text.
        TooLarge: more than 300 pages.
    """
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        _check_open(reader, where)
        pages = len(reader.pages)
    except BadInput:
        raise
    except Exception as error:  # the library meets broken files with errors of every kind
        raise _damaged(where, error) from error
    _check_pages(pages, where)
    lines, notes = _lines(reader, where)
    _check_text(lines, pages, len(notes), where)
    blocks = bounded(_blocks(_without_margins(lines, pages)), where)
    title = _title(reader)
    first = next((b.text for b in blocks if b.kind == "heading"), "")
    return Document((title or first)[:150], blocks, _day(reader), notes=tuple(notes))


def _check_open(reader: Any, where: str) -> None:
    """Open a PDF that is encrypted with an empty password, as every viewer does; refuse others."""
    if not reader.is_encrypted:
        return
    try:
        opened = bool(reader.decrypt(""))
    except Exception:  # unknown ciphers and missing libraries alike: it stays closed
        opened = False
    if not opened:
        raise BadInput(
            "pdf_encrypted",
            de="Die PDF-Datei ist mit einem Passwort verschlüsselt.",
            en="The PDF file is encrypted with a password.",
            where=where,
            remedy_de="Bitte ohne Passwort speichern.",
            remedy_en="Save it without a password.",
        )


def _damaged(where: str, error: Exception) -> BadInput:
    return BadInput(
        "pdf_damaged",
        de="Die PDF-Datei ist beschädigt oder unvollständig.",
        en="The PDF file is damaged or incomplete.",
        where=f"{where} ({type(error).__name__})",
        remedy_de="Bitte neu erzeugen oder erneut herunterladen.",
        remedy_en="Make it anew or download it again.",
    )


def _check_pages(pages: int, where: str) -> None:
    if pages > MAX_PAGES:
        raise TooLarge(
            "pdf_pages",
            de=f"Die PDF-Datei hat {pages} Seiten, erlaubt sind {MAX_PAGES}.",
            en=f"The PDF file has {pages} pages, {MAX_PAGES} are allowed.",
            where=f"{where}, S. {MAX_PAGES + 1}",
            remedy_de="Bitte nur die Seiten speichern, die gebraucht werden.",
            remedy_en="Save only the pages that are needed.",
        )


def _check_text(lines: Sequence[_Line], pages: int, unreadable: int, where: str) -> None:
    letters = sum(c.isalnum() for line in lines for c in line.text)
    if pages and unreadable == pages:
        raise _damaged(where, PyPdfError("no page"))
    if letters < _LETTERS_A_PAGE * max(1, min(pages, 5)):
        raise BadInput(
            "pdf_no_text",
            de="Die PDF-Datei enthält keinen Text, vermutlich ist sie gescannt.",
            en="The PDF file contains no text; it is probably a scan.",
            where=f"{where}, S. 1–{pages}" if pages > 1 else f"{where}, S. 1",
            remedy_de="Bitte zuerst eine Texterkennung (OCR) darüber laufen lassen.",
            remedy_en="Run text recognition (OCR) over it first.",
        )


def _lines(reader: Any, where: str) -> tuple[list[_Line], list[Note]]:
    lines: list[_Line] = []
    notes: list[Note] = []
    for number, page in enumerate(reader.pages, 1):
        try:
            lines.extend(_page_lines(page, number))
        except MemoryError:
            raise
        except Exception as error:  # one broken page does not cost the rest
            kind = type(error).__name__
            notes.append(
                Note(
                    "Seite nicht lesbar, weggelassen.",
                    "Page could not be read, left out.",
                    f"{where}, S. {number} ({kind})",
                )
            )
    return lines, notes


def _page_lines(page: Any, number: int) -> list[_Line]:
    sizes: dict[str, float] = {}

    def note_size(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        height = abs(size or 0) * (abs(tm[3]) or 1) * (abs(cm[3]) or 1)
        for part in text.split("\n"):
            words = plain(part)
            if words:
                sizes[words] = max(sizes.get(words, 0.0), height)

    text = page.extract_text(visitor_text=note_size)
    return [_Line(line, sizes.get(line, 0.0), number) for line in (plain(raw) for raw in text.split("\n"))]


def _without_margins(lines: Sequence[_Line], pages: int) -> list[_Line]:
    """Drop running heads, feet, page numbers and lines of a table of contents.

    A running head is among the first or last two lines and returns on a third of the pages.
    """
    by_page: dict[int, list[_Line]] = {}
    for line in lines:
        if line.text:
            by_page.setdefault(line.page, []).append(line)
    seen: Counter[str] = Counter()
    for page in by_page.values():
        seen.update({_shape(line) for line in (*page[:2], *page[-2:])})
    common = {shape for shape, count in seen.items() if pages >= 3 and count >= max(3, pages / 3)}
    edges = {id(line) for page in by_page.values() for line in (*page[:2], *page[-2:])}
    running = {id(line) for line in lines if id(line) in edges and (_shape(line) in common or line.text.isdecimal())}
    return [line for line in lines if id(line) not in running and not _LEADERS.search(line.text)]


def _shape(line: _Line) -> str:
    """Return what a running head looks like on every page; only a short line may differ in its number."""
    return re.sub(r"\d+", "#", line.text) if len(line.text) <= 40 else line.text


def _blocks(lines: Sequence[_Line]) -> Iterable[Block]:
    sized = [line.size for line in lines for _ in range(min(20, len(line.text) // 10)) if line.size]
    body = statistics.median(sized) if sized else 0.0
    full = sorted(len(line.text) for line in lines if line.text)
    width = full[int(len(full) * 0.8)] if full else 0
    levels = {
        size: n for n, size in enumerate(sorted({round(x.size) for x in lines if _is_title(x, body)}, reverse=True), 1)
    }
    open_text, item = "", False
    last: _Line | None = None
    for line in lines:
        heading = _is_title(line, body)
        bullet = _BULLET.match(line.text)
        ended = last is not None and last.text.endswith(_ENDS) and len(last.text) < 0.8 * width
        if open_text and (not line.text or heading or bullet or ended):
            yield Block("item" if item else "paragraph", open_text)
            open_text, item = "", False
        if heading:
            yield Block("heading", line.text, min(6, levels[round(line.size)]))
        elif line.text:
            item = item or bool(bullet)
            open_text = _joined(open_text, line.text[bullet.end() :] if bullet else line.text)
        last = line if line.text else None
    if open_text:
        yield Block("item" if item else "paragraph", open_text)


def _is_title(line: _Line, body: float) -> bool:
    return bool(line.text) and body > 0 and line.size > 1.12 * body and len(line.text) <= 150


def _joined(before: str, line: str) -> str:
    """Join two lines; a word divided at the line's end is put together again."""
    if not before:
        return line
    if (
        _LETTERS_BEFORE_HYPHEN.search(before[-2:])
        and line[:1].islower()
        and not line.startswith(("und ", "oder ", "and ", "or "))
    ):
        return before[:-1] + line
    return f"{before} {line}"


def _title(reader: Any) -> str:
    try:
        title = plain(str((reader.metadata or {}).get("/Title") or ""))
    except Exception:  # a broken information dictionary is no reason to refuse the text
        return ""
    return title if 4 <= len(title) <= 150 and not _PROGRAM_TITLE.search(title) else ""


def _day(reader: Any) -> date | None:
    for name in ("modification_date", "creation_date"):
        try:
            moment = getattr(reader.metadata, name, None)
        except Exception:  # dates are free text in broken files
            moment = None
        if moment is not None:
            return date(moment.year, moment.month, moment.day)
    return None
