"""Watches meet new values in the worker's lane: where a watch stands is kept in one transaction with what it raises.

Between two notes of where it stands, at most half a minute, a restart steps through the same values again and comes to the same end.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.iot.actions import telling, watching
from nordlotse.iot.alarming_rules import AHEAD, KEEP_SECONDS, PORTION, SECOND
from nordlotse.iot.core.anomaly.live import Judged, Learnt, LiveWatch
from nordlotse.iot.core.anomaly.values import Notice
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Alarm, Watch
from nordlotse.iot.queries import together

_log = logging.getLogger("nordlotse.iot")

#: What the watch says of single sensors.
NOTICED = ("stuck", "drift", "missing")


@dataclass(slots=True)
class HeldWatch:
    """A watch in memory: what it was made from, its state, the open alarm, those on sensors by kind and sensor, scores not kept yet."""

    made: tuple[Any, ...]
    live: LiveWatch
    quiet: int
    open: dict[str, Any] | None
    notices: dict[str, int]
    kept_at: float
    scores: dict[int, float] = field(default_factory=dict)


class Watching:
    """The watches of all halls as they are held in memory, by their number."""

    def __init__(self) -> None:
        """Begin without knowing any."""
        self._held: dict[int, HeldWatch] = {}

    def forget(self, there: set[int]) -> None:
        """Hold only watches that are still there."""
        for pk in [pk for pk in self._held if pk not in there]:
            del self._held[pk]

    def anew(self, watch: int) -> None:
        """Begin a watch from what was kept: memory may have gone ahead of it."""
        self._held.pop(watch, None)

    def keep(self) -> None:
        """Keep where every watch stands."""
        for pk, held in self._held.items():
            with transaction.atomic():
                if _watches_still(pk, held):
                    _keep_watch(pk, held)

    def judge(self, kept: Watch, reader: Reader, now: int) -> int:
        """Let a watch meet what is new at `now` (µs); return how many alarms it raised."""
        held = self._held_of(kept)
        live, machine = held.live, kept.machine
        end = min(now + AHEAD, live.begin + PORTION)
        all_series = {name: Series(machine.hall.store, machine.name, name) for name in live.learned.grid.signals}
        values = {
            name: reader.rows(series, live.begin, end) for name, series in all_series.items() if reader.reached(series) >= live.begin
        }  # fmt: skip
        newest = {name: int(rows.time[-1]) for name, rows in values.items() if len(rows)}
        if not newest and end < now - AHEAD:  # nothing at all came in this long stretch
            live.next = end // live.learned.grid.step
            return 0
        judged = live.step(values, live.horizon(newest))
        raised, changed = 0, False
        with transaction.atomic():
            if not _watches_still(kept.pk, held):
                self._held.pop(kept.pk, None)  # switched or learnt anew meanwhile: it begins anew with the next turn
                return 0
            for one in judged:
                minute = one.time // (60 * SECOND)
                held.scores[minute] = max(held.scores.get(minute, 0.0), one.verdict.score * kept.limit_factor)
                made, touched = judged_row(held, kept, one)
                raised += made
                changed = changed or touched
            changed = _close(held, live.next * live.learned.grid.step) or changed
            changed = (bool(judged) and close_notices(held, judged[-1].time)) or changed
            if changed or time.monotonic() - held.kept_at > KEEP_SECONDS:
                _keep_watch(kept.pk, held)
        return raised

    def _held_of(self, kept: Watch) -> HeldWatch:
        made = (kept.learned_at, kept.signals)
        held = self._held.get(kept.pk)
        if held is None or held.made != made or kept.seen_until > held.live.next * held.live.learned.grid.step:
            whole = Watch.objects.get(pk=kept.pk)
            learned = Learnt.from_plain(whole.learned)
            standing: Mapping[str, Any] = whole.standing
            live = LiveWatch(learned, whole.seen_until, standing.get("live"))
            quiet = round(learned.quiet * SECOND)
            notices = {str(key): int(pk) for key, pk in standing.get("notices", {}).items()}
            held = HeldWatch(made, live, quiet, standing.get("open"), notices, time.monotonic())
            self._held[kept.pk] = held
        held.live.move_limit(kept.limit_factor)
        return held


def _keep_watch(pk: int, held: HeldWatch) -> None:
    """Keep where a watch stands and its scores, in the caller's transaction."""
    told = {"live": held.live.kept(), "open": held.open, "notices": held.notices}
    seen = held.live.next * held.live.learned.grid.step
    if Watch.objects.filter(pk=pk).update(standing=told, seen_until=seen):
        watching.keep_scores(pk, held.scores)
    held.scores, held.kept_at = {}, time.monotonic()


def _watches_still(pk: int, held: HeldWatch) -> bool:
    """Return whether a watch is on and as it was read, in the caller's transaction; its row is locked until that ends."""
    kept = Watch.objects.select_for_update().only("learned_at", "signals", "seen_until").filter(pk=pk, on=True).first()
    if kept is None or (kept.learned_at, kept.signals) != held.made:
        return False
    # switched on again: it watches from then on
    return kept.seen_until <= held.live.next * held.live.learned.grid.step


