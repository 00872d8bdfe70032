"""The plan's page takes numbers as people write them, own time as a limit, and names what comes first whatever it counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from nordlotse.readiness.forms.goal import taken_along
from tests.readiness.core.test_measures_for_crafts import PAINTER

pytestmark = pytest.mark.django_db


def planned(client: Client, given: dict[str, Any] = PAINTER, **goal: str) -> Any:
    return client.post("/check/plan/", {"answers": json.dumps(given), "models": "own", **goal})


@pytest.mark.parametrize("typed", ["1000 Euro", "1.000 €", "1000 EUR", "ca. 1000", "etwa 1000 Euro"])
def test_an_amount_is_understood_as_people_write_it(client: Client, typed: str) -> None:
    assert planned(client, ziel="budget", budget=typed).context["wanted"].budget == 1000


@pytest.mark.parametrize("typed", ["5 Leute", "5 Personen", "5 Mitarbeiter", "5"])
def test_people_are_understood_as_people_write_it(client: Client, typed: str) -> None:
    assert planned(client, employees=typed).context["wanted"].employees == 5
    page = client.post(
        "/check/fragen/", {"answers": "{}", "models": "own", "shown": "employees", "q_employees": typed, "do": "next"}
    )
    assert page.context["carried"].answers["employees"] == 5


@pytest.mark.parametrize(
    ("typed", "days"), [("3", 3), ("0,5", 0.5), ("2 Tage", 2), ("1.5", 1.5), ("2 Abende", 0.5), ("ein halber Tag", 0.5)]
)
def test_own_time_is_understood_and_limits_the_plan(client: Client, typed: str, days: float) -> None:
    page = planned(client, ziel="budget", budget="2000", days=typed)
    assert page.context["wanted"].goal.days == days
    likely = page.context["plan"].days
    assert page.status_code == 200 and likely
    assert "eigener Arbeit" in page.context["plan"].verdict


@pytest.mark.parametrize(
    ("field", "typed"), [("days", "viele"), ("days", "0,3"), ("budget", "viel"), ("employees", "x")]
)
def test_what_is_not_understood_is_named_with_a_way_to_its_field(client: Client, field: str, typed: str) -> None:
    page = client.post(
        "/check/plan/", {"answers": json.dumps(PAINTER), "models": "own", "ziel": "budget", field: typed}
    )
    assert page.status_code == 422
    told = page.content.decode()
    assert f'<a class="kern-link" href="#{field}">' in told and f'id="{field}"' in told
    assert f'value="{typed}"' in told


def test_own_time_goes_along_to_the_report_and_into_a_case(client: Client) -> None:
    page = planned(client, ziel="budget", budget="2000", days="1,5")
    assert page.content.decode().count('name="days" value="1.5"') >= 2
    wanted = page.context["wanted"]
    assert wanted.fields["days"] == "1.5"
    assert taken_along(wanted.passed_on.lstrip("."))["days"] == "1.5"


def test_a_level_out_of_reach_in_the_time_says_so_and_not_that_it_takes_more_steps(client: Client) -> None:
    plan = planned(client, ziel="level", stufe="1", days="0,5").context["plan"]
    assert "in dieser Zeit" in plan.verdict
    assert "fünf Schritten" not in plan.verdict


def test_what_protects_data_stands_before_the_steps_whatever_it_counts(client: Client) -> None:
    page = planned(client, ziel="budget", budget="0", days="0")
    told = page.content.decode()
    assert "Unabhängig von Punkten zuerst" in told
    assert "Zwei Sticks: einer im Betrieb, einer zu Hause" in told
    assert "Unabhängig" not in planned(client, PAINTER | {"security": ["backup", "rules"]}).content.decode()


def test_what_is_a_step_of_the_plan_is_not_said_twice(client: Client) -> None:
    page = planned(client, ziel="budget", budget="2000")
    steps = {s.id for s in page.context["plan"].steps}
    assert not steps & {m.id for m in page.context["before"]}
