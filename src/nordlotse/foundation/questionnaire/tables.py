"""Plain tables between a file (XLSX or YAML) and a form: sheets of rows, each cell under its column's heading, with its row number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: Sheets of a form; the first three are XLSForm's own.
SHEETS: Final = ("survey", "choices", "settings", "levels", "dimensions")

#: Columns of each sheet that take a text for people, one per language.
SAID: Final[Mapping[str, frozenset[str]]] = {
    "survey": frozenset({"label", "hint", "constraint_message"}),
    "choices": frozenset({"label", "hint"}),
    "levels": frozenset({"label", "text"}),
    "dimensions": frozenset({"label"}),
    "settings": frozenset({"title", "about", "limits", "attribution"}),
}

#: Further columns that are read.
READ: Final[Mapping[str, frozenset[str]]] = {
    "survey": frozenset(
        {"type", "name", "relevant", "constraint", "required", "calculation", "dimension", "weight"}
        | {"benchmark", "source", "action"}
    ),
    "choices": frozenset({"list_name", "name", "score", "exclusive"}),
    "levels": frozenset({"key", "lower"}),
    "dimensions": frozenset({"name", "aggregate", "weight"}),
    "settings": frozenset({"form_id", "version", "form_title", "default_language"}),
}

#: Other spellings of headings, as XLSForm and people use them.
_ALIASES: Final[Mapping[str, str]] = {
    "list name": "list_name",
    "relevance": "relevant",
    "calculate": "calculation",
    "constraint message": "constraint_message",
    "action_if_below": "action",
    "from": "lower",
    "level": "key",
    "id_string": "form_id",
    "set form id": "form_id",
    "set form title": "form_title",
}

_LANGUAGES: Final[Mapping[str, str]] = {
    "de": "de",
    "deutsch": "de",
    "german": "de",
    "en": "en",
    "english": "en",
    "englisch": "en",
}

#: How headings of the two languages are written: as XLSForm recommends, the name and the code.
HEADING: Final[Mapping[str, str]] = {"de": "Deutsch (de)", "en": "English (en)"}


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `columns`: headings as they stand there. `rows`: (row number, cells by heading). `odd`: (row, heading) → what is odd
    about the cell: "formula", "date", "error" or "long".
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    odd: Mapping[tuple[int, str], str] = field(default_factory=dict)


def meaning(sheet: str, heading: str) -> tuple[str, str] | None:
    """Return what a heading means in a sheet: the column and its language ("de", "en", "?" for an unknown one, "" for none).

    `label::Deutsch (de)`, `label::de`, `label_de` and `label` (the language of the form) are all read; None: not read by us.
    """
    base, marked, language = heading.strip().lower().partition("::")
    base, language = base.strip(), language.strip()
    base = _ALIASES.get(base, base)
    if sheet == "levels" and base == "name":
        base = "key"
    if not marked and base[-3:] in ("_de", "_en") and base[:-3] in SAID[sheet]:
        return base[:-3], base[-2:]
    if base == "form_title" and marked:
        base = "title"
    if base in SAID[sheet]:
        return base, _language(language) if marked else ""
    if base in READ[sheet] and not marked:
        return base, ""
    # settings are kept whatever they are called: a model takes its rules from there
    return (base, "") if sheet == "settings" and base and not marked else None


def _language(written: str) -> str:
    code = written[written.rfind("(") + 1 :].rstrip(") ") if "(" in written else written
    return _LANGUAGES.get(code.strip(), "?")
