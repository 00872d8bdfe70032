"""Files of values as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nordlotse.foundation.child import told_again
from nordlotse.foundation.problem import NotFound, Problem
from nordlotse.iot import memory
from nordlotse.iot.core.tables.faults import TAKEN, Fault
from nordlotse.iot.leaving import ROOM
from nordlotse.iot.models import Hall, Upload
from nordlotse.iot.queries.history import SHORTEST
from nordlotse.office import files

#: Of so many series of a file its report keeps from when to when they go.
MOST_STRETCHES = 200
_ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of a file: values sent, new ones, corrections of older ones, duplicates; rows; first and last moment µs; faults.

    `counts`: faults by code; `faults`: the first of each, as `core.tables.Fault`; `stretches`: machine, signal, first and last moment of the
    first series.
    """

    values: int
    fresh: int
    corrected: int
    duplicates: int
    rows: int
    machines: Sequence[str] = ()
    signals: int = 0
    first: int = 0
    last: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: Sequence[Mapping[str, Any]] = ()
    stretches: Sequence[tuple[str, str, int, int]] = ()

    @property
    def begin(self) -> datetime:
        """Return the first moment in Berlin."""
        return _moment(self.first)

    @property
    def end(self) -> datetime:
        """Return the last moment in Berlin."""
        return _moment(self.last)

    @property
    def unread(self) -> int:
        """Return how many cells or rows could not be read."""
        return sum(count for code, count in self.counts.items() if code not in TAKEN)

    @property
    def told(self) -> list[Fault]:
        """Return the faults told one by one."""
        return [Fault(**one) for one in self.faults]

    def of(self, machine: str, most: int) -> tuple[list[str], int, int]:
        """Return so many signals of a machine that the file brought, and from when to when (µs, end not included) a chart shows all their values."""
        mine = [(signal, first, last) for name, signal, first, last in self.stretches if name == machine][:most]
        first = min((one for _, one, _ in mine), default=self.first)
        last = max((one for _, _, one in mine), default=self.last)
        return [signal for signal, _, _ in mine], first, max(last + 1, first + SHORTEST)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A machine with values that a file's values would come to: how many it has from the file's first to its last moment."""

    machine: str
    values: int
    begin: datetime
    end: datetime


def upload(hall: Hall, key: str) -> Upload:
    """Return a file of a hall.

    Raises:
        NotFound: `iot_no_file`.
    """
    found = hall.uploads.filter(pk=key).first()
    if found is None:
        raise NotFound(
            "iot_no_file",
            de="Diese Datei gibt es hier nicht (mehr).",
            en="This file is not here (any more).",
            where="file",
            remedy_de="Bitte geben Sie sie noch einmal ab.",
            remedy_en="Hand it in once more.",
        )
    found.hall = hall
    return found


def outcome(row: Upload) -> Shown | None:
    """Return what came of a file, None while it is not taken in."""
    return Shown(**row.outcome) if row.outcome else None


def problem(row: Upload) -> Problem | None:
    """Return why a file could not be taken in."""
    return told_again(row.problem, "iot_file_broke") if row.problem else None


def with_values(hall: Hall) -> set[str] | None:
    """Return the names of machines a hall has values of; None while nobody can read them."""
    try:
        with memory.looked(hall.store) as reader:
            return {series.machine for series in reader.series()}
    except (Problem, OSError, TimeoutError):
        return None


def meetings(row: Upload) -> list[Meeting]:
    """Return which machines that have values already a file not yet taken in would add to; none while nobody can read these."""
    told = row.found.get("reach")
    if not told:
        return []
    names, first, last = {row.machine, *told["machines"]}, int(told["first"]), int(told["last"])
    held: dict[str, int] = {}
    try:
        with memory.looked(row.hall.store) as reader:
            for series in reader.series():
                if series.machine in names:
                    count = int(reader.buckets(series, first, last + 1, 1, rolled=False).count.sum())
                    held[series.machine] = held.get(series.machine, 0) + count
    except (Problem, OSError, TimeoutError):
        return []
    return [Meeting(name, count, _moment(first), _moment(last)) for name, count in sorted(held.items())]


def file_of(row: Upload) -> Path:
    """Return where a file's bytes lie.

    Raises:
        NotFound: `iot_no_file`: it was taken in and thrown away.
    """
    held = files.of(ROOM, row.pk)
    if not held:
        raise NotFound(
            "iot_no_file",
            de="Der Inhalt dieser Datei ist nicht mehr da.",
            en="This file's content is no longer there.",
            where="file",
            remedy_de="Bitte geben Sie sie noch einmal ab.",
            remedy_en="Hand it in once more.",
        )
    return files.path_of(held[0])


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1e6, UTC).astimezone(_ZONE)
