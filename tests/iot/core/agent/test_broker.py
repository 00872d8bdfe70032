"""A broker in the company's network: names, payloads of all kinds, and nothing acknowledged that the buffer does not have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.agent.broker import BrokerSource, _named
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.config import Broker
from nordlotse.iot.core.agent.keeping import Keeper
from nordlotse.iot.core.agent.reading import Clock, State, Told
from nordlotse.iot.core.mapping import Rule
from nordlotse.iot.core.values import Kind, Quality
from tests.iot.core.agent.kept import until
from tests.iot.mosquitto import Mosquitto

RULES = (Rule("tele/ofen/SENSOR", "Ofen", "Leistung", ("ENERGY", "Power"), scale=0.001),)


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path_factory.mktemp("broker"))
    yield made
    made.kill()


def publish(broker: Mosquitto, *messages: tuple[str, bytes]) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    for topic, payload in messages:
        client.publish(topic, payload, qos=1).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()


class Reader:
    """A source and its buffer."""

    def __init__(self, broker: Mosquitto, folder: Path, name: str, machine: str = "", limit: int = 10**6) -> None:
        to = Target("mqtt", "127.0.0.1", broker.port)
        config = Broker(to, ("halle/#", "tele/ofen/SENSOR", "Säge/+"), RULES, machine)
        clock = Clock()
        self.buffer = Buffer(folder, limit)
        self.state = State("")
        self.source = BrokerSource(config, [to], clock, name)
        self.keeper = Keeper(self.buffer, clock, Told(State("")), 0.02)

    def values(self) -> dict[str, list[object]]:
        found: dict[str, list[object]] = {}
        records, _ = self.buffer.read(self.buffer.sent, 10**6)
        for rows in records:
            for row in rows.data:
                value: object = rows.texts[int(row["value"])] if row["kind"] == Kind.TEXT else float(row["value"])
                found.setdefault("/".join(rows.names[row["name"]]), []).append(value)
        return found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        keeping = asyncio.create_task(self.keeper.run())
        reading = asyncio.create_task(self.source.run(self.keeper, self.state))
        try:
            await until(lambda: self.state.connected)
            yield
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
            self.keeper.end()
            await keeping
            self.buffer.close()


def test_topics_become_machine_and_signal_and_a_path_finds_what_lies_deep(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async def run() -> None:
        reader = Reader(mosquitto, tmp_path, "names")
        async with reader.running():
            await asyncio.to_thread(
                publish,
                mosquitto,
                ("Säge/Strom", b"1.5"),
                ("Säge/Zustand", b'{"value":"an","time":1780000000000}'),
                ("halle/ofen/temperatur", b"200"),
                ("tele/ofen/SENSOR", b'{"Time":"x","ENERGY":{"Power":1500}}'),
                ("halle/bild", b"\xff\xd8\xff"),
            )
            await until(lambda: reader.state.read == 4 and reader.state.gaps == 1)
            assert reader.values() == {
                "Säge/Strom": [1.5], "Säge/Zustand": ["an"], "halle/ofen.temperatur": [200.0], "Ofen/Leistung": [1.5],
            }  # fmt: skip
            assert reader.state.fault is not None and "halle/bild: nicht lesbar" in reader.state.fault.de

    asyncio.run(run())


def test_what_came_while_the_agent_was_away_comes_afterwards(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async def run() -> None:
        first = Reader(mosquitto, tmp_path, "away", machine="Presse")
        async with first.running():
            await asyncio.to_thread(publish, mosquitto, ("halle/druck", b"1"))
            await until(lambda: first.state.read == 1)
        await asyncio.to_thread(publish, mosquitto, ("halle/druck", b"2"), ("halle/druck", b"3"))
        second = Reader(mosquitto, tmp_path, "away", machine="Presse")
        async with second.running():
            await until(lambda: second.state.read == 2)
            assert second.values() == {"Presse/halle.druck": [1.0, 2.0, 3.0]}

    asyncio.run(run())


def test_what_the_buffer_has_no_room_for_is_not_acknowledged(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async def run() -> None:
        full = Reader(mosquitto, tmp_path / "a", "full", limit=10)
        async with full.running():
            await asyncio.to_thread(publish, mosquitto, ("halle/x", b"7"))
            await asyncio.sleep(0.5)
            assert full.state.read == 0
        roomy = Reader(mosquitto, tmp_path / "b", "full")
        async with roomy.running():
            await until(lambda: roomy.state.read == 1)  # the broker has sent it again
            assert roomy.values() == {"halle/x": [7.0]}

    asyncio.run(run())


def test_check_shows_which_topics_bring_what(mosquitto: Mosquitto, tmp_path: Path) -> None:
    reader = Reader(mosquitto, tmp_path, "check")
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", mosquitto.port)
    client.loop_start()
    for topic, payload in (("Säge/Strom", b"1"), ("halle/kaputt", b"{")):
        client.publish(topic, payload, qos=1, retain=True).wait_for_publish(5)
    found = asyncio.run(reader.source.check())
    for topic in ("Säge/Strom", "halle/kaputt"):
        client.publish(topic, b"", qos=1, retain=True).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()
    reader.buffer.close()
    told = {one.de: one.good for one in found}
    assert told["Säge/Strom → Säge/Strom"]
    assert any("halle/kaputt: nicht lesbar" in text and not good for text, good in told.items())


def test_a_broker_that_is_not_there_is_told_in_a_technicians_words(tmp_path: Path) -> None:
    to = Target("mqtt", "127.0.0.1", 9)
    begin = time.monotonic()
    (found,) = asyncio.run(BrokerSource(Broker(to, ("#",)), [to], Clock(), "n").check())
    assert not found.good and "nimmt niemand Verbindungen an" in found.de
    assert time.monotonic() - begin < 5


def test_long_topics_that_begin_alike_stay_two_signals() -> None:
    long = ["halle", "linie-der-langen-namen", "station-mit-noch-laengerem-namen", "sensor"]
    one, other = _named([*long, "temperatur"]), _named([*long, "druck"])
    assert one != other
    assert len(one) == len(other) == 64
    assert _named(["a", "b"]) == "a.b"


def test_what_a_broker_retained_is_uncertain_as_nobody_knows_since_when_it_holds(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    to = Target("mqtt", "127.0.0.1", mosquitto.port)
    source = BrokerSource(Broker(to, ("halle/#",), (), ""), [to], Clock(), "agent")
    kept, fresh = paho.MQTTMessage(1, b"halle/Soll"), paho.MQTTMessage(2, b"halle/Soll")
    kept.payload = fresh.payload = b"7"
    kept.retain = True
    (of_kept,), _ = source._decoded(kept)
    (of_fresh,), _ = source._decoded(fresh)
    assert (of_kept.quality[0], of_fresh.quality[0]) == (Quality.UNCERTAIN, Quality.GOOD)
