"""The background worker: it reports, erases what is past its day, and goes on when one chore fails."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from nordlotse.journey import actions
from nordlotse.journey.models import Inquiry
from nordlotse.web import accounts, worker
from nordlotse.web.models import Heartbeat, SignInLink

pytestmark = pytest.mark.django_db


def test_a_beat_is_one_row_that_moves() -> None:
    worker.beat()
    first = Heartbeat.objects.get().beat_at
    worker.beat()
    assert Heartbeat.objects.get().beat_at > first


def test_words_past_their_day_are_erased_and_the_answer_keeps_its_link() -> None:
    made, _ = actions.ask("Was ist OEE?")
    kept, _ = actions.ask("Was ist MQTT?")
    actions.rate(made["id"], helpful=False, reason="other_question", comment="Bitte anders")
    Inquiry.objects.filter(pk=made["id"]).update(expires_at=timezone.now() - timedelta(days=1), handled_note="Notiz")
    worker.erase()
    old, new = Inquiry.objects.get(pk=made["id"]), Inquiry.objects.get(pk=kept["id"])
    assert (old.question, old.comment, old.handled_note) == ("", "", "")
    assert old.answer["sentences"]
    assert new.question == "Was ist MQTT?"


def test_ended_links_and_sessions_are_erased() -> None:
    accounts.new_link(accounts.administrator(), hours=-1)
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=timezone.now() - timedelta(days=1))
    worker.erase()
    assert not SignInLink.objects.exists()
    assert not Session.objects.exists()


def test_a_failing_chore_does_not_stop_the_others_and_comes_round_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)  # the test's connection lives longer
    done: list[str] = []
    made = worker.Worker()

    def broken() -> None:
        done.append("broken")
        raise RuntimeError("planted")

    bad, good = worker.Chore("bad", 1, broken), worker.Chore("good", 1, lambda: done.append("good"))
    for chore in (bad, good, bad, good):
        made._turn(chore)
    assert done == ["broken", "good"]
    assert bad.due > good.due


def test_it_ends_when_it_is_told_to() -> None:
    made = worker.Worker()
    made._chores = made._alone = made._parts = []
    made._beat = worker.Chore("beat", 10, lambda: None)
    thread = threading.Thread(target=made.run)
    thread.start()
    made.stop()
    thread.join(3)
    assert not thread.is_alive()


def test_it_ends_when_the_process_that_started_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORDLOTSE_SUPERVISOR", "1")
    made = worker.Worker()
    made._chores = made._alone = made._parts = []
    made._beat = worker.Chore("beat", 10, lambda: None)
    monkeypatch.setattr(worker.os, "getppid", lambda: -1)
    thread = threading.Thread(target=made.run)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
