"""A table's text as columns of texts, piece by piece; knows in which line of the file a row stands."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core.tables.faults import Fault, Told
from nordlotse.iot.core.tables.source import Plain
from nordlotse.iot.core.tables.values import MOST_LINE, MOST_ROWS, Found, Role

#: Bytes read together.
_PIECE = 8 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Piece:
    """Rows of a table as texts: by column, the place of the first row (those with too many or few cells not counted), their number."""

    columns: dict[int, pa.Array]
    begin: int
    rows: int


class Pieces:
    """Reads the columns of a table that are not left out, and tells what of its cells could not be read."""

    def __init__(self, found: Found, told: Told, where: str) -> None:
        """Take how the table is written, what is filled on the way, and the file's name."""
        self._found = found
        self._told = told
        self._where = where
        #: Numbers of rows with too few or too many cells, from 1.
        self._odd: list[int] = []

    def of(self, plain: Plain) -> Iterator[Piece]:
        """Yield the rows in pieces of about 8 MB of text.

        Raises:
            BadInput: `table_unreadable`; TooLarge: `table_rows`.
        """
        begin = 0
        for columns, rows in self._texts(plain):
            begin += rows
            self._told.rows = begin + len(self._odd)
            if begin > MOST_ROWS:
                raise TooLarge(
                    "table_rows",
                    de=f"Die Tabelle hat mehr als {MOST_ROWS} Zeilen.",
                    en=f"The table has more than {MOST_ROWS} rows.",
                    where=self._where,
                )
            yield Piece(columns, begin - rows, rows)
        self._told.rows = begin + len(self._odd)

    def tell(self, code: str, column: int, rows: NDArray[np.int64], piece: Piece) -> None:
        """Count faults of a column in rows of a piece, and tell the first of them."""
        title = self._found.columns[column].title
        for row in rows[: self._told.add(code, len(rows))].tolist():
            content = piece.columns[column][row].as_py()[:80]
            self._told.faults.append(Fault(code, self._line(piece.begin + row), title, content))

    def _texts(self, plain: Plain) -> Iterator[tuple[dict[int, pa.Array], int]]:
        found = self._found
        if not plain.skip(found.skip):
            return
        names = [str(place) for place in range(len(found.columns))]
        used = [str(p) for p, column in enumerate(found.columns) if column.role is not Role.IGNORED]
        try:
            reader = csv.open_csv(
                pa.PythonFile(_Readable(plain), "r"),
                csv.ReadOptions(column_names=names, use_threads=False, block_size=_PIECE),
                csv.ParseOptions(
                    delimiter=found.separator,
                    quote_char='"' if found.quoted else False,
                    newlines_in_values=False,
                    ignore_empty_lines=False,
                    invalid_row_handler=self._odd_row,
                ),
                csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, include_columns=used
                ),
            )
            for batch in reader:
                columns = {
                    int(name): _trimmed(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)
                }
                yield columns, batch.num_rows
        except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
            if "Empty CSV" in str(error):
                return
            raise BadInput(
                "table_unreadable",
                de="Die Tabelle lässt sich ab einer Stelle nicht mehr lesen.",
                en="The table cannot be read any further from some place on.",
                where=f"{self._where}: {str(error)[:120]}",
                remedy_de=f"Bitte Trennzeichen und Anführungszeichen prüfen; eine Zeile darf {MOST_LINE // 2**20} MB haben.",
                remedy_en=f"Check separator and quotation marks; a line may have {MOST_LINE // 2**20} MB.",
            ) from error

    def _odd_row(self, row: Any) -> str:
        content = str(row.text or "")
        number = int(row.number or 0)
        bisect.insort(self._odd, number)
        if content.strip(" \r\n" + self._found.separator) and self._told.add("cells", 1):
            self._told.faults.append(Fault("cells", self._found.skip + number, "", content[:80]))
        return "skip"

    def _line(self, row: int) -> int:
        """Return the line of the file in which a row stands (from 0, those with too many or few cells not counted)."""
        number = row + 1
        for odd in self._odd:
            if odd > number:
                break
            number += 1
        return self._found.skip + number


def _trimmed(column: pa.Array) -> pa.Array:
    """Return texts without spaces around. Most columns hold none: a look at all bytes together is a tenth of a look at each cell."""
    held = column.buffers()[2]
    if held is None or not (np.frombuffer(held, np.uint8) - np.uint8(33) > 93).any():  # from "!" to "~"
        return column
    return pc.utf8_trim_whitespace(column)


class _Readable:
    """A stream as Arrow reads it."""

    def __init__(self, plain: Plain) -> None:
        self._plain = plain
        self.closed = False

    def read(self, count: int = -1) -> bytes:
        """Return up to so many bytes."""
        found = self._plain.read(count if count >= 0 else _PIECE)
        return bytes(found or b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Do nothing: the file is closed by whom it was opened."""
        self.closed = True
