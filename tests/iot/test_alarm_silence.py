"""Time without data never counts: not towards how long a condition must last, nor towards how long an alarm lasted, live and in the trial."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nordlotse.iot import alarming_rules
from nordlotse.iot.actions import rules
from nordlotse.iot.alarming import Lane
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries import rules as queries
from tests.iot.written import Written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_of_long_ago")]

SECOND, MINUTE = 1_000_000, 60_000_000
STRONG = {"name": "Strom hoch", "kind": "above", "high": 15.0, "delay": 30.0}
#: Two minutes in order, then eleven seconds above.
ABOVE = [5.0] * 120 + [17.4] * 11


@pytest.fixture
def saw(hall: Hall) -> Machine:
    return Machine.objects.create(hall=hall, name="saege", title="Säge", signals={"Strom": {"unit": "A"}})


@pytest.fixture
def written(hall: Hall) -> Written:
    return Written(hall.store)


def put(written: Written, end: int, values: list[Any], step: int = SECOND) -> None:
    """Show values, the last at `end`."""
    written.put("saege", "Strom", [end - (len(values) - 1 - k) * step for k in range(len(values))], values)


def live(lane: Lane, begin: int, end: int, step: int = SECOND) -> int:
    return sum(lane.turn(at) for at in range(begin, end, step))


def test_a_machine_that_falls_silent_before_the_delay_is_over_raises_nothing(
    saw: Machine, written: Written, now: int
) -> None:
    rules.put(saw, "Strom", STRONG)
    lane, last = Lane(), now - 5 * MINUTE
    put(written, last, ABOVE[:-1])
    lane.turn(last)
    put(written, last + SECOND, [17.4])
    assert live(lane, last + SECOND, last + 2 * MINUTE) == 0
    put(written, now, [17.4] * 5)
    assert live(lane, now, now + 10 * SECOND) == 0, "behind the silence it is watched anew"


def test_a_machine_that_goes_on_sending_above_the_limit_raises_after_the_delay(
    saw: Machine, written: Written, now: int
) -> None:
    rules.put(saw, "Strom", STRONG)
    lane = Lane()
    put(written, now - 29 * SECOND, [5.0] * 60 + [17.4])
    lane.turn(now - 29 * SECOND)
    put(written, now, [17.4] * 29)
    assert lane.turn(now) == 0
    put(written, now + SECOND, [17.4])
    assert lane.turn(now + SECOND) == 1


def test_a_machine_that_sends_only_what_changes_is_believed_while_it_is_silent(
    saw: Machine, written: Written, now: int
) -> None:
    saw.states = {"kind": "counter", "signal": "Teile", "on_change": True}
    saw.save()
    rules.put(saw, "Strom", STRONG)
    lane = Lane()
    put(written, now, ABOVE)
    assert live(lane, now, now + 25 * SECOND) == 1


def test_an_alarm_that_has_begun_stays_while_nothing_comes_and_ends_where_it_was_seen_last(
    saw: Machine, written: Written, now: int
) -> None:
    rules.put(saw, "Strom", STRONG)
    lane, last = Lane(), now - 7 * MINUTE
    put(written, last, [5.0] * 60 + [17.4])
    lane.turn(last)
    last += 40 * SECOND
    put(written, last, [17.4] * 40)
    assert live(lane, last, last + 3 * MINUTE, 10 * SECOND) == 1
    assert Alarm.objects.get().end is None
    put(written, now, [5.0])
    lane.turn(now)
    assert Alarm.objects.get().end == last


def test_the_trial_finds_no_alarm_in_a_gap(saw: Machine, written: Written, now: int) -> None:
    put(written, now - 8 * MINUTE, ABOVE)
    put(written, now - SECOND, [5.0] * 60)
    told = queries.preview(saw, "Strom", STRONG, "de")
    assert told.rows == () and "hätte" in told.sentence and "0 Alarme" in told.sentence


def test_the_trial_finds_an_alarm_that_lasts_and_counts_no_gap_towards_it(
    saw: Machine, written: Written, now: int
) -> None:
    put(written, now - 8 * MINUTE, [5.0] * 60 + [17.4] * 61)
    put(written, now - SECOND, [5.0] * 60)
    (found,) = queries.rehearsed(saw, STRONG, queries.past(saw, "Strom"))
    assert found.end is not None and found.end - found.begin == pytest.approx(30.0)


def test_how_often_a_signal_speaks_is_told_from_minutes_where_it_speaks_often(
    saw: Machine, written: Written, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.put(saw, "Strom", STRONG)
    lane, asked = Lane(), []
    put(written, now - 30 * MINUTE, [5.0] * 3000)
    put(written, now, [5.0] * 1000 + [17.4] * 20)
    told = alarming_rules.pace_of
    monkeypatch.setattr(
        alarming_rules, "pace_of", lambda times, on_change: asked.append(len(times)) or told(times, on_change)
    )
    lane.turn(now)
    assert asked and max(asked) <= 1200
    assert told(np.arange(600) * SECOND, False) == told(np.arange(4000) * SECOND, False)
