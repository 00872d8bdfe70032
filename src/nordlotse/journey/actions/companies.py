"""Writes about companies and their members."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.foundation.region import State
from nordlotse.journey.actions.asking import check_employees, tidy
from nordlotse.journey.models import Company, Membership
from nordlotse.journey.queries import companies as queries
from nordlotse.office import log


def check_member(user: Any, company: Company) -> None:
    """Raise `NotAllowed` unless the person belongs to the company."""
    if not queries.is_member(user, company):
        raise NotAllowed(
            "members_only",
            de="Das dürfen nur Mitglieder dieses Betriebs.",
            en="Only members of this company may do this.",
            where="company",
            remedy_de="Bitte lassen Sie sich vom Betrieb einladen.",
            remedy_en="Ask the company for an invitation.",
        )


@transaction.atomic
def create(
    user: Any,
    *,
    name: str,
    state: State | str = "",
    district: str = "",
    place: str = "",
    sector: str = "",
    employees: object = None,
) -> Company:
    """Make a company whose first member is the signed-in person.

    Raises:
        NotAllowed: nobody is signed in.
        BadInput: there is no name, or a figure cannot be understood.
    """
    if not (user.is_authenticated and user.is_active):
        raise NotAllowed(
            "sign_in_first",
            de="Dafür müssen Sie angemeldet sein.",
            en="You have to be signed in for this.",
            where="company",
            remedy_de="Bitte melden Sie sich mit Ihrer E-Mail-Adresse an.",
            remedy_en="Sign in with your mail address.",
        )
    name = tidy(name)[:200]
    if not name:
        raise BadInput(
            "company_name_missing",
            de="Der Name des Betriebs fehlt.",
            en="The company's name is missing.",
            where="name",
            remedy_de="Bitte den Namen eintragen.",
            remedy_en="Enter the name.",
        )
    company = Company.objects.create(
        name=name,
        state=str(state),
        district=district,
        place=tidy(place)[:100],
        sector=sector,
        employees=check_employees(employees),
    )
    Membership.objects.create(company=company, user=user)
    log.record("create", "company", company.pk, user)
    return company
