"""A CSV of signals becomes times and numbers; labels are never read; what cannot be used is refused with its place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core.anomaly.values import LeftOut

MAX_BYTES = 200_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 256
MAX_CELL = 1_000
#: Numbers above this are epoch times (s); it is in March 1973.
EPOCH = 1e8
#: A column with one of these names whose values are only 0 and 1 is a label; it is left out unread by the detectors.
LABELS = re.compile(
    r"^(is_?)?(anomal(y|ies|ous)|outliers?|change_?points?|labels?|fault(y|s)?|failures?|target|class|attack|"
    r"ground_?truth|y_?true|anomalie|störung|fehler|ausfall)(_?(label|flag|true))?$",
    re.IGNORECASE,
)
_TIMES = re.compile(r"^(date_?time|time_?stamp|time|ts|date|zeit|zeitstempel|datum|uhrzeit|t)$", re.IGNORECASE)
_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "inf", "-inf", "+inf"})
_GERMAN = re.compile(r"^(\d{1,2})[.-](\d{1,2})[.-](\d{4})[ T]?(.*)$")


@dataclass(frozen=True, slots=True)
class Table:
    """Readings (n, columns), NaN where missing; times (n,) in seconds since 1970 UTC, None without; what was left out.

    `written` are the times as they stand in the file; they may run backwards (an hour in autumn), the rows stay in their order.
    """

    columns: tuple[str, ...]
    readings: NDArray[np.float64]
    times: NDArray[np.float64] | None
    written: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def read_table(data: bytes, place: str, time_column: str | None = None) -> Table:
    """Read a CSV: comma, semicolon or tab; decimal point or, with semicolon or tab, decimal comma; header needed.

    Raises:
        TooLarge: `anomaly_too_large`: more than 200 MB, 1,000,000 rows or 256 columns.
        BadInput: `anomaly_not_csv`, `anomaly_header`, `anomaly_row`, `anomaly_time`, `anomaly_no_readings`.
    """
    header, rows = _rows(_text(data, place), place)
    cells = list(zip(*rows, strict=True)) if rows else []
    if not cells:
        raise _wrong(
            "anomaly_no_readings", place, "Die Datei hat keine Zeilen mit Werten.", "The file has no rows of values."
        )
    timed = _time_place(header, cells, time_column, place)
    times = None if timed is None else _times(cells[timed], place, header[timed])
    names: list[str] = []
    kept: list[NDArray[np.float64]] = []
    left_out: list[LeftOut] = []
    for position, name in enumerate(header):
        if position == timed:
            continue
        numbers = _numbers(cells[position])
        if numbers is None:
            left_out.append(LeftOut(name, "text"))
        elif LABELS.match(name.strip()) and _only_flags(numbers):
            left_out.append(LeftOut(name, "label"))
        elif not np.isfinite(numbers).any():
            left_out.append(LeftOut(name, "empty"))
        else:
            names.append(name)
            kept.append(numbers)
    if not kept:
        raise _wrong("anomaly_no_readings", place, "Keine Spalte enthält Messwerte.", "No column holds readings.")
    written = tuple(cells[timed]) if timed is not None else ()
    return Table(tuple(names), np.column_stack(kept), times, written, tuple(left_out))


def _text(data: bytes, place: str) -> str:
    if len(data) > MAX_BYTES:
        raise _large(place, f"{MAX_BYTES // 1_000_000} MB", f"{MAX_BYTES // 1_000_000} MB")
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _wrong("anomaly_not_csv", place, "Die Datei ist kein Text.", "The file is not text.")
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _wrong(
        "anomaly_not_csv", place, "Die Zeichen der Datei sind nicht lesbar.", "The file's characters cannot be read."
    )


def _rows(text: str, place: str) -> tuple[list[str], list[list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";\t,", key=lambda mark: (first.count(mark), mark == ";"))
    lines = _lines(text, delimiter, place)
    header = [name.strip() for name in next(lines, (0, []))[1]]
    _check_header(header, place)
    rows: list[list[str]] = []
    for number, row in lines:
        if len(row) != len(header):
            raise _wrong(
                "anomaly_row", f"{place}, {number}",
                f"Die Zeile hat {len(row)} Spalten, der Kopf {len(header)}.", f"The row has {len(row)} columns, the header {len(header)}.",
            )  # fmt: skip
        if len(rows) >= MAX_ROWS:
            raise _large(place, f"{MAX_ROWS} Zeilen", f"{MAX_ROWS} rows")
        rows.append(row)
    return header, rows


def _lines(text: str, delimiter: str, place: str) -> Iterator[tuple[int, list[str]]]:
    """Return the lines that are not empty, with their number in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                if any(len(cell) > MAX_CELL for cell in row):
                    raise _wrong(
                        "anomaly_row", f"{place}, {reader.line_num}",
                        f"Ein Feld hat mehr als {MAX_CELL} Zeichen.", f"A field has more than {MAX_CELL} characters.",
                    )  # fmt: skip
                yield reader.line_num, row
    except csv.Error as error:
        raise _wrong(
            "anomaly_not_csv", f"{place}, {reader.line_num}", f"Die Zeile ist kein CSV ({error}).", f"The line is not CSV ({error})."
        ) from error  # fmt: skip


