"""A coordinator's week: what is hers, what is asked twice, companies that are new or there already."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client

from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.journey.actions import cases, companies, proposals, thread
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Case, Company, Contact, Service
from nordlotse.journey.queries import cases as queries
from nordlotse.journey.queries import companies as known
from nordlotse.journey.queries.access import Who
from tests.journey import casework
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    """The coordinator's browser."""
    return signed_in("coordinator")


def text(client: Client, path: str, **data: Any) -> str:
    response = client.post(path, data) if data else client.get(path)
    return html.unescape(response.content.decode())


# ---- what is hers ----


def test_the_coordinators_own_answer_takes_the_case_into_her_hands() -> None:
    by, made = casework.coordinator(), casework.case()
    thread.say(by, made.pk, "Wir rufen morgen an.")
    made.refresh_from_db()
    assert (made.status, made.taken_by) == ("in_work", by.user)


def test_an_answer_while_somebody_is_asked_leaves_the_question_standing() -> None:
    by, made = casework.coordinator(), casework.case()
    proposals.ask_person(by, made.pk, casework.person("Nele Paulsen").pk)
    thread.say(by, made.pk, "Wir fragen gerade jemanden.")
    made.refresh_from_db()
    assert (made.status, made.taken_by) == ("proposed", None)


def test_an_internal_note_takes_nothing_over() -> None:
    by, made = casework.coordinator(), casework.case()
    thread.say(by, made.pk, "Noch einmal nachfragen.", internal=True)
    made.refresh_from_db()
    assert made.status == "new"


def test_my_cases_are_those_taken_over_and_open() -> None:
    by, other = casework.coordinator(), casework.coordinator("andere")
    mine, hers, shut, free = (casework.case(once=str(n)) for n in range(4))
    cases.take_over(by, mine.pk)
    cases.take_over(by, shut.pk)
    cases.close(by, shut.pk, "solved")
    cases.take_over(other, hers.pk)
    assert [row.case for row in queries.desk("mine", user=by.user).rows] == [mine]
    assert queries.counts(by.user)["mine"] == 1
    assert free.pk not in {row.case.pk for row in queries.desk("mine", user=by.user).rows}


def test_the_list_says_with_whom_a_case_is(desk: Client) -> None:
    made = casework.case()
    desk.post(f"/desk/faelle/{made.pk}/", {"do": "take_over"})
    page = text(desk, "/desk/faelle/?sicht=mine")
    assert made.title in page
    assert "bei Ihnen" in page
    assert "bei Ihnen" in text(desk, f"/desk/faelle/{made.pk}/")


def test_a_case_given_back_or_accepted_is_no_longer_hers() -> None:
    by, made, nele = casework.coordinator(), casework.case(), casework.person("Nele Paulsen")
    cases.take_over(by, made.pk)
    asked = proposals.ask_person(by, made.pk, nele.pk)
    proposals.answer(Who(Actor.EXPERT, person=nele), asked.pk, "accept")
    made.refresh_from_db()
    assert made.taken_by is None


# ---- a company that is not in the list ----


def test_a_company_that_is_not_in_the_list_is_made_with_its_first_call(desk: Client) -> None:
    page = text(desk, "/desk/betriebe/?q=Tischlerei+Nord")
    assert "/desk/leistungen/neu/?neu=Tischlerei%20Nord" in page
    form = text(desk, "/desk/leistungen/neu/?neu=Tischlerei%20Nord")
    assert 'value="Tischlerei Nord"' in form
    body = {"neu": "Tischlerei Nord", "place": "Husum", "kind": "call", "minutes": "20", "topic": "iot", "form": "f1"}
    assert desk.post("/desk/leistungen/neu/", body).status_code == 302
    assert desk.post("/desk/leistungen/neu/", body).status_code == 302
    made = Company.objects.get()
    assert (made.name, made.state) == ("Tischlerei Nord", "SH")
    assert Service.objects.get().company == made


def test_a_wrong_call_makes_no_company(desk: Client) -> None:
    body = {"neu": "Tischlerei Nord", "kind": "call", "other": "1h30", "form": "f2"}
    assert desk.post("/desk/leistungen/neu/", body).status_code == 422
    assert not Company.objects.exists()


def test_a_company_of_the_same_name_is_shown_before_a_second_one_is_made(desk: Client) -> None:
    there = Company.objects.create(name="Tischlerei Nord GmbH", place="Husum")
    body = {"neu": "tischlerei nord", "place": "Husum", "kind": "call", "minutes": "20", "form": "f3"}
    page = text(desk, "/desk/leistungen/neu/", **body)
    assert f"?betrieb={there.pk}" in page and Company.objects.count() == 1
    assert desk.post("/desk/leistungen/neu/", {**body, "another": "1"}).status_code == 302
    assert Company.objects.count() == 2


def test_only_a_coordinator_makes_a_company_for_somebody() -> None:
    with pytest.raises(NotAllowed):
        companies.create_for(casework.user("gast"), name="Tischlerei Nord")


# ---- guests whose company is known ----


def guest(name: str = "Asmussen Logistik, Othmarschen", **fields: Any) -> Case:
    return casework.case(Reach("H. Asmussen", mail="h@asmussen.example"), company_name=name, **fields)


def test_a_guests_company_that_may_be_known_is_noticed(desk: Client) -> None:
    there = Company.objects.create(name="Asmussen Logistik GmbH", place="Hamburg")
    Company.objects.create(name="Asmussen Metallbau")
    made = guest()
    assert known.like_guest(made) == [there]
    assert "Ist das Asmussen Logistik GmbH, Hamburg?" in text(desk, f"/desk/faelle/{made.pk}/")
    assert f"/desk/faelle/{made.pk}/" in text(desk, "/desk/betriebe/")


def test_a_company_of_another_name_is_not_taken_for_the_guests() -> None:
    Company.objects.create(name="Metallbau Hof", place="Husum")
    assert known.like_guest(guest("Metallbau Deich")) == []


def test_the_guests_case_is_put_to_the_company_with_what_was_done_for_it(desk: Client) -> None:
    there = Company.objects.create(name="Asmussen Logistik GmbH", place="Hamburg", state="HH")
    made = guest()
    thread.say(casework.coordinator(), made.pk, "Wir rufen an.")
    asked = text(desk, f"/desk/faelle/{made.pk}/", do="belongs", company=there.pk)
    made.refresh_from_db()
    assert made.company is None and "Asmussen Logistik GmbH" in asked, "the first tap only asks"
    desk.post(f"/desk/faelle/{made.pk}/", {"do": "belongs", "company": there.pk, "sure": "yes"})
    made.refresh_from_db()
    assert made.company == there
    assert Contact.objects.get(pk=made.contact_id).company == there
    assert set(Service.objects.values_list("company_key", flat=True)) == {there.count_key}


def test_a_case_that_has_a_company_already_keeps_it() -> None:
    there, other = Company.objects.create(name="A"), Company.objects.create(name="B")
    made = guest()
    by = casework.coordinator()
    companies.belongs(by, made.pk, there)
    with pytest.raises(BadInput, match="case_has_company"):
        companies.belongs(by, made.pk, other)
