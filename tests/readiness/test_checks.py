"""Keeping a check: nothing before it is asked for, one link, mails, colleagues, rounds, deletion, retention, export."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound, TooMany
from nordlotse.journey.actions import privacy
from nordlotse.journey.models import Company
from nordlotse.journey.queries import keeping
from nordlotse.office import log
from nordlotse.office.models import OutgoingMail
from nordlotse.readiness.actions import answering as saving
from nordlotse.readiness.actions import checks as actions
from nordlotse.readiness.core import asking
from nordlotse.readiness.models import Check, Comparing, Round, Sheet
from nordlotse.readiness.personal import KEPT_DAYS
from nordlotse.readiness.queries import answering, checks

pytestmark = pytest.mark.django_db


def first_choices(*models: str) -> dict[str, Any]:
    """Answer every question of these models with its first choice."""
    form = answering.form_of(models or ("own",))
    answers: dict[str, Any] = {}
    for q in form.questions:
        if q.choices:
            several = q.kind == "select_multiple"
            answers[q.name] = (q.choices[0].name,) if several else q.choices[0].name
    return answers | {"employees": 40, "sector": "C", "state": "SH"}


def kept(**more: Any) -> str:
    return actions.keep(first_choices() | more, ("own",), lang="de")


# ---- keeping ----


def test_a_kept_check_has_one_round_with_the_answers_the_models_and_the_hashes_of_both() -> None:
    check = checks.kept(kept())
    assert [r.label for r in check.rounds] == ["T0"]
    assert check.newest.models == ("own",)
    assert dict(check.newest.answers) == first_choices()
    assert set(check.newest.hashes) == {"own", "form"}
    assert check.newest.finished_at is not None
    assert (check.employees, check.sector, check.state) == (40, "C", "SH")


def test_a_check_with_open_questions_is_not_finished() -> None:
    assert checks.kept(actions.keep({}, ("own",), lang="de")).newest.finished_at is None


def test_the_same_form_sent_twice_is_one_check() -> None:
    key = kept()
    assert actions.keep({"employees": 3}, ("own",), lang="de", key=key) == key
    assert Check.objects.count() == 1
    assert checks.kept(key).employees == 40


def test_what_we_do_not_ask_and_what_does_not_fit_is_not_kept() -> None:
    key = actions.keep({"employees": "viele", "made_up": "x", "state": "HH"}, ("own",), lang="de")
    assert dict(checks.kept(key).newest.answers) == {"state": "HH"}


@pytest.mark.parametrize("key", ["", "kurz", "x" * 24, "x" * 300, "'; drop table", "\x00" * 24])
def test_a_link_that_leads_nowhere_says_so(key: str) -> None:
    with pytest.raises(NotFound) as told:
        checks.kept(key)
    assert told.value.code == "check_unknown"
    with pytest.raises(NotFound):
        actions.invite(key, "Werkstatt")


def test_two_keys_are_never_alike_and_long_enough_not_to_be_guessed() -> None:
    made = {kept() for _ in range(20)}
    assert len(made) == 20
    assert all(len(key) == 24 and key.isalnum() for key in made)


def test_opening_counts_once_a_day() -> None:
    key = kept()
    long_ago = timezone.now() - timedelta(days=400)
    Check.objects.filter(pk=key).update(touched_at=long_ago)
    actions.opened(checks.kept(key))
    first = Check.objects.get(pk=key).touched_at
    actions.opened(checks.kept(key))
    assert first > long_ago
    assert Check.objects.get(pk=key).touched_at == first


def test_the_log_names_a_check_without_giving_its_key_away() -> None:
    key = kept()
    assert [e.verb for e in log.about("check", key[:6])] == ["kept"]
    assert not log.about("check", key)


# ---- the link by mail ----


def test_the_link_is_mailed_in_the_language_of_the_page_and_erased_once_sent() -> None:
    key = kept()
    actions.mail_link(key, " Chefin@Metall.example ", "en")
    mail = OutgoingMail.objects.get()
    assert mail.to == "chefin@metall.example"
    assert f"/en/check/{key}/" in mail.text
    assert mail.subject == "The link to your check"
    assert mail.secret
    assert key not in mail.reference + mail.key
    assert "metall" not in mail.key


def test_a_fourth_mail_on_one_day_to_the_same_address_is_refused_whichever_check_it_is_about() -> None:
    for _ in range(3):
        actions.mail_link(kept(), "chefin@metall.example", "de")
    with pytest.raises(TooMany):
        actions.mail_link(kept(), "CHEFIN@metall.example", "de")
    actions.mail_link(kept(), "meister@metall.example", "de")
    assert OutgoingMail.objects.count() == 4


def test_nobody_mails_the_link_of_one_check_to_the_whole_world() -> None:
    key = kept()
    for number in range(10):
        actions.mail_link(key, f"m{number}@metall.example", "de")
    with pytest.raises(TooMany, match="mails_a_check"):
        actions.mail_link(key, "noch-jemand@metall.example", "de")
    actions.mail_link(kept(), "noch-jemand@metall.example", "de")


def test_mails_and_plans_have_limits_of_their_own() -> None:
    from nordlotse.web.limits import LIMITS

    rules, key = {rule.name: rule for rule in LIMITS}, "a" * 24
    assert rules["check-mail"].applies("POST", f"/en/check/{key}/mail/")
    assert not rules["check-mail"].applies("POST", f"/check/{key}/")
    for page in ("plan/", "plan.ics", "bericht.pdf"):
        assert rules["check-plan"].applies("GET", f"/check/{key}/{page}")
        assert rules["check-plan"].applies("POST", f"/check/{page}")
    assert not rules["check-plan"].applies("GET", f"/check/{key}/ergebnis/")
    assert not rules["check-plan"].applies("GET", "/netz/plan/")


@pytest.mark.parametrize("page", ["", "fragen/", "ergebnis/", "plan/"])
def test_whoever_opens_any_page_of_a_check_keeps_it(client: Client, page: str) -> None:
    key = kept()
    long_ago = timezone.now() - timedelta(days=900)
    Check.objects.filter(pk=key).update(touched_at=long_ago)
    client.get(f"/check/{key}/{page}")
    assert Check.objects.get(pk=key).touched_at > timezone.now() - timedelta(minutes=5)


def test_no_table_of_the_room_holds_the_address() -> None:
    key = kept()
    actions.mail_link(key, "chefin@metall.example", "de")
    rows = [*Check.objects.values(), *Round.objects.values(), *Sheet.objects.values()]
    assert "metall.example" not in json.dumps(rows, default=str)


def test_the_page_offers_a_mail_only_where_mails_are_sent(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    key = kept()
    assert 'name="mail"' not in client.get(f"/check/{key}/").content.decode()
    monkeypatch.setattr("nordlotse.office.sending.sends", lambda: True)
    assert 'name="mail"' in client.get(f"/check/{key}/").content.decode()
    assert client.post(f"/check/{key}/mail/", {"mail": "keine"}).status_code == 422
    gone = client.post(f"/check/{key}/mail/", {"mail": "chefin@metall.example"})
    assert "unterwegs" in client.get(gone["Location"]).content.decode()
    assert OutgoingMail.objects.get().to == "chefin@metall.example"


def test_keeping_and_answering_have_limits_that_a_workshop_of_thirty_behind_one_address_does_not_reach() -> None:
    from nordlotse.web.limits import LIMITS

    rules = {rule.name: rule for rule in LIMITS}
    for path in ("/check/sichern/", "/en/check/sichern/"):
        assert rules["check-keep"].applies("POST", path)
        assert not rules["check-keep"].applies("GET", path)
    assert rules["check"].applies("POST", f"/check/{'a' * 24}/")
    assert not rules["check"].applies("POST", "/desk/check/")
    assert rules["check-keep"].burst >= 30
    assert rules["check"].per_minute >= 30 * 3 * 2


# ---- colleagues ----


def test_a_colleague_gets_a_sheet_that_holds_nothing_but_what_is_said_about_the_company() -> None:
    key = kept()
    sheet = checks.colleague(actions.invite(key, "  Werkstatt  "))
    assert sheet.sheet.who == "Werkstatt"
    assert set(sheet.sheet.answers) == {"employees", "sector", "state"}


def test_a_colleagues_key_opens_neither_the_check_nor_the_leads_sheet() -> None:
    key = kept()
    sheet = actions.invite(key, "Werkstatt")
    with pytest.raises(NotFound):
        checks.kept(sheet)
    with pytest.raises(NotFound):
        checks.colleague(checks.kept(key).newest.lead.key)


def test_a_second_colleague_of_the_same_name_and_a_twenty_first_one_are_refused() -> None:
    key = kept()
    actions.invite(key, "Büro")
    with pytest.raises(BadInput, match="colleague_known"):
        actions.invite(key, "büro")
    for n in range(19):
        actions.invite(key, f"Person {n}")
    with pytest.raises(BadInput, match="colleagues_full"):
        actions.invite(key, "noch jemand")


def test_a_removed_colleague_is_gone_with_every_answer_and_the_lead_cannot_be_removed() -> None:
    key = kept()
    sheet = actions.invite(key, "Werkstatt")
    actions.remove_colleague(key, sheet)
    actions.remove_colleague(key, sheet)
    actions.remove_colleague(key, checks.kept(key).newest.lead.key)
    assert Sheet.objects.count() == 1
    with pytest.raises(NotFound):
        checks.colleague(sheet)


def test_a_colleague_of_another_check_cannot_be_removed() -> None:
    mine, other = kept(), kept()
    sheet = actions.invite(other, "Werkstatt")
    actions.remove_colleague(mine, sheet)
    assert checks.colleague(sheet)


# ---- models and rounds ----


def test_a_model_is_added_and_only_its_own_questions_are_open_then() -> None:
    key = kept()
    actions.add_models(key, ("impuls",))
    newest = checks.kept(key).newest
    assert newest.models == ("own", "impuls")
    assert newest.finished_at is None
    form = answering.form_of(newest.models)
    left = {
        q.name for q in asking.open_questions(form, answering.filled(newest.models, newest.answers), newest.answers)
    }
    assert left
    assert not left & set(answering.form_of(("own",)).by_name)


def test_the_next_round_begins_with_the_old_answers_or_with_those_about_the_company_alone() -> None:
    key = kept()
    assert actions.repeat(key, empty=False, seen=0) == 1
    assert dict(checks.kept(key).newest.answers) == first_choices()
    actions.finish(key)
    assert actions.repeat(key, empty=True, seen=1) == 2
    assert set(checks.kept(key).newest.answers) == {"employees", "sector", "state"}
    assert [r.label for r in checks.kept(key).rounds] == ["T0", "T1", "T2"]


def test_the_same_button_pressed_twice_begins_one_round() -> None:
    key = kept()
    assert [actions.repeat(key, empty=True, seen=0) for _ in range(2)] == [1, 1]


def test_no_round_begins_while_the_last_one_is_open() -> None:
    key = actions.keep({}, ("own",), lang="de")
    with pytest.raises(BadInput, match="round_open"):
        actions.repeat(key, empty=True, seen=0)
    actions.finish(key)
    assert actions.repeat(key, empty=True, seen=0) == 1


def test_colleagues_of_an_old_round_stay_there() -> None:
    key = kept()
    actions.invite(key, "Werkstatt")
    actions.repeat(key, empty=False, seen=0)
    first, second = checks.kept(key).rounds
    assert ([c.who for c in first.colleagues], second.colleagues) == (["Werkstatt"], ())


def test_saving_the_newest_round_leaves_the_older_ones_as_they_are() -> None:
    key = kept()
    actions.repeat(key, empty=False, seen=0)
    lead = checks.kept(key).newest.lead
    saving.save(lead.key, {"state": "HH"}, version=lead.version, seen=lead.answers)
    first, second = checks.kept(key).rounds
    assert (first.answers["state"], second.answers["state"]) == ("SH", "HH")
    assert checks.kept(key).state == "HH"


def test_the_tenth_round_is_the_last() -> None:
    key = kept()
    for n in range(actions.MAX_ROUNDS - 1):
        actions.repeat(key, empty=False, seen=n)
        actions.finish(key)
    with pytest.raises(BadInput, match="rounds_full"):
        actions.repeat(key, empty=False, seen=actions.MAX_ROUNDS - 1)


# ---- deletion, retention, export ----


def test_deleting_a_check_leaves_nothing_of_it_and_gives_a_receipt() -> None:
    key = kept()
    actions.invite(key, "Werkstatt")
    actions.mail_link(key, "chefin@metall.example", "de")
    Comparing.objects.create(check_of_id=key, text_version="1")
    receipt = actions.delete(key)
    assert (receipt.rounds, receipt.people) == (1, 2)
    assert receipt.number not in key
    assert not any(model.objects.exists() for model in (Check, Round, Sheet, Comparing))
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.text, mail.state) == ("", "", OutgoingMail.State.WITHHELD)
    with pytest.raises(NotFound):
        actions.delete(key)


def test_deleting_one_check_leaves_the_others() -> None:
    mine, other = kept(), kept()
    actions.delete(mine)
    assert checks.kept(other).newest.answers


def test_a_check_nobody_opened_for_its_period_is_deleted_with_everything_below_it_and_not_a_day_earlier() -> None:
    old, young = kept(), kept()
    now = timezone.now()
    Check.objects.filter(pk=old).update(touched_at=now - timedelta(days=KEPT_DAYS, minutes=1))
    Check.objects.filter(pk=young).update(touched_at=now - timedelta(days=KEPT_DAYS, minutes=-1))
    privacy.retain()
    assert list(Check.objects.values_list("pk", flat=True)) == [young]
    assert Sheet.objects.count() == Round.objects.count() == 1


def test_a_companys_checks_are_in_its_export_and_go_with_it() -> None:
    company = Company.objects.create(name="Metall AG")
    mine, stranger = kept(), kept()
    actions.attach(mine, company.pk)
    subject = keeping.subject_of_company(company)
    found = keeping.kept(subject)
    assert [row["key"] for row in found.tables["readiness.Check"]] == [mine]
    assert found.tables["readiness.Sheet"][0]["answers"]["state"] == "SH"
    assert b"readiness.Sheet" in keeping.archive(subject, "de")
    privacy.delete(subject, seen=found.hash)
    assert list(Check.objects.values_list("pk", flat=True)) == [stranger]
    assert Sheet.objects.count() == 1


def test_a_check_can_be_taken_from_a_company_again() -> None:
    key = kept()
    actions.attach(key, "c1")
    actions.attach(key, "")
    assert checks.kept(key).company == ""


# ---- pages ----


def test_nothing_is_stored_before_somebody_asks_for_it(client: Client) -> None:
    answers = json.dumps({"state": "SH"})
    for place in ("/check/fragen/", "/check/sichern/", "/check/antworten.json"):
        assert client.post(place, {"answers": answers, "models": "own"}).status_code == 200
    assert not Check.objects.exists()
    assert "sessionid" not in client.cookies


def test_keeping_leads_to_the_link_and_the_page_shows_it_with_a_code_to_scan(client: Client) -> None:
    page = client.post("/check/sichern/", {"answers": json.dumps(first_choices()), "models": "own"})
    once = page.context["once"]
    sent = {"answers": json.dumps(first_choices()), "models": "own", "once": once, "do": "keep"}
    gone = client.post("/check/sichern/", sent)
    assert client.post("/check/sichern/", sent)["Location"] == gone["Location"]
    key = Check.objects.get().key
    assert gone["Location"] == f"/check/{key}/?neu=1"
    shown = client.get(gone["Location"])
    assert f"/check/{key}/" in shown.content.decode()
    assert "<svg" in shown.content.decode()


def test_somebody_cannot_choose_the_key(client: Client) -> None:
    sent = {"answers": "{}", "models": "own", "once": "a" * 24, "do": "keep"}
    client.post("/check/sichern/", sent)
    assert Check.objects.get().key != "a" * 24


def test_pages_behind_a_link_are_kept_out_of_search_engines_and_other_sites_logs(client: Client) -> None:
    key = kept()
    sheet = actions.invite(key, "Werkstatt")
    places = ["", "fragen/", "ergebnis/", "plan/", "unterschiede/", "wiederholen/", "loeschen/", "vergleich/"]
    for place in [*(f"/check/{key}/{p}" for p in places), f"/check/mit/{sheet}/", f"/check/mit/{sheet}/fragen/"]:
        response = client.get(place)
        assert response.status_code == 200, place
        assert "noindex" in response["X-Robots-Tag"], place
        assert response["Referrer-Policy"] == "same-origin", place
        assert "no-store" in response["Cache-Control"], place


def test_a_colleague_sees_nothing_of_what_the_lead_said(client: Client) -> None:
    key = actions.keep(first_choices(), ("own",), lang="de")
    sheet = actions.invite(key, "Werkstatt")
    for place in (f"/check/mit/{sheet}/", f"/check/mit/{sheet}/fragen/"):
        page = client.get(place).content.decode()
        assert key not in page
        assert " checked" not in page


def test_the_file_goes_round_the_trip(client: Client) -> None:
    key = kept()
    file = client.get(f"/check/{key}/antworten.json")
    assert "antworten.json" in file["Content-Disposition"]
    content = json.loads(file.content)
    assert content["models"] == ["own"]
    assert content["answers"] == json.loads(json.dumps(first_choices()))


def test_deleting_asks_once_more(client: Client) -> None:
    key = kept()
    assert client.post(f"/check/{key}/loeschen/").status_code == 422
    assert Check.objects.exists()
    page = client.post(f"/check/{key}/loeschen/", {"sure": "yes"})
    assert page.context["receipt"].number in page.content.decode()
    assert not Check.objects.exists()
    assert client.get(f"/check/{key}/").status_code == 404


def test_a_button_we_do_not_know_changes_nothing(client: Client) -> None:
    key = kept()
    assert client.post(f"/check/{key}/", {"do": "burn"}).status_code == 422


def test_differences_name_who_said_what_and_an_answer_can_be_taken_over(client: Client) -> None:
    key = kept()
    form = answering.form_of(("own",))
    q = next(q for q in form.questions if q.kind == "select_one" and q.group != asking.COMPANY)
    sheet = actions.invite(key, "Werkstatt")
    saving.save(sheet, {q.name: q.choices[-1].name}, version=0, seen={})
    page = client.get(f"/check/{key}/unterschiede/")
    assert [row["name"] for row in page.context["rows"]] == [q.name]
    row = page.context["rows"][0]
    lead = page.context["round"].lead
    sent = {"runde": "0", "question": q.name, "sheet": sheet, "version": str(lead.version), "seen": row["seen"]}
    assert client.post(f"/check/{key}/unterschiede/", sent).status_code == 302
    assert checks.kept(key).newest.answers[q.name] == q.choices[-1].name
    assert client.get(f"/check/{key}/unterschiede/").context["rows"] == []


def test_with_three_people_a_sentence_says_who_lie_farthest_apart(client: Client) -> None:
    key = kept()
    form = answering.form_of(("own",))
    q = next(q for q in form.questions if q.kind == "select_one" and q.group != asking.COMPANY)
    for who, place in (("Büro", 1), ("Werkstatt", -1)):
        saving.save(actions.invite(key, who), {q.name: q.choices[place].name}, version=0, seen={})
    page = client.get(f"/check/{key}/unterschiede/").content.decode()
    assert f"Sie „{q.choices[0].label.de}“, Werkstatt „{q.choices[-1].label.de}“" in page


def test_an_answer_is_not_taken_over_unseen(client: Client) -> None:
    key = kept()
    sheet = actions.invite(key, "Werkstatt")
    saving.save(sheet, {"state": "MV"}, version=0, seen={"state": "SH"})
    lead = checks.kept(key).newest.lead
    saving.save(lead.key, {"state": "HH"}, version=lead.version, seen=lead.answers)
    sent = {"runde": "0", "question": "state", "sheet": sheet, "version": str(lead.version), "seen": '{"state": "SH"}'}
    assert client.post(f"/check/{key}/unterschiede/", sent).status_code == 409
    assert checks.kept(key).newest.answers["state"] == "HH"


def test_the_path_of_a_check_in_a_log_line_holds_no_key() -> None:
    import logging

    from nordlotse.web.logs import Impersonal

    key = kept()
    for path in (f"/check/{key}/ergebnis/", f"/en/check/{key}/", f"/check/mit/{key}/fragen/"):
        record = logging.LogRecord("x", logging.INFO, "", 0, "GET %s failed", (path,), None)
        Impersonal().filter(record)
        assert key not in record.getMessage()
