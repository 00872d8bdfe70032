"""Money, time and mass as people read them: rounded to what the range behind them deserves, with the marks of the language."""

from __future__ import annotations

from math import floor, log10

from nordlotse.foundation.records.figures import number

#: Significant digits of an estimate; more would claim what the range denies.
_DIGITS = 2


def rounded(value: float, digits: int = _DIGITS) -> float:
    """Return a value with so many significant digits."""
    if value == 0:
        return 0.0
    return round(value, digits - 1 - floor(log10(abs(value))))


def euro(value: float, lang: str) -> str:
    """Return a price to the cent, as it was named: "12,50 €"."""
    return f"{_marks(f'{value:,.2f}', lang)} €"


def about(value: float, lang: str) -> str:
    """Return an estimated price: two significant digits, with cents below 10 euros: "4,10 €", "14 €", "1.400 €"."""
    return f"{_about(value, lang)} €"


def between(low: float, high: float, lang: str) -> str:
    """Return a range of prices: "4,10–6,80 €"; one price where both round to the same."""
    first, last = _about(low, lang), _about(high, lang)
    return f"{first} €" if first == last else f"{first}–{last} €"


def _about(value: float, lang: str) -> str:
    held = rounded(value)
    return _marks(f"{held:,.2f}" if abs(held) < 10 else f"{held:,.0f}", lang)


def _marks(text: str, lang: str) -> str:
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text


def duration(seconds: float, lang: str) -> str:
    """Return a time: minutes below an hour, hours and minutes below ten hours (to five minutes), then hours: "2 h 10 min"."""
    minutes = seconds / 60
    if minutes < 59.5:
        return f"{max(1, round(minutes))} min"
    if minutes < 600:
        hours, rest = divmod(5 * round(minutes / 5), 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{number(round(minutes / 60), lang)} h"


def grams(value: float, lang: str) -> str:
    """Return a mass: a decimal below 10 g, kilograms from 1,000 g: "5,3 g", "48 g", "1,25 kg"."""
    if value >= 1000:
        return f"{number(float(rounded(value, 3)) / 1000, lang)} kg"
    return f"{number(round(float(value), 1) if value < 10 else round(value), lang)} g"


def span(low: str, high: str) -> str:
    """Return two amounts as a range, once where they are the same."""
    return low if low == high else f"{low} – {high}"
