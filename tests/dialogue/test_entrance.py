"""The entrance: phones out of reach, twice, late and in any order come to the same end."""

from __future__ import annotations

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from nordlotse.dialogue import announcements
from nordlotse.dialogue.actions import entrance, registrations
from nordlotse.dialogue.actions.entrance import Guest, Seen
from nordlotse.dialogue.models import Event, Registration
from nordlotse.dialogue.queries import registrations as people
from nordlotse.foundation.problem import BadInput, NotFound
from tests.dialogue.made import begun, coordinator, event, registered

pytestmark = pytest.mark.django_db


def _state(registration: Registration) -> datetime | None:
    registration.refresh_from_db()
    return registration.checked_in_at


def test_a_check_in_is_kept_with_its_time_and_announced_once() -> None:
    made, heard = event(), list[Any]()

    def hear(sender: object, registration: Registration, **more: object) -> None:
        heard.append(registration.pk)

    person = registered(made, 1)
    begun(made)
    announcements.checked_in.connect(hear)
    try:
        moment = timezone.now() - timedelta(minutes=20)
        for _ in range(3):
            entrance.check_in(coordinator(), person.pk, moment)
    finally:
        announcements.checked_in.disconnect(hear)
    assert _state(person) == moment
    assert heard == [person.pk]


def test_taking_back_and_checking_in_again_is_possible() -> None:
    made = begun(event())
    person = Registration.objects.get(pk=_door(made).pk)
    entrance.check_out(coordinator(), person.pk)
    assert _state(person) is None
    entrance.check_in(coordinator(), person.pk)
    assert _state(person) is not None


def _door(made: Event) -> Registration:
    return entrance.take_in(coordinator(), made.pk, Guest("Gast an der Tür", form_token="x" * 24))


def test_whatever_order_two_phones_come_back_in_the_end_is_the_same() -> None:
    made = event()
    person = registered(made, 1)
    begun(made)
    start = timezone.now() - timedelta(minutes=50)
    notes = [
        Seen(person.pk, inside, start + timedelta(minutes=m))
        for inside, m in ((True, 0), (False, 5), (True, 9), (True, 12))
    ]
    ends = set()
    for order in itertools.permutations(notes):
        Registration.objects.filter(pk=person.pk).update(checked_in_at=None, checked_in_change=None)
        for note in order:
            entrance.sync(coordinator(), made.pk, [note])
        ends.add(_state(person) is not None)
    assert ends == {True}
    for order in itertools.permutations(notes[:2]):
        Registration.objects.filter(pk=person.pk).update(checked_in_at=None, checked_in_change=None)
        for note in order:
            entrance.sync(coordinator(), made.pk, [note])
        assert _state(person) is None


def test_two_phones_that_saw_the_same_person_keep_the_earlier_time() -> None:
    made = event()
    person = registered(made, 1)
    begun(made)
    early, late = (timezone.now() - timedelta(minutes=m) for m in (30, 10))
    for moments in ((early, late), (late, early)):
        Registration.objects.filter(pk=person.pk).update(checked_in_at=None, checked_in_change=None)
        for moment in moments:
            entrance.sync(coordinator(), made.pk, [Seen(person.pk, True, moment)])
        assert _state(person) == early


def test_a_phone_with_a_wrong_clock_does_not_check_in_before_the_doors_open_or_in_the_future() -> None:
    made = event()
    first, second = registered(made, 1), registered(made, 2)
    made = begun(made)
    now = timezone.now()
    entrance.sync(coordinator(), made.pk, [Seen(first.pk, True, now + timedelta(days=9)), Seen(second.pk, True, now - timedelta(days=9))])  # fmt: skip
    one, two = _state(first), _state(second)
    assert one is not None and one <= timezone.now()
    assert two == made.begin - entrance.OPENS


def test_people_of_another_event_are_not_touched_and_unknown_ones_are_answered() -> None:
    here, there = event(), event()
    person = registered(there, 1)
    begun(here)
    found = entrance.sync(
        coordinator(), here.pk, [Seen(person.pk, True, timezone.now()), Seen(10**9, True, timezone.now())]
    )
    assert found == {person.pk: False, 10**9: False}
    assert _state(person) is None


def test_the_answer_names_everybody_and_with_nothing_kept_a_phone_only_asks() -> None:
    made = event()
    first, second, third = (registered(made, n) for n in (1, 2, 3))
    registrations.withdraw(people.token_of(third))
    begun(made)
    found = entrance.sync(coordinator(), made.pk, [Seen(first.pk, True, timezone.now())])
    assert found == {first.pk: True, second.pk: False}
    assert entrance.sync(coordinator(), made.pk, []) == found
    entrance.check_in(coordinator(), second.pk)
    assert entrance.sync(coordinator(), made.pk, []) == {first.pk: True, second.pk: True}


def test_who_cancelled_stays_out_and_who_waits_comes_in() -> None:
    made = event(quota=1)
    first, second, third = (registered(made, n) for n in (1, 2, 3))
    registrations.withdraw(people.token_of(third))
    begun(made)
    with pytest.raises(BadInput):
        entrance.check_in(coordinator(), third.pk)
    entrance.check_in(coordinator(), second.pk)
    second.refresh_from_db()
    assert (second.status, second.turn) == ("confirmed", None)
    assert _state(first) is None


@pytest.mark.parametrize("values", [{}, {"status": "cancelled"}])
def test_the_entrance_opens_twelve_hours_before(values: dict[str, Any]) -> None:
    made = event(**values)
    with pytest.raises(BadInput):
        entrance.sync(coordinator(), made.pk, [])
    person = Registration.objects.create(
        event=made, status="confirmed", code="ABCDEFGHJK", form_token="x" * 20, consent_version="1", name="Gast"
    )
    with pytest.raises(BadInput):
        entrance.check_in(coordinator(), person.pk)


def test_a_guest_is_taken_in_once_and_a_known_address_is_checked_in_instead() -> None:
    made = event()
    known = registered(made, 1)
    begun(made)
    for _ in range(2):
        entrance.take_in(coordinator(), made.pk, Guest("Klabauter", form_token="token-1-of-the-form"))
    entrance.take_in(coordinator(), made.pk, Guest("Gast 1", "Gast1@Example.org", form_token="token-2-of-the-form"))
    assert Registration.objects.count() == 2
    assert _state(known) is not None


def test_unknown_people_and_too_many_notes_are_refused() -> None:
    made = begun(event())
    with pytest.raises(NotFound):
        entrance.check_in(coordinator(), 10**9)
    with pytest.raises(BadInput):
        entrance.sync(coordinator(), made.pk, [Seen(1, True, timezone.now())] * (entrance.MAX_ITEMS + 1))


def test_many_random_notes_twice_and_shuffled_end_as_the_sorted_ones() -> None:
    made = event()
    persons = [registered(made, n) for n in range(1, 5)]
    begun(made)
    start, dice = timezone.now() - timedelta(minutes=55), random.Random(5)
    notes = [Seen(dice.choice(persons).pk, dice.random() < 0.7, start + timedelta(seconds=n)) for n in range(60)]
    last = {note.registration_id: note.inside for note in notes}
    shuffled = notes * 2
    dice.shuffle(shuffled)
    for note in shuffled:
        entrance.sync(coordinator(), made.pk, [note])
    assert {p.pk: _state(p) is not None for p in persons if p.pk in last} == last
