"""Who is asked, what can be answered, and what happens when everybody declines."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.journey.actions import cases, proposals, routing
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import AccessRecord, Assignment, Case
from nordlotse.journey.queries import matching
from nordlotse.journey.queries.access import Who, as_contact
from nordlotse.network.models import Leave, Person
from nordlotse.office.models import OutgoingMail
from tests.journey.casework import accepted, case, coordinator, person

pytestmark = pytest.mark.django_db

PRINT = "3D-Druck in Kunststoff und Metall, Auslegung von Bauteilen"
LAW = "Datenschutz, Verträge und Recht der künstlichen Intelligenz"


def expert(who: Person) -> Who:
    return Who(Actor.EXPERT, person=who)


def token(assignment: Assignment) -> str:
    mail = OutgoingMail.objects.get(key=f"journey:asked:{assignment.pk}")
    return mail.text.split("/anfrage/")[1].split("/")[0]


def test_the_person_who_knows_the_matter_stands_first_with_a_reason() -> None:
    person("Recht", LAW)
    sensors = person("Sensorik", "Sensoren und Retrofit alter Pressen, Stillstand messen, OEE")
    person("Druck", PRINT)
    found = matching.candidates(case())
    assert found.people[0].person == sensors
    assert len(found.people) == 3
    assert all(c.reason.de.endswith(".") and c.reason.en.endswith(".") for c in found.people)


def test_whom_the_company_wished_for_stands_first_while_no_limit_holds() -> None:
    law, _ = person("Recht", LAW), person("Sensorik")
    made = case(wished=law)
    assert matching.candidates(made).people[0].person == law
    Leave.objects.create(person=law, first=timezone.localdate(), last=timezone.localdate() + timedelta(days=9))
    assert all(c.person != law for c in matching.candidates(made).people)


def test_open_cases_fill_the_months_places() -> None:
    by, only = coordinator(), person("Sensorik", capacity=1)
    first, second = case(), case()
    assert matching.candidates(second).people[0].person == only
    accepted(by, first, only)
    found = matching.candidates(second)
    assert (found.people, found.referral is not None) == ((), True)
    cases.close(by, first.pk, "solved")
    # Taken on this month: the place stays filled although the case is closed.
    assert matching.candidates(second).people == ()


def test_a_conflict_of_interest_holds_for_the_companys_next_case_too() -> None:
    by, only = coordinator(), person("Sensorik")
    asked = proposals.ask_person(by, case(company_name="Kahn GmbH").pk, only.pk)
    proposals.answer(expert(only), asked.pk, "conflict")
    assert matching.candidates(case(company_name="Kahn GmbH & Co. KG")).people == ()
    elsewhere = Reach("Deike Deich", mail="d@deich.example")
    assert matching.candidates(case(elsewhere, company_name="Deich AG")).people[0].person == only


def test_what_the_company_does_not_share_is_not_looked_for() -> None:
    made = case()
    assert "Pressen" in matching.words_of(made)
    assert matching.words_of(cases.close(as_contact(made), made.pk, "withdrawn")) == ""


def test_who_is_asked_gets_one_mail_with_five_lines_and_no_name_or_number() -> None:
    by, who = coordinator(), person("Sensorik")
    made = case(company_name="Kahn GmbH", tried="Strichliste", wish="visit", employees=35)
    assignment = proposals.ask_person(by, made.pk, who.pk)
    text = OutgoingMail.objects.get(key=f"journey:asked:{assignment.pk}").text
    for line in (
        "Wer: Kahn GmbH",
        "Ziel: Wir wollen",
        "Strichliste",
        "Wunsch: Besuch",
    ):
        assert line in text
    assert "nicht angegeben" not in text
    assert re.match(r"Bitte antworten Sie bis [A-Z][a-z]+tag|Bitte antworten Sie bis Mittwoch", text)
    assert "35 Beschäftigte" in text
    assert "Hinnerk" not in text
    assert "kahn.example" not in text
    made.refresh_from_db()
    assert made.status == "proposed"
    # A mail that was sent is not yet a mail that was read.
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize(
    ("choice", "state", "answer"),
    [("accept", "accepted", "accepted"), ("decline", "declined", "declined"), ("not_now", "not_now", "not_now"), ("conflict", "declined", "conflict")],
)  # fmt: skip
def test_every_answer_of_the_link_leads_where_it_should(choice: str, state: str, answer: str) -> None:
    by, who, made = coordinator(), person("Sensorik"), case()
    assignment = proposals.ask_person(by, made.pk, who.pk)
    proposals.answer_by_link(token(assignment), choice, "weil es so ist")
    made.refresh_from_db()
    assignment.refresh_from_db()
    assert (made.status, assignment.status, assignment.note) == (state, answer, "weil es so ist")
    if choice == "not_now":
        assert assignment.ask_again_on == timezone.localdate() + timedelta(days=21)


def test_a_link_works_once() -> None:
    by, who, made = coordinator(), person("Sensorik"), case()
    key = token(proposals.ask_person(by, made.pk, who.pk))
    proposals.answer_by_link(key, "decline")
    with pytest.raises(NotFound) as told:
        proposals.answer_by_link(key, "accept")
    assert told.value.code in ("link_used", "request_over")
    made.refresh_from_db()
    assert made.status == "declined"


def test_an_answer_that_is_not_on_the_list_uses_nothing_up() -> None:
    by, who, made = coordinator(), person("Sensorik"), case()
    key = token(proposals.ask_person(by, made.pk, who.pk))
    with pytest.raises(BadInput):
        proposals.answer_by_link(key, "vielleicht")
    assert proposals.read_link(key).status == "proposed"


def test_the_link_of_a_question_taken_back_explains_itself() -> None:
    by, who, made = coordinator(), person("Sensorik"), case()
    key = token(proposals.ask_person(by, made.pk, who.pk))
    cases.close(as_contact(made), made.pk, "withdrawn")
    with pytest.raises(NotFound) as told:
        proposals.read_link(key)
    assert told.value.code == "request_over"


def test_acceptance_tells_the_company_who_and_the_person_how_to_reach_it() -> None:
    by, who, made = coordinator(), person("Sensorik"), case()
    assignment = accepted(by, made, who)
    told = OutgoingMail.objects.get(key=f"journey:accepted:{assignment.pk}")
    yours = OutgoingMail.objects.get(key=f"journey:yours:{assignment.pk}")
    assert "Sensorik (Institut Sensorik)" in told.text
    assert "Hinnerk Kahn" in yours.text
    assert "abends" in yours.text


def test_three_refusals_bring_the_case_to_the_coordinator_and_the_company_hears_it_once() -> None:
    by, made = coordinator(), case()
    for name in ("Eins", "Zwei", "Drei"):
        who = person(name)
        asked = proposals.ask_person(by, made.pk, who.pk)
        proposals.answer(expert(who), asked.pk, "decline")
    made.refresh_from_db()
    assert (made.status, made.attention) == ("declined", "all_declined")
    told = OutgoingMail.objects.filter(key__startswith=f"journey:nobody:{made.pk}")
    assert [m.to for m in told] == ["hinnerk@kahn.example"]
    routing.propose_all()
    assert told.count() == 1


def test_when_the_last_who_fits_declines_the_company_is_told_without_waiting_for_three() -> None:
    by, made, who = coordinator(), case(), person("Einzige")
    asked = proposals.ask_person(by, made.pk, who.pk)
    proposals.answer(expert(who), asked.pk, "decline")
    made.refresh_from_db()
    assert made.attention == "declined"
    routing.propose_all()
    made.refresh_from_db()
    assert made.attention == "all_declined"
    assert OutgoingMail.objects.filter(key__startswith="journey:nobody:").count() == 1


def test_nobody_is_asked_by_itself_unless_the_centre_wants_it() -> None:
    by, made = coordinator(), case()
    person("Sensorik")
    assert routing.propose_all() == 0
    routing.set_automatic(by, True)
    assert routing.propose_all() == 1
    made.refresh_from_db()
    assert made.status == "proposed"
    assert Assignment.objects.get().reason_de
    assert routing.propose_all() == 0


def test_in_a_batch_everybody_gets_what_fits_and_nobody_more_than_the_places() -> None:
    by = coordinator()
    person("Sensorik", capacity=1)
    person("Druck", PRINT, capacity=1)
    sensor, printed = case(), case(text="Was kostet ein gedrucktes Ersatzteil aus Metall, und hält es?")
    third = case(text="Noch eine Frage zu Sensoren an Maschinen")
    routing.set_automatic(by, True)
    assert routing.propose_all() == 2
    got = {a.case_id: a.person.name for a in Assignment.objects.all()}
    assert got.get(printed.pk) == "Druck"
    assert {got.get(sensor.pk), got.get(third.pk)} == {"Sensorik", None}


def test_after_a_refusal_the_next_one_is_asked_by_itself() -> None:
    by, made = coordinator(), case()
    people = [person("Eins"), person("Zwei")]
    routing.set_automatic(by, True)
    routing.propose_all()
    first = Assignment.objects.get()
    proposals.answer(expert(first.person), first.pk, "decline")
    routing.propose_all()
    assert {a.person for a in Assignment.objects.all()} == set(people)
    made.refresh_from_db()
    assert made.status == "proposed"


def test_a_callback_without_words_goes_to_the_coordinator() -> None:
    by, made = coordinator(), case(text="")
    person("Sensorik")
    routing.set_automatic(by, True)
    assert routing.propose_all() == 0
    made.refresh_from_db()
    assert made.attention == "nobody"


def test_asking_somebody_else_takes_the_first_question_back() -> None:
    by, made = coordinator(), case()
    one, two = person("Eins"), person("Zwei")
    first = proposals.ask_person(by, made.pk, one.pk)
    proposals.ask_person(by, made.pk, two.pk)
    first.refresh_from_db()
    assert first.status == "withdrawn"
    assert OutgoingMail.objects.filter(key=f"journey:withdrawn:{first.pk}").exists()


def test_a_hand_over_leaves_the_case_where_it_is_until_the_other_says_yes() -> None:
    by, made = coordinator(), case()
    one, two = person("Eins"), person("Zwei")
    first = accepted(by, made, one)
    second = proposals.ask_person(expert(one), made.pk, two.pk)
    first.refresh_from_db()
    assert first.status == "accepted"
    proposals.answer(expert(two), second.pk, "accept")
    first.refresh_from_db()
    made.refresh_from_db()
    assert (first.status, made.status) == ("handed_over", "accepted")
    with pytest.raises(NotFound):
        cases.close(expert(one), made.pk, "solved")


def test_a_refused_hand_over_changes_nothing_for_the_company() -> None:
    by, made = coordinator(), case()
    one, two = person("Eins"), person("Zwei")
    accepted(by, made, one)
    before = OutgoingMail.objects.filter(to="hinnerk@kahn.example").count()
    second = proposals.ask_person(by, made.pk, two.pk)
    proposals.answer(expert(two), second.pk, "decline")
    made.refresh_from_db()
    assert made.status == "accepted"
    assert OutgoingMail.objects.filter(to="hinnerk@kahn.example").count() == before
    assert not made.messages.filter(internal=False).exists()


def test_two_people_can_share_a_case() -> None:
    by, made = coordinator(), case()
    one, two = person("Eins"), person("Zwei")
    accepted(by, made, one)
    second = proposals.ask_person(by, made.pk, two.pk, joint=True)
    proposals.answer(expert(two), second.pk, "accept")
    assert Assignment.objects.filter(status="accepted").count() == 2
    proposals.give_back(expert(one), made.pk)
    made.refresh_from_db()
    assert made.status == "accepted"
    assert Assignment.objects.get(status="accepted").leads
    proposals.give_back(expert(two), made.pk)
    made.refresh_from_db()
    assert (made.status, made.attention) == ("new", "given_back")


def test_the_same_person_is_asked_once_at_a_time() -> None:
    by, made, who = coordinator(), case(), person("Eins")
    accepted(by, made, who)
    with pytest.raises(BadInput):
        proposals.ask_person(by, made.pk, who.pk, joint=True)
    assert Assignment.objects.count() == 1


def test_stored_vectors_are_used_until_the_profile_changes() -> None:
    who = person("Sensorik")
    if not matching.stale_vectors():
        pytest.skip("NO ENCODER on this machine")
    assert routing.store_vectors() == 1
    assert routing.store_vectors() == 0
    who.profile = PRINT
    who.save()
    assert routing.store_vectors() == 1
    assert Case.objects.count() == 0


def test_example_people_are_not_asked_about_real_cases_once_there_are_real_people() -> None:
    person("Beispiel", is_example=True)
    made = case()
    assert [c.person.name for c in matching.candidates(made).people] == ["Beispiel"]
    person("Sensorik")
    assert [c.person.name for c in matching.candidates(made).people] == ["Sensorik"]


def test_nobody_is_mailed_about_an_example_case() -> None:
    from nordlotse.journey.actions import reminders

    by = coordinator()
    person("Sensorik")
    made = case(is_example=True)
    Case.objects.filter(pk=made.pk).update(promised_on=timezone.localdate() - timedelta(days=9))
    routing.set_automatic(by, True)
    before = OutgoingMail.objects.count()
    assert sum(reminders.run().values()) == 0
    assert OutgoingMail.objects.count() == before
