"""The worker's lanes: each takes the oldest work that waits, lets one long-lived child compute, and watches whether it is still wanted."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from django.db import close_old_connections

from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.print3d.actions import examining, parts, work
from nordlotse.print3d.actions.examining import Stopped
from nordlotse.print3d.core.workshop import WorkLimits, Workshop
from nordlotse.print3d.models import Work

_log = logging.getLogger("nordlotse.worker")

#: What a lane does: single parts, exact figures, whole lists. Each has threads and children of its own, so that none waits for another.
PARTS = (Work.Kind.EXAMINE, Work.Kind.REPAIR)
EXACT = (Work.Kind.SLICE,)
LISTS = (Work.Kind.SCREEN,)

#: Seconds between two looks for single parts and for the rest, and between two looks whether the work at hand is still wanted.
POLL, POLL_REST, WATCH = 0.25, 1.0, 0.3
#: Seconds between two looks for work of lanes that died.
_TIDY = 10.0
#: Seconds after its start in which a lane for single parts starts its child, so that the first part does not wait for it.
_READY = 5.0
_PRELOAD = ("nordlotse.print3d.core.workbench", "nordlotse.print3d.core.step:warm")


class Lane:
    """Takes work of some kinds, one at a time; lives in a thread of its own."""

    def __init__(self, kinds: tuple[str, ...], stopping: Callable[[], bool] = lambda: False) -> None:
        """Take the kinds, and what tells that the worker is to end. The child starts with the first work."""
        self._kinds = kinds
        self._stopping = stopping
        self.workshop = Workshop(preload=_PRELOAD)
        # the child's calls block; meanwhile this thread watches
        self._caller = ThreadPoolExecutor(1, thread_name_prefix="part-call")
        self._tidied = 0.0

    def run_one(self) -> bool:
        """Do the oldest work that waits; return whether there was one."""
        if time.monotonic() - self._tidied > _TIDY:
            self._tidied = time.monotonic()
            work.bring_back()
        found = work.claim(self._kinds)
        if found is None:
            return False
        try:
            self._do(found)
        except Stopped:
            if self._stopping():
                work.give_back(found)
        except Problem as problem:
            work.failed(found, problem)
        except Exception:
            _log.exception("event=part_work_broke kind=%s id=%s", found.kind, found.pk)
            work.failed(found, _broke())
        return True

    def close(self) -> None:
        """End the child."""
        self.workshop.close()
        self._caller.shutdown(wait=False, cancel_futures=True)

    def _do(self, found: Work) -> None:
        if found.kind == Work.Kind.EXAMINE:
            examining.examine(found, self._watched(found))
        elif found.kind == Work.Kind.REPAIR:
            examining.mend(found, self._watched(found))
        elif found.kind == Work.Kind.SLICE:
            examining.slice_exactly(found, self._watched(found))
        else:
            from nordlotse.print3d.actions import list_run

            list_run.screen(found, self._watched(found))

    def _watched(self, found: Work) -> examining.Call:
        """Return how a work calls the child: while it computes, this thread sees whether anybody still wants it."""

        def call(function: str, *arguments: Any, seconds: float) -> Any:
            limits = WorkLimits(seconds=seconds)
            asked: Future[Any] = self._caller.submit(self.workshop.run, function, *arguments, limits=limits)
            breath = time.monotonic()
            while True:
                try:
                    return asked.result(timeout=WATCH)
                except NotYet:
                    if asked.done():  # the call itself ended by a time-out of its own
                        raise
                breathing = time.monotonic() - breath > work.BREATH
                wanted = work.breathe(found) if breathing else work.wanted(found)
                breath = time.monotonic() if breathing else breath
                if self._stopping() or not wanted:
                    self._kill(asked)
                    raise Stopped

        return call

    def _kill(self, asked: Future[Any]) -> None:
        """Kill the child in the middle of its call; the next call starts a new one."""
        while not asked.done():
            if (child := self.workshop.child) is not None:
                with contextlib.suppress(OSError):
                    os.killpg(child, signal.SIGKILL)
            wait([asked], timeout=0.1)


def run(kinds: tuple[str, ...], stop: threading.Event) -> None:
    """Work in this thread until told to stop; a failing database is waited for."""
    lane = Lane(kinds, stop.is_set)
    ready_at = time.monotonic() + _READY if kinds == PARTS else float("inf")
    try:
        while not stop.is_set():
            try:
                close_old_connections()
                if lane.run_one():
                    continue
                if time.monotonic() > ready_at:
                    ready_at = float("inf")
                    lane.workshop.start()
            except Exception:
                _log.exception("event=part_lane_failed")
                stop.wait(5.0)
            stop.wait(POLL if kinds == PARTS else POLL_REST)
    finally:
        lane.close()


def lanes(workers: int) -> list[tuple[str, ...]]:
    """Return the kinds of every lane a worker runs, `workers` of them for single parts."""
    return [*([PARTS] * workers), EXACT, LISTS]


def forget() -> None:
    """Delete what has expired."""
    from nordlotse.print3d.actions import lists

    parts.forget_expired()
    lists.forget_expired()


def _broke() -> BadInput:
    return BadInput(
        "part_broke",
        de="Beim Prüfen dieses Teils ist bei uns ein Fehler aufgetreten; er ist vermerkt.",
        en="An error of ours occurred while checking this part; it is noted.",
        where="worker",
        remedy_de="Bitte versuchen Sie es noch einmal oder sprechen Sie uns an.",
        remedy_en="Try once more, or talk to us.",
    )
