"""The page that says who gets alarms says what is so: who unsubscribed, whether a link was sent, whether the last message arrived."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.iot import elsewhere
from nordlotse.iot.actions import receivers, rules
from nordlotse.iot.alarming import Lane
from nordlotse.iot.models import Alarm, Delivery, Hall, Machine
from nordlotse.iot.queries import telling as queries
from nordlotse.office import mail
from nordlotse.office.models import OutgoingMail
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND = 1_000_000
ADDRESS = "meister@betrieb.example"


@pytest.fixture
def hall(monkeypatch: pytest.MonkeyPatch) -> Hall:
    house = elsewhere.house()
    monkeypatch.setattr(elsewhere, "house", lambda: replace(house, is_member=lambda user, company: True))
    entry = {"id": "a1", "mail": ADDRESS, "confirmed": "x", "after": 0, "hours": False, "asked": ""}
    return Hall.objects.create(name="Halle 2", company="c1", expires_at=None, mail=[entry])


def unsubscribed() -> None:
    mail.unsubscribe(mail.unsubscribe_address(ADDRESS, receivers.KIND).rstrip("/").rpartition("/")[2])


def page(client: Client, hall: Hall) -> str:
    return client.get(f"/maschinen/{hall.pk}/wen/").content.decode()


def test_an_address_that_unsubscribed_is_shown_as_one_that_gets_nothing(client: Client, hall: Hall) -> None:
    assert "bekommt Alarme sofort" in page(client, hall)
    unsubscribed()
    said = page(client, hall)
    assert "hat abbestellt" in said and "bekommt Alarme sofort" not in said
    assert "Zurzeit bekommt niemand Alarme" in said


def test_an_alarm_counts_as_told_to_nobody_who_unsubscribed(hall: Hall) -> None:
    oven = Machine.objects.create(hall=hall, name="ofen")
    rules.put(oven, "T", {"name": "Zu heiß", "kind": "above", "high": 80.0})
    unsubscribed()
    now = time.time_ns() // 1000
    Written(hall.store).put("ofen", "T", [now], [95.0])
    Lane().turn(now + SECOND)
    assert Alarm.objects.get().told == []


def test_an_address_that_unsubscribed_and_is_named_again_is_asked_again(hall: Hall) -> None:
    unsubscribed()
    assert receivers.add_address(hall, ADDRESS, lang="de")
    assert OutgoingMail.objects.get().to == ADDRESS
    assert [one.confirmed for one in queries.receivers(Hall.objects.get())] == [False]


def test_a_change_of_a_confirmed_address_speaks_of_no_link(client: Client, hall: Hall) -> None:
    answer = client.post(f"/maschinen/{hall.pk}/wen/", {"do": "add", "mail": ADDRESS, "after": "300"}, follow=True)
    said = answer.content.decode()
    assert "schon bestätigt" in said and "Wir haben einen Link" not in said
    assert not OutgoingMail.objects.exists() and Hall.objects.get().mail[0]["after"] == 300


def test_a_new_address_is_told_of_its_link(client: Client, hall: Hall) -> None:
    given = {"do": "add", "mail": "neu@betrieb.example", "after": "0"}
    answer = client.post(f"/maschinen/{hall.pk}/wen/", given, follow=True)
    assert "Wir haben einen Link" in answer.content.decode()


def hook(hall: Hall, **more: Any) -> None:
    hall.webhook, hall.webhook_secret = "https://leit.example/", "s"
    hall.save()
    Delivery.objects.create(hall=hall, body="{}", **more)


def test_a_message_that_did_not_arrive_is_told_in_words_with_a_remedy(client: Client, hall: Hall) -> None:
    hook(hall, error="outgoing_failed", attempts=2)
    said = page(client, hall)
    assert "Die letzte Meldung kam nicht an. Das Ziel antwortete nicht." in said and "Sehen Sie nach, ob" in said
    assert "outgoing_failed" not in said and "Das war Versuch 2; der nächste kommt von selbst." in said


def test_a_message_that_was_given_up_says_so_and_an_error_of_the_target_names_its_number(
    client: Client, hall: Hall
) -> None:
    hook(hall, error="status_503", attempts=7, failed_at=timezone.now())
    said = page(client, hall)
    assert "mit dem Fehler 503" in said and "Versuch 7, der letzte" in said


def test_once_a_later_message_went_through_none_is_said_to_have_failed(client: Client, hall: Hall) -> None:
    hook(hall, error="outgoing_failed", attempts=7, failed_at=timezone.now())
    hook(hall, sent_at=timezone.now())
    hook(hall)  # waits still
    assert "Die letzte Meldung kam nicht an" not in page(client, hall)
