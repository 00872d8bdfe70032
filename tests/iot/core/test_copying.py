"""A copy made while values come in holds all that was acknowledged before it began, and opens like the folder itself."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from nordlotse.iot.core import recovery
from nordlotse.iot.core.copying import copy
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.stores import Stores
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.verifying import verify
from tests.iot.core.filling import told
from tests.iot.core.test_tail import SAW, World, taken


def test_a_copy_made_beside_the_writer_misses_nothing_acknowledged_before(tmp_path: Path) -> None:
    world = World(tmp_path / "iot")
    world.commit(told("Säge/Strom", [b"{broken"]))
    safe = [0]
    ended = threading.Event()

    def write() -> None:
        chance = random.Random(1)
        while not ended.is_set():
            world.commit(taken(safe[0], 10))
            safe[0] += 10
            if chance.random() < 0.3:
                world.stores.flush(world.log.end)
                world.log.forget(world.log.roll())
                world.stores.writer("local").merge(fresh=3)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for k in range(8):
            before = safe[0]
            copy(tmp_path / "iot", tmp_path / f"copy{k}")
            stores = Stores(tmp_path / f"copy{k}", Disk())
            recovery.recover(tmp_path / f"copy{k}", stores, Sessions(), Disk())
            stores.close()
            look = reader(tmp_path / f"copy{k}", "local")
            look.look()
            values = look.rows(SAW).value.tolist()
            assert values == list(range(len(values)))
            assert len(values) >= before
            assert verify(tmp_path / f"copy{k}").ok
    finally:
        ended.set()
        thread.join()
        world.end()
