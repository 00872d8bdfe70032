"""Workbooks: out and in again without a change, opened by pyxform; strangers' files within limits, every mistake with its place."""

from __future__ import annotations

import importlib.util
import io
import json
import string
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.foundation.questionnaire import rows
from nordlotse.foundation.questionnaire.canonical import from_canonical
from nordlotse.foundation.questionnaire.form import Choice, DimensionRow, Form, Group, Kind, Level, Question
from nordlotse.foundation.questionnaire.sheets import read_workbook, workbook, write_workbook
from nordlotse.foundation.questionnaire.tables import Table

WORDS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " äöüß–„“'\"=+@;,%&<>?!\n"), min_size=1, max_size=30
).map(lambda s: " ".join(s.split(" ")).strip() or "x")
TEXTS = st.builds(Text, WORDS, WORDS)
MAYBE = st.just(NOTHING) | TEXTS
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
NUMBERS = st.integers(0, 1000).map(float) | st.sampled_from([0.5, 33.3, 16.6666666667])


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Forms as the reader makes them: groups in the order of their questions, lists shared by name, names unique."""
    names = draw(st.lists(NAMES, min_size=2, max_size=8, unique=True))
    group_names = [f"g_{n}" for n in range(draw(st.integers(0, 2)))]
    lists = {
        f"l_{n}": tuple(
            Choice(name, draw(TEXTS), draw(st.none() | NUMBERS), draw(st.booleans()), draw(MAYBE))
            for name in draw(
                st.lists(st.from_regex(r"[a-z0-9]{1,5}", fullmatch=True), min_size=1, max_size=4, unique=True)
            )
        )
        for n in range(2)
    }
    places = sorted(draw(st.lists(st.sampled_from(["", *group_names]), min_size=len(names), max_size=len(names))))
    questions = []
    for name, place in zip(names, places, strict=True):
        kind = draw(st.sampled_from(Kind))
        listed = draw(st.sampled_from(sorted(lists))) if kind.value.startswith("select") else ""
        questions.append(
            Question(
                name,
                kind,
                draw(TEXTS),
                hint=draw(MAYBE),
                choices=lists.get(listed, ()),
                list_name=listed,
                group=place,
                relevant=draw(st.sampled_from(["", "1 = 1"])),
                constraint_message=draw(MAYBE),
                required=draw(st.booleans()),
                calculation="1 + 1" if kind is Kind.CALCULATE else "",
                weight=draw(st.none() | NUMBERS),
                source=draw(st.sampled_from(["", "Quelle 2026"])),
            )
        )
    used = [g for g in group_names if g in places]
    groups = tuple(Group(g, draw(TEXTS), draw(st.sampled_from(["", "1 = 1"]))) for g in used)
    levels = tuple(Level(f"k{n}", draw(TEXTS), float(n * 10), draw(MAYBE)) for n in range(draw(st.integers(0, 3))))
    dimensions = tuple(
        DimensionRow(f"d{n}", draw(TEXTS), "mean", draw(NUMBERS)) for n in range(draw(st.integers(0, 2)))
    )
    settings = draw(st.dictionaries(st.sampled_from(["licence", "source", "about_de"]), st.just("frei"), max_size=3))
    return Form("form_1", "2", draw(TEXTS), tuple(questions), groups, levels, dimensions, settings)


def tables(data: bytes) -> list[Table]:
    """What the child reads, without a child per example."""
    return [
        Table(
            s["name"],
            tuple(s["columns"]),
            tuple((n, dict(c)) for n, c in s["rows"]),
            {(n, h): w for n, h, w in s["odd"]},
        )
        for s in workbook("f.xlsx", data)
    ]


def without_rows(form: Form) -> dict[str, object]:
    return json.loads(form.canonical_json())


@settings(max_examples=25, deadline=None)
@given(forms())
def test_a_form_comes_back_from_its_workbook_unchanged(form: Form) -> None:
    reader = rows._Tables(tables(write_workbook(form)))
    again = reader.form()
    assert again is not None
    assert without_rows(again) == without_rows(form)
    assert again.hash == form.hash


@settings(max_examples=60, deadline=None)
@given(forms())
def test_a_form_comes_back_from_its_canonical_json_unchanged(form: Form) -> None:
    again = from_canonical(json.loads(form.canonical_json()))
    assert again == form
    assert again.hash == form.hash


@pytest.mark.parametrize("kept", [{}, {"id": 1}, {"id": "a", "version": "1", "title": [], "questions": [1]}])
def test_values_that_are_no_form_are_refused(kept: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        from_canonical(kept)


FORM = rows.read_form(
    """
