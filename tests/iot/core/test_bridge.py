"""Beside a real broker: what we have acknowledged to it is in our store, whoever is killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core import tail
from nordlotse.iot.core.bridge import Bridge, _Heap, beside
from nordlotse.iot.core.values import Series
from tests.iot.core.mqtt.listener import Memory
from tests.iot.mosquitto import Mosquitto
from tests.iot.process import Serve

MS = 1_780_000_000_000


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path / "broker")
    yield made
    made.kill()


STARTED: list[Serve] = []


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    yield
    while STARTED:
        one = STARTED.pop()
        if one.process.returncode is None:
            one.kill()


def serve(folder: Path, broker: Mosquitto, filter: str = "werk/#", fault: str = "") -> Serve:
    STARTED.append(Serve(folder, fault, NORDLOTSE_IOT_BROKER=f"mqtt://127.0.0.1:{broker.port}/{filter}"))
    return STARTED[-1]


def publisher(broker: Mosquitto) -> paho.Client:
    made = paho.Client(CallbackAPIVersion.VERSION2, client_id="machine", clean_session=False)
    made.max_queued_messages_set(0)
    made.max_inflight_messages_set(500)
    made.reconnect_delay_set(1, 1)
    made.connect("127.0.0.1", broker.port)
    made.loop_start()
    return made


def publish(client: paho.Client, begin: int, end: int, qos: int = 1, topic: str = "werk/Säge/Strom") -> None:
    told = [client.publish(topic, b'{"value":%d.5,"time":%d}' % (k, MS + 1000 * k), qos=qos) for k in range(begin, end)]
    until = time.monotonic() + 30
    while not all(one.is_published() for one in told):
        assert time.monotonic() < until, "the broker does not take it"
        time.sleep(0.02)


def counted(folder: Path, signal: str = "Strom") -> int:
    series = Series("local", "Säge", signal)
    reader = tail.reader(folder, "local", patience=0)
    reader.look()
    return reader.count(series)


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def told(folder: Path) -> str:
    return (folder.parent / f"{folder.name}.err").read_text()


def connected(folder: Path, times: int) -> bool:
    return within(60, lambda: told(folder).count("event=iot_bridge_connected") >= times)


def test_values_of_a_broker_arrive_once_though_our_side_is_killed_and_the_broker_goes_on(
    tmp_path: Path, broker: Mosquitto
) -> None:
    folder = tmp_path / "iot"
    ours = serve(folder, broker)
    assert connected(folder, 2)
    machine = publisher(broker)
    publish(machine, 0, 2000)
    publish(machine, 0, 50, qos=2, topic="werk/Säge/Zähler")
    ours.kill()  # in the midst of what the broker is sending
    publish(machine, 2000, 3000)  # the broker keeps it for us
    ours = serve(folder, broker)
    assert connected(folder, 4)
    assert "session_kept=True" in told(folder)
    publish(machine, 3000, 3100)
    assert within(60, lambda: counted(folder) == 3100 and counted(folder, "Zähler") == 50), counted(folder)
    machine.disconnect()
    machine.loop_stop()
    assert ours.stop() == 0
    reader = tail.reader(folder, "local", patience=0)
    reader.look()
    assert len(reader.older(Series("local", "Säge", "Strom"))) == 0


def test_after_a_kill_of_the_broker_subscriptions_resume_and_nothing_acknowledged_by_us_is_missing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    folder = tmp_path / "iot"
    ours = serve(folder, broker)
    assert connected(folder, 2)
    machine = publisher(broker)
    publish(machine, 0, 1000)
    assert within(60, lambda: counted(folder) == 1000)
    broker.kill()
    assert within(60, lambda: "event=iot_bridge_lost" in told(folder))
    broker.start()
    assert connected(folder, 4)
    publish(machine, 1000, 1500)  # paho connects again by itself
    assert within(60, lambda: counted(folder) == 1500), counted(folder)
    machine.disconnect()
    machine.loop_stop()
    ours.kill()
    assert counted(folder) == 1500


def test_what_is_not_safe_is_not_acknowledged_and_comes_again(tmp_path: Path, broker: Mosquitto) -> None:
    folder = tmp_path / "iot"
    fault = (
        "import errno\nfrom pathlib import Path\nfrom nordlotse.iot.core.store.disk import Disk\nwhole = Disk.sync\n"
        "def sync(self, handle):\n"
        f"    if Path({str(tmp_path / 'full')!r}).exists(): raise OSError(errno.ENOSPC, 'full')\n"
        "    whole(self, handle)\nDisk.sync = sync"
    )
    serve(folder, broker, "+/Strom", fault)
    assert connected(folder, 2)
    machine = publisher(broker)
    (tmp_path / "full").touch()
    publish(machine, 0, 300, topic="Säge/Strom")
    assert within(60, lambda: "event=iot_disk_failing" in told(folder))
    time.sleep(0.5)
    (tmp_path / "full").unlink()
    assert within(60, lambda: counted(folder) == 300), counted(folder)
    machine.disconnect()
    machine.loop_stop()


@pytest.mark.parametrize(
    ("url", "above"),
    [("mqtt://h/#", 0), ("mqtt://h:1/werk/halle/#", 2), ("mqtts://u@[::1]:8883/a/+/b", 1), ("mqtt://h/a/b", 0)],
)
def test_fixed_levels_before_the_first_wildcard_are_taken_off(url: str, above: int) -> None:
    assert beside(url).above == above


@pytest.mark.parametrize("url", ["mqtt://h", "http://h/#", "mqtt://u:secret@h/#", "mqtt://h/a#", "mqtt://h/a/#/b"])
def test_an_address_that_is_none_is_refused_and_no_password_is_repeated(url: str) -> None:
    with pytest.raises(BadInput) as told_wrong:
        beside(url)
    assert "secret" not in str(told_wrong.value)


@pytest.mark.parametrize("protected", [True, False])
def test_while_the_intake_is_full_nothing_more_is_handed_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """The protection off: nobody asks whether it is full."""
    if not protected:
        monkeypatch.setattr(Bridge, "full", False)
    intake = Memory()
    intake.full = True

    class Client:
        acknowledged = 0

        def ack(self, number: int, qos: int) -> None:
            self.acknowledged += 1

    async def go() -> tuple[int, int, int]:
        bridge = Bridge(beside("mqtt://127.0.0.1:1883/#"), intake, tmp_path)
        client: Any = Client()
        heap = _Heap(bridge, client, asyncio.get_running_loop(), lambda error: None)
        for k in range(5):
            message = paho.MQTTMessage(k, b"werk/Strom")
            message.qos, message.payload = 1, b"%d" % k
            heap.take(message)
            await asyncio.sleep(0.02)
        before = client.acknowledged
        intake.full = False
        await asyncio.sleep(0.2)
        return before, client.acknowledged, len(intake.payloads)

    before, after, taken = asyncio.run(go())
    assert (before == 0) == protected
    assert (after, taken) == (5, 5)
