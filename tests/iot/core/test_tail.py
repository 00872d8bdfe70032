"""Readers see what was acknowledged even where the ingest lags, has ended, or cannot show it."""

from __future__ import annotations

import errno
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nordlotse.iot.core import tail
from nordlotse.iot.core.entries import parts_of
from nordlotse.iot.core.intake import Entry, worked
from nordlotse.iot.core.mapping import Routes
from nordlotse.iot.core.mqtt.frames import Publications, publications, written
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Log
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.stores import Stores
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Block, Kind, Series

SAW = Series("local", "Säge", "Strom")
START = 1_700_000_000_000_000


def taken(first: int, count: int, timed: bool = True, arrived: int = START) -> Taken:
    frames = b"".join(
        written(
            "Säge/Strom".encode(),
            b'{"value":%d,"time":%d}' % (k, START // 1000 + k) if timed else b"%d" % k,
            1,
            (k + 1).to_bytes(2, "big"),
        )
        for k in range(first, first + count)
    )
    found = Publications()
    publications(frames, 0, 4, found)
    return Taken("local", "", 4, arrived, frames, found)


class HotFails(Disk):
    """Cannot write hot files while `on`."""

    on = False

    def write(self, handle: int, content: bytes | memoryview) -> None:
        if self.on and b".hot" in Path(f"/proc/self/fd/{handle}").readlink().as_posix().encode():
            super().write(handle, memoryview(content)[: len(content) // 2])
            raise OSError(errno.ENOSPC, "full")
        super().write(handle, content)


class World:
    """Log and stores without a process around them."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self.disk = disk or Disk()
        self.stores = Stores(folder, self.disk)
        self.log = Log(folder / "log", self.disk)

    def commit(self, entry: Taken, decode: bool = True) -> None:
        place = self.log.append([parts_of(entry)])
        if decode:
            self.stores.take([entry], place)

    def end(self) -> None:
        self.log.close()
        self.stores.close()


def values(look: Reader) -> list[float]:
    look.look()
    return look.rows(SAW).value.tolist()


@pytest.mark.parametrize("timed", [True, False])
def test_values_in_the_log_alone_are_seen_once_and_stay_the_same_when_the_ingest_shows_them(
    tmp_path: Path, timed: bool
) -> None:
    world = World(tmp_path)
    look = reader(tmp_path, "local", patience=0)
    world.commit(taken(0, 5, timed))
    assert values(look) == [0, 1, 2, 3, 4]
    late = taken(5, 5, timed)
    world.commit(late, decode=False)
    assert values(look) == list(range(10))
    by_tail = look.rows(SAW)
    world.stores.take([late], world.log.end)
    assert values(look) == list(range(10))
    assert look.rows(SAW).time.tolist() == by_tail.time.tolist()
    assert look.rows(SAW).quality.tolist() == by_tail.quality.tolist()
    world.stores.flush(world.log.end)
    assert values(look) == list(range(10))
    assert look.rows(SAW).time.tolist() == by_tail.time.tolist()
    assert not len(look.older(SAW))
    world.end()


def test_without_the_log_behind_it_a_reader_would_miss_them(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(taken(0, 5))
    world.commit(taken(5, 5), decode=False)
    assert values(Reader(tmp_path / "companies" / "local")) == [0, 1, 2, 3, 4]
    world.end()


def test_young_values_are_left_to_the_ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    now = time.time_ns() // 1000
    after = [0.0]
    monkeypatch.setattr(tail, "time", SimpleNamespace(time=lambda: now / 1e6 + after[0]))
    world.stores.writer("local")
    look = reader(tmp_path, "local", patience=0.3)
    world.commit(taken(0, 5, arrived=now), decode=False)
    for after[0] in (0.0, 0.25):
        assert values(look) == []
    after[0] = 0.35
    assert values(look) == [0, 1, 2, 3, 4]
    world.end()


def test_a_hot_file_that_cannot_be_written_loses_nothing_and_is_begun_anew_with_the_next_flush(tmp_path: Path) -> None:
    disk = HotFails()
    world = World(tmp_path, disk)
    look = reader(tmp_path, "local", patience=0)
    world.commit(taken(0, 5))
    disk.on = True
    world.commit(taken(5, 5))
    assert values(look) == list(range(10))
    disk.on = False
    world.commit(taken(10, 5))  # behind the torn record: not shown there
    assert values(look) == list(range(15))
    assert values(Reader(tmp_path / "companies" / "local")) == [0, 1, 2, 3, 4]
    world.stores.flush(world.log.end)
    world.commit(taken(15, 5))
    assert values(look) == list(range(20))
    assert values(Reader(tmp_path / "companies" / "local")) == list(range(20))
    world.end()


def test_the_mark_of_an_ended_run_is_not_believed(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(taken(0, 5))
    world.end()
    # the next start begins a new hot file; until it has worked the log in, nothing is in it
    again = World(tmp_path)
    again.stores.writer("local")
    assert values(reader(tmp_path, "local", patience=0)) == [0, 1, 2, 3, 4]
    again.end()


def test_a_reader_of_one_company_is_not_told_of_another(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(taken(0, 5), decode=False)
    look = reader(tmp_path, "other", patience=0)
    look.look()
    assert look.series() == []
    assert np.array_equal(look.rows(SAW).time, [])
    world.end()


def test_a_correction_that_came_another_way_after_the_publication_counts() -> None:
    """MQTT first, then a file's columns, then MQTT again, all worked in at once."""

    def published(value: int) -> Taken:
        frames = written("Säge/Strom".encode(), b'{"value":%d,"time":%d}' % (value, START // 1000), 1, b"\0\1")
        found = Publications()
        publications(frames, 0, 4, found)
        return Taken("local", "", 4, START, frames, found)

    def column(value: float) -> list[Block]:
        moment = np.array([START])
        return [Block(SAW, Kind.NUMBER, moment, np.array([value]), np.zeros(1, np.uint8), moment)]

    def came(entries: list[Entry]) -> list[float]:
        made = worked(entries, lambda _: Routes(), lambda _: lambda series, arrived, count: arrived)
        return [value for block in made.blocks["local"] for value in block.value.tolist()]

    assert came([published(10), column(11)]) == [10, 11]
    assert came([published(10), column(11), published(12), column(13)]) == [10, 11, 12, 13]
    assert came([column(9), published(10)]) == [9, 10]
