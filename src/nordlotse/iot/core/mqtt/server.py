"""The MQTT server: the listening sockets and what connections share. A publication is acknowledged only when the intake says it is safe."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial

from nordlotse.iot.core.mqtt.allowance import Allowance
from nordlotse.iot.core.mqtt.connection import Connection
from nordlotse.iot.core.mqtt.frames import MAX_PACKET
from nordlotse.iot.core.mqtt.handshake import Handshake
from nordlotse.iot.core.mqtt.live import Live, Retained
from nordlotse.iot.core.mqtt.packets import Reason, Will
from nordlotse.iot.core.mqtt.ports import Intake, Login, Logins
from nordlotse.iot.core.mqtt.publishing import Topics, publish_will
from nordlotse.iot.core.mqtt.sessions import Sessions

#: How often connections are looked after, and sessions, seconds.
_TEND, _SWEEP = 0.5, 10.0
#: How soon is looked again whether there is room.
_ROOM = 0.02
#: Seconds a TLS handshake may take, and clients may take to hear our good-bye at the end.
_HANDSHAKE, _GOOD_BYE = 10.0, 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What keeps one client, and all together, from taking too much. Bytes, seconds, numbers.

    `connections`, `of_company`: open at once; `strangers`: of these such as have not said who they are; `handshakes`:
    such as have begun TLS from one address and not finished. `connect`: a CONNECT packet;
    `will`: a will's payload; `held`: unfinished packets of all. `slow`: waiting for one subscriber; `live`: values sent to subscribers a second.
    `connecting`, `packet`, `blocked`, `closing`: seconds until a client must have said who it is, have finished a packet (and a second more for
    each 2 kB), read our answers, have taken our good-bye.
    """

    connections: int = 12_000
    of_company: int = 11_000
    strangers: int = 3_000
    handshakes: int = 300
    connect: int = 16 * 1024
    will: int = 4096
    largest: int = MAX_PACKET
    held: int = 64 * 1024 * 1024
    slow: int = 256 * 1024
    live: int = 50_000
    connecting: float = 10.0
    packet: float = 60.0
    blocked: float = 60.0
    closing: float = 5.0


@dataclass(slots=True)
class Counters:
    """What happened since the start, for the metrics page."""

    connections: int = 0
    refused: int = 0
    publications: int = 0
    repeated: int = 0
    errors: dict[str, int] = field(default_factory=dict)

    def error(self, name: str) -> None:
        """Count an error by its name."""
        self.errors[name] = self.errors.get(name, 0) + 1


