"""`nordlotse knowledge` and the two ways to call the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nordlotse import cli
from nordlotse.answers.core.knowledge import shipped_texts
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def test_check_reports_findings_and_figures_as_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "knowledge", "check", "--json")
    value = json.loads(out)
    assert code == (3 if value["findings"] else 0)
    assert value["articles"] >= 80
    assert value["records"] >= 40


def test_export_writes_every_published_text_byte_for_byte(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = _run(capsys, "knowledge", "export", str(tmp_path / "texts"))
    assert (code, out) == (0, "")
    written = {
        tuple(p.name.removesuffix(".md").rsplit(".", 1)): p.read_text(encoding="utf-8")
        for p in (tmp_path / "texts").iterdir()
    }
    assert written == dict(shipped_texts())


def test_export_over_a_file_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    code, out, err = _run(capsys, "knowledge", "export", str(tmp_path / "file"))
    assert (code, out) == (3, "")
    assert "→" in err


def test_stale_lists_articles_records_and_what_does_not_speak(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "knowledge", "stale", "--json")
    assert code == 0
    assert set(json.loads(out)) == {"articles", "records", "unverified", "problems"}


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-m", "nordlotse.cli"], [str(Path(sys.executable).with_name("nordlotse"))]],
    ids=["module", "command"],
)
def test_both_ways_to_call_the_program_work(command: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "NORDLOTSE_DATA_DIR": str(tmp_path)}
    result = subprocess.run(
        [*command, "programmes", "--state", "HH", "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["open"]
    assert not list(tmp_path.iterdir())  # this command needs no data and makes none


def test_json_is_utf_8_whatever_the_terminal_says(tmp_path: Path) -> None:
    environment = {**os.environ, "NORDLOTSE_DATA_DIR": str(tmp_path), "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    result = subprocess.run(
        [sys.executable, "-m", "nordlotse.cli", "programmes", "--json"],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert result.returncode == 0
    assert "Förder" in result.stdout.decode("utf-8")


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    environment = {**os.environ, "NORDLOTSE_DATA_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "nordlotse.cli", "programmes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()
