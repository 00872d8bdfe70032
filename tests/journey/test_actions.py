"""Every write on the company's way: asked questions are masked, ratings are checked, the desk is for staff only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound, TooLarge
from nordlotse.foundation.region import State
from nordlotse.journey import actions, queries
from nordlotse.journey.models import Inquiry

pytestmark = pytest.mark.django_db


def test_a_stored_question_is_masked_expires_and_its_answer_holds_no_question() -> None:
    made, _ = actions.ask("Ich heiße Hinnerk Klabautermann, hinnerk@kahn.example, 0171 2345678: Was ist OEE?")
    stored = Inquiry.objects.get(pk=made["id"])
    for secret in ("Hinnerk", "kahn.example", "2345678"):
        assert secret not in stored.question
        assert secret not in str(stored.answer)
    assert stored.answer["question"] == ""
    assert stored.expires_at is not None
    assert abs(stored.expires_at - timezone.now() - actions.KEEP_WORDS) < timedelta(minutes=1)


def test_a_link_is_not_to_be_guessed() -> None:
    ids = {actions.ask("Was ist OEE?")[0]["id"] for _ in range(5)}
    assert len(ids) == 5
    assert all(len(i) == 16 and i.isalnum() for i in ids)


def test_with_store_off_nothing_is_written() -> None:
    actions.ask("Was ist OEE?", store=False)
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize(
    ("value", "number"),
    [(None, None), ("", None), (0, 0), (40, 40), ("40", 40), (" 40 ", 40), (1_000_000, 1_000_000)],
)
def test_a_number_of_employees_is_understood(value: object, number: int | None) -> None:
    assert actions.check_employees(value) == number


@pytest.mark.parametrize("value", [-1, "-1", 2.5, "2,5", "viele", True, [], 10**9, "9" * 5000, "²", float("nan")])
def test_another_number_of_employees_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        actions.check_employees(value)


def test_a_question_of_2000_characters_is_answered_and_one_more_refused() -> None:
    assert actions.check_question("x" * 2000)
    with pytest.raises(TooLarge):
        actions.check_question("x" * 2001)


def test_state_and_size_are_kept_with_the_question() -> None:
    made, _ = actions.ask("Welche Förderung gibt es?", state=State.SH, employees=40)
    stored = Inquiry.objects.get(pk=made["id"])
    assert (stored.state, stored.employees) == ("SH", 40)


def test_a_rating_is_kept_masked_and_comes_to_the_desk() -> None:
    made, _ = actions.ask("Was ist OEE?")
    actions.rate(
        made["id"], helpful=False, reason="unclear", comment="Rufen Sie 040 1234567 an, Herr Petersen\x00\ud800"
    )
    stored = Inquiry.objects.get(pk=made["id"])
    assert stored.reason == "unclear"
    assert "Petersen" not in stored.comment and "1234567" not in stored.comment
    assert stored in queries.badly_rated()


def test_the_first_rating_counts_and_a_yes_needs_no_reason() -> None:
    made, _ = actions.ask("Was ist OEE?")
    actions.rate(made["id"], helpful=True, reason="unclear")
    actions.rate(made["id"], helpful=False, reason="wrong")
    stored = Inquiry.objects.get(pk=made["id"])
    assert (stored.helpful, stored.reason) == (True, "")


def test_staff_erase_the_words_of_a_question_at_once(django_user_model: Any) -> None:
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    made, _ = actions.ask("Was ist OEE?")
    actions.rate(made["id"], helpful=False, comment="unklar")
    actions.erase(editor, made["id"])
    stored = Inquiry.objects.get(pk=made["id"])
    assert (stored.question, stored.comment) == ("", "")
    assert stored not in queries.badly_rated()


def test_a_question_near_the_limit_still_fits_after_masking() -> None:
    made, _ = actions.ask("a@b.de " * 280)
    assert len(Inquiry.objects.get(pk=made["id"]).question) <= 2000


def test_a_rating_for_nothing_with_an_unknown_reason_or_too_long_is_refused() -> None:
    made, _ = actions.ask("Was ist OEE?")
    with pytest.raises(NotFound):
        actions.rate("nothing", helpful=True)
    with pytest.raises(BadInput):
        actions.rate(made["id"], helpful=False, reason="boring")
    with pytest.raises(TooLarge):
        actions.rate(made["id"], helpful=False, comment="x" * 1001)


@pytest.mark.parametrize("name", ["", "a" * 23, "a b", "a\x00b", "ü", "../x"])
def test_an_id_that_cannot_be_ours_is_not_found_on_every_database(name: str) -> None:
    with pytest.raises(NotFound):
        queries.inquiry(name)


def test_only_staff_handle_a_question_and_only_administrators_describe_the_operator() -> None:
    made, _ = actions.ask("Was ist OEE?")
    users = get_user_model().objects
    guest, editor = users.create_user("guest"), users.create_user("editor", is_staff=True)
    for user in (AnonymousUser(), guest):
        with pytest.raises(NotAllowed):
            actions.handle(user, made["id"])  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        actions.describe_operator(editor, {"name": "x"})
    actions.handle(editor, made["id"], "erledigt\x00")
    assert Inquiry.objects.get(pk=made["id"]).handled_at is not None


def test_describing_the_operator_can_be_skipped_and_is_then_not_asked_again() -> None:
    chief = get_user_model().objects.create_superuser("chief")
    assert not queries.operator().asked
    actions.describe_operator(chief, {})
    assert queries.operator().asked
    assert queries.operator().name == ""


def test_an_answer_is_announced_once_even_when_it_is_not_stored() -> None:
    heard: list[str] = []

    def hear(sender: object, answer: object, **more: object) -> None:
        heard.append(type(answer).__name__)

    actions.answered.connect(hear)
    try:
        actions.ask("Was ist OEE?", store=False)
    finally:
        actions.answered.disconnect(hear)
    assert heard == ["Answer"]


QUESTIONS = ["Was kostet ein Druckteil?", "Wir wurden verschlüsselt", "Welche Förderung gibt es?", "Wie wird das Wetter?", "xyzzy plugh",
             "What is OPC UA?", "Which funding is there in Hamburg?", "Hilfe", "Was ist der digitale Zwilling?", "Schreib mir ein Gedicht"]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_next_step_leads_to_a_page_that_is_there_and_filled(question: str) -> None:
    made, _ = actions.ask(question)
    response = Client().get(made["next_step"]["target"])
    assert response.status_code == 200
    assert made["next_step"]["label"]
    assert len(response.content) > 2000
