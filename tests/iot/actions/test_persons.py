"""Names at stops: once taken back none is kept, whatever page lay open; where a name may stand still is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from nordlotse.iot import elsewhere
from nordlotse.iot.actions import stops
from nordlotse.iot.models import Hall, Machine, Stop
from tests.iot.worked import HOUR, MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def saw() -> Machine:
    hall = Hall.objects.create(company="c1", expires_at=None, persons=True)
    return Machine.objects.create(hall=hall, name="saege", title="Säge")


def opened(machine: Machine) -> Machine:
    """Return the machine as a page that lies open has read it, hall and all."""
    return Machine.objects.select_related("hall").get(pk=machine.pk)


def test_a_page_opened_before_names_were_taken_back_keeps_none(saw: Machine) -> None:
    page = opened(saw)
    stops.forbid_persons(saw.hall, None)
    stops.explain(page, MONDAY, MONDAY + HOUR, "setup", person="Erika")
    assert Stop.objects.get().person == ""


def test_a_name_is_kept_where_the_hall_allows_it(saw: Machine) -> None:
    stops.explain(opened(saw), MONDAY, MONDAY + HOUR, "setup", person="Erika")
    assert Stop.objects.get().person == "Erika"


def test_own_words_and_notes_that_stay_are_shown_for_review(
    client: Client, saw: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = elsewhere.house()
    monkeypatch.setattr(elsewhere, "house", lambda: replace(house, is_member=lambda user, company: True))
    stops.explain(saw, MONDAY, MONDAY + HOUR, "Erika krank", note="Herr Muster")
    stops.explain(saw, MONDAY + 2 * HOUR, MONDAY + 3 * HOUR, "setup")
    stops.forbid_persons(saw.hall, None)
    page = client.get(f"/maschinen/{saw.hall_id}/personen/").content.decode()
    assert "„Erika krank“ (1)" in page and "1 Eintrag hat eine Notiz." in page
    assert f"/m/{saw.pk}/stopps/" in page and "setup" not in page


def test_a_hall_without_own_words_is_asked_for_no_review(
    client: Client, saw: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = elsewhere.house()
    monkeypatch.setattr(elsewhere, "house", lambda: replace(house, is_member=lambda user, company: True))
    stops.explain(saw, MONDAY, MONDAY + HOUR, "setup")
    assert "Eigene Worte und Notizen" not in client.get(f"/maschinen/{saw.hall_id}/personen/").content.decode()
