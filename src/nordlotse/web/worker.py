"""The background worker: mail out and in, missing vectors, expired words, ended sessions, and a sign of life."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from nordlotse.web.models import Heartbeat, SignInLink

_log = logging.getLogger("nordlotse.worker")
NAME = "worker"

#: The web processes load their knowledge first; a fresh start shall not share its cores with the worker.
EMBED_AFTER_SECONDS = 15.0

#: So long the worker waits for a mail in the middle of being sent when it is told to stop.
FINISH_SECONDS = 3.0


@dataclass(slots=True)
class Chore:
    """Something done every `seconds`; `due` is the clock time (monotonic) of its next turn."""

    name: str
    seconds: float
    do: Callable[[], None]
    due: float = field(default=0.0)


def beat() -> None:
    """Report that the worker lives."""
    Heartbeat.objects.update_or_create(name=NAME, defaults={"beat_at": timezone.now()})


def erase() -> None:
    """Erase the words of questions past their day, ended sign-in links and sessions, accounts begun but never proved, and what
    the office has past its day.
    """
    from django.contrib.sessions.models import Session

    from nordlotse.journey.actions import erase_expired
    from nordlotse.office import retention
    from nordlotse.web.accounts import forget_unfinished

    words = erase_expired()
    links, _ = SignInLink.objects.filter(expires_at__lt=timezone.now()).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    begun = forget_unfinished()
    office = retention.erase_expired()
    if words or links or sessions or begun or any(office.values()):
        told = " ".join(f"{name}={number}" for name, number in office.items())
        _log.info("event=erased words=%s links=%s sessions=%s begun=%s %s", words, links, sessions, begun, told)


def _read_mail() -> None:
    from nordlotse.office import mailbox

    mailbox.collect()


def _tend_cases() -> None:
    """Remind, take back, bring back and distribute cases, and ask what came of them, as the calendar says."""
    from nordlotse.journey.actions import effect, reminders, routing

    routing.store_vectors()
    reminders.run()
    effect.ask_later()


def _count_ahead() -> None:
    """Count the months that have changed, so that no page waits for it."""
    from nordlotse.journey.actions.tallies import count_ahead

    count_ahead()


def _retain() -> None:
    """Erase what is past the period its room has declared for it."""
    from nordlotse.journey.actions.privacy import retain

    retain()


def _tend_checks() -> None:
    from nordlotse.readiness import tasks

    tasks.run()


def _forget_parts() -> None:
    from nordlotse.print3d import tasks

    tasks.forget()


def _check_parts(kinds: tuple[str, ...], stop: threading.Event) -> None:
    from nordlotse.print3d import tasks

    tasks.run(kinds, stop)
    connection.close()


def _tend_machines() -> None:
    from nordlotse.iot import alarming, tasks

    tasks.tend()
    alarming.forget()


def _work_out_shifts() -> None:
    """Find machines' states and bring the results of their shifts up to date."""
    from nordlotse.iot import results

    results.run()


def _tend_events() -> None:
    from nordlotse.dialogue import tasks

    tasks.run()


class Embedder:
    """Makes the vectors that published texts still miss, then tells the other processes."""

    def __init__(self) -> None:
        """Start without knowing any state."""
        self._seen: tuple[int, object] | None = None

    def __call__(self) -> None:
        """Embed once per published change and once a day (dated sentences change with the day)."""
        from nordlotse.answers import memory
        from nordlotse.answers.models import KnowledgeState

        state = (KnowledgeState.current(), timezone.localdate())
        if state == self._seen:
            return
        made = memory.embed_all()
        self._seen = state
        if any(made.values()):
            KnowledgeState.bump()
            self._seen = (KnowledgeState.current(), timezone.localdate())
            _log.info("event=vectors_made %s", " ".join(f"{k}={v}" for k, v in made.items()))


class Worker:
    """Runs its chores until it is told to stop, or until the process that started it is gone."""

    def __init__(self) -> None:
        """Set up the chores."""
        from nordlotse.iot import alarming
        from nordlotse.iot.tasks import LANES
        from nordlotse.office.sending import Sender
        from nordlotse.print3d.tasks import lanes

        self._stop = threading.Event()
        self._sender = Sender()
        self._parent = os.getppid() if os.environ.get("NORDLOTSE_SUPERVISOR") else 0
        first = time.monotonic() + (EMBED_AFTER_SECONDS if self._parent else 0)
        self._beat = Chore("beat", 10, beat)
        # Each in a thread of its own: a mail server that does not answer must hold up nobody.
        self._alone = [
            Chore("mail", 2, self._send_mail),
            Chore("inbox", 60, _read_mail),
            Chore("events", 60, _tend_events),
            Chore("machines", 60, _tend_machines),
            Chore("cases", 120, _tend_cases, due=first),
            Chore("figures", 60, _count_ahead, due=first),
            Chore("shifts", 60, _work_out_shifts, due=first),
        ]
        # Parts handed in wait for nothing else; each lane has a child process of its own, started with its first part.
        self._parts = lanes(settings.CONFIGURATION.part_workers)
        # Simulated machines, their past, files of values; alarms, learning, webhooks: each in a thread of its own.
        self._machines = (*LANES, *alarming.LANES)
        self._chores = [
            Chore("embed", 1, Embedder(), due=first),
            Chore("erase", 3600, erase, due=first),
            Chore("retain", 6 * 3600, _retain, due=first),
            Chore("checks", 3600, _tend_checks, due=first),
            Chore("parts", 3600, _forget_parts, due=first),
        ]

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Finish what is at hand and end."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped; a failing chore is logged and tried again at its next turn."""
        threading.Thread(target=self._run_alone, args=(self._beat,), name="beats", daemon=True).start()
        lanes = [threading.Thread(target=self._run_alone, args=(c,), name=c.name, daemon=True) for c in self._alone]
        lanes += [
            threading.Thread(target=_check_parts, args=(k, self._stop), name="parts", daemon=True) for k in self._parts
        ]
        lanes += [
            threading.Thread(target=do, args=(self._stop,), name=do.__name__, daemon=True) for do in self._machines
        ]
        for lane in lanes:
            lane.start()
        while not self._stop.wait(0.5):
            if self._parent and os.getppid() != self._parent:
                self._stop.set()
            for chore in self._chores:
                self._turn(chore)
        for lane in lanes:  # a mail in the middle of being sent would otherwise be sent twice
            lane.join(FINISH_SECONDS)

    def _turn(self, chore: Chore) -> None:
        if time.monotonic() < chore.due or self._stop.is_set():
            return
        chore.due = time.monotonic() + chore.seconds
        try:
            close_old_connections()
            chore.do()
        except Exception:
            # Whatever it was: the other chores go on, and this one comes round again, but not every second.
            chore.due = time.monotonic() + max(chore.seconds, 10)
            _log.exception("event=chore_failed chore=%s", chore.name)

    def _run_alone(self, chore: Chore) -> None:
        """Do one chore in a thread of its own, so that a long embedding neither looks like a dead worker nor delays a mail."""
        while not self._stop.is_set():
            self._turn(chore)
            self._stop.wait(1)
        connection.close()

    def _send_mail(self) -> None:
        self._sender(stopping=self._stop.is_set)


def main() -> int:
    """Run the worker as a process of its own."""
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
    return 0