class Server:
    """Holds the listening sockets and what connections share."""

    def __init__(self, intake: Intake, logins: Logins, sessions: Sessions, limits: Limits | None = None) -> None:
        """Take where publications become safe, who may connect, and the sessions known from before."""
        self.intake = intake
        self.logins = logins
        self.sessions = sessions
        self.limits = limits or Limits()
        self.counters = Counters()
        self.live = Live(self.limits.live)
        self.retained = Retained()
        self.topics = Topics()
        self.connections: dict[tuple[str, str], Connection] = {}
        self.open: set[Connection] = set()
        #: Who has not said yet who it is, the first first.
        self.strangers: dict[Connection, None] = {}
        self._handshakes: dict[str, dict[Connection, None]] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self.of_company: dict[str, int] = {}
        self._allowances: dict[str, Allowance] = {}
        self.held = 0
        self.full = self.closed = False
        self._wills: dict[tuple[str, str], tuple[float, Login, Will]] = {}
        #: Users whose connection has ended since `heard` was asked, with when something came from them last (s since 1970).
        self._left: dict[str, float] = {}
        self._servers: list[asyncio.Server] = []
        self._tending: asyncio.Task[None] | None = None
        self._looking: asyncio.TimerHandle | None = None

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Listen, and return the address that is listened on (port 0 takes a free one).

        Raises:
            OSError: the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        made = partial(Connection, self) if tls is None else partial(Handshake, self, tls, _HANDSHAKE)
        server = await loop.create_server(made, host, port, backlog=1024)
        self._servers.append(server)
        if self._tending is None:
            self._tending = loop.create_task(self._tend())
        address = server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        """Say good-bye and close everything. Wills are not published: a restart of ours is no machine's failure."""
        self.closed = True
        if self._tending is not None:
            self._tending.cancel()
        for server in self._servers:
            server.close()
        for connection in list(self.open):
            connection.expel(Reason.SHUTTING_DOWN)
        until = time.monotonic() + _GOOD_BYE
        while self.open and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for connection in list(self.open):
            connection.drop()
        await asyncio.sleep(0)

    def expel(self, company: str) -> None:
        """Close every connection of a company and forget its sessions, retained values and wills."""
        for connection in list(self.open):
            if connection.login.company == company:
                connection.expel(Reason.NOT_AUTHORIZED)
        self.sessions.drop(company)
        self.retained.drop(company)
        self._wills = {key: kept for key, kept in self._wills.items() if key[0] != company}

    def expel_users(self, users: set[str]) -> None:
        """Close every connection made with one of these logins."""
        for connection in list(self.open):
            if connection.login.user in users:
                connection.expel(Reason.NOT_AUTHORIZED)
        self._wills = {key: kept for key, kept in self._wills.items() if kept[1].user not in users}

    def allowance(self, login: Login) -> Allowance | None:
        """Return what a login's company may still send, None where that is not bounded. It outlives its connections: coming again fills nothing."""
        if not login.slow:
            return None
        now = time.monotonic()
        if len(self._allowances) > self.limits.connections:  # full ones are as good as none
            self._allowances = {one: kept for one, kept in self._allowances.items() if one in self.of_company}
        return self._allowances.setdefault(login.company, Allowance(now))

    def heard(self) -> list[tuple[str, float]]:
        """Return the users that are connected, or were since this was asked last, each with when something came from it last (s since 1970)."""
        now, wall = time.monotonic(), time.time()
        left, self._left = self._left, {}
        return [*left.items(), *((one.login.user, wall - (now - one.heard)) for one in self.open if one.login.user)]

    def left(self, user: str, heard: float) -> None:
        """Note that a user's connection has ended; `heard`: when something came by it last, as `time.monotonic` tells it."""
        at = time.time() - (time.monotonic() - heard)
        self._left[user] = max(at, self._left.get(user, 0.0))

    # ---- wills ----

    def gone(self, login: Login, client: str, will: Will, delay: float) -> None:
        """Publish a will, after its delay [MQTT 5, 3.1.3.2.2] in seconds."""
        if delay <= 0 or len(self._wills) >= self.limits.connections:
            publish_will(self, login, will)
        else:
            self._wills[login.company, client] = (time.monotonic() + delay, login, will)

    def back(self, company: str, client: str, present: bool) -> None:
        """Drop the will of a client that is back in its session before the delay was over; where it begins anew, publish it."""
        kept = self._wills.pop((company, client), None)
        if kept is not None and not present:
            publish_will(self, kept[1], kept[2])

    def publish_wills(self, now: float) -> None:
        """Publish the wills whose delay is over; `now` as `time.monotonic` tells it."""
        for key in [key for key, kept in self._wills.items() if kept[0] <= now]:
            _, login, will = self._wills.pop(key)
            publish_will(self, login, will)

    # ---- too much ----

    def check_full(self) -> None:
        """Read from nobody while the intake is full: acknowledgements come later then, and nothing is dropped."""
        if self.intake.full == self.full:
            return
        self.full = not self.full
        for connection in list(self.open):
            connection.stop_for_intake(self.full)
        if self.full:
            self._look()

    def _look(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        self._looking = asyncio.get_running_loop().call_later(max(_ROOM, len(self.open) / 50_000), self._room)

    def _room(self) -> None:
        self.check_full()
        if self.full:
            self._look()

    def hold(self, more: int) -> None:
        """Count bytes of unfinished packets; whoever holds most of them is sent away once all hold too many."""
        self.held += more
        if more > 0 and self.held > self.limits.held:
            self.counters.error("HELD")
            max(self.open, key=lambda one: one.held).end(Reason.QUOTA)

    def stranger(self, connection: Connection) -> None:
        """Take in a client that has not said who it is; with too many of them the first goes."""
        self.strangers[connection] = None
        if len(self.strangers) > self.limits.strangers:
            self.counters.refused += 1
            first = next(iter(self.strangers))
            del self.strangers[first]
            first.drop()

    def shaking(self, connection: Connection, network: str) -> None:
        """Take in a client that begins TLS; with too many of its network the first goes."""
        held = self._handshakes.setdefault(network, {})
        held[connection] = None
        if len(held) > self.limits.handshakes:
            self.counters.refused += 1
            first = next(iter(held))
            del held[first]
            first.drop()

    def shaken(self, connection: Connection, network: str) -> None:
        """Let a client go that has finished TLS, or has failed."""
        held = self._handshakes.get(network, {})
        held.pop(connection, None)
        if not held:
            self._handshakes.pop(network, None)

    def keep(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside; the event loop itself would forget it half-way."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _tend(self) -> None:
        swept = before = time.monotonic()
        while True:
            await asyncio.sleep(_TEND)
            now = time.monotonic()
            self.live.tick(now - before)
            before = now
            self.check_full()
            for connection in list(self.open):
                connection.tend(now)
            self.publish_wills(now)
            if now - swept > _SWEEP:
                swept = now
                self.sessions.sweep()
