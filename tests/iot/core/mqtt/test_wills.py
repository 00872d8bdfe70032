"""Wills: published when a client is gone without good-bye, after their delay, never in a storm that hurts."""

from __future__ import annotations

import asyncio
import time

import pytest

from nordlotse.iot.core.mqtt.server import Limits, Server
from tests.iot.core.mqtt.listener import Memory, bare, connect, framed, plugged, turns
from tests.iot.core.mqtt.test_publishing import opened, run

WILL = ("M/an", b"false", 0)
DELAY = b"\x18\0\0\0"  # seconds follow, in one byte
SESSION = b"\x11\0\0\x0e\x10"  # an hour


def later(server: Server, seconds: float) -> None:
    """Publish the wills that are due so many seconds from now."""
    server.publish_wills(time.monotonic() + seconds)


@pytest.mark.parametrize(
    ("end", "published"),
    [
        (b"", True),  # cut
        (b"\xe0\0", False),  # good-bye
        (framed(0xE0, b"\x04"), True),  # good-bye with will
        (b"\xf0\0", True),  # breaks the protocol
    ],
)
def test_the_will_is_published_unless_the_client_said_good_bye(end: bytes, published: bool) -> None:
    async def work() -> None:
        server, intake = bare()
        made, wire = await opened(server, connect(version=5, will=WILL))
        if end:
            made.data_received(end)
        else:
            wire.abort()
        await turns()
        assert intake.payloads == [b"false"] * published

    run(work)


def test_a_restart_of_ours_publishes_no_will() -> None:
    async def work() -> None:
        server, intake = bare()
        await opened(server, connect(will=WILL))
        await server.close()
        await turns()
        assert intake.payloads == []
        assert not server.open

    run(work)


def test_a_will_waits_for_its_delay_and_is_dropped_when_the_client_is_back_in_its_session() -> None:
    async def work() -> None:
        server, intake = bare()
        wish = connect("a", version=5, clean=False, properties=SESSION, will=WILL, will_properties=DELAY + b"\x1e")
        for back in (True, False):
            _, wire = await opened(server, wish)
            wire.abort()
            await turns()
            later(server, 29)
            assert intake.payloads == []
            if back:
                _, wire = await opened(server, wish)
                later(server, 31)
                assert intake.payloads == []
                wire.abort()
                await turns()
        later(server, 31)
        assert intake.payloads == [b"false"]

    run(work)


def test_a_session_that_ends_or_begins_anew_publishes_the_will_without_waiting_on() -> None:
    async def work() -> None:
        server, intake = bare()
        _, wire = await opened(server, connect("a", version=5, will=WILL, will_properties=DELAY + b"\x1e"))
        wire.abort()  # the session ends with the connection
        await turns()
        assert intake.payloads == [b"false"]
        _, wire = await opened(
            server, connect("b", version=5, clean=False, properties=SESSION, will=WILL, will_properties=DELAY + b"\x1e")
        )
        wire.abort()
        await turns()
        assert len(intake.payloads) == 1
        await opened(server, connect("b", version=5, clean=True))
        assert len(intake.payloads) == 2

    run(work)


@pytest.mark.parametrize(("delay", "published"), [(0, 1), (30, 0)])
def test_who_is_taken_over_in_its_session_leaves_a_will_only_without_delay(delay: int, published: int) -> None:
    async def work() -> None:
        server, intake = bare()
        wish = connect(
            "a", version=5, clean=False, properties=SESSION, will=WILL, will_properties=DELAY + bytes([delay])
        )
        await opened(server, wish)
        await opened(server, wish)
        later(server, 3600)
        assert len(intake.payloads) == published

    run(work)


@pytest.mark.parametrize(("version", "answer"), [(4, b"\x20\x02\0\x03"), (5, b"\x20\x03\0\x97\0")])
def test_a_huge_will_is_refused(version: int, answer: bytes) -> None:
    async def work() -> None:
        server, _ = bare()
        for will in (("M/an", b"x" * 4097, 0), ("M/" + "x" * 600, b"", 0)):
            made, wire = plugged(server)
            made.data_received(connect(version=version, will=will))
            await turns()
            assert wire.written == answer
            assert wire.closed

    run(work)


def test_a_storm_of_wills_is_stored_and_the_bytes_they_take_are_bounded() -> None:
    async def work() -> None:
        server, intake = bare(Limits(connections=500))
        wires = []
        for k in range(500):
            _, wire = await opened(
                server,
                connect(
                    f"c{k}",
                    version=5,
                    clean=False,
                    properties=SESSION,
                    will=("M/an", b"%d" % k, 0),
                    will_properties=DELAY + b"\x1e",
                ),
            )
            wires.append(wire)
        for wire in wires:
            wire.abort()
        await turns()
        assert len(server._wills) == 500
        for k in range(20):
            _, wire = await opened(
                server,
                connect(
                    f"d{k}",
                    version=5,
                    clean=False,
                    properties=SESSION,
                    will=("M/an", b"x", 0),
                    will_properties=DELAY + b"\x1e",
                ),
            )
            wire.abort()
            await turns()
        assert len(server._wills) == 500
        assert intake.payloads == [b"x"] * 20, "those that find no room are published at once"
        later(server, 31)
        assert len(intake.payloads) == 520

    run(work)


def test_a_will_that_cannot_be_made_safe_is_lost_and_nothing_else_happens() -> None:
    async def work() -> None:
        server, intake = bare(at_once=False)
        _, wire = await opened(server, connect(will=("M/an", b"0", 0x20)), intake)
        wire.abort()
        await turns()
        intake.settle(OSError("disk"))
        assert server.retained.count("local") == 0
        _made, wire = await opened(server, connect(will=("M/an", b"0", 0x20)), intake)
        wire.abort()
        await turns()
        intake.settle()
        assert server.retained.count("local") == 1

    run(work)


def test_wills_of_a_login_that_is_gone_are_not_published() -> None:
    async def work() -> None:
        server, intake = bare()
        wish = connect(
            "a", version=5, clean=False, user="acme/M", properties=SESSION, will=WILL, will_properties=DELAY + b"\x1e"
        )
        _, wire = await opened(server, wish)
        wire.abort()
        await turns()
        server.expel_users({"acme/M"})
        later(server, 3600)
        assert intake.payloads == []

    run(work)


def test_the_listener_looks_after_wills_by_itself() -> None:
    async def work() -> Memory:
        server, intake = bare()
        await server.listen("127.0.0.1", 0)
        _, wire = await opened(
            server, connect("a", version=5, clean=False, properties=SESSION, will=WILL, will_properties=DELAY + b"\x01")
        )
        wire.abort()
        until = time.monotonic() + 60
        while not intake.payloads and time.monotonic() < until:
            await asyncio.sleep(0.05)
        await server.close()
        return intake

    assert run(work).payloads == [b"false"]
