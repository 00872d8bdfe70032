"""The worker's chore on results: states found where nobody has said how, shifts brought up to date; every minute."""

from __future__ import annotations

import logging
import time

from django.db.models import Q
from django.utils import timezone

from nordlotse.iot.actions import results, simulated, states, stops
from nordlotse.iot.models import Machine

_log = logging.getLogger("nordlotse.iot")
#: Seconds a machine has in one turn, and all of them together.
_MACHINE, _TURN = 5.0, 45.0
#: The machine after which the next turn begins, where one turn was too short for all.
_place = [0]


def run(now: int | None = None) -> int:
    """Bring all machines up to date, each in its turn; return how many results changed. A machine that fails keeps no other waiting."""
    until, count = time.monotonic() + _TURN, 0
    here = Q(hall__expires_at__isnull=True) | Q(hall__expires_at__gt=timezone.now())
    numbers = list(Machine.objects.filter(here).order_by("pk").values_list("pk", flat=True))
    numbers = [pk for pk in numbers if pk > _place[0]] + [pk for pk in numbers if pk <= _place[0]]
    _place[0] = 0
    for pk in numbers:
        # read only when its turn comes: what somebody says of it in the meantime counts
        machine = Machine.objects.filter(pk=pk).select_related("hall").first()
        if machine is None:
            continue
        try:
            moment = results.microseconds() if now is None else now
            simulated.prepare(machine, moment)
            states.find(machine, moment)
            stops.close(machine, moment)
            count += results.refresh(machine, now, _MACHINE)
        except Exception:  # whatever it was: the other machines go on, and this one comes round again
            _log.exception("event=iot_result_failed machine=%s", pk)
        if time.monotonic() > until:
            _place[0] = pk
            break
    return count
