"""Numbers in running text: digits, ranges, German and English number words ("zwölf", "zu zwölft", "thirty-five")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from nordlotse.foundation.german import fold

__all__ = ["Number", "numbers_in"]

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[%€]")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_ONES_DE = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
]
_TENS_DE = {
    20: "zwanzig",
    30: "dreißig",
    40: "vierzig",
    50: "fünfzig",
    60: "sechzig",
    70: "siebzig",
    80: "achtzig",
    90: "neunzig",
}
_ONES_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS_EN = {
    20: "twenty",
    30: "thirty",
    40: "forty",
    50: "fifty",
    60: "sixty",
    70: "seventy",
    80: "eighty",
    90: "ninety",
}
_GROUP_ENDINGS = ("t", "st")
_DASHES = {"-", "–", "—"}
_RANGE = {"bis", "und", "to", "or", "oder"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and the words it covers, `start` inclusive to `end` exclusive.

    `group_word`: it says by itself that people are counted ("zu zwölft", "zehnköpfig").
    """

    value: int
    start: int
    end: int
    group_word: bool = False


@cache
def _words() -> dict[str, int]:
    """Number words up to 999 (German, folded) and 99 (English)."""
    words = {fold(w): i for i, w in enumerate(_ONES_DE)}
    for tens, name in _TENS_DE.items():
        words[fold(name)] = tens
        for one in range(1, 10):
            words[fold(f"{_ONES_DE[one]}und{name}")] = tens + one
    for hundreds in range(1, 10):
        prefix = "hundert" if hundreds == 1 else f"{_ONES_DE[hundreds]}hundert"
        for word, value in list(words.items()):
            if 0 < value < 100:
                words[f"{fold(prefix)}{word}"] = hundreds * 100 + value
        words[fold(prefix)] = hundreds * 100
    words["einhundert"] = 100
    words["dutzend"] = words["dozen"] = 12
    for i, name in enumerate(_ONES_EN):
        words[name] = i
    for tens, name in _TENS_EN.items():
        words[name] = tens
    for little in ("ein", "null", "zero", "one"):  # articles, not counts
        words.pop(little)
    return words


@cache
def _groups() -> dict[str, int]:
    """ "zu zwölft", "zu zwanzigst": the word after "zu"."""
    groups = {}
    for word, value in _words().items():
        for ending in _GROUP_ENDINGS:
            groups[word + ending] = value
    groups.update({"dritt": 3, "siebt": 7, "acht": 8, "zweit": 2})
    return groups


def _digits(token: str) -> int | None:
    if _THOUSANDS.fullmatch(token):
        return int(token.replace(".", "").replace(",", ""))
    return int(token) if token.isdecimal() and len(token) <= 7 else None


def _written(token: str) -> int | None:
    """The value of a number word, also inside "zehnköpfig" or "Zehnmannbetrieb"."""
    for ending in ("", "kopfig", "kopfiges", "kopfigen", "kopfige", "mannbetrieb"):
        if token.endswith(ending) and (known := _words().get(token.removesuffix(ending))) is not None:
            return known
    return None


def _value(words: list[str], i: int) -> tuple[int | None, int]:
    """Return the number starting at word `i` and the place after it."""
    token, after = words[i], words[i + 1] if i + 1 < len(words) else ""
    if token[0].isdecimal():
        whole = _digits(token)
        if whole is not None and len(token) <= 3 and len(after) == 3 and after.isdecimal():
            return int(token + after), i + 2
        return whole, i + 1
    known = _written(token)
    if known is not None and token in _TENS_EN.values() and after in _ONES_EN[1:10]:
        return known + _ONES_EN.index(after), i + 2
    if known is not None and after == "hundred":
        return known * 100, i + 2
    return known, i + 1


def numbers_in(folded: str) -> tuple[list[str], list[Number]]:
    """Return the words of a folded text and its numbers; a range ("20-30", "20 bis 30") counts with its middle."""
    found = list(_TOKEN.finditer(folded))
    words = [m[0] for m in found]
    dashes = [folded[a.end() : b.start()].strip() in _DASHES for a, b in pairwise(found)]
    numbers: list[Number] = []
    i = 0
    while i < len(words):
        if i > 0 and words[i - 1] == "zu" and words[i] in _groups():
            numbers.append(Number(_groups()[words[i]], i, i + 1, group_word=True))
            i += 1
            continue
        value, after = _value(words, i)
        if value is not None:
            group = words[i].endswith(("kopfig", "kopfiges", "kopfigen", "kopfige"))
            low, end = value, after
            step = 1 if end < len(words) and words[end] in _RANGE else 0
            if end + step < len(words) and (step or dashes[end - 1]):
                high, after_high = _value(words, end + step)
                if high is not None and high > low:
                    value, after = (low + high) // 2, after_high
            numbers.append(Number(value, i, after, group_word=group))
        i = after
    return words, numbers
