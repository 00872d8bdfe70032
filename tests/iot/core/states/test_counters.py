"""Counters that are reset, roll over or run backwards."""

from __future__ import annotations

import numpy as np
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.iot.core.states.counters import Parts, parts_of
from nordlotse.iot.core.states.values import SECOND


def counted(*readings: float, top: int | None = None, shortest_cycle: int = 0) -> Parts:
    time = np.arange(len(readings), dtype=np.int64) * SECOND
    return parts_of(time, np.array(readings, float), top=top, shortest_cycle=shortest_cycle)


def summary(found: Parts) -> tuple[int, list[str]]:
    return int(found.count.sum()), [flag.code for flag in found.flags]


@settings(max_examples=100)
@holds(st.lists(st.integers(0, 50), max_size=40), st.integers(0, 1000))
def test_a_counter_that_only_rises_gives_last_minus_first(steps: list[int], first: int) -> None:
    readings = first + np.cumsum([0, *steps])
    assert summary(counted(*readings)) == (sum(steps), [])


@settings(max_examples=100)
@holds(st.lists(st.integers(0, 50), max_size=80), st.sampled_from([999, 9_999, 65_535]))
def test_a_counter_that_rolls_over_a_known_top_loses_no_part(steps: list[int], top: int) -> None:
    readings = (top - 100 + np.cumsum([0, *steps])) % (top + 1)
    assert summary(counted(*readings, top=top))[0] == sum(steps)


def test_a_rollover_at_a_common_top_is_recognised_and_told() -> None:
    assert summary(counted(65_530, 65_534, 3, 5)) == (4 + 5 + 2, ["rollover"])
    assert summary(counted(9_990, 9_998, 2)) == (8 + 4, ["rollover"])


def test_a_reset_counts_the_new_reading_and_is_told() -> None:
    assert summary(counted(500, 510, 3, 5)) == (10 + 3 + 2, ["reset"])
    assert summary(counted(7, 0, 2)) == (2, ["reset"])


def test_a_counter_that_runs_backwards_counts_nothing_until_it_passes_its_highest_reading() -> None:
    assert summary(counted(100, 101, 99, 100, 101, 103)) == (1 + 2, ["backwards"])


def test_broken_readings_are_left_out_and_told() -> None:
    assert summary(counted(1, float("nan"), -5, 3)) == (2, ["negative"])
    assert summary(counted(1, 2.5, 4))[1] == ["not_whole"]


def test_more_parts_than_the_machine_can_make_are_counted_and_told() -> None:
    assert summary(counted(0, 50, shortest_cycle=SECOND)) == (50, ["too_many"])


def test_parts_count_for_the_window_in_which_they_were_read() -> None:
    found = counted(0, 2, 5, 9)
    assert [found.between(0, 1 * SECOND), found.between(SECOND, 3 * SECOND), found.between(0, 9 * SECOND)] == [2, 7, 9]


def test_readings_out_of_order_are_put_in_order_first() -> None:
    time = np.array([0, 2, 1], np.int64) * SECOND
    assert summary(parts_of(time, np.array([0.0, 5.0, 3.0]))) == (5, [])
