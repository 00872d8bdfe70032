"""What an expert without an account stumbled over: links after a mailed answer, a no after a yes, minutes, visits, load."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions import cases, entering, letters, mailed_answers, proposals, thread
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Message, Service
from nordlotse.journey.queries.access import Who
from nordlotse.network.models import Person
from nordlotse.office.models import OutgoingMail
from tests.journey.casework import accepted, case, coordinator, person
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db


def expert(who: Person) -> Who:
    return Who(Actor.EXPERT, person=who)


def asked() -> Assignment:
    return proposals.ask_person(coordinator(), case().pk, person("Sensorik").pk)


def request_link(assignment: Assignment) -> str:
    text = OutgoingMail.objects.get(key=f"journey:asked:{assignment.pk}").text
    return "/" + next(line for line in text.splitlines() if "/anfrage/" in line).split("://")[1].split("/", 1)[1]


def by_mail(assignment: Assignment, text: str, number: int = 1) -> Assignment:
    mailed_answers.take_mail(
        str(assignment.pk), f"person:{assignment.person_id}", text, (), f"<{number}@partner.example>"
    )
    assignment.refresh_from_db()
    return assignment


def page(path: str, **data: Any) -> str:
    client = Client()
    return html.unescape((client.post(path, data) if data else client.get(path)).content.decode())


def held() -> tuple[Assignment, str]:
    """Return a case in somebody's hands and the path of the link to work on it."""
    made, who = case(), person("Sensorik")
    assignment = accepted(coordinator(), made, who)
    return assignment, f"/{letters.expert_path(assignment)}"


def closing_mail() -> str:
    (mail,) = (m for m in OutgoingMail.objects.all() if m.key.startswith(("journey:closed:", "journey:effect:")))
    return mail.text


def last_mail(start: str) -> str:
    return OutgoingMail.objects.filter(key__startswith=start).latest("pk").text


# ---- the link of the request ----


@pytest.mark.parametrize(
    ("said", "shown"), [("Ja", "der Fall gehört Ihnen"), ("befangen", "„befangen“"), ("Nein", "„nein“ gewählt")]
)
def test_the_link_says_what_was_answered_by_mail(said: str, shown: str) -> None:
    assignment = asked()
    path = request_link(assignment)
    by_mail(assignment, said)
    response = Client().get(path)
    assert response.status_code == 200
    assert shown in html.unescape(response.content.decode())


def test_the_link_says_what_was_answered_on_the_phone() -> None:
    assignment = asked()
    path = request_link(assignment)
    proposals.answer(coordinator("zwei"), assignment.pk, "decline")
    response = Client().get(path)
    assert response.status_code == 200
    assert "„nein“ gewählt" in html.unescape(response.content.decode())


def test_a_link_answered_by_mail_takes_no_second_answer() -> None:
    assignment = asked()
    path = request_link(assignment)
    by_mail(assignment, "Nein")
    page(path, choice="accept")
    assignment.refresh_from_db()
    assert assignment.status == "declined"


# ---- no after yes ----


def test_a_no_after_a_yes_gives_the_case_back() -> None:
    assignment = by_mail(asked(), "Ja")
    by_mail(assignment, "Nein, doch nicht, ich schaffe es nicht.", 2)
    assert assignment.status == "handed_over"
    made = Case.objects.get()
    assert (made.status, made.attention) == ("new", "given_back")
    assert "zurück bei der Koordination" in last_mail("journey:noted:")
    assert "als erstes Wort" not in last_mail("journey:noted:")


def test_a_later_after_a_yes_says_that_the_case_is_theirs_and_how_to_give_it_back() -> None:
    assignment = by_mail(asked(), "Ja")
    by_mail(assignment, "Später", 2)
    assert assignment.status == "accepted"
    told = last_mail("journey:noted:")
    assert "Sie haben schon zugesagt" in told and "/anfrage/fall/" in told


def test_words_after_a_no_say_that_nothing_is_left_to_do() -> None:
    assignment = by_mail(asked(), "Nein")
    by_mail(assignment, "Ja, doch", 2)
    assert assignment.status == "declined"
    assert "Die Anfrage ist schon beantwortet" in last_mail("journey:noted:")


# ---- minutes ----


def test_giving_back_keeps_unconfirmed_minutes_within_reach() -> None:
    assignment, path = held()
    thread.say(expert(assignment.person), assignment.case_id, "Gesprochen.", channel=Message.Channel.PHONE, minutes=30)
    done = page(path, do="give_back", note="Krank")
    service = Service.objects.get()
    assert f'name="service" value="{service.pk}"' in done
    shown = page(path)
    assert "liegt wieder bei der Koordination" in shown and "Telefonat" in shown
    page(path, do="count", service=service.pk, minutes="35")
    service.refresh_from_db()
    assert (service.minutes, service.confirmed_at is not None) == (35, True)


def test_after_giving_back_the_case_itself_is_closed_to_the_link() -> None:
    assignment, path = held()
    Message.objects.create(case_id=assignment.case_id, author="company", text="Geheimes Angebot")
    page(path, do="give_back", note="Krank")
    assert "Geheimes Angebot" not in page(path)
    page(path, do="say", text="Noch etwas")
    assert not Message.objects.filter(text="Noch etwas").exists()


