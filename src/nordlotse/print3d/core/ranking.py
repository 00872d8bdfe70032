"""The ranked list as a file: CSV or XLSX, German or English, in which no text can turn into a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.judging import Judged
from nordlotse.print3d.core.rates import GUIDE_VALUE, rates
from nordlotse.print3d.core.screening import Screening

#: With these a spreadsheet takes a text for a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEADINGS = (
    Text("Rang", "rank"),
    Text("Teil", "part"),
    Text("Teilenummer", "part number"),
    Text("Datei", "file"),
    Text("Urteil", "verdict"),
    Text("Ersparnis im Jahr, wahrscheinlich (EUR)", "saving a year, likely (EUR)"),
    Text("Ersparnis im Jahr, mindestens (EUR)", "saving a year, at least (EUR)"),
    Text("Ersparnis im Jahr, höchstens (EUR)", "saving a year, at most (EUR)"),
    Text("Ausgaben heute im Jahr (EUR)", "spent today a year (EUR)"),
    Text("Was dagegen spricht", "what speaks against it"),
    Text("Eignung (0–100, eigene Punkte)", "suitability (0–100, our own points)"),
    Text("Gründe der Eignung", "reasons of suitability"),
    Text("Verfahren", "process"),
    Text("Werkstoff laut Liste", "material in the list"),
    Text("gerechnet mit", "reckoned with"),
    Text("Hinweis zum Werkstoff", "note on the material"),
    Text("Druck je Stück, wahrscheinlich (EUR)", "printing per piece, likely (EUR)"),
    Text("Druck je Stück, mindestens (EUR)", "printing per piece, at least (EUR)"),
    Text("Druck je Stück, höchstens (EUR)", "printing per piece, at most (EUR)"),
    Text("Stück je Druckauftrag", "pieces per print order"),
    Text("Grundlage der Druckkosten", "basis of the printing cost"),
    Text("Preis heute je Stück (EUR)", "price today per piece (EUR)"),
    Text("Jahresmenge (Stück)", "yearly quantity (pieces)"),
    Text("Bestand (Stück)", "stock (pieces)"),
    Text("Bestand reicht (Jahre)", "stock lasts (years)"),
    Text("im Lager gebunden (EUR)", "bound in stock (EUR)"),
    Text("Lagerkosten über dem Jahresbedarf (EUR im Jahr)", "holding cost above the yearly need (EUR a year)"),
    Text("Hinweis", "remark"),
)
_ESTIMATED = Text("Zeitschätzung mit gemessenem Fehler", "time estimate with measured error")
_ROUGH = Text("Nur Maße aus der Liste, keine Form.", "Only sizes from the list, no shape.")
#: Widest column of the workbook, in characters.
_WIDEST = 44

#: What came out, in words.
VERDICTS: Mapping[str, Text] = MappingProxyType(
    {
        "worth": Text("lohnt sich", "pays"),
        "maybe": Text("vielleicht", "maybe"),
        "no": Text("eher nicht", "rather not"),
        "unread": Text("nicht bewertet", "not judged"),
    }
)

Cell = str | int | float


def table(found: Screening, lang: str = "de") -> Iterator[list[Cell]]:
    """Yield the heading and one row per part; money with two decimals, empty where nothing is known."""
    yield [heading.get(lang) for heading in _HEADINGS]
    for rank, row in enumerate(found.rows, 1):
        yield _row(rank, row, lang)


def _row(rank: int, row: Judged, lang: str) -> list[Cell]:
    item, saving = row.item, row.saving
    cells: list[Cell] = [rank, item.part, item.number, row.file, VERDICTS[row.verdict].get(lang)]
    cells += [round(saving[1], 2), round(saving[0], 2), round(saving[2], 2)] if saving else ["", "", ""]
    cells += [_money(row.spent), ", ".join(doubt.get(lang) for doubt in row.doubts)]
    cells += ["" if row.problem.de else row.suitability.points]
    cells += [", ".join(reason.get(lang) for reason in row.suitability.reasons)]
    cells += _made(row, lang)
    cells += ["" if value is None else value for value in (item.price, item.yearly, item.stock)]
    cells += ["" if row.years is None else round(row.years, 1), _money(row.bound)]
    cells += [_money(row.holding[1] if row.holding else None), _remark(row, lang)]
    return [_harmless(cell) for cell in cells]


def _money(value: float | None) -> Cell:
    return "" if value is None else round(value, 2)


def _made(row: Judged, lang: str) -> list[Cell]:
    """Return process, materials, cost, lot and what the cost rests on."""
    cost, own = row.cost, row.item.material
    if cost is None:
        return ["", own, "", row.note.get(lang), "", "", "", "", ""]
    name = rates().ways[cost.process].name.get(lang)
    known = _ESTIMATED.get(lang) if cost.measured else GUIDE_VALUE.get(lang)
    money = [round(cost.likely, 2), round(cost.low, 2), round(cost.high, 2)]
    return [name, own, row.material.get(lang), row.note.get(lang), *money, row.lot, known]


def _remark(row: Judged, lang: str) -> str:
    if row.problem.de:
        return row.problem.get(lang)
    if row.cost is None:
        return ""
    told = [_ROUGH] if row.plain else []
    if not row.saving and (lacks := lacking(row.item.price, row.item.yearly)) is not None:
        told.append(lacks)
    return " ".join(text.get(lang) for text in told)


def lacking(price: float | None, yearly: float | None) -> Text | None:
    """Return which figure a row lacks for a saving, None where it lacks none."""
    if price and yearly is not None:
        return None
    if not price and yearly is None:
        return Text("Preis und Jahresmenge fehlen.", "Price and yearly quantity are missing.")
    if not price:
        return Text("Der Preis fehlt.", "The price is missing.")
    return Text("Die Jahresmenge fehlt.", "The yearly quantity is missing.")


def _harmless(cell: Cell) -> Cell:
    """Return a cell as it is shown everywhere: nothing that cannot be seen, and no text a spreadsheet would compute."""
    if not isinstance(cell, str):
        return cell
    # what cannot be seen goes first: a formula must not hide behind it
    seen = "".join(letter for letter in cell if letter.isprintable() or letter.isspace())
    return f"'{seen}" if seen.startswith(_FORMULA) or seen.lstrip().startswith(_FORMULA) else seen


def csv_bytes(found: Screening, lang: str = "de") -> bytes:
    """Return CSV in UTF-8 with a byte order mark; German with semicolons and decimal commas, as German Excel opens it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if lang == "de" else ",", lineterminator="\r\n")
    for row in table(found, lang):
        writer.writerow([str(c).replace(".", ",") if isinstance(c, float) and lang == "de" else c for c in row])
    return out.getvalue().encode("utf-8-sig")


