"""The ingest as a process, and a client so simple that it can be trusted: what tests of durability are made of."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CONNECT = bytes([0x10, 16, 0, 4]) + b"MQTT" + bytes([4, 2, 0, 60, 0, 4])


class Serve:
    """`nordlotse iot serve` on a free port; `code` is run before it (a fault to plant)."""

    def __init__(self, folder: Path, code: str = "", seconds: float = 90.0, **environ: str) -> None:
        program = f"import sys\n{code}\nfrom nordlotse.cli import main\nsys.exit(main(sys.argv[1:]))"
        arguments = ["iot", "serve", "--mqtt", "127.0.0.1:0", "--data", str(folder)]
        with (folder.parent / f"{folder.name}.err").open("ab") as told_wrong:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, *arguments],
                stdout=subprocess.PIPE,
                stderr=told_wrong,
                env={**os.environ, **environ},
            )
        self.port = 0
        os.set_blocking(self.process.stdout.fileno(), False)  # type: ignore[union-attr]
        until = time.monotonic() + seconds
        told = b""
        while not told.endswith(b"\n") and time.monotonic() < until and self.process.poll() is None:
            told += self.process.stdout.read() or b""  # type: ignore[union-attr]
            time.sleep(0.01)
        if told:
            self.port = int(told.decode().strip().rpartition(":")[2])

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def stop(self) -> int:
        """End it as an operator does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        """Wait for its end."""
        code = self.process.wait(60)
        self.process.stdout.close()  # type: ignore[union-attr]
        return code


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Wait until something holds, and return whether it does; a slow machine gets its time, a quick one loses none."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


class Client:
    """Publishes with quality of service 1 and knows what was acknowledged."""

    def __init__(self, port: int, name: bytes = b"test") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.socket.settimeout(20)
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2, "big") + name
        self.socket.sendall(bytes([0x10, len(body)]) + body)
        assert self._exactly(4)[3] == 0

    def publish(self, topic: str, payloads: list[bytes]) -> int:
        """Publish, and return how many were acknowledged before the connection ended."""
        name = topic.encode()
        frames = []
        for number, payload in enumerate(payloads, 1):
            body = len(name).to_bytes(2, "big") + name + number.to_bytes(2, "big") + payload
            assert len(body) < 128
            frames.append(bytes([0x32, len(body)]) + body)
        acknowledged = 0
        try:
            self.socket.sendall(b"".join(frames))
            while acknowledged < len(payloads):
                answer = self._exactly(4)
                assert answer[:2] == b"\x40\x02"
                acknowledged += 1
                assert int.from_bytes(answer[2:], "big") == acknowledged
        except (ConnectionError, TimeoutError):
            pass
        return acknowledged

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            got = self.socket.recv(count - len(found))
            if not got:
                raise ConnectionError("closed")
            found += got
        return found


def nordlotse(*arguments: str) -> Any:
    """Return what `nordlotse iot … --json` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "nordlotse.cli", "iot", *arguments, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 4), done.stderr
    return json.loads(done.stdout)
