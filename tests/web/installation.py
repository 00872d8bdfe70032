"""A whole Nordlotse in processes of its own, on its own data folder and port, as an operator runs it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

#: Build and test machines are busy; a quiet one is ready in a few seconds.
PATIENCE = 150.0


def free_port() -> int:
    """Return a port nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """One data folder with the commands run on it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder.with_name(folder.name + ".log")
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("NORDLOTSE_", "DJANGO_", "PROMETHEUS_", "LANG", "LC_"))
        }
        self.environment = {
            **kept,
            "NORDLOTSE_DATA_DIR": str(folder),
            "PORT": str(self.port),
            "PYTHONWARNINGS": "default",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "nordlotse.cli", *arguments], capture_output=True, text=True, encoding="utf-8", check=False,
            cwd=ROOT, env={**self.environment, **environment}, timeout=PATIENCE,
        )  # fmt: skip

    def set_up(self) -> Installation:
        """Make data folder and tables as the first start does, without serving; returns itself."""
        code = "import django; django.setup(); from nordlotse.web.start import prepare_data; prepare_data(print)"
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings"}
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment, timeout=PATIENCE)
        return self

    def start(self) -> None:
        """Run `nordlotse start` in the background."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "nordlotse.cli", "start"], stdout=log, stderr=log, cwd=ROOT, env=self.environment
            )

    def output(self) -> str:
        """Return what has been printed so far."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Send one request and return status and body; status 0 while nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, {"Host": "localhost", "Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def wait_ready(self) -> float:
        """Wait until questions are answered and return how long it took, in seconds."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            assert self.process is None or self.process.poll() is None, self.output()
            if self.ask("GET", "/health/ready")[0] == 200:
                return time.monotonic() - begun
            time.sleep(0.2)
        raise AssertionError(self.output())

    def children(self) -> dict[int, str]:
        """Return every process below `start`, by number, with its command line."""
        assert self.process is not None
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        found, layer = {}, {self.process.pid}
        while layer := {p for p, parent in parents.items() if parent in layer}:
            for process in layer:
                try:
                    found[process] = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
        return found

    def stop(self, sign: int = signal.SIGTERM) -> float:
        """End it and return how long that took, in seconds."""
        if self.process is None:
            return 0.0
        begun = time.monotonic()
        self.process.send_signal(sign)
        self.process.wait(30)
        self.process = None
        return time.monotonic() - begun

    def admin_link(self) -> str:
        """Return the path of the sign-in link that the start printed."""
        found = re.search(r"one-time admin link.*?http://[^/]+(/anmelden/\S+/)", self.output())
        assert found, self.output()
        return found[1]


def alive(process: int) -> bool:
    """Tell whether a process still runs (a zombie does not)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
