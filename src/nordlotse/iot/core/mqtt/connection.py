"""One client's connection: its bytes become packets, its packets are answered. Nothing that comes in raises out of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import time
from functools import partial
from typing import TYPE_CHECKING

from nordlotse.iot.core.mqtt import answers, frames, packets
from nordlotse.iot.core.mqtt.allowance import Allowance
from nordlotse.iot.core.mqtt.frames import MAX_PACKET, Publications, publications
from nordlotse.iot.core.mqtt.greeting import check, expiry_of, refusal, welcome
from nordlotse.iot.core.mqtt.packets import Connect, ProtocolError, Reason, Type, Will
from nordlotse.iot.core.mqtt.ports import Login, Released, Taken
from nordlotse.iot.core.mqtt.publishing import Publisher, Then
from nordlotse.iot.core.mqtt.sessions import MOST_SECONDS, Session, name_of
from nordlotse.iot.core.mqtt.subscribing import Subscribing

if TYPE_CHECKING:
    from nordlotse.iot.core.mqtt.server import Server

_log = logging.getLogger("nordlotse.iot")

#: Packets other than publications worked off in one go, before other clients have their turn.
_AT_ONCE = 200
#: Why a client is not read from: the intake is full, it does not read our answers, something of its own must be settled first,
#: it has sent more than its company may.
_FULL, _BLOCKED, _HELD, _SLOWED = 1, 2, 4, 8
#: A client that is gone without a word is found out after 60 + 4 · 15 seconds, also without keep-alive.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, server: Server) -> None:
        """Belong to a server."""
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._left = bytearray()
        self._needed = 0
        self._begun = 0.0
        self._connect: Connect | None = None
        self._session = Session("", "")
        self._publisher: Publisher | None = None
        self._subscribing: Subscribing | None = None
        self._heard = time.monotonic()
        self._blocked = self._ended = 0.0
        self._stops = 0
        self._speaks = False
        self._will: Will | None = None
        self._allowance: Allowance | None = None
        self.login = Login("")
        self.version = 4
        self.largest = MAX_PACKET
        #: Bytes of an unfinished packet.
        self.held = 0
        #: What of it is not settled yet.
        self.waiting = 0

    @property
    def heard(self) -> float:
        """Return when something came last, as `time.monotonic` tells it."""
        return self._heard

    @property
    def address(self) -> str:
        """Return where the client comes from, "" where that is not known."""
        peer = self._transport.get_extra_info("peername") if self._transport is not None else None
        return str((peer or ("",))[0])

    # ---- what asyncio calls ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it at once where there are too many."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP and TLS both are
        if self.admitted(transport):
            self.begin(transport)

    def admitted(self, transport: asyncio.Transport) -> bool:
        """Take a place among the open connections and return True, or close where there are too many. Nothing is read before `begin`."""
        self._transport = transport
        server = self._server
        if server.closed or len(server.open) >= server.limits.connections:
            server.counters.refused += 1
            transport.abort()
            return False
        server.open.add(self)
        _notice_death(transport)
        server.stranger(self)
        return True

    def begin(self, transport: asyncio.Transport) -> None:
        """Begin to read what comes by this transport; with TLS it is another one than that of the place among the open ones."""
        self._transport = transport
        self._speaks = True
        self._heard = time.monotonic()
        self._server.counters.connections += 1
        if self._server.full:
            self._stop(_FULL, True)

    def connection_lost(self, error: Exception | None) -> None:
        """Publish the will unless the client said good-bye, and leave the session."""
        server = self._server
        server.open.discard(self)
        server.strangers.pop(self, None)
        server.hold(-self.held)
        self.held = 0
        self._left.clear()
        if self._subscribing is None:
            return
        company, client = self.login.company, self._session.client
        if self.login.user:
            server.left(self.login.user, self._heard)
        self._subscribing.leave()
        server.of_company[company] -= 1
        if not server.of_company[company]:
            del server.of_company[company]
        now = server.connections.get((company, client))
        if now is self:
            del server.connections[company, client]
            server.sessions.leave(self._session)
        if self._will is not None:
            delay = self._will.properties.get("will_delay", 0)
            wait = min(float(delay), self._session.expiry) if isinstance(delay, int) else 0.0
            if now is self:
                server.gone(self.login, client, self._will, wait)
            elif not wait or now is None or now._session is not self._session:  # else it is back in time
                server.gone(self.login, client, self._will, 0)

    def data_received(self, data: bytes) -> None:
        """Read packets; a broken one ends the connection."""
        self._heard = time.monotonic()
        if self._allowance is not None and self._allowance.spend(len(data), self._heard):
            self._stop(_SLOWED, True)
        if self._left or self._stops & _HELD:
            self._left += data
            if self._stops & _HELD or len(self._left) < self._needed:
                self._count()
                return
            data = bytes(self._left)
        self._work(data)

    def pause_writing(self) -> None:
        """Read no more from a client that does not read what we send."""
        self._blocked = time.monotonic()
        self._stop(_BLOCKED, True)

    def resume_writing(self) -> None:
        """Read on."""
        self._blocked = 0.0
        self._stop(_BLOCKED, False)

    # ---- reading ----

    def _work(self, data: bytes) -> None:
        self._guarded(partial(self._read, data))

    def _guarded(self, work: Then) -> None:
        try:
            work()
        except ProtocolError as error:
            self._server.counters.error(error.reason.name)
            self.end(error.reason)
        except Exception:  # a fault of ours ends this connection alone; the client sends again
            _log.exception("event=iot_connection_failed")
            self._server.counters.error("FAULT")
            self.drop()

    def _read(self, data: bytes) -> None:
        publisher = self._publisher
        if publisher is None:
            self._keep(data, self._first(data), 0)  # what is behind CONNECT has its turn when that is answered
            return
        at = 0
        arrived = time.time_ns() // 1_000_000 * 1000
        for _ in range(_AT_ONCE):
            found = Publications()
            begin = at
            at, need = publications(data, at, self.version, found)
            if found.topics and not publisher.take(data[begin:at], found, arrived):
                self._keep(data, begin, 0)
                self._hold()
                self.later(Released(self.login.company, "", ()), self._go_on)
                return
            packet = frames.other(data, at)
            if packet is None:
                self._keep(data, at, len(data) - at + need)
                return
            first, body, at = packet
            self._other(first, body)
            if self._transport is None or self._transport.is_closing():
                return
        self._keep(data, at, 0)
        self._hold()
        asyncio.get_running_loop().call_soon(self._go_on)

    def _keep(self, data: bytes, at: int, needed: int) -> None:
        """Keep what is left for later; `needed`: how much there must be before it is worth looking again."""
        if at or not self._begun:
            self._begun = self._heard
        self._left = bytearray(data[at:]) if at < len(data) else bytearray()
        self._needed = needed
        if not self._left:
            self._begun = 0.0
        if len(self._left) != self.held:
            self._count()

    def _count(self) -> None:
        more, self.held = len(self._left) - self.held, len(self._left)
        self._server.hold(more)

    def _hold(self) -> None:
        self._stop(_HELD, True)

    def _go_on(self) -> None:
        """Read on behind what had to be settled first."""
        self._stop(_HELD, False)
        if self._left and self._transport is not None and not self._transport.is_closing():
            self._work(bytes(self._left))

    def _first(self, data: bytes) -> int:
        """Read CONNECT if it is here; return where it ends, 0 while it is not."""
        if data[0] != Type.CONNECT << 4:
            raise ProtocolError(Reason.PROTOCOL, "the first packet must be CONNECT")
        packet = frames.other(data, 0, self._server.limits.connect)
        if packet is None:
            return 0
        _, body, end = packet
        self._begin(packets.connect(body))
        return end

    def _begin(self, wish: Connect) -> None:
        check(wish)
        if self._transport is None:
            return
        self._server.strangers.pop(self, None)
        self._hold()
        login = self._server.logins.login(wish.user, wish.password, self.address)
        if isinstance(login, asyncio.Future):
            login.add_done_callback(
                lambda told: self._guarded(partial(self._known, wish, None if told.cancelled() else told.result()))
            )
        else:
            self._known(wish, login)

    def _known(self, wish: Connect, login: Login | None) -> None:
        """Go on with a client of which is known who it is, None for nobody that may connect."""
        if self._transport is None or self._transport.is_closing():
            return
        reason = refusal(self._server, wish, login)
        if reason == Reason.NOT_AUTHORIZED and login is not None and wish.will is not None:
            self._server.logins.may_not(login, wish.will.topic.partition("/")[0], self.address)
        if reason or login is None:
            self._server.counters.refused += 1
            self.write(answers.connack(wish.version, reason))
            self._close()
        else:
            self._welcome(wish, login)

    def _welcome(self, wish: Connect, login: Login) -> None:
        server = self._server
        self._connect, self._will = wish, wish.will
        self.login, self.version = login, wish.version
        self._allowance = server.allowance(login)
        most = wish.properties.get("maximum_packet")
        self.largest = most if isinstance(most, int) else MAX_PACKET
        client = wish.client_id or f"auto-{secrets.token_hex(8)}"
        name = name_of(login.user, client)
        before = server.connections.get((login.company, name))
        if before is not None:
            before.end(Reason.TAKEN_OVER)
        expiry = expiry_of(wish)
        self._session, present = server.sessions.begin(login.company, name, wish.clean, expiry > 0, expiry)
        server.back(login.company, name, present)
        server.connections[login.company, name] = self
        server.of_company[login.company] = server.of_company.get(login.company, 0) + 1
        self._subscribing = Subscribing(self, server, self._session)
        self._publisher = Publisher(self, server, login, self._session, wish.version)
        answer = welcome(wish, client, present)
        if expiry > 0:
            # What an older connection of the session left on its way is settled first, so that its repetitions are known; of a new session
            # the log must know too that nothing of an older one counts.
            self.later(Released(login.company, name, (), all=not present), partial(self._open, answer))
        else:
            self._open(answer)

    def _open(self, answer: bytes) -> None:
        self.write(answer)
        # not at once: what called this still has to put aside what came behind CONNECT
        asyncio.get_running_loop().call_soon(self._go_on)

    def _other(self, first: int, body: bytes) -> None:
        kind, flags, version = first >> 4, first & 15, self.version
        if (
            kind == Type.PUBLISH or self._publisher is None or self._subscribing is None
        ):  # publications() stopped before it though it is whole
            raise ProtocolError(Reason.MALFORMED, "publication")
        if flags != (2 if kind in (Type.PUBREL, Type.SUBSCRIBE, Type.UNSUBSCRIBE) else 0):
            raise ProtocolError(Reason.MALFORMED, "reserved flags")
        if kind == Type.PINGREQ and not body:
            self.write(bytes([Type.PINGRESP << 4, 0]))
        elif kind == Type.PUBREL:
            self._publisher.release(packets.acknowledged(body, version))
        elif kind == Type.SUBSCRIBE:
            self._subscribing.subscribe(packets.subscribe(body, version))
        elif kind == Type.UNSUBSCRIBE:
            self._subscribing.unsubscribe(*packets.unsubscribe(body, version))
        elif kind == Type.DISCONNECT:
            self._good_bye(*packets.disconnect(body, version))
        elif kind in (Type.PUBACK, Type.PUBREC, Type.PUBCOMP):
            packets.acknowledged(body, version)  # we send nothing that needs it; one of an old session is harmless
        else:
            raise ProtocolError(Reason.PROTOCOL, "packet not allowed here")

    def later(self, taken: Taken | Released, then: Then) -> None:
        """Do something when it is safe; where it cannot be made safe the connection ends and the client sends it again."""
        self.waiting += 1

        def done(error: OSError | None) -> None:
            self.waiting -= 1
            if error is not None:
                self.drop()
            else:
                then()

        self._server.intake.put(taken, done)
        self._server.check_full()

    # ---- live values ----

    @property
    def room(self) -> int:
        """Return how many bytes of live values may be sent now; 0 or less for a client that is slow or gone."""
        if self._transport is None or self._transport.is_closing():
            return 0
        return self._server.limits.slow - self._transport.get_write_buffer_size()

    # ---- ending ----

    def _good_bye(self, reason: int, told: packets.Properties) -> None:
        if reason != 0x04:  # 0x04: good-bye, but publish my will [3.14.2.1]
            self._will = None
        expiry = told.get("session_expiry")
        if isinstance(expiry, int) and self._session.expiry:
            self._session.expiry, self._session.lasting = min(float(expiry), MOST_SECONDS), expiry > 0
        self._close()

    def end(self, reason: Reason) -> None:
        """Close the connection, saying why to those who understand it."""
        if self._connect is None and reason is Reason.VERSION:
            self.write(answers.connack(4, reason))
        elif self._connect is not None:
            self.write(answers.goodbye(self.version, reason))
        self._close()

    def _close(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._ended = time.monotonic()
            self._left.clear()
            self._count()
            self._transport.close()

    def drop(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def expel(self, reason: Reason) -> None:
        """Close the connection without publishing its will."""
        self._will = None
        self.end(reason)

    def tend(self, now: float) -> None:
        """Close whoever is silent, slow with a packet, or deaf for too long."""
        limits = self._server.limits
        if self._stops & _SLOWED and self._allowance is not None and self._allowance.ready(now):
            self._stop(_SLOWED, False)
        if self._ended:
            if now - self._ended > limits.closing:
                self.drop()
            return
        if self._blocked:
            if now - self._blocked > limits.blocked:
                self.drop()
        elif self._stops:  # nobody can be slow or silent while we do not read
            self._heard = now
            self._begun = now if self._begun else 0.0
        elif self in self._server.strangers:
            if now - self._heard > limits.connecting or now - (self._begun or now) > limits.connecting:
                self.drop()
        elif self._slow(now) or self._silent(now):
            self.end(Reason.KEEP_ALIVE)

    def _slow(self, now: float) -> bool:
        return self._begun > 0 and now - self._begun > self._server.limits.packet + len(self._left) / 2048

    def _silent(self, now: float) -> bool:
        return self._connect is not None and 0 < 1.5 * self._connect.keep_alive < now - self._heard

    def stop_for_intake(self, on: bool) -> None:
        """Read no more while the intake is full; a TLS handshake goes on."""
        if self._speaks:
            self._stop(_FULL, on)

    def _stop(self, why: int, on: bool) -> None:
        before = self._stops
        self._stops = before | why if on else before & ~why
        if self._transport is None or self._transport.is_closing() or bool(before) == bool(self._stops):
            return
        if self._stops:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
            self._heard = time.monotonic()

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection is over."""
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _notice_death(transport: asyncio.Transport) -> None:
    """Let the system ask from time to time whether the other side is still there."""
    sock = transport.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
