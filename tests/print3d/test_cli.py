"""`nordlotse print3d` as a program: its keys are a contract, its files are never lost, and a damaged part ends with a sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench.print3d.files import packed

from nordlotse.cli import main
from nordlotse.print3d.core import slicer
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.samples import SAMPLES, sample, sample_bytes
from tests.print3d.core.solids import box

MESH = {"triangles", "bodies", "watertight", "winding_ok", "volume_mm3", "area_mm2", "bbox_mm", "unit", "scale"}
FINDING = {"code", "severity", "where", "value", "limit", "unit", "text", "remedy"}
ESTIMATE = {
    *("time_s", "time_low_s", "time_high_s", "filament_g", "filament_low_g", "filament_high_g", "support_g"),
    *("layers", "profile", "engine", "warnings", "cpu_s"),
}


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str]) -> Any:
    """Call the program; return its exit code, what it printed (as JSON where it is), and what it said."""

    def call(*arguments: object) -> tuple[int, Any, str]:
        code = main(["print3d", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out.startswith("{") else out, err

    return call


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder with the sample parts."""
    folder = tmp_path / "parts"
    folder.mkdir()
    for one in SAMPLES:
        (folder / one.file).write_bytes(sample_bytes(one.id))
    return folder


def test_check_prints_exactly_the_agreed_keys_and_nothing_else(called: Any, parts: Path) -> None:
    code, found, said = called("check", parts / "holder.stl", "--json", "--lang", "en")
    assert code == 0
    assert set(found) == {"mesh", "findings", "printable", "seconds"}
    assert set(found["mesh"]) == MESH
    assert all(set(one) == FINDING for one in found["findings"])
    assert all(set(one) == {"verdict", "reasons"} for one in found["printable"].values())
    assert "strength, fatigue and approval" in said and "unit mm" in said


def test_check_without_json_tells_it_in_german(called: Any, parts: Path) -> None:
    code, out, said = called("check", parts / "holder.stl")
    assert code == 0
    assert "thin_wall: 0,6 mm, Grenze 1,2 mm bei 44,3 | 15 | 15 mm" in out
    assert "FDM   mit Änderungen" in out
    assert "Nicht geprüft: Festigkeit" in said


def test_check_of_one_process_tells_only_that(called: Any, parts: Path) -> None:
    found = called("check", parts / "holder.stl", "--process", "mjf", "--json")[1]
    assert {name: told["verdict"] for name, told in found["printable"].items()} == {"mjf": "yes"}
    assert "thin_wall" not in {one["code"] for one in found["findings"]}


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1), ("inch", 25.4), ("m", 1000)])
def test_the_unit_of_the_file_sets_size_and_places(called: Any, parts: Path, unit: str, factor: float) -> None:
    found = called("check", parts / "bracket.stl", "--unit", unit, "--json")[1]
    assert found["mesh"]["bbox_mm"][1] == pytest.approx([60 * factor, 40 * factor, 50 * factor])
    assert (found["mesh"]["unit"], found["mesh"]["scale"]) == (unit, pytest.approx(factor))


def test_places_are_those_of_the_file_times_the_scale(called: Any, tmp_path: Path) -> None:
    away = tmp_path / "away.stl"
    away.write_bytes(as_stl(read(sample_bytes("holder"), "holder.stl").mesh.moved(np.array([1000, -500, 250]))))
    found = called("check", away, "--unit", "mm", "--scale", "1.5", "--json")[1]
    wall = next(one for one in found["findings"] if one["code"] == "thin_wall")
    assert wall["value"] == pytest.approx(0.9, abs=0.01)
    assert wall["where"] == pytest.approx([1.5 * 1044.3, 1.5 * -485, 1.5 * 265], abs=0.5)


def test_estimate_prints_exactly_the_agreed_keys(called: Any, parts: Path) -> None:
    bare = called("estimate", parts / "holder.stl", "--profile", "fdm-pla-0.2", "--json")[1]
    held = called("estimate", parts / "holder.stl", "--profile", "fdm-pla-0.2", "--support", "--json")[1]
    assert set(bare) == set(held) == ESTIMATE
    assert (bare["profile"], bare["engine"], bare["layers"]) == ("fdm-pla-0.2", "estimated", 170)
    assert bare["support_g"] == 0 < held["support_g"]
    assert held["filament_g"] == pytest.approx(bare["filament_g"] + held["support_g"])
    assert 0 < bare["cpu_s"] < 5


@pytest.mark.skipif(slicer.program() is None, reason="needs PrusaSlicer")
def test_the_slicer_gives_an_exact_figure_marked_as_such(called: Any, parts: Path) -> None:
    exact = called("estimate", parts / "bracket.stl", "--engine", "sliced", "--json")[1]
    guess = called("estimate", parts / "bracket.stl", "--json")[1]
    assert set(exact) == ESTIMATE
    assert (exact["engine"], exact["time_low_s"]) == ("sliced", exact["time_s"])
    assert guess["time_s"] == pytest.approx(exact["time_s"], rel=0.3)


