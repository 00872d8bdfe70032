"""What a client publishes: checked against its rights, made safe, acknowledged in its order, each once where the protocol can tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nordlotse.iot.core.mqtt import answers, frames
from nordlotse.iot.core.mqtt.frames import Publications, topic_text
from nordlotse.iot.core.mqtt.packets import ProtocolError, Reason, Type, Will
from nordlotse.iot.core.mqtt.ports import Login, Released, Taken
from nordlotse.iot.core.mqtt.sessions import Session, mark

if TYPE_CHECKING:
    from nordlotse.iot.core.mqtt.connection import Connection
    from nordlotse.iot.core.mqtt.server import Server

#: Something to do when what it waits for is safe.
Then = Callable[[], None]

#: Publications a client may have under way; told to those of version 5.
RECEIVE_MAXIMUM = 10_000
_ACK = b"\x40\x02"
_REPEATED, _RETAIN = 8, 1
#: Topics remembered as text for all clients together.
_MOST_TOPICS = 50_000


class Topics:
    """Topics as text, None for those a login may not publish to: checked once for each login, not for each publication."""

    def __init__(self) -> None:
        """Begin without any."""
        self._of: dict[Login, dict[bytes, str | None]] = {}
        self._count = 0

    def of(self, login: Login) -> dict[bytes, str | None]:
        """Return the topics of a login; `learn` adds to them."""
        return self._of.setdefault(login, {})

    def learn(self, login: Login, topics: set[bytes]) -> dict[bytes, str | None]:
        """Return the topics of a login with these among them; all are forgotten where there are too many.

        Raises:
            ProtocolError: one is no topic to publish to.
        """
        known = self.of(login)
        new = topics.difference(known)
        if self._count + len(new) > _MOST_TOPICS:
            for others in self._of.values():  # emptied where they are: connections hold on to them
                others.clear()
            self._count = 0
            new = topics
        for topic in new:
            text = topic_text(topic)
            known[topic] = text if login.may(text) else None
            self._count += 1
        return known


class Publisher:
    """The publishing side of one connection."""

    def __init__(self, connection: Connection, server: Server, login: Login, session: Session, version: int) -> None:
        """Belong to a connection that has said who it is."""
        self._connection = connection
        self._server = server
        self._login = login
        self._session = session
        self._version = version
        self._topics = server.topics.of(login)
        self._client = session.client if session.lasting else ""
        self._coming: dict[int, int] = {}
        self._repeated_to = -1

    def take(self, data: bytes, found: Publications, arrived: int) -> bool:
        """Make publications safe, then acknowledge them; False if that must wait until what came before is settled.

        `data`: their bytes; `arrived`: µs since 1970.

        Raises:
            ProtocolError: no topic, another machine's (3.1.1 has no way to say it but to close), too many under way.
        """
        names = set(found.topics)
        topics = self._topics
        if not names <= topics.keys():
            topics = self._topics = self._server.topics.learn(self._login, names)
        forbidden = {topic for topic in names if topics[topic] is None}
        if forbidden and self._version == 4:
            self._refused(forbidden, 1)
            raise ProtocolError(Reason.NOT_AUTHORIZED, "topic of another machine")
        kinds = set(found.flags)
        again = any(first & _REPEATED for first in kinds)
        second = any(first & 4 for first in kinds)
        if (again and self._connection.waiting) or (second and self._under_way(found)):
            return False
        if forbidden:
            self._refused(forbidden, sum(topic in forbidden for topic in found.topics))
        anew = bool(forbidden) or again or second
        if anew:
            data, found = self._sorted_out(found, forbidden)
        if found.topics:
            version = 4 if anew else self._version
            taken = Taken(self._login.company, self._client, version, arrived, data, found)
            self._connection.later(taken, partial(self._safe, found))
        return True

    def _refused(self, forbidden: set[bytes], count: int) -> None:
        """Tell whoever knows the logins that this one sent for another machine: the first by name, where there are several."""
        machine = topic_text(min(forbidden)).partition("/")[0]
        self._server.logins.may_not(self._login, machine, self._connection.address, count)

    def _under_way(self, found: Publications) -> bool:
        """Return whether a publication of quality of service 2 stands among these that came before and is not settled yet."""
        return bool(self._coming) and any(
            first & 4 and int.from_bytes(raw_id, "big") in self._coming
            for raw_id, first in zip(found.packet_ids, found.flags, strict=True)
        )

    def _sorted_out(self, found: Publications, forbidden: set[bytes]) -> tuple[bytes, Publications]:
        """Return what is to be kept, written anew: nothing forbidden, nothing that is safe already; that is answered in its turn."""
        kept = Publications()
        pieces = []
        received, coming = self._session.received, self._coming
        for topic, payload, raw_id, first in zip(
            found.topics, found.payloads, found.packet_ids, found.flags, strict=True
        ):
            qos, packet_id = first >> 1 & 3, int.from_bytes(raw_id, "big")
            known = topic not in forbidden and self._known(qos, packet_id, topic, payload, first)
            if known or topic in forbidden:
                self._server.counters.repeated += known
                reason = Reason.SUCCESS if known else Reason.NOT_AUTHORIZED
                if qos:
                    # behind what is on its way, so that acknowledgements stay in order
                    answer = answers.ack(Type.PUBACK if qos == 1 else Type.PUBREC, packet_id, self._version, reason)
                    self._connection.later(
                        Released(self._login.company, "", ()), partial(self._connection.write, answer)
                    )
                continue
            if qos == 2:
                if len(received) + len(coming) >= RECEIVE_MAXIMUM and packet_id not in received:
                    raise ProtocolError(Reason.RECEIVE_MAXIMUM, "too many publications not released")
                coming[packet_id] = mark(topic, payload)
            kept.topics.append(topic)
            kept.payloads.append(payload)
            kept.packet_ids.append(raw_id)
            kept.flags.append(first)
            pieces.append(frames.written(topic, payload, qos, raw_id, bool(first & _RETAIN)))
        return b"".join(pieces), kept

    def _known(self, qos: int, packet_id: int, topic: bytes, payload: bytes, first: int) -> bool:
        """Return whether a publication is safe already, or stands among those just looked at."""
        if qos == 1 and first & _REPEATED:
            number = self._session.taken.find(packet_id, mark(topic, payload), self._repeated_to)
            self._repeated_to = max(self._repeated_to, number)
            return number >= 0
        if qos != 2:
            return False
        seen = mark(topic, payload)
        return self._session.holds(packet_id, seen) or self._coming.get(packet_id) == seen

    def _safe(self, found: Publications) -> None:
        """Acknowledge publications that are safe now, and hand live values on."""
        server = self._server
        server.counters.publications += len(found)
        flags = set(found.flags)
        if flags == {0x32}:
            self._connection.write(_ACK + _ACK.join(found.packet_ids))
        elif flags != {0x30}:
            self._acknowledge(found)
        if self._client:
            self._remember(found, flags)
        if server.live.wanted(self._login.company) or not flags <= {0x30, 0x32, 0x34}:
            self._hand_on(found)

    def _acknowledge(self, found: Publications) -> None:
        made = []
        for topic, payload, raw_id, first in zip(
            found.topics, found.payloads, found.packet_ids, found.flags, strict=True
        ):
            qos = first >> 1 & 3
            if qos == 1:
                made.append(_ACK + raw_id)
            elif qos == 2:
                packet_id = int.from_bytes(raw_id, "big")
                self._coming.pop(packet_id, None)
                self._session.received[packet_id] = mark(topic, payload)
                made.append(b"\x50\x02" + raw_id)
        self._connection.write(b"".join(made))

    def _remember(self, found: Publications, flags: set[int]) -> None:
        """Remember those with quality of service 1, so that a repetition is known."""
        if all(first & 6 == 2 for first in flags):
            marks = [mark(topic, payload) for topic, payload in zip(found.topics, found.payloads, strict=True)]
            self._session.taken.extend(b"".join(found.packet_ids), marks)
            return
        for topic, payload, raw_id, first in zip(
            found.topics, found.payloads, found.packet_ids, found.flags, strict=True
        ):
            if first & 6 == 2:
                self._session.remember(int.from_bytes(raw_id, "big"), mark(topic, payload))

    def _hand_on(self, found: Publications) -> None:
        server, company = self._server, self._login.company
        for topic, payload, first in zip(found.topics, found.payloads, found.flags, strict=True):
            if first & _RETAIN:
                server.retained.keep(company, topic.decode(), payload)
        server.live.hand_on(company, self._connection, found, self._topics)

    def release(self, packet_id: int) -> None:
        """Let a packet identifier of quality of service 2 be used again, and say so when that is safe."""
        reason = Reason.SUCCESS if packet_id in self._session.received else Reason.ID_NOT_FOUND
        if self._version == 4:
            reason = Reason.SUCCESS

        def done() -> None:
            self._session.received.pop(packet_id, None)
            self._connection.write(answers.ack(Type.PUBCOMP, packet_id, self._version, reason))

        self._connection.later(Released(self._login.company, self._client, (packet_id,)), done)


def publish_will(server: Server, login: Login, will: Will) -> None:
    """Take a client's will as if the client had published it."""
    topic = will.topic.encode()
    found = Publications([topic], [will.payload], [b""], [0x30 | will.retain])
    data = frames.written(topic, will.payload, retain=will.retain)
    taken = Taken(login.company, "", 4, time.time_ns() // 1000, data, found)

    def done(error: OSError | None) -> None:
        if error is None:
            if will.retain:
                server.retained.keep(login.company, will.topic, will.payload)
            server.live.hand_on(login.company, None, found, {topic: will.topic})

    server.intake.put(taken, done)
