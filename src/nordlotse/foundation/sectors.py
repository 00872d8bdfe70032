"""Sectors by the German classification WZ 2008 (Destatis 2008; equal to NACE Rev. 2 down to divisions), and size classes.

The names are our own short ones; keys and the order are the classification's.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from nordlotse.foundation.language import Lang, Text

_DATA = "nordlotse.foundation.sector_list"


@dataclass(frozen=True, slots=True)
class Division:
    """One of the 88 divisions: two digits, its section (a letter), its name."""

    key: str
    section: str
    name: Text


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files(_DATA).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


@cache
def divisions() -> dict[str, Division]:
    """Return the 88 divisions by their two digits."""
    return {
        r["division"]: Division(r["division"], r["section"], Text(r["de"], r["en"])) for r in _rows("divisions.csv")
    }


@cache
def sections() -> dict[str, Text]:
    """Return the names of the 21 sections by their letter."""
    return {r["section"]: Text(r["de"], r["en"]) for r in _rows("sections.csv")}


def section_of(division: str) -> str:
    """Return the section a division belongs to, "" for one that does not exist."""
    found = divisions().get(division)
    return found.section if found else ""


def choices(lang: Lang) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the divisions grouped by section, as a form offers them."""
    return [
        (name.get(lang), [(d.key, f"{d.key} {d.name.get(lang)}") for d in divisions().values() if d.section == letter])
        for letter, name in sections().items()
    ]


class Size(StrEnum):
    """Size class by employees alone (EU recommendation 2003/361/EC; turnover and balance sheet are not asked)."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"

    @property
    def label(self) -> Text:
        """Return the class for people."""
        return _SIZES[self]


_SIZES = {
    Size.MICRO: Text("unter 10 Beschäftigte", "fewer than 10 employees"),
    Size.SMALL: Text("10 bis 49 Beschäftigte", "10 to 49 employees"),
    Size.MEDIUM: Text("50 bis 249 Beschäftigte", "50 to 249 employees"),
    Size.LARGE: Text("ab 250 Beschäftigte", "250 or more employees"),
}


def size_of(employees: int | None) -> Size | None:
    """Return the size class, None if the number is not known."""
    if employees is None:
        return None
    if employees < 10:
        return Size.MICRO
    if employees < 50:
        return Size.SMALL
    return Size.MEDIUM if employees < 250 else Size.LARGE
