"""XLSX and Parquet become plain text in a confined child process: they are strangers' files, and may be bombs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from nordlotse.foundation.child import Child, Fence, as_told, told_again
from nordlotse.foundation.problem import BadInput, Problem, TooLarge
from nordlotse.iot.core.tables.values import MOST_COLUMNS, MOST_ROWS, FileKind

#: Seconds by the clock, and bytes the child may take for one file.
SECONDS, MEMORY = 180.0, 2 * 1024**3
#: Most bytes of an XLSX unpacked, and most bytes of the text made of it.
_UNPACKED, _TEXT = 1024**3, 512 * 1024**2
#: Most characters of a cell that are kept: a text may have 256 bytes, and what is longer is told.
_CELL = 1000
SEPARATOR = ","


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A table as text: UTF-8, separated by commas, decimal points, times by ISO 8601; the sheet it came from, and all there are."""

    text: bytes
    sheet: str
    sheets: tuple[str, ...]


def unpacked(kind: FileKind, data: bytes, sheet: str, where: str) -> Unpacked:
    """Return a table as text.

    Raises:
        BadInput: `table_unreadable`, `table_sheet`; TooLarge: `table_too_large`; NotAvailable: `child`.
    """
    child = Child(
        f"{__name__}:answer", Fence(MEMORY + 1024**3, seconds=SECONDS + 5), (f"{__name__}:prepare()",), serves=1
    )
    try:
        reply = child.ask(
            (json.dumps({"kind": kind, "sheet": sheet, "where": where}).encode(), data), SECONDS, MEMORY, _TEXT
        )
    finally:
        child.close()
    if reply.blocks is None:
        if reply.why in ("time", "memory"):
            raise _too_large(where)
        raise _unreadable(where)
    told = json.loads(reply.blocks[0])
    if "problem" in told:
        raise told_again(told["problem"], "table_unreadable")
    return Unpacked(reply.blocks[1], str(told["sheet"]), tuple(told["sheets"]))


def _too_large(where: str) -> TooLarge:
    return TooLarge(
        "table_too_large",
        de="Die Datei ist zu groß, um sie zu entpacken.",
        en="The file is too large to be unpacked.",
        where=where,
        remedy_de="Bitte die Tabelle als CSV speichern oder teilen.",
        remedy_en="Save the table as CSV, or split it.",
    )


def _unreadable(where: str) -> BadInput:
    return BadInput(
        "table_unreadable",
        de="Die Datei ist beschädigt oder ungewöhnlich aufgebaut und lässt sich nicht lesen.",
        en="The file is damaged or built in an unusual way and cannot be read.",
        where=where,
        remedy_de="Bitte im Ursprungsprogramm öffnen und neu speichern, am besten als CSV.",
        remedy_en="Open it in the program that made it and save it anew, best as CSV.",
    )


# ---- in the child ----


def prepare() -> None:
    """Load what the child needs."""
    import openpyxl  # noqa: F401
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401


def answer(blocks: list[bytes]) -> tuple[bytes, ...]:
    """Answer a file: what was asked, then its bytes."""
    asked = json.loads(blocks[0])
    try:
        if asked["kind"] == FileKind.XLSX:
            text, sheet, sheets = _workbook(blocks[1], asked["sheet"], asked["where"])
        else:
            text, sheet, sheets = _parquet(blocks[1], asked["where"]), "", ()
    except Problem as problem:
        return (json.dumps({"problem": as_told(problem)}).encode(),)
    except MemoryError:
        return (json.dumps({"problem": as_told(_too_large(asked["where"]))}).encode(),)
    except Exception:  # strangers' files break readers in every way
        return (json.dumps({"problem": as_told(_unreadable(asked["where"]))}).encode(),)
    return json.dumps({"sheet": sheet, "sheets": sheets}).encode(), text


def _workbook(data: bytes, wish: str, where: str) -> tuple[bytes, str, tuple[str, ...]]:
    import zipfile

    import openpyxl

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(one.file_size for one in packed.infolist()) > _UNPACKED:
            raise _too_large(where)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    names = tuple(page.title for page in book.worksheets)
    if wish and wish not in names:
        raise BadInput(
            "table_sheet",
            de="Dieses Tabellenblatt gibt es nicht.",
            en="There is no such sheet.",
            where=wish[:80],
            remedy_de=f"Vorhanden: {', '.join(names)}"[:200],
            remedy_en=f"There are: {', '.join(names)}"[:200],
        )
    for page in book.worksheets:
        if wish in ("", page.title):
            page.reset_dimensions()  # what the file says of its size may be wrong
            text = _written(page.iter_rows(values_only=True, max_col=MOST_COLUMNS), where)
            if text or wish:
                return text, page.title, names
    return b"", "", names


def _written(rows: Iterable[tuple[Any, ...]], where: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATOR, lineterminator="\n")
    held = list(_widths(rows, where))
    width = max((len(row) for row in held), default=0)
    for row in held:
        writer.writerow([*row, *[""] * (width - len(row))] or [""])
        if out.tell() > _TEXT:
            raise _too_large(where)
    return out.getvalue().encode("utf-8", "replace")


def _widths(rows: Iterable[tuple[Any, ...]], where: str) -> Iterator[list[str]]:
    """Yield rows without the empty cells at their ends, and without empty rows at the end of the sheet."""
    empty = 0
    for number, cells in enumerate(rows):
        row = [_cell(value) for value in cells]
        while row and not row[-1]:
            row.pop()
        if not row:
            empty += 1
            continue
        for _ in range(min(empty, 1000)):
            yield []
        empty = 0
        if number > MOST_ROWS:
            raise _too_large(where)
        yield row


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):  # a time of day, as Excel keeps it
        value = str(value % timedelta(days=1))
    elif isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, float):
        value = repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return " ".join(str(value).split())[:_CELL]


def _parquet(data: bytes, where: str) -> bytes:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    held = pyarrow.parquet.ParquetFile(pa.BufferReader(data))
    if held.metadata.num_rows > MOST_ROWS or held.metadata.num_columns > MOST_COLUMNS:
        raise _too_large(where)
    out = pa.BufferOutputStream()
    first = True
    for batch in held.iter_batches(batch_size=100_000):
        table = pa.table({name: _plain(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)})
        pyarrow.csv.write_csv(table, out, pyarrow.csv.WriteOptions(include_header=first, quoting_style="needed"))
        first = False
        if out.tell() > _TEXT:
            raise _too_large(where)
    return bytes(out.getvalue())


def _plain(column: Any) -> Any:
    """Return a column as texts, as people and `times` write them; what is nested becomes empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind):
        text = pc.cast(pc.cast(column, pa.timestamp("us", kind.tz), safe=False), pa.timestamp("us")).cast(pa.string())
        return pc.binary_join_element_wise(text, pa.scalar("Z" if kind.tz else ""), "")
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.nulls(len(column), pa.string())
    # a line's end within a text would end the row
    return pc.replace_substring_regex(column.cast(pa.string()), r"[\r\n]+", " ")