settings: {form_id: t, title_de: Test, title_en: Test}
groups: [{name: g, de: G, en: G, relevant: "${n} > 3"}]
lists: {st: [{name: "0", de: nein, en: "no", score: 0, hint_de: gar nicht, hint_en: not at all}, {name: "1", de: ja, en: "yes", score: 1}]}
questions:
  - {name: n, kind: integer, de: Zahl, en: number, constraint: ". > 0", constraint_message_de: über 0, constraint_message_en: above 0}
  - {name: a, kind: select_one, list: st, group: g, de: "=1+1", en: "=1+1", dimension: d}
  - {name: c, kind: calculate, calculation: "coalesce(${n}, 0) * 2"}
dimensions: [{name: d, de: D, en: D}]
levels: [{key: low, lower: 0, de: L, en: L, text_de: T, text_en: T}]
""",
    "t.yaml",
)


def test_a_workbook_is_read_in_the_child_as_it_was_written() -> None:
    result = read_workbook("t.xlsx", write_workbook(FORM))
    assert result.findings == ()
    assert result.form is not None
    assert result.form.hash == FORM.hash


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(FORM)))
    kinds = {c.value: c.data_type for row in book["survey"].iter_rows() for c in row if c.value}
    assert kinds["=1+1"] == "s"


@pytest.mark.skipif(importlib.util.find_spec("pyxform") is None, reason="pyxform is not installed (extra dev)")
def test_pyxform_opens_it_without_a_warning(tmp_path: Path) -> None:
    from pyxform.xls2xform import convert

    file = tmp_path / "form.xlsx"
    file.write_bytes(write_workbook(FORM))
    made = convert(str(file))
    assert made.warnings == []
    for part in ("<h:title>Test</h:title>", 'relevant=" /data/n  &gt; 3"', "calculate=", "jr:constraintMsg", "select1"):
        assert part in made.xform


def book_of(fill: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(FORM)))
    fill(book)  # type: ignore[operator]
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_ten_thousand_rows_are_refused_with_sheet_and_limit() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for n in range(10_000):
            book["survey"].append(["integer", f"q{n}", "A", "A"])

    with pytest.raises(TooLarge) as error:
        read_workbook("t.xlsx", book_of(fill))
    assert error.value.where == "t.xlsx, survey, 2601"


def test_a_formula_of_the_spreadsheet_is_told_with_its_cell() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book["choices"]["E3"] = "=1+1"

    result = read_workbook("t.xlsx", book_of(fill))
    assert ("cell_formula", "choices", 3, "score") in [(f.code, f.sheet, f.row, f.column) for f in result.findings]
    assert result.form is None


def test_a_date_made_by_the_spreadsheet_is_told() -> None:
    from datetime import date

    def fill(book: openpyxl.Workbook) -> None:
        book["survey"]["C2"] = date(2026, 2, 1)

    codes = [(f.code, f.row) for f in read_workbook("t.xlsx", book_of(fill)).findings]
    assert ("cell_date", 2) in codes


def test_a_zip_bomb_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (70 * 1024 * 1024))
    with pytest.raises(BadInput):
        read_workbook("bomb.xlsx", kept.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0old", b"a;b;c", b"%PDF-1.7"])
def test_what_is_no_workbook_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(BadInput) as error:
        read_workbook("t.xlsx", data)
    assert "XLSX" in error.value.remedy_de


def test_more_than_two_megabytes_are_refused_unread() -> None:
    with pytest.raises(TooLarge):
        read_workbook("t.xlsx", b"PK" + b"0" * (2 * 1024 * 1024))
