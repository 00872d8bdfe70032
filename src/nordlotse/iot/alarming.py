"""The worker's lane for alarms: every second fresh values meet rules and watches, and what came of it is told.

Where a rule or a watch stands is kept in one transaction with what it raised (`alarming_rules`, `alarming_watch`), so a restart loses nothing
and raises nothing twice. Of several workers on one machine one does this: it holds a lock that ends with it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from django.db import close_old_connections, connection
from django.db.models import Q
from django.utils import timezone

from nordlotse.foundation.problem import Problem
from nordlotse.iot import memory
from nordlotse.iot.actions import delivering, telling, watching
from nordlotse.iot.alarming_rules import SECOND, Ruling
from nordlotse.iot.alarming_watch import Watching
from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Alarm, Machine, Score, Watch
from nordlotse.iot.models import Rule as KeptRule
from nordlotse.iot.queries import together

_log = logging.getLogger("nordlotse.iot")

#: Seconds a hall has in one turn before the others have theirs.
_SHARE = 1.0
#: Seconds between two turns, and between two looks for alarms to be told.
_TURN, _TELL = 1.0, 2.0
#: Scores are kept so many days.
_SCORE_DAYS = 60


class Lane:
    """Holds in memory what rules and watches stand at, so that a second costs little however many there are."""

    def __init__(self) -> None:
        """Begin without knowing any."""
        self._ruling, self._watching = Ruling(), Watching()
        self._shelf = memory.Shelf(256)
        self._told_at = 0.0
        self._first: dict[str, int] = {}

    def turn(self, now: int) -> int:
        """Judge what is new at `now` (µs), raise and tell; return how many alarms were raised.

        What fails for one machine is logged and tried again with the next turn; the others go on.
        """
        alive = Q(machine__hall__expires_at=None) | Q(machine__hall__expires_at__gt=timezone.now())
        ruling = list(KeptRule.objects.filter(alive, on=True).order_by("pk").select_related("machine__hall"))
        # what a watch has learnt is long; it is read only where it changed
        watches = list(
            Watch.objects.filter(alive, on=True).exclude(learned_at=None).order_by("pk").select_related("machine__hall").defer("learned", "standing")
        )  # fmt: skip
        self._ruling.forget({rule.pk for rule in ruling})
        self._watching.forget({watch.pk for watch in watches})
        raised = 0
        for store, (mine, watched) in _by_store(ruling, watches).items():
            try:
                with self._shelf.looked(store) as reader:
                    do = [(partial(self._ruling.judge, rule, reader, now), rule.machine) for rule in mine]
                    do += [(partial(self._watching.judge, watch, reader, now), watch.machine) for watch in watched]
                    raised += self._shared(store, do)
            except (Problem, OSError, TimeoutError) as error:
                _log.warning("event=iot_alarms_no_values error=%s", type(error).__name__)
        if raised or time.monotonic() - self._told_at >= _TELL:
            self._told_at = time.monotonic()
            telling.note_due(telling.fresh(), now / 1e6)
            telling.send_due(now / 1e6)
        return raised

    def keep(self) -> None:
        """Keep where everything stands: at the end, so that the next start has nothing to make up."""
        self._ruling.keep()
        self._watching.keep()

    def _shared(self, store: str, do: Sequence[tuple[Callable[[], int], Machine]]) -> int:
        """Do what a hall's rules and watches have to, as far as it has time for it; the rest comes first with the next turn."""
        until, raised, first = time.monotonic() + _SHARE, 0, self._first.pop(store, 0) % len(do)
        for place, (one, machine) in enumerate([*do[first:], *do[:first]]):
            raised += self._one(one, machine)
            if time.monotonic() > until:
                self._first[store] = first + place + 1
                break
        return raised

    def _one(self, do: Callable[[], int], machine: Machine) -> int:
        try:
            return do()
        except Exception:
            _log.exception("event=iot_alarms_failed id=%s", machine.pk)
            self._watching.anew(machine.pk)
            self._ruling.anew(machine.pk)
            return 0


def _by_store(ruling: list[KeptRule], watches: list[Watch]) -> dict[str, tuple[list[KeptRule], list[Watch]]]:
    found: dict[str, tuple[list[KeptRule], list[Watch]]] = {}
    for rule in ruling:
        found.setdefault(rule.machine.hall.store, ([], []))[0].append(rule)
    for watch in watches:
        found.setdefault(watch.machine.hall.store, ([], []))[1].append(watch)
    return found


# ---- the worker's threads ----


def alarm(stop: threading.Event) -> None:
    """Judge and tell in this thread until told to stop, if no other worker of this machine does."""
    lock = None
    lane = Lane()
    while not stop.is_set():
        begun = time.monotonic()
        try:
            close_old_connections()
            lock = lock or _locked()
            if lock is not None:
                lane.turn(micros())
        except Exception:
            _log.exception("event=iot_alarming_failed")
        stop.wait(max(0.05, _TURN - (time.monotonic() - begun)) if lock is not None else 5.0)
    if lock is not None:
        try:
            lane.keep()
        except Exception:
            _log.exception("event=iot_alarming_not_kept")
        os.close(lock)
    connection.close()


def _locked() -> int | None:
    """Return the lock, None while another process has it."""
    folder = memory.folder()
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder / "alarming.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held


def learn(stop: threading.Event) -> None:
    """Do the learning that was asked for, in this thread: it may take a minute and shall hold up no alarm."""
    while not stop.is_set():
        try:
            close_old_connections()
            watching.learn_asked()
        except Exception:
            _log.exception("event=iot_learning_failed")
        stop.wait(1.0)
    connection.close()


def deliver(stop: threading.Event) -> None:
    """Send to webhooks in this thread: a server that does not answer shall hold up no alarm."""
    while not stop.is_set():
        try:
            close_old_connections()
            delivering.deliver()
        except Exception:
            _log.exception("event=iot_delivering_failed")
        stop.wait(2.0)
    connection.close()


#: Each runs in a thread of its own.
LANES = (alarm, learn, deliver)


def forget() -> None:
    """Forget old scores, deliveries, and alarms that ended long ago; what lasts stays."""
    delivering.forget_old()
    Alarm.objects.filter(end__lt=micros() - together.KEEP_DAYS * 86_400 * SECOND).delete()
    Score.objects.filter(begin__lt=micros() - _SCORE_DAYS * 86_400 * SECOND).delete()
