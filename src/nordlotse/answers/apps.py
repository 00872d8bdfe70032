"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class AnswersConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.answers"
    label = "answers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people."""
        from nordlotse.answers import personal  # noqa: F401
