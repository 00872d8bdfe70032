"""Cells of tables become words, names, numbers and yes or no; what cannot be read is told with sheet, row, column and remedy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.finding import Findings, Severity
from nordlotse.foundation.questionnaire.tables import READ, SAID, Table, meaning

#: Most rows of each kind; longer texts than these nobody reads on a phone.
MOST: Final[Mapping[str, int]] = {"survey": 500, "choices": 2000, "levels": 20, "dimensions": 50, "settings": 1}
#: Longest texts, in characters.
LONGEST: Final[Mapping[str, int]] = {
    "label": 600,
    "hint": 1500,
    "constraint_message": 300,
    "text": 1500,
    "title": 200,
    "about": 1500,
    "limits": 1500,
    "attribution": 1500,
}
_LONGEST_OTHER: Final = 4000

#: Names as XForms takes them (they become XML elements), at most 64 characters.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}\Z")
CHOICE_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}\Z")
#: Columns that hold numbers.
_NUMBERS: Final = frozenset({"lower", "score", "weight", "scale"})
_YES: Final = frozenset({"yes", "ja", "true", "true()", "1", "x", "wahr"})
_NO: Final = frozenset({"", "no", "nein", "false", "false()", "0", "falsch"})


@dataclass(frozen=True)
class Row:
    """One row: its cells by what the headings mean, and where it stands."""

    sheet: str
    number: int
    cells: Mapping[tuple[str, str], str]
    headings: Mapping[tuple[str, str], str]

    def get(self, column: str, language: str = "") -> str:
        """Return a cell by what its heading means, "" where it is empty."""
        return self.cells.get((column, language), "")

    def heading(self, column: str, language: str = "") -> str:
        """Return the heading as it is written in the file."""
        return self.headings.get((column, language), column)


class Cells(Findings):
    """Reads the cells of a form's tables and keeps what it finds.

    `default`: the language of texts whose heading names none; `languages`: those in which anything is written.
    """

    def __init__(self) -> None:
        """Begin with nothing found, German as the default."""
        super().__init__()
        self.default = "de"
        self.languages: set[str] = set()
        self.headings: dict[str, set[tuple[str, str]]] = {}

    def wrong(self, row: Row, column: str, code: str, said: tuple[str, str], remedy: tuple[str, str]) -> None:
        """Keep an error with its cell."""
        self.tell(code, "error", row.sheet, row.number, row.heading(column), said, remedy)

    def read(self, table: Table) -> list[Row]:
        """Return the rows of a table by what its headings mean; unknown headings, odd cells and too long texts are told."""
        sheet = table.name.strip().lower()
        meant: dict[str, tuple[str, str]] = {}
        for heading in table.columns:
            if not heading:
                continue
            found = meaning(sheet, heading)
            if found is None or found[1] == "?":
                self.unknown_column(sheet, heading, found is not None)
            elif found in meant.values():
                self.tell(
                    "double_column",
                    "error",
                    sheet,
                    1,
                    heading,
                    (f"Die Spalte „{heading}“ gibt es zweimal.", f"There are two columns “{heading}”."),
                    ("Bitte eine der beiden löschen.", "Delete one of them."),
                )
            else:
                meant[heading] = found
        self.odd(table, meant)
        headings = {found: heading for heading, found in meant.items()}
        self.headings[sheet] = {
            (column, language or (self.default if column in SAID[sheet] else "")) for column, language in meant.values()
        }
        rows = []
        for number, cells in table.rows:
            known: dict[tuple[str, str], str] = {}
            for heading, (column, language) in meant.items():
                said = cells.get(heading, "").strip()
                if said and column in SAID[sheet] and not language:
                    known.setdefault((column, self.default), said)
                    headings.setdefault((column, self.default), heading)
                elif said:
                    known[column, language] = said
            if known:
                rows.append(Row(sheet, number, known, headings))
        if len(rows) > MOST[sheet]:
            most = MOST[sheet]
            self.tell(
                "too_many_rows",
                "error",
                sheet,
                rows[most].number,
                "",
                (
                    f"Das Blatt hat {len(rows)} Zeilen, möglich sind {most}.",
                    f"The sheet has {len(rows)} rows; {most} are possible.",
                ),
                ("Bitte die Zeilen ab hier entfernen oder teilen.", "Remove the rows from here on, or split the form."),
            )
            rows = rows[:most]
        for row in rows:
            self.lengths(row)
        return rows

    def unknown_column(self, sheet: str, heading: str, language: bool) -> None:
        """Tell a heading that is not read, with the one that may be meant."""
        if language:
            said = (f"Diese Sprache lesen wir nicht: {heading}.", f"We do not read this language: {heading}.")
            remedy = (
                "Bitte label::Deutsch (de) und label::English (en) schreiben.",
                "Write label::Deutsch (de) and label::English (en).",
            )
            self.tell("unknown_language", "warning", sheet, 1, heading, said, remedy)
            return
        names = [*SAID[sheet], *READ[sheet]]
        close = difflib.get_close_matches(heading.lower().partition("::")[0], names, 1, 0.8)
        said = (f"Die Spalte „{heading}“ lesen wir nicht.", f"We do not read the column “{heading}”.")
        remedy = (f"Gemeint ist vielleicht „{close[0]}“.", f"Perhaps “{close[0]}” is meant.") if close else ("", "")
        self.tell("unknown_column", "warning" if close else "note", sheet, 1, heading, said, remedy)

    def odd(self, table: Table, meant: Mapping[str, tuple[str, str]]) -> None:
        """Tell cells that hold a formula, an error or a date."""
        sheet = table.name.strip().lower()
        for (number, heading), what in sorted(table.odd.items()):
            if what == "percent" and meant.get(heading, ("", ""))[0] in _NUMBERS:
                self.percent(sheet, number, heading, dict(table.rows).get(number, {}).get(heading, ""))
            elif heading in meant and what in _ODD:
                severity: Severity = "warning" if what == "date" else "error"
                self.tell(f"cell_{what}", severity, sheet, number, heading, *_ODD[what])

    def percent(self, sheet: str, row: int, heading: str, said: str) -> None:
        """Tell of a number that the spreadsheet program shows as percent: 40 % is kept there as 0.4."""
        try:
            value = float(said)
        except ValueError:
            return
        kept, meant = f"{value:g}".replace(".", ","), f"{value * 100:.6g}"
        self.tell(
            "cell_percent",
            "error",
            sheet,
            row,
            heading,
            (
                f"Die Zelle zeigt {meant.replace('.', ',')} %, das Tabellenprogramm rechnet dafür mit {kept}.",
                f"The cell shows {meant} %, for which the spreadsheet program counts {value:g}.",
            ),
            (
                f"Bitte die Zelle als Zahl formatieren (nicht Prozent) und {meant.replace('.', ',')} schreiben.",
                f"Format the cell as a number (not percent) and write {meant}.",
            ),
        )

    def lengths(self, row: Row) -> None:
        """Tell texts that nobody reads on a phone."""
        for (column, language), said in row.cells.items():
            most = LONGEST.get(column, _LONGEST_OTHER)
            if len(said) > most:
                self.tell(
                    "too_long",
                    "error",
                    row.sheet,
                    row.number,
                    row.heading(column, language),
                    (
                        f"Der Text hat {len(said)} Zeichen, möglich sind {most}.",
                        f"The text has {len(said)} characters; {most} are possible.",
                    ),
                    ("Bitte kürzen.", "Shorten it."),
                )

    def said(self, row: Row, column: str) -> Text:
        """Return a text in both languages; where the whole form has one language only, that one serves for both."""
        de, en = row.get(column, "de"), row.get(column, "en")
        if len(self.languages) < 2:
            return Text(de or en, en or de)
        return Text(de, en)

    def number(self, row: Row, column: str) -> float | None:
        """Return a number, None where the cell is empty or none."""
        written = row.get(column)
        if not written:
            return None
        try:
            if not re.fullmatch(r"[+-]?[0-9]{1,12}([.,][0-9]{1,20})?", written):
                raise ValueError
            # twelve digits: spreadsheet programs keep 15, and a form read twice must have one hash
            return float(f"{float(written.replace(',', '.')):.12g}")
        except ValueError:
            self.wrong(
                row,
                column,
                "not_a_number",
                (f"„{written[:40]}“ ist keine Zahl.", f"“{written[:40]}” is not a number."),
                ("Bitte eine Zahl schreiben, zum Beispiel 2 oder 2,5.", "Write a number, such as 2 or 2.5."),
            )
            return None

    def flag(self, row: Row, column: str) -> bool:
        """Return a yes or no."""
        written = row.get(column).lower()
        if written not in _YES | _NO:
            self.wrong(
                row,
                column,
                "not_yes_or_no",
                (f"„{written[:40]}“ ist weder yes noch no.", f"“{written[:40]}” is neither yes nor no."),
                ("Bitte yes schreiben oder die Zelle leeren.", "Write yes, or clear the cell."),
            )
        return written in _YES

    def name(self, row: Row, column: str = "name", pattern: re.Pattern[str] = NAME) -> str:
        """Return a name; one that cannot be a name is told."""
        written = row.get(column)
        if not written:
            self.wrong(
                row,
                column,
                "name_missing",
                ("Hier fehlt ein Name.", "A name is missing here."),
                (
                    "Bitte einen kurzen Namen eintragen, zum Beispiel it_systems.",
                    "Enter a short name, such as it_systems.",
                ),
            )
        elif not pattern.match(written):
            self.wrong(
                row,
                column,
                "bad_name",
                (f"„{written[:40]}“ geht nicht als Name.", f"“{written[:40]}” cannot be a name."),
                (
                    "Bitte nur Buchstaben ohne Umlaute, Ziffern und _ verwenden, ohne Leerzeichen, höchstens 64.",
                    "Use letters without accents, digits and _ only, without spaces, at most 64.",
                ),
            )
        return written


_ODD: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "formula": (
        (
            "In der Zelle steht eine Formel des Tabellenprogramms.",
            "The cell holds a formula of the spreadsheet program.",
        ),
        ("Bitte als Wert einfügen (Inhalte einfügen, nur Werte).", "Paste it as a value (paste special, values only)."),
    ),
    "error": (
        ("In der Zelle steht ein Fehler des Tabellenprogramms.", "The cell holds an error of the spreadsheet program."),
        ("Bitte die Zelle neu schreiben.", "Write the cell anew."),
    ),
    "date": (
        (
            "Das Tabellenprogramm hat aus der Zelle ein Datum gemacht.",
            "The spreadsheet program made a date of the cell.",
        ),
        ("Bitte die Zelle als Text formatieren und neu schreiben.", "Format the cell as text and write it anew."),
    ),
}
