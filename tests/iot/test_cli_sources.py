"""`replay` and `simulate` with real processes: what goes in comes back, twice is once, and without `serve` it works as well."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nordlotse.cli import main
from nordlotse.iot.core.replaying import Outcome, replay
from nordlotse.iot.core.simulator import signals
from nordlotse.iot.core.tables import inspect
from tests.iot.process import Serve, nordlotse


def table(folder: Path, count: int = 500, change: str = "") -> Path:
    rows = [f"01.03.2026 06:{n // 60:02d}:{n % 60:02d};{n},5;{'läuft' if n % 2 else 'steht'}" for n in range(count)]
    path = folder / "säge.csv"
    path.write_text("Zeit;Strom [A];Zustand\n" + "\n".join(rows) + change + "\n", encoding="cp1252")
    return path


def called(*arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "nordlotse.cli", "iot", *arguments, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_file_replayed_twice_is_stored_once_and_said_so_with_serve_and_without(tmp_path: Path) -> None:
    data, path = str(tmp_path / "iot"), str(table(tmp_path))
    serve = Serve(tmp_path / "iot")
    first = called("replay", path, "--machine", "Säge", "--data", data)
    assert (first["rows"], first["values"], first["stored"], first["duplicates"]) == (500, 1000, 1000, 0)
    again = called("replay", path, "--machine", "Säge", "--data", data)
    assert (again["stored"], again["duplicates"], again["corrections"]) == (0, 1000, 0)
    assert nordlotse("count", "Säge", "Strom", "--all", "--data", data) == {"count": 500, "corrections": 0}
    assert serve.stop() == 0
    alone = called("replay", path, "--machine", "Säge", "--data", data)
    assert (alone["stored"], alone["duplicates"]) == (0, 1000)
    new = called("replay", path, "--machine", "Presse", "--data", data)
    assert new["stored"] == 1000
    assert nordlotse("latest", "Presse", "--data", data)["Zustand"]["value"] == "läuft"
    assert nordlotse("verify", "--data", data)["ok"]


def test_changed_values_are_corrections_and_what_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    data = str(tmp_path / "iot")
    called("replay", str(table(tmp_path)), "--machine", "Säge", "--data", data)
    path = table(tmp_path, 500, "\n01.03.2026 06:00:00;99,5;läuft\n01.03.2026 06:00:01;kaputt;läuft")
    told = called("replay", str(path), "--machine", "Säge", "--data", data)
    assert told["corrections"] == 2
    assert told["not_read"] == {"number": 1}
    assert [(fault["line"], fault["column"], fault["content"]) for fault in told["faults"]] == [
        (503, "Strom [A]", "kaputt")
    ]
    assert all(fault["message"] and fault["remedy"] for fault in told["faults"])


def test_after_a_kill_of_serve_its_file_does_not_keep_replay_from_opening_the_store(tmp_path: Path) -> None:
    serve = Serve(tmp_path / "iot")
    serve.kill()
    assert (tmp_path / "iot" / "gate").exists()
    assert (
        called("replay", str(table(tmp_path)), "--machine", "Säge", "--data", str(tmp_path / "iot"))["stored"] == 1000
    )


def test_a_speed_paces_and_leaves_the_times_as_they_are(tmp_path: Path) -> None:
    path = table(tmp_path, 60)
    seen: list[tuple[float, int]] = []
    begin = time.monotonic()

    def step(outcome: Outcome) -> None:
        seen.append((time.monotonic() - begin, outcome.sent))

    outcome = replay(path, inspect(path), tmp_path / "iot", "local", "Säge", 40.0, step)
    took = time.monotonic() - begin
    assert 1.2 < took < 4
    assert outcome.stored == 120
    assert len(seen) > 4
    assert outcome.first is not None
    assert outcome.last is not None
    assert outcome.last - outcome.first == 59_000_000
    for moment, sent in seen:
        assert sent / 2 <= (moment + 0.5) * 40 + 10


def test_what_is_asked_wrongly_is_told(tmp_path: Path) -> None:
    path = str(table(tmp_path))
    data = ["--data", str(tmp_path / "iot")]
    assert main(["iot", "replay", path, "--machine", "Säge", "--speed", "0", *data]) == 2
    assert main(["iot", "replay", path, "--machine", "a/b", *data]) == 3
    assert main(["iot", "replay", path, "--machine", "M", "--company", "../x", *data]) == 3
    assert main(["iot", "replay", str(tmp_path / "none.csv"), "--machine", "M", *data]) == 3
    assert main(["iot", "replay", path, "--machine", "M", "--zone", "Nirgends/Wo", *data]) == 3
    assert main(["iot", "simulate", "cnc", "--fault", "burner", *data]) == 3
    assert main(["iot", "simulate", "cnc", "--seconds", "1", *data]) == 4  # nobody takes it
    assert main(["iot", "simulate", "cnc", "--mqtt", "nowhere", *data]) == 2


@pytest.mark.parametrize("over", ["gate", "mqtt"])
def test_a_simulated_machine_sends_every_signal_each_second_with_its_fault(tmp_path: Path, over: str) -> None:
    serve = Serve(tmp_path / "iot")
    data = str(tmp_path / "iot")
    way = ["--mqtt", f"127.0.0.1:{serve.port}"] if over == "mqtt" else []
    begin = time.time()
    told = called(
        "simulate", "cnc", "--fault", "coolant", "--seconds", "4", "--machine", "Fräse", "--days", "0.05", "--data", data, *way
    )  # fmt: skip
    time.sleep(0.5)
    latest = nordlotse("latest", "Fräse", "--data", data)
    assert set(latest) == {signal.name for signal in signals("cnc")}
    assert begin - 1 < latest["Strom"]["t"] / 1e6 < time.time()
    assert latest["Spindellast"]["value"] >= 0
    count = nordlotse("count", "Fräse", "Strom", "--data", data)["count"]
    assert 72 + 3 <= count <= 72 + 5
    assert told["values"] == count * 9
    assert serve.stop() == 0


def test_without_a_folder_named_the_commands_say_on_stderr_which_folder_and_company_they_act_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NORDLOTSE_DATA_DIR", str(tmp_path))
    where = str(tmp_path / "iot")
    assert main(["iot", "replay", str(table(tmp_path, 10)), "--machine", "Säge", "--company", "werk", "--json"]) == 0
    told = capsys.readouterr()
    assert f"Ordner {where}, Unternehmen werk" in told.err and json.loads(told.out)["stored"] == 20
    assert main(["iot", "count", "Säge", "Strom", "--company", "werk"]) == 0
    told = capsys.readouterr()
    assert f"folder {where}, company werk" in told.err and told.out.strip() == "10"
    assert main(["iot", "count", "Säge", "Strom", "--company", "werk", "--data", where]) == 0
    assert "company" not in capsys.readouterr().err
