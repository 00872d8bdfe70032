"""What is dropped is gone from every file, and nothing else with it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from nordlotse.iot.core import quarantine, retention
from nordlotse.iot.core.ingest import settle
from nordlotse.iot.core.orders import Order, ask, wait
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.store.rollups import HOUR
from nordlotse.iot.core.values import Series
from nordlotse.iot.core.verifying import verify
from tests.iot.core.filling import DAY, OVEN, block, filled, local, looked, mapped, oven, put, told
from tests.iot.core.test_tail import START, World, taken


def test_a_dropped_signal_is_gone_from_every_file_and_may_begin_anew(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(taken(0, 50))
    world.commit(told("Ofen/Grad", [b'"geheim"', b'"geheimer"']))
    world.stores.flush(world.log.end)
    world.stores.writer("local").drop("Ofen", "Grad")
    look = looked(tmp_path)
    assert [series.machine for series in look.series()] == ["Säge"]
    assert look.count(Series("local", "Säge", "Strom")) == 50
    assert not [p for p in (tmp_path / "companies").rglob("*") if p.is_file() and b"geheim" in p.read_bytes()]
    world.commit(told("Ofen/Grad", [b"5"]))
    assert [value for _, value in oven(world)] == [5.0]
    world.stores.flush(world.log.end)
    world.end()
    world = World(tmp_path)
    assert [value for _, value in oven(world)] == [5.0]
    world.end()


def test_a_dropped_signal_takes_its_hours_with_it_and_leaves_those_of_others(tmp_path: Path, world: World) -> None:
    times = START // HOUR * HOUR + np.arange(0, 3 * DAY, 600_000_000)
    other = OVEN._replace(machine="Presse")
    put(world, [block(times), block(times, other)])
    retention.keep(local(tmp_path), Periods(1))
    world.stores.retain(int(times[0]) + 3 * DAY)
    before = sum(path.stat().st_size for path in (tmp_path / "companies").rglob("*.hours"))
    world.stores.writer("local").drop("Ofen")
    assert sum(path.stat().st_size for path in (tmp_path / "companies").rglob("*.hours")) == before // 2
    look = looked(tmp_path)
    span = (int(times[0]), int(times[0]) + 3 * DAY, 1)
    assert look.buckets(OVEN, *span).count.tolist() == [0]
    assert look.buckets(other, *span).count.tolist() == [len(times)]


def test_a_company_that_leaves_is_gone_from_stores_and_log_and_the_others_stay(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(told("Ofen/Grad", [b'"secret"', b"{broken secret"], "gone"), decode=False)
    world.commit(taken(0, 20), decode=False)
    world.end()
    path = ask(tmp_path, Order("leave", "gone"))
    settle(tmp_path)
    assert wait(path, 0)
    assert not (tmp_path / "companies" / "gone").exists()
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"secret" in p.read_bytes()]
    settle(tmp_path)
    assert not (tmp_path / "companies" / "gone").exists()
    look = looked(tmp_path)
    assert look.count(Series("local", "Säge", "Strom")) == 20


def test_a_request_that_is_none_is_put_aside_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(told("Ofen/Grad", [b"1"]))
    world.end()
    path = ask(tmp_path, Order("drop", "local", "Ofen"))
    for number, text in enumerate(['{"do":"leave","company":"../x"}', "[", '{"do":"drop","company":"local"}']):
        (path.parent / f"0{number}.json").write_text(text)
    settle(tmp_path)
    assert sorted(one.name for one in path.parent.iterdir()) == ["00.unreadable", "01.unreadable", "02.unreadable"]
    look = looked(tmp_path)
    assert look.series() == []


def test_a_machine_that_is_dropped_is_gone_from_log_quarantine_and_retained_values_too(tmp_path: Path) -> None:
    from nordlotse.iot.core.ingest import Ingest
    from nordlotse.iot.core.logins import FileLogins

    async def run() -> list[str]:
        ingest = Ingest(tmp_path, FileLogins(tmp_path, required=False))
        await ingest.start()
        done: asyncio.Future[OSError | None] = asyncio.get_running_loop().create_future()
        (local(tmp_path)).mkdir(parents=True)
        mapped(tmp_path)
        for topic in ("Ofen/Grad", "Ofen/oben/links", "plant/7", "alt/halle/7", "Presse/Kraft", "neu/halle/7"):
            broken = told(topic, [b"{broken " + topic.encode()], arrived=time.time_ns() // 1000)
            ingest.committer.put(broken, lambda error: None)
            ingest.server.retained.keep("local", topic, b"1")
        ingest.committer.put(told("Presse/Kraft", [b"1"]), done.set_result)
        assert await done is None
        path = ask(tmp_path, Order("drop", "local", "Ofen", topics=("alt/#",)))
        assert await asyncio.to_thread(wait, path, 10)
        # before the end: nothing of it may wait for that
        text = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file() and one.name != "mapping.json")
        assert not [name for name in (b"Ofen", b"plant/7", b"alt/halle") if name in text]
        kept = [*ingest.server.retained._of["local"]]
        await ingest.stop()
        return kept

    assert asyncio.run(run()) == ["Presse/Kraft", "neu/halle/7"]
    left = [one.topic for one in quarantine.held(local(tmp_path))]
    assert left == [b"Presse/Kraft", b"neu/halle/7"]
    look = looked(tmp_path)
    assert look.series() == [Series("local", "Presse", "Kraft")]


def test_a_dropped_signal_takes_only_payloads_that_hold_nothing_else(tmp_path: Path, world: World) -> None:
    for topic in ("Ofen/Grad", "Ofen/Strom", "Ofen"):
        world.commit(told(topic, [b"{broken"]))
    world.stores.flush(world.log.end)
    world.stores.drop(Order("drop", "local", "Ofen", "Grad"))
    assert [one.topic for one in quarantine.held(local(tmp_path))] == [b"Ofen/Strom", b"Ofen"]


def test_an_order_that_fails_is_tried_again_after_longer_and_longer_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nordlotse.iot.core.ingest import Ingest
    from nordlotse.iot.core.logins import FileLogins
    from nordlotse.iot.core.stores import Stores

    tries: list[float] = []

    def fails(stores: Stores, order: Order) -> None:
        tries.append(time.monotonic())
        raise OSError(5, "EIO")

    monkeypatch.setattr("nordlotse.iot.core.ingest._LOOK", 0.1)
    monkeypatch.setattr(Stores, "drop", fails)

    async def run() -> None:
        ingest = Ingest(tmp_path, FileLogins(tmp_path, required=False))
        await ingest.start()
        (local(tmp_path)).mkdir(parents=True)
        path = ask(tmp_path, Order("drop", "local", "Ofen"))
        while len(tries) < 4:
            await asyncio.sleep(0.05)
        monkeypatch.undo()
        assert await asyncio.to_thread(wait, path, 20)
        await ingest.stop()

    asyncio.run(run())
    first, second, third = np.diff(tries)
    assert first >= 0.2
    assert second >= 0.4
    assert third >= 0.8


def test_a_machine_can_be_dropped_though_the_file_of_hours_is_missing_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(tmp_path)
    times = filled(world, 3, 600_000_000)
    retention.keep(local(tmp_path), Periods(1))
    world.stores.retain(int(times[0]) + 2 * DAY)
    (file,) = (tmp_path / "companies").rglob("*.hours")
    file.unlink()
    world.stores.drop(Order("drop", "local", "Ofen"))
    assert "event=iot_rollups_missing" in caplog.text
    assert f"local: {file.name}: missing" in verify(tmp_path).faults
    # what is let go later begins a file of its own that is whole
    put(world, [block(times)])
    world.stores.retain(int(times[0]) + 3 * DAY)
    look = looked(tmp_path)
    assert look.buckets(OVEN, int(times[0]), int(times[0]) + 3 * DAY, 1).count.tolist() == [len(times)]
    world.end()
    assert verify(tmp_path).ok


def test_an_order_is_carried_out_while_the_ingest_runs(tmp_path: Path) -> None:
    from nordlotse.iot.core.ingest import Ingest
    from nordlotse.iot.core.logins import FileLogins

    async def run() -> bool:
        ingest = Ingest(tmp_path, FileLogins(tmp_path, required=False))
        await ingest.start()
        done: asyncio.Future[OSError | None] = asyncio.get_running_loop().create_future()
        ingest.committer.put(told("Ofen/Grad", [b"1"]), done.set_result)
        assert await done is None
        path = ask(tmp_path, Order("drop", "local", "Ofen"))
        gone = await asyncio.to_thread(wait, path, 10)
        await ingest.stop()
        return gone

    assert asyncio.run(run())
    look = looked(tmp_path)
    assert look.series() == []
