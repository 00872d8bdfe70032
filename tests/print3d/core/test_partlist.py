"""Parts lists as companies write them."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d.core import partlist
from nordlotse.print3d.core.headings import columns
from nordlotse.print3d.core.partlist import MOST, read_list, workbook


def _xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_german_list_is_read_with_its_commas_thousands_and_umlauts() -> None:
    text = (
        "Artikelnummer;Datei;Stückpreis (€);Jahresmenge;Bestand;Lieferzeit (Tage);Länge [mm];Breite;Höhe;Volumen;Farbe\n"
        "A-1;Halter.stl;1.234,50 €;1.200;35;28;80;40,5;12;9,5;rot\n"
    )
    found = read_list(text.encode("cp1252"), "teile.csv")
    item = found.items[0]
    assert (item.row, item.part, item.file, item.price, item.yearly, item.stock) == (
        2,
        "A-1",
        "Halter.stl",
        1234.5,
        1200,
        35,
    )
    assert (item.lead, item.size, item.volume) == (28, (80.0, 40.5, 12.0), 9_500.0)
    assert found.unused == ("Farbe",)


def test_an_english_list_is_read_with_its_points() -> None:
    found = read_list(b'part,price,yearly,stock\nknob,"1,234.50",20,\n', "parts.csv")
    item = found.items[0]
    assert (item.price, item.yearly, item.stock) == (1234.5, 20, None)


def test_a_lone_point_before_three_digits_parts_thousands_in_a_german_list_only() -> None:
    german = read_list(b"Teil;Preis\na;1.234\nb;3,50\n", "a.csv")
    other = read_list(b"part;price\na;1.234\nb;3.50\n", "b.csv")
    assert [item.price for item in german.items] == [1234.0, 3.5]
    assert [item.price for item in other.items] == [1.234, 3.5]


def test_numbers_of_a_workbook_are_taken_as_they_are() -> None:
    rows: list[list[object]] = [
        ["Teil", "Preis", "Jahresmenge"],
        [4711, 1.234, 12],
        ["b", "2,5", None],
        [None, None, None],
    ]
    found = read_list(_xlsx(rows), "teile.xlsx")
    assert [(i.row, i.part, i.price, i.yearly) for i in found.items] == [(2, "4711", 1.234, 12.0), (3, "b", 2.5, None)]


@pytest.mark.parametrize("cell", ["rot", "-3", "1;5", "1e400", "nan", "12 x"])
def test_a_cell_that_is_no_number_spoils_its_row_only(cell: str) -> None:
    found = read_list(f'Teil,Preis\na,"{cell}"\nb,3\n'.encode(), "teile.csv")
    assert [bool(item.problem.de) for item in found.items] == [True, False]
    assert cell in found.items[0].problem.de


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\n\n", "list_empty"),
        (b"Farbe;Preis\nrot;3\n", "list_columns"),
        (b"PK\x03\x04 broken", "list_unreadable"),
    ],
)
def test_a_list_that_is_none_is_refused_with_a_remedy(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as told:
        read_list(data, "teile.csv")
    assert told.value.code == code
    assert told.value.remedy_de


def test_ten_thousand_rows_are_taken_and_one_more_is_refused() -> None:
    rows = "".join(f"p{n};3\n" for n in range(MOST))
    assert len(read_list(f"Teil;Preis\n{rows}".encode(), "a.csv").items) == MOST
    with pytest.raises(TooLarge):
        read_list(f"Teil;Preis\n{rows}more;3\n".encode(), "a.csv")


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partlist, "_UNPACKED", 500)
    with pytest.raises(TooLarge):
        workbook("bomb.xlsx", _xlsx([["Teil"], ["a"]]))


def test_what_people_write_for_no_figure_leaves_the_row_as_not_stated() -> None:
    found = read_list(b"Teil;Preis;Jahresmenge\na;auf Anfrage;40\nb;k. A.;-\nc;ca. 3,50;~20\n", "a.csv")
    assert [(i.price, i.yearly, i.problem.de) for i in found.items] == [
        (None, 40, ""),
        (None, None, ""),
        (3.5, 20, ""),
    ]


def test_headings_of_an_erp_export_are_understood_below_its_title() -> None:
    text = (
        "Ersatzteilliste Werk 2;;;;;;;\n;;;;;;;\n"
        "Materialnr.;Materialkurztext;EK netto (€/100 Stk.);Verbrauch p.a.;Lagerbestand;Mindestbestand;Wiederbeschaffungszeit (Wochen);Abmessungen (cm)\n"
        "4711-20;Kettenführung;1.250,00;120;18;5;6;8 x 4,5 x 2\n"
    )
    found = read_list(text.encode(), "export.csv")
    item = found.items[0]
    assert [(c.key, c.heading) for c in found.columns] == [
        ("number", "Materialnr."),
        ("part", "Materialkurztext"),
        ("price", "EK netto (€/100 Stk.)"),
        ("yearly", "Verbrauch p.a."),
        ("stock", "Lagerbestand"),
        ("lead", "Wiederbeschaffungszeit (Wochen)"),
        ("size", "Abmessungen (cm)"),
    ]
    assert found.unused == ("Mindestbestand",)
    assert (item.row, item.part, item.number) == (4, "Kettenführung", "4711-20")
    assert item.price == pytest.approx(12.5)
    assert (item.yearly, item.stock, item.lead, item.size) == (120, 18, 42, (80.0, 45.0, 20.0))


def test_a_price_unit_in_a_column_of_its_own_divides_the_price() -> None:
    found = read_list(b"Teil;Preis;PE\na;250;100\nb;3;1\nc;4;\n", "a.csv")
    assert [item.price for item in found.items] == [2.5, 3.0, 4.0]


def test_a_weight_becomes_a_volume_by_the_material() -> None:
    found = read_list(b"Teil;Gewicht (g);Werkstoff\na;78;Stahl S235\nb;11;PA12\n", "a.csv")
    assert [item.volume for item in found.items] == [pytest.approx(10_000), pytest.approx(10_000)]


def test_a_unit_that_the_heading_states_is_not_called_assumed() -> None:
    found, _ = columns(["Teil", "WBZ (Tage)", "Lieferzeit", "Länge mm", "Breite"])
    assert [(c.heading, c.assumed) for c in found[1:]] == [("WBZ (Tage)", False), ("Länge mm", False), ("Breite", True)]


def test_a_price_in_another_currency_is_not_taken_for_euros() -> None:
    found = read_list(b"part;price (USD)\na;3\n", "a.csv")
    assert found.items[0].price is None
    assert found.unused == ("price (USD)",)


@pytest.mark.parametrize(
    ("heading", "key", "factor"),
    [
        ("Preis/Stk.", "price", 1.0),
        ("Einkaufspreis netto", "price", 1.0),
        ("EK netto €/Stk.", "price", 1.0),
        ("VK brutto", "", 1.0),
        ("WBZ (Wochen)", "lead", 7.0),
        ("Stückkosten in Cent", "price", 0.01),
        ("Preis je 1.000", "price", 0.001),
        ("Menge/Jahr", "yearly", 1.0),
        ("Ø Monatsbedarf", "yearly", 12.0),
        ("Jahresverbrauch 2025 (Stück)", "yearly", 1.0),
        ("Stück/Jahr", "yearly", 1.0),
        ("Bestand (Stk)", "stock", 1.0),
        ("MOQ", "minimum", 1.0),
        ("Mindestbestellmenge", "minimum", 1.0),
        ("WBZ", "lead", 1.0),
        ("Lieferzeit in Wochen", "lead", 7.0),
        ("L [mm]", "length", 1.0),
        ("Höhe in cm", "height", 10.0),
        ("Art.-Nr.", "number", 1.0),
        ("Sachnummer", "number", 1.0),
        ("CAD-Datei", "file", 1.0),
        ("Yearly usage", "yearly", 1.0),
        ("Unit price EUR", "price", 1.0),
        ("Annual demand", "yearly", 1.0),
        ("Verkaufspreis", "", 1.0),
        ("Lagerort", "", 1.0),
        ("Sicherheitsbestand", "", 1.0),
    ],
)
def test_a_heading_means_what_companies_mean_by_it(heading: str, key: str, factor: float) -> None:
    found, unused = columns(["Bezeichnung", heading])
    assert [c.key for c in found[1:]] == ([key] if key else [])
    assert all(c.factor == pytest.approx(factor) for c in found[1:])
    assert bool(unused) is not bool(key)


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)), b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n\x00\x00"]
)
def test_a_photo_or_a_document_is_refused_with_what_a_list_must_be(data: bytes) -> None:
    with pytest.raises(BadInput) as told:
        read_list(data, "foto.jpg")
    assert told.value.code in ("list_unreadable", "list_columns")
    assert "XLSX" in told.value.remedy_de or "Spalten" in told.value.remedy_de
    assert "DOCX" not in f"{told.value.message_de} {told.value.remedy_de}"
