"""The worker's lanes of this room: simulated machines send a value a second, their past is made up, files are taken in, sandboxes end."""

from __future__ import annotations

import json
import logging
import threading
import time

from django.db import close_old_connections, connection

from nordlotse.foundation.problem import NotAvailable, TooMany
from nordlotse.iot import memory
from nordlotse.iot.actions import halls, simulating, uploads
from nordlotse.iot.core.gate import Sender
from nordlotse.iot.core.simulator import Simulation as Source
from nordlotse.iot.core.stores import micros
from nordlotse.iot.leaving import follow
from nordlotse.iot.models import Simulation

_log = logging.getLogger("nordlotse.iot")

#: Seconds between two turns of the simulated machines, between two looks for files, and between two notes of how far a simulation is.
_TURN, _LOOK, _NOTE = 1.0, 1.0, 20.0
#: After a failed turn so many seconds pass; the gap is made up afterwards.
_AFTER_FAILURE = 3.0
#: A gap longer than this, µs, is made up apart, so that the others do not wait for it.
_GAP = 120 * simulating.SECOND


class Simulators:
    """Sends what the simulated machines measure; remembers up to when it has, and notes it now and then."""

    def __init__(self) -> None:
        """Begin without knowing any."""
        self._sent: dict[int, int] = {}
        self._sources: dict[int, tuple[str, Source]] = {}
        self._places: dict[int, tuple[str, str]] = {}
        self._noted = time.monotonic()

    def turn(self, now: int) -> int:
        """Send what all simulated machines measured since the last turn; return how many there are.

        Raises:
            NotAvailable: the intake does not answer; nothing is lost.
        """
        kept = simulating.running()
        end = now // simulating.SECOND * simulating.SECOND
        with Sender(memory.folder(), 10.0) as sender:
            for one in kept:
                begin = self._begin(one)
                stop = min(end, begin + _GAP)
                self._places[one.pk] = (one.machine.hall.store, one.machine.name)
                if begin < stop:
                    try:
                        made = self._source(one).at(begin, stop, simulating.SECOND)
                    except Exception:
                        simulating.give_up(one)
                        continue
                    sender.send(made)
                self._sent[one.pk] = max(begin, stop)
        self._forget({one.pk for one in kept})
        if time.monotonic() - self._noted > _NOTE:
            self.note()
        return len(kept)

    def behind(self, now: int) -> bool:
        """Tell whether one of the machines still lags, so that the next turn should come at once."""
        return any(now - sent > 3 * simulating.SECOND for sent in self._sent.values())

    def note(self) -> None:
        """Keep up to when was sent. What a killed worker did not note is sent again and counts once."""
        self._noted = time.monotonic()
        for pk, sent in self._sent.items():
            Simulation.objects.filter(pk=pk, sent_until__lt=sent).update(sent_until=sent)

    def lost(self) -> None:
        """Forget what was under way when the intake failed: it is sent again from what was noted."""
        self._sent.clear()

    def _begin(self, one: Simulation) -> int:
        return max(self._sent.get(one.pk, 0), one.sent_until)

    def _source(self, one: Simulation) -> Source:
        marks = json.dumps(one.faults)
        held = self._sources.get(one.pk)
        if held is None or held[0] != marks:
            held = self._sources[one.pk] = (marks, simulating.source_of(one))
        return held[1]

    def _forget(self, alive: set[int]) -> None:
        for pk in set(self._places) - alive:
            self._sent.pop(pk, None)
            self._sources.pop(pk, None)
            follow(*self._places.pop(pk))  # it may have been deleted between being looked up and being sent


def simulate(stop: threading.Event) -> None:
    """Send for the simulated machines, in this thread, until told to stop."""
    lane = Simulators()
    while not stop.is_set():
        begun = time.monotonic()
        wait = _TURN
        try:
            close_old_connections()
            lane.turn(micros())
            wait = 0.0 if lane.behind(micros()) else max(0.05, _TURN - (time.monotonic() - begun))
        except (NotAvailable, TooMany) as problem:
            _log.warning("event=iot_simulation_waits code=%s", problem.code)
            lane.lost()
            wait = _AFTER_FAILURE
        except Exception:
            _log.exception("event=iot_simulation_failed")
            lane.lost()
            wait = _AFTER_FAILURE
        stop.wait(wait)
    lane.note()
    connection.close()


def make_past(stop: threading.Event) -> None:
    """Hand in the past of simulated machines, piece by piece and in turn, in this thread, until told to stop."""
    while not stop.is_set():
        wait = _LOOK
        try:
            close_old_connections()
            done = [simulating.go_back(one) for one in simulating.running() if not stop.is_set()]
            wait = 0.0 if any(done) else _LOOK
        except (NotAvailable, TooMany) as problem:
            _log.warning("event=iot_past_waits code=%s", problem.code)
            wait = _AFTER_FAILURE
        except Exception:
            _log.exception("event=iot_past_failed")
            wait = _AFTER_FAILURE
        stop.wait(wait)
    connection.close()


def take_files(stop: threading.Event) -> None:
    """Take in files of values, one after the other, in this thread, until told to stop."""
    lane = uploads.Lane(stop.is_set)
    try:
        while not stop.is_set():
            try:
                close_old_connections()
                if lane.run_one():
                    continue
            except Exception:
                _log.exception("event=iot_file_lane_failed")
                stop.wait(_AFTER_FAILURE)
            stop.wait(_LOOK)
    finally:
        lane.close()
        connection.close()


#: Each runs in a thread of its own.
LANES = (simulate, make_past, take_files)


def tend() -> None:
    """Delete sandboxes past their day, files nobody took in, and shut the doors of full ones."""
    halls.forget_expired()
    halls.shut_full()
    uploads.forget_old()
