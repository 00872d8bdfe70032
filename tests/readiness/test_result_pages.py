"""Result, plan, report and calendar as pages: the same from a form and from a link, in both languages; nothing is stored on the way."""

from __future__ import annotations

import html
import io
import json
import re
import time
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from pypdf import PdfReader

from nordlotse.foundation.language import Lang
from nordlotse.readiness import directions
from nordlotse.readiness.actions import checks
from nordlotse.readiness.core.measure import Pointer
from nordlotse.readiness.core.ports import Direction
from nordlotse.readiness.models import Check
from nordlotse.readiness.queries import outcome
from tests.browser.readiness_carried import ALL, answers

pytestmark = pytest.mark.django_db

LOW = answers(stage=1)


def _post(client: Client, address: str, given: Mapping[str, Any], models: str = "own", **more: str) -> Any:
    return client.post(address, {"answers": json.dumps(given), "models": models, **more})


def _text(response: Any) -> str:
    page = (
        response.content.decode().split("<main", 1)[1].split("</main>")[0]
        if b"<main" in response.content
        else response.content.decode()
    )
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


# ---- result ----


@pytest.mark.parametrize("address", ["/check/ergebnis/", "/check/plan/", "/check/bericht.pdf", "/check/plan.ics"])
def test_without_answers_every_page_leads_to_the_start(client: Client, address: str) -> None:
    assert client.get(address)["Location"] == "/check/?ohne=1"
    assert client.post(address)["Location"] == "/check/?ohne=1"
    assert client.get("/en" + address)["Location"] == "/en/check/?ohne=1"


def test_the_result_says_the_level_what_it_means_and_what_comes_first(client: Client) -> None:
    found = outcome.outcome(LOW, ("own",))
    told = outcome.shown(found, "de")[0]
    page = _text(_post(client, "/check/ergebnis/", LOW))
    assert f"Ihr Stand: {told.level}" in page
    assert told.text in page
    assert told.first is not None
    assert told.first.question in page
    assert told.first.reason in page
    assert page.index("Das kommt zuerst") < page.index("Ihr Stand je Bereich")


def test_nothing_is_stored_by_looking_at_a_result(client: Client) -> None:
    for address in ("ergebnis/", "plan/", "bericht.pdf", "plan.ics"):
        assert _post(client, f"/check/{address}", LOW).status_code == 200
    assert not Check.objects.exists()


@pytest.mark.parametrize("lang", ["de", "en"])
def test_three_models_stand_on_one_page_each_with_picture_sentence_and_table(client: Client, lang: Lang) -> None:
    given = answers(ALL, stage=2)
    prefix = "/en" if lang == "en" else ""
    response = _post(client, f"{prefix}/check/ergebnis/", given, ",".join(ALL))
    page, raw = _text(response), response.content.decode()
    for told in outcome.shown(outcome.outcome(given, ALL), lang):
        assert told.title in page
        assert told.sentence in page
        assert told.bars in raw
        assert told.radar in raw
        assert all(line.label in page for line in told.lines)
    assert raw.count('role="img"') >= 7


def _open(response: Any) -> list[str]:
    """Return the questions listed as missing; the list of all answers leads to questions too."""
    listed = response.content.decode().split('<ul class="open-list">')[1].split("</ul>")[0]
    return re.findall(r'name="frage" value="(\w+)"', listed)


def test_missing_answers_are_bounds_with_a_way_to_just_these_questions(client: Client) -> None:
    given = answers(leave=("it_systems", "skills"))
    response = _post(client, "/check/ergebnis/", given)
    page = _text(response)
    assert "weil 2 von 15 Antworten fehlen oder nicht bekannt sind" in page
    assert "Fehlende Fragen beantworten" in page
    assert _open(response) == ["it_systems", "skills"]


def test_who_does_not_know_is_told_which_answer_is_missing_too(client: Client) -> None:
    response = _post(client, "/check/ergebnis/", {**LOW, "skills": "dont_know"})
    assert "weil eine von 15 Antworten fehlt" in _text(response)
    assert _open(response) == ["skills"]


def test_every_scored_question_stands_in_the_list_of_points_with_its_answer(client: Client) -> None:
    found = outcome.outcome(LOW, ("own",))
    page = _text(_post(client, "/check/ergebnis/", LOW))
    for point in found.scores["own"].trace:
        assert found.form.by_name[point.question].label.de in page


def test_no_answer_at_all_is_no_result_but_a_way_to_the_questions(client: Client) -> None:
    page = _text(_post(client, "/check/ergebnis/", {"employees": 3}))
    assert "Noch gibt es kein Ergebnis" in page
    assert "Ihr Stand:" not in page


