"""One machine's stretches of time worked out from its values and from what people said: states, parts, energy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from nordlotse.iot import memory
from nordlotse.iot.core.energy import Profile, energy_of, from_current, from_meter, from_power
from nordlotse.iot.core.oee.values import Given
from nordlotse.iot.core.roles import roles, scale_of
from nordlotse.iot.core.states import ways
from nordlotse.iot.core.states.counters import Parts, joined_parts, lost_none, parts_of
from nordlotse.iot.core.states.period import Observed, Order, Rejected, given_of
from nordlotse.iot.core.states.plans import calendar_read, stretches
from nordlotse.iot.core.states.reasons import Said, with_reasons
from nordlotse.iot.core.states.rules import LONGEST_HOLD, Signal
from nordlotse.iot.core.states.seen import HOUR, changed, hour_of, mark, mark_hours
from nordlotse.iot.core.states.shifts import Calendar, Worked
from nordlotse.iot.core.states.values import SECOND, Span, State
from nordlotse.iot.core.values import EARLIEST, Buckets, Floats, Kind, Quality, Series
from nordlotse.iot.models import Machine
from nordlotse.iot.models import Order as Kept

#: Results are kept up to date so far back from the newest value (µs).
HORIZON = 35 * 24 * HOUR
#: No stretch is longer (µs).
LONG = 48 * HOUR
#: A machine that sent nothing for so long is looked at up to its last value, not up to now (µs).
QUIET = 48 * HOUR
#: Values that come within this time (µs) after a shift are not late.
GRACE = 120 * SECOND
#: A counter's reading before a stretch is looked for so far back (µs): ten years.
_LONGEST_PAST = 10 * 366 * 24 * HOUR
_NOTHING = Signal(np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True, slots=True)
class Found:
    """What was worked out for a stretch: elements, states with reasons, seconds and kWh by state, and from what."""

    given: Given
    spans: tuple[Span, ...]
    energy: Mapping[str, Any]


class Observer:
    """A machine with all that is needed to work its time out; reads values only where they are needed."""

    def __init__(self, machine: Machine, now: int) -> None:
        """Look at what there is of the machine up to `now` (µs)."""
        self.machine = machine
        self.calendar: Calendar = calendar_read(machine.hall.shifts)
        self.way = ways.read(machine.states)
        with memory.looked(machine.hall.store) as reader:
            self.names = tuple(sorted(s.signal for s in reader.series() if s.machine == machine.name))
            newest = [int(rows.time[-1]) for name in self.names if len(rows := reader.latest(self._series(name)))]
        self.newest = min(max(newest, default=0), now)
        self.until = now if now - self.newest < QUIET else self.newest + SECOND
        self.roles = roles(machine.signals, self.names)
        self._first = hour_of(self.until - HORIZON)
        self._count = hour_of(self.until) + 1 - self._first
        self._hours: dict[str, Buckets] = {}
        self._earlier: dict[str, int] = {}

    @cached_property
    def _stops(self) -> list[tuple[Said, int]]:
        """What people said of stops, each with its end as it is kept (0: it goes on); read only where it has a say."""
        return [
            (Said(s.begin, s.end or max(self.until, s.begin + 1), s.reason, State(s.state), int(s.said_at.timestamp() * SECOND)), s.end)
            for s in self.machine.stops.all()
        ]  # fmt: skip

    @cached_property
    def _orders(self) -> list[Kept]:
        return sorted(self.machine.orders.all(), key=lambda one: (one.begin, one.pk))

    @property
    def used(self) -> tuple[str, ...]:
        """Return the signals whose values have a say in a result."""
        names = [
            self.way.signal if self.way else "",
            *(self.roles.get(r, "") for r in ("parts", "good", "scrap")),
            self.meter[1],
        ]
        return tuple(dict.fromkeys(name for name in names if name in self.names))

    @property
    def from_file(self) -> bool:
        """Tell whether the newest value of each signal that has a say came from a file."""
        with memory.looked(self.machine.hall.store) as reader:
            rows = [reader.latest(self._series(name)) for name in self.used]
        return any(map(len, rows)) and all(int(r.quality[-1]) & Quality.IMPORTED for r in rows if len(r))

    @property
    def meter(self) -> tuple[str, str]:
        """Return what energy is told by (energy, power, current; "" by nothing) and the signal; one whose unit is not known tells nothing."""
        return next(
            (
                (role, self.roles[role])
                for role in ("energy", "power", "current")
                if role in self.roles and scale_of(self.unit(self.roles[role]), role) is not None
            ),
            ("", ""),
        )

    @property
    def scale(self) -> float:
        """Return what values of the meter are multiplied with to be kWh, W or A."""
        role, name = self.meter
        return scale_of(self.unit(name), role) or 1.0

    @cached_property
    def values_from(self) -> int:
        """Return the moment (µs) from which all values that have a say are there: what lies before was let go after its time (`core.retention`)."""
        with memory.looked(self.machine.hall.store) as reader:
            return max((reader.kept_from(self._series(name)) for name in self.used), default=EARLIEST)

    @cached_property
    def whole_from(self) -> int:
        """Return the moment (µs) from which hours are looked at and their values are there; before it nothing that was worked out is touched."""
        return max(self._first * HOUR, self.values_from)

    def past(self, begin: int) -> bool:
        """Tell whether the result of a stretch with this begin (µs) stays as it is: some of what it was worked out from is not looked at any more."""
        return begin - self.reach < self.whole_from

    def lost(self, begin: int) -> bool:
        """Tell whether values of a stretch with this begin (µs) were let go: what can be worked out of the rest would be false."""
        return begin - self.reach < self.values_from

    def stretches(self) -> Iterator[Worked]:
        """Yield shifts and the time between them from the first value within the horizon up to the last moment looked at."""
        first = min(
            (int(np.argmax(h.count > 0)) for h in map(self.hours, self.used) if h.count.any()), default=self._count
        )
        begin = (self._first + first) * HOUR
        if begin < self.until:
            yield from (
                s for s in stretches(self.calendar, begin, self.until) if s.begin < self.until and s.end > begin
            )

    def workable(self, kept: Iterable[tuple[int, int]]) -> list[Worked]:
        """Return the stretches that can be worked out beside results that are `kept` (begin and end, µs).

        Results whose values have left the hours looked at, or were let go, stay as they are, and nothing counts twice.
        """
        stay = [(begin, end) for begin, end in kept if self.past(begin)]
        return [
            s
            for s in self.stretches()
            if not self.lost(s.begin) and not any(begin < s.end and end > s.begin for begin, end in stay)
        ]

    def differs(self, before: Mapping[str, Any], seen: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what differs between the marks a result was worked out by and those of now, in the hours looked at."""
        return changed(before, seen, hour_of(self.whole_from))

    def seen(self, shift: Worked) -> dict[str, Any]:
        """Return marks of everything a stretch's result depends on."""
        reach = self.reach
        end = min(shift.end, self.until)
        columns = []
        for name in self.used:
            first = (
                self._before(name, shift.begin)
                if name != (self.way.signal if self.way else "")
                else shift.begin - reach
            )
            columns.append(
                (
                    self.hours(name),
                    range(
                        hour_of(min(first, shift.begin - reach)) - self._first, hour_of(end + reach) + 1 - self._first
                    ),
                )
            )
        # the end of a stop that goes on moves with every look: of it only what lies in the stretch has a say
        stops = [
            [s.begin, min(kept or shift.end, shift.end), s.reason, s.state, s.said]
            for s, kept in self._stops
            if s.begin < shift.end and s.end > shift.begin
        ]
        orders = [
            [o.name, str(Fraction(o.cycle)), o.begin, o.end, o.made, o.scrap, o.rework, o.taps]
            for o in self._orders
            if o.begin < shift.end and (o.end is None or o.end > shift.begin)
        ]
        way = {} if self.way is None else {k: v for k, v in self.way.as_dict().items() if k not in ways.BESIDE}
        return {
            "hours": mark_hours(columns, self._first),
            "limits": mark([way, self.used, self.meter, self.scale]),
            "stops": mark(stops),
            "orders": mark([orders, None if self.machine.cycle is None else str(Fraction(self.machine.cycle))]),
            "plan": mark([shift.name, shift.begin, shift.end, shift.breaks]),
        }

    @property
    def reach(self) -> int:
        """Return how far (µs) values around a stretch have a say in it."""
        return max(LONGEST_HOLD, self.way.reach if self.way is not None else 0)

    def settled(self, shift: Worked, now: int) -> bool:
        """Tell whether a stretch's result is final as long as nothing comes late."""
        # marks are made of whole hours: the last of them has to be over
        return now >= (hour_of(shift.end + self.reach) + 1) * HOUR + GRACE

    def found(self, shift: Worked) -> Found:
        """Work a stretch out, up to the last moment looked at."""
        shift = replace(shift, end=min(shift.end, self.until))
        begin, end = shift.begin, shift.end
        spans = with_reasons(self.states(begin, end), (s for s, _ in self._stops if s.begin < end and s.end > begin))
        observed = self._observed(shift, spans)
        given = given_of(observed, shift)
        return Found(given, spans, self._energy(spans, begin, end))

    def states(self, begin: int, end: int) -> tuple[Span, ...]:
        """Return the states of [begin, end) as signals tell them; UNKNOWN where there is no way."""
        if self.way is None or self.way.signal not in self.names:
            return (Span(begin, end, State.UNKNOWN),)
        return self.way.spans(self.signal(self.way.signal, begin - self.way.reach, end + self.way.reach), begin, end)

    def signal(self, name: str, begin: int, end: int) -> Signal:
        """Return the numbers of a signal with begin ≤ time < end (µs)."""
        with memory.looked(self.machine.hall.store) as reader:
            rows = reader.rows(self._series(name), begin, end)
        sound = rows.kind != Kind.TEXT
        return Signal(rows.time[sound], rows.value[sound]) if len(rows) else _NOTHING

    def hours(self, name: str) -> Buckets:
        """Return a signal's hours within the horizon."""
        if name not in self._hours:
            begin, end = self._first * HOUR, (self._first + self._count) * HOUR
            with memory.looked(self.machine.hall.store) as reader:
                self._hours[name] = reader.buckets(self._series(name), begin, end, self._count)
        return self._hours[name]

    def means(self, name: str, begin: int, end: int, count: int) -> Floats:
        """Return the mean of a signal in `count` equal stretches of [begin, end), NaN where none."""
        with memory.looked(self.machine.hall.store) as reader:
            return reader.buckets(self._series(name), begin, end, count).mean

    def unit(self, name: str) -> str:
        """Return the unit a person confirmed for a signal, "" where none."""
        return str(self.machine.signals.get(name, {}).get("unit", ""))

    def _series(self, name: str) -> Series:
        return Series(self.machine.hall.store, self.machine.name, name)

    def _before(self, name: str, at: int) -> int:
        """Return the begin of the last hour before a moment that holds a value: there a counter's reading before it stands."""
        place = hour_of(at) - self._first
        filled = np.flatnonzero(self.hours(name).count[: max(place, 0)])
        if len(filled):
            return (self._first + int(filled[-1])) * HOUR
        edge = min(at, self._first * HOUR)
        earlier = self._earlier.get(name, 0) if edge < at else 0
        if not earlier:
            earlier = self._last_before(name, edge)
            if edge < at:
                self._earlier[name] = earlier
        return earlier if earlier < edge else hour_of(at) * HOUR

    def _last_before(self, name: str, at: int) -> int:
        """Return the begin of the hour of a signal's last value before a moment outside of the hours looked at, the moment itself where there is none."""
        back = HOUR
        with memory.looked(self.machine.hall.store) as reader:
            # step by step further back: a long past is not decoded for its last value
            while at - back > EARLIEST and back < _LONGEST_PAST:
                rows = reader.rows(self._series(name), at - back, at)
                if len(rows):
                    return hour_of(int(rows.time[-1])) * HOUR
                back *= 8
        return at

    def _counter(self, role: str, begin: int, end: int) -> Parts | None:
        name = self.roles.get(role, "")
        if name not in self.names:
            return None
        signal = self.signal(name, self._before(name, begin), end + 1)
        # readings that repeat tell nothing new
        new = np.concatenate(([True], np.diff(signal.value) != 0)) if len(signal.time) else np.empty(0, bool)
        found = parts_of(signal.time[new], signal.value[new])
        inside = (found.time > begin) & (found.time <= end)
        flags = tuple(f for f in found.flags if f.end > begin and not lost_none(f, signal, found))
        return Parts(found.time[inside], found.count[inside], flags)

    def _observed(self, shift: Worked, spans: tuple[Span, ...]) -> Observed:
        begin, end = shift.begin, shift.end
        made, good, scrap = (self._counter(role, begin, end) for role in ("parts", "good", "scrap"))
        parts = made if made is not None else joined_parts(good, scrap) if good is not None else self._by_hand()
        rejected = list(self._rejected())
        if scrap is not None:
            rejected += [Rejected(int(t), int(c)) for t, c in zip(scrap.time, scrap.count, strict=True)]
        elif made is not None and good is not None:
            # more good parts than parts gives a negative number here, and a flag further on: it is shown, not cut
            rejected.append(Rejected(end, made.between(begin, end) - good.between(begin, end)))
        orders = tuple(self._planned(begin, end))
        return Observed(
            self.machine.title or self.machine.name,
            spans,
            parts,
            orders,
            tuple(rejected),
            None,
            tuple(flag for one in (made, good, scrap) if one is not None for flag in one.flags),
        )

    def _planned(self, begin: int, end: int) -> Iterator[Order]:
        """The orders of a stretch; where there is none the machine's own planned time per part holds."""
        own = None if self.machine.cycle is None else Fraction(self.machine.cycle)
        reached = begin
        for order in self._orders:
            last = end if order.end is None else order.end
            if order.begin >= end or last <= begin:
                continue
            if own is not None and order.begin > reached:
                yield Order("", "", own, reached, order.begin)
            yield Order(order.name, order.part, Fraction(order.cycle), order.begin, order.end)
            reached = max(reached, last)
        if own is not None and reached < end:
            yield Order("", "", own, reached, end)

    def _by_hand(self) -> Parts | None:
        """Parts noted by hand for orders that have ended, spread evenly over the order's shifts: minute by minute, in whole parts."""
        times, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        noted = [(o.begin, o.end, o.made) for o in self._orders if o.made is not None and o.end is not None]
        for begin, end, made in noted:
            # a part counts for the shift it was made in: the last minute ends with the shift
            moments = [
                np.minimum(np.arange(s.begin, s.end, 60 * SECOND) + 60 * SECOND, s.end)
                for s in self._shifts(begin, end)
                if s.end > s.begin
            ]
            ticks = np.concatenate(moments) if moments else np.array([end], np.int64)
            share = np.arange(1, len(ticks) + 1, dtype=np.int64) * made // len(ticks)
            times.append(ticks)
            counts.append(np.diff(share, prepend=0))
        if not noted:
            return None
        time, count = np.concatenate(times), np.concatenate(counts)
        order_of = np.argsort(time, kind="stable")
        kept = order_of[count[order_of] > 0]
        return Parts(time[kept], count[kept], ())

    def _shifts(self, begin: int, end: int) -> list[Worked]:
        inside = [s for s in stretches(self.calendar, begin, end) if s.name]
        return [
            replace(s, begin=max(s.begin, begin), end=min(s.end, end))
            for s in inside
            if s.end > begin and s.begin < end
        ]

    def _rejected(self) -> Iterator[Rejected]:
        for order in self._orders:
            left = {"scrap": order.scrap, "rework": order.rework}
            for at, count, kind in order.taps:
                left[kind] -= count
                yield Rejected(int(at), int(count), kind == "rework")
            for kind, count in left.items():
                if count > 0 and order.end is not None:
                    yield Rejected(order.end, count, kind == "rework")

    def _energy(self, spans: tuple[Span, ...], begin: int, end: int) -> dict[str, Any]:
        role, name = self.meter
        if name not in self.names:
            return {}
        profile = self.profile(role, name, begin, end)
        found = energy_of(profile, spans, begin, end)
        return {
            "from": role,
            "states": {state.value: [share.seconds, share.kwh] for state, share in found.by_state.items()},
            "flags": sorted({flag.code for flag in found.flags}),
        }

    def profile(self, role: str, name: str, begin: int, end: int) -> Profile:
        """Return the energy of a stretch over time."""
        first = self._before(name, begin) if role == "energy" else begin - LONGEST_HOLD
        signal = self.signal(name, first, end + (LONGEST_HOLD if role == "energy" else 0))
        signal = Signal(signal.time, signal.value * (scale_of(self.unit(name), role) or 1.0))
        if role == "energy":
            return from_meter(signal)
        return from_power(signal) if role == "power" else from_current(signal)
