"""The plan's page: struck steps, what is said about money, and the plan that is kept and goes along."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from pypdf import PdfReader

from nordlotse.journey.queries.checks import checked
from nordlotse.readiness.actions import checks
from nordlotse.readiness.forms.goal import taken_along
from nordlotse.readiness.queries.checks import kept
from tests.browser.readiness_carried import answers

pytestmark = pytest.mark.django_db

LOW = answers(stage=1)


def _post(client: Client, address: str, given: Mapping[str, Any], models: str = "own", **more: str) -> Any:
    return client.post(address, {"answers": json.dumps(given), "models": models, **more})


def _page(response: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", response.content.decode()))


def _steps(response: Any) -> list[str]:
    return re.findall(r'name="strike" value="([a-z0-9_]+)"', response.content.decode())


def test_a_step_can_be_struck_out_and_the_plan_is_another_one(client: Client) -> None:
    first = _steps(_post(client, "/check/plan/", LOW, ziel="budget", budget="5000"))
    second = _post(client, "/check/plan/", LOW, ziel="budget", budget="5000", strike=first[0])
    assert first[0] not in _steps(second)
    assert f'name="without" value="{first[0]}"' in _page(second)
    third = _post(client, "/check/plan/", LOW, ziel="budget", budget="5000", without=first[0], strike=first[1])
    assert not set(first[:2]) & set(_steps(third))


def test_a_struck_step_can_be_taken_back(client: Client) -> None:
    first = _steps(_post(client, "/check/plan/", LOW, ziel="budget", budget="5000"))
    struck = _post(client, "/check/plan/", LOW, ziel="budget", budget="5000", strike=first[0])
    assert f'name="back" value="{first[0]}"' in _page(struck)
    again = _post(client, "/check/plan/", LOW, ziel="budget", budget="5000", without=first[0], back=first[0])
    assert _steps(again) == first


def test_a_budget_of_nothing_is_an_amount_and_stays_in_its_field(client: Client) -> None:
    page = _page(_post(client, "/check/plan/", LOW, ziel="budget", budget="0"))
    assert re.search(r'<input[^>]* id="budget"[^>]* value="0"', page)
    assert "Die höchste Stufe ist erreicht" not in page


def test_a_budget_left_empty_is_asked_for_and_not_guessed(client: Client) -> None:
    answer = _post(client, "/check/plan/", LOW, ziel="budget", budget="")
    assert answer.status_code == 422
    assert "Bitte einen Betrag, zum Beispiel 1000" in _page(answer)
    assert not _steps(answer)


def test_what_is_no_step_cannot_be_struck_out(client: Client) -> None:
    page = _page(_post(client, "/check/plan/", LOW, ziel="budget", budget="5000", strike="<b>x"))
    assert 'name="without" value=""' in page


def test_the_plan_says_that_it_may_cost_more_than_the_budget_and_what_twice_the_money_brings(client: Client) -> None:
    page = _page(_post(client, "/check/plan/", LOW, ziel="budget", budget="5000"))
    assert "mehr als Ihr Budget von 5.000 Euro" in page
    assert "Mit 10.000 statt 5.000 Euro" in page


def test_a_level_beyond_five_steps_says_how_many_it_takes(client: Client) -> None:
    page = _page(_post(client, "/check/plan/", answers(stage=0), ziel="level", stufe="4"))
    assert re.search(
        r"erst mit etwa \d+ Schritten, also in \d Runden zu höchstens fünf, und mit etwa [\d.]+ Euro", page
    )


def test_a_plan_kept_with_the_check_is_shown_again_everywhere(client: Client) -> None:
    key = checks.keep(LOW, ("own",), lang="de")
    default = _steps(client.get(f"/check/{key}/plan/"))
    struck = default[0]
    told = client.post(f"/check/{key}/plan/", {"ziel": "budget", "budget": "9000", "model": "own", "strike": struck})
    assert told.status_code == 302
    page = client.get(f"/check/{key}/plan/")
    assert 'value="9000"' in page.content.decode()
    assert struck not in _steps(page)
    assert "Dieser Plan ist gemerkt" in _page(page)
    events = Calendar.from_ical(client.get(f"/check/{key}/plan.ics").content).walk("VEVENT")
    assert {str(e["uid"]).removeprefix("check-").rsplit("-", 1)[0] for e in events} == set(_steps(page))
    titles = [f.label for f in checked(key, "de").results[1].figures]
    assert len(titles) == len(_steps(page))
    assert all(title.split(". ", 1)[1] in _page(page) for title in titles)


def test_a_plan_on_the_page_wins_over_the_one_that_is_kept(client: Client) -> None:
    key = checks.keep(LOW, ("own",), lang="de")
    checks.choose_plan(key, 0, {"ziel": "budget", "budget": "9000", "model": "own"})
    assert 'value="700"' in client.get(f"/check/{key}/plan/?ziel=budget&budget=700&model=own").content.decode()


def test_answers_kept_from_the_plan_s_page_keep_the_plan(client: Client) -> None:
    struck = _steps(_post(client, "/check/plan/", LOW, ziel="budget", budget="5000"))[0]
    goal = {"ziel": "budget", "budget": "5000", "model": "own", "without": struck}
    asked = _post(client, "/check/sichern/", LOW, **goal)
    assert "wird mitgesichert" in _page(asked)
    told = _post(client, "/check/sichern/", LOW, do="keep", **goal)
    key = told["Location"].split("/check/")[1][:24]
    assert kept(key).newest.wanted["without"] == struck
    assert struck not in _steps(client.get(f"/check/{key}/plan/"))


def test_the_goal_that_goes_to_the_talk_names_the_struck_steps() -> None:
    assert taken_along("own.40.budget.5000.part_list,day_plan") == {
        "model": "own",
        "employees": "40",
        "ziel": "budget",
        "budget": "5000",
        "without": "part_list,day_plan",
        "days": "",
    }


def test_the_talk_shows_what_will_be_sent_the_plan_without_the_struck_steps(client: Client) -> None:
    key = checks.keep(LOW, ("own",), lang="de")
    struck = _steps(client.get(f"/check/{key}/plan/?ziel=budget&budget=5000"))[0]
    page = client.get(f"/check/{key}/plan/?ziel=budget&budget=5000&strike={struck}")
    passed = re.search(rf"check={key}(\.[^\"]+)", page.content.decode())
    assert passed
    talk = client.get(f"/gespraech/?check={key}{html.unescape(passed[1])}")
    title = next(s for s in re.findall(r"<h3[^>]*>1\. ([^<]+)</h3>", page.content.decode()))
    assert html.unescape(title) in _page(talk)


def test_no_page_of_a_plan_shows_an_identifier_as_a_word(client: Client) -> None:
    for lang in ("", "/en"):
        page = _page(_post(client, f"{lang}/check/plan/", LOW, ziel="budget", budget="1000000"))
        words = re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0])
        assert not re.findall(r"(?<![\w/.-])[a-z0-9]+_[a-z_]+", words)


def test_a_cost_names_its_article_by_title_and_no_key(client: Client) -> None:
    for lang, word in (("", "Beitrag „"), ("/en", "article “")):
        given = answers(stage=2)
        page = _page(_post(client, f"{lang}/check/plan/", given, ziel="budget", budget="1000000"))
        words = re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0])
        assert not re.search(r"\b(digitalisation|iot|print3d|industrie40|business_models)-\d\d", words)
        assert word in words


def test_what_cannot_be_read_shows_no_plan_for_something_else(client: Client) -> None:
    told = _post(client, "/check/plan/", LOW, ziel="budget", budget="viel")
    assert told.status_code == 422
    assert not _steps(told)
    assert "Sobald die Angabe stimmt" in _page(told)


def test_own_time_is_kept_with_the_plan(client: Client) -> None:
    key = checks.keep(LOW, ("own",), lang="de")
    client.post(f"/check/{key}/plan/", {"ziel": "budget", "budget": "9000", "model": "own", "days": "3"})
    assert kept(key).newest.wanted["days"] == "3"
    assert "Dieser Plan ist gemerkt" in _page(client.get(f"/check/{key}/plan/"))


def test_the_report_holds_the_first_step_and_what_comes_before_every_plan(client: Client) -> None:
    given = {**LOW, "security": ["none"], "sector": "F", "employees": 4}
    page = _page(_post(client, "/check/plan/", given, ziel="budget", budget="1000"))
    title = re.search(r'id="davor".*?card__title">([^<]+)<', page)
    assert title
    report = PdfReader(BytesIO(_post(client, "/check/bericht.pdf", given, ziel="budget", budget="1000").content))
    assert len(report.pages) == 2
    text = " ".join(" ".join(p.extract_text().split()) for p in report.pages)
    assert "Unabhängig von Punkten zuerst" in text
    assert title[1][:20] in text
