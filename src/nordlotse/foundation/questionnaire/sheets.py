"""Forms as workbooks: XLSX in, read in a confined child process with limits, and XLSX out, as pyxform, KoBo and ODK open it.

Our own texts stand in columns that those tools pass over: `hint_de` in choices and `title_de` in settings (a translated `hint::…` of a
choice breaks pyxform 4.5, measured), the sheets levels and dimensions, and dimension, weight, score, exclusive, benchmark, source, action.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.foundation.questionnaire.form import Form, Kind, Question
from nordlotse.foundation.questionnaire.rows import Compiled, compiled
from nordlotse.foundation.questionnaire.tables import HEADING, SHEETS, Table

__all__ = ["MAX_BYTES", "MAX_ROWS", "read_workbook", "tables_of_workbook", "workbook", "write_workbook"]

#: Largest file taken in, in bytes (2 MB).
MAX_BYTES: Final = 2 * 1024 * 1024

#: Most rows of one sheet that are looked at, the heading included: more than any form may have.
MAX_ROWS: Final = 2600

#: Most columns of one sheet; further ones are not looked at.
MAX_COLUMNS: Final = 60

#: Longest text of one cell handed on, in characters; longer ones are told as too long anyway.
_MAX_CELL: Final = 6000

#: Largest part of a workbook unpacked, in bytes: a zip bomb is refused before it is read.
_MAX_UNPACKED: Final = 60 * 1024 * 1024


def read_workbook(name: str, data: bytes) -> Compiled:
    """Return the form in an XLSX file, and everything found wrong with it.

    Raises:
        BadInput: not an XLSX file, or none that can be read in 20 seconds and 1 GB.
        TooLarge: more than 2 MB, or a sheet of more than 2,600 rows.
    """
    return compiled(tables_of_workbook(name, data))


def tables_of_workbook(name: str, data: bytes) -> list[Table]:
    """Return the sheets of an XLSX file as tables; strangers' bytes are opened in a child process only.

    Raises:
        BadInput, TooLarge: as `read_workbook`.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            "workbook_too_large",
            de="Die Datei hat mehr als 2 MB.",
            en="The file has more than 2 MB.",
            where=name,
            remedy_de="Bitte Bilder, leere Zeilen und weitere Blätter entfernen.",
            remedy_en="Remove pictures, empty rows and further sheets.",
        )
    if not data.startswith(b"PK"):
        raise _no_workbook(name)
    with Confined("nordlotse.foundation.questionnaire.sheets:workbook", Limits(seconds=20.0)) as child:
        found = child.run(name, data)
    return [
        Table(
            s["name"],
            tuple(s["columns"]),
            tuple((number, dict(cells)) for number, cells in s["rows"]),
            {(number, heading): what for number, heading, what in s["odd"]},
        )
        for s in found
    ]


def _no_workbook(name: str) -> BadInput:
    return BadInput(
        "not_a_workbook",
        de="Diese Datei ist keine XLSX-Tabelle, die wir lesen.",
        en="This file is not an XLSX workbook we read.",
        where=name,
        remedy_de="Bitte als .xlsx speichern, ohne Kennwort: im Tabellenprogramm „Speichern unter“, Excel-Arbeitsmappe (XLSX).",
        remedy_en="Save it as .xlsx, without a password: in the spreadsheet program “Save as”, Excel workbook (XLSX).",
    )


# ---- in the child ----


