"""What people and rules said of a hall's machines, as files: stops with and without a reason, orders, alarms, shifts. Names of persons are left out."""

from __future__ import annotations

import heapq
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from nordlotse.foundation.problem import NotFound
from nordlotse.iot.core.export import Sink
from nordlotse.iot.core.measures import reason_name
from nordlotse.iot.core.oee.catalogue import catalogue
from nordlotse.iot.core.showing.words import micros
from nordlotse.iot.core.spreadsheet import MARK, figure, line, when
from nordlotse.iot.core.states.kept import given_read
from nordlotse.iot.core.states.values import State
from nordlotse.iot.models import Alarm, Hall, Machine, Order, ShiftResult, Stop
from nordlotse.iot.queries.stops import unexplained_between

#: Rows written before what is there is handed out.
_AT_ONCE = 1000
_ELEMENTS = ("POT", "PDOT", "APT", "AUST", "ADET", "ADOT", "PQ", "GQ", "SQ", "RQ")


def pieces(hall: Hall, machine: str = "", begin: int | None = None, end: int | None = None) -> Iterator[bytes]:
    """Return the bytes of a ZIP of CSVs for German spreadsheets, made while they are read: what began in [begin, end) (µs).

    Raises:
        NotFound: `iot_machine`.
    """
    numbers = {one.pk: one.title or one.name for one in hall.machines.all() if machine in ("", one.name)}
    if machine and not numbers:
        raise NotFound(
            "iot_machine",
            de="Diese Maschine gibt es hier nicht.",
            en="This machine is not here.",
            where=machine[:64],
        )
    wanted: dict[str, Any] = {"machine_id__in": list(numbers)}
    if begin is not None:
        wanted["begin__gte"] = begin
    if end is not None:
        wanted["begin__lt"] = end
    return _zipped(numbers, wanted)


def _zipped(numbers: dict[int, str], wanted: dict[str, Any]) -> Iterator[bytes]:
    sink = Sink()
    tables = (("stillstaende", _stops), ("auftraege", _orders), ("alarme", _alarms), ("schichten", _shifts))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        for name, rows in tables:
            with file.open(f"{name}.csv", "w") as table:
                table.write(MARK.encode())
                for place, row in enumerate(rows(numbers, wanted)):
                    table.write(line(row).encode())
                    if place % _AT_ONCE == _AT_ONCE - 1:
                        yield sink.taken()
            yield sink.taken()
    yield sink.taken()


def _stops(names: dict[int, str], wanted: dict[str, Any]) -> Iterator[Sequence[Any]]:
    """All stops by their begin: what people said, and those without a reason as every page counts them (within shifts, from `LEAST` on)."""
    yield ("Maschine", "von", "bis", "Grund", "Zustand", "Notiz", "gesagt am")
    for _, row in heapq.merge(_explained(names, wanted), _unexplained(names, wanted), key=lambda one: one[0]):
        yield row


def _unexplained(names: dict[int, str], wanted: dict[str, Any]) -> list[tuple[int, Sequence[Any]]]:
    found = []
    for machine in Machine.objects.filter(pk__in=names).select_related("hall"):
        for one in unexplained_between(machine, wanted.get("begin__gte"), wanted.get("begin__lt")):
            row = (names[machine.pk], when(one.begin), when(one.end), "", one.state.label.de, "", "")
            found.append((one.begin, row))
    return sorted(found, key=lambda one: one[0])


def _explained(names: dict[int, str], wanted: dict[str, Any]) -> Iterator[tuple[int, Sequence[Any]]]:
    for one in Stop.objects.filter(**wanted).order_by("begin").iterator(_AT_ONCE):
        state = State(one.state).label.de if one.state in set(State) else one.state
        said = when(micros(one.said_at))
        reason = reason_name(one.reason).de
        yield one.begin, (names[one.machine_id], when(one.begin), when(one.end or None), reason, state, one.note, said)


def _orders(names: dict[int, str], wanted: dict[str, Any]) -> Iterator[Sequence[Any]]:
    yield ("Maschine", "Auftrag", "Teil", "Sekunden je Teil", "von", "bis", "gefertigt", "Ausschuss", "Nacharbeit")
    for one in Order.objects.filter(**wanted).order_by("begin").iterator(_AT_ONCE):
        made = "" if one.made is None else one.made
        span = (when(one.begin), when(one.end))
        yield names[one.machine_id], one.name, one.part, figure(float(one.cycle)), *span, made, one.scrap, one.rework


def _alarms(names: dict[int, str], wanted: dict[str, Any]) -> Iterator[Sequence[Any]]:
    yield (
        "Maschine",
        "Art",
        "Regel",
        "von",
        "bis",
        "Messwert",
        "Wert",
        "Grenze oder üblich",
        "bestätigt",
        "Urteil",
        "Notiz",
    )
    for one in Alarm.objects.filter(**wanted).select_related("rule").order_by("begin").iterator(_AT_ONCE):
        first = one.reasons[0] if one.reasons else {}
        rule = str(one.rule.rule.get("name", "")) if one.rule is not None else ""
        seen, usual = (_shown(first.get(key)) for key in ("seen", "usual"))
        looked = when(micros(one.acknowledged_at)) if one.acknowledged_at else ""
        span = (when(one.begin), when(one.end))
        about = (str(first.get("sensor", "")), seen, usual)
        yield names[one.machine_id], one.kind, rule, *span, *about, looked, one.verdict, one.note


def _shifts(names: dict[int, str], wanted: dict[str, Any]) -> Iterator[Sequence[Any]]:
    yield (
        "Maschine",
        "Schicht",
        "Tag",
        "von",
        "bis",
        *(_heading(one) for one in _ELEMENTS),
    )
    for one in ShiftResult.objects.filter(**wanted).order_by("begin").iterator(_AT_ONCE):
        if one.shift.get("name"):
            told = given_read(one.given).elements
            values = [figure(float(told[key])) if told.get(key) is not None else "" for key in _ELEMENTS]
            span = (when(one.begin), when(one.end))
            yield names[one.machine_id], str(one.shift["name"]), str(one.shift["day"]), *span, *values


def _heading(element: str) -> str:
    """What an element is called, with its unit and its abbreviation behind: "Produktionszeit in Sekunden (APT)"."""
    known = catalogue().elements[element]
    return f"{known.name.de}{' in Sekunden' if known.kind == 'time' else ''} ({element})"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "an" if value else "aus"
    return "" if value is None else figure(value) if isinstance(value, int | float) else str(value)
