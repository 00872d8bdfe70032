"""Small things a person of a company stumbled over: said plainly, once, and with a day."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from nordlotse.journey.models import Case
from nordlotse.readiness.actions import answering as saving
from nordlotse.readiness.actions import checks
from nordlotse.readiness.models import Comparing
from nordlotse.readiness.queries import outcome
from nordlotse.readiness.queries.checks import kept
from tests.browser.readiness_carried import answers
from tests.readiness import made

pytestmark = pytest.mark.django_db


def _text(response: Any) -> str:
    page = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_i_do_not_know_is_said_to_be_not_known_and_not_only_missing(client: Client) -> None:
    given = {**answers(stage=2), "security": "dont_know"}
    page = _text(client.post("/check/ergebnis/", {"answers": json.dumps(given), "models": "own"}))
    assert "weil eine von 15 Antworten fehlt oder nicht bekannt ist" in page


def test_bounds_are_rounded_for_people(client: Client) -> None:
    told = outcome.shown(outcome.outcome({**answers(stage=2), "security": "dont_know"}, ("own",)), "de")[0]
    assert re.fullmatch(r"etwa \d+ bis \d+", told.rounded)
    page = _text(client.post("/check/ergebnis/", {"answers": json.dumps(answers(stage=2)), "models": "own"}))
    assert re.search(r"· etwa \d+ ", page)


def test_beside_the_verdict_stands_that_nobody_has_validated_the_check(client: Client) -> None:
    page = client.post("/check/ergebnis/", {"answers": json.dumps(answers(stage=2)), "models": "own"}).content.decode()
    assert "Nicht wissenschaftlich geprüft" in page.split('class="answer"')[1].split("</div>")[0]


def _with_colleague(**said: str) -> str:
    key = checks.keep(answers(stage=1), ("own",), lang="de")
    sheet = checks.invite(key, "Werkstatt")
    saving.save(sheet, said, version=0, seen={})
    return key


def test_i_do_not_know_of_a_colleague_is_not_offered_to_be_taken_over(client: Client) -> None:
    key = _with_colleague(it_systems="dont_know", skills="3")
    page = client.get(f"/check/{key}/unterschiede/").content.decode()
    assert 'name="question" value="skills"' in page
    assert 'name="question" value="it_systems"' not in page


def test_consent_taken_back_is_confirmed_with_its_day(client: Client) -> None:
    key = checks.keep(answers(stage=1), ("own",), lang="de")
    client.post(f"/check/{key}/vergleich/", {"do": "agree"})
    client.post(f"/check/{key}/vergleich/", {"do": "withdraw"})
    assert Comparing.objects.get().withdrawn_at
    assert "haben Sie die Zustimmung zurückgenommen" in _text(client.get(f"/check/{key}/vergleich/"))


def test_the_page_that_deletes_a_check_names_the_case_it_went_to_and_how_to_end_it(client: Client) -> None:
    key = made.kept(0.25)
    assert "Fall" not in _text(client.get(f"/check/{key}/loeschen/"))
    once = re.search(r'name="once" value="([^"]+)"', client.get(f"/gespraech/?check={key}").content.decode())
    assert once
    fields = {"once": once[1], "name": "Ute", "phone": "040 123456", "check": key, "share": ["results"]}
    assert client.post("/gespraech/", fields).status_code == 302
    page = _text(client.get(f"/check/{key}/loeschen/"))
    assert str(Case.objects.get().number) in page
    assert "bleibt" in page
    assert kept(key).key == key


def test_the_link_can_be_mailed_without_us_and_shared(client: Client) -> None:
    key = checks.keep(answers(stage=1), ("own",), lang="de")
    sheet = checks.invite(key, "Werkstatt")
    page = client.get(f"/check/{key}/").content.decode()
    assert re.search(rf'href="mailto:\?subject=[^"]+&amp;body=[^"]*{key}', page)
    assert re.search(rf'data-share="[^"]*/check/{key}/"', page)
    card = page.split('class="card__title">Werkstatt')[1].split("</li>")[0]
    assert re.search(rf'href="mailto:\?subject=[^"]+&amp;body=[^"]*{sheet}', card)
    assert re.search(rf'data-share="[^"]*{sheet}/"', card)
    assert "<svg" in card


def test_earlier_rounds_with_colleagues_can_be_reached(client: Client) -> None:
    key = checks.keep(answers(stage=1), ("own",), lang="de")
    checks.invite(key, "Werkstatt")
    checks.finish(key)
    checks.repeat(key, empty=False, seen=0)
    page = client.get(f"/check/{key}/").content.decode()
    assert f"/check/{key}/unterschiede/?runde=0" in page


def test_on_a_phone_every_cell_of_the_rounds_table_names_its_column(client: Client) -> None:
    key = checks.keep(answers(stage=1), ("own",), lang="de")
    checks.finish(key)
    checks.repeat(key, empty=False, seen=0)
    page = client.get(f"/check/{key}/veraenderung/").content.decode()
    table = page.split("<table")[1].split("</table>")[0]
    assert "plain--stack" in table
    cells = re.findall(r"<td[^>]*>", table)
    assert cells
    assert all('data-label="' in cell for cell in cells)
