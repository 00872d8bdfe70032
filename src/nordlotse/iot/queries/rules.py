"""Alarm rules as pages show them: in words, proposed from a signal's past, rehearsed on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nordlotse.foundation.language import Lang, Text
from nordlotse.iot import memory
from nordlotse.iot.core.alarms import (
    MEASURED,
    Opening,
    Proposal,
    Rehearsed,
    ShiftHours,
    lately,
    pace_of,
    propose,
    rehearse,
    rule_from_plain,
    steadied,
)
from nordlotse.iot.core.alarms import Rule as Limits
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.showing.lengths import length
from nordlotse.iot.core.showing.names import named
from nordlotse.iot.core.states import ways
from nordlotse.iot.core.states.plans import calendar_read
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import Kind, Rows, Series
from nordlotse.iot.models import Hall, Machine, Rule
from nordlotse.iot.queries.lasting import unseen, unseen_said
from nordlotse.iot.queries.live import titled

#: A rule is rehearsed on so much of the past, µs.
REHEARSED = 14 * 86_400_000_000
#: So many values of it are read at most, the newest, give or take an hour: two weeks at one a second are 1.2 million.
MOST_VALUES = 1_500_000
_HOURS = REHEARSED // 3_600_000_000


def hours_of(hall: Hall) -> Opening:
    """Return the working hours of a hall: its shifts."""
    return ShiftHours(calendar_read(hall.shifts))


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule on the page: the rule, its signal's title, what it says in words, whether an alarm of it lasts, its name.

    `unseen`: that the alarm was seen last at some time and nothing has come since, in words.
    """

    rule: Rule
    signal: str
    words: str
    open: bool
    name: str
    unseen: str = ""


def rules(machine: Machine, lang: Lang) -> list[RuleShown]:
    """Return a machine's rules, oldest first."""
    now = micros()
    open_ = {one.rule_id: one for one in machine.alarms.filter(end=None).exclude(rule=None)}
    for one in open_.values():
        one.machine = machine
    last = {
        one.rule_id: found[one.pk]
        for found in [unseen(open_.values(), now)]
        for one in open_.values()
        if one.pk in found
    }
    return [
        RuleShown(
            rule,
            titled(machine, rule.signal, lang)[0],
            in_words(machine, rule.signal, rule.rule, lang),
            rule.pk in open_,
            named(str(rule.rule.get("name", "")).strip(), lang),
            unseen_said(last[rule.pk], now, lang) if rule.pk in last else "",
        )
        for rule in machine.rules.order_by("pk")
    ]


_RULES: Mapping[str, Text] = {
    "above": Text("über {high}", "above {high}"),
    "below": Text("unter {low}", "below {low}"),
    "outside": Text("unter {low} oder über {high}", "below {low} or above {high}"),
    "silent": Text("kein Wert seit {silence}", "no value for {silence}"),
    "state": Text("ist „{state}“", "is “{state}”"),
}


def in_words(machine: Machine, signal: str, plain: Mapping[str, Any], lang: Lang) -> str:
    """Return when a rule alarms, in words."""
    unit = titled(machine, signal, lang)[1]
    after = f" {unit}" if unit else ""

    def value(key: str) -> str:
        given = plain.get(key)
        return f"{words.figure(float(given), lang)}{after}" if given is not None else "–"

    told = _RULES[str(plain["kind"])].get(lang)
    state = plain.get("state")
    said = told.format(
        high=value("high"),
        low=value("low"),
        silence=_span(float(plain.get("silence") or 0), lang),
        state=words.said(state, lang) if state is not None else "–",
    )
    if plain.get("delay"):
        said += Text(", mindestens {}", ", for at least {}").get(lang).format(_span(float(plain["delay"]), lang))
    if plain.get("hours"):
        said += Text(", nur in den Schichten", ", only in shifts").get(lang)
    return said


def _span(seconds: float, lang: Lang) -> str:
    if seconds < 120:
        return f"{words.figure(seconds, lang)} s"
    return f"{words.figure(seconds / 60, lang)} min" if seconds < 7200 else f"{words.figure(seconds / 3600, lang)} h"


def past(machine: Machine, signal: str) -> Rows:
    """Return the values of a signal of the last two weeks; where they are more than `MOST_VALUES`, the newest hours that hold so many.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    return _past(machine, signal)[0]


def _past(machine: Machine, signal: str) -> tuple[Rows, bool]:
    """Return what `past` does, and whether that is all of the two weeks."""
    now = micros()
    begin, series = now - REHEARSED, Series(machine.hall.store, machine.name, signal)
    with memory.looked(machine.hall.store) as reader:
        newest = np.cumsum(reader.buckets(series, begin, now, _HOURS).count[::-1])
        hours = max(1, int(np.searchsorted(newest, MOST_VALUES, side="right")))
        return reader.rows(series, now - hours * 3_600_000_000, now), hours == _HOURS


def rehearsed(machine: Machine, plain: Mapping[str, Any], rows: Rows) -> tuple[Rehearsed, ...]:
    """Return the alarms a rule would have raised on values of the past.

    Raises:
        BadInput: `alarm_rule`.
    """
    return rehearse(_tried(machine, plain, rows), rows, micros() / 1e6)


def _tried(machine: Machine, plain: Mapping[str, Any], rows: Rows) -> Limits:
    """Return a rule as it is tried on values, with their pace."""
    rule = rule_from_plain(plain, hours_of(machine.hall))
    return replace(rule, pace=pace_of(rows.time, sends_changes(machine))) if rule.kind in MEASURED else rule


def sends_changes(machine: Machine) -> bool:
    """Tell whether somebody said that a machine sends only what changes."""
    way = ways.read(machine.states)
    return way is not None and way.on_change


def proposal(rows: Rows) -> Proposal | None:
    """Return limits that values of the past suggest; None where they are no numbers or too few."""
    number = rows.kind == Kind.NUMBER
    return propose(rows.value[number])


@dataclass(frozen=True, slots=True)
class Steady:
    """A hysteresis proposed against swinging: as it is typed, the sentence that tells what it would do."""

    typed: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done: how many alarms in a sentence, whether those are many, the last ones (when, how long), a hysteresis proposed.

    `values`: how many values there were.
    """

    sentence: str
    many: bool
    values: int
    rows: tuple[tuple[str, str], ...]
    steady: Steady | None


