"""Dates and figures as words, in German and English."""

from __future__ import annotations

from datetime import date

from nordlotse.foundation.records.model import Unit

_MONTHS_DE = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MILLION = 1_000_000
_BILLION = 1_000_000_000


def day(value: date, lang: str) -> str:
    """Return a date written out: "1. Januar 2025" or "1 January 2025"."""
    if lang == "de":
        return f"{value.day}. {_MONTHS_DE[value.month - 1]} {value.year}"
    return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"


def month(value: date, lang: str) -> str:
    """Return month and year: "Juni 2021" or "June 2021"."""
    return f"{(_MONTHS_DE if lang == 'de' else _MONTHS_EN)[value.month - 1]} {value.year}"


def number(value: int | float, lang: str) -> str:
    """Return a number with the separators of the language: 7.500 and 7,5 in German, 7,500 and 7.5 in English."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    if lang != "de":
        return text
    return text.translate(str.maketrans(",.", ".,"))


def euros(value: int | float, lang: str) -> str:
    """Return an amount of money in words: "300.000 Euro", "7,5 Millionen Euro", "1.3 billion euros"."""
    unit = "Euro" if lang == "de" else "euros"
    for size, de, en in ((_BILLION, "Milliarden", "billion"), (_MILLION, "Millionen", "million")):
        if abs(value) >= size:
            scaled = value / size
            shown: int | float = int(scaled) if scaled == int(scaled) else scaled
            return f"{number(shown, lang)} {de if lang == 'de' else en} {unit}"
    return f"{number(value, lang)} {unit}"


def amount(value: int | float, unit: Unit, lang: str) -> str:
    """Return a figure for a sentence; only money and percent carry their unit, the rest leaves it to the sentence.

    German nouns change with the case ("zwei Jahre", "in zwei Jahren"), so the sentence writes them itself.
    """
    if unit == "EUR":
        return euros(value, lang)
    if unit == "percent":
        return f"{number(value, lang)} {'Prozent' if lang == 'de' else 'percent'}"
    return str(value) if unit == "year" else number(value, lang)
