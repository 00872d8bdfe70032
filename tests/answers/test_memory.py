"""The index of a process: built once, fresh within two seconds, and only what changed is indexed anew."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from django.db import connections

from nordlotse.answers import actions, queries
from nordlotse.answers.memory import Memory, memory
from nordlotse.answers.models import KnowledgeState

pytestmark = pytest.mark.django_db


def test_without_a_change_the_same_snapshot_answers(small_library: Path) -> None:
    assert memory.current() is memory.current()


def test_a_counted_change_is_noticed_within_two_seconds_without_a_restart(small_library: Path) -> None:
    before = memory.current()
    KnowledgeState.bump()
    begun = time.monotonic()
    while memory.current() is before:
        assert time.monotonic() - begun < 2
        time.sleep(0.05)


def test_an_edited_article_is_found_by_its_new_words(small_library: Path) -> None:
    path = sorted(small_library.rglob("*.de.md"))[0]
    slug, raw = path.name.removesuffix(".de.md"), path.read_text(encoding="utf-8")
    title = next(line.partition(": ")[2] for line in raw.splitlines() if line.startswith("title:"))
    number = actions.save_draft(
        None, slug, "de", raw.replace(f"title: {title}", "title: Quastenflosser im Schaltschrank")
    ).number
    actions.publish(None, slug, "de", number)
    memory._checked = 0.0
    assert queries.search("Quastenflosser", "de")[0][0].found.unit.article == slug


def test_another_process_notices_the_same_change(small_library: Path) -> None:
    other = Memory()
    before = other.current()
    KnowledgeState.bump()
    other._checked = 0.0
    assert other.current() is not before
    assert other.current().version == KnowledgeState.current()


def test_a_change_keeps_the_passages_that_did_not_change(small_library: Path) -> None:
    before = memory.current()
    KnowledgeState.bump()
    memory._checked = 0.0
    after = memory.current()
    assert after.answerer.indexes["de"].passages == before.answerer.indexes["de"].passages


@pytest.mark.django_db(transaction=True)
def test_many_first_questions_at_once_build_the_index_once(
    small_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, built = Memory(), []
    real = Memory._build

    def counted(*arguments: object) -> object:
        built.append(1)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Memory, "_build", staticmethod(counted))

    def ask() -> None:
        fresh.current()
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [1]
