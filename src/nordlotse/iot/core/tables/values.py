"""What was found out about a table, all of it changeable before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.values import Kind

#: Most bytes of a text file, and of one that is unpacked first (XLSX, Parquet).
MOST_BYTES, MOST_PACKED = 1024 * 1024 * 1024, 100 * 1024 * 1024
#: Most rows, columns, and bytes of one line.
MOST_ROWS, MOST_COLUMNS, MOST_LINE = 50_000_000, 1000, 1024 * 1024
#: The zone of times that tell none.
ZONE = "Europe/Berlin"
#: Central European time all the year round (the sign is POSIX's).
STANDARD_TIME = "Etc/GMT-1"


class FileKind(StrEnum):
    """How the table is kept."""

    TEXT = "text"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Shape(StrEnum):
    """A column for each signal, or a row for each value."""

    WIDE = "wide"
    LONG = "long"


class Role(StrEnum):
    """What a column holds. `TIME`: date and time, or all of it; `DATE` and `CLOCK` are its two halves. The others below are of the long form."""

    TIME = "time"
    DATE = "date"
    CLOCK = "clock"
    SIGNAL = "signal"
    IGNORED = "ignored"
    MACHINE = "machine"
    NAME = "name"
    VALUE = "value"


class TimeForm(StrEnum):
    """How times are written: the order of day, month and year, or what is counted since 1970 (Excel: days since 1900)."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    SECONDS = "s"
    MILLIS = "ms"
    MICROS = "us"
    NANOS = "ns"
    SERIAL = "serial"


#: Ways of writing a time with day, month and year; the others count.
WRITTEN = (TimeForm.YMD, TimeForm.DMY, TimeForm.MDY)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title in the file, what it holds; for a signal the proposed name, unit ("" for none) and kind of its values."""

    title: str
    role: Role
    signal: str = ""
    unit: str = ""
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Found:
    """How a table is written. `skip`: lines before the first row of values; `decimal`: "," or ".".

    `zone`: of times that tell none (IANA); `newest_first`: the rows go back in time. Without a column of times, `begin` and `step` in µs
    number the rows (both None: the table cannot be read yet). `first`: the first rows as they are written; `rows`: about how many there are.
    """

    file: FileKind
    encoding: str
    separator: str
    quoted: bool
    skip: int
    decimal: str
    shape: Shape
    columns: tuple[Column, ...]
    time_form: TimeForm
    zone: str = ZONE
    newest_first: bool = False
    begin: int | None = None
    step: int | None = None
    sheet: str = ""
    first: tuple[tuple[str, ...], ...] = ()
    rows: int = 0
    warnings: tuple[tuple[str, str], ...] = ()

    def places(self, role: Role) -> tuple[int, ...]:
        """Return which columns have a role."""
        return tuple(place for place, column in enumerate(self.columns) if column.role is role)


def kept(found: Found) -> dict[str, Any]:
    """Return it as JSON values."""
    return asdict(found)


def found_from(told: Mapping[str, Any]) -> Found:
    """Return it again from `kept`.

    Raises:
        BadInput: `table_settings`.
    """
    try:
        columns = tuple(
            Column(str(one["title"]), Role(one["role"]), str(one["signal"]), str(one["unit"]), Kind(int(one["kind"])))
            for one in told["columns"]
        )
        ZoneInfo(str(told["zone"]))
        begin, step = (None if told[name] is None else int(told[name]) for name in ("begin", "step"))
        return Found(
            FileKind(told["file"]),
            str(told["encoding"]),
            str(told["separator"]),
            bool(told["quoted"]),
            max(int(told["skip"]), 0),
            "," if told["decimal"] == "," else ".",
            Shape(told["shape"]),
            columns,
            TimeForm(told["time_form"]),
            str(told["zone"]),
            bool(told["newest_first"]),
            begin,
            step,
            str(told["sheet"]),
            tuple(tuple(map(str, row)) for row in told["first"]),
            int(told["rows"]),
            tuple((str(de), str(en)) for de, en in told["warnings"]),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BadInput(
            "table_settings",
            de="Die Angaben zur Tabelle sind unvollständig oder falsch.",
            en="What is said about the table is incomplete or wrong.",
            where=str(error)[:80],
        ) from error
