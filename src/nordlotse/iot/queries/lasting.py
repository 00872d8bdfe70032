"""Whether alarms last: on, over, or not known because nothing has come since they were seen last.

A limit without values is neither broken nor kept, so such an alarm stays open and is told as seen last then. It ends when values come again that
are in order: at the first of them, or where it was seen last if that is longer ago than any value holds (`alarming_rules`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import Problem
from nordlotse.iot import memory
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.states.rules import LONGEST_HOLD, hold_of
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Alarm
from nordlotse.iot.queries import together

#: These alarms are about values that do not come.
_ABSENT = ("silent", "missing")
#: The usual distance of values is told from so many (µs) before the newest, where those are at least so many; else from all within the longest hold.
_LATELY, _ENOUGH = 60_000_000, 6
#: Signals of a machine looked at for whether it still speaks.
_SIGNALS = 50


def unseen(alarms: Iterable[Alarm], at: int) -> Mapping[int, int]:
    """Return, by their number, the open alarms of one hall that nobody can know of at `at` (µs), and when their values came last (µs).

    A value counts for as long as it holds (`hold_of`). A state holds while anything comes from its machine. Where values cannot be read, none is told.
    """
    found: dict[int, int] = {}
    rows = [one for one in alarms if one.end is None and one.kind not in _ABSENT and one.reasons]
    if not rows:
        return found
    try:
        with memory.looked(rows[0].machine.hall.store) as reader:
            for one in rows:
                newest, hold = _newest(reader, one)
                if newest and at - newest > hold:
                    found[one.pk] = newest
    except Problem:
        return {}
    return found


def _newest(reader: Reader, alarm: Alarm) -> tuple[int, int]:
    """Return when a value of an alarm's signals came last (µs, 0: none), and how long (µs) it holds."""
    machine = alarm.machine
    names = sorted(together.sensors(alarm))
    if alarm.kind == "state":
        names = [one.signal for one in reader.series() if one.machine == machine.name][:_SIGNALS]
    last, spoke = 0, None
    for name in names:
        series = Series(machine.hall.store, machine.name, name)
        latest = reader.latest(series)
        if len(latest) and int(latest.time[0]) > last:
            last, spoke = int(latest.time[0]), series
    if spoke is None:
        return 0, 0
    times = reader.rows(spoke, last - _LATELY, last + 1).time
    if len(times) < _ENOUGH:
        times = reader.rows(spoke, last - LONGEST_HOLD, last + 1).time
    return last, hold_of(int(np.median(np.diff(times))) if len(times) > 1 else 0)


_UNSEEN_TODAY = Text("zuletzt um {} gesehen, seitdem keine Daten", "last seen at {}, no data since")
_UNSEEN = Text("zuletzt am {} gesehen, seitdem keine Daten", "last seen on {}, no data since")


def unseen_said(last: int, at: int, lang: Lang) -> str:
    """Return that an alarm was seen last at a moment (µs) and nothing has come since, told at `at`; for behind a comma."""
    when = words.moment(last)
    if when.date() == words.moment(at).date():
        return _UNSEEN_TODAY.get(lang).format(f"{when:%H:%M:%S}")
    return _UNSEEN.get(lang).format(words.clock(last, lang))
