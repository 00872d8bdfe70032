"""A company's parts list, CSV or XLSX: what is paid today, how many a year, what lies in stock. A bad cell spoils its row, not the list."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any

from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.intake import shown_name, text_of
from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput, TooLarge

#: Most rows, and largest file in bytes.
MOST = 10_000
MAX_BYTES = 8 * 1024 * 1024
#: What a workbook may unpack to, in bytes.
_UNPACKED = 120 * 1024 * 1024
_COLUMNS, _CELL = 60, 300

#: What a column may be called, spelt without umlauts, blanks and units.
_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "part": (
            "teil",
            "part",
            "name",
            "bezeichnung",
            "artikel",
            "artikelnummer",
            "teilenummer",
            "partnumber",
            "nummer",
        ),
        "file": ("datei", "file", "dateiname", "filename", "cad"),
        "price": (
            "preis",
            "price",
            "stueckpreis",
            "einzelpreis",
            "unitprice",
            "preisheute",
            "pricetoday",
            "today",
            "heute",
        ),
        "yearly": (
            "jahresmenge",
            "jahresbedarf",
            "yearly",
            "yearlyquantity",
            "menge",
            "bedarf",
            "verbrauch",
            "quantity",
        ),
        "stock": ("bestand", "lagerbestand", "stock", "lager"),
        "lead": ("lieferzeit", "leadtime", "leaddays", "lieferzeittage"),
        "minimum": ("mindestmenge", "minimum", "moq", "minimumorder"),
        "length": ("laenge", "length", "x"),
        "width": ("breite", "width", "y"),
        "height": ("hoehe", "height", "z"),
        "volume": ("volumen", "volume"),
        "material": ("werkstoff", "material"),
    }
)
_WHOLE = ("yearly", "stock", "lead", "minimum")
_FIGURES = ("price", "yearly", "stock", "lead", "minimum", "length", "width", "height", "volume")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")


@dataclass(frozen=True, slots=True)
class Item:
    """One row: part, its file if named, EUR per piece today, pieces a year, in stock, days to wait, least order, mm, mm³, material.

    What is not stated is None. `problem`: a cell that cannot be read; the row is told as not judged.
    """

    row: int
    part: str
    file: str = ""
    price: float | None = None
    yearly: float | None = None
    stock: float | None = None
    lead: float | None = None
    minimum: float | None = None
    length: float | None = None
    width: float | None = None
    height: float | None = None
    volume: float | None = None
    material: str = ""
    problem: Text = NOTHING

    @property
    def size(self) -> tuple[float, float, float] | None:
        """Return length, width and height in mm where all are stated."""
        if self.length is None or self.width is None or self.height is None:
            return None
        return self.length, self.width, self.height


@dataclass(frozen=True, slots=True)
class PartList:
    """The rows, and the headings that were not understood and therefore not used."""

    items: tuple[Item, ...]
    unused: tuple[str, ...]


def read_list(data: bytes, name: str) -> PartList:
    """Return a parts list. Volumes are in cm³ in the list, lengths in mm, lead times in days, prices in EUR.

    Raises:
        BadInput: `list_empty`, `list_columns`, `list_unreadable`.
        TooLarge: `list_too_large`.
    """
    name = shown_name(name)
    if len(data) > MAX_BYTES:
        raise _large(name)
    rows = _workbook(data, name) if data.startswith(b"PK") else _text_rows(data, name)
    if not rows:
        raise BadInput(
            "list_empty",
            de="Die Liste ist leer.",
            en="The list is empty.",
            where=name,
            remedy_de="Die erste Zeile nennt die Spalten, zum Beispiel: Teil; Datei; Preis; Jahresmenge; Bestand.",
            remedy_en="The first line names the columns, for example: part; file; price; yearly; stock.",
        )
    if len(rows) - 1 > MOST:
        raise _large(name)
    columns, unused = _columns([str(cell) for cell in rows[0][1]], name)
    german = any(
        _comma(cells[k]) for _, cells in rows[1:] for f, k in columns.items() if f in _FIGURES and k < len(cells)
    )
    items = tuple(_item(number, cells, columns, german) for number, cells in rows[1:] if any(str(c) for c in cells))
    return PartList(items, unused)


_Rows = list[tuple[int, Sequence[Any]]]


def _text_rows(data: bytes, name: str) -> _Rows:
    text = text_of(data, name).lstrip("\n")
    head = text.partition("\n")[0]
    mark = max(";\t,", key=head.count)
    rows: _Rows = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=mark), 1):
            if any(cell.strip() for cell in cells):
                rows.append((number, [cell.strip()[:_CELL] for cell in cells[:_COLUMNS]]))
            if len(rows) > MOST + 1:
                raise _large(name)
    except csv.Error as error:
        raise _unreadable(f"{name}:{len(rows) + 1}") from error
    return rows


def _workbook(data: bytes, name: str) -> _Rows:
    with Confined("nordlotse.print3d.core.partlist:workbook", Limits(seconds=40.0)) as child:
        return [(int(number), cells) for number, cells in child.run(name, data)]


def workbook(name: str, data: bytes) -> list[Any]:
    """Return the rows of the first filled sheet; numbers stay numbers. Runs in the confined child.

    Raises:
        BadInput: `list_unreadable`.
        TooLarge: `list_too_large`.
    """
    import zipfile

    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _UNPACKED:
                raise _large(name)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except BadInput:
        raise
    except Exception as error:  # whatever the library stumbles over in a stranger's file, it is no workbook for us
        raise _unreadable(name) from error
    for page in book.worksheets[:10]:
        rows, blank = [], 0
        for number, cells in enumerate(page.iter_rows(values_only=True, max_col=_COLUMNS), 1):
            row = [_plain(cell) for cell in cells]
            blank = 0 if any(cell != "" for cell in row) else blank + 1
            if blank == 0:
                rows.append([number, row])
            if blank > 200:  # a formatted but empty sheet goes on for a million rows
                break
            if len(rows) > MOST + 1:
                raise _large(name)
        if rows:
            return rows
    return []


def _plain(cell: object) -> str | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    return "" if cell is None else str(cell).strip()[:_CELL]


def _large(name: str) -> TooLarge:
    return TooLarge(
        "list_too_large",
        de=f"Die Liste hat mehr als {MOST} Zeilen oder {MAX_BYTES // 2**20} MB.",
        en=f"The list has more than {MOST} rows or {MAX_BYTES // 2**20} MB.",
        where=name,
        remedy_de="Bitte teilen Sie die Liste.",
        remedy_en="Split the list.",
    )


def _unreadable(where: str) -> BadInput:
    return BadInput(
        "list_unreadable",
        de="Diese Liste lässt sich nicht lesen.",
        en="This list cannot be read.",
        where=where,
        remedy_de="Bitte im Tabellenprogramm als CSV oder XLSX speichern, ohne Kennwort.",
        remedy_en="Save it in the spreadsheet program as CSV or XLSX, without a password.",
    )


def _columns(header: Sequence[str], name: str) -> tuple[dict[str, int], tuple[str, ...]]:
    found: dict[str, int] = {}
    unused = []
    for place, heading in enumerate(header):
        bare = re.sub(r"\(.*?\)|\[.*?\]|€|\beur\b|\bmm\b", "", heading.lower()).translate(_UMLAUTS)
        bare = re.sub(r"[^a-z]", "", bare)
        key = next((key for key, names in _NAMES.items() if bare in names), None)
        if key is not None and key not in found:
            found[key] = place
        elif heading:
            unused.append(heading)
    if "part" not in found and "file" not in found:
        raise BadInput(
            "list_columns",
            de="Der Liste fehlt die Spalte „Teil“ oder „Datei“.",
            en="The list lacks the column “part” or “file”.",
            where=f"{name}:1",
            remedy_de="Benennen Sie die Spalten: Teil, Datei, Preis, Jahresmenge, Bestand, Lieferzeit, Länge, Breite, Höhe.",
            remedy_en="Name the columns: part, file, price, yearly, stock, lead time, length, width, height.",
        )
    return found, tuple(unused)


def _comma(cell: object) -> bool:
    """Return whether a cell shows that this list writes decimals with a comma."""
    return isinstance(cell, str) and bool(re.search(r"\d,\d{1,2}\D*$", cell))


def _item(number: int, cells: Sequence[Any], columns: Mapping[str, int], german: bool) -> Item:
    held = {key: cells[place] for key, place in columns.items() if place < len(cells)}
    words = {key: _word(held.get(key, "")) for key in ("part", "file", "material")}
    figures: dict[str, float | None] = {}
    problem = NOTHING
    for key in _FIGURES:
        cell = held.get(key, "")
        value = _number(cell, key in _WHOLE, german)
        if value is None and cell != "":
            shown = str(cell)[:40]
            problem = Text(f"„{shown}“ ist keine Zahl ({key}).", f"“{shown}” is no number ({key}).")
        figures[key] = value
    volume = figures.pop("volume")
    return Item(
        number,
        words["part"] or words["file"],
        words["file"],
        volume=None if volume is None else volume * 1000,
        material=words["material"],
        problem=problem,
        **figures,
    )


def _word(cell: str | float) -> str:
    # a part number that the spreadsheet took for a number
    return (
        f"{cell:g}"
        if isinstance(cell, float) and not cell.is_integer()
        else str(int(cell) if isinstance(cell, float) else cell)
    )


def _number(cell: str | float, whole: bool, german: bool) -> float | None:
    """Return a figure of zero or more; a lone dot before three digits parts thousands where the list is German or the figure whole."""
    if isinstance(cell, float):
        return cell if isfinite(cell) and cell >= 0 else None
    bare = re.sub(r"[\s\u00a0€']|eur|stück|stk|mm|cm³|tage|days", "", cell.lower()).rstrip(".")
    if "," in bare and "." in bare:
        bare = bare.replace(".", "").replace(",", ".") if bare.rfind(",") > bare.rfind(".") else bare.replace(",", "")
    elif "," in bare:
        bare = bare.replace(",", ".") if bare.count(",") == 1 else bare.replace(",", "")
    elif _THOUSANDS.fullmatch(bare) and (whole or german):
        bare = bare.replace(".", "")
    return float(bare) if re.fullmatch(r"\d{1,12}(\.\d{1,12})?", bare) else None
