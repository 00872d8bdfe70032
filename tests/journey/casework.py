"""People and cases that several tests need."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from nordlotse.foundation.role import Role
from nordlotse.journey.actions import cases, proposals
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Company, Membership
from nordlotse.journey.queries.access import Who, as_coordinator
from nordlotse.network.models import Partner, Person
from nordlotse.office.roles import set_roles

REACH = Reach("Hinnerk Kahn", mail="hinnerk@kahn.example", hours="abends")

TEXT = "Wir wollen den Stillstand an drei alten Pressen messen und wissen nicht, welcher Sensor passt."


def user(name: str, *roles: Role) -> Any:
    made = get_user_model().objects.create_user(name, email=f"{name}@example.org")
    if roles:
        set_roles(made, frozenset(roles))
    return made


def coordinator(name: str = "koordination") -> Who:
    return as_coordinator(user(name, Role.COORDINATOR))


def person(name: str, profile: str = "Sensoren und Retrofit alter Maschinen", **fields: Any) -> Person:
    slug = name.lower().replace(" ", "-")
    partner = Partner.objects.create(slug=slug, name=f"Institut {name}", state="SH")
    fields = {"mail": f"{slug}@partner.example", "languages": ["de", "en"], "state": "SH", **fields}
    return Person.objects.create(partner=partner, name=name, profile=profile, **fields)


def member(name: str = "inhaberin", company: str = "Kahn GmbH") -> tuple[Any, Company]:
    made = user(name)
    firm = Company.objects.create(name=company, state="SH")
    Membership.objects.create(company=firm, user=made)
    return made, firm


def case(reach: Reach = REACH, **fields: Any) -> Case:
    return cases.open_case(None, reach, **{"text": TEXT, "state": "SH", **fields})


def accepted(by: Who, about: Case, who: Person) -> Assignment:
    """Let a person be asked and accept."""
    asked = proposals.ask_person(by, about.pk, who.pk)
    return proposals.answer(Who(Actor.EXPERT, person=who), asked.pk, "accept")
