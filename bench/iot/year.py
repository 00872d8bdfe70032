"""A year at 1 Hz (31,536,000 values) as 1,000 stretches with exact borders, and its bytes: ours, DuckDB and PostgreSQL.

    python -m bench.iot.year [--days 365] [--asks 300]

Two signals: a noisy one made here (fixed seed), and a real one, sensor by sensor of the shared machine runs at 1 Hz one behind the other until
the year is full. PostgreSQL gets a quarter of it, and its time and bytes count four times, as in the facts. Each answer is checked against ours.

All are asked warm, on one connection, and every ask has other borders. Ours answers in one thread; the others use what they take by themselves
(printed), and nothing of them is slowed down or restricted.
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
from numpy.typing import NDArray
from tests import postgres

from bench.iot.anomalies import DATA
from bench.iot.ground import folder, option, quantiles, shown, target
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Place
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.values import Block, Kind, Series

SECOND = 1_000_000
#: 1 January 2025, µs.
BEGIN = 1_735_689_600 * SECOND
BUCKETS = 1000
_DAY = 86_400
_PIECE = 1_000_000
#: Asks of the slow ones; ours is asked `--asks` times.
_PEER_ASKS = 9
_SHARE = 4
_SERIES = Series("local", "Presse", "Wert")

Floats = NDArray[np.float64]
Ask = Callable[[int, int], tuple[float, int]]


def noisy(count: int) -> Floats:
    """Return the noisy signal: day and week, a slow walk, a machine that turns on and off, noise of 0.2; two decimals."""
    rng = np.random.default_rng(2026)
    at = np.arange(count)
    day = 3 * np.sin(2 * np.pi * at / _DAY) + np.sin(2 * np.pi * at / (7 * _DAY))
    walk = np.cumsum(rng.normal(0, 0.002, count))
    on = 4.0 * (np.sin(2 * np.pi * at / 5400) > 0.2)
    return np.round(20 + day + walk + on + rng.normal(0, 0.2, count), 2)


def real(count: int) -> Floats | None:
    """Return the real one, None where the shared data are not there."""
    values: list[float] = []
    for sensor in ("Pressure", "Temperature", "Accelerometer1RMS", "Current", "Voltage", "Volume Flow RateRMS"):
        for path in sorted((DATA / "skab").rglob("*.csv")):
            with path.open(encoding="utf-8") as file:
                values += [float(row[sensor]) for row in csv.DictReader(file, delimiter=";")]
    return np.resize(np.array(values), count) if values else None


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a store took to load, seconds, and to answer, milliseconds; its bytes a value; with how many threads it may answer."""

    load: float
    asks: list[float]
    size: float
    threads: str


def _stretches(begin: int, end: int, count: int) -> list[tuple[int, int]]:
    """Return stretches of nearly the whole year whose borders fall anywhere."""
    chance = random.Random(5)
    play = (end - begin) // 50
    return [(begin + chance.randrange(play), end - chance.randrange(play)) for _ in range(count)]


def _asked(ask: Ask, stretches: list[tuple[int, int]], expected: Ask | None) -> list[float]:
    ask(*stretches[0])  # warm, as a page that is looked at is
    took = []
    for stretch in stretches:
        begun = time.perf_counter()
        found = ask(*stretch)
        took.append(1000 * (time.perf_counter() - begun))
        if expected is not None and not np.allclose(found, expected(*stretch), rtol=1e-9):
            raise SystemExit(f"different answers: {found} {expected(*stretch)}")
    return took


def kept(place: Path, values: Floats, live: bool = False) -> None:
    """Put the values into our store; `live`: each arrives a few ms after it was measured, otherwise they come from a file."""
    times = BEGIN + SECOND * np.arange(len(values), dtype=np.int64)
    writer = Writer(place, "local", Disk())
    for at in range(0, len(values), _PIECE):
        time_ = times[at : at + _PIECE]
        quality = np.zeros(len(time_), np.uint8)
        late = np.random.default_rng(at).integers(2, 40, len(time_)) * 1000
        arrived = time_ + late if live else np.full(len(time_), times[-1])
        writer.add([Block(_SERIES, Kind.NUMBER, time_, values[at : at + _PIECE], quality, arrived)], Place(1, at + 1))
        writer.flush(Place(1, at + 1))
        writer.merge()
    writer.close()


def size(place: Path, values: Floats) -> float:
    """Return bytes a value."""
    return sum(path.stat().st_size for path in place.glob("*.seg")) / len(values)


def ours(place: Path, values: Floats, asks: int) -> tuple[Measured, Ask]:
    """Put the values into our store, and ask it."""
    begun = time.perf_counter()
    kept(place, values)
    took = time.perf_counter() - begun
    look = Reader(place)

    def ask(begin: int, end: int) -> tuple[float, int]:
        look.look()
        made = look.buckets(_SERIES, begin, end, BUCKETS)
        return float(made.total.sum() + made.least.sum() + made.most.sum()), int(made.count.sum())

    end = BEGIN + SECOND * len(values)
    return Measured(took, _asked(ask, _stretches(BEGIN, end, asks), None), size(place, values), "1"), ask


