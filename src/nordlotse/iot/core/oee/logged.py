"""A shift given as a log of states in the file: begin, end and states with their times become elements and stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nordlotse.iot.core.oee.quantities import number_of, wrong
from nordlotse.iot.core.oee.values import Flag, Given
from nordlotse.iot.core.states.period import Observed, given_of
from nordlotse.iot.core.states.shifts import Worked
from nordlotse.iot.core.states.timeline import resolve
from nordlotse.iot.core.states.values import Entry, Rank, State
from nordlotse.iot.core.values import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANKS = {"rule": Rank.RULE, "calendar": Rank.CALENDAR, "machine": Rank.MACHINE, "person": Rank.PERSON}
MAX_STATES = 50_000


def logged(node: Mapping[str, Any], where: str, given: Given) -> Given:
    """Return `given` with the times that follow from `begin`, `end` and `states` of its object in the file.

    Raises:
        BadInput: `oee_value`: no window, a time or state that cannot be read, too many states, or times given beside the log.
    """
    beside = [name for name in ("POT", "PBT", "PDOT", "APT", "AUST", "ADET", "ADOT", "AUPT") if name in given.elements]
    if beside or given.stops:
        name = beside[0] if beside else "stops"
        raise wrong(
            f"{where} {name}", f"{name} folgt schon aus „states“.", f"{name} already follows from “states”.",
            "Lassen Sie eine der beiden Angaben weg.", "Leave one of the two out.",
        )  # fmt: skip
    begin, end = _time(node.get("begin"), f"{where} begin"), _time(node.get("end"), f"{where} end")
    if end <= begin:
        raise wrong(f"{where} end", "Das Ende liegt nicht nach dem Beginn.", "The end does not lie after the begin.")
    rows = node["states"]
    if not isinstance(rows, list) or len(rows) > MAX_STATES:
        raise wrong(
            f"{where} states", f"Hier muss eine Liste mit höchstens {MAX_STATES} Einträgen stehen.",
            f"A list of at most {MAX_STATES} entries is needed here.",
        )  # fmt: skip
    entries = [_entry(row, f"{where} states[{place}]", place) for place, row in enumerate(rows)]
    found = resolve(entries, begin, end)
    day = (_EPOCH + timedelta(microseconds=begin)).date()
    shift = Worked(given.shift or "shift", day, begin, end)
    counted = given_of(Observed(given.machine, found.spans, flags=found.flags), shift)
    notes: tuple[Flag, ...] = (*given.notes, *counted.notes)
    return replace(given, elements={**counted.elements, **given.elements}, stops=counted.stops, notes=notes)


def _entry(row: Any, where: str, place: int) -> Entry:
    if not isinstance(row, dict):
        raise wrong(where, "Hier muss ein Objekt {…} stehen.", "An object {…} is needed here.")
    unknown = [key for key in row if key not in ("begin", "end", "state", "reason", "source")]
    if unknown:
        raise wrong(
            f"{where} {unknown[0][:60]}", "Das Feld ist nicht bekannt.", "The field is not known.",
            "Möglich: begin, end, state, reason, source", "Possible: begin, end, state, reason, source", "oee_unknown_field",
        )  # fmt: skip
    state, source, reason = row.get("state"), row.get("source", "rule"), row.get("reason", "")
    if not isinstance(state, str) or state not in list(State):
        listed = ", ".join(State)
        raise wrong(
            f"{where} state",
            "Diesen Zustand gibt es nicht.",
            "There is no such state.",
            f"Möglich: {listed}",
            f"Possible: {listed}",
        )
    if not isinstance(source, str) or source not in _RANKS:
        listed = ", ".join(_RANKS)
        raise wrong(
            f"{where} source",
            "Diese Herkunft gibt es nicht.",
            "There is no such source.",
            f"Möglich: {listed}",
            f"Possible: {listed}",
        )
    if not isinstance(reason, str) or len(reason) > 200:
        raise wrong(
            f"{where} reason",
            "Hier muss ein Text mit höchstens 200 Zeichen stehen.",
            "A text of at most 200 characters is needed here.",
        )
    end = None if row.get("end") is None else _time(row["end"], f"{where} end")
    # within a source the later line of the file is the later word
    return Entry(_time(row.get("begin"), f"{where} begin"), end, State(state), reason, _RANKS[source], place)


def _time(value: Any, where: str) -> int:
    """µs since 1970 of an ISO 8601 time with zone or of epoch milliseconds."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
        if found is not None and found.tzinfo is not None:
            return _within((found - _EPOCH) // timedelta(microseconds=1), where)
    elif value is not None and not isinstance(value, str):
        return _within(int(number_of(value, where) * 1000), where)
    raise wrong(
        where, "Das ist kein Zeitpunkt mit Zeitzone.", "This is no moment with a time zone.",
        'Zum Beispiel: "2026-11-23T06:00:00+01:00" oder Millisekunden seit 1970',
        'For example: "2026-11-23T06:00:00+01:00" or milliseconds since 1970',
    )  # fmt: skip


def _within(at: int, where: str) -> int:
    if not EARLIEST <= at <= LATEST:
        raise wrong(
            where, "Der Zeitpunkt liegt nicht zwischen 1900 und 2200.", "The moment does not lie between 1900 and 2200."
        )
    return at
