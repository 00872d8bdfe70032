"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class ReadinessConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.readiness"
    label = "readiness"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people, and listen to deletions."""
        from nordlotse.readiness import personal, receivers  # noqa: F401

        receivers.connect()
