"""Switching faults of a simulated machine on and off."""

from __future__ import annotations

import time

from django.db import transaction

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.iot.core.simulator.kinds import faults
from nordlotse.iot.models import Machine, Simulation

#: So many faults that are over are remembered: the simulation still knows that they were mended.
_OVER = 50


def switch(machine: Machine, name: str, on: bool) -> None:
    """Switch a fault on or off; nothing changes where it is so already.

    Raises:
        NotFound: `iot_not_simulated`.
        BadInput: `iot_no_fault`.
    """
    with transaction.atomic():
        found = Simulation.objects.select_for_update().filter(pk=machine.pk).first()
        if found is None:
            raise NotFound(
                "iot_not_simulated",
                de="Diese Maschine ist nicht simuliert.",
                en="This machine is not simulated.",
                where="machine",
                remedy_de="Fehler einschalten geht nur bei einer simulierten Maschine.",
                remedy_en="Faults can be switched on at a simulated machine only.",
            )
        if name not in {sort.name for sort in faults(found.kind)}:
            raise BadInput(
                "iot_no_fault",
                de="Diesen Fehler kennt die Maschine nicht.",
                en="The machine does not know this fault.",
                where="fault",
                remedy_de="Wählen Sie einen Fehler von der Seite der Maschine.",
                remedy_en="Choose a fault from the machine's page.",
            )
        now = time.time_ns() // 1000
        running = [one for one in found.faults if one.get("until") is None]
        over = [one for one in found.faults if one.get("until") is not None][-_OVER:]
        if on and all(one["name"] != name for one in running):
            running.append({"name": name, "since": now})
        elif not on:
            over += [{**one, "until": now} for one in running if one["name"] == name]
            running = [one for one in running if one["name"] != name]
        found.faults = [*over, *running]
        found.save(update_fields=["faults"])