def judged_row(held: HeldWatch, kept: Watch, one: Judged) -> tuple[int, bool]:
    """Write down what a row means, in the caller's transaction: alarms raised, and whether anything has to be kept."""
    raised, changed = 0, False
    verdict = one.verdict
    closed = _close(held, one.time)
    if verdict.alarm:
        reasons = [
            {"sensor": r.sensor, "share": round(r.share, 3), "seen": r.seen, "usual": r.usual, "chart": r.chart}
            for r in verdict.reasons
        ]
        peak = verdict.score * kept.limit_factor
        names = [str(r["sensor"]) for r in reasons]
        if held.open is None:
            raised, changed = _open(held, kept, one.time, peak, reasons), True
        else:
            held.open["last"] = one.time
            held.open["sensors"] = sorted({*held.open.get("sensors", ()), *names})
            if peak > held.open["peak"]:
                # the reasons of the first moment stay first in a person's mind: they change only with a clearly higher score
                clearly = peak > held.open.get("told", held.open["peak"]) * 1.1
                Alarm.objects.filter(pk=held.open["id"]).update(score=peak, **({"reasons": reasons} if clearly else {}))
                held.open |= {"peak": peak, "told": peak if clearly else held.open.get("told", held.open["peak"])}
                changed = True
    for notice in verdict.notices:
        # an open alarm that is about this very sensor says enough
        if notice.kind in NOTICED and not (held.open is not None and held.open.get("sensor") == notice.sensor):
            raised, changed = raised + _noticed(held, kept, one.time, notice), True
    return raised, changed or closed


def _open(held: HeldWatch, kept: Watch, at: int, peak: float, reasons: list[dict[str, Any]]) -> int:
    """Raise the watch's alarm, or go on with the one that ended a short while ago and was about the same; return 1 for one raised."""
    names = sorted({str(one["sensor"]) for one in reasons})
    last = next(iter(together.standing(kept.machine, at, names, ("unusual",))), None)
    if last is not None:
        higher = {"reasons": reasons} if peak > 1.1 * (last.score or 0.0) else {}
        Alarm.objects.filter(pk=last.pk).update(end=None, score=max(peak, last.score or 0.0), **higher)
        names = sorted({*names, *together.sensors(last)})
        first, best = str((reasons if higher else last.reasons)[0]["sensor"]), max(peak, last.score or 0.0)
        held.open = {"id": last.pk, "last": at, "peak": best, "sensor": first, "sensors": names}
        return 0
    made = Alarm.objects.create(
        machine=kept.machine, kind="unusual", begin=at, score=peak, limit=kept.limit_factor, reasons=reasons
    )
    held.open = {"id": made.pk, "last": at, "peak": peak, "sensor": str(reasons[0]["sensor"]), "sensors": names}
    _log.info("event=iot_alarm kind=unusual id=%s", kept.pk)
    return 1


def _noticed(held: HeldWatch, kept: Watch, at: int, notice: Notice) -> int:
    """Raise an alarm on a sensor, or go on with that of the last day; return 1 for one raised.

    Where an alarm about the sensor stands, or the sensor moved out together with those of the open one, it is the same damage: it belongs
    to that alarm, is looked after by whoever looks after that, and is told to nobody a second time.
    """
    key = f"{notice.kind}:{notice.sensor}"
    since = timezone.now() - telling.FRESH
    found = Alarm.objects.filter(machine=kept.machine, kind=notice.kind, raised_at__gt=since).order_by("-begin")
    again = next((one for one in found if one.reasons and one.reasons[0].get("sensor") == notice.sensor), None)
    if again is not None:
        Alarm.objects.filter(pk=again.pk).update(end=None)
        held.notices[key] = again.pk
        return 0
    coupled = held.open.get("sensors", ()) if held.open is not None else ()
    about = {notice.sensor, *(coupled if notice.sensor in coupled else ())}
    beside = together.standing(kept.machine, at, about)
    looked = [one.acknowledged_at for one in beside]
    made = Alarm.objects.create(
        machine=kept.machine,
        kind=notice.kind,
        begin=at,
        reasons=[{"sensor": notice.sensor, "share": 1.0, "seen": notice.seen, "usual": notice.usual, "limit": notice.limit}],
        acknowledged_at=looked[0] if looked and None not in looked else None,
        told=sorted({receiver for one in beside for receiver in one.told}),
    )  # fmt: skip
    held.notices[key] = made.pk
    _log.info("event=iot_alarm kind=%s id=%s", notice.kind, kept.pk)
    return 1


def close_notices(held: HeldWatch, at: int) -> bool:
    """End alarms on sensors that are as usual again, in the caller's transaction."""
    lasting = {f"{kind}:{sensor}" for kind, sensor in held.live.lasting} if held.notices else set()
    over = [key for key in held.notices if key not in lasting]
    for key in over:
        Alarm.objects.filter(pk=held.notices.pop(key), end=None).update(end=at)
    return bool(over)


def _close(held: HeldWatch, time_: int) -> bool:
    """End the open alarm if nothing followed for long enough, in the caller's transaction."""
    if held.open is None or time_ - held.open["last"] <= held.quiet:
        return False
    Alarm.objects.filter(pk=held.open["id"], end=None).update(end=held.open["last"])
    held.open = None
    return True
