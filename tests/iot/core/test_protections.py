"""Each protection of the store held against the fault it is there for, and then switched off: the harm it prevents must show itself."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import quarantine, recovery, stores
from nordlotse.iot.core.copying import copy
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store import manifest, records, writer
from nordlotse.iot.core.store.buckets import edges
from nordlotse.iot.core.store.columns import Chunk
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Log, numbers, path_of
from nordlotse.iot.core.store.segment import Segment
from nordlotse.iot.core.store.snapshot import Part, Snapshot
from nordlotse.iot.core.stores import Stores
from nordlotse.iot.core.tail import reader as reader_of
from nordlotse.iot.core.values import EARLIEST, LATEST
from nordlotse.iot.core.verifying import verify
from tests.iot.core.filling import DAY, OVEN, block, told
from tests.iot.core.test_tail import SAW, START, World, taken

SECOND = 1_000_000


def values(folder: Path) -> list[float]:
    look = reader_of(folder, "local", patience=0)
    look.look()
    found: list[float] = look.rows(SAW).value.tolist()
    return found


def after_a_restart(folder: Path) -> list[float]:
    again = Stores(folder, Disk())
    recovery.recover(folder, again, Sessions(), Disk())
    again.close()
    return values(folder)


def without_checksum(view: memoryview, at: int, sealed: records.Seal = records.PLAIN) -> int:
    """Return where the record at `at` ends, whatever stands in it: `records.whole` without its protection."""
    if at + records.HEAD.size > len(view):
        return 0
    _, size, _ = records.HEAD.unpack_from(view, at)
    end = at + records.HEAD.size + int(size)
    return end if size > 0 and end <= len(view) else 0


@pytest.mark.parametrize("on", [True, False])
def test_a_digit_that_flipped_in_the_log_is_no_value_unless_nobody_looks_at_checksums(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    world.commit(taken(10, 3), decode=False)
    world.commit(taken(20, 3), decode=False)
    world.end()
    path = path_of(tmp_path / "log", numbers(tmp_path / "log")[-1])
    path.write_bytes(path.read_bytes().replace(b'"value":11', b'"value":91'))
    if not on:
        monkeypatch.setattr(records, "whole", without_checksum)
    assert after_a_restart(tmp_path) == ([20, 21, 22] if on else [10, 91, 12, 20, 21, 22])
    assert verify(tmp_path).ok == (not on)


@pytest.mark.parametrize("on", [True, False])
def test_a_bit_that_flipped_in_a_segment_changes_no_value_unless_nobody_looks_at_checksums(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    noise = np.random.default_rng(2).normal(size=2000)
    one = block(START + SECOND * np.arange(2000, dtype=np.int64), SAW)
    world.stores.take([[type(one)(SAW, one.kind, one.time, noise, one.quality, one.arrived)]], world.log.end)
    world.stores.flush(world.log.end)
    world.end()
    path = next((tmp_path / "companies" / "local").glob("*.seg"))
    sound = path.read_bytes()
    if not on:
        monkeypatch.setattr(Segment, "chunk", _unchecked)
    wrong = told_ = 0
    for place in range(400, 4000, 400):
        data = bytearray(sound)
        data[place] ^= 1
        path.write_bytes(data)
        try:
            wrong += values(tmp_path) != noise.tolist()
        except NotAvailable:
            told_ += 1
        except Exception:  # the unpacker stumbles over it
            wrong += 1
    assert (wrong, told_) == (0, 9) if on else wrong > 0


def _unchecked(self: Segment, number: int) -> Chunk:
    row = self.index[number]
    begin = int(row["begin"])
    return Chunk(self._data[begin : begin + int(row["length"])])


@pytest.mark.parametrize("on", [True, False])
def test_a_changed_manifest_is_told_unless_nobody_looks_at_its_checksum(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Zero:
        @staticmethod
        def crc32(content: bytes) -> int:
            return 0

    if not on:
        monkeypatch.setattr(manifest, "zlib", Zero)
    world = World(tmp_path)
    world.commit(taken(0, 10))
    world.stores.flush(world.log.end)
    world.end()
    path = tmp_path / "companies" / "local" / "manifest"
    path.write_bytes(path.read_bytes().replace(b"Strom", b"Stron"))
    path.with_name("manifest.twin").unlink()
    if on:
        with pytest.raises(NotAvailable):
            values(tmp_path)
    else:
        assert values(tmp_path) == []  # the machine has lost its signal, and nobody is told


@pytest.mark.parametrize("on", [True, False])
def test_two_writers_on_one_folder_are_refused_and_without_the_lock_values_vanish(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on:
        monkeypatch.setattr(stores, "_locked", lambda folder: os.open(folder / "lock", os.O_RDWR | os.O_CREAT))
    first = World(tmp_path)
    first.commit(taken(0, 10))
    if on:
        with pytest.raises(NotAvailable):
            World(tmp_path)
        first.end()
        return
    second = World(tmp_path)
    second.commit(taken(100, 10))
    for world in (first, second):
        world.stores.flush(world.log.end)
        world.log.forget(Log(tmp_path / "log", Disk()).end)
    for world in (first, second):
        world.end()
    assert set(values(tmp_path)) < {*range(10), *range(100, 110)}


@pytest.mark.parametrize("back", [3 * SECOND, 3 * DAY, 3 * 365 * DAY])
@pytest.mark.parametrize("on", [True, False])
def test_values_late_by_seconds_days_or_years_stand_in_their_place_and_count_once(
    tmp_path: Path, back: int, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on:
        _blind(monkeypatch)
    world = World(tmp_path)
    times = START + SECOND * np.arange(5000, dtype=np.int64)
    late = times[:2000] - back
    for piece in (times[:3000], late, times[2500:]):  # what is late comes between, and 500 come twice
        world.stores.take([[_told(piece)]], world.log.end)
        world.stores.flush(world.log.end)
    look = reader_of(tmp_path, "local", patience=0)
    look.look()
    expected = np.unique(np.concatenate([late, times]))
    found = look.buckets(OVEN, int(expected[0]), int(expected[-1]) + 1, 100)
    cuts = np.searchsorted(expected, edges(int(expected[0]), int(expected[-1]) + 1, 100))
    sums = [float((expected[a:b] // SECOND % 1000).sum()) for a, b in pairwise(cuts.tolist())]
    right = found.count.tolist() == np.diff(cuts).tolist() and np.nan_to_num(found.total).tolist() == sums
    assert right == on
    if on:
        rows = look.rows(OVEN, EARLIEST, LATEST)
        assert rows.time.tolist() == expected.tolist()
        world.stores.writer("local").merge(fresh=1)
        look.look()
        assert look.rows(OVEN, EARLIEST, LATEST).time.tolist() == expected.tolist()
    world.end()


def _told(times: np.ndarray[Any, np.dtype[np.int64]]) -> Any:
    one = block(times, OVEN)
    return type(one)(OVEN, one.kind, times, (times // SECOND % 1000).astype(float), one.quality, times + 100)


def _blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every chunk for one that meets no other, when writing and when reading."""
    monkeypatch.setattr(Snapshot, "meets", lambda *_: False)
    monkeypatch.setattr(Snapshot, "runs", _each_alone)


