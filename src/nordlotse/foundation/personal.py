"""What a table declares about the people in it: for each personal field why, on what basis, for how long.

Register of processing and privacy page are generated from these declarations; export, deletion and retention walk them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nordlotse.foundation.language import Text


class Basis(StrEnum):
    """The legal basis (GDPR Art. 6 (1))."""

    CONSENT = "a"
    CONTRACT = "b"
    DUTY = "c"
    TASK = "e"
    INTEREST = "f"


@dataclass(frozen=True, slots=True)
class Declared:
    """One or more personal fields that share purpose, basis and period.

    `keep_days` counts from the day `keep_from` names (a field of the same table); None: as long as the row's subject
    stays, then deleted with it.
    """

    fields: tuple[str, ...]
    purpose: Text
    basis: Basis
    keep: Text
    keep_days: int | None = None
    keep_from: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data is meant: a company with its members, or one person; mail addresses in lower case.

    `references` are the ids of the subject's cases: mails and files are kept under them.
    """

    company: str = ""
    users: frozenset[int] = frozenset()
    mails: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """What one table holds of people.

    `rows(subject)` gives the query set of this subject's rows; `erase(query set)` deletes or empties them (None: delete the
    rows). `files(row)` gives the stored files (office.StoredFile) that belong to a row and go with it. Fields in `impersonal` tell nothing about a person. `what` names
    the table for people (German, English); every table that holds something personal has it.
    """

    model: Any
    declared: tuple[Declared, ...]
    impersonal: tuple[str, ...]
    rows: Callable[[Subject], Any]
    erase: Callable[[Any], object] | None = None
    files: Callable[[Any], list[Any]] | None = None
    what: Text | None = None


_tables: dict[str, Table] = {}


def declare(table: Table) -> None:
    """Make a table known; a room does this once, when it is loaded (`personal.py`).

    Raises:
        ValueError: another room has declared the table: of two declarations one would silently be lost.
    """
    if table.model._meta.label in _tables:
        raise ValueError(f"{table.model._meta.label} is declared twice")
    _tables[table.model._meta.label] = table


def tables() -> Mapping[str, Table]:
    """Return every declared table by its label (`room.Model`), in the order of declaration."""
    return dict(_tables)
