"""Slow, flooding, half-open and greedy clients: each is bounded by a limit, and each limit is shown to matter with it switched off."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nordlotse.iot.core import tail
from nordlotse.iot.core.mqtt import connection as connections
from nordlotse.iot.core.mqtt import live, subscribing
from nordlotse.iot.core.mqtt.connection import Connection
from nordlotse.iot.core.mqtt.server import Limits, Server
from nordlotse.iot.core.values import Series
from tests.iot.core.mqtt.listener import (
    Listener,
    Raw,
    bare,
    connect,
    framed,
    patched,
    plugged,
    publish,
    subscribe,
    text,
    turns,
    until,
)
from tests.iot.core.mqtt.test_publishing import opened, run
from tests.iot.process import Serve

OFF = 10**12
ON_OFF = pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "off"])


def tend(server: Server, seconds: float) -> None:
    """Look after all connections as if so many seconds had passed."""
    for one in list(server.open):
        one.tend(time.monotonic() + seconds)


# ---- slow ones ----


@ON_OFF
@pytest.mark.parametrize("sent", [b"", b"\x10\x20\0\x04MQ"])
def test_who_does_not_say_who_it_is_is_closed(guarded: bool, sent: bytes) -> None:
    async def work() -> None:
        server, _ = bare(Limits() if guarded else Limits(connecting=OFF))
        made, wire = plugged(server)
        if sent:
            made.data_received(sent)
        tend(server, 9)
        assert not wire.closed
        tend(server, 11)
        assert wire.closed == guarded

    run(work)


@ON_OFF
def test_a_packet_that_never_ends_is_given_up_though_a_byte_comes_now_and_then(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare(Limits() if guarded else Limits(packet=OFF))
        made, wire = await opened(server, connect(keep_alive=0))
        whole = publish("a/b", b"x" * 1000)
        for at in range(100):
            made.data_received(whole[at : at + 1])
        tend(server, 59)
        assert not wire.closed
        tend(server, 62)
        assert wire.closed == guarded

    run(work)


def test_a_large_packet_over_a_slow_line_has_its_time() -> None:
    async def work() -> None:
        server, intake = bare()
        made, wire = await opened(server, connect())
        whole = publish("a/b", b"x" * 900_000)
        made.data_received(whole[:800_000])
        tend(server, 300)
        assert not wire.closed
        made.data_received(whole[800_000:])
        assert intake.payloads == [b"x" * 900_000]
        assert server.held == 0

    run(work)


def test_a_large_packet_in_tiny_pieces_costs_no_more_than_its_bytes() -> None:
    """Were all that is there copied with each piece, this would take minutes."""

    async def work() -> float:
        server, intake = bare()
        made, _ = await opened(server, connect())
        whole = publish("a/b", b"x" * 1_000_000)
        began = time.process_time()
        for at in range(0, len(whole), 10):
            made.data_received(whole[at : at + 10])
        assert intake.payloads == [b"x" * 1_000_000]
        return time.process_time() - began

    assert run(work) < 2


@ON_OFF
def test_a_silent_client_is_closed_after_one_and_a_half_of_its_keep_alive(guarded: bool) -> None:
    async def work() -> None:
        server, intake = bare()
        _made, wire = await opened(server, connect(keep_alive=10 if guarded else 0, will=("a/an", b"0", 0)))
        tend(server, 14)
        assert not wire.closed
        tend(server, 16)
        await turns()
        assert wire.closed == guarded
        assert intake.payloads == [b"0"] * guarded

    run(work)


def test_a_half_open_connection_is_asked_by_the_system_whether_anybody_is_there(tmp_path: Path) -> None:
    with Listener(tmp_path) as listener, Raw(listener.port) as raw:
        raw.send(connect(keep_alive=0))
        assert raw.packet() == (0x20, b"\0\0")

        def asked() -> list[int]:
            [one] = listener.server.open
            sock = one._transport.get_extra_info("socket")  # type: ignore[union-attr]
            return [
                sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
                * sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
            ]

        assert listener.ask(asked) == [1, 60, 60]


# ---- those who do not read ----


@ON_OFF
def test_who_does_not_read_our_answers_is_not_read_from_and_then_closed(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare(Limits() if guarded else Limits(blocked=OFF))
        made, wire = plugged(server, deaf=True)
        made.data_received(connect())
        await turns()
        for _ in range(1000):
            if wire.paused:
                break
            made.data_received(b"\xc0\0" * 100)
            await turns(2)
        assert wire.paused
        size = len(wire.written)
        tend(server, 1)
        server.check_full()
        assert wire.paused, "looking after it does not make it read on"
        assert size < 70_000
        tend(server, 61)
        assert wire.aborted == guarded

    run(work)


@ON_OFF
def test_who_does_not_take_our_good_bye_is_cut_off(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare(Limits() if guarded else Limits(closing=OFF))
        made, wire = plugged(server, deaf=True)
        made.data_received(connect())
        await turns()
        made.data_received(b"\xf0\0")
        assert wire.closed and not wire.aborted
        tend(server, 6)
        await turns()
        assert (made not in server.open) == guarded

    run(work)


@ON_OFF
def test_a_slow_subscriber_misses_live_values_and_everything_is_stored(guarded: bool) -> None:
    async def work() -> None:
        server, intake = bare(replace(Limits(), live=OFF) if guarded else replace(Limits(), live=OFF, slow=OFF))
        slow, wire = plugged(server, deaf=True)
        slow.data_received(connect("slow") + subscribe("#"))
        await turns()
        quick, _ = await opened(server, connect("quick"))
        _, other = await opened(server, connect("other") + subscribe("a/#"))
        payload = b"x" * 1000
        for _ in range(100):
            quick.data_received(publish("a/b", payload) * 10)
        assert len(intake.payloads) == 1000
        assert other.written.count(payload) == 1000, "another one misses nothing"
        assert (len(wire.written) < Limits().slow + 11_000) == guarded
        assert (server.live.dropped > 500) == guarded
        wire.deaf = False
        wire.written.clear()
        quick.data_received(publish("a/b", b"now"))
        assert wire.written == publish("a/b", b"now"), "once it reads again it hears the newest"

    run(work)


@ON_OFF
def test_many_subscribers_cannot_make_one_value_cost_more_than_the_budget(guarded: bool) -> None:
    async def work() -> int:
        server, intake = bare(Limits(live=1000 if guarded else OFF))
        heard = []
        for k in range(100):
            _, wire = await opened(server, connect(f"s{k}") + subscribe("#"))
            heard.append(wire)
        sender, _ = await opened(server, connect("sender"))
        for k in range(50):
            sender.data_received(publish("a/b", b"%d" % k))
        assert len(intake.payloads) == 50
        count = sum(len(wire.written) // len(publish("a/b", b"1")) for wire in heard)
        server.live.tick(0.5)
        before = len(heard[0].written)
        sender.data_received(publish("a/b", b"99"))
        assert len(heard[0].written) > before, "time gives it back"
        return count

    count = run(work)
    assert (count <= 1000) == guarded


@ON_OFF
def test_retained_values_are_bounded(guarded: bool) -> None:
    async def work() -> None:
        server, intake = bare()
        made, _ = await opened(server, connect())
        for k in range(300):
            made.data_received(publish(f"a/{k}", b"x" * 1000, flags=1))
        assert len(intake.payloads) == 300
        assert (server.retained.count("local") <= 100) == guarded
        made.data_received(publish("a/5", b"y", flags=1) + publish("a/6", b"", flags=1))
        kept = dict(server.retained.found(made.login, "#"))
        assert kept["a/5"] == b"y"
        assert "a/6" not in kept
        server.retained.keep("local", "a/7", b"z" * 10**8)
        assert ("a/7" not in dict(server.retained.found(made.login, "#"))) == guarded

    with patched(
        live,
        _MOST_RETAINED=100 if guarded else OFF,
        _RETAINED_BYTES=4 * 1024**2 if guarded else OFF,
        _RETAINED_ALL=32 * 1024**2 if guarded else OFF,
    ):
        run(work)


def test_bytes_of_retained_values_are_counted_right_over_changes() -> None:
    kept = live.Retained()
    for payload in (b"x" * 10, b"x" * 1000, b"", b"xy", b"x" * 10**7, b"x"):
        kept.keep("c", "t", payload)
    kept.keep("c", "u", b"12")
    assert kept._bytes == {"c": 2 + 3}


@ON_OFF
def test_wildcards_without_end_are_bounded(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare()
        made, wire = await opened(server, connect(version=5))
        for k in range(300):
            made.data_received(subscribe("+/" * k + "#", 1 + k, version=5))
        assert (len(made._session.subscriptions) == 100) == guarded
        assert not wire.closed
        made.connection_lost(None)
        assert not server.live.wanted("local")
        assert not server.live._counts

    with patched(subscribing, _MOST_SUBSCRIPTIONS=100 if guarded else OFF):
        run(work)


def test_filters_of_a_company_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_FILTERS", 10)

    async def work() -> None:
        server, _ = bare()
        for k in range(20):
            made, _ = plugged(server)
            made.data_received(connect(f"s{k}", user="acme") + subscribe("#"))
            await turns()
        assert server.live._counts == {"acme": 10}
        _, wire = await opened(server, connect("o", user="other") + subscribe("#"))
        assert wire.written == b""
        assert server.live._counts == {"acme": 10, "other": 1}

    run(work)


def test_topics_that_are_always_new_leave_no_routes_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_MOST_ROUTES", 100)

    async def work() -> None:
        server, _ = bare(Limits(live=OFF))
        _, wire = await opened(server, connect("s") + subscribe("a/#"))
        made, _ = await opened(server, connect("p"))
        for k in range(1000):
            made.data_received(publish(f"a/{k}", b"1"))
        assert wire.written.count(b"a/") == 1000
        assert sum(map(len, server.live._routes.values())) <= 101

    run(work)


# ---- floods ----


@ON_OFF
def test_connections_are_bounded(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare(Limits(connections=10 if guarded else OFF))
        wires = [plugged(server)[1] for _ in range(15)]
        assert [wire.aborted for wire in wires] == [False] * 10 + [guarded] * 5
        wires[0].abort()
        await turns()
        assert not plugged(server)[1].aborted

    run(work)


@ON_OFF
def test_no_company_takes_all_connections(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare(Limits(of_company=5 if guarded else OFF))
        for k in range(8):
            made, wire = plugged(server)
            made.data_received(connect(f"c{k}", version=5, user="greedy"))
            await turns()
            assert (wire.written[3] == (0x97 if k >= 5 else 0)) == (guarded or k < 5)
        await opened(server, connect(user="other"))

    run(work)


@ON_OFF
def test_strangers_do_not_keep_out_those_who_say_who_they_are(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare(Limits(connections=50, strangers=20 if guarded else OFF))
        _known, wire = await opened(server, connect("known"))
        strangers = [plugged(server)[1] for _ in range(60)]
        await turns()
        assert (len(server.open) == 21) == guarded
        assert not wire.closed
        _made, wire = plugged(server)
        assert wire.aborted != guarded
        assert strangers[0].aborted == guarded, "the first goes first"

    run(work)


@ON_OFF
def test_unfinished_packets_of_all_together_are_bounded(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare(Limits(held=10_000_000 if guarded else OFF))
        half = publish("a/b", b"x" * 1_000_000)[:-1]
        small, wire = await opened(server, connect("small"))
        small.data_received(publish("a/b", b"x" * 1000)[:-1])
        greedy = []
        for k in range(40):
            made, other = await opened(server, connect(f"c{k}"))
            made.data_received(half)
            greedy.append(other)
            await turns()
            assert not guarded or server.held < 11_100_000
        assert (server.held < 11_000_000) == guarded
        assert (sum(other.closed for other in greedy) >= 30) == guarded
        assert not wire.closed, "whoever holds little stays"
        for other in greedy:
            other.abort()
        wire.abort()
        await turns()
        assert server.held == 0

    run(work)


@ON_OFF
def test_a_flood_of_small_packets_lets_others_have_their_turn(guarded: bool) -> None:
    async def work() -> None:
        server, _ = bare()
        made, wire = await opened(server, connect("flood"))
        turned: list[int] = []
        asyncio.get_running_loop().call_soon(lambda: turned.append(len(wire.written)))
        made.data_received(b"\xc0\0" * 20_000)
        await turns(150)
        assert len(wire.written) == 40_000, "all are answered in the end"
        assert (turned[0] < 1000) == guarded

    with patched(connections, _AT_ONCE=200 if guarded else OFF):
        run(work)


@ON_OFF
def test_while_the_intake_is_full_nobody_is_read_from_and_nothing_is_dropped(guarded: bool) -> None:
    async def work() -> None:
        server, intake = bare(at_once=False)
        made, wire = await opened(server, connect("a", keep_alive=1), intake)
        _, other = await opened(server, connect("b"), intake)
        intake.full = True
        made.data_received(publish("a/b", b"1", 1, qos=1))
        assert (wire.paused, other.paused) == (guarded, guarded)
        _, new = plugged(server)
        assert new.paused
        tend(server, 3600)
        assert not wire.closed or not guarded, "who is not read from is not silent"
        assert not intake.payloads[1:]
        intake.full = False
        intake.settle()
        assert wire.written == b"\x40\x02\0\x01" or not guarded
        await asyncio.sleep(0.06)
        assert not any(one.paused for one in (wire, other, new)) or not guarded

    if guarded:
        run(work)
    else:
        with patched(Connection, stop_for_intake=lambda self, on: None):
            run(work)


def _flood(port: int, told: list[int], name: str) -> None:
    """Publish as fast as the socket takes it, reading acknowledgements beside."""
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.sendall(connect(name))
        assert sock.recv(4) == b"\x20\x02\0\0"
        ended = threading.Event()
        acknowledged = [0]

        def read() -> None:
            rest = 0
            while not ended.is_set() or acknowledged[0] < told[0]:
                rest += len(sock.recv(1 << 20))
                acknowledged[0] = rest // 4

        chunk = b"".join(publish(f"{name}/v", b"%06d" % k, 1 + k % 65535, qos=1) for k in range(2000))
        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(50):
            told[0] += 2000
            sock.sendall(chunk)
        ended.set()
        reader.join(60)
        told.append(acknowledged[0])


def test_at_more_than_it_can_take_acknowledgements_come_later_and_nothing_is_lost(tmp_path: Path) -> None:
    """Four clients send without any window: what TCP takes. A disk made slow is what holds them up."""
    slow = "from nordlotse.iot.core.store.disk import Disk\nimport time\nwhole = Disk.sync\ndef sync(self, handle):\n    time.sleep(0.05)\n    whole(self, handle)\nDisk.sync = sync"
    serve = Serve(tmp_path / "iot", slow)
    told: list[list[int]] = [[0] for _ in range(4)]
    floods = [threading.Thread(target=_flood, args=(serve.port, told[k], f"m{k}")) for k in range(4)]
    for flood in floods:
        flood.start()
    time.monotonic()
    peak = 0
    while any(flood.is_alive() for flood in floods):
        peak = max(peak, _memory(serve.process.pid))
        time.sleep(0.05)
    time.monotonic()
    assert all(len(one) == 2 and one[0] == one[1] for one in told), "all that was sent is acknowledged"
    assert peak < 400
    assert serve.stop() == 0
    time.monotonic()
    reader = tail.reader(tmp_path / "iot", "local", patience=0)
    reader.look()
    assert [reader.count(Series("local", f"m{k}", "v")) for k in range(4)] == [one[0] for one in told]


def _memory(pid: int) -> int:
    """Return the memory of a process in MB."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in told.splitlines() if line.startswith("VmRSS")), 0)


