"""How a machine's states are told: found by itself, corrected by a person, by another signal, forgotten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.states import ways
from nordlotse.iot.core.states.pausing import ANSWERS, Pauses
from nordlotse.iot.core.states.ways import Way
from nordlotse.iot.models import Machine
from nordlotse.iot.queries import states as queries
from nordlotse.office import log

#: An answer is worked out so often while others change what it is worked out from.
_TRIES = 3


def find(machine: Machine, now: int) -> Way | None:
    """Find how to tell the states of a machine that nobody has said anything about; look again where there was little to see.

    Returns the way that counts now, None where there is no signal to tell by.
    """
    before = ways.read(machine.states)
    if before is not None and not queries.unsure(before, machine, now):
        return before
    found = queries.proposal(machine, now) if before is None else queries.found_again(machine, before, now)
    if found is None:
        return before
    with transaction.atomic():
        if not _unchanged(machine):  # somebody has said something meanwhile, and that counts
            return ways.read(machine.states)
        _keep(machine, found)
    return found


@transaction.atomic
def keep(machine: Machine, way: Way, actor: Any) -> None:
    """Let a way count that a person has looked at, made from what `machine` holds.

    Raises:
        BadInput: `iot_states_changed`: somebody else has changed it since.
    """
    if not _unchanged(machine):
        raise _changed()
    _keep(machine, way)
    log.record("states_set", "iot_machine", machine.pk, actor)


def answer(machine: Machine, pauses: Pauses, now: int, actor: Any) -> None:
    """Keep what somebody said of the pauses within a machine's cycle: they belong to the work, or the machine stands in them.

    It holds for the past too: the shifts are worked out anew. What somebody changes while the values are read stays: then they are read again.

    Raises:
        BadInput: `iot_pauses`: there is no such question; `iot_pauses_unseen`; `iot_states_changed`: it was changed again and again.
    """
    for _ in range(_TRIES):
        made = _answered(machine, pauses, now)
        with transaction.atomic():
            if _unchanged(machine):
                _keep(machine, made)
                log.record("states_pauses_said", "iot_machine", machine.pk, actor)
                return
    raise _changed()


def _answered(machine: Machine, pauses: Pauses, now: int) -> Way:
    way = ways.read(machine.states)
    if way is None or way.rhythm is None or pauses not in ANSWERS:
        raise BadInput(
            "iot_pauses",
            de="Zu dieser Maschine gibt es diese Frage nicht mehr.",
            en="This question is no longer asked of this machine.",
            where="pauses",
            remedy_de="Laden Sie die Seite neu.",
            remedy_en="Load the page again.",
        )
    return queries.with_pauses(machine, way, pauses, now)


@transaction.atomic
def forget(machine: Machine, actor: Any) -> None:
    """Take the way back; it is found anew."""
    machine.states = {}
    machine.save(update_fields=["states"])
    log.record("states_forgotten", "iot_machine", machine.pk, actor)


@transaction.atomic
def put_rate(machine: Machine, euros: float | None, actor: Any) -> None:
    """Keep what an hour of standstill costs (EUR), None: not known.

    Raises:
        BadInput: `iot_rate`.
    """
    if euros is not None and not 0 <= euros < 100_000:
        raise BadInput(
            "iot_rate",
            de="Der Stundensatz muss zwischen 0 und 100.000 € liegen.",
            en="The hourly rate must lie between 0 and €100,000.",
            where="rate",
        )
    machine.euros_per_hour = None if euros is None else Decimal(str(round(euros, 2)))
    machine.save(update_fields=["euros_per_hour"])
    log.record("rate_set", "iot_machine", machine.pk, actor)


def _unchanged(machine: Machine) -> bool:
    """Tell whether the way of a machine is kept as it was read, and hold it until the transaction ends; if not, it is read again."""
    row = Machine.objects.select_for_update().filter(pk=machine.pk).first()
    if row is None or row.states != machine.states:
        machine.states = row.states if row is not None else machine.states
        return False
    return True


def _changed() -> BadInput:
    return BadInput(
        "iot_states_changed",
        de="Eben hat jemand die Zustände dieser Maschine geändert.",
        en="Somebody has just changed the states of this machine.",
        remedy_de="Laden Sie die Seite neu und sehen Sie nach, ob Ihre Änderung noch nötig ist.",
        remedy_en="Load the page again and see whether your change is still needed.",
    )


def _keep(machine: Machine, way: Way) -> None:
    machine.states = way.as_dict()
    machine.save(update_fields=["states"])
