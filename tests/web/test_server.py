"""The server embeds its first question before the fork; the workers must be able to embed theirs after it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

#: As the master and a worker do it; the alarm ends a child that waits for threads it does not have.
SCRIPT = """
import os, signal
import nordlotse.web.server
from nordlotse.answers.core.dense import load_encoders
encoder = load_encoders().e5
assert encoder is not None
encoder.query("Wo fangen wir an?")
child = os.fork()
if child == 0:
    signal.alarm(20)
    encoder.query("Was kostet ein Sensor?")
    os._exit(0)
print("child ended with", os.waitpid(child, 0)[1])
"""


def test_a_forked_worker_embeds_a_question_whatever_the_shell_says_about_threads(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "2", "NORDLOTSE_DATA_DIR": str(tmp_path / "data")},
    )  # fmt: skip
    assert "child ended with 0" in result.stdout, result.stdout + result.stderr


def test_streams_of_machine_values_always_leave_four_threads_for_pages(tmp_path: Path) -> None:
    script = "import nordlotse.web.server as server; from nordlotse.iot.lookout import STREAMS; print(server.threads - STREAMS)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
        env={**os.environ, "NORDLOTSE_DATA_DIR": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings"},
    )  # fmt: skip
    assert result.stdout.strip() == "4", result.stderr
