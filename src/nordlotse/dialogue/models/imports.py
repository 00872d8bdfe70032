"""Where events of other systems come from."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone


def new_hook() -> str:
    """Return the part of a webhook's address that nobody can guess."""
    return secrets.token_urlsafe(24)


class ImportSource(models.Model):
    """A remote calendar: asked by the worker when `due_at` has come. Its token is no field: it lies in the secret store.

    `cursor` is where the last complete reading ended; `failures` counts readings that failed in a row and stretches the pause.
    With `publish`, new events go public at once; otherwise they wait as drafts.
    """

    class Kind(models.TextChoices):
        """What answers there."""

        PRETIX = "pretix"
        INDICO = "indico"
        ICS = "ics"

    class Health(models.TextChoices):
        """How the last reading went."""

        NEW = "new"
        GOOD = "good"
        DOWN = "down"
        REFUSED = "refused"
        ODD = "odd"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=120)
    url = models.URLField(max_length=500)
    organiser = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=2, blank=True)
    topic = models.CharField(max_length=20, blank=True)
    publish = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    hook = models.CharField(max_length=40, unique=True, default=new_hook)
    cursor = models.CharField(max_length=40, blank=True)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.NEW)
    error = models.CharField(max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
