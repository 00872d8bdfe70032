"""Control packets of MQTT 3.1.1 and 5 as this server writes them. Section numbers in brackets are those of version 5."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from nordlotse.iot.core.mqtt.packets import PROPERTIES, Properties, Reason, Type

_NUMBERS = {name: number for number, (_, name) in PROPERTIES.items()}


def varint(value: int) -> bytes:
    """Return a number as a variable byte integer [1.5.5]."""
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | 0x80 if value else low)
        if not value:
            return bytes(out)


def packet(kind: Type, body: bytes, flags: int = 0) -> bytes:
    """Return a packet."""
    return bytes([kind << 4 | flags]) + varint(len(body)) + body


def packed(properties: Properties) -> bytes:
    """Return properties with their length before them."""
    out = bytearray()
    for name, value in properties.items():
        number = _NUMBERS[name]
        out += varint(number)
        kind = PROPERTIES[number][0]
        if isinstance(value, int):
            out += varint(value) if kind == "v" else value.to_bytes({"b": 1, "h": 2, "i": 4}[kind], "big")
        elif isinstance(value, tuple):
            out += b"".join(_long(part.encode()) for part in value)
        else:
            out += _long(value.encode() if isinstance(value, str) else value)
    return varint(len(out)) + bytes(out)


def _long(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def connack(version: int, reason: Reason, present: bool = False, properties: Properties | None = None) -> bytes:
    """Return a CONNACK [3.2]; version 3.1.1 has its own few codes."""
    if version == 5:
        return packet(Type.CONNACK, bytes([present, reason]) + packed(properties or {}))
    return packet(Type.CONNACK, bytes([present, _OLD_REASONS.get(reason, 3 if reason else 0)]))


_OLD_REASONS = {
    Reason.SUCCESS: 0, Reason.VERSION: 1, Reason.CLIENT_ID: 2, Reason.BUSY: 3, Reason.BAD_LOGIN: 4, Reason.NOT_AUTHORIZED: 5,
}  # fmt: skip


def ack(kind: Type, packet_id: int, version: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """Return a PUBACK, PUBREC, PUBREL or PUBCOMP."""
    body = packet_id.to_bytes(2, "big")
    if version == 5 and reason:
        body += bytes([reason])
    return packet(kind, body, 2 if kind is Type.PUBREL else 0)


def suback(kind: Type, packet_id: int, version: int, reasons: Sequence[int]) -> bytes:
    """Return a SUBACK or UNSUBACK."""
    body = packet_id.to_bytes(2, "big") + (b"\0" if version == 5 else b"")
    if kind is Type.SUBACK or version == 5:
        body += bytes(reasons)
    return packet(kind, body)


def publish(topic: bytes, payload: bytes, version: int, retain: bool = False) -> bytes:
    """Return a PUBLISH with quality of service 0, as this server sends live values."""
    body = _long(topic) + (b"\0" if version == 5 else b"") + payload
    return packet(Type.PUBLISH, body, 1 if retain else 0)


def goodbye(version: int, reason: Reason) -> bytes:
    """Return a DISCONNECT of the server; version 3.1.1 has none."""
    return packet(Type.DISCONNECT, bytes([reason])) if version == 5 else b""
