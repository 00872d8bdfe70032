"""`nordlotse iot anomalies`: the contract of its JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.cli_anomalies import add_commands
from tests.iot.core.anomaly.made import SENSORS, machine


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    called = parser.parse_args(["anomalies", *words])
    code: int = called.run(called)
    return code


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = machine(500)
    rows[400:430, 3] += 6
    lines = [
        f"2026-11-23T08:{n // 60:02}:{n % 60:02};" + ";".join(f"{value:.5f}" for value in row) + f";{int(n > 390)}"
        for n, row in enumerate(rows)
    ]
    made = tmp_path / "saw.csv"
    made.write_text("\n".join(["when;" + ";".join(SENSORS) + ";anomaly", *lines]), encoding="utf-8")
    return made


def test_json_has_a_row_per_row_and_an_alarm_with_its_reason(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(str(file), "--train-rows", "300", "--time", "when", "--json") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert len(found["rows"]) == 500
    assert set(found["rows"][0]) == {"score", "alarm", "reasons"}
    assert not any(row["alarm"] for row in found["rows"][:300])
    assert len(found["alarms"]) == 1
    assert found["alarms"][0]["reasons"][0]["sensor"] == "flow"
    assert found["alarms"][0]["begin"].startswith("2026-11-23T08:06:4")
    assert found["left_out"] == [{"column": "anomaly", "reason": "label"}]
    assert "left out: anomaly (label)" in err


@pytest.mark.parametrize(("lang", "word"), [("de", "üblich"), ("en", "usual")])
def test_people_read_sentences(file: Path, capsys: pytest.CaptureFixture[str], lang: str, word: str) -> None:
    assert _run(str(file), "--train-rows", "300", "--lang", lang) == 0
    assert word in capsys.readouterr().out


def test_one_signal_takes_the_single_detector(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "one.csv"
    values = [10 + (n * 7919 % 13) / 10 for n in range(300)]
    values[200:205] = [60.0] * 5
    made.write_text("value\n" + "\n".join(map(str, values)))
    assert _run(str(made), "--train-rows", "100", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["detector"] == "single"
    assert [alarm["first_row"] for alarm in found["alarms"]] == [200]


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "x.csv"
    made.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="anomaly_too_few_rows"):
        _run(str(made), "--train-rows", "1")
