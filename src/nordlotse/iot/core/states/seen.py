"""From what a result was computed: a mark for each hour of values and for each thing people said, so that exactly what changed is computed anew."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.core.values import Buckets

#: Values are told apart by hours (µs): number, sum, least and most of an hour tell whether something in it changed.
HOUR = 3600 * SECOND
#: What can make a result be computed anew, in the order in which it is told.
WHY = ("values", "limits", "stops", "orders", "plan")


def hour_of(at: int) -> int:
    """Return the number of the hour a moment (µs) lies in."""
    return at // HOUR


def mark(anything: Any) -> str:
    """Return a short mark of plain values: the same values give the same mark."""
    return f"{zlib.crc32(json.dumps(anything, sort_keys=True, default=str).encode()):08x}"


def mark_hours(columns: Iterable[tuple[Buckets, range]], first: int) -> dict[str, str]:
    """Return a mark for each hour: `columns` are the hours of each signal from hour `first` on, with the places of those that have a say."""
    sums: dict[int, int] = {}
    for hours, places in columns:
        for place in range(max(places.start, 0), min(places.stop, len(hours.count))):
            if hours.count[place]:
                row = np.array(
                    [hours.count[place], hours.total[place], hours.least[place], hours.most[place]], np.float64
                )
                sums[first + place] = zlib.crc32(row.tobytes(), sums.get(first + place, 0))
    return {str(hour): f"{value:08x}" for hour, value in sorted(sums.items())}


def changed(before: Mapping[str, Any], now: Mapping[str, Any], first: int | None = None) -> tuple[str, ...]:
    """Return what differs between two marks `{"hours": {...}, "limits": …, "stops": …, "orders": …, "plan": …}`, as in `WHY`.

    `first`: the first hour that is looked at now. Marks of earlier ones are not compared: they are missing because nobody looks, not because something changed.
    """
    before, now = _from(before, first), _from(now, first)
    names = {"values": "hours"}
    return tuple(why for why in WHY if before.get(names.get(why, why)) != now.get(names.get(why, why)))


def _from(marks: Mapping[str, Any], first: int | None) -> Mapping[str, Any]:
    hours = marks.get("hours")
    if first is None or not isinstance(hours, Mapping):
        return marks
    return {**marks, "hours": {hour: value for hour, value in hours.items() if int(hour) >= first}}
