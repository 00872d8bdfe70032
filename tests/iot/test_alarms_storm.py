"""A value that goes beyond its limit again and again fills no list: it is one alarm, or a few."""

from __future__ import annotations

import time

import pytest

from nordlotse.iot import alarming
from nordlotse.iot.actions import alarms, rules
from nordlotse.iot.alarming import Lane
from nordlotse.iot.models import Alarm, Hall, Machine
from tests.iot.written import Written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_of_long_ago")]

SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
HOT = {"name": "Zu heiß", "kind": "above", "high": 80.0}


@pytest.fixture
def oven() -> Machine:
    return Machine.objects.create(hall=Hall.objects.create(name="Halle 2"), name="ofen")


@pytest.fixture
def begin() -> int:
    return time.time_ns() // 1000 - 5 * HOUR


def hot(written: Written, lane: Lane, at: list[int], length: int = SECOND) -> None:
    """Show a value too hot at each of the moments (µs), well again `length` later, and let the lane judge it at once."""
    for moment in at:
        written.put("ofen", "T", [moment], [95.0])
        lane.turn(moment)
        written.put("ofen", "T", [moment + length], [20.0])
        lane.turn(moment + length)


@pytest.mark.parametrize(("every", "most"), [(45 * SECOND, 2), (2 * MINUTE, 3), (10 * MINUTE, 4)])
def test_a_value_too_hot_again_and_again_for_hours_is_a_few_alarms(
    oven: Machine, begin: int, every: int, most: int
) -> None:
    rules.put(oven, "T", HOT)
    hot(Written(oven.hall.store), Lane(), [begin + k * every for k in range(1, 5 * HOUR // every)][:40])
    assert 1 <= Alarm.objects.count() <= most
    assert not Alarm.objects.filter(end=None).exists()


def test_a_rule_raises_no_more_than_six_alarms_in_an_hour_that_nobody_looks_at(oven: Machine, begin: int) -> None:
    rules.put(oven, "T", HOT)
    gaps = [31, 121, 481, 901, 901, 901]
    at = [begin]
    for gap in gaps:
        at.append(at[-1] + (gap + 1) * SECOND)
    hot(Written(oven.hall.store), Lane(), at)
    assert Alarm.objects.count() == 6


def test_what_comes_back_after_an_hour_of_quiet_is_another_alarm(oven: Machine, begin: int) -> None:
    rules.put(oven, "T", HOT)
    hot(Written(oven.hall.store), Lane(), [begin, begin + HOUR])
    assert Alarm.objects.count() == 2


def test_what_comes_after_the_limit_was_moved_is_another_alarm(oven: Machine, begin: int) -> None:
    rule = rules.put(oven, "T", HOT)
    written, lane = Written(oven.hall.store), Lane()
    hot(written, lane, [begin])
    rules.put(oven, "T", {**HOT, "high": 90.0}, rule.pk)
    hot(written, lane, [begin + 10 * SECOND])
    assert [one.reasons[0]["usual"] for one in Alarm.objects.order_by("pk")] == [80.0, 90.0]


def test_what_comes_minutes_after_one_called_false_is_another_alarm(oven: Machine, begin: int) -> None:
    rules.put(oven, "T", HOT)
    written, lane = Written(oven.hall.store), Lane()
    hot(written, lane, [begin])
    alarms.judge(Alarm.objects.get(), Alarm.Verdict.FALSE)
    hot(written, lane, [begin + 2 * MINUTE])
    assert Alarm.objects.count() == 2


def test_an_alarm_is_deleted_a_year_after_its_end_and_one_that_lasts_stays(oven: Machine) -> None:
    now, day = time.time_ns() // 1000, 24 * HOUR
    for end in (now - 366 * day, now - 364 * day, None):
        Alarm.objects.create(machine=oven, kind="above", begin=now - 400 * day, end=end)
    alarming.forget()
    assert [one.end for one in Alarm.objects.order_by("pk")] == [now - 364 * day, None]


def test_what_comes_minutes_after_one_that_somebody_looks_after_is_another_alarm(oven: Machine, begin: int) -> None:
    rules.put(oven, "T", HOT)
    written, lane = Written(oven.hall.store), Lane()
    hot(written, lane, [begin])
    alarms.acknowledge(Alarm.objects.get())
    hot(written, lane, [begin + 2 * MINUTE])
    assert [one.acknowledged_at is None for one in Alarm.objects.order_by("pk")] == [False, True]


def test_who_looks_after_each_alarm_of_a_swinging_value_gets_a_few(oven: Machine, begin: int) -> None:
    rules.put(oven, "T", HOT)
    written, lane = Written(oven.hall.store), Lane()
    for k in range(30):
        hot(written, lane, [begin + k * 100 * SECOND])
        for one in Alarm.objects.filter(acknowledged_at=None):
            alarms.acknowledge(one)
    assert 2 <= Alarm.objects.count() <= 4
