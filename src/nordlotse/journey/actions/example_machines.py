"""The machines of the example centre: a hall of one of its companies with a simulated machine, whose year the worker makes up."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from nordlotse.iot.actions import simulating
from nordlotse.iot.leaving import erase_halls
from nordlotse.iot.models import Hall
from nordlotse.journey.actions.example_world import World
from nordlotse.journey.models import Case, Company

#: Which machine, and so many days it goes on; an example that is still there then stands still.
_KIND, _DAYS = "cnc", 365


def make(world: World) -> None:
    """Lay a hall with a simulated milling machine to the company of the newest open case on machine data."""
    case = (
        Case.objects.filter(is_example=world.mark, topic="iot", company__isnull=False)
        .order_by("-open", "-opened_at")
        .first()
    )
    company = case.company_id if case else world.companies[0].pk if world.companies else None
    if company is None:
        return
    hall = Hall.objects.create(name="Halle 1", company=company, expires_at=None, is_example=world.mark)
    until = timezone.now() + timedelta(days=_DAYS)
    simulating.lay(hall, _KIND, world.chance.randrange(1, 2**31), "de", until)


def count() -> int:
    """Return how many halls of example companies there are; visitors' halls with a simulator are none of them."""
    return _halls().count()


def remove() -> dict[str, int]:
    """Remove the halls of example companies with their values; return how many rows, by table. To be called before the companies go."""
    found = erase_halls(_halls())
    return dict(found[1]) if isinstance(found, tuple) else {}


def _halls() -> QuerySet[Hall]:
    return Hall.objects.filter(company__in=list(Company.objects.filter(is_example=True).values_list("pk", flat=True)))
