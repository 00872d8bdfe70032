"""What a table looks like: separator, heading, units, decimal sign, times, one column per signal or one row per value."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core.tables import looks, times
from nordlotse.iot.core.tables.moments import hours_told
from nordlotse.iot.core.tables.naming import apart, names_of
from nordlotse.iot.core.tables.numbers import is_nothing
from nordlotse.iot.core.tables.source import Plain, encoding_of, kind_of, opened
from nordlotse.iot.core.tables.values import (
    MOST_COLUMNS,
    STANDARD_TIME,
    WRITTEN,
    ZONE,
    Column,
    FileKind,
    Found,
    Role,
    Shape,
    TimeForm,
)
from nordlotse.iot.core.values import Kind

#: Bytes of the file's beginning that are looked at, and rows of it.
_HEAD, _ROWS = 512 * 1024, 400
#: Bytes up to which all times are looked at for how the clock was set.
_LOOKED_THROUGH = 256 * 1024 * 1024
#: First rows that are shown.
_SHOWN = 8
_MACHINE = re.compile(
    r"(?i)\A(machine|maschine|anlage|device|ger[äa]t|asset|station|linie|line|equipment)(name|[ _-]?(id|nr|name))?\Z"
)
_NAME = re.compile(
    r"(?i)\A(signal|sensor|variable|tag|kanal|channel|messstelle|messgr[öo][ßs]+e|parameter|name|metric|point|datenpunkt|item|attribute|key)(name|[ _-]?(id|nr|name))?\Z"
)
_VALUE = re.compile(r"(?i)\A(value|wert|messwert|val|istwert|reading|data|y)\b.*\Z")
_OTHER = re.compile(r"(?i)\A(unit|einheit|quality|qualit[äa]t|status|qc|good)\Z")


def inspect(path: Path, sheet: str = "", zone: str = "") -> Found:
    """Return how a table is written, as far as its beginning tells, and all its times whether the clock knows summer time.

    `zone`: of times that tell none, where somebody has said it; then the times are not looked through.

    Raises:
        BadInput: `table_empty`, `table_kind`, `table_unreadable`, `table_sheet`, `table_no_rows`.
        TooLarge: `table_too_large`, `table_columns`. NotAvailable: `child`.
    """
    kind = kind_of(path)
    with path.open("rb") as file:
        encoding = encoding_of(file.read(_HEAD)) if kind is FileKind.TEXT else "utf-8"
    where = shown_name(path.name)
    with opened(path, kind, encoding, sheet) as (plain, name, sheets):
        text, whole = _head(plain)
        made = _Look(text, "," if kind is not FileKind.TEXT else "", where).found()
        size = path.stat().st_size if kind is FileKind.TEXT else len(text)
        lines = max(text.count("\n"), 1)
        count = lines - made.skip if whole else round(size / (len(text.encode()) / lines)) - made.skip
        warnings = list(made.warnings)
        if len(sheets) > 1:
            warnings.append(
                (f"Gelesen wird das Blatt „{name}“ von {len(sheets)}.", f"Sheet “{name}” of {len(sheets)} is read.")
            )
        found = Found(
            kind, encoding, made.separator, made.quoted, made.skip, made.decimal, made.shape, made.columns, made.form, made.zone,
            made.newest_first, sheet=name, first=made.first, rows=max(count, 0), warnings=tuple(warnings),
        )  # fmt: skip
        if zone:
            return replace(found, zone=zone)
        return found if size > _LOOKED_THROUGH else _standard_time(plain, found, where)


def _standard_time(plain: Plain, found: Found, where: str) -> Found:
    """Take times for those of a clock without summer time, where some stand in the hour that is left out in spring.

    A clock that is put forward never shows them; read as summer time they would fall onto the values of the next hour.
    """
    if found.zone != ZONE or not (found.places(Role.TIME) or found.places(Role.DATE)):
        return found
    plain.rewind()
    try:
        told = hours_told(plain, found, where)
    except BadInput:  # what is wrong is told when it is read
        return found
    if not told.counts.get("missing_hour"):
        return found
    warning = (
        "Die Zeiten kennen keine Sommerzeit; gelesen werden sie als mitteleuropäische Normalzeit. Schreibt das Gerät UTC, bitte UTC wählen.",
        "The times know no summer time; they are read as Central European standard time. If the device writes UTC, choose UTC.",
    )
    return replace(found, zone=STANDARD_TIME, warnings=(*found.warnings, warning))


def _head(plain: Plain) -> tuple[str, bool]:
    """Return the file's beginning up to the end of a line, and whether that is all of it."""
    held = b""
    while len(held) < _HEAD:
        piece = plain.read(_HEAD - len(held))
        if not piece:
            return held.decode("utf-8", "replace"), True
        held += piece
    return held[: held.rfind(b"\n") + 1 or None].decode("utf-8", "replace"), False


