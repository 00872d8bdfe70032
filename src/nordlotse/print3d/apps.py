"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class Print3dConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.print3d"
    label = "print3d"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people."""
        from nordlotse.print3d import personal  # noqa: F401
