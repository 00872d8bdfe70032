"""Values of refused machines beside the buffer: nothing is lost or counted twice, whatever happens between two writes."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.config import Centre, Config, Login
from nordlotse.iot.core.agent.reading import Reading, State, Told
from nordlotse.iot.core.agent.records import Rows, of_readings
from nordlotse.iot.core.agent.running import status
from nordlotse.iot.core.agent.sending import Refused, Sender
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Place
from tests.iot.core.store.faulty import Failing, Stopped, Stopping

MACHINES = ("Fräse", "Ofen", "Säge")


def rows(begin: int, end: int, *machines: str) -> Rows:
    """One value each of the machines at every moment."""
    return of_readings(
        [Reading(one, "Strom", k, 10**15 + k) for k in range(begin, end) for one in machines or MACHINES]
    )


class Answering:
    """A centre at the other end of `sending.Link`: takes what it allows, knows every value once, acknowledges at once."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = set(allowed)
        self.refused: set[str] = set()
        self.settled = True
        self.held: set[tuple[str, float]] = set()
        self.asked: list[str] = []

    def publish(self, topic: str, payload: bytes, stop: threading.Event) -> None:
        machine = topic.partition("/")[0]
        if machine not in self.allowed:
            self.refused = self.refused | {machine}
            return
        told = orjson.loads(payload)["value"]
        self.held |= {(machine, value) for value in (told if isinstance(told, list) else [told])}

    def may(self, machine: str) -> bool:
        self.asked.append(machine)
        return machine in self.allowed

    def settle(self, stop: threading.Event) -> None:
        pass

    def check(self) -> None:
        pass


