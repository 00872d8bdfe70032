"""The page of an own check shows what people will see and how it counts: pages, topics with weight and rule, levels."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from nordlotse.readiness.actions import own_models as actions
from tests.readiness.test_own_models import cell_of, changed, coordinator, published
from tests.readiness.test_versions import ANSWERS, text_of
from tests.web.world import signed_in

pytestmark = pytest.mark.django_db


def preview(lang: str = "") -> str:
    handed = actions.hand_in(coordinator(), "check.xlsx", changed())
    return text_of(signed_in("coordinator").get(f"{lang}/desk/check/modelle/{handed.draft}/"))


def test_the_titles_of_pages_are_shown_with_their_condition() -> None:
    page = preview()
    assert "Seite: Ihre Schweißerei" in page
    assert "Seite: Qualität nur wenn ${welds} = 'yes'" in page


def test_topics_are_shown_with_weight_and_rule() -> None:
    page = preview()
    assert "Technik: Gewicht 60 von 100, Mittelwert der Fragen" in page
    assert "Qualität: Gewicht 40 von 100, Mittelwert der Fragen" in page
    assert "Gesamt: gewichtetes Mittel der Themen" in page


def test_topics_without_weights_count_alike() -> None:
    weights = {cell_of("dimensions", "weight", row): None for row in (2, 3)}
    rule = {cell_of("dimensions", "aggregate", 2): "min"}
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**weights, **rule))
    page = text_of(signed_in("coordinator").get(f"/desk/check/modelle/{handed.draft}/"))
    assert "Technik: die niedrigste Frage zählt" in page
    assert "Gesamt: Mittelwert der Themen" in page


def test_levels_are_counted_from_one() -> None:
    assert "Stufe 2: Auf dem Weg" in preview()


def test_the_preview_speaks_english() -> None:
    page = preview("/en")
    assert "Page: Your welding shop" in page
    assert "Technology: weight 60 of 100, mean of the questions" in page


def test_notes_on_what_is_missing_stand_beside_the_draft() -> None:
    gone = {cell_of("settings", f"about_{lang}", 2): None for lang in ("de", "en")}
    client = signed_in("coordinator")
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**gone))
    assert handed.draft is not None
    assert [f.severity for f in handed.findings] == ["note"]
    page = text_of(client.get(f"/desk/check/modelle/{handed.draft}/"))
    assert "Es fehlt about_de." in page


def plan(client: Client, models: str, **more: str) -> str:
    return text_of(client.post("/check/plan/", {"models": models, "answers": json.dumps(ANSWERS), **more}))


def test_the_plan_of_a_check_without_measures_says_so_and_how_to_get_some(client: Client) -> None:
    published()
    page = plan(client, "welding_check")
    assert "Für diesen Check kennen wir noch keine Schritte." in page
    assert "gemeinsame Fragen" in page


def test_a_model_with_measures_does_not_say_so(client: Client) -> None:
    published()
    assert "noch keine Schritte" not in plan(client, "own,welding_check", model="own")


def test_the_levels_to_choose_from_belong_to_the_chosen_model(client: Client) -> None:
    published()
    page = client.post(
        "/check/plan/",
        {
            "models": "own,welding_check",
            "answers": json.dumps({**ANSWERS, "it_systems": "1"}),
            "model": "welding_check",
            "vorher": "own",
            "stufe": "3",
        },
        headers={"HX-Request": "true"},
    ).content.decode()
    assert 'hx-swap-oob="true"' in page
    assert "Weit vorn" in page.split('id="stufe"')[1].split("</select>")[0]
    assert "Gut verbunden" not in page


def test_while_the_model_stays_the_levels_are_left_alone(client: Client) -> None:
    published()
    page = client.post(
        "/check/plan/",
        {
            "models": "own,welding_check",
            "answers": json.dumps({**ANSWERS, "it_systems": "1"}),
            "model": "own",
            "vorher": "own",
            "ziel": "level",
            "stufe": "3",
        },
        headers={"HX-Request": "true"},
    ).content.decode()
    assert 'id="stufe"' not in page
