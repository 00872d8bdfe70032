"""One small world in which every address has something to show, made once; each room adds what its own addresses need."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.foundation.role import Role
from nordlotse.journey import actions
from nordlotse.journey.models import Company, Membership
from nordlotse.journey.models.cases import Assignment, Case
from nordlotse.network.models import Partner, Person
from nordlotse.office.roles import set_roles
from nordlotse.web.staff import BY_LINK

#: Who comes by. A member belongs to the world's company, the stranger to another one.
ROLES = ("visitor", "member", "stranger", "expert", "coordinator", "editor", "researcher", "officer", "administrator")


@dataclass
class World:
    """What there is: people by role, and what a placeholder in an address (`CASE`) stands for."""

    people: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    company: Any = None
    partner: Any = None
    expert: Any = None
    case: Any = None

    def address(self, path: str) -> str:
        """Return a row's path with every placeholder replaced by the id of the thing in this world."""
        parts = (self.places.get(part, part) if part.isupper() else part for part in path.split("/"))
        return "/" + "/".join(parts)


def person_of(role: str) -> Any:
    """Return the account of a role; members and strangers have no role, they belong to a company."""
    users = get_user_model().objects
    user = users.filter(username=role).first()
    if user is None:
        user = users.create_user(role, email=f"{role}@example.org", password=None)
        if role in set(Role):
            set_roles(user, frozenset({Role(role)}))
    return user


def signed_in(role: str, **options: Any) -> Client:
    """Return a client of this role, signed in by link as `nordlotse admin link` does it."""
    client = Client(**options)
    if role == "visitor":
        return client
    client.force_login(person_of(role), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[BY_LINK] = True
    session.save()
    return client


def _company(name: str, role: str) -> Any:
    company = Company.objects.create(name=name, state="SH")
    Membership.objects.create(company=company, user=person_of(role))
    return company


def rooms() -> list[Any]:
    """Return every module of rows, in the order of their names."""
    from tests.web import rows

    names = sorted(m.name for m in pkgutil.iter_modules(rows.__path__))
    return [importlib.import_module(f"tests.web.rows.{name}") for name in names]


def build() -> World:
    """Make the world: a company with a member and a case in an expert's hands, another company, and what each room adds.

    A room adds its own by a function `seed(world)` in its module of rows: it makes things and names them in `world.places`.
    """
    world = World(people={role: person_of(role) for role in ROLES if role != "visitor"})
    world.company = _company("Kahn und Deich GmbH", "member")
    _company("Fremd AG", "stranger")
    world.partner = Partner.objects.create(slug="hafenlabor", name="Hafenlabor", state="SH", visible=True)
    world.expert = Person.objects.create(
        partner=world.partner, user=world.people["expert"], name="Fachfrau", mail="expert@example.org", visible=True
    )
    world.case = Case.objects.create(
        number=1, company=world.company, title="Sensor am Kran", question="Welcher Sensor?"
    )
    Assignment.objects.create(case=world.case, person=world.expert, status=Assignment.Status.ACCEPTED)
    world.places = {
        "ID": str(actions.ask("Was kostet ein Druckteil?")[0]["id"]),
        "CASE": world.case.pk,
        "COMPANY": world.company.pk,
        "PARTNER": world.partner.slug,
        "PERSON": str(world.expert.pk),
    }
    for room in rooms():
        if seed := getattr(room, "seed", None):
            seed(world)
    return world
