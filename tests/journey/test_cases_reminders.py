"""What the calendar does with cases: by working days, once each, and only what is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from nordlotse.journey.actions import cases, proposals, reminders, thread
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Operator
from nordlotse.journey.queries.access import Who
from nordlotse.office.models import OutgoingMail
from tests.journey.casework import accepted, case, coordinator, person

pytestmark = pytest.mark.django_db

#: A Thursday; the Friday after it is an ordinary day in all three states.
THURSDAY = datetime(2026, 11, 19, 10, tzinfo=UTC)


def asked_on(moment: datetime) -> Assignment:
    by, made, who = coordinator(), case(), person("Sensorik")
    asked = proposals.ask_person(by, made.pk, who.pk)
    Assignment.objects.filter(pk=asked.pk).update(proposed_at=moment)
    # The promise is another chore's business.
    Case.objects.update(first_reply_at=moment, opened_at=moment)
    return asked


def test_who_has_not_answered_is_asked_again_after_two_working_days_and_only_once() -> None:
    asked = asked_on(THURSDAY)
    assert reminders.run(date(2026, 11, 22))["reminded"] == 0  # Sunday: one working day
    assert reminders.run(date(2026, 11, 23))["reminded"] == 1  # Monday: two
    assert reminders.run(date(2026, 11, 24))["reminded"] == 0
    again = OutgoingMail.objects.get(key=f"journey:asked:{asked.pk}:again")
    assert "/anfrage/" in again.text


def test_after_four_working_days_the_case_is_the_coordinators_and_both_links_explain_themselves() -> None:
    asked = asked_on(THURSDAY)
    assert reminders.run(date(2026, 11, 24))["silent"] == 0
    assert reminders.run(date(2026, 11, 25))["silent"] == 1
    asked.refresh_from_db()
    made = Case.objects.get()
    assert (asked.status, made.status, made.attention) == ("silent", "declined", "unanswered")


def test_a_case_that_waits_comes_back_on_its_day() -> None:
    by, made, who = coordinator(), case(), person("Sensorik")
    accepted(by, made, who)
    until = timezone.localdate() + timedelta(days=20)
    cases.wait(by, made.pk, until)
    assert reminders.run(until - timedelta(days=1))["woken"] == 0
    assert reminders.run(until)["woken"] == 1
    made.refresh_from_db()
    assert made.status == "in_work"
    assert OutgoingMail.objects.filter(key__startswith="journey:woken:").count() == 1


def test_a_case_still_for_ten_working_days_is_told_once_until_something_happens() -> None:
    by, made, who = coordinator(), case(), person("Sensorik")
    accepted(by, made, who)
    thread.say(Who(Actor.EXPERT, person=who), made.pk, "Ich melde mich.")
    Case.objects.update(touched_at=THURSDAY)
    assert reminders.run(date(2026, 12, 2))["stale"] == 0
    assert reminders.run(date(2026, 12, 3))["stale"] == 1
    assert reminders.run(date(2026, 12, 4))["stale"] == 0
    made.refresh_from_db()
    assert made.attention == "stale"
    thread.say(Who(Actor.EXPERT, person=who), made.pk, "Hier bin ich.")
    made.refresh_from_db()
    assert (made.attention, made.reminded_at) == ("", None)


def test_a_promise_that_runs_out_is_told_to_the_centre_once() -> None:
    Operator.objects.update_or_create(pk=1, defaults={"mail": "zentrum@example.org", "asked": True})
    made = case()
    assert made.promised_on is not None
    assert reminders.run(made.promised_on - timedelta(days=1))["promise"] == 0
    assert reminders.run(made.promised_on)["promise"] == 1
    assert reminders.run(made.promised_on + timedelta(days=1))["promise"] == 0
    made.refresh_from_db()
    assert made.attention == "promise"
    assert OutgoingMail.objects.get(to="zentrum@example.org").key == f"journey:promise:{made.pk}"


def test_a_reply_keeps_the_promise() -> None:
    by, made = coordinator(), case()
    thread.say(by, made.pk, "Wir kümmern uns.")
    assert made.promised_on is not None
    assert reminders.run(made.promised_on)["promise"] == 0


def test_who_said_not_now_comes_up_again_after_three_weeks() -> None:
    by, made, who = coordinator(), case(), person("Sensorik")
    asked = proposals.ask_person(by, made.pk, who.pk)
    proposals.answer(Who(Actor.EXPERT, person=who), asked.pk, "not_now")
    Case.objects.update(first_reply_at=timezone.now())
    later = timezone.localdate() + timedelta(days=21)
    assert reminders.ask_again(later - timedelta(days=1)) == 0
    assert reminders.ask_again(later) == 1
    made.refresh_from_db()
    assert made.attention == "ask_again"


def test_a_second_turn_at_the_same_moment_does_nothing() -> None:
    asked_on(THURSDAY)
    first = reminders.run(date(2026, 11, 26))
    assert sum(first.values()) > 0
    mails = OutgoingMail.objects.count()
    reminders.run(date(2026, 11, 26))
    assert OutgoingMail.objects.count() == mails
