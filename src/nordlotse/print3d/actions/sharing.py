"""Sharing a part: a link that only shows, for some days, never longer than the part itself is kept."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.office import log
from nordlotse.print3d.models import Part, new_key
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries.parts import KeptPart

#: For so many days a link may be made.
DAYS = (1, 3, 7)


def offered(kept: KeptPart) -> tuple[int, ...]:
    """Return the days to choose from: none beyond the part's own end, but always the shortest."""
    return tuple(days for days in DAYS if days == DAYS[0] or days <= kept.days_left)


@transaction.atomic
def share(key: str, days: int) -> str:
    """Make a link that shows the part for so many days, in place of an older one; return its key.

    Raises:
        NotFound: there is no such part.
        BadInput: `share_days`, these days are not offered; `nothing_to_share`, there is no result yet.
    """
    part = Part.objects.select_for_update().filter(pk=key, expires_at__gt=timezone.now()).first()
    if part is None:
        raise parts.unknown()
    if days not in DAYS:
        raise BadInput(
            "share_days",
            de="So lange lässt sich ein Link nicht teilen.",
            en="A link cannot be shared for so long.",
            where="days",
            remedy_de="Wählen Sie 1, 3 oder 7 Tage.",
            remedy_en="Choose 1, 3 or 7 days.",
        )
    if not part.found:
        raise BadInput(
            "nothing_to_share",
            de="Es gibt noch kein Ergebnis, das Sie teilen können.",
            en="There is no result yet that you could share.",
            where="part",
            remedy_de="Warten Sie, bis die Prüfung fertig ist.",
            remedy_en="Wait until the check is done.",
        )
    part.share = new_key()
    part.share_until = min(timezone.now() + timedelta(days=days), part.expires_at)
    part.save(update_fields=["share", "share_until"])
    log.record("shared", "part", key[:6])
    return part.share


@transaction.atomic
def end(key: str) -> None:
    """End the shared link at once.

    Raises:
        NotFound: there is no such part.
    """
    if not Part.objects.filter(pk=key, expires_at__gt=timezone.now()).update(share=None, share_until=None):
        raise parts.unknown()
    log.record("share_ended", "part", key[:6])
