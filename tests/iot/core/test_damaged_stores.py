"""Damage of one company's store: it alone is put aside, nothing of it is touched, what comes for it waits; a manifest comes back from its twin."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import apart, copying, quarantine, recovery
from nordlotse.iot.core.entries import columns, parts_of
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Log, Place
from nordlotse.iot.core.store.manifest import SPOILT, load
from nordlotse.iot.core.stores import Stores
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Block, Kind, Series
from nordlotse.iot.core.verifying import verify
from tests.iot.core.filling import told
from tests.iot.core.power import Power
from tests.iot.core.store.faulty import Stopped, Stopping
from tests.iot.core.test_tail import World
from tests.iot.process import Client, Serve

SAW = "Säge/Strom"
BROKEN, OTHER = "broken", "other"
#: Content of a file of which the disk cannot give a single byte back (`sectors`).
LOST = b"these sectors are lost"
_READ = Path.read_bytes


@pytest.fixture(autouse=True)
def sectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reading a whole file that holds `LOST` fail as a disk does."""

    def read_bytes(path: Path) -> bytes:
        data = _READ(path)
        if data == LOST:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return data

    monkeypatch.setattr(Path, "read_bytes", read_bytes)


def _flipped(data: bytes) -> bytes:
    return data[:40] + bytes([data[40] ^ 8]) + data[41:]


def _wrong_sum(data: bytes) -> bytes:
    return b"%08x" % (int(data[:8], 16) ^ 1) + data[8:]


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "truncated": lambda data: data[: len(data) // 2],
    "no content": lambda data: data[:9],
    "garbage": lambda data: bytes(range(256)) * 9,
    "zeros": lambda data: b"\0" * len(data),
    "empty": lambda data: b"",
    "missing": lambda data: None,
    "checksum": _wrong_sum,
    "a bit": _flipped,
    "unreadable": lambda data: LOST,
}


def company(folder: Path, name: str) -> Path:
    return folder / "companies" / name


def damage(folder: Path, how: str, names: tuple[str, ...] = ("manifest", "manifest.twin")) -> None:
    """Damage these files of the company `broken`."""
    for name in names:
        path = company(folder, BROKEN) / name
        data = DAMAGES[how](path.read_bytes())
        path.unlink() if data is None else path.write_bytes(data)


def filled(folder: Path) -> World:
    """Return two companies with a segment and a payload nobody could read each."""
    world = World(folder)
    for name in (BROKEN, OTHER):
        world.commit(told(SAW, [b'{"value":1,"time":1700000000001}', b"{bad"], name))
        world.commit(told(SAW, [b"2"], name))
    world.stores.flush(world.log.end)
    return world


def timed(k: int) -> bytes:
    return b'{"value":%d,"time":17000000000%02d}' % (k, k)


def started(folder: Path, disk: Disk | None = None) -> tuple[Stores, recovery.Recovery]:
    stores = Stores(folder, disk or Disk())
    try:
        stores_reached = stores.reached
        found = recovery.recover(folder, stores, Sessions(), disk or Disk())
    except BaseException:
        stores.close()
        raise
    stores.mark(stores_reached)
    return stores, found


def values(folder: Path, name: str) -> list[object]:
    look = reader(folder, name, patience=0)
    look.look()
    return sorted(look.rows(Series(name, "Säge", "Strom")).shown())


