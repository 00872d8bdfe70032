"""What stands in the log's records: publications as they came, releases, and whole columns from files. Bytes and back."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from nordlotse.iot.core.mqtt.frames import Publications, publications
from nordlotse.iot.core.mqtt.ports import Released, Taken
from nordlotse.iot.core.store import hot
from nordlotse.iot.core.store.log import START
from nordlotse.iot.core.values import Block

_FRAMES, _RELEASED, _COLUMNS, _NOTHING = b"F", b"R", b"C", b"N"
_HEAD = struct.Struct("<BqHH")
_NAMES = struct.Struct("<HH?")


def parts_of(entry: Taken | Released) -> list[bytes]:
    """Return what came over MQTT as the parts of a record."""
    company, client = entry.company.encode(), entry.client.encode()
    if isinstance(entry, Taken):
        head = _HEAD.pack(entry.version, entry.arrived, len(company), len(client))
        return [_FRAMES, head, company, client, entry.frames]
    ids = b"".join(one.to_bytes(2, "little") for one in entry.packet_ids)
    return [_RELEASED, _NAMES.pack(len(company), len(client), entry.all), company, client, ids]


#: The parts of a record that says nothing: written to find out whether the disk works again.
NOTHING = [_NOTHING]


def columns(blocks: list[Block], packed: bytes = b"") -> list[bytes]:
    """Return decoded blocks (of a file, of the agent) as the parts of a record; `packed`: the same as `hot.content`, where it is at hand."""
    return [_COLUMNS, packed or hot.content(START, blocks)]


@dataclass(frozen=True, slots=True)
class Head:
    """A record of publications, not yet read: whose they are, of which version, when they arrived (µs), their bytes."""

    company: str
    client: str
    version: int
    arrived: int
    frames: bytes


def head(content: memoryview) -> Head | None:
    """Return a record of publications with its publications unread; None for the others.

    Raises:
        ValueError, struct.error: it is none of ours.
    """
    if content[0] != _FRAMES[0]:
        return None
    body = content[1:]
    version, arrived, company, client = _HEAD.unpack_from(body)
    at = _HEAD.size
    names = bytes(body[at : at + company + client])
    frames = bytes(body[at + company + client :])
    return Head(names[:company].decode(), names[company:].decode(), version, arrived, frames)


def whole(head: Head) -> Taken:
    """Return a record of publications with its publications.

    Raises:
        ProtocolError, LookupError: it is none of ours.
    """
    found = Publications()
    publications(head.frames, 0, head.version, found)
    return Taken(head.company, head.client, head.version, head.arrived, head.frames, found)


def peek(content: memoryview) -> tuple[str, int] | None:
    """Return the company and arrival (µs, 0 where it is not told) of a record that holds values; None for the others.

    Raises:
        ValueError, struct.error: it is none of ours.
    """
    kind, body = bytes(content[:1]), content[1:]
    if kind == _FRAMES:
        _, arrived, company, _ = _HEAD.unpack_from(body)
        return bytes(body[_HEAD.size : _HEAD.size + company]).decode(), arrived
    if kind == _COLUMNS:
        blocks = hot.unpacked(body).blocks
        return (blocks[0].series.company, 0) if blocks else None
    return None


def read(content: memoryview) -> Taken | Released | list[Block]:
    """Return what a record of the log holds.

    Raises:
        ValueError, struct.error, ProtocolError: it is none of ours.
    """
    kind, body = bytes(content[:1]), content[1:]
    taken = head(content)
    if taken is not None:
        return whole(taken)
    if kind == _RELEASED:
        company, client, everything = _NAMES.unpack_from(body)
        names = bytes(body[_NAMES.size : _NAMES.size + company + client])
        ids = bytes(body[_NAMES.size + company + client :])
        packet_ids = tuple(int.from_bytes(ids[at : at + 2], "little") for at in range(0, len(ids), 2))
        return Released(names[:company].decode(), names[company:].decode(), packet_ids, everything)
    if kind == _COLUMNS:
        return list(hot.unpacked(body).blocks)
    if kind == _NOTHING:
        return []
    raise ValueError("unknown record")
