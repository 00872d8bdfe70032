"""What somebody who knows a spreadsheet program is told of a mistake in the table: the cause first, once, at a place she has."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.finding import Finding
from nordlotse.foundation.questionnaire.tables import SHEETS
from nordlotse.readiness.core.own import compile_file, example_workbook

EXAMPLE = example_workbook()


def found(change: Any) -> tuple[Finding, ...]:
    """What is told of the example with a change to its workbook."""
    book = openpyxl.load_workbook(io.BytesIO(EXAMPLE))
    change(book)
    kept = io.BytesIO()
    book.save(kept)
    return compile_file("check.xlsx", kept.getvalue()).findings


def column(page: Any, heading: str) -> int:
    return next(int(c.column) for c in page[1] if c.value == heading)


def put(book: Any, sheet: str, heading: str, row: int, value: object, number_format: str = "") -> None:
    page = book[sheet]
    cell = page.cell(row, column(page, heading))
    cell.value = value
    if number_format:
        cell.number_format = number_format


def without(book: Any, sheet: str, heading: str) -> None:
    book[sheet].delete_cols(column(book[sheet], heading))


def test_levels_in_percent_are_noticed_with_what_to_do() -> None:
    def change(book: Any) -> None:
        put(book, "levels", "lower", 3, 0.4, "0%")
        put(book, "levels", "lower", 4, 0.75, "0%")

    told = [f for f in found(change) if f.severity == "error"]
    assert [(f.sheet, f.row, f.column) for f in told] == [("levels", 3, "lower"), ("levels", 4, "lower")]
    assert "40 %" in told[0].message.de
    assert "0,4" in told[0].message.de
    assert "40" in told[0].remedy.de


def test_levels_between_0_and_1_beside_a_scale_of_100_are_noticed_without_a_percent_format() -> None:
    def change(book: Any) -> None:
        put(book, "levels", "lower", 3, 0.4)
        put(book, "levels", "lower", 4, 0.75)

    told = found(change)
    assert [(f.code, f.severity, f.sheet) for f in told] == [("levels_share", "warning", "levels")]
    assert "Prozent" in told[0].remedy.de


def test_levels_from_above_zero_are_explained_at_their_row() -> None:
    told = found(lambda book: put(book, "levels", "lower", 2, 10))
    assert [(f.code, f.sheet, f.row, f.column) for f in told] == [("levels_from_zero", "levels", 2, "lower")]
    assert "10" in told[0].message.de


def test_an_unknown_list_is_told_once_and_nothing_that_follows_from_it() -> None:
    def change(book: Any) -> None:
        page = book["survey"]
        for row in range(2, page.max_row + 1):
            if page.cell(row, 1).value == "select_one welding_stage":
                page.cell(row, 1, "select_one welding_stages")

    told = found(change)
    assert {f.code for f in told} == {"unknown_list"}


def test_a_missing_sheet_choices_is_one_finding() -> None:
    def change(book: Any) -> None:
        del book["choices"]

    told = found(change)
    assert [(f.code, f.sheet) for f in told] == [("choices_missing", "choices")]


def test_a_missing_english_heading_is_one_finding_that_names_it() -> None:
    told = found(lambda book: without(book, "choices", "label::English (en)"))
    assert [(f.code, f.sheet, f.column) for f in told] == [("heading_missing", "choices", "label::English (en)")]


def test_a_choice_without_points_in_a_list_used_twice_is_told_once() -> None:
    told = found(lambda book: put(book, "choices", "score", 5, None))
    assert [(f.code, f.sheet, f.row) for f in told] == [("score_missing", "choices", 5)]


@pytest.mark.parametrize("column_name", ["about_en", "limits_de"])
def test_half_a_text_of_the_settings_is_told_at_its_column(column_name: str) -> None:
    told = found(lambda book: put(book, "settings", column_name, 2, None))
    assert [(f.code, f.sheet, f.row, f.column) for f in told] == [("translation_missing", "settings", 2, column_name)]


@pytest.mark.parametrize("name", ["about", "limits"])
def test_settings_left_out_are_a_note(name: str) -> None:
    def change(book: Any) -> None:
        without(book, "settings", f"{name}_de")
        without(book, "settings", f"{name}_en")

    told = found(change)
    assert [(f.severity, f.sheet, f.column) for f in told] == [("note", "settings", f"{name}_de")]


def test_a_missing_english_title_is_a_note() -> None:
    told = found(lambda book: without(book, "settings", "title_en"))
    assert [(f.severity, f.sheet, f.column) for f in told] == [("note", "settings", "title_en")]


def test_an_umlaut_in_a_name_inside_a_formula_is_named() -> None:
    told = [
        f
        for f in found(lambda book: put(book, "survey", "relevant", 4, "${schweißt} = 'yes'"))
        if f.severity == "error"
    ]
    assert [(f.sheet, f.row, f.column) for f in told] == [("survey", 4, "relevant")]
    assert "ß" in told[0].message.de + told[0].remedy.de
    assert "Umlaut" in told[0].message.de + told[0].remedy.de


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("check.csv", "type;name;label\nnote;a;Ä\n".encode("latin-1")),
        ("check.csv", b"type,name\nnote,a\n"),
        ("check.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
        ("check.ods", b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
        ("check.numbers", b"PK\x03\x04"),
    ],
)
def test_another_table_format_is_answered_with_save_as_xlsx(name: str, data: bytes) -> None:
    with pytest.raises(BadInput) as told:
        compile_file(name, data)
    assert "Bitte als .xlsx speichern" in told.value.remedy_de


def other_changes() -> list[Any]:
    """Mistakes that only the model's own reader finds."""
    return [
        lambda book: put(book, "settings", "scale", 2, "viel"),
        lambda book: (book["settings"].cell(1, 30, "rounding"), book["settings"].cell(2, 30, "up")),
        lambda book: (book["settings"].cell(1, 30, "missing"), book["settings"].cell(2, 30, "guess")),
        lambda book: (book["settings"].cell(1, 30, "not_applicable"), book["settings"].cell(2, 30, "half")),
        lambda book: put(book, "levels", "key", 3, "start"),
        lambda book: put(book, "dimensions", "name", 3, "technology"),
        lambda book: put(book, "settings", "form_id", 2, "a" * 60),
    ]


@pytest.mark.parametrize("number", range(7))
def test_every_finding_names_a_sheet_she_has(number: int) -> None:
    told = found(other_changes()[number])
    assert told
    for f in told:
        assert f.sheet in SHEETS, f
        assert "[" not in f.column