class Run:
    """A run of the agent without its threads, which may be killed."""

    def __init__(self, folder: Path, limit: int = 10**8) -> None:
        to = Target("mqtt", "localhost", 1)
        self.buffer = Buffer(folder, limit)
        self.told = Told(State("centre"))
        made = Config(Centre(to, Login(), "agent-test"), (to,), folder, limit, 0.05)
        try:
            self.sender = Sender(made, self.buffer, self.told, lambda: 10**15)
        except BaseException:
            os.close(self.buffer._lock)
            raise

    def turn(self, centre: Any, ask: bool = False) -> None:
        """Send once what waits; `ask`: before, ask what may be sent of what lies aside."""
        if ask:
            self.sender._asked = -1e9
            self.sender._ask(centre)
        self.sender._send(centre)

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many values were read and how many of them wait."""
        return self.buffer.taken, self.buffer.waiting

    def kill(self) -> None:
        """End as the system ends a process."""
        os.close(self.buffer._lock)
        if self.sender._aside._buffer is not None:
            os.close(self.sender._aside._buffer._lock)

    def close(self) -> None:
        """End cleanly."""
        self.sender._aside.close()
        self.buffer.close()


def test_what_was_sent_of_what_lay_aside_is_still_counted_after_a_clean_end(tmp_path: Path) -> None:
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)
    run.buffer.note()
    assert run.counts == (30, 20)
    centre.allowed = set(MACHINES)
    run.turn(centre, ask=True)
    assert run.counts == (30, 0)
    run.close()
    again = Run(tmp_path)
    assert (again.counts, again.buffer.passed) == ((30, 0), 30)
    again.close()


def test_the_buffer_notes_what_was_passed_on_though_its_place_is_the_same(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, 10**6)
    buffer.beside(1000)
    buffer.forget(buffer.sent, 1000)
    buffer.close()
    again = Buffer(tmp_path, 10**6)
    assert (again.taken, again.passed) == (1000, 1000)
    again.close()


def disk_of(monkeypatch: pytest.MonkeyPatch, make: Callable[[], Disk]) -> None:
    """Let every buffer opened from now on lie on such a disk."""
    monkeypatch.setattr("nordlotse.iot.core.agent.buffer.Disk", make)


def test_a_kill_between_laying_aside_and_noting_it_counts_and_lays_aside_no_value_twice(tmp_path: Path) -> None:
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)
    assert run.counts == (30, 20)
    run.kill()  # before the buffer has noted its place
    again = Run(tmp_path)
    assert again.counts == (30, 20)
    again.turn(centre)
    assert again.counts == (30, 20)
    assert again.sender._aside.waiting == 20
    again.close()


@pytest.mark.parametrize("allowed", [("Säge", "Ofen"), MACHINES], ids=["one of two", "both"])
def test_read_stays_sent_plus_waiting_whichever_write_a_kill_comes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: tuple[str, ...]
) -> None:
    reached: list[str] = []
    for steps in range(1000):
        folder, centre = tmp_path / str(steps), Answering("Säge")
        run = Run(folder)
        run.buffer.put([rows(0, 10)])
        run.buffer.note()
        run.kill()
        disk = Stopping(10**9)
        with monkeypatch.context() as patched:
            disk_of(patched, lambda disk=disk: disk)  # type: ignore[misc]
            run = Run(folder)
            disk.left = steps
            try:
                run.turn(centre)
                run.buffer.note()
                centre.allowed = set(allowed)
                run.turn(centre, ask=True)
                run.buffer.note()
            except Stopped:
                reached.append(disk.reached)
        run.kill()
        again = Run(folder)
        assert again.buffer.taken == 30, (steps, disk.reached)
        assert again.buffer.waiting == again.buffer.taken - again.buffer.passed
        again.turn(centre, ask=True)
        centre.allowed = set(MACHINES)
        again.turn(centre, ask=True)
        assert again.counts == (30, 0), (steps, disk.reached)
        assert centre.held == {(machine, float(k)) for machine in MACHINES for k in range(10)}
        again.close()
        if not disk.reached:
            break
    assert {"log-synced", "rename", "publish-renamed"} <= set(reached)


def test_a_note_that_is_spoilt_costs_no_value_that_lies_aside_and_no_count(tmp_path: Path) -> None:
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)
    run.close()
    (tmp_path / "sent.json").write_bytes(b"\0\0\0")
    again = Run(tmp_path)
    assert again.counts == (30, 20)
    again.buffer.put([rows(10, 20)])
    centre.allowed = set(MACHINES)
    again.turn(centre, ask=True)
    assert again.counts == (60, 0)
    assert len(centre.held) == 60
    again.close()


def test_more_than_a_record_holds_is_laid_aside_in_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.iot.core.agent.records._RECORD", 1000)
    centre = Answering()
    run = Run(tmp_path)
    run.buffer.put([rows(k, k + 10) for k in range(0, 100, 10)])
    run.turn(centre)
    run.kill()
    again = Run(tmp_path)
    assert again.counts == (300, 300)
    centre.allowed = set(MACHINES)
    again.turn(centre, ask=True)
    assert (again.counts, len(centre.held)) == ((300, 0), 300)
    again.close()


def test_asking_reads_nothing_of_what_lies_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)
    run.close()
    again = Run(tmp_path)
    again.buffer.put([rows(10, 20, "Presse")])
    again.turn(centre)
    reads: list[Place] = []

    def read(place: Place, most: int) -> tuple[list[Rows], Place]:
        reads.append(place)
        return [], place

    monkeypatch.setattr(again.sender._aside._buffer, "read", read)
    centre.asked.clear()
    again.turn(centre, ask=True)
    assert (sorted(centre.asked), reads) == (["Fräse", "Ofen", "Presse"], [])
    assert again.counts == (40, 30)
    again.close()


def test_after_sending_what_lay_aside_only_whose_values_still_do_is_asked_for(tmp_path: Path) -> None:
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)
    centre.allowed = {"Säge", "Ofen"}
    run.turn(centre, ask=True)
    centre.asked.clear()
    run.turn(centre, ask=True)
    assert (centre.asked, run.counts) == (["Fräse"], (30, 10))
    run.close()
    again = Run(tmp_path)
    centre.refused = set()
    centre.asked.clear()
    again.turn(centre, ask=True)
    assert centre.asked == ["Fräse"]
    again.close()


def test_the_next_question_comes_a_pause_after_the_last_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("nordlotse.iot.core.agent.sending.time.monotonic", lambda: now[0])
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)

    def slow(machine: str) -> bool:
        now[0] += 50
        return False

    monkeypatch.setattr(centre, "may", slow)
    run.turn(centre, ask=True)
    ended = now[0]
    now[0] += 59
    run.sender._ask(centre)  # type: ignore[arg-type]
    assert now[0] == ended + 59, "asked again though the pause is not over"
    run.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_takes_no_order_of_what_lies_aside_stops_no_sending_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    failing = [False]
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)
    run.close()
    with monkeypatch.context() as patched:
        disk_of(patched, lambda: Failing(lambda what: failing[0] and what in ("write", "sync"), code))
        run = Run(tmp_path)
    run.buffer.put([rows(10, 20, "Säge")])
    failing[0] = True
    centre.allowed = {"Säge", "Ofen"}
    run.turn(centre, ask=True)
    assert {value for machine, value in centre.held if machine == "Säge"} == {float(k) for k in range(20)}
    assert run.counts == (40, 20)
    assert "20 Werte bleiben beiseite" in status(run.told, "de")
    assert "20 values stay aside" in status(run.told, "en")
    failing[0] = False
    run.turn(centre, ask=True)
    assert run.counts == (40, 10)
    assert "bleiben beiseite" not in status(run.told, "de")
    run.close()


def test_a_disk_that_is_nearly_full_still_takes_what_is_laid_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = [False]
    monkeypatch.setattr(Disk, "short", lambda self, folder: short[0])
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    short[0] = True
    run.turn(centre)
    assert run.counts == (30, 20)
    centre.allowed = {"Säge", "Ofen"}
    run.turn(centre, ask=True)
    assert run.counts == (30, 10)
    run.close()


def test_what_lies_aside_takes_no_more_than_the_buffer_may(tmp_path: Path) -> None:
    centre = Answering()
    run = Run(tmp_path, 3000)
    with pytest.raises(Refused, match="no more room"):
        while True:
            run.buffer.put([rows(0, 10)])
            run.turn(centre)
    aside = run.sender._aside
    assert aside._buffer is not None
    assert 2000 < aside._buffer.bytes_waiting <= 3000
    centre.allowed = {"Säge"}
    for _ in range(5):  # what goes behind again needs no room of its own
        run.turn(centre, ask=True)
        assert aside._buffer.bytes_waiting <= 3000
    run.close()


def test_who_removes_what_lies_aside_loses_only_that_and_the_counts_still_add_up(tmp_path: Path) -> None:
    centre = Answering("Säge")
    run = Run(tmp_path)
    run.buffer.put([rows(0, 10)])
    run.turn(centre)
    run.close()
    shutil.rmtree(tmp_path / "refused")
    again = Run(tmp_path)
    assert (again.counts, again.buffer.passed) == ((10, 0), 10)
    again.buffer.put([rows(10, 20, "Säge")])
    again.turn(centre, ask=True)
    assert again.counts == (20, 0)
    again.close()
