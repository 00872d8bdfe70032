"""Into whose hands a case comes and goes: given back, opened again, left by its contact; and where it lies."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.journey.actions import cases, letters, members, proposals, reminders, thread
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Contact, Membership, Message
from nordlotse.journey.queries.access import Who, as_contact, in_charge
from nordlotse.network.actions import people
from nordlotse.office import links
from tests.journey.casework import REACH, accepted, case, coordinator, member, person, user

pytestmark = pytest.mark.django_db


def test_who_was_asked_to_take_over_a_case_that_is_given_back_is_asked_no_longer() -> None:
    by, made, first, second = coordinator(), case(), person("Sensorik"), person("Pressen")
    accepted(by, made, first)
    asked = proposals.ask_person(by, made.pk, second.pk)
    proposals.give_back(Who(Actor.EXPERT, person=first), made.pk)
    asked.refresh_from_db()
    assert asked.status == "withdrawn"
    again = proposals.ask_person(by, made.pk, second.pk)
    assert proposals.answer(Who(Actor.EXPERT, person=second), again.pk, "accept").status == "accepted"


def test_a_joint_case_opened_again_is_in_the_hands_of_both() -> None:
    by, made, first, second = coordinator(), case(), person("Sensorik"), person("Pressen")
    accepted(by, made, first)
    joint = proposals.ask_person(by, made.pk, second.pk, joint=True)
    proposals.answer(Who(Actor.EXPERT, person=second), joint.pk, "accept")
    cases.close(by, made.pk, "solved")
    cases.reopen(by, made.pk)
    assert set(Assignment.objects.values_list("person__name", "status")) == {
        ("Sensorik", "accepted"),
        ("Pressen", "accepted"),
    }


@pytest.mark.parametrize("by_words", [True, False])
def test_who_has_left_the_network_does_not_get_a_case_back(by_words: bool) -> None:
    by, made, gone = coordinator(), case(), person("Sensorik")
    accepted(by, made, gone)
    cases.close(by, made.pk, "solved")
    gone.active = False
    gone.save()
    if by_words:
        thread.say(as_contact(made), made.pk, "Es steht wieder.")
    else:
        cases.reopen(by, made.pk)
    made.refresh_from_db()
    assert made.status == "new"
    assert not in_charge(made, gone)


def test_a_link_to_a_request_does_nothing_for_somebody_who_has_left_the_network() -> None:
    by, made, gone = coordinator(), case(), person("Sensorik")
    asked = proposals.ask_person(by, made.pk, gone.pk)
    token = links.make(letters.ASKED, asked.pk, mail=gone.mail)
    gone.active = False
    gone.save()
    with pytest.raises(NotFound, match="request_over"):
        proposals.answer_by_link(token, "accept")


def test_a_form_without_its_number_is_taken_in_each_time_and_a_number_holds_for_one_case() -> None:
    owner, _ = member()
    first, second = (cases.open_case(owner, REACH, text=words) for words in ("eins", "zwei"))
    client = Client()
    client.force_login(owner)
    for made, once in ((first, ""), (second, ""), (first, "k"), (second, "k"), (second, "k")):
        client.post(f"/betrieb/fall/{made.pk}/", {"do": "say", "text": f"Wort {once}", "once": once})
    assert [Message.objects.filter(case=made).count() for made in (first, second)] == [2, 2]


def test_a_number_no_database_can_hold_is_nobody() -> None:
    by, made = coordinator(), case()
    client = Client()
    client.force_login(by.user)
    session = client.session
    session["signed_in_by_link"] = True
    session.save()
    for sent in (
        {"do": "answer", "assignment": "9" * 5000, "choice": "accept"},
        {"do": "draft", "message": "9" * 5000},
        {"do": "ask", "person": "9" * 5000},
    ):
        assert client.post(f"/desk/faelle/{made.pk}/", sent).status_code == 404, sent["do"]


def test_a_mailed_link_to_a_case_ends_with_the_address_it_went_to() -> None:
    made = case()
    place = letters.case_address(made)
    client = Client()
    assert client.get(f"/{place}").status_code == 200
    Contact.objects.filter(pk=made.contact_id).update(mail="jemand@anders.example")
    assert client.get(f"/{place}").status_code == 404


def test_what_comes_in_a_case_of_somebody_who_left_the_company_goes_to_who_is_still_there() -> None:
    owner, firm = member()
    leaver = user("geht")
    Membership.objects.create(company=firm, user=leaver)
    made = cases.open_case(leaver, REACH, text="Welcher Sensor?")
    members.remove_member(owner, firm, leaver.pk)
    made.refresh_from_db()
    assert made.contact is not None
    assert (made.contact.user, made.contact.mail) == (owner, "inhaberin@example.org")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"place": "25813 Husum", "state": ""}, ("01054", "SH")),
        ({"place": "25813 Husum", "state": "SH"}, ("01054", "SH")),
        ({"place": "Husum", "state": "MV"}, ("", "MV")),
        ({"place": "Hamburg", "state": ""}, ("", "HH")),
        ({"place": "Entenhausen", "state": ""}, ("", "")),
    ],
)
def test_a_case_without_company_lies_in_the_district_of_its_place(
    given: dict[str, str], found: tuple[str, str]
) -> None:
    made = case(**given)
    assert (made.district, made.state) == found


def test_one_case_that_cannot_be_looked_at_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = case(), case()
    done = []

    def do(case_id: str, _: int) -> bool:
        if case_id == first.pk:
            raise ValueError("kaputt")
        done.append(case_id)
        return True

    assert reminders._each("test", [(first.pk, 0), (second.pk, 0)], do) == 1
    assert done == [second.pk]


@pytest.mark.parametrize("deleted", [True, False])
def test_the_cases_of_somebody_who_leaves_the_network_are_the_coordinators(deleted: bool) -> None:
    by, who = coordinator(), person("Sensorik", user=user("fachfrau"))
    held, asked, shared = case(), case(), case()
    accepted(by, held, who)
    proposals.ask_person(by, asked.pk, who.pk)
    accepted(by, shared, person("Pressen"))
    joint = proposals.ask_person(by, shared.pk, who.pk, joint=True)
    proposals.answer(Who(Actor.EXPERT, person=who), joint.pk, "accept")
    if deleted:
        people.remove_person(by.user, who.pk)
    else:
        people.save_person(by.user, who.partner.slug, who.pk, {"active": False})
        assert reminders.left(timezone.localdate()) == 1
    for made in (held, asked, shared):
        made.refresh_from_db()
    assert (held.status, held.attention) == ("new", "given_back")
    assert (asked.status, asked.attention) == ("declined", "unanswered")
    assert (shared.status, shared.attention) == ("accepted", "")
    assert not Assignment.objects.filter(status__in=("proposed", "accepted"), person__name="Sensorik").exists()
    assert reminders.left(timezone.localdate()) == 0


def test_a_changed_address_ends_the_invitation_that_lies_in_the_old_mailbox() -> None:
    by, who = coordinator(), person("Sensorik")
    token = links.make(people.PURPOSE, who.pk, mail=who.mail)
    people.save_person(by.user, who.partner.slug, who.pk, {"mail": "neu@partner.example"})
    with pytest.raises(NotFound, match="link_unknown"):
        people.invited(token)


def test_a_profile_with_an_account_cannot_be_joined_with_another_one_by_an_old_link() -> None:
    who = person("Sensorik", user=user("fachfrau", Role.EXPERT))
    token = links.make(people.PURPOSE, who.pk, mail=who.mail)
    with pytest.raises(BadInput, match="profile_taken"):
        people.complete(token, {}, user("andere", Role.EXPERT), connect=True)
    who.refresh_from_db()
    assert who.user is not None
    assert who.user.username == "fachfrau"
