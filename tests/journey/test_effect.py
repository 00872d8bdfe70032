"""What came of a case is asked when it closes and three months later; a link opened changes nothing, answers count once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.journey import announcements
from nordlotse.journey.actions import effect
from nordlotse.journey.models import Case, Consent, Contact, Effect
from nordlotse.journey.queries import figures
from nordlotse.office import links
from nordlotse.office.models import ActionLink, OutgoingMail
from tests.journey.factories import contact

pytestmark = pytest.mark.django_db


def closed(days: int = 0, *, later: bool = True, **values: Any) -> Case:
    who: Contact = contact(mail="anna@example.org")
    case = Case.objects.create(
        **{
            "number": Case.objects.count() + 1,
            "title": "Sensor am Kran",
            "contact": who,
            "status": "closed",
            "open": False,
        }
        | {"closed_at": timezone.now() - timedelta(days=days), "outcome": "solved"}
        | values
    )
    if later:
        Consent.objects.create(contact=who, purpose="contact_later", version="1")
    announcements.closed.send(sender=Case, case=case)
    return case


def token(moment: str = "closing") -> str:
    mail = OutgoingMail.objects.get(key=f"journey:effect:{Effect.objects.get(moment=moment).pk}")
    return mail.text.split("/wirkung/")[1].split("/")[0]


def test_closing_a_case_asks_once_by_mail() -> None:
    case = closed()
    announcements.closed.send(sender=Case, case=case)
    assert OutgoingMail.objects.filter(to="anna@example.org").count() == 1
    assert Effect.objects.get().moment == "closing"


@pytest.mark.parametrize("outcome", ["withdrawn", "no_reply"])
def test_nobody_is_asked_where_nothing_can_have_helped(outcome: str) -> None:
    closed(outcome=outcome)
    assert not Effect.objects.exists()


def test_whoever_left_only_a_phone_number_is_not_asked() -> None:
    case = Case.objects.create(number=1, title="x", contact=contact(), status="closed", outcome="solved")
    announcements.closed.send(sender=Case, case=case)
    assert not OutgoingMail.objects.exists()


def test_opening_the_link_changes_nothing() -> None:
    closed()
    for method in ("get", "head", "get"):
        assert getattr(Client(), method)(f"/wirkung/{token()}/").status_code == 200
    assert Effect.objects.get().answered_at is None
    assert ActionLink.objects.get(purpose="effect").used_at is None


def test_three_answers_are_taken_once() -> None:
    closed()
    place = f"/wirkung/{token()}/"
    sent = {"helped": "yes", "done": "started", "worth": "Drei Stunden in der Woche"}
    assert Client().post(place, sent).status_code == 200
    made = Effect.objects.get()
    assert (made.helped, made.done, made.worth) == ("yes", "started", "Drei Stunden in der Woche")
    assert Client().post(place, {"helped": "no"}).status_code == 404
    assert Effect.objects.get().helped == "yes"


def test_an_empty_form_does_not_use_the_link_up() -> None:
    closed()
    place = f"/wirkung/{token()}/"
    assert Client().post(place, {}).status_code == 422
    assert Client().post(place, {"helped": "partly"}).status_code == 200


def test_an_answer_that_is_not_on_the_list_is_refused() -> None:
    closed()
    with pytest.raises(BadInput):
        effect.answer(token(), helped="very", done="", worth="")
    assert Effect.objects.get().answered_at is None


def test_three_months_later_it_is_asked_again_and_the_case_is_at_its_end() -> None:
    case = closed(days=92)
    assert effect.ask_later() == 1
    assert effect.ask_later() == 0
    case.refresh_from_db()
    assert case.status == "effect_asked"
    assert Effect.objects.filter(moment="later").count() == 1
    assert "drei Monaten" in OutgoingMail.objects.order_by("-pk")[0].text


def test_before_three_months_nobody_is_asked_again() -> None:
    closed(days=90)
    assert effect.ask_later() == 0


def test_without_consent_nobody_is_asked_three_months_later() -> None:
    case = closed(days=92, later=False)
    assert effect.ask_later() == 0
    case.refresh_from_db()
    assert case.status == "effect_asked"
    assert not Effect.objects.filter(moment="later").exists()


def test_a_case_that_goes_on_and_closes_again_asks_no_second_time() -> None:
    case = closed()
    old = token()
    announcements.reopened.send(sender=Case, case=case)
    announcements.closed.send(sender=Case, case=case)
    assert OutgoingMail.objects.count() == 1
    assert links.read(old, effect.PURPOSE)


def test_a_case_that_goes_on_takes_the_questions_of_three_months_later_back() -> None:
    case = closed()
    old = token()
    Effect.objects.update(moment="later")
    announcements.reopened.send(sender=Case, case=case)
    assert not Effect.objects.exists()
    with pytest.raises(NotFound):
        links.read(old, effect.PURPOSE)


def test_a_link_whose_case_was_deleted_says_so() -> None:
    case = closed()
    place = f"/wirkung/{token()}/"
    case.delete()
    assert Client().get(place).status_code == 404


def test_answers_are_counted() -> None:
    closed()
    effect.answer(token(), helped="yes", done="in_use", worth="")
    today = timezone.localdate()
    made = figures.effect_figures(today, today)
    assert (made["asked"], made["answered"], made["helped"]["yes"], made["done"]["in_use"]) == (1, 1, 1, 1)
