"""A table becomes blocks of values, piece by piece, each column at once; what cannot be read is told with line and column."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.tables import numbers
from nordlotse.iot.core.tables.faults import Told
from nordlotse.iot.core.tables.moments import Mask, Moments
from nordlotse.iot.core.tables.naming import name_of
from nordlotse.iot.core.tables.pieces import Piece, Pieces
from nordlotse.iot.core.tables.source import Plain, opened
from nordlotse.iot.core.tables.values import Found, Role, Shape
from nordlotse.iot.core.values import MAX_TEXT, Block, Flags, Kind, Quality, Series, Times, check_name

_YEAR_2000, _AHEAD = 946_684_800_000_000, 60_000_000


def blocks(
    path: Path, found: Found, company: str, machine: str, told: Told | None = None, arrived: int | None = None
) -> Iterator[list[Block]]:
    """Yield the values of a table, as it is said to be written, in pieces of about 8 MB of text; all are marked as imported.

    `machine`: of the whole file, or of rows that name none; `told` is filled on the way; `arrived` in µs, else now.

    Raises:
        BadInput: `table_no_time`, `table_zone`, `table_unreadable`, `iot_name`, as `inspect`; TooLarge: `table_rows`. NotAvailable: `child`.
    """
    check_name(machine, "machine")
    where = shown_name(path.name)
    if not (found.places(Role.TIME) or found.places(Role.DATE)) and (found.begin is None or not found.step):
        raise BadInput(
            "table_no_time",
            de="Die Tabelle hat keine Spalte mit Zeiten.",
            en="The table has no column of times.",
            where=where,
            remedy_de="Bitte die Spalte wählen, oder die Zeit der ersten Zeile und den Abstand der Zeilen angeben.",
            remedy_en="Choose the column, or say the time of the first row and the distance between rows.",
        )
    for column in found.columns:
        if column.role is Role.SIGNAL:
            check_name(column.signal, column.title[:80])
    reading = _Reading(
        found, company, machine, told if told is not None else Told(), arrived or time.time_ns() // 1000, where
    )
    with opened(path, found.file, found.encoding, found.sheet) as (plain, _, _):
        yield from reading.pieces(plain)


@dataclass(frozen=True, eq=False)
class _Stamps:
    """Times of rows (n,), quality and arrival of their values, and how many of the times come again."""

    time: Times
    quality: Flags
    arrived: Times
    twice: int


class _Reading:
    """Reads one table."""

    def __init__(self, found: Found, company: str, machine: str, told: Told, arrived: int, where: str) -> None:
        self._found = found
        self._company = company
        self._machine = machine
        self._told = told
        self._arrived = arrived
        self._where = where
        self._pieces = Pieces(found, told, where)
        self._moments = Moments(found, self._pieces)
        self._names: dict[str, str] = {}

    def pieces(self, plain: Plain) -> Iterator[list[Block]]:
        """Yield the blocks of each piece."""
        for piece in self._pieces.of(plain):
            made = self._wide(piece) if self._found.shape is Shape.WIDE else self._long(piece)
            self._told.values += sum(map(len, made))
            if made:
                yield made

    # ---- values ----

    def _wide(self, piece: Piece) -> list[Block]:
        micros, sound = self._moments.times(piece, [np.arange(piece.rows)])
        rows = np.flatnonzero(sound)
        stamps = self._stamps(micros if len(rows) == len(micros) else micros[rows])
        made = []
        for place in self._found.places(Role.SIGNAL):
            column = self._found.columns[place]
            series = Series(self._company, self._machine, column.signal)
            block = self._block(piece, place, column.kind, series, stamps, rows)
            if len(block):
                made.append(block)
        return made

    def _block(
        self, piece: Piece, place: int, kind: Kind, series: Series, stamps: _Stamps, rows: NDArray[np.int64]
    ) -> Block:
        """Return the values of a column's rows, whose times `stamps` holds, as one block; what is none of its kind is told."""
        column = piece.columns[place]
        if len(rows) < len(column):
            column = column.take(pa.array(rows))
        texts: tuple[str, ...] = ()
        if kind is Kind.TEXT:
            value, missing, wrong, texts = _texts(column)
            code = "text"
        elif kind is Kind.BOOLEAN:
            value, missing, wrong = numbers.booleans(column)
            code = "boolean"
        else:
            value, missing, wrong = numbers.floats(column, self._found.decimal)
            code = "number"
        if wrong.any():
            infinite = np.zeros(len(wrong), np.bool_)
            if kind is Kind.NUMBER:
                at = np.flatnonzero(wrong)
                infinite[at] = [numbers.is_infinite(text) for text in column.take(pa.array(at)).to_pylist()]
                self._pieces.tell("not_finite", place, rows[infinite], piece)
            self._pieces.tell(code, place, rows[wrong & ~infinite], piece)
        good = ~(missing | wrong)
        if not good.all():
            value, stamps = value[good], self._stamps(stamps.time[good])
        return self._made(series, kind, stamps, value, texts)

    def _made(
        self, series: Series, kind: Kind, stamps: _Stamps, value: NDArray[np.float64], texts: tuple[str, ...] = ()
    ) -> Block:
        self._told.twice += stamps.twice
        return Block(series, kind, stamps.time, value, stamps.quality, stamps.arrived, texts)

    def _stamps(self, at: Times) -> _Stamps:
        """Return what all signals of the rows with these times share."""
        twice = 0
        if len(at) and not (at[1:] > at[:-1]).all():
            twice = int((np.diff(np.sort(at)) == 0).sum())
        odd = (at > self._arrived + _AHEAD) | (at < _YEAR_2000)
        quality = np.where(odd, np.uint8(Quality.IMPORTED | Quality.CLOCK), np.uint8(Quality.IMPORTED))
        return _Stamps(at, quality, np.full(len(at), self._arrived, np.int64), twice)

    # ---- long form ----

    def _long(self, piece: Piece) -> list[Block]:
        name, value = self._place(Role.NAME), self._place(Role.VALUE)
        groups = self._groups(piece, name)
        micros, sound = self._moments.times(piece, [rows for _, rows in groups])
        made = []
        plain = numbers.plainly(piece.columns[value], self._found.decimal)
        for series, rows in groups:
            if plain is not None:
                mine = rows[sound[rows] & ~plain[1][rows]]
                if len(mine):
                    made.append(self._made(series, Kind.NUMBER, self._stamps(micros[mine]), plain[0][mine]))
                continue
            for kind, mine in self._kinds(piece.columns[value], rows[sound[rows]]):
                block = self._block(piece, value, kind, series, self._stamps(micros[mine]), mine)
                if len(block):
                    made.append(block)
        return made

    def _place(self, role: Role) -> int:
        places = self._found.places(role)
        if not places:
            raise BadInput(
                "table_long",
                de="Für eine Zeile je Wert fehlen die Spalten mit dem Namen des Signals und dem Wert.",
                en="For a row for each value the columns with the signal's name and the value are missing.",
                where=self._where,
            )
        return places[0]

    def _groups(self, piece: Piece, name: int) -> list[tuple[Series, NDArray[np.int64]]]:
        """Return the series of the rows and their rows, in the order of the file."""
        keys = piece.columns[name].dictionary_encode()
        code = keys.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        signals = keys.dictionary.to_pylist()
        machines, machine = [""], self._found.places(Role.MACHINE)
        if machine:
            named = piece.columns[machine[0]].dictionary_encode()
            machines = named.dictionary.to_pylist()
            code = code * len(machines) + named.indices.to_numpy(zero_copy_only=False)
        order = np.argsort(code, kind="stable")
        sorted_code = code[order]
        edges = np.flatnonzero(np.diff(sorted_code, prepend=-1))
        found = []
        for begin, end in zip(edges.tolist(), [*edges[1:].tolist(), len(order)], strict=True):
            rows = order[begin:end]
            signal, of = divmod(int(sorted_code[begin]), len(machines))
            pair = self._named(signals[signal]), self._named(machines[of]) if machines[of] else self._machine
            if all(pair):
                found.append((Series(self._company, pair[1], pair[0]), rows))
            else:
                filled = pc.not_equal(piece.columns[name].take(pa.array(rows)), "").to_numpy(zero_copy_only=False)
                self._pieces.tell("name", name, rows[filled], piece)
        return found

    def _named(self, text: str) -> str:
        if text not in self._names:
            self._names[text] = name_of(text)
        return self._names[text]

    def _kinds(self, column: pa.Array, rows: NDArray[np.int64]) -> Iterator[tuple[Kind, NDArray[np.int64]]]:
        """Yield rows by the kind of what stands in them."""
        cells = column.take(pa.array(rows))
        _, missing, wrong = numbers.floats(cells, self._found.decimal)
        yield Kind.NUMBER, rows[~(missing | wrong)]
        if wrong.any():
            left = cells.take(pa.array(np.flatnonzero(wrong)))
            _, _, text = numbers.booleans(left)
            infinite = np.array([numbers.is_infinite(one) for one in left.to_pylist()], np.bool_)
            odd = rows[wrong]
            yield Kind.BOOLEAN, odd[~text]
            yield Kind.TEXT, odd[text & ~infinite]
            yield Kind.NUMBER, odd[infinite]  # told there


def _texts(column: pa.Array) -> tuple[NDArray[np.float64], Mask, Mask, tuple[str, ...]]:
    """Return places in a table of texts, where nothing stands, which are too long, and the table."""
    coded = column.dictionary_encode()
    table = coded.dictionary.to_pylist()
    long = np.array([len(text.encode()) > MAX_TEXT for text in table], np.bool_)
    none = np.array([not text for text in table], np.bool_)
    place = np.cumsum(~long) - 1  # long texts are not kept in the table
    codes = coded.indices.to_numpy(zero_copy_only=False)
    kept = tuple(text for text, out in zip(table, long.tolist(), strict=True) if not out)
    if not len(table):
        empty = np.zeros(0, np.bool_)
        return np.zeros(0), empty, empty, ()
    return place[codes].astype(np.float64), none[codes], long[codes], kept
