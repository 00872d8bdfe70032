"""The intake of machine data as a child of `nordlotse start`: it is there, comes back when it dies, and never takes the site down."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nordlotse.iot.core.heard import heard
from nordlotse.web.start import MOST_PATIENCE_SECONDS, Child
from tests.web.installation import Installation

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")


def _wait(condition: Callable[[], object], seconds: float = 90) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.2)
    return False


@pytest.fixture
def port() -> Iterator[socket.socket]:
    """An address that is taken."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held


def _intake(running: Installation) -> int:
    return next((pid for pid, command in running.children().items() if "iot serve" in command), 0)


def test_a_taken_address_is_told_and_tried_again_and_a_dead_intake_comes_back_while_the_site_answers(
    tmp_path: Path, port: socket.socket
) -> None:
    made = Installation(tmp_path / "data")
    number = port.getsockname()[1]
    made.environment["NORDLOTSE_IOT_MQTT"] = f"127.0.0.1:{number}"
    made.start()
    try:
        made.wait_ready()
        folder = made.folder / "iot"
        assert _wait(lambda: heard(folder).state == "taken")
        assert (folder / "gate").exists(), "pages hand values in all the same"
        assert made.ask("GET", "/maschinen/")[0] == 200
        assert f"127.0.0.1:{number}" in made.output()
        port.close()
        assert _wait(lambda: heard(folder).state == "on", 30)
        before = _intake(made)
        os.kill(before, signal.SIGKILL)
        assert _wait(lambda: heard(folder).state == "ended", 30)
        assert _wait(lambda: _intake(made) not in (0, before))
        assert _wait(lambda: heard(folder).state == "on", 30)
        assert made.ask("GET", "/health/live")[0] == 200
    finally:
        made.stop()
    assert heard(made.folder / "iot").state == "ended"


def test_what_ends_again_and_again_is_started_less_and_less_often() -> None:
    child = Child("machines", ["false"], patient=True)
    told: list[str] = []
    child.start()
    waits = []
    for _ in range(8):
        assert child.process is not None
        child.process.wait()
        child.started -= child.wait
        child.revive(told.append)
        waits.append(child.wait)
    assert child.process is not None
    child.process.wait()
    assert waits == sorted(waits) and waits[0] == 4.0
    assert waits[-1] == MOST_PATIENCE_SECONDS
    assert len(told) == 8
