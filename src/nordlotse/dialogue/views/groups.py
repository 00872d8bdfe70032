"""Pages of working groups."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.dialogue.actions import groups as actions
from nordlotse.dialogue.actions import minutes as minute_actions
from nordlotse.dialogue.actions import talks
from nordlotse.dialogue.group_forms import GroupForm, MinutesForm
from nordlotse.dialogue.models import Group, Meeting, Post, Task
from nordlotse.dialogue.queries import groups as queries
from nordlotse.dialogue.views.page import page_number
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office import files, links
from nordlotse.office.models import StoredFile
from nordlotse.office.pages import ask_again, go, lang_of, sure, told
from nordlotse.office.roles import check_role, has_role


def _say(request: HttpRequest, problem: BadInput) -> None:
    messages.error(request, told(request, problem))


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All groups one may read; with `q`, where the words stand."""
    words, lang = request.GET.get("q", "").strip(), lang_of(request)
    groups = [
        {
            "group": row.group,
            "name": row.group.name(lang),
            "text": row.group.text(lang),
            "members": row.members,
            "topics": row.topics,
        }
        for row in queries.listed(request.user)
    ]
    hits = [{"hit": h, "name": h.group.name(lang)} for h in queries.search(request.user, words)] if words else []
    context = {
        "groups": groups,
        "q": words[:100],
        "hits": hits,
        "coordinates": has_role(request.user, Role.COORDINATOR),
    }
    return render(request, "dialogue/groups/list.html", context)


@require_safe
def group(request: HttpRequest, slug: str) -> HttpResponse:
    """One group: what it is about, its topics, minutes and open tasks."""
    found, lang = queries.group(request.user, slug), lang_of(request)
    member, number = queries.member_of(request.user, found), page_number(request)
    topics, more = queries.topics(found, number)
    moderates = queries.moderates(request.user, found)
    context = {
        "group": found,
        "name": found.name(lang),
        "text": found.text(lang),
        "member": member,
        "moderates": moderates,
        "coordinates": has_role(request.user, Role.COORDINATOR),
        "topics": topics,
        "number": number,
        "more": more,
        "meetings": queries.meetings(request.user, found)[:50],
        "tasks": queries.open_tasks(found)[:50],
        "members": found.members.order_by("name") if member or moderates else [],
        "invitations": queries.open_invitations(found) if moderates else [],
    }
    return render(request, "dialogue/groups/group.html", context)


@login_required
@require_POST
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Join, leave, or change whether new posts come by mail."""
    found = queries.group(request.user, slug)
    try:
        if "leave" in request.POST:
            actions.leave(request.user, found)
            return go(request, "groups")
        if "subscribe" in request.POST:
            actions.subscribe(request.user, found, wanted=request.POST["subscribe"] == "yes")
        else:
            actions.join(request.user, found, request.POST.get("name", ""), lang_of(request))
    except BadInput as problem:
        _say(request, problem)
    return go(request, "group", slug)


@login_required
@require_POST
def appoint(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Make a member a moderator, or not; or take somebody out of the group."""
    found = queries.group(request.user, slug)
    if "remove" in request.POST:
        actions.remove(request.user, found, member_id)
    else:
        actions.appoint(request.user, found, member_id, moderates=request.POST.get("moderates") == "yes")
    return go(request, "group", slug, more="#mitglieder")


