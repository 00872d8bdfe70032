"""Values no longer kept go wholly and leave their hours; what is kept stays exactly."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from nordlotse.iot.core import retention
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.store.rollups import HOUR
from nordlotse.iot.core.values import EARLIEST
from tests.iot.core.filling import DAY, OVEN, block, filled, local, looked, put, segments
from tests.iot.core.store.faulty import Stopped, Stopping
from tests.iot.core.test_tail import START, World


def test_values_no_longer_kept_leave_hours_that_charts_still_show(tmp_path: Path, world: World) -> None:
    times = START // HOUR * HOUR + np.arange(0, 10 * DAY, 60_000_000)
    other = OVEN._replace(signal="Druck")
    put(world, [block(times), block(times, other)])
    look = segments(tmp_path)
    before = look.buckets(OVEN, int(times[0]), int(times[0]) + 10 * DAY, 240)
    retention.keep(local(tmp_path), Periods(None, {"Ofen/Grad": 3}))
    now = int(times[0]) + 10 * DAY
    for _ in range(2):  # applying it twice is applying it once
        world.stores.retain(now)
    look.look()
    assert look.count(OVEN) == 3 * 24 * 60
    assert look.count(other) == 10 * 24 * 60
    assert look.rows(OVEN).time[0] == now - 3 * DAY
    after = look.buckets(OVEN, int(times[0]), int(times[0]) + 10 * DAY, 240)
    for name in ("least", "most", "total", "count"):
        assert getattr(before, name).tolist() == getattr(after, name).tolist()
    world.stores.retain(now + DAY + HOUR)
    look.look()
    assert look.count(OVEN) == (2 * 24 - 1) * 60
    again = look.buckets(OVEN, int(times[0]), int(times[0]) + 10 * DAY, 240)
    assert again.total.tolist() == before.total.tolist()


@pytest.mark.parametrize("point", range(30))
def test_a_stop_at_any_point_of_retention_keeps_either_values_or_hours(tmp_path: Path, point: int) -> None:
    world = World(tmp_path)
    times = filled(world, 3, 600_000_000)
    world.end()
    retention.keep(local(tmp_path), Periods(1))
    disk = Stopping(10**6)
    world = World(tmp_path, disk)
    world.stores.writer("local")
    disk.left = point
    with contextlib.suppress(Stopped):
        world.stores.retain(int(times[0]) + 3 * DAY)
    disk.left = 10**6
    world.end()
    for _ in range(2):
        look = segments(tmp_path)
        assert look.buckets(OVEN, int(times[0]), int(times[0]) + 3 * DAY, 1).total[0] == float(
            np.arange(len(times)).sum()
        )
        world = World(tmp_path)
        world.stores.retain(int(times[0]) + 3 * DAY)
        world.end()


def test_values_older_than_what_is_kept_are_seen_neither_before_nor_after_they_reach_a_segment(
    tmp_path: Path, world: World
) -> None:
    times = filled(world, 10, 60_000_000)
    retention.keep(local(tmp_path), Periods(2))
    world.stores.retain(int(times[-1]))
    look = looked(tmp_path)
    cut = look.kept_from(OVEN)
    kept = look.count(OVEN)
    assert kept < len(times)

    def seen() -> list[int]:
        look.look()
        early = look.buckets(OVEN, cut - DAY, cut, 1, rolled=False).count
        return [len(look.rows(OVEN, EARLIEST, cut)), len(look.older(OVEN, EARLIEST, cut)), look.count(OVEN), *early]

    late = np.array([cut - 90_000_001, cut - 30_000_001, cut + 1], np.int64)
    for piece in (late, late[:1]):
        world.stores.take([[block(piece)]], world.log.end)
        assert seen() == [0, 0, kept + 1, 0]
    world.stores.flush(world.log.end)
    assert seen() == [0, 0, kept + 1, 0]
    # where nothing newer was kept, the newest is none of them either
    for days in range(1, 4):
        world.stores.retain(int(times[-1]) + days * DAY)
    world.stores.take([[block(late)]], world.log.end)
    look.look()
    assert len(look.latest(OVEN)) == 0


@pytest.mark.parametrize("protected", [True, False])
def test_a_clock_that_jumps_ahead_lets_two_days_go_and_not_everything(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """The protection off: periods are reckoned from the clock as it is."""
    if not protected:
        monkeypatch.setattr(retention, "steady", lambda folder, now, disk: now)
    times = filled(world, 10, 600_000_000)
    retention.keep(local(tmp_path), Periods(8))
    now = int(times[0]) + 8 * DAY
    world.stores.retain(now)
    world.stores.retain(now + 365 * DAY)
    look = segments(tmp_path)
    assert look.count(OVEN) == (8 * 144 if protected else 0)
    world.stores.retain(now)  # the clock is right again
    look.look()
    assert look.count(OVEN) == (8 * 144 if protected else 0)


def test_after_a_long_standstill_periods_are_caught_up_with(tmp_path: Path) -> None:
    world = World(tmp_path)
    times = filled(world, 10, 600_000_000)
    retention.keep(local(tmp_path), Periods(8))
    now = int(times[0]) + 8 * DAY
    world.stores.retain(now)
    world.end()
    world = World(tmp_path)
    for _ in range(10):
        world.stores.retain(now + 18 * DAY)
    look = segments(tmp_path)
    assert look.count(OVEN) == 0
    world.end()
