"""States from signals by rules: thresholds with hysteresis, shortest durations, and from the rhythm of a part counter."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.states.values import SECOND, Span, State, joined
from nordlotse.iot.core.values import Floats, Times, distinct

Truths = NDArray[np.bool_]
#: A value holds until the next one, but never longer than this (µs); then nothing is known any more.
LONGEST_HOLD = 15 * 60 * SECOND
#: A value holds for so many of its signal's usual distances, and at least for so long (µs): a late message is no gap. Own settings.
USUAL_DISTANCES, SHORTEST_HOLD = 10, 30 * SECOND


def hold_of(distance: int) -> int:
    """Return how long (µs) a value holds whose signal usually comes every `distance` µs; 0: not known, then as long as any value may."""
    if distance <= 0:
        return LONGEST_HOLD
    return min(max(USUAL_DISTANCES * distance, SHORTEST_HOLD), LONGEST_HOLD)


@dataclass(frozen=True, eq=False)
class Signal:
    """Values of one signal: `time` (n,) µs, sorted, each once; `value` (n,). A value holds from its time on."""

    time: Times
    value: Floats


@dataclass(frozen=True, slots=True)
class Condition:
    """True from `enter` on until `leave` is passed. enter > leave: true when high (≥ enter … < leave); enter < leave: true when low.

    The distance between both is the hysteresis; equal: true from `enter` upwards, no hysteresis.
    """

    signal: str
    enter: float
    leave: float

    def holds(self, value: Floats) -> Truths:
        """Return for each value (n,) whether the condition holds; between both limits the last clear answer stands.

        Before the first clear answer the middle between both limits decides. NaN leaves the answer as it was.
        """
        sign = 1.0 if self.enter >= self.leave else -1.0
        high, low = sign * self.enter, sign * self.leave
        signed = sign * value
        clear = np.where(signed >= high, 1, np.where(signed < low, 0, -1))
        last = np.maximum.accumulate(np.where(clear >= 0, np.arange(len(clear)), -1))
        begun = signed[:1][0] >= (high + low) / 2 if len(signed) else False
        answer: Truths = np.where(last >= 0, clear[np.maximum(last, 0)], begun) == 1
        return answer


@dataclass(frozen=True, slots=True)
class Rule:
    """A state that holds while all conditions do; the first rule that holds counts."""

    state: State
    conditions: tuple[Condition, ...]
    reason: str = ""


def by_rules(
    signals: Mapping[str, Signal],
    rules: Sequence[Rule],
    begin: int,
    end: int,
    *,
    otherwise: State = State.IDLE,
    shortest: int = 0,
    longest_hold: int = LONGEST_HOLD,
) -> tuple[Span, ...]:
    """Return the states of [begin, end): UNKNOWN where a signal that the rules need has no value.

    `shortest` µs: a state that lasts less is part of the state around it. Signals without any value make all UNKNOWN.
    """
    names = {condition.signal for rule in rules for condition in rule.conditions}
    used = {name: signals.get(name, Signal(np.empty(0, np.int64), np.empty(0))) for name in names}
    edges = [np.array([begin, end], np.int64)]
    for signal in used.values():
        edges.extend((signal.time, signal.time + longest_hold))
    time = distinct(np.concatenate(edges))
    time = time[(time >= begin) & (time <= end)]
    known = np.ones(len(time), bool)
    code = np.full(len(time), len(rules), np.int64)
    held: dict[str, NDArray[np.int64]] = {}
    for name, signal in used.items():
        place = np.searchsorted(signal.time, time, side="right") - 1
        held[name] = place
        near = place >= 0
        near[near] = time[near] - signal.time[place[near]] < longest_hold
        known &= near
    for number in range(len(rules) - 1, -1, -1):
        truth = known.copy()
        for condition in rules[number].conditions:
            if known.any():
                truth[known] &= condition.holds(used[condition.signal].value)[held[condition.signal][known]]
        code[truth] = number
    states = [*((rule.state, rule.reason) for rule in rules), (otherwise, "")]
    kept = np.concatenate(([True], (np.diff(code) != 0) | (np.diff(known) != 0)))
    kept[-1] = True
    time, code, known = time[kept], code[kept], known[kept]
    spans = joined(
        Span(int(a), int(b), *(states[int(c)] if k else (State.UNKNOWN, "")))
        for a, b, c, k in zip(time, time[1:], code, known, strict=False)
    )
    return settled(spans, shortest)


def settled(spans: Sequence[Span], shortest: int) -> tuple[Span, ...]:
    """Return the spans with each that lasts less than `shortest` µs taken into the longer of its neighbours, the shortest ones first.

    UNKNOWN neither goes nor takes: a gap in the data is no state. Time is only moved, never lost.
    """
    chain = list(joined(spans))
    before, after = list(range(-1, len(chain) - 1)), list(range(1, len(chain) + 1))
    gone = [False] * len(chain)
    heap = [(span.length, place) for place, span in enumerate(chain) if span.length < shortest]
    heapq.heapify(heap)
    while heap:
        length, place = heapq.heappop(heap)
        own = chain[place]
        if gone[place] or own.length != length or own.state is State.UNKNOWN:
            continue
        around = [n for n in (before[place], after[place]) if _takes(chain, n, own)]
        if not around:
            continue
        into = max(around, key=lambda n: chain[n].length)
        chain[place] = own._replace(state=chain[into].state, reason=chain[into].reason)
        for other in around:
            if chain[other][2:] == chain[place][2:]:
                first, second = min(place, other), max(place, other)
                chain[place] = chain[place]._replace(begin=chain[first].begin, end=chain[second].end)
                gone[other] = True
                before[place], after[place] = before[first], after[second]
                if before[place] >= 0:
                    after[before[place]] = place
                if after[place] < len(chain):
                    before[after[place]] = place
        if chain[place].length < shortest:
            heapq.heappush(heap, (chain[place].length, place))
    return joined(sorted(span for span, lost in zip(chain, gone, strict=True) if not lost))


def _takes(chain: Sequence[Span], place: int, own: Span) -> bool:
    if not 0 <= place < len(chain) or chain[place].state is State.UNKNOWN:
        return False
    return chain[place].end == own.begin or chain[place].begin == own.end


def by_parts(parts: Times, cycle: int, begin: int, end: int, *, slack: float = 2.0) -> tuple[Span, ...]:
    """Return the states that the rhythm of finished parts tells: producing while parts follow within `slack` cycles, else idle.

    `parts`: (n,) µs, when a part was finished. After a longer pause the machine counts as producing for one cycle before the part.
    """
    limit = int(cycle * slack)
    spans: list[Span] = []
    last = begin
    for part in np.asarray(parts, np.int64):
        done = int(min(max(part, begin), end))
        start = last if done - last <= limit else done - cycle
        spans.extend((Span(last, start, State.IDLE), Span(start, done, State.PRODUCING)))
        last = done
    rest = State.PRODUCING if len(parts) and end - last <= limit else State.IDLE
    return joined((*spans, Span(last, end, rest)))
