"""Why a machine stood: the reasons people choose from, and their words laid over the states that signals told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from nordlotse.foundation.language import Text
from nordlotse.foundation.records.fields import Fields, read_yaml
from nordlotse.iot.core.states.values import Span, State, joined

_CHOICES = tuple(state.value for state in State if state not in (State.PRODUCING, State.UNKNOWN, State.OFF))


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to choose: how the time counts with it, and its name."""

    id: str
    state: State
    name: Text


@dataclass(frozen=True, slots=True)
class Said:
    """A person's word on a stop: the stretch (µs), the reason, how the time counts, and when it was said."""

    begin: int
    end: int
    reason: str
    state: State
    said: int = 0


@cache
def shipped_reasons() -> Mapping[str, Reason]:
    """Return the reasons a shop begins with, in the order they are shown; read once."""
    place = "stop_reasons.yaml"
    fields = read_yaml((files(__package__) / place).read_text("utf-8"), place)
    fields.needed_day("decided"), fields.needed_day("review_on")
    made = {row.string("id", needed=True): _reason(row) for row in fields.mappings("reasons")}
    fields.done()
    return MappingProxyType(made)


def with_reasons(spans: Sequence[Span], given: Iterable[Said]) -> tuple[Span, ...]:
    """Return the states with the reasons laid over what stood still; the later word counts.

    A reason never turns production into a stop: a person marks "from nine to ten", the signal knows that the machine ran until five past
    nine. Time that nothing is known of takes the reason, for the person was there.
    """
    words = sorted(given, key=lambda word: (word.said, word.begin, word.end, word.reason))
    found = list(spans)
    for word in words:
        found = [part for span in found for part in _laid(span, word)]
    return joined(found)


def _laid(span: Span, word: Said) -> list[Span]:
    begin, end = max(span.begin, word.begin), min(span.end, word.end)
    if span.state is State.PRODUCING or begin >= end:
        return [span]
    return [span._replace(end=begin), Span(begin, end, word.state, word.reason), span._replace(begin=end)]


def _reason(row: Fields) -> Reason:
    made = Reason(row.string("id", needed=True), State(row.choice("state", _CHOICES)), row.text("name", needed=True))
    row.done()
    return made
