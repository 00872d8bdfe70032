"""A client of MQTT that costs nearly nothing: ready-made publications of quality of service 1, as many under way as allowed.

A process of its own drives some connections: `Load` starts it, `run` is it. Acknowledgements are counted, and their order is checked.
"""

from __future__ import annotations

import json
import random
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

#: Publications made ready for a connection; then they come again from the first.
RING = 50_000
_STEP = 0.002


@dataclass(frozen=True, slots=True)
class Wish:
    """What a process is to do. `rate`: publications a second of each connection, 0: as many as `window` lets. Ends at `seconds` or `most` each."""

    port: int
    topics: tuple[str, ...]
    seconds: float = 1e9
    most: int = 10**12
    rate: float = 0.0
    window: int = 1000


@dataclass(frozen=True, slots=True)
class Done:
    """What it did: moments of the first publication and the last acknowledgement (monotonic clock), and milliseconds to acknowledgements."""

    acknowledged: int
    first: float
    last: float
    p50: float
    p99: float


class Load:
    """A process that publishes."""

    def __init__(self, wish: Wish) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.iot.load", json.dumps(asdict(wish))], stdout=subprocess.PIPE
        )

    def done(self) -> Done:
        """Wait for its end."""
        told, _ = self._process.communicate()
        return Done(**json.loads(told))


def payloads(seed: str, count: int) -> list[bytes]:
    """Return payloads of 27 bytes: a noisy number with 17 digits and point."""
    chance = random.Random(seed)
    return [b'{"value":%17.8f}' % (20_000_000 + chance.gauss(0, 1_000_000)) for _ in range(count)]


class _Connection:
    def __init__(self, wish: Wish, topic: str) -> None:
        self.wish = wish
        self.socket = socket.create_connection(("127.0.0.1", wish.port), 20)
        name = f"load-{topic.replace('/', '-')}".encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2, "big") + name
        self.socket.sendall(bytes([0x10, len(body)]) + body)
        if self.socket.recv(4) != b"\x20\x02\x00\x00":
            raise SystemExit("not let in")
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = len(topic.encode()).to_bytes(2, "big") + topic.encode()
        frames = []
        for number, payload in enumerate(payloads(topic, RING), 1):
            body = head + number.to_bytes(2, "big") + payload
            frames.append(bytes([0x32, len(body)]) + body)
        self.size = len(frames[0])
        self.ring = memoryview(b"".join(frames))
        if len(self.ring) != RING * self.size:
            raise SystemExit("publications of different lengths")
        self.sent = self.acknowledged = 0
        self.left = memoryview(b"")
        self.half = b""
        self.under_way: deque[tuple[int, float]] = deque()
        self.took: list[tuple[float, int]] = []

    def give(self, now: float, allowed: int) -> None:
        """Send what the window and `allowed` (in all so far) let."""
        if not self.left:
            count = min(self.wish.window - (self.sent - self.acknowledged), min(allowed, self.wish.most) - self.sent)
            if count <= 0:
                return
            at = self.sent % RING
            count = min(count, RING - at)
            self.left = self.ring[at * self.size : (at + count) * self.size]
            self.sent += count
            self.under_way.append((self.sent, now))
        try:
            self.left = self.left[self.socket.send(self.left) :]
        except BlockingIOError:
            return

    def take(self, now: float) -> None:
        """Count acknowledgements."""
        got = self.half + self.socket.recv(1 << 16)
        if len(got) == len(self.half):
            raise SystemExit("the connection was closed")
        whole = len(got) // 4
        self.half = got[4 * whole :]
        if not whole:
            return
        self.acknowledged += whole
        last = got[4 * whole - 4 : 4 * whole]
        if last != b"\x40\x02" + ((self.acknowledged - 1) % RING + 1).to_bytes(2, "big"):
            raise SystemExit("acknowledgements out of order")
        done = self.acknowledged - whole
        while self.under_way and self.under_way[0][0] <= self.acknowledged:
            until, since = self.under_way.popleft()
            self.took.append((now - since, until - done))
            done = until
        if done < self.acknowledged:
            self.took.append((now - self.under_way[0][1], self.acknowledged - done))


def run(wish: Wish) -> Done:
    """Publish as wished."""
    connections = [_Connection(wish, topic) for topic in wish.topics]
    begun = last = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for one in connections:
            selector.register(one.socket, selectors.EVENT_READ, one)
        going = True
        while going or any(one.acknowledged < one.sent for one in connections):
            now = time.monotonic()
            going = going and now - begun < wish.seconds and any(one.sent < wish.most for one in connections)
            allowed = int((now - begun) * wish.rate) if wish.rate else wish.most
            for one in connections:
                if going or one.left:
                    one.give(now, allowed)
            ready = selector.select(_STEP if wish.rate or any(one.left for one in connections) else 0.05)
            now = time.monotonic()
            for key, _ in ready:
                key.data.take(now)
                last = now
    took = [pair for one in connections for pair in one.took]
    p50, p99 = _weighted(took, 0.5), _weighted(took, 0.99)
    return Done(sum(one.acknowledged for one in connections), begun, last, 1000 * p50, 1000 * p99)


def _weighted(took: list[tuple[float, int]], share: float) -> float:
    seconds, counts = (np.array(column, float) for column in zip(*took, strict=True))
    order = np.argsort(seconds)
    reached = np.cumsum(counts[order])
    return float(seconds[order][np.searchsorted(reached, share * reached[-1])])


if __name__ == "__main__":
    told: dict[str, Any] = json.loads(sys.argv[1])
    print(json.dumps(asdict(run(Wish(**{**told, "topics": tuple(told["topics"])})))))
