"""What is written in a working group: topics and posts, moderated with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from nordlotse.dialogue.actions.groups import check_moderator, check_open, check_writer, checked_text, tell_members
from nordlotse.dialogue.models import Group, Post, Topic
from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import NotAllowed
from nordlotse.office import files, log, mail

#: One's own post can be changed for so long.
EDIT_FOR = timedelta(minutes=30)


@transaction.atomic
def start_topic(user: Any, group: Group, title: str, text: str, uploads: Sequence[UploadedFile[Any]] = ()) -> Topic:
    """Open a topic with its first post.

    Raises:
        NotAllowed: not a member.
        BadInput: title or text are missing or too long, or a file is not taken.
    """
    check_writer(user, group)
    topic = Topic.objects.create(group=group, title=" ".join(checked_text(title, 160, "title").split()))
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
    said = checked_text(text, 10_000, "text")
    post = Post.objects.create(
        topic=topic, author=author, written_by=user, text=said, folded=fold(f"{topic.title} {said}")
    )
    for upload in uploads:
        files.take_in(upload, room="dialogue", reference=f"post:{post.pk}", user=user)
    Topic.objects.filter(pk=topic.pk).update(last_post_at=post.created_at, posts_count=F("posts_count") + 1)
    tell_members(topic.group, author, f"post:{post.pk}", "dialogue/mail/group_post.txt", {"topic": topic, "post": post})
    log.record("post", "topic", topic.pk, user)
    return post


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
    check_open(post.topic.group)
    if post.topic.closed:
        raise not_mine()
    post.text = checked_text(text, 10_000, "text")
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
    post.hidden_reason = checked_text(reason, 300, "reason")
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
