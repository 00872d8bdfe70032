"""Reading one number as a person wrote it into the file: times with or without unit, percent, counts, money; always exact."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from nordlotse.foundation.problem import BadInput

#: Seconds of each unit of time that a file may use.
UNITS = {"s": 1, "sec": 1, "sek": 1, "second": 1, "seconds": 1, "sekunden": 1, "min": 60, "minute": 60, "minutes": 60, "minuten": 60,
         "h": 3600, "std": 3600, "hour": 3600, "hours": 3600, "stunden": 3600, "d": 86400, "day": 86400, "days": 86400, "tage": 86400}  # fmt: skip
#: Largest number a file may hold, and most decimals: beyond, it is a mistake or an attack.
MOST, DIGITS = 10**15, 18

_TIME = re.compile(r"\s*(-?\d{1,15}(?:[.,]\d{1,18})?)\s*([A-Za-z]{1,8})?\s*\Z")
_CLOCK = re.compile(r"\s*(\d{1,4}):([0-5]\d)(?::([0-5]\d))?\s*\Z")
_PERCENT = re.compile(r"\s*(-?\d{1,6}(?:[.,]\d{1,12})?)\s*%?\s*\Z")


def wrong(where: str, de: str, en: str, remedy_de: str = "", remedy_en: str = "", code: str = "oee_value") -> BadInput:
    """Return the error for a place in the file."""
    return BadInput(code, de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def number_of(value: Any, where: str) -> Fraction:
    """Return a JSON number as an exact fraction.

    Raises:
        BadInput: `oee_value`: no number, not finite, beyond 10^15 or with more than 18 decimals.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(
            where, f"Hier steht {_named(value)}, gebraucht wird eine Zahl.", f"This is {_named(value)}, a number is needed.",
            "Schreiben Sie die Zahl ohne Anführungszeichen: 480 oder 1.5", "Write the number without quotation marks: 480 or 1.5",
        )  # fmt: skip
    if isinstance(value, Decimal):
        # checked before anything is computed: 1e999999999 as a fraction would fill the memory
        lowest, highest = value.adjusted() - len(value.as_tuple().digits) + 1, value.adjusted()
        if not value.is_finite() or lowest < -DIGITS or highest > 15:
            raise _too_large(where)
    if not -MOST <= value <= MOST:
        raise _too_large(where)
    return Fraction(value)


def time_of(value: Any, unit: str, where: str) -> Fraction:
    """Return a time in seconds: a number in `unit`, or a text with its own unit ("1.5 min", "7 h", "7:30", "7:30:00").

    Raises:
        BadInput: `oee_value`.
    """
    if not isinstance(value, str):
        return number_of(value, where) * UNITS[unit]
    if clock := _CLOCK.match(value):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return Fraction(hours * 3600 + minutes * 60 + seconds)
    found = _TIME.match(value)
    if found is None or (found[2] or unit).casefold() not in UNITS:
        raise wrong(
            where, f"„{value[:40]}“ ist keine Zeit.", f"“{value[:40]}” is no time.",
            "Zum Beispiel: 480, \"480 min\", \"7 h\" oder \"7:30\"", "For example: 480, \"480 min\", \"7 h\" or \"7:30\"",
        )  # fmt: skip
    return Fraction(found[1].replace(",", ".")) * UNITS[(found[2] or unit).casefold()]


def percent_of(value: Any, where: str) -> tuple[Fraction, Fraction]:
    """Return a stated percentage as a share, and half a unit of its last written digit as a share.

    Raises:
        BadInput: `oee_value`.
    """
    if isinstance(value, str):
        found = _PERCENT.match(value)
        if found is None:
            raise wrong(
                where,
                f"„{value[:40]}“ ist kein Prozentwert.",
                f"“{value[:40]}” is no percentage.",
                'Zum Beispiel: 95 oder "92,6 %"',
                'For example: 95 or "92.6 %"',
            )
        value = Decimal(found[1].replace(",", "."))
    exact = number_of(value, where)
    digits = max(0, len(value.as_tuple().digits) - 1 - value.adjusted()) if isinstance(value, Decimal) else 0
    return exact / 100, Fraction(1, 200 * 10**digits)


def _too_large(where: str) -> BadInput:
    return wrong(
        where, "Die Zahl ist zu groß oder hat zu viele Stellen.", "The number is too large or has too many digits.",
        "Erlaubt sind Beträge bis 10^15 mit höchstens 18 Nachkommastellen.", "Allowed are sizes up to 10^15 with at most 18 decimals.",
    )  # fmt: skip


def _named(value: Any) -> str:
    return {str: "Text", bool: "true/false", type(None): "null", list: "[…]", dict: "{…}"}.get(
        type(value), type(value).__name__
    )
