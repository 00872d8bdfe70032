"""The background worker: queued tasks, missing vectors, expired words, and a sign of life."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from django.db import close_old_connections
from django.db.utils import DatabaseError
from django.utils import timezone

from nordlotse.web.models import Heartbeat

_log = logging.getLogger("nordlotse.worker")
NAME = "worker"


@dataclass(slots=True)
class Chore:
    """Something done every `seconds`."""

    name: str
    seconds: float
    do: Callable[[], None]
    due: float = field(default=0.0)


def beat() -> None:
    """Report that the worker lives."""
    Heartbeat.objects.update_or_create(name=NAME, defaults={"beat_at": timezone.now()})


def erase() -> None:
    """Erase the words of questions past their day."""
    from nordlotse.journey.actions import erase_expired

    count = erase_expired()
    if count:
        _log.info("event=words_erased count=%s", count)


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
    """Runs chores and queued tasks until it is told to stop."""

    def __init__(self) -> None:
        """Set up the chores."""
        self._stop = threading.Event()
        self._chores = [Chore("beat", 10, beat), Chore("embed", 1, Embedder()), Chore("erase", 3600, erase)]

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Finish what is at hand and end."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped; a failing chore is logged and tried again at its next turn."""
        tasks = threading.Thread(target=self._run_tasks, name="tasks", daemon=True)
        beats = threading.Thread(target=self._run_beats, name="beats", daemon=True)
        tasks.start()
        beats.start()
        while not self._stop.wait(0.5):
            self._turn([c for c in self._chores if c.name != "beat"])

    def _turn(self, chores: list[Chore]) -> None:
        for chore in chores:
            if time.monotonic() < chore.due or self._stop.is_set():
                continue
            chore.due = time.monotonic() + chore.seconds
            try:
                close_old_connections()
                chore.do()
            except DatabaseError:
                _log.exception("event=chore_failed chore=%s", chore.name)

    def _run_beats(self) -> None:
        """Report in a thread of its own, so that a long embedding does not look like a dead worker."""
        while not self._stop.is_set():
            self._turn([c for c in self._chores if c.name == "beat"])
            self._stop.wait(1)

    def _run_tasks(self) -> None:
        from django_tasks_db.management.commands.db_worker import Worker as TaskWorker

        worker = TaskWorker(
            queue_names=["default"],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            excluded_queue_names=[],
            worker_id=f"nordlotse-{timezone.now():%Y%m%d%H%M%S%f}",
        )
        worker.run()


def main() -> int:
    """Run the worker as a process of its own."""
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
    return 0
