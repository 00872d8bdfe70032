"""Reads about companies and their members."""

from __future__ import annotations

from typing import Any

from nordlotse.journey.models import Company


def of_user(user: Any) -> Company | None:
    """Return the company a signed-in person belongs to (the one joined last), None for everybody else."""
    if not (user.is_authenticated and user.is_active):
        return None
    return Company.objects.filter(memberships__user=user, merged_into=None).order_by("-memberships__since").first()


def is_member(user: Any, company: Company) -> bool:
    """Tell whether a person may act for this company."""
    return bool(user.is_authenticated and user.is_active and company.memberships.filter(user_id=user.pk).exists())
