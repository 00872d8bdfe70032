"""After a start: damage costs what it hit and is told; what was taken before a crash is known as taken."""

from __future__ import annotations

import dataclasses
import errno
import os
import random
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import heap, recovery
from nordlotse.iot.core.entries import parts_of
from nordlotse.iot.core.mqtt.ports import Released
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.piles import pile
from nordlotse.iot.core.quarantine import held
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START, Log, numbers, path_of
from nordlotse.iot.core.store.records import PLAIN, record
from nordlotse.iot.core.stores import Stores
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.verifying import verify
from tests.iot.core.filling import block, told
from tests.iot.core.store.faulty import Failing
from tests.iot.core.test_tail import SAW, World, taken


def recovered(folder: Path) -> tuple[recovery.Recovery, list[float]]:
    stores = Stores(folder, Disk())
    found = recovery.recover(folder, stores, Sessions(), Disk())
    stores.close()
    look = reader(folder, "local", patience=0)
    look.look()
    return found, look.rows(SAW).value.tolist()


def logged(folder: Path, *pieces: tuple[int, int]) -> Path:
    world = World(folder)
    for first, count in pieces:
        world.commit(taken(first, count), decode=False)
    world.end()
    return path_of(folder / "log", numbers(folder / "log")[-1])


def test_a_flipped_bit_in_the_log_costs_its_record_only_and_is_kept_aside_and_told(tmp_path: Path) -> None:
    path = logged(tmp_path, (0, 10), (10, 10), (20, 10))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert not verify(tmp_path).ok
    found, values = recovered(tmp_path)
    assert values == [*range(10), *range(20, 30)]
    assert len(found.damages) == 1
    assert len(list((tmp_path / "damaged").iterdir())) == 1
    for old in (tmp_path / "log").iterdir():  # forgotten meanwhile: it is still told
        old.unlink()
    assert not verify(tmp_path).ok


def test_a_file_of_the_log_that_is_lost_is_told_one_that_is_forgotten_is_not(tmp_path: Path) -> None:
    world = World(tmp_path)
    for first in (0, 10, 20):
        world.commit(taken(first, 10), decode=False)
        world.log.roll()
    world.end()
    assert numbers(tmp_path / "log")[:4] == [1, 2, 3, 4]
    path_of(tmp_path / "log", 1).unlink()
    assert verify(tmp_path).ok
    path_of(tmp_path / "log", 3).unlink()
    assert verify(tmp_path).faults == ["log 3: missing"]


