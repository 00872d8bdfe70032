"""A shared link tells strangers how machines stand, and no word that somebody in the hall typed."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from nordlotse.iot.actions import halls, states, stops
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import live
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND = 1_000_000


@pytest.fixture
def oven() -> Machine:
    """Two hours of running and standing; for the last twenty minutes it has stood."""
    hall = Hall.objects.create(name="Halle")
    made = Machine.objects.create(hall=hall, name="ofen", signals={"Strom": {"role": "current"}})
    now = time.time_ns() // 1000
    times = [now - k * 5 * SECOND for k in range(1440, 0, -1)]
    Written(hall.store).put(
        "ofen", "Strom", times, [8.0 if k < 1200 and (k // 120) % 2 else 2.0 for k in range(len(times))]
    )
    states.find(made, now)
    made.refresh_from_db()
    return made


def seen(machine: Machine) -> tuple[str, str]:
    """What a stranger reads on the shared page, and what the hall itself is told."""
    hall = machine.hall
    page = Client().get(f"/maschinen/geteilt/{halls.share(hall, 1)}/").content.decode()
    told = live.machines_now(hall, [machine], "de")[0].state
    assert told is not None
    return page, told.words


def test_own_words_are_not_shared(oven: Machine) -> None:
    stops.explain(oven, time.time_ns() // 1000 - 15 * 60 * SECOND, 0, "wartet auf Kollege Meier")
    page, words = seen(oven)
    assert "Meier" in words
    assert "Meier" not in page
    assert words.split(":")[0] in page


def test_a_reason_everybody_chooses_from_is_shared(oven: Machine) -> None:
    stops.explain(oven, time.time_ns() // 1000 - 15 * 60 * SECOND, 0, "setup")
    page, words = seen(oven)
    assert ":" in words
    assert words in page
