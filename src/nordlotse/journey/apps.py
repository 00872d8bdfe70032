"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class JourneyConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.journey"
    label = "journey"
    default_auto_field = "django.db.models.BigAutoField"
