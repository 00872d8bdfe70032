"""The peer: mosquitto → paho → SQLite. The subscriber acknowledges to the broker what is committed (synchronous=FULL), in groups as they come.

Everything is set as the peer likes it best: no limit to what the broker queues or has under way, no index on the table, JSON by orjson, the
next commit begins as soon as the last has ended. What it cannot do: mosquitto acknowledges to publishers before anything is on a disk.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

_CONF = """listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
max_queued_messages 0
max_inflight_messages 0
log_type error
user root
"""


@contextmanager
def chain(folder: Path) -> Iterator[tuple[int, Path]]:
    """Run broker and subscriber; give the broker's port and the database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "conf").write_text(_CONF.format(port=port, folder=folder))
    broker = subprocess.Popen(["mosquitto", "-c", str(folder / "conf")], stderr=subprocess.DEVNULL)
    store = folder / "values.sqlite3"
    subscriber = None
    try:
        _until_open(port)
        subscriber = subprocess.Popen(
            [sys.executable, "-m", "bench.iot.mosquitto_chain", str(port), str(store)], stdout=subprocess.PIPE
        )
        assert subscriber.stdout is not None
        if subscriber.stdout.readline().strip() != b"ready":
            raise SystemExit("the subscriber did not start")
        yield port, store
    finally:
        for process in (subscriber, broker):
            if process is not None:
                process.kill()
                process.communicate()


def stored(store: Path) -> int:
    """Return how many values are committed."""
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        (count,) = connection.execute("SELECT coalesce(max(rowid), 0) FROM readings").fetchone()
        return int(count)
    finally:
        connection.close()


def _until_open(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise SystemExit("mosquitto does not listen") from None
            time.sleep(0.05)


def subscribe(port: int, store: Path) -> None:
    """Be the subscriber until killed."""
    waiting: list[mqtt.MQTTMessage] = []
    came = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "sink", clean_session=False, manual_ack=True)

    def on_message(_client: mqtt.Client, _told: object, message: mqtt.MQTTMessage) -> None:
        waiting.append(message)
        came.set()

    def on_subscribe(*_: object) -> None:
        print("ready", flush=True)

    client.on_message, client.on_subscribe = on_message, on_subscribe
    client.connect("127.0.0.1", port)
    client.subscribe("#", qos=1)
    client.loop_start()
    connection = sqlite3.connect(store)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE readings (topic TEXT, arrived INTEGER, value REAL)")
    connection.commit()
    while True:
        came.wait()
        came.clear()
        count = len(waiting)
        batch = waiting[:count]
        del waiting[:count]
        now = time.time_ns() // 1000
        rows = [(one.topic, now, orjson.loads(one.payload)["value"]) for one in batch]
        connection.executemany("INSERT INTO readings VALUES (?, ?, ?)", rows)
        connection.commit()
        for one in batch:
            client.ack(one.mid, one.qos)


if __name__ == "__main__":
    subscribe(json.loads(sys.argv[1]), Path(sys.argv[2]))