@login_required
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite somebody by mail."""
    found = queries.group(request.user, slug)
    try:
        actions.invite(request.user, found, request.POST.get("mail", ""), lang_of(request))
        messages.success(request, _("Die Einladung ist unterwegs."))
    except BadInput as problem:
        _say(request, problem)
    return go(request, "group", slug, more="#mitglieder")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show which group an invitation is about; a press of the button joins it."""
    typed, status = request.POST.get("name", ""), 200
    if request.method == "POST":
        try:
            return go(request, "group", actions.accept(request.user, token, typed, lang_of(request)).slug)
        except BadInput as problem:
            _say(request, problem)
            status = problem.http_status
    found = queries.invited_to(links.read(token, actions.INVITATION))
    context = {
        "name": found.name(lang_of(request)),
        "text": found.text(lang_of(request)),
        "typed": typed,
        "public": found.public,
    }
    return render(request, "dialogue/groups/invitation.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a topic."""
    found = queries.group(request.user, slug)
    actions.check_writer(request.user, found)
    context: dict[str, Any] = {"group": found, "name": found.name(lang_of(request))}
    if request.method == "POST":
        title, text = request.POST.get("title", ""), request.POST.get("text", "")
        try:
            made = talks.start_topic(request.user, found, title, text, request.FILES.getlist("files"))
            return go(request, "group_topic", slug, made.pk)
        except BadInput as problem:
            _say(request, problem)
            context |= {"title": title, "text": text}
            return render(request, "dialogue/groups/new_topic.html", context, status=problem.http_status)
    return render(request, "dialogue/groups/new_topic.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def topic(request: HttpRequest, slug: str, topic_id: int) -> HttpResponse:
    """Read a topic and reply to it."""
    found = queries.topic(request.user, slug, topic_id)
    context: dict[str, Any] = {}
    status, last = 200, queries.last_page(found)
    number = min(page_number(request), last) if "page" in request.GET else last
    if request.method == "POST":
        try:
            made = talks.reply(request.user, found, request.POST.get("text", ""), request.FILES.getlist("files"))
            return go(request, "group_topic", slug, topic_id, more=f"#beitrag-{made.pk}")
        except BadInput as problem:
            _say(request, problem)
            context, status = {"text": request.POST.get("text", "")}, problem.http_status
    context |= {
        "group": found.group,
        "name": found.group.name(lang_of(request)),
        "topic": found,
        "posts": queries.posts(request.user, found, number),
        "number": number,
        "more": number < last,
        "member": queries.member_of(request.user, found.group),
        "moderates": queries.moderates(request.user, found.group),
    }
    return render(request, "dialogue/groups/topic.html", context, status=status)


@login_required
@require_POST
def moderate(request: HttpRequest, slug: str, topic_id: int) -> HttpResponse:
    """Hide a post with a reason, show it again, close or open the topic."""
    found = queries.topic(request.user, slug, topic_id)
    try:
        if "closed" in request.POST:
            talks.close_topic(request.user, found, closed=request.POST["closed"] == "yes")
        else:
            post = get_object_or_404(Post, pk=_number(request.POST.get("post", "")), topic=found)
            if "show" in request.POST:
                talks.show_again(request.user, post)
            else:
                talks.hide(request.user, post, request.POST.get("reason", ""))
    except BadInput as problem:
        _say(request, problem)
    return go(request, "group_topic", slug, topic_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_post(request: HttpRequest, slug: str, topic_id: int, post_id: int) -> HttpResponse:
    """Change one's own post within half an hour."""
    found = queries.topic(request.user, slug, topic_id)
    post = get_object_or_404(Post.objects.select_related("author", "topic"), pk=post_id, topic=found)
    if post.author is None or post.author.user_id != request.user.pk:
        raise talks.not_mine()
    context: dict[str, Any] = {"group": found.group, "topic": found, "post": post, "text": post.text}
    if request.method == "POST":
        try:
            talks.edit(request.user, post, request.POST.get("text", ""))
            return go(request, "group_topic", slug, topic_id, more=f"#beitrag-{post.pk}")
        except BadInput as problem:
            _say(request, problem)
            context["text"] = request.POST.get("text", "")
            return render(request, "dialogue/groups/edit_post.html", context, status=problem.http_status)
    return render(request, "dialogue/groups/edit_post.html", context)


@require_safe
def file(request: HttpRequest, slug: str, file_id: str) -> FileResponse:
    """A file of a post one may read, as a download."""
    found = StoredFile.objects.filter(pk=file_id, room="dialogue", reference__startswith="post:").first()
    post = (
        Post.objects.filter(pk=_number(found.reference.removeprefix("post:")), hidden_at=None)
        .select_related("topic")
        .first()
        if found
        else None
    )
    if found is None or post is None:
        raise NotFound(
            "file_unknown",
            de="Diese Datei gibt es nicht.",
            en="There is no such file.",
            where="file",
            remedy_de="Bitte das Thema neu laden.",
            remedy_en="Reload the topic.",
        )
    queries.topic(request.user, slug, post.topic_id)
    return files.download(found)


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


def _tasks(text: str) -> list[minute_actions.TaskGiven]:
    """Read tasks one a line, `what | who | day`; a day that is none stays in the words."""
    made = []
    for line in text.splitlines():
        parts = [p.strip() for p in line.split("|")]
        due = _day(parts[-1]) if len(parts) > 1 else None
        if due is not None:
            parts.pop()
        made.append(minute_actions.TaskGiven(parts[0], " ".join(parts[1:]), due))
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
def write_minutes(request: HttpRequest, slug: str, meeting_id: int = 0) -> HttpResponse:
    """Write minutes, or go on with a draft."""
    found = queries.group(request.user, slug)
    actions.check_moderator(request.user, found)
    meeting = queries.meeting(request.user, slug, meeting_id) if meeting_id else None
    published = meeting is not None and meeting.published_at is not None
    form = MinutesForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(meeting) if meeting else {},
        published=published,
    )
    if request.method == "POST" and form.is_valid():
        if "publish" in request.POST and not published and not sure(request):
            return _sure_to_publish(request, found, reverse(f"{lang_of(request)}:group", args=[slug]))
        given = form.cleaned_data
        made = minute_actions.write_minutes(
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
        if "publish" in request.POST and not published:
            minute_actions.publish_minutes(request.user, made)
        return go(request, "group_minutes", slug, made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"group": found, "name": found.name(lang_of(request)), "form": form, "published": published}
    return render(request, "dialogue/groups/write_minutes.html", context, status=status)


def _sure_to_publish(request: HttpRequest, group: Group, back: str) -> HttpResponse:
    """Ask a second time before minutes are mailed, and say to how many."""
    count = queries.readers(group).count()
    said = ngettext("%(count)s Mitglied bekommt es per Mail.", "%(count)s Mitglieder bekommen es per Mail.", count)
    return ask_again(
        request,
        _("Protokoll veröffentlichen?"),
        said % {"count": count} if count else _("Kein Mitglied bekommt es per Mail: Niemand hat die Mails bestellt."),
        _("Ja, veröffentlichen"),
        back=back,
    )


@require_safe
def minutes(request: HttpRequest, slug: str, meeting_id: int) -> HttpResponse:
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
def publish_minutes(request: HttpRequest, slug: str, meeting_id: int) -> HttpResponse:
    """Publish minutes, after a second question."""
    found = queries.meeting(request.user, slug, meeting_id)
    actions.check_moderator(request.user, found.group)
    if found.published_at is None and not sure(request):
        place = reverse(f"{lang_of(request)}:group_minutes", args=[slug, meeting_id])
        return _sure_to_publish(request, found.group, place)
    minute_actions.publish_minutes(request.user, found)
    return go(request, "group_minutes", slug, meeting_id)


@login_required
@require_POST
def tick(request: HttpRequest, slug: str, task_id: int) -> HttpResponse:
    """Tick a task, or take it back."""
    found = queries.group(request.user, slug)
    task = get_object_or_404(Task.objects.select_related("meeting__group"), pk=task_id, meeting__group=found)
    minute_actions.tick(request.user, task, done=request.POST.get("done") == "yes")
    return go(request, "group", slug, more="#aufgaben")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def found(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Found a group, or change one."""
    check_role(request.user, Role.COORDINATOR)
    known = queries.group(request.user, slug) if slug else None
    lang = lang_of(request)
    if request.method == "POST":
        form = GroupForm(request.POST, lang=lang)
        if form.is_valid():
            made = _keep(request, known, form.cleaned_data)
            return go(request, "group", made.slug)
        return render(request, "dialogue/groups/found.html", {"form": form, "group": known}, status=422)
    initial = {**vars(known), "closed": known.closed_at is not None} if known else {"public": True}
    return render(
        request, "dialogue/groups/found.html", {"form": GroupForm(initial=initial, lang=lang), "group": known}
    )


def _keep(request: HttpRequest, known: Group | None, given: dict[str, Any]) -> Group:
    if known is None:
        given.pop("closed")
        made = actions.found(request.user, **given)
        messages.success(request, _("Die Gruppe ist angelegt."))
        return made
    actions.change(request.user, known, **given)
    return known
