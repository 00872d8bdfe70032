"""`nordlotse start`: make everything ready, then run web server, worker and the intake of machine data as children of this one process."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from django.conf import settings
from django.core.management import call_command

from nordlotse import __version__
from nordlotse.foundation.problem import NotAvailable
from nordlotse.web import accounts, backup, database

Say = Callable[[str], None]

#: A child that dies is started again, but not more often than this.
RESTART_SECONDS = 2.0
STOP_SECONDS = 8.0

#: Each time a child ends within this, it is left alone twice as long before it is started again, up to the second figure.
SOON_SECONDS, MOST_PATIENCE_SECONDS = 30.0, 60.0

_IOT = [sys.executable, "-m", "nordlotse.cli", "iot", "serve"]

#: A web server that ends so often before it ever answered will not get better by itself.
HOPELESS = 4


def lock(data_dir: Path) -> IO[str]:
    """Hold the data folder for this process; the lock ends with it.

    Raises:
        NotAvailable: another Nordlotse runs on this folder.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = (data_dir / "running").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise NotAvailable(
            "already_running",
            de="Auf diesem Datenordner läuft Nordlotse schon.",
            en="Nordlotse is already running on this data folder.",
            where=str(data_dir),
            remedy_de="Bitte zuerst beenden oder NORDLOTSE_DATA_DIR ändern.",
            remedy_en="Stop it first, or change NORDLOTSE_DATA_DIR.",
        ) from error
    return handle


def check_port(host: str, port: int) -> None:
    """Raise `NotAvailable` if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotAvailable(
                "port_taken",
                de=f"Anschluss {port} ist belegt oder nicht erlaubt.",
                en=f"Port {port} is taken or not allowed.",
                where=f"{host}:{port}",
                remedy_de=f"Bitte einen anderen nehmen, etwa: PORT={port + 1} make start",
                remedy_en=f"Take another one, for example: PORT={port + 1} make start",
            ) from error


def prepare_data(say: Say) -> bool:
    """Set up or update the database; an update makes a backup first. Returns whether nobody has ever signed in."""
    database.reachable()
    if database.is_empty():
        database.migrate()
    else:
        pending, unknown = database.waiting()
        database.refuse_newer(unknown)
        if pending:
            say(f"backup before the update: {backup.backup()}")
            database.migrate()
    return not accounts.anybody_signed_in()


def prepare_static() -> None:
    """Collect style sheets and scripts when they have changed since the last start."""
    root = Path(settings.STATIC_ROOT)
    own = Path(__file__).parent / "static"
    names = sorted(
        f"{p.relative_to(own)}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in own.rglob("*") if p.is_file()
    )
    mark = hashlib.sha256("\n".join([__version__, *names]).encode()).hexdigest()
    stamp = root / ".stamp"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == mark:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=root.exists())
    stamp.write_text(mark, encoding="ascii")


@dataclass(slots=True)
class Child:
    """A process that is kept alive. `patient`: what ends again and again waits longer each time; the site lives without it."""

    name: str
    command: list[str]
    patient: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    revived: int = 0
    wait: float = RESTART_SECONDS

    def start(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        environment = {**os.environ, "NORDLOTSE_SUPERVISOR": str(os.getpid())}
        self.process = subprocess.Popen(self.command, env=environment)  # noqa: S603 - our own commands

    def revive(self, say: Say) -> None:
        """Start the process again if it has ended."""
        lived = time.monotonic() - self.started
        if self.process is None or self.process.poll() is None:
            if lived > SOON_SECONDS:
                self.wait = RESTART_SECONDS
            return
        if lived < self.wait:
            return
        if self.patient:
            self.wait = min(self.wait * 2, MOST_PATIENCE_SECONDS)
        say(f"{self.name} ended with {self.process.returncode}, starting it again")
        self.revived += 1
        self.start()


class Supervisor:
    """Runs the children until it is told to stop."""

    def __init__(self, say: Say) -> None:
        """Set up web server, worker and the intake of machine data."""
        self._say = say
        self._stopping = False
        self.children = [
            Child("web", [sys.executable, "-m", "gunicorn", "--config", "python:nordlotse.web.server"]),
            Child("worker", [sys.executable, "-m", "nordlotse.cli", "worker"]),
            Child("machines", [*_IOT, "--data", str(settings.CONFIGURATION.data_dir / "iot")], patient=True),
        ]

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping = True

    def run(self, ready: Callable[[], None]) -> int:
        """Start the children, call `ready` once questions are answered, and stay until stopped.

        Raises:
            NotAvailable: the web server ends again and again without ever answering.
        """
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for child in self.children:
            child.start()
        announced = False
        try:
            while not self._stopping:
                if not announced and answering():
                    announced = True
                    ready()
                for child in self.children:
                    child.revive(self._say)
                if not announced and self.children[0].revived >= HOPELESS:
                    raise NotAvailable(
                        "web_fails",
                        de="Der Webserver kommt nicht hoch.",
                        en="The web server does not come up.",
                        where="start",
                        remedy_de="Die Meldungen darüber nennen den Grund.",
                        remedy_en="The messages above name the reason.",
                    )
                time.sleep(0.2 if announced else 0.3)
        finally:
            self._end()
        return 0

    def _end(self) -> None:
        running = [c.process for c in self.children if c.process is not None and c.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answering() -> bool:
    """Tell whether the server says that questions are answered."""
    bind = settings.CONFIGURATION.bind
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(host, settings.CONFIGURATION.port, timeout=2)
    try:
        connection.request("GET", "/health/ready", headers={"Host": settings.CONFIGURATION.host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def start(say: Say) -> int:
    """Make ready and run until stopped."""
    held = lock(settings.CONFIGURATION.data_dir)
    begun = time.perf_counter()
    check_port(settings.CONFIGURATION.bind, settings.CONFIGURATION.port)
    first = prepare_data(say)
    prepare_static()
    address = settings.CONFIGURATION.public_url
    say(f"Nordlotse starts at {address}")
    if settings.CONFIGURATION.secure and not settings.CONFIGURATION.trusted_proxies:
        say("note: the public address is https, but NORDLOTSE_TRUSTED_PROXIES names no proxy; see docs/operate.md")
    if first:
        say(f"data folder: {settings.CONFIGURATION.data_dir}")
        say(f"one-time admin link (24 h): {address}{accounts.new_link(accounts.administrator())}")

    def ready() -> None:
        say(f"Nordlotse answers at {address}  (after {time.perf_counter() - begun:.1f} s; Ctrl-C stops)")

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")
    try:
        return Supervisor(say).run(ready)
    finally:
        held.close()
