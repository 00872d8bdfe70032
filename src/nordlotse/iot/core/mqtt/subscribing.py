"""The subscribing side of one connection: live values and retained ones, of what its login may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nordlotse.iot.core.mqtt import answers
from nordlotse.iot.core.mqtt.matching import allowed, check_filter
from nordlotse.iot.core.mqtt.packets import ProtocolError, Reason, Subscribe, Type
from nordlotse.iot.core.mqtt.sessions import Session

if TYPE_CHECKING:
    from nordlotse.iot.core.mqtt.connection import Connection
    from nordlotse.iot.core.mqtt.server import Server

_MOST_SUBSCRIPTIONS = 100


class Subscribing:
    """The subscriptions of a connection; they belong to its session."""

    def __init__(self, connection: Connection, server: Server, session: Session) -> None:
        """Take up what the session has subscribed to before."""
        self._connection = connection
        self._server = server
        self._session = session
        for pattern, options in session.subscriptions.items():
            if allowed(connection.login, pattern):
                server.live.subscribe(connection, pattern, options)

    def leave(self) -> None:
        """Send no more."""
        for pattern in self._session.subscriptions:
            self._server.live.unsubscribe(self._connection, pattern)

    def subscribe(self, wish: Subscribe) -> None:
        """Subscribe and answer; then send retained values.

        Raises:
            ProtocolError: more filters at once than a client may have.
        """
        if len(wish.filters) > _MOST_SUBSCRIPTIONS:
            raise ProtocolError(Reason.QUOTA, "too many filters at once")
        version = self._connection.version
        before = set(self._session.subscriptions)
        reasons = [self._subscribed(pattern, options) for pattern, options in wish.filters]
        shown = [reason if version == 5 or not reason else 0x80 for reason in reasons]
        self._connection.write(answers.suback(Type.SUBACK, wish.packet_id, version, shown))
        for (pattern, options), reason in zip(wish.filters, reasons, strict=True):
            handling = options >> 4 & 3  # [MQTT 5, 3.8.3.1]
            if not reason and handling != 2 and not (handling == 1 and pattern in before):
                self._send_retained(pattern)

    def _subscribed(self, pattern: str, options: int) -> int:
        """Return the quality of service granted, or why not.

        Granted is always 0: live values are sent once; what must not be missed is asked of the store.
        """
        subscriptions = self._session.subscriptions
        try:
            check_filter(pattern)
        except ProtocolError as error:
            return error.reason
        if pattern.startswith("$share/"):
            return Reason.SHARED
        if not allowed(self._connection.login, pattern):
            return Reason.NOT_AUTHORIZED
        if len(subscriptions) >= _MOST_SUBSCRIPTIONS and pattern not in subscriptions:
            return Reason.QUOTA
        if not self._kept(pattern) or not self._server.live.subscribe(self._connection, pattern, options):
            return Reason.QUOTA
        if subscriptions.get(pattern) != options:
            subscriptions[pattern] = options
            self._changed()
        return 0

    def _kept(self, pattern: str) -> bool:
        """Return whether there is room for a filter that outlives the connection."""
        session = self._session
        new = session.lasting and pattern not in session.subscriptions
        return not new or self._server.sessions.note_filter(session.company)

    def _changed(self) -> None:
        if self._session.lasting:
            self._server.sessions.changes += 1

    def _send_retained(self, pattern: str) -> None:
        connection, live, retained = self._connection, self._server.live, self._server.retained
        if not live.spend(1 + retained.count(connection.login.company) // 8):
            return
        for topic, payload in retained.found(connection.login, pattern):
            packet = answers.publish(topic.encode(), payload, connection.version, retain=True)
            if connection.room <= 0 or not live.spend(1 + len(packet) // 256):
                return
            if len(packet) <= connection.largest:
                connection.write(packet)

    def unsubscribe(self, packet_id: int, filters: tuple[str, ...]) -> None:
        """Unsubscribe and answer."""
        reasons = []
        for pattern in filters:
            known = self._session.subscriptions.pop(pattern, None) is not None
            if known:
                self._server.live.unsubscribe(self._connection, pattern)
                self._changed()
            reasons.append(Reason.SUCCESS if known else Reason.NO_MATCHING)
        self._connection.write(answers.suback(Type.UNSUBACK, packet_id, self._connection.version, reasons))
