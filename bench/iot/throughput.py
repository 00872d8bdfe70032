"""Publications of one value (27 bytes of JSON), quality of service 1, 8 connections with at most 1,000 under way each, kept safe.

    python -m bench.iot.throughput [--seconds 60]

The clock stops when `nordlotse iot count` reports every acknowledged value (the peer: when SQLite has committed it). Ours and mosquitto → paho
→ SQLite run in turn; then ours for the whole time; then at half of the promised and of the measured rate for the time to an
acknowledgement.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.iot.process import Serve, nordlotse

from bench.iot.ground import folder, option, target
from bench.iot.load import Done, Load, Wish
from bench.iot.mosquitto_chain import chain, stored
from nordlotse.iot.core.store.log import end_of
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.store.shown import shown
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Series

CONNECTIONS, PROCESSES = 8, 2
#: Values a second that are promised.
TARGET = 100_000
_PEER_MESSAGES = 12_000
_TURNS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """One run: values a second until all were stored, the loads' own report, and how far storing was behind, seconds."""

    rate: float
    acknowledged: int
    until_counted: float
    behind: float
    p99: float


def topics(process: int) -> tuple[str, ...]:
    """Return the topics of a load process: one for each connection."""
    each = CONNECTIONS // PROCESSES
    return tuple(f"machine{k}/temp" for k in range(process * each, process * each + each))


def loads(port: int, **wish: float) -> list[Done]:
    """Run all load processes and return what they did."""
    started = [Load(Wish(port, topics(k), **wish)) for k in range(PROCESSES)]  # type: ignore[arg-type]
    return [one.done() for one in started]


class Behind:
    """Watches how much of the log is not shown to readers yet, in seconds of the log's own growth."""

    def __init__(self, data: Path) -> None:
        """Watch a data folder."""
        self._data = data
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.most = 0.0

    def __enter__(self) -> Behind:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        reached: list[tuple[tuple[int, int], float]] = []
        while not self._ended.wait(0.05):
            now = time.monotonic()
            reached.append((end_of(self._data / "log"), now))
            _, place = shown(self._data)
            while len(reached) > 1 and reached[1][0] <= place:
                reached.pop(0)
            if reached[0][0] > place or len(reached) > 1:
                at = reached[1][1] if reached[0][0] <= place else reached[0][1]
                self.most = max(self.most, now - at)


def ours(place: Path, **wish: float) -> Run:
    """Run against `nordlotse iot serve`."""
    place.mkdir()
    serve = Serve(place / "iot")
    with Behind(place / "iot") as behind:
        done = loads(serve.port, **wish)
    acknowledged = sum(one.acknowledged for one in done)
    last = max(one.last for one in done)
    look = reader(place / "iot", "local", patience=0)  # as `nordlotse iot count` asks
    while (found := _counted(look)) < acknowledged:
        if time.monotonic() > last + 60:
            raise SystemExit(f"only {found} of {acknowledged} values are there")
    end = time.monotonic()
    told = sum(nordlotse("count", one, "temp", "--data", str(place / "iot"))["count"] for one in _machines())
    if told != acknowledged:
        raise SystemExit(f"`nordlotse iot count` says {told} of {acknowledged}")
    serve.stop()
    first = min(one.first for one in done)
    return Run(acknowledged / (end - first), acknowledged, end - last, behind.most, max(one.p99 for one in done))


def _machines() -> list[str]:
    return [topic.partition("/")[0] for process in range(PROCESSES) for topic in topics(process)]


def _counted(look: Reader) -> int:
    look.look()
    return sum(look.count(Series("local", machine, "temp")) for machine in _machines())


def peer(place: Path) -> float:
    """Run against mosquitto → paho → SQLite, and return the values a second."""
    place.mkdir()
    with chain(place) as (port, store):
        done = loads(port, most=_PEER_MESSAGES)
        acknowledged = sum(one.acknowledged for one in done)
        while stored(store) < acknowledged:
            time.sleep(0.01)
        return acknowledged / (time.monotonic() - min(one.first for one in done))


def main() -> None:
    """Print rates, ratio, backlog and the time to an acknowledgement."""
    seconds = option("seconds", 60, "how long the sustained run takes")
    with folder("throughput") as place:
        print(
            f"{CONNECTIONS} connections of {PROCESSES} load processes, ≤ 1,000 under way each; machine shared by all of them"
        )
        mine, theirs = [], []
        for turn in range(_TURNS):
            mine.append(ours(place / f"ours{turn}", seconds=max(3.0, seconds / 6)).rate)
            theirs.append(peer(place / f"peer{turn}"))
        print(f"ours in turn:                       {'  '.join(f'{one:9,.0f}' for one in mine)} a second")
        print(f"mosquitto → paho → SQLite in turn:  {'  '.join(f'{one:9,.0f}' for one in theirs)} a second")
        ratio = median(mine) / median(theirs)
        whole = ours(place / "whole", seconds=seconds)
        halves = [
            ours(place / f"half{rate:.0f}", seconds=max(5.0, seconds / 3), rate=rate / CONNECTIONS)
            for rate in (TARGET / 2, whole.rate / 2)
        ]
        print(
            f"sustained {seconds:.0f} s: {whole.acknowledged:,} values, counted {whole.until_counted:.2f} s after the last acknowledgement"
        )
        target("values a second until `count` reports all", whole.rate, TARGET, least=True)
        target("times mosquitto → paho → SQLite (wish 10)", ratio, 5, least=True)
        target("most the decoder was behind", whole.behind, 1, " s")
        for half, of in zip(halves, ("the target's", "the measured"), strict=True):
            target(f"acknowledgement at half of {of} rate ({half.rate:,.0f}/s), 99th percentile", half.p99, 20, " ms")


if __name__ == "__main__":
    main()
