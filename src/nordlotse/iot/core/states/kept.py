"""Shifts, elements and states as plain values for JSON and back, exact: fractions are texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, cast

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.values import Flag, Given, Severity, Stop
from nordlotse.iot.core.states.shifts import Worked
from nordlotse.iot.core.states.values import Span, State


def given_kept(given: Given) -> dict[str, Any]:
    """Return elements, stops, rate and flags for JSON."""
    return {
        "elements": {name: str(value) for name, value in given.elements.items()},
        "machine": given.machine,
        "shift": given.shift,
        "stops": [[str(s.seconds), s.reason, s.kind] for s in given.stops],
        "rate": None if given.cost_per_hour is None else str(given.cost_per_hour),
        "notes": [[f.code, f.severity, f.text.de, f.text.en, f.where] for f in given.notes],
    }


def given_read(kept: Mapping[str, Any]) -> Given:
    """Return what `given_kept` gave."""
    return Given(
        {name: Fraction(value) for name, value in kept.get("elements", {}).items()},
        str(kept.get("machine", "")),
        str(kept.get("shift", "")),
        tuple(Stop(Fraction(seconds), reason, kind) for seconds, reason, kind in kept.get("stops", ())),
        {},
        None if kept.get("rate") is None else Fraction(kept["rate"]),
        tuple(Flag(code, cast(Severity, severity), Text(de, en), where) for code, severity, de, en, where in kept.get("notes", ())),
    )  # fmt: skip


def shift_kept(shift: Worked) -> dict[str, Any]:
    """Return a shift for JSON."""
    return {
        "name": shift.name,
        "day": shift.day.isoformat(),
        "begin": shift.begin,
        "end": shift.end,
        "breaks": [list(pair) for pair in shift.breaks],
    }


def shift_read(kept: Mapping[str, Any]) -> Worked:
    """Return what `shift_kept` gave."""
    breaks = tuple((int(a), int(b)) for a, b in kept.get("breaks", ()))
    return Worked(str(kept["name"]), date.fromisoformat(kept["day"]), int(kept["begin"]), int(kept["end"]), breaks)


def spans_kept(spans: Iterable[Span]) -> list[list[Any]]:
    """Return states for JSON."""
    return [[span.begin, span.end, span.state.value, span.reason] for span in spans]


def spans_read(kept: Sequence[Sequence[Any]]) -> tuple[Span, ...]:
    """Return what `spans_kept` gave."""
    return tuple(Span(int(begin), int(end), State(state), str(reason)) for begin, end, state, reason in kept)
