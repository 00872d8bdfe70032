"""The page on the phone at the machine: the newest stop first, own reasons to tap on, nothing of the site around it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from nordlotse.iot.actions import results, states, stops
from nordlotse.iot.models import Stop
from nordlotse.iot.queries.own_reasons import MOST, own_reasons
from tests.iot.clocked import clocked
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

NOW = MONDAY + 2 * 24 * HOUR + 8 * HOUR


@pytest.fixture
def saw(monkeypatch: pytest.MonkeyPatch) -> Filled:
    clocked(monkeypatch, lambda: NOW)
    made = Filled(cycle=Decimal("50"), euros_per_hour=Decimal("60"))
    made.work(days=3)
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    return made


def page(client: Client, saw: Filled) -> str:
    return client.get(f"/maschinen/stopp/{saw.machine.stop_key}/").content.decode()


def test_the_newest_stop_without_a_reason_stands_first(client: Client, saw: Filled) -> None:
    begun = [int(one) for one in re.findall(r'name="begin" value="(\d+)"', page(client, saw))]
    assert len(begun) > 1 and begun == sorted(begun, reverse=True)


def test_the_menu_of_the_site_is_not_there_but_its_other_language_is(client: Client, saw: Filled) -> None:
    said = page(client, saw)
    assert "top__nav" not in said and "top__language" in said and "Impressum" in said


def first_stop(said: str) -> dict[str, str]:
    """Return the fields of the first form of reasons on the page."""
    return {name: re.findall(rf'name="{name}" value="(\d+)"', said)[0] for name in ("begin", "end")}


def test_own_words_said_in_the_office_are_a_button_at_the_machine(client: Client, saw: Filled) -> None:
    stops.explain(saw.machine, MONDAY, MONDAY + HOUR, "Kran belegt")
    said = page(client, saw)
    assert 'value="Kran belegt"' in said and 'name="own"' not in said
    sent = {**first_stop(said), "reason": "Kran belegt"}
    assert client.post(f"/maschinen/stopp/{saw.machine.stop_key}/", sent).status_code == 302
    assert Stop.objects.filter(reason="Kran belegt").count() == 2


def test_words_nobody_said_before_are_refused_at_the_machine(client: Client, saw: Filled) -> None:
    stops.explain(saw.machine, MONDAY, MONDAY + HOUR, "Kran belegt")
    sent = {**first_stop(page(client, saw)), "reason": "Herr Meier"}
    assert client.post(f"/maschinen/stopp/{saw.machine.stop_key}/", sent).status_code == 422
    assert not Stop.objects.filter(reason="Herr Meier").exists()


def test_the_words_said_most_often_come_first_and_go_with_their_last_stop(saw: Filled) -> None:
    for place, words in enumerate([*(f"Grund {k}" for k in range(MOST + 2)), "Kran belegt", "Kran belegt"]):
        stops.explain(saw.machine, MONDAY + place * 600 * SECOND, MONDAY + (place * 600 + 300) * SECOND, words)
    found = own_reasons(saw.hall)
    assert found[0] == "Kran belegt" and len(found) == MOST
    Stop.objects.all().delete()
    assert own_reasons(saw.hall) == []
