"""A file of a spreadsheet program becomes plain rows: CSV here, XLSX in a confined child process.

Every spelling of CSV that Excel, LibreOffice and databases write is read: semicolon, comma or tab, UTF-8 with and without
byte order mark, UTF-16, Windows-1252, a first line `sep=;`.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.intake import text_of
from nordlotse.foundation.problem import BadInput, TooLarge

__all__ = ["MAX_BYTES", "MAX_CELL", "MAX_COLUMNS", "MAX_ROWS", "Sheet", "read", "workbook"]

#: Largest file taken in, in bytes (2 MB): some thousand people with their profiles.
MAX_BYTES = 2 * 1024 * 1024

#: Most rows of one table, the heading included.
MAX_ROWS = 2001

#: Most columns of one table; further ones are left out.
MAX_COLUMNS = 60

#: Longest text of one cell, in characters; longer ones are cut (no column takes as many).
MAX_CELL = 6000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it stands in the file. `rows`: (number of the row as the program shows it, its cells)."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(name: str, data: bytes) -> list[Sheet]:
    """Return the tables of a file: one of a CSV file, every filled one of an XLSX file.

    Raises:
        BadInput: empty, no table, or nothing this program reads; the message says what to do.
        TooLarge: more than 2 MB or 2,000 rows.
    """
    if not data:
        raise _wrong(
            "table_empty",
            "Die Datei ist leer.",
            "The file is empty.",
            name,
            "Bitte die richtige Datei wählen.",
            "Choose the right file.",
        )
    if len(data) > MAX_BYTES:
        raise TooLarge(
            "table_too_large",
            de="Die Datei hat mehr als 2 MB.",
            en="The file has more than 2 MB.",
            where=name,
            remedy_de="Bitte die Tabelle teilen.",
            remedy_en="Split the table.",
        )
    if data.startswith(b"PK"):
        with Confined("nordlotse.network.intake.sheets:workbook", Limits(seconds=20.0)) as child:
            found = child.run(name, data)
        sheets = [
            Sheet(s["name"], tuple(s["header"]), tuple((n, tuple(cells)) for n, cells in s["rows"])) for s in found
        ]
    else:
        sheets = [_from_text(name, _text(name, data))]
    kept = [s for s in sheets if s.header]
    if not kept:
        raise _wrong(
            "table_empty",
            "In der Datei steht keine Tabelle.",
            "There is no table in the file.",
            name,
            "Die erste Zeile nennt die Spalten, wie in der Vorlage.",
            "The first line names the columns, as in the template.",
        )
    return kept


def _wrong(code: str, de: str, en: str, where: str, remedy_de: str, remedy_en: str) -> BadInput:
    return BadInput(code, de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def _no_table(name: str) -> BadInput:
    return _wrong(
        "table_type",
        "Diese Datei ist keine Tabelle, die wir lesen.",
        "This file is not a table we read.",
        name,
        "Bitte im Tabellenprogramm als CSV oder XLSX speichern.",
        "Save it in the spreadsheet program as CSV or XLSX.",
    )


def _text(name: str, data: bytes) -> str:
    try:
        if data.startswith(b"\xd0\xcf\x11\xe0") or b"%PDF-" in data[:1024]:
            raise ValueError
        return text_of(data, name)
    except (BadInput, ValueError) as error:
        raise _no_table(name) from error


def _separator(line: str) -> str:
    """The character that parts the cells: the most frequent one outside of quotation marks in the heading."""
    outside = "".join(line.split('"')[::2])
    return max(";,\t", key=lambda c: (outside.count(c), c == ";"))


def _from_text(name: str, text: str) -> Sheet:
    first, _, rest = text.lstrip("\n").partition("\n")
    skipped = text[: len(text) - len(text.lstrip("\n"))].count("\n")
    separator = ""
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        separator, text, skipped = first[4], rest, skipped + 1
    else:
        text = text.lstrip("\n")
    separator = separator or _separator(text.partition("\n")[0])
    rows = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), skipped + 1):
            if number > skipped + MAX_ROWS:
                raise _too_many(name)
            rows.append((number, tuple(c.strip()[:MAX_CELL] for c in cells[:MAX_COLUMNS])))
    except csv.Error as error:
        raise _wrong(
            "table_broken",
            "Die Tabelle ist ab dieser Stelle nicht lesbar.",
            "The table cannot be read from this place on.",
            f"{name}, {len(rows) + skipped + 1}",
            "Bitte die Anführungszeichen prüfen oder die Datei neu speichern.",
            "Check the quotation marks, or save the file anew.",
        ) from error
    return _sheet(name, rows)


def _too_many(name: str) -> TooLarge:
    return TooLarge(
        "table_too_long",
        de=f"Die Tabelle hat mehr als {MAX_ROWS - 1} Zeilen.",
        en=f"The table has more than {MAX_ROWS - 1} rows.",
        where=name,
        remedy_de="Bitte die Tabelle teilen.",
        remedy_en="Split the table.",
    )


def _sheet(name: str, rows: list[tuple[int, tuple[str, ...]]]) -> Sheet:
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        return Sheet(name, (), ())
    return Sheet(name, filled[0][1], tuple(filled[1:]))


# ---- in the child ----


def workbook(name: str, data: bytes) -> list[dict[str, Any]]:
    """Return the tables of an XLSX file as JSON; runs in the confined child.

    Raises:
        BadInput: not an XLSX file, or too long.
    """
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise _no_table(name) from error
    found = []
    for page in book.worksheets[:10]:
        rows: list[tuple[int, tuple[str, ...]]] = []
        blank = 0
        for number, cells in enumerate(page.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
            row = tuple(_cell(c) for c in cells)
            row = row[: max((place for place, cell in enumerate(row, 1) if cell), default=0)]
            blank = 0 if any(row) else blank + 1
            if blank > 200:  # a formatted but empty sheet goes on for a million rows
                break
            if any(row):
                rows.append((number, row))
            if len(rows) > MAX_ROWS:
                raise _too_many(name)
        sheet = _sheet(str(page.title), rows)
        found.append({"name": sheet.name, "header": sheet.header, "rows": sheet.rows})
    return found


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "".join(c for c in str(value) if c.isprintable() or c == "\n").strip()[:MAX_CELL]
