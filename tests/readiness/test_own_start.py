"""An own check stands alone: a start page and a link of its own, its own headline and result; the common start goes on offering it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from nordlotse.readiness.actions import own_models as actions
from tests.readiness.test_own_models import coordinator, published
from tests.readiness.test_versions import ANSWERS, second, text_of
from tests.web.world import signed_in

pytestmark = pytest.mark.django_db

START = "/check/?modell=welding_check"


def models_in(page: Any) -> list[str]:
    return re.findall(r'<input type="hidden" name="models" value="([^"]*)"', page.content.decode())


def test_an_own_check_has_a_start_page_that_does_not_force_the_short_check_along(client: Client) -> None:
    published()
    page = client.get(START)
    assert "<h1" in page.content.decode()
    assert re.search(r"<h1[^>]*>Schweiß-Check</h1>", page.content.decode())
    assert [m.partition("@")[0] for m in models_in(page)] == ["welding_check"]
    assert 'value="own"' in page.content.decode()  # may be added
    assert 'value="own" checked' not in page.content.decode()


def test_its_start_page_says_what_it_is_about_and_what_it_cannot_do(client: Client) -> None:
    published()
    page = text_of(client.get(START))
    assert "Vier Fragen zu Schweißerei und Qualität." in page
    assert "Ein eigener Check unseres Zentrums. Er ist nicht wissenschaftlich geprüft." in page


def test_its_questions_are_asked_alone(client: Client) -> None:
    published()
    page = client.post("/check/fragen/", {"models": "welding_check"})
    names = set(re.findall(r'name="q_([a-z_0-9]+)"', page.content.decode()))
    assert names <= {"employees", "sector", "state", "welds"}


def test_headline_level_and_limits_of_the_result_are_its_own(client: Client) -> None:
    published()
    page = text_of(client.post("/check/ergebnis/", {"models": "welding_check", "answers": json.dumps(ANSWERS)}))
    assert "Ihr Ergebnis: Schweiß-Check" in page
    assert "Ihr Stand: Auf dem Weg" in page
    assert "Kurzer Check" not in page.split("Genauer hinsehen")[0]
    how = page.split("Wie wir rechnen")[-1]
    assert "Ein eigener Check unseres Zentrums." in how


def test_the_common_start_goes_on_offering_it_and_names_its_own_page(client: Client) -> None:
    published()
    page = client.get("/check/").content.decode()
    assert re.search(r'type="checkbox" name="models" value="welding_check"', page)
    assert "?modell=welding_check" in page


def test_models_in_the_address_are_ticked(client: Client) -> None:
    published()
    page = client.get("/check/?models=dma,welding_check").content.decode()
    assert 'value="dma" checked' in page
    assert 'value="welding_check" checked' in page
    assert 'value="impuls" checked' not in page


def test_the_start_page_is_there_in_english(client: Client) -> None:
    published()
    page = client.get("/en" + START)
    assert re.search(r"<h1[^>]*>Welding check</h1>", page.content.decode())
    assert 'href="/check/?modell=welding_check"' in page.content.decode()


@pytest.mark.parametrize("name", ["nothing", "own@000000000000", "<b>", ""])
def test_a_link_to_no_check_leads_to_the_common_start(client: Client, name: str) -> None:
    page = client.get("/check/", {"modell": name})
    assert page.status_code == (404 if name else 200)
    assert "Wo stehen wir, und was zuerst?" in page.content.decode()


def test_a_check_taken_back_is_not_begun_by_its_link(client: Client) -> None:
    actions.withdraw(coordinator(), published().pk)
    page = client.get(START)
    assert page.status_code == 404
    assert "bieten wir nicht (mehr) an" in text_of(page)


def test_a_shipped_model_stands_alone_as_well(client: Client) -> None:
    assert models_in(client.get("/check/?modell=dma")) == ["dma"]


def test_after_publishing_link_and_qr_code_are_shown() -> None:
    row = published()
    page = signed_in("coordinator").get(f"/desk/check/modelle/{row.pk}/").content.decode()
    assert "/check/?modell=welding_check</a>" in page
    assert "<svg" in page
    assert "QR-Code" in page


def test_a_draft_and_a_withdrawn_check_show_no_link() -> None:
    row = published()
    actions.withdraw(coordinator(), row.pk)
    assert "QR-Code" not in signed_in("coordinator").get(f"/desk/check/modelle/{row.pk}/").content.decode()


def test_questions_that_may_not_come_are_counted_honestly(client: Client) -> None:
    published()
    assert "1 bis 4 Fragen" in text_of(client.get(START))
    assert "1 bis 4 Fragen mehr" in text_of(client.get("/check/"))


def test_further_questions_that_may_not_come_are_counted_honestly_beside_a_result(client: Client) -> None:
    published()
    page = text_of(client.post("/check/ergebnis/", {"models": "own", "answers": json.dumps({"it_systems": "2"})}))
    assert "1 bis 4 weitere Fragen" in page


def test_same_answers_is_only_said_where_answers_are_shared(client: Client) -> None:
    published()
    sent = {"answers": json.dumps({**ANSWERS, "iot_use": "3", "it_systems": "2"})}
    alone = text_of(client.post("/check/ergebnis/", {"models": "own,welding_check", **sent}))
    assert "Dieselben Antworten" not in alone
    shared = text_of(client.post("/check/ergebnis/", {"models": "own,dma", **sent}))
    assert "Dieselben Antworten:" in shared


def test_the_common_start_preselects_the_newest_version(client: Client) -> None:
    published()
    row = second()
    assert models_in(client.get(START)) == [f"welding_check@{row.hash[:12]}"]
