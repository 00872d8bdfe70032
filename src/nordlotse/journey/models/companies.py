"""Companies, who belongs to them, who got in touch without an account, and what they consented to."""

from __future__ import annotations

import secrets
import string
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

_ALPHABET = string.ascii_letters + string.digits


def new_id() -> str:
    """Return 16 random letters and digits: an address nobody can guess."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


class Company(models.Model):
    """A company the centre accompanies; counted once. A merged one points to the company it became."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=2, blank=True)
    district = models.CharField(max_length=5, blank=True)
    place = models.CharField(max_length=100, blank=True)
    sector = models.CharField(max_length=2, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    # A number without meaning under which services count the company once; it stays there when the company is gone.
    count_key = models.CharField(max_length=16, default=new_id, editable=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The desk searches companies by name."""

        indexes: ClassVar = [models.Index(fields=["name"], name="company_name")]

    def __str__(self) -> str:
        return self.pk


class DifferentCompanies(models.Model):
    """Two entries of which a coordinator said that they are two companies: they are not shown as doubles again.

    `first` has the smaller id, so that a pair is kept once.
    """

    first = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Once per pair."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["first", "second"], name="different_once")]

    def __str__(self) -> str:
        return f"{self.first_id}/{self.second_id}"


class Membership(models.Model):
    """Somebody who may see and do everything of a company."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        """Once per person and company."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["company", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.company_id}/{self.user_id}"


class Contact(models.Model):
    """Somebody who wants to be called or written to; no account is needed, a phone number or a mail address is enough."""

    id = models.CharField(primary_key=True, max_length=16, default=new_id)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    mail = models.EmailField(blank=True)
    hours = models.CharField(max_length=200, blank=True)
    company_name = models.CharField(max_length=200, blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lang = models.CharField(max_length=2, default="de")
    count_key = models.CharField(max_length=16, default=new_id, editable=False)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.pk


class Consent(models.Model):
    """One consent: to what, in which version of the text, from when to when. A withdrawal ends it, the row stays.

    What was ticked when a case was opened holds for that `case` alone; a company's consents on its own page have none.
    """

    class Purpose(models.TextChoices):
        """What can be consented to, each separately."""

        SHARE_ANSWER = "share_answer"
        SHARE_RESULTS = "share_results"
        CONTACT_LATER = "contact_later"
        BENCHMARK = "benchmark"
        NEWS = "news"

    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="consents")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="consents")
    case = models.ForeignKey("journey.Case", null=True, blank=True, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    version = models.CharField(max_length=20)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Whose consents: exactly one side."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(company=None) | models.Q(contact=None), name="consent_of_one")
        ]

    def __str__(self) -> str:
        return self.purpose
