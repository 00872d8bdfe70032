"""How much of a period is worked out: numbers of a part of it would look like results of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import prefetch_related_objects

from nordlotse.foundation.problem import Problem
from nordlotse.iot.core.periods import Period
from nordlotse.iot.core.states.plans import calendar_read
from nordlotse.iot.core.states.seen import hour_of
from nordlotse.iot.core.states.shifts import Worked, local_day, worked
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.models import Machine, ShiftResult, Simulation
from nordlotse.iot.queries.observing import HORIZON, LONG, Observer

#: A shift that goes on is worked out anew each minute; so far (µs) its result may lie behind.
_BEHIND = 10 * 60 * SECOND
#: Machines looked at; a page of more waits for the first ones only.
MOST = 12


@dataclass(frozen=True, slots=True)
class Underway:
    """How many shifts of a period are worked out (`done`), and how many there are (`whole`)."""

    done: int
    whole: int

    @property
    def waiting(self) -> bool:
        """Tell whether some are still to be worked out."""
        return self.done < self.whole

    @property
    def percent(self) -> int:
        """Return the share that is done in whole per cent; 100 only when all is."""
        return 100 if not self.waiting else self.done * 100 // self.whole

    def seconds_left(self, done_before: int, elapsed: float) -> int | None:
        """Return how many seconds the rest takes if it goes on as in the `elapsed` seconds since `done_before` were done; None while nobody can tell."""
        made = self.done - done_before
        return None if made <= 0 or elapsed <= 0 else max(1, round((self.whole - self.done) * elapsed / made))


def underway(machines: Iterable[Machine], wanted: Period, now: int) -> Underway:
    """Return how much of a period is worked out, of the first machines of a hall (`MOST`); what cannot be read waits for nothing."""
    looked = [sound for _, sound in _each(machines, wanted.begin, wanted.end, now)]
    return Underway(sum(looked), len(looked))


def weeks_underway(machine: Machine, now: int) -> frozenset[date]:
    """Return the Mondays of the weeks of which something is still to be worked out, as far back as results are kept up to date."""
    zone = calendar_read(machine.hall.shifts).zone
    days = {local_day(at, zone) for at, sound in _each([machine], now - HORIZON - LONG, now, now) if not sound}
    return frozenset(day - timedelta(days=day.weekday()) for day in days)


def _each(machines: Iterable[Machine], begin: int, end: int, now: int) -> Iterator[tuple[int, bool]]:
    """Yield the begin (µs) of each shift that begins in [begin, end) and can be worked out, and whether it is."""
    first = list(machines)[:MOST]
    prefetch_related_objects(first, "stops", "orders")
    rows: dict[int, list[ShiftResult]] = {}
    # the shift in which the horizon lies is worked out too, and its numbers move until it is
    kept = ShiftResult.objects.filter(machine__in=first, begin__gte=max(begin, now - HORIZON - LONG), begin__lt=end)
    for row in kept.defer("spans", "given", "energy"):
        rows.setdefault(row.machine_id, []).append(row)
    made = dict(Simulation.objects.filter(pk__in=first, stopped=False).values_list("pk", "history_from"))
    for machine in first:
        try:
            its = {row.begin: row for row in rows.get(machine.pk, ())}
            yield from _of(machine, begin, end, now, its, made.get(machine.pk))
        except (Problem, OSError, TimeoutError):
            continue


def _of(
    machine: Machine, begin: int, end: int, now: int, rows: Mapping[int, ShiftResult], made: int | None
) -> list[tuple[int, bool]]:
    """The shifts of one machine; `made`: from when on (µs) a simulated one's past is there."""
    observer = Observer(machine, now)
    since = max(begin, now - HORIZON)
    if made is not None and made > since - LONG:  # its past is still being made, the newest first
        until = min(end, now)
        calendar = calendar_read(machine.hall.shifts)
        shifts = [s for s in worked(calendar, since, until) if begin <= s.begin < until] if until > since else []
        there = [(s.begin, s.begin >= made and _sound(observer, s, rows.get(s.begin), now)) for s in shifts]
        return there or [(since, made <= since)]
    if observer.way is None or not observer.used:
        return []
    shifts = observer.workable((row.begin, row.end) for row in rows.values())
    return [(s.begin, _sound(observer, s, rows.get(s.begin), now)) for s in shifts if s.name and begin <= s.begin < end]


def _sound(observer: Observer, shift: Worked, row: ShiftResult | None, now: int) -> bool:
    """Tell whether a shift's result is there and nothing it depends on has changed since; the newest minutes of a shift that goes on may be missing."""
    if row is None:
        return False
    if observer.past(shift.begin):
        return True
    seen, before = observer.seen(shift), row.seen
    if observer.settled(shift, now) and row.settled:
        return not observer.differs(before, seen)
    if row.computed < min(shift.end, observer.until) - _BEHIND:
        return False
    last = hour_of(row.computed)
    return not observer.differs(_until(before, last), _until(seen, last))


def _until(seen: dict[str, object], last: int) -> dict[str, object]:
    """Marks of what lay before an hour: in that hour values come in all the time."""
    hours = seen.get("hours")
    kept = {hour: mark for hour, mark in hours.items() if int(hour) < last} if isinstance(hours, dict) else hours
    return {**seen, "hours": kept}
