"""Tables of the company's way: questions with their answers, and who runs this centre."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Inquiry(models.Model):
    """A question (masked) and the answer it got.

    Purpose: permanent link, editorial desk. Kept: the question's words and any comment until `expires_at`, then they are
    erased; the answer itself holds no personal data and keeps its link.
    """

    class Reason(models.TextChoices):
        """Why an answer did not help."""

        WRONG = "wrong"
        UNCLEAR = "unclear"
        OTHER_QUESTION = "other_question"
        OUTDATED = "outdated"
        TOO_GENERAL = "too_general"

    id = models.CharField(primary_key=True, max_length=22)
    question = models.CharField(max_length=2000, blank=True)
    lang = models.CharField(max_length=2)
    state = models.CharField(max_length=2, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    channel = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    topic = models.CharField(max_length=20)
    confidence = models.CharField(max_length=10)
    answer = models.JSONField()
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    helpful = models.BooleanField(null=True, blank=True)
    reason = models.CharField(max_length=20, blank=True, choices=Reason.choices)
    comment = models.CharField(max_length=1000, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    handled_note = models.CharField(max_length=500, blank=True)

    class Meta:
        """The desk reads open questions by age."""

        indexes: ClassVar = [
            models.Index(fields=["-asked_at"], name="inquiry_asked"),
            models.Index(fields=["handled_at", "confidence", "-asked_at"], name="inquiry_desk"),
            models.Index(fields=["expires_at"], name="inquiry_expiry"),
        ]

    def __str__(self) -> str:
        return self.id


class Operator(models.Model):
    """One row: who runs this centre, shown in imprint and answers."""

    name = models.CharField(max_length=200, blank=True)
    address = models.TextField(max_length=500, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    mail = models.EmailField(blank=True)
    hours = models.CharField(max_length=200, blank=True)
    responsible = models.CharField(max_length=200, blank=True)
    asked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name or "no operator entered"
