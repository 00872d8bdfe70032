"""A simulated machine brings its orders along, as a real one has them from the planning of its company; what a person enters goes before them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from nordlotse.iot.actions.example import planned_cycle
from nordlotse.iot.actions.simulating import source_of
from nordlotse.iot.models import Machine, Order, Simulation

#: So far back (µs) a simulated machine has orders.
_BACK = 14 * 86_400_000_000


@transaction.atomic
def prepare(machine: Machine, now: int) -> int:
    """Give a simulated machine the orders it has begun since the last time, end those that are over; return how many are new.

    What a person ended, deleted or began stays so: an order is given once, and none while one runs that the simulator does not know.
    A machine that is not simulated is left alone.
    """
    kept = Simulation.objects.filter(pk=machine.pk).select_related("machine__hall").first()
    if kept is None or kept.stopped:
        return 0
    last = machine.orders.aggregate(begin=Max("begin"))["begin"]
    # results are worked out after orders are given: what began before the newest of them was given, even if it is not there any more
    worked = machine.results.aggregate(computed=Max("computed"))["computed"]
    given = max((one for one in (last, worked) if one is not None), default=now - _BACK)
    running = {(one.name, one.begin): one for one in machine.orders.filter(end=None)}
    begin = min([given, *(at for _, at in running if at >= now - _BACK)])
    truth = source_of(kept).truth(begin, now).orders
    for order in truth:
        own = running.pop((order.number[:60], order.begin), None)
        if own is not None and order.end <= now:
            Order.objects.filter(pk=own.pk, end=None).update(end=order.end)
    if running:  # somebody's own order runs: the machine works on that
        return 0
    fresh = [
        Order(
            machine=machine,
            name=order.number[:60],
            part=order.product[:80],
            cycle=planned_cycle(order.part),
            begin=order.begin,
            end=order.end if order.end <= now else None,
        )
        for order in truth
        if order.begin > given and order.begin <= now
    ]
    Order.objects.bulk_create(fresh)
    return len(fresh)
