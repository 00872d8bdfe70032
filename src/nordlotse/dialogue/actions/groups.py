"""Writes of working groups: found, join, talk, hide with a reason, write minutes, tick a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from nordlotse.dialogue import announcements
from nordlotse.dialogue.models import Correction, Decision, Group, GroupMember, Meeting, Post, Task, Topic
from nordlotse.dialogue.queries import groups as queries
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.foundation.role import Role
from nordlotse.office import files, links, log, mail
from nordlotse.office.addresses import check_address
from nordlotse.office.roles import check_role

#: One's own post can be changed for so long.
EDIT_FOR = timedelta(minutes=30)

#: The kind of mail a member can end by one click.
MAIL_KIND = "groups"
#: What a link in an invitation is about, and how many of one group may be open.
INVITATION = "group"
INVITATIONS = 50
mail.describe_kind(MAIL_KIND, Text("neue Beiträge in Ihren Arbeitsgruppen", "new posts in your working groups"))


def _missing(where: str, de: str, en: str) -> BadInput:
    return BadInput(
        "text_missing", de=de, en=en, where=where, remedy_de="Bitte etwas eintragen.", remedy_en="Enter something."
    )


def _text(value: str, limit: int, where: str) -> str:
    text = value.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise _missing(where, "Hier fehlt Text.", "There is no text.")
    if len(text) > limit:
        raise BadInput(
            "text_too_long",
            de=f"Der Text ist zu lang: {len(text)} Zeichen, erlaubt sind {limit}.",
            en=f"The text is too long: {len(text)} characters, {limit} are allowed.",
            where=where,
            remedy_de="Bitte kürzen oder als Datei anhängen.",
            remedy_en="Shorten it or attach it as a file.",
        )
    return text


def check_writer(user: Any, group: Group) -> GroupMember:
    """Return the person's membership.

    Raises:
        NotAllowed: not a member, or the group is closed.
    """
    member = queries.member_of(user, group)
    if member is None:
        raise _not_a_member()
    _check_open(group)
    return member


def _not_a_member() -> NotAllowed:
    return NotAllowed(
        "group_members_only",
        de="Das dürfen nur Mitglieder der Gruppe.",
        en="Only members of the group may do this.",
        where="group",
        remedy_de="Bitte treten Sie der Gruppe bei.",
        remedy_en="Join the group first.",
    )


def _check_open(group: Group) -> None:
    """Raise `NotAllowed` if the group is closed: then it is only read."""
    if group.closed_at is not None:
        raise NotAllowed(
            "group_closed",
            de="Diese Gruppe ist geschlossen.",
            en="This group is closed.",
            where="group",
            remedy_de="Die Koordination kann sie wieder öffnen.",
            remedy_en="A coordinator can open it again.",
        )


def check_moderator(user: Any, group: Group) -> None:
    """Raise `NotAllowed` unless the person moderates the group."""
    if not queries.moderates(user, group):
        raise NotAllowed(
            "moderators_only",
            de="Das darf nur, wer die Gruppe moderiert, und die Koordination.",
            en="Only moderators of the group and coordinators may do this.",
            where="group",
            remedy_de="Bitte fragen Sie die Moderation.",
            remedy_en="Ask a moderator.",
        )


@transaction.atomic
def found(user: Any, *, name_de: str, name_en: str = "", text_de: str = "", text_en: str = "", **more: Any) -> Group:
    """Found a group (`topic, state, public`); only coordinators do.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: there is no name.
    """
    check_role(user, Role.COORDINATOR)
    name = _text(name_de, 120, "name_de")
    base = slugify(fold(name))[:50] or "gruppe"
    slug, n = base, 1
    while Group.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{base}-{n}"
    made = Group.objects.create(
        slug=slug, name_de=name, name_en=name_en.strip(), text_de=text_de.strip(), text_en=text_en.strip(), **more
    )
    log.record("found", "group", made.pk, user)
    return made


@transaction.atomic
def change(user: Any, group: Group, **values: Any) -> None:
    """Change a group's words, whether it is public, and whether it is closed (`closed=True|False`).

    Raises:
        NotAllowed: not a coordinator.
    """
    check_role(user, Role.COORDINATOR)
    for name in ("name_de", "name_en", "text_de", "text_en", "topic", "state", "public"):
        if name in values:
            setattr(group, name, values[name])
    if "closed" in values:
        group.closed_at = timezone.now() if values["closed"] else None
    group.name_de = _text(group.name_de, 120, "name_de")
    group.save()
    log.record("change", "group", group.pk, user)


def _free_name(user: Any, group: Group, name: str) -> str:
    """Return the name somebody wants to have in a group.

    Raises:
        BadInput: there is none, or somebody else in the group has it: nobody speaks under another's name.
    """
    called = " ".join(_text(name, 80, "name").split())
    others = group.members.exclude(user_id=user.pk).values_list("name", flat=True)
    if fold(called) in {fold(other) for other in others}:
        raise BadInput(
            "name_taken",
            de="So heißt in dieser Gruppe schon jemand.",
            en="Somebody in this group has that name already.",
            where="name",
            remedy_de="Bitte ergänzen Sie den Namen, etwa um den Betrieb oder den Ort.",
            remedy_en="Add something to the name, such as the company or the place.",
        )
    return called


@transaction.atomic
def join(user: Any, group: Group, name: str, lang: Lang = "de") -> GroupMember:
    """Join a group under a name of one's choice; whoever is a member already gets the new name.

    The caller has looked the group up as one this person may read (`queries.group`) or was invited to.

    Raises:
        NotAllowed: nobody is signed in, or a closed group.
        BadInput: there is no name, or another member has it.
    """
    if not (user.is_authenticated and user.is_active) or group.closed_at is not None:
        raise NotAllowed(
            "sign_in_first",
            de="Beitreten können Angemeldete, solange die Gruppe offen ist.",
            en="Signed-in people can join while the group is open.",
            where="group",
            remedy_de="Bitte melden Sie sich mit Ihrer E-Mail-Adresse an.",
            remedy_en="Sign in with your mail address.",
        )
    called = _free_name(user, group, name)
    member, made = GroupMember.objects.update_or_create(group=group, user=user, defaults={"name": called, "lang": lang})
    if made:
        mail.subscribe_again(user.email, MAIL_KIND)
        log.record("join", "group", group.pk, user)
    return member


@transaction.atomic
def invite(user: Any, group: Group, address: str, lang: Lang = "de") -> None:
    """Invite somebody by mail into a group, also one that only members read; a new invitation replaces the old one.

    Raises:
        NotAllowed: not a moderator, or a closed group.
        BadInput: no mail address, or 50 invitations are open.
    """
    check_moderator(user, group)
    _check_open(group)
    address = check_address(address)
    open_ones = queries.open_invitations(group)
    open_ones.filter(mail=address).delete()
    if open_ones.count() >= INVITATIONS:
        raise BadInput(
            "too_many_invitations",
            de=f"Es sind schon {INVITATIONS} Einladungen offen.",
            en=f"{INVITATIONS} invitations are already open.",
            where="mail",
            remedy_de="Bitte warten Sie, bis einige angenommen sind.",
            remedy_en="Wait until some have been accepted.",
        )
    token = links.make(INVITATION, group.pk, mail=address)
    mail.enqueue(
        f"dialogue:group:invited:{token[:24]}",
        address,
        lang=lang,
        template="dialogue/mail/group_invitation.txt",
        context={"name": group.name(lang), "text": group.text(lang), "token": token},
        room="dialogue",
        reference=f"group:{group.pk}",
    )
    log.record("invite", "group", group.pk, user)


@transaction.atomic
def accept(user: Any, token: str, name: str, lang: Lang = "de") -> Group:
    """Join the group an invitation is about; whoever holds the link joins, once.

    Raises:
        NotFound: the link is unknown, used or expired, or the group is gone.
        NotAllowed, BadInput: as `join`; the link stays usable.
    """
    group = queries.invited_to(links.use(token, INVITATION))
    join(user, group, name, lang)
    return group


@transaction.atomic
def leave(user: Any, group: Group) -> None:
    """Leave a group: posts and tasks stay without a name."""
    member = queries.member_of(user, group)
    if member is not None:
        _take_out(member)
        log.record("leave", "group", group.pk, user)


@transaction.atomic
def remove(user: Any, group: Group, member_id: int) -> None:
    """Take somebody out of a group; posts and tasks stay without a name.

    Raises:
        NotAllowed: not a moderator.
    """
    check_moderator(user, group)
    member = group.members.filter(pk=member_id).first()
    if member is not None:
        _take_out(member)
        log.record("remove", "group", group.pk, user)


def _take_out(member: GroupMember) -> None:
    Task.objects.filter(meeting__group_id=member.group_id, who=member.name).update(who="")
    member.delete()


@transaction.atomic
def subscribe(user: Any, group: Group, *, wanted: bool) -> None:
    """Have new posts sent by mail, or not; asking for them anew also takes back a "no more mails" from a mail.

    Raises:
        NotAllowed: not a member.
    """
    member = queries.member_of(user, group)
    if member is None:
        raise _not_a_member()
    member.subscribed = wanted
    member.save(update_fields=["subscribed"])
    if wanted:
        mail.subscribe_again(user.email, MAIL_KIND)


@transaction.atomic
def appoint(user: Any, group: Group, member_id: int, *, moderates: bool) -> None:
    """Make a member a moderator, or take it back; only coordinators do.

    Raises:
        NotAllowed: not a coordinator.
    """
    check_role(user, Role.COORDINATOR)
    GroupMember.objects.filter(group=group, pk=member_id).update(moderates=moderates)
    log.record("appoint", "group", group.pk, user)


@transaction.atomic
def start_topic(user: Any, group: Group, title: str, text: str, uploads: Sequence[UploadedFile[Any]] = ()) -> Topic:
    """Open a topic with its first post.

    Raises:
        NotAllowed: not a member.
        BadInput: title or text are missing or too long, or a file is not taken.
    """
    check_writer(user, group)
    topic = Topic.objects.create(group=group, title=" ".join(_text(title, 160, "title").split()))
    reply(user, topic, text, uploads)
    return topic


@transaction.atomic
def reply(user: Any, topic: Topic, text: str, uploads: Sequence[UploadedFile[Any]] = ()) -> Post:
    """Add a post to a topic; members who subscribed get it by mail.

    Raises:
        NotAllowed: not a member, or the topic is closed.
        BadInput: the text is missing or too long, or a file is not taken.
    """
    author = check_writer(user, topic.group)
    if topic.closed:
        raise NotAllowed(
            "topic_closed",
            de="Dieses Thema ist geschlossen.",
            en="This topic is closed.",
            where="topic",
            remedy_de="Eröffnen Sie bei Bedarf ein neues.",
            remedy_en="Start a new one if you need to.",
        )
    said = _text(text, 10_000, "text")
    post = Post.objects.create(
        topic=topic, author=author, written_by=user, text=said, folded=fold(f"{topic.title} {said}")
    )
    for upload in uploads:
        files.take_in(upload, room="dialogue", reference=f"post:{post.pk}", user=user)
    Topic.objects.filter(pk=topic.pk).update(last_post_at=post.created_at, posts_count=F("posts_count") + 1)
    _tell_members(
        topic.group, author, f"post:{post.pk}", "dialogue/mail/group_post.txt", {"topic": topic, "post": post}
    )
    log.record("post", "topic", topic.pk, user)
    return post


def _tell_members(group: Group, author: GroupMember | None, about: str, template: str, context: dict[str, Any]) -> None:
    """Mail something new to every subscribed member but its author; closed accounts get nothing."""
    readers = queries.readers(group)
    if author is not None:
        readers = readers.exclude(pk=author.pk)
    for reader in readers.select_related("user"):
        lang: Lang = "en" if reader.lang == "en" else "de"
        mail.enqueue(
            f"dialogue:group:{about}:{reader.pk}",
            reader.user.email,
            lang=lang,
            template=template,
            context={**context, "group": group, "name": group.name(lang), "author": author.name if author else ""},
            room="dialogue",
            reference=about,
            kind=MAIL_KIND,
        )


def not_mine() -> NotAllowed:
    """Return the error of somebody who wants to change a post that is not theirs, or no longer."""
    return NotAllowed(
        "post_fixed",
        de="Nur den eigenen Beitrag können Sie ändern, eine halbe Stunde lang.",
        en="You can change only your own post, for half an hour.",
        where="post",
        remedy_de="Schreiben Sie einen neuen Beitrag.",
        remedy_en="Write a new post.",
    )


@transaction.atomic
def edit(user: Any, post: Post, text: str) -> None:
    """Change one's own post within half an hour; the page says that it was changed.

    Raises:
        NotAllowed: somebody else's post, hidden, too late, or topic or group are closed.
        BadInput: the text is missing or too long.
    """
    mine = post.author is not None and user.is_authenticated and post.author.user_id == user.pk
    if not mine or post.hidden_at is not None or timezone.now() - post.created_at > EDIT_FOR:
        raise not_mine()
    _check_open(post.topic.group)
    if post.topic.closed:
        raise not_mine()
    post.text = _text(text, 10_000, "text")
    post.folded, post.edited_at = fold(f"{post.topic.title} {post.text}"), timezone.now()
    post.save(update_fields=["text", "folded", "edited_at"])
    log.record("edit", "post", post.pk, user)


@transaction.atomic
def hide(user: Any, post: Post, reason: str) -> None:
    """Hide a post; the reason is shown in its place, and mails about it that still wait are not sent.

    Raises:
        NotAllowed: not a moderator.
        BadInput: there is no reason.
    """
    check_moderator(user, post.topic.group)
    post.hidden_reason = _text(reason, 300, "reason")
    post.hidden_at, post.hidden_by = timezone.now(), user
    post.save(update_fields=["hidden_reason", "hidden_at", "hidden_by"])
    mail.forget("dialogue", [f"post:{post.pk}"])
    log.record("hide", "post", post.pk, user)


@transaction.atomic
def show_again(user: Any, post: Post) -> None:
    """Take back that a post was hidden.

    Raises:
        NotAllowed: not a moderator.
    """
    check_moderator(user, post.topic.group)
    post.hidden_at, post.hidden_by, post.hidden_reason = None, None, ""
    post.save(update_fields=["hidden_reason", "hidden_at", "hidden_by"])
    log.record("show", "post", post.pk, user)


@transaction.atomic
def close_topic(user: Any, topic: Topic, *, closed: bool) -> None:
    """Close a topic or open it again.

    Raises:
        NotAllowed: not a moderator.
    """
    check_moderator(user, topic.group)
    topic.closed = closed
    topic.save(update_fields=["closed"])
    log.record("close" if closed else "reopen", "topic", topic.pk, user)


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
    _check_open(group)
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
    made.day, made.title, made.text = day, " ".join(_text(title, 160, "title").split()), text.strip()[:20_000]
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
    _check_open(meeting.group)
    now = timezone.now()
    if not Meeting.objects.filter(pk=meeting.pk, published_at=None).update(published_at=now):
        return
    meeting.published_at = now
    context = {"meeting": meeting, "decisions": list(meeting.decisions.all()), "tasks": list(meeting.tasks.all())}
    _tell_members(meeting.group, None, f"minutes:{meeting.pk}", "dialogue/mail/group_minutes.txt", context)
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
