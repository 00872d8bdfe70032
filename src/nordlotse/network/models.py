"""Partners, their people and what they offer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Partner(models.Model):
    """An organisation of the network. `visible`: the whole profile is in the public directory, or nothing of it."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, blank=True)
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

    def __str__(self) -> str:
        return self.slug


class Person(models.Model):
    """Somebody of a partner whom companies can be led to. `capacity`: new cases a month."""

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
    capacity = models.PositiveSmallIntegerField(default=2)
    visible = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A partner's people are listed by name."""

        indexes: ClassVar = [models.Index(fields=["partner", "name"], name="person_partner")]

    def __str__(self) -> str:
        return str(self.pk)
