"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class IotConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.iot"
    label = "iot"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people."""
        from nordlotse.iot import personal, personal_named  # noqa: F401
