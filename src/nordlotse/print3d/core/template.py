"""The parts list to fill in: one heading for each column that is understood, three rows as an example."""

from __future__ import annotations

import io
from typing import Final

from nordlotse.foundation.language import Text

#: Headings in German and English; `partlist` understands each of them.
HEADINGS: Final = (
    Text("Teilenummer", "part number"),
    Text("Teil", "part"),
    Text("Datei", "file"),
    Text("Preis heute (€/Stück)", "price today (EUR/piece)"),
    Text("Jahresmenge", "yearly quantity"),
    Text("Bestand", "stock"),
    Text("Lieferzeit (Tage)", "lead time (days)"),
    Text("Mindestmenge", "minimum order"),
    Text("Länge (mm)", "length (mm)"),
    Text("Breite (mm)", "width (mm)"),
    Text("Höhe (mm)", "height (mm)"),
    Text("Gewicht (g)", "weight (g)"),
    Text("Werkstoff", "material"),
)
#: A part with its file, one known by its sizes only, and one of which little is known.
EXAMPLES: Final[tuple[tuple[Text | str | float | None, ...], ...]] = (
    (
        "4711-20",
        Text("Kettenführung", "chain guide"),
        "4711-20.stl",
        38.5,
        12,
        30,
        42,
        10,
        None,
        None,
        None,
        None,
        "PA6",
    ),
    ("4712-00", Text("Abdeckkappe", "cover cap"), "", 6.9, 200, 450, 14, 500, 60, 40, 12, 11, "ABS"),
    (
        "4713-05",
        Text("Sensorhalter", "sensor bracket"),
        "4713-05.step",
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        "Aluminium",
    ),
)


def rows(lang: str) -> list[list[str | float | None]]:
    """Return headings and examples in a language."""
    told = [[cell.get(lang) if isinstance(cell, Text) else cell for cell in row] for row in EXAMPLES]
    return [[heading.get(lang) for heading in HEADINGS], *told]


def workbook(lang: str) -> bytes:
    """Return the list to fill in as XLSX."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.active
    page.title = Text("Teile", "parts").get(lang)
    for row in rows(lang):
        page.append(row)
    for place, heading in enumerate(rows(lang)[0], 1):
        page.cell(1, place).font = Font(bold=True)
        page.column_dimensions[get_column_letter(place)].width = max(12, len(str(heading)) + 2)
    page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
