"""The template of the desk: the small complete example as a workbook, with every column there is, comments and drop-down lists."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from nordlotse.foundation.language import Lang
from nordlotse.foundation.questionnaire.tables import HEADING, SHEETS
from nordlotse.readiness.core.guide import columns
from nordlotse.readiness.core.own import example_workbook

_LABELS: Final = tuple(f"label::{name}" for name in HEADING.values())
#: Every column the guide describes, in the order in which people fill them in.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "survey": (
        "type",
        "name",
        *_LABELS,
        *(f"hint::{name}" for name in HEADING.values()),
        "relevant",
        "dimension",
        "weight",
        "constraint",
        *(f"constraint_message::{name}" for name in HEADING.values()),
        "calculation",
        "required",
        "source",
        "benchmark",
        "action",
    ),
    "choices": ("list_name", "name", *_LABELS, "score", "exclusive", "hint_de", "hint_en"),
    "dimensions": ("name", *_LABELS, "aggregate", "weight"),
    "levels": ("key", "lower", *_LABELS, "text_de", "text_en"),
    "settings": (
        *("form_id", "version", "title_de", "title_en", "scale", "about_de", "about_en", "limits_de", "limits_en"),
        *("attribution_de", "attribution_en", "minutes", "missing", "not_applicable", "rounding"),
    ),
}
#: What a cell may be chosen from; another value may be typed where the list is open.
_LISTS: Final[dict[tuple[str, str], tuple[Sequence[str], bool]]] = {
    ("survey", "type"): (
        (
            "select_one …",
            "select_multiple …",
            "integer",
            "decimal",
            "text",
            "note",
            "calculate",
            "begin_group",
            "end_group",
        ),
        True,
    ),
    ("survey", "required"): (("yes",), False),
    ("choices", "exclusive"): (("yes",), False),
    ("dimensions", "aggregate"): (("mean", "weighted_mean", "min", "sum"), False),
    ("settings", "missing"): (("undetermined_with_bounds", "zero", "skip"), False),
    ("settings", "not_applicable"): (("skip", "zero"), False),
    ("settings", "rounding"): (("none", "half_up"), False),
}
#: So many rows of a sheet have drop-down lists.
_ROWS: Final = 500


def template_workbook(lang: Lang) -> bytes:
    """Return the example as XLSX to be changed: all columns, a comment on each heading in one language, lists where values are few."""
    import openpyxl

    old = openpyxl.load_workbook(io.BytesIO(example_workbook()))
    book = openpyxl.Workbook()
    book.remove(book.active)
    told = columns(lang)
    for sheet in sorted(COLUMNS, key=("settings", "survey", "choices", "dimensions", "levels").index):
        _sheet(book.create_sheet(sheet), old[sheet], sheet, told)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _sheet(page: Any, old: Any, sheet: str, told: dict[tuple[str, str], str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    places = {cell.value: cell.column for cell in old[1]}
    for place, heading in enumerate(COLUMNS[sheet], 1):
        head = page.cell(1, place, heading)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE7F0")
        words = told.get((sheet, heading)) or told.get((sheet, heading.partition("::")[0] + "::…"), "")
        head.comment = Comment(words, "Nordlotse", width=360, height=40 + 16 * (len(words) // 45 + 1))
        page.column_dimensions[head.column_letter].width = (
            40 if "::" in heading or heading[-3:] in ("_de", "_en") else 18
        )
        for row in range(2, old.max_row + 1) if heading in places else ():
            value = old.cell(row, places[heading]).value
            if value is not None:
                cell = page.cell(row, place)
                cell.value, cell.alignment = value, Alignment(wrap_text=True, vertical="top")
                if isinstance(value, str):
                    cell.data_type = "s"
        _choices(page, sheet, heading, head.column_letter)
    page.freeze_panes = "A2"


def _choices(page: Any, sheet: str, heading: str, letter: str) -> None:
    """Let a column's cells be chosen from a list: fixed words, or the topics of the sheet dimensions."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if (sheet, heading) in _LISTS:
        words, free = _LISTS[sheet, heading]
        rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=not free)
    elif (sheet, heading) == ("survey", "dimension"):
        rule = DataValidation("list", formula1="dimensions!$A$2:$A$51", allow_blank=True, showErrorMessage=True)
    else:
        return
    rule.add(f"{letter}2:{letter}{2 if sheet == 'settings' else _ROWS}")
    page.add_data_validation(rule)


assert set(COLUMNS) == set(SHEETS)  # noqa: S101 - every sheet of a form is in the template
