"""The command line of the room as people and other programs use it: with a real process, a real socket and a real kill."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from nordlotse.cli import main
from tests.iot.process import Client, Serve, nordlotse

MS = 1_700_000_000_000


def payloads(begin: int, end: int) -> list[bytes]:
    return [b'{"value":%d.5,"time":%d}' % (k, MS + 1000 * k) for k in range(begin, end)]


def test_what_serve_acknowledged_is_counted_after_a_kill_and_again_after_a_restart(tmp_path: Path) -> None:
    data = str(tmp_path / "iot")
    first = Serve(tmp_path / "iot")
    client = Client(first.port)
    assert client.publish("Säge/Strom", payloads(0, 300)) == 300
    first.kill()
    client.close()
    # nobody serves now: the reader finds in the log what no segment holds
    assert nordlotse("count", "Säge", "Strom", "--data", data) == {"count": 300, "corrections": 0}
    second = Serve(tmp_path / "iot")
    client = Client(second.port)
    assert client.publish("Säge/Strom", [*payloads(300, 400), b'{"value":9,"time":%d}' % MS, *payloads(5, 7)]) == 103
    time.sleep(1)
    assert nordlotse("count", "Säge", "Strom", "--data", data) == {"count": 400, "corrections": 1}
    assert nordlotse("count", "Säge", "Strom", "--all", "--data", data)["count"] == 401
    rows = nordlotse(
        "query", "Säge", "Strom", "--from", "2023-11-14T22:13:20", "--to", str((MS + 2000) * 1000), "--data", data
    )
    assert [(row["t"], row["value"], row["quality"]) for row in rows] == [
        (MS * 1000, 9.0, 2),
        ((MS + 1000) * 1000, 1.5, 2),
    ]
    assert all(row["arrived"] > MS * 1000 for row in rows)
    parts = nordlotse(
        "query",
        "Säge",
        "Strom",
        "--from",
        str(MS * 1000),
        "--to",
        str((MS + 400_000) * 1000),
        "--buckets",
        "4",
        "--data",
        data,
    )
    assert [part["count"] for part in parts] == [100] * 4
    assert parts[1] == {"t": (MS + 100_000) * 1000, "min": 100.5, "max": 199.5, "mean": 150.0, "count": 100}
    assert nordlotse("latest", "Säge", "--data", data)["Strom"]["value"] == 399.5
    client.close()
    assert second.stop() == 0
    assert nordlotse("verify", "--data", data)["ok"]
    assert nordlotse("count", "Säge", "Strom", "--data", data) == {"count": 400, "corrections": 1}


def test_a_second_process_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = Serve(tmp_path / "iot")
    second = Serve(tmp_path / "iot")
    assert second.port == 0
    assert second.end() == 4
    assert "already takes in" in (tmp_path / "iot.err").read_text()
    assert first.stop() == 0


def test_without_logins_only_the_machine_itself_is_listened_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORDLOTSE_IOT_AUTH", "open")
    assert main(["iot", "serve", "--mqtt", "0.0.0.0:0", "--data", str(tmp_path)]) == 2


def test_export_holds_every_value_as_parquet_and_as_csv(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    data = str(tmp_path / "iot")
    serve = Serve(tmp_path / "iot")
    client = Client(serve.port)
    client.publish("Ofen/Grad", payloads(0, 50))
    client.publish("Ofen/Zustand", [b'"an"', b'"=aus"', b"true"])
    client.close()
    serve.kill()
    assert nordlotse("export", "Ofen", "--out", str(tmp_path / "o.parquet"), "--data", data)["count"] == 53
    table = pq.read_table(tmp_path / "o.parquet").to_pylist()
    assert [row["value"] for row in table if row["signal"] == "Grad"] == [k + 0.5 for k in range(50)]
    assert [(row["text"], row["value"], row["kind"]) for row in table if row["signal"] == "Zustand"] == [
        ("an", None, "text"), ("=aus", None, "text"), (None, 1.0, "boolean"),
    ]  # fmt: skip
    assert nordlotse("export", "Ofen", "--out", str(tmp_path / "o.csv"), "--data", data)["count"] == 53
    lines = (tmp_path / "o.csv").read_text().splitlines()
    assert lines[1].startswith("2023-11-14T22:13:20.000000Z,Ofen,Grad,0.5,,number,2,")
    assert any(",'=aus,text," in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["query", "a", "b", "--from", "gestern", "--to", "1"], 3),
        (["query", "a", "b", "--from", "2", "--to", "1"], 3),
        (["query", "a", "b", "--from", "1", "--to", "2", "--buckets", "0"], 2),
        (["count", "a", "b", "--company", "../x"], 3),
        (["export", "a", "--out", "x.parquet"], 3),
        (["serve", "--mqtt", "here"], 2),
    ],
)
def test_wrong_calls_say_so_by_their_exit_code(arguments: list[str], code: int, tmp_path: Path) -> None:
    assert main(["iot", *arguments, "--data", str(tmp_path)]) == code


def test_what_was_never_sent_counts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["iot", "count", "a", "b", "--json", "--data", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == {"count": 0, "corrections": 0}


def test_to_prove_a_folder_without_any_data_whole_is_refused_and_the_folder_looked_at_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NORDLOTSE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert main(["iot", "verify"]) != 0
    told = capfd.readouterr()
    assert f"Ordner {tmp_path / 'iot'}\n" in told.err and "noch keine Maschinendaten" in told.err
    assert not told.out
    monkeypatch.setenv("LC_ALL", "C")
    (tmp_path / "iot" / "companies").mkdir(parents=True)
    assert main(["iot", "verify", "--data", str(tmp_path / "iot"), "--json"]) != 0
    told = capfd.readouterr()
    assert "No machine data" in told.err and "folder /" not in told.err
