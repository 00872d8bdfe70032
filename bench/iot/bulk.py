"""Files taken in at once: `nordlotse iot replay` of a wide CSV in values a second, and a CSV of a million rows until its chart is there.

    python -m bench.iot.bulk [--rows 1000000]

The clock runs from the start of the command (its interpreter included) until a reader counts every value, everything safe on the disk. Beside
it: the same files taken in by DuckDB and PostgreSQL (COPY), whose programs run already. The second file comes once more as visitors bring
theirs (`bench.iot.uploading`): sent to the page, looked at, confirmed at once, taken in by the worker, its chart asked for until it is whole.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import psycopg
from tests import postgres
from tests.iot.process import Serve

from bench.iot.ground import folder, option, shown, target
from bench.iot.uploading import uploaded
from bench.iot.year import noisy
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Series

BEGIN = np.datetime64("2025-11-01T00:00:00")
_WIDE, _NARROW = 10, 1
_BUCKETS = 1000


def written(path: Path, rows: int, signals: int) -> None:
    """Write a CSV: ISO times a second apart, and so many signals with two decimals."""
    times = np.datetime_as_string(BEGIN + np.arange(rows).astype("timedelta64[s]"))
    columns = [np.char.mod("%.2f", np.roll(noisy(rows), 1000 * k)) for k in range(signals)]
    lines = [",".join(row) for row in zip(times.tolist(), *(column.tolist() for column in columns), strict=True)]
    path.write_text("\n".join([",".join(["time", *names(signals)]), *lines, ""]))


def names(signals: int) -> list[str]:
    """Return the names of the columns of values."""
    return [f"s{k}" for k in range(signals)]


def replayed(place: Path, path: Path, rows: int, signals: int) -> tuple[float, float]:
    """Take a file in, and return the seconds until its first chart is there, and until everything is counted."""
    data = place / path.stem
    serve = Serve(data)
    try:
        begun = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "nordlotse.cli",
            "iot",
            "replay",
            str(path),
            "--machine",
            "Presse",
            "--speed",
            "max",
            "--zone",
            "UTC",
        ]
        subprocess.run([*command, "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
        look = reader(data, "local", patience=0)
        until = begun + 120
        first = Series("local", "Presse", names(signals)[0])
        charted = 0.0
        while True:
            look.look()
            here = int(BEGIN.astype("datetime64[us]").astype(np.int64))
            if not charted and look.buckets(first, here, here + rows * 1_000_000, _BUCKETS).count.sum() == rows:
                charted = time.perf_counter() - begun
            found = sum(look.count(Series("local", "Presse", name)) for name in names(signals))
            if found == rows * signals:
                return charted, time.perf_counter() - begun
            if time.perf_counter() > until:
                raise SystemExit(f"{found} of {rows * signals} values are there")
            time.sleep(0.02)
    finally:
        serve.stop()


def duck(place: Path, path: Path) -> float:
    """Return the seconds DuckDB takes for a file."""
    base = duckdb.connect(str(place / f"{path.stem}.duckdb"))

    def run() -> None:
        base.execute(f"CREATE TABLE readings AS SELECT * FROM read_csv('{path}')")
        base.execute("CHECKPOINT")

    try:
        return _timed(run)
    finally:
        base.close()


def elephant(path: Path, signals: int) -> float:
    """Return the seconds PostgreSQL takes for a file, with an index on the times."""
    columns = ", ".join(f"{name} double precision" for name in names(signals))
    with postgres.server() as url, psycopg.connect(url, autocommit=True) as base:
        base.execute(f"CREATE TABLE readings (time timestamptz, {columns})")

        def run() -> None:
            with base.cursor().copy("COPY readings FROM STDIN (FORMAT csv, HEADER)") as copy, path.open("rb") as file:
                while piece := file.read(1 << 20):
                    copy.write(piece)
            base.execute("CREATE INDEX ON readings (time)")

        return _timed(run)


def _timed(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def main() -> None:
    """Print rates and times."""
    rows = int(option("rows", 1_000_000, "rows of the files"))
    with folder("bulk") as place:
        for signals in (_WIDE, _NARROW):
            path = place / f"wide{signals}.csv"
            written(path, rows, signals)
            charted, counted = replayed(place, path, rows, signals)
            print(f"{rows:,} rows of {signals} signal{'s' * (signals > 1)}, {path.stat().st_size / 1e6:.0f} MB")
            for name, seconds in (
                ("ours", counted),
                ("DuckDB", duck(place, path)),
                ("PostgreSQL", elephant(path, signals)),
            ):
                print(f"  {name:12} {shown(seconds):>8} s  {rows * signals / seconds:12,.0f} values/s")
            if signals == _WIDE:
                target("values a second", rows * signals / counted, 2_000_000, least=True)
            else:
                target("replayed until the chart is there", charted, 3, " s")
                came = uploaded(place, path, rows, names(signals)[0])
                print(
                    f"over the page: {shown(came.looked)} s until it says what was detected, {shown(came.charted)} s from the Yes until the "
                    f"chart holds every value, {shown(came.page)} s for the page with it"
                )
                target("uploaded until the chart is there", came.looked + came.charted + came.page, 3, " s")
            path.unlink()


if __name__ == "__main__":
    main()
