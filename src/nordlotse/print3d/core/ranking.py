"""The ranked list as a file: CSV or XLSX, German or English, in which no text can turn into a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.rates import GUIDE_VALUE, rates
from nordlotse.print3d.core.screening import Judged, Screening

#: With these a spreadsheet takes a text for a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEADINGS = (
    Text("Rang", "rank"),
    Text("Teil", "part"),
    Text("Datei", "file"),
    Text("Ersparnis im Jahr EUR", "saving a year EUR"),
    Text("von", "from"),
    Text("bis", "to"),
    Text("sicher", "sure"),
    Text("Eignung (0–100)", "suitability (0–100)"),
    Text("Gründe", "reasons"),
    Text("Verfahren", "process"),
    Text("Stückkosten EUR", "unit cost EUR"),
    Text("von", "from"),
    Text("bis", "to"),
    Text("Losgröße", "lot"),
    Text("gemessen", "measured"),
    Text("Preis heute EUR", "price today EUR"),
    Text("Jahresmenge", "yearly quantity"),
    Text("Bestand", "stock"),
    Text("Hinweis", "remark"),
)
_YES, _NO = Text("ja", "yes"), Text("nein", "no")
_ROUGH = Text("Nur Maße aus der Liste, keine Form.", "Only sizes from the list, no shape.")
_NO_FIGURES = Text(
    "Ohne Preis und Jahresmenge nur nach Eignung.", "Without price and yearly quantity by suitability only."
)

Cell = str | int | float


def table(found: Screening, lang: str = "de") -> Iterator[list[Cell]]:
    """Yield the heading and one row per part; money with two decimals, empty where nothing is known."""
    yield [heading.get(lang) for heading in _HEADINGS]
    for rank, row in enumerate(found.rows, 1):
        yield _row(rank, row, lang)


def _row(rank: int, row: Judged, lang: str) -> list[Cell]:
    saving = row.saving
    cost = row.cost
    money: list[Cell] = [round(saving[1], 2), round(saving[0], 2), round(saving[2], 2)] if saving else ["", "", ""]
    sure = (_YES if row.sure else _NO).get(lang) if saving else ""
    made: list[Cell] = ["", "", "", "", "", ""]
    if cost is not None:
        name = rates().ways[cost.process].name.get(lang)
        known = _YES.get(lang) if cost.measured else GUIDE_VALUE.get(lang)
        made = [name, round(cost.likely, 2), round(cost.low, 2), round(cost.high, 2), row.lot, known]
    given: list[Cell] = ["" if value is None else value for value in (row.item.price, row.item.yearly, row.item.stock)]
    reasons = ", ".join(reason.get(lang) for reason in row.suitability.reasons)
    judged: list[Cell] = ["" if row.problem.de else row.suitability.points, reasons]
    cells = [rank, row.item.part, row.file, *money, sure, *judged, *made, *given, _remark(row, lang)]
    return [_harmless(cell) for cell in cells]


def _remark(row: Judged, lang: str) -> str:
    if row.problem.de:
        return row.problem.get(lang)
    told = [_ROUGH] if row.plain else []
    return " ".join(text.get(lang) for text in (*told, *([] if row.saving else [_NO_FIGURES])))


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def csv_bytes(found: Screening, lang: str = "de") -> bytes:
    """Return CSV in UTF-8 with a byte order mark; German with semicolons and decimal commas, as German Excel opens it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if lang == "de" else ",", lineterminator="\r\n")
    for row in table(found, lang):
        writer.writerow([str(c).replace(".", ",") if isinstance(c, float) and lang == "de" else c for c in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(found: Screening, lang: str = "de") -> bytes:
    """Return a workbook with one sheet, headings bold and always in sight."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.active
    page.title = Text("Rangfolge", "ranking").get(lang)
    widths = [8] * len(_HEADINGS)
    for row in table(found, lang):
        page.append(["".join(c for c in v if c.isprintable()) if isinstance(v, str) else v for v in row])
        widths = [max(width, min(60, len(str(cell)) + 2)) for width, cell in zip(widths, row, strict=True)]
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width
        page.cell(1, place).font = Font(bold=True)
    page.freeze_panes = "C2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
