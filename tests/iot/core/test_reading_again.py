"""What could not be read: put aside, bounded, and read again once a mapping fits."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from nordlotse.iot.core import quarantine, recovery
from nordlotse.iot.core.decoding import Refused
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Place
from nordlotse.iot.core.store.manifest import Manifest
from nordlotse.iot.core.values import Block, Why
from tests.iot.core.filling import held, local, looked, mapped, oven, told
from tests.iot.core.store.faulty import Stopped, Stopping
from tests.iot.core.test_tail import START, World


def test_what_could_not_be_read_becomes_values_once_a_mapping_fits_and_keeps_its_arrival(
    tmp_path: Path, world: World
) -> None:
    world.commit(told("plant/1/oven/x", [b'{"t":[215]}', b'{"t":[215]}', b'{"t":"?"}', b"{broken"]))
    world.stores.flush(world.log.end)
    assert len(held(world)) == 4
    mapped(tmp_path)
    assert world.stores.read_again(world.log.end) == 2
    # two equal payloads of one moment are two values; neither moves behind what came meanwhile
    assert oven(world) == [(START, 21.5), (START + 1, 21.5)]
    assert held(world) == [b'{"t":"?"}', b"{broken"]
    assert world.stores.read_again(world.log.end) == 0
    assert oven(world) == [(START, 21.5), (START + 1, 21.5)]


def test_replayed_values_without_a_time_never_take_the_place_of_others(tmp_path: Path, world: World) -> None:
    world.commit(told("Ofen/Grad", [b"1", b"2"]))
    world.commit(told("plant/1/oven/x", [b'{"t":[30]}', b'{"t":[40]}']))
    world.stores.flush(world.log.end)
    mapped(tmp_path)
    world.stores.read_again(world.log.end)
    assert oven(world) == [(START, 1.0), (START + 1, 2.0), (START + 2, 3.0), (START + 3, 4.0)]


@pytest.mark.parametrize("point", range(0, 40, 2))
def test_a_stop_at_any_point_of_a_replay_neither_loses_nor_doubles(tmp_path: Path, point: int) -> None:
    world = World(tmp_path)
    world.commit(told("plant/1/oven/x", [b'{"t":[10]}', b"{broken"]))
    world.stores.flush(world.log.end)
    world.end()
    mapped(tmp_path)
    disk = Stopping(10**6)
    world = World(tmp_path, disk)
    world.stores.writer("local")
    disk.left = point
    with contextlib.suppress(Stopped):
        world.stores.read_again(world.log.end)
    disk.left = 10**6
    world.end()
    world = World(tmp_path)
    world.stores.read_again(world.log.end)
    assert oven(world) == [(START, 1.0)]
    assert held(world) == [b"{broken"]
    world.end()


def test_a_payload_refused_before_a_crash_stands_in_quarantine_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.commit(told("Ofen/Grad", [b"{broken", b"{broken"]))
    writer = world.stores.writer("local")
    quarantine.add(writer.folder, writer.manifest, [], Disk())
    # written, but the manifest does not say so yet: killed here
    refused = [Refused(b"Ofen/Grad", b"{broken", START, Why.NOT_JSON)] * 2
    quarantine.add(writer.folder, writer.manifest, refused, Disk())
    world.end()
    again = World(tmp_path)
    recovery.recover(tmp_path, again.stores, Sessions(), Disk())
    assert held(again) == [b"{broken", b"{broken"]
    again.end()


def test_while_the_mapping_is_damaged_nothing_is_guessed_and_nothing_lost(tmp_path: Path, world: World) -> None:
    world.stores.writer("local")
    path = local(tmp_path) / "mapping.json"
    path.write_text("[{]")
    world.commit(told("plant/1/oven/x", [b'{"t":[10]}']))
    world.commit(told("Ofen/Grad", [b"7"]))
    world.stores.flush(world.log.end)
    assert oven(world) == []
    mapped(tmp_path)
    os.utime(path, ns=(1, 1))
    world.stores.read_again(world.log.end)
    assert oven(world) == [(START, 7.0), (START + 1, 1.0)] or oven(world) == [(START, 1.0), (START + 1, 7.0)]


def test_a_fault_of_ours_while_decoding_puts_payloads_into_quarantine(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("nordlotse.iot.core.intake.decode", broken)
    world.commit(told("Ofen/Grad", [b"7"]))
    world.stores.flush(world.log.end)
    assert [one.why for one in quarantine.held(local(tmp_path))] == [Why.FAILED]


def test_large_payloads_nobody_can_read_are_put_aside_before_they_fill_the_memory(world: World) -> None:
    for _ in range(12):
        world.commit(told("Ofen/Grad", [b"{" + bytes(900_000)]))
        if world.stores.due:
            break
    assert 8 * 1024**2 <= world.stores.refused_waiting < 10 * 1024**2
    world.stores.flush(world.log.end)
    assert world.stores.refused_waiting == 0


def test_recovery_puts_large_payloads_aside_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    for _ in range(30):
        world.commit(told("Ofen/Grad", [b"{" + bytes(900_000)]), decode=False)
    world.end()
    sizes: list[int] = []
    add = quarantine.add

    def sized(folder: Path, manifest: Manifest, refused: Sequence[Refused], disk: Disk) -> tuple[int, int]:
        sizes.append(len(refused))
        return add(folder, manifest, refused, disk)

    monkeypatch.setattr(quarantine, "add", sized)
    world = World(tmp_path)
    recovery.recover(tmp_path, world.stores, Sessions(), world.disk)
    assert sum(sizes) + (world.stores.refused_waiting > 0) * 30 >= 30
    assert max(sizes) < 20
    world.end()


@pytest.mark.parametrize("protected", [True, False])
def test_what_was_read_again_does_not_double_when_the_disk_fails_once(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """The protection off: values that could not be written go on waiting."""
    world.commit(told("Ofen", [b'{"Grad":{"ist":1}}', b'{"Grad":{"ist":2}}']))
    world.stores.flush(world.log.end)
    writer = world.stores.writer("local")
    rules = [{"topic": "Ofen", "machine": "Ofen", "signal": "Grad", "path": ["Grad", "ist"]}]
    (local(tmp_path) / "mapping.json").write_text(json.dumps(rules))
    if not protected:

        def keeping(blocks: list[Block], until: Place, **also: object) -> None:
            writer.add(blocks, until)
            writer.flush(until, **also)

        monkeypatch.setattr(writer, "flush_with", keeping)
    publish = writer._publish

    def fails(manifest: object) -> None:
        monkeypatch.setattr(writer, "_publish", publish)
        raise OSError(5, "EIO")

    monkeypatch.setattr(writer, "_publish", fails)
    with pytest.raises(OSError, match="EIO"):
        world.stores.read_again(world.log.end)
    world.stores.flush(world.log.end)
    assert world.stores.read_again(world.log.end) == 2
    assert ([value for _, value in oven(world)] == [1.0, 2.0]) == protected


@pytest.mark.parametrize("payload", [b'{"value":1,"time":1700000000000}', b"1"])
def test_topics_with_a_number_in_them_do_not_make_signals_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, payload: bytes
) -> None:
    monkeypatch.setattr("nordlotse.iot.core.store.writer.MOST_OF_MACHINE", 5)
    world = World(tmp_path)
    for k in range(9):
        world.commit(told(f"Ofen/Grad{k}", [payload]))
    world.commit(told("Ofen", [b'{"a":1,"b":2}']))
    world.commit(told("Ofen/Grad0", [payload]))
    world.commit(told("Presse/Druck", [payload]))
    world.stores.flush(world.log.end)
    look = looked(tmp_path)
    assert sorted(series.signal for series in look.series()) == ["Druck", *(f"Grad{k}" for k in range(5))]
    assert [(one.why, one.topic) for one in quarantine.held(local(tmp_path))] == [
        *((Why.TOO_MANY, f"Ofen/Grad{k}".encode()) for k in range(5, 9)),
        (Why.TOO_MANY, b"Ofen"),
    ]
    world.end()
    world = World(tmp_path)
    world.commit(told("Ofen/Grad9", [payload]))
    world.stores.flush(world.log.end)
    assert len(held(world)) == 6, "counted after a restart as before"
    world.end()
