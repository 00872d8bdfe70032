"""One damage is one alarm: what the watch says later of the same sensors joins it, with numbers, and ends when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.iot.actions import alarms as actions
from nordlotse.iot.alarming_watch import HeldWatch, close_notices, judged_row
from nordlotse.iot.core.anomaly.live import Judged
from nordlotse.iot.core.anomaly.values import Notice, Reason, Verdict
from nordlotse.iot.models import Alarm, Hall, Machine, Watch
from nordlotse.iot.queries import alarm_page, alarms, together

pytestmark = pytest.mark.django_db

SECOND, MINUTE = 1_000_000, 60_000_000
DRIFT = Notice("drift", "Spindeltemperatur", 7, 56.2, 41.0, 47.5)


@pytest.fixture
def watch(hall: Hall) -> Watch:
    signals = {"Spindeltemperatur": {"unit": "°C"}, "Vibration": {"unit": "mm/s"}}
    machine = Machine.objects.create(hall=hall, name="fraese", signals=signals)
    return Watch.objects.create(machine=machine, learned_at=timezone.now() - timedelta(days=1))


@pytest.fixture
def held() -> HeldWatch:
    """A watch in memory that says nothing of its own; `lasting` is what its sensors are said to be."""
    return HeldWatch((), cast(Any, SimpleNamespace(lasting=frozenset())), 30 * SECOND, None, {}, 0.0)


def unusual(at: int, *sensors: str, score: float = 2.0) -> Judged:
    reasons = tuple(Reason(one, 1 / len(sensors), 9.0, 2.0, "value") for one in sensors)
    return Judged(at, Verdict(score, True, reasons))


def quiet(at: int, *notices: Notice) -> Judged:
    return Judged(at, Verdict(0.1, False, (), notices))


def meet(held: HeldWatch, watch: Watch, rows: Sequence[Judged]) -> int:
    return sum(judged_row(held, watch, one)[0] for one in rows)


def test_a_drift_of_a_sensor_of_a_confirmed_alarm_waits_for_nobody_again(
    held: HeldWatch, watch: Watch, hall: Hall, now: int
) -> None:
    meet(held, watch, [unusual(now - 8 * MINUTE, "Vibration", "Spindeltemperatur")])
    actions.acknowledge(Alarm.objects.get())
    Alarm.objects.update(told=["a0"])
    meet(held, watch, [unusual(now - MINUTE, "Vibration"), Judged(now - MINUTE + SECOND, Verdict(2.0, True, unusual(0, "Vibration").verdict.reasons, (DRIFT,)))])  # fmt: skip
    drift = Alarm.objects.get(kind="drift")
    assert drift.acknowledged_at is not None and drift.told == ["a0"], "nobody is told of it a second time"
    assert alarms.waiting(hall) == 0
    assert {one.kind for one in together.beside(drift)} == {"unusual", "drift"}


def test_a_sensor_that_moved_out_later_in_the_burst_is_coupled_too(
    held: HeldWatch, watch: Watch, hall: Hall, now: int
) -> None:
    meet(held, watch, [unusual(now - 20 * SECOND, "Vibration")])
    actions.acknowledge(Alarm.objects.get())
    later = Judged(now, Verdict(2.0, True, unusual(0, "Vibration").verdict.reasons, (DRIFT,)))
    meet(held, watch, [unusual(now - 10 * SECOND, "Vibration", "Spindeltemperatur"), later])
    assert alarms.waiting(hall) == 0


def test_a_drift_of_a_sensor_that_has_nothing_to_do_with_it_waits(
    held: HeldWatch, watch: Watch, hall: Hall, now: int
) -> None:
    meet(held, watch, [unusual(now - 8 * MINUTE, "Kühlmitteldruck")])
    actions.acknowledge(Alarm.objects.get())
    meet(held, watch, [quiet(now, DRIFT)])
    assert alarms.waiting(hall) == 1


def test_a_drift_after_a_false_alarm_is_new(held: HeldWatch, watch: Watch, hall: Hall, now: int) -> None:
    meet(held, watch, [unusual(now - 8 * MINUTE, "Spindeltemperatur", "Vibration")])
    actions.judge(Alarm.objects.get(), "false")
    meet(held, watch, [quiet(now, DRIFT)])
    assert alarms.waiting(hall) == 1


def test_a_drift_beside_an_alarm_that_waits_is_the_same_matter(
    held: HeldWatch, watch: Watch, hall: Hall, now: int
) -> None:
    meet(held, watch, [unusual(now - 8 * MINUTE, "Vibration", "Spindeltemperatur"), quiet(now, DRIFT)])
    assert Alarm.objects.count() == 2 and alarms.waiting(hall) == 1


def test_a_drift_has_its_numbers_and_lasts_until_the_sensor_is_as_usual(
    held: HeldWatch, watch: Watch, now: int
) -> None:
    meet(held, watch, [quiet(now - 5 * MINUTE, DRIFT)])
    held.live = cast(Any, SimpleNamespace(lasting=frozenset({("drift", "Spindeltemperatur")})))
    assert not close_notices(held, now - MINUTE)
    shown = alarm_page.shown(Alarm.objects.get(), "de")
    assert "56,2 °C" in shown.sentence and "41 °C" in shown.sentence and "47,5 °C" in shown.sentence
    assert (shown.reasons[0].seen, shown.reasons[0].usual, shown.reasons[0].limit) == ("56,2 °C", "41 °C", "47,5 °C")
    held.live = cast(Any, SimpleNamespace(lasting=frozenset()))
    assert close_notices(held, now - MINUTE)
    assert alarm_page.shown(Alarm.objects.get(), "de").listed.lasted == "4 min"


def test_a_drift_that_comes_back_goes_on(held: HeldWatch, watch: Watch, now: int) -> None:
    meet(held, watch, [quiet(now - 50 * MINUTE, DRIFT)])
    close_notices(held, now - 40 * MINUTE)
    assert meet(held, watch, [quiet(now, DRIFT)]) == 0
    assert Alarm.objects.get().end is None


def test_the_watch_s_alarm_goes_on_after_a_pause_and_is_new_after_hours(
    held: HeldWatch, watch: Watch, now: int
) -> None:
    meet(held, watch, [unusual(now - 300 * MINUTE, "Vibration"), quiet(now - 298 * MINUTE)])
    assert Alarm.objects.get().end is not None
    assert meet(held, watch, [unusual(now - 290 * MINUTE, "Vibration")]) == 0
    assert Alarm.objects.get().end is None
    assert meet(held, watch, [quiet(now - 288 * MINUTE), unusual(now, "Vibration")]) == 1


def test_one_answer_is_everybody_s_who_belongs_together_and_counts_once(
    client: Client, held: HeldWatch, watch: Watch, hall: Hall, now: int
) -> None:
    meet(held, watch, [unusual(now - 8 * MINUTE, "Vibration", "Spindeltemperatur"), quiet(now, DRIFT)])
    first, second = Alarm.objects.order_by("pk")
    page = f"/maschinen/{hall.pk}/alarme/{first.pk}/"
    assert "Ihre Antwort gilt für alle 2 Alarme" in client.get(page).content.decode()
    client.post(page, {"do": "judge", "verdict": "real", "mit": [str(second.pk)], "note": "Lager"})
    assert [one.verdict for one in Alarm.objects.order_by("pk")] == ["real", "real"]
    assert [one.note for one in Alarm.objects.order_by("pk")] == ["Lager", ""]
    counted = alarms.counted(hall, now - 60 * MINUTE, now + MINUTE)
    assert (counted.matters, counted.alarms, counted.real, counted.false, counted.unsaid) == (1, 2, 1, 0, 0)


def test_an_answer_never_reaches_an_alarm_that_was_not_shown(
    client: Client, held: HeldWatch, watch: Watch, hall: Hall, now: int
) -> None:
    meet(held, watch, [unusual(now - 8 * MINUTE, "Vibration", "Spindeltemperatur"), quiet(now, DRIFT)])
    first = Alarm.objects.order_by("pk")[0]
    client.post(f"/maschinen/{hall.pk}/alarme/{first.pk}/", {"do": "judge", "verdict": "real"})
    assert [one.verdict for one in Alarm.objects.order_by("pk")] == ["real", ""]


def test_an_alarm_keeps_the_highest_score_though_its_reasons_change_only_with_a_clearly_higher_one(
    held: HeldWatch, watch: Watch, now: int
) -> None:
    meet(held, watch, [unusual(now - 3 * SECOND, "Vibration", score=5.85), unusual(now - 2 * SECOND, "Spindeltemperatur", score=6.419)])  # fmt: skip
    alarm = Alarm.objects.get()
    assert (alarm.score, alarm.reasons[0]["sensor"]) == (6.419, "Vibration")
    meet(held, watch, [unusual(now - SECOND, "Spindeltemperatur", score=6.5)])
    alarm.refresh_from_db()
    assert (alarm.score, alarm.reasons[0]["sensor"]) == (6.5, "Spindeltemperatur")
