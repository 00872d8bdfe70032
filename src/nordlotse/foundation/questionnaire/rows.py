"""Tables become a form: every cell is read, what is wrong is found with sheet, row, column and remedy, and nothing is guessed.

XLSX (`sheets`) and YAML (here) come in as the same tables, so both know the same rules. `compiled` also runs `checking.check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.questionnaire import checking
from nordlotse.foundation.questionnaire.cells import CHOICE_NAME, NAME, Cells, Row
from nordlotse.foundation.questionnaire.finding import Finding, Severity, errors, refuse_wrong
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Choice, DimensionRow, Form, Level
from nordlotse.foundation.questionnaire.survey import Survey
from nordlotse.foundation.questionnaire.tables import HEADING, SHEETS, Table
from nordlotse.foundation.questionnaire.written import tables_of_yaml

__all__ = ["Compiled", "compiled", "read_form"]

_AGGREGATES: Final = ("mean", "weighted_mean", "min", "sum")


@dataclass(frozen=True, slots=True)
class Compiled:
    """What tables became: the form (None if it cannot be used) and everything found."""

    form: Form | None
    findings: tuple[Finding, ...]

    def usable(self, file: str) -> Form:
        """Return the form.

        Raises:
            BadInput: the first error, with the number of the others.
        """
        refuse_wrong(self.findings, file)
        assert self.form is not None  # noqa: S101 - without errors there is a form
        return self.form


def read_form(text: str, place: str) -> Form:
    """Return the form written in a YAML text; `place` names the file for messages.

    Raises:
        BadInput: the first error, with line and remedy.
        TooLarge: longer than a form may be.
    """
    return compiled(tables_of_yaml(text, place)).usable(place)


def compiled(tables: Sequence[Table]) -> Compiled:
    """Return the form that tables make, with everything found: mistakes of cells first, then of the form as a whole."""
    reader = _Tables(tables)
    form = reader.form()
    if form is None:
        return Compiled(None, _sorted(reader.findings))
    found = _causes([*reader.findings, *checking.check(form, reader.choice_rows, reader.other_rows)])
    return Compiled(None if errors(found) else form, _sorted(found))


def _causes(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, each once, without those that only follow from another one: who mends the cause has mended them."""
    lacking = {(f.sheet, f.column) for f in findings if f.code == "heading_missing"}
    percent = {f.sheet for f in findings if f.code == "cell_percent"}
    no_answers = any(f.code in ("unknown_list", "choices_missing") for f in findings)
    return [
        f
        for f in dict.fromkeys(findings)
        if not (f.code == "translation_missing" and (f.sheet, f.column) in lacking)
        and not (f.code == "levels_share" and f.sheet in percent)
        and not (f.code == "unreachable" and no_answers)  # no answer can be the one a condition waits for
    ]


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    weight: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}
    sheets = {name: n for n, name in enumerate(SHEETS)}
    return tuple(sorted(findings, key=lambda f: (weight[f.severity], sheets.get(f.sheet, 9), f.row, f.column)))


