"""Publications over the wire: acknowledged only when safe, in their order, each once where the protocol can tell."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nordlotse.iot.core.mqtt import publishing
from nordlotse.iot.core.mqtt.connection import Connection
from nordlotse.iot.core.mqtt.remembered import Remembered
from nordlotse.iot.core.mqtt.sessions import Session, Sessions, mark
from tests.iot.core.mqtt.listener import Memory, Wire, bare, connect, framed, patched, plugged, publish, turns

RUN = Callable[[], Awaitable[Any]]


def run(work: RUN) -> Any:
    async def go() -> Any:
        return await work()

    return asyncio.run(go())


async def opened(server: Any, data: bytes, intake: Memory | None = None) -> tuple[Connection, Wire]:
    """Return a connection that has said CONNECT and got its answer."""
    made, wire = plugged(server)
    made.data_received(data)
    if intake is not None:
        intake.settle()
    await turns()
    assert wire.written[:1] == b"\x20" and wire.written[3] == 0
    wire.written.clear()
    return made, wire


def lasting(name: str = "a") -> bytes:
    return connect(name, clean=False)


def test_nothing_is_acknowledged_before_it_is_safe_and_then_all_in_order() -> None:
    async def work() -> None:
        server, intake = bare(at_once=False)
        made, wire = await opened(server, connect())
        made.data_received(b"".join(publish("a/b", b"%d" % k, k, qos=1) for k in (5, 3, 9)))
        made.data_received(publish("a/b", b"x", 4, qos=2) + publish("a/b", b"y", 7, qos=1))
        await turns()
        assert not wire.written
        intake.settle()
        answers = [bytes(wire.written[at : at + 4]) for at in range(0, len(wire.written), 4)]
        assert answers == [
            b"\x40\x02\0\x05",
            b"\x40\x02\0\x03",
            b"\x40\x02\0\x09",
            b"\x50\x02\0\x04",
            b"\x40\x02\0\x07",
        ]

    run(work)


def test_what_could_not_be_made_safe_is_not_acknowledged_and_the_connection_ends() -> None:
    async def work() -> None:
        server, intake = bare(at_once=False)
        made, wire = await opened(server, connect())
        made.data_received(publish("a/b", b"1", 1, qos=1) + publish("a/b", b"1", 2, qos=2))
        intake.settle(OSError(errno.EIO, "disk"))
        assert not wire.written
        assert wire.aborted

    run(work)


def test_a_ping_is_answered_while_publications_wait_for_the_disk() -> None:
    async def work() -> None:
        server, _ = bare(at_once=False)
        made, wire = await opened(server, connect())
        made.data_received(publish("a/b", b"1", 1, qos=1) + b"\xc0\0")
        assert wire.written == b"\xd0\0"

    run(work)


@pytest.mark.parametrize("known", [True, False])
def test_a_repetition_of_a_lasting_session_is_answered_and_not_taken_again(known: bool) -> None:
    """The protection off: nothing is remembered."""

    async def work() -> None:
        server, intake = bare()
        made, _ = await opened(server, lasting())
        made.data_received(b"".join(publish("a/b", b"1", k, qos=1) for k in range(1, 6)))
        made.connection_lost(None)
        again, wire = await opened(server, lasting())
        again.data_received(b"".join(publish("a/b", b"1", k, qos=1, flags=8) for k in range(3, 8)))
        assert wire.written == b"".join(b"\x40\x02\0" + bytes([k]) for k in range(3, 8))
        assert (len(intake.payloads) == 7) == known

    if known:
        run(work)
    else:
        with patched(Remembered, find=lambda *_: -1):
            run(work)


def test_a_publication_of_the_same_content_and_number_later_is_not_taken_for_a_repetition() -> None:
    """Numbers are used again: 1…5 were acknowledged; then 5 came again as a new one, and after it 1 as another new one."""

    async def work() -> None:
        server, intake = bare()
        made, _ = await opened(server, lasting())
        made.data_received(b"".join(publish("a/b", b"1", k, qos=1) for k in range(1, 6)))
        made.connection_lost(None)
        again, _ = await opened(server, lasting())
        # of the last one the acknowledgement was lost, so it is repeated; 1 and 2 are new and never came
        again.data_received(b"".join(publish("a/b", b"1", k, qos=1, flags=8) for k in (5, 1, 2)))
        assert len(intake.payloads) == 5 + 2
        again.data_received(publish("a/b", b"2", 5, qos=1, flags=8))  # another content
        again.data_received(publish("a/b", b"1", 5, qos=1))  # not marked as repeated
        assert len(intake.payloads) == 5 + 2 + 2

    run(work)


@pytest.mark.parametrize("waits", [True, False])
def test_a_client_that_is_back_before_its_publications_are_safe_does_not_have_them_taken_twice(waits: bool) -> None:
    """The protection off: what an older connection left on its way is not waited for."""

    async def work() -> None:
        server, intake = bare(at_once=False)
        made, _ = await opened(server, lasting(), intake)
        made.data_received(publish("a/b", b"1", 1, qos=1) + publish("a/b", b"2", 2, qos=2))
        back, wire = plugged(server)
        # it does not even wait for the answer to CONNECT
        back.data_received(
            lasting() + publish("a/b", b"1", 1, qos=1, flags=8) + publish("a/b", b"2", 2, qos=2, flags=8)
        )
        for _ in range(5):
            await turns()
            intake.settle()
        assert wire.written == b"\x20\x02\x01\0" + b"\x40\x02\0\x01" + b"\x50\x02\0\x02"
        assert (len(intake.payloads) == 2) == waits

    if waits:
        run(work)
    else:
        whole = Connection.later

        def later(self: Connection, taken: Any, then: Any) -> None:
            if getattr(taken, "client", "") and not getattr(taken, "packet_ids", True):
                then()
            else:
                whole(self, taken, then)

        with patched(Connection, later=later):
            run(work)


@pytest.mark.parametrize("qos", [1, 2])
def test_a_repetition_on_the_same_connection_waits_for_the_first(qos: int) -> None:
    async def work() -> None:
        server, intake = bare(at_once=False)
        made, wire = await opened(server, lasting(), intake)
        made.data_received(publish("a/b", b"1", 1, qos=qos))
        made.data_received(publish("a/b", b"1", 1, qos=qos, flags=8) + publish("a/b", b"2", 2, qos=qos))
        assert wire.paused
        for _ in range(5):
            intake.settle()
            await turns()
        assert not wire.paused
        assert intake.payloads == [b"1", b"2"]
        first = b"\x40\x02" if qos == 1 else b"\x50\x02"
        assert wire.written == first + b"\0\x01" + first + b"\0\x01" + first + b"\0\x02"

    run(work)


def test_quality_of_service_2_is_taken_once_until_it_is_released() -> None:
    async def work() -> None:
        server, intake = bare()
        made, wire = await opened(server, connect())
        sent = publish("a/b", b"1", 9, qos=2)
        made.data_received(sent + sent)
        made.data_received(sent)
        assert intake.payloads == [b"1"]
        assert wire.written == b"\x50\x02\0\x09" * 3
        wire.written.clear()
        made.data_received(framed(0x62, b"\0\x09") * 2)
        assert wire.written == b"\x70\x02\0\x09" * 2
        made.data_received(sent)
        assert intake.payloads == [b"1", b"1"]

    run(work)


def test_a_release_of_what_is_not_known_is_told_to_version_5() -> None:
    async def work() -> None:
        server, _ = bare()
        made, wire = await opened(server, connect(version=5))
        made.data_received(framed(0x62, b"\0\x09"))
        assert wire.written == b"\x70\x03\0\x09\x92"

    run(work)


@pytest.mark.parametrize("limited", [True, False])
def test_publications_that_are_never_released_are_bounded(limited: bool) -> None:
    async def work() -> None:
        server, _ = bare()
        made, wire = await opened(server, connect(version=5))
        for k in range(1, 101):
            made.data_received(publish("a/b", b"1", k, qos=2, version=5))
            if wire.closed:
                break
        assert wire.closed == limited
        assert (len(made._session.received) <= 50) == limited
        assert wire.written.endswith(b"\xe0\x01\x93") == limited

    with patched(publishing, RECEIVE_MAXIMUM=50 if limited else 10**9):
        run(work)


def test_sessions_that_never_release_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.iot.core.mqtt.sessions.MOST_RECEIVED", 100)
    sessions = Sessions()
    for name in range(30):
        session, _ = sessions.begin("local", str(name), False, True, 3600)
        session.received = dict.fromkeys(range(10), 0)
        if name % 2:
            sessions.leave(session)
    sessions.sweep()
    assert sum(len(one.received) for one in sessions) == 100
    assert all(not one.left_at for one in sessions), "those that are away go first"


def test_topics_remembered_as_text_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_MOST_TOPICS", 100)

    async def work() -> None:
        server, intake = bare()
        made, wire = await opened(server, connect())
        other, _ = await opened(server, connect("b"))
        for k in range(500):
            made.data_received(publish(f"a/{k}", b"1") + publish("a/same", b"2"))
            other.data_received(publish(f"b/{k}", b"1"))
        assert not wire.closed
        assert len(intake.payloads) == 1500
        assert sum(map(len, server.topics._of.values())) <= 103

    run(work)


@pytest.mark.parametrize("many", [2000, 20])
def test_what_is_remembered_of_each_client_is_bounded_and_the_newest_stay(many: int) -> None:
    kept = Remembered()
    kept.most = 100
    for k in range(many):
        kept.add(k % 65536, mark(b"t", b"%d" % k))
    assert len(kept) <= 125
    for k in range(max(many - 100, 0), many):
        assert kept.find(k, mark(b"t", b"%d" % k), -1) == k
    assert kept.find(0, mark(b"t", b"0"), -1) == (0 if many == 20 else -1)


def test_with_many_clients_fewer_publications_of_each_are_remembered() -> None:
    sessions = Sessions()
    made = [sessions.begin("c", str(k), False, True, 60)[0] for k in range(5000)]
    assert made[0].taken.most == 10_000
    assert made[-1].taken.most == 400
    assert sum(one.taken.most for one in made) < 12_000_000


def test_sessions_are_bounded_and_one_company_does_not_push_out_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.iot.core.mqtt.sessions.MOST_OF_COMPANY", 10)
    monkeypatch.setattr("nordlotse.iot.core.mqtt.sessions.MOST_SESSIONS", 15)
    sessions = Sessions()
    mine, _ = sessions.begin("mine", "a", False, True, 60)
    sessions.leave(mine)
    for company in ("x", "y"):
        for k in range(50):
            sessions.begin(company, str(k), False, True, 60)
    assert len(list(sessions)) == 15
    assert sessions.begin("mine", "a", False, True, 60) == (mine, True)


def test_a_session_in_use_is_not_forgotten_though_its_client_was_away_before() -> None:
    sessions = Sessions()
    session, _ = sessions.begin("c", "a", False, True, 0.01)
    sessions.leave(session)
    session, present = sessions.begin("c", "a", False, True, 0.01)
    assert present
    session.expiry = -1  # long over, were it away
    sessions.sweep()
    assert list(sessions) == [session]
    sessions.leave(session)
    sessions.sweep()
    assert list(sessions) == []


def test_sessions_are_kept_and_restored_as_they_were() -> None:
    sessions = Sessions()
    session, _ = sessions.begin("c", "a", False, True, 3600)
    session.subscriptions["x/#"] = 4
    session.remember(7, 123456)
    session.taken.extend(b"\0\x09\x01\0", [5, 6])
    session.received = {3: 17, 65535: 18}
    sessions.begin("c", "gone", True, False, 0)
    again = Sessions()
    again.restore(sessions.as_dict())
    [restored] = list(again)
    assert isinstance(restored, Session)
    assert (restored.company, restored.client, restored.subscriptions, restored.received) == (
        "c",
        "a",
        {"x/#": 4},
        {3: 17, 65535: 18},
    )
    assert [restored.taken.find(*one, -1) for one in ((7, 123456), (9, 5), (256, 6), (9, 6))] == [0, 1, 2, -1]
    assert restored.left_at > 0


@pytest.mark.parametrize("protected", [True, False])
def test_another_content_under_a_number_that_was_never_released_is_a_new_publication(protected: bool) -> None:
    """A device restarts without its memory and begins its numbers anew. The protection off: the number alone is looked at."""

    async def work() -> None:
        server, intake = bare()
        made, _ = await opened(server, lasting())
        made.data_received(publish("a/b", b"old", 1, qos=2))
        made.connection_lost(None)
        again, wire = await opened(server, lasting())
        again.data_received(publish("a/b", b"old", 1, qos=2, flags=8) + publish("a/b", b"new", 1, qos=2))
        await turns()
        assert wire.written == b"\x50\x02\0\x01" * 2
        assert (intake.payloads == [b"old", b"new"]) == protected

    if protected:
        run(work)
    else:
        with patched(Session, holds=lambda self, packet_id, _: packet_id in self.received):
            run(work)
