"""A machine's signals over any stretch of time: for charts, in words, as a table; what lies behind them as bands."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from django.db.models import Q

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.iot import memory
from nordlotse.iot.core.drawing.course import Band, breaks, course, gaps
from nordlotse.iot.core.drawing.svg import RED, STATE_COLOURS
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.showing.course_words import TABLE, Row, kind_of, listed, notes, sentence, summary_of, table
from nordlotse.iot.core.states.values import State
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import EARLIEST, LATEST, Buckets, Floats, Kind, Rows, Series
from nordlotse.iot.models import Alarm, Machine
from nordlotse.iot.queries import standing, states
from nordlotse.iot.queries.live import order, titled

#: Stretches a chart may ask for.
MOST = 4000
#: The shortest stretch of time that is shown, µs.
SHORTEST = 1_000
#: Signals below each other at most; without a choice so many.
SIGNALS, _USUAL = 8, 3
#: Marks of values are counted where a stretch holds so many at most: beyond it would keep the page waiting.
_COUNTED = 300_000
#: Stretches of the server's own picture.
_PICTURE = 20 * TABLE
_HOUR = 3_600_000_000
#: States stand behind a chart up to this long a stretch, µs; alarms always, the newest so many.
_STATES_SPAN, _ALARMS = 32 * 24 * _HOUR, 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch to be shown behind the charts: begin and end µs (of an alarm that is not over: now), "alarm" or a state, its words.

    `alarm`: the number of an alarm, 0 for states; `over`: whether it has ended.
    """

    begin: int
    end: int
    kind: str
    words: str
    alarm: int = 0
    over: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal on the page: name, title, unit, sentence, further sentences, picture, table, single values (moment, value, marks)."""

    name: str
    title: str
    unit: str
    sentence: str
    notes: tuple[str, ...]
    pictures: tuple[str, ...]
    rows: tuple[Row, ...]
    values: tuple[tuple[str, str, str], ...]
    drawn: bool


def check(begin: int, end: int, count: int) -> None:
    """Refuse what no chart can ask for.

    Raises:
        BadInput: `iot_stretch`.
    """
    if not (begin >= EARLIEST and begin + SHORTEST <= end <= LATEST and 2 <= count <= MOST):
        raise BadInput(
            "iot_stretch",
            de="Diesen Zeitraum gibt es nicht.",
            en="There is no such stretch of time.",
            where="from",
            remedy_de="Das Ende muss nach dem Anfang liegen, beide zwischen 1900 und 2200.",
            remedy_en="The end must lie after the begin, both between 1900 and 2200.",
        )


def names(machine: Machine) -> list[tuple[str, str]]:
    """Return the signals of a machine and their titles, in the order of its page."""
    with memory.looked(machine.hall.store) as reader:
        found = [series.signal for series in reader.series() if series.machine == machine.name]
    return [(name, titled(machine, name)[0]) for name in sorted(found, key=lambda one: order(machine, one))]


def usual(machine: Machine, known: Sequence[tuple[str, str]]) -> list[str]:
    """Return the signals shown where nobody chose: the first of those that are no texts."""
    chosen: list[str] = []
    with memory.looked(machine.hall.store) as reader:
        for name, _ in known:
            if len(chosen) == _USUAL:
                break
            newest = reader.latest(Series(machine.hall.store, machine.name, name))
            if len(newest) and newest.kind[0] != Kind.TEXT:
                chosen.append(name)
    return chosen or [name for name, _ in known[:_USUAL]]


def extent(machine: Machine, signals: Sequence[str]) -> tuple[int, int] | None:
    """Return from when to when (µs) signals have values; None where they have none."""
    first, last = LATEST, EARLIEST
    with memory.looked(machine.hall.store) as reader:
        for signal in signals:
            series = Series(machine.hall.store, machine.name, signal)
            reached = reader.reached(series)
            if reached == EARLIEST:
                continue
            number = reader.snapshot.number(series)
            parts = [] if number is None else reader.snapshot.parts.of(number)
            begins = [part.first for part in parts if not part.corrected]
            if not begins:
                begins = [int(reader.rows(series).time[0])]
            first, last = min(first, *begins), max(last, reached)
    return (first, last) if last > EARLIEST else None


def start(machine: Machine, signals: Sequence[str]) -> tuple[int, int]:
    """Return the stretch shown first: the last day up to now, or up to the newest value where that is older; less where there is less."""
    now = time.time_ns() // 1000
    known = extent(machine, signals)
    if known is None:
        return now - 24 * _HOUR, now
    first, last = known
    end = now if now - 24 * _HOUR < last <= now else last + 1
    begin = max(end - 24 * _HOUR, min(first, end - 60_000_000))
    return begin, end


def chart(machine: Machine, signal: str, begin: int, end: int, count: int) -> bytes:
    """Return a signal from `begin` to `end` as JSON: so many values or fewer one by one, else that many stretches with least, mean and most.

    Moments are ms, in `time` counted from `from`. `gaps`: runs of empty stretches; of single values, behind which of them a gap begins.

    Raises:
        BadInput: `iot_stretch`.
        NotAvailable: `iot_damaged`.
    """
    check(begin, end, count)
    series = Series(machine.hall.store, machine.name, signal)
    with memory.looked(machine.hall.store) as reader:
        buckets = reader.buckets(series, begin, end, count)
        rows = _single(reader, series, buckets, begin, end, count)
    total = int(buckets.count.sum())
    answer: dict[str, Any] = {"from": begin / 1000, "to": end / 1000, "count": total, **summary_of(buckets)}
    if rows is not None:
        answer |= {
            "kind": kind_of(rows),
            "time": (rows.time - begin) / 1000,
            "value": _numbers(rows) if kind_of(rows) != "text" else rows.shown(),
            "quality": rows.quality,
            "gaps": breaks(rows.time),
        }
    else:
        answer |= {
            "kind": "stretches",
            "n": count,
            "least": buckets.least.astype(np.float32),
            "mean": buckets.mean.astype(np.float32),
            "most": buckets.most.astype(np.float32),
            "gaps": gaps(buckets, end),
        }
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


def _single(reader: Reader, series: Series, buckets: Buckets, begin: int, end: int, most: int) -> Rows | None:
    """Return the values one by one where they are few; None where they are many, or where only roll-ups are left of them."""
    total = int(buckets.count.sum())
    if total > most:
        return None
    rows = reader.rows(series, begin, end)
    return rows if len(rows) == total else None


def _numbers(rows: Rows) -> Floats:
    return np.where(rows.kind == Kind.TEXT, np.nan, rows.value)


def marks(machine: Machine, begin: int, end: int, lang: Lang) -> list[Mark]:
    """Return what lies behind the charts of a stretch: alarms, and states where they are told and the stretch is not too long."""
    meeting = (
        Alarm.objects.select_related("machine", "rule")
        .filter(machine=machine, begin__lt=end)
        .filter(Q(end=None) | Q(end__gt=begin))
    )
    found = [
        Mark(
            alarm.begin,
            alarm.end or time.time_ns() // 1000,
            "alarm",
            standing.called(alarm, lang),
            alarm.pk,
            alarm.end is not None,
        )
        for alarm in meeting.order_by("-begin")[:_ALARMS]
    ]
    if end - begin <= _STATES_SPAN and machine.states:
        found += [
            Mark(span.begin, span.end, span.state.value, span.state.label.get(lang))
            for span in states.bands(machine, begin, end)
            if span.state is not State.UNKNOWN
        ]
    return found


def bands(found: Sequence[Mark]) -> list[Band]:
    """Return marks as bands of the server's picture."""
    made = [
        Band(m.begin, m.end, STATE_COLOURS[State(m.kind)], f"course__state work__{m.kind}")
        for m in found
        if m.kind != "alarm"
    ]
    return made + [Band(m.begin, m.end, RED, "course__alarm") for m in found if m.kind == "alarm"]


