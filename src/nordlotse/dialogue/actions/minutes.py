"""Minutes of a working group: drafts, published once and mailed, corrected with a note; tasks that are ticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.dialogue import announcements
from nordlotse.dialogue.actions.groups import check_moderator, check_open, check_writer, checked_text, tell_members
from nordlotse.dialogue.models import Correction, Decision, Group, Meeting, Task
from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import NotAllowed
from nordlotse.office import log


@dataclass(frozen=True, slots=True)
class TaskGiven:
    """A task as it is entered: what, who, by when."""

    text: str
    who: str = ""
    due: date | None = None


@transaction.atomic
def write_minutes(
    user: Any,
    group: Group,
    *,
    day: date,
    title: str,
    text: str = "",
    present: int = 0,
    minutes: int = 90,
    decisions: Sequence[str] = (),
    tasks: Sequence[TaskGiven] = (),
    meeting: Meeting | None = None,
    correction: str = "",
) -> Meeting:
    """Write minutes, or write a draft anew; published ones are changed only with a `correction`, which stands below them.

    Tasks that stay keep whether they are done. Nobody is mailed anew, and what was counted of the meeting stays.

    Raises:
        NotAllowed: not a moderator, a closed group, or the minutes are published and nothing says what is corrected.
        BadInput: there is no title.
    """
    check_moderator(user, group)
    check_open(group)
    if meeting is not None:  # as it is now: somebody may have published it since the page was opened
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting is not None and meeting.published_at is not None and not correction.strip():
        raise NotAllowed(
            "minutes_published",
            de="Dieses Protokoll ist inzwischen veröffentlicht.",
            en="These minutes have been published meanwhile.",
            where="minutes",
            remedy_de="Öffnen Sie es neu und schreiben Sie dazu, was Sie berichtigen.",
            remedy_en="Open it anew and say what you correct.",
        )
    made = meeting or Meeting(group=group, created_by=user)
    made.day, made.title, made.text = day, " ".join(checked_text(title, 160, "title").split()), text.strip()[:20_000]
    made.present, made.minutes = min(present, 1000), min(max(minutes, 1), 1440)
    lines = [d.strip()[:500] for d in decisions if d.strip()]
    todo = [t for t in tasks if t.text.strip()]
    made.folded = fold(" ".join([made.title, made.text, *lines, *(t.text for t in todo)]))
    made.save()
    if made.published_at is not None:
        Correction.objects.create(meeting=made, by=user, what=" ".join(correction.split())[:300])
    done = dict(made.tasks.exclude(done_at=None).values_list("text", "done_at"))
    made.decisions.all().delete()
    made.tasks.all().delete()
    Decision.objects.bulk_create([Decision(meeting=made, text=line) for line in lines])
    Task.objects.bulk_create(
        Task(
            meeting=made,
            text=(words := t.text.strip()[:500]),
            who=t.who.strip()[:80],
            due=t.due,
            done_at=done.get(words),
        )
        for t in todo
    )
    log.record("correct" if made.published_at is not None else "write", "minutes", made.pk, user)
    return made


@transaction.atomic
def publish_minutes(user: Any, meeting: Meeting) -> None:
    """Publish minutes once: members get them by mail, and the meeting is announced to be counted.

    Raises:
        NotAllowed: not a moderator, or a closed group.
    """
    check_moderator(user, meeting.group)
    check_open(meeting.group)
    now = timezone.now()
    if not Meeting.objects.filter(pk=meeting.pk, published_at=None).update(published_at=now):
        return
    meeting.published_at = now
    context = {"meeting": meeting, "decisions": list(meeting.decisions.all()), "tasks": list(meeting.tasks.all())}
    tell_members(meeting.group, None, f"minutes:{meeting.pk}", "dialogue/mail/group_minutes.txt", context)
    announcements.minuted.send(sender=Meeting, meeting=meeting)
    log.record("publish", "minutes", meeting.pk, user)


@transaction.atomic
def tick(user: Any, task: Task, *, done: bool) -> None:
    """Say that a task is done, or not yet; every member may.

    Raises:
        NotAllowed: not a member.
    """
    check_writer(user, task.meeting.group)
    task.done_at = timezone.now() if done else None
    task.save(update_fields=["done_at"])
    log.record("tick" if done else "untick", "task", task.pk, user)
