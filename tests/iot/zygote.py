"""Starts `nordlotse iot serve` again and again without paying for its imports: a process that forks one for each line it reads.

A line is JSON: `{"folder": …, "point": …, "nth": …, "off": …}`; the process forked ends as by kill -9 when it reaches the named point of the
disk for the n-th time ("" never). Small limits make flush, merge and new log files happen many times a second. `off` names a protection to
switch off. Answers, one a line: `ready PORT` and `ended SIGNAL`.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path

from nordlotse.cli import main
from nordlotse.iot import cli_serve
from nordlotse.iot.core import committing, ingest, recovery, stores
from nordlotse.iot.core.ingest import Ingest  # noqa: F401 - imported before the fork
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START, Log, Place
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.tail import reader  # noqa: F401 - likewise


def _plant(point: str, nth: int) -> None:
    left = [nth]

    def reach(self: Disk, reached: str) -> None:
        if reached == point:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    Disk.reach = reach  # type: ignore[method-assign]


def _small() -> None:
    recovery.FLUSH_ROWS = stores.FLUSH_ROWS = 20_000  # type: ignore[misc]
    stores.FLUSH_SECONDS = 0.05  # type: ignore[misc]
    Log.__init__.__defaults__ = (1_000_000, START)  # type: ignore[attr-defined]
    Writer.merge.__defaults__ = (3,)  # type: ignore[attr-defined]
    cli_serve._many_files = lambda: None


def _without(protection: str) -> None:
    """Switch a protection off."""
    if protection == "recovery":  # what the log holds is not worked in
        ingest.recovery.recover = lambda *_: recovery.Recovery()  # type: ignore[assignment]
    elif protection == "log":  # acknowledged when nothing stands in the log yet

        def append(self: Log, contents: object) -> Place:
            return self.end

        committing.Log.append = append  # type: ignore[method-assign, assignment]
    elif protection == "worked":  # the log is forgotten before its values are in segments
        whole = stores.Stores.take

        def take(self: stores.Stores, entries: object, until: Place) -> None:
            whole(self, entries, until)  # type: ignore[arg-type]
            for path in (self.folder / "log").glob("*.log"):
                os.truncate(path, 0)

        stores.Stores.take = take  # type: ignore[method-assign, assignment]


def _child(wish: dict[str, str | int], told: int) -> None:
    os.dup2(os.open(Path(str(wish["folder"])).with_suffix(".err"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    os.dup2(told, 1)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb"), write_through=True)
    _small()
    if wish["point"]:
        _plant(str(wish["point"]), int(wish["nth"]))
    if wish["off"]:
        _without(str(wish["off"]))
    os._exit(main(["iot", "serve", "--mqtt", "127.0.0.1:0", "--data", str(wish["folder"])]))


def run() -> None:
    """Fork for each line of stdin."""
    for line in sys.stdin:
        read, write = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(read)
            _child(json.loads(line), write)
        os.close(write)
        sys.stdout.write(f"pid {pid}\n")
        sys.stdout.flush()
        with os.fdopen(read) as told:
            for answer in told:
                sys.stdout.write(f"ready {answer.strip().rpartition(':')[2]}\n")
                sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"ended {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    run()
