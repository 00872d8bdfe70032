"""An expert who works only by mail: yes and no as words, what cannot arrive, notes for the coordinator, calls and their minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client, override_settings

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.journey.actions import cases, letters, mailed_answers, proposals, services, thread
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import AccessRecord, Assignment, Case, Message, Service
from nordlotse.journey.queries import matching
from nordlotse.journey.queries import thread as reading
from nordlotse.journey.queries.access import Who, as_contact
from nordlotse.network.models import Person
from nordlotse.office import incoming
from nordlotse.office.mail import Attachment
from nordlotse.office.models import OutgoingMail
from tests.journey.casework import accepted, case, coordinator, person

pytestmark = pytest.mark.django_db

PHONE = Reach("Hinnerk Kahn", phone="04841 12345")
OTHER = Reach("Hinnerk Kahn", mail="kahn@privat.example")


def expert(who: Person) -> Who:
    return Who(Actor.EXPERT, person=who)


def asked(made: Case | None = None) -> Assignment:
    return proposals.ask_person(coordinator(), (made or case()).pk, person("Sensorik").pk)


def by_mail(assignment: Assignment, text: str, number: int = 1) -> Assignment:
    mailed_answers.take_mail(
        str(assignment.pk), f"person:{assignment.person_id}", text, (), f"<{number}@partner.example>"
    )
    assignment.refresh_from_db()
    return assignment


def told(start: str) -> list[str]:
    return list(OutgoingMail.objects.filter(key__startswith=start).values_list("text", flat=True))


def test_words_for_a_company_without_mail_are_refused_and_count_for_nothing() -> None:
    made, who = case(PHONE), person("Sensorik")
    accepted(coordinator(), made, who)
    with pytest.raises(BadInput) as problem:
        thread.say(expert(who), made.pk, "Nehmen Sie einen Klemmsensor.")
    assert problem.value.code == "no_mail"
    assert "04841 12345" in problem.value.remedy_de
    thread.say(expert(who), made.pk, "Angerufen.", channel=Message.Channel.PHONE, minutes=45)
    made.refresh_from_db()
    assert made.first_reply_at is not None
    assert [(s.kind, s.minutes) for s in Service.objects.all()] == [("call", 45)]


def test_a_mail_that_cannot_reach_the_company_becomes_a_note_and_says_whom_to_call() -> None:
    made, who = case(PHONE), person("Sensorik")
    accepted(coordinator(), made, who)
    for _ in range(2):
        thread.take_mail(made.pk, f"person:{who.pk}", "Nehmen Sie einen Klemmsensor.", [], "<a@b>")
    made.refresh_from_db()
    assert (made.first_reply_at, made.attention) == (None, "note")
    assert [m.internal for m in made.messages.all()] == [True]
    assert not Service.objects.exists()
    (text,) = told("journey:received:")
    assert "keine Mailadresse" in text
    assert "04841 12345" in text


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Ja", "accepted"), ("ja, gern!", "accepted"), ("Yes.", "accepted"), ("Nein danke", "declined"), ("No", "declined"),
        ("Später", "not_now"), ("later, please", "not_now"), ("Befangen", "conflict"), ("Conflict of interest", "conflict"),
    ],
)  # fmt: skip
def test_the_first_word_of_a_mail_answers_a_request(said: str, status: str) -> None:
    assignment = by_mail(asked(), said)
    assert assignment.status == status
    assert len(told(f"journey:{'yours' if status == 'accepted' else 'noted'}:")) == 1


@pytest.mark.parametrize(
    "said", ["Jahrelang hatte ich mit Pressen zu tun.", "Was kostet das?", "Normalerweise gern", "Ja-ein"]
)
def test_anything_else_goes_to_the_coordinator_and_the_sender_hears_so(said: str) -> None:
    assignment = by_mail(asked(), said)
    assert assignment.status == "proposed"
    assert [(m.internal, m.text) for m in Message.objects.all()] == [(True, said)]
    assert Case.objects.get().attention == "note"
    assert "als erstes Wort" in told("journey:noted:")[0]
    assert told("journey:message:") == []


def test_a_mailed_answer_with_more_words_keeps_them_and_is_taken_once() -> None:
    assignment = asked()
    for _ in range(2):
        by_mail(assignment, "Nein, ich habe bis März keine Zeit. Fragen Sie Frau Iversen.")
    assert assignment.status == "declined"
    assert [m.internal for m in Message.objects.all()] == [True]
    assert len(told("journey:noted:")) == 1


def test_the_request_has_a_reply_address_of_its_own() -> None:
    with override_settings(CONFIGURATION=replace(settings.CONFIGURATION, imap_url="imap://x:y@localhost/INBOX")):
        assignment = asked()
    mail = OutgoingMail.objects.get(key=f"journey:asked:{assignment.pk}")
    address = incoming.read_reply_address(mail.reply_to)
    assert address is not None
    assert (address.purpose, address.reference) == ("assignment", str(assignment.pk))
    assert incoming.handler_of(letters.ASKED) is mailed_answers.take_mail
    assert "ja, nein, später oder befangen" in mail.text


def test_who_is_biased_is_asked_about_nothing_of_that_company_again() -> None:
    by, who = coordinator(), person("Sensorik")
    first = case(OTHER, company_name="Kahn GmbH")
    proposals.answer(expert(who), proposals.ask_person(by, first.pk, who.pk).pk, "conflict")
    same_mail, same_name = case(OTHER, company_name=""), case(company_name="KAHN GmbH & Co. KG")
    for made in (first, same_mail, same_name):
        assert matching.candidates(made).people == ()
        with pytest.raises(BadInput) as problem:
            proposals.ask_person(by, made.pk, who.pk)
        assert problem.value.code == "person_biased"
    assert not matching.conflicted(case(Reach("Ute", mail="u@deich.example"), company_name="Deich AG"))


def test_intern_as_first_word_makes_a_note_the_company_never_sees() -> None:
    made, who = case(), person("Sensorik")
    accepted(coordinator(), made, who)
    thread.take_mail(made.pk, f"person:{who.pk}", "Intern: Der Betrieb zahlt nie.", [], "<a@b>")
    thread.take_mail(made.pk, f"person:{who.pk}", "Intern, bitte nicht an den Betrieb: heikel.", [], "<c@d>")
    thread.take_mail(made.pk, f"person:{who.pk}", "Internet haben Sie?", [], "<e@f>")
    assert [m.internal for m in made.messages.order_by("pk")] == [True, True, False]
    assert [e.text for e in reading.entries(made, as_contact(made))] == ["Internet haben Sie?"]
    assert len(told("journey:received:")) == 2


def test_intern_below_a_greeting_makes_a_note_as_well() -> None:
    made, who = case(), person("Sensorik")
    accepted(coordinator(), made, who)
    said = "Hallo liebe Koordination,\n\nintern: der Betrieb wirkt zahlungsunfähig"
    thread.take_mail(made.pk, f"person:{who.pk}", said, [], "<a@b>")
    assert [(m.internal, m.text) for m in made.messages.all()] == [(True, said)]


def test_files_beyond_the_limit_lose_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    made, who = case(), person("Sensorik")
    accepted(coordinator(), made, who)
    monkeypatch.setattr("nordlotse.office.files.MAX_FILES", 0)
    thread.take_mail(made.pk, f"person:{who.pk}", "Anbei.", [Attachment("w.txt", "text/plain", b"1 2 3")], "<a@b>")
    assert made.messages.get().text == "Anbei."
    assert "Ihre Dateien konnten wir nicht übernehmen" in told("journey:received:")[0]


def test_who_writes_by_link_gets_a_copy() -> None:
    made, who = case(), person("Sensorik")
    accepted(coordinator(), made, who)
    thread.say(expert(who), made.pk, "Nehmen Sie einen Klemmsensor.")
    (text,) = told("journey:copy:")
    assert "Klemmsensor" in text
    assert "nur für Sie" in told("journey:yours:")[0]


def test_somebody_who_said_no_is_no_dead_end() -> None:
    assignment = asked()
    proposals.answer(expert(assignment.person), assignment.pk, "not_now")
    assert Case.objects.get().attention == "declined"


def test_the_company_hears_that_its_case_was_given_back_and_the_link_says_thanks() -> None:
    made, who = case(), person("Sensorik")
    accepted(coordinator(), made, who)
    place = "/anfrage/fall/" + told("journey:yours:")[0].split("/anfrage/fall/")[1].split("/")[0] + "/"
    page = Client().post(place, {"do": "give_back", "note": "krank"})
    assert page.status_code == 200
    assert "Danke, der Fall liegt wieder bei der Koordination" in page.content.decode()
    assert len(told("journey:given_back:")) == 1


def test_a_used_link_says_what_was_chosen_and_changes_nothing() -> None:
    assignment = asked()
    place = "/anfrage/" + told("journey:asked:")[0].split("/anfrage/")[1].split("/")[0] + "/"
    browser = Client()
    browser.post(place, {"choice": "not_now"})
    page = browser.get(place)
    assert page.status_code == 200
    assert "„jetzt nicht“ gewählt" in page.content.decode()
    again = browser.post(place, {"choice": "accept"})
    assert "„jetzt nicht“ gewählt" in again.content.decode()
    assignment.refresh_from_db()
    assert assignment.status == "not_now"


def test_only_who_answers_on_the_page_has_read_the_case() -> None:
    assignment = asked()
    place = "/anfrage/" + told("journey:asked:")[0].split("/anfrage/")[1].split("/")[0] + "/"
    Client().get(place)
    assert not AccessRecord.objects.exists()
    Client().post(place, {"choice": "accept"})
    assert AccessRecord.objects.get().person == assignment.person


def test_the_company_does_not_learn_who_declined() -> None:
    made, who = case(), person("Sensorik")
    proposals.ask_person(coordinator(), made.pk, who.pk)
    place = "/anfrage/" + told("journey:asked:")[0].split("/anfrage/")[1].split("/")[0] + "/"
    Client().post(place, {"choice": "decline"})
    page = Client().get("/fall/" + told("journey:opened:")[0].split("/fall/")[1].split("/")[0] + "/").content.decode()
    assert "Wir suchen die passende Fachperson" in page
    assert "Institut Sensorik" not in page
    assert "abgelehnt" not in page


def test_the_closing_note_stands_in_the_history_of_those_who_work_on_it() -> None:
    made, who, by = case(), person("Sensorik"), coordinator()
    accepted(by, made, who)
    cases.close(expert(who), made.pk, "solved", "Klemmsensor läuft.")
    assert any("Klemmsensor läuft." in e.text for e in reading.entries(made, by))
    assert reading.entries(made, as_contact(made)) == []


def test_closing_again_asks_no_second_time() -> None:
    made, who, by = case(), person("Sensorik"), coordinator()
    accepted(by, made, who)
    for _ in range(2):
        cases.close(by, made.pk, "solved")
        cases.reopen(by, made.pk)
    assert len(told("journey:effect:")) == 1


def test_an_expert_by_link_sees_what_was_counted_and_corrects_it() -> None:
    made, who = case(), person("Sensorik")
    accepted(coordinator(), made, who)
    thread.say(expert(who), made.pk, "Nehmen Sie einen Klemmsensor.")
    service = Service.objects.get()
    place = "/anfrage/fall/" + told("journey:yours:")[0].split("/anfrage/fall/")[1].split("/")[0] + "/"
    assert "Ihre Zeit in diesem Fall" in Client().get(place).content.decode()
    Client().post(place, {"do": "count", "service": service.pk, "minutes": "35"})
    service.refresh_from_db()
    assert (service.minutes, service.confirmed_at is not None) == (35, True)
    stranger = person("Fremd")
    accepted(coordinator("zweite"), case(), stranger)
    with pytest.raises(NotFound, match="case_unknown"):
        services.correct(expert(stranger), made.pk, service.pk, "5")


def test_who_shares_no_word_with_a_case_is_not_proposed_first() -> None:
    person("Recht", "Datenschutz, Verträge", capacity=9)
    sensors = person("Sensorik", "Sensoren und Retrofit alter Pressen", capacity=3)
    assert matching.candidates(case()).people[0].person == sensors
