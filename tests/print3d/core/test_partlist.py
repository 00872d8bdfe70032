"""Parts lists as companies write them."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d.core import partlist
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


@pytest.mark.parametrize("cell", ["auf Anfrage", "-3", "1;5", "1e400", "nan", "12 x"])
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
