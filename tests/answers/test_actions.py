"""Every write of the answers room, on two small texts: permission, draft, publication, return, and what a broken text does."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, User

from nordlotse.answers import actions, queries
from nordlotse.answers.core import knowledge
from nordlotse.answers.core.article import Article
from nordlotse.answers.models import KnowledgeState, Revision
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return get_user_model().objects.create_user("editor", is_staff=True)


@pytest.fixture
def text(small_library: Path) -> tuple[str, str]:
    """Id and raw German text of a shipped article."""
    path = sorted(small_library.rglob("*.de.md"))[0]
    return path.name.removesuffix(".de.md"), path.read_text(encoding="utf-8")


def _shown(slug: str) -> Article:
    queries.memory._checked = 0.0  # look at the counter at once, not after half a second
    return queries.article(slug, "de")


def _retitled(raw: str, title: str) -> str:
    lines = [f"title: {title}" if line.startswith("title:") else line for line in raw.splitlines()]
    return "\n".join(lines) + "\n"


def test_nobody_but_staff_writes(text: tuple[str, str]) -> None:
    slug, raw = text
    guest = get_user_model().objects.create_user("guest")
    for user in (AnonymousUser(), guest):
        with pytest.raises(NotAllowed):
            actions.save_draft(user, slug, "de", raw)  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            actions.publish(user, slug, "de", 1)  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            actions.return_to_shipped(user, slug, "de")  # type: ignore[arg-type]
    assert not Revision.objects.exists()


def test_a_draft_is_kept_but_not_shown_until_it_is_published(text: tuple[str, str], editor: User) -> None:
    slug, raw = text
    before = _shown(slug).title
    draft = actions.save_draft(editor, slug, "de", _retitled(raw, "Neuer Titel"), "neu")
    assert _shown(slug).title == before
    version = KnowledgeState.current()
    actions.publish(editor, slug, "de", draft.number)
    assert _shown(slug).title == "Neuer Titel"
    assert KnowledgeState.current() == version + 1


def test_the_shipped_text_comes_back_and_the_local_one_stays_in_the_history(
    text: tuple[str, str], editor: User
) -> None:
    slug, raw = text
    before = _shown(slug).title
    actions.publish(editor, slug, "de", actions.save_draft(editor, slug, "de", _retitled(raw, "Anders")).number)
    actions.return_to_shipped(editor, slug, "de")
    assert _shown(slug).title == before
    assert [v.number for v in queries.history(slug, "de")] == [1, 0]


def test_at_most_one_version_of_a_text_is_published(text: tuple[str, str], editor: User) -> None:
    slug, raw = text
    for title in ("Eins", "Zwei", "Drei"):
        actions.publish(editor, slug, "de", actions.save_draft(editor, slug, "de", _retitled(raw, title)).number)
    assert Revision.objects.filter(state=Revision.State.PUBLISHED).count() == 1
    assert _shown(slug).title == "Drei"


@pytest.mark.parametrize(
    "broken", ["no front matter", "---\nid: [\n---\n", "---\nid: x\n---\n## ?\n", "---\n" + "a: " * 5000 + "\n---\n"]
)
def test_a_broken_text_is_kept_as_a_draft_and_never_published(text: tuple[str, str], editor: User, broken: str) -> None:
    draft = actions.save_draft(editor, text[0], "de", broken)
    assert draft.raw == broken
    with pytest.raises(BadInput) as caught:
        actions.publish(editor, text[0], "de", draft.number)
    assert text[0] in caught.value.where
    assert caught.value.remedy_de


@pytest.mark.parametrize("nothing", ["", " \n", "\x00"])
def test_an_empty_draft_is_refused(text: tuple[str, str], editor: User, nothing: str) -> None:
    with pytest.raises(BadInput):
        actions.save_draft(editor, text[0], "de", nothing)
    assert not Revision.objects.exists()


def test_a_text_under_another_name_is_not_published(text: tuple[str, str], editor: User) -> None:
    draft = actions.save_draft(editor, "other", "de", text[1])
    with pytest.raises(BadInput):
        actions.publish(editor, "other", "de", draft.number)


def test_a_draft_can_be_discarded_a_published_text_not(text: tuple[str, str], editor: User) -> None:
    slug, raw = text
    draft = actions.save_draft(editor, slug, "de", _retitled(raw, "Weg damit"))
    actions.discard_draft(editor, slug, "de", draft.number)
    assert not Revision.objects.exists()
    with pytest.raises(NotFound):
        actions.discard_draft(editor, slug, "de", draft.number)
    shown = actions.save_draft(editor, slug, "de", _retitled(raw, "Bleibt"))
    actions.publish(editor, slug, "de", shown.number)
    with pytest.raises(NotFound):
        actions.discard_draft(editor, slug, "de", shown.number)


def test_a_version_that_is_not_there_is_told(text: tuple[str, str], editor: User) -> None:
    with pytest.raises(NotFound):
        actions.publish(editor, text[0], "de", 7)


def test_an_update_of_the_shipped_text_waits_and_never_replaces_a_local_one(
    text: tuple[str, str], editor: User, small_library: Path
) -> None:
    slug, raw = text
    actions.publish(editor, slug, "de", actions.save_draft(editor, slug, "de", _retitled(raw, "Unser Titel")).number)
    path = next(small_library.rglob(f"{slug}.de.md"))
    path.write_text(_retitled(raw, "Neuer mitgelieferter Titel"), encoding="utf-8")
    if hasattr(knowledge.shipped_texts, "cache_clear"):
        knowledge.shipped_texts.cache_clear()
    queries.memory.forget()
    assert _shown(slug).title == "Unser Titel"
    assert [t.update_waiting for t in queries.texts() if (t.slug, t.lang) == (slug, "de")] == [True]
    actions.keep_local(editor, slug, "de")
    assert [t.update_waiting for t in queries.texts() if (t.slug, t.lang) == (slug, "de")] == [False]


def test_the_skeleton_of_a_new_article_can_be_read(small_library: Path, editor: User) -> None:
    raw = actions.skeleton("neu-1", "de", "iot", "Was ist neu?")
    assert actions.save_draft(editor, "neu-1", "de", raw).number == 1


def test_a_difference_says_what_was_added_and_removed() -> None:
    kinds = [k for k, _ in queries.difference("a\nb\nc", "a\nB\nc")]
    assert kinds == ["place", "same", "removed", "added", "same"]
