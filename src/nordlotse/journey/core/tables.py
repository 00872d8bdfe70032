"""Tables as files: CSV and XLSX in which no text can turn into a formula when somebody opens them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

__all__ = ["csv_bytes", "harmless", "xlsx_bytes"]

#: With these a spreadsheet takes a text for a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(value: str | int) -> str | int:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands before a text that looks like one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_bytes(rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return CSV in UTF-8 with a byte order mark and semicolons, as German Excel opens it without questions."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([harmless(v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(rows: Iterable[Sequence[str | int]], title: str) -> bytes:
    """Return one sheet whose first row is the heading, fixed while one scrolls."""
    book = Workbook()
    sheet = book.active
    sheet.title = "".join(c for c in title if c not in r"[]:*?/\'")[:31] or "Nordlotse"
    width: dict[int, int] = {}
    for row in rows:
        sheet.append([harmless(v) for v in row])
        for i, value in enumerate(row, 1):
            width[i] = max(width.get(i, 8), min(60, len(str(value)) + 2))
    for i, chars in width.items():
        sheet.column_dimensions[get_column_letter(i)].width = chars
        sheet.cell(1, i).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
