"""The states of a machine: how they are told, now, and on a day; marks for charts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from datetime import time as clock

import numpy as np
from django.db.models import Q

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.measures import reason_name
from nordlotse.iot.core.spreadsheet import figure, when, zone_name
from nordlotse.iot.core.states import ways
from nordlotse.iot.core.states.counters import parts_of
from nordlotse.iot.core.states.kept import spans_read
from nordlotse.iot.core.states.pausing import Pauses, Rhythm
from nordlotse.iot.core.states.reasons import Said, with_reasons
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.seen import HOUR
from nordlotse.iot.core.states.shifts import local_day, moment
from nordlotse.iot.core.states.silence import distance_of, heard
from nordlotse.iot.core.states.values import SECOND, Span, State, cut, joined
from nordlotse.iot.core.states.ways import Way
from nordlotse.iot.models import Machine, ShiftResult, Stop
from nordlotse.iot.queries.observing import Observer

#: What a way is found in at most (µs), back from the newest value.
_LOOK = 3 * 86_400 * SECOND
#: For the state now so much (µs) is read.
_NOW = 3600 * SECOND
#: What could not tell any state is looked at again after so much more (µs).
_SOON = 60 * SECOND
#: A counter's cycle is the median of so many pauses at least.
_RHYTHM = 5


@dataclass(frozen=True, slots=True)
class Now:
    """The state of a machine now: `since` µs, of UNKNOWN the last value; `longer`: it may have begun earlier."""

    state: State
    reason: str
    since: int
    longer: bool


def microseconds() -> int:
    """Return the time now, µs since 1970."""
    return time.time_ns() // 1000


def way_of(machine: Machine) -> Way | None:
    """Return how a machine's states are told, None where nothing has been found yet."""
    return ways.read(machine.states)


