"""Reads about working groups: who may read what, lists, search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from nordlotse.dialogue.models import Group, GroupMember, Meeting, Post, Task, Topic
from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.role import Role
from nordlotse.office.models import ActionLink, StoredFile
from nordlotse.office.roles import has_role

#: So many hits of each kind a search shows.
HITS = 30

#: Topics and posts on one page.
TOPICS, POSTS = 50, 100


def _unknown() -> NotFound:
    return NotFound(
        "group_unknown",
        de="Diese Gruppe oder diesen Beitrag gibt es nicht, oder nur Mitglieder sehen ihn.",
        en="There is no such group or post, or only members see it.",
        where="group",
        remedy_de="Melden Sie sich an, wenn Sie Mitglied sind.",
        remedy_en="Sign in if you are a member.",
    )


def member_of(user: Any, group: Group) -> GroupMember | None:
    """Return a person's membership in a group, None for guests."""
    if not (user.is_authenticated and user.is_active):
        return None
    return GroupMember.objects.filter(group=group, user_id=user.pk).first()


def readers(group: Group) -> QuerySet[GroupMember]:
    """Return the members something new is mailed to: subscribed, with an open account and an address."""
    return group.members.filter(subscribed=True, user__is_active=True).exclude(user__email="")


def moderates(user: Any, group: Group) -> bool:
    """Tell whether a person moderates a group; coordinators moderate all."""
    member = member_of(user, group)
    return (member is not None and member.moderates) or has_role(user, Role.COORDINATOR)


def visible_groups(user: Any) -> QuerySet[Group]:
    """Return the groups a person may read: public ones, one's own, all for coordinators."""
    if has_role(user, Role.COORDINATOR):
        return Group.objects.all()
    mine = Q(members__user_id=user.pk) if user.is_authenticated and user.is_active else Q(pk=None)
    return Group.objects.filter(Q(public=True) | mine).distinct()


def group(user: Any, slug: str) -> Group:
    """Return a group the person may read.

    Raises:
        NotFound: there is none, or it is not for this person.
    """
    found = visible_groups(user).filter(slug=slug).first()
    if found is None:
        raise _unknown()
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """A group in the list, with the number of members and topics."""

    group: Group
    members: int
    topics: int


def listed(user: Any) -> list[Listed]:
    """Return the groups for the list: open ones first, then by name."""
    # Counted apart: joined to both, a group of 100 members and 1,000 topics would be 100,000 rows.
    members = _counted(GroupMember.objects.all())
    topics = _counted(Topic.objects.all())
    found = visible_groups(user).order_by(F("closed_at").asc(nulls_first=True), "name_de")
    return [Listed(g, members.get(g.pk, 0), topics.get(g.pk, 0)) for g in found]


def _counted(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("group_id").annotate(n=Count("pk")))


def open_invitations(of: Group) -> QuerySet[ActionLink]:
    """Return invitations to a group that nobody has accepted yet."""
    return ActionLink.objects.filter(
        purpose="group", reference=str(of.pk), used_at=None, expires_at__gt=timezone.now()
    ).order_by("created_at")


def invited_to(link: ActionLink) -> Group:
    """Return the group an invitation is about.

    Raises:
        NotFound: it is gone.
    """
    found = Group.objects.filter(pk=int(link.reference)).first()
    if found is None:
        raise _unknown()
    return found


def topics(of: Group, page: int = 1) -> tuple[list[Topic], bool]:
    """Return one page of a group's topics (from 1), those with the newest posts first, and whether another follows."""
    start = (max(1, page) - 1) * TOPICS
    found = list(of.topics.order_by("-last_post_at", "-pk")[start : start + TOPICS + 1])
    return found[:TOPICS], len(found) > TOPICS


def topic(user: Any, slug: str, topic_id: int) -> Topic:
    """Return a topic of a group the person may read.

    Raises:
        NotFound: there is none, or it is not for this person.
    """
    found = Topic.objects.filter(pk=topic_id, group=group(user, slug)).select_related("group").first()
    if found is None:
        raise _unknown()
    return found


