"""Columns of written times become µs, all rows that look alike at once: only one of them is read by rules, the others by their digits."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nordlotse.iot.core.tables.values import TimeForm
from nordlotse.iot.core.values import Times

_Bytes = NDArray[np.uint8]
_Mask = NDArray[np.bool_]

_MONTH = r"(?P<m>\d{1,2}|[A-Za-zäÄ]{3,9})"
_DATES = {
    TimeForm.YMD: rf"(?P<y>\d{{4}})(?:[-./ ]{_MONTH}[-./ ](?P<d>\d{{1,2}})|(?P<m2>\d\d)(?P<d2>\d\d))",
    TimeForm.DMY: rf"(?P<d>\d{{1,2}})(?:\. ?|[-/ ]){_MONTH}\.?[-./ ] ?(?P<y>\d{{4}}|\d\d)",
    TimeForm.MDY: rf"{_MONTH}[-/. ](?P<d>\d{{1,2}}),?[-/. ](?P<y>\d{{4}}|\d\d)",
}
_CLOCK = (
    r"(?P<H>\d{1,2})[:.](?P<M>\d\d)(?:[:.](?P<S>\d\d)(?:[.,:](?P<f>\d{1,9}))?)?(?: ?(?P<p>[AaPp])\.?[Mm]\.?)?(?: Uhr)?"
)
_COMPACT = r"(?P<H2>\d\d)(?P<M2>\d\d)(?P<S2>\d\d)"
_ZONE = r"(?: ?(?:(?P<z>Z|z|UTC|GMT)|(?P<s>[+-])(?P<zh>\d\d):?(?P<zm>\d\d)?))?"
_DAY = r"(?:[A-Za-z]{2,10}\.?,? )?"
_WHOLE = {
    form: re.compile(rf"{_DAY}{date}(?:(?:(?:[T,;] ?|  ?){_CLOCK}|[T ]?{_COMPACT}){_ZONE})?\Z", re.ASCII)
    for form, date in _DATES.items()
}
_HALF = re.compile(rf"{_CLOCK}{_ZONE}\Z", re.ASCII)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january jän jänner", "feb februar february", "mar mär mrz märz march maerz", "apr april", "mai may",
            "jun juni june", "jul juli july", "aug august", "sep sept september", "okt oct oktober october",
            "nov november", "dez dec dezember december",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
#: Longest time in bytes, and most ways of writing in one piece of a column.
_LONGEST, _MOST_SHAPES = 48, 200
_DAY_US = 86_400_000_000
#: Days from 0000-03-01 to 1970-01-01.
_EPOCH_DAYS = 719_468


@dataclass(frozen=True, eq=False)
class Read:
    """Times (n,) in µs: of UTC where `zoned`, else of a local clock; `bad`: no time stands there."""

    micros: Times
    zoned: _Mask
    bad: _Mask


def matches(text: str, form: TimeForm) -> bool:
    """Return whether a text is a date, with or without a time of day, in this way of writing."""
    return _part_of(text.strip().encode(), _WHOLE[form]) is not None


def is_clock(text: str) -> bool:
    """Return whether a text is a time of day."""
    return _HALF.match(text.strip()) is not None


def has_clock(text: str, form: TimeForm) -> bool:
    """Return whether a date tells the time of day too."""
    found = _WHOLE[form].match(text.strip())
    return found is not None and (found["H"] is not None or found["H2"] is not None)


def read(column: pa.Array, form: TimeForm) -> Read:
    """Return the times of a column of texts (n,) without nulls and spaces around, written with day, month and year."""
    return _read(column, _WHOLE[form])


def read_clock(column: pa.Array) -> Read:
    """Return times of day as µs since midnight."""
    return _read(column, _HALF)


def counted(column: pa.Array, form: TimeForm, decimal: str) -> Read:
    """Return times that are counted since 1970 (or, `SERIAL`, days since 1900 of a local clock)."""
    from nordlotse.iot.core.tables.numbers import floats

    value, missing, wrong = floats(column, decimal)
    bad = missing | wrong
    scale = {TimeForm.SECONDS: 1e6, TimeForm.MILLIS: 1e3, TimeForm.MICROS: 1.0, TimeForm.NANOS: 1e-3}.get(form)
    # day 25,569 is 1 January 1970; Excel keeps about a tenth of a millisecond
    micros = np.round((value - 25_569) * 86_400_000) * 1000 if scale is None else np.round(value * scale)
    fits = np.abs(micros) < 2**62
    bad = bad | ~fits
    return Read(np.where(bad, 0, micros).astype(np.int64), np.full(len(value), scale is not None), bad)


def _read(column: pa.Array, rule: re.Pattern[str]) -> Read:
    n = len(column)
    made = Read(np.zeros(n, np.int64), np.zeros(n, np.bool_), np.ones(n, np.bool_))
    offsets, data = _buffers(column)
    lengths = np.diff(offsets)
    shapes = 0
    same = n > 0 and bool((lengths == lengths[0]).all())  # mostly, and `np.unique` has to look for it
    for length in lengths[:1].tolist() if same else np.unique(lengths).tolist():
        if not 0 < length <= _LONGEST:
            continue
        rows = np.flatnonzero(lengths == length)
        text = _matrix(data, offsets, rows, length)
        while len(rows) and shapes < _MOST_SHAPES:
            shapes += 1
            alike = _alike(text)
            part = _part_of(text[0].tobytes(), rule)
            if part is not None:
                chosen = slice(None) if alike.all() else alike
                _fill(made, rows[chosen], text[chosen], part)
            rows, text = rows[~alike], text[~alike]
    return made


def _buffers(column: pa.Array) -> tuple[Times, _Bytes]:
    _, offsets, data = column.buffers()
    width = np.int64 if pa.types.is_large_string(column.type) else np.int32
    at = np.frombuffer(offsets, width)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    held: _Bytes = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return at, held


def _matrix(data: _Bytes, offsets: Times, rows: Times, length: int) -> _Bytes:
    if len(rows) == len(offsets) - 1:  # all of one length: they lie one behind the other
        return data[offsets[0] : offsets[0] + length * len(rows)].reshape(len(rows), length)
    text: _Bytes = data[offsets[rows][:, None] + np.arange(length)]
    return text


def _alike(text: _Bytes) -> _Mask:
    """Return which rows have digits where the first has them, and else the same characters."""
    alike = np.ones(len(text), np.bool_)
    for place, letter in enumerate(text[0].tolist()):
        column = text[:, place]
        alike &= (column - np.uint8(48)) < 10 if 48 <= letter <= 57 else column == letter
    return alike


@dataclass(frozen=True, slots=True)
class _Part:
    """Where in a text what stands: begin and end, and what is the same in all that look alike."""

    spans: dict[str, tuple[int, int]]
    month: int
    afternoon: int
    sign: int
    zoned: bool


def _part_of(text: bytes, rule: re.Pattern[str]) -> _Part | None:
    try:
        written = text.decode()
    except UnicodeDecodeError:
        return None
    found = rule.match(written)
    if found is None:
        return None
    groups = found.groupdict()
    spans = {}
    for name, content in groups.items():
        if content is not None:
            begin, end = found.span(name)
            # in bytes: a letter of the month's name may take two
            spans[name.rstrip("2")] = (len(written[:begin].encode()), len(written[:end].encode()))
    month = 0
    if groups.get("m") and not groups["m"].isdigit():
        month = _MONTHS.get(groups["m"].lower(), 0)
        if not month:
            return None
    afternoon = {"a": 1, "p": 2}.get((groups.get("p") or "").lower(), 0)
    sign = -1 if groups.get("s") == "-" else 1
    return _Part(spans, month, afternoon, sign, bool(groups.get("z") or groups.get("s")))


def _fill(made: Read, rows: Times, text: _Bytes, part: _Part) -> None:
    """Put the times of rows that look alike into their places."""

    def number(name: str, default: int) -> Times:
        if name not in part.spans:
            return np.full(len(rows), default, np.int64)
        begin, end = part.spans[name]
        total = np.zeros(len(rows), np.int64)
        for place in range(begin, end):
            total = total * 10 + (text[:, place].astype(np.int64) - 48)
        return total

    hour, minute, second = number("H", 0), number("M", 0), number("S", 0)
    fits = (minute < 60) & (second < 61) & (hour < 25) & ((hour < 24) | ((minute == 0) & (second == 0)))
    if part.afternoon:
        fits &= (hour >= 1) & (hour <= 12)
        hour = hour % 12 + (12 if part.afternoon == 2 else 0)
    micros = ((hour * 60 + minute) * 60 + second) * 1_000_000 + _fraction(number, part)
    if "y" in part.spans:
        year = number("y", 0)
        if part.spans["y"][1] - part.spans["y"][0] == 2:
            year = np.where(year < 70, 2000, 1900) + year
        month = np.full(len(rows), part.month) if part.month else number("m", 1)
        days, real = _days(year, month, number("d", 1))
        fits &= real
        micros = micros + days * _DAY_US
    if part.zoned:
        micros = micros - part.sign * (number("zh", 0) * 60 + number("zm", 0)) * 60_000_000
    made.micros[rows] = np.where(fits, micros, 0)
    made.zoned[rows] = part.zoned
    made.bad[rows] = ~fits


def _fraction(number: object, part: _Part) -> Times | int:
    if "f" not in part.spans or not callable(number):
        return 0
    begin, end = part.spans["f"]
    digits: Times = number("f", 0)
    scaled: Times = digits * 10 ** (6 - (end - begin)) if end - begin <= 6 else digits // 10 ** (end - begin - 6)
    return scaled


def _days(year: Times, month: Times, day: Times) -> tuple[Times, _Mask]:
    """Return days since 1970 and whether there is such a day. Rows of one day mostly follow each other: each run of them is reckoned once."""
    turns = (day[1:] != day[:-1]) | (month[1:] != month[:-1]) | (year[1:] != year[:-1])
    begins = np.concatenate([[0], np.flatnonzero(turns) + 1])
    if 2 * len(begins) > len(day):
        return _reckoned(year, month, day)
    days, real = _reckoned(year[begins], month[begins], day[begins])
    lengths = np.diff(begins, append=len(day))
    return np.repeat(days, lengths), np.repeat(real, lengths)


def _reckoned(year: Times, month: Times, day: Times) -> tuple[Times, _Mask]:
    """Return days since 1970 and whether there is such a day (days from civil, H. Hinnant, "chrono-compatible date algorithms")."""
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    longest = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    within = (month >= 1) & (month <= 12)
    last = longest[np.where(within, month, 0)] + (leap & (month == 2))
    since = year - (month <= 2)
    era = since // 400
    of_era = since - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    days: Times = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _EPOCH_DAYS
    return days, within & (day >= 1) & (day <= last)