def unsure(way: Way, machine: Machine, now: int) -> bool:
    """Tell whether a way should be looked at again: nobody corrected it, it was found in little, and there is more now, later or earlier; or pauses were never looked for."""
    if way.kind != "found" or way.levels is None:
        return False
    if not way.looked:
        return True
    if way.corrected:
        return False
    before = way.seen[1] - way.seen[0]
    if before >= ways.ENOUGH or (not way.levels.flags and before >= 6 * 3600 * SECOND):
        return False
    observer = Observer(machine, now)
    more = _older(observer, way) >= max(before // 2, HOUR)
    return more or observer.newest - way.looked_at[1] >= (_SOON if way.undecided else max(before // 2, 600 * SECOND))


def _older(observer: Observer, way: Way) -> int:
    """Return how long (µs, by whole hours) before what was looked at for a way values lie now: a file, or a simulated machine's past, comes in later."""
    if way.signal not in observer.names:
        return 0
    hours = observer.hours(way.signal)
    filled = hours.begin[(hours.count > 0) & (hours.begin >= observer.newest - _LOOK)]
    return way.looked_at[0] - int(filled[0]) if len(filled) else 0


def found_again(machine: Machine, before: Way, now: int) -> Way | None:
    """Return what is found now of a machine whose way is `unsure`: what somebody said of its pauses and its silence stays; None where there is nothing new.

    A way that tells states is not given up for one that cannot tell any yet: then it stays, and says how far it has looked.
    """
    if not before.looked:
        return ways.looked_in(before, _lately(Observer(machine, now), before.signal))
    found = proposal(machine, now, pauses=before.pauses)
    if found is None or found.seen in (before.seen, before.tried):
        return None
    if found.undecided and not before.undecided:
        # `seen` stays: nothing was found there, and a stretch of days would end the looking
        return replace(before, tried=found.seen)
    return replace(found, on_change=before.on_change)


def with_pauses(machine: Machine, way: Way, pauses: Pauses, now: int) -> Way:
    """Return a way as it would be read if somebody said that of the pauses within its cycle.

    Where the last days do not show the rhythm any more, the values are read in which it was found.

    Raises:
        BadInput: `iot_pauses_unseen`: those are gone too.
    """
    observer = Observer(machine, now)
    try:
        return ways.answered(way, _lately(observer, way.signal), pauses)
    except BadInput:
        begin, end = max(way.seen[0], way.seen[1] - _LOOK), way.seen[1] + 1
        return ways.answered(way, observer.signal(way.signal, begin, end), pauses)


def open_question(machine: Machine) -> Rhythm | None:
    """Return the rhythm of a machine of whose pauses nobody has said yet whether they are standstill, None where nothing is open."""
    way = way_of(machine)
    return way.rhythm if way is not None and way.asks else None


def _lately(observer: Observer, name: str) -> Signal:
    return observer.signal(name, observer.newest - _LOOK, observer.newest + 1)


def proposal(machine: Machine, now: int, name: str = "", pauses: Pauses = "") -> Way | None:
    """Return a way found in a signal (`name`, else the current or power of the machine, else a part counter), None where there is none.

    `pauses`: what somebody said of those within the signal's cycle.
    """
    observer = Observer(machine, now)
    chosen = name or next(
        (observer.roles[r] for r in ("current", "power") if observer.roles.get(r) in observer.names), ""
    )
    if chosen and chosen in observer.names and observer.roles.get("parts") != chosen:
        signal = _lately(observer, chosen)
        if len(signal.time) >= 2:
            return ways.found_in(chosen, signal, pauses)
    counter = chosen or observer.roles.get("parts", "") or observer.roles.get("good", "")
    if counter not in observer.names:
        return None
    signal = _lately(observer, counter)
    apart = np.diff(parts_of(signal.time, signal.value).time)
    if len(apart) < _RHYTHM:
        return None
    seen = (int(signal.time[0]), int(signal.time[-1]))
    cycle = max(int(np.median(apart)), SECOND)
    return Way("counter", counter, cycle=cycle, seen=seen, distance=distance_of(signal))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far finding the states is: in how many µs values came and how many, µs after which the first look is, and after which states are told surely."""

    there: int
    values: int
    first: int
    surely: int

    @property
    def due(self) -> bool:
        """Tell whether there is enough: states are told as soon as somebody has looked."""
        return self.there >= self.surely


def progress(machine: Machine, way: Way, at: int) -> Progress:
    """Return how far finding the states of a machine is whose way is undecided; `at`: now (µs)."""
    observer = Observer(machine, at)
    signal = _lately(observer, way.signal)
    return Progress(heard(signal), len(signal.time), ways.LEAST, way.needed)


@dataclass(frozen=True, slots=True)
class Around:
    """What is kept of a machine around now: words on stops, and results."""

    stops: tuple[Stop, ...]
    results: tuple[ShiftResult, ...]


def around(machines: Sequence[Machine], at: int) -> dict[int, Around]:
    """Return what is kept of machines around a moment (µs) that telling their state takes, by their number: read at once."""
    stops: dict[int, list[Stop]] = {}
    for stop in Stop.objects.filter(Q(end=0) | Q(end__gt=at - _NOW), machine__in=machines, begin__lt=at):
        stops.setdefault(stop.machine_id, []).append(stop)
    results: dict[int, list[ShiftResult]] = {}
    rows = ShiftResult.objects.filter(machine__in=machines, begin__lte=at, end__gt=at - _NOW)
    for row in rows.defer("seen", "given", "energy").order_by("begin"):
        results.setdefault(row.machine_id, []).append(row)
    return {m.pk: Around(tuple(stops.get(m.pk, ())), tuple(results.get(m.pk, ()))) for m in machines}


def now(machine: Machine, at: int | None = None, kept: Around | None = None) -> Now | None:
    """Return the state of a machine now, None where no states are told; UNKNOWN where it has been silent for too long.

    `kept`: what `around` read.
    """
    moment_ = microseconds() if at is None else at
    if ways.read(machine.states) is None:
        return None
    if kept is None:
        kept = around([machine], moment_)[machine.pk]
    spans = told(machine, moment_ - _NOW, moment_, kept.stops)
    last = spans[-1]
    if last.state is State.UNKNOWN:
        newest = Observer(machine, moment_).newest
        return Now(last.state, "", min(last.begin, newest) if newest else last.begin, longer=False)
    row = next((one for one in reversed(kept.results) if one.begin <= last.begin < one.end), None)
    since, longer = last.begin, last.begin <= moment_ - _NOW
    if longer and row is not None:
        before = cut(spans_read(row.spans), row.begin, last.begin + 1)
        if before and before[-1].state is last.state:
            since, longer = before[-1].begin, before[-1].begin <= row.begin
    return Now(last.state, last.reason, since, longer)


def told(machine: Machine, begin: int, end: int, stops: Iterable[Stop] | None = None) -> tuple[Span, ...]:
    """Return the states of [begin, end) with the reasons people gave (`stops` where they were read already), worked out now.

    UNKNOWN where nothing is known.
    """
    way = ways.read(machine.states)
    if way is None or end <= begin:
        return (Span(begin, max(end, begin), State.UNKNOWN),)
    observer = Observer(machine, end)
    if stops is None:
        stops = machine.stops.filter(Q(end=0) | Q(end__gt=begin), begin__lt=end)
    words = [Said(s.begin, s.end or end, s.reason, State(s.state), int(s.said_at.timestamp() * SECOND)) for s in stops]
    return with_reasons(observer.states(begin, end), words)


def bands(machine: Machine, begin: int, end: int) -> tuple[Span, ...]:
    """Return the states of a stretch for a chart: from the kept results where they are, what is newer worked out now; a day at most of that."""
    rows = machine.results.filter(begin__lt=end, end__gt=begin).order_by("begin")
    found: list[Span] = []
    for row in rows:
        found.extend(spans_read(row.spans))
    reached = max((s.end for s in found), default=begin)
    if reached < end and end - reached <= 86_400 * SECOND:
        found.extend(told(machine, max(reached, begin), min(end, microseconds())))
    return cut(joined(found), begin, end)


def day(machine: Machine, wanted: date | None, zone: str, at: int) -> tuple[date, tuple[Span, ...], int, int]:
    """Return the states of a local day up to now (None: that of the newest value), with its begin and end µs.

    What lies behind the machine's newest value is unknown too, as on the page of use.
    """
    observer = Observer(machine, at)
    chosen = wanted or local_day(max(observer.until - 1, 0), zone)
    begin = moment(chosen, clock(0), zone)
    end = moment(chosen + timedelta(days=1), clock(0), zone)
    reached = max(begin, min(end, observer.until))
    spans = told(machine, begin, reached) if reached > begin else ()
    over = max(min(end, at), begin + 1)
    silence = (Span(reached, over, State.UNKNOWN),) if over > reached else ()
    return chosen, joined([*spans, *silence]), begin, end


def day_rows(spans: Iterable[Span]) -> Iterator[tuple[str, ...]]:
    """Yield all stretches of a day as rows for a German spreadsheet, a heading first; to the second, with the zone of Berlin's time."""
    yield ("von", "Zone", "bis", "Zone", "Zustand", "Grund", "Sekunden")
    for s in spans:
        moments = (when(s.begin), zone_name(s.begin), when(s.end), zone_name(s.end))
        yield *moments, s.state.label.de, reason_name(s.reason).de if s.reason else "", figure(s.length / SECOND, 3)


def preview(machine: Machine, way: Way, at: int) -> tuple[Span, ...]:
    """Return the states of the last day as a way would tell them that does not count yet."""
    observer = Observer(machine, at)
    observer.way = replace(way)
    return observer.states(observer.until - 86_400 * SECOND, observer.until)


def lengths(spans: Sequence[Span]) -> list[tuple[State, int, float]]:
    """Return for each state its length (s) and share, the longest first."""
    whole = sum(s.length for s in spans) or 1
    sums: dict[State, int] = {}
    for span in spans:
        sums[span.state] = sums.get(span.state, 0) + span.length
    return [
        (state, length // SECOND, length / whole) for state, length in sorted(sums.items(), key=lambda item: -item[1])
    ]
