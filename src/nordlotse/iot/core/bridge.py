"""Beside a broker in production: what it brings is acknowledged to it only when it lies in our own log.

The broker keeps a lasting session for each of several connections, which share one subscription; at most `UNDER_WAY` publications of each are
not acknowledged, so memory is bounded and a broker or a process that is killed loses nothing: what was not acknowledged is sent again.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from paho.mqtt.client import MQTTMessage

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.agent.outward import Outward, RefusedError, Subscription, closed, context, subscribed
from nordlotse.iot.core.mqtt import frames
from nordlotse.iot.core.mqtt.frames import MAX_PACKET, MAX_TOPIC, Publications
from nordlotse.iot.core.mqtt.matching import check_filter
from nordlotse.iot.core.mqtt.packets import ProtocolError
from nordlotse.iot.core.mqtt.ports import Intake, Taken
from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.values import COMPANY

_log = logging.getLogger("nordlotse.iot")

#: Publications of one connection that the broker may send before we acknowledge the first.
UNDER_WAY = 1000
#: So long the broker keeps what comes while we are away, seconds (if it is told to keep so many: see the docs).
_SESSION = 14 * 86_400
_PAUSE, _LONGEST = 1.0, 30.0
#: How soon is looked again whether the intake takes more, seconds.
_ROOM = 0.05
_URL = re.compile(r"(mqtts?)://(?:([^@/]*)@)?(\[[0-9a-fA-F:]+\]|[^@/:\s]+)(?::(\d{1,5}))?/(\S+)\Z")


@dataclass(frozen=True, slots=True)
class Beside:
    """A broker to read from: address, user, filter of the topics, whose machines they are, number of connections."""

    host: str
    port: int
    tls: bool
    filter: str
    user: str = ""
    password: str = field(default="", repr=False)
    company: str = "local"
    workers: int = 2

    @property
    def above(self) -> int:
        """Return how many levels stand before the first wildcard: they are taken off, so that MACHINE/SIGNAL is left."""
        levels = self.filter.split("/")
        wild = [place for place, level in enumerate(levels) if level in ("+", "#")]
        return wild[0] if wild else 0


def beside(url: str, password: str = "", company: str = "local", workers: int = 2) -> Beside:
    """Return the broker an address names: `mqtt://USER@HOST:PORT/FILTER`.

    Raises:
        BadInput: `iot_broker`.
    """
    read = _URL.match(url)
    good = read is not None and COMPANY.match(company) is not None and 1 <= workers <= 64
    if read is not None:
        try:
            check_filter(read[5])
        except ProtocolError:
            good = False
    if read is None or not good or ":" in (read[2] or ""):
        raise BadInput(
            "iot_broker",
            de="So lässt sich kein Broker ansprechen.",
            en="No broker can be addressed like this.",
            where=re.sub(r"//[^@/]*@", "//…@", url)[:80],
            remedy_de="Zum Beispiel mqtt://user@broker.example:1883/halle1/# ; das Passwort steht in NORDLOTSE_IOT_BROKER_PASSWORD.",
            remedy_en="For example mqtt://user@broker.example:1883/hall1/# ; the password is in NORDLOTSE_IOT_BROKER_PASSWORD.",
        )
    tls = read[1] == "mqtts"
    port = int(read[4] or (8883 if tls else 1883))
    return Beside(read[3].strip("[]"), port, tls, read[5], read[2] or "", password, company, workers)


@dataclass(slots=True)
class Counters:
    """What happened since the start."""

    connected: int = 0
    taken: int = 0
    acknowledged: int = 0
    too_large: int = 0


class Bridge:
    """The connections to one broker. Belongs to the event loop of the intake."""

    def __init__(self, broker: Beside, intake: Intake, folder: Path) -> None:
        """Take the broker, where publications become safe, and the data folder, which knows our name at the broker."""
        self.broker = broker
        self._intake = intake
        self._name = _name(folder)
        self.counters = Counters()

    async def run(self) -> None:
        """Read until cancelled; every connection comes back by itself."""
        await asyncio.gather(*(self._worker(place) for place in range(self.broker.workers)))

    async def _worker(self, place: int) -> None:
        pause = _PAUSE
        while True:
            begin = time.monotonic()
            try:
                await self._session(place)
            except (OSError, TimeoutError, ValueError) as error:
                reason = str(error.reason) if isinstance(error, RefusedError) else type(error).__name__
                _log.error("event=iot_bridge_lost worker=%d reason=%s", place, reason.replace(" ", "_"))
            except Exception:  # a fault of ours must not end the reading: nothing of it was acknowledged
                _log.exception("event=iot_bridge_failed worker=%d", place)
            if time.monotonic() - begin > _LONGEST:
                pause = _PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    async def _session(self, place: int) -> None:
        broker = self.broker
        loop = asyncio.get_running_loop()
        shared = broker.workers > 1
        client = Outward(f"{self._name}-{place}", lambda: broker.host, manual_ack=True)
        wish = Subscription(
            [f"$share/nordlotse/{broker.filter}" if shared else broker.filter],
            UNDER_WAY,
            _SESSION,
            broker.user,
            broker.password,
            context(None) if broker.tls else None,
        )
        lost: asyncio.Future[None] = loop.create_future()

        def end(error: Exception) -> None:
            if not lost.done():
                lost.set_exception(error)

        heap = _Heap(self, client, loop, end)
        known = await subscribed(client, broker.host, broker.port, wish, heap.take, end)
        (_log.info if known else _log.warning)("event=iot_bridge_connected worker=%d session_kept=%s", place, known)
        self.counters.connected += 1
        try:
            await lost
        finally:
            self.counters.connected -= 1
            heap.over = True
            await closed(client)

    @property
    def full(self) -> bool:
        """Return whether the intake takes nothing for now."""
        return self._intake.full

    def put(self, messages: Sequence[MQTTMessage], heap: _Heap) -> None:
        """Make publications safe, then acknowledge them."""
        found = Publications()
        pieces = []
        for message in messages:
            topic = "/".join(message.topic.split("/")[self.broker.above :]).encode()
            payload = bytes(message.payload)
            if len(topic) > MAX_TOPIC or not topic or len(payload) + len(topic) + 16 > MAX_PACKET:
                self.counters.too_large += 1
                _log.error("event=iot_bridge_not_taken bytes=%d", len(payload))
                continue
            found.topics.append(topic)
            found.payloads.append(payload)
            found.packet_ids.append(b"")
            found.flags.append(0x30)
            pieces.append(frames.written(topic, payload))
        self.counters.taken += len(found)
        arrived = time.time_ns() // 1_000_000 * 1000
        taken = Taken(self.broker.company, "", 4, arrived, b"".join(pieces), found)
        if found.topics:
            self._intake.put(taken, partial(heap.done, messages))
        else:
            heap.done(messages, None)


class _Heap:
    """What one connection has brought: heaped up in the client's thread, handed on in the loop."""

    def __init__(
        self, bridge: Bridge, client: Outward, loop: asyncio.AbstractEventLoop, end: Callable[[Exception], None]
    ) -> None:
        self._bridge = bridge
        self._client = client
        self._loop = loop
        self._end = end
        self._lock = threading.Lock()
        self._messages: list[MQTTMessage] = []
        #: The connection has ended: nothing of it can be acknowledged any more, the broker sends it again.
        self.over = False

    def take(self, message: MQTTMessage) -> None:
        """Take a publication (in the client's thread)."""
        with self._lock:
            self._messages.append(message)
            first = len(self._messages) == 1
        if first:
            self._loop.call_soon_threadsafe(self._hand_on)

    def _hand_on(self) -> None:
        if self._bridge.full and not self.over:
            # not acknowledged meanwhile, so the broker sends no more than `UNDER_WAY`
            self._loop.call_later(_ROOM, self._hand_on)
            return
        with self._lock:
            messages, self._messages = self._messages, []
        if messages and not self.over:
            self._bridge.put(messages, self)

    def done(self, messages: Sequence[MQTTMessage], error: OSError | None) -> None:
        """Acknowledge what is safe; where it could not be made safe the connection ends, and the broker sends it again."""
        if self.over:
            return
        if error is not None:
            self._end(error)
            return
        for message in messages:
            if message.qos:
                self._client.ack(message.mid, message.qos)
        self._bridge.counters.acknowledged += len(messages)


def _name(folder: Path) -> str:
    """Return our name at the broker: another one would be another session, so it is kept."""
    path = folder / "bridge"
    try:
        held = path.read_text("ascii").strip()
        if re.fullmatch(r"nordlotse-[0-9a-f]{8}", held):
            return held
    except (FileNotFoundError, ValueError):
        pass
    made = f"nordlotse-{secrets.token_hex(4)}"
    publish(Disk(), path, made.encode())
    return made
