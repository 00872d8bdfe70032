"""One alarm in words: what it is about, what was seen and what is allowed, what to do first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import Problem
from nordlotse.iot import memory
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.showing.names import named
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import Kind, Series
from nordlotse.iot.models import Alarm, Machine
from nordlotse.iot.queries.live import titled

#: The highest value is looked for in so many stretches at a time, and value by value among so many.
_PIECES, _READ = 64, 5000
KINDS: Mapping[str, Text] = {
    "unusual": Text("Ungewöhnliches Verhalten", "Unusual behaviour"),
    "drift": Text("Sensor oder Wert wandert", "Sensor or value drifts"),
    "stuck": Text("Sensor steht", "Sensor is stuck"),
    "missing": Text("Sensor fehlt", "Sensor is missing"),
    "above": Text("Wert zu hoch", "Value too high"),
    "below": Text("Wert zu niedrig", "Value too low"),
    "outside": Text("Wert außerhalb des Bereichs", "Value out of range"),
    "silent": Text("Keine Werte mehr", "No more values"),
    "state": Text("Zustand eingetreten", "State occurred"),
}


@dataclass(frozen=True, slots=True)
class ReasonShown:
    """A reason in words: sensor, its share in per cent, what was seen, what is usual, and the limit ("" none is known), with their unit."""

    sensor: str
    percent: int
    seen: str
    usual: str
    limit: str = ""


def title(alarm: Alarm, lang: Lang) -> str:
    """Return what an alarm is called: its rule's name, else its kind in words."""
    if alarm.rule is not None and str(alarm.rule.rule.get("name", "")).strip():
        return named(str(alarm.rule.rule["name"]), lang)
    return KINDS.get(alarm.kind, KINDS["unusual"]).get(lang)


def reason(machine: Machine, kept: Mapping[str, Any], lang: Lang) -> ReasonShown:
    """Return a kept reason of an alarm in words."""
    name, unit = titled(machine, str(kept["sensor"]), lang)
    after = f" {unit}" if unit else ""

    def value(key: str) -> str:
        given = kept.get(key)
        return f"{words.said(given, lang)}{after}" if given is not None else "–"

    limit = value("limit") if kept.get("limit") is not None else ""
    usual = value("usual")
    if kept.get("low") is not None and kept.get("high") is not None:
        usual = _BAND.get(lang).format(words.said(kept["low"], lang), value("high"))
    return ReasonShown(name, round(float(kept.get("share", 1.0)) * 100), value("seen"), usual, limit)


_BAND = Text("{} bis {}", "{} to {}")
_SAID: Mapping[str, Text] = {
    "unusual": Text(
        "Die Maschine verhält sich anders als in der guten Zeit. Am stärksten weicht {sensor} ab: {seen} statt üblicherweise {usual}.",
        "The machine behaves differently from its good time. {sensor} is furthest away: {seen} instead of {usual} as usual.",
    ),
    "drift": Text(
        "{sensor} liegt seit einer Weile außerhalb dessen, was in der guten Zeit vorkam.",
        "{sensor} has been outside of what occurred in the good time for a while.",
    ),
    "stuck": Text(
        "{sensor} ändert sich nicht mehr, obwohl die Maschine arbeitet.",
        "{sensor} no longer changes although the machine works.",
    ),
    "missing": Text(
        "Von {sensor} kommt nichts mehr, von den anderen schon.", "Nothing comes from {sensor} any more; from others it does."
    ),
    "above": Text("{sensor}: Alarm bei {seen}, erlaubt sind höchstens {usual}.", "{sensor}: alarm at {seen}; at most {usual} is allowed."),
    "below": Text("{sensor}: Alarm bei {seen}, nötig sind mindestens {usual}.", "{sensor}: alarm at {seen}; at least {usual} is needed."),
    "outside": Text("{sensor}: Alarm bei {seen}, der Bereich ist verlassen.", "{sensor}: alarm at {seen}; the range has been left."),
    "silent": Text("Von {sensor} kommen keine Werte mehr.", "No more values come from {sensor}."),
    "state": Text("{sensor} meldet {seen}.", "{sensor} reports {seen}."),
}  # fmt: skip


#: Where the numbers are known.
_NUMBERED: Mapping[str, Text] = {
    "drift": Text(
        "{sensor} liegt seit einer Weile im Mittel bei {seen}; üblich sind {usual}, die Grenze ist {limit}.",
        "{sensor} has been at {seen} on average for a while; {usual} is usual, the limit is {limit}.",
    ),
    "stuck": Text(
        "{sensor} steht auf {seen} und ändert sich nicht mehr, obwohl die Maschine arbeitet.",
        "{sensor} stands at {seen} and no longer changes although the machine works.",
    ),
}
#: Where both limits of a range are known.
_RANGED = Text("{sensor}: Alarm bei {seen}, erlaubt sind {usual}.", "{sensor}: alarm at {seen}; {usual} is allowed.")
#: Where the condition held before the rule did.
_ALREADY = Text("Das war schon so, als die Regel begann.", "It was so already when the rule began.")
#: The limit in short, beside the name of an alarm.
_LIMITS: Mapping[str, Text] = {
    "above": Text("über {}", "above {}"),
    "below": Text("unter {}", "below {}"),
    "outside": Text("außerhalb {}", "outside {}"),
}
#: Where the value kept lies within the limit (alarms of before it was told which one raised them), only the limit is told.
_BROKEN: Mapping[str, Text] = {
    "above": Text("{sensor} lag über {usual}.", "{sensor} was above {usual}."),
    "below": Text("{sensor} lag unter {usual}.", "{sensor} was below {usual}."),
}
_EXTREME: Mapping[str, Text] = {
    "above": Text("Höchster Wert seitdem: {} um {}.", "Highest value since: {} at {}."),
    "below": Text("Niedrigster Wert seitdem: {} um {}.", "Lowest value since: {} at {}."),
    "outside": Text("Seitdem zwischen {} (um {}) und {} (um {}).", "Since then between {} (at {}) and {} (at {})."),
}


