"""Values as a German spreadsheet opens them, by the hour or one by one: semicolons, decimal comma, the time of Berlin."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nordlotse.iot.core.export import pieces_of, safe, series_of
from nordlotse.iot.core.showing.words import moment
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import EARLIEST, LATEST, Floats, Series

#: Rows a sheet of Excel holds (Microsoft, "Excel specifications and limits"), the heading and our last word included.
SHEET = 1_048_576
#: Begins a file so that Excel takes it for UTF-8.
MARK = "\ufeff"
_HOUR = 3_600_000_000
#: A signal is looked at in so many stretches of whole hours at most; those without values are passed over.
_WINDOWS = 4_000
HEADING = ("Stunde", "Maschine", "Signal", "Mittel", "kleinster", "größter", "Werte")
#: The zone stands beside the time: an hour that exists twice in October is told apart by it (MESZ, then MEZ).
SINGLE = ("Zeit (Berlin)", "Zone", "Maschine", "Signal", "Wert")
#: Nobody reads more digits behind the comma, s. `decimals`.
_FINEST = 6
FULL = "Hier endet das Blatt: mehr Zeilen fasst Excel nicht. Bitte weniger Tage oder eine Maschine wählen."


def hourly(
    reader: Reader, machine: str, begin: int = EARLIEST, end: int = LATEST, most: int = SHEET
) -> Iterator[bytes]:
    """Return the bytes of a CSV of hourly means with begin ≤ time < end (µs), widened to whole hours, at most `most` rows.

    Values no longer kept one by one count with what is kept of their hours; texts have no mean and are left out.

    Raises:
        NotFound: `iot_machine`.
    """
    return _written(reader, series_of(reader, machine), max(begin, EARLIEST), min(end, LATEST), most)


def singles(
    reader: Reader, machine: str, begin: int = EARLIEST, end: int = LATEST, most: int = SHEET
) -> Iterator[bytes]:
    """Return the bytes of a CSV of the values one by one with begin ≤ time < end (µs) and the local time with its zone, at most `most` rows.

    Raises:
        NotFound: `iot_machine`.
    """
    return _one_by_one(reader, series_of(reader, machine), max(begin, EARLIEST), min(end, LATEST), most)


def _one_by_one(reader: Reader, found: Sequence[Series], begin: int, end: int, most: int) -> Iterator[bytes]:
    yield (MARK + line(SINGLE)).encode()
    left = most - 2
    for series, rows in pieces_of(reader, found, begin, end):
        held = rows.taken(slice(0, left))
        made = [
            line((_fine(at), zone_name(at), series.machine, series.signal, _value(value)))
            for at, value in zip(held.time.tolist(), held.shown(), strict=True)
        ]
        yield "".join(made).encode()
        if len(rows) > left:
            yield line((FULL,)).encode()
            return
        left -= len(rows)


def _fine(time: int) -> str:
    """Return a moment to the millisecond, without digits behind the second where there are none."""
    thousandth = time // 1000 % 1000
    return f"{when(time)},{thousandth:03d}" if thousandth else when(time)


def zone_name(time: int) -> str:
    """Return which time of Berlin holds at a moment (µs): an hour that exists twice is told apart by it."""
    return "MESZ" if moment(time).dst() else "MEZ"


def _value(value: float | bool | str) -> str:
    if isinstance(value, bool):
        return "an" if value else "aus"
    return value if isinstance(value, str) else figure(value)


def decimals(values: Floats) -> int:
    """Return the most digits behind the comma that one of some values has, six at most: what is finer is the noise of reckoning."""
    texts = (f"{value:.{_FINEST}f}".rstrip("0") for value in np.unique(values[np.isfinite(values)]).tolist())
    return max((len(text.partition(".")[2]) for text in texts), default=0)


def line(cells: Sequence[Any]) -> str:
    """Return a row of a CSV for a German spreadsheet; no text of it can be taken for a formula."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerow([safe(one) if type(one) is str else one for one in cells])
    return file.getvalue()


def figure(value: float, most: int | None = None) -> str:
    """Return a number with a decimal comma, with `most` digits behind it at most; a negative one stays a number for a spreadsheet."""
    text = f"{value:.9g}" if most is None else f"{value:.{most}f}"
    if most and "." in text:
        text = text.rstrip("0").rstrip(".")
    return _Number((text if text != "-0" else "0").replace(".", ","))


class _Number(str):
    """A number as text that `safe` need not guard."""


def when(time: int | None) -> str:
    """Return a moment (µs) in the time of Berlin as spreadsheets read it, "" for none."""
    return "" if time is None else f"{moment(time):%d.%m.%Y %H:%M:%S}"


def _written(reader: Reader, found: Sequence[Series], begin: int, end: int, most: int) -> Iterator[bytes]:
    yield (MARK + line(HEADING)).encode()
    left = most - 2
    for series in found:
        for first, hours in _stretches(reader, series, begin // _HOUR, -(-end // _HOUR)):
            held = reader.buckets(series, first * _HOUR, (first + hours) * _HOUR, hours)
            rows = np.flatnonzero((held.count > 0) & np.isfinite(held.mean))
            if not len(rows):
                continue
            # the least and the most of an hour are values as they came: a mean is told as finely as they are, no finer
            fine = decimals(np.concatenate([held.least[rows], held.most[rows]]))
            made = [
                line(
                    (
                        when(at),
                        series.machine,
                        series.signal,
                        figure(mean, fine),
                        figure(low, fine),
                        figure(high, fine),
                        count,
                    )
                )
                for at, mean, low, high, count in zip(
                    held.begin[rows[:left]].tolist(),
                    held.mean[rows[:left]].tolist(),
                    held.least[rows[:left]].tolist(),
                    held.most[rows[:left]].tolist(),
                    held.count[rows[:left]].tolist(),
                    strict=True,
                )
            ]
            yield "".join(made).encode()
            if len(rows) > left:
                yield line((FULL,)).encode()
                return
            left -= len(rows)


def _stretches(reader: Reader, series: Series, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield (first hour since 1970, hours) of stretches that hold values."""
    width = max(24, -(-(last - first) // _WINDOWS))
    count = max(1, -(-(last - first) // width))
    held = reader.buckets(series, first * _HOUR, (first + count * width) * _HOUR, count)
    for place in np.flatnonzero(held.count).tolist():
        at = first + place * width
        yield at, min(width, last - at)
