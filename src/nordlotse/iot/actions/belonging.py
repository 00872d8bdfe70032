"""What `journey` does to a company's halls: two entries of one company become one, or a member leaves."""

from __future__ import annotations

from collections.abc import Collection

from nordlotse.iot.leaving import erase_named
from nordlotse.iot.models import Hall, Named


def left(company: str, mails: Collection[str]) -> int:
    """Let a company's alarms go no more to the addresses of somebody who left it, in the caller's transaction; return how many there were."""
    found = (
        Named.objects.filter(hall__company=company, mail__in=mails).exclude(mail="")
        if company
        else Named.objects.none()
    )
    return erase_named(found)


def move(old: str, new: str) -> int:
    """Let halls of one company belong to another, in the caller's transaction; return how many there were. Shared links go on."""
    return Hall.objects.filter(company=old).update(company=new) if old else 0
