"""Numbers as people of a language type them: comma or point, thousands parted or not; what could mean two numbers is asked back, not guessed."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext

from nordlotse.iot.core.oee.written import number

#: Digits parted by threes, each language with its own sign; without further signs "1.500" may be 1500 or 1.5.
_PARTED = {",": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+"), ".": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")}


def plain(typed: str, whole_only: bool = False) -> str:
    """Return what was typed with a point for the decimals and nothing between thousands, in the language that is active; `whole_only`: there are no decimals.

    Raises:
        ValidationError: it could be read as two numbers.
    """
    text = re.sub(r"[\s\u00a0\u202f']", "", typed).replace("−", "-")
    english = (get_language() or "de").startswith("en")
    thousands, decimal = (",", ".") if english else (".", ",")
    whole, found, part = text.partition(decimal)
    parted = _PARTED[thousands].fullmatch(whole)
    if thousands not in text:
        return text.replace(decimal, ".")
    if parted and (found or whole.count(thousands) > 1 or english or whole_only) and thousands not in part:
        return whole.replace(thousands, "") + (f".{part}" if found else "")
    # a German "2.5" can only be decimals; an English "2,5" is a German habit or a slip
    if not english and not found and text.count(".") == 1 and not parted:
        return text
    raise ValidationError(
        gettext("„%(typed)s“ lässt sich verschieden lesen. Bitte ohne Trennzeichen für Tausender schreiben, zum Beispiel 1500 oder 1,5.")
        % {"typed": typed.strip()[:20]}
    )  # fmt: skip


def shown(value: Any, digits: int, lang: str) -> str:
    """Return a number as a field shows it to be changed: nothing between thousands, so that it is read again as it was; "" for None."""
    if value is None:
        return ""
    text = number(Fraction(value), digits).en.replace(",", "")
    return text if lang == "en" else text.replace(".", ",")
