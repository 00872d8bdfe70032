"""Orders on a machine and the parts noted by hand: begun, ended, rejects by a tap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.iot.models import Machine, Order
from nordlotse.office import log

#: Orders of a machine; the oldest goes when there are more.
MOST = 2_000
#: Taps of an order that keep their moment; then only the sums grow.
_TAPS = 2_000
_LARGEST = 1_000_000_000


@transaction.atomic
def begin(machine: Machine, name: str, cycle: float, at: int, *, part: str = "", actor: Any = None) -> Order:
    """Begin an order at a moment (µs); one that runs ends there. `cycle`: planned seconds per part.

    Raises:
        BadInput: `iot_order`: no name, no cycle, or it begins before the running one.
    """
    if not name.strip() or not 0 < cycle < 10_000_000:
        raise _wrong(
            "Ein Auftrag braucht einen Namen und einen Soll-Takt über 0.",
            "An order needs a name and a planned cycle above 0.",
        )
    running = machine.orders.select_for_update().filter(end=None).order_by("-begin").first()
    if running is not None and running.begin >= at:
        raise _wrong("Der laufende Auftrag hat später begonnen.", "The running order began later.")
    if running is not None:
        Order.objects.filter(pk=running.pk).update(end=at)
    if machine.orders.count() >= MOST:
        oldest = machine.orders.order_by("begin").first()
        if oldest is not None:
            oldest.delete()
    made = Order.objects.create(
        machine=machine, name=name.strip()[:60], part=part.strip()[:80], cycle=Decimal(str(round(cycle, 3))), begin=at
    )
    log.record("order_begun", "iot_machine", machine.pk, actor)
    return made


@transaction.atomic
def end(machine: Machine, number: int, at: int, *, made: int | None = None, scrap: int | None = None, rework: int | None = None, actor: Any = None) -> None:  # fmt: skip
    """End an order; `made`, `scrap`, `rework`: what was noted by hand (None: nothing noted, what there is stays).

    Raises:
        NotFound: `iot_no_order`.
        BadInput: `iot_order`: it ends before it began, or a number cannot be.
    """
    order = _order(machine, number)
    if order.end is None:
        if at <= order.begin:
            raise _wrong("Das Ende liegt nicht nach dem Beginn.", "The end does not lie after the begin.")
        order.end = at
    for field, value in (("made", made), ("scrap", scrap), ("rework", rework)):
        if value is not None:
            if not 0 <= value <= _LARGEST:
                raise _wrong("Die Stückzahl kann nicht stimmen.", "The number of parts cannot be right.")
            setattr(order, field, value)
    order.save(update_fields=["end", "made", "scrap", "rework"])
    log.record("order_ended", "iot_machine", machine.pk, actor)


@transaction.atomic
def tap(machine: Machine, number: int, kind: str, count: int, at: int, actor: Any = None) -> None:
    """Note rejects of an order at a moment: `kind` scrap or rework; a negative count takes back, down to none.

    Raises:
        NotFound: `iot_no_order`.
        BadInput: `iot_order`.
    """
    if kind not in ("scrap", "rework") or not -1000 <= count <= 1000 or not count:
        raise _wrong("Diese Angabe gibt es nicht.", "There is no such entry.")
    order = _order(machine, number)
    before = getattr(order, kind)
    count = max(count, -before)
    if not count:
        return
    setattr(order, kind, before + count)
    if len(order.taps) < _TAPS:
        order.taps = [*order.taps, [at, count, kind]]
    order.save(update_fields=[kind, "taps"])
    log.record("rejects_noted", "iot_machine", machine.pk, actor)


@transaction.atomic
def remove(machine: Machine, number: int, actor: Any = None) -> None:
    """Delete an order with what was noted for it.

    Raises:
        NotFound: `iot_no_order`.
    """
    _order(machine, number).delete()
    log.record("order_removed", "iot_machine", machine.pk, actor)


@transaction.atomic
def put_cycle(machine: Machine, cycle: float | None, actor: Any = None) -> None:
    """Keep the planned seconds per part that count where no order says, None: not known.

    Raises:
        BadInput: `iot_order`.
    """
    if cycle is not None and not 0 < cycle < 1_000_000:
        raise _wrong("Der Soll-Takt muss über 0 liegen.", "The planned cycle must be above 0.")
    machine.cycle = None if cycle is None else Decimal(str(round(cycle, 3)))
    machine.save(update_fields=["cycle"])
    log.record("cycle_set", "iot_machine", machine.pk, actor)


def _order(machine: Machine, number: int) -> Order:
    found = machine.orders.select_for_update().filter(pk=number).first()
    if found is None:
        raise NotFound(
            "iot_no_order",
            de="Diesen Auftrag gibt es nicht (mehr).",
            en="There is no such order (any more).",
            where="order",
        )
    return found


def _wrong(de: str, en: str) -> BadInput:
    return BadInput("iot_order", de=de, en=en, where="order")
