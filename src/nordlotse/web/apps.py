"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
