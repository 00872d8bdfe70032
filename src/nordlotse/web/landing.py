"""Where a person begins after signing in: the desk, the report, the expert's page or the company's page."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse

from nordlotse.foundation.role import Role
from nordlotse.office.roles import OF_THE_CENTRE, held_roles
from nordlotse.web.templatetags.components import language

#: The first that fits wins; whoever has no role belongs to a company, or will.
PLACES = (
    (OF_THE_CENTRE, "desk"),
    (frozenset({Role.OFFICER, Role.RESEARCHER}), "report"),
    (frozenset({Role.EXPERT}), "expert_home"),
)


def landing(user: Any) -> str:
    """Return the address of the page this person begins with, in the page's language."""
    roles = held_roles(user)
    name = next((name for wanted, name in PLACES if roles & wanted), "company")
    try:
        return reverse(f"{language()}:{name}")
    except NoReverseMatch:  # a room that is not part of this installation
        return reverse(f"{language()}:start")
