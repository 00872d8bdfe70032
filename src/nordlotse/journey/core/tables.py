"""Tables as files: CSV and XLSX in which no text can turn into a formula, and which are the same to the byte for the same rows."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["csv_bytes", "harmless", "xlsx_bytes"]

#: With these a spreadsheet takes a text for a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: The author and the moment written into every workbook: what is made of frozen figures must not tell when it was made.
_AUTHOR = "Nordlotse"
_MOMENT = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")

Rows = Iterable[Sequence[str | int]]


def harmless(value: str | int) -> str | int:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands before a text that looks like one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_bytes(rows: Rows) -> bytes:
    """Return CSV in UTF-8 with a byte order mark and semicolons, as German Excel opens it without questions."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([harmless(v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(rows: Rows, title: str, more: Iterable[tuple[str, Rows]] = ()) -> bytes:
    """Return a workbook: one sheet for `rows`, then one for each (title, rows) of `more`; first rows are headings."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = _AUTHOR
    for name, held in ((title, rows), *more):
        _fill(book.create_sheet("".join(c for c in name if c not in r"[]:*?/\'")[:31] or _AUTHOR), held)
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _fill(sheet: Worksheet, rows: Rows) -> None:
    """Write rows with a bold heading that stays while one scrolls; long texts wrap."""
    width: dict[int, int] = {}
    for row in rows:
        sheet.append([harmless(v) for v in row])
        for i, value in enumerate(row, 1):
            width[i] = max(width.get(i, 8), min(60, len(str(value)) + 2))
            if len(str(value)) > 60:
                sheet.cell(sheet.max_row, i).alignment = Alignment(wrap_text=True, vertical="top")
    for i, chars in width.items():
        sheet.column_dimensions[get_column_letter(i)].width = chars
        sheet.cell(1, i).font = Font(bold=True)
    sheet.freeze_panes = "A2"


def _timeless(content: bytes) -> bytes:
    """Return a workbook whose bytes depend on nothing but its cells: entries and properties carry one fixed moment."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            held = old.read(name)
            if name == "docProps/core.xml":
                held = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\3", held)
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, held)
    return out.getvalue()
