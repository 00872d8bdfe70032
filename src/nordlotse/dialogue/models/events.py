"""Events with places, who registered for them, and what they said afterwards."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from nordlotse.dialogue.models.imports import ImportSource


def new_uid() -> str:
    """Return a number for calendars that an event keeps for ever, whatever becomes of its title."""
    return secrets.token_hex(10)


def new_key() -> str:
    """Return what a person's own link is about; a new one makes all older links of this registration stop working."""
    return secrets.token_urlsafe(12)


class Event(models.Model):
    """One date of one event. Dates of a series share `series` and are rows of their own.

    `quota`: places (None: open to everybody). `turns` counts everybody who was ever put on the waiting list, so that a place in
    the queue is never given twice. `sequence` grows with each change that calendars must hear of (RFC 5545, SEQUENCE).
    `source` and `source_key` say where an imported event came from; `booking_url` leads there when one registers there.
    """

    class Kind(models.TextChoices):
        """What sort of meeting it is."""

        TALK = "talk"
        WORKSHOP = "workshop"
        VISIT = "visit"
        CONSULTATION_DAY = "consultation_day"
        WORKING_GROUP = "working_group"

    class Status(models.TextChoices):
        """Whether the public sees it, and whether it takes place."""

        DRAFT = "draft"
        PUBLISHED = "published"
        CANCELLED = "cancelled"

    class Audience(models.TextChoices):
        """Whom it is meant for."""

        COMPANIES = "companies"
        MANAGEMENT = "management"
        STAFF = "staff"
        PARTNERS = "partners"
        ALL = "all"

    slug = models.SlugField(max_length=80, unique=True)
    uid = models.CharField(max_length=80, unique=True, default=new_uid)
    title_de = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    text_de = models.TextField(max_length=5000, blank=True)
    text_en = models.TextField(max_length=5000, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.WORKSHOP)
    begin = models.DateTimeField()
    end = models.DateTimeField()
    place = models.CharField(max_length=300, blank=True)
    video_link = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=2, blank=True)
    district = models.CharField(max_length=5, blank=True)
    topic = models.CharField(max_length=20, blank=True)
    quota = models.PositiveIntegerField(null=True, blank=True)
    language = models.CharField(max_length=2, default="de")
    organiser = models.CharField(max_length=200, blank=True)
    audience = models.CharField(max_length=20, choices=Audience.choices, default=Audience.COMPANIES)
    register_until = models.DateTimeField(null=True, blank=True)
    alarm_minutes = models.PositiveIntegerField(default=60)
    series = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    cancel_reason = models.CharField(max_length=300, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    turns = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    source = models.ForeignKey(ImportSource, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    source_key = models.CharField(max_length=200, blank=True)
    source_hash = models.CharField(max_length=64, blank=True)
    source_at = models.DateTimeField(null=True, blank=True)
    source_note = models.CharField(max_length=300, blank=True)
    booking_url = models.URLField(max_length=500, blank=True)
    attended_elsewhere = models.PositiveIntegerField(null=True, blank=True)
    is_example = models.BooleanField(default=False)

    class Meta:
        """Lists are by day; an imported event is there once."""

        indexes: ClassVar = [
            models.Index(fields=["status", "begin"], name="event_day"),
            models.Index(fields=["series", "begin"], name="event_series"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=models.F("begin")), name="event_ends_later"),
            models.UniqueConstraint(
                fields=["source", "source_key"], condition=Q(source__isnull=False), name="event_imported_once"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def title(self, lang: str) -> str:
        """Return the title in `lang`; where the English one is missing, the German one."""
        return self.title_en or self.title_de if lang == "en" else self.title_de

    def text(self, lang: str) -> str:
        """Return the description in `lang`; where the English one is missing, the German one."""
        return self.text_en or self.text_de if lang == "en" else self.text_de

    @property
    def minutes(self) -> int:
        """Return how long it lasts."""
        return max(1, round((self.end - self.begin) / timedelta(minutes=1)))

    @property
    def online(self) -> bool:
        """Tell whether it takes place by video only."""
        return bool(self.video_link) and not self.place

    @property
    def over(self) -> bool:
        """Tell whether it has ended."""
        return self.end <= timezone.now()

    @property
    def registration_open(self) -> bool:
        """Tell whether one may still register here: published, not begun, before the last day, not booked elsewhere."""
        now = timezone.now()
        last = min(self.register_until, self.begin) if self.register_until else self.begin
        return self.status == self.Status.PUBLISHED and now < last and not self.booking_url


class Question(models.Model):
    """Something the organiser asks at registration. `kind`: a line, yes or no, or one of `options`."""

    class Kind(models.TextChoices):
        """How it is answered."""

        LINE = "line"
        YES_NO = "yes_no"
        CHOICE = "choice"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField(default=1)
    text_de = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LINE)
    options = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=False)

    class Meta:
        """In the organiser's order."""

        ordering: ClassVar = ["number", "pk"]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.number}"

    def text(self, lang: str) -> str:
        """Return the question in `lang`."""
        return self.text_en or self.text_de if lang == "en" else self.text_de


class Registration(models.Model):
    """Somebody who wants to come. A waiting one holds a `turn`: who has the lowest moves up first.

    `mail_key` is the address as it is compared (lower case); it is unique per event among those who have not cancelled.
    `form_token` makes a form sent twice one registration. `code` is for the entrance, `key` for the person's own link.
    """

    class Status(models.TextChoices):
        """Where the registration stands."""

        CONFIRMED = "confirmed"
        WAITING = "waiting"
        CANCELLED = "cancelled"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations")
    name = models.CharField(max_length=120, blank=True)
    mail = models.EmailField(blank=True)
    mail_key = models.CharField(max_length=254, blank=True)
    company_name = models.CharField(max_length=200, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lang = models.CharField(max_length=2, default="de")
    answers = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices)
    turn = models.PositiveIntegerField(null=True, blank=True)
    key = models.CharField(max_length=24, unique=True, default=new_key)
    code = models.CharField(max_length=12, unique=True)
    form_token = models.CharField(max_length=40)
    consent_version = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)
    moved_up_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    checked_in_change = models.DateTimeField(null=True, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    is_example = models.BooleanField(default=False)

    class Meta:
        """One registration per address and event; one per form; one per turn."""

        indexes: ClassVar = [
            models.Index(fields=["event", "status", "turn"], name="registration_queue"),
            models.Index(fields=["mail_key"], name="registration_mail"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "mail_key"],
                condition=~Q(status="cancelled") & ~Q(mail_key=""),
                name="registration_once",
            ),
            models.UniqueConstraint(fields=["event", "form_token"], name="registration_form_once"),
            models.UniqueConstraint(
                fields=["event", "turn"], condition=Q(turn__isnull=False), name="registration_turn_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.pk}"


class Feedback(models.Model):
    """What somebody said after an event: 1 (poor) to 5 (very good), and words if they like.

    The link to the registration is cut, and the words are erased, when the registration is.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="feedback")
    registration = models.OneToOneField(
        Registration, null=True, blank=True, on_delete=models.SET_NULL, related_name="feedback"
    )
    rating = models.PositiveSmallIntegerField()
    useful = models.CharField(max_length=1000, blank=True)
    missing = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)
    is_example = models.BooleanField(default=False)

    class Meta:
        """A rating is one of five."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(rating__gte=1) & Q(rating__lte=5), name="feedback_of_five")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.rating}"
