"""A company's parts list, CSV or XLSX: what is paid today, how many a year, what lies in stock. A bad cell spoils its row, not the list."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.intake import shown_name, text_of
from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d.core.headings import LABELS, Column, columns, names_parts

#: Most rows, and largest file in bytes.
MOST = 10_000
MAX_BYTES = 8 * 1024 * 1024
#: What a workbook may unpack to, in bytes.
_UNPACKED = 120 * 1024 * 1024
_COLUMNS, _CELL = 60, 300

_WHOLE = ("yearly", "stock", "lead", "minimum", "per")
_FIGURES = ("price", "yearly", "stock", "lead", "minimum", "length", "width", "height", "volume", "weight", "per")
#: What people write where they have no figure.
_NOT_STATED = frozenset(
    (
        "",
        "-",
        "–",
        "—",
        "?",
        "k.a.",
        "k. a.",
        "ka",
        "n/a",
        "na",
        "n.a.",
        "unbekannt",
        "unknown",
        "offen",
        "tbd",
        "auf anfrage",
        "on request",
    )
)
#: Rows looked at for the headings: exports often begin with a title and a date.
_HEADING_WITHIN = 12
#: Density in g/cm³ by a word in the material's name (common data sheets); plastics where nothing else is said.
_DENSITIES = (
    (("polyamid", "nylon", "pa6", "pa12", "abs"), 1.1),
    (("alu", "almg", "alsi", "3.3206", "3.3547"), 2.7),
    (("titan",), 4.4),
    (("messing", "brass", "bronze", "kupfer", "copper"), 8.5),
    (("stahl", "steel", "1.4", "1.0", "316l", "guss", "eisen", "iron", "inconel"), 7.8),
    (("zink", "zinc", "zamak"), 6.7),
    (("ptfe", "pvdf"), 2.0),
    (("pom", "pet", "pvc"), 1.4),
)
_PLASTIC = 1.1
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")


@dataclass(frozen=True, slots=True)
class Item:
    """One row: part, its file and number if named, EUR per piece today, pieces a year, in stock, days, least order, mm, mm³, material.

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
    number: str = ""

    @property
    def size(self) -> tuple[float, float, float] | None:
        """Return length, width and height in mm where all are stated."""
        if self.length is None or self.width is None or self.height is None:
            return None
        return self.length, self.width, self.height


@dataclass(frozen=True, slots=True)
class PartList:
    """The rows, the headings that were not understood and therefore not used, and the columns that were."""

    items: tuple[Item, ...]
    unused: tuple[str, ...]
    columns: tuple[Column, ...] = ()


