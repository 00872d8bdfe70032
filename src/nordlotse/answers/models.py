"""Tables of the answers room: local revisions of articles. Shipped articles stay files in the package."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Revision(models.Model):
    """One version of an article written in this installation.

    A published revision speaks instead of the shipped file; `base_hash` names the shipped text it was made from, so
    that a later update of the package is noticed and never replaces the local text silently.
    """

    class State(models.TextChoices):
        """Life of a revision."""

        DRAFT = "draft"
        PUBLISHED = "published"
        SUPERSEDED = "superseded"

    slug = models.SlugField(max_length=80)
    lang = models.CharField(max_length=2, choices=[("de", "de"), ("en", "en")])
    number = models.PositiveIntegerField()
    raw = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    base_hash = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One number once, at most one published revision of a text."""

        ordering: ClassVar = ["slug", "lang", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug", "lang", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["slug", "lang"], condition=Q(state="published"), name="revision_one_published"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}.{self.lang} #{self.number} ({self.state})"


class KnowledgeState(models.Model):
    """One row: a counter that every process watches to notice a published change."""

    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"version {self.version}"

    @classmethod
    def bump(cls) -> None:
        """Count one change; called inside the transaction that makes it."""
        cls.objects.get_or_create(pk=1)
        cls.objects.filter(pk=1).update(version=F("version") + 1)

    @classmethod
    def current(cls) -> int:
        """Return the counter, 0 before the first change."""
        return cls.objects.filter(pk=1).values_list("version", flat=True).first() or 0
