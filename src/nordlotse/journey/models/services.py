"""What the centre did, counted once at the moment it happens; targets, closed months and the effect."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from nordlotse.journey.models.cases import Case
from nordlotse.journey.models.companies import Company, Contact
from nordlotse.network.models import Partner, Person

#: The reason of a later change that nobody typed: somebody at the entrance of an event took a check-in back.
TAKEN_BACK = "Check-in am Eingang zurückgenommen"

#: Services nobody has decided on, and those that count: the two kinds of lists there are.
_WAITING = models.Q(confirmed_at=None, refused_at=None)
_COUNTED = models.Q(confirmed_at__isnull=False, refused_at=None)


class Service(models.Model):
    """One service: what kind, on what, when, for how many, how long. Only a confirmed one counts.

    State, district, sector and size are copied when it happens, so that a figure stays true when a company changes or
    deletes its data; `company_key` and `contact_key` are numbers without meaning (`count_key` of company and contact) that
    keep "companies once" countable after that.
    `source` says what it came from (`message:17`, `checkin:4`, `call:…`); it is unique, so nothing counts twice.
    """

    class Kind(models.TextChoices):
        """Type of support; the EDIH service groups are in `journey.core.kinds`."""

        ANSWER = "answer"
        CONSULTATION = "consultation"
        CALL = "call"
        VISIT = "visit"
        WORKSHOP = "workshop"
        TALK = "talk"
        WORKING_GROUP = "working_group"
        DEMONSTRATION = "demonstration"
        FUNDING = "funding"
        READINESS = "readiness"

    class Format(models.TextChoices):
        """How it took place."""

        ON_SITE = "on_site"
        ONLINE = "online"
        PHONE = "phone"
        MAIL = "mail"
        SELF = "self"

    source = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    format = models.CharField(max_length=10, choices=Format.choices)
    topic = models.CharField(max_length=20, blank=True)
    day = models.DateField()
    participants = models.PositiveIntegerField(default=1)
    minutes = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="services")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="services")
    company_key = models.CharField(max_length=16, blank=True)
    contact_key = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=2, blank=True)
    district = models.CharField(max_length=5, blank=True)
    sector = models.CharField(max_length=2, blank=True)
    size = models.CharField(max_length=10, blank=True)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.SET_NULL, related_name="services")
    event = models.CharField(max_length=20, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Counted by day; the desk and each expert list what waits for a tap, and what was confirmed last."""

        indexes: ClassVar = [
            models.Index(fields=["day", "kind"], name="service_day"),
            models.Index(fields=["day", "id"], name="service_waiting", condition=_WAITING),
            models.Index(fields=["person", "day", "id"], name="service_own_waiting", condition=_WAITING),
            models.Index(fields=["confirmed_at", "id"], name="service_recent", condition=_COUNTED),
            models.Index(fields=["person", "confirmed_at", "id"], name="service_own_recent", condition=_COUNTED),
            models.Index(fields=["event"], name="service_event"),
        ]

    def __str__(self) -> str:
        return self.source


class CountedMonth(models.Model):
    """A month in which something was confirmed: whoever confirms or closes holds its row, so that nothing slips in between.

    `stamp` is new with every change to what is counted: whoever has counted the month before knows whether that still holds.
    """

    month = models.CharField(primary_key=True, max_length=7)
    stamp = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        return self.month


class ClosedMonth(models.Model):
    """A month as it was when it was closed: figures and nameless records as canonical JSON, and the SHA-256 of both."""

    month = models.CharField(primary_key=True, max_length=7)
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    figures = models.TextField()
    records = models.TextField(default="[]")
    sha256 = models.CharField(max_length=64)

    class Meta:
        """Whoever asks which months are closed does not pass through megabytes of figures (SQLite reads a row from its beginning)."""

        indexes: ClassVar = [models.Index(fields=["month", "sha256", "closed_at"], name="closed_month_known")]

    def __str__(self) -> str:
        return self.month


class KeptTally(models.Model):
    """What a month was counted to, packed so that it is quick to read. It is not the truth: it can be made again at any time.

    `key` is made of the month's SHA-256 if it is closed, of its stamp if it is open: kept under another one, it is out of date.
    `data`: `core.tally.packed`. `rest`: what else was frozen with a closed month, as JSON.
    """

    month = models.CharField(primary_key=True, max_length=7)
    key = models.CharField(max_length=80)
    data = models.BinaryField()
    rest = models.TextField(default="{}")

    def __str__(self) -> str:
        return self.month


class LaterChange(models.Model):
    """A change to a service of a closed month: the month keeps its figures, the change is listed with its reason."""

    month = models.ForeignKey(ClosedMonth, on_delete=models.PROTECT, related_name="changes")
    source = models.CharField(max_length=60)
    what = models.CharField(max_length=20)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.month_id} {self.what}"


class Target(models.Model):
    """What was promised for a figure in a period, and where that stands (the grant notice)."""

    figure = models.CharField(max_length=30)
    begin = models.DateField()
    end = models.DateField()
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        """One target per figure and period."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["figure", "begin", "end"], name="target_once")]

    def __str__(self) -> str:
        return f"{self.figure} {self.begin}"


class Effect(models.Model):
    """Three questions when a case closes and again three months later; an empty answer is one not given."""

    class Moment(models.TextChoices):
        """When it was asked."""

        CLOSING = "closing"
        LATER = "later"

    class Helped(models.TextChoices):
        """Did it help?"""

        YES = "yes"
        PARTLY = "partly"
        NO = "no"

    class Done(models.TextChoices):
        """What has been done since?"""

        IN_USE = "in_use"
        STARTED = "started"
        PLANNED = "planned"
        INFORMED = "informed"
        NOTHING = "nothing"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="effects")
    moment = models.CharField(max_length=10, choices=Moment.choices)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    helped = models.CharField(max_length=10, choices=Helped.choices, blank=True)
    done = models.CharField(max_length=20, choices=Done.choices, blank=True)
    worth = models.CharField(max_length=500, blank=True)

    class Meta:
        """Asked once per moment; counted by the time of asking and answering."""

        indexes: ClassVar = [
            models.Index(fields=["asked_at"], name="effect_asked"),
            models.Index(fields=["answered_at"], name="effect_answered"),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "moment"], name="effect_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.moment}"
