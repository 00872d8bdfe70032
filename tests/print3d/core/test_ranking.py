"""The ranked parts as a list to take along: CSV and workbook."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import openpyxl
import pytest

from nordlotse.print3d.core.matching import Job
from nordlotse.print3d.core.partlist import Item
from nordlotse.print3d.core.ranking import csv_bytes, table, xlsx_bytes
from nordlotse.print3d.core.screening import Screening, screen
from tests.print3d.core.judged_parts import job, measure
from tests.print3d.core.test_costs import PART


def _ranked() -> Screening:
    return screen([job("=cmd()", price=60, yearly=80), job("b"), Job(Item(3, "c"))], measure)


def test_the_csv_opens_in_german_with_decimal_commas_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(csv_bytes(_ranked()).decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:6] == ["Rang", "Teil", "Teilenummer", "Datei", "Urteil", "Ersparnis im Jahr, wahrscheinlich (EUR)"]
    assert rows[1][1] == "'=cmd()"
    assert "," in rows[1][5]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]


@pytest.mark.parametrize("hidden", ["\u200b=cmd()", "\x01=cmd()", " =cmd()", "\t+cmd()", "\u200b\u2060@cmd()"])
def test_no_formula_hides_behind_what_cannot_be_seen(hidden: str) -> None:
    found = screen([job(hidden, price=60, yearly=80)], measure)
    page = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(found))).active
    assert page.cell(2, 2).data_type == "s"
    assert str(page.cell(2, 2).value).startswith("'")
    rows = list(csv.reader(io.StringIO(csv_bytes(found).decode("utf-8-sig")), delimiter=";"))
    assert rows[1][1].startswith("'")


def test_the_workbook_holds_the_same_rows_with_numbers_as_numbers() -> None:
    page = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(_ranked(), "en"))).active
    rows = list(page.iter_rows(values_only=True))
    assert [[cell if cell is not None else "" for cell in row] for row in rows] == list(table(_ranked(), "en"))
    assert isinstance(rows[1][5], float)


def test_every_column_has_a_name_of_its_own_and_materials_and_stock_are_among_them() -> None:
    for lang in ("de", "en"):
        head = next(iter(table(_ranked(), lang)))
        assert len(set(head)) == len(head)
    head = next(iter(table(_ranked())))
    assert {"Werkstoff laut Liste", "gerechnet mit", "im Lager gebunden (EUR)", "Bestand reicht (Jahre)"} <= set(head)


def test_the_workbook_filters_and_says_sums_and_assumptions_on_a_second_sheet() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(_ranked())))
    assert book.sheetnames == ["Rangfolge", "Annahmen"]
    assert book["Rangfolge"].auto_filter.ref
    rows = {row[0]: row[1:] for row in book["Annahmen"].iter_rows(values_only=True)}
    assert rows["Lagerkosten im Jahr, Anteil am Wert, wahrscheinlich"][:2] == (0.18, "1/a")
    assert "nicht gemessen" in str(rows["Lagerkosten im Jahr, Anteil am Wert, wahrscheinlich"][2])
    worth = [row for row in _ranked().rows if row.verdict == "worth"]
    assert rows["Ausgaben heute für diese Teile"][0] == sum(row.spent or 0 for row in worth)
    assert any(str(label).startswith("Nicht geprüft: Festigkeit") for label in rows)


def test_a_guide_value_is_headed_so_in_the_list() -> None:
    found = screen([job("a", price=60, yearly=80)], lambda data, name: replace(PART, fdm=None))
    assert "Richtwert, nicht gemessen" in list(table(found))[1]
