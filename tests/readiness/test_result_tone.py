"""The result of a company that stands low: a fact from its own answers to build on, nothing made up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.readiness.core.test_measures_for_crafts import PAINTER

pytestmark = pytest.mark.django_db


def result(client: Client, given: dict[str, Any]) -> Any:
    return client.post("/check/ergebnis/", {"answers": json.dumps(given), "models": "own"})


def test_a_low_result_names_what_the_company_builds_on_in_its_own_words(client: Client) -> None:
    page = result(client, PAINTER | {"info_sharing": "3"})
    assert page.context["strong"] == (
        "Wie erfährt Ihr Team, was als Nächstes zu tun ist?",
        "Am Bildschirm oder Handy, etwa in einer WhatsApp-Gruppe",
    )
    assert "Darauf bauen Sie auf:" in page.content.decode()


def test_where_no_answer_gives_points_nothing_is_made_up(client: Client) -> None:
    lowest = PAINTER | {"it_systems": "0", "skills": "0"}
    page = result(client, lowest)
    assert page.context["strong"] is None
    assert "Darauf bauen Sie auf" not in page.content.decode()


def test_an_unknown_or_inapplicable_answer_is_nothing_to_build_on(client: Client) -> None:
    given = PAINTER | {"it_systems": "dont_know", "skills": "0", "machine_data": "not_applicable"}
    assert result(client, given).context["strong"] is None


def test_a_result_where_everything_was_left_out_says_so_without_a_level(client: Client) -> None:
    page = result(client, {}).content.decode()
    assert "Noch gibt es kein Ergebnis" in page and "Am Anfang" not in page


def test_the_privacy_page_says_what_a_check_keeps_and_how_long(client: Client) -> None:
    for place, words in (
        ("/datenschutz/", ("Reifegrad-Check", "drei Jahre")),
        ("/en/datenschutz/", ("readiness check", "three years")),
    ):
        page = client.get(place).content.decode().split("<details")[0]  # not only in the long register
        assert all(word in page for word in words), place
