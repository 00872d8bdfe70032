"""One machine in one shift: states, parts and orders become the elements from which key figures are computed.

How time is counted (all exact, µs become fractions of a second):

* POT is the shift's length without the time nothing is known of (`no_data`, told in a flag: a lost connection is no stop).
* Planned stops (breaks, planned maintenance) reduce PBT only while the machine does not produce; what it produces in a break is production,
  and its time was busy time (`ran_in_planned_stop`).
* APT is producing, AUST setup, ADOT without order; idle, off and faults within PBT are ADET, each span one stop with its reason.
* Planned time per part: that of the order in which a part was counted; parts outside of all orders have none, then effectiveness is missing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.evaluate import mean_cycle
from nordlotse.iot.core.oee.values import Flag, Given, Stop
from nordlotse.iot.core.oee.written import duration
from nordlotse.iot.core.states.counters import Parts
from nordlotse.iot.core.states.shifts import Worked
from nordlotse.iot.core.states.values import SECOND, Span, State, StateFlag, cut

_STOPPED = frozenset({State.IDLE, State.OFF, State.FAULT})


@dataclass(frozen=True, slots=True)
class Order:
    """A production order: its part, the planned time per part (s), and when it was on the machine (µs; `end` None: still is)."""

    name: str
    part: str
    cycle: Fraction
    begin: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Parts that were not good: when it was noticed (µs), how many, and whether rework can save them."""

    at: int
    count: int
    rework: bool = False