def _each_alone(self: Snapshot, series: int, begin: int, end: int) -> list[list[Part]]:
    return [[part] for part in sorted(self._meeting(series, begin, end), key=lambda part: part.first)]


@pytest.mark.parametrize("on", [True, False])
def test_when_our_clock_jumps_back_values_without_a_time_stay_apart(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on:
        monkeypatch.setattr(writer.Writer, "given", lambda self, series, arrived, count: arrived)
    world = World(tmp_path)
    for jump in (0, 3600 * SECOND, 0, -3600 * SECOND, 0):
        world.commit(told("Ofen/Grad", [b"%d" % (k + jump // SECOND) for k in range(5)], arrived=START + jump))
    world.stores.flush(world.log.end)
    look = reader_of(tmp_path, "local", patience=0)
    look.look()
    rows = look.rows(OVEN)
    if on:
        assert len(rows) == 25
        assert rows.value.tolist() == [k + jump for jump in (0, 3600, 0, -3600, 0) for k in range(5)]
    else:
        assert len(rows) < 25
    world.end()


@pytest.mark.parametrize("on", [True, False])
def test_the_same_file_twice_is_stored_once_unless_nobody_compares(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on:
        _blind(monkeypatch)
    world = World(tmp_path)
    for _ in range(2):
        world.stores.take([[_told(START + SECOND * np.arange(700, dtype=np.int64))]], world.log.end)
        world.stores.flush(world.log.end)
    look = reader_of(tmp_path, "local", patience=0)
    look.look()
    assert look.count(OVEN) == (700 if on else 1400)
    world.end()


@pytest.mark.parametrize("on", [True, False])
def test_what_nobody_could_read_is_there_after_a_flush_and_without_the_quarantine_it_is_gone(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on:
        monkeypatch.setattr(quarantine, "add", lambda folder, manifest, refused, disk: manifest.aside)
    world = World(tmp_path)
    wrong = [b"{broken", b"\xff\xfe", b"NaN", b'"%b"' % (b"x" * 300), b'{"value":1,"time":"gestern"}', b"[]", b"null"]
    world.commit(told("Ofen/Grad", [*wrong, b"1"]))
    world.stores.flush(world.log.end)
    world.end()
    found = [one.payload for one in quarantine.held(tmp_path / "companies" / "local")]
    assert found == (wrong if on else [])


def test_a_slow_reader_reads_what_it_looked_at_though_it_was_merged_and_removed_meanwhile(tmp_path: Path) -> None:
    world = World(tmp_path)
    for k in range(4):
        world.commit(taken(500 * k, 500))
        world.stores.flush(world.log.end)
    slow = reader_of(tmp_path, "local", patience=0)
    slow.look()
    before = set((tmp_path / "companies" / "local").glob("*.seg"))
    world.stores.writer("local").merge(fresh=2)
    world.commit(taken(2000, 500))
    world.stores.flush(world.log.end)
    assert not before & set((tmp_path / "companies" / "local").glob("*.seg"))
    assert slow.rows(SAW).value.tolist() == list(range(2000))
    slow.look()
    assert slow.rows(SAW).value.tolist() == list(range(2500))
    world.end()


@pytest.mark.parametrize("on", [True, False])
def test_a_backup_without_the_log_would_miss_what_lies_in_no_segment(
    tmp_path: Path, on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "iot")
    world.commit(taken(0, 100))
    world.stores.flush(world.log.end)
    world.commit(taken(100, 100))
    if not on:
        monkeypatch.setattr(logs, "files", lambda folder: [])
    copy(tmp_path / "iot", tmp_path / "copy")
    monkeypatch.undo()
    world.end()
    assert len(after_a_restart(tmp_path / "copy")) == (200 if on else 100)


def test_the_secret_of_a_running_ingest_is_not_in_a_backup(tmp_path: Path) -> None:
    world = World(tmp_path / "iot")
    world.commit(taken(0, 10))
    (tmp_path / "iot" / "gate").write_text('{"port": 1, "secret": "x"}')
    copy(tmp_path / "iot", tmp_path / "copy")
    assert not (tmp_path / "copy" / "gate").exists()
    world.end()
