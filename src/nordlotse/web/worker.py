"""The background worker: missing vectors, expired words, ended sessions, and a sign of life."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from django.db import close_old_connections
from django.utils import timezone

from nordlotse.web.models import Heartbeat, SignInLink

_log = logging.getLogger("nordlotse.worker")
NAME = "worker"

#: The web processes load their knowledge first; a fresh start shall not share its cores with the worker.
EMBED_AFTER_SECONDS = 15.0


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
    """Erase the words of questions past their day, sign-in links and sessions that have ended."""
    from django.contrib.sessions.models import Session

    from nordlotse.journey.actions import erase_expired

    words = erase_expired()
    links, _ = SignInLink.objects.filter(expires_at__lt=timezone.now()).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    if words or links or sessions:
        _log.info("event=erased words=%s links=%s sessions=%s", words, links, sessions)


class Embedder:
    """Makes the vectors that published texts still miss, then tells the other processes."""

    def __init__(self) -> None:
        """Start without knowing any state."""
        self._seen: tuple[int, object] | None = None

    def __call__(self) -> None:
        """Embed once per published change and once a day (dated sentences change with the day)."""
        from nordlotse.answers import library
        from nordlotse.answers.models import KnowledgeState

        state = (KnowledgeState.current(), timezone.localdate())
        if state == self._seen:
            return
        made = library.embed_all()
        self._seen = state
        if any(made.values()):
            KnowledgeState.bump()
            self._seen = (KnowledgeState.current(), timezone.localdate())
            _log.info("event=vectors_made %s", " ".join(f"{k}={v}" for k, v in made.items()))


class Worker:
    """Runs its chores until it is told to stop, or until the process that started it is gone."""

    def __init__(self) -> None:
        """Set up the chores."""
        self._stop = threading.Event()
        self._parent = os.getppid() if os.environ.get("NORDLOTSE_SUPERVISOR") else 0
        first = time.monotonic() + (EMBED_AFTER_SECONDS if self._parent else 0)
        self._beat = Chore("beat", 10, beat)
        self._chores = [Chore("embed", 1, Embedder(), due=first), Chore("erase", 3600, erase, due=first)]

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Finish what is at hand and end."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped; a failing chore is logged and tried again at its next turn."""
        beats = threading.Thread(target=self._run_beats, name="beats", daemon=True)
        beats.start()
        while not self._stop.wait(0.5):
            if self._parent and os.getppid() != self._parent:
                return
            for chore in self._chores:
                self._turn(chore)

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

    def _run_beats(self) -> None:
        """Report in a thread of its own, so that a long embedding does not look like a dead worker."""
        while not self._stop.is_set():
            self._turn(self._beat)
            self._stop.wait(1)


def main() -> int:
    """Run the worker as a process of its own."""
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
    return 0