def test_published_figures_stand_with_year_n_scope_and_source_and_nothing_synthetic(client: Client) -> None:
    page = _text(_post(client, "/check/ergebnis/", answers(ALL, stage=2), ",".join(ALL)))
    assert "n = 234–268" in page
    assert "2015" in page
    assert "Maschinen- und Anlagenbau" in page
    assert "synthetisch" not in page.lower()


def test_a_model_without_published_figures_says_so(client: Client) -> None:
    assert "hat noch niemand Zahlen veröffentlicht" in _text(_post(client, "/check/ergebnis/", LOW))


def test_a_page_of_carried_answers_keeps_them_when_the_language_is_changed(client: Client) -> None:
    page = _post(client, "/check/ergebnis/", LOW).content.decode()
    assert 'formaction="/en/check/ergebnis/"' in page
    carried = html.unescape(re.search(r'<form id="fragen".*?name="answers" value="([^"]*)"', page, re.S)[1])  # type: ignore[index]
    assert json.loads(carried)["it_systems"] == LOW["it_systems"]


def test_a_broken_set_of_answers_is_told_with_a_remedy(client: Client) -> None:
    response = client.post("/check/ergebnis/", {"answers": "{kaputt", "models": "own"})
    assert response.status_code == 422
    assert "antworten.json" in _text(response)


def test_a_company_at_the_top_is_told_so_and_offered_no_plan_to_a_level(client: Client) -> None:
    top = answers(stage=6)  # every choice of the several, the highest of the others
    page = _text(_post(client, "/check/ergebnis/", top))
    assert "Kein Punkt hält Sie auf" in page
    assert "Die höchste Stufe ist erreicht" in _text(_post(client, "/check/plan/", top))


# ---- kept ----


def _kept(given: Mapping[str, Any] = LOW, models: tuple[str, ...] = ("own",)) -> str:
    key = checks.keep(given, models, lang="de")
    checks.finish(key)
    return key


def test_a_kept_check_shows_the_same_result_behind_its_link(client: Client) -> None:
    key = _kept()
    kept, loose = _text(client.get(f"/check/{key}/ergebnis/")), _text(_post(client, "/check/ergebnis/", LOW))
    told = outcome.shown(outcome.outcome(LOW, ("own",)), "de")[0]
    assert told.first is not None
    for words in (told.level, told.sentence, told.first.reason):
        assert words in kept
        assert words in loose
    assert f"/gespraech/?check={key}" in client.get(f"/check/{key}/ergebnis/").content.decode()


def test_an_earlier_round_can_be_looked_at_and_says_that_it_is_one(client: Client) -> None:
    key = _kept()
    checks.repeat(key, empty=False, seen=0)
    assert "früherer Durchgang" in _text(client.get(f"/check/{key}/ergebnis/?runde=0"))
    assert "früherer Durchgang" not in _text(client.get(f"/check/{key}/ergebnis/"))


@pytest.mark.parametrize("page", ["ergebnis/", "plan/", "bericht.pdf", "plan.ics", "veraenderung/"])
def test_a_link_that_leads_nowhere_is_told_as_such(client: Client, page: str) -> None:
    assert client.get(f"/check/{'x' * 24}/{page}").status_code == 404


def test_rounds_are_compared_by_area_and_answer(client: Client) -> None:
    from nordlotse.readiness.actions import answering as saving
    from nordlotse.readiness.queries.checks import kept

    key = _kept()
    assert "Bisher gibt es einen Durchgang" in _text(client.get(f"/check/{key}/veraenderung/"))
    checks.repeat(key, empty=False, seen=0)
    sheet = kept(key).newest.lead
    saving.save(sheet.key, {"it_systems": "3"}, version=sheet.version, seen={"it_systems": LOW["it_systems"]})
    page = _text(client.get(f"/check/{key}/veraenderung/"))
    assert "Gestiegen: Digitalisierung." in page
    assert "Gesunken" not in page
    assert "14 Antworten sind gleich geblieben" in page


# ---- plan ----


def test_the_plan_has_at_most_five_steps_each_with_reason_days_cost_and_source(client: Client) -> None:
    found = outcome.outcome(LOW, ("own",))
    goal = outcome.next_goal(found)
    assert goal is not None
    told = outcome.planned(found, outcome.plan(found, goal), "de")
    page = _text(_post(client, "/check/plan/", LOW))
    assert 1 <= len(told.steps) <= 5
    assert told.verdict in page
    for step in told.steps:
        for words in (step.title, step.why, step.days, step.cost, step.source):
            assert words in page


