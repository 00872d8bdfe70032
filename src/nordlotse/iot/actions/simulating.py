"""Simulated machines: begun with one click, with a year behind them and a value a second, and everything that other pages need.

Values depend on their moment alone (`core.simulator`), so what a worker left out while it was dead is made up, and what comes twice is the same.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput, TooMany
from nordlotse.iot import memory
from nordlotse.iot.actions import halls
from nordlotse.iot.actions.example import calendar, furnish, reckoned
from nordlotse.iot.core import simulator
from nordlotse.iot.core.gate import hand_in
from nordlotse.iot.core.showing.names import named
from nordlotse.iot.core.states.plans import calendar_kept
from nordlotse.iot.core.stores import micros
from nordlotse.iot.leaving import erase_machines, follow
from nordlotse.iot.models import Hall, Machine, Simulation
from nordlotse.iot.queries.limits import COMPANY_SIMULATIONS, SIMULATION_DAYS
from nordlotse.office import log

_log = logging.getLogger("nordlotse.iot")

SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
#: What one may choose, the first is the usual one: kind, what it is called, what one sees at it.
KINDS = (
    ("cnc", Text("CNC-Fräsmaschine", "CNC milling machine"), Text("Spindel, Vibration, Kühlmittel; ein Lager lässt sich beschädigen", "Spindle, vibration, coolant; a bearing can be damaged")),
    ("moulder", Text("Spritzgießmaschine", "Injection moulding machine"), Text("Zyklus, Druck, Temperaturen; ein Heizband lässt sich abschalten", "Cycle, pressure, temperatures; a heater band can be switched off")),
    ("oven", Text("Härteofen", "Hardening oven"), Text("Gas, Temperaturen, Tür; die Türdichtung lässt sich öffnen", "Gas, temperatures, door; the door's seal can be opened")),
)  # fmt: skip
#: Simulations that run at once in all, in one hall, and in all halls of a company.
MOST, MOST_OF_HALL, MOST_OF_COMPANY = 200, 3, COMPANY_SIMULATIONS
#: How far back the history goes, how much of it is fine, and the steps of both.
HISTORY, FINE = 365 * DAY, 14 * DAY
STEP, FINE_STEP = MINUTE, 10 * SECOND
#: Handed in at once: so much of the past while somebody waits for the page, and of the rest in the worker.
FIRST, PIECE = 10 * MINUTE, 30 * DAY
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the history of a simulated machine is there, 0 to 1."""

    done: float

    @property
    def percent(self) -> int:
        """Return it in whole per cent."""
        return int(self.done * 100)


def start(kind: str, *, user: Any, lang: Lang, address: str = "", hall: Hall | None = None) -> Machine:
    """Begin a simulated machine, in a hall of its own unless one is given; its last ten minutes are there when this returns.

    Raises:
        BadInput: `iot_simulator`.
        TooMany: `iot_halls`, `iot_simulations`, `iot_machines`.
        NotAvailable: `iot_not_running`, `iot_disk_full`.
    """
    title = next((name for key, name, _ in KINDS if key == kind), None)
    if title is None:
        raise BadInput(
            "iot_simulator",
            de="Diesen Simulator gibt es nicht.",
            en="There is no such simulator.",
            where="kind",
            remedy_de="Bitte eine der drei Maschinen wählen.",
            remedy_en="Choose one of the three machines.",
        )
    _check(hall, halls.company_of(user))
    now = micros() // SECOND * SECOND
    seed = _awake(kind, now, hall)
    made = hall or halls.create(
        user=user, lang=lang, address=address, name=Text("Beispielhalle", "Example hall").get(lang), is_example=True
    )
    machine: Machine | None = None
    try:
        with transaction.atomic():
            Hall.objects.select_for_update().get(pk=made.pk)  # two begun at once have two names
            machine = _machine(made, kind, title, lang)
        # handed in and reckoned while nothing is locked: on SQLite nobody else could write meanwhile, and the intake may take its time.
        # Before the simulation is written: a hall whose values nobody takes in would stand empty
        source = of(kind, seed, made.store, machine.name)
        hand_in(memory.folder(), source.at(now - FIRST, now, SECOND))
        furniture = reckoned(machine, source, now)
        with transaction.atomic():
            until = made.expires_at or timezone.now() + timedelta(days=SIMULATION_DAYS)
            Simulation.objects.create(
                machine=machine, kind=kind, seed=seed, history_from=now - FIRST, sent_until=now, until=until
            )
            furnish(machine, source, furniture, lang)
            log.record("simulated", "hall", made.pk[:6], user)
    except Exception:
        if hall is None:
            halls.delete(made, user)
        elif machine is not None and not follow(made.store, machine.name):  # somebody deleted it meanwhile, or we do
            with transaction.atomic():
                erase_machines(Machine.objects.filter(pk=machine.pk))
        raise
    _log.info("event=iot_simulation_began id=%s kind=%s", made.pk[:6], kind)
    return machine


@transaction.atomic
def lay(hall: Hall, kind: str, seed: int, lang: Lang, until: datetime) -> Machine:
    """Begin a simulated machine whose values the worker hands in, the past too: for an example that is made while no intake runs."""
    title = next(name for key, name, _ in KINDS if key == kind)
    now = micros() // SECOND * SECOND
    machine = _machine(hall, kind, title, lang)
    Simulation.objects.create(machine=machine, kind=kind, seed=seed, history_from=now, sent_until=now, until=until)
    source = of(kind, seed, hall.store, machine.name)
    furnish(machine, source, reckoned(machine, source, now), lang)
    return machine


