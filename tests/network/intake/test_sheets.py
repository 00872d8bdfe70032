"""Every spelling of a table is read; what is no table is refused with a reason, never with a crash."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, Problem, TooLarge
from nordlotse.network.intake import sheets

ROWS = [
    ["Partner", "Land", "Profil deutsch"],
    ["Küstenwerft Süd", "SH", 'Wir bauen; "groß", und klein'],
    ["Möwe", "MV", ""],
]


def _csv(separator: str) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in ';,"\t') else text

    return "\r\n".join(separator.join(cell(c) for c in row) for row in ROWS) + "\r\n"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_reads_the_same_in_every_spelling(separator: str, encoding: str) -> None:
    (sheet,) = sheets.read("t.csv", _csv(separator).encode(encoding))
    assert [list(sheet.header), *(list(cells) for _, cells in sheet.rows)] == ROWS
    assert [number for number, _ in sheet.rows] == [2, 3]


def test_the_first_line_may_name_the_separator_as_excel_does() -> None:
    (sheet,) = sheets.read("t.csv", ("sep=,\r\n" + _csv(",")).encode("utf-8-sig"))
    assert sheet.rows[0] == (3, ("Küstenwerft Süd", "SH", 'Wir bauen; "groß", und klein'))


def test_blank_lines_are_passed_over_and_keep_the_numbers_of_the_others() -> None:
    (sheet,) = sheets.read("t.csv", b"\n\nPartner;Land\n\nA;SH\n;\nB;HH\n")
    assert sheet.header == ("Partner", "Land")
    assert [(n, cells[0]) for n, cells in sheet.rows] == [(5, "A"), (7, "B")]


def test_a_workbook_gives_every_filled_sheet_with_numbers_and_dates_as_text() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Partner"
    book.active.append(["Partner", "Kreis", "Neutral"])
    book.active.append(["Werft", 1054, True])
    book.create_sheet("leer")
    kept = io.BytesIO()
    book.save(kept)
    (sheet,) = sheets.read("t.xlsx", kept.getvalue())
    assert (sheet.name, sheet.rows) == ("Partner", ((2, ("Werft", "1054", "ja")),))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table_empty"),
        (b"\n\n  \n", "table_empty"),
        (b"%PDF-1.7 x", "table_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "table_type"),
        (b"\x00\x01\x02\x03" * 50, "table_type"),
        (b"PK\x03\x04 no archive", "table_type"),
        (b"Partner\n" + b"x\n" * (sheets.MAX_ROWS + 1), "table_too_long"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        sheets.read("t.csv", data)
    assert refused.value.code == code
    assert refused.value.remedy_de


def test_a_file_above_two_megabytes_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        sheets.read("t.csv", b"x" * (sheets.MAX_BYTES + 1))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=400).filter(lambda b: not b.startswith(b"PK")), st.text(max_size=300).map(str.encode))
)
def test_any_bytes_end_in_a_table_or_in_a_problem(data: bytes) -> None:
    try:
        found = sheets.read("t.csv", data)
    except Problem:
        return
    assert all(sheet.header for sheet in found)
    assert all(len(cells) <= sheets.MAX_COLUMNS for sheet in found for _, cells in sheet.rows)
