"""Reasons a hall gave in its own words: they are offered like those of the house, for as long as a stop bears them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max

from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.models import Hall, Stop

#: So many are offered: a page of buttons must stay one to tap on.
MOST = 6


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Words somebody typed as a reason, the machine whose stops bear them, and how many do."""

    words: str
    machine: int
    title: str
    count: int


def own_words(hall: Hall) -> list[OwnWords]:
    """Return all own words of a hall by machine, so that somebody may look whether a name stands there."""
    found = (
        Stop.objects.filter(machine__hall=hall)
        .exclude(reason__in=["", *shipped_reasons()])
        .values_list("machine", "machine__title", "machine__name", "reason")
        .annotate(count=Count("pk"))
        .order_by("machine", "reason")
    )
    return [OwnWords(reason, pk, title or name, count) for pk, title, name, reason, count in found]


def notes(hall: Hall) -> int:
    """Return how many entries of a hall bear a note."""
    return Stop.objects.filter(machine__hall=hall).exclude(note="").count()


def own_reasons(hall: Hall) -> list[str]:
    """Return the words, those said most often first, then the newest."""
    found = (
        Stop.objects.filter(machine__hall=hall)
        .exclude(reason__in=list(shipped_reasons()))
        .exclude(reason="")
        .values_list("reason")
        .annotate(often=Count("pk"), newest=Max("said_at"))
        .order_by("-often", "-newest")
    )
    return [reason for reason, _, _ in found[:MOST]]
