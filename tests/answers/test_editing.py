"""Editors draft, publish and return; every process follows; what the package ships never overwrites a local edit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, connection

from nordlotse.answers import actions, queries
from nordlotse.answers.core.knowledge import text_hash
from nordlotse.answers.memory import memory
from nordlotse.answers.models import KnowledgeState, Revision
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from tests.answers.articles_made import GERMAN_BODY, english, german

ROOT = Path(__file__).resolve().parents[2]

NEW = german(
    GERMAN_BODY.replace("Die Zahnradprüfung nutzt", "Ein Quittenprüfer wiegt jede Quitte und nutzt"),
    title="Quittenprüfung",
)


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("redaktion", is_staff=True)


def shown(slug: str = "iot-90", lang: Any = "de") -> str:
    """Title of what visitors read now."""
    memory._checked = 0.0
    return queries.article(slug, lang).title


# ---- permission ----


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_only_staff_may_write() -> None:
    staff = User.objects.create_user("redaktion", is_staff=True)
    number = actions.save_draft(staff, "iot-90", "de", NEW).number
    gone = User.objects.create_user("weg", is_staff=True, is_active=False)
    for person in (User.objects.create_user("besuch"), AnonymousUser(), gone):
        for call in (
            lambda p=person: actions.save_draft(p, "iot-90", "de", NEW),
            lambda p=person: actions.publish(p, "iot-90", "de", number),
            lambda p=person: actions.return_to_shipped(p, "iot-90", "de"),
            lambda p=person: actions.keep_local(p, "iot-90", "de"),
            lambda p=person: actions.withdraw(p, "iot-90", "de"),
            lambda p=person: actions.discard_draft(p, "iot-90", "de", number),
        ):
            with pytest.raises(NotAllowed):
                call()
    assert Revision.objects.count() == 1


# ---- draft, publish, return ----


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_a_draft_is_not_shown_and_a_published_one_is(editor: User) -> None:
    assert shown() == "Zahnradprüfung"
    revision = actions.save_draft(editor, "iot-90", "de", NEW, "Quitten")
    assert shown() == "Zahnradprüfung"
    actions.publish(editor, "iot-90", "de", revision.number)
    assert shown() == "Quittenprüfung"
    assert "Quitte" in queries.answer("Was wiegt der Quittenprüfer?", lang="de").text


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_drafts_are_numbered_and_keep_author_and_note(editor: User) -> None:
    first = actions.save_draft(editor, "iot-90", "de", NEW, "x" * 300)
    second = actions.save_draft(None, "iot-90", "de", NEW)
    assert (first.number, second.number) == (1, 2)
    assert (first.author, second.author) == (editor, None)
    assert len(first.note) == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_two_editors_who_save_at_the_same_moment_are_told(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def first_come(**_: object) -> None:
        raise IntegrityError("number taken")

    monkeypatch.setattr(Revision.objects, "create", first_come)
    with pytest.raises(BadInput, match="draft_collision"):
        actions.save_draft(editor, "iot-90", "de", NEW)
    assert Revision.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_at_most_one_version_is_published(editor: User) -> None:
    for title in ("Eins", "Zwei"):
        number = actions.save_draft(editor, "iot-90", "de", german(title=title)).number
        actions.publish(editor, "iot-90", "de", number)
    assert [(r.number, r.state) for r in Revision.objects.all()] == [(2, "published"), (1, "superseded")]
    actions.publish(editor, "iot-90", "de", 1)
    assert shown() == "Eins"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_a_text_that_cannot_be_read_is_never_published(editor: User) -> None:
    for raw in ("kaputt", german("## Ohne Anker\n"), german(id="iot-91"), english()):
        draft = actions.save_draft(editor, "iot-90", "de", raw)
        with pytest.raises(BadInput):
            actions.publish(editor, "iot-90", "de", draft.number)
    assert Revision.objects.filter(state=Revision.State.PUBLISHED).count() == 0
    assert shown() == "Zahnradprüfung"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_a_translation_can_be_drafted_before_its_original_is_published_but_not_published_alone(editor: User) -> None:
    actions.save_draft(editor, "iot-91", "de", german(id="iot-91"))
    number = actions.save_draft(editor, "iot-91", "en", english(id="iot-91")).number
    with pytest.raises(BadInput):
        actions.publish(editor, "iot-91", "en", number)
    actions.publish(editor, "iot-91", "de", 1)
    memory._checked = 0.0
    actions.publish(editor, "iot-91", "en", number)
    assert shown("iot-91", "en") == "Gear check"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_publishing_what_is_not_there_is_not_found(editor: User) -> None:
    with pytest.raises(NotFound):
        actions.publish(editor, "iot-90", "de", 7)
    with pytest.raises(NotFound):
        actions.return_to_shipped(editor, "iot-99", "de")


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_returning_shows_the_shipped_text_and_keeps_the_history(editor: User) -> None:
    actions.publish(editor, "iot-90", "de", actions.save_draft(editor, "iot-90", "de", NEW).number)
    actions.return_to_shipped(editor, "iot-90", "de")
    assert shown() == "Zahnradprüfung"
    assert [(v.number, v.state) for v in queries.history("iot-90", "de")] == [(1, "superseded"), (0, "shipped")]


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_a_withdrawn_local_text_is_gone_from_the_site_but_not_from_the_history(editor: User) -> None:
    raw = german(id="iot-91", title="Nur hier")
    actions.publish(editor, "iot-91", "de", actions.save_draft(editor, "iot-91", "de", raw).number)
    assert shown("iot-91") == "Nur hier"
    actions.withdraw(editor, "iot-91", "de")
    memory._checked = 0.0
    with pytest.raises(NotFound):
        queries.article("iot-91", "de")
    assert [v.raw for v in queries.history("iot-91", "de")] == [raw]


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_a_published_text_that_breaks_later_leaves_the_shipped_one_and_is_listed(editor: User) -> None:
    actions.publish(editor, "iot-90", "de", actions.save_draft(editor, "iot-90", "de", NEW).number)
    Revision.objects.update(raw="kaputt")
    KnowledgeState.bump()
    assert shown() == "Zahnradprüfung"
    assert [p.where for p in queries.problems()] == ["iot-90.de.md:1"]


# ---- updates of the package ----


def ship(folder: Path, raw: str) -> None:
    """Let an update of the package bring another text."""
    (folder / "iot" / "iot-90.de.md").write_text(raw, encoding="utf-8")
    memory.forget()


def waiting() -> list[tuple[str, str]]:
    return [(t.slug, t.lang) for t in queries.texts() if t.update_waiting]


@pytest.mark.django_db
def test_an_update_never_overwrites_a_local_edit_and_is_listed_as_waiting(editor: User, small_library: Path) -> None:
    actions.publish(editor, "iot-90", "de", actions.save_draft(editor, "iot-90", "de", NEW).number)
    assert waiting() == []
    ship(small_library, german(title="Neu aus dem Paket"))
    assert shown() == "Quittenprüfung"
    assert waiting() == [("iot-90", "de")]


@pytest.mark.django_db
def test_an_editor_may_keep_the_local_text_until_the_next_update(editor: User, small_library: Path) -> None:
    actions.publish(editor, "iot-90", "de", actions.save_draft(editor, "iot-90", "de", NEW).number)
    ship(small_library, german(title="Neu aus dem Paket"))
    actions.keep_local(editor, "iot-90", "de")
    assert (waiting(), shown()) == ([], "Quittenprüfung")
    ship(small_library, german(title="Noch neuer"))
    assert waiting() == [("iot-90", "de")]


@pytest.mark.django_db
def test_returning_takes_the_newest_shipped_text(editor: User, small_library: Path) -> None:
    actions.publish(editor, "iot-90", "de", actions.save_draft(editor, "iot-90", "de", NEW).number)
    ship(small_library, german(title="Neu aus dem Paket"))
    actions.return_to_shipped(editor, "iot-90", "de")
    assert (waiting(), shown()) == ([], "Neu aus dem Paket")


@pytest.mark.django_db
def test_an_update_shows_itself_where_nothing_was_edited(small_library: Path) -> None:
    ship(small_library, german(title="Neu aus dem Paket"))
    assert shown() == "Neu aus dem Paket"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_a_draft_remembers_the_shipped_text_it_was_made_from(editor: User) -> None:
    revision = actions.save_draft(editor, "iot-90", "de", NEW)
    assert revision.base_hash == text_hash(german())
    assert actions.save_draft(editor, "iot-91", "de", german(id="iot-91")).base_hash == ""


# ---- history and the list of texts ----


def test_a_difference_names_what_was_added_and_removed() -> None:
    rows = queries.difference("eins\nzwei\ndrei", "eins\nzwo\ndrei")
    assert ("removed", "zwei") in rows
    assert ("added", "zwo") in rows
    assert ("same", "eins") in rows
    assert rows[0][0] == "place"
    assert queries.difference("gleich", "gleich") == []


def test_a_difference_of_lines_that_look_like_its_own_marks_is_still_right() -> None:
    rows = queries.difference("--- a\n+++ b", "--- a\n@@ c")
    assert ("removed", "+++ b") in rows
    assert ("added", "@@ c") in rows


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_the_list_of_texts_shows_shipped_local_and_draft(editor: User) -> None:
    actions.save_draft(editor, "iot-91", "de", german(id="iot-91", title="Neuer Entwurf"))
    actions.publish(editor, "iot-90", "de", actions.save_draft(editor, "iot-90", "de", NEW).number)
    rows = {(t.slug, t.lang): t for t in queries.texts()}
    assert set(rows) == {("iot-90", "de"), ("iot-90", "en"), ("iot-91", "de")}
    assert (rows["iot-90", "de"].local, rows["iot-90", "en"].local, rows["iot-91", "de"].drafts) == (True, False, 1)
    assert rows["iot-91", "de"].title == "Neuer Entwurf"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_library")
def test_a_skeleton_can_be_saved_at_once(editor: User) -> None:
    for lang in ("de", "en"):
        raw = actions.skeleton("iot-92", lang, "iot", "Was ist neu: heute?")  # type: ignore[arg-type]
        assert actions.save_draft(editor, "iot-92", lang, raw).number == 1  # type: ignore[arg-type]


# ---- another process ----


@contextmanager
def second_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a process that holds its own memory on the same database."""
    command = [sys.executable, "-m", "tests.answers.asking_process", str(connection.settings_dict["NAME"]), str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ)
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            assert child.stdin is not None
            child.stdin.close()
            child.wait(30)


def ask(child: subprocess.Popen[str], question: str) -> dict[str, Any]:
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(question + "\n")
    child.stdin.flush()
    told: dict[str, Any] = json.loads(child.stdout.readline())
    return told


def seconds_until(child: subprocess.Popen[str], question: str, word: str, there: bool) -> float:
    start = time.monotonic()
    while time.monotonic() - start < 20:
        if (word in ask(child, question)["text"]) is there:
            return time.monotonic() - start
        time.sleep(0.05)
    raise AssertionError(f"“{word}” did not {'appear' if there else 'vanish'}")


@pytest.mark.django_db(transaction=True)
def test_another_process_answers_from_what_was_published_within_two_seconds(small_library: Path) -> None:
    question = "Was wiegt der Quittenprüfer?"
    number = actions.save_draft(None, "iot-90", "de", NEW).number
    with second_process(small_library) as child:
        before = ask(child, question)
        assert "Quitte" not in before["text"]
        actions.publish(None, "iot-90", "de", number)
        assert seconds_until(child, question, "Quitte", True) < 2
        assert ask(child, question)["pid"] == before["pid"] != os.getpid()
        actions.return_to_shipped(None, "iot-90", "de")
        assert seconds_until(child, question, "Quitte", False) < 2