@dataclass(frozen=True, eq=False)
class Observed:
    """What is known of a machine: states in order, parts counted, orders, rejects; `cost_per_hour` in euros."""

    machine: str
    spans: tuple[Span, ...]
    parts: Parts | None = None
    orders: tuple[Order, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    cost_per_hour: Fraction | None = None
    flags: tuple[StateFlag, ...] = field(default=())


def given_of(observed: Observed, shift: Worked) -> Given:
    """Return the elements of one shift. States that do not cover the shift leave UNKNOWN time, which is told and not counted."""
    inside = cut(observed.spans, shift.begin, shift.end)
    planned = [*shift.planned_stops, *(s for s in inside if s.state is State.PLANNED_STOP)]
    counted = _without(inside, planned)
    sums = {state: sum(s.length for s in counted if s.state is state) for state in State}
    known = sum(length for state, length in sums.items() if state is not State.UNKNOWN)
    unknown = _uncovered(shift, inside, planned)
    stops = tuple(Stop(_seconds(s.length), s.reason or s.state.label.de) for s in counted if s.state in _STOPPED)
    elements = {
        "POT": _seconds(known),
        "PDOT": _seconds(sums[State.PLANNED_STOP]),
        "APT": _seconds(sums[State.PRODUCING]),
        "AUST": _seconds(sums[State.SETUP]),
        "ADET": _seconds(sum(sums[state] for state in _STOPPED)),
        "ADOT": _seconds(sums[State.NO_ORDER]),
    }
    elements["PBT"] = elements["POT"] - elements["PDOT"]
    counts, notes = _counts(observed, shift)
    return Given(
        elements | counts,
        machine=observed.machine,
        shift=f"{shift.name} {shift.day.isoformat()}",
        stops=stops,
        cost_per_hour=observed.cost_per_hour,
        notes=(*_notes(unknown, inside, shift, planned), *notes, *_from_states(observed.flags, shift)),
    )


def _without(spans: Sequence[Span], planned: Sequence[Span]) -> list[Span]:
    """The spans with everything but producing turned into planned stop where a stop was planned."""
    windows = _union(planned)
    found: list[Span] = []
    for span in spans:
        if span.state in (State.PRODUCING, State.UNKNOWN):
            found.append(span)
            continue
        at = span.begin
        for begin, end in _touching(windows, span):
            if begin > at:
                found.append(span._replace(begin=at, end=begin))
            at = min(end, span.end)
            found.append(Span(max(begin, span.begin), at, State.PLANNED_STOP, "planned"))
        if at < span.end:
            found.append(span._replace(begin=at))
    return found


def _touching(windows: Sequence[tuple[int, int]], span: Span) -> Sequence[tuple[int, int]]:
    """The windows, in order and apart, that share time with a span."""
    first = bisect_right(windows, span.begin, key=lambda window: window[1])
    return windows[first : bisect_left(windows, span.end, key=lambda window: window[0])]


def _union(spans: Iterable[Span]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for begin, end in sorted((s.begin, s.end) for s in spans):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((begin, end))
    return made


def _uncovered(shift: Worked, inside: Sequence[Span], planned: Sequence[Span]) -> int:
    covered = sum(s.length for s in inside if s.state is not State.UNKNOWN)
    return shift.end - shift.begin - covered


def _counts(observed: Observed, shift: Worked) -> tuple[dict[str, Fraction], list[Flag]]:
    if observed.parts is None:
        return {}, []
    made = observed.parts.between(shift.begin, shift.end)
    here = [r for r in observed.rejected if shift.begin < r.at <= shift.end]
    scrap = sum(r.count for r in here if not r.rework)
    rework = sum(r.count for r in here if r.rework)
    counts = {
        "PQ": Fraction(made),
        "SQ": Fraction(scrap),
        "RQ": Fraction(rework),
        "GQ": Fraction(made - scrap - rework),
    }
    rows: list[tuple[Fraction | None, Fraction | None, Fraction | None]] = []
    placed, reached = 0, shift.begin
    for order in sorted(observed.orders, key=lambda o: (o.begin, o.name)):
        # an order that begins before the one before it ended takes over from there
        begin, end = max(order.begin, reached), min(shift.end if order.end is None else order.end, shift.end)
        if end <= begin:
            continue
        reached = end
        count = observed.parts.between(begin, end)
        lost = sum(r.count for r in here if begin < r.at <= end)
        placed += count
        rows.append((order.cycle, Fraction(count), Fraction(count - lost)))
    if made > placed:
        rows.append((None, Fraction(made - placed), None))
    cycle, note = mean_cycle(rows)
    notes = [note] if note else []
    if made > placed and observed.orders:
        notes.append(
            Flag(
                "parts_without_order",
                "warning",
                Text(f"{made - placed} Teile gehören zu keinem Auftrag.", f"{made - placed} parts belong to no order."),
                "PQ",
            )
        )
    return counts | ({} if cycle is None else {"PRI": cycle}), notes


def no_data(seconds: Fraction) -> Flag:
    """Return the flag that tells how much time nothing is known of."""
    long = duration(seconds)
    words = Text(f"{long.de} ohne Daten zählen nicht mit.", f"{long.en} without data do not count.")
    return Flag("no_data", "warning", words, "POT")


def _notes(unknown: int, inside: Sequence[Span], shift: Worked, planned: Sequence[Span]) -> list[Flag]:
    found: list[Flag] = []
    if unknown > 0:
        found.append(no_data(_seconds(unknown)))
    running, windows = [s for s in inside if s.state is State.PRODUCING], _union(planned)
    over = sum(max(0, min(s.end, end) - max(s.begin, begin)) for s in running for begin, end in _touching(windows, s))
    if over:
        long = duration(_seconds(over))
        found.append(
            Flag(
                "ran_in_planned_stop",
                "info",
                Text(
                    f"Die Maschine lief {long.de} in einem geplanten Stillstand; das zählt als Produktion.",
                    f"The machine ran for {long.en} in a planned stop; this counts as production.",
                ),
                "PDOT",
            )
        )
    return found


def _from_states(flags: Sequence[StateFlag], shift: Worked) -> list[Flag]:
    """One flag per code of what was decided about the data of this shift; missing data are told by their length already."""
    found: dict[str, Flag] = {}
    for flag in flags:
        if flag.code != "no_data" and flag.begin < shift.end and flag.end >= shift.begin:
            severity = (
                "warning" if flag.code in ("contradiction", "reset", "backwards", "too_many", "negative") else "info"
            )
            found.setdefault(flag.code, Flag(flag.code, severity, flag.text, str(flag.begin)))  # type: ignore[arg-type]
    return list(found.values())


def _seconds(length: int) -> Fraction:
    return Fraction(length, SECOND)