def of(kind: str, seed: int, store: str, machine: str, faults: Any = ()) -> simulator.Simulation:
    """Return the source of a simulated machine's values. `faults`: as `Simulation.faults` keeps them."""
    told = [
        simulator.Fault(str(one["name"]), int(one["since"]), None if one.get("until") is None else int(one["until"]))
        for one in faults
    ]
    return simulator.Simulation(simulator.Machine(kind), seed, faults=told, company=store, machine=machine, around=True)


def source_of(kept: Simulation) -> simulator.Simulation:
    """Return the source of a kept simulation's values."""
    return of(kept.kind, kept.seed, kept.machine.hall.store, kept.machine.name, kept.faults)


def progress(machine: Machine) -> Progress | None:
    """Return how much of a simulated machine's history is there; None for a real machine, and when all of it is."""
    kept = Simulation.objects.filter(machine=machine).first()
    if kept is None:
        return None
    begin = _begin(kept)
    missing = kept.history_from - begin
    return Progress(max(0.0, 1 - missing / HISTORY)) if missing > 0 else None


def step(kept: Simulation, now: int) -> int:
    """Hand in what a simulated machine sent since the last time; return the moment up to which that is done, µs.

    Raises:
        NotAvailable: `iot_not_running`, …: nothing is lost, the next turn makes it up.
    """
    begin, end = kept.sent_until, now // SECOND * SECOND
    source = source_of(kept)
    while begin < end:
        stop = min(end, begin + 60 * MINUTE)
        hand_in(memory.folder(), source.at(begin, stop, SECOND))
        begin = stop
    return begin


def go_back(kept: Simulation) -> bool:
    """Hand in one more piece of a simulated machine's past, the newest first; return whether there was one.

    Raises:
        NotAvailable: as `step`.
    """
    end, begin = kept.history_from, _begin(kept)
    if end <= begin:
        return False
    fine = begin + HISTORY - FINE
    start, width = (max(fine, begin), FINE_STEP) if end > fine else (max(end - PIECE, begin), STEP)
    hand_in(memory.folder(), source_of(kept).at(start, end, width), seconds=60.0)
    if not Simulation.objects.filter(pk=kept.pk).update(history_from=start):
        follow(kept.machine.hall.store, kept.machine.name)
    return True


def running() -> list[Simulation]:
    """Return the simulated machines that run."""
    return list(
        Simulation.objects.filter(stopped=False, until__gt=timezone.now())
        .select_related("machine__hall")
        .order_by("pk")
    )


def give_up(kept: Simulation) -> None:
    """Stop a simulation whose values cannot be made: it would hold up all others every second."""
    Simulation.objects.filter(pk=kept.pk).update(stopped=True)
    _log.exception("event=iot_simulation_broke id=%s", kept.pk)


@transaction.atomic
def switch(machine: Machine, on: bool, user: Any = None) -> None:
    """Stop a simulated machine, or let it go on; what it missed is made up."""
    Simulation.objects.filter(machine=machine).update(stopped=not on)
    log.record("resumed" if on else "stopped", "machine", machine.hall.pk[:6], user)


def _begin(kept: Simulation) -> int:
    created = int(kept.machine.created_at.timestamp()) * SECOND
    return (created - HISTORY) // DAY * DAY


def _check(hall: Hall | None, company: tuple[str, str] | None) -> None:
    alive = Simulation.objects.filter(stopped=False, until__gt=timezone.now())
    of_company = alive.filter(machine__hall__company=company[0]) if company else alive.none()
    if (
        alive.count() >= MOST
        or (hall is not None and alive.filter(machine__hall=hall).count() >= MOST_OF_HALL)
        or of_company.count() >= MOST_OF_COMPANY
    ):
        raise TooMany(
            "iot_simulations",
            de="Gerade laufen so viele Simulatoren, wie möglich sind.",
            en="As many simulators as possible are running just now.",
            where="simulator",
            remedy_de="Löschen Sie einen, oder versuchen Sie es später wieder.",
            remedy_en="Delete one, or try again later.",
        )


def _awake(kind: str, now: int, hall: Hall | None) -> int:
    """Return a seed with which the machine runs just now: a visitor shall not wait for its break to end. Around midnight, when each is set up, soon.

    In a hall whose shifts a simulated machine brought along it rests when they do.
    """
    kept = hall.shifts if hall is not None else {}
    rests = [late for late in (False, True) if kept == calendar_kept(calendar(late))] or [False, True]
    best, wait = 1, HISTORY
    for _ in range(_TRIES):
        seed = secrets.randbelow(2**31 - 1) + 1
        if simulator.breaks_late(seed) not in rests:
            seed ^= simulator.LATE
        later = of(kind, seed, "local", "x").awake(now) - now
        if later < wait:
            best, wait = seed, later
        if not wait:
            break
    return best


def _machine(hall: Hall, kind: str, title: Text, lang: Lang) -> Machine:
    name, number = title.de, 1
    while hall.machines.filter(name=name).exists():
        number += 1
        name = f"{title.de} {number}"
    signals = {
        one.name: {"title": title_of(one.name, lang), "unit": one.unit, "role": _ROLES.get(one.name, "")}
        for one in simulator.signals(kind)
    }
    shown = title.get(lang) if number == 1 else f"{title.get(lang)} {number}"
    return halls.add_machine(hall, name, title=shown, kind=kind, signals=signals, euros_per_hour=Decimal(_EUROS[kind]))


def title_of(signal: str, lang: Lang) -> str:
    """Return what a simulated signal is called in a language."""
    return named(signal, lang)


#: Euros an hour of standstill costs in the example: invented, and marked so on the pages.
_EUROS = {"cnc": "85", "moulder": "70", "oven": "60"}
_ROLES = {"Strom": "current", "Leistung": "power", "Teile": "parts", "Ausschuss": "scrap"}
