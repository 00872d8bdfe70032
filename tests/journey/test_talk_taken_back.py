"""Whoever asked for a talk takes back what went along, or everything, in the browser that sent it: a phone number is enough."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from nordlotse.journey.models import Case, Contact
from tests.readiness import made

pytestmark = pytest.mark.django_db


def _sent(client: Client, key: str, **more: Any) -> str:
    """Send the form with a phone number alone and return the address of the thanks page."""
    once = re.search(r'name="once" value="([^"]+)"', client.get(f"/gespraech/?check={key}").content.decode())
    assert once
    fields = {"once": once[1], "name": "Ute", "phone": "040 123456", "check": key, "share": ["results"], **more}
    told = client.post("/gespraech/", fields)
    assert told.status_code == 302, told.content.decode()
    return str(told["Location"])


def _seen(page: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', page)[1]  # type: ignore[index]


def test_the_thanks_page_says_what_went_along_and_leads_back_to_the_check(client: Client) -> None:
    key = made.kept(0.25)
    page = client.get(_sent(client, key)).content.decode()
    assert "Das haben Sie mitgeschickt" in page
    assert "Reifegrad-Check" in page
    assert f"/check/{key}/" in page


def test_what_went_along_can_be_taken_back_and_the_page_says_when(client: Client) -> None:
    place = _sent(client, made.kept(0.25))
    assert client.post(place, {"do": "withdraw"}).status_code == 302
    case = Case.objects.get()
    assert not case.consents.filter(purpose="share_results", withdrawn_at=None).exists()
    page = client.get(place).content.decode()
    assert "zurückgenommen" in page
    assert 'value="withdraw"' not in page


def test_with_a_phone_number_alone_everything_can_be_deleted(client: Client) -> None:
    place = _sent(client, made.kept(0.25))
    page = client.get(place).content.decode()
    told = client.post(place, {"do": "delete", "seen": _seen(page)})
    assert "Gelöscht" in told.content.decode()
    assert not Contact.objects.exists()
    assert not Case.objects.filter(contact__isnull=False).exists()


def test_another_browser_takes_nothing_back(client: Client) -> None:
    place = _sent(client, made.kept(0.25))
    other = Client()
    assert other.post(place, {"do": "withdraw"}).status_code == 404
    assert other.post(place, {"do": "delete", "seen": ""}).status_code == 404
    assert "mitgeschickt" not in other.get(place).content.decode()
    assert Contact.objects.exists()


def test_after_an_hour_the_number_is_hidden_but_can_still_be_deleted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _sent(client, made.kept(0.25))
    later = time.time() + 7_200
    monkeypatch.setattr(signing.time, "time", lambda: later)
    page = client.get(place).content.decode()
    assert "040 123456" not in page
    assert "Gelöscht" in client.post(place, {"do": "delete", "seen": _seen(page)}).content.decode()
