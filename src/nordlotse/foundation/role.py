"""Who somebody is in the centre; what a role may do is decided in the actions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

from nordlotse.foundation.language import Text


class Role(StrEnum):
    """A role; one person may have several. Company members have none: they belong to a company (journey)."""

    EXPERT = "expert"
    COORDINATOR = "coordinator"
    EDITOR = "editor"
    RESEARCHER = "researcher"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> Text:
        """Return the role's name for people."""
        return _LABELS[self]


_LABELS = {
    Role.EXPERT: Text("Fachleute", "Expert"),
    Role.COORDINATOR: Text("Koordination", "Coordinator"),
    Role.EDITOR: Text("Redaktion", "Editor"),
    Role.RESEARCHER: Text("Forschung", "Researcher"),
    Role.OFFICER: Text("Projektträger", "Funder's officer"),
    Role.ADMINISTRATOR: Text("Verwaltung", "Administrator"),
}

#: Roles that must have a second factor: they see what belongs to many.
NEEDS_SECOND_FACTOR = frozenset({Role.COORDINATOR, Role.EDITOR, Role.RESEARCHER, Role.OFFICER, Role.ADMINISTRATOR})


class Person(Protocol):
    """What an action needs to know of whoever wants something: a user, signed in or not."""

    pk: Any
    is_active: bool
    is_staff: bool
    is_superuser: bool

    @property
    def is_authenticated(self) -> Any:
        """Tell whether this person has signed in."""