class _Tables(Cells):
    """Reads the tables of one form: its sheets, put together."""

    def __init__(self, tables: Sequence[Table]) -> None:
        super().__init__()
        self.choice_rows: dict[tuple[str, str], int] = {}
        self.other_rows: dict[tuple[str, str], int] = {}
        known = {t.name.strip().lower(): t for t in tables}
        self.rows: dict[str, list[Row]] = {}
        settings = known.get("settings")
        self.rows["settings"] = self.read(settings) if settings else []
        told = self.settings().get("default_language", "").lower()
        self.default = "en" if "en" in told and "de" not in told else "de"
        for name in SHEETS:
            if name != "settings":
                self.rows[name] = self.read(known[name]) if name in known else []
        for name in known.keys() - set(SHEETS):
            self.tell(
                "unknown_sheet", "note", name, 0, "", ("Dieses Blatt lesen wir nicht.", "We do not read this sheet.")
            )
        self.languages = {
            language
            for sheet, rows in self.rows.items()
            for row in rows
            for (_, language), said in row.cells.items()
            if sheet != "settings" and language and said
        }
        if len(self.languages) == 1:
            said = (
                "Es gibt nur eine Sprache; sie steht auf beiden Seiten.",
                "There is one language only; both pages show it.",
            )
            remedy = ("Für die zweite: label::English (en) ergänzen.", "For the second one: add label::Deutsch (de).")
            self.tell("one_language", "note", "survey", 1, "label", said, remedy)
        for sheet in SHEETS:
            self.heading_missing(sheet)

    def heading_missing(self, sheet: str) -> None:
        """Tell of a sheet that has its texts in one language only while the form has two: one finding, not one for each row."""
        there = {language for column, language in self.headings.get(sheet, ()) if column == "label"} or self.languages
        if sheet == "settings" or not self.rows[sheet]:
            return
        for lang in sorted(self.languages - there):
            heading = f"label::{HEADING[lang]}"
            self.tell(
                "heading_missing",
                "error",
                sheet,
                1,
                heading,
                (f"In diesem Blatt fehlt die Spalte „{heading}“.", f"This sheet lacks the column “{heading}”."),
                (
                    "Bitte die Spalte mit genau dieser Überschrift anlegen und in jeder Zeile übersetzen.",
                    "Add the column under exactly this heading, and translate every row.",
                ),
            )

    def settings(self) -> dict[str, str]:
        rows = self.rows["settings"]
        return {column: said for (column, language), said in rows[0].cells.items() if not language} if rows else {}

    def form(self) -> Form | None:
        if not self.rows["survey"]:
            self.tell(
                "survey_missing",
                "error",
                "survey",
                0,
                "",
                ("Das Blatt survey fehlt oder ist leer.", "The sheet survey is missing or empty."),
                (
                    "Bitte ein Blatt mit dem Namen survey anlegen: type, name, label::Deutsch (de).",
                    "Add a sheet named survey: type, name, label::Deutsch (de).",
                ),
            )
            return None
        survey = Survey(self, self.rows["survey"], self.lists(), any_choices=bool(self.rows["choices"]))
        questions, groups = survey.read()
        settings = self.settings()
        row = self.rows["settings"][0] if self.rows["settings"] else None
        title = self.said(row, "title") if row else NOTHING
        told = settings.pop("form_title", "")
        identity, version = settings.pop("form_id", ""), settings.pop("version", "") or "1"
        settings.pop("default_language", None)
        if row:
            settings |= {
                f"{column}_{lang}": said for (column, lang), said in row.cells.items() if column != "title" and lang
            }
        self.settings_wrong(row, identity, title)
        title = Text(title.de or told or title.en or identity, title.en or told or title.de or identity)
        return Form(
            identity, version, title, tuple(questions), tuple(groups), self.levels(), self.dimensions(), settings
        )

    def settings_wrong(self, row: Row | None, identity: str, title: Text) -> None:
        """Tell of a form without a usable name, and of a title in one language only."""
        if not NAME.match(identity):
            self.tell(
                "form_id",
                "error",
                "settings",
                row.number if row else 0,
                "form_id",
                (
                    "Der Form fehlt ein brauchbarer Name (form_id)."
                    if not identity
                    else f"„{identity[:40]}“ geht nicht als form_id.",
                    "The form needs a name (form_id)." if not identity else f"“{identity[:40]}” cannot be a form_id.",
                ),
                (
                    "Bitte im Blatt settings eintragen: Buchstaben ohne Umlaute, Ziffern, _.",
                    "Enter it in the sheet settings: letters, digits, _.",
                ),
            )
        if row and len(self.languages) > 1 and title.de and not title.en:
            self.tell(
                "title_missing",
                "note",
                "settings",
                row.number,
                "title_en",
                (
                    "Ohne title_en steht der deutsche Titel auch auf der englischen Seite.",
                    "Without title_en the English page shows the German title.",
                ),
                ("Bitte title_en ergänzen.", "Add title_en."),
            )

    def lists(self) -> dict[str, tuple[Choice, ...]]:
        found: dict[str, dict[str, Choice]] = {}
        for row in self.rows["choices"]:
            list_name, name = row.get("list_name"), self.name(row, "name", CHOICE_NAME)
            if not list_name:
                self.wrong(
                    row,
                    "list_name",
                    "list_missing",
                    ("Hier fehlt der Name der Liste.", "The name of the list is missing here."),
                    ("Bitte list_name eintragen.", "Enter list_name."),
                )
                continue
            choices = found.setdefault(list_name, {})
            if name in choices:
                self.wrong(
                    row,
                    "name",
                    "double_choice",
                    (
                        f"„{name[:40]}“ steht in der Liste „{list_name[:40]}“ zweimal.",
                        f"“{name[:40]}” is in the list “{list_name[:40]}” twice.",
                    ),
                    ("Bitte eine der beiden Zeilen umbenennen oder löschen.", "Rename or delete one of the rows."),
                )
                continue
            if name == DONT_KNOW:
                self.tell(
                    "dont_know",
                    "note",
                    "choices",
                    row.number,
                    row.heading("name"),
                    (
                        "„Weiß nicht“ bietet jede Frage von selbst an; die Zeile wird ausgelassen.",
                        "Every question offers “don't know” by itself; the row is left out.",
                    ),
                )
                continue
            self.choice_rows[list_name, name] = row.number
            choices[name] = Choice(
                name,
                self.said(row, "label"),
                self.number(row, "score"),
                self.flag(row, "exclusive"),
                self.said(row, "hint"),
            )
        return {name: tuple(choices.values()) for name, choices in found.items()}

    def twice(self, row: Row, column: str, name: str) -> None:
        if before := self.other_rows.get((row.sheet, name)):
            self.wrong(
                row,
                column,
                "name_twice",
                (f"„{name[:40]}“ steht schon in Zeile {before}.", f"“{name[:40]}” stands in row {before} already."),
                ("Bitte eine der beiden Zeilen umbenennen oder löschen.", "Rename or delete one of the rows."),
            )

    def levels(self) -> tuple[Level, ...]:
        found = []
        for row in self.rows["levels"]:
            lower = self.number(row, "lower")
            if not row.get("lower"):
                self.wrong(
                    row,
                    "lower",
                    "level_lower",
                    (
                        "Hier fehlt, ab wie vielen Punkten die Stufe gilt.",
                        "It is missing from how many points the level holds.",
                    ),
                    (
                        "Bitte eine Zahl in lower schreiben; die erste Stufe beginnt bei 0.",
                        "Write a number in lower; the first level begins at 0.",
                    ),
                )
            key = self.name(row, "key", CHOICE_NAME)
            self.twice(row, "key", key)
            self.other_rows["levels", key] = row.number
            found.append(Level(key, self.said(row, "label"), lower or 0.0, self.said(row, "text")))
        return tuple(found)

    def dimensions(self) -> tuple[DimensionRow, ...]:
        found = []
        for row in self.rows["dimensions"]:
            name, weight, aggregate = self.name(row), self.number(row, "weight"), row.get("aggregate") or "mean"
            if aggregate not in _AGGREGATES:
                self.wrong(
                    row,
                    "aggregate",
                    "aggregate",
                    (f"Die Regel „{aggregate[:40]}“ gibt es nicht.", f"There is no rule “{aggregate[:40]}”."),
                    (f"Möglich sind: {', '.join(_AGGREGATES)}.", f"Possible are: {', '.join(_AGGREGATES)}."),
                )
            self.twice(row, "name", name)
            self.other_rows["dimensions", name] = row.number
            found.append(DimensionRow(name, self.said(row, "label"), aggregate, 1.0 if weight is None else weight))
        return tuple(found)
