"""Working groups: who belongs to them, what they talk about, and the minutes of their meetings."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Group(models.Model):
    """A working group. Guests read a public one; only members read the others, and only members write."""

    slug = models.SlugField(max_length=60, unique=True)
    name_de = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    text_de = models.TextField(max_length=2000, blank=True)
    text_en = models.TextField(max_length=2000, blank=True)
    topic = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=2, blank=True)
    public = models.BooleanField(default=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.slug

    def name(self, lang: str) -> str:
        """Return the name in `lang`; where the English one is missing, the German one."""
        return self.name_en or self.name_de if lang == "en" else self.name_de

    def text(self, lang: str) -> str:
        """Return the description in `lang`; where the English one is missing, the German one."""
        return self.text_en or self.text_de if lang == "en" else self.text_de


class GroupMember(models.Model):
    """Somebody in a group, under the name chosen there; `subscribed`: new posts come by mail."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="group_memberships")
    name = models.CharField(max_length=80)
    moderates = models.BooleanField(default=False)
    subscribed = models.BooleanField(default=True)
    lang = models.CharField(max_length=2, default="de")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        """Once per person and group."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "user"], name="group_member_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Topic(models.Model):
    """A subject of talk; its first post says what it is about."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="topics")
    title = models.CharField(max_length=160)
    closed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_post_at = models.DateTimeField(default=timezone.now)
    posts_count = models.PositiveIntegerField(default=0)

    class Meta:
        """Listed by the newest post."""

        indexes: ClassVar = [models.Index(fields=["group", "-last_post_at"], name="topic_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class Post(models.Model):
    """One contribution. A hidden one leaves a note with the reason; `folded` is what the search looks through.

    `author` is whom pages name; `written_by` stays when the author leaves the group, so that the words can still be
    handed out and erased. Pages never show it.
    """

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(GroupMember, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(max_length=10_000)
    folded = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hidden_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        """A topic is read in order."""

        indexes: ClassVar = [models.Index(fields=["topic", "created_at"], name="post_order")]

    def __str__(self) -> str:
        return str(self.pk)


class Meeting(models.Model):
    """The minutes of one meeting of a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="meetings")
    day = models.DateField()
    title = models.CharField(max_length=160)
    present = models.PositiveSmallIntegerField(default=0)
    minutes = models.PositiveSmallIntegerField(default=90)
    text = models.TextField(max_length=20_000, blank=True)
    folded = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        indexes: ClassVar = [models.Index(fields=["group", "-day"], name="meeting_day")]

    def __str__(self) -> str:
        return str(self.pk)


class Correction(models.Model):
    """That published minutes were changed: when, by whom, and what was corrected, for everybody to read."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="corrections")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.CharField(max_length=300)

    def __str__(self) -> str:
        return str(self.pk)


class Decision(models.Model):
    """What a meeting decided."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="decisions")
    text = models.CharField(max_length=500)

    def __str__(self) -> str:
        return str(self.pk)


class Task(models.Model):
    """Who does what by when, as a meeting agreed it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="tasks")
    text = models.CharField(max_length=500)
    who = models.CharField(max_length=80, blank=True)
    due = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)
