"""Answering on pages and on kept sheets: on, back, mend, and two people who save at once."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from nordlotse.readiness.actions import answering as actions
from nordlotse.readiness.actions import checks as keeping
from nordlotse.readiness.core import asking
from nordlotse.readiness.models import Check, Sheet
from nordlotse.readiness.queries import answering, checks
from tests.readiness.test_checks import first_choices

pytestmark = pytest.mark.django_db


def carried(client: Client, answers: dict[str, Any], **more: str) -> Any:
    sent = {"answers": json.dumps(answers), "models": "own", **more}
    return client.post("/check/fragen/", sent)


def names_of(page: Any) -> list[str]:
    return list(page.context["screen"].names)


def sheet_of(key: str) -> checks.SheetOf:
    return checks.kept(key).newest.lead


# ---- answers that travel ----


def test_the_start_page_says_how_long_it_takes_and_offers_the_other_models(client: Client) -> None:
    page = client.get("/check/")
    assert page.context["short"].questions == 15
    assert page.context["short"].minutes <= 10
    assert [o.model.id for o in page.context["further"]] == ["dma", "impuls"]
    assert all(0 < o.further < o.questions for o in page.context["further"])


def test_without_answers_every_page_leads_to_the_start(client: Client) -> None:
    for place in ("/check/fragen/", "/check/sichern/", "/check/antworten.json", "/check/ergebnis/", "/check/plan/"):
        assert client.get(place)["Location"] == "/check/?ohne=1"
    assert client.get("/en/check/fragen/")["Location"] == "/en/check/?ohne=1"


def test_the_whole_short_check_is_answered_page_by_page_and_ends_with_all_answers_carried(client: Client) -> None:
    wanted = json.loads(json.dumps(first_choices()))
    page = client.post("/check/fragen/", {"models": "own", "do": "begin"})
    pages, seen = 0, []
    while "screen" in page.context:
        pages += 1
        screen, found = page.context["screen"], page.context["carried"]
        assert len(screen.names) <= asking.MOST
        seen += screen.names
        sent = {f"q_{name}": wanted[name] for name in screen.names}
        page = client.post(
            "/check/fragen/",
            {"answers": found.json, "models": found.models_text, "shown": ",".join(screen.names), "do": "next", **sent},
        )
    assert sorted(seen) == sorted(wanted)
    assert pages <= 8
    assert json.loads(page.context["carried"].json) == wanted
    assert page.context["open"] == 0
    assert not Check.objects.exists()


def test_back_shows_the_page_before_with_its_answers_and_takes_along_what_was_just_ticked(client: Client) -> None:
    first = carried(client, {}, do="begin")
    second = carried(client, {}, do="next", shown=",".join(names_of(first)))
    name = names_of(second)[0]
    choice = answering.form_of(("own",)).by_name[name].choices[0].name
    sent = {f"q_{name}": choice, "q_state": "SH"}
    back = carried(client, {"state": "HH"}, do="back", shown=",".join(names_of(second)), **sent)
    assert names_of(back) == names_of(first)
    assert back.context["carried"].answers == {"state": "HH", name: choice}
    assert b'value="HH" selected' in back.content or b'value="HH" checked' in back.content


def test_what_has_to_be_mended_is_shown_at_the_question_with_what_was_typed(client: Client) -> None:
    page = carried(client, {}, do="next", shown="employees,sector,state", q_employees="viele", q_state="SH")
    assert page.status_code == 422
    assert names_of(page) == ["employees", "sector", "state"]
    field = page.context["fields"][0]
    assert field.typed == "viele"
    assert field.mends
    assert 'aria-invalid="true"' in page.content.decode()
    assert page.context["carried"].answers["state"] == "SH"


def test_an_answer_can_be_taken_away_again(client: Client) -> None:
    page = carried(client, {"employees": 40}, do="next", shown="employees,sector,state", q_employees="")
    assert page.context["carried"].answers == {}


def test_dont_know_is_offered_for_every_choice(client: Client) -> None:
    page = client.post("/check/fragen/", {"models": "own,dma,impuls", "do": "begin"})
    seen = 0
    while "screen" in page.context:
        for field in page.context["fields"]:
            if field.kind in ("one", "several", "list"):
                seen += 1
                assert [o.value for o in field.options].count("dont_know") == 1
        found, screen = page.context["carried"], page.context["screen"]
        page = client.post(
            "/check/fragen/",
            {"answers": found.json, "models": found.models_text, "shown": ",".join(screen.names), "do": "next"},
        )
    assert seen > 40


def test_deepening_asks_only_what_has_no_answer(client: Client) -> None:
    answers = json.loads(json.dumps(first_choices()))
    asked: list[str] = []
    page = client.post("/check/fragen/", {"answers": json.dumps(answers), "models": "own,impuls", "open": "1"})
    while "screen" in page.context:
        screen, found = page.context["screen"], page.context["carried"]
        asked += screen.names
        page = client.post(
            "/check/fragen/",
            {"answers": found.json, "models": "own,impuls", "open": "1", "shown": ",".join(screen.names), "do": "next"},
        )
    assert asked
    assert not set(asked) & set(answers)
    assert len(asked) == len(set(asked))


def test_one_question_can_be_gone_to_by_its_name(client: Client) -> None:
    name = answering.form_of(("own",)).questions[-1].name
    assert names_of(carried(client, {}, frage=name))[0] == name


def test_the_other_language_takes_along_what_was_ticked(client: Client) -> None:
    page = client.post(
        "/en/check/fragen/",
        {"answers": "{}", "models": "own", "shown": "employees,sector,state", "q_state": "SH", "do": "stay"},
    )
    assert page.context["carried"].answers == {"state": "SH"}
    assert names_of(page) == ["employees", "sector", "state"]
    assert 'lang="en"' in page.content.decode()


@pytest.mark.parametrize(
    "answers",
    [
        "{",
        "[]",
        "3",
        '{"a b": 1}',
        '{"a": {"b": 1}}',
        '{"a": true}',
        '{"a": NaN}',
        '{"a": [[1]]}',
        "[" * 50_000,
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        '{"a": ["b\\u0000"]}',
    ],
)
def test_answers_that_are_none_give_a_clear_page(client: Client, answers: str) -> None:
    for place in ("/check/fragen/", "/check/sichern/", "/check/ergebnis/", "/check/antworten.json"):
        page = client.post(place, {"answers": answers, "models": "own"})
        assert page.status_code == 422, place
        assert "answers_unreadable" in page.content.decode()


def test_more_answers_than_fit_are_refused(client: Client) -> None:
    many = json.dumps({f"a{n}": 1 for n in range(401)})
    assert client.post("/check/fragen/", {"answers": many}).status_code == 413
    long = json.dumps({"a": "x" * 100_000})
    assert client.post("/check/fragen/", {"answers": long}).status_code == 413


def test_a_model_nobody_offers_is_left_out(client: Client) -> None:
    page = client.post("/check/fragen/", {"models": "nonsense,own", "answers": "{}"})
    assert page.status_code == 200
    page = client.post("/check/fragen/", {"models": "nonsense"})
    assert page.context["screen"].total == 15


def test_html_in_an_answer_stays_text(client: Client) -> None:
    page = carried(client, {"employees": "<script>alert(1)</script>"}, frage="employees")
    assert "<script>alert" not in page.content.decode()


# ---- a file ----


def upload(client: Client, content: bytes) -> Any:
    return client.post("/check/", {"file": SimpleUploadedFile("antworten.json", content)})


def test_a_file_goes_on_where_it_ends(client: Client) -> None:
    answers = json.loads(json.dumps(first_choices()))
    last = [q.name for q in answering.form_of(("own",)).questions][-1]
    del answers[last]
    page = upload(client, json.dumps({"models": ["own"], "answers": answers}).encode())
    assert page.status_code == 200
    assert names_of(page) == [last]
    assert page.context["carried"].answers["state"] == "SH"
    assert not Check.objects.exists()


def test_a_file_may_hold_the_answers_alone(client: Client) -> None:
    assert upload(client, b'{"state": "HH"}').context["carried"].answers == {"state": "HH"}


@pytest.mark.parametrize("content", [b"", b"no", b"[1]", b'{"answers": {"a": {}}}', b"\xff\xfe\x00", b'{"a":' * 9000])
def test_a_file_that_is_none_of_ours_is_told_on_the_start_page(client: Client, content: bytes) -> None:
    page = upload(client, content)
    assert page.status_code == 422
    assert page.context["short"].questions == 15


# ---- kept sheets ----


def send(client: Client, key: str, shown: str, **more: str) -> Any:
    lead = sheet_of(key)
    seen = json.dumps({n: lead.answers[n] for n in shown.split(",") if n in lead.answers})
    return client.post(
        f"/check/{key}/fragen/", {"shown": shown, "version": str(lead.version), "seen": seen, "do": "next", **more}
    )


def test_a_page_is_saved_with_every_step_and_the_way_goes_on_from_any_device(client: Client) -> None:
    key = keeping.keep({}, ("own",), lang="de")
    gone = send(client, key, "employees,sector,state", q_employees="40", q_state="SH")
    assert gone.status_code == 302
    assert dict(sheet_of(key).answers) == {"employees": 40, "state": "SH"}
    elsewhere = Client()
    assert elsewhere.get(gone["Location"]).status_code == 200
    resumed = elsewhere.get(f"/check/{key}/fragen/")
    assert "state" not in names_of(resumed)


def test_an_answer_that_does_not_fit_is_not_saved_and_nothing_typed_is_lost(client: Client) -> None:
    key = keeping.keep({}, ("own",), lang="de")
    page = send(client, key, "employees,sector,state", q_employees="viele", q_state="SH")
    assert page.status_code == 422
    assert page.context["fields"][0].typed == "viele"
    assert dict(sheet_of(key).answers) == {}


def test_the_last_page_closes_the_round_and_leads_to_the_result(client: Client) -> None:
    key = keeping.keep({}, ("own",), lang="de")
    last = answering.form_of(("own",)).questions[-1]
    gone = send(client, key, last.name)
    assert gone["Location"] == f"/check/{key}/ergebnis/"
    assert checks.kept(key).newest.finished_at is not None


def test_saving_other_questions_at_the_same_time_keeps_both(client: Client) -> None:
    key = keeping.keep({}, ("own",), lang="de")
    lead = sheet_of(key)
    actions.save(lead.key, {"state": "SH"}, version=lead.version, seen={})
    actions.save(lead.key, {"employees": 40}, version=lead.version, seen={})
    assert dict(sheet_of(key).answers) == {"state": "SH", "employees": 40}


def test_the_slower_of_two_sees_what_the_other_said_and_nothing_is_overwritten_unseen(client: Client) -> None:
    key = keeping.keep({}, ("own",), lang="de")
    lead = sheet_of(key)
    actions.save(lead.key, {"state": "SH"}, version=lead.version, seen={})
    late = {
        "shown": "employees,sector,state",
        "version": str(lead.version),
        "seen": "{}",
        "q_state": "HH",
        "q_employees": "7",
    }
    page = client.post(f"/check/{key}/fragen/", late)
    assert page.status_code == 409
    assert sheet_of(key).answers["state"] == "SH"
    state = page.context["fields"][2]
    assert state.meanwhile == "Schleswig-Holstein"
    assert next(o for o in state.options if o.chosen).value == "HH"
    assert page.context["fields"][0].typed == "7"
    again = {**late, "version": str(page.context["sheet"].version), "seen": page.context["seen"]}
    assert client.post(f"/check/{key}/fragen/", again).status_code == 302
    assert dict(sheet_of(key).answers) == {"state": "HH", "employees": 7}


def test_two_who_say_the_same_are_not_bothered(client: Client) -> None:
    key = keeping.keep({}, ("own",), lang="de")
    lead = sheet_of(key)
    for _ in range(2):
        actions.save(lead.key, {"state": "SH"}, version=lead.version, seen={})
    assert sheet_of(key).version == lead.version + 1


def test_a_colleague_answers_on_an_own_sheet_and_is_thanked(client: Client) -> None:
    key = keeping.keep(first_choices(), ("own",), lang="de")
    sheet = keeping.invite(key, "Werkstatt")
    page = client.get(f"/check/mit/{sheet}/fragen/")
    assert page.context["screen"].total == 15
    assert not set(names_of(page)) & {"employees", "sector", "state"}
    name = names_of(page)[0]
    choice = answering.form_of(("own",)).by_name[name].choices[-1].name
    client.post(f"/check/mit/{sheet}/fragen/", {"shown": name, "version": "0", "seen": "{}", f"q_{name}": choice})
    assert checks.colleague(sheet).sheet.answers[name] == choice
    assert sheet_of(key).answers[name] != choice
    assert "Danke" in client.get(f"/check/mit/{sheet}/?fertig=1").content.decode()


def race(key: str, people: int) -> tuple[list[str], list[str]]:
    """Let people save different answers to one question at once, all from what they saw at the beginning; return who got in and who was told."""
    lead = sheet_of(key)
    barrier, saved, told = threading.Barrier(people), [], []

    def person(n: int) -> None:
        barrier.wait()
        try:
            actions.save(lead.key, {"employees": n + 1}, version=lead.version, seen={})
            saved.append(str(n + 1))
        except actions.Overtaken:
            told.append(str(n + 1))
        finally:
            connection.close()

    threads = [threading.Thread(target=person, args=(n,)) for n in range(people)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    return saved, told


@pytest.mark.django_db(transaction=True)
def test_of_people_who_save_at_once_one_gets_in_and_all_others_are_told() -> None:
    key = keeping.keep({}, ("own",), lang="de")
    saved, told = race(key, 6)
    assert len(saved) == 1
    assert len(told) == 5
    assert sheet_of(key).answers == {"employees": int(saved[0])}
    assert Sheet.objects.get().version == 1


@pytest.mark.django_db(transaction=True)
def test_the_race_would_be_lost_without_the_look_at_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_check_unseen", lambda *args: None)
    saved, told = race(keeping.keep({}, ("own",), lang="de"), 6)
    assert (len(saved), told) == (6, [])
