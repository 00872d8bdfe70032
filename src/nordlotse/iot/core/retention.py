"""How long a company keeps its values: set for each signal or for all, applied hour by hour, with roll-ups of what goes.

`retention.json` in the company's folder: `{"days": 400, "signals": {"Säge/Strom": 30}}`; null keeps for ever. What is read before the cut are
hours: least, most, sum and number.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.store import rollups
from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.store.rollups import HOUR, Hours
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.values import EARLIEST, Buckets, Series

_log = logging.getLogger("nordlotse.iot")
_NAME = "retention.json"
_LOOKED = "retained.json"
_DAY = 24 * HOUR
#: So far the moment from which periods are reckoned goes ahead from one look to the next.
_STEP = 2 * _DAY
#: Hours summed up at once.
_AT_ONCE = 24 * 366


@dataclass(frozen=True, slots=True)
class Periods:
    """How many days values are kept, None for ever: `days` unless `signals` ("machine/signal") says otherwise."""

    days: int | None = None
    signals: Mapping[str, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse periods that cannot be meant."""
        if any(days is not None and not 1 <= days <= 36_600 for days in (self.days, *self.signals.values())):
            raise BadInput(
                "iot_retention",
                de="Werte bleiben mindestens einen Tag, höchstens 100 Jahre.",
                en="Values are kept for at least a day, at most 100 years.",
            )

    def of(self, series: Series) -> int | None:
        """Return how many days values of a series are kept."""
        return self.signals.get(f"{series.machine}/{series.signal}", self.days)


def periods(folder: Path) -> Periods | None:
    """Return what a company has set, None where nothing or nothing readable: then everything is kept."""
    try:
        kept = json.loads((folder / _NAME).read_bytes())
        return Periods(kept["days"], dict(kept["signals"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, BadInput) as error:
        _log.error("event=iot_retention_unreadable error=%s", type(error).__name__)
        return None


def steady(folder: Path, now: int, disk: Disk) -> int:
    """Return from when periods are reckoned, µs: the clock, but never more than two days ahead of the last look.

    A clock that jumps a year ahead would let everything go at once and for good; like this it lets go two days of it until somebody has
    looked. After a long standstill the periods are caught up with by and by.

    Raises:
        OSError: it cannot be noted; then nothing may be let go.
    """
    path = folder / _LOOKED
    try:
        last = int(json.loads(path.read_bytes())["until"])
    except FileNotFoundError:
        last = now
    except (ValueError, TypeError, KeyError):
        _log.error("event=iot_retention_look_unreadable")
        last = now
    until = min(now, last + _STEP)
    if until < now:
        _log.warning("event=iot_retention_behind days=%d", (now - until) // _DAY)
    publish(disk, path, json.dumps({"until": until}).encode())
    return until


def keep(folder: Path, wish: Periods, disk: Disk | None = None) -> None:
    """Set how long a company's values are kept.

    Raises:
        OSError.
    """
    content = json.dumps({"days": wish.days, "signals": dict(wish.signals)}, ensure_ascii=False).encode()
    publish(disk or Disk(), folder / _NAME, content)


def apply(writer: Writer, wish: Periods, now: int, disk: Disk) -> None:
    """Let what is in segments and older than wished go, whole hours only, and keep its roll-ups; `now` in µs.

    Raises:
        OSError: nothing has changed.
    """
    manifest = writer.manifest
    reader = Reader(writer.folder)
    reader.look()
    limits: dict[int, int] = {}
    hours: list[Hours] = []
    for number, series in enumerate(manifest.series):
        days = wish.of(series)
        if days is None:
            continue
        limit = (now - days * _DAY) // HOUR * HOUR
        begin = max(manifest.cut.get(number, EARLIEST), _first(reader, number))
        if limit <= begin:
            continue
        limits[number] = limit
        hours += [Hours(number, part) for part in _summed(reader, series, begin // HOUR * HOUR, limit)]
    if limits:
        rolled = rollups.add(writer.folder, manifest.rolled, hours, disk)
        writer.forget_before(limits, rolled=rolled)
        _log.info("event=iot_retention series=%d", len(limits))


def _first(reader: Reader, number: int) -> int:
    """Return the time of the first value of a series that lies in a segment, the end of time where there is none."""
    return min((part.first for part in reader.snapshot.parts.of(number)), default=np.iinfo(np.int64).max)


def _summed(reader: Reader, series: Series, begin: int, end: int) -> list[Buckets]:
    found = []
    for at in range(begin, end, _AT_ONCE * HOUR):
        stop = min(at + _AT_ONCE * HOUR, end)
        made = reader.buckets(series, at, stop, (stop - at) // HOUR, rolled=False)
        some = made.count > 0
        if some.any():
            found.append(
                Buckets(made.begin[some], made.least[some], made.most[some], made.total[some], made.count[some])
            )
    return found
