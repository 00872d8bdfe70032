"""Memory of the ingest at full load.

    python -m bench.iot.memory [--minutes 10]

Eight connections publish as fast as they are answered. The resident memory of `nordlotse iot serve` is read every second; flat means that the
last third needs at most a tenth more than the second.
"""

from __future__ import annotations

import threading
from pathlib import Path
from statistics import median

from tests.iot.process import Serve

from bench.iot.ground import folder, option, target
from bench.iot.throughput import loads


class Memory:
    """Reads the memory of a process every second, MB."""

    def __init__(self, process: int) -> None:
        """Watch a process."""
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.read: list[float] = []

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(1.0):
            status = Path(f"/proc/{self._process}/status").read_text()
            self.read.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)


def main() -> None:
    """Print how much memory is needed, and whether it grows."""
    minutes = option("minutes", 10, "how long the load lasts")
    with folder("memory") as place:
        serve = Serve(place / "iot")
        try:
            with Memory(serve.process.pid) as memory:
                done = loads(serve.port, seconds=60 * minutes)
        finally:
            serve.stop()
        third = len(memory.read) // 3
        parts = [memory.read[k * third : (k + 1) * third] for k in range(3)]
        rate = sum(one.acknowledged for one in done) / (max(one.last for one in done) - min(one.first for one in done))
        told = ", ".join(f"{median(part):.0f} ({max(part):.0f})" for part in parts)
        print(f"{minutes:g} minutes at {rate:,.0f} values/s; MB in thirds, median (most): {told}")
        target("most memory", max(memory.read), 300, " MB")
        target("last third beside the second, medians", median(parts[2]) / median(parts[1]), 1.1)


if __name__ == "__main__":
    main()
