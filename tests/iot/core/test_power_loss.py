"""What was acknowledged survives a power cut at any moment: nothing but what was synced is sure to be there.

The protection is `Disk.sync` before the acknowledgement, and `Disk.sync_folder` behind every new name. Switched off (`Unsynced`,
`NamesUnsynced`) the same trial must find values missing; that is tested here too, so that the model itself is trusted.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import recovery
from nordlotse.iot.core.entries import parts_of
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Log
from nordlotse.iot.core.stores import Stores
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Series
from tests.iot.core.power import NamesUnsynced, Power, Unsynced
from tests.iot.core.store.faulty import Stopped
from tests.iot.core.test_tail import taken

SAW = Series("local", "Säge", "Strom")


def trial(folder: Path, seed: int, kind: type[Power]) -> tuple[set[int], list[int]]:
    """Take values in until the power is cut at a random step; return those acknowledged and those there after a restart."""
    chance = random.Random(seed)
    root = folder / "running"
    root.mkdir(parents=True)
    disk = kind(root, chance.randrange(400))
    acknowledged: set[int] = set()
    stores = None
    try:
        stores = Stores(root / "iot", disk)
        log = Log(root / "iot" / "log", disk, roll=2000)
        at = 0
        while True:
            entry = taken(at, 1 + chance.randrange(20))
            place = log.append([parts_of(entry)])
            acknowledged.update(range(at, at + len(entry.publications)))  # from here on the promise holds
            at += len(entry.publications)
            stores.take([entry], place)
            if chance.random() < 0.3:
                stores.flush(place)
                log.forget(place)
                stores.writer("local").merge(fresh=3)
    except Stopped:
        pass
    left = folder / "left"
    disk.cut(left, chance)
    disk.left = 10**9
    if stores is not None:
        stores.close()
    return acknowledged, after(left / "iot")


def after(folder: Path) -> list[int]:
    """Return the values there after a restart."""
    again = Stores(folder, Disk())
    try:
        recovery.recover(folder, again, Sessions(), Disk())
        look = reader(folder, "local", patience=0)
        look.look()
        return [int(value) for value in look.rows(SAW).value.tolist()]
    except NotAvailable:  # a store that cannot be opened has lost everything
        return []
    finally:
        again.close()


def missing(folder: Path, kind: type[Power], trials: int) -> int:
    lost = 0
    for seed in range(trials):
        acknowledged, found = trial(folder / str(seed), seed, kind)
        assert len(found) == len(set(found))
        lost += len(acknowledged - set(found))
    return lost


def test_nothing_acknowledged_is_missing_after_a_power_cut(tmp_path: Path) -> None:
    assert missing(tmp_path, Power, 80) == 0


@pytest.mark.long
def test_nothing_acknowledged_is_missing_after_two_thousand_power_cuts(tmp_path: Path) -> None:
    assert missing(tmp_path, Power, 2000) == 0


@pytest.mark.parametrize("kind", [Unsynced, NamesUnsynced])
def test_with_a_disk_that_does_not_sync_the_same_trial_finds_values_missing(tmp_path: Path, kind: type[Power]) -> None:
    assert missing(tmp_path, kind, 12) > 0
