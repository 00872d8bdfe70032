"""Clients as people use them, paho and the mosquitto tools, against the whole ingest: what they publish is stored, what they subscribe to comes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.iot.core.mqtt.listener import Listener, until
from tests.iot.process import Serve, nordlotse

MS = 1_700_000_000_000
VERSIONS = [pytest.param(paho.MQTTv311, id="3.1.1"), pytest.param(paho.MQTTv5, id="5")]


class Client:
    """A paho client with its loop in a thread; what it heard."""

    def __init__(
        self, port: int, version: int, client_id: str = "", *, clean: bool = True, expiry: int = 0, **will: Any
    ) -> None:
        five = version == paho.MQTTv5
        self.paho = paho.Client(
            paho.CallbackAPIVersion.VERSION2,
            client_id=client_id or "c",
            clean_session=None if five else clean,
            protocol=version,
        )
        self.paho.max_inflight_messages_set(1000)
        self.heard: list[tuple[str, bytes, bool]] = []
        self.connected: list[Any] = []
        self.acknowledged: list[int] = []
        self.subscribed: list[Any] = []
        self.ended = threading.Event()
        self.up = threading.Event()
        self.paho.on_message = lambda c, u, m: self.heard.append((m.topic, m.payload, bool(m.retain)))
        self.paho.on_connect = self._connected
        self.paho.on_publish = lambda c, u, mid, reason, properties: self.acknowledged.append(reason.value)
        self.paho.on_subscribe = lambda c, u, mid, reasons, properties: self.subscribed.append(
            [r.value for r in reasons]
        )
        self.paho.on_disconnect = lambda *_: self.ended.set()
        if will:
            self.paho.will_set(**will)
        properties = None
        if five and expiry:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = expiry
        self._arguments = {"clean_start": clean, "properties": properties} if five else {}
        self.port = port

    def open(self) -> Client:
        self.paho.connect("127.0.0.1", self.port, 30, **self._arguments)
        self.paho.loop_start()
        assert self.up.wait(60)
        return self

    def _connected(self, client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        self.connected.append((reason.value, flags.session_present))
        self.up.set()

    def send(self, topic: str, payload: bytes, qos: int = 1, **more: Any) -> None:
        self.paho.publish(topic, payload, qos, **more).wait_for_publish(60)

    def subscribe(self, pattern: str, **options: Any) -> list[int]:
        before = len(self.subscribed)
        self.paho.subscribe(pattern, **options)
        until(lambda: len(self.subscribed) > before)
        return self.subscribed[-1]

    def close(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()

    def lose(self) -> None:
        """End as a client does whose cable is cut."""
        self.paho.reconnect_delay_set(60, 60)
        self.paho.socket().shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        self.paho.loop_stop()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with Listener(tmp_path / "iot") as made:
        yield made


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_every_value_of_paho_is_stored_once_in_its_order(listener: Listener, version: int, qos: int) -> None:
    client = Client(listener.port, version).open()
    sent = [client.paho.publish("Ofen/Grad", b"%d" % k, qos) for k in range(300)]
    for one in sent:
        one.wait_for_publish(60)
    assert listener.eventually("Ofen", "Grad", 300) == list(range(300))
    client.close()
    assert listener.server.counters.errors == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_live_values_come_by_wildcards_and_only_those(listener: Listener, version: int) -> None:
    client, other = Client(listener.port, version, "a").open(), Client(listener.port, version, "b").open()
    assert client.subscribe("+/Grad") == [0]
    assert client.subscribe("Halle/#") == [0]
    for topic in ("Ofen/Grad", "Ofen/Druck", "Halle/Ofen/Grad", "Halle", "Ofen/a/Grad"):
        other.send(topic, b"1")
    heard = until(lambda: client.heard, lambda found: len(found) >= 3)
    assert heard == [("Ofen/Grad", b"1", False), ("Halle/Ofen/Grad", b"1", False), ("Halle", b"1", False)]
    client.paho.unsubscribe("+/Grad")
    other.send("Ofen/Grad", b"2")
    other.send("Halle", b"3")
    assert until(lambda: client.heard[3:]) == [("Halle", b"3", False)]
    client.close(), other.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_retained_value_comes_with_the_subscription_until_an_empty_one_removes_it(
    listener: Listener, version: int
) -> None:
    client = Client(listener.port, version, "a").open()
    client.send("Ofen/Grad", b"1", retain=True)
    client.send("Ofen/Grad", b"2", retain=True)
    client.send("Ofen/Druck", b"3")
    late = Client(listener.port, version, "b").open()
    late.subscribe("Ofen/#")
    assert until(lambda: late.heard) == [("Ofen/Grad", b"2", True)]
    client.send("Ofen/Grad", b"", retain=True)
    later = Client(listener.port, version, "c").open()
    later.subscribe("Ofen/#")
    client.send("Ofen/Grad", b"5")
    assert until(lambda: later.heard) == [("Ofen/Grad", b"5", False)]
    for one in (client, late, later):
        one.close()


def test_options_of_version_5_are_kept(listener: Listener) -> None:
    options = paho.SubscribeOptions
    client = Client(listener.port, paho.MQTTv5, "a").open()
    client.send("Ofen/Grad", b"1", retain=True)
    client.subscribe("Ofen/Grad", options=options(0, noLocal=True, retainHandling=2))
    other = Client(listener.port, paho.MQTTv5, "b").open()
    other.subscribe("Ofen/Grad", options=options(0, retainAsPublished=True, retainHandling=1))
    other.subscribe("Ofen/Grad", options=options(0, retainAsPublished=True, retainHandling=1))
    client.send("Ofen/Grad", b"2", retain=True)
    assert until(lambda: other.heard, lambda found: len(found) >= 2) == [
        ("Ofen/Grad", b"1", True),
        ("Ofen/Grad", b"2", True),
    ]
    assert client.heard == []  # neither the retained one nor its own
    assert client.subscribe("$share/g/Ofen/Grad") == [0x9E]
    client.close(), other.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_will_is_stored_and_heard_when_the_connection_is_cut_but_not_after_good_bye(
    listener: Listener, version: int
) -> None:
    watcher = Client(listener.port, version, "w").open()
    watcher.subscribe("Ofen/an")
    for end, heard in ((Client.close, 0), (Client.lose, 1)):
        client = Client(listener.port, version, "a", topic="Ofen/an", payload=b"false", qos=1, retain=True).open()
        end(client)
        found = until(lambda: list(watcher.heard), seconds=10 if heard else 0.3)
        assert len(found) == heard
    assert listener.eventually("Ofen", "an", 1) == [0.0]
    late = Client(listener.port, version, "l").open()
    late.subscribe("Ofen/an")
    assert until(lambda: late.heard) == [("Ofen/an", b"false", True)]
    watcher.close(), late.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_second_client_of_the_same_name_takes_the_place_of_the_first(listener: Listener, version: int) -> None:
    first = Client(listener.port, version, "same")
    first.paho.reconnect_delay_set(60)
    first.open()
    second = Client(listener.port, version, "same").open()
    assert first.ended.wait(60)
    second.send("Ofen/Grad", b"1")
    assert listener.eventually("Ofen", "Grad", 1) == [1.0]
    first.paho.loop_stop()
    second.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_lasting_session_keeps_its_subscriptions_over_a_restart(tmp_path: Path, version: int) -> None:
    with Listener(tmp_path / "iot") as listener:
        client = Client(listener.port, version, "a", clean=False, expiry=3600).open()
        assert client.connected == [(0, False)]
        client.subscribe("Ofen/Grad")
        client.close()
        again = Client(listener.port, version, "a", clean=False, expiry=3600).open()
        assert again.connected == [(0, True)]
        again.close()
    with Listener(tmp_path / "iot") as listener:
        client = Client(listener.port, version, "a", clean=False, expiry=3600).open()
        assert client.connected == [(0, True)]
        other = Client(listener.port, version, "b").open()
        other.send("Ofen/Grad", b"7")
        assert until(lambda: client.heard) == [("Ofen/Grad", b"7", False)]
        client.close(), other.close()
        clean = Client(listener.port, version, "a", clean=True).open()
        assert clean.connected == [(0, False)]
        clean.close()


def test_subscriptions_of_a_lasting_session_are_there_after_a_kill(tmp_path: Path) -> None:
    serve = Serve(tmp_path / "iot")
    client = Client(serve.port, paho.MQTTv311, "a", clean=False).open()
    client.subscribe("Ofen/Grad")
    client.close()
    assert until((tmp_path / "iot" / "sessions").exists), "kept within seconds, though no value came"
    serve.kill()
    with Listener(tmp_path / "iot") as listener:
        [session] = listener.server.sessions
        assert (session.client, session.subscriptions) == ("a", {"Ofen/Grad": 0})


@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_that_outlives_kills_of_the_server_has_each_value_stored_once(
    tmp_path: Path, version: int, qos: int
) -> None:
    """Without a time in the payload a value taken twice would stand there twice."""
    count = 600
    serve = Serve(tmp_path / "iot")
    client = Client(serve.port, version, "a", clean=False, expiry=3600)
    # paho 2.2 forgets over a failed attempt to reconnect what it has released (quality of service 2) and publishes it anew: so it waits
    back = threading.Event()
    client.paho._reconnect_wait = lambda: back.wait(60)  # type: ignore[method-assign]
    client.open()
    sent = []
    for k in range(count):
        sent.append(client.paho.publish("Ofen/Nr", b"%d" % k, qos))
        if k == 350:
            until(sent[100].is_published)
            serve.kill()
            serve = Serve(tmp_path / "iot")
            client.paho._port = serve.port
            back.set()
    assert until(lambda: len(client.acknowledged) >= count, seconds=60)
    assert [present for _, present in client.connected] == [False, True]
    client.close()
    serve.stop()
    data = str(tmp_path / "iot")
    rows = nordlotse("query", "Ofen", "Nr", "--from", "2020-01-01", "--to", "2100-01-01", "--data", data)
    # while it reconnects paho itself mixes what waits with what is new
    assert sorted(int(row["value"]) for row in rows) == list(range(count))


def _tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed (Debian package mosquitto-clients): this client stays untried here")
    return found


@pytest.mark.parametrize("version", ["311", "5"])
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_mosquitto_pub_is_acknowledged_and_stored(listener: Listener, version: str, qos: str) -> None:
    tool = _tool("mosquitto_pub")
    lines = "".join(f"{k}\n" for k in range(50))
    where = ["-h", "127.0.0.1", "-p", str(listener.port), "-V", f"mqttv{version}"]
    done = subprocess.run(
        [tool, *where, "-q", qos, "-t", "Ofen/Grad", "-l"],
        input=lines,
        text=True,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert listener.eventually("Ofen", "Grad", 50) == list(range(50))


@pytest.mark.parametrize("version", ["311", "5"])
def test_mosquitto_sub_hears_live_and_retained_values(listener: Listener, version: str) -> None:
    publish, subscribe = _tool("mosquitto_pub"), _tool("mosquitto_sub")
    where = ["-h", "127.0.0.1", "-p", str(listener.port), "-V", f"mqttv{version}"]
    subprocess.run([publish, *where, "-t", "Ofen/Grad", "-m", "1", "-r", "-q", "1"], timeout=20, check=True)
    heard = subprocess.Popen(
        [subscribe, *where, "-t", "Ofen/#", "-q", "1", "-C", "3", "-F", "%t %p %r"], stdout=subprocess.PIPE, text=True
    )
    until(lambda: listener.ask(lambda: listener.server.live.wanted("local")))
    for value in ("2", "3"):
        subprocess.run([publish, *where, "-t", "Ofen/Grad", "-m", value, "-q", "2"], timeout=20, check=True)
    assert heard.communicate(timeout=20)[0].splitlines() == ["Ofen/Grad 1 1", "Ofen/Grad 2 0", "Ofen/Grad 3 0"]
