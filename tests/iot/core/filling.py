"""Stores that tests fill: what is sent, what lies in them, and how readers see it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from nordlotse.iot.core import quarantine
from nordlotse.iot.core.mqtt.frames import Publications, publications, written
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.store.rollups import HOUR
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Block, Kind, Series
from tests.iot.core.test_tail import START, World

OVEN = Series("local", "Ofen", "Grad")
DAY = 24 * HOUR


def told(topic: str, payloads: list[bytes], company: str = "local", arrived: int = START) -> Taken:
    frames = b"".join(
        written(topic.encode(), payload, 1, (k + 1).to_bytes(2, "big")) for k, payload in enumerate(payloads)
    )
    found = Publications()
    publications(frames, 0, 4, found)
    return Taken(company, "", 4, arrived, frames, found)


def mapped(folder: Path, company: str = "local") -> None:
    rule = {"topic": "plant/#", "machine": "Ofen", "signal": "Grad", "path": ["t", 0], "scale": 0.1}
    path = folder / "companies" / company / "mapping.json"
    path.write_text(json.dumps([rule]))


def held(world: World) -> list[bytes]:
    return [one.payload for one in quarantine.held(local(world.folder))]


def oven(world: World) -> list[tuple[int, float]]:
    look = reader(world.folder, "local", patience=0)
    look.look()
    rows = look.rows(OVEN)
    return list(zip(rows.time.tolist(), rows.value.tolist(), strict=True))


def block(times: np.ndarray[tuple[int], np.dtype[np.int64]], series: Series = OVEN) -> Block:
    n = len(times)
    return Block(series, Kind.NUMBER, times, np.arange(n, dtype=float), np.zeros(n, np.uint8), times)


def put(world: World, blocks: list[Block]) -> None:
    """Take values into a world's stores and write them into segments."""
    world.stores.take([blocks], world.log.end)
    world.stores.flush(world.log.end)


def filled(world: World, days: int, step: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Fill the oven's signal from a full hour on, a value each `step` µs; return their times."""
    times = START // HOUR * HOUR + np.arange(0, days * DAY, step)
    put(world, [block(times)])
    return times


def local(folder: Path) -> Path:
    """Return where the local company's store lies."""
    return folder / "companies" / "local"


def looked(folder: Path) -> Reader:
    """Return a reader of the local company's store and of what the log alone holds."""
    look = reader(folder, "local", patience=0)
    look.look()
    return look


def segments(folder: Path) -> Reader:
    """Return a reader of the local company's store without the log."""
    look = Reader(local(folder))
    look.look()
    return look
