"""What the coordinator's page counts: kept checks by month, consents, releases. Examples are not counted.

Numbers of checks alone say nothing of a company; still, 1 to 4 are shown as "fewer than 5", as everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.db.models.functions import TruncMonth

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core.comparison import label_of
from nordlotse.readiness.core.disclosure import MINIMUM
from nordlotse.readiness.models import Check
from nordlotse.readiness.queries import comparison
from nordlotse.readiness.queries import models as known

#: So many months are shown.
_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is shown: itself, or None for one to four."""

    shown: int | None


def number(n: int) -> Number:
    """Return a number as it is shown: small ones are not."""
    return Number(None if 0 < n < MINIMUM else n)


@dataclass(frozen=True, slots=True)
class Month:
    """How many checks were kept in a month."""

    month: date
    checks: Number


@dataclass(frozen=True, slots=True)
class Published:
    """The last release of a model: when, and its groups with their numbers, the widest first."""

    title: str
    made_at: datetime | None
    cells: tuple[tuple[str, int], ...]


def months() -> list[Month]:
    """Return the kept checks by the month in which they were made, the newest first; months without one are left out."""
    rows = (
        Check.objects.filter(is_example=False)
        .annotate(month=TruncMonth("created_at"))
        .values("month")
        .annotate(n=Count("pk"))
        .order_by("-month")
    )
    return [Month(row["month"].date(), number(row["n"])) for row in rows[:_MONTHS]]


def agreed() -> Number:
    """Return how many checks have agreed to be compared."""
    return number(comparison.agreed())


def models(lang: Lang) -> list[Published]:
    """Return what is published of every model on offer."""
    on_offer = known.available()
    last = comparison.last_releases(on_offer)
    found = []
    for model in on_offer.values():
        row, cells = last.get(model.id), comparison.published(model, last)
        shown = sorted(cells.items(), key=lambda item: (item[0] != "all", item[0].count("/"), item[0]))
        found.append(
            Published(
                model.title.get(lang),
                row.made_at if row else None,
                tuple((label_of(name).get(lang), cell.n) for name, cell in shown),
            )
        )
    return found
