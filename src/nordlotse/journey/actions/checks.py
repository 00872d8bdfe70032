"""Writes that tie a readiness check to a company or a case: laying it there, and the service that it was."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from nordlotse.journey.actions import services
from nordlotse.journey.actions.companies import check_member
from nordlotse.journey.models import Case, Company, Service
from nordlotse.journey.queries.checks import source_of
from nordlotse.readiness.actions import checks as readiness
from nordlotse.readiness.queries import checks


def note(key: str, number: int, about: services.About, *, is_example: bool = False) -> Service:
    """Note that somebody made a check by themselves; the same round counts once, wherever it is laid."""
    return services.note(source_of(key, number), "readiness", about=about, format="self", is_example=is_example)


def noted_with(case: Case, key: str) -> None:
    """Note the service of a check whose result came along with a new case, in the caller's transaction."""
    check = checks.kept(key)
    note(key, check.newest.number, services.About(case=case), is_example=check.is_example)


@transaction.atomic
def lay(user: Any, company: Company, key: str) -> None:
    """Let a kept check belong to the company of a member; its finished rounds count as services of the company.

    Raises:
        NotAllowed: not a member, or the check belongs to another company.
        NotFound: there is no such check.
    """
    check_member(user, company)
    readiness.attach(key, company.pk, user)
    check = checks.kept(key)
    for begun in check.rounds:
        if begun.finished_at is not None:
            note(key, begun.number, services.About(company=company), is_example=check.is_example)


@transaction.atomic
def take_away(user: Any, company: Company, key: str) -> None:
    """Let a check belong to no company again; it stays kept under its link, and what was counted stays counted.

    Raises:
        NotAllowed: not a member.
        NotFound: there is no such check.
    """
    check_member(user, company)
    if checks.kept(key).company == company.pk:
        readiness.attach(key, "", user)


def finished(key: str, number: int) -> None:
    """Note the service of a round that was finished while its check belongs to a company, in the caller's transaction."""
    check = checks.kept(key)
    company = Company.objects.filter(pk=check.company, merged_into=None).first() if check.company else None
    if company is not None:
        note(key, number, services.About(company=company), is_example=check.is_example)
