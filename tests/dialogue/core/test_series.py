"""Series: dates by rule keep their time of day, and no rule of a stranger runs away."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.dialogue.core.series import MAX_DATES, dates, occurrences, same_weekday
from nordlotse.dialogue.core.values import ZONE
from nordlotse.foundation.problem import BadInput

TUESDAY = datetime(2026, 10, 6, 10, tzinfo=ZONE)


def test_a_weekly_series_keeps_its_clock_time_when_summer_time_ends() -> None:
    found = dates(TUESDAY, "FREQ=WEEKLY;COUNT=5")
    assert [d.astimezone(ZONE).hour for d in found] == [10] * 5
    assert [d.astimezone(UTC).hour for d in found] == [8, 8, 8, 9, 9]


def test_the_second_tuesday_of_a_month_stays_a_second_tuesday() -> None:
    begin = datetime(2026, 10, 13, 10, tzinfo=ZONE)
    found = dates(begin, same_weekday(begin) + ";COUNT=4")
    assert [d.date().isoformat() for d in found] == ["2026-10-13", "2026-11-10", "2026-12-08", "2027-01-12"]


def test_a_fifth_weekday_becomes_the_last_one() -> None:
    assert same_weekday(datetime(2026, 9, 29, 10, tzinfo=ZONE)) == "FREQ=MONTHLY;BYDAY=-1TU"


def test_until_with_z_is_universal_time() -> None:
    # 8:00 UTC is 10:00 in Berlin on 6 October: the date itself still counts, the next week does not.
    assert len(list(occurrences(TUESDAY, "FREQ=WEEKLY;UNTIL=20261006T080000Z"))) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;COUNT=5",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;COUNT=1",
        "FREQ=WEEKLY",
        f"FREQ=WEEKLY;COUNT={MAX_DATES + 1}",
        "FREQ=WEEKLY;BYHOUR=1,2,3",
        "",
        "COUNT=3",
        "FREQ=WEEKLY;COUNT=drei",
        "FREQ=WEEKLY;INTERVAL=0;COUNT=3",
        "FREQ=WEEKLY;FREQ=DAILY;COUNT=3",
        "FREQ=WEEKLY;COUNT=3;X=" + "1" * 400,
        "FREQ=WEEKLY;UNTIL=morgen",
    ],
)
def test_a_rule_that_is_no_plan_is_refused(rule: str) -> None:
    with pytest.raises(BadInput):
        dates(TUESDAY, rule)


@settings(deadline=None)
@given(
    rule=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), interval=st.integers(1, 9), count=st.integers(2, 60)
)
def test_a_series_has_as_many_dates_as_asked_for_in_order_and_none_twice(rule: str, interval: int, count: int) -> None:
    found = dates(TUESDAY, f"FREQ={rule};INTERVAL={interval};COUNT={count}")
    assert len(found) == count
    assert found == sorted(set(found))
    assert {d.astimezone(ZONE).time() for d in found} == {TUESDAY.time()}


def test_a_rule_without_an_end_can_be_read_in_part() -> None:
    assert len(list(islice(occurrences(TUESDAY, "FREQ=DAILY"), 100))) == 100
