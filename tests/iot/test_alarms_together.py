"""Alarms of one machine at the same time are one matter: one card, one line, one tap."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from nordlotse.iot.actions import alarms as actions
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries import alarm_page, alarms, standing, together

pytestmark = pytest.mark.django_db

MINUTE = 60_000_000


@pytest.fixture
def mill(hall: Hall) -> Machine:
    return Machine.objects.create(hall=hall, name="fraese", title="Fräse")


def alarm(machine: Machine, begin: int, end: int | None, sensor: str = "Vibration", **more: Any) -> Alarm:
    reason = {"sensor": sensor, "share": 1.0, "seen": 5.0, "usual": 4.0}
    return Alarm.objects.create(machine=machine, kind="above", begin=begin, end=end, reasons=[reason], **more)


def test_alarms_that_overlap_are_one_matter_and_the_first_leads(mill: Machine, now: int) -> None:
    late = alarm(mill, now - 5 * MINUTE, None, "Spindeltemperatur")
    first = alarm(mill, now - 30 * MINUTE, now - 4 * MINUTE)
    (group,) = together.groups([late, first])
    assert group == (first, late)


def test_that_no_values_come_is_a_matter_of_its_own(mill: Machine, hall: Hall, now: int) -> None:
    strong = alarm(mill, now - 8 * MINUTE, now - 6 * MINUTE, "Strom")
    silent = alarm(mill, now - 7 * MINUTE, None, "Strom")
    Alarm.objects.filter(pk=silent.pk).update(kind="silent")
    silent.refresh_from_db()
    assert together.groups([strong, silent]) == [(silent,), (strong,)]
    assert [one.pk for one in together.beside(silent)] == [silent.pk]
    assert alarms.waiting(hall) == 2


def test_alarms_hours_apart_and_of_two_machines_stay_apart(hall: Hall, mill: Machine, now: int) -> None:
    other = Machine.objects.create(hall=hall, name="ofen")
    alarm(mill, now - 300 * MINUTE, now - 200 * MINUTE)
    alarm(mill, now - 5 * MINUTE, None)
    alarm(other, now - 5 * MINUTE, None)
    assert alarms.waiting(hall) == 3


def test_one_that_somebody_looks_after_hides_no_new_one(mill: Machine, hall: Hall, now: int) -> None:
    actions.acknowledge(alarm(mill, now - 30 * MINUTE, None))
    alarm(mill, now - 5 * MINUTE, None)
    assert alarms.waiting(hall) == 1
    assert [one.seen for one in standing.alarms(mill, now, "de")] == [False, True]


def test_one_tap_acknowledges_all_that_were_shown_and_none_that_came_since(
    client: Client, hall: Hall, mill: Machine, now: int
) -> None:
    first, second = alarm(mill, now - 30 * MINUTE, None), alarm(mill, now - 5 * MINUTE, None, "Strom")
    page = f"/maschinen/{hall.pk}/alarme/{first.pk}/"
    assert f'name="mit" value="{second.pk}"' in client.get(page).content.decode()
    since = alarm(mill, now, None, "Last")
    client.post(page, {"do": "seen", "mit": [str(second.pk)]})
    waiting = Alarm.objects.filter(acknowledged_at=None)
    assert list(waiting) == [since]


def test_one_tap_acknowledges_nothing_that_happened_at_another_time(
    client: Client, hall: Hall, mill: Machine, now: int
) -> None:
    old, new = alarm(mill, now - 900 * MINUTE, now - 800 * MINUTE), alarm(mill, now - 5 * MINUTE, None)
    client.post(f"/maschinen/{hall.pk}/alarme/{new.pk}/", {"do": "seen", "mit": [str(old.pk)]})
    assert list(Alarm.objects.filter(acknowledged_at=None)) == [old]


def test_the_list_shows_one_card_and_the_advice_is_the_leading_sensors(
    client: Client, hall: Hall, mill: Machine, now: int
) -> None:
    alarm(mill, now - 30 * MINUTE, None)
    late = alarm(mill, now - 5 * MINUTE, None, "Temperatur")
    page = client.get(f"/maschinen/{hall.pk}/alarme/").content.decode()
    assert page.count('class="card card--stop"') == 1 and "1 Alarm wartet" in page
    shown = alarm_page.shown(late, "de")
    assert shown.leader == "Vibration" and "Lager" in shown.first


def test_what_somebody_looks_after_looks_different_on_the_page_of_now(
    client: Client, hall: Hall, mill: Machine, now: int
) -> None:
    one = alarm(mill, now - 30 * MINUTE, None)
    page = f"/maschinen/{hall.pk}/m/{mill.pk}/"
    assert "finding--stop" in client.get(page).content.decode()
    actions.acknowledge(one)
    said = client.get(page).content.decode()
    assert "finding--stop" not in said and "(bestätigt)" in said