def test_without_a_slicer_its_engine_is_not_available(
    called: Any, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    code, out, said = called("estimate", parts / "bracket.stl", "--engine", "sliced", "--json")
    assert (code, out) == (4, "")
    assert "PrusaSlicer" in said


def test_orient_prints_exactly_the_agreed_keys(called: Any, parts: Path) -> None:
    found = called("orient", parts / "holder.stl", "--json")[1]
    assert set(found) == {"proposals"}
    for one in found["proposals"]:
        assert set(one) == {"name", "rotation", "support_mm3", "time_s", "reason"}
        assert [len(row) for row in one["rotation"]] == [3, 3, 3]


def test_cost_tells_every_process_today_and_where_printing_stops_to_pay(called: Any, parts: Path) -> None:
    found = called("cost", parts / "bracket.stl", "--quantity", "50", "--today", "12,50", "--json")[1]
    assert set(found) == {"processes", "break_even"}
    assert found["processes"]["today"]["unit_cost"] == {"low": 12.5, "likely": 12.5, "high": 12.5}
    for way in found["processes"].values():
        assert set(way) == {"unit_cost", "measured"}
        assert way["unit_cost"]["low"] <= way["unit_cost"]["likely"] <= way["unit_cost"]["high"]
    assert {one["against"] for one in found["break_even"]} == {"today", "milling", "moulding"}


def test_cost_in_words_heads_what_nobody_measured(called: Any, parts: Path) -> None:
    out = called("cost", parts / "bracket.stl", "--quantity", "50", "--today", "12.50")[1]
    rows = {line.split("  ")[0]: line for line in out.splitlines()}
    assert "Richtwert, nicht gemessen" in rows["SLS (Pulver, Laser)"]
    assert "Richtwert" not in rows["FDM (Filament)"]
    assert "12,50 €" in rows["heute"]


@pytest.mark.parametrize("today", ["zwölf", "-3", "1e9", ""])
def test_a_price_that_is_none_is_a_wrong_call(called: Any, parts: Path, today: str) -> None:
    assert called("cost", parts / "bracket.stl", "--quantity", "5", f"--today={today}")[0] == 2


def open_box(folder: Path) -> Path:
    whole = box(20, 20, 20)
    file = folder / "open.stl"
    file.write_bytes(as_stl(Mesh(whole.vertices, whole.faces[:-1])))
    return file


def test_repair_writes_a_sound_part_and_says_what_it_changed(called: Any, tmp_path: Path) -> None:
    out = tmp_path / "new.stl"
    code, found, _ = called("repair", open_box(tmp_path), "--out", out, "--json")
    assert code == 0
    assert (found["before"]["watertight"], found["after"]["watertight"]) == (False, True)
    assert found["changes"]
    assert read(out.read_bytes(), "new.stl").mesh.volume == pytest.approx(8000)


def test_repair_never_overwrites_a_file_not_even_its_own_input(called: Any, tmp_path: Path) -> None:
    part = open_box(tmp_path)
    before = part.read_bytes()
    code, _, said = called("repair", part, "--out", part)
    assert (code, part.read_bytes()) == (3, before)
    assert "there already" in said or "gibt es schon" in said


def test_repair_writes_nothing_but_stl(called: Any, tmp_path: Path) -> None:
    assert called("repair", open_box(tmp_path), "--out", tmp_path / "new.step")[0] == 2


def test_of_an_archive_with_several_parts_one_is_named(called: Any, tmp_path: Path) -> None:
    archive = tmp_path / "two.zip"
    archive.write_bytes(packed({f"a/{sample(name).file}": sample_bytes(name) for name in ("bracket", "holder")}))
    code, out, said = called("check", archive, "--json")
    assert (code, out) == (3, "")
    assert "a/bracket.stl, a/holder.stl" in said
    assert "two.zip:a/bracket.stl" in said
    assert called("check", f"{archive}:holder.stl", "--json")[1]["mesh"]["triangles"] == 254
    assert called("check", f"{archive}:a/holder.stl", "--json")[0] == 0
    assert called("check", f"{archive}:vase.stl", "--json")[0] == 3


LIST = "Teil;Preis;Jahresmenge\nbracket;40,00;200\nholder;2,50;20\nvase;9;9\n"


def test_screen_ranks_a_folder_and_goes_on_where_it_stopped(called: Any, parts: Path, tmp_path: Path) -> None:
    listed, out = tmp_path / "list.csv", tmp_path / "result.xlsx"
    listed.write_text(LIST, encoding="utf-8")
    code, found, said = called("screen", parts, "--list", listed, "--out", out, "--json")
    assert code == 0
    assert out.read_bytes().startswith(b"PK")
    ranks = {row["part"]: row["rank"] for row in found["parts"]}
    assert ranks["bracket"] == 1
    assert ranks["vase"] == 5
    assert "5/5" in said
    shutil.move(parts / "knob.3mf", parts / "knob2.3mf")
    again = called("screen", parts, "--list", listed, "--out", out, "--json")[1]
    assert [row["saving_eur"] for row in again["parts"]] == [row["saving_eur"] for row in found["parts"]]
    assert len((tmp_path / "result.xlsx.measured").read_text().splitlines()) == 5


def test_screen_reads_every_file_in_the_unit_named_and_keeps_the_readings_apart(called: Any, tmp_path: Path) -> None:
    folder, out = tmp_path / "one", tmp_path / "r.csv"
    folder.mkdir()
    (folder / "bracket.stl").write_bytes(sample_bytes("bracket"))
    small = called("screen", folder, "--out", out, "--json")[1]["parts"][0]
    large = called("screen", folder, "--out", out, "--unit", "inch", "--json")[1]["parts"][0]
    assert small["unit_cost"] is not None
    assert large["unit_cost"] is None  # 1.5 m
    assert out.read_text(encoding="utf-8-sig").startswith("Rang;")


def test_report_writes_a_pdf_with_the_views(called: Any, parts: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert called("report", parts / "holder.stl", "--out", out, "--today", "20")[0] == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert len(out.read_bytes()) > 50_000
    assert called("report", parts / "holder.stl", "--out", tmp_path / "report.doc")[0] == 2


def test_a_calibrated_machine_is_estimated_by_its_own_jobs(called: Any, parts: Path, tmp_path: Path) -> None:
    rows = ["part;minutes;grams"]
    for name in ("bracket.stl", "holder.stl", "knob.3mf") * 2:
        made = called("estimate", parts / name, "--json")[1]
        rows.append(f"{name};{made['time_s'] / 60 * 1.3:.2f};{made['filament_g'] * 0.9:.2f}".replace(".", ",", 0))
    (parts / "jobs.csv").write_text("\n".join(rows), encoding="utf-8")
    code, found, _ = called("calibrate", parts / "jobs.csv", "--profile", "fdm-pla-0.2", "--json")
    assert code == 0
    assert found["time"]["factor"] == pytest.approx(1.3, rel=0.01)
    kept = tmp_path / "ours.json"
    kept.write_text(json.dumps(found), encoding="utf-8")
    plain = called("estimate", parts / "flange.step", "--json")[1]
    own = called("estimate", parts / "flange.step", "--calibration", kept, "--json")[1]
    assert own["time_s"] == pytest.approx(plain["time_s"] * found["time"]["factor"])
    assert own["filament_g"] == pytest.approx(plain["filament_g"] * found["filament"]["factor"])


@pytest.mark.parametrize("written", ["", "{}", "[]", '{"profile": "fdm-pla-0.2", "time": {"factor": "x"}}'])
def test_a_calibration_that_is_none_is_refused(called: Any, parts: Path, tmp_path: Path, written: str) -> None:
    kept = tmp_path / "ours.json"
    kept.write_text(written, encoding="utf-8")
    code, _, said = called("estimate", parts / "bracket.stl", "--calibration", kept)
    assert code == 3
    assert "calibrate" in said


def test_a_job_whose_file_is_missing_is_named_with_its_row(called: Any, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("part;minutes;grams\nvase.stl;10;5\n", encoding="utf-8")
    code, _, said = called("calibrate", tmp_path / "jobs.csv", "--profile", "fdm-pla-0.2")
    assert code == 3
    assert "jobs.csv:2" in said


@pytest.mark.parametrize("command", ["check", "estimate", "orient"])
def test_a_damaged_file_ends_with_a_sentence_and_an_empty_output(called: Any, tmp_path: Path, command: str) -> None:
    bad = tmp_path / "bad.stl"
    bad.write_bytes(sample_bytes("bracket")[:3000])
    code, out, said = called(command, bad, "--json")
    assert (code, out) == (3, "")
    assert "→" in said


def test_a_hostile_file_is_refused(called: Any, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.3mf"
    bomb.write_bytes(packed({"3D/3dmodel.model": b" " * (40 * 2**20)}, 9))
    assert called("check", bomb, "--json")[0] == 3


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--scale", "0"), 2),
        (("--scale", "nan"), 2),
        (("--material", "clay"), 3),
    ],
)
def test_what_cannot_be_is_refused(called: Any, parts: Path, options: tuple[str, str], code: int) -> None:
    assert called("check", parts / "bracket.stl", *options)[0] == code


def test_an_unknown_profile_is_refused_with_those_there_are(called: Any, parts: Path) -> None:
    code, _, said = called("estimate", parts / "bracket.stl", "--profile", "clay")
    assert code == 3
    assert "fdm-pla-0.2" in said


def test_a_file_that_is_not_there_is_told(called: Any, tmp_path: Path) -> None:
    code, _, said = called("check", tmp_path / "nothing.stl")
    assert code == 4
    assert "nothing.stl" in said


def test_asking_for_help_loads_no_numpy() -> None:
    import subprocess
    import sys

    code = "import sys; from nordlotse.cli import parser; parser(); print('numpy' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "False"
