"""Partners, their sites and people, what these can and offer, and the words the coordinator has changed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Partner(models.Model):
    """An organisation of the network. `visible`: the whole profile is in the public directory, or nothing of it."""

    class Kind(models.TextChoices):
        """What sort of organisation it is."""

        UNIVERSITY = "university"
        RESEARCH = "research"
        CHAMBER = "chamber"
        ASSOCIATION = "association"
        COMPANY = "company"
        PUBLIC = "public"
        OTHER = "other"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, blank=True, choices=Kind.choices)
    state = models.CharField(max_length=2)
    district = models.CharField(max_length=5, blank=True)
    profile_de = models.TextField(max_length=3000, blank=True)
    profile_en = models.TextField(max_length=3000, blank=True)
    website = models.URLField(max_length=300, blank=True)
    mail = models.EmailField(blank=True)
    neutral = models.BooleanField(default=True)
    visible = models.BooleanField(default=False)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The directory lists partners by name."""

        indexes: ClassVar = [models.Index(fields=["name"], name="partner_name")]

    def __str__(self) -> str:
        return self.slug


class Site(models.Model):
    """A place where a partner is to be found: a district and a place, never a street address."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="sites")
    place = models.CharField(max_length=100)
    state = models.CharField(max_length=2, blank=True)
    district = models.CharField(max_length=5, blank=True)

    class Meta:
        """A place once per partner."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["partner", "place"], name="site_once")]

    def __str__(self) -> str:
        return self.place


class Person(models.Model):
    """Somebody of a partner whom companies can be led to. `capacity`: new cases a month.

    Public only while `visible` and `active` are on and the partner is visible too. `states`: works only for companies
    there (empty: everywhere). `excluded`: names of companies whose cases this person must not take. `consented_at`:
    when the person agreed to a public profile. `answered_at`: when the person last completed the profile.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="network_people"
    )
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120, blank=True)
    mail = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    languages = models.JSONField(default=list)
    profile = models.TextField(max_length=3000, blank=True)
    state = models.CharField(max_length=2, blank=True)
    district = models.CharField(max_length=5, blank=True)
    states = models.JSONField(default=list)
    capacity = models.PositiveSmallIntegerField(default=2)
    cover = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="covers")
    excluded = models.JSONField(default=list)
    visible = models.BooleanField(default=False)
    consented_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    invitations = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A partner's people are listed by name; a mail address belongs to one person of a partner."""

        indexes: ClassVar = [
            models.Index(fields=["partner", "name"], name="person_partner"),
            models.Index(fields=["mail"], name="person_mail"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "mail"], condition=~models.Q(mail=""), name="person_mail_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Leave(models.Model):
    """A time in which a person takes no new cases; both days count."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="leaves")
    first = models.DateField()
    last = models.DateField()

    class Meta:
        """The end is not before the beginning."""

        indexes: ClassVar = [models.Index(fields=["person", "last"], name="leave_person")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="leave_forwards")
        ]

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"


class TagKind(models.TextChoices):
    """The three sides of a competence: what about, by which means, for whom."""

    TOPIC = "topic"
    METHOD = "method"
    SECTOR = "sector"


class Competence(models.Model):
    """One tag of the taxonomy that holds for a person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="competences")
    kind = models.CharField(max_length=6, choices=TagKind.choices)
    tag = models.CharField(max_length=60)

    class Meta:
        """A tag once per person; the directory filters by tag."""

        indexes: ClassVar = [models.Index(fields=["tag"], name="competence_tag")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "tag"], name="competence_once")]

    def __str__(self) -> str:
        return self.tag


class Offer(models.Model):
    """Something a partner offers to companies, perhaps by one of its people. `equipment`: one machine or system a line."""

    class Kind(models.TextChoices):
        """What sort of offer it is."""

        TALK = "talk"
        WORKSHOP = "workshop"
        CONSULTATION = "consultation"
        TEST = "test"
        VISIT = "visit"
        DEMONSTRATOR = "demonstrator"

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="offers")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title_de = models.CharField(max_length=150)
    title_en = models.CharField(max_length=150, blank=True)
    text_de = models.TextField(max_length=2000, blank=True)
    text_en = models.TextField(max_length=2000, blank=True)
    topic = models.CharField(max_length=60, blank=True)
    languages = models.JSONField(default=list)
    place = models.CharField(max_length=100, blank=True)
    district = models.CharField(max_length=5, blank=True)
    equipment = models.TextField(max_length=1000, blank=True)
    active = models.BooleanField(default=True)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A partner's offers are listed by kind; the same title once per partner and kind."""

        indexes: ClassVar = [models.Index(fields=["partner", "kind"], name="offer_partner")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "kind", "title_de"], name="offer_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class VisitDay(models.Model):
    """A day on which an offer can be visited."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="days")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        """The calendar lists what is to come; a visit ends after it began."""

        indexes: ClassVar = [models.Index(fields=["starts_at"], name="visit_day")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "starts_at"], name="visit_once"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="visit_forwards"),
        ]

    def __str__(self) -> str:
        return self.starts_at.isoformat()


class Term(models.Model):
    """A tag as the coordinator wants it: over the shipped taxonomy, or in addition to it. `words`: other spellings."""

    tag = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=6, choices=TagKind.choices)
    name_de = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    words = models.JSONField(default=list)
    retired = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.tag


class ImportDraft(models.Model):
    """Tables a coordinator has handed in and looks at before they are taken over; erased then, or after a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    tables = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.pk)
