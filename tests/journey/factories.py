"""Companies, services and people for tests of counting: small, and each call makes a new one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from nordlotse.foundation.role import Role
from nordlotse.journey.actions import services
from nordlotse.journey.models import Company, Contact, Service
from nordlotse.office.roles import set_roles


def person(role: str) -> Any:
    """Return the account of a role."""
    users = get_user_model().objects
    user = users.filter(username=role).first() or users.create_user(role, email=f"{role}@example.org", password=None)
    set_roles(user, frozenset({Role(role)}))
    return user


def company(name: str = "Kahn", **values: Any) -> Company:
    """Return a new company of Hamburg with 20 employees in manufacturing, unless said otherwise."""
    return Company.objects.create(
        **{"name": name, "state": "HH", "district": "02101", "sector": "25", "employees": 20} | values
    )


def contact(**values: Any) -> Contact:
    """Return a new contact without a company."""
    return Contact.objects.create(**{"name": "Hinnerk", "phone": "040 1234567"} | values)


_numbers = iter(range(1, 10**9))


def service(day: date | str, *, kind: str = "call", confirmed: bool = True, **values: Any) -> Service:
    """Return a service noted (and confirmed by the coordinator) on a day."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    about = services.About(values.pop("company", None), values.pop("contact", None), values.pop("case", None))
    made = services.note(f"test:{next(_numbers)}", kind, about=about, day=day, **values)
    if confirmed:
        services.confirm(person("coordinator"), [made.pk], "nachgetragen im Test")
    made.refresh_from_db()
    return made


def today() -> date:
    """Return today where the centre is."""
    return timezone.localdate()
