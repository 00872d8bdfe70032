"""Letting a part belong to a company of `journey`: whose members find it on their page. The room above has checked that they may."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import NotAllowed
from nordlotse.office import log
from nordlotse.print3d.models import Part, PartList
from nordlotse.print3d.queries import parts


@transaction.atomic
def attach(key: str, company: str, actor: Any = None) -> None:
    """Let a part belong to a company, "" to none; the caller has checked that `actor` is one of its members.

    Raises:
        NotFound: there is no such part (any more).
        NotAllowed: it belongs to another company.
    """
    parts.by_key(key)
    part = Part.objects.select_for_update().filter(pk=key, expires_at__gt=timezone.now()).first()
    if part is None:
        raise parts.unknown()
    if company and part.company not in ("", company):  # of two companies at once the first one gets it
        raise NotAllowed(
            "part_of_another_company",
            de="Dieses Teil liegt schon bei einem anderen Betrieb.",
            en="This part belongs to another company already.",
            where="part",
            remedy_de="Wer dort Mitglied ist, kann es wieder lösen.",
            remedy_en="A member of that company can detach it.",
        )
    if part.company != company:
        part.company = company
        part.save(update_fields=["company"])
        log.record("attached" if company else "detached", "part", key[:6], actor)


def move(old: str, new: str) -> int:
    """Let parts and lists of one company belong to another, in the caller's transaction; return how many there were."""
    if not old:
        return 0
    return sum(model.objects.filter(company=old).update(company=new) for model in (Part, PartList))
