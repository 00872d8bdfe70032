"""The list of alarms: each one can be reached, however many there are and whatever somebody has looked at."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.iot.models import Alarm, Hall, Machine

pytestmark = pytest.mark.django_db

MINUTE = 60_000_000
BEGIN = 1_795_000_000_000_000


@pytest.fixture
def mill() -> Machine:
    return Machine.objects.create(hall=Hall.objects.create(name="Halle 2"), name="fraese")


def alarm(machine: Machine, begin: int, *, seen: bool) -> Alarm:
    return Alarm.objects.create(
        machine=machine,
        kind="above",
        begin=begin,
        end=begin + 1_000_000,
        reasons=[{"sensor": f"x{Alarm.objects.count()}"}],  # each of a source of its own
        acknowledged_at=timezone.now() if seen else None,
    )


def reached(client: Client, hall: Hall) -> list[int]:
    """Return the numbers of the alarms on the list and on all pages it leads to, as often as they stand there."""
    found: list[int] = []
    todo, done = [f"/maschinen/{hall.pk}/alarme/"], set()
    while todo:
        page = todo.pop()
        if page in done:
            continue
        done.add(page)
        assert len(done) < 20
        text = client.get(page).content.decode()
        found += {int(number) for number in re.findall(r"/alarme/(\d+)/", text)}
        todo += [f"/maschinen/{hall.pk}/alarme/{more}" for more in re.findall(r'href="(\?[^"]+)"', text)]
    return sorted(found)


def test_one_old_alarm_nobody_looked_at_hides_none_of_the_others(client: Client, mill: Machine) -> None:
    alarm(mill, BEGIN, seen=False)
    for k in range(120):
        alarm(mill, BEGIN + (k + 1) * 20 * MINUTE, seen=True)
    assert reached(client, mill.hall) == sorted(Alarm.objects.values_list("pk", flat=True))


def test_alarms_nobody_looked_at_are_all_reached_too(client: Client, mill: Machine) -> None:
    for k in range(120):
        alarm(mill, BEGIN + k * 20 * MINUTE, seen=k % 2 == 0)
    assert reached(client, mill.hall) == sorted(Alarm.objects.values_list("pk", flat=True))


def test_alarms_that_began_at_the_same_time_or_were_noted_late_are_all_reached(client: Client, mill: Machine) -> None:
    for _ in range(70):
        alarm(mill, BEGIN, seen=True)
    for k in range(60):  # noted later, begun earlier
        alarm(mill, BEGIN - (k + 1) * 20 * MINUTE, seen=True)
    assert reached(client, mill.hall) == sorted(Alarm.objects.values_list("pk", flat=True))


def test_a_further_page_does_not_say_that_no_alarm_waits(client: Client, mill: Machine) -> None:
    alarm(mill, BEGIN, seen=False)
    last = alarm(mill, BEGIN + 20 * MINUTE, seen=True)
    page = client.get(f"/maschinen/{mill.hall_id}/alarme/?vor={last.begin}-{last.pk}").content.decode()
    assert "Kein Alarm wartet" not in page and "Zu den neuesten Alarmen" in page


@pytest.mark.parametrize("place", ["1", "x-y", "-", "9" * 40 + "-1", "\u0662-1", "1-1-1"])
def test_a_place_that_is_none_shows_the_list_from_its_begin(client: Client, mill: Machine, place: str) -> None:
    alarm(mill, BEGIN, seen=True)
    page = client.get(f"/maschinen/{mill.hall_id}/alarme/", {"vor": place})
    assert page.status_code == 200
