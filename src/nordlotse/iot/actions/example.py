"""What a simulated machine brings along so that every page has something to show: shifts, orders, stops with reasons. All of it invented and marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from nordlotse.foundation.language import Lang, Text
from nordlotse.iot.actions import rules, shifts
from nordlotse.iot.core import simulator
from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.core.states.shifts import Calendar, Shift
from nordlotse.iot.models import Machine, Order, Stop

_DAY, _SECOND = 86_400_000_000, 1_000_000
#: Days of orders and of stops with reasons; the last day's stops are left to whoever looks.
ORDER_DAYS, STOP_DAYS = 60, 14
#: A stop shorter than this (µs) has no reason said.
_SHORT = 3 * 60 * _SECOND

#: The best repeatable time of a part as a share of the usual one: a planned cycle is that, else half of all shifts were faster than planned.
_BEST = 0.96

#: The simulator's own words, by the reasons of the house.
_SAID = {
    "Rüsten": "setup",
    "Anfahren": "adjust",
    "Werkzeug wechseln": "setup",
    "Messen": "quality",
    "Qualität prüfen": "quality",
    "Material fehlt": "material",
    "Charge fehlt": "material",
    "Kein Bediener": "staff",
    "Spänestau": "jam",
    "Teil klemmt": "jam",
    "Störung Werkzeugwechsler": "breakdown",
    "Störung Handhabung": "breakdown",
    "Störung Gebläse": "breakdown",
    "Werkzeugbruch": "tool",
    "Pause": "break",
}

#: The simulator works around the clock: its own three shifts of eight hours, on every day; minutes.
_EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_SHIFTS = (("Nacht", 0), ("Früh", 480), ("Spät", 960))
#: When the break begins after a shift's begin, by `simulator.breaks_late`, and how long it is.
_RESTS, _REST = (180, 270), 20

#: Two rules for each kind: the signal, the words, the limits. They lie beyond what the machine does without a fault: in 14 days of 8 mills vibration
#: reached 2.7 and the spindle 45 °C. A bearing fault, which grows for two minutes, is told after 45 s in the middle of 48 tries, 96 % of them within 60 s.
_RULES: dict[str, tuple[tuple[str, Text, dict[str, Any]], ...]] = {
    "cnc": (
        ("Vibration", Text("Spindel vibriert stark", "Spindle vibrates strongly"), {"kind": "above", "high": 3.2, "hysteresis": 0.5, "delay": 5.0, "clear_after": 60.0}),
        ("Spindeltemperatur", Text("Spindel zu warm", "Spindle too warm"), {"kind": "above", "high": 49.0, "hysteresis": 1.0, "delay": 10.0}),
    ),
    "moulder": (
        ("Zylindertemperatur 2", Text("Zylinder zu kalt", "Barrel too cold"), {"kind": "below", "low": 215.0, "hysteresis": 2.0, "delay": 20.0}),
        ("Öltemperatur", Text("Öl zu warm", "Oil too warm"), {"kind": "above", "high": 48.5, "hysteresis": 0.5, "delay": 30.0}),
    ),
    "oven": (
        ("Ofentemperatur", Text("Ofen zu heiß", "Oven too hot"), {"kind": "above", "high": 235.0, "hysteresis": 3.0, "delay": 30.0}),
        ("Ofentemperatur", Text("Ofen meldet sich nicht", "Oven does not report"), {"kind": "silent", "silence": 300.0}),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Furniture:
    """What is to be written of a simulated machine's past: orders and stops with reasons, reckoned before anything is locked."""

    orders: tuple[Order, ...]
    stops: tuple[Stop, ...]


def furnish(machine: Machine, source: simulator.Simulation, furniture: Furniture, lang: Lang) -> None:
    """Give a simulated machine shifts, orders, stops and rules, in the caller's transaction."""
    if not machine.hall.shifts:
        shifts.put(machine.hall, calendar(simulator.breaks_late(source.seed)), "system")
    for signal, name, limits in _RULES[machine.kind]:
        rules.put(machine, signal, {"name": name.get(lang), **limits}, user="system")
    Order.objects.bulk_create(furniture.orders)
    Stop.objects.bulk_create(furniture.stops)


def reckoned(machine: Machine, source: simulator.Simulation, now: int) -> Furniture:
    """Return the orders and stops of a simulated machine up to `now` (µs), from the simulator's truth: it takes up to a second."""
    orders = tuple(
        Order(
            machine=machine,
            name=one.number,
            part=one.product,
            cycle=planned_cycle(one.part),
            begin=one.begin,
            end=one.end if one.end <= now else None,
        )
        for one in source.truth(now - ORDER_DAYS * _DAY, now).orders
    )
    known = shipped_reasons()
    said = [
        (one, known[_SAID[one.reason]])
        for one in source.truth(now - STOP_DAYS * _DAY, now - _DAY).stretches
        if one.reason in _SAID and one.end - one.begin >= _SHORT
    ]
    stops = tuple(
        Stop(machine=machine, begin=one.begin, end=one.end, reason=reason.id, state=str(reason.state))
        for one, reason in said
    )
    return Furniture(orders, stops)


def planned_cycle(part: float) -> Decimal:
    """Return the planned seconds per part of an order whose parts take `part` µs on the average: the best that can be repeated."""
    return Decimal(str(round(part * _BEST / _SECOND, 3)))


def calendar(late: bool) -> Calendar:
    """Return the shifts in which simulated machines work, with early or late breaks (`simulator.breaks_late`)."""
    made = tuple(
        Shift(name, _EVERY_DAY, _clock(begin), _clock(begin + 480), ((_clock(rest), _clock(rest + _REST)),))
        for name, begin in _SHIFTS
        for rest in [begin + _RESTS[late]]
    )
    return Calendar(made, state=None)


def _clock(minute: int) -> time:
    return time(*divmod(minute % 1440, 60))
