"""Tells Django about the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from nordlotse.answers.core.answer import Answer


class WebConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people, count the answers that `journey` announces, hear of new second factors."""
        from allauth.mfa.signals import authenticator_added

        from nordlotse.journey.actions import answered
        from nordlotse.web import personal  # noqa: F401
        from nordlotse.web.staff import remember_factor

        authenticator_added.connect(remember_factor, dispatch_uid="nordlotse.web.factor")
        answered.connect(_count, dispatch_uid="nordlotse.web.metrics")


def _count(sender: object, answer: Answer, **more: object) -> None:
    from nordlotse.web import metrics

    metrics.ANSWERS.labels(answer.kind, answer.confidence).inc()
    metrics.ANSWER_SECONDS.observe(answer.ms / 1000)
