"""Makes a small store with everything in it that a version of the formats keeps, and what is to be read of it.

    python -m tests.iot.core.golden.make FOLDER NUMBER

A version's store is made once, by the program as it was then, packed (`store-NUMBER.tar.gz`) and never made anew: `test_golden` reads them all.
1: pages of 512 values. 2: pages of 256. 3: of a few KB (`few`), files of the log with a seal in their name, the manifest twice; `test_golden_bytes` holds
it against what is written today, byte for byte.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from nordlotse.iot.core import quarantine, recovery, retention
from nordlotse.iot.core.entries import columns, parts_of
from nordlotse.iot.core.mqtt.ports import Released
from nordlotse.iot.core.mqtt.sessions import Sessions, mark
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.store.rollups import HOUR
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Block, Kind, Series
from tests.iot.core.filling import told
from tests.iot.core.test_tail import START, World, taken

DAY = 24 * HOUR


def _block(
    series: Series, times: np.ndarray[Any, np.dtype[np.int64]], kind: Kind = Kind.NUMBER, step: float = 0.25
) -> Block:
    n = len(times)
    texts = ("an", "läuft", "Störung „7“") if kind is Kind.TEXT else ()
    value = np.arange(n) % 3 if texts else np.arange(n) % 2 if kind is Kind.BOOLEAN else 20 + step * (np.arange(n) % 97)
    quality = (np.arange(n) % 40 == 0).astype(np.uint8) * 4
    return Block(series, kind, times, value.astype(float), quality, times + 1500, texts)


def make(folder: Path, few: bool = True) -> None:
    """Make the store, with `few` values as since the third."""
    chance = np.random.default_rng(1)
    world = World(folder)
    oven, saw, door = (Series("local", *names) for names in (("Ofen", "Grad"), ("Säge", "Zustand"), ("Säge", "Tür zu")))
    even = (
        START // HOUR * HOUR
        - 3 * DAY
        + (1_800_000_000 if few else 60_000_000) * np.arange(240 if few else 5 * 1440, dtype=np.int64)
    )
    uneven = START - 20 * DAY + np.cumsum(chance.integers(1, 9_000_000, 120 if few else 2500))
    world.stores.take(
        [[_block(oven, even), _block(saw, uneven, Kind.TEXT), _block(door, uneven + 7, Kind.BOOLEAN)]], world.log.end
    )
    world.commit(told("Ofen/Grad", [b"{broken", b'{"t":[7]}', b"7.5"]))
    world.stores.flush(world.log.end)
    world.stores.take([[_block(oven, even[::9], step=0.5), _block(oven, even[:3] - HOUR * 400)]], world.log.end)
    world.stores.flush(world.log.end)
    world.stores.writer("local").merge(fresh=2)
    world.stores.take([[_block(oven, even[100:2000:7], step=0.75)]], world.log.end)
    world.stores.flush(world.log.end)
    retention.keep(folder / "companies" / "local", Periods(None, {"Ofen/Grad": 3}))
    world.stores.retain(int(even[-1]))
    # the log's end, in no segment: publications, whole columns, a release
    world.commit(taken(0, 700), decode=False)
    world.log.append([columns([_block(saw, uneven[-1] + np.arange(1, 90, dtype=np.int64), Kind.TEXT)])])
    world.log.append([parts_of(Released("local", "press", (3, 4)))])
    world.log.append([parts_of(told("Ofen/Grad", [b'{"value":88,"time":"2023-11-14T22:13:21Z"}', b"nothing}"]))])
    sessions = Sessions()
    session, _ = sessions.begin("local", "press", False, True, 3600)
    session.subscriptions["Ofen/#"] = 1
    session.received.update({3: mark(b"Ofen/Grad", b"1"), 9: mark(b"Ofen/Grad", b"2")})
    session.remember(7, mark(b"Ofen/Grad", b"1"))
    recovery.keep(folder, sessions.as_dict(), world.log.end, world.disk)
    world.end()
    (folder / "lock").unlink()


def answers(folder: Path) -> dict[str, Any]:
    """Return what is read of a store whose log is not worked in yet."""
    look = reader(folder, "local", patience=0)
    look.look()
    found: dict[str, Any] = {}
    for series in sorted(look.series()):
        rows, older = look.rows(series), look.older(series)
        parts = look.buckets(series, START - 30 * DAY, START + DAY, 500)
        found[f"{series.machine}/{series.signal}"] = {
            "rows": [rows.time.tolist(), rows.shown(), rows.quality.tolist(), rows.arrived.tolist()],
            "older": [older.time.tolist(), older.shown()],
            "buckets": [
                np.nan_to_num(column).tolist() for column in (parts.least, parts.most, parts.total, parts.count)
            ],
        }
    held = quarantine.held(folder / "companies" / "local")
    found["quarantine"] = [[one.topic.decode(), one.payload.decode(), one.arrived, one.why] for one in held]
    return found


if __name__ == "__main__":
    place = Path(sys.argv[1])
    version = sys.argv[2]
    make(place / "iot")
    (place / "answers.json").write_text(json.dumps(answers(place / "iot"), ensure_ascii=False), encoding="utf-8")
    with tarfile.open(Path(__file__).with_name(f"store-{version}.tar.gz"), "w:gz") as packed:
        packed.add(place / "iot", "iot")
        packed.add(place / "answers.json", "answers.json")
