"""What working groups hold of people: a chosen name, posts, who ticked and hid what."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from nordlotse.dialogue.models import Correction, Decision, Group, GroupMember, Meeting, Post, Task, Topic
from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.office import mail
from nordlotse.office.models import StoredFile

_WITH_GROUP = Text("so lange wie die Gruppe", "as long as the group")
_MEMBER = Text("bis zum Austritt oder bis zur Löschung des Kontos", "until the person leaves or the account is deleted")


def _forget(rows: Any) -> int:
    """Empty posts of a person: talk goes on around them, their words are gone, also from mails about them."""
    mail.forget("dialogue", [f"post:{pk}" for pk in rows.values_list("pk", flat=True)])
    nobody = {"author": None, "written_by": None}
    return int(rows.update(**nobody, text="–", folded="", edited_at=None, hidden_reason=""))


def _files(post: Any) -> list[Any]:
    return list(StoredFile.objects.filter(room="dialogue", reference=f"post:{post.pk}"))


def _named_tasks(subject: Subject) -> Any:
    """Return tasks given to a person: a name means this person only in the groups where they bear it."""
    mine = Q(pk=None)
    for group_id, name in GroupMember.objects.filter(user_id__in=subject.users).values_list("group_id", "name"):
        mine |= Q(meeting__group_id=group_id, who=name)
    return Task.objects.filter(mine)


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
                (
                    "author",
                    "written_by",
                    "text",
                    "folded",
                    "created_at",
                    "edited_at",
                    "hidden_at",
                    "hidden_by",
                    "hidden_reason",
                ),
                Text("Austausch in einer Arbeitsgruppe", "Exchange in a working group"),
                Basis.CONTRACT,
                Text(
                    "so lange wie die Gruppe; bei Löschung des Kontos werden die Worte gelöscht",
                    "as long as the group; the words are erased when the account is deleted",
                ),
            ),
        ),
        impersonal=("id", "topic"),
        rows=lambda subject: Post.objects.filter(
            Q(written_by_id__in=subject.users) | Q(author__user_id__in=subject.users)
        ),
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
        rows=_named_tasks,
        erase=lambda rows: rows.update(who=""),
    )
)
declare(
    Table(
        model=Correction,
        what=Text("Berichtigungen von Protokollen", "Corrections of minutes"),
        declared=(
            Declared(
                ("by",),
                Text("Wer ein Protokoll berichtigt hat", "Who corrected minutes"),
                Basis.TASK,
                _WITH_GROUP,
            ),
        ),
        impersonal=("id", "meeting", "at", "what"),
        rows=lambda subject: Correction.objects.filter(by_id__in=subject.users),
        erase=lambda rows: rows.update(by=None),
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