@dataclass(frozen=True, slots=True)
class PostShown:
    """A post as a page shows it: who (an empty name: somebody who has left), what, its files."""

    id: int
    name: str
    mine: bool
    text: str
    at: datetime
    edited: bool
    hidden_reason: str
    hidden: bool
    files: tuple[StoredFile, ...]


def last_page(of: Topic) -> int:
    """Return the number of the page with the newest posts of a topic."""
    return max(1, -(-of.posts.count() // POSTS))


def posts(user: Any, of: Topic, page: int = 1) -> list[PostShown]:
    """Return one page of a topic's posts (from 1), oldest first; the words of hidden ones are not given out."""
    start = (max(1, page) - 1) * POSTS
    rows = list(of.posts.select_related("author").order_by("created_at", "pk")[start : start + POSTS])
    files: dict[str, list[StoredFile]] = {}
    references = [f"post:{p.pk}" for p in rows if p.hidden_at is None]
    for file in StoredFile.objects.filter(room="dialogue", reference__in=references).order_by("added_at"):
        files.setdefault(file.reference, []).append(file)
    return [
        PostShown(
            id=p.pk,
            name=p.author.name if p.author else "",
            mine=p.author is not None and user.is_authenticated and p.author.user_id == user.pk,
            text="" if p.hidden_at else p.text,
            at=p.created_at,
            edited=p.edited_at is not None,
            hidden=p.hidden_at is not None,
            hidden_reason=p.hidden_reason,
            files=tuple(files.get(f"post:{p.pk}", ())),
        )
        for p in rows
    ]


def meeting(user: Any, slug: str, meeting_id: int) -> Meeting:
    """Return minutes the person may read: published ones, drafts only for moderators.

    Raises:
        NotFound: there are none, or they are not for this person.
    """
    of = group(user, slug)
    found = Meeting.objects.filter(pk=meeting_id, group=of).select_related("group").first()
    if found is None or (found.published_at is None and not moderates(user, of)):
        raise _unknown()
    return found


def meetings(user: Any, of: Group) -> QuerySet[Meeting]:
    """Return the minutes of a group, newest first; drafts only for moderators."""
    rows = of.meetings.order_by("-day", "-pk")
    return rows if moderates(user, of) else rows.exclude(published_at=None)


def open_tasks(of: Group) -> QuerySet[Task]:
    """Return what a group's published meetings agreed and nobody has ticked yet, the earliest date first."""
    return (
        Task.objects.filter(meeting__group=of, done_at=None)
        .exclude(meeting__published_at=None)
        .select_related("meeting")
        .order_by("due", "pk")
    )


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a word stands: group, what it is, its title, an excerpt, and the ids its address needs."""

    group: Group
    kind: str
    title: str
    excerpt: str
    id: int
    at: datetime


def search(user: Any, words: str) -> list[Hit]:
    """Return posts and minutes that hold all the words, in groups the person may read; newest first."""
    wanted = fold("".join(c if c.isprintable() else " " for c in words[:100])).split()[:8]
    if not wanted:
        return []
    seen = visible_groups(user).values("pk")
    in_posts = Q(topic__group__in=seen, hidden_at=None)
    in_minutes = Q(group__in=seen) & ~Q(published_at=None)
    for word in wanted:
        in_posts &= Q(folded__contains=word)
        in_minutes &= Q(folded__contains=word)
    found = Post.objects.filter(in_posts).select_related("topic__group").order_by("-created_at")[:HITS]
    minutes = Meeting.objects.filter(in_minutes).select_related("group").order_by("-day")[:HITS]
    hits = [Hit(p.topic.group, "post", p.topic.title, _excerpt(p.text), p.topic_id, p.created_at) for p in found]
    hits += [Hit(m.group, "minutes", m.title, _excerpt(m.text), m.pk, m.created_at) for m in minutes]
    return sorted(hits, key=lambda h: h.at, reverse=True)


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 180 else flat[:177] + "…"
