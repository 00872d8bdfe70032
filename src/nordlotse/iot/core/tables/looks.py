"""What the cells of a table look like: number, time, unit or title; which sign parts columns, which decimals."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from nordlotse.iot.core.tables import times
from nordlotse.iot.core.tables.numbers import is_boolean, is_number
from nordlotse.iot.core.tables.values import WRITTEN, TimeForm
from nordlotse.iot.core.values import Kind

_SEPARATORS = (";", "\t", "|", ",")
#: Titles of columns that may hold times.
TIME = re.compile(
    r"(?i)\b(time|zeit|zeitpunkt|zeitstempel|timestamp|date|datum|datetime|utc|ts|epoch|uhrzeit)\b|zeit|time|datum|date"
)
_CLOCK = re.compile(r"(?i)uhrzeit|\btime\b|\bzeit\b|clock")
#: A number with a decimal comma that is none of digits in groups, and the same with a point; and groups of three behind one sign only.
_COMMA = re.compile(
    r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),(?:\d{1,2}|\d{4,})(?:[eE][+-]?\d+)?\Z|[+-]?\d{1,3}(?:\.\d{3})+,\d+\Z|[+-]?0,\d+\Z|[+-]?\d{4,},\d+\Z"
)
_POINT = re.compile(
    r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)\.(?:\d{1,2}|\d{4,})(?:[eE][+-]?\d+)?\Z|[+-]?\d{1,3}(?:,\d{3})+\.\d+\Z|[+-]?0?\.\d+\Z|[+-]?\d{4,}\.\d+\Z"
)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}\Z")  # fmt: skip


def decimal_of(flat: Sequence[str]) -> tuple[str, bool]:
    """Return the sign before decimals, "," or ".", and whether it can be told: numbers like 1.234 alone leave it open."""
    comma = sum(_COMMA.match(cell) is not None for cell in flat)
    point = sum(_POINT.match(cell) is not None for cell in flat)
    unclear = [cell for cell in flat if _EITHER.match(cell)]
    if not comma and not point and unclear:
        return ("," if any("," in cell for cell in unclear) else "."), False
    return ("," if comma > point else "."), True


def separator(lines: Sequence[str]) -> str:
    """Return what parts the columns: with which most lines have the same number of them, and more than one."""
    best, score = ",", 0.0
    for place, separator in enumerate(_SEPARATORS):
        widths = [len(row) for row in csv.reader(lines[:200], delimiter=separator) if any(cell.strip() for cell in row)]
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        if width > 1:
            # a comma may be the decimal sign of values that something else parts
            made = count / len(widths) + (0.0 if separator == "," else 0.3) - place * 0.01
            if made > score:
                best, score = separator, made
    return best


def says(cell: str) -> bool:
    """Return whether a cell looks like a number or a time rather than a title."""
    if not cell:
        return False
    return (
        is_number(cell, ".")
        or is_number(cell, ",")
        or times.is_clock(cell)
        or any(times.matches(cell, form) for form in WRITTEN)
    )


_UNIT = re.compile(r"\[[^\]]{0,15}\]\Z|\([^)]{0,15}\)\Z|[%‰°ΩµμA-Za-z][%°ΩµμA-Za-z0-9/*·²³^-]{0,7}\Z")
_KNOWN = frozenset(
    re.split(
        " ",
        "a ma v mv kv w kw mw wh kwh mwh va kva var kvar hz khz c °c k °f f bar mbar pa hpa kpa mpa psi % ‰ ppm s ms min h d mm cm m µm um km "
        "mm/s m/s mm/s² m/s² g n kn nm rpm 1/min u/min min-1 l ml l/h l/min m³ m³/h m3/h kg t g/l stk stück st. pcs - ohm ω °",
    )
)


def all_units(row: Sequence[str]) -> bool:
    """Return whether a line holds units: known ones mostly, no title among them."""
    filled = [cell for cell in row if cell]
    if not filled or any(not _UNIT.match(cell) and cell.lower() not in _KNOWN for cell in filled):
        return False
    known = sum(cell.strip("[]()").lower() in _KNOWN or cell[0] in "[(" for cell in filled)
    return known >= max(1, 0.6 * len(filled))


def kind(filled: Sequence[str], decimal: str) -> Kind:
    """Return of which kind most cells of a column are."""
    if sum(is_number(cell, decimal) for cell in filled) >= 0.8 * len(filled):
        return Kind.NUMBER
    return Kind.BOOLEAN if all(map(is_boolean, filled)) else Kind.TEXT


def few(column: Sequence[str]) -> bool:
    """Return whether a column holds a few texts that come again and again."""
    return 1 < len(set(column)) <= max(2, min(200, len(column) // 3))


def counted(title: str, filled: Sequence[str], decimal: str) -> TimeForm | None:
    """Return what is counted in a column of plain numbers that only grow (or only fall), if that can be times from 1990 to 2100."""
    if len(filled) < 2 or not all(is_number(cell, decimal) for cell in filled):
        return None
    read = times.counted(pa.array(filled, pa.string()), TimeForm.MICROS, decimal)
    plain = read.micros.astype(np.float64)
    named = TIME.search(title) is not None
    order = [np.sign(b - a) for a, b in pairwise(plain.tolist()) if a != b]
    if not named and (len(order) < 2 or abs(sum(order)) < len(order)):
        return None
    for form, unit in ((TimeForm.SECONDS, 1.0), (TimeForm.MILLIS, 1e3), (TimeForm.MICROS, 1e6), (TimeForm.NANOS, 1e9)):
        if 631_152_000 * unit <= plain.min() and plain.max() < 4_102_444_800 * unit:
            return form
    if named and plain.min() >= 32_874 and plain.max() < 73_051:
        return TimeForm.SERIAL
    return None


def clock(place: int, titles: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """Return the column of the times of day that belong to a column of dates: the nearest."""
    fits = []
    for other, column in enumerate(cells):
        filled = [cell for cell in column if cell]
        if other == place or not filled or not (":" in filled[0] or _CLOCK.search(titles[other])):
            continue
        if sum(map(times.is_clock, filled)) >= 0.9 * len(filled):
            fits.append(other)
    return min(fits, key=lambda other: abs(other - place), default=-1)
