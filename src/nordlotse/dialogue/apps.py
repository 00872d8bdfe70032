"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class DialogueConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.dialogue"
    label = "dialogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people."""
        from nordlotse.dialogue import personal, personal_groups  # noqa: F401
