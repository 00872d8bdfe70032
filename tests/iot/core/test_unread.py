"""What nobody could read is bounded for each company by bytes and days; what goes is counted and told, values stay."""

from __future__ import annotations

import contextlib
import errno
import tracemalloc
from pathlib import Path

import pytest

from nordlotse.iot.core import quarantine, unread
from nordlotse.iot.core.orders import Order
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.store.log import _BLOCK, within
from nordlotse.iot.core.store.manifest import load
from nordlotse.iot.core.store.records import Damage, record
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.unread import Bounds, bounds, days_of
from nordlotse.iot.core.verifying import verify
from tests.iot.core.filling import told
from tests.iot.core.store.faulty import Stopped, Stopping
from tests.iot.core.test_tail import START, World, taken, values

DAY = 86_400_000_000


def small(world: World, size: int = 60_000, days: int = 400) -> World:
    world.stores._bounds = Bounds(size, days)
    return world


def local(world: World) -> Path:
    return world.folder / "companies" / "local"


def numbers(world: World, topic: str) -> list[int]:
    return [int(one.payload[1:5]) for one in quarantine.held(local(world)) if one.topic == topic.encode()]


def flood(world: World, topic: str, begin: int, count: int, arrived: int = START) -> None:
    world.commit(told(topic, [b"{%04d%s" % (k, b"x" * 200) for k in range(begin, begin + count)], arrived=arrived))
    world.stores.flush(world.log.end)


def test_when_there_is_no_room_the_oldest_of_what_takes_the_most_go_and_are_counted(tmp_path: Path) -> None:
    world = small(World(tmp_path))
    world.commit(taken(0, 50))
    flood(world, "Ofen/Grad", 0, 20)
    for begin in range(0, 600, 50):
        flood(world, "Säge/Strom", begin, 50)
    manifest = load(local(world))
    assert manifest.aside[1] <= 60_000
    assert numbers(world, "Ofen/Grad") == list(range(20))  # a machine that floods takes nothing from another one
    left = numbers(world, "Säge/Strom")
    assert left == list(range(600 - len(left), 600))
    assert manifest.let_go.size == 600 - len(left)
    assert manifest.let_go.newest == START
    assert values(reader(tmp_path, "local", patience=0)) == list(range(50))
    world.end()
    verdict = verify(tmp_path)
    assert verdict.ok
    assert (verdict.quarantined, verdict.let_go) == (20 + len(left), 600 - len(left))


def test_below_the_bound_nothing_goes(tmp_path: Path) -> None:
    world = small(World(tmp_path), 10_000_000)
    flood(world, "Ofen/Grad", 0, 200)
    assert len(numbers(world, "Ofen/Grad")) == 200
    assert load(local(world)).let_go == (0, 0, 0)
    world.end()


def test_what_came_longer_ago_than_the_bound_goes_with_the_hourly_look_and_is_counted(tmp_path: Path) -> None:
    world = small(World(tmp_path), days=10)
    flood(world, "Ofen/Grad", 0, 5)
    flood(world, "Ofen/Grad", 5, 5, START + 8 * DAY)
    world.stores.retain(START + 10 * DAY)
    assert len(numbers(world, "Ofen/Grad")) == 10
    world.stores.retain(START + 12 * DAY)
    assert numbers(world, "Ofen/Grad") == list(range(5, 10))
    assert load(local(world)).let_go == (0, 5, START)
    world.end()


@pytest.mark.parametrize("point", range(24))
def test_a_stop_at_any_point_of_making_room_leaves_the_old_state_or_the_new_one(tmp_path: Path, point: int) -> None:
    world = small(World(tmp_path), 10_000_000)
    flood(world, "Ofen/Grad", 0, 300)
    writer = world.stores.writer("local")
    disk = Stopping(point)
    writer._disk = disk
    with contextlib.suppress(Stopped):
        unread.Room(writer, disk).make(Bounds(40_000, 400))
    disk.left = 10**9
    world.end()
    again = small(World(tmp_path))
    again.stores.writer("local")
    left, gone = numbers(again, "Ofen/Grad"), load(local(again)).let_go.size
    assert len(left) + gone == 300
    assert left == list(range(gone, 300))
    again.end()


