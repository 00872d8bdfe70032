"""What to do first about a loss: read from `measures.yaml`, each with its basis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from nordlotse.foundation.language import Text
from nordlotse.foundation.records.fields import Fields, read_yaml
from nordlotse.iot.core.oee.losses import Valuable, most_valuable
from nordlotse.iot.core.oee.values import Evaluated, Stop
from nordlotse.iot.core.states.pausing import SPREAD
from nordlotse.iot.core.states.reasons import shipped_reasons
from nordlotse.iot.core.states.shifts import Calendar
from nordlotse.iot.core.states.values import SECOND, State
from nordlotse.iot.core.states.ways import Way

#: The reason under which stops without one are put together.
NO_REASON = "unexplained"
#: The reason under which stops without one are put together that are shorter than LEAST: nobody is asked about them.
BRIEF = "brief"
#: The reason under which the even pauses of a machine's cycle are put together where somebody said that it stands in them (`states/pausing`).
CYCLE = "cycle"
#: From so many seconds on a stop without a reason is counted and asked about, on every page.
LEAST = 60
#: Switching off is told from so many minutes free in a row each week, and from so many hours of values: a whole week.
_FREE, _HOURS = 24 * 60, 7 * 24
_WEEK = 7 * 24 * 60
#: What a measure without a source is called.
OWN = Text("eigener Vorschlag, ohne Quelle", "our own proposal, without a source")


@dataclass(frozen=True, slots=True)
class Measure:
    """A first step and the one after it; `source` "" where it is our own proposal."""

    id: str
    first: Text
    then: Text
    source: str

    @property
    def basis(self) -> Text:
        """Return where the measure comes from, in words."""
        return Text(f"nach {self.source}", f"after {self.source}") if self.source else OWN


@cache
def measures() -> Mapping[str, Measure]:
    """Return the measure for each loss, by kind, reason or state; read once."""
    place = "measures.yaml"
    fields = read_yaml((files(__package__) / place).read_text("utf-8"), place)
    fields.needed_day("decided"), fields.needed_day("review_on")
    found: dict[str, Measure] = {}
    for row in fields.mappings("measures"):
        losses = row.strings("losses")
        made = _measure(row, row.string("id", needed=True))
        found.update(dict.fromkeys(losses, made))
    row = Fields(fields.mapping("energy"), fields.where("energy"))
    found["energy"] = Measure("energy", row.text("first", needed=True), Text("", ""), _source(row))
    row.done()
    fields.done()
    return MappingProxyType(found)


def valuable(found: Evaluated, count: int = 3) -> tuple[Valuable, ...]:
    """Return the most valuable losses; all stops that nobody gave a reason for are one."""
    return most_valuable(replace(found, given=replace(found.given, stops=by_name(found.given.stops))), count)


def by_name(stops: Iterable[Stop]) -> tuple[Stop, ...]:
    """Return stops with those nobody gave a reason for under one name, the short ones (`LEAST`) under another."""
    return tuple(
        replace(s, reason=NO_REASON if s.seconds >= LEAST else BRIEF) if unexplained(s.reason) else s for s in stops
    )


def in_cycle(stops: Iterable[Stop], way: Way | None) -> tuple[Stop, ...]:
    """Return stops with the even pauses of a machine's cycle under a name of their own, where somebody said that it stands in them.

    Those are stops without a reason that are `of_cycle`.
    """
    return tuple(
        replace(stop, reason=CYCLE) if unexplained(stop.reason) and of_cycle(int(stop.seconds), way) else stop
        for stop in stops
    )


def of_cycle(seconds: int, way: Way | None) -> bool:
    """Return whether a stop is as long as the usual pause of the machine's cycle, a quarter more or less, and somebody said that it stands in it.

    Nobody is asked about such a stop, of a minute and more either.
    """
    if way is None or way.rhythm is None or way.pauses != "stop":
        return False
    pause = Fraction(way.rhythm.pause, SECOND)
    return abs(seconds - pause) <= pause * Fraction(SPREAD)


def measure_for(loss: Valuable) -> Measure:
    """Return what to do first about a loss."""
    known = measures()
    key = unexplained(loss.reason) if loss.reason else loss.kind
    return known.get(key) or known.get(loss.reason) or known[loss.kind if loss.kind in known else "other"]


def switch_off(calendar: Calendar, hours: int) -> Measure | None:
    """Return the measure on energy between shifts; None where the week has no free day or there are values of less than a week (`hours`)."""
    return measures()["energy"] if longest_free(calendar) >= _FREE and hours >= _HOURS else None


def longest_free(calendar: Calendar) -> int:
    """Return the longest time (minutes) between two shifts that comes each week; 0 for a calendar without shifts."""
    week = sorted(
        (
            day * 1440 + s.begin.hour * 60 + s.begin.minute,
            (s.end.hour - s.begin.hour) * 60 + s.end.minute - s.begin.minute,
        )
        for s in calendar.shifts
        for day in set(s.weekdays)
    )
    # an end at or before the begin lies on the next day; the week's first shift follows its last one
    ends = [begin + (length if length > 0 else length + 1440) for begin, length in week]
    following = [begin for begin, _ in week[1:]] + [begin + _WEEK for begin, _ in week[:1]]
    return max((begin - end for begin, end in zip(following, ends, strict=True)), default=0)


def unexplained(reason: str) -> str:
    """Return the state a stop is named after that nobody gave a reason for ("idle"), "" where a reason was given."""
    return next((state.value for state in State if state.label.de == reason), "")


def reason_name(reason: str) -> Text:
    """Return what a stop's reason is called: a shipped one, "ohne Grund" with the state, or somebody's own words."""
    shipped = shipped_reasons().get(reason)
    if shipped is not None:
        return shipped.name
    if reason == NO_REASON:
        return Text("Stillstand, zu dem niemand einen Grund genannt hat", "stops that nobody gave a reason for")
    if reason == BRIEF:
        return Text("Unterbrechungen unter 1 Minute", "interruptions of less than 1 minute")
    if reason == CYCLE:
        return Text("Pausen in gleichmäßigem Takt", "pauses in an even cycle")
    state = unexplained(reason)
    if state:
        named = State(state).label
        return Text(f"ohne Grund ({named.de})", f"no reason given ({named.en})")
    return Text(reason, reason)


def loss_name(loss: Valuable) -> Text:
    """Return what a loss is called."""
    return reason_name(loss.reason) if loss.reason else loss.name


def _measure(row: Fields, id_: str) -> Measure:
    made = Measure(id_, row.text("first", needed=True), row.text("then", needed=True), _source(row))
    row.done()
    return made


def _source(row: Fields) -> str:
    source = row.string("source")
    if (row.choice("basis", ("book", "own")) == "book") != bool(source):
        raise row.wrong("source", "„book“ braucht eine Quelle, „own“ keine.", "“book” needs a source, “own” none.")
    return source or ""