_ONLY = Text(
    " Geprüft sind nur die neuesten {} Werte: Mit allen dauert es zu lange.",
    " Only the newest {} values were checked: all of them take too long.",
)
#: So many alarms are listed one by one.
_LAST = 10


def preview(machine: Machine, signal: str, plain: Mapping[str, Any], lang: Lang) -> Preview:
    """Return how often a rule would have alarmed on the values of the last two weeks, or on the newest of them where that would take long.

    Many are more than two and more than one a day.

    Raises:
        BadInput: `alarm_rule`.
        NotAvailable: `iot_damaged`.
    """
    now, (there, whole) = micros(), _past(machine, signal)
    rows = lately(_tried(machine, plain, there), there)
    found = rehearsed(machine, plain, rows)
    many = len(found) > max(2.0, _seconds(rows) / 86_400)
    return Preview(
        _previewed(machine, signal, plain, rows, len(found), now, lang)
        + ("" if whole and rows is there else _ONLY.get(lang).format(words.figure(len(rows), lang))),
        many,
        len(rows),
        tuple((words.clock(round(one.begin * 1e6), lang), _lasted(one, lang)) for one in found[-_LAST:][::-1]),
        _steady(machine, signal, plain, rows, len(found), now, lang) if many else None,
    )


def _seconds(rows: Rows) -> float:
    return float(rows.time[-1] - rows.time[0]) / 1e6 if len(rows) > 1 else 0.0


_ALARMS = (Text("{} Alarm", "{} alarm"), Text("{} Alarme", "{} alarms"))


def _alarms(count: int, lang: Lang) -> str:
    return _ALARMS[count != 1].get(lang).format(words.figure(count, lang))


def _previewed(
    machine: Machine, signal: str, plain: Mapping[str, Any], rows: Rows, count: int, now: int, lang: Lang
) -> str:
    """Return how many alarms there would have been, and of what time there are values: up to now, or up to the last one."""
    seconds = _seconds(rows)
    when = Text("bisher", "so far").get(lang)
    if seconds >= 2:
        span = length(seconds, lang)
        fresh = now - int(rows.time[-1]) <= max(60.0, seconds / 20) * 1e6
        text = Text("in den letzten {}", "in the last {}") if fresh else Text("in den {} bis {}", "in the {} up to {}")
        when = text.get(lang).format(
            *(span,) if fresh else (span, words.clock(int(rows.time[-1]), lang, seconds=False))
        )
    told = Text("„{} {}“ hätte {} {} gegeben.", "“{} {}” would have raised {} {}.").get(lang)
    said = (when, _alarms(count, lang)) if lang == "de" else (_alarms(count, lang), when)
    return told.format(titled(machine, signal, lang)[0], in_words(machine, signal, plain, lang), *said)


_BACK = {
    "above": Text("wenn der Wert wieder unter {high} liegt", "once the value is below {high} again"),
    "below": Text("wenn der Wert wieder über {low} liegt", "once the value is above {low} again"),
    "outside": Text("wenn der Wert wieder zwischen {low} und {high} liegt", "once the value is between {low} and {high} again"),
}  # fmt: skip
_STEADY = Text(
    "Der Wert pendelt um die Grenze. Tragen Sie bei „Zurück im Guten erst so weit innerhalb der Grenze“ {} ein: Dann endet ein Alarm erst, {}, und es wären {} statt {}.",
    "The value swings about the limit. Enter {} at “Back to normal only this far inside the limit”: an alarm then ends only {}, and there would be {} instead of {}.",
)  # fmt: skip


def _steady(
    machine: Machine, signal: str, plain: Mapping[str, Any], rows: Rows, count: int, now: int, lang: Lang
) -> Steady | None:
    found = steadied(_tried(machine, plain, rows), rows, now / 1e6, count)
    if found is None:
        return None
    unit = titled(machine, signal, lang)[1]

    def value(number: float) -> str:
        return f"{words.figure(number, lang)} {unit}".rstrip()

    wider = found.hysteresis
    edges = {
        "high": value(float(plain.get("high") or 0.0) - wider),
        "low": value(float(plain.get("low") or 0.0) + wider),
    }
    back = _BACK[str(plain["kind"])].get(lang).format(**edges)
    said = _STEADY.get(lang).format(value(wider), back, _alarms(found.alarms, lang), words.figure(count, lang))
    typed = f"{wider:.10g}"
    return Steady(typed.replace(".", ",") if lang == "de" else typed, said)


def _lasted(one: Rehearsed, lang: Lang) -> str:
    if one.end is None:
        return Text("dauert noch an", "still lasts").get(lang)
    return length(one.end - one.begin, lang).replace("Tagen", "Tage")
