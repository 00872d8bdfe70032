"""States of a machine as spans of time. Times are int64 µs since 1970, UTC; a span holds its begin and not its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from nordlotse.foundation.language import Text

#: µs in a second.
SECOND = 1_000_000


class State(StrEnum):
    """What a machine does. Signals alone give the first four; the others need a calendar, an order or a person."""

    PRODUCING = "producing"
    IDLE = "idle"
    OFF = "off"
    UNKNOWN = "unknown"
    SETUP = "setup"
    FAULT = "fault"
    NO_ORDER = "no_order"
    PLANNED_STOP = "planned_stop"

    @property
    def label(self) -> Text:
        """Return the state's name for people."""
        return _LABELS[self]


_LABELS = {
    State.PRODUCING: Text("läuft", "running"),
    State.IDLE: Text("steht bereit", "idle"),
    State.OFF: Text("aus", "off"),
    State.UNKNOWN: Text("keine Daten", "no data"),
    State.SETUP: Text("wird gerüstet", "setup"),
    State.FAULT: Text("Störung", "fault"),
    State.NO_ORDER: Text("kein Auftrag", "no order"),
    State.PLANNED_STOP: Text("geplanter Stillstand", "planned stop"),
}


class Rank(IntEnum):
    """Whose word counts more where two contradict each other: the machine's own signal beats a rule, a person beats both."""

    RULE = 0
    CALENDAR = 1
    MACHINE = 2
    PERSON = 3


class Span(NamedTuple):
    """A state from `begin` until before `end`, with the reason of a stop if one is known."""

    begin: int
    end: int
    state: State
    reason: str = ""

    @property
    def length(self) -> int:
        """Return the span's length in µs."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody's or something's word on a state; `end` None: not known. `arrived`: when it was said, the later word counts."""

    begin: int
    end: int | None
    state: State
    reason: str = ""
    rank: Rank = Rank.RULE
    arrived: int = 0


@dataclass(frozen=True, slots=True)
class StateFlag:
    """Something about the data of a stretch of time that a reader has to know; the codes are listed where they are raised."""

    code: str
    begin: int
    end: int
    text: Text


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order with neighbours of the same state and reason made one, empty ones left out."""
    made: list[Span] = []
    for span in spans:
        if span.end <= span.begin:
            continue
        if made and made[-1][2:] == span[2:] and made[-1].end == span.begin:
            made[-1] = made[-1]._replace(end=span.end)
        else:
            made.append(span)
    return tuple(made)


def cut(spans: Iterable[Span], begin: int, end: int) -> tuple[Span, ...]:
    """Return what of the spans lies in a window."""
    return joined(s._replace(begin=max(s.begin, begin), end=min(s.end, end)) for s in spans)


def seconds_per_state(spans: Iterable[Span]) -> dict[State, float]:
    """Return how long each state lasted, in seconds; states that did not occur are left out."""
    found: dict[State, int] = {}
    for span in spans:
        found[span.state] = found.get(span.state, 0) + span.length
    return {state: length / SECOND for state, length in found.items()}
