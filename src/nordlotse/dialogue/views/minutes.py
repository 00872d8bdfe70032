"""Pages of a group's minutes: writing, publishing and correcting them, and the tasks they give."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.dialogue.actions import groups as group_actions
from nordlotse.dialogue.actions import minutes as actions
from nordlotse.dialogue.group_forms import MinutesForm
from nordlotse.dialogue.models import Meeting, Task
from nordlotse.dialogue.queries import groups as queries
from nordlotse.office.pages import ask_again, go, lang_of, sure


def _day(text: str) -> date | None:
    """Return the day written as 2026-12-15 or 15.12.2026 (also 15.12.26), None for words."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        parts = text.rstrip(".").split(".")
    if len(parts) != 3 or not all(p.strip().isdecimal() and len(p.strip()) <= 4 for p in parts):
        return None
    day, month, year = (int(p) for p in parts)
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def _tasks(text: str) -> list[actions.TaskGiven]:
    """Read tasks one a line, `what | who | day`; a day that is none stays in the words."""
    made = []
    for line in text.splitlines():
        parts = [p.strip() for p in line.split("|")]
        due = _day(parts[-1]) if len(parts) > 1 else None
        if due is not None:
            parts.pop()
        made.append(actions.TaskGiven(parts[0], " ".join(parts[1:]), due))
    return made


def _initial(meeting: Meeting) -> dict[str, Any]:
    tasks = [
        " | ".join(part for part in (t.text, t.who, t.due.isoformat() if t.due else "") if part)
        for t in meeting.tasks.order_by("pk")
    ]
    return {
        **{name: getattr(meeting, name) for name in ("day", "title", "present", "minutes", "text")},
        "decisions": "\n".join(d.text for d in meeting.decisions.order_by("pk")),
        "tasks": "\n".join(tasks),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str, meeting_id: int = 0) -> HttpResponse:
    """Write minutes, or go on with a draft."""
    found = queries.group(request.user, slug)
    group_actions.check_moderator(request.user, found)
    meeting = queries.meeting(request.user, slug, meeting_id) if meeting_id else None
    published = meeting is not None and meeting.published_at is not None
    form = MinutesForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(meeting) if meeting else {},
        published=published,
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = actions.write_minutes(
            request.user,
            found,
            day=given["day"],
            title=given["title"],
            text=given["text"],
            present=given["present"],
            minutes=given["minutes"],
            decisions=given["decisions"].splitlines(),
            tasks=_tasks(given["tasks"]),
            meeting=meeting,
            correction=given.get("correction", ""),
        )
        if "publish" in request.POST and not published:  # kept as a draft first: a no loses nothing that was typed
            return _sure_to_publish(request, made)
        return go(request, "group_minutes", slug, made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"group": found, "name": found.name(lang_of(request)), "form": form, "published": published}
    return render(request, "dialogue/groups/write_minutes.html", context, status=status)


def _sure_to_publish(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Ask a second time before minutes are mailed, and say to how many."""
    count = queries.readers(meeting.group).count()
    said = ngettext("%(count)s Mitglied bekommt es per Mail.", "%(count)s Mitglieder bekommen es per Mail.", count)
    place, lang = [meeting.group.slug, meeting.pk], lang_of(request)
    return ask_again(
        request,
        _("Protokoll veröffentlichen?"),
        said % {"count": count} if count else _("Kein Mitglied bekommt es per Mail: Niemand hat die Mails bestellt."),
        _("Ja, veröffentlichen"),
        back=reverse(f"{lang}:group_minutes", args=place),
        action=reverse(f"{lang}:group_publish", args=place),
    )


@require_safe
def shown(request: HttpRequest, slug: str, meeting_id: int) -> HttpResponse:
    """Minutes with their decisions and tasks."""
    found = queries.meeting(request.user, slug, meeting_id)
    context = {
        "group": found.group,
        "name": found.group.name(lang_of(request)),
        "meeting": found,
        "decisions": found.decisions.order_by("pk"),
        "tasks": found.tasks.order_by("pk"),
        "corrections": found.corrections.order_by("pk"),
        "member": queries.member_of(request.user, found.group),
        "moderates": queries.moderates(request.user, found.group),
    }
    return render(request, "dialogue/groups/minutes.html", context)


@login_required
@require_POST
def publish(request: HttpRequest, slug: str, meeting_id: int) -> HttpResponse:
    """Publish minutes, after a second question."""
    found = queries.meeting(request.user, slug, meeting_id)
    group_actions.check_moderator(request.user, found.group)
    if found.published_at is None and not sure(request):
        return _sure_to_publish(request, found)
    actions.publish_minutes(request.user, found)
    return go(request, "group_minutes", slug, meeting_id)


@login_required
@require_POST
def tick(request: HttpRequest, slug: str, task_id: int) -> HttpResponse:
    """Tick a task, or take it back."""
    found = queries.group(request.user, slug)
    task = get_object_or_404(Task.objects.select_related("meeting__group"), pk=task_id, meeting__group=found)
    actions.tick(request.user, task, done=request.POST.get("done") == "yes")
    return go(request, "group", slug, more="#aufgaben")
