"""The rules a simulated machine brings along: quick where it breaks, silent where it does not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nordlotse.iot.actions.example import _RULES
from nordlotse.iot.core.alarms import Rule, rehearse
from nordlotse.iot.core.simulator import Fault, Simulation
from nordlotse.iot.core.simulator import Machine as Kind
from nordlotse.iot.core.values import Block, Rows

SECOND, DAY = 1_000_000, 86_400_000_000
MONDAY = 1_794_178_800 * SECOND  # 2026-11-09 00:00 in Berlin


def by_signal(blocks: Iterable[Block]) -> dict[str, Rows]:
    return {
        one.series.signal: Rows(one.time, one.value, np.full(len(one), one.kind, np.uint8), one.quality, one.arrived)
        for one in blocks
    }


def told(values: dict[str, Rows], until: int) -> list[float]:
    """Return when the mill's rules alarm, s since 1970."""
    rules = {signal: Rule(name.de, **limits) for signal, name, limits in _RULES["cnc"]}
    return [one.begin for signal, rule in rules.items() for one in rehearse(rule, values[signal], until / 1e6)]


def test_a_bearing_that_breaks_is_told_within_a_minute_and_a_good_week_by_no_rule() -> None:
    after = []
    for seed in range(1, 6):
        good = Simulation(Kind.CNC, seed, around=True)
        assert not told(by_signal(good.at(MONDAY, MONDAY + 7 * DAY, 10 * SECOND)), MONDAY + 7 * DAY)
        since = good.awake(MONDAY + 8 * DAY + 15 * 3600 * SECOND)
        until = since + 300 * SECOND
        broken = Simulation(Kind.CNC, seed, [Fault("bearing", since)], around=True)
        after.append(min(told(by_signal(broken.at(since - 60 * SECOND, until, SECOND)), until)) - since / 1e6)
    assert sorted(after)[2] < 60, after
