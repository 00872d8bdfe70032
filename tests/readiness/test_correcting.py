"""Answering as people do it: no page sends them away without a word, a mistake is one tap away, and an answer is corrected by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from nordlotse.readiness.actions import checks as keeping
from nordlotse.readiness.models import Check
from nordlotse.readiness.queries import checks
from tests.readiness.made import answers as made
from tests.readiness.made import kept
from tests.readiness.test_answering import carried, names_of

pytestmark = pytest.mark.django_db


def sent(given: dict[str, Any], **more: str) -> dict[str, str]:
    return {"answers": json.dumps(given), "models": "own", **more}


# ---- the way in ----


def test_the_start_page_says_that_it_is_free_who_asks_and_that_nothing_is_wrong(client: Client, settings: Any) -> None:
    page = client.get("/check/").content.decode()
    assert "kostet nichts" in page
    assert "kein Richtig oder Falsch" in page
    for term in ("DMA", "IMPULS", "EDIH"):
        before = page.split(term)[0]
        assert (
            "Auch Umwelt, Team und Daten" in before and "Für Betriebe, die etwas herstellen" in page.split("IMPULS")[0]
        )


@pytest.mark.parametrize("place", ["fragen/", "ergebnis/", "plan/", "sichern/", "antworten.json"])
def test_a_page_opened_by_its_address_says_why_there_is_nothing(client: Client, place: str) -> None:
    page = client.get(f"/check/{place}", follow=True)
    assert page.redirect_chain == [("/check/?ohne=1", 302)]
    assert "Unter dieser Adresse allein liegen keine Antworten" in page.content.decode()
    assert "Unter dieser Adresse" not in client.get("/check/").content.decode()


# ---- on the way ----


def test_nothing_ticked_is_thrown_away_by_a_button(client: Client) -> None:
    page = carried(client, {}, do="begin")
    assert 'value="skip"' not in page.content.decode()
    page = carried(client, {}, do="skip", shown="it_systems,security,skills", q_it_systems="2")
    assert page.context["carried"].answers["it_systems"] == "2"


def test_that_answers_are_voluntary_is_said_once_on_a_page(client: Client) -> None:
    page = carried(client, {}, do="begin").content.decode()
    assert page.count("freiwillig") == 1


def test_questions_that_fall_away_are_explained(client: Client) -> None:
    page = carried(client, {"machine_data": "not_applicable", "print3d_use": "not_applicable"}, frage="twin_use")
    assert page.context["screen"].dropped == 3
    assert "3 Fragen entfallen, weil sie nicht zu Ihrem Betrieb passen." in page.content.decode()
    assert "entf" not in carried(client, {}, frage="twin_use").content.decode()


def test_the_box_of_a_mistake_names_the_question_and_leads_to_it(client: Client) -> None:
    fields = {"models": "own", "do": "next", "shown": "it_systems,security,skills", "q_security": ["backup", "none"]}
    page = client.post("/check/fragen/", fields).content.decode()
    assert '<a class="kern-link" href="#q_security">' in page
    assert 'id="q_security"' in page
    assert "Bei einer Frage stimmt etwas noch nicht" not in page


def test_an_answer_that_stands_alone_is_marked_for_the_browser(client: Client) -> None:
    page = carried(client, {}, frage="security").content.decode()
    assert page.count("data-alone") == 2  # none of these, don't know


# ---- correcting one answer ----


def test_the_result_lists_every_answer_with_a_way_to_change_it(client: Client) -> None:
    given = made(0.2)
    page = client.post("/check/ergebnis/", sent(given))
    assert [name for name, _, _ in page.context["said"]] == [
        "employees", "sector", "state", *(n for n in given if n not in ("employees", "sector", "state"))
    ]  # fmt: skip
    assert page.content.decode().count('name="frage"') >= len(given)


def test_changing_an_answer_shows_that_question_alone(client: Client) -> None:
    page = client.post("/check/fragen/", sent(made(0.2), frage="security", einzeln="1"))
    assert names_of(page) == ["security"]
    assert 'name="einzeln" value="1"' in page.content.decode()
    assert 'value="back"' not in page.content.decode()


def test_a_changed_answer_leads_back_to_the_result_which_says_what_changed(client: Client) -> None:
    given = made(0.2) | {"it_systems": "1"}
    page = client.post("/check/fragen/", sent(given, einzeln="1", shown="it_systems", q_it_systems="4", do="next"))
    assert "main" in page.context
    assert page.context["carried"].answers["it_systems"] == "4"
    told = page.content.decode()
    assert "Geändert:" in told and "Unsere Programme geben Daten von selbst weiter" in told


def test_a_mistake_while_correcting_stays_with_the_question(client: Client) -> None:
    page = client.post(
        "/check/fragen/", sent(made(0.2), einzeln="1", shown="employees", q_employees="viele", do="next")
    )
    assert page.status_code == 422
    assert names_of(page) == ["employees"]
    assert 'name="einzeln" value="1"' in page.content.decode()


def test_a_kept_answer_is_changed_by_itself_and_the_result_says_so(client: Client) -> None:
    key = kept(0.2)
    overview = client.get(f"/check/{key}/").content.decode()
    assert f"/check/{key}/fragen/?frage=it_systems&amp;einzeln=1" in overview
    page = client.get(f"/check/{key}/fragen/?frage=it_systems&einzeln=1")
    assert names_of(page) == ["it_systems"]
    lead = checks.kept(key).newest.lead
    page = client.post(
        f"/check/{key}/fragen/",
        {
            "version": str(lead.version),
            "seen": page.context["seen"],
            "shown": "it_systems",
            "einzeln": "1",
            "do": "next",
            "q_it_systems": "4",
        },
        follow=True,
    )
    assert page.redirect_chain[0][0] == f"/check/{key}/ergebnis/?geaendert=it_systems"
    assert "Unsere Programme geben Daten von selbst weiter" in page.content.decode().split("Geändert:")[1][:300]
    assert checks.kept(key).newest.lead.answers["it_systems"] == "4"


def test_a_name_in_the_address_that_is_no_question_changes_nothing(client: Client) -> None:
    key = kept(0.2)
    assert "Geändert:" not in client.get(f"/check/{key}/ergebnis/?geaendert=gone").content.decode()


# ---- the kept page of one person, and deleting ----


def test_what_is_for_several_people_is_folded_while_there_is_one(client: Client) -> None:
    key = kept(0.2)
    page = client.get(f"/check/{key}/").content.decode()
    assert '<details class="more" id="einladen">' in page
    keeping.invite(key, "Büro")
    assert '<details class="more" id="einladen" open>' in client.get(f"/check/{key}/").content.decode()


def test_the_page_before_deleting_counts_people_in_plain_words_and_has_a_way_back(client: Client) -> None:
    key = kept(0.2)
    page = client.get(f"/check/{key}/loeschen/").content.decode()
    assert "1 Bögen" not in page and "Kolleginnen" not in page
    assert "Gelöscht werden alle Ihre Antworten." in page
    assert f'href="/check/{key}/"><span class="kern-label">Nicht löschen' in page
    keeping.invite(key, "Büro")
    assert "auch die einer weiteren Person" in client.get(f"/check/{key}/loeschen/").content.decode()


def test_deleting_without_the_tick_says_so_at_the_tick(client: Client) -> None:
    key = kept(0.2)
    page = client.post(f"/check/{key}/loeschen/", {}).content.decode()
    assert 'href="#sure"' in page and 'id="sure"' in page
    assert Check.objects.filter(pk=key).exists()
