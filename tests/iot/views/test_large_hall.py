"""A hall with very many machines: no page of it works longer than somebody waits."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nordlotse.iot.models import Hall, Machine, Rule
from nordlotse.iot.views import working

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    made = Hall.objects.create(name="Große Halle")
    machines = Machine.objects.bulk_create(Machine(hall=made, name=f"m{k}") for k in range(60))
    Rule.objects.bulk_create(
        Rule(machine=one, signal="T", rule={"name": "n", "kind": "above", "high": 1.0}) for one in machines
    )
    return made


@pytest.mark.parametrize("page", ["auslastung/", "energie/", "bericht/"])
def test_bringing_results_up_to_date_ends_however_many_machines_there_are(
    hall: Hall, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = []

    def slow(machine: Machine, now: int) -> None:
        turned.append(machine.pk)
        time.sleep(0.05)

    monkeypatch.setattr(working, "_ALL_SECONDS", 0.2)
    monkeypatch.setattr("nordlotse.iot.views.working.states.find", slow)
    assert Client().get(f"/maschinen/{hall.pk}/{page}").status_code == 200
    assert 1 <= len(turned) <= 6


def test_the_list_of_alarms_asks_the_database_as_often_for_sixty_machines_as_for_one(hall: Hall) -> None:
    with CaptureQueriesContext(connection) as asked:
        shown = Client().get(f"/maschinen/{hall.pk}/alarme/")
    assert shown.status_code == 200
    assert len(asked) < 15
