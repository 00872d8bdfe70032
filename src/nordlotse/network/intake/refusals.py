"""What is wrong with a line of a table, in words, at its column."""

from __future__ import annotations

from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.network.intake.columns import Column


def missing_column(column: Column) -> BadInput:
    """Return the error of a column that must be filled and is not."""
    return BadInput(
        "cell_missing",
        de=f"Die Spalte „{column.name}“ ist leer.",
        en=f"The column “{column.name}” is empty.",
        where=column.name,
        remedy_de="Bitte ausfüllen.",
        remedy_en="Fill it in.",
    )


def placed(problem: Problem, column: Column) -> BadInput:
    """Return the error of a cell that cannot be read, at its column."""
    return BadInput(
        problem.code,
        de=problem.message_de,
        en=problem.message_en,
        where=column.name,
        remedy_de=problem.remedy_de,
        remedy_en=problem.remedy_en,
    )


def double(number: int) -> BadInput:
    """Return the error of a line about somebody an earlier, wrong line is about."""
    return BadInput(
        "line_double",
        de=f"Zeile {number} nennt schon dasselbe.",
        en=f"Line {number} already names the same.",
        remedy_de="Bitte eine der beiden Zeilen löschen.",
        remedy_en="Delete one of the two lines.",
    )


def name_taken(name: str) -> BadInput:
    """Return the error of a partner's name that another short name has."""
    return BadInput(
        "partner_taken",
        de=f"„{name[:60]}“ heißt schon ein anderer Partner.",
        en=f"Another partner is already called “{name[:60]}”.",
        where="Partner",
        remedy_de="Bitte Kürzel oder Namen berichtigen.",
        remedy_en="Correct the short name or the name.",
    )


def no_partner(name: str) -> BadInput:
    """Return the error of a line about a partner that is not there."""
    return BadInput(
        "partner_unknown",
        de=f"Den Partner „{name[:60]}“ gibt es noch nicht.",
        en=f"There is no partner “{name[:60]}” yet.",
        where="Partner",
        remedy_de="Bitte zuerst den Partner anlegen oder den Namen wie dort schreiben.",
        remedy_en="Make the partner first, or spell the name as it stands there.",
    )
