"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class FundingConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.funding"
    label = "funding"
    default_auto_field = "django.db.models.BigAutoField"
