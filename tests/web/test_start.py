"""`nordlotse start` as an operator sees it: it comes up, says where, stays up, stops, and refuses what cannot go well.

tests/web/README.md says which of these were seen red with their protection taken away.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.web.installation import Installation, alive

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("start") / "data")
    made.start()
    made.wait_ready()
    yield made
    made.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "data")
    yield made
    made.stop()


def _wait(condition: object, seconds: float = 60) -> bool:
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def test_the_first_start_prints_the_address_and_a_one_time_link_that_works(running: Installation) -> None:
    assert _wait(lambda: "Nordlotse answers at" in running.output())
    assert f"http://localhost:{running.port}" in running.output()
    status, page = running.ask("GET", running.admin_link())
    assert status == 200
    assert b"admin" in page


def test_it_listens_on_this_machine_only(running: Installation) -> None:
    with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123 - not a file of ours
        bound = [row.split()[1] for row in table if row.split()[3:4] == ["0A"]]
    mine = [b for b in bound if int(b.rpartition(":")[2], 16) == running.port]
    assert mine == [f"0100007F:{running.port:04X}"]


def test_a_question_over_the_interface_is_answered(running: Installation) -> None:
    status, body = running.ask("POST", "/api/v1/ask", {"question": "Was kostet es, eine alte Maschine zu vernetzen?"})
    made = json.loads(body)
    assert status == 200
    assert made["kind"] == "answer"
    assert 1 <= len(made["sentences"]) <= 6


def test_the_figures_count_over_all_processes_and_only_local_eyes_see_them(running: Installation) -> None:
    for _ in range(12):
        running.ask("GET", "/health/live")
    seen = {running.ask("GET", "/metrics")[1].decode().partition('nordlotse_requests_total{method="GET",route="live",status="200"} ')[2].split("\n")[0]
            for _ in range(4)}  # fmt: skip
    assert len(seen) == 1
    assert float(seen.pop()) >= 12
    assert running.ask("GET", "/metrics", **{"X-Forwarded-For": "203.0.113.1"})[0] == 403


def test_a_second_start_on_the_same_folder_is_refused(running: Installation) -> None:
    result = running.run("start", PORT="1")
    assert result.returncode == 4
    assert "already running" in result.stderr and "Traceback" not in result.stderr


def test_a_restore_under_a_running_program_is_refused(running: Installation, tmp_path: Path) -> None:
    result = running.run("restore", str(tmp_path / "any.tar.gz"))
    assert result.returncode == 4
    assert "already running" in result.stderr


def test_a_killed_child_is_started_again_and_questions_are_answered_again(running: Installation) -> None:
    for part in ("nordlotse.cli worker", "gunicorn"):
        victims = [p for p, c in running.children().items() if part in c]
        time.sleep(2.2)  # a child that has just been started is not started again at once
        gone = min(victims)
        os.kill(gone, signal.SIGKILL)
        assert _wait(lambda gone=gone, part=part: any(part in c and p != gone for p, c in running.children().items()))
    running.wait_ready()
    assert "starting it again" in running.output()


def test_no_log_line_holds_what_visitors_typed(running: Installation) -> None:
    words = "Zaubertinte Wacholder"
    running.ask("POST", "/api/v1/ask", {"question": f"Ich bin Hinnerk Klabautermann, hinnerk@kahn.example: {words}?"})
    running.ask("GET", "/suche/?q=Zaubertinte")
    running.ask("GET", "/Zaubertinte/")
    running.ask("GET", running.admin_link().replace("/anmelden/", "/anmelden/x"))
    log = running.output().replace(running.admin_link(), "")
    for secret in ("Zaubertinte", "Wacholder", "Hinnerk", "hinnerk", running.admin_link().split("/")[2]):
        assert secret not in log


def test_the_end_comes_within_ten_seconds_and_leaves_no_process(fresh: Installation) -> None:
    fresh.start()
    assert _wait(lambda: fresh.ask("GET", "/health/live")[0] == 200, 120)
    children = fresh.children()
    assert len(children) >= 3
    assert fresh.stop() < 10
    assert not [c for p, c in children.items() if alive(p)]


def test_children_do_not_outlive_a_start_that_was_killed(fresh: Installation) -> None:
    fresh.start()
    assert _wait(lambda: fresh.ask("GET", "/health/live")[0] == 200, 120)
    children = fresh.children()
    fresh.stop(signal.SIGKILL)
    assert _wait(lambda: not any(alive(p) for p in children), 20)


def test_a_taken_port_is_told_and_nothing_is_made(fresh: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", fresh.port))
        other.listen()
        result = fresh.run("start")
    assert result.returncode == 4
    assert str(fresh.port) in result.stderr and "PORT=" in result.stderr
    assert not (fresh.folder / "nordlotse.sqlite3").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    result = Installation(tmp_path / "file" / "data").run("start")
    assert result.returncode == 4
    assert "NORDLOTSE_DATA_DIR" in result.stderr and "Traceback" not in result.stderr


def _older(installation: Installation) -> None:
    """Turn the database back to before the newest table of the outer wall."""
    code = "from django.core.management import call_command as c; import django; django.setup(); c('migrate', 'web', 'zero', verbosity=0)"
    import subprocess

    subprocess.run([sys.executable, "-c", code], check=True,
                   env={**installation.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings"})  # fmt: skip


def test_an_update_backs_up_before_it_changes_any_table(fresh: Installation) -> None:
    assert fresh.set_up().run("admin", "link").returncode == 0
    _older(fresh)
    assert fresh.run("ask", "Was ist OEE?").returncode == 4  # only `start` updates, for it backs up first
    fresh.start()
    assert _wait(lambda: fresh.ask("GET", "/health/live")[0] == 200, 120)
    fresh.stop()
    (backup,) = (fresh.folder / "backups").glob("nordlotse-*.tar.gz")
    assert f"backup before the update: {backup}" in fresh.output()
    with closing(sqlite3.connect(fresh.folder / "nordlotse.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM django_migrations WHERE app = 'web'").fetchone()[0] >= 1
    other = Installation(fresh.folder.with_name("other"))
    other.folder.mkdir()
    assert other.run("restore", str(backup)).returncode == 0


def test_data_of_a_newer_program_is_refused_and_left_alone(fresh: Installation) -> None:
    assert fresh.set_up().run("admin", "link").returncode == 0
    with closing(sqlite3.connect(fresh.folder / "nordlotse.sqlite3")) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('journey', '0999_future', '2030-01-01')"
        )
        database.commit()
    for command in (["start"], ["ask", "Was ist OEE?"], ["admin", "link"]):
        result = fresh.run(*command)
        assert result.returncode == 4
        assert "newer version" in result.stderr and "journey.0999_future" in result.stderr
    assert not (fresh.folder / "backups").exists()


def test_until_somebody_has_signed_in_every_start_prints_a_fresh_link(fresh: Installation) -> None:
    assert fresh.run("ask", "Was ist OEE?").returncode == 0  # an earlier command has already made the database
    fresh.start()
    assert _wait(lambda: fresh.ask("GET", "/health/live")[0] == 200, 120)
    assert fresh.ask("GET", fresh.admin_link())[0] == 200
