"""What working groups hold of people: a chosen name, posts, who ticked and hid what."""

from __future__ import annotations

from typing import Any

from nordlotse.dialogue.models import Decision, Group, GroupMember, Meeting, Post, Task, Topic
from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Table, declare
from nordlotse.office.models import StoredFile

_WITH_GROUP = Text("so lange wie die Gruppe", "as long as the group")
_MEMBER = Text("bis zum Austritt oder bis zur Löschung des Kontos", "until the person leaves or the account is deleted")


def _forget(rows: Any) -> int:
    """Empty posts of a person: talk goes on around them, their words are gone."""
    return int(rows.update(author=None, text="–", folded="", edited_at=None, hidden_reason=""))


def _files(post: Any) -> list[Any]:
    return list(StoredFile.objects.filter(room="dialogue", reference=f"post:{post.pk}"))


def _none(model: Any) -> Any:
    return lambda subject: model.objects.none()


declare(
    Table(
        model=GroupMember,
        what=Text("Arbeitsgruppen, zu denen Sie gehören", "Working groups you belong to"),
        declared=(
            Declared(
                ("group", "user", "name", "moderates", "subscribed", "lang", "since"),
                Text("Mitarbeit in einer Arbeitsgruppe", "Taking part in a working group"),
                Basis.CONTRACT,
                _MEMBER,
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: GroupMember.objects.filter(user_id__in=subject.users),
    )
)
declare(
    Table(
        model=Post,
        what=Text("Ihre Beiträge in Arbeitsgruppen", "Your posts in working groups"),
        declared=(
            Declared(
                ("author", "text", "folded", "created_at", "edited_at", "hidden_at", "hidden_by", "hidden_reason"),
                Text("Austausch in einer Arbeitsgruppe", "Exchange in a working group"),
                Basis.CONTRACT,
                Text(
                    "so lange wie die Gruppe; bei Löschung des Kontos werden die Worte gelöscht",
                    "as long as the group; the words are erased when the account is deleted",
                ),
            ),
        ),
        impersonal=("id", "topic"),
        rows=lambda subject: Post.objects.filter(author__user_id__in=subject.users),
        erase=_forget,
        files=_files,
    )
)
declare(
    Table(
        model=Meeting,
        what=Text("Protokolle von Arbeitsgruppen", "Minutes of working groups"),
        declared=(
            Declared(
                ("created_by",),
                Text("Wer das Protokoll geschrieben hat", "Who wrote the minutes"),
                Basis.TASK,
                _WITH_GROUP,
            ),
        ),
        impersonal=(
            "id",
            "group",
            "day",
            "title",
            "present",
            "minutes",
            "text",
            "folded",
            "published_at",
            "created_at",
        ),
        rows=lambda subject: Meeting.objects.filter(created_by_id__in=subject.users),
        erase=lambda rows: rows.update(created_by=None),
    )
)
declare(
    Table(
        model=Task,
        what=Text("Aufgaben aus Protokollen", "Tasks from minutes"),
        declared=(
            Declared(
                ("who",),
                Text(
                    "Wer eine Aufgabe übernommen hat, wie ins Protokoll geschrieben",
                    "Who took a task, as the minutes say",
                ),
                Basis.TASK,
                _WITH_GROUP,
            ),
        ),
        impersonal=("id", "meeting", "text", "due", "done_at"),
        rows=lambda subject: Task.objects.filter(
            who__in=list(GroupMember.objects.filter(user_id__in=subject.users).values_list("name", flat=True))
        ).exclude(who=""),
        erase=lambda rows: rows.update(who=""),
    )
)
for _model, _fields in (
    (
        Group,
        (
            "id",
            "slug",
            "name_de",
            "name_en",
            "text_de",
            "text_en",
            "topic",
            "state",
            "public",
            "closed_at",
            "is_example",
            "created_at",
        ),
    ),
    (Topic, ("id", "group", "title", "closed", "created_at", "last_post_at", "posts_count")),
    (Decision, ("id", "meeting", "text")),
):
    declare(Table(model=_model, declared=(), impersonal=_fields, rows=_none(_model)))
