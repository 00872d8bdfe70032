"""What a person does to a rule or a watch while a turn of the lane is under way: it holds, and nothing the turn had read goes over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nordlotse.iot.actions import rules, watching
from nordlotse.iot.alarming import Lane
from nordlotse.iot.models import Alarm, Hall, Machine, Rule, Watch
from tests.iot.written import Written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_of_long_ago")]

SECOND, HOUR = 1_000_000, 3_600_000_000
HOT = {"name": "Zu heiß", "kind": "above", "high": 80.0}


@pytest.fixture
def oven(hall: Hall) -> Machine:
    return Machine.objects.create(hall=hall, name="ofen", signals={"T": {"unit": "°C"}})


@pytest.fixture
def written(hall: Hall) -> Written:
    return Written(hall.store)


def turn_while(lane: Lane, now: int, do: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a turn of the lane; after it has read its list, and before it does anything with it, somebody does `do`."""
    real = Lane._shared

    def during(self: Lane, store: str, does: Any) -> int:
        do()
        return real(self, store, does)

    with monkeypatch.context() as patched:
        patched.setattr(Lane, "_shared", during)
        lane.turn(now)


def test_a_rule_switched_off_while_a_turn_runs_raises_nothing(
    oven: Machine, written: Written, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = rules.put(oven, "T", HOT)
    lane = Lane()
    written.put("ofen", "T", [now - 3 * SECOND], [20.0])
    lane.turn(now)
    written.put("ofen", "T", [now - SECOND], [95.0])
    turn_while(lane, now + SECOND, lambda: rules.switch(oven, rule.pk, False), monkeypatch)
    assert not Alarm.objects.exists()


def test_a_rule_deleted_while_a_turn_runs_raises_nothing_and_stops_nothing(
    oven: Machine, written: Written, now: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rule = rules.put(oven, "T", HOT)
    lane = Lane()
    written.put("ofen", "T", [now - SECOND], [95.0])
    turn_while(lane, now, lambda: rules.remove(oven, rule.pk), monkeypatch)
    assert not Alarm.objects.exists()
    assert "iot_alarms_failed" not in caplog.text


@pytest.mark.parametrize("high", [90.0, 80.0])
def test_a_rule_put_anew_while_a_turn_runs_alarms_again(
    oven: Machine, written: Written, now: int, monkeypatch: pytest.MonkeyPatch, high: float
) -> None:
    rule = rules.put(oven, "T", HOT)
    lane = Lane()
    written.put("ofen", "T", [now - 3 * SECOND], [95.0])
    lane.turn(now)
    for held in lane._ruling._held.values():
        held.kept_at -= 60  # the half minute is over: where the rule stands is kept in this turn
    written.put("ofen", "T", [now], [96.0])
    turn_while(lane, now + SECOND, lambda: rules.put(oven, "T", {**HOT, "high": high}, rule.pk), monkeypatch)
    assert not Alarm.objects.filter(end=None).exists()
    for second in range(40, 50):
        written.put("ofen", "T", [now + second * SECOND], [97.0])
        lane.turn(now + (second + 1) * SECOND)
    assert Alarm.objects.filter(end=None).count() == 1


def test_a_worker_that_ends_does_not_keep_where_a_changed_rule_stood(oven: Machine, written: Written, now: int) -> None:
    rule = rules.put(oven, "T", HOT)
    lane = Lane()
    written.put("ofen", "T", [now - 3 * SECOND], [95.0])
    lane.turn(now)
    rules.put(oven, "T", {**HOT, "high": 90.0}, rule.pk)
    lane.keep()
    assert Rule.objects.get().standing.get("phase", "quiet") == "quiet"


def test_a_worker_that_ends_keeps_where_its_rules_stand(oven: Machine, written: Written, now: int) -> None:
    rule = rules.put(oven, "T", HOT)
    rules.switch(oven, rule.pk, True)
    lane = Lane()
    written.put("ofen", "T", [now - 3 * SECOND], [95.0])
    lane.turn(now)
    lane.keep()
    assert Rule.objects.get().standing["phase"] == "raised"
    assert Lane().turn(now + SECOND) == 0


def test_a_watch_switched_off_while_a_turn_runs_raises_nothing(
    oven: Machine, written: Written, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(1)
    at = [now - k * SECOND for k in range(2 * 3600, 0, -1)]
    for signal in "abc":
        written.put("ofen", signal, at, list(noise.normal(10, 1, len(at))))
    watching.learn(oven, now - 2 * HOUR, now)
    lane = Lane()
    lane.turn(now)
    later = now + 300 * SECOND
    after = [now + k * SECOND for k in range(300)]
    for signal in "abc":
        written.put("ofen", signal, after, list(noise.normal(60, 1, len(after))))
    turn_while(lane, later, lambda: watching.switch(oven, False), monkeypatch)
    assert not Alarm.objects.exists()
    watching.switch(oven, True)
    Watch.objects.update(seen_until=now + SECOND)
    assert lane.turn(later) > 0
