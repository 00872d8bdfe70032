"""Writes of a machine's watch: asking it to learn from a good period, learning, switching it, moving its limit by what people say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.iot import memory
from nordlotse.iot.core.anomaly.feedback import Feedback, Judgement, limit_factor
from nordlotse.iot.core.anomaly.live import Learnt, LiveWatch, learn_machine
from nordlotse.iot.core.roles import roles
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.values import EARLIEST, LATEST, Rows, Series
from nordlotse.iot.models import Alarm, Machine, Score, Watch
from nordlotse.iot.queries import watching as queries
from nordlotse.office import log

_log = logging.getLogger("nordlotse.iot")

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
#: What a learning that was asked for and has not begun has done of its work, 0 to 1.
BEGUN = 0.02
#: Of a longer good period so many days, spread evenly, are learnt from.
MOST_DAYS = 14
#: After learning the last of the past is judged once, so that the page has something to show and the watch is warm, µs.
_BEFORE = 2 * HOUR
#: Roles of signals that are counted, not measured.
_COUNTED = ("energy", "parts", "good", "scrap", "state")
#: A simulated machine's watch learns by itself once so much of its past is there, µs.
_ENOUGH = 2 * DAY


@dataclass(frozen=True, slots=True)
class Moved:
    """What somebody's word did to the limit: the factor on the learnt limit before and after."""

    before: float
    after: float


@transaction.atomic
def ask(machine: Machine, begin: int, end: int, signals: Sequence[str] = (), user: Any = None) -> Watch:
    """Ask for a machine's watch to learn from a good period (µs); the worker does so within seconds. `signals` () means all.

    Raises:
        BadInput: `iot_watch_period`: no period, or one that is shorter than ten minutes or longer than a year.
    """
    if not (EARLIEST < begin < end < LATEST) or not 10 * 60 * SECOND <= end - begin <= 366 * DAY:
        raise BadInput(
            "iot_watch_period",
            de="Aus diesem Zeitraum lässt sich nichts lernen.",
            en="Nothing can be learnt from this period.",
            where="period",
            remedy_de="Er braucht mindestens zehn Minuten und höchstens ein Jahr; das Ende liegt nach dem Anfang.",
            remedy_en="It takes at least ten minutes and at most a year; the end lies after the begin.",
        )
    known = set(queries.signals(machine))
    chosen = [name for name in signals if name in known]
    told = {"begin": begin, "end": end, "signals": chosen}
    watch, _ = Watch.objects.update_or_create(
        machine=machine, defaults={"ask": told, "problem": {}, "progress": BEGUN, "on": True}
    )
    log.record("asked_watch", "machine", machine.hall.pk[:6], user)
    return watch


def learn(machine: Machine, begin: int, end: int, signals: Sequence[str] = ()) -> Watch:
    """Learn from a good period (µs) and keep what was learnt; what people said before counts for the alarms from now on only.

    Raises:
        BadInput: `anomaly_too_few_rows`, `anomaly_nothing_to_watch`.
        NotAvailable: `iot_damaged`.
    """
    return _learn(machine, begin, end, signals, lambda share: None)


def learn_asked() -> int:
    """Do what was asked for, one machine after the other; return how many were learnt."""
    _begin_simulated()
    done = 0
    for watch in Watch.objects.exclude(ask={}).select_related("machine__hall").order_by("pk"):
        told = watch.ask
        if not told:
            continue

        def note(share: float, pk: int = watch.pk) -> None:
            Watch.objects.filter(pk=pk).update(progress=share)

        try:
            _learn(watch.machine, int(told["begin"]), int(told["end"]), told.get("signals", ()), note, told)
            done += 1
        except Problem as problem:
            kept = {"code": problem.code, "de": problem.message_de, "en": problem.message_en}
            kept |= {"remedy_de": problem.remedy_de, "remedy_en": problem.remedy_en}
            Watch.objects.filter(pk=watch.pk, ask=told).update(ask={}, problem=kept, progress=0.0)
            _log.warning("event=iot_watch_not_learnt id=%s code=%s", watch.pk, problem.code)
        except Exception:
            Watch.objects.filter(pk=watch.pk, ask=told).update(ask={}, problem=_failed(), progress=0.0)
            _log.exception("event=iot_watch_failed id=%s", watch.pk)
    return done


def _failed() -> dict[str, str]:
    said = Text("Das Lernen ist gescheitert.", "Learning has failed.")
    remedy = Text("Bitte versuchen Sie es noch einmal.", "Please try again.")
    return {"code": "iot_watch_failed", "de": said.de, "en": said.en, "remedy_de": remedy.de, "remedy_en": remedy.en}


def _begin_simulated() -> None:
    """Let the watch of a simulated machine that has none learn by itself: a visitor has not to know what to mark as good."""
    for machine in (
        Machine.objects.filter(simulation__isnull=False, watch__isnull=True, simulation__stopped=False)
        .select_related("hall", "simulation")
        .order_by("pk")[:5]
    ):
        if machine.simulation.sent_until - machine.simulation.history_from >= _ENOUGH:
            created = int(machine.created_at.timestamp() * SECOND)
            ask(machine, max(machine.simulation.history_from, created - MOST_DAYS * DAY), created)


