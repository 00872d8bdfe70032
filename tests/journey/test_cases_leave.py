"""Leave: a case whose leading person is away is the coordinator's to see, and whoever covers stands first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from nordlotse.journey.actions import proposals, reminders
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case
from nordlotse.journey.queries import matching
from nordlotse.journey.queries.access import Who
from nordlotse.network.models import Leave, Person
from tests.journey.casework import accepted, case, coordinator, person

pytestmark = pytest.mark.django_db


def on_leave(who: Person, days: int = 10) -> date:
    today = timezone.localdate()
    Leave.objects.create(person=who, first=today, last=today + timedelta(days=days))
    return today + timedelta(days=days)


@pytest.fixture
def led() -> tuple[Who, Case, Person, Person]:
    """A coordinator, a case in work, who leads it, and who covers for that person."""
    by, made = coordinator(), case()
    who, cover = person("Sensorik"), person("Recht", "Verträge und Haftung")
    person("Pressen", "Sensoren an alten Pressen, Stillstand messen")
    who.cover = cover
    who.save()
    accepted(by, made, who)
    made.refresh_from_db()
    return by, made, who, cover


def test_a_case_whose_leading_person_is_on_leave_is_told_to_the_coordinator_once(led) -> None:  # type: ignore[no-untyped-def]
    _, made, who, _ = led
    assert reminders.away(timezone.localdate()) == 0
    on_leave(who)
    assert (reminders.away(timezone.localdate()), reminders.away(timezone.localdate())) == (1, 0)
    made.refresh_from_db()
    assert (made.attention, made.needs) == ("away", True)


def test_when_the_leave_is_over_the_case_is_the_coordinators_no_longer(led) -> None:  # type: ignore[no-untyped-def]
    _, made, who, _ = led
    last = on_leave(who)
    reminders.away(timezone.localdate())
    reminders.away(last + timedelta(days=1))
    made.refresh_from_db()
    assert made.attention == ""


def test_whoever_covers_stands_first_among_those_who_can_be_asked(led) -> None:  # type: ignore[no-untyped-def]
    _, made, who, cover = led
    assert not matching.is_looked_for(made)
    on_leave(who)
    assert matching.is_looked_for(made)
    first = matching.candidates(made).people[0]
    assert first.person == cover
    assert first.reason.de == "Vertritt Sensorik während der Abwesenheit."


def test_somebody_who_covers_but_is_away_too_is_not_proposed(led) -> None:  # type: ignore[no-untyped-def]
    _, made, who, cover = led
    on_leave(who)
    on_leave(cover)
    assert cover not in [c.person for c in matching.candidates(made).people]


def test_once_somebody_has_taken_the_case_over_the_coordinator_need_not_look(led) -> None:  # type: ignore[no-untyped-def]
    by, made, who, cover = led
    on_leave(who)
    reminders.away(timezone.localdate())
    asked = proposals.ask_person(by, made.pk, cover.pk)
    proposals.answer(Who(Actor.EXPERT, person=cover), asked.pk, "accept")
    made.refresh_from_db()
    assert made.attention == ""
    assert Assignment.objects.get(case=made, person=who).status == "handed_over"
    assert reminders.away(timezone.localdate()) == 0


def test_an_example_case_is_told_to_nobody(led) -> None:  # type: ignore[no-untyped-def]
    _, made, who, _ = led
    Case.objects.filter(pk=made.pk).update(is_example=True)
    on_leave(who)
    assert reminders.away(timezone.localdate()) == 0
