"""Control packets of MQTT 3.1.1 and 5 read from bytes; `answers` writes them.

Sources: OASIS "MQTT Version 3.1.1" (2014) and "MQTT Version 5.0" (2019); section numbers in brackets are the latter's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Type(IntEnum):
    """Kinds of packets [2.1.2], as the upper half of the first byte."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


class Reason(IntEnum):
    """Reason codes of version 5 [2.4] that this server says."""

    SUCCESS = 0x00
    NO_MATCHING = 0x10
    UNSPECIFIED = 0x80
    MALFORMED = 0x81
    PROTOCOL = 0x82
    IMPLEMENTATION = 0x83
    VERSION = 0x84
    CLIENT_ID = 0x85
    BAD_LOGIN = 0x86
    NOT_AUTHORIZED = 0x87
    BUSY = 0x89
    SHUTTING_DOWN = 0x8B
    KEEP_ALIVE = 0x8D
    TAKEN_OVER = 0x8E
    FILTER_INVALID = 0x8F
    TOPIC_INVALID = 0x90
    ID_NOT_FOUND = 0x92
    RECEIVE_MAXIMUM = 0x93
    TOO_LARGE = 0x95
    QUOTA = 0x97
    PAYLOAD_FORMAT = 0x99
    SHARED = 0x9E


class ProtocolError(Exception):
    """A packet that breaks the protocol; the connection is closed with this reason."""

    def __init__(self, reason: Reason, what: str) -> None:
        """Take the reason code and what is wrong, in words for the log."""
        super().__init__(what)
        self.reason = reason


#: Kind of each property [2.2.2.2] and its name; kinds: b(yte), h (two), i (four), v(arint), s(tring), d(ata), p(air).
PROPERTIES: Mapping[int, tuple[str, str]] = {
    0x01: ("b", "payload_format"), 0x02: ("i", "message_expiry"), 0x03: ("s", "content_type"),
    0x08: ("s", "response_topic"), 0x09: ("d", "correlation"), 0x0B: ("v", "subscription"),
    0x11: ("i", "session_expiry"), 0x12: ("s", "client_id"), 0x13: ("h", "keep_alive"),
    0x15: ("s", "auth_method"), 0x16: ("d", "auth_data"), 0x17: ("b", "problem_information"),
    0x18: ("i", "will_delay"), 0x19: ("b", "response_information"), 0x1A: ("s", "response_text"),
    0x1C: ("s", "server"), 0x1F: ("s", "reason"), 0x21: ("h", "receive_maximum"), 0x22: ("h", "topic_alias_maximum"),
    0x23: ("h", "topic_alias"), 0x24: ("b", "maximum_qos"), 0x25: ("b", "retain_available"), 0x26: ("p", "user"),
    0x27: ("i", "maximum_packet"), 0x28: ("b", "wildcards"), 0x29: ("b", "subscription_ids"), 0x2A: ("b", "shared"),
}  # fmt: skip

Value = int | str | bytes | tuple[str, str]
Properties = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Will:
    """What is published when the client is gone without saying good-bye."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connect:
    """CONNECT [3.1]: `version` 4 is MQTT 3.1.1, 5 is 5. `keep_alive` in seconds, 0 for none."""

    version: int
    clean: bool
    keep_alive: int
    client_id: str
    will: Will | None
    user: str | None
    password: bytes | None
    properties: Properties


@dataclass(frozen=True, slots=True)
class Subscribe:
    """SUBSCRIBE [3.8]: filters with their options byte."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]


class Cursor:
    """Reads fields from a packet's body; every read is checked against its end."""

    def __init__(self, data: bytes) -> None:
        """Take the body of a packet."""
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Return how many bytes are left."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        end = self._at + count
        if end > len(self._data):
            raise ProtocolError(Reason.MALFORMED, "packet too short")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def byte(self) -> int:
        """Return a byte."""
        return self.take(1)[0]

    def two(self) -> int:
        """Return two bytes as a number."""
        return int.from_bytes(self.take(2), "big")

    def four(self) -> int:
        """Return four bytes as a number."""
        return int.from_bytes(self.take(4), "big")

    def varint(self) -> int:
        """Return a variable byte integer [1.5.5]."""
        value = 0
        for place in range(4):
            one = self.byte()
            value |= (one & 0x7F) << (7 * place)
            if one < 0x80:
                if place and not one:
                    raise ProtocolError(Reason.MALFORMED, "integer longer than needed")
                return value
        raise ProtocolError(Reason.MALFORMED, "integer too long")

    def data(self) -> bytes:
        """Return binary data [1.5.6]."""
        return self.take(self.two())

    def text(self) -> str:
        """Return a string [1.5.4]: UTF-8 without NUL and surrogates."""
        return text_of(self.data())

    def property(self, kind: str) -> Value:
        """Return the value of a property of a kind."""
        if kind == "p":
            return self.text(), self.text()
        if kind in "sd":
            return self.text() if kind == "s" else self.data()
        return {"b": self.byte, "h": self.two, "i": self.four, "v": self.varint}[kind]()

    def properties(self, allowed: frozenset[str]) -> dict[str, Value]:
        """Return properties [2.2.2]; each at most once but user properties, which are not kept."""
        body = Cursor(self.take(self.varint()))
        found: dict[str, Value] = {}
        while body.left:
            kind, name = PROPERTIES.get(body.varint(), ("", ""))
            if name not in allowed:
                raise ProtocolError(Reason.PROTOCOL, "property not allowed here")
            value = body.property(kind)
            if name in found and name not in ("user", "subscription"):
                raise ProtocolError(Reason.PROTOCOL, f"property {name} twice")
            found[name] = value
        return found


