"""What follows from a check's deletion, by whomever and however it is deleted."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete

from nordlotse.readiness.models import Comparing


def comparing_deleted(sender: Any, instance: Comparing, **_: Any) -> None:
    """A check that was compared goes: the groups it counts in are taken out of what is shown, in the same transaction."""
    from nordlotse.readiness.actions import (
        releases,
    )  # late: it loads the models on offer, which start-up shall not wait for

    releases.take_out([instance.check_of_id])


def connect() -> None:
    """Listen; called once when the room is loaded."""
    pre_delete.connect(comparing_deleted, sender=Comparing, dispatch_uid="nordlotse.readiness.comparing_deleted")