def test_verify_reads_a_long_series_in_stretches(tmp_path: Path) -> None:
    world = World(tmp_path)
    times = 1_700_000_000_000_000 + np.arange(1_500_000) * 1_000_000
    for begin in range(0, len(times), 500_000):
        world.stores.take([[block(times[begin : begin + 500_000])]], world.log.end)
        world.stores.flush(world.log.end)
        world.stores.merge()
    world.end()
    tracemalloc.start()
    found = verify(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.ok
    assert found.values == len(times)
    assert peak < 45e6, peak  # the whole series would be more than 50 bytes a value


def test_a_torn_end_is_no_fault(tmp_path: Path) -> None:
    path = logged(tmp_path, (0, 10), (10, 10))
    path.write_bytes(path.read_bytes()[:-5])
    assert verify(tmp_path).ok
    found, values = recovered(tmp_path)
    assert values == list(range(10))
    assert found.damages == []


@pytest.mark.parametrize("own", [True, False])
def test_what_a_client_publishes_never_becomes_a_value_of_another_company_unless_files_have_no_seal(
    tmp_path: Path, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not own:
        monkeypatch.setattr(logs, "seal", lambda salt: PLAIN)
    forged = record(*parts_of(taken(0, 3)))  # of the company "local"
    evil = told("Ofen/Grad", [forged + b"." * 1000], company="evil")
    log = Log(tmp_path / "log", Disk())
    log.append([parts_of(evil)])
    log.close()
    path = path_of(tmp_path / "log", numbers(tmp_path / "log")[-1])
    path.write_bytes(path.read_bytes()[:-100])
    look = reader(tmp_path, "local", patience=0)
    look.look()
    seen = look.rows(SAW).value.tolist()
    assert seen == recovered(tmp_path)[1] == ([] if own else [0, 1, 2])


def test_a_record_nobody_can_read_does_not_keep_the_ingest_from_starting(tmp_path: Path) -> None:
    logged(tmp_path, (0, 10))
    log = Log(tmp_path / "log", Disk())
    log.append([[b"Zwhat is this"], [b"F\x04"], parts_of(taken(10, 10))])
    log.close()
    found, values = recovered(tmp_path)
    assert values == list(range(20))
    assert len(found.damages) == 2


def test_sessions_that_are_damaged_are_told_and_the_ingest_starts(tmp_path: Path) -> None:
    logged(tmp_path, (0, 10))
    (tmp_path / "sessions").write_bytes(b"00000000\n{}")
    found, values = recovered(tmp_path)
    assert values == list(range(10))
    assert found.damages == ["sessions"]


def test_a_kept_session_is_not_changed_by_what_of_the_log_it_knows_already(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", Disk())
    place = log.append([parts_of(Released("local", "press", (), all=True))])
    log.close()
    session, _ = (sessions := Sessions()).begin("local", "press", False, True, 3600)
    session.subscriptions["a/#"] = 0  # after the log's entry
    recovery.keep(tmp_path, sessions.as_dict(), place, Disk())
    again = Sessions()
    recovery.recover(tmp_path, Stores(tmp_path, Disk()), again, Disk())
    assert again.of("local", "press").subscriptions == {"a/#": 0}
    # without the place the log's entry would count once more
    recovery.keep(tmp_path, sessions.as_dict(), START, Disk())


def test_after_the_log_was_lost_new_values_are_not_taken_for_worked_in(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(taken(0, 10))
    world.log.roll()
    world.commit(taken(10, 10))
    world.stores.flush(world.log.end)
    world.end()
    for path in (tmp_path / "log").iterdir():  # a backup of the stores alone was restored
        path.unlink()
    stores = Stores(tmp_path, Disk())
    log = Log(tmp_path / "log", Disk(), after=stores.reached)
    log.append([parts_of(taken(20, 10))])
    log.close()
    stores.close()
    assert recovered(tmp_path)[1] == list(range(30))


@pytest.mark.parametrize("step", ["sync", "write"])
def test_recovery_on_a_failing_disk_ends_and_the_next_one_has_everything(tmp_path: Path, step: str) -> None:
    logged(tmp_path, (0, 10))
    stores = Stores(tmp_path, Disk())
    stores.writer("local")
    stores._disk = bad = Failing(lambda what: what == step, errno.ENOSPC)
    stores.writer("local")._disk = bad
    with pytest.raises(OSError, match="space"):
        recovery.recover(tmp_path, stores, Sessions(), bad)
    stores.close()
    assert recovered(tmp_path)[1] == list(range(10))


def test_a_manifest_in_doubt_never_gives_its_version_or_segment_away_again(tmp_path: Path) -> None:
    class Folder(Disk):
        on = False

        def sync_folder(self, folder: Path) -> None:
            if self.on and (folder / "manifest").exists() and not list(folder.glob("*.partial")):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().sync_folder(folder)

        def rename(self, old: Path, new: Path) -> None:
            super().rename(old, new)
            self.on = self.armed

        armed = False

    disk = Folder()
    world = World(tmp_path, disk)
    world.commit(taken(0, 10))
    disk.armed = True
    with pytest.raises(OSError, match="error"):
        world.stores.flush(world.log.end)
    look = reader(tmp_path, "local", patience=0)
    look.look()
    doubted = look.snapshot.manifest
    assert doubted.segments  # it stands there: readers may hold it
    disk.armed = disk.on = False
    world.commit(taken(10, 10))
    world.stores.flush(world.log.end)
    after = world.stores.writer("local").manifest
    assert after.version > doubted.version
    assert not {held.number for held in after.segments} & {held.number for held in doubted.segments}
    look.look()
    assert look.rows(SAW).value.tolist() == list(range(20))
    world.end()


def test_a_damaged_chunk_does_not_stop_flush_or_merge_and_stays_in_its_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(taken(0, 3000))
    world.commit(told("Ofen/Grad", [b"1"]))
    world.stores.flush(world.log.end)
    path = next((tmp_path / "companies" / "local").glob("*.seg"))
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    for k in range(3):
        world.commit(taken(10 * k, 10))
        world.commit(told("Ofen/Grad", [b"%d" % k]))
        world.stores.flush(world.log.end)
    assert world.stores.writer("local").merge(fresh=2)
    assert not verify(tmp_path).ok
    assert path.exists()
    world.end()


def test_the_last_share_of_a_disk_is_left_to_segments(tmp_path: Path) -> None:
    class Nearly(Disk):
        full = False

        def short(self, folder: Path) -> bool:
            return self.full

    disk = Nearly()
    world = World(tmp_path, disk)
    world.commit(taken(0, 10))
    disk.full = True
    world.log._looked = 0.0
    with pytest.raises(OSError, match="space"):
        world.commit(taken(10, 10))
    world.stores.flush(world.log.end)  # and these free the log
    disk.full = False
    world.commit(taken(20, 10))
    world.end()
    assert recovered(tmp_path)[1] == [*range(10), *range(20, 30)]


@pytest.mark.parametrize("seed", range(6))
def test_a_log_read_in_piles_gives_the_values_and_sessions_of_one_read_one_by_one(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    log = Log(tmp_path / "a" / "log", Disk())
    moment = 1_700_000_000_000_000
    for _ in range(40):
        topic = chance.choice(["Säge/Strom", "Säge/Druck", "Presse/Weg", "Säge"])
        count = chance.choice([5, 300, 700])
        form = b'{"Strom":%d}' if topic == "Säge" else chance.choice([b'{"value":%d,"time":1700000000%03d}', b"%d"])
        payloads = [form % ((k, chance.randrange(1000)) if form.count(b"%") == 2 else k) for k in range(count)]
        if chance.random() < 0.1:
            payloads[3] = b"{broken"
        moment += chance.randrange(3) * 1000
        entry = told(topic, payloads, chance.choice(["local", "other"]), moment)
        client = chance.choice(["", "press"])
        log.append([parts_of(dataclasses.replace(entry, client=client))])
        if chance.random() < 0.1:
            log.append([parts_of(Released(entry.company, "press", (3,), all=chance.random() < 0.5))])
    log.close()
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    piles = []
    monkeypatch.setattr(heap, "pile", lambda *given: piles.append(1) or pile(*given))
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        stores, sessions = Stores(folder, Disk()), Sessions()
        recovery.recover(folder, stores, sessions, Disk())
        stores.close()
        rows = []
        for company in ("local", "other"):
            look = reader(folder, company)
            look.look()
            for series in sorted(look.series()):
                here = look.rows(series)
                older = look.older(series)
                rows.append((series, here.time.tolist(), here.shown(), here.quality.tolist(), here.arrived.tolist()))
                rows.append((series, older.time.tolist(), sorted(older.shown())))
        kept = [(one["company"], one["taken"], one["received"]) for one in sessions.as_dict()]
        refused = [held(folder / "companies" / company) for company in ("local", "other")]
        found.append((rows, kept, refused))
        monkeypatch.setattr(heap, "_WORTH", 10**12)
    assert piles
    assert found[0] == found[1]


@pytest.mark.parametrize("ending", ["seg", "aside", "manifest"])
@pytest.mark.parametrize("how", ["flip", "cut", "gone"])
def test_verify_finds_whatever_is_not_as_it_was_written(tmp_path: Path, ending: str, how: str) -> None:
    world = World(tmp_path)
    world.commit(told("Säge/Strom", [b"1", b"2", b"{broken"]))
    world.stores.flush(world.log.end)
    world.end()
    assert verify(tmp_path).ok
    pattern = "manifest" if ending == "manifest" else f"*.{ending}"
    path = next((tmp_path / "companies" / "local").glob(pattern))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 8
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(data if how == "flip" else data[: len(data) // 2])
    assert not verify(tmp_path).ok
    if ending == "manifest":  # and without its twin nobody takes the store for an empty one, whose segments could go
        path.with_name("manifest.twin").unlink()
        with pytest.raises(NotAvailable):
            Stores(tmp_path, Disk()).writer("local")
        assert list((tmp_path / "companies" / "local").glob("*.seg"))
