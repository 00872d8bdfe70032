"""A case is opened in one step, goes its way by the table, and everything is written down once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.foundation.result import Figure, Result
from nordlotse.journey import actions
from nordlotse.journey.actions import cases, thread
from nordlotse.journey.actions.cases import Reach, promised_on
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Consent, Contact, Inquiry, Message
from nordlotse.journey.queries.access import Who, as_company, as_contact
from nordlotse.journey.queries.briefing import facts_of
from nordlotse.office.models import LogEntry, OutgoingMail
from tests.journey.casework import REACH, TEXT, accepted, case, coordinator, member, person

pytestmark = pytest.mark.django_db

RESULT = Result("print", "de", "Halter aus PA12", "Lohnt sich bis 80 Stück.", figures=(Figure("Preis", "14,20 €"),))


def test_a_name_and_a_phone_number_are_enough() -> None:
    made = cases.open_case(AnonymousUser(), Reach("Hinnerk", phone="040 1234567"))
    assert (made.status, made.open, made.number) == ("new", True, 1)
    assert made.contact is not None
    assert (made.contact.phone, made.contact.mail, made.company) == ("040 1234567", "", None)
    assert OutgoingMail.objects.count() == 0


def test_a_mail_address_gets_one_confirmation_with_number_day_and_link() -> None:
    made = case()
    mail = OutgoingMail.objects.get()
    assert mail.to == "hinnerk@kahn.example"
    assert f"Fall {made.number}" in mail.subject
    assert "/fall/" in mail.text
    assert str(made.promised_on.year if made.promised_on else "?") in mail.text


@pytest.mark.parametrize(
    "reach",
    [
        Reach(""),
        Reach("Hinnerk"),
        Reach("Hinnerk", phone="12"),
        Reach("Hinnerk", mail="hinnerk@"),
        Reach(" ", mail="a@b.de"),
    ],
)
def test_who_cannot_be_reached_is_told_so_and_nothing_is_kept(reach: Reach) -> None:
    with pytest.raises(BadInput):
        cases.open_case(None, reach, text=TEXT)
    assert (Case.objects.count(), Contact.objects.count(), Consent.objects.count()) == (0, 0, 0)


def test_the_promise_follows_the_calendar_of_the_state() -> None:
    # 31 October, Reformation Day, is free in all three states; in 2025 it was a Friday.
    assert promised_on(date(2025, 10, 29), "HH") == date(2025, 11, 3)
    # A case of Saturday counts as one of Monday.
    assert promised_on(date(2026, 11, 21), "SH") == date(2026, 11, 25)
    # 8 March, Women's Day, is free in Mecklenburg-Vorpommern alone; in 2027 it is a Monday.
    assert promised_on(date(2027, 3, 5), "MV") == date(2027, 3, 10)
    assert promised_on(date(2027, 3, 5), "HH") == date(2027, 3, 9)


def test_only_what_was_ticked_is_kept_with_the_case() -> None:
    asked = Inquiry.objects.get(pk=actions.ask("Was kostet ein 3D-Druckteil?")[0]["id"])
    bare = case(inquiry=asked, results=[RESULT], share=())
    assert (bare.question, bare.answer, bare.results, bare.inquiry) == (TEXT, None, [], None)
    full = case(inquiry=asked, results=[RESULT], share={"answer", "results"}, text="")
    assert full.question == ""
    assert full.answer is not None and full.answer["text"]
    assert full.results[0]["figures"] == [["Preis", "14,20 €", ""]]
    assert (full.inquiry, full.topic) == (asked, asked.topic)
    given = Consent.objects.filter(contact=full.contact, case=full).values_list("purpose", flat=True)
    assert set(given) == {"share_answer", "share_results"}


def test_what_somebody_writes_needs_no_consent_and_none_is_noted() -> None:
    assert case().question == TEXT
    assert not Consent.objects.exists()


def test_a_case_belongs_to_the_question_asked_before_only_while_its_words_are_in_it() -> None:
    asked = Inquiry.objects.get(pk=actions.ask("Was kostet ein 3D-Druckteil?")[0]["id"])
    assert case(inquiry=asked, text="Was kostet ein\r\n3D-Druckteil?\r\nEs eilt.").inquiry == asked
    assert case(inquiry=asked, text="Etwas ganz anderes").inquiry is None


def test_a_consent_is_taken_back_for_its_case_alone() -> None:
    owner, company = member()
    first, second = (cases.open_case(owner, REACH, text=TEXT, results=[RESULT], share={"results"}) for _ in range(2))
    assert facts_of(first).results
    cases.withdraw_consent(as_company(owner, first), first.pk, first.consents.get().pk)
    assert (facts_of(first).results, len(facts_of(second).results)) == ((), 1)
    assert Consent.objects.filter(company=company, withdrawn_at=None).count() == 1
    for who in (as_company(owner, first), Who(Actor.COMPANY, contact=case().contact)):
        with pytest.raises(NotFound):
            cases.withdraw_consent(who, first.pk, second.consents.get().pk)


def test_the_same_form_sent_twice_opens_one_case() -> None:
    first, second = case(once="abc"), case(once="abc")
    assert first.pk == second.pk
    assert (Case.objects.count(), OutgoingMail.objects.count()) == (1, 1)


def test_a_members_case_belongs_to_the_company_and_takes_its_details() -> None:
    user, company = member()
    made = cases.open_case(user, REACH, text=TEXT, company_name="Etwas anderes", share={"results"})
    again = cases.open_case(user, REACH, text="Noch etwas", share={"results"})
    assert made.company == company
    assert (made.state, made.company_name) == ("SH", "")
    assert Contact.objects.get().user == user
    assert again.contact == made.contact
    assert {c.case for c in Consent.objects.filter(company=company, purpose="share_results")} == {made, again}


def test_numbers_follow_each_other() -> None:
    assert [case().number for _ in range(3)] == [1, 2, 3]


def test_a_stranger_can_do_nothing_with_a_case() -> None:
    made, (stranger, _) = case(), member("fremd", "Fremd AG")
    other = person("Fachfrau")
    for who in (
        Who(Actor.COMPANY, user=stranger),
        Who(Actor.COMPANY, contact=case().contact),
        Who(Actor.EXPERT, person=other),
        Who(Actor.EXPERT, user=stranger),
    ):
        with pytest.raises(NotFound):
            cases.close(who, made.pk, "solved")
    with pytest.raises(NotAllowed):
        cases.close(Who(Actor.COORDINATOR, user=stranger), made.pk, "solved")
    with pytest.raises(NotFound):
        as_company(stranger, made)


def test_a_closed_case_keeps_its_outcome_and_goes_on_where_it_was() -> None:
    by, made, expert = coordinator(), case(), person("Fachfrau")
    accepted(by, made, expert)
    closed = cases.close(Who(Actor.EXPERT, person=expert), made.pk, "solved", "Sensor sitzt")
    assert (closed.status, closed.open, closed.outcome) == ("closed", False, "solved")
    assert Assignment.objects.get().status == "ended"
    again = cases.reopen(as_contact(closed), made.pk)
    assert (again.status, again.open, again.outcome) == ("in_work", True, "")
    assert Assignment.objects.get().status == "accepted"


def test_a_case_closed_before_anybody_had_it_begins_anew() -> None:
    by, made = coordinator(), case()
    cases.close(by, made.pk, "no_reply")
    assert cases.reopen(by, made.pk).status == "new"


def test_the_company_can_only_say_that_it_is_solved_or_withdrawn() -> None:
    made = case()
    assert cases.close(as_contact(made), made.pk, "passed_on").outcome == "withdrawn"


def test_a_case_waits_until_a_day_to_come() -> None:
    by, made, expert = coordinator(), case(), person("Fachfrau")
    accepted(by, made, expert)
    today = timezone.localdate()
    with pytest.raises(BadInput):
        cases.wait(by, made.pk, today)
    assert cases.wait(by, made.pk, today + timedelta(days=14)).status == "waiting"
    thread.say(as_contact(made), made.pk, "Es geht doch schon früher weiter.")
    made.refresh_from_db()
    assert (made.status, made.waiting_until) == ("in_work", None)


def test_what_the_centre_answers_itself_takes_the_question_back_from_others() -> None:
    from nordlotse.journey.actions import proposals

    by, made, expert = coordinator(), case(), person("Fachfrau")
    asked = proposals.ask_person(by, made.pk, expert.pk)
    assert cases.take_over(by, made.pk).status == "in_work"
    asked.refresh_from_db()
    assert asked.status == "withdrawn"


def test_every_write_is_in_the_log_by_ids_alone() -> None:
    by, made, expert = coordinator(), case(), person("Fachfrau")
    accepted(by, made, expert)
    thread.say(Who(Actor.EXPERT, person=expert), made.pk, "Nehmen Sie einen Klemmsensor.")
    cases.close(by, made.pk, "solved")
    entries = list(LogEntry.objects.filter(kind="case").order_by("number"))
    verbs = [e.verb for e in entries if e.verb.startswith("case_")]
    assert verbs == ["case_opened", "case_asked", "case_accept", "case_message", "case_closed"]
    assert {e.object_id for e in entries} == {made.pk}
    assert entries[2].actor == f"person:{expert.pk}"
    assert Message.objects.get().author == "expert"