def workbook(name: str, data: bytes) -> list[dict[str, Any]]:
    """Return the sheets of an XLSX file as JSON; runs in the confined child.

    Raises:
        BadInput: not an XLSX file.
        TooLarge: it unpacks to more than 60 MB, or a sheet is too long.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MAX_UNPACKED:
                raise _too_long(name, "")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except BadInput:
        raise
    except Exception as error:  # whatever the library stumbles over in a stranger's file, it is no workbook for us
        raise _no_workbook(name) from error
    wanted = [page for page in book.worksheets if str(page.title).strip().lower() in SHEETS]
    others = [str(page.title)[:40] for page in book.worksheets if page not in wanted]
    found = [_sheet(name, page) for page in wanted]
    return found + [{"name": title, "columns": [], "rows": [], "odd": []} for title in others[:20]]


def _too_long(name: str, sheet: str) -> TooLarge:
    return TooLarge(
        "workbook_too_long",
        de=f"Das Blatt hat mehr als {MAX_ROWS} Zeilen." if sheet else "Die Datei ist ausgepackt größer als 60 MB.",
        en=f"The sheet has more than {MAX_ROWS} rows." if sheet else "The file unpacks to more than 60 MB.",
        where=", ".join(p for p in (name, sheet, f"{MAX_ROWS + 1}" if sheet else "") if p),
        remedy_de="Ein Formular hat höchstens 500 Fragen und 2000 Antworten. Bitte kürzen oder teilen.",
        remedy_en="A form has at most 500 questions and 2,000 choices. Shorten or split it.",
    )


def _sheet(name: str, page: Any) -> dict[str, Any]:
    columns: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    odd: list[tuple[int, str, str]] = []
    blank = 0
    for number, cells in enumerate(page.iter_rows(max_col=MAX_COLUMNS), 1):
        values = [_cell(c) for c in cells]
        filled = any(said or what for said, what in values)
        if not columns:
            # the heading is the first filled row; XLSForm has it in the first
            columns = [said[:100] for said, _ in values] if filled else []
            continue
        blank = 0 if filled else blank + 1
        if blank > 200:  # a formatted but empty sheet goes on for a million rows
            break
        if filled:
            rows.append((number, {h: said for h, (said, _) in zip(columns, values, strict=False) if h and said}))
            odd += [(number, h, what) for h, (_, what) in zip(columns, values, strict=False) if h and what]
        if len(rows) >= MAX_ROWS:
            raise _too_long(name, str(page.title)[:40])
    return {"name": str(page.title).strip().lower(), "columns": columns, "rows": rows, "odd": odd[:200]}


def _cell(cell: Any) -> tuple[str, str]:
    """A cell as words, and what is odd about it."""
    value, kind = cell.value, getattr(cell, "data_type", "")
    if value is None or kind in ("f", "e"):
        return "", {"f": "formula", "e": "error"}.get(kind, "") if value is not None else ""
    if isinstance(value, bool):
        return "yes" if value else "no", ""
    if isinstance(value, (date, time)):
        midnight = isinstance(value, datetime) and value.time() == time()
        return value.strftime("%Y-%m-%d") if midnight else value.isoformat(), "date"
    odd = "percent" if isinstance(value, int | float) and "%" in str(getattr(cell, "number_format", "")) else ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value)), odd
    if isinstance(value, float) and odd:
        return str(value), odd
    return "".join(c for c in str(value)[:_MAX_CELL] if c.isprintable() or c == "\n").strip(), ""


# ---- out ----


def write_workbook(form: Form) -> bytes:
    """Return the form as XLSX; `read_workbook` makes the same form (and hash) of it."""
    import openpyxl
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet, columns, rows in _pages(form):
        page = book.create_sheet(sheet)
        used = [c for c in columns if any(row.get(c) not in (None, "") for row in rows)] if rows else list(columns)
        for place, heading in enumerate(used, 1):
            page.cell(1, place, heading).font = Font(bold=True)
            page.column_dimensions[page.cell(1, place).column_letter].width = 45 if "::" in heading else 18
        for number, row in enumerate(rows, 2):
            for place, heading in enumerate(used, 1):
                _put(page.cell(number, place), row.get(heading))
                page.cell(number, place).alignment = Alignment(wrap_text=True, vertical="top")
        page.freeze_panes = "A2"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _put(cell: Any, value: object) -> None:
    if value in (None, ""):
        return
    cell.value = value
    if isinstance(value, str):
        # a label that begins with = is a text, never a formula of the person who opens it
        cell.data_type = "s"


def _pages(form: Form) -> Iterable[tuple[str, Sequence[str], list[dict[str, object]]]]:
    said = [f"{c}::{HEADING[lang]}" for c in ("label", "hint") for lang in ("de", "en")]
    message = [f"constraint_message::{HEADING[lang]}" for lang in ("de", "en")]
    survey = ["type", "name", *said, "relevant", "required", "constraint", *message, "calculation", "dimension"]
    yield "survey", [*survey, "weight", "benchmark", "source", "action"], _survey(form)
    choices = ["list_name", "name", *said[:2], "score", "exclusive", "hint_de", "hint_en"]
    yield "choices", choices, _choices(form)
    settings = _settings(form)
    yield "settings", list(settings), [settings]
    if form.levels:
        texts = ["text_de", "text_en"]
        rows = [
            {"key": lv.key, "lower": lv.lower, **_said("label", lv.label), **_flat("text", lv.text)}
            for lv in form.levels
        ]
        yield "levels", ["key", "lower", *said[:2], *texts], rows
    if form.dimensions:
        rows = [
            {"name": d.name, "aggregate": d.aggregate, "weight": d.weight, **_said("label", d.label)}
            for d in form.dimensions
        ]
        yield "dimensions", ["name", *said[:2], "aggregate", "weight"], rows


def _said(column: str, text: Text) -> dict[str, object]:
    return {f"{column}::{HEADING['de']}": text.de, f"{column}::{HEADING['en']}": text.en}


def _flat(column: str, text: Text) -> dict[str, object]:
    return {f"{column}_de": text.de, f"{column}_en": text.en}


def _settings(form: Form) -> dict[str, object]:
    known: dict[str, object] = {"form_id": form.id, "version": form.version, "form_title": form.title.de}
    known |= {"default_language": HEADING["de"], **_flat("title", form.title)}
    return known | dict(form.settings)


def _survey(form: Form) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    inside = ""
    for q in form.questions:
        if q.group != inside:
            if inside:
                rows.append({"type": "end_group"})
            inside = q.group
            if group := form.group(inside):
                rows.append(
                    {"type": "begin_group", "name": inside, "relevant": group.relevant, **_said("label", group.label)}
                )
        rows.append(_question(q))
    return [*rows, {"type": "end_group"}] if inside else rows


def _question(q: Question) -> dict[str, object]:
    several = q.kind in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE)
    return {
        "type": f"{q.kind.value} {q.list_name or q.name}" if several else q.kind.value,
        "name": q.name,
        **_said("label", q.label),
        **_said("hint", q.hint),
        "relevant": q.relevant,
        "required": "yes" if q.required else "",
        "constraint": q.constraint,
        **_said("constraint_message", q.constraint_message),
        "calculation": q.calculation,
        "dimension": q.dimension,
        "weight": q.weight,
        "benchmark": q.benchmark,
        "source": q.source,
        "action": q.action,
    }


def _choices(form: Form) -> list[dict[str, object]]:
    lists: dict[str, Question] = {}
    for q in form.questions:
        if q.choices:
            lists.setdefault(q.list_name or q.name, q)
    return [
        {
            "list_name": name,
            "name": c.name,
            **_said("label", c.label),
            **_flat("hint", c.hint),
            "score": c.score,
            "exclusive": "yes" if c.exclusive else "",
        }
        for name, q in lists.items()
        for c in q.choices
    ]
