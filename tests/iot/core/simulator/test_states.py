"""Running, idle and off from one current signal, without configuration, against machines whose truth is known."""

from __future__ import annotations

import pytest
from bench.iot import states

from nordlotse.iot.core.simulator import Machine

DAYS = 3 * 86_400 * 1_000_000


@pytest.mark.parametrize("kind", list(Machine))
@pytest.mark.parametrize("seed", [101, 102, 103])
def test_the_minutes_of_each_state_are_within_two_percent_of_the_truth(kind: Machine, seed: int) -> None:
    found = states.errors(kind, seed, 1, length=DAYS)
    assert set(found) == set(states.NAMES)
    assert max(map(abs, found.values())) <= 2.0, found
