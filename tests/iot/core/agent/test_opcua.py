"""OPC UA against a real server (asyncua) in this process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asyncua import Node as NodeOfServer
from asyncua import Server, ua
from asyncua.ua.uaerrors import UaStatusCodeError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.agent.browsing import as_toml, browse
from nordlotse.iot.core.agent.config import Login, Node, OpcUa
from nordlotse.iot.core.agent.marks import Marks
from nordlotse.iot.core.agent.opcua import OpcUaSource, _Came
from nordlotse.iot.core.agent.reading import Clock, Reading, State
from nordlotse.iot.core.values import Quality
from tests.iot.core.agent.kept import Kept, free_port, until

logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class Plant:
    """A server with a machine: a number that has a history, a text, a node of which the server keeps none."""

    def __init__(self, port: int, folder: Path | None = None) -> None:
        self.port = port
        self.folder = folder
        self.server = Server()
        self.nodes: dict[str, Any] = {}

    async def start(self, history: bool = True) -> None:
        await self.make()
        await self.open(history)

    async def make(self) -> None:
        server = self.server
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{self.port}/plant")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        if self.folder is not None:
            both = [ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt, ua.SecurityPolicyType.NoSecurity]
            server.set_security_policy(both)
            certificate, key = certified(self.folder, "server")
            await server.set_application_uri("urn:nordlotse:server")
            await server.load_certificate(str(certificate))
            await server.load_private_key(str(key))
        space = await server.register_namespace("urn:plant")
        machine = await server.nodes.objects.add_object(space, "Fräse")
        for name, value in (("Strom", 1.0), ("Programm", "P1"), ("Zähler", 0)):
            node = await machine.add_variable(ua.NodeId(name, space), name, value)
            self.nodes[name] = node

    async def open(self, history: bool = True) -> None:
        server = self.server
        await server.start()
        if history:
            await server.historize_node_data_change(self.nodes["Strom"], period=timedelta(days=9999), count=1000)

    async def set(self, name: str, value: Any, at: datetime | None = None, status: int = 0) -> None:
        kind = {float: ua.VariantType.Double, str: ua.VariantType.String, int: ua.VariantType.Int64}.get(type(value))
        variant = ua.Variant(value, kind) if kind else ua.Variant(None)
        moment = at or datetime.now(UTC)
        data = ua.DataValue(variant, ua.StatusCode(status), SourceTimestamp=moment, ServerTimestamp=moment)
        await self.server.write_attribute_value(self.nodes[name].nodeid, data)


def certified(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate as the docs say, with a URI in it, and its key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"urn:nordlotse:{name}")]), False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths = folder / f"{name}.der", folder / f"{name}.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.DER))
    paths[1].write_bytes(key.private_bytes(*form))
    return paths


@contextmanager
def beside(port: int, folder: Path, history: bool = True) -> Iterator[Plant]:
    """A plant in a thread of its own: to make one takes seconds, so tests share it."""
    loop = asyncio.new_event_loop()
    made = Plant(port, folder)
    ended = asyncio.Event()
    ready = threading.Event()

    async def run() -> None:
        await made.start(history)
        ready.set()
        await ended.wait()
        await made.server.stop()

    whole = made.set

    async def elsewhere(*told: Any, **more: Any) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(whole(*told, **more), loop))

    made.set = elsewhere  # type: ignore[method-assign]
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(60)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(20)
        loop.close()


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with beside(free_port(), tmp_path_factory.mktemp("plant")) as made:
        yield made


def config(port: int, **more: Any) -> OpcUa:
    nodes = tuple(Node(f"ns=2;s={name}", "Fräse", name) for name in ("Strom", "Programm", "Zähler"))
    return OpcUa(Target("opc.tcp", "127.0.0.1", port, "/plant"), nodes, **{"sampling": 50.0, **more})


def source(made: OpcUa, folder: Path) -> OpcUaSource:
    return OpcUaSource(made, [made.to], Clock(), Marks(folder / "marks.json"))


@asynccontextmanager
async def running(one: OpcUaSource, kept: Kept, state: State) -> AsyncIterator[None]:
    task = asyncio.create_task(one.run(kept, state))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_values_come_with_the_servers_time_and_their_quality(tmp_path: Path, plant: Plant) -> None:
    async def run() -> None:
        machine = plant
        await machine.set("Strom", 1.0)
        kept, state = Kept(), State("")
        async with running(source(config(plant.port), tmp_path), kept, state):
            await until(lambda: len(kept.readings) >= 3)
            now = datetime.now(UTC).replace(microsecond=123_456)
            await machine.set("Strom", 7.5, now)
            await until(lambda: 7.5 in kept.values("Strom"))
            good = next(one for one in kept.readings if one.value == 7.5)
            assert (good.machine, good.quality, good.time % 1_000_000) == ("Fräse", 0, 123_456)
            await machine.set("Strom", 8.5, status=ua.StatusCodes.UncertainLastUsableValue)
            await machine.set("Programm", "P2")
            await until(lambda: 8.5 in kept.values("Strom") and "P2" in kept.values("Programm"))
            assert kept.readings[[r.value for r in kept.readings].index(8.5)].quality == Quality.UNCERTAIN
            # a sensor that broke tells no value: the last known one stands there, marked bad
            await machine.set("Strom", None, status=ua.StatusCodes.BadSensorFailure)
            await until(lambda: kept.readings[-1].quality == Quality.BAD)
            assert kept.readings[-1].value == 8.5
            # a clock that is wrong by two hours is marked, the time stays as it was told
            await machine.set("Zähler", 5, datetime.now(UTC) - timedelta(hours=2))
            await until(lambda: 5.0 in kept.values("Zähler"))
            assert kept.readings[-1].quality == Quality.CLOCK

    asyncio.run(run())


def test_after_a_restart_of_the_server_values_come_again_and_what_was_missed_is_read_from_history(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        port = free_port()
        kept, state = Kept(), State("")
        machine, again = Plant(port), Plant(port)
        await machine.start()
        await again.make()
        async with running(source(config(port), tmp_path), kept, state):
            await until(lambda: state.connected and len(kept.readings) >= 3)
            await machine.set("Strom", 2.0)
            await until(lambda: 2.0 in kept.values("Strom"))
            await machine.server.stop()
            await until(lambda: not state.connected and state.fault is not None)
            machine = again  # the server after its restart
            await machine.open()
            # what happened while the agent could not listen: the server has kept it
            for value in (3.0, 4.0, 5.0):
                await machine.set("Strom", value)
            try:
                await until(lambda: {3.0, 4.0, 5.0} <= set(kept.values("Strom")), 60)
                await machine.set("Strom", 6.0)
                await until(lambda: 6.0 in kept.values("Strom"))
            finally:
                await machine.server.stop()
        strom = [(one.time, one.value) for one in kept.readings if one.signal == "Strom"]
        # one value for each moment: nothing becomes a correction
        assert len({time for time, _ in strom}) == len(set(strom))
        assert state.backfilled >= 2
        assert state.gaps == 2  # the other two nodes have no history: their gap is told

    asyncio.run(run())


def test_a_queue_that_overflowed_is_told_and_filled_from_history(tmp_path: Path, plant: Plant) -> None:
    async def run() -> None:
        machine = plant
        await machine.set("Strom", 1.0)
        kept, state = Kept(), State("")
        async with running(source(config(plant.port), tmp_path), kept, state):
            await until(lambda: len(kept.readings) >= 3)
            await machine.set("Zähler", 5)
            await until(lambda: 5.0 in kept.values("Zähler"))
            await machine.set("Strom", 9.0, status=0x0480)  # good, with the overflow bit
            await machine.set("Zähler", 9, status=0x0480)
            await until(lambda: 9.0 in kept.values("Strom") and 9.0 in kept.values("Zähler"))
            await until(lambda: state.gaps == 1)  # only one of the two has a history
            assert {r.quality for r in kept.readings if r.value == 9.0 and r.signal == "Zähler"} == {Quality.UNCERTAIN}

    asyncio.run(run())


def test_what_found_no_room_in_the_buffer_is_brought_from_history_later(tmp_path: Path, plant: Plant) -> None:
    async def run() -> None:
        machine = plant
        await machine.set("Strom", 1.0)
        kept, state = Kept(), State("")
        async with running(source(config(plant.port), tmp_path), kept, state):
            await until(lambda: len(kept.readings) >= 3)
            kept.full = True
            for value in (11.0, 12.0, 13.0):
                await machine.set("Strom", value)
                await asyncio.sleep(0.15)
            kept.full = False
            await machine.set("Strom", 14.0)
            await until(lambda: {11.0, 12.0, 13.0, 14.0} <= set(kept.values("Strom")))

    asyncio.run(run())


def test_check_tells_what_is_wrong_with_each_node_and_browse_prints_lines_to_copy(tmp_path: Path, plant: Plant) -> None:
    async def run() -> None:
        await plant.set("Strom", 1.0)
        made = config(plant.port)
        wrong = OpcUa(made.to, (made.nodes[0], Node("ns=2;s=Nix", "Fräse", "Nix")))
        kept, state = Kept(), State("")
        async with running(source(wrong, tmp_path), kept, state):
            await until(lambda: kept.values("Strom"))  # the node that is there is read nevertheless
        assert state.fault is not None
        found = await source(wrong, tmp_path).check()
        assert [one.good for one in found] == [True, True, False]
        assert "Fräse/Strom (ns=2;s=Strom) = 1.0" in found[1].de
        assert "Diesen Knoten kennt der Server nicht" in found[2].de
        lines = [as_toml(one, set()) async for one in browse(made, [made.to])]
        shown = next(line for line in lines if "Strom" in line)
        assert shown == '# Fräse / Strom = 1.0\n[[opcua.nodes]]\nid = "ns=2;s=Strom"\nsignal = "Strom"\n'
        assert len(lines) == 3  # the server's own housekeeping is left out
        nobody = config(free_port())
        found = await source(nobody, tmp_path).check()
        assert [one.good for one in found] == [False]
        assert "nimmt niemand Verbindungen an" in found[0].de
        with pytest.raises(NotAvailable):
            [one async for one in browse(nobody, [nobody.to])]

    asyncio.run(run())


def test_a_user_the_server_does_not_know_is_told_as_that(tmp_path: Path, plant: Plant) -> None:
    class Nobody:
        def get_user(self, server: Any, username: Any = None, password: Any = None, certificate: Any = None) -> None:
            return None

    known = plant.server.iserver.user_manager
    plant.server.iserver.user_manager = Nobody()
    try:
        found = asyncio.run(source(config(plant.port, login=Login("ich", "falsch")), tmp_path).check())
    finally:
        plant.server.iserver.user_manager = known
    assert [one.good for one in found] == [False]
    assert "Benutzer" in found[0].de


def test_a_connection_is_signed_and_encrypted_with_the_agents_own_certificate(tmp_path: Path, plant: Plant) -> None:
    assert plant.folder is not None
    certificate, key = certified(tmp_path, "agent")
    own: dict[str, Any] = {"certificate": certificate, "key": key}
    for server in (None, plant.folder / "server.der"):
        made = config(plant.port, security="Basic256Sha256,SignAndEncrypt", server_certificate=server, **own)
        found = asyncio.run(source(made, tmp_path).check())
        assert all(one.good for one in found), found
    other = config(plant.port, security="Aes256Sha256RsaPss,Sign", **own)
    (found_other,) = asyncio.run(source(other, tmp_path).check())
    assert "Der Server bietet diese Sicherheit nicht" in found_other.de
    plain = config(plant.port, login=Login("ich", "geheim"))
    assert "kann das Passwort mitgelesen werden" in asyncio.run(source(plain, tmp_path).check())[0].de


def test_what_was_missed_comes_from_history_where_the_servers_clock_is_two_hours_ahead(tmp_path: Path) -> None:
    async def run() -> None:
        port = free_port()
        kept, state = Kept(), State("")
        machine = Plant(port)
        await machine.start()
        ahead = datetime.now(UTC) + timedelta(hours=2)
        # kept an hour ago by the server's clock, when the line failed
        marks = Marks(tmp_path / "marks.json")
        marks.set("Fräse/Strom", int((ahead - timedelta(hours=1)).timestamp() * 1e6))
        for minute, value in ((-50, 3.0), (-20, 4.0), (-1, 5.0)):
            await machine.set("Strom", value, ahead + timedelta(minutes=minute))
        try:
            async with running(source(config(port), tmp_path), kept, state):
                await until(lambda: {3.0, 4.0, 5.0} <= set(kept.values("Strom")), 15)
        finally:
            await machine.server.stop()
        assert state.gaps == 0

    asyncio.run(run())


class Line:
    """A client whose nodes have a history: `values` by time µs; it fails as long as `fault` says with what."""

    def __init__(self, *times: int) -> None:
        self.times = times
        self.fault: Exception | None = None
        self.asked = 0
        self.id = None

    def get_node(self, node: object) -> Line:
        return self

    async def get_access_level(self) -> set[ua.AccessLevel]:
        return {ua.AccessLevel.HistoryRead}

    async def read_value(self) -> datetime:
        return datetime.now(UTC)

    async def read_raw_history(self, begin: datetime, end: datetime, return_bounds: bool) -> list[ua.DataValue]:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        moments = [EPOCH + timedelta(microseconds=time) for time in self.times]
        return [told(float(n), moment) for n, moment in enumerate(moments) if begin <= moment < end]


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told(value: float, moment: datetime) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value), ua.StatusCode(0), SourceTimestamp=moment)


async def filled(one: OpcUaSource, line: Line, kept: Kept, state: State) -> None:
    """Let what is missing be filled until nothing is, or the line fails."""
    task = asyncio.create_task(one._backfill(line, kept, state).run())  # type: ignore[arg-type]
    await until(lambda: task.done() or not list(one._holes.open()), 15)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def alone(folder: Path) -> OpcUaSource:
    """A source of one node, told already what its clock shows."""
    one = source(OpcUa(Target("opc.tcp", "h", 4840), (Node("ns=2;s=S", "M", "S"),)), folder)
    one._newest["ns=2;s=S"] = 1
    return one


def test_a_hole_outlives_the_loss_of_the_line_while_it_is_filled_and_a_restart(tmp_path: Path) -> None:
    async def run() -> None:
        now = Clock().now()
        minute = 60_000_000
        kept, state, first = Kept(), State(""), alone(tmp_path)
        await first._hand_on([_Came(NODE, told(1.0, at(now - 9 * minute)))], kept, state)
        kept.full = True
        await first._hand_on([_Came(NODE, told(2.0, at(now - 8 * minute)))], kept, state)
        kept.full = False
        await first._hand_on([_Came(NODE, told(3.0, at(now - 7 * minute)))], kept, state)
        line = Line(now - 8 * minute)
        line.fault = ConnectionResetError("lost")
        await filled(first, line, kept, state)
        assert line.asked == 1
        first._marks.note()
        line.fault = None
        await filled(alone(tmp_path), line, kept, state)  # another run of the agent
        assert [one.time for one in kept.readings] == [now - 9 * minute, now - 7 * minute, now - 8 * minute]
        assert state.gaps == 0

    asyncio.run(run())


def test_a_history_that_fails_for_a_while_is_told_asked_again_and_no_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nordlotse.iot.core.agent.backfilling._AGAIN", 0.05)

    async def run() -> None:
        now = Clock().now()
        kept, state, line, one = Kept(), State(""), Line(now - 60_000_000), alone(tmp_path)
        one._holes.dig("M/S", now - 90_000_000)
        line.fault = UaStatusCodeError(ua.StatusCodes.BadTimeout)
        task = asyncio.create_task(one._backfill(line, kept, state).run())  # type: ignore[arg-type]
        await until(lambda: line.asked >= 2, 5)
        assert state.fault is not None
        line.fault = None
        await until(lambda: state.fault is None, 5)
        task.cancel()
        assert kept.values("S") == [0.0]
        assert state.gaps == 0

    asyncio.run(run())


def test_an_overflow_is_filled_though_the_agent_was_killed_between_the_mark_and_the_filling(tmp_path: Path) -> None:
    async def run() -> None:
        now = Clock().now()
        minute = 60_000_000
        kept, state, first = Kept(), State(""), alone(tmp_path)
        await first._hand_on([_Came(NODE, told(1.0, at(now - 9 * minute)))], kept, state)
        over = ua.DataValue(ua.Variant(3.0), ua.StatusCode(0x0480), SourceTimestamp=at(now - 7 * minute))
        await first._hand_on([_Came(NODE, over)], kept, state)
        first._marks.note()
        await filled(alone(tmp_path), Line(now - 8 * minute), kept, state)
        assert now - 8 * minute in [one.time for one in kept.readings]

    asyncio.run(run())


def test_what_had_come_when_the_line_was_lost_is_kept(tmp_path: Path) -> None:
    async def run() -> None:
        kept, lost, came = Kept(), asyncio.Event(), asyncio.Queue[_Came]()
        for value in (1.0, 2.0):
            came.put_nowait(_Came(NODE, told(value, datetime.now(UTC))))
        lost.set()
        await alone(tmp_path)._take(came, lost, kept, State(""))
        assert kept.values("S") == [1.0, 2.0]

    asyncio.run(run())


def test_what_comes_while_a_month_is_filled_is_taken_at_once_and_held_within_a_bound(
    tmp_path: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        await plant.set("Strom", 1.0)
        month = int((datetime.now(UTC) - timedelta(days=30)).timestamp() * 1e6)
        Marks(tmp_path / "marks.json").set("Fräse/Strom", month)
        kept, state, one = Kept(), State(""), source(config(plant.port), tmp_path)
        reading = asyncio.Event()

        async def slow(node: Any, begin: datetime, end: datetime, return_bounds: bool = True) -> list[ua.DataValue]:
            reading.set()
            await asyncio.sleep(60)
            return []

        monkeypatch.setattr(NodeOfServer, "read_raw_history", slow)
        async with running(one, kept, state):
            await asyncio.wait_for(reading.wait(), 60)
            await plant.set("Strom", 7.0)
            await until(lambda: 7.0 in kept.values("Strom"), 15)
        # a disk that takes nothing: what finds no room in memory is a hole
        monkeypatch.setattr("nordlotse.iot.core.agent.opcua._HELD", 1)
        stuck, two = Stuck(), source(config(plant.port), tmp_path / "two")
        (tmp_path / "two").mkdir()
        async with running(two, stuck, State("")):
            await until(lambda: stuck.waits)
            await plant.set("Strom", 8.0)
            await plant.set("Strom", 9.0)
            await until(lambda: "Fräse/Strom" in two._holes.open(), 10)  # its history never answers: it stays open

    asyncio.run(run())


class Stuck(Kept):
    """Never returns."""

    waits = False

    async def keep(self, readings: Sequence[Reading]) -> None:
        self.waits = True
        await asyncio.sleep(3600)


NODE = Node("ns=2;s=S", "M", "S")


def at(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)