@pytest.fixture
def many_files() -> Iterator[int]:
    """Allow as many open files as the system lets us; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=pytest.mark.long)])
def test_idle_connections_cost_little_and_keep_nobody_waiting(tmp_path: Path, many_files: int, count: int) -> None:
    if many_files < count + 200:
        pytest.skip(f"this account may open {many_files} files only; {count} connections need more")
    serve = Serve(tmp_path / "iot")
    before = _memory(serve.process.pid)
    idle = []
    try:
        for k in range(count):
            raw = Raw(serve.port, 30)
            raw.send(connect(f"idle{k}"))
            idle.append(raw)
        assert all(raw.packet() == (0x20, b"\0\0") for raw in idle)
        assert _memory(serve.process.pid) - before < count * 0.02 + 5, "20 kB each"
        slowest = 0.0
        with Raw(serve.port) as active:
            active.send(connect("active"))
            assert active.packet() == (0x20, b"\0\0")
            for k in range(1, 101):
                began = time.monotonic()
                active.send(publish("m/v", b"%d" % k, k, qos=1))
                assert active.packet()[0] == 0x40
                slowest = max(slowest, time.monotonic() - began)
        assert slowest < 1
        for raw in (idle[0], idle[-1]):
            raw.send(b"\xc0\0")
            assert raw.packet() == (0xD0, b"")
    finally:
        for raw in idle:
            raw.close()
        serve.stop()


def test_a_client_that_sends_garbage_again_and_again_harms_nobody(tmp_path: Path) -> None:
    with Listener(tmp_path) as listener, Raw(listener.port) as sound:
        sound.send(connect("sound"))
        assert sound.packet() == (0x20, b"\0\0")
        for k in range(100):
            with Raw(listener.port) as raw:
                raw.send([b"\xff" * 100, framed(0x10, text("MQTT")), connect() + b"\0\0", b""][k % 4])
        sound.send(publish("m/v", b"1", 1, qos=1))
        assert sound.packet() == (0x40, b"\0\x01")
        assert until(lambda: listener.ask(lambda: len(listener.server.open)) == 1)
        assert listener.ask(lambda: listener.server.held) == 0
