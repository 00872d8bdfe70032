"""Many words on a machine's states become one state for every moment, whatever overlaps, contradicts or has no end.

The result is a partition of the window: no gap, no overlap, the same whatever the order of the entries. Flags tell what was decided:

`end_missing`      the entry ended where the next one of its rank began, or at the window's end
`reversed`         the end lies before the begin: left out
`empty`            begin and end are the same: left out
`outside`          wholly outside of the window: left out
`overlap`          two entries say the same of the same time: counted once
`contradiction`    two entries differ: the higher rank counts, within a rank the later word, then the later begin
`no_data`          nothing is said of a stretch: UNKNOWN
"""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.iot.core.states.values import Entry, Span, State, StateFlag, joined

_TEXTS = {
    "end_missing": Text("Das Ende fehlt; es gilt bis zur nächsten Angabe.", "The end is missing; it holds until the next entry."),
    "reversed": Text("Das Ende liegt vor dem Beginn; die Angabe zählt nicht.", "The end lies before the begin; the entry does not count."),
    "empty": Text("Beginn und Ende sind gleich; die Angabe zählt nicht.", "Begin and end are the same; the entry does not count."),
    "outside": Text("Die Angabe liegt außerhalb des Zeitraums.", "The entry lies outside of the period."),
    "overlap": Text("Zwei Angaben sagen dasselbe; sie zählen einmal.", "Two entries say the same; they count once."),
    "contradiction": Text("Zwei Angaben widersprechen sich; die stärkere, dann die spätere gilt.", "Two entries contradict each other; the stronger, then the later one counts."),
    "no_data": Text("Für diese Zeit gibt es keine Angabe.", "Nothing is known of this time."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timeline:
    """One state for every moment of a window, and what had to be decided for it."""

    spans: tuple[Span, ...]
    flags: tuple[StateFlag, ...]


def resolve(entries: Iterable[Entry], begin: int, end: int) -> Timeline:
    """Return the states of the window [begin, end), µs."""
    flags: list[StateFlag] = []
    usable = _usable(sorted(set(entries), key=_key), begin, end, flags)
    spans: list[Span] = []
    heap: list[tuple[tuple[object, ...], int]] = []
    edges = sorted({begin, end, *(e.begin for e in usable), *(e.end or end for e in usable)})
    order = sorted(range(len(usable)), key=lambda place: usable[place].begin)
    upcoming = 0
    for left, right in itertools.pairwise(edges):
        while upcoming < len(order) and usable[order[upcoming]].begin <= left:
            place = order[upcoming]
            heapq.heappush(heap, (_strength(usable[place], place), place))
            upcoming += 1
        while heap and (usable[heap[0][1]].end or end) <= left:
            heapq.heappop(heap)
        chosen = usable[heap[0][1]] if heap else None
        spans.append(
            Span(left, right, State.UNKNOWN) if chosen is None else Span(left, right, chosen.state, chosen.reason)
        )
    whole = joined(spans)
    flags.extend(_flag("no_data", s.begin, s.end) for s in whole if s.state is State.UNKNOWN)
    flags.extend(_doubled(usable, end))
    return Timeline(whole, tuple(sorted(flags, key=lambda flag: (flag.begin, flag.end, flag.code))))


def _usable(entries: Sequence[Entry], begin: int, end: int, flags: list[StateFlag]) -> list[Entry]:
    """Clip to the window, close what has no end, leave out what cannot be."""
    begins: dict[int, list[int]] = {}
    for entry in entries:
        begins.setdefault(entry.rank, []).append(entry.begin)
    found: list[Entry] = []
    for entry in entries:
        last = entry.end
        if last is None:
            following = bisect_right(begins[entry.rank], entry.begin)
            last = begins[entry.rank][following] if following < len(begins[entry.rank]) else end
            flags.append(_flag("end_missing", max(entry.begin, begin), max(min(last, end), begin)))
        elif last <= entry.begin:
            flags.append(_flag("empty" if last == entry.begin else "reversed", last, entry.begin))
            continue
        if entry.begin >= end or last <= begin:
            flags.append(_flag("outside", entry.begin, last))
            continue
        found.append(
            Entry(max(entry.begin, begin), min(last, end), entry.state, entry.reason, entry.rank, entry.arrived)
        )
    return found


def _doubled(entries: Sequence[Entry], end: int) -> Iterable[StateFlag]:
    """Entries of the same rank that lie on each other; another rank is meant to go over a lower one."""
    reached: dict[int, Entry] = {}
    for entry in sorted(entries, key=_key):
        before = reached.get(entry.rank)
        if before is not None and (before.end or end) > entry.begin:
            same = (before.state, before.reason) == (entry.state, entry.reason)
            until = min(before.end or end, entry.end or end)
            yield _flag("overlap" if same else "contradiction", entry.begin, until)
        if before is None or (entry.end or end) > (before.end or end):
            reached[entry.rank] = entry


def _key(entry: Entry) -> tuple[object, ...]:
    last = entry.end
    return (entry.begin, last is None, last or 0, entry.rank, entry.arrived, entry.state.value, entry.reason)


def _strength(entry: Entry, place: int) -> tuple[object, ...]:
    """The strongest entry has the smallest strength; the place makes it a total order."""
    return (-entry.rank, -entry.arrived, -entry.begin, entry.state.value, entry.reason, place)


def _flag(code: str, begin: int, end: int) -> StateFlag:
    return StateFlag(code, begin, end, _TEXTS[code])