def _learn(
    machine: Machine,
    begin: int,
    end: int,
    signals: Sequence[str],
    note: Callable[[float], None],
    asked: dict[str, Any] | None = None,
) -> Watch:
    """Learn and keep it. `asked`: what this answers; what was asked for or switched meanwhile stays as it is."""
    names = queries.signals(machine)
    told = roles(machine.signals, names)
    counted = {told[role] for role in _COUNTED if role in told}
    chosen = [name for name in signals if name in names] or [name for name in names if name not in counted]
    candidates = [told[role] for role in ("current", "power") if role in told]
    stretches = _stretches(begin, end)
    read = list(dict.fromkeys([*chosen, *(name for name in candidates if name in names)]))
    values: dict[str, Rows] = {}
    for place, name in enumerate(read):
        values[name] = _rows(machine, name, stretches)
        note(0.05 + 0.45 * (place + 1) / len(read))
    learned = learn_machine(values, stretches, candidates)
    note(0.8)
    now = micros()
    live, scores = _before(machine, learned, now)
    with transaction.atomic():
        before = Watch.objects.select_for_update().filter(machine=machine).first()
        newer = before is not None and bool(before.ask) and before.ask != asked
        watch, _ = Watch.objects.update_or_create(
            machine=machine,
            defaults={
                "signals": list(learned.model.sensors),
                "good_from": begin,
                "good_to": end,
                "learned": learned.as_plain(),
                "limit_factor": 1.0,
                "seen_until": live.next * learned.grid.step,
                "standing": {"live": live.kept()},
                "ask": before.ask if before is not None and newer else {},
                "progress": BEGUN if newer else 1.0,
                "problem": {},
                "learned_at": timezone.now(),
            },
        )
        Alarm.objects.filter(machine=machine, rule=None, end=None).update(end=now)
        Score.objects.filter(machine=machine).delete()
        keep_scores(machine.pk, scores)
        log.record("learnt", "machine", machine.hall.pk[:6], "system")
    _log.info("event=iot_watch_learnt id=%s rows=%s", machine.pk, learned.rows)
    return watch


def _stretches(begin: int, end: int) -> list[tuple[int, int]]:
    """Return the period, or single days of it spread evenly where it is long."""
    days = (end - begin) // DAY
    if days <= MOST_DAYS:
        return [(begin, end)]
    places = [begin + (days - 1) * k // (MOST_DAYS - 1) * DAY for k in range(MOST_DAYS)]
    return [(place, place + DAY) for place in places]


def _rows(machine: Machine, signal: str, stretches: Sequence[tuple[int, int]]) -> Rows:
    series = Series(machine.hall.store, machine.name, signal)
    with memory.looked(machine.hall.store) as reader:
        return queries.joined([reader.rows(series, begin, end) for begin, end in stretches])


def _before(machine: Machine, learned: Learnt, now: int) -> tuple[LiveWatch, dict[int, float]]:
    """Judge the last hours once; return the watch as it stands then, and the highest score of each minute. Nothing alarms."""
    live = LiveWatch(learned, now - _BEFORE)
    values = {name: _rows(machine, name, [(live.begin, now + SECOND)]) for name in learned.grid.signals}
    newest = {name: int(rows.time[-1]) for name, rows in values.items() if len(rows)}
    judged = live.step(values, min(live.horizon(newest), now // learned.grid.step), most=10**9)
    scores: dict[int, float] = {}
    for one in judged:
        minute = one.time // (60 * SECOND)
        scores[minute] = max(scores.get(minute, 0.0), one.verdict.score)
    return live, scores


def keep_scores(machine: int, scores: dict[int, float]) -> None:
    """Keep the highest score (in limits as learnt) of each minute (number since 1970) of a machine, in the caller's transaction."""
    hours: dict[int, dict[int, float]] = {}
    for minute, score in scores.items():
        hours.setdefault(minute // 60, {})[minute % 60] = round(score, 3)
    for hour, peaks in hours.items():
        kept, _ = Score.objects.get_or_create(machine_id=machine, begin=hour * HOUR, defaults={"peaks": [None] * 60})
        for minute, score in peaks.items():
            kept.peaks[minute] = max(score, kept.peaks[minute] or 0.0)
        kept.save(update_fields=["peaks"])


@transaction.atomic
def switch(machine: Machine, on: bool, user: Any = None) -> None:
    """Let a watch rest, or watch again from now on."""
    watch = Watch.objects.select_for_update().filter(machine=machine).first()
    if watch is None:
        return
    watch.on = on
    if on:  # what happened meanwhile is not made up for
        watch.seen_until, watch.standing = micros(), {}
    else:
        Alarm.objects.filter(machine=machine, rule=None, end=None).update(end=micros())
    watch.save(update_fields=["on", "seen_until", "standing"])
    log.record("watching" if on else "resting", "machine", machine.hall.pk[:6], user)


def moved_by_feedback(machine: Machine) -> Moved | None:
    """Set the limit by all that was said of alarms since the watch has learnt, in the caller's transaction; None without a watch."""
    watch = Watch.objects.select_for_update().filter(machine=machine).exclude(learned_at=None).first()
    if watch is None or watch.learned_at is None:
        return None
    said = Alarm.objects.filter(machine=machine, kind="unusual", raised_at__gte=watch.learned_at).exclude(verdict="")
    given = [Feedback(_JUDGED[one.verdict], one.score or 0.0) for one in said]
    before, watch.limit_factor = watch.limit_factor, limit_factor(given)
    watch.save(update_fields=["limit_factor"])
    return Moved(before, watch.limit_factor)


_JUDGED: dict[str, Judgement] = {"real": "real", "false": "false", "planned": "planned"}