def test_a_budget_is_kept_by_every_plan_and_a_larger_one_never_brings_less(client: Client) -> None:
    found = outcome.outcome(LOW, ("own",))
    from nordlotse.readiness.core.measure import Goal

    gains = []
    for budget in (0, 1_000, 5_000, 20_000):
        made = outcome.plan(found, Goal(budget=budget)).plan
        assert made.cost[1] <= budget
        gains.append(made.after - made.before)
        page = _text(_post(client, "/check/plan/", LOW, ziel="budget", budget=str(budget)))
        assert outcome.planned(found, outcome.plan(found, Goal(budget=budget)), "de").verdict in page
    assert gains == sorted(gains)


def test_where_the_next_level_takes_more_than_five_steps_the_page_says_so_and_plans_for_an_amount(
    client: Client,
) -> None:
    far = answers(("dma",), stage=2)
    page = _text(_post(client, "/check/plan/", far, models="dma"))
    assert "Bis zur Stufe „Fortgeschritten“ braucht es mehr als 5 Schritte." in page
    assert "Am weitesten kommen Sie mit 5.000 Euro" in page
    english = _text(client.post("/en/check/plan/", {"answers": json.dumps(far), "models": "dma"}))
    assert "The level “Moderately advanced” takes more than 5 steps." in english
    named = _text(_post(client, "/check/plan/", far, models="dma", ziel="level", stufe="moderately_advanced"))
    assert "braucht es mehr als 5 Schritte" not in named
    assert "mit fünf Schritten aus unserer Liste nicht zu erreichen" in named


def test_a_micro_enterprise_begins_with_a_smaller_amount(client: Client) -> None:
    far = answers(("dma",), stage=2) | {"employees": 4}
    page = _text(_post(client, "/check/plan/", far, models="dma"))
    assert "Am weitesten kommen Sie mit 2.000 Euro" in page


def test_where_five_steps_reach_the_next_level_it_is_the_goal(client: Client) -> None:
    page = _post(client, "/check/plan/", LOW).content.decode()
    assert re.search(r'id="ziel-stufe"[^>]* checked', page)
    assert "mehr als 5 Schritte" not in page


def test_a_level_out_of_reach_is_said_and_the_best_is_shown(client: Client) -> None:
    page = _text(_post(client, "/check/plan/", LOW, ziel="level", stufe="4"))
    assert "mit fünf Schritten aus unserer Liste nicht zu erreichen" in page
    assert "1. " in page


def test_going_back_in_the_browser_gets_the_whole_page(client: Client) -> None:
    key = checks.keep(LOW, ["own"], lang="de")
    live = {"HX-Request": "true"}
    assert b"<h1" not in client.get(f"/check/{key}/plan/", headers=live).content
    assert b"<h1" in client.get(f"/check/{key}/plan/", headers={**live, "HX-History-Restore-Request": "true"}).content