def contents(folder: Path) -> dict[str, bytes]:
    kept = company(folder, BROKEN)
    return {path.name: _READ(path) for path in kept.iterdir() if path.is_file()}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_store_without_a_readable_manifest_is_put_aside_untouched_and_the_others_go_on(
    tmp_path: Path, how: str
) -> None:
    world = filled(tmp_path)
    world.end()
    damage(tmp_path, how)
    before = contents(tmp_path)
    stores, found = started(tmp_path)
    assert [one for one in found.damages if one.startswith(f"{BROKEN}: manifest") and "put aside" in one]
    log = Log(tmp_path / "log", Disk(), after=stores.reached)
    for name in (BROKEN, OTHER):
        entry = told(SAW, [timed(3), b"4"], name)
        stores.take([entry], log.append([parts_of(entry)]))
    stores.flush(log.end)
    stores.merge()
    assert stores.read_again(log.end) == 0
    stores.retain(1_900_000_000_000_000)
    assert values(tmp_path, OTHER) == [1, 2, 3, 4]
    with pytest.raises(NotAvailable):
        values(tmp_path, BROKEN)
    assert contents(tmp_path) == before
    verdict = verify(tmp_path)
    assert any(fault.startswith(f"{BROKEN}: manifest: ") and "put aside" in fault for fault in verdict.faults)
    log.close()
    stores.close()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_manifest_comes_back_from_its_twin_and_is_kept_and_told(tmp_path: Path, how: str) -> None:
    world = filled(tmp_path)
    world.commit(told(SAW, [timed(3)], BROKEN))
    world.end()
    before = load(company(tmp_path, BROKEN))
    damage(tmp_path, how, ("manifest",))
    spoilt = contents(tmp_path).get("manifest", b"")
    spoilt = b"" if spoilt == LOST else spoilt
    assert values(tmp_path, BROKEN) == [1, 2, 3]
    assert any("manifest" in fault for fault in verify(tmp_path).faults)
    stores, found = started(tmp_path)
    assert any(one.startswith(f"{BROKEN}: manifest") and "twin" in one for one in found.damages)
    assert stores.writer(BROKEN).manifest.segments[: len(before.segments)] == before.segments
    assert values(tmp_path, BROKEN) == [1, 2, 3]
    stores.close()
    if how == "missing":  # there is nothing to keep
        assert not (company(tmp_path, BROKEN) / SPOILT).exists()
        assert verify(tmp_path).faults == []
        return
    assert (company(tmp_path, BROKEN) / SPOILT).read_bytes() == spoilt
    assert verify(tmp_path).faults == [f"{BROKEN}: kept aside after damage: {SPOILT}"]


def test_a_process_that_has_no_file_left_to_open_does_not_take_a_whole_manifest_for_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path).end()

    def read_bytes(path: Path) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), str(path))

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
        load(company(tmp_path, BROKEN))


def test_a_twin_that_does_not_know_a_segment_beside_it_is_not_taken(tmp_path: Path) -> None:
    world = filled(tmp_path)
    kept = company(tmp_path, BROKEN) / "manifest.twin"
    old = kept.read_bytes()
    world.commit(told(SAW, [timed(3)], BROKEN))
    world.stores.flush(world.log.end)
    world.end()
    kept.write_bytes(old)  # as a program would leave it that knows of no twin
    damage(tmp_path, "empty", ("manifest",))
    stores, _ = started(tmp_path)
    assert BROKEN in stores.damaged
    assert len(list(company(tmp_path, BROKEN).glob("*.seg"))) == 2
    stores.close()


def test_a_twin_that_names_a_segment_that_is_gone_is_not_taken(tmp_path: Path) -> None:
    filled(tmp_path).end()
    next(company(tmp_path, BROKEN).glob("*.seg")).unlink()
    damage(tmp_path, "empty", ("manifest",))
    stores, _ = started(tmp_path)
    assert BROKEN in stores.damaged
    stores.close()


