"""What the pages on states, use, stops, orders and energy share: results brought up to date, days and periods of an address."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest

from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import results, simulated, states
from nordlotse.iot.core.periods import PERIODS
from nordlotse.iot.models import Machine
from nordlotse.iot.queries import held
from nordlotse.iot.queries.states import microseconds

#: Results worked out within so many µs are fresh enough; else a page works for so many seconds at most, the worker does the rest.
_FRESH, _SECONDS = 30_000_000, 0.6
#: All machines of a hall together have so many seconds of a page.
_ALL_SECONDS = 1.5


def fresh(machine: Machine, among: int = 1) -> int:
    """Bring a machine's results up to date as far as a page has time for it, shared `among` machines; return the time now (µs)."""
    now = microseconds()
    newest = held.computed([machine]).get(machine.pk)
    _bring(machine, newest, now, among)
    return now


def _bring(machine: Machine, newest: int | None, now: int, among: int) -> None:
    """Bring results up to date that were worked out too long ago (`newest` µs)."""
    if newest is None or now - newest > _FRESH:
        try:
            simulated.prepare(machine, now)
            states.find(machine, now)
            results.refresh(machine, now, _SECONDS / max(among, 1))
        except (Problem, OSError, TimeoutError):
            pass  # what is kept is shown; the worker tries again and logs why


def fresh_all(machines: Sequence[Machine]) -> int:
    """Bring the results of a hall's machines up to date as far as a page has time for them, however many there are; return the time now (µs)."""
    until = time.monotonic() + _ALL_SECONDS
    computed = held.computed(machines)
    for machine in machines:
        _bring(machine, computed.get(machine.pk), microseconds(), len(machines))
        if time.monotonic() > until:
            break  # the worker does the rest
    return microseconds()


def day_in(request: HttpRequest, name: str = "bis") -> date | None:
    """Return the day an address names, None where none."""
    try:
        found = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2199 else None


def periods(chosen: str, lang: str) -> list[dict[str, Any]]:
    """Return the periods to choose from."""
    return [{"id": id_, "name": name.get(lang), "here": id_ == chosen} for id_, name in PERIODS.items()]
