"""Who read which case: noted for everybody but the company itself, which may see the list."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from nordlotse.foundation.role import Role
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import AccessRecord, Case
from nordlotse.journey.queries.access import Who

#: Reading on within this time is the same visit.
ONE_VISIT = timedelta(minutes=10)


def note_read(who: Who, case: Case) -> None:
    """Note that somebody has read a case; the company's own reading is nobody's business."""
    if who.actor not in (Actor.EXPERT, Actor.COORDINATOR):
        return
    user = who.user if who.user is not None and who.user.is_authenticated else None
    lately = AccessRecord.objects.filter(case=case, user=user, person=who.person, at__gt=timezone.now() - ONE_VISIT)
    if not lately.exists():
        role = Role.EXPERT if who.actor == Actor.EXPERT else Role.COORDINATOR
        AccessRecord.objects.create(case=case, user=user, person=who.person, role=role)
