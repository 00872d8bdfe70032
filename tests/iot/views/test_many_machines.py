"""The pages of a hall ask the database as often for many machines as for few."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nordlotse.iot.actions import results, states
from nordlotse.iot.core.states.plans import PATTERNS, calendar_kept
from nordlotse.iot.core.states.shifts import Calendar
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries.states import microseconds
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND = 1_000_000
HOUR = 3600 * SECOND
#: Machines of the small and of the large hall; of more than 20 the results are read in two groups.
FEW, MANY = 13, 19


@pytest.fixture
def hall() -> Hall:
    return Hall.objects.create(name="Halle", shifts=calendar_kept(Calendar(PATTERNS["always"].shifts, state=None)))


def grow(hall: Hall, written: Written, count: int) -> None:
    """Machines up to a count, each with hours of a current, results, a stop that was said, an order and an alarm."""
    now = microseconds()
    times = np.arange(now - 3 * HOUR, now, 20 * SECOND)
    level = np.where((np.arange(len(times)) // 90) % 2, 8.0, 2.0)
    for number in range(hall.machines.count(), count):
        machine = Machine.objects.create(
            hall=hall, name=f"m{number}", euros_per_hour=60, signals={"Strom": {"role": "current"}}
        )
        written.put(machine.name, "Strom", times, level)
        machine.stops.create(begin=now - HOUR, end=now - HOUR // 2, reason="setup", state="setup")
        machine.stops.create(begin=now - 2 * HOUR, end=now - HOUR, reason="maintenance", state="planned_stop")
        machine.orders.create(name="A", cycle=60, begin=now - 2 * HOUR)
        Alarm.objects.create(machine=machine, kind="above", begin=now - HOUR, reasons=[{"sensor": "Strom"}])
        states.find(machine, now)
        results.refresh(machine, now, 300)


@pytest.mark.parametrize("page", ["", "auslastung/", "energie/", "bericht/", "schichten/"])
def test_a_page_of_a_hall_asks_no_more_for_more_machines(hall: Hall, client: Client, page: str) -> None:
    written, asked = Written(hall.store), []
    for count in (FEW, MANY):
        grow(hall, written, count)
        client.get(f"/maschinen/{hall.pk}/{page}")
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/maschinen/{hall.pk}/{page}")
        assert answer.status_code == 200
        assert f"m{count - 1}" in answer.content.decode() or page == "bericht/"
        asked.append(len(queries))
    # what a page tells may differ by a loss or a tidying; six machines more may not ask six times more
    assert asked[1] - asked[0] < 3, asked
    assert asked[0] < 40