def test_moving_the_slider_without_javascript_means_the_budget(client: Client) -> None:
    sent = {
        "ziel": "level",
        "stufe": "1",
        "stufe_vorher": "1",
        "vorher": "own",
        "budget": "5000",
        "budget_vorher": "5000",
    }
    unmoved = _post(client, "/check/plan/", LOW, regler="5000", **sent).content.decode()
    moved = _post(client, "/check/plan/", LOW, regler="2000", **sent).content.decode()
    assert re.search(r'id="ziel-stufe"[^>]* checked', unmoved)
    assert re.search(r'id="ziel-budget"[^>]* checked', moved)
    assert re.search(r'<input[^>]* id="budget"[^>]* value="2000"', moved)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("budget", "viel"),
        ("budget", "-5"),
        ("budget", "5000.00"),
        ("budget", "5.5"),
        ("budget", "9" * 11),
        ("employees", "zwölf"),
        ("beginn", "gestern"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_plan_is_shown_all_the_same(client: Client, field: str, typed: str) -> None:
    response = _post(client, "/check/plan/", LOW, ziel="budget", **{field: typed})
    assert response.status_code == 422
    assert "Bitte ein" in _text(response)
    assert "Ihr Plan" in _text(response)


def test_numbers_as_people_type_them_are_read(client: Client) -> None:
    page = _post(client, "/check/plan/", LOW, ziel="budget", budget="5.000 €")
    assert page.status_code == 200
    assert "mit 5.000 Euro" in _text(page)


def test_a_live_change_gets_only_the_plan_and_one_sentence_to_hear(client: Client) -> None:
    sent = {"answers": json.dumps(LOW), "models": "own", "ziel": "budget", "budget": "3000"}
    part = client.post("/check/plan/", sent, headers={"HX-Request": "true"}).content.decode()
    assert "<main" not in part
    assert 'id="kurz" role="status" hx-swap-oob="true"' in part
    assert "mit 3.000 Euro" in part


def test_a_change_of_budget_takes_at_most_300_ms_of_the_processor(client: Client) -> None:
    given = json.dumps(answers(ALL, stage=2))
    took = []
    for budget in ("1000", "2000", "4000", "8000"):  # the first one loads what a running server has loaded
        begun = time.process_time()
        sent = {"answers": given, "models": ",".join(ALL), "ziel": "budget", "budget": budget}
        assert client.post("/check/plan/", sent, headers={"HX-Request": "true"}).status_code == 200
        took.append(time.process_time() - begun)
    assert max(took[1:]) <= 0.3


def test_the_size_of_the_company_decides_which_steps_fit(client: Client) -> None:
    found = outcome.outcome(LOW, ("own",))
    from nordlotse.readiness.core.measure import Goal

    for employees in (1, 40, 400):
        steps = outcome.plan(found, Goal(budget=50_000), employees=employees).plan.steps
        assert all((s.measure.employees_from or 0) <= employees <= (s.measure.employees_to or employees) for s in steps)
    page = _post(client, "/check/plan/", LOW, employees="400").content.decode()
    assert re.search(r'<input[^>]* id="employees"[^>]* value="400"', page)


class _OnlyOffers:
    """Knows offers and nothing else."""

    def find(self, pointer: Pointer, lang: Lang, *, state: str = "", employees: int | None = None) -> Direction | None:
        return (
            Direction("offer", f"Angebot {pointer.key}", f"/netz/{pointer.key}/") if pointer.kind == "offer" else None
        )


def test_a_step_leads_only_where_something_is(client: Client) -> None:
    before = list(directions._plugged)
    try:
        directions.plug(None)
        assert "Hier geht es weiter" not in _text(_post(client, "/check/plan/", LOW, ziel="budget", budget="5000"))
        directions.plug(_OnlyOffers())
        page = _post(client, "/check/plan/", LOW, ziel="budget", budget="5000").content.decode()
        assert 'href="/netz/' in page
        assert "/wissen/" not in page.split("<main")[1].split("</main>")[0]
    finally:
        directions._plugged[:] = before


def test_a_kept_plan_can_be_passed_on_with_its_goal_in_the_address(client: Client) -> None:
    key = _kept()
    page = _text(client.get(f"/check/{key}/plan/?ziel=budget&budget=2000"))
    assert "mit 2.000 Euro" in page


# ---- taking it along ----


def test_the_calendar_holds_each_step_from_the_day_that_was_chosen(client: Client) -> None:
    key = _kept()
    response = client.get(f"/check/{key}/plan.ics?ziel=budget&budget=5000&beginn=2027-01-11")
    assert response["Content-Type"].startswith("text/calendar")
    found = outcome.outcome(LOW, ("own",))
    from nordlotse.readiness.core.measure import Goal

    steps = outcome.plan(found, Goal(budget=5000)).plan.steps
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert [e["SUMMARY"].split(": ", 1)[1] for e in events] == [s.measure.title.de for s in steps]
    assert events[0]["DTSTART"].dt == date(2027, 1, 11)


def test_a_calendar_without_steps_is_the_page_that_says_why(client: Client) -> None:
    response = _post(client, "/check/plan.ics", LOW, beginn="irgendwann")
    assert response["Content-Type"].startswith("text/html")
    assert "Bitte ein Datum" in _text(response)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_report_of_real_answers_in_three_models_has_two_pages(client: Client, lang: Lang) -> None:
    given = answers(ALL, stage=2, leave=("security",))
    prefix = "/en" if lang == "en" else ""
    response = _post(client, f"{prefix}/check/bericht.pdf", given, ",".join(ALL))
    assert response["Content-Type"] == "application/pdf"
    pages = [" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(response.content)).pages]
    told = outcome.shown(outcome.outcome(given, ALL), lang)
    assert len(pages) == 2
    assert told[0].lines[0].label in pages[0]
    assert all(t.title.split()[0] in pages[0] for t in told)
    assert ("Eigene Arbeit" if lang == "de" else "Own work") in pages[1]


def test_the_report_of_a_kept_check_may_be_passed_on_for_the_key_is_not_in_it(client: Client) -> None:
    key = _kept()
    content = client.get(f"/check/{key}/bericht.pdf").content
    assert key not in "".join("".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(content)).pages)
    assert key.encode() not in content


# ---- the result that goes elsewhere ----


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_result_for_a_case_has_level_figures_sources_picture_and_the_same_in_words(lang: Lang) -> None:
    given = answers(ALL, stage=2, leave=("security",))
    made = outcome.as_result(outcome.outcome(given, ALL), lang, reference="/check/abc/")
    assert made.kind == "readiness_check"
    assert made.reference == "/check/abc/"
    assert len(made.figures) == 3 + 5
    assert made.sources
    assert made.picture.startswith("<svg xmlns=")
    assert made.picture_text
    assert len(made.summary) <= 600