def assumptions(found: Screening, lang: str = "de") -> Iterator[list[Cell]]:
    """Yield what the workbook's second sheet says: the sums, what they rest on, what was not checked; label, value, unit, source."""
    worth = [row for row in found.rows if row.verdict == "worth" and row.saving]
    bound = sum(row.bound or 0.0 for row in found.rows)
    sums: list[tuple[Text, float, Text]] = [
        (Text("Teile, bei denen es sich lohnt", "parts where it pays"), len(worth), Text("Teile", "parts")),
        (
            Text("Ersparnis dieser Teile, mindestens", "saving of these parts, at least"),
            sum(row.saving[0] for row in worth if row.saving),
            _PER_YEAR,
        ),
        (
            Text("Ersparnis dieser Teile, höchstens", "saving of these parts, at most"),
            sum(row.saving[2] for row in worth if row.saving),
            _PER_YEAR,
        ),
        (
            Text("Ausgaben heute für diese Teile", "spent today on these parts"),
            sum(row.spent or 0.0 for row in worth),
            _PER_YEAR,
        ),
        (
            Text("im Lager gebunden, alle Teile (keine Ersparnis)", "bound in stock, all parts (no saving)"),
            bound,
            Text("EUR", "EUR"),
        ),
    ]
    for label, value, unit in sums:
        yield [label.get(lang), round(value, 2), unit.get(lang), ""]
    for rate in found.rates.screening.values():
        of = rate.value
        for at, end in zip(_ENDS, (of.low, of.likely, of.high), strict=True):
            yield [f"{rate.name.get(lang)}, {at.get(lang)}", end, of.unit, of.source.get(lang)]
    for text in (SAVED, *((_FINE,) if found.other_fine else ()), UNCHECKED):
        yield [text.get(lang), "", "", ""]


_PER_YEAR = Text("EUR im Jahr", "EUR a year")
_ENDS = (Text("niedrig", "low"), Text("wahrscheinlich", "likely"), Text("hoch", "high"))
#: What a saving is, on the page and in the workbook.
SAVED = Text(
    "Ersparnis im Jahr = Jahresmenge × (Preis heute − Druckkosten je Stück). Der Bestand zählt nicht dazu; Lagerkosten stehen daneben.",
    "Saving a year = yearly quantity × (price today − printing cost per piece). Stock does not count; holding cost stands beside it.",
)
_FINE = Text("Angabe: Ein anderer Werkstoff ist in Ordnung.", "Stated: another material is fine.")
#: What nobody looked at.
UNCHECKED = Text(
    "Nicht geprüft: Festigkeit, Temperatur, Verschleiß, Zulassung und Toleranzen.",
    "Not checked: strength, temperature, wear, approval and tolerances.",
)


def xlsx_bytes(found: Screening, lang: str = "de") -> bytes:
    """Return a workbook: the ranking with a filter and headings always in sight, and a sheet with sums and assumptions."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.active
    page.title = Text("Rangfolge", "ranking").get(lang)
    widths = [8] * len(_HEADINGS)
    for number, row in enumerate(table(found, lang)):
        # controls that count as space are none a workbook may hold
        page.append([" ".join(v.split()) if isinstance(v, str) else v for v in row])
        if number:
            widths = [max(width, min(_WIDEST, len(str(cell)) + 2)) for width, cell in zip(widths, row, strict=True)]
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = max(width, 13 if place > 1 else 6)
        page.cell(1, place).font = Font(bold=True)
        page.cell(1, place).alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = "C2"
    page.auto_filter.ref = page.dimensions
    beside = book.create_sheet(Text("Annahmen", "assumptions").get(lang))
    for line in assumptions(found, lang):
        beside.append([_harmless(cell) for cell in line])
    for letter, width in zip("ABCD", (64, 14, 14, 44), strict=True):
        beside.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
