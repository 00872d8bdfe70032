"""The values handed between the parts of the room: series, blocks of values, what a query returns. Times are int64 µs since 1970, UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput

Times = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.uint8]

#: Times that a value may carry: 1 January 1900 to 1 January 2200, µs; what lies outside is a broken clock and quarantined.
EARLIEST = -2_208_988_800_000_000
LATEST = 7_258_118_400_000_000
#: Longest text value in bytes of UTF-8.
MAX_TEXT = 256

#: What a company's id may be: it is a folder's name too.
COMPANY = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_NAME = re.compile(r"[^\x00-\x1f\x7f/+#\\]{1,64}\Z")


class Series(NamedTuple):
    """What a value belongs to: the company's id, the machine's and the signal's name."""

    company: str
    machine: str
    signal: str


def check_name(name: str, what: str) -> str:
    """Return a machine's or signal's name if it can be one.

    Raises:
        BadInput: `iot_name`: empty, over 64 characters, dots only, with a slash, a wildcard of MQTT or a control character.
    """
    if not _NAME.match(name) or not name.strip(". "):
        raise BadInput(
            "iot_name",
            de=f"„{name[:64]}“ kann kein Name sein.",
            en=f"“{name[:64]}” cannot be a name.",
            where=what,
            remedy_de="1 bis 64 Zeichen, ohne / \\ + # und Steuerzeichen.",
            remedy_en="1 to 64 characters, without / \\ + # and control characters.",
        )
    return name


class Kind(IntEnum):
    """What the values of a block are. A boolean is kept as 0 or 1."""

    NUMBER = 0
    BOOLEAN = 1
    TEXT = 2


class Quality(IntFlag):
    """What is known of a value beside itself; 0 is good."""

    GOOD = 0
    #: The payload had no time; the arrival time stands for it.
    NO_TIME = 1
    #: The time lies more than an hour from the arrival, before 2000 or after the arrival by more than a minute.
    CLOCK = 2
    #: The source itself said that the value is uncertain or bad (OPC UA).
    UNCERTAIN = 4
    BAD = 8
    #: Came from a file, not live.
    IMPORTED = 16


@dataclass(frozen=True, eq=False)
class Block:
    """Values of one series in the order of their arrival: `time` and `arrived` (n,) µs, `value` (n,), `quality` (n,).

    A text is kept as its place in `texts`.
    """

    series: Series
    kind: Kind
    time: Times
    value: Floats
    quality: Flags
    arrived: Times
    texts: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, eq=False)
class Raw:
    """Values of one kind as a chunk holds them: sorted by time, each time once. `value` holds places in `texts` where `kind` is TEXT."""

    kind: Kind
    time: Times
    value: Floats
    quality: Flags
    arrived: Times
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, eq=False)
class Rows:
    """Values of a series, kinds mixed: `time`, `value`, `quality`, `arrived` as in a block, `kind` (n,) of each value."""

    time: Times
    value: Floats
    kind: Flags
    quality: Flags
    arrived: Times
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.time)

    def taken(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Rows:
        """Return some of the rows."""
        return Rows(
            self.time[rows], self.value[rows], self.kind[rows], self.quality[rows], self.arrived[rows], self.texts
        )

    def shown(self) -> list[float | bool | str]:
        """Return the values as people and JSON know them."""
        kinds, values = self.kind.tolist(), self.value.tolist()
        return [
            value if kind == Kind.NUMBER else bool(value) if kind == Kind.BOOLEAN else self.texts[int(value)]
            for kind, value in zip(kinds, values, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Buckets:
    """A chart's data: for each of n stretches of equal length its begin µs, smallest, largest, sum and number of values (NaN where none)."""

    begin: Times
    least: Floats
    most: Floats
    total: Floats
    count: Times

    @property
    def mean(self) -> Floats:
        """Return the mean of each stretch, NaN where none."""
        means: Floats = np.divide(self.total, self.count, out=np.full(len(self.total), np.nan), where=self.count > 0)
        return means


class Why(StrEnum):
    """Why a payload lies in quarantine."""

    NOT_JSON = "not_json"
    NOT_UTF8 = "not_utf8"
    NO_VALUE = "no_value"
    NOT_FINITE = "not_finite"
    TOO_LONG = "too_long"
    BAD_TIME = "bad_time"
    BAD_NAME = "bad_name"
    NO_MAPPING = "no_mapping"
    #: Our own fault: reading it failed in a way nobody had thought of.
    FAILED = "failed"
    #: The machine or the company has as many signals as one may have.
    TOO_MANY = "too_many"


def distinct(times: Times) -> Times:
    """Return times sorted, each once. `np.unique` hashes, and times at equal distances make it fifty times as slow."""
    times = np.sort(times, kind="stable")  # runs that are sorted already are only merged
    once: Times = times[np.concatenate((np.ones(min(1, len(times)), np.bool_), times[1:] != times[:-1]))]
    return once
