"""The bytes of a connection cut into packets; publications, which come by the hundred thousand, in one tight loop.

What is kept until it is decoded are the publications' own bytes: from them everything can be read again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nordlotse.iot.core.mqtt.answers import varint
from nordlotse.iot.core.mqtt.packets import IN_PUBLISH, Cursor, Properties, ProtocolError, Reason, text_of

#: Largest packet taken, in bytes with its header; told to clients of version 5.
MAX_PACKET = 1024 * 1024
#: Most levels and bytes of a topic.
MAX_TOPIC = 512

_PUBLISH = 3


@dataclass(slots=True)
class Publications:
    """Publications that came together: topic, payload, packet identifier (b"" without), first byte of each, in the order of their coming."""

    topics: list[bytes] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    packet_ids: list[bytes] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.topics)


def publications(data: bytes, begin: int, version: int, into: Publications) -> tuple[int, int]:
    """Read publications one behind the other; return where the first other or unfinished packet begins, and how many bytes it needs at least.

    Of version 5 without topic aliases: a topic that is empty is the caller's to resolve, for aliases belong to the connection.

    Raises:
        ProtocolError: too large, a quality of service of 3, an empty topic (3.1.1), a packet identifier of 0, lengths that do not fit.
    """
    at, end = begin, len(data)
    topics, payloads = into.topics.append, into.payloads.append
    packet_ids, flags = into.packet_ids.append, into.flags.append
    while end - at >= 2:
        first = data[at]
        length = data[at + 1]
        body = at + 2
        if length > 127:
            length, body = _length(data, at, end)
            if body < 0:
                return at, 1
            if length > MAX_PACKET:
                raise ProtocolError(Reason.TOO_LARGE, "packet too large")
        stop = body + length
        if stop > end or first >> 4 != _PUBLISH:
            return at, max(stop - end, 0)
        named = body + 2 + (data[body] << 8 | data[body + 1]) if length >= 2 else stop + 1
        begin_payload = named
        packet_id = b""
        if first & 6:
            begin_payload += 2
            packet_id = data[named:begin_payload]
            if first & 6 == 6 or packet_id == b"\0\0":
                raise ProtocolError(Reason.MALFORMED, "quality of service 3 or packet identifier 0")
        elif first & 8:
            raise ProtocolError(Reason.MALFORMED, "a repetition with quality of service 0")
        if version == 5 and begin_payload < stop:
            size = data[begin_payload]
            begin_payload += 1 + size
            if size > 127:
                begin_payload = _behind(data, begin_payload - 1 - size, stop)
        elif version == 5:
            begin_payload = stop + 1
        if begin_payload > stop or named - body - 2 > MAX_TOPIC:
            raise ProtocolError(Reason.MALFORMED, "lengths do not fit")
        topics(data[body + 2 : named])
        payloads(data[begin_payload:stop])
        packet_ids(packet_id)
        flags(first)
        at = stop
    return at, 2 - (end - at)


def _length(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the remaining length of a packet and where its body begins, -1 if not all of it is here."""
    value = 0
    for place in range(4):
        if at + 1 + place >= end:
            return 0, -1
        one = data[at + 1 + place]
        value |= (one & 0x7F) << (7 * place)
        if one < 128:
            return value, at + 2 + place
    raise ProtocolError(Reason.MALFORMED, "length too long")


def _behind(data: bytes, at: int, stop: int) -> int:
    """Return where what follows the properties begins."""
    cursor = Cursor(data[at:stop])
    size = cursor.varint()
    return stop - cursor.left + size


def properties(data: bytes, begin: int) -> tuple[str, Properties]:
    """Return topic and properties of the version 5 publication that begins at `begin`.

    Raises:
        ProtocolError.
    """
    _, body = _length(data, begin, len(data))
    cursor = Cursor(data[body:])
    topic = cursor.text()
    if data[begin] & 6:
        cursor.two()
    return topic, cursor.properties(IN_PUBLISH)


def other(data: bytes, begin: int, most: int = MAX_PACKET) -> tuple[int, bytes, int] | None:
    """Return first byte, body and end of the packet that begins at `begin`; None if not all of it is here.

    Raises:
        ProtocolError: too large.
    """
    if len(data) - begin < 2:
        return None
    length, body = _length(data, begin, len(data))
    if body < 0:
        return None
    if length > most:
        raise ProtocolError(Reason.TOO_LARGE, "packet too large")
    stop = body + length
    return (data[begin], data[body:stop], stop) if stop <= len(data) else None


def written(topic: bytes, payload: bytes, qos: int = 0, packet_id: bytes = b"", retain: bool = False) -> bytes:
    """Return a publication of version 3.1.1: how wills and resolved topic aliases are kept."""
    body = len(topic).to_bytes(2, "big") + topic + packet_id + payload
    return bytes([_PUBLISH << 4 | qos << 1 | retain]) + varint(len(body)) + body


def topic_text(topic: bytes) -> str:
    """Return a topic as text if it may be published to.

    Raises:
        ProtocolError.
    """
    text = text_of(topic)
    if not text or "+" in text or "#" in text:
        raise ProtocolError(Reason.TOPIC_INVALID, "no topic to publish to")
    return text
