"""Registering and the waiting list: places in order, once each, and nobody learns about others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from nordlotse.dialogue import announcements
from nordlotse.dialogue.actions import chores, registrations
from nordlotse.dialogue.actions import events as running
from nordlotse.dialogue.models import Event, Question, Registration
from nordlotse.dialogue.queries import registrations as queries
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.office import log
from nordlotse.office.models import LogEntry
from tests.dialogue.made import begun, coordinator, event, link_in, mails, registered, wanted

pytestmark = pytest.mark.django_db


def test_who_comes_in_time_has_a_place_and_who_comes_late_waits_in_order() -> None:
    made = event(quota=2)
    people = [registered(made, n) for n in range(1, 6)]
    assert [p.status for p in people] == ["confirmed"] * 2 + ["waiting"] * 3
    assert [queries.position(p) for p in people] == [0, 0, 1, 2, 3]


def test_one_mail_is_written_with_it_and_it_carries_calendar_and_picture() -> None:
    made = event(quota=1)
    registered(made, 1)
    registered(made, 2)
    first, second = mails()
    assert first.key.startswith("dialogue:confirmed:")
    assert [a["name"] for a in first.attachments] == ["termin.ics", "einlass.png"]
    assert second.key.startswith("dialogue:waiting:")
    assert "Stelle 1" in second.text


def test_the_same_form_again_is_the_same_registration_and_writes_no_mail() -> None:
    made = event(quota=5)
    first = registrations.register(made.pk, wanted(1))
    again = registrations.register(made.pk, wanted(1))
    assert (first.known, again.known) == (False, True)
    assert first.registration.pk == again.registration.pk
    assert len(mails()) == 1


def test_the_same_address_again_makes_no_second_row_and_only_its_owner_hears_of_it() -> None:
    made = event(quota=5)
    registered(made, 1)
    again = registrations.register(made.pk, wanted(2, mail="GAST1@example.org"))
    assert again.known
    assert Registration.objects.count() == 1
    assert [m.to for m in mails("again")] == ["gast1@example.org"]
    registrations.register(made.pk, wanted(3, mail="gast1@example.org"))
    assert len(mails("again")) == 1  # once a day


def test_who_cancelled_may_register_again() -> None:
    made = event(quota=1)
    first = registered(made, 1)
    registrations.withdraw(queries.token_of(first))
    second = registrations.register(made.pk, wanted(2, mail=first.mail))
    assert not second.known
    assert second.registration.status == "confirmed"


@pytest.mark.parametrize(
    "values",
    [{"name": " "}, {"mail": "nobody"}, {"mail": ""}, {"form_token": ""}, {"form_token": "zu kurz"}, {"name": "\x00"}],
)
def test_a_form_without_name_address_or_token_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        registrations.register(event().pk, wanted(1, **values))


def test_a_required_question_must_be_answered_and_only_offered_choices_count() -> None:
    made = event()
    must = Question.objects.create(
        event=made, text_de="Essen?", kind="choice", options=["Fisch", "Kohl"], required=True
    )
    for answer in ("", "Labskaus"):
        with pytest.raises(BadInput) as told:
            registrations.register(made.pk, wanted(1, answers={str(must.pk): answer}))
        assert told.value.where == f"question_{must.pk}"
    kept = registered(made, 1, answers={str(must.pk): "Kohl", "999": "fremd"})
    assert kept.answers == {str(must.pk): "Kohl"}


@pytest.mark.parametrize(
    "values",
    [
        {"status": "cancelled"},
        {"register_until": timezone.now() - timedelta(minutes=1)},
        {"begin": timezone.now() - timedelta(minutes=1)},
        {"booking_url": "https://pretix.example/x/"},
    ],
)
def test_a_closed_event_takes_nobody(values: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        registered(event(**values))


def test_a_draft_is_unknown() -> None:
    with pytest.raises(NotFound):
        registered(event(status="draft"))


def test_when_somebody_cancels_the_longest_waiting_moves_up_by_itself_and_gets_a_mail() -> None:
    made = event(quota=1)
    first, second, third = (registered(made, n) for n in (1, 2, 3))
    registrations.withdraw(queries.token_of(first))
    for person in (first, second, third):
        person.refresh_from_db()
    assert [p.status for p in (first, second, third)] == ["cancelled", "confirmed", "waiting"]
    assert queries.position(third) == 1
    assert [m.to for m in mails("moved_up")] == [second.mail]
    assert [m.to for m in mails("withdrawn")] == [first.mail]


def test_cancelling_twice_frees_one_place() -> None:
    made = event(quota=1)
    first, _second, third = (registered(made, n) for n in (1, 2, 3))
    token = queries.token_of(first)
    registrations.withdraw(token)
    registrations.withdraw(token)
    third.refresh_from_db()
    assert third.status == "waiting"
    assert len(mails("withdrawn")) == 1


def test_somebody_who_waits_and_cancels_is_never_moved_up_and_turns_are_not_given_again() -> None:
    made = event(quota=1)
    first, second = registered(made, 1), registered(made, 2)
    registrations.withdraw(queries.token_of(second))
    third = registered(made, 3)
    assert third.turn == 2
    registrations.withdraw(queries.token_of(first))
    third.refresh_from_db()
    assert third.status == "confirmed"


def test_once_the_event_has_begun_nobody_cancels_or_moves_up() -> None:
    made = event(quota=1)
    first, second = registered(made, 1), registered(made, 2)
    begun(made)
    with pytest.raises(BadInput):
        registrations.withdraw(queries.token_of(first))
    Registration.objects.filter(pk=first.pk).update(status="cancelled")
    assert chores.settle() == 0
    second.refresh_from_db()
    assert second.status == "waiting"


def test_more_places_let_people_move_up_at_once() -> None:
    made = event(quota=1)
    people = [registered(made, n) for n in range(1, 5)]
    running.change(coordinator(), made.pk, {"quota": 3})
    for person in people:
        person.refresh_from_db()
    assert [p.status for p in people] == ["confirmed"] * 3 + ["waiting"]


def test_a_personal_link_is_signed_and_works_until_it_is_renewed() -> None:
    made = event()
    person = registered(made, 1)
    token = queries.token_of(person)
    assert queries.by_token(token).pk == person.pk
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), person.key, "", "x" * 500, "\x00"):
        with pytest.raises(NotFound):
            queries.by_token(wrong)
    registrations.renew_link(coordinator(), person.pk)
    with pytest.raises(NotFound):
        queries.by_token(token)
    assert link_in(mails("again")[0]).split("/")[-2] == queries.token_of(Registration.objects.get(pk=person.pk))


def test_the_new_link_comes_also_when_a_mail_went_out_the_same_day() -> None:
    made = event()
    person = registered(made, 1)
    registrations.register(made.pk, wanted(2, mail=person.mail))
    for number in (2, 3):
        registrations.renew_link(coordinator(), person.pk)
        found = mails("again")
        assert len(found) == number
        assert link_in(found[-1]).split("/")[-2] == queries.token_of(Registration.objects.get(pk=person.pk))


def test_only_coordinators_renew_links(django_user_model: Any) -> None:
    person = registered(event(), 1)
    with pytest.raises(NotAllowed):
        registrations.renew_link(django_user_model.objects.create_user("guest"), person.pk)


def test_the_video_link_is_told_to_those_with_a_place_only() -> None:
    made = event(quota=1, place="", video_link="https://video.example/raum")
    registered(made, 1)
    registered(made, 2)
    with_place, waiting = mails()
    assert "https://video.example/raum" in with_place.text
    assert "https://video.example/raum" not in waiting.text


def test_registering_is_announced_and_logged_and_undone_with_what_fails_after_it() -> None:
    heard: list[int] = []

    def fail(sender: object, registration: Registration, **more: object) -> None:
        heard.append(registration.pk)
        raise RuntimeError("a listener failed")

    made = event()
    announcements.registered.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            registered(made, 1)
    finally:
        announcements.registered.disconnect(fail)
    assert heard
    assert not Registration.objects.exists()
    assert not mails()
    registered(made, 1)
    assert LogEntry.objects.filter(verb="registered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_take_the_last_place_at_once_and_one_of_them_waits() -> None:
    for round_number in range(5):
        made = event(quota=1, slug=f"letzter-platz-{round_number}")
        found = _at_once(made, 2, first=round_number * 10 + 1)
        assert sorted(found) == ["confirmed", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_for_five_places_are_five_and_a_queue_without_gaps_in_the_order_of_commit() -> None:
    made = event(quota=5)
    found = _at_once(made, 40, first=1)
    assert sorted(found) == ["confirmed"] * 5 + ["waiting"] * 35
    numbers = [
        int(n)
        for n in LogEntry.objects.filter(verb="registered").order_by("number").values_list("object_id", flat=True)
    ]
    turns = [Registration.objects.get(pk=n).turn for n in numbers]
    assert turns == [None] * 5 + list(range(1, 36))
    assert len(mails()) == 40
    assert log.verify().broken_at == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_many_times_at_once_is_one_registration() -> None:
    made = event(quota=5)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _closing(lambda: registered(made, 1).pk), range(8)))
    assert len(set(found)) == 1
    assert Registration.objects.count() == len(mails()) == 1


@pytest.mark.django_db(transaction=True)
def test_cancelling_and_registering_at_once_never_fill_one_place_twice() -> None:
    made = event(quota=3)
    people = [registered(made, n) for n in range(1, 9)]
    tokens = [queries.token_of(p) for p in people[:3]]
    with ThreadPoolExecutor(6) as pool:
        leaving = [pool.submit(_closing, lambda t=t: registrations.withdraw(t).pk) for t in tokens]
        coming = [pool.submit(_closing, lambda n=n: registered(made, n).pk) for n in range(20, 24)]
        for done in (*leaving, *coming):
            done.result()
    states = list(Registration.objects.values_list("status", flat=True))
    assert (states.count("confirmed"), states.count("waiting"), states.count("cancelled")) == (3, 6, 3)


def _closing(do: Any) -> Any:
    try:
        return do()
    finally:
        connections.close_all()


def _at_once(made: Event, count: int, *, first: int) -> list[str]:
    """Let so many people press the button at the same moment; return how each of them stands."""
    gate = threading.Barrier(count)

    def one(number: int) -> str:
        connection.ensure_connection()
        gate.wait(30)
        return str(registered(made, number).status)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda n: _closing(lambda: one(n)), range(first, first + count)))