def pieces(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(quarantine, "_PIECE", 2_000)
    monkeypatch.setattr(unread, "_STEP", step)
    monkeypatch.setattr(unread, "_TIMES", 0)


def test_room_is_made_a_piece_with_each_flush_and_what_comes_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces(monkeypatch, 6_000)
    world = small(World(tmp_path))
    flood(world, "Ofen/Grad", 0, 300)
    file, come, size = load(local(world)).aside[0], 300, load(local(world)).aside[1]
    waits = [world.stores.waits]  # the rest of it comes with the next flushes, though nothing else may
    while load(local(world)).aside[0] == file:
        assert len(numbers(world, "Ofen/Grad")) == come
        assert load(local(world)).let_go == (0, 0, 0)
        flood(world, "Ofen/Grad", come, 1)
        come += 1
    assert come - 300 >= 2 * size // 8_000  # read twice, never more than a step and a piece at once
    left, gone = numbers(world, "Ofen/Grad"), load(local(world)).let_go.size
    assert left == list(range(gone, come))
    assert 100 < gone < 200
    assert [*waits, world.stores.waits] == [True, False]
    world.end()
    assert sorted(path.suffix for path in local(world).iterdir() if path.stem.isdigit()) == [".aside", ".hot"]
    assert verify(tmp_path).ok


@pytest.mark.parametrize("point", range(0, 60, 2))
def test_a_stop_between_two_pieces_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    pieces(monkeypatch, 6_000)
    world = small(World(tmp_path), 10_000_000)
    flood(world, "Ofen/Grad", 0, 300)
    writer = world.stores.writer("local")
    disk = Stopping(point)
    writer._disk = disk
    with contextlib.suppress(Stopped):
        room = unread.Room(writer, disk)
        while not room.make(Bounds(40_000, 400)):
            pass
    disk.left = 10**9
    world.end()
    again = small(World(tmp_path))
    again.stores.writer("local")
    left, gone = numbers(again, "Ofen/Grad"), load(local(again)).let_go.size
    assert left == list(range(gone, 300))
    assert not list(local(again).glob("*.room"))
    again.end()


def test_a_machine_deleted_while_room_is_made_leaves_nothing_of_it_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces(monkeypatch, 40_000)
    world = small(World(tmp_path))
    flood(world, "Ofen/Grad", 0, 150)
    flood(world, "Säge/Strom", 0, 150)
    world.stores.flush(world.log.end)
    world.stores.flush(world.log.end)
    assert list(local(world).glob("*.room"))
    world.stores.drop(Order("drop", "local", "Ofen", "", ("Ofen/#",)))
    assert not list(local(world).glob("*.room"))
    world.stores.flush(world.log.end)
    assert numbers(world, "Ofen/Grad") == []
    assert numbers(world, "Säge/Strom") == list(range(150))
    world.end()


def test_a_disk_without_room_for_making_room_keeps_the_log_from_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small(World(tmp_path))

    def full(room: unread.Room, bound: Bounds) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(unread.Room, "make", full)
    flood(world, "Ofen/Grad", 0, 300)
    assert not world.stores.waits
    assert len(numbers(world, "Ofen/Grad")) == 300
    world.end()


def test_one_payload_that_came_while_our_clock_stood_ahead_keeps_no_other_from_going_by_its_age(
    tmp_path: Path,
) -> None:
    world = small(World(tmp_path), days=10)
    flood(world, "Ofen/Grad", 0, 1, START + 5000 * DAY)
    flood(world, "Ofen/Grad", 1, 4)
    world.stores.retain(START + 10 * DAY)
    assert len(numbers(world, "Ofen/Grad")) == 5
    world.stores.retain(START + 12 * DAY)
    assert numbers(world, "Ofen/Grad") == [0]
    assert load(local(world)).let_go == (0, 4, START)
    world.end()


def test_unread_payloads_stay_no_longer_than_the_values_they_could_become() -> None:
    assert days_of(Bounds(1, 400), None) == 400
    assert days_of(Bounds(1, 400), Periods(None, {"Ofen/Grad": 3})) == 400
    assert days_of(Bounds(1, 400), Periods(30, {"Ofen/Grad": 90})) == 90
    assert days_of(Bounds(1, 60), Periods(90, {})) == 60


def test_the_bounds_are_settings_and_nonsense_is_passed_over() -> None:
    assert bounds({}) == Bounds(256 << 20, 400)
    assert bounds({"NORDLOTSE_IOT_UNREAD_MB": "8", "NORDLOTSE_IOT_UNREAD_DAYS": "30"}) == Bounds(8 << 20, 30)
    assert bounds({"NORDLOTSE_IOT_UNREAD_MB": "0", "NORDLOTSE_IOT_UNREAD_DAYS": "-1"}) == Bounds()


@pytest.mark.parametrize("spoilt", [None, 5, _BLOCK - 20, _BLOCK + 9])
def test_a_file_is_looked_at_piece_by_piece_as_it_would_be_whole(tmp_path: Path, spoilt: int | None) -> None:
    data = bytearray(b"".join(record(b"%07d" % k + b"y" * 1000) for k in range(17_000)))
    data += record(b"z" * (_BLOCK + 100)) + record(b"end")
    if spoilt is not None:
        data[spoilt] ^= 1
    path = tmp_path / "f"
    path.write_bytes(data)
    damages: list[Damage] = []
    found = [bytes(content[:7]) for _, _, content in within(path, len(data), damages)]
    lost = 0 if spoilt is None else 1
    assert len(found) == 17_002 - lost
    assert found[-1] == b"end"
    assert len(damages) == lost
    assert all(one.inside for one in damages)


def test_verify_holds_little_of_a_large_quarantine_in_memory(tmp_path: Path) -> None:
    world = World(tmp_path)
    size = 0
    while size < 60 << 20:
        world.commit(told("Ofen/Grad", [b"{" + b"x" * 500_000] * 8))
        size += 8 * 500_000
    world.stores.flush(world.log.end)
    world.end()
    for path in (tmp_path / "log").iterdir():
        path.unlink()
    tracemalloc.start()
    assert verify(tmp_path).ok
    assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()