def _check_header(header: list[str], place: str) -> None:
    if not header:
        raise _wrong("anomaly_header", place, "Die Datei ist leer.", "The file is empty.")
    if len(header) > MAX_COLUMNS:
        raise _large(place, f"{MAX_COLUMNS} Spalten", f"{MAX_COLUMNS} columns")
    if all(_number(name, comma=True) is not None for name in header):
        raise _wrong(
            "anomaly_header", place, "Die erste Zeile nennt keine Spaltennamen.", "The first line names no columns."
        )
    twice = next((name for place_, name in enumerate(header) if name in header[:place_]), None)
    if twice is not None or "" in header:
        named = (twice or "")[:40]
        raise _wrong(
            "anomaly_header", place, f"Ein Spaltenname fehlt oder steht zweimal („{named}“).", f"A column has no name or a name stands twice (“{named}”)."
        )  # fmt: skip


def _time_place(header: list[str], cells: list[tuple[str, ...]], wanted: str | None, place: str) -> int | None:
    """Return the time column's place: the one wanted; else the first whose name says time and whose first value is one."""
    if wanted is not None:
        if wanted not in header:
            raise _wrong(
                "anomaly_time", place, f"Es gibt keine Spalte „{wanted[:40]}“.", f"There is no column “{wanted[:40]}”.",
            )  # fmt: skip
        return header.index(wanted)
    for position, name in enumerate(header):
        if not _TIMES.match(name) or _moment(cells[position][0]) is None:
            continue
        number = _number(cells[position][0], comma=False)
        # a column "t" of small numbers is a temperature, not a time
        if name.lower() != "t" or number is None or number > EPOCH:
            return position
    first = cells[0][0]
    return 0 if _number(first, comma=True) is None and _moment(first) is not None else None


def _times(cells: tuple[str, ...], place: str, name: str) -> NDArray[np.float64]:
    found = np.empty(len(cells))
    for row, cell in enumerate(cells):
        moment = _moment(cell)
        if moment is None:
            raise _wrong(
                "anomaly_time", f"{place}, {name[:40]}, row {row + 1}",
                f"„{cell[:40]}“ ist keine Zeit.", f"“{cell[:40]}” is not a time.",
                "Zum Beispiel 2026-11-23 08:15:00, 23.11.2026 08:15 oder Sekunden seit 1970.",
                "For example 2026-11-23 08:15:00, 23.11.2026 08:15 or seconds since 1970.",
            )  # fmt: skip
        found[row] = moment
    return found


def _moment(cell: str) -> float | None:
    """Return seconds since 1970 of an ISO or German date and time (UTC where none is named) or of epoch s, ms or µs."""
    text = cell.strip()
    number = _number(text, comma=False)
    if number is not None:
        size = abs(number)
        if not np.isfinite(number) or size > 1e17:
            return None
        return number / 1e6 if size > 1e14 else number / 1e3 if size > 1e11 else number
    german = _GERMAN.match(text)
    if german:
        day, month, year, rest = german.groups()
        text = f"{year}-{int(month):02}-{int(day):02}" + (f"T{rest}" if rest else "")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(cell: str, *, comma: bool) -> float | None:
    """Return the number, NaN where the cell says that there is none, None where it is text."""
    text = cell.strip()
    if text.lower() in _MISSING:
        return float("nan")
    if comma and "," in text:
        decimal_comma = text.rfind(",") > text.rfind(".") and text.count(",") == 1
        text = text.replace(".", "").replace(",", ".") if decimal_comma else text.replace(",", "")
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return {"true": 1.0, "false": 0.0}.get(text.lower())


def _numbers(cells: tuple[str, ...]) -> NDArray[np.float64] | None:
    found = np.empty(len(cells))
    for row, cell in enumerate(cells):
        number = _number(cell, comma=True)
        if number is None:
            return None
        found[row] = number
    found[~np.isfinite(found)] = np.nan
    return found


def _only_flags(numbers: NDArray[np.float64]) -> bool:
    there = numbers[np.isfinite(numbers)]
    return bool(np.isin(there, (0.0, 1.0)).all())


def _large(place: str, de: str, en: str) -> TooLarge:
    return TooLarge(
        "anomaly_too_large",
        de=f"Die Datei hat mehr als {de}.",
        en=f"The file has more than {en}.",
        where=place,
        remedy_de="Teilen Sie die Datei, zum Beispiel nach Tagen.",
        remedy_en="Split the file, for example by day.",
    )


def _wrong(
    code: str, where: str, de: str, en: str,
    remedy_de: str = "Erwartet wird ein CSV mit Spaltennamen in der ersten Zeile und einer Zahl in jedem Feld.",
    remedy_en: str = "A CSV is expected with column names in the first line and a number in each field.",
) -> BadInput:  # fmt: skip
    return BadInput(code, de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)
