"""Nothing acknowledged is missing, whenever the process is killed: at named points of the disk and at random, under full load.

The recorder is this process; what is killed is another. Four clients publish as fast as acknowledgements come back, 1,000 under way each; so
the load is all that both can. What share of the rate of a process that nobody kills was acknowledged on the average is printed. The protections (recovery out of the log, the log before the acknowledgement, segments before the log is
forgotten) are switched off one by one in `test_with_a_protection_off_…`: the same trial must find values missing.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nordlotse.iot.core import quarantine
from nordlotse.iot.core.ingest import settle
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Series

CLIENTS, WINDOW = 4, 1000
BASE_MS = 1_700_000_000_000
#: Where the process is killed, and the most often reached count to kill at.
POINTS = {
    "log-written": 60, "log-synced": 60, "log-forget": 3, "segment-chunk": 20, "segment-written": 6, "segment-synced": 6, "publish-written": 10,
    "publish-renamed": 10, "manifest": 6, "manifest-published": 6, "recovery": 1, "quarantine-written": 3, "merging": 2, "merged": 2,
}  # fmt: skip


class Sender:
    """One client: numbers from 1 on under its own machine; every tenth payload of machine 0 cannot be read and goes into quarantine."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.next = 1
        self.acknowledged: list[tuple[int, int]] = []
        self.socket: socket.socket | None = None

    def connect(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        name = b"m%d" % self.number
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2, "big") + name
        self.socket.sendall(bytes([0x10, len(body)]) + body)
        assert self.socket.recv(4) == b"\x20\x02\x00\x00"
        self.first = self.sent = self.next
        self.answered = 0
        self.socket.setblocking(False)
        self.left = b""

    def go_on(self) -> None:
        """Take answers and send as much as the window lets; raises ConnectionError at the end of the connection."""
        assert self.socket is not None
        try:
            got = self.socket.recv(1 << 16)
            if not got:
                raise ConnectionError
            self.answered += len(got)
        except BlockingIOError:
            pass
        if not self.left and self.sent - self.first - self.answered // 4 <= WINDOW // 2:
            self.left = b"".join(self._frame(k) for k in range(self.sent, self.sent + WINDOW // 2))
            self.sent += WINDOW // 2
        if self.left:
            with contextlib.suppress(BlockingIOError):
                self.left = self.left[self.socket.send(self.left) :]

    def end(self) -> None:
        """Note what was acknowledged, also what still lies in the socket; what was not is never sent again."""
        if self.socket is None:
            return
        self.socket.setblocking(True)
        self.socket.settimeout(1)
        try:
            while got := self.socket.recv(1 << 16):
                self.answered += len(got)
        except OSError:
            pass
        self.socket.close()
        self.socket = None
        if self.answered >= 4:
            self.acknowledged.append((self.first, self.first + self.answered // 4))
        self.next = self.sent

    def _frame(self, k: int) -> bytes:
        bad = self.number == 0 and k % 10 == 0
        payload = b"{broken %d" % k if bad else b'{"value":%d,"time":%d}' % (k, BASE_MS + k)
        body = b"\x00\x04m%d/s" % self.number + ((k - self.first) % 60_000 + 1).to_bytes(2, "big") + payload
        return bytes([0x32, len(body)]) + body


class Trial:
    """A data folder that outlives many processes."""

    def __init__(self, folder: Path, off: str = "") -> None:
        self.folder = folder / "iot"
        self.off = off
        self.chance = random.Random(7)
        self.senders = [Sender(k) for k in range(CLIENTS)]
        self.hits: Counter[str] = Counter()
        self.busy = self.share = 0.0
        self.zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.iot.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def kill(self, point: str) -> None:
        """Run one process until it is killed: at the named point, or at random where `point` is "" or not reached."""
        started = self._started(point, self.chance.randint(1, POINTS[point]) if point else 0)
        if started is None:  # killed in recovery
            self.hits[point] += 1
            return
        pid, port = started
        begun = time.monotonic()
        until = begun + self.chance.uniform(0.05, 0.4) + (3.0 if point else 0)
        killed = self._load(port, until)
        self.busy += time.monotonic() - begun
        if not killed:
            os.kill(pid, signal.SIGKILL)
        for sender in self.senders:
            sender.end()
        word, number = self._told().split()
        assert (word, int(number)) == ("ended", -signal.SIGKILL), self.folder.with_suffix(".err").read_text()[-2000:]
        self.hits[point if killed else "random"] += 1

    def full(self, seconds: float) -> float:
        """Return how many values a second a process that is left alone acknowledges on a folder of its own, with the same small limits."""
        folder = self.folder.with_name("full")
        folder.mkdir()
        alone = Trial(folder)
        try:
            pid = alone._started("", 0)
            assert pid is not None
            begun = time.monotonic()
            assert not alone._load(pid[1], begun + seconds)
            os.kill(pid[0], signal.SIGKILL)
            for sender in alone.senders:
                sender.end()
            return alone.acknowledged() / seconds
        finally:
            alone.close()

    def _load(self, port: int, until: float) -> bool:
        """Publish until then; return whether the process was killed before."""
        with selectors.DefaultSelector() as selector:
            try:
                for sender in self.senders:
                    sender.connect(port)
                    selector.register(sender.socket, selectors.EVENT_READ, sender)  # type: ignore[arg-type]
                    sender.go_on()
                while time.monotonic() < until:
                    for key, _ in selector.select(0.01):
                        key.data.go_on()
                    for sender in self.senders:
                        if sender.left:
                            sender.go_on()
            except (ConnectionError, AssertionError):
                return True
        return False

    def _started(self, point: str, nth: int) -> tuple[int, int] | None:
        """Start a process; return its id and port, None if it was killed before it listened."""
        wish = {"folder": str(self.folder), "point": point, "nth": nth, "off": self.off}
        assert self.zygote.stdin is not None
        self.zygote.stdin.write(json.dumps(wish) + "\n")
        pid = int(self._told().split()[1])
        word, number = self._told().split()
        if word == "ended":
            assert int(number) == -signal.SIGKILL, (self.folder.with_suffix(".err")).read_text()[-2000:]
            return None
        return pid, int(number)

    def _told(self) -> str:
        assert self.zygote.stdout is not None
        return self.zygote.stdout.readline()

    def missing(self) -> int:
        """Return how many acknowledged values cannot be read; nobody serves now. What is read was sent, and stands there once."""
        lost = 0
        look = reader(self.folder, "local", patience=0)
        look.look()
        for sender in self.senders:
            rows = look.rows(Series("local", f"m{sender.number}", "s"))
            numbers = rows.value.astype(np.int64)
            assert (rows.time == (BASE_MS + numbers) * 1000).all()
            assert not len(numbers) or (numbers[-1] < sender.next and (np.diff(numbers) > 0).all())
            there = np.zeros(sender.next, dtype=bool)
            there[numbers] = True
            if sender.number == 0:
                there[::10] = True  # these are in quarantine, or still only in the log: `missing_aside`
            lost += sum(int((~there[begin:end]).sum()) for begin, end in sender.acknowledged)
        return lost

    def missing_aside(self) -> int:
        """Work the log in, and return how many acknowledged payloads that nobody could read are not in quarantine, or there twice."""
        settle(self.folder)
        refused = quarantine.held(self.folder / "companies" / "local")
        found = Counter(int(one.payload.split()[1]) for one in refused)
        spans = self.senders[0].acknowledged
        return sum(found[k] != 1 for begin, end in spans for k in range(-(-begin // 10) * 10, end, 10))

    def acknowledged(self) -> int:
        return sum(end - begin for sender in self.senders for begin, end in sender.acknowledged)

    def close(self) -> None:
        self.zygote.communicate()


def kills(folder: Path, count: int, off: str = "") -> Trial:
    """Kill so often, every second time at a named point; nothing may be missing, before each restart and at the end."""
    trial = Trial(folder, off)
    full = 0.0 if off else trial.full(2.0)
    try:
        names = list(POINTS)
        for k in range(count):
            trial.kill(names[k // 2 % len(names)] if k % 2 else "")
            if k % 10 == 9 and not off:
                assert trial.missing() == 0
    finally:
        trial.close()
    trial.share = trial.acknowledged() / trial.busy / full if full else 0.0
    sys.stdout.write(
        f"{count} kills, hits {dict(trial.hits)}, {trial.acknowledged():,} acknowledged, {trial.acknowledged() / trial.busy:,.0f}/s,"
        f" {trial.share:.0%} of the {full:,.0f}/s of a process left alone\n"
    )
    return trial


def test_nothing_acknowledged_is_missing_after_fifty_kills(tmp_path: Path) -> None:
    trial = kills(tmp_path, 50)
    assert trial.missing() == 0
    assert trial.missing_aside() == 0
    assert trial.acknowledged() > 100_000
    assert sum(trial.hits[point] > 0 for point in POINTS) >= 9


@pytest.mark.long
def test_nothing_acknowledged_is_missing_after_a_thousand_kills(tmp_path: Path) -> None:
    trial = kills(tmp_path, 1000)
    assert trial.missing() == 0
    assert trial.missing_aside() == 0
    assert all(trial.hits[point] > 5 for point in POINTS)
    assert trial.share >= 0.5


@pytest.mark.parametrize("off", ["recovery", "log", "worked"])
def test_with_a_protection_off_the_same_trial_finds_values_missing(tmp_path: Path, off: str) -> None:
    assert kills(tmp_path, 6, off).missing() > 0
