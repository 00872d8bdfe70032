"""The times of a table's rows: read as they are written, made UTC; and the stretch a table covers, before any value is taken in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.tables import times
from nordlotse.iot.core.tables.clocks import LocalClock, Universal
from nordlotse.iot.core.tables.faults import Told
from nordlotse.iot.core.tables.naming import name_of
from nordlotse.iot.core.tables.pieces import Piece, Pieces
from nordlotse.iot.core.tables.source import Plain, opened
from nordlotse.iot.core.tables.values import WRITTEN, Found, Role, Shape
from nordlotse.iot.core.values import EARLIEST, LATEST, Times

Mask = NDArray[np.bool_]
_HALVES = (Role.TIME, Role.DATE, Role.CLOCK)


@dataclass(frozen=True, slots=True)
class Reach:
    """From when to when a table goes (first and last moment, µs), and which machines its rows name."""

    first: int
    last: int
    machines: tuple[str, ...] = ()


class Moments:
    """Reads the times of rows."""

    def __init__(self, found: Found, pieces: Pieces) -> None:
        """Take how the table is written, and where faults are told.

        Raises:
            BadInput: `table_zone`.
        """
        self._found = found
        self._pieces = pieces
        try:
            self._clock = LocalClock(found.zone, found.newest_first)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise BadInput(
                "table_zone",
                de="Diese Zeitzone gibt es nicht.",
                en="There is no such time zone.",
                where=found.zone[:80],
                remedy_de="Zum Beispiel Europe/Berlin oder UTC.",
                remedy_en="For example Europe/Berlin or UTC.",
            ) from error

    def times(self, piece: Piece, of: Sequence[NDArray[np.int64]]) -> tuple[Times, Mask]:
        """Return times of UTC (n,) and which rows have one. `of`: rows of each series, in the order of the file."""
        found = self._found
        places = found.places(Role.TIME) or found.places(Role.DATE)
        if not places:
            begin, step = found.begin or 0, found.step or 1
            counted = begin + np.arange(piece.begin, piece.begin + piece.rows, dtype=np.int64) * step
            return self._kept(counted, np.ones(piece.rows, np.bool_), 0, piece)
        at = places[0]
        read = _read_times(piece, found, at)
        sound = ~read.bad
        empty = pc.equal(piece.columns[at], "").to_numpy(zero_copy_only=False)
        self._pieces.tell("time", at, np.flatnonzero(read.bad & ~empty), piece)
        micros = read.micros.copy()
        for rows in of:
            local = rows[sound[rows] & ~read.zoned[rows]]
            if len(local):
                made = self._clock.universal(read.micros[local], self._of(piece, rows))
                micros[local] = made.micros
                self._told_hours(made, local, at, piece)
        return self._kept(micros, sound, at, piece)

    def _of(self, piece: Piece, rows: NDArray[np.int64]) -> object:
        """Return what names a series across pieces."""
        if self._found.shape is Shape.WIDE:
            return None
        places = (*self._found.places(Role.MACHINE), *self._found.places(Role.NAME))
        return tuple(piece.columns[place][int(rows[0])].as_py() for place in places)

    def _told_hours(self, made: Universal, rows: NDArray[np.int64], column: int, piece: Piece) -> None:
        self._pieces.tell("double_hour", column, rows[made.double], piece)
        self._pieces.tell("missing_hour", column, rows[made.missing], piece)

    def _kept(self, micros: Times, sound: Mask, column: int, piece: Piece) -> tuple[Times, Mask]:
        within = (micros >= EARLIEST) & (micros < LATEST)
        if self._found.places(Role.TIME) or self._found.places(Role.DATE):
            self._pieces.tell("time_range", column, np.flatnonzero(sound & ~within), piece)
        return micros, sound & within


def hours_told(plain: Plain, found: Found, where: str) -> Told:
    """Return what reading only the times of a table tells, of hours that exist twice or not at all above all.

    Raises:
        BadInput, TooLarge: as `blocks`.
    """
    told = Told()
    only = _only(found, *_HALVES)
    pieces = Pieces(only, told, where)
    moments = Moments(only, pieces)
    for piece in pieces.of(plain):
        moments.times(piece, [np.arange(piece.rows)])
    return told


def reach(path: Path, found: Found) -> Reach | None:
    """Return the stretch a table covers and the machines it names, from its times alone; None where no row has a time.

    Raises:
        BadInput, TooLarge, NotAvailable: as `blocks`.
    """
    where = shown_name(path.name)
    only = _only(found, *_HALVES, Role.MACHINE)
    pieces = Pieces(only, Told(), where)
    moments = Moments(only, pieces)
    first, last = LATEST, EARLIEST - 1
    named: set[str] = set()
    with opened(path, found.file, found.encoding, found.sheet) as (plain, _, _):
        for piece in pieces.of(plain):
            micros, sound = moments.times(piece, [np.arange(piece.rows)])
            if sound.any():
                first, last = min(first, int(micros[sound].min())), max(last, int(micros[sound].max()))
            for place in found.places(Role.MACHINE):
                named |= {name_of(text) for text in piece.columns[place].unique().to_pylist()}
    return Reach(first, last, tuple(sorted(named - {""}))) if last >= first else None


def _only(found: Found, *roles: Role) -> Found:
    """Return a table of which only columns of some roles are read."""
    columns = tuple(one if one.role in roles else replace(one, role=Role.IGNORED) for one in found.columns)
    return replace(found, shape=Shape.WIDE, columns=columns)


def _read_times(piece: Piece, found: Found, at: int) -> times.Read:
    column = piece.columns[at]
    if found.time_form not in WRITTEN:
        return times.counted(column, found.time_form, found.decimal)
    read = times.read(column, found.time_form)
    clocks = found.places(Role.CLOCK)
    if found.columns[at].role is not Role.DATE or not clocks:
        return read
    clock = times.read_clock(piece.columns[clocks[0]])
    return times.Read(read.micros + clock.micros, read.zoned | clock.zoned, read.bad | clock.bad)