def read_list(data: bytes, name: str) -> PartList:
    """Return a parts list. Where no heading says otherwise: lengths in mm, volumes in cm³, weights in kg, days, EUR per piece.

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
    at, found, unused = _headings(rows, name)
    body = rows[at + 1 :]
    places = {column.key: column.place for column in found}
    german = any(_comma(cells[k]) for _, cells in body for f, k in places.items() if f in _FIGURES and k < len(cells))
    items = tuple(_item(number, cells, found, german) for number, cells in body if any(str(c) for c in cells))
    return PartList(items, unused, found)


_Rows = list[tuple[int, Sequence[Any]]]


def _text_rows(data: bytes, name: str) -> _Rows:
    try:
        text = text_of(data, name).lstrip("\n")
    except BadInput as error:  # a photo, a PDF, an old workbook
        raise _unreadable(name) from error
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
        de="Das ist keine Tabelle, die wir lesen können.",
        en="This is no table we can read.",
        where=where,
        remedy_de="Wir lesen XLSX und CSV. Bitte im Tabellenprogramm so speichern, ohne Kennwort.",
        remedy_en="We read XLSX and CSV. Save it so in the spreadsheet program, without a password.",
    )


def _headings(rows: _Rows, name: str) -> tuple[int, tuple[Column, ...], tuple[str, ...]]:
    """Return where the headings stand, the columns understood, and the headings not used."""
    best: tuple[int, tuple[Column, ...], tuple[str, ...]] | None = None
    for at, (_, cells) in enumerate(rows[:_HEADING_WITHIN]):
        found, unused = columns([str(cell) if isinstance(cell, str) else "" for cell in cells])
        if names_parts(found) and (best is None or len(found) > len(best[1])):
            best = at, found, unused
    if best is None:
        raise BadInput(
            "list_columns",
            de="Der Liste fehlt die Spalte „Teil“ oder „Datei“.",
            en="The list lacks the column “part” or “file”.",
            where=f"{name}:1",
            remedy_de="Benennen Sie die Spalten: Teil, Datei, Preis, Jahresmenge, Bestand, Lieferzeit, Länge, Breite, Höhe.",
            remedy_en="Name the columns: part, file, price, yearly, stock, lead time, length, width, height.",
        )
    return best


def _comma(cell: object) -> bool:
    """Return whether a cell shows that this list writes decimals with a comma."""
    return isinstance(cell, str) and bool(re.search(r"\d,\d{1,2}\D*$", cell))


def _item(number: int, cells: Sequence[Any], found: Sequence[Column], german: bool) -> Item:
    held = {column.key: cells[column.place] for column in found if column.place < len(cells)}
    words = {key: _word(held.get(key, "")) for key in ("part", "number", "file", "material")}
    figures: dict[str, float | None] = {}
    problem = NOTHING
    for column in found:
        cell = held.get(column.key, "")
        if column.key in words or _unsaid(cell):
            continue
        if column.key == "size":
            sides = _sides(str(cell))
            figures |= dict(zip(("length", "width", "height"), (s * column.factor for s in sides), strict=False))
            value: float | None = sides[0] if sides else None
        else:
            value = _number(cell, column.key in _WHOLE, german)
            figures[column.key] = None if value is None else value * column.factor
        if value is None:
            shown, told = str(cell)[:40], LABELS[column.key]
            problem = Text(f"„{shown}“ ist keine Zahl ({told.de}).", f"“{shown}” is no number ({told.en}).")
    per, weight = figures.pop("per", None), figures.pop("weight", None)
    price = figures.get("price")
    if per and price is not None:
        figures["price"] = price / per
    if weight and not figures.get("volume"):
        # g by g/cm³ gives cm³
        figures["volume"] = weight / _density(words["material"]) * 1000
    return Item(
        number,
        words["part"] or words["number"] or words["file"],
        words["file"],
        material=words["material"],
        problem=problem,
        number=words["number"],
        **figures,
    )


def _unsaid(cell: str | float) -> bool:
    return isinstance(cell, str) and cell.strip().lower() in _NOT_STATED


def _sides(cell: str) -> tuple[float, ...]:
    """Return three lengths from a cell like "80 x 40,5 x 12"; none where it is something else."""
    found = re.findall(r"\d+(?:[.,]\d+)?", cell)
    apart = re.fullmatch(
        r"\s*[\d.,]+\s*(?:mm|cm)?\s*[x×*/]\s*[\d.,]+\s*(?:mm|cm)?\s*[x×*/]\s*[\d.,]+\s*(?:mm|cm)?\s*", cell.lower()
    )
    return tuple(float(side.replace(",", ".")) for side in found) if apart and len(found) == 3 else ()


def _density(material: str) -> float:
    bare = material.casefold()
    return next((density for words, density in _DENSITIES if any(word in bare for word in words)), _PLASTIC)


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
    bare = re.sub(r"[\s\u00a0€'~]|ca\.|eur|stück|stk\.?|cm³|mm|kg|tage|days", "", cell.lower()).rstrip(".")
    if "," in bare and "." in bare:
        bare = bare.replace(".", "").replace(",", ".") if bare.rfind(",") > bare.rfind(".") else bare.replace(",", "")
    elif "," in bare:
        bare = bare.replace(",", ".") if bare.count(",") == 1 else bare.replace(",", "")
    elif _THOUSANDS.fullmatch(bare) and (whole or german):
        bare = bare.replace(".", "")
    return float(bare) if re.fullmatch(r"\d{1,12}(\.\d{1,12})?", bare) else None
