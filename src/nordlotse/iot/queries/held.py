"""Kept results of several machines read at once: a page of a hall asks the database as often for sixty machines as for six."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from nordlotse.iot.models import Machine, Order, ShiftResult

#: Machines whose results are held at once: two weeks of one take a few megabytes.
AT_ONCE = 20
_NAME = "held_results"


@dataclass(frozen=True, slots=True)
class _Held:
    """Results that begin in [begin, end) µs, by their begin; `rejects`: somebody noted scrap or rework for an order of the machine."""

    begin: int
    end: int
    rows: tuple[ShiftResult, ...]
    rejects: bool


def groups(machines: Sequence[Machine]) -> Iterator[Sequence[Machine]]:
    """Yield machines in groups that may be held at once."""
    for place in range(0, len(machines), AT_ONCE):
        yield machines[place : place + AT_ONCE]


def hold(machines: Sequence[Machine], begin: int, end: int) -> None:
    """Read the results that begin in [begin, end) µs of machines at once; they are held by the machines until `release`."""
    rows: dict[int, list[ShiftResult]] = {}
    asked = ShiftResult.objects.filter(machine__in=machines, begin__gte=begin, begin__lt=end)
    for row in asked.defer("seen").order_by("begin"):
        rows.setdefault(row.machine_id, []).append(row)
    noted = _noted(machines)
    for machine in machines:
        machine.__dict__[_NAME] = _Held(begin, end, tuple(rows.get(machine.pk, ())), machine.pk in noted)


def release(machines: Sequence[Machine]) -> None:
    """Let go of what machines hold."""
    for machine in machines:
        machine.__dict__.pop(_NAME, None)


def results(machine: Machine, begin: int, end: int) -> list[ShiftResult]:
    """Return the results of a machine that begin in [begin, end) µs, by their begin: those it holds, else as they are kept."""
    held = machine.__dict__.get(_NAME)
    if isinstance(held, _Held) and held.begin <= begin and end <= held.end:
        return [row for row in held.rows if begin <= row.begin < end]
    return list(machine.results.filter(begin__gte=begin, begin__lt=end).order_by("begin"))


def rejects(machine: Machine) -> bool:
    """Tell whether somebody has noted scrap or rework for an order of a machine."""
    held = machine.__dict__.get(_NAME)
    return held.rejects if isinstance(held, _Held) else machine.pk in _noted([machine])


def newest(machines: Sequence[Machine]) -> dict[int, int]:
    """Return the end (µs) of the newest result of each machine that has one, by its number."""
    rows = ShiftResult.objects.filter(machine__in=machines).values("machine_id").order_by("machine_id")
    return {row["machine_id"]: row["last"] for row in rows.annotate(last=Max("end"))}


def computed(machines: Sequence[Machine]) -> dict[int, int]:
    """Return when (µs) the last result of each machine that has one was worked out, by its number."""
    rows = ShiftResult.objects.filter(machine__in=machines).values("machine_id").order_by("machine_id")
    return {row["machine_id"]: row["last"] for row in rows.annotate(last=Max("computed"))}


def _noted(machines: Sequence[Machine]) -> set[int]:
    rows = Order.objects.filter(Q(scrap__gt=0) | Q(rework__gt=0), machine__in=machines)
    return set(rows.values_list("machine_id", flat=True).distinct())
