"""Pages of working groups: the list, one group with its members, and its topics."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.dialogue.actions import groups as actions
from nordlotse.dialogue.actions import talks
from nordlotse.dialogue.group_forms import GroupForm
from nordlotse.dialogue.models import Group, Post
from nordlotse.dialogue.queries import groups as queries
from nordlotse.dialogue.views.page import page_number
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office import files, links
from nordlotse.office.models import StoredFile
from nordlotse.office.pages import go, lang_of, told
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
