"""The results of shifts kept up to date: exactly those are worked out anew that late values, changed limits, stops, orders or plans concern."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from nordlotse.iot.core.states.kept import given_kept, given_read, shift_kept, shift_read, spans_kept
from nordlotse.iot.core.states.revising import ShiftResult as Held
from nordlotse.iot.core.states.revising import revise
from nordlotse.iot.core.states.shifts import Worked
from nordlotse.iot.models import Machine, ShiftResult, Simulation
from nordlotse.iot.queries.observing import LONG, Found, Observer

_log = logging.getLogger("nordlotse.iot")


def microseconds() -> int:
    """Return the time now, µs since 1970."""
    return time.time_ns() // 1000


def refresh(machine: Machine, now: int | None = None, seconds: float = 30.0) -> int:
    """Bring a machine's results up to date, the newest stretches first; return how many changed.

    Ends after `seconds`, with at least one stretch done; the rest has its turn next time.
    """
    moment = microseconds() if now is None else now
    observer = Observer(machine, moment)
    if observer.way is None or not observer.used:
        return 0
    rows = {row.begin: row for row in machine.results.filter(end__gt=observer.whole_from - LONG)}
    stretches = observer.workable((row.begin, row.end) for row in rows.values())
    _forget(rows, stretches, observer)
    made = Simulation.objects.filter(pk=machine.pk, stopped=False).values_list("history_from", flat=True).first() or 0
    # the stretch in which the horizon lies is worked out once and stays: not before a simulated past has reached it
    stretches = [s for s in stretches if s.begin >= made or not observer.past(s.begin)]
    until, count = time.monotonic() + seconds, 0
    for shift in sorted(stretches, key=lambda s: -s.begin):
        done = _one(machine, observer, shift, rows.get(shift.begin), moment)
        count += done or 0
        if done is not None and time.monotonic() > until:
            break
    return count


def _one(machine: Machine, observer: Observer, shift: Worked, row: ShiftResult | None, now: int) -> int | None:
    """Work one stretch out if anything it depends on has changed, or if it is still going on; return 1 if its result is new, None if nothing was to do."""
    seen = observer.seen(shift)
    why = () if row is None else observer.differs(row.seen, seen)
    settled = observer.settled(shift, now)
    if row is not None and not why and (row.settled or row.computed >= observer.until):
        return None
    known: Mapping[int, Held] = {}
    if row is not None and row.settled:
        known = {shift.begin: Held(shift_read(row.shift), given_read(row.given), row.computed, row.revision)}
    worked: list[Found] = []

    def compute(wanted: Worked) -> Any:
        worked.append(observer.found(wanted))
        return worked[-1].given

    # one stretch at a time, so a change concerns no other one
    made = revise(known, [shift], [(shift.begin, shift.begin)] if why else [], compute, now, before=0, after=0)
    if not worked:
        return None
    result, found = made.results[shift.begin], worked[-1]
    told = list(dict.fromkeys([*(row.why if row is not None else ()), *why])) if result.revised else []
    values: dict[str, Any] = {
        "end": shift.end,
        "shift": shift_kept(shift),
        "given": given_kept(found.given),
        "spans": spans_kept(found.spans),
        "energy": dict(found.energy),
        "seen": seen,
        "settled": settled,
        "computed": now,
        "revision": result.revision,
        "why": told if shift.begin in made.changed or row is None else row.why,
    }
    try:
        with transaction.atomic():
            ShiftResult.objects.update_or_create(machine=machine, begin=shift.begin, defaults=values)
    except IntegrityError:  # the worker and a page at the same moment: both worked out the same
        return 0
    return int(row is None or row.given != values["given"])


def _forget(rows: dict[int, ShiftResult], stretches: list[Worked], observer: Observer) -> None:
    """Take away results of stretches that the calendar no longer has, as far back as results are kept up to date."""
    if not stretches:
        return
    there, first = {s.begin for s in stretches}, stretches[0].begin
    gone = [
        row.pk for begin, row in rows.items() if begin not in there and row.end > first and not observer.past(row.begin)
    ]
    if gone:
        ShiftResult.objects.filter(pk__in=gone).delete()
        _log.info("event=iot_results_forgotten machine=%s count=%s", observer.machine.pk, len(gone))
