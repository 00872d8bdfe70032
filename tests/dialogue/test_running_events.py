"""Running events: who may, what is told to whom, and that it is told once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from nordlotse.dialogue import announcements, tasks
from nordlotse.dialogue.actions import chores, registrations
from nordlotse.dialogue.actions import entrance as door
from nordlotse.dialogue.actions import events as running
from nordlotse.dialogue.core.values import ZONE
from nordlotse.dialogue.models import Event, Registration
from nordlotse.dialogue.queries import events as queries
from nordlotse.dialogue.queries import registrations as people
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.foundation.role import Role
from nordlotse.journey.actions import privacy
from nordlotse.office.roles import set_roles
from tests.dialogue.made import begun, coordinator, event, mails, registered, wanted

pytestmark = pytest.mark.django_db


def values(**more: Any) -> dict[str, Any]:
    begin = timezone.now() + timedelta(days=10)
    return {"title_de": "Sensoren", "begin": begin, "end": begin + timedelta(hours=2), "place": "Kiel", **more}


@pytest.mark.parametrize("role", [None, "guest", Role.EDITOR, Role.EXPERT, Role.RESEARCHER, Role.OFFICER])
def test_nobody_but_a_coordinator_runs_events(role: Role | str | None, django_user_model: Any) -> None:
    user: Any = AnonymousUser()
    if role is not None:
        user = django_user_model.objects.create_user("somebody")
        set_roles(user, frozenset({role} if isinstance(role, Role) else ()))
    made = event()
    for act in (
        lambda: running.create(user, values()),
        lambda: running.change(user, made.pk, {"quota": 3}),
        lambda: running.publish(user, made.pk),
        lambda: running.cancel(user, made.pk),
        lambda: running.cancel_series(user, made.pk),
        lambda: running.duplicate(user, made.pk),
        lambda: running.make_series(user, made.pk, "FREQ=WEEKLY;COUNT=2"),
        lambda: door.take_in(user, made.pk, door.Guest("x")),
        lambda: door.sync(user, made.pk, []),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_event_begins_as_a_draft_that_nobody_sees() -> None:
    made = running.create(coordinator(), values())
    assert made.status == "draft"
    assert not queries.public(queries.Filter()).exists()
    running.publish(coordinator(), made.pk)
    assert queries.public(queries.Filter()).get().slug == made.slug


@pytest.mark.parametrize(
    "wrong",
    [
        {"title_de": " "},
        {"end": timezone.now()},
        {"kind": "party"},
        {"topic": "weather"},
        {"quota": 0},
        {"register_until": timezone.now() + timedelta(days=11)},
        {"status": "published"},
        {"state": "Bayern"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        running.create(coordinator(), values(**wrong))
    assert not Event.objects.exists()


def test_an_event_without_place_and_link_is_not_published() -> None:
    made = running.create(coordinator(), values(place=""))
    with pytest.raises(BadInput):
        running.publish(coordinator(), made.pk)


def test_a_new_time_is_told_once_to_everybody_and_calendars_replace_the_old_one() -> None:
    made = event(quota=1)
    registered(made, 1)
    registered(made, 2)
    later = made.begin + timedelta(days=1)
    for _ in range(2):
        running.change(coordinator(), made.pk, {"begin": later, "end": later + timedelta(hours=2)})
    made.refresh_from_db()
    assert made.sequence == 1
    told = mails("changed")
    assert [m.to for m in told] == ["gast1@example.org", "gast2@example.org"]
    assert [a["name"] for a in told[0].attachments] == ["termin.ics"]


def test_a_new_text_is_told_to_calendars_but_mailed_to_nobody() -> None:
    made = event()
    registered(made, 1)
    running.change(coordinator(), made.pk, {"text_de": "Neu"})
    made.refresh_from_db()
    assert made.sequence == 1
    assert not mails("changed")


def test_a_cancellation_informs_everyone_exactly_once_and_is_announced_once() -> None:
    made, heard = event(quota=1), list[Event]()

    def hear(sender: object, event: Event, **more: object) -> None:
        heard.append(event)

    first, second, third = (registered(made, n) for n in (1, 2, 3))
    registrations.withdraw(people.token_of(third))
    announcements.cancelled.connect(hear)
    try:
        for _ in range(3):
            running.cancel(coordinator(), made.pk, "Sturmflut")
    finally:
        announcements.cancelled.disconnect(hear)
    assert sorted(m.to for m in mails("cancelled")) == [first.mail, second.mail]
    assert all("Sturmflut" in m.text for m in mails("cancelled"))
    assert len(heard) == 1
    assert not mails("moved_up")


def test_an_event_that_took_place_cannot_be_called_off_until_the_check_ins_are_taken_back() -> None:
    made = event()
    person = registered(made, 1)
    begun(made)
    door.check_in(coordinator(), person.pk)
    with pytest.raises(BadInput) as told:
        running.cancel(coordinator(), made.pk)
    assert told.value.code == "event_took_place"
    door.check_out(coordinator(), person.pk)
    assert running.cancel(coordinator(), made.pk).status == "cancelled"


def test_a_cancelled_event_cannot_be_changed_or_published() -> None:
    made = event(status="cancelled")
    for act in (
        lambda: running.change(coordinator(), made.pk, {"quota": 3}),
        lambda: running.publish(coordinator(), made.pk),
    ):
        with pytest.raises(BadInput):
            act()


def test_a_copy_is_a_draft_a_week_later_with_the_questions_and_without_the_people() -> None:
    made = running.create(coordinator(), values(), [running.Asked("Essen?", kind="choice", options=("a", "b"))])
    running.publish(coordinator(), made.pk)
    registered(made, 1)
    copy = running.duplicate(coordinator(), made.pk)
    assert copy.status == "draft"
    assert copy.begin.astimezone(ZONE).time() == made.begin.astimezone(ZONE).time()
    assert [q.text_de for q in copy.questions.all()] == ["Essen?"]
    assert not copy.registrations.exists()
    assert copy.uid != made.uid


def test_a_series_is_a_row_per_date_and_one_date_is_called_off_without_the_others() -> None:
    made = running.create(coordinator(), values())
    running.publish(coordinator(), made.pk)
    dates = running.make_series(coordinator(), made.pk, "FREQ=WEEKLY;COUNT=4")
    assert len(dates) == 3
    assert Event.objects.filter(status="published").count() == 4
    running.cancel(coordinator(), dates[0].pk)
    assert Event.objects.filter(status="cancelled").count() == 1
    assert running.cancel_series(coordinator(), dates[1].pk) == 2
    assert list(Event.objects.filter(status="published")) == [made]
    with pytest.raises(BadInput):
        running.make_series(coordinator(), made.pk, "FREQ=WEEKLY;COUNT=4")


def test_questions_that_stay_keep_the_answers_given() -> None:
    made = running.create(coordinator(), values(), [running.Asked("A?"), running.Asked("B?")])
    kept = made.questions.get(text_de="B?").pk
    running.change(coordinator(), made.pk, {}, [running.Asked("B?", required=True), running.Asked("C?")])
    assert [q.text_de for q in made.questions.all()] == ["B?", "C?"]
    assert made.questions.get(text_de="B?").pk == kept


def test_reminders_go_out_once_on_the_day_before_from_eight_on() -> None:
    begin = (timezone.now().astimezone(ZONE) + timedelta(days=5)).replace(hour=18, minute=0, second=0, microsecond=0)
    made = event(begin=begin, quota=1)
    registered(made, 1)
    registered(made, 2)
    day_before = begin - timedelta(days=1)
    assert chores.remind(day_before - timedelta(days=1)) == 0
    assert chores.remind(day_before.replace(hour=7)) == 0
    assert chores.remind(day_before.replace(hour=8)) == 1
    assert chores.remind(day_before.replace(hour=9)) == 0
    assert [m.to for m in mails("reminder")] == ["gast1@example.org"]


def test_thanks_go_to_those_who_came_also_when_the_phone_tells_late() -> None:
    made = event()
    first, second = registered(made, 1), registered(made, 2)
    begun(made, ended=True)
    door.check_in(coordinator(), first.pk)
    assert chores.thank() == 1
    assert chores.thank() == 0
    door.check_in(coordinator(), second.pk)
    assert chores.thank() == 1
    assert [m.to for m in mails("thanks")] == [first.mail, second.mail]


def test_the_worker_does_all_of_it_in_one_turn() -> None:
    made = event(quota=1)
    person, waiting = registered(made, 1), registered(made, 2)
    Registration.objects.filter(pk=person.pk).update(status="cancelled")
    ended = event(slug="vorbei")
    there = registered(ended, 3)
    begun(ended, ended=True)
    door.check_in(coordinator(), there.pk)
    for _ in range(2):
        tasks.run()
    waiting.refresh_from_db()
    assert waiting.status == "confirmed"
    assert (len(mails("thanks")), len(mails("moved_up"))) == (1, 1)


def test_after_twelve_months_names_are_gone_and_figures_stay() -> None:
    made = event()
    person, absent = registered(made, 1, company_name="Werft"), registered(made, 2)
    begun(made, ended=True)
    door.check_in(coordinator(), person.pk)
    registrations.rate(people.token_of(person), rating=5, useful="Viel, sagt Gast 1")
    assert chores.erase_expired(timezone.now() + timedelta(days=300)) == 0
    assert chores.erase_expired(timezone.now() + timedelta(days=400)) == 2
    for row in Registration.objects.values():
        assert "Gast" not in str(row) and "Werft" not in str(row) and "example.org" not in str(row)
    figures = queries.figures(made)
    assert (figures.confirmed, figures.checked_in, figures.mean) == (2, 1, 5.0)
    assert made.feedback.get().useful == ""
    with pytest.raises(Exception, match="registration_unknown"):
        people.by_token(people.token_of(absent))


def test_an_event_that_was_put_off_is_reminded_of_again() -> None:
    begin = (timezone.now().astimezone(ZONE) + timedelta(days=5)).replace(hour=18, minute=0, second=0, microsecond=0)
    made = event(begin=begin)
    registered(made, 1)
    assert chores.remind((begin - timedelta(days=1)).replace(hour=9)) == 1
    later = begin + timedelta(days=7)
    running.change(coordinator(), made.pk, {"begin": later, "end": later + timedelta(hours=2)})
    assert chores.remind((later - timedelta(days=1)).replace(hour=9)) == 1
    assert len(mails("reminder")) == 2


def test_whoever_registers_more_than_a_year_ahead_keeps_the_place() -> None:
    begin = timezone.now() + timedelta(days=30)
    early = registered(event(begin=begin), 1)
    Registration.objects.update(at=timezone.now() - timedelta(days=400))
    privacy.retain()
    early.refresh_from_db()
    assert (early.status, early.name) == ("confirmed", "Gast 1")


@pytest.mark.django_db(transaction=True)
def test_calling_off_a_series_while_people_register_for_its_dates_hangs_nobody() -> None:
    made = running.create(coordinator(), values())
    running.publish(coordinator(), made.pk)
    dates = [made.pk, *(d.pk for d in running.make_series(coordinator(), made.pk, "FREQ=WEEKLY;COUNT=6"))]
    wrong: list[BaseException] = []

    def run(do: Callable[[], Any]) -> None:
        try:
            do()
        except BadInput:
            pass  # called off before: that is what the page says
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    tasks_ = [lambda: running.cancel_series(coordinator(), made.pk)]
    tasks_ += [partial(registrations.register, pk, wanted(n)) for n, pk in enumerate(reversed(dates), 1)]  # type: ignore[misc]
    threads = [threading.Thread(target=run, args=[do]) for do in tasks_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert set(Event.objects.values_list("status", flat=True)) == {"cancelled"}
    told = set(Registration.objects.values_list("pk", flat=True))
    assert {int(m.key.split(":")[2]) for m in mails("cancelled")} == told, "everybody who got a place is informed"
