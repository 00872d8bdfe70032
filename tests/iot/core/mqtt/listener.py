"""A listener for tests: the whole ingest in a thread of this process, one with an intake in memory, and one without sockets at all."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from nordlotse.iot.core import tail
from nordlotse.iot.core.ingest import Ingest
from nordlotse.iot.core.logins import FileLogins
from nordlotse.iot.core.mqtt.connection import Connection
from nordlotse.iot.core.mqtt.ports import Done, Login, Released, Taken
from nordlotse.iot.core.mqtt.server import Limits, Server
from nordlotse.iot.core.mqtt.sessions import Sessions
from nordlotse.iot.core.mqtt.tls import Certificate
from nordlotse.iot.core.values import Series


class Listener:
    """Ingest and listener on a free port, in a thread."""

    def __init__(
        self,
        folder: Path,
        *,
        required: bool = False,
        tls: tuple[Path, Path] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.folder = folder
        self._required = required
        self._tls = tls
        self._limits = limits
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.port = 0

    def __enter__(self) -> Listener:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self.logins = FileLogins(self.folder, self._required)
        self.ingest = Ingest(self.folder, self.logins)
        self.server = self.ingest.server
        if self._limits is not None:
            self.server.limits = self._limits
        await self.ingest.start()
        self.certificate = Certificate(*self._tls) if self._tls else None
        context = self.certificate.context if self.certificate else None
        self.port = (await self.server.listen("127.0.0.1", 0, context))[1]
        self._ready.set()
        await self._ended.wait()
        await asyncio.sleep(0.05)  # asyncio leaves a transport open that is accepted in the moment its server closes
        await self.ingest.stop()
        self.logins.close()
        # handshakes that were under way end before the loop does
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        if under_way:
            await asyncio.wait(under_way, timeout=2)
        for task in under_way:
            task.cancel()
        for _ in range(5):
            await asyncio.sleep(0.01)

    def ask(self, what: Callable[[], Any]) -> Any:
        """Return what a function gives in the listener's own thread."""

        async def call() -> Any:
            return what()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(20)

    def refresh(self) -> None:
        """Do what `serve` does every second."""

        def look() -> None:
            gone = self.logins.refresh()
            if gone:
                self.server.expel_users(gone)
            if self.certificate is not None:
                self.certificate.refresh()

        self.ask(look)

    def values(self, machine: str, signal: str, company: str = "local") -> list[float]:
        """Return the values of a signal as readers see them."""
        reader = tail.reader(self.folder, company, patience=0)
        reader.look()
        return reader.rows(Series(company, machine, signal)).value.tolist()

    def eventually(self, machine: str, signal: str, count: int, company: str = "local") -> list[float]:
        """Return the values of a signal once there are so many, or what there is after a while."""
        return until(lambda: self.values(machine, signal, company), lambda found: len(found) >= count)


