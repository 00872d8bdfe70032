"""Reads of a machine's watch: what could be learnt from, what was learnt, how unusual the machine was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from nordlotse.iot import memory
from nordlotse.iot.core.anomaly.calm import calmest, free, stretches
from nordlotse.iot.core.anomaly.live import Learnt
from nordlotse.iot.core.store.merging import NOTHING
from nordlotse.iot.core.store.merging import joined as joined_rows
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import EARLIEST, Buckets, Rows
from nordlotse.iot.models import Alarm, Machine, Score, Watch

HOUR, DAY = 3_600_000_000, 86_400_000_000
#: Days looked at for a calm period, and signals at most.
DAYS, _SIGNALS = 14, 12
#: So long (µs) before and after an alarm nothing is proposed to learn from.
MARGIN = HOUR


@dataclass(frozen=True, slots=True)
class Proposed:
    """A period that was calm, µs, and how many hours of it hold values."""

    begin: int
    end: int
    hours: int


def signals(machine: Machine) -> list[str]:
    """Return the names of a machine's signals in the store.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    with memory.looked(machine.hall.store) as reader:
        return sorted(one.signal for one in reader.series() if one.machine == machine.name)


def joined(pieces: Sequence[Rows]) -> Rows:
    """Return rows of one signal from several stretches in the order of time."""
    there = [piece for piece in pieces if len(piece)]
    return joined_rows(there) if there else NOTHING


def proposed(machine: Machine) -> Proposed | None:
    """Return the calmest of the recent days, up to four of them; None where there is not an hour of values.

    Left out are the hours around alarms that people called real or said nothing of yet, `MARGIN` before and after.
    """
    now = micros()
    end = (now // HOUR + 1) * HOUR
    begin = end - DAYS * DAY
    hours: dict[str, Buckets] = {}
    first = now
    with memory.looked(machine.hall.store) as reader:
        names = [one for one in reader.series() if one.machine == machine.name][:_SIGNALS]
        for series in names:
            if reader.reached(series) > EARLIEST:
                hours[series.signal] = reader.buckets(series, begin, end, DAYS * 24)
                rows = reader.rows(series, begin, begin + HOUR)
                first = min(first, begin if len(rows) else first)
    if not hours:
        return None
    barred = _barred(machine, begin, now)
    there = np.sum([one.count for one in hours.values()], axis=0) > 0
    filled = np.flatnonzero(there)
    if len(filled) and len(filled) <= 24 and barred.any():  # less than a day: the fullest time between alarms
        fullest = max(free(barred), key=lambda run: int(there[run[0] : run[1]].sum()), default=(0, 0))
        filled = filled[(filled >= fullest[0]) & (filled < fullest[1])]
    if not len(filled):
        return None
    if len(filled) <= 24:  # less than a day: all of it
        start, last = begin + int(filled[0]) * HOUR, min(begin + (int(filled[-1]) + 1) * HOUR, now)
        return Proposed(start, last, len(filled))
    found = calmest(stretches(hours, barred=barred))
    if found is None:
        return None
    inside = (begin + filled * HOUR >= found[0]) & (begin + filled * HOUR < found[1])
    return Proposed(found[0], min(found[1], now), int(inside.sum()))


def _barred(machine: Machine, begin: int, now: int) -> npt.NDArray[np.bool_]:
    """Which hours from `begin` on lie in or near an alarm that was real or that nobody has judged."""
    hours = np.zeros(DAYS * 24, np.bool_)
    said = Alarm.objects.filter(machine=machine, verdict__in=("", Alarm.Verdict.REAL))
    for first, last in said.filter(Q(end=None) | Q(end__gt=begin - MARGIN)).values_list("begin", "end"):
        low = max((first - MARGIN - begin) // HOUR, 0)
        hours[low : max(((now if last is None else last) + MARGIN - begin) // HOUR + 1, 0)] = True
    return hours


def learnt(watch: Watch | None) -> Learnt | None:
    """Return what a watch has learnt; None for nothing, or something of another version: it has to learn anew."""
    if watch is None or watch.learned_at is None:
        return None
    try:
        return Learnt.from_plain(watch.learned)
    except (ValueError, KeyError, TypeError):
        return None


def scores(machine: Machine, begin: int, end: int, count: int) -> list[tuple[int, float | None]]:
    """Return the highest score (limits as learnt) in `count` stretches of equal length from `begin` to `end` µs, None where unseen."""
    found: list[float | None] = [None] * count
    for kept in Score.objects.filter(machine=machine, begin__gt=begin - HOUR, begin__lt=end):
        for minute, peak in enumerate(kept.peaks):
            at = kept.begin + minute * 60_000_000
            if peak is not None and begin <= at < end:
                place = (at - begin) * count // (end - begin)
                found[place] = max(peak, found[place] or 0.0)
    return [(begin + (end - begin) * place // count, one) for place, one in enumerate(found)]
