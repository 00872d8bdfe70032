"""Exact numbers as people read them: rounded half up once, at the very end."""

from __future__ import annotations

from fractions import Fraction

from nordlotse.foundation.language import Text


def rounded(value: Fraction, digits: int) -> Fraction:
    """Return `value` rounded to `digits` decimals, halves away from zero."""
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**digits)


def plain(value: Fraction, digits: int = 2) -> str:
    """Return a number with a point, at most `digits` decimals and no zeros at its end."""
    text = f"{_fixed(value, digits)}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(value: Fraction, digits: int = 2, *, fixed: bool = False) -> Text:
    """Return a number for a sentence: 1.234,5 in German and 1,234.5 in English; `fixed` keeps zeros at the end."""
    text = _fixed(value, digits)
    if not fixed and "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = "-" if text.startswith("-") else ""
    whole, _, part = text.removeprefix("-").partition(".")
    english = f"{sign}{int(whole):,}" + (f".{part}" if part else "")
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def percent(value: Fraction, digits: int = 1) -> Text:
    """Return a share as percent: 74,8 % and 74.8 %."""
    shown = number(value * 100, digits)
    return Text(f"{shown.de} %", f"{shown.en} %")


def euros(value: Fraction) -> Text:
    """Return an amount in euros: whole euros from 100 on (two digits that count are enough for a loss), else cents."""
    shown = number(value, 0) if abs(value) >= 100 or value.denominator == 1 else number(value, 2, fixed=True)
    return Text(f"{shown.de} €", f"€{shown.en}")


def duration(seconds: Fraction) -> Text:
    """Return a length of time in the unit a person would take: 40 Sekunden, 12 Minuten, 11 Stunden, 1,5 Stunden."""
    unit, digits, de, en = _unit(seconds)
    return _counted(rounded(seconds / unit, digits), de, en)


def as_told(seconds: Fraction) -> Fraction:
    """Return the seconds that `duration` tells of a length: its rounded number times its unit."""
    unit, digits, _, _ = _unit(seconds)
    return rounded(seconds / unit, digits) * unit


def _unit(seconds: Fraction) -> tuple[int, int, tuple[str, str], tuple[str, str]]:
    """The unit (s) a length is told in, its decimals, its names in German and English."""
    size = abs(seconds)
    if size < 60:
        return 1, 0, ("Sekunde", "Sekunden"), ("second", "seconds")
    if size < 5400:
        return 60, 0, ("Minute", "Minuten"), ("minute", "minutes")
    return 3600, 0 if size >= 36_000 else 1, ("Stunde", "Stunden"), ("hour", "hours")


def _counted(value: Fraction, de: tuple[str, str], en: tuple[str, str]) -> Text:
    shown, many = number(value, 1), int(value != 1)
    return Text(f"{shown.de} {de[many]}", f"{shown.en} {en[many]}")


def _fixed(value: Fraction, digits: int) -> str:
    near = rounded(value, digits)
    sign = "-" if near < 0 else ""
    whole, rest = divmod(abs(near.numerator) * 10**digits // near.denominator, 10**digits)
    return f"{sign}{whole}" + (f".{rest:0{digits}d}" if digits else "")
