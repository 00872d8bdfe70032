"""The formulas of a form: a small part of XPath as XLSForm writes it, read by our own parser; nothing is handed to Python.

    ${employees} >= 10 and (selected(${uses}, 'erp') or coalesce(${years}, 0) > 2)

    or  <  and  <  = !=  <  < <= > >=  <  + -  <  * div mod  <  sign        (loosest first, equals from the left)
    if  coalesce  selected  count-selected  number  string  sum  round  min  max  not  true  false

What is empty follows XForms 1.1 and XPath 1.0: a question without answer, not asked, or answered “weiß nicht” is the empty string; as a
number it is *not known* (NaN); every calculation and every comparison by size with it is not known or false; `= ''` finds it,
`coalesce` replaces it. `sum`, `min` and `max` of something not known are not known. Two things differ, on purpose: a division by
zero and a number beyond 10^15 are not known instead of infinite, and `sum`, `min`, `max` take values, not node sets.

A formula has no loops, so its cost is its size, and its size is limited: a formula can be slow only by being refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from nordlotse.foundation.questionnaire.functions import FUNCTIONS, MAX_NUMBER, Value, number_of, text_of, truth_of
from nordlotse.foundation.questionnaire.parts import Part
from nordlotse.foundation.questionnaire.reading import MAX_DEPTH, MAX_LENGTH, MAX_PARTS, read
from nordlotse.foundation.questionnaire.running import Run, Truth, run, truth_run

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NUMBER",
    "MAX_PARTS",
    "Expression",
    "Value",
    "number_of",
    "parse",
    "text_of",
    "truth_of",
]


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula that was read: evaluate it as often as you like.

    `references`: the questions it names, each once, in order of appearance. `root`: what was read, for checks. `value` and `holds` take
    answers (a name that is missing is empty) and return the value, or whether it is true; they never raise, whatever the values are.
    """

    source: str
    root: Part
    references: tuple[str, ...]
    parts: int
    value: Run = field(repr=False, compare=False)
    holds: Truth = field(repr=False, compare=False)


@lru_cache(maxsize=2048)
def parse(source: str, own: str = "", where: str = "") -> Expression:
    """Read a formula. `own` is the question that `.` means ("" where `.` is not allowed), `where` its place for messages.

    Raises:
        BadInput: with the character at which it cannot be read, and the remedy.
    """
    root, references, parts = read(source, own, where)
    return Expression(source, root, references, parts, run(root), truth_run(root))