def until(get: Callable[[], Any], good: Callable[[Any], bool] = bool, seconds: float = 30.0) -> Any:
    """Return what a function gives once it is good, or its last answer after a while."""
    end = time.monotonic() + seconds
    while not good(found := get()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


class Raw:
    """A socket that speaks what the test tells it to."""

    def __init__(self, port: int, seconds: float = 30.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def packet(self) -> tuple[int, bytes]:
        """Return first byte and body of the next packet; (0, b"") at the end."""
        head = self._exactly(1)
        if not head:
            return 0, b""
        length = shift = 0
        while True:
            one = self._exactly(1)
            if not one:
                return 0, b""
            length |= (one[0] & 127) << shift
            shift += 7
            if one[0] < 128:
                break
        return head[0], self._exactly(length)

    def ended(self) -> bool:
        """Read to the end; False where the other side keeps the connection open."""
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            try:
                got = self.socket.recv(count - len(found))
            except ConnectionError:
                return b""
            if not got:
                return b""
            found += got
        return found

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Everybody:
    """Lets in whoever comes; the user, if one is named, is `company` or `company/machine`. Holds who sent for another machine."""

    def __init__(self) -> None:
        self.refused: list[tuple[str, str, str, int]] = []

    def may_not(self, login: Login, machine: str, address: str, count: int = 1) -> None:
        self.refused.append((login.user, machine, address, count))

    def login(self, user: str | None, password: bytes | None, address: str) -> Login | None:
        company, _, machine = (user or "local").partition("/")
        return Login(company, machine, user or "")


class Memory:
    """An intake in memory: everything is safe at once, or with `settle` when the test says so."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.at_once = at_once
        self.full = False
        self.entries: list[Taken | Released] = []
        self.waiting: list[Done] = []

    def put(self, taken: Taken | Released, done: Done) -> None:
        self.entries.append(taken)
        if self.at_once:
            done(None)
        else:
            self.waiting.append(done)

    def settle(self, error: OSError | None = None) -> None:
        waiting, self.waiting = self.waiting, []
        for done in waiting:
            done(error)

    @property
    def payloads(self) -> list[bytes]:
        return [one for taken in self.entries if isinstance(taken, Taken) for one in taken.publications.payloads]


class Wire(asyncio.Transport):
    """A transport that keeps what is written, as to a client that reads everything; with `deaf` as to one that reads nothing."""

    def __init__(self, *, deaf: bool = False) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.deaf = deaf
        self.written = bytearray()
        self.closed = self.aborted = self.paused = False
        self.connection: Connection | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.written += data
        if self.deaf and len(self.written) > 65536 and self.connection is not None:
            self.connection.pause_writing()

    def get_write_buffer_size(self) -> int:
        return len(self.written) if self.deaf else 0

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True
        if not self.deaf:
            self._lost()

    def abort(self) -> None:
        self.closed = self.aborted = True
        self._lost()

    def _lost(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            asyncio.get_running_loop().call_soon(connection.connection_lost, None)

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


def plugged(server: Server, *, deaf: bool = False) -> tuple[Connection, Wire]:
    """Return a new connection of a server, and its other end."""
    wire = Wire(deaf=deaf)
    made = Connection(server)
    wire.connection = made
    made.connection_made(wire)
    return made, wire


def bare(limits: Limits | None = None, *, at_once: bool = True) -> tuple[Server, Memory]:
    """Return a server without sockets, and its intake."""
    intake = Memory(at_once=at_once)
    return Server(intake, Everybody(), Sessions(), limits), intake


async def turns(count: int = 5) -> None:
    """Let the event loop do what it has put off."""
    for _ in range(count):
        await asyncio.sleep(0)


@contextlib.contextmanager
def patched(target: object, **values: object) -> Iterator[None]:
    """Give attributes other values for a while: a protection switched off."""
    before: Mapping[str, object] = {name: getattr(target, name) for name in values}
    for name, value in values.items():
        setattr(target, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(target, name, value)


# ---- packets as a client writes them ----


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def framed(first: int, body: bytes) -> bytes:
    length, out = len(body), bytearray([first])
    while True:
        length, low = length >> 7, length & 127
        out.append(low | 128 if length else low)
        if not length:
            return bytes(out) + body


def connect(
    client: str = "test",
    *,
    version: int = 4,
    clean: bool = True,
    keep_alive: int = 0,
    user: str | None = None,
    password: str | None = None,
    will: tuple[str, bytes, int] | None = None,
    properties: bytes = b"",
    will_properties: bytes = b"",
) -> bytes:
    """Return CONNECT; `will`: topic, payload, flags besides 4 (0x20 retain)."""
    flags = (
        2 * clean
        | (4 | will[2] if will else 0)
        | (128 if user is not None else 0)
        | (64 if password is not None else 0)
    )
    body = text("MQTT") + bytes([version, flags]) + keep_alive.to_bytes(2, "big")
    five = version == 5
    body += (bytes([len(properties)]) + properties if five else b"") + text(client)
    if will:
        body += (bytes([len(will_properties)]) + will_properties if five else b"") + text(will[0]) + text(will[1])
    body += text(user) if user is not None else b""
    body += text(password) if password is not None else b""
    return framed(0x10, body)


def publish(topic: str, payload: bytes, packet_id: int = 0, *, qos: int = 0, flags: int = 0, version: int = 4) -> bytes:
    """Return PUBLISH; `flags`: 8 repeated, 1 retain."""
    number = packet_id.to_bytes(2, "big") if qos else b""
    body = text(topic) + number + (b"\0" if version == 5 else b"") + payload
    return framed(0x30 | qos << 1 | flags, body)


def subscribe(pattern: str, packet_id: int = 1, options: int = 0, version: int = 4) -> bytes:
    properties = b"\0" if version == 5 else b""
    return framed(0x82, packet_id.to_bytes(2, "big") + properties + text(pattern) + bytes([options]))
