"""What formulas work on: values as XPath 1.0 (section 4) converts them, operators and functions of XForms.

What is not known is NaN and stays so: every operation with it is not known, every comparison by size with it is false. Nothing here
raises, whatever the values are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

#: Largest number that counts as known; beyond it binary floats lose whole units.
MAX_NUMBER: Final = 1e15

#: What a formula works on: words, a number, yes or no, or the names of several ticked choices.
Value = str | float | bool | tuple[str, ...]

NAN: Final = math.nan


def text_of(value: Value) -> str:
    """Return a value as words: several names with spaces between, whole numbers without a point, not known as "NaN"."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(value)
    number = number_of(value)
    if math.isnan(number):
        return "NaN"
    return str(int(number)) if number.is_integer() else repr(number)


#: XPath's own way to write a number; Python's `float` would also take "1e5", "1_000" and "inf".
_NUMBER = re.compile(r"\s*-?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})\s*\Z")


def number_of(value: Value) -> float:
    """Return a value as a number; NaN where it is none, or none this house counts with."""
    if value.__class__ is float:
        return value if -MAX_NUMBER <= value <= MAX_NUMBER else NAN
    if isinstance(value, (float, int)):
        return float(value) if -MAX_NUMBER <= value <= MAX_NUMBER else NAN
    return _read(" ".join(value) if isinstance(value, tuple) else value)


@lru_cache(maxsize=1024)
def _read(words: str) -> float:
    return known(float(words)) if _NUMBER.match(words) else NAN


def truth_of(value: Value) -> bool:
    """Return a value as yes or no: empty words, 0 and what is not known are no."""
    if isinstance(value, float):
        return value == value and value != 0.0  # noqa: PLR0124 - only what is not known differs from itself
    return bool(value)


def known(number: float) -> float:
    """Return a number, or NaN where it is larger than this house counts with."""
    return number if -MAX_NUMBER <= number <= MAX_NUMBER else NAN


def equal(left: Value, right: Value) -> bool:
    """Compare as XPath 1.0 section 3.4: as yes/no if one is, else as numbers if one is, else as words."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return truth_of(left) == truth_of(right)
    if isinstance(left, (float, int)) or isinstance(right, (float, int)):
        return number_of(left) == number_of(right)
    return text_of(left) == text_of(right)


def _quotient(left: float, right: float) -> float:
    return known(left / right) if right else NAN


def _remainder(left: float, right: float) -> float:
    """The remainder with the sign of the dividend, as XPath's `mod`."""
    return math.fmod(left, right) if right else NAN


#: Comparisons by their sign.
COMPARE: Final[Mapping[str, Callable[[Value, Value], bool]]] = {
    "=": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": lambda a, b: number_of(a) < number_of(b),
    "<=": lambda a, b: number_of(a) <= number_of(b),
    ">": lambda a, b: number_of(a) > number_of(b),
    ">=": lambda a, b: number_of(a) >= number_of(b),
}

#: Calculations by their sign.
ARITHMETIC: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: known(a + b),
    "-": lambda a, b: known(a - b),
    "*": lambda a, b: known(a * b),
    "div": _quotient,
    "mod": _remainder,
}


# ---- functions ----


def names_of(value: Value) -> Sequence[str]:
    """Return the names in a value: those ticked, or its words."""
    return value if isinstance(value, tuple) else text_of(value).split()


def _coalesce(*values: Value) -> Value:
    for value in values:
        if value == value and value not in ("", ()):  # noqa: PLR0124 - only what is not known differs from itself
            return value
    return ""


def _round(value: Value, places: Value = 0.0) -> float:
    """Half up, towards plus infinity, as XPath's `round`; `places` from -9 to 9 as ODK's second argument."""
    number, digits = number_of(value), number_of(places)
    if math.isnan(number) or not digits.is_integer() or abs(digits) > 9:
        return NAN
    factor = 10.0 ** int(digits)
    # first rounded to the digits a float of this size carries, so that 2.675 and 1.005 round as they are written
    return math.floor(float(f"{number * factor:.15g}") + 0.5) / factor


def _sum(*values: Value) -> float:
    return known(math.fsum(number_of(v) for v in values))


def _lowest(*values: Value) -> float:
    numbers = [number_of(v) for v in values]
    return NAN if any(map(math.isnan, numbers)) else min(numbers)


def _highest(*values: Value) -> float:
    numbers = [number_of(v) for v in values]
    return NAN if any(map(math.isnan, numbers)) else max(numbers)


#: Functions: fewest and most arguments, and what each does (None: `if` evaluates only the part it needs).
FUNCTIONS: Final[Mapping[str, tuple[int, int, Callable[..., Value] | None]]] = {
    "if": (3, 3, None),
    "coalesce": (2, 50, _coalesce),
    "selected": (2, 2, lambda several, name: text_of(name).strip() in names_of(several)),
    "count-selected": (1, 1, lambda several: float(len(names_of(several)))),
    "number": (1, 1, number_of),
    "string": (1, 1, text_of),
    "sum": (1, 500, _sum),
    "round": (1, 2, _round),
    "min": (1, 500, _lowest),
    "max": (1, 500, _highest),
    "not": (1, 1, lambda v: not truth_of(v)),
    "true": (0, 0, lambda: True),
    "false": (0, 0, lambda: False),
}
