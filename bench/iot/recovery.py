"""How long a start takes that has to work a log of 1 GB in, of which nothing lies in segments yet.

    python -m bench.iot.recovery [--mb 1000]

The log holds what 8 clients sent, 500 publications of one value (27 bytes of JSON) a record; half of the clients have lasting sessions, a
quarter tell times. Before the start the log is dropped from the system's memory.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from tests.iot.process import Serve

from bench.iot.ground import folder, option, target
from bench.iot.load import payloads
from bench.print3d.whole import used
from nordlotse.iot.core.entries import parts_of
from nordlotse.iot.core.mqtt.frames import Publications, written
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Log, numbers, path_of
from nordlotse.iot.core.stores import micros
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Series

_RECORD, _CLIENTS = 500, 8
_MS = 1_700_000_000_000


class _Client:
    """Makes a client's records; where it tells times no two are alike."""

    def __init__(self, number: int) -> None:
        topic = b"machine%d/temp" % number
        values = payloads(topic.decode(), _RECORD * 200)
        self.name = f"load{number}" if number % 2 else ""
        self.timed = number % 4 == 3
        if self.timed:
            values = [b'{"value":%b,"time":%d}' % (value[9:17], _MS) for value in values]
        frames = [written(topic, value, 1, (k % 50_000 + 1).to_bytes(2, "big")) for k, value in enumerate(values)]
        self._frames = np.frombuffer(b"".join(frames), np.uint8).reshape(200, _RECORD, len(frames[0])).copy()

    def record(self, turn: int) -> bytes:
        """Return the publications of a turn."""
        frames = self._frames[turn % 200]
        if self.timed:  # the last 13 bytes before the brace
            times = _MS + turn * _RECORD + np.arange(_RECORD)
            for digit in range(13):
                frames[:, -2 - digit] = 48 + times // 10**digit % 10
        return bytes(frames)


def filled(place: Path, size: int) -> int:
    """Write a log of so many bytes; return how many publications stand in it."""
    log = Log(place / "log", Disk())
    clients = [_Client(number) for number in range(_CLIENTS)]
    written_, turn = 0, 0
    moment = micros() // 1000 * 1000
    while written_ < size:
        entries = [
            Taken("local", one.name, 4, moment + 1000 * turn, one.record(turn), Publications()) for one in clients
        ]
        log.append([parts_of(entry) for entry in entries])
        written_ += sum(len(entry.frames) for entry in entries)
        turn += 1
    log.close()
    for number in numbers(place / "log"):
        handle = os.open(path_of(place / "log", number), os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    return turn * _RECORD * _CLIENTS


def main() -> None:
    """Print how long the start takes, and what it costs."""
    size = int(option("mb", 1000, "bytes of the log, MB") * 1_000_000)
    with folder("recovery") as place:
        expected = filled(place / "iot", size)
        begun = time.perf_counter()
        serve = Serve(place / "iot", seconds=120)
        took = time.perf_counter() - begun
        try:
            _tell(place, serve, took, expected, size)
        finally:
            serve.stop()


def _tell(place: Path, serve: Serve, took: float, expected: int, size: int) -> None:
    busy = used(serve.process.pid)
    most = Path(f"/proc/{serve.process.pid}/status").read_text().split("VmHWM:")[1].split()[0]
    look = reader(place / "iot", "local", patience=0)
    look.look()
    series = [Series("local", f"machine{k}", "temp") for k in range(_CLIENTS)]
    values = sum(look.count(one) for one in series)
    if values != expected:
        raise SystemExit(f"{values} of {expected} values are there")
    print(
        f"{size / 1e9:.2f} GB of log, {expected:,} publications: {busy:.1f} s of processor, {int(most) // 1024} MB at most"
    )
    target("from the start of the program until it listens", took, 10 * size / 1e9, " s")


if __name__ == "__main__":
    main()