def test_a_segment_a_crash_left_half_made_does_not_keep_the_twin_from_being_taken(tmp_path: Path) -> None:
    world = filled(tmp_path)
    world.end()
    number = load(company(tmp_path, BROKEN)).next_segment
    whole = next(company(tmp_path, BROKEN).glob("*.seg")).read_bytes()
    (company(tmp_path, BROKEN) / f"{number:08d}.seg").write_bytes(whole[: len(whole) // 2])
    damage(tmp_path, "zeros", ("manifest",))
    assert values(tmp_path, BROKEN) == [1, 2]


@pytest.mark.parametrize("missing", [".seg", ".aside"])
def test_a_store_that_lost_both_manifests_is_never_taken_for_an_empty_one(tmp_path: Path, missing: str) -> None:
    filled(tmp_path).end()
    damage(tmp_path, "missing")
    for path in company(tmp_path, BROKEN).glob(f"*{missing}"):
        path.unlink()
    stores, _ = started(tmp_path)
    assert BROKEN in stores.damaged
    stores.close()


@pytest.mark.parametrize("torn", [False, True])
def test_a_crash_before_a_companys_first_manifest_is_no_damage(tmp_path: Path, torn: bool) -> None:
    world = World(tmp_path)
    world.commit(told(SAW, [timed(1)], BROKEN))
    world.end()
    kept = company(tmp_path, BROKEN)
    (kept / "manifest").unlink()
    if torn:
        (kept / "manifest.twin").write_bytes(b"")
    stores, found = started(tmp_path)
    assert found.damages == []
    assert values(tmp_path, BROKEN) == [1]
    stores.close()


@pytest.mark.parametrize("rounds", [1, 3])
def test_what_came_while_a_store_was_aside_is_there_once_when_its_manifest_is_back(tmp_path: Path, rounds: int) -> None:
    world = filled(tmp_path)
    world.commit(told(SAW, [b"3"], BROKEN), decode=False)  # acknowledged, in the log alone
    world.end()
    saved = (company(tmp_path, BROKEN) / "manifest").read_bytes()
    damage(tmp_path, "garbage")
    for k in range(rounds):
        stores, _ = started(tmp_path)
        log = Log(tmp_path / "log", Disk(), after=stores.reached)
        entry = told(SAW, [b"%d" % (10 + k), b"{worse"], BROKEN)
        stores.take([entry], log.append([parts_of(entry)]))
        both = _blocks(20 + k)
        stores.take([both], log.append([columns(both)]))
        stores.flush(log.end)
        log.forget(log.end)  # the log of all is worked off, whoever is damaged
        log.close()
        stores.close()
    (company(tmp_path, BROKEN) / "manifest").write_bytes(saved)
    stores, found = started(tmp_path)
    assert found.damages == []
    assert values(tmp_path, BROKEN) == [1, 2, 3, *(10 + k for k in range(rounds)), *(20 + k for k in range(rounds))]
    assert values(tmp_path, OTHER) == [1, 2, *(20 + k for k in range(rounds))]
    assert len(quarantine.held(company(tmp_path, BROKEN))) == 1 + rounds
    assert not apart.waits(company(tmp_path, BROKEN))
    stores.close()
    stores, _ = started(tmp_path)
    assert len(values(tmp_path, BROKEN)) == 3 + 2 * rounds
    stores.close()
    assert verify(tmp_path).ok


def _blocks(value: int) -> list[Block]:
    at = np.array([1_700_000_000_000_000 + value], np.int64)
    return [
        Block(Series(name, "Säge", "Strom"), Kind.NUMBER, at, np.array([float(value)]), np.zeros(1, np.uint8), at, ())
        for name in (BROKEN, OTHER)
    ]


@pytest.mark.parametrize("point", range(0, 60, 3))
def test_a_stop_at_any_point_of_putting_aside_and_coming_back_neither_loses_nor_doubles(
    tmp_path: Path, point: int
) -> None:
    world = filled(tmp_path)
    world.commit(told(SAW, [b"3", b"4"], BROKEN), decode=False)
    world.end()
    saved = (company(tmp_path, BROKEN) / "manifest").read_bytes()
    damage(tmp_path, "garbage")
    for back in (False, True):
        if back:
            (company(tmp_path, BROKEN) / "manifest").write_bytes(saved)
        disk = Stopping(point)
        try:
            stores, _ = started(tmp_path, disk)
            stores.close()
        except Stopped:
            pass
        disk.left = 10**9
        stores, _ = started(tmp_path)
        stores.close()
    assert values(tmp_path, BROKEN) == [1, 2, 3, 4]


def test_while_a_store_that_is_back_is_worked_in_everybody_else_still_reads_what_the_log_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = filled(tmp_path)
    world.end()
    saved = (company(tmp_path, BROKEN) / "manifest").read_bytes()
    damage(tmp_path, "garbage")
    stores, _ = started(tmp_path)
    log = Log(tmp_path / "log", Disk(), after=stores.reached)
    for name in (OTHER, BROKEN):
        entry = told(SAW, [b"3", b"4"], name)
        stores.take([entry], log.append([parts_of(entry)]))
    log.close()
    stores.close()
    assert values(tmp_path, OTHER) == [1, 2, 3, 4]
    (company(tmp_path, BROKEN) / "manifest").write_bytes(saved)
    meanwhile: list[list[object]] = []
    done = apart.done

    def looked_at(folder: Path, disk: Disk, whole: bool) -> None:
        meanwhile.append(values(tmp_path, OTHER))
        done(folder, disk, whole)

    monkeypatch.setattr(apart, "done", looked_at)
    stores, _ = started(tmp_path)
    assert meanwhile == [[1, 2, 3, 4]]
    assert values(tmp_path, OTHER) == values(tmp_path, BROKEN) == [1, 2, 3, 4]
    stores.close()


def test_what_comes_for_stores_put_aside_alone_lets_the_log_go_too_and_verify_tells_how_much_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path).end()
    damage(tmp_path, "garbage")
    assert verify(tmp_path).waiting == 0
    stores, _ = started(tmp_path)
    told_of = [(stores.waits, stores.due)]
    stores.take([told(SAW, [b"9"], BROKEN)], Place(99, 1))
    told_of.append((stores.waits, stores.due))
    monkeypatch.setattr("nordlotse.iot.core.stores.FLUSH_SECONDS", -1.0)
    told_of.append((stores.waits, stores.due))
    stores.flush(Place(99, 1))
    told_of.append((stores.waits, stores.due))
    assert told_of == [(False, False), (True, False), (True, True), (False, False)]
    stores.close()
    verdict = verify(tmp_path)
    waiting = sum(path.stat().st_size for path in (company(tmp_path, BROKEN) / apart.FOLDER).iterdir())
    assert verdict.waiting == waiting > 0
    assert any(f"{waiting} bytes wait" in fault for fault in verdict.faults)


def test_a_company_put_aside_can_be_deleted_with_what_waits_for_it(tmp_path: Path) -> None:
    filled(tmp_path).end()
    damage(tmp_path, "garbage")
    stores, _ = started(tmp_path)
    stores.take([told(SAW, [b"9"], BROKEN)], Place(99, 1))
    assert apart.waits(company(tmp_path, BROKEN))
    stores.leave(BROKEN)
    assert not company(tmp_path, BROKEN).exists()
    assert BROKEN not in stores.damaged
    stores.close()


def test_a_backup_holds_a_store_put_aside_as_it_lies_there_and_what_waits_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "iot"
    filled(folder).end()
    saved = (company(folder, BROKEN) / "manifest").read_bytes()
    damage(folder, "garbage")
    stores, _ = started(folder)
    stores.take([told(SAW, [b"9"], BROKEN)], Place(99, 1))
    stores.close()
    copying.copy(folder, tmp_path / "copy")
    shutil.rmtree(folder)
    assert values(tmp_path / "copy", OTHER) == [1, 2]
    (company(tmp_path / "copy", BROKEN) / "manifest").write_bytes(saved)
    stores, _ = started(tmp_path / "copy")
    assert values(tmp_path / "copy", BROKEN) == [1, 2, 9]
    stores.close()


@pytest.mark.parametrize("at", ["mark", "middle", "index", "tail", "empty", "cut"])
def test_a_damaged_segment_of_one_company_is_told_and_passed_over(tmp_path: Path, at: str) -> None:
    world = filled(tmp_path)
    world.commit(told(SAW, [timed(3)], BROKEN))
    world.stores.flush(world.log.end)
    world.end()
    path = sorted(company(tmp_path, BROKEN).glob("*.seg"))[0]
    data = bytearray(path.read_bytes())
    if at == "empty":
        data = bytearray()
    elif at == "cut":
        del data[len(data) // 2 :]
    else:
        data[{"mark": 2, "middle": 20, "index": len(data) - 60, "tail": len(data) - 3}[at]] ^= 1
    path.write_bytes(data)
    stores, _ = started(tmp_path)
    stores.writer(BROKEN).merge(fresh=1)
    assert values(tmp_path, OTHER) == [1, 2]
    if at != "middle":
        assert values(tmp_path, BROKEN) == [3]
    assert path.read_bytes() == data
    stores.close()
    assert any(path.name in fault for fault in verify(tmp_path).faults)


def test_the_process_starts_with_a_damaged_store_and_takes_values_for_it_and_for_others(tmp_path: Path) -> None:
    folder = tmp_path / "iot"
    world = World(folder)
    world.commit(told(SAW, [timed(1)], "local"))
    world.commit(told(SAW, [timed(1)], OTHER))
    world.stores.flush(world.log.end)
    world.end()
    kept = company(folder, "local")
    saved = (kept / "manifest").read_bytes()
    for name in ("manifest", "manifest.twin"):
        (kept / name).write_bytes(b"")
    served = Serve(folder)
    client = Client(served.port)
    assert client.publish(SAW, [timed(2), timed(3)]) == 2
    client.close()
    served.stop()
    assert "put aside" in (tmp_path / "iot.err").read_text()
    assert values(folder, OTHER) == [1]
    assert apart.waits(kept)
    (kept / "manifest").write_bytes(saved)
    served = Serve(folder)
    assert served.stop() == 0
    assert values(folder, "local") == [1, 2, 3]
    assert verify(folder).ok
    assert not apart.waits(kept)


@pytest.mark.parametrize("seed", range(20))
def test_after_a_power_cut_a_twin_is_whole_and_right_or_told_by_its_checksum(tmp_path: Path, seed: int) -> None:
    """The manifest is damaged at the very moment the power goes: with a whole twin nothing is missing, without one nothing is removed."""
    chance = random.Random(seed)
    root = tmp_path / "running"
    root.mkdir()
    disk = Power(root, 20 + chance.randrange(200))
    stores, safe = None, 0
    try:
        stores = Stores(root / "iot", disk)
        log = Log(root / "iot" / "log", disk, roll=500)
        while True:
            entry = told(SAW, [b'{"value":%d,"time":%d}' % (safe, 1_700_000_000_000 + safe)], BROKEN)
            place = log.append([parts_of(entry)])
            safe += 1
            stores.take([entry], place)
            stores.flush(place)
            log.forget(place)
            stores.writer(BROKEN).merge(fresh=3)
    except Stopped:
        pass
    disk.cut(tmp_path / "left", chance)
    disk.left = 10**9
    if stores is not None:
        stores.close()
    path = company(tmp_path / "left" / "iot", BROKEN) / "manifest"
    if not path.exists():
        return
    path.write_bytes(b"")
    before = {one.name for one in path.parent.glob("*.seg")}
    again, _ = started(tmp_path / "left" / "iot")
    if BROKEN in again.damaged:
        assert {one.name for one in path.parent.glob("*.seg")} == before
    else:
        assert (
            values(tmp_path / "left" / "iot", BROKEN) == list(range(safe))
            or len(values(tmp_path / "left" / "iot", BROKEN)) == safe + 1
        )
    again.close()