def within(one: Alarm) -> bool:
    """Return whether the value kept with an alarm of a limit does not break it."""
    told = one.reasons[0]
    seen, bound = told.get("seen"), told.get("usual")
    if not isinstance(seen, int | float) or not isinstance(bound, int | float):
        return False
    return (one.kind == "above" and seen <= bound) or (one.kind == "below" and seen >= bound)


def extreme(one: Alarm, lang: Lang) -> str:
    """Return the highest (below a limit: the lowest) value since an alarm of a limit was raised and when it was, in a sentence; "" where it is not known."""
    if one.kind not in _EXTREME or not one.reasons:
        return ""
    signal = str(one.reasons[0]["sensor"])
    series = Series(one.machine.hall.store, one.machine.name, signal)
    end = (one.end if one.end is not None else micros()) + 1
    if end <= one.begin:
        return ""
    wanted = {"above": (True,), "below": (False,), "outside": (False, True)}[one.kind]
    try:
        with memory.looked(one.machine.hall.store) as reader:
            found = [_peak(reader, series, one.begin, end, highest) for highest in wanted]
    except Problem:
        return ""
    unit = titled(one.machine, signal, lang)[1]
    values: list[str] = []
    for peak in found:
        if peak is None:
            return ""
        value, at = peak
        same_day = words.moment(at).date() == words.moment(one.begin).date()
        when = f"{words.moment(at):%H:%M:%S}" if same_day else words.clock(at, lang)
        values += [f"{words.figure(value, lang)}{f' {unit}' if unit else ''}", when]
    return _EXTREME[one.kind].get(lang).format(*values)


def _peak(reader: Reader, series: Series, begin: int, end: int, highest: bool) -> tuple[float, int] | None:
    """Return the highest or lowest value in [begin, end) (µs) and when it was first; None where there is none.

    Closed in on by stretches, so that no long time is read value by value.
    """
    while True:
        pieces = min(_PIECES, max(1, end - begin))
        found = reader.buckets(series, begin, end, pieces, rolled=False)
        column = found.most if highest else -found.least
        if not np.isfinite(column).any():
            return None
        place = int(np.nanargmax(column))
        if found.count[place] <= _READ or pieces == 1:
            break
        begin, end = begin + (end - begin) * place // pieces, begin + (end - begin) * (place + 1) // pieces
    rows = reader.rows(
        series, begin + (end - begin) * place // pieces, begin + -(-(end - begin) * (place + 1) // pieces)
    )
    value = rows.value if highest else -rows.value
    value = np.where((rows.kind == Kind.NUMBER) & np.isfinite(value), value, -np.inf)
    if not len(value) or not np.isfinite(value).any():
        return None
    at = int(value.argmax())
    return float(rows.value[at]), int(rows.time[at])


def bounds(one: Alarm, lang: Lang) -> str:
    """Return an alarm's limit in short: "über 4 mm/s"; "" where it has none."""
    if one.kind not in _LIMITS or not one.reasons:
        return ""
    allowed = reason(one.machine, one.reasons[0], lang).usual
    return _LIMITS[one.kind].get(lang).format(allowed) if allowed != "–" else ""


def told(one: Alarm, reasons: Sequence[ReasonShown], lang: Lang) -> str:
    """Return what an alarm is about in a sentence, its reasons in words already."""
    if not reasons:
        return KINDS.get(one.kind, KINDS["unusual"]).get(lang)
    if one.kind in _BROKEN and (within(one) or reasons[0].seen == reasons[0].usual):
        return _BROKEN[one.kind].get(lang).format(sensor=reasons[0].sensor, usual=reasons[0].usual)
    if one.kind == "outside" and one.reasons[0].get("low") is not None:
        first = reasons[0]
        return _RANGED.get(lang).format(sensor=first.sensor, seen=first.seen, usual=first.usual)
    texts = _NUMBERED if one.kind in _NUMBERED and one.reasons[0].get("seen") is not None else _SAID
    text = texts.get(one.kind, _SAID["unusual"]).get(lang)
    first = reasons[0]
    return text.format(sensor=first.sensor, seen=first.seen, usual=first.usual, limit=first.limit)


def sentence(one: Alarm, lang: Lang, reasons: Sequence[ReasonShown] | None = None) -> str:
    """Return what an alarm is about, and whether it was so before its rule began; `reasons`: its reasons in words, where they are there already."""
    said = told(one, reasons or [reason(one.machine, each, lang) for each in one.reasons], lang)
    return f"{said} {_ALREADY.get(lang)}" if one.reasons and one.reasons[0].get("already") else said


def first_step(kind: str, sensor: str, lang: Lang) -> tuple[str, str]:
    """Return what to do first, and where that comes from: the first entry that fits the kind and the sensor's name."""
    folded = sensor.casefold()
    for entry in _steps():
        if kind in entry["kinds"] and (not entry.get("words") or any(word in folded for word in entry["words"])):
            return entry[lang], entry["source"][lang]
    return "", ""


@lru_cache(maxsize=1)
def _steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(
        files("nordlotse.iot.core.alarms").joinpath("first_steps.yaml").read_text(encoding="utf-8")
    )["steps"]
    return found
