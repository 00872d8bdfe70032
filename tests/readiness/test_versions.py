"""Results keep the version of an own check they were answered with: after the next version, and after it is taken back."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from nordlotse.readiness.actions import checks as keeping
from nordlotse.readiness.actions import comparing
from nordlotse.readiness.actions import own_models as actions
from nordlotse.readiness.models import Check, OwnModel, Round
from nordlotse.readiness.queries import answering, checks, comparison, outcome
from nordlotse.readiness.queries import models as queries
from tests.readiness.test_own_models import cell_of, changed, coordinator, published
from tests.web.world import signed_in

pytestmark = pytest.mark.django_db

ANSWERS = {"welds": "yes", "weld_robot": "3", "weld_power": "0", "weld_records": ["machine", "linked"]}
SECOND_WORDS = "Überall und immer"


def second(**cells: object) -> OwnModel:
    """Publish version 2: the best answer is worth less than half of what the others reach, and is called differently."""
    word = {
        cell_of("choices", "label::Deutsch (de)", 7): SECOND_WORDS,
        cell_of("choices", "label::English (en)", 7): "All",
    }
    points = {cell_of("choices", "score", 6): 9}
    version = {cell_of("settings", "version", 2): "2"}
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**version, **word, **points, **cells))
    assert handed.draft is not None, handed.findings
    actions.publish(coordinator(), handed.draft)
    return OwnModel.objects.get(pk=handed.draft)


def text_of(response: Any) -> str:
    page = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def kept(answers: dict[str, Any] = ANSWERS) -> str:
    return keeping.keep(answers, ("welding_check",), lang="de")


def result(key: str, more: str = "") -> str:
    return text_of(Client().get(f"/check/{key}/ergebnis/{more}"))


def test_a_kept_result_stays_readable_when_its_check_is_taken_back() -> None:
    row = published()
    key = kept()
    before = result(key)
    actions.withdraw(coordinator(), row.pk)
    after = result(key)
    assert "Auf dem Weg" in before
    assert "63,3" in after
    assert "Ihr Stand: Auf dem Weg" in after
    assert "nicht mehr angeboten" in after
    for page in ("", "fragen/", "plan/", "bericht.pdf", "antworten.json", "unterschiede/", "vergleich/"):
        assert Client().get(f"/check/{key}/{page}").status_code == 200


def test_saving_a_page_after_it_was_taken_back_keeps_the_version() -> None:
    row = published()
    key = kept({"welds": "yes"})
    actions.withdraw(coordinator(), row.pk)
    sheet = checks.kept(key).newest.lead
    Client().post(
        f"/check/{key}/fragen/", {"shown": "weld_robot", "q_weld_robot": "3", "version": sheet.version, "seen": "{}"}
    )
    assert checks.kept(key).newest.answers["weld_robot"] == "3"
    assert Round.objects.get(check_of=key).hashes["welding_check"] == row.hash


def test_a_finished_result_keeps_its_points_and_words_after_version_2() -> None:
    published()
    key = kept()
    second()
    page = result(key)
    assert "63,3" in page
    assert SECOND_WORDS not in page
    assert "Fassung 1, inzwischen gibt es Fassung 2" in page
    found = outcome.outcome(checks.kept(key).newest.answers, checks.kept(key).newest.models)
    assert [m.version for m in found.models.values()] == ["1"]


def test_the_report_of_a_result_of_version_1_is_one_of_version_1() -> None:
    published()
    key = kept()
    first = Client().get(f"/check/{key}/bericht.pdf").content
    second()
    assert Client().get(f"/check/{key}/bericht.pdf").content == first


def test_a_new_check_is_answered_with_version_2() -> None:
    published()
    kept()
    second()
    key = kept()
    assert "inzwischen gibt es" not in result(key)
    assert [m.version for m in outcome.outcome(ANSWERS, ("welding_check",)).models.values()] == ["2"]


def test_an_unfinished_round_goes_on_with_its_version_and_says_so() -> None:
    published()
    key = kept({"welds": "yes"})
    second()
    page = text_of(Client().get(f"/check/{key}/fragen/?frage=weld_robot"))
    assert "Überall" in page
    assert SECOND_WORDS not in page
    assert "Fassung 1" in page
    assert "Fassung 2" in page


def test_an_unfinished_round_changes_to_the_new_version_when_somebody_chooses_it_and_loses_nothing() -> None:
    published()
    key = kept({"welds": "yes", "weld_robot": "3"})
    row = second()
    overview = Client().get(f"/check/{key}/").content.decode()
    assert 'value="renew"' in overview
    Client().post(f"/check/{key}/", {"do": "renew"})
    page = text_of(Client().get(f"/check/{key}/fragen/?frage=weld_robot"))
    assert SECOND_WORDS in page
    assert checks.kept(key).newest.answers == {"welds": "yes", "weld_robot": "3"}
    assert Round.objects.get(check_of=key).hashes["welding_check"] == row.hash


def test_a_finished_round_is_never_moved_to_a_new_version() -> None:
    published()
    key = kept()
    second()
    assert 'value="renew"' not in Client().get(f"/check/{key}/").content.decode()
    Client().post(f"/check/{key}/", {"do": "renew"})
    assert "63,3" in result(key)


def test_a_repetition_is_answered_with_the_version_of_today_and_the_old_round_stays() -> None:
    published()
    key = kept()
    second()
    keeping.repeat(key, empty=False, seen=0)
    assert SECOND_WORDS in text_of(Client().get(f"/check/{key}/fragen/?frage=weld_robot"))
    old = result(key, "?runde=0")
    assert "63,3" in old
    assert SECOND_WORDS not in old


def test_a_colleague_answers_the_version_of_the_round() -> None:
    published()
    key = kept({"welds": "yes"})
    sheet = keeping.invite(key, "Werkstatt")
    second()
    assert SECOND_WORDS not in text_of(Client().get(f"/check/mit/{sheet}/fragen/?frage=weld_robot"))


def test_deepening_does_not_move_the_own_check_to_its_new_version() -> None:
    published()
    key = kept()
    second()
    keeping.add_models(key, ("own",))
    assert "63,3" in result(key)
    assert Round.objects.get(check_of=key).models_asked == ["welding_check", "own"]


def on_the_way(client: Client) -> str:
    """The models that a page of questions carries, begun before anything changed."""
    page = client.post("/check/fragen/", {"models": "welding_check"}).content.decode()
    found = re.search(r'name="models" value="([^"]*)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("change", ["second", "withdraw"])
def test_answers_on_the_way_are_not_lost_when_the_check_changes(client: Client, change: str) -> None:
    row = published()
    models = on_the_way(client)
    second() if change == "second" else actions.withdraw(coordinator(), row.pk)
    page = client.post("/check/ergebnis/", {"models": models, "answers": json.dumps(ANSWERS)})
    assert "63,3" in text_of(page)
    assert "Fassung 1" in text_of(page)
    if change == "second":
        assert "Mit Fassung 2 weitermachen" in text_of(page)
    client.post("/check/sichern/", {"models": models, "answers": json.dumps(ANSWERS), "do": "keep"})
    key = Check.objects.get().key
    assert Round.objects.get().hashes["welding_check"] == row.hash
    assert "63,3" in result(key)


def test_a_file_of_answers_goes_on_with_the_version_it_was_answered_with(client: Client) -> None:
    published()
    key = kept()
    file = client.get(f"/check/{key}/antworten.json").content
    second()
    page = client.post("/check/", {"file": SimpleUploadedFile("antworten.json", file)}).content.decode()
    found = re.search(r'name="models" value="([^"]*@[^"]*)"', page)
    assert found is not None
    told = outcome.outcome(ANSWERS, answering.offered([found[1]]))
    assert [m.version for m in told.models.values()] == ["1"]


def test_a_made_up_version_leads_to_the_one_on_offer(client: Client) -> None:
    published()
    page = client.post("/check/ergebnis/", {"models": "welding_check@000000000000", "answers": json.dumps(ANSWERS)})
    assert "63,3" in text_of(page)


def test_answers_to_version_1_are_not_compared_as_answers_to_version_2() -> None:
    published()
    key = kept()
    comparing.agree(key)
    first = queries.available()["welding_check"]
    assert len(comparison.participants(first)) == 1
    second()
    assert comparison.participants(queries.available()["welding_check"]) == []


def test_before_a_new_version_is_published_the_page_says_what_happens_with_old_results() -> None:
    published()
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**{cell_of("settings", "version", 2): "2"}))
    page = text_of(signed_in("coordinator").get(f"/desk/check/modelle/{handed.draft}/"))
    assert "Ergebnisse mit Fassung 1 bleiben" in page


def test_a_draft_keeps_its_address_when_the_next_file_replaces_it() -> None:
    first = actions.hand_in(coordinator(), "check.xlsx", changed())
    title = cell_of("settings", "title_de", 2)
    again = actions.hand_in(coordinator(), "check.xlsx", changed(**{title: "Anders"}))
    assert again.draft == first.draft
    assert OwnModel.objects.get(pk=first.draft).name == "Anders"


def test_a_draft_can_be_tried_out_before_it_is_published_but_not_kept() -> None:
    handed = actions.hand_in(coordinator(), "check.xlsx", changed())
    client = signed_in("coordinator")
    page = client.get(f"/desk/check/modelle/{handed.draft}/").content.decode()
    models = re.search(r'name="models" value="([^"]*)"', page)
    assert models is not None
    sent = {"models": models[1], "answers": json.dumps(ANSWERS)}
    shown = client.post("/check/ergebnis/", sent)
    assert "63,3" in text_of(shown)
    assert "Entwurf" in text_of(shown)
    kept_now = client.post("/check/sichern/", sent | {"do": "keep"})
    assert kept_now.status_code == 422
    assert "Veröffentlichen" in text_of(kept_now)
    assert not Check.objects.exists()
