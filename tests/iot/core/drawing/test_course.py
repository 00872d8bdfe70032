"""A signal over time as a picture: gaps stay open, marks of time fall on round moments of the clock, also when it changes."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from defusedxml import ElementTree

from nordlotse.iot.core.drawing.course import Band, breaks, course, gaps, ticks
from nordlotse.iot.core.showing.words import ZONE
from nordlotse.iot.core.store.buckets import Summing, edges
from nordlotse.iot.core.values import Buckets, Kind, Rows, Times

SECOND, HOUR = 1_000_000, 3_600_000_000


def stretches(times: Times, begin: int, end: int, count: int) -> Buckets:
    summing = Summing(edges(begin, end, count))
    n = len(times)
    zero = np.zeros(n, np.uint8)
    summing.rows(Rows(times, np.sin(np.arange(n)), np.full(n, Kind.NUMBER, np.uint8), zero, times))
    return summing.made()


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=ZONE).astimezone(UTC).timestamp()) * SECOND  # type: ignore[arg-type, misc]


def test_an_hour_without_values_is_a_gap_and_the_pauses_of_a_slow_signal_are_none() -> None:
    fast = np.arange(0, 6 * HOUR, SECOND)
    fast = fast[(fast < 2 * HOUR) | (fast >= 3 * HOUR)]
    assert gaps(stretches(fast, 0, 6 * HOUR, 60), 6 * HOUR) == [(20, 29)]
    slow = np.arange(0, 6 * HOUR, 60 * SECOND)
    assert gaps(stretches(slow, 0, 6 * HOUR, 720), 6 * HOUR) == [(719, 719)]


def test_before_the_first_and_behind_the_last_value_nothing_is_drawn() -> None:
    assert gaps(stretches(np.arange(2 * HOUR, 3 * HOUR, SECOND), 0, 6 * HOUR, 6), 6 * HOUR) == [(0, 1), (3, 5)]


def test_single_values_break_where_the_pause_is_five_times_the_usual() -> None:
    assert breaks(np.array([0, 10, 20, 30, 90, 100]) * SECOND) == [3]
    assert breaks(np.array([0, 10, 20, 30, 75, 85]) * SECOND) == []


@pytest.mark.parametrize(
    ("begin", "end", "first", "last", "count"),
    [
        (at(2026, 10, 25), at(2026, 10, 26), "00:00", "00:00", 9),  # 25 hours long
        (at(2026, 3, 29), at(2026, 3, 30), "00:00", "00:00", 9),  # 23 hours long
    ],
)
def test_marks_of_a_day_stand_at_whole_hours_of_berlin_also_when_the_clock_changes(
    begin: int, end: int, first: str, last: str, count: int
) -> None:
    found = ticks(begin, end, 9, ZONE)
    said = [tick.said("de") for tick in found]
    assert said[0] == first
    assert said[-1] == last
    assert len(said) == count
    assert all(tick.when.hour % 3 == 0 and tick.when.minute == 0 for tick in found)


def test_marks_of_a_year_are_months_and_of_a_second_its_parts() -> None:
    year = ticks(at(2026, 1, 1), at(2027, 1, 1), 13, ZONE)
    assert [tick.said("de") for tick in year][:2] == ["1/26", "2/26"]
    assert len(year) == 13
    assert [tick.said("de") for tick in ticks(0, SECOND, 5, ZONE)] == ["00.0", "00.2", "00.4", "00.6", "00.8", "01.0"]


def test_the_picture_is_sound_names_itself_and_holds_its_bands() -> None:
    buckets = stretches(np.arange(0, HOUR, SECOND), 0, HOUR, 240)
    drawn = course(buckets, 0, HOUR, "Strom & mehr", "de", ZONE, bands=[Band(0, HOUR // 2, "#a3262e", "course__alarm")])
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Strom & mehr"
    assert len([e for e in root.iter() if e.get("class") == "course__alarm"]) == 1
    assert len([e for e in root.iter() if e.get("class") == "course__line"]) == 1
    assert " style=" not in drawn


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    assert course(stretches(np.array([], np.int64), 0, HOUR, 10), 0, HOUR, "", "de", ZONE) == ""


def test_where_the_pace_changes_nothing_is_missing() -> None:
    slow, fast = np.arange(0, 3000 * SECOND, 10 * SECOND), np.arange(3000 * SECOND, 3600 * SECOND, SECOND)
    times = np.concatenate([slow, fast])
    assert breaks(times) == []
    assert gaps(stretches(times, 0, HOUR, 720), HOUR) == []
    assert breaks(np.delete(times, slice(100, 120))) == [99]