def shown(
    machine: Machine, signals: Sequence[str], begin: int, end: int, lang: Lang, behind: Sequence[Mark] = ()
) -> list[Shown]:
    """Return signals over a stretch in words, as pictures and as tables.

    Raises:
        BadInput: `iot_stretch`.
        NotAvailable: `iot_damaged`.
    """
    check(begin, end, 2)
    found = []
    with memory.looked(machine.hall.store) as reader:
        for signal in signals:
            series = Series(machine.hall.store, machine.name, signal)
            buckets = reader.buckets(series, begin, end, _PICTURE)
            total = int(buckets.count.sum())
            rows = reader.rows(series, begin, end) if 0 < total <= _COUNTED else None
            found.append((signal, buckets, rows))
    return [_shown(machine, signal, buckets, rows, (begin, end), lang, behind) for signal, buckets, rows in found]


def _shown(
    machine: Machine,
    signal: str,
    buckets: Buckets,
    rows: Rows | None,
    stretch: tuple[int, int],
    lang: Lang,
    behind: Sequence[Mark],
) -> Shown:
    begin, end = stretch
    title, unit = titled(machine, signal)
    name = f"{title}, {words.clock(begin, lang)} – {words.clock(end, lang)}"
    drawn = [
        course(buckets, begin, end, name, lang, words.ZONE, bands=bands(behind), size=size)
        for size in ("narrow", "wide")
    ]
    return Shown(
        signal,
        title,
        unit,
        sentence(buckets, rows, unit, lang),
        tuple(notes(buckets, rows, end, lang)),
        tuple(one for one in drawn if one),
        tuple(table(buckets, stretch, lang)),
        tuple(listed(rows, lang)),
        not (rows is not None and kind_of(rows) == "text"),
    )
