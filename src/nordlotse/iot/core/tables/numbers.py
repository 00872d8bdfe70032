"""Columns of texts become numbers or booleans: decimal comma or point, digits in groups, units behind, words for nothing."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nordlotse.iot.core.values import Floats

_Mask = NDArray[np.bool_]

#: What stands where nothing was measured, in small letters.
NOTHING = (
    "",
    "-",
    "--",
    "---",
    "–",
    "nan",
    "null",
    "none",
    "n/a",
    "#n/a",
    "na",
    "#nv",
    "n.v.",
    "k.a.",
    "\\n",
    "?",
    "#wert!",
    "#div/0!",
)
#: Words for yes and no, in small letters.
YES = ("true", "wahr", "ja", "yes", "on", "ein", "an", "1", "1.0", "t", "y", "j")
NO = ("false", "falsch", "nein", "no", "off", "aus", "0", "0.0", "f", "n")
_NOTHING, _YES, _NO = (pa.array(words, pa.string()) for words in (NOTHING, YES, NO))

_POINT = r"[+-]?(?:\d+|\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d+)?"
_COMMA = r"[+-]?(?:\d+|\d{1,3}(?:[.'’ \u00a0\u202f]\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d+)?"
#: A unit behind a number: letters, degrees, percent; no digits.
_UNIT = r"(?:\s?[°%‰A-Za-zµμΩ][^\d,;]{0,11}[²³]?)?"
_RULES = {".": re.compile(rf"(?=.*\d){_POINT}{_UNIT}\Z"), ",": re.compile(rf"(?=.*\d){_COMMA}{_UNIT}\Z")}
_INFINITE = re.compile(r"[+-]?(?:inf|infinity|∞|1\.#inf0*)\Z", re.IGNORECASE)
_TAIL = re.compile(r"[^\d.,]+\Z")
#: Whole columns with digits in groups, as Arrow's expressions (RE2) have them, and what stands between the groups.
_GROUPED = {
    ".": "^[+-]?([0-9]+|[0-9]{1,3}([,'’ \u00a0\u202f][0-9]{3})+)([.][0-9]*)?([eE][+-]?[0-9]+)?$",
    ",": "^[+-]?([0-9]+|[0-9]{1,3}([.'’ \u00a0\u202f][0-9]{3})+)(,[0-9]*)?([eE][+-]?[0-9]+)?$",
}
_BETWEEN = {".": "[,'’ \u00a0\u202f]", ",": "[.'’ \u00a0\u202f]"}
_POINT_SIGN, _COMMA_SIGN = np.uint8(ord(".")), np.uint8(ord(","))
#: By byte: may it stand in a number written with this decimal sign?
_SIGNS = {sign: np.isin(np.arange(256), list(b"0123456789+-eE" + sign.encode())) for sign in ".,"}


def is_nothing(text: str) -> bool:
    """Return whether a cell says that there is no value."""
    return text.strip().lower() in NOTHING


def is_number(text: str, decimal: str) -> bool:
    """Return whether a text is a number written with this decimal sign."""
    return _RULES[decimal].match(text.strip()) is not None


def is_boolean(text: str) -> bool:
    """Return whether a text is a word for yes or no."""
    return text.strip().lower() in (*YES, *NO)


def is_infinite(text: str) -> bool:
    """Return whether a text means an infinite number."""
    return _INFINITE.match(text.strip()) is not None


def number(text: str, decimal: str) -> float:
    """Return the number a text is.

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    if not _RULES[decimal].match(text):
        raise ValueError("no number")
    bare = _TAIL.sub("", text) if not text[-1].isdigit() else text
    for group in "'’ \u00a0\u202f":
        bare = bare.replace(group, "")
    bare = bare.replace(".", "").replace(",", ".") if decimal == "," else bare.replace(",", "")
    return float(bare)


def floats(column: pa.Array, decimal: str) -> tuple[Floats, _Mask, _Mask]:
    """Return numbers (n,), where nothing stands, and where something stands that is no finite number; texts (n,) without spaces around."""
    plain = plainly(column, decimal)
    if plain is not None:
        return *plain, np.zeros(len(column), np.bool_)
    missing = _missing(column)
    # each way of writing a cell is read once: what is no plain number repeats itself (words, units)
    coded = column.dictionary_encode()
    words = coded.dictionary.to_pylist()
    table = np.full(len(words) + 1, np.nan)
    for place, word in enumerate(words):
        try:
            table[place] = number(word, decimal)
        except ValueError:
            continue
    value: Floats = table[coded.indices.to_numpy(zero_copy_only=False)]
    wrong = ~np.isfinite(value) & ~missing
    return np.where(np.isfinite(value), value, 0.0), missing, wrong


def plainly(column: pa.Array, decimal: str) -> tuple[Floats, _Mask] | None:
    """Return numbers (n,) and where nothing stands; None if anything stands there that is neither nothing nor a number without a unit."""
    empty = (pc.binary_length(column).to_numpy(zero_copy_only=False) == 0).astype(np.bool_)
    value = _cast(_filled(column, empty), decimal)
    if value is not None:
        return value, empty
    missing = _missing(column)
    filled = _filled(column, missing)
    value = _cast(filled, decimal) if missing.any() else None
    if value is None and pc.all(pc.match_substring_regex(filled, _GROUPED[decimal])).as_py():
        value = _cast(pc.replace_substring_regex(filled, _BETWEEN[decimal], ""), decimal)
    return None if value is None else (value, missing)


def _filled(column: pa.Array, missing: _Mask) -> pa.Array:
    return pc.if_else(pa.array(missing), pa.scalar("0"), column) if missing.any() else column


def _cast(column: pa.Array, decimal: str) -> Floats | None:
    """Return a column of finite numbers of digits, decimal sign and exponent; None if anything else stands in it.

    Arrow takes twelve times as long for a cell it cannot read, so that the letters are looked at first.
    """
    if not len(column):
        return np.zeros(0)
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int32)
    held = np.frombuffer(data or b"", np.uint8)
    if not _SIGNS[decimal][held[ends[column.offset] : ends[column.offset + len(column)]]].all():
        return None
    if decimal == "," and not column.offset:
        pointed = np.where(held == _COMMA_SIGN, _POINT_SIGN, held)
        column = pa.Array.from_buffers(column.type, len(column), [None, offsets, pa.py_buffer(pointed)])
    elif decimal == ",":
        column = pc.replace_substring(column, ",", ".")
    try:
        value: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return value if np.isfinite(value).all() else None


def _missing(column: pa.Array) -> _Mask:
    found: _Mask = pc.is_in(pc.utf8_lower(column), _NOTHING).to_numpy(zero_copy_only=False)
    return found


def booleans(column: pa.Array) -> tuple[Floats, _Mask, _Mask]:
    """Return 1 for yes and 0 for no, where nothing stands, and where something else does."""
    small = pc.utf8_lower(column)
    yes = pc.is_in(small, _YES).to_numpy(zero_copy_only=False)
    no = pc.is_in(small, _NO).to_numpy(zero_copy_only=False)
    missing = _missing(column)
    return yes.astype(np.float64), missing, ~(yes | no | missing)
