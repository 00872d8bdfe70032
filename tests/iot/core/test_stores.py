"""Stores mark clocks that are off, keep what comes twice once, and damage at one company stays there."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import quarantine, retention
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.manifest import Manifest
from nordlotse.iot.core.store.rollups import HOUR
from nordlotse.iot.core.values import EARLIEST, LATEST, Quality
from tests.iot.core.filling import DAY, OVEN, block, looked, segments, told
from tests.iot.core.test_tail import START, World


@pytest.mark.parametrize(
    ("time", "quality"),
    [
        (START // 1000, Quality.GOOD),
        (START // 1000 + 61_000, Quality.CLOCK),  # ahead
        (START // 1000 - 3_601_000, Quality.CLOCK),  # an hour late
        (0, Quality.CLOCK),  # 1970
        (4_102_444_800_000, Quality.CLOCK),  # 2100
        ('"2023-10-29T02:30:00+02:00"', Quality.CLOCK),  # the hour that comes twice, told apart by its zone
        ('"2023-11-14T23:13:20+01:00"', Quality.GOOD),
    ],
)
def test_a_clock_that_is_off_is_kept_and_marked(
    tmp_path: Path, world: World, time: int | str, quality: Quality
) -> None:
    world.commit(told("Ofen/Grad", [b'{"value":1,"time":%b}' % str(time).encode()]))
    look = looked(tmp_path)
    rows = look.rows(OVEN)
    assert rows.quality.tolist() == [quality]
    assert rows.arrived.tolist() == [START]


def test_the_same_file_twice_and_values_years_late_stand_there_once_in_their_place(
    tmp_path: Path, world: World
) -> None:
    times = np.random.default_rng(3).permutation(START - np.arange(0, 400 * DAY, 3 * HOUR))
    for _ in range(2):
        world.stores.take([[block(times)]], world.log.end)
        world.stores.flush(world.log.end)
        world.stores.merge()
    look = segments(tmp_path)
    rows = look.rows(OVEN, EARLIEST, LATEST)
    order = np.argsort(times)
    assert rows.time.tolist() == times[order].tolist()
    assert rows.value.tolist() == np.arange(len(times), dtype=float)[order].tolist()
    assert world.stores.writer("local").manifest.duplicates == {0: len(times)}


@pytest.mark.parametrize("what", ["retain", "read_again", "disk"])
def test_damage_at_one_company_keeps_nobody_elses_store_from_being_looked_after(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    times = START // HOUR * HOUR + np.arange(0, 3 * DAY, 600_000_000)
    for company in ("a", "b"):
        world.stores.take([[block(times, OVEN._replace(company=company))]], world.log.end)
        retention.keep(tmp_path / "companies" / company, Periods(1))
        (tmp_path / "companies" / company / "mapping.json").write_text("[]")
    world.stores.flush(world.log.end)
    done: list[str] = []

    def damaged(folder: Path) -> None:
        if folder.name == "a":
            if what == "disk":
                raise OSError(errno.EIO, "sectors")
            raise NotAvailable("iot_damaged", de="Schaden.", en="Damage.")
        done.append(folder.name)

    if what in ("retain", "disk"):
        monkeypatch.setattr(retention, "apply", lambda writer, *_: damaged(writer.folder))
        world.stores.retain(int(times[-1]))
    else:
        begun = quarantine.begun

        def looked_at(folder: Path, manifest: Manifest, disk: Disk) -> tuple[int, int]:
            damaged(folder)
            return begun(folder, manifest, disk)

        monkeypatch.setattr(quarantine, "begun", looked_at)
        world.stores.read_again(world.log.end)
    assert done == ["b"]
