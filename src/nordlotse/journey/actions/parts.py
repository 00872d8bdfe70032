"""Writes that tie a checked part to a company or a case: laying it there, and the service that it was."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from nordlotse.journey.actions import services
from nordlotse.journey.actions.companies import check_member
from nordlotse.journey.models import Case, Company, Service
from nordlotse.journey.queries.parts import source_of
from nordlotse.print3d.actions import belonging
from nordlotse.print3d.queries import parts


def note(key: str, about: services.About, *, is_example: bool = False) -> Service:
    """Note that somebody checked a part by themselves; the same part counts once, wherever it is laid and however often it is checked."""
    return services.note(
        source_of(key), "demonstration", about=about, format="self", topic="print3d", is_example=is_example
    )


def noted_with(case: Case, key: str) -> None:
    """Note the service of a part whose result came along with a new case, in the caller's transaction."""
    note(key, services.About(case=case), is_example=parts.by_key(key).is_example)


@transaction.atomic
def lay(user: Any, company: Company, key: str) -> None:
    """Let a kept part belong to the company of a member; once it is checked it counts as a service of the company.

    Raises:
        NotAllowed: not a member, or the part belongs to another company.
        NotFound: there is no such part (any more).
    """
    check_member(user, company)
    belonging.attach(key, company.pk, user)
    part = parts.by_key(key)
    if part.examined is not None:
        note(key, services.About(company=company), is_example=part.is_example)


@transaction.atomic
def take_away(user: Any, company: Company, key: str) -> None:
    """Let a part belong to no company again; it stays under its link until it expires, and what was counted stays counted.

    Raises:
        NotAllowed: not a member.
        NotFound: there is no such part (any more).
    """
    check_member(user, company)
    if parts.by_key(key).company == company.pk:
        belonging.attach(key, "", user)


def examined(key: str) -> None:
    """Note the service of a part whose check was done while it belongs to a company, in the caller's transaction."""
    part = parts.by_key(key)
    company = Company.objects.filter(pk=part.company, merged_into=None).first() if part.company else None
    if company is not None:
        note(key, services.About(company=company), is_example=part.is_example)
