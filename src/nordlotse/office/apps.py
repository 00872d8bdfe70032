"""Tells Django about the office."""

from __future__ import annotations

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """The Django app of the office."""

    name = "nordlotse.office"
    label = "office"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people."""
        from nordlotse.office import personal  # noqa: F401
