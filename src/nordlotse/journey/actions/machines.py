"""Writes that tie machine data to a company or a case: the service that seeing one's machines was."""

from __future__ import annotations

from nordlotse.iot.models import Hall
from nordlotse.journey.actions import services
from nordlotse.journey.models import Case, Company, Service
from nordlotse.journey.queries.machines import source_of


def note(key: str, about: services.About, *, is_example: bool = False) -> Service:
    """Note that somebody saw machines in a hall by themselves; the same hall counts once, however many machines it gets."""
    return services.note(
        source_of(key), "demonstration", about=about, format="self", topic="iot", is_example=is_example
    )


def noted_with(case: Case, key: str) -> None:
    """Note the service of a hall whose result came along with a new case, in the caller's transaction."""
    if Hall.objects.filter(pk=key).exists():
        note(key, services.About(case=case), is_example=case.is_example)


def shown(key: str) -> None:
    """Note the service of a company's hall that has a machine now, in the caller's transaction."""
    hall = Hall.objects.filter(pk=key).first()
    company = Company.objects.filter(pk=hall.company, merged_into=None).first() if hall and hall.company else None
    if company is not None:
        note(key, services.About(company=company), is_example=company.is_example)