@dataclass(frozen=True, slots=True)
class _Made:
    separator: str
    quoted: bool
    skip: int
    decimal: str
    shape: Shape
    columns: tuple[Column, ...]
    form: TimeForm
    zone: str
    newest_first: bool
    first: tuple[tuple[str, ...], ...]
    warnings: tuple[tuple[str, str], ...]


class _Look:
    """Looks at the beginning of a text."""

    def __init__(self, text: str, separator: str, where: str) -> None:
        self._where = where
        self._warnings: list[tuple[str, str]] = []
        lines = text.splitlines()[: _ROWS + 50]
        told = 0
        if lines and re.fullmatch(r"sep=.", lines[0].strip()):  # Excel's own hint
            separator, told = lines[0].strip()[4], 1
        self._separator = separator or looks.separator(lines)
        self._quoted = '"' in text
        rows = [next(csv.reader([line], delimiter=self._separator), []) for line in lines]
        self._rows = [[cell.strip() for cell in row] for row in rows]
        self._begin = told

    def found(self) -> _Made:
        """Return what was found.

        Raises:
            BadInput: `table_no_rows`. TooLarge: `table_columns`.
        """
        width = self._width()
        heading = self._heading(width)
        titles, units, skip = self._titles(heading, width)
        rows = [row for row in self._rows[skip:] if len(row) == width and any(row)][:_ROWS]
        if not rows:
            raise _no_rows(self._where)
        cells = [[row[place] for row in rows] for place in range(width)]
        decimal = self._decimal(cells)
        columns, form = self._columns(titles, units, cells, decimal)
        shape, columns = self._shape(columns, cells)
        if not any(column.role in (Role.TIME, Role.DATE) for column in columns):
            self._warn(
                "Es wurde keine Spalte mit Zeiten gefunden. Bitte die Zeit der ersten Zeile und den Abstand der Zeilen angeben.",
                "No column of times was found. Say the time of the first row and the distance between rows.",
            )
        first = tuple(tuple(cell[:80] for cell in row) for row in rows[:_SHOWN])
        return _Made(
            self._separator, self._quoted, skip, decimal, shape, tuple(columns), form, self._zone(titles, columns),
            self._newest_first(columns, cells, form), first, tuple(self._warnings),
        )  # fmt: skip

    def _warn(self, de: str, en: str) -> None:
        self._warnings.append((de, en))

    def _width(self) -> int:
        counts = Counter(len(row) for row in self._rows[self._begin :] if any(row))
        if not counts:
            raise _no_rows(self._where)
        width = max(counts, key=lambda n: (counts[n], n))
        if width > MOST_COLUMNS:
            raise TooLarge(
                "table_columns",
                de=f"Die Tabelle hat {width} Spalten, erlaubt sind {MOST_COLUMNS}.",
                en=f"The table has {width} columns, {MOST_COLUMNS} are allowed.",
                where=self._where,
                remedy_de="Bitte Spalten weglassen.",
                remedy_en="Leave columns out.",
            )
        return width

    def _heading(self, width: int) -> int:
        """Return the place of the line of titles, −1 if there is none: the last line without numbers or times before the first with some."""
        for place, row in enumerate(self._rows[: _ROWS // 2]):
            if len(row) == width and sum(map(looks.says, row)) >= max(1, sum(map(bool, row)) // 3):
                before = [
                    other
                    for other in range(self._begin, place)
                    if any(self._rows[other]) and width - 1 <= len(self._rows[other]) <= width
                ]
                if not before:
                    return -1
                units = before[-1]
                if (
                    len(before) > 1
                    and looks.all_units(self._rows[units])
                    and not looks.all_units(self._rows[before[-2]])
                ):
                    return before[-2]
                return units
        # texts only: the first line is the heading
        full = [place for place, row in enumerate(self._rows) if len(row) == width and place >= self._begin]
        return full[0] if full else -1

    def _titles(self, heading: int, width: int) -> tuple[list[str], list[str], int]:
        """Return titles, units of a line of their own, and how many lines stand before the values."""
        if heading < 0:
            self._warn("Die Tabelle hat keine Überschriften.", "The table has no headings.")
            first = next(p for p, row in enumerate(self._rows) if len(row) == width and any(row) and p >= self._begin)
            return [f"Spalte {place + 1}" for place in range(width)], [""] * width, first
        titles = [*self._rows[heading], ""][:width]
        following = heading + 1
        while following < len(self._rows) and not any(self._rows[following]):
            following += 1
        units = [""] * width
        if following < len(self._rows) and looks.all_units(self._rows[following]):
            units = [*(cell.strip("[]() ") for cell in self._rows[following]), ""][:width]
            following += 1
        return [title or f"Spalte {place + 1}" for place, title in enumerate(titles)], units, following

    def _decimal(self, cells: Sequence[Sequence[str]]) -> str:
        decimal, sure = looks.decimal_of([cell for column in cells for cell in column[:100]])
        if not sure:
            word = ("Komma", "comma") if decimal == "," else ("Punkt", "point")
            self._warn(
                f"Ob Zahlen wie „1.234“ tausend meinen, ist nicht zu erkennen. Gelesen wird: {word[0]} als Dezimalzeichen.",
                f"Whether numbers like “1.234” mean a thousand cannot be told. Read as: {word[1]} for decimals.",
            )
        return decimal

    def _columns(
        self, titles: Sequence[str], units: Sequence[str], cells: Sequence[Sequence[str]], decimal: str
    ) -> tuple[list[Column], TimeForm]:
        place, form, clock = self._time(titles, cells, decimal)
        names = names_of([apart(title)[0] for title in titles])
        columns = []
        for number, (title, unit) in enumerate(zip(titles, units, strict=True)):
            filled = [cell for cell in cells[number] if not is_nothing(cell)]
            if number == place:
                columns.append(Column(title, Role.TIME if clock < 0 else Role.DATE))
            elif number == clock:
                columns.append(Column(title, Role.CLOCK))
            elif not filled:
                columns.append(Column(title, Role.IGNORED, names[number], unit or apart(title)[1]))
            else:
                columns.append(
                    Column(title, Role.SIGNAL, names[number], unit or apart(title)[1], looks.kind(filled, decimal))
                )
        return columns, form

    def _time(self, titles: Sequence[str], cells: Sequence[Sequence[str]], decimal: str) -> tuple[int, TimeForm, int]:
        """Return the column of times (−1: none), how they are written, and the column of times of day (−1: none)."""
        best: tuple[int, int, TimeForm] | None = None
        for place, column in enumerate(cells):
            filled = [cell for cell in column if cell]
            form = self._written(titles[place], filled) or looks.counted(titles[place], filled, decimal)
            if form is not None:
                rank = 2 * (looks.TIME.search(titles[place]) is not None) + (form in WRITTEN)
                if best is None or rank > best[0]:
                    best = rank, place, form
        if best is None:
            return -1, TimeForm.YMD, -1
        _, place, form = best
        if form in WRITTEN and not any(times.has_clock(cell, form) for cell in cells[place][:50]):
            return place, form, looks.clock(place, titles, cells)
        return place, form, -1

    def _written(self, title: str, filled: Sequence[str]) -> TimeForm | None:
        """Return how a column's times are written with day, month, year; None if it holds none."""
        if not filled or (filled[0].isdigit() and not looks.TIME.search(title)):
            return None
        column = pa.array(filled, pa.string())
        fits = {form: int((~times.read(column, form).bad).sum()) for form in WRITTEN}
        best = max(WRITTEN, key=lambda form: fits[form])
        if fits[best] < 0.8 * len(filled):
            return None
        if best is TimeForm.DMY and fits[TimeForm.MDY] == fits[TimeForm.DMY] and "/" in filled[0]:
            self._warn(
                "Tag und Monat sind nicht zu unterscheiden; gelesen wird Tag/Monat/Jahr.",
                "Day and month cannot be told apart; day/month/year is read.",
            )
        return best

    def _shape(self, columns: list[Column], cells: Sequence[Sequence[str]]) -> tuple[Shape, list[Column]]:
        """Tell the long form by its titles, or by its shape: one column of few names, one of numbers, times that come again."""
        signals = [place for place, column in enumerate(columns) if column.role is Role.SIGNAL]
        value = [p for p in signals if _VALUE.match(columns[p].title)]
        name = [p for p in signals if _NAME.match(columns[p].title) and p not in value]
        machine = [p for p in signals if _MACHINE.match(columns[p].title)]
        if not (value and name):
            numbers = [p for p in signals if columns[p].kind is Kind.NUMBER]
            few = [p for p in signals if columns[p].kind is Kind.TEXT and p not in machine and looks.few(cells[p])]
            stamp = next((p for p, c in enumerate(columns) if c.role is Role.TIME), -1)
            again = stamp >= 0 and len(set(cells[stamp])) < 0.7 * len(cells[stamp])
            if not (again and len(numbers) == 1 and len(few) == 1 and len(signals) <= 3 + len(machine)):
                return Shape.WIDE, columns
            value, name = numbers, few
        roles = {value[0]: Role.VALUE, name[0]: Role.NAME, **({machine[0]: Role.MACHINE} if machine else {})}
        made = [
            Column(c.title, roles.get(p, c.role if c.role is not Role.SIGNAL else Role.IGNORED), "", "", c.kind)
            for p, c in enumerate(columns)
        ]
        return Shape.LONG, made

    def _zone(self, titles: Sequence[str], columns: Sequence[Column]) -> str:
        at = [title for title, column in zip(titles, columns, strict=True) if column.role in (Role.TIME, Role.DATE)]
        return "UTC" if at and re.search(r"(?i)\butc\b|_utc|\bgmt\b", at[0]) else ZONE

    def _newest_first(self, columns: Sequence[Column], cells: Sequence[Sequence[str]], form: TimeForm) -> bool:
        place = next((p for p, c in enumerate(columns) if c.role in (Role.TIME, Role.DATE)), -1)
        if place < 0:
            return False
        column = pa.array(cells[place], pa.string())
        read = times.read(column, form) if form in WRITTEN else times.counted(column, form, ".")
        micros = read.micros[~read.bad]
        steps = np.sign(np.diff(micros))
        return bool((steps < 0).sum() > (steps > 0).sum())


def _no_rows(where: str) -> BadInput:
    return BadInput(
        "table_no_rows",
        de="In der Datei stehen keine Zeilen mit Werten.",
        en="There are no rows of values in the file.",
        where=where,
        remedy_de="Erwartet werden eine Zeile mit Überschriften und darunter Werte.",
        remedy_en="A line of headings is expected, and values below it.",
    )