def text_of(data: bytes) -> str:
    """Return a string of the protocol.

    Raises:
        ProtocolError: not UTF-8, or with a NUL.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(Reason.MALFORMED, "string is not UTF-8") from error
    if "\0" in text:
        raise ProtocolError(Reason.MALFORMED, "NUL in a string")
    return text


_IN_CONNECT = frozenset(
    ("session_expiry", "auth_method", "auth_data", "problem_information", "response_information",
     "receive_maximum", "topic_alias_maximum", "user", "maximum_packet")
)  # fmt: skip
_IN_WILL = frozenset(
    ("payload_format", "message_expiry", "content_type", "response_topic", "correlation", "will_delay", "user")
)
#: Properties a PUBLISH from a client may carry [3.3.2.3].
IN_PUBLISH = frozenset(
    ("payload_format", "message_expiry", "content_type", "response_topic", "correlation", "topic_alias", "user")
)
_IN_ACK = frozenset(("reason", "user"))
_IN_SUBSCRIBE = frozenset(("subscription", "user"))
_IN_DISCONNECT = frozenset(("session_expiry", "reason", "user", "server"))


def connect(body: bytes) -> Connect:
    """Return the CONNECT packet with this body.

    Raises:
        ProtocolError.
    """
    cursor = Cursor(body)
    name, version = cursor.data(), cursor.byte()
    if name != b"MQTT" or version not in (4, 5):
        raise ProtocolError(Reason.VERSION, "neither MQTT 3.1.1 nor 5")
    flags = cursor.byte()
    if flags & 1:
        raise ProtocolError(Reason.MALFORMED, "reserved flag set")
    keep_alive = cursor.two()
    properties = cursor.properties(_IN_CONNECT) if version == 5 else {}
    client_id = cursor.text()
    will = _will(cursor, flags, version)
    user = cursor.text() if flags & 0x80 else None
    password = cursor.data() if flags & 0x40 else None
    if version == 4 and password is not None and user is None:
        raise ProtocolError(Reason.MALFORMED, "password without user")
    if cursor.left:
        raise ProtocolError(Reason.MALFORMED, "bytes left over")
    return Connect(version, bool(flags & 2), keep_alive, client_id, will, user, password, properties)


def _will(cursor: Cursor, flags: int, version: int) -> Will | None:
    qos, retain = flags >> 3 & 3, bool(flags & 0x20)
    if not flags & 4:
        if qos or retain:
            raise ProtocolError(Reason.MALFORMED, "will flags without a will")
        return None
    if qos == 3:
        raise ProtocolError(Reason.MALFORMED, "quality of service 3")
    properties = cursor.properties(_IN_WILL) if version == 5 else {}
    topic = cursor.text()
    check_topic(topic)
    return Will(topic, cursor.data(), qos, retain, properties)


def check_topic(topic: str) -> None:
    """Refuse what cannot be published to.

    Raises:
        ProtocolError: empty, or with a wildcard.
    """
    if not topic or "+" in topic or "#" in topic:
        raise ProtocolError(Reason.TOPIC_INVALID, "no topic to publish to")


def subscribe(body: bytes, version: int) -> Subscribe:
    """Return the SUBSCRIBE packet with this body.

    Raises:
        ProtocolError.
    """
    cursor = Cursor(body)
    packet_id = _packet_id(cursor)
    if version == 5:
        cursor.properties(_IN_SUBSCRIBE)
    filters = []
    while cursor.left:
        name, options = cursor.text(), cursor.byte()
        if options & 3 == 3 or options & (0xC0 if version == 5 else 0xFC):
            raise ProtocolError(Reason.MALFORMED, "subscription options")
        filters.append((name, options))
    if not filters:
        raise ProtocolError(Reason.PROTOCOL, "no filter")
    return Subscribe(packet_id, tuple(filters))


def unsubscribe(body: bytes, version: int) -> tuple[int, tuple[str, ...]]:
    """Return packet identifier and filters of the UNSUBSCRIBE packet with this body.

    Raises:
        ProtocolError.
    """
    cursor = Cursor(body)
    packet_id = _packet_id(cursor)
    if version == 5:
        cursor.properties(frozenset(("user",)))
    filters = []
    while cursor.left:
        filters.append(cursor.text())
    if not filters:
        raise ProtocolError(Reason.PROTOCOL, "no filter")
    return packet_id, tuple(filters)


def acknowledged(body: bytes, version: int) -> int:
    """Return the packet identifier of a PUBACK, PUBREC, PUBREL or PUBCOMP with this body.

    Raises:
        ProtocolError.
    """
    cursor = Cursor(body)
    packet_id = _packet_id(cursor)
    if version == 5 and cursor.left:
        cursor.byte()
        if cursor.left:
            cursor.properties(_IN_ACK)
    if cursor.left:
        raise ProtocolError(Reason.MALFORMED, "bytes left over")
    return packet_id


def disconnect(body: bytes, version: int) -> tuple[int, Properties]:
    """Return reason and properties of the DISCONNECT packet with this body.

    Raises:
        ProtocolError.
    """
    if not body or version == 4:
        if body:
            raise ProtocolError(Reason.MALFORMED, "bytes left over")
        return 0, {}
    cursor = Cursor(body)
    reason = cursor.byte()
    return reason, cursor.properties(_IN_DISCONNECT) if cursor.left else {}


def _packet_id(cursor: Cursor) -> int:
    packet_id = cursor.two()
    if not packet_id:
        raise ProtocolError(Reason.PROTOCOL, "packet identifier 0")
    return packet_id
