"""Limits found in the first minutes are looked at again as soon as older values have come in: numbers made with them would move later."""

from __future__ import annotations

import numpy as np
import pytest

from nordlotse.iot.actions import states
from nordlotse.iot.core.states import ways
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.queries import states as queries
from tests.iot.worked import HOUR, MONDAY, Filled

pytestmark = pytest.mark.django_db
NOW = MONDAY + 24 * HOUR


def worked(made: Filled, begin: int, end: int) -> None:
    """Ten minutes of work and five of idling by turns, a value each five seconds."""
    times = np.arange(begin, end, 5 * SECOND)
    works = (times - MONDAY) // (300 * SECOND) % 3 < 2
    level = np.where(works, 8.0, 2.0) + np.random.default_rng(1).normal(0, 0.05, len(times))
    made.put("Strom", times.tolist(), level.tolist())


def test_they_are_found_anew_when_a_past_of_hours_has_come_in() -> None:
    made = Filled()
    worked(made, NOW - 5 * 60 * SECOND, NOW)
    first = states.find(made.machine, NOW)
    assert first is not None and first.seen[0] >= NOW - HOUR
    assert not queries.unsure(first, made.machine, NOW)
    worked(made, NOW - 12 * HOUR, NOW - 5 * 60 * SECOND)
    later = states.find(made.machine, NOW)
    assert later is not None and later.seen[0] == NOW - 12 * HOUR
    assert ways.read(made.machine.states) == later
    assert not queries.unsure(later, made.machine, NOW), "and not again and again"


def test_values_of_long_ago_are_not_looked_for_each_minute() -> None:
    made = Filled()
    worked(made, NOW - 30 * 24 * HOUR, NOW - 29 * 24 * HOUR)
    worked(made, NOW - 1800 * SECOND, NOW)
    found = states.find(made.machine, NOW)
    assert found is not None and not queries.unsure(found, made.machine, NOW)


def test_a_look_that_tells_nothing_yet_does_not_end_the_looking() -> None:
    made, later = Filled(), NOW + 5 * 24 * HOUR
    worked(made, NOW - 1800 * SECOND, NOW)
    first = states.find(made.machine, NOW)
    minutes = np.arange(later, later + 600 * SECOND, 5 * SECOND)
    rng = np.random.default_rng(1)
    made.put("Strom", minutes.tolist(), (20 + rng.normal(0, 0.05, len(minutes))).tolist())
    kept = states.find(made.machine, later + 600 * SECOND)
    assert first is not None and kept is not None and (kept.levels, kept.seen) == (first.levels, first.seen)
    assert ways.read(made.machine.states) == kept
    assert not queries.unsure(kept, made.machine, later + 660 * SECOND), "not each minute"
    hours = np.arange(later + 600 * SECOND, later + 6 * HOUR, 5 * SECOND)
    level = np.where(hours // (300 * SECOND) % 3 < 2, 20.0, 5.0) + rng.normal(0, 0.05, len(hours))
    made.put("Strom", hours.tolist(), level.tolist())
    again = states.find(made.machine, later + 6 * HOUR)
    assert again is not None and again.seen[0] == later
    run, _ = again.limits
    assert run is not None and 5 < run.enter < 20
    assert not queries.unsure(again, made.machine, later + 6 * HOUR)
