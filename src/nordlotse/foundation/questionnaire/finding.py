"""What a check of a form found: what is wrong, in which sheet, row and column, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `row` as the spreadsheet program (or the editor) counts it, 0 where none; `column` is its heading.

    `error`: the form cannot be used. `warning`: it can, but surely not as meant. `note`: good to know.
    """

    code: str
    severity: Severity
    sheet: str
    row: int
    column: str
    message: Text
    remedy: Text = NOTHING

    @property
    def place(self) -> Text:
        """Return the place in words: sheet, row, column."""
        de = [self.sheet, f"Zeile {self.row}" if self.row else "", f"Spalte {self.column}" if self.column else ""]
        en = [self.sheet, f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else ""]
        return Text(", ".join(p for p in de if p), ", ".join(p for p in en if p))

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return {
            "code": self.code,
            "severity": self.severity,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "message_de": self.message.de,
            "message_en": self.message.en,
            "remedy_de": self.remedy.de,
            "remedy_en": self.remedy.en,
        }


class Findings:
    """Collects what is found wrong."""

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.findings: list[Finding] = []

    def tell(
        self,
        code: str,
        severity: Severity,
        sheet: str,
        row: int,
        column: str,
        said: tuple[str, str],
        remedy: tuple[str, str] = ("", ""),
    ) -> None:
        """Keep one finding: code, severity, place, what is wrong, and the remedy, both in German and English."""
        self.findings.append(Finding(code, severity, sheet, row, column, Text(*said), Text(*remedy)))


def errors(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that keep a form from being used."""
    return tuple(f for f in findings if f.severity == "error")


def refuse_wrong(findings: Sequence[Finding], file: str) -> None:
    """Raise the first error, if there is one, and say how many more there are.

    Raises:
        BadInput: with the finding's code, place and remedy.
    """
    wrong = errors(findings)
    if not wrong:
        return
    first, more = wrong[0], len(wrong) - 1
    raise BadInput(
        first.code,
        de=first.message.de + (f" Dazu {more} weitere Fehler." if more else ""),
        en=first.message.en + (f" And {more} more errors." if more else ""),
        where=", ".join(p for p in (file, first.place.en) if p),
        remedy_de=first.remedy.de,
        remedy_en=first.remedy.en,
    )