def duck(place: Path, values: Floats, expected: Ask) -> Measured:
    """The same in DuckDB."""
    begun = time.perf_counter()
    base = duckdb.connect(str(place / "values.duckdb"))
    table = pa.table({"t": BEGIN + SECOND * np.arange(len(values), dtype=np.int64), "v": values})
    base.register("given", table)
    base.execute("CREATE TABLE readings AS SELECT t, v FROM given")
    base.execute("CHECKPOINT")
    took = time.perf_counter() - begun

    def ask(begin: int, end: int) -> tuple[float, int]:
        rows = base.execute(_SQL.format(begin=begin, end=end, buckets=BUCKETS, over="//")).fetchall()
        return _summed(rows)

    end = BEGIN + SECOND * len(values)
    asks = _asked(ask, _stretches(BEGIN, end, _PEER_ASKS), expected)
    threads = base.execute("SELECT current_setting('threads')").fetchall()[0][0]
    base.close()
    return Measured(took, asks, (place / "values.duckdb").stat().st_size / len(values), str(threads))


def elephant(values: Floats, expected: Ask) -> Measured:
    """The same in PostgreSQL, a quarter of it; time and bytes for all of it."""
    part = values[: len(values) // _SHARE]
    end = BEGIN + SECOND * len(part)
    with postgres.server() as url, psycopg.connect(url, autocommit=True) as base:
        base.execute("CREATE TABLE readings (t bigint NOT NULL, v double precision NOT NULL)")
        begun = time.perf_counter()
        rows = np.zeros(len(part), np.dtype([("n", ">i2"), ("a", ">i4"), ("t", ">i8"), ("b", ">i4"), ("v", ">f8")]))
        rows["n"], rows["a"], rows["b"] = 2, 8, 8
        rows["t"], rows["v"] = BEGIN + SECOND * np.arange(len(part), dtype=np.int64), part
        with base.cursor().copy("COPY readings FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            for at in range(0, len(rows), _PIECE):
                copy.write(rows[at : at + _PIECE].tobytes())
            copy.write(b"\xff\xff")
        base.execute("CREATE INDEX ON readings USING brin (t)")
        base.execute("VACUUM ANALYZE readings")
        took = time.perf_counter() - begun

        def ask(begin: int, end: int) -> tuple[float, int]:
            return _summed(base.execute(_SQL.format(begin=begin, end=end, buckets=BUCKETS, over="/")).fetchall())

        asks = _asked(ask, _stretches(BEGIN, end, _PEER_ASKS), expected)
        (workers,) = base.execute("SELECT current_setting('max_parallel_workers_per_gather')").fetchone() or ("?",)
        (size,) = base.execute("SELECT pg_total_relation_size('readings')").fetchone() or (0,)
    return Measured(took * _SHARE, [_SHARE * one for one in asks], size / len(part), f"1 + {workers}")


#: Stretch k holds t with begin + span·k/n ≤ t < begin + span·(k+1)/n: the same borders as ours.
_SQL = """SELECT ((t - {begin}) * {buckets} + {buckets} - 1) {over} ({end} - {begin}) AS k, min(v), max(v), sum(v), count(*)
FROM readings WHERE t >= {begin} AND t < {end} GROUP BY k"""


def _summed(rows: list[tuple[float, ...]]) -> tuple[float, int]:
    return sum(float(row[1]) + float(row[2]) + float(row[3]) for row in rows), sum(int(row[4]) for row in rows)


def _row(name: str, one: Measured, unit: float) -> None:
    p50, p99 = quantiles(one.asks)
    print(
        f"{name:28} {shown(p50):>10} {shown(p99):>10} {p50 / unit:10,.0f} {one.size:12.2f} {one.load:8.1f} {one.threads:>8}"
    )


def main() -> None:
    """Print times and bytes of all stores for both signals."""
    count = int(option("days", 365, "how many days the signals last") * _DAY)
    asks = int(option("asks", 300, "how often ours is asked"))
    for name, values in (("noisy, made here", noisy(count)), ("real machine runs, repeated", real(count))):
        if values is None:
            print(f"{name}: the shared data are not there")
            continue
        with folder("year") as place:
            print(f"{name}: {count:,} values")
            mine, ask = ours(place, values, asks)
            theirs = duck(place, values, ask)
            slow = elephant(values, ask)
            (place / "live").mkdir()
            day = values[: len(values) // 12]
            kept(place / "live", day, live=True)
            live = size(place / "live", day)
        p50, p99 = quantiles(mine.asks)
        print(
            f"{'':28} {'median ms':>10} {'p99 ms':>10} {'times ours':>10} {'bytes/value':>12} {'load s':>8} {'threads':>8}"
        )
        _row("ours", mine, p50)
        _row("DuckDB", theirs, p50)
        _row("PostgreSQL (a quarter × 4)", slow, p50)
        target("99th percentile", p99, 20, " ms")
        target("times faster than DuckDB (medians)", median(theirs.asks) / p50, 20, least=True)
        target("times faster than PostgreSQL (medians)", median(slow.asks) / p50, 500, least=True)
        if values is not None and name.startswith("noisy"):
            target("bytes a value, pyramid included", mine.size, 1.5)
        else:
            print(f"bytes a value, pyramid included: {mine.size:.2f}")
        print(
            f"bytes a value where each came live, its arrival 2 to 40 ms late and kept with it (a twelfth of the year): {live:.2f}"
        )
        print()


if __name__ == "__main__":
    main()