@pytest.mark.parametrize("wrong", ["1h30", "abc", "-5", "0", "99999", "1,5"])
def test_minutes_that_are_none_are_refused_with_a_message(wrong: str) -> None:
    _assignment, path = held()
    response = Client().post(path, {"do": "say", "channel": "phone", "text": "Angerufen.", "minutes": wrong})
    assert response.status_code == 422
    shown = html.unescape(response.content.decode())
    assert "ganze Zahl" in shown and "Angerufen." in shown
    assert not Message.objects.filter(text="Angerufen.").exists()


def test_wrong_minutes_of_ones_own_time_are_told_beside_them() -> None:
    assignment, path = held()
    thread.say(expert(assignment.person), assignment.case_id, "Gesprochen.", channel=Message.Channel.PHONE, minutes=30)
    shown = page(path, do="count", service=Service.objects.get().pk, minutes="abc")
    own = shown.split('id="gezaehlt"')[1].split("</section>")[0]
    assert "ganze Zahl" in own and 'value="abc"' in own


def test_no_minutes_at_all_still_propose_the_usual_length() -> None:
    _assignment, path = held()
    page(path, do="say", channel="phone", text="Angerufen.", minutes="")
    assert Service.objects.get().kind == "call"


# ---- a visit by link ----


def test_a_visit_is_recorded_by_link_and_counts_at_once() -> None:
    assignment, path = held()
    assert 'value="visited"' in page(path)
    day = timezone.localdate().isoformat()
    for _ in range(2):
        page(path, do="visited", kind="visit", minutes="120", day=day, note="Presse angesehen", once="abc")
    service = Service.objects.get()
    assert (service.kind, service.minutes, service.person) == ("visit", 120, assignment.person)
    assert service.confirmed_at is not None
    assert "Summe: 120 Minuten" in page(path)


@pytest.mark.parametrize(("field", "value"), [("minutes", "zwei"), ("kind", "workshop"), ("day", "2199-01-01")])
def test_a_visit_that_cannot_be_is_refused_with_a_message(field: str, value: str) -> None:
    _assignment, path = held()
    body = {"do": "visited", "kind": "visit", "minutes": "60", "day": timezone.localdate().isoformat(), field: value}
    refused = Client().post(path, body | {"note": "Presse angesehen"})
    assert refused.status_code == 422
    assert 'value="Presse angesehen"' in refused.content.decode(), "what was typed is still there"
    assert not Service.objects.exists()


def test_nobody_records_a_visit_in_a_case_of_others() -> None:
    assignment, _path = held()
    with pytest.raises(Exception, match="case_unknown"):
        entering.visited(expert(person("Fremd")), assignment.case_id, "visit", minutes="60", day=None)


# ---- load ----


def test_asking_somebody_who_is_full_asks_again_first() -> None:
    full = person("Voll", capacity=1)
    proposals.ask_person(coordinator(), case(once="a").pk, full.pk)
    made = case(once="b")
    client = signed_in("coordinator")
    shown = html.unescape(client.post(f"/desk/faelle/{made.pk}/", {"do": "ask", "person": full.pk}).content.decode())
    assert "1 von 1 Plätzen" in shown
    assert not Assignment.objects.filter(case=made).exists()
    client.post(f"/desk/faelle/{made.pk}/", {"do": "ask", "person": full.pk, "sure": "yes"})
    assert Assignment.objects.filter(case=made, person=full).exists()


def test_the_mail_says_when_somebody_has_more_than_places() -> None:
    full = person("Voll", capacity=1)
    by = coordinator()
    first = proposals.ask_person(by, case(once="a").pk, full.pk)
    second = proposals.ask_person(by, case(once="b").pk, full.pk)
    told = {a.pk: OutgoingMail.objects.get(key=f"journey:asked:{a.pk}").text for a in (first, second)}
    assert "mehr Fälle" not in told[first.pk]
    assert "mehr Fälle, als Sie Plätze angegeben haben" in told[second.pk]


# ---- closing ----


def test_closing_tells_the_company_the_outcome_and_a_word_of_the_expert() -> None:
    _assignment, path = held()
    page(path, do="close", outcome="solved", note="intern: war leicht", words="Der Klemmsensor läuft. Viel Erfolg!")
    told = closing_mail()
    assert "Der Klemmsensor läuft. Viel Erfolg!" in told
    assert "Die Frage ist gelöst" in told
    assert "war leicht" not in told
    assert "/fall/" in told and "/wirkung/" in told, "one mail says both"
    assert "Der Klemmsensor läuft. Viel Erfolg!" in [m.text for m in Message.objects.filter(internal=False)]


def test_closing_without_a_word_still_says_how_the_case_ended() -> None:
    assignment, _path = held()
    cases.close(expert(assignment.person), assignment.case_id, "not_possible")
    told = closing_mail()
    assert "nicht helfen" in told


def test_a_company_that_closes_its_own_case_is_told_nothing() -> None:
    made = case()
    from nordlotse.journey.queries.access import as_contact

    cases.close(as_contact(made), made.pk, "solved")
    assert not OutgoingMail.objects.filter(key__startswith="journey:closed:").exists()


def test_a_word_at_closing_needs_no_mail_address_to_close() -> None:
    from nordlotse.journey.actions.cases import Reach

    made, who = case(Reach("Hinnerk Kahn", phone="04841 12345")), person("Sensorik")
    accepted(coordinator(), made, who)
    with pytest.raises(BadInput, match="no_mail"):
        cases.close(expert(who), made.pk, "solved", words="Viel Erfolg!")
    cases.close(expert(who), made.pk, "solved")
    made.refresh_from_db()
    assert made.status == "closed"
