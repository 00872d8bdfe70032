"""Whatever comes in: nothing raises, a broken packet ends the connection, what is whole is answered, memory stays bounded."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nordlotse.iot.core.mqtt import packets
from nordlotse.iot.core.mqtt.frames import MAX_PACKET, MAX_TOPIC, Publications, other, publications
from nordlotse.iot.core.mqtt.packets import ProtocolError
from nordlotse.iot.core.mqtt.server import Limits
from tests.iot.core.mqtt.listener import bare, connect, framed, plugged, publish, subscribe, text, turns
from tests.iot.core.mqtt.test_publishing import run

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def wholes(version: int) -> list[bytes]:
    """Return one sound packet of every kind a client may send."""
    five = version == 5
    empty = b"\0" if five else b""
    return [
        connect("f", version=version, clean=False, keep_alive=9, user="local", password="p", will=("a/b", b"1", 0x28)),
        publish("a/b", b"1", version=version),
        publish("a/b", b"1", 3, qos=1, version=version),
        publish("a/b", b"1", 4, qos=2, flags=9, version=version),
        framed(0x40, b"\0\x01"), framed(0x50, b"\0\x01"), framed(0x62, b"\0\x04"), framed(0x70, b"\0\x01"),
        subscribe("a/+/#", 5, version=version),
        framed(0xA2, b"\0\x06" + empty + text("a/+/#")),
        b"\xc0\0", b"\xe0\0",
        *([framed(0xE0, b"\x04\x05\x11\0\0\0\x09"), framed(0xF0, b"\x18\0"), framed(0x62, b"\0\x04\x92\0")] if five else []),
    ]  # fmt: skip


async def _fed(pieces: Iterable[bytes], *, version: int = 4, first: bool = True) -> tuple[Any, Any, Any]:
    """Feed pieces to a new connection; its fault counter must stay empty."""
    server, intake = bare()
    made, wire = plugged(server)
    if first:
        made.data_received(connect("f", version=version, clean=False))
        await turns()
    for piece in pieces:
        if piece and not wire.closed:
            made.data_received(piece)
            await turns(3)
    assert "FAULT" not in server.counters.errors
    assert len(made._left) <= MAX_PACKET + 5 + max(map(len, pieces), default=0)  # type: ignore[arg-type]
    return server, intake, wire


@QUICK
@given(st.binary(max_size=300), st.booleans(), st.sampled_from([4, 5]))
@example(b"\x30\xff\xff\xff\xff\xff", True, 4)
@example(b"\x30\x80\x80\x80\x80\x01", True, 5)
@example(b"\x36\x02\0\0", True, 4)
@example(b"\x10\x00", False, 4)
def test_any_bytes_are_survived(data: bytes, first: bool, version: int) -> None:
    run(lambda: _fed([data], version=version, first=first))


@QUICK
@given(st.data(), st.sampled_from([4, 5]))
def test_sound_packets_with_a_few_bytes_changed_are_survived(data: st.DataObject, version: int) -> None:
    stream = bytearray(b"".join(data.draw(st.lists(st.sampled_from(wholes(version)), min_size=1, max_size=6))))
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    pieces = [bytes(stream[a:b]) for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    run(lambda: _fed(pieces, version=version, first=stream[0] != 0x10))


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("kind", range(16))
def test_bodies_of_every_kind_of_packet_are_survived(kind: int, version: int) -> None:
    chance = random.Random(kind * 10 + version)
    bodies = [one[2:] for one in wholes(version)]

    async def work() -> None:
        for _ in range(60):
            body = bytearray(chance.choice([chance.randbytes(chance.randrange(40)), chance.choice(bodies)]))
            if body and chance.random() < 0.7:
                body[chance.randrange(len(body))] = chance.randrange(256)
            data = framed(kind << 4 | chance.choice([0, 2, chance.randrange(16)]), bytes(body))
            await _fed([data], version=version, first=chance.random() < 0.8)

    run(work)


@pytest.mark.parametrize("version", [4, 5])
def test_every_sound_packet_is_answered_and_keeps_the_connection_however_it_is_cut(version: int) -> None:
    stream = b"".join(one for one in wholes(version) if one[0] not in (0x10, 0xE0, 0xF0))

    async def work() -> None:
        answers = set()
        for size in (1, 2, 3, 7, len(stream)):
            pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
            _, intake, wire = await _fed(pieces, version=version)
            assert not wire.closed
            assert intake.payloads == [b"1"] * 3
            answers.add(bytes(wire.written))
        assert len(answers) == 1

    run(work)


BROKEN = [
    ("remaining length of five bytes", framed(0xC0, b"")[:1] + b"\x80\x80\x80\x80\x01"),
    ("larger than the largest packet", b"\x30" + b"\xff\xff\xff\x7f"),
    ("quality of service 3", framed(0x36, text("a") + b"\0\x01x")),
    ("packet identifier 0", framed(0x32, text("a") + b"\0\0x")),
    ("repetition of quality 0", framed(0x38, text("a") + b"x")),
    ("empty topic", framed(0x30, text("") + b"x")),
    ("topic with a wildcard", framed(0x30, text("a/#") + b"x")),
    ("topic that is not UTF-8", framed(0x30, text(b"\xff") + b"x")),
    ("topic with a surrogate", framed(0x30, text(b"\xed\xa0\x80") + b"x")),
    ("topic with a NUL", framed(0x30, text("a\0") + b"x")),
    ("huge topic", framed(0x30, text("a" * (MAX_TOPIC + 1)) + b"x")),
    ("topic longer than its packet", framed(0x30, b"\xff\xffa")),
    ("publication without a topic", framed(0x30, b"")),
    ("publication of one byte", framed(0x30, b"\0")),
    ("a second CONNECT", connect()),
    ("CONNACK from a client", framed(0x20, b"\0\0")),
    ("reserved kind 0", b"\0\0"),
    ("AUTH", b"\xf0\0"),
    ("subscription with wrong flags", b"\x80" + subscribe("a")[1:]),
    ("subscription without a filter", framed(0x82, b"\0\x01")),
    ("subscription with quality 3", subscribe("a", options=3)),
    ("subscription with identifier 0", subscribe("a", 0)),
    ("a hundred and one filters", framed(0x82, b"\0\x01" + (text("a") + b"\0") * 101)),
    ("unsubscription without a filter", framed(0xA2, b"\0\x01")),
    ("release with wrong flags", framed(0x60, b"\0\x01")),
    ("ping with a body", framed(0xC0, b"x")),
    ("good-bye with a body", framed(0xE0, b"x")),
    ("acknowledgement too short", framed(0x40, b"\0")),
]


@pytest.mark.parametrize("data", [one for _, one in BROKEN], ids=[name for name, _ in BROKEN])
def test_a_broken_packet_ends_the_connection_and_what_came_before_it_counts(data: bytes) -> None:
    async def work() -> None:
        sound = publish("a/b", b"1", 1, qos=1)
        _, intake, wire = await _fed([sound, data])
        assert wire.closed
        assert intake.payloads == [b"1"]
        assert b"\x40\x02\0\x01" in wire.written
        # in one piece with it a sound one may go unacknowledged, but is never acknowledged without being taken
        _, intake, wire = await _fed([sound + data])
        assert wire.closed
        assert (b"\x40\x02\0\x01" in wire.written) == (intake.payloads == [b"1"])

    run(work)


@pytest.mark.parametrize(
    "data",
    [
        framed(0x10, text("MQIsdp") + b"\x03\x02\0\0" + text("x")),
        framed(0x10, text("MQTT") + b"\x06\x02\0\0" + text("x")),
    ],
)
def test_another_version_of_the_protocol_is_told_so(data: bytes) -> None:
    async def work() -> None:
        _, _, wire = await _fed([data], first=False)
        assert wire.written == b"\x20\x02\0\x01"
        assert wire.closed

    run(work)


@pytest.mark.parametrize(
    "data",
    [
        framed(0x10, text("MQTT") + b"\x04\x03\0\0" + text("x")),  # reserved flag
        framed(0x10, text("MQTT") + b"\x04\x22\0\0" + text("x")),  # retained will without a will
        framed(0x10, text("MQTT") + b"\x04\x1e\0\0" + text("x") + text("a") + text("b")),  # will of quality 3
        framed(0x10, text("MQTT") + b"\x04\x42\0\0" + text("x") + text("p")),  # password without a user
        framed(0x10, text("MQTT") + b"\x04\x02\0\0" + text("x") + b"more"),
        framed(0x10, text("MQTT") + b"\x05\x02\0\0\x03\x21\0\0" + text("x")),  # receive maximum 0
        framed(0x10, text("MQTT") + b"\x05\x02\0\0\x04\x15\0\x01x" + text("x")),  # enhanced authentication
        framed(0x10, text("MQTT") + b"\x05\x02\0\0\x0a\x11\0\0\0\1\x11\0\0\0\1" + text("x")),  # a property twice
        publish("a/b", b"1"),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01",
    ],
)  # fmt: skip
def test_who_does_not_connect_soundly_is_closed_at_once(data: bytes) -> None:
    async def work() -> None:
        server, intake, wire = await _fed([data], first=False)
        assert wire.closed
        assert not intake.payloads
        await turns()
        assert not server.open

    run(work)


def test_a_client_id_is_given_to_version_5_and_refused_to_a_lasting_session_of_3_1_1() -> None:
    async def work() -> None:
        _, _, wire = await _fed([connect("", clean=False)], first=False)
        assert wire.written == b"\x20\x02\0\x02"
        _, _, wire = await _fed([connect("x" * 257)], first=False)
        assert wire.written == b"\x20\x02\0\x02"
        server, _, wire = await _fed([connect("", version=5)], first=False)
        assert b"auto-" in wire.written
        assert [client[:5] for _, client in server.connections] == ["auto-"]

    run(work)


@pytest.mark.parametrize("first", [True, False])
def test_an_oversized_packet_is_refused_by_its_length_before_it_has_come(first: bool) -> None:
    """Before CONNECT much less is taken than after."""
    most = Limits().connect if not first else MAX_PACKET
    head = framed(0x30 if first else 0x10, b"x" * (most + 1))[:5]

    async def work() -> None:
        server, _, wire = await _fed([head], first=first)
        assert wire.closed
        assert server.counters.errors == {"TOO_LARGE": 1}

    run(work)


@QUICK
@given(
    st.lists(
        st.tuples(st.text("abc/", min_size=1, max_size=9), st.binary(max_size=200), st.integers(0, 2), st.booleans()),
        max_size=12,
    ),
    st.sampled_from([4, 5]),
    st.sampled_from([b"", b"\xc0", b"\xc0\0", b"\x30\x7f", b"\x30\xff"]),
)
def test_publications_are_read_as_they_were_written(
    sent: list[tuple[str, bytes, int, bool]], version: int, tail: bytes
) -> None:
    data = b"".join(
        publish(topic, payload, 7 if qos else 0, qos=qos, flags=retain, version=version)
        for topic, payload, qos, retain in sent
    )
    found = Publications()
    end, _ = publications(data + tail, 0, version, found)
    assert end == len(data)
    assert [
        (topic.decode(), payload, first >> 1 & 3, bool(first & 1))
        for topic, payload, first in zip(found.topics, found.payloads, found.flags, strict=True)
    ] == sent


@QUICK
@given(st.binary(max_size=60))
def test_bodies_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    readers = (packets.subscribe, packets.unsubscribe, packets.acknowledged, packets.disconnect)
    for read in (packets.connect, *(partial(one, version=version) for one in readers for version in (4, 5))):
        with contextlib.suppress(ProtocolError):
            read(body)
    with contextlib.suppress(ProtocolError):
        other(body, 0)


def test_a_fault_of_ours_ends_that_connection_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("ours")

    async def work() -> None:
        server, _ = bare()
        made, wire = plugged(server)
        healthy, other_wire = plugged(server)
        for one in (made, healthy):
            one.data_received(connect(str(id(one))))
        await turns()
        with monkeypatch.context() as planted:
            planted.setattr(packets, "acknowledged", broken)
            made.data_received(framed(0x62, b"\0\x01"))
        await turns()
        assert wire.aborted
        healthy.data_received(b"\xc0\0")
        assert other_wire.written.endswith(b"\xd0\0")
        assert server.counters.errors == {"FAULT": 1}

    run(work)
    assert "event=iot_connection_failed" in caplog.text
