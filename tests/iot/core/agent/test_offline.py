"""The whole agent as a process against the real intake: offline for a week, killed, its clock set back: everything arrives exactly once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from nordlotse.iot.core import tail
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.records import ROW, Rows
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Quality, Series
from tests.iot.core.agent.kept import free_port
from tests.iot.process import Serve

WEEK = 7 * 86_400
SIGNALS = 10
STEP = 5  # seconds of values in one record


class Run:
    """Processes of one test; whatever is left over ends with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._left: list[subprocess.Popen[bytes]] = []
        (folder / "csv").mkdir()
        (folder / "agent.toml").write_text(
            f'serve = "mqtt://127.0.0.1:{self.port}"\nallow = ["mqtt://127.0.0.1:{self.port}"]\ndata = "puffer"\n'
            'write_every = 0.05\n[[csv]]\nfolder = "csv"\nmachine = "Presse"\nperiod = 0.2\n',
            "utf-8",
        )

    def agent(self) -> subprocess.Popen[bytes]:
        with (self.folder / "agent.err").open("ab") as told:
            made = subprocess.Popen(
                [sys.executable, "-m", "nordlotse.cli", "iot", "agent", str(self.folder / "agent.toml")], stderr=told
            )
        self._left.append(made)
        return made

    def centre(self) -> Serve:
        code = f"import sys\nsys.argv[sys.argv.index('127.0.0.1:0')] = '127.0.0.1:{self.port}'"
        made = Serve(self.folder / "iot", code)
        assert made.port == self.port
        self._left.append(made.process)
        return made

    def reader(self) -> Reader:
        made = tail.reader(self.folder / "iot", "local", patience=0)
        made.look()
        return made

    def end(self) -> None:
        for one in self._left:
            if one.poll() is None:
                one.kill()
                one.wait(60)
            if one.stdout is not None:
                one.stdout.close()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path)
    yield made
    made.end()


def within(seconds: float, holds: Callable[[], bool], every: float = 0.2) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "did not come about in time"
        time.sleep(every)


def names(signals: int) -> tuple[tuple[str, str], ...]:
    return tuple(("Presse", f"Signal {place}") for place in range(signals))


def week(buffer: Buffer, begin: int, seconds: int) -> None:
    """Put values of all signals, one each second, into the buffer as the keeper does."""
    row = np.zeros((STEP, SIGNALS), ROW)
    row["name"] = np.arange(SIGNALS)
    row["value"] = np.arange(SIGNALS) + np.arange(STEP)[:, None] / 8
    several = []
    for at in range(0, seconds, STEP):
        row["time"] = begin + (at + np.arange(STEP)[:, None]) * 1_000_000
        several.append(Rows(names(SIGNALS), (), row.reshape(-1).copy()))
        if len(several) == 1200:
            buffer.put(several)
            several = []
    buffer.put(several)


def test_a_week_offline_and_killed_twice_arrives_exactly_once(run: Run) -> None:
    begin = (time.time_ns() // 1_000_000_000 - WEEK) * 1_000_000
    buffer = Buffer(run.folder / "puffer", 1_000_000_000)
    week(buffer, begin, WEEK)  # 6,048,000 values: a week at ten a second
    assert buffer.bytes_waiting < 300_000_000
    os.close(buffer._lock)  # killed: never closed
    del buffer
    first = run.agent()
    time.sleep(2)
    first.send_signal(signal.SIGKILL)  # still no centre
    first.wait(60)
    centre = run.centre()
    second = run.agent()
    series = [Series("local", *name) for name in names(SIGNALS)]
    # in the midst of sending
    within(360, lambda: sum(run.reader().count(one) for one in series) > 300_000, 0.5)
    second.send_signal(signal.SIGKILL)
    second.wait(60)
    assert sum(run.reader().count(one) for one in series) < WEEK * SIGNALS
    third = run.agent()
    within(450, lambda: sum(run.reader().count(one) for one in series) >= WEEK * SIGNALS, 1)
    third.send_signal(signal.SIGTERM)
    assert third.wait(60) == 0
    reader = run.reader()
    assert [reader.count(one) for one in series] == [WEEK] * SIGNALS
    assert [len(reader.older(one)) for one in series] == [0] * SIGNALS  # what came twice was no correction
    rows = reader.rows(series[3], begin, begin + 3_000_000)
    assert list(zip(rows.time.tolist(), rows.value.tolist(), rows.quality.tolist(), strict=True)) == [
        (begin, 3.0, Quality.GOOD),  # a week old and good: it waited, its clock is not wrong
        (begin + 1_000_000, 3.125, Quality.GOOD),
        (begin + 2_000_000, 3.25, Quality.GOOD),
    ]
    assert centre.stop() == 0


def test_a_centre_that_is_killed_again_and_again_gets_everything_once(run: Run) -> None:
    buffer = Buffer(run.folder / "puffer", 1_000_000_000)
    begin = (time.time_ns() // 1_000_000_000 - 40_000) * 1_000_000
    week(buffer, begin, 40_000)
    buffer.close()
    agent = run.agent()
    for _ in range(3):
        centre = run.centre()
        time.sleep(0.7)
        centre.kill()
    run.centre()
    series = [Series("local", *name) for name in names(SIGNALS)]
    within(90, lambda: sum(run.reader().count(one) for one in series) >= 40_000 * SIGNALS, 0.5)
    reader = run.reader()
    assert [(reader.count(one), len(reader.older(one))) for one in series] == [(40_000, 0)] * SIGNALS
    assert agent.poll() is None


def test_a_csv_file_that_grows_is_followed_and_a_restarted_agent_goes_on_where_it_was(run: Run) -> None:
    def lines(begin: int, end: int) -> str:
        return "".join(f"2026-03-01T{k // 3600:02}:{k // 60 % 60:02}:{k % 60:02}Z;{k},5\n" for k in range(begin, end))

    series = Series("local", "Presse", "Druck")
    file = run.folder / "csv" / "messung.csv"
    file.write_text("Zeit;Druck\n" + lines(0, 500), "utf-8")
    run.centre()
    first = run.agent()
    within(60, lambda: run.reader().count(series) == 500)
    with file.open("a", encoding="utf-8") as told:
        told.write(lines(500, 700) + lines(700, 701)[:-8])  # the last line is not finished
    within(60, lambda: run.reader().count(series) == 700)
    first.send_signal(signal.SIGKILL)
    first.wait(60)
    with file.open("a", encoding="utf-8") as told:
        told.write(lines(700, 701)[-8:] + lines(701, 800))
    second = run.agent()
    within(60, lambda: run.reader().count(series) == 800)
    second.send_signal(signal.SIGTERM)
    assert second.wait(60) == 0
    reader = run.reader()
    assert len(reader.older(series)) == 0
    rows = reader.rows(series, 0, 2**62)
    assert rows.value.tolist() == [k + 0.5 for k in range(800)]
    assert set(rows.quality.tolist()) == {int(Quality.IMPORTED)}
    # the second agent read only what was new, and counted on where the killed one was
    told = (run.folder / "agent.err").read_text()
    assert re.search(r"(Until now read|Bisher gelesen) 700, ", told)
    assert re.findall(r"(?:read|gelesen) (\d+) · (?:sent|gesendet) (\d+) · (?:waiting|wartend) (\d+) ", told)[-1] == (
        "800",
        "800",
        "0",
    )
