"""A company takes its values with it: Parquet, or CSV that spreadsheets open."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import EARLIEST, LATEST, Kind, Rows, Series

#: Rows written at once.
_AT_ONCE = 131_072
#: A signal is read in so many stretches at most (of three hundred years: four weeks each), none shorter than this (µs).
_WINDOWS, _SHORTEST = 4_000, 3_600_000_000
#: A stretch with more values is read in shorter ones: a fast signal has hundreds of millions in four weeks.
_HELD = 500_000
_COLUMNS = ("time", "machine", "signal", "value", "text", "kind", "quality", "arrived")


def export(reader: Reader, machine: str, out: Path, begin: int = EARLIEST, end: int = LATEST) -> int:
    """Write all values of a machine with begin ≤ time < end (µs) to a file that must not exist, and return how many.

    The name's ending says the form: `.parquet` (times as UTC timestamps in µs) or `.csv` (ISO 8601, decimal point). A number or boolean stands
    in `value`, a text in `text`; `kind` is number, boolean or text; `quality` as `values.Quality`.

    Raises:
        NotFound: `iot_machine`.
        BadInput: `iot_export`: another ending, or the file is there.
        OSError: nothing is left of the file.
    """
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMS or out.exists():
        raise BadInput(
            "iot_export",
            de="Die Ausgabe muss eine neue Datei mit der Endung .parquet oder .csv sein.",
            en="The output must be a new file that ends in .parquet or .csv.",
            where=str(out),
        )
    count = Count()
    contents = written(reader, form, machine, begin, end, count)
    partial = out.with_name(f"{out.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(contents)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return count.values


@dataclass(slots=True)
class Count:
    """How many values were written so far."""

    values: int = 0


def written(
    reader: Reader, form: str, machine: str, begin: int = EARLIEST, end: int = LATEST, count: Count | None = None
) -> Iterator[bytes]:
    """Return the bytes of a file of one of `FORMS` piece by piece, as `export` writes it; `machine` "" for all there are.

    Only some weeks of one signal are held in memory at a time, so that a page can hand out years.

    Raises:
        NotFound: `iot_machine`.
    """
    found = series_of(reader, machine)
    return FORMS[form](pieces_of(reader, found, begin, end), count or Count())


def series_of(reader: Reader, machine: str) -> list[Series]:
    """Return the signals of a machine in order, of all for "".

    Raises:
        NotFound: `iot_machine`.
    """
    found = sorted(series for series in reader.series() if machine in ("", series.machine))
    if not found:
        raise NotFound(
            "iot_machine",
            de="Von dieser Maschine gibt es keine Werte.",
            en="There are no values of this machine.",
            where=machine,
        )
    return found


def pieces_of(reader: Reader, found: Sequence[Series], begin: int, end: int) -> Iterator[tuple[Series, Rows]]:
    """Yield all values of some signals with begin ≤ time < end (µs), signal by signal, in pieces that fit into memory."""
    begin, end = max(begin, EARLIEST), min(end, LATEST)
    for series in found:
        count = max(1, min(_WINDOWS, (end - begin) // _SHORTEST))
        for first, last in _stretches(reader, series, begin, end, count):
            rows = reader.rows(series, first, last)
            for at in range(0, len(rows), _AT_ONCE):
                yield series, rows.taken(slice(at, at + _AT_ONCE))


def _stretches(reader: Reader, series: Series, begin: int, end: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches (µs) that hold values, in their order and so short that none holds more than fits into memory."""
    held = reader.buckets(series, begin, end, count, rolled=False)
    borders = [*held.begin.tolist(), end]
    for place in np.flatnonzero(held.count).tolist():
        first, last = borders[place], borders[place + 1]
        much = int(held.count[place]) // _HELD
        if much and last - first > 1:
            yield from _stretches(reader, series, first, last, min(_WINDOWS, last - first, 1 + 2 * much))
        else:
            yield first, last


def _parquet(pieces: Iterator[tuple[Series, Rows]], count: Count) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pa.timestamp("us", tz="UTC")
    words = pa.dictionary(pa.int32(), pa.string())
    types = (moment, words, words, pa.float64(), pa.string(), words, pa.uint8(), moment)
    schema = pa.schema(list(zip(_COLUMNS, types, strict=True)))
    sink = Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as file:
        for series, rows in pieces:
            is_text = rows.kind == Kind.TEXT
            texts = [rows.texts[int(code)] if text else None for code, text in _texts(rows, is_text)]
            kinds = pa.DictionaryArray.from_arrays(
                pa.array(rows.kind.astype(np.int32)), pa.array([kind.name.lower() for kind in Kind])
            )
            columns = [
                pa.array(rows.time, moment),
                _constant(pa, series.machine, len(rows)),
                _constant(pa, series.signal, len(rows)),
                pa.array(rows.value, pa.float64(), mask=is_text),
                pa.array(texts, pa.string()),
                kinds,
                pa.array(rows.quality),
                pa.array(rows.arrived, moment),
            ]
            file.write_table(pa.table(columns, schema=schema))
            count.values += len(rows)
            yield sink.taken()
    yield sink.taken()


class Sink(io.RawIOBase):
    """A file that only grows, and whose bytes are taken away while it does."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Return True: it takes bytes."""
        return True

    def write(self, content: Any) -> int:
        """Keep bytes until they are taken, and return how many."""
        piece = bytes(content)
        self._held.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Return how many bytes were written so far."""
        return self._size

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        held, self._held = self._held, []
        return b"".join(held)


def _texts(rows: Rows, is_text: Any) -> Iterator[tuple[float, bool]]:
    return zip(rows.value.tolist(), is_text.tolist(), strict=True)


def _constant(pa: Any, word: str, count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([word]))


def _csv(pieces: Iterator[tuple[Series, Rows]], count: Count) -> Iterator[bytes]:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for series, rows in pieces:
        machine, signal = safe(series.machine), safe(series.signal)
        columns = zip(
            rows.time.tolist(),
            rows.shown(),
            rows.kind.tolist(),
            rows.quality.tolist(),
            rows.arrived.tolist(),
            strict=True,
        )
        for time, value, kind, quality, arrived in columns:
            text = kind == Kind.TEXT
            number = "" if text else repr(float(value))
            word = safe(str(value)) if text else ""
            writer.writerow(
                (_iso(time), machine, signal, number, word, Kind(kind).name.lower(), quality, _iso(arrived))
            )
        count.values += len(rows)
        yield file.getvalue().encode()
        file.seek(0)
        file.truncate()
    yield file.getvalue().encode()


#: The forms values can be taken away in.
FORMS: Mapping[str, Callable[[Iterator[tuple[Series, Rows]], Count], Iterator[bytes]]] = {
    "parquet": _parquet,
    "csv": _csv,
}


def safe(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _iso(micro: int) -> str:
    whole, rest = divmod(micro, 1_000_000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06d}Z"
