"""Stops of a machine: those nobody gave a reason for by their length, the one going on now, and who may be named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils import timezone

from nordlotse.foundation.problem import NotFound
from nordlotse.iot.core.measures import BRIEF, CYCLE, LEAST, NO_REASON, of_cycle, reason_name
from nordlotse.iot.core.oee.losses import Valuable
from nordlotse.iot.core.periods import clock, day_clock
from nordlotse.iot.core.states.kept import shift_read, spans_read
from nordlotse.iot.core.states.reasons import Reason, Said, shipped_reasons, with_reasons
from nordlotse.iot.core.states.values import SECOND, Span, State, cut
from nordlotse.iot.core.states.ways import Way
from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Machine, Stop
from nordlotse.iot.queries.oee import zone_of
from nordlotse.iot.queries.states import Now, now, way_of

#: States that are a stop.
STOPPED = frozenset({State.IDLE, State.OFF, State.FAULT})
#: A stop going on is found again where its begin has moved by less, µs.
_MOVED = 60 * SECOND
#: No shift, and so no stop within one, is longer, µs.
_LONGEST = 2 * 86_400 * SECOND
#: So many stops are shown on a page.
MOST = 12


@dataclass(frozen=True, slots=True)
class StopTold:
    """A stop: its stretch (µs), what signals said, the reason given ("" none), its begin in words, its length in seconds.

    `cut`: the moment (hours and minutes) at which a shift's end cuts a longer one in two, "" for none; `later`: this is the part behind it.
    """

    begin: int
    end: int
    state: State
    reason: str
    seconds: int
    de: str
    en: str
    cut: str = ""
    later: bool = False


def unexplained(machine: Machine, begin: int, end: int) -> list[StopTold]:
    """Return all stops within shifts that have no reason, the longest first; what people said a moment ago counts already."""
    zone = zone_of(machine.hall)
    spans = [span for span in _within_shifts(machine, begin, end) if span.state in STOPPED and not span.reason]
    way = way_of(machine)
    found = [one for one in (_told(span, zone) for span in spans) if asked_about(one.seconds, way)]
    return sorted(_cut(found, zone), key=lambda one: -one.seconds)


def _cut(found: Sequence[StopTold], zone: str) -> list[StopTold]:
    """Say of stops that follow each other without a gap that they are one, cut where a shift ends: within a shift, a change of state parts them too."""
    begins, ends = {(one.begin, one.state) for one in found}, {(one.end, one.state) for one in found}
    made = []
    for one in found:
        if (one.end, one.state) in begins:
            made.append(replace(one, cut=clock(one.end, zone)))
        elif (one.begin, one.state) in ends:
            made.append(replace(one, cut=clock(one.begin, zone), later=True))
        else:
            made.append(one)
    return made


def unexplained_between(machine: Machine, begin: int | None, end: int | None) -> list[StopTold]:
    """Return the stops without a reason that began in [begin, end) (µs, None open), the first one first, each with its whole length."""
    before, after = (0 if begin is None else begin), (micros() if end is None else end)
    found = unexplained(machine, before - _LONGEST, after + _LONGEST)
    return sorted((one for one in found if before <= one.begin < after), key=lambda one: one.begin)


def there(machine: Machine, begin: int, end: int, since: int, until: int) -> tuple[int, int] | None:
    """Return begin and end (µs) of the machine's stop between `since` and `until` that a form speaks of, whatever was said of it; None for none.

    `end` 0: it was going on when its page was made; its begin may have moved by a little since.
    """
    for span in _within_shifts(machine, since, until):
        if span.state is State.PRODUCING:
            continue
        if (span.begin, span.end) == (begin, end) or (not end and span.begin - _MOVED <= begin < span.end):
            return span.begin, span.end
    return None


def explained(machine: Machine, begin: int, end: int) -> list[StopTold]:
    """Return the stops that have a reason, the newest first."""
    zone = zone_of(machine.hall)
    found = [_told(span, zone) for span in _within_shifts(machine, begin, end) if span.reason]
    return sorted(found, key=lambda one: -one.begin)[:MOST]


def longest(machine: Machine, begin: int, end: int, loss: Valuable, most: int = 3) -> list[StopTold]:
    """Return the longest stops a loss consists of, the longest first; none where it is no loss of stops, or of pauses that are all alike."""
    if (loss.kind != "setup" and not loss.reason) or loss.reason == CYCLE:
        return []
    zone = zone_of(machine.hall)
    way = way_of(machine)
    found = [_told(span, zone) for span in _within_shifts(machine, begin, end) if _belongs(span, loss, way)]
    return sorted(found, key=lambda one: (-one.seconds, one.begin))[:most]


def asked_about(seconds: int, way: Way | None) -> bool:
    """Return whether a stop without a reason is one that somebody is asked about, by its length."""
    return seconds >= LEAST and not of_cycle(seconds, way)


def _belongs(span: Span, loss: Valuable, way: Way | None) -> bool:
    if loss.kind == "setup":
        return span.state is State.SETUP
    if span.state not in STOPPED:
        return False
    if loss.reason in (NO_REASON, BRIEF):
        seconds = span.length // SECOND
        return not (span.reason or of_cycle(seconds, way)) and (seconds >= LEAST) == (loss.reason == NO_REASON)
    return span.reason == loss.reason


def word_on(machine: Machine, begin: int) -> Stop | None:
    """Return what was said of the stop that began at a moment (µs), None where nothing was: a word on that begin, else the last one around it."""
    exact = machine.stops.filter(begin=begin).first()
    around = machine.stops.filter(
        begin__lt=begin, end__gt=begin
    )  # one that goes on may have ended before this stop began
    return exact if exact is not None else around.order_by("-said_at", "-pk").first()


def by_key(key: str) -> Machine:
    """Return the machine whose sheet holds a link.

    Raises:
        NotFound: `iot_no_machine`: there is none (any more), or its hall is over.
    """
    found = Machine.objects.select_related("hall").filter(stop_key=key).first()
    if found is None or (found.hall.expires_at is not None and found.hall.expires_at <= timezone.now()):
        raise NotFound(
            "iot_no_machine",
            de="Dieses Blatt gehört zu keiner Maschine (mehr).",
            en="This sheet belongs to no machine (any more).",
            where="machine",
            remedy_de="Drucken Sie auf der Seite „Stillstände“ ein neues Blatt.",
            remedy_en="Print a new sheet on the page “Stops”.",
        )
    return found


def current(machine: Machine, at: int) -> Now | None:
    """Return the stop going on now, None where the machine runs or nothing is known."""
    found = now(machine, at)
    return found if found is not None and found.state not in (State.PRODUCING, State.UNKNOWN) else None


def going_on(machine: Machine, begin: int, at: int) -> int:
    """Return the begin (µs) of the stop going on now, as it stands where something was said of it, if a moment lies within it, else 0."""
    found = current(machine, at)
    if found is None or not found.since - _MOVED <= begin <= at:
        return 0
    said = machine.stops.filter(end=0, begin__gte=found.since).order_by("-begin").first()
    return said.begin if said is not None else found.since


def reasons() -> list[Reason]:
    """Return the reasons to tap on, in their order."""
    return list(shipped_reasons().values())


def name_of(reason: str, lang: str) -> str:
    """Return what a reason is called."""
    return reason_name(reason).get(lang)


def _within_shifts(machine: Machine, begin: int, end: int) -> Iterator[Span]:
    """The states within shifts, breaks aside; a stop that goes on over a break is two."""
    words = [
        Said(s.begin, s.end or end, s.reason, State(s.state), int(s.said_at.timestamp() * SECOND))
        for s in machine.stops.filter(Q(end=0) | Q(end__gt=begin), begin__lt=end)
    ]
    for row in machine.results.filter(begin__lt=end, end__gt=begin).order_by("begin"):
        if not row.shift.get("name"):
            continue
        shift = shift_read(row.shift)
        reached = shift.begin
        # a reason in a kept result may have been taken back or changed since: the words as they are now count
        spans = with_reasons([_bare(span) for span in spans_read(row.spans)], words)
        for first, last in (*shift.breaks, (shift.end, shift.end)):
            yield from _inside(spans, max(reached, begin), min(first, end))
            reached = last


def _bare(span: Span) -> Span:
    """A kept span without the reason somebody gave; how the time counts came with the reason."""
    if not span.reason or span.state is State.PRODUCING:
        return span
    return span._replace(reason="", state=span.state if span.state in STOPPED else State.IDLE)


def _inside(spans: Iterable[Span], begin: int, end: int) -> Iterable[Span]:
    return cut([s for s in spans if s.end > begin and s.begin < end], begin, end) if end > begin else ()


def _told(span: Span, zone: str) -> StopTold:
    said = day_clock(span.begin, zone)
    return StopTold(span.begin, span.end, span.state, span.reason, span.length // SECOND, said.de, said.en)
