"""Who may do what with events: coordinators run them, everybody else is a guest."""

from __future__ import annotations

from typing import Any

from nordlotse.foundation.role import Role
from nordlotse.office.roles import check_role


def check_coordinator(user: Any) -> None:
    """Raise `NotAllowed` unless the person is a coordinator (or an administrator, who is one too)."""
    check_role(user, Role.COORDINATOR)
