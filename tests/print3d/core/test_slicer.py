"""The external slicer: found on PATH, limited, its failures told."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from nordlotse.foundation.problem import BadInput, NotAvailable
from nordlotse.print3d.core import slicer
from nordlotse.print3d.core.estimate import estimate
from nordlotse.print3d.core.profile import profile
from tests.print3d.core.solids import bracket, table

PLA = profile("fdm-pla-0.2")


def _fake(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    tool = folder / "prusa-slicer"
    tool.write_text("#!/bin/sh\n" + script)
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(slicer, "program", lambda: str(tool))


def test_without_a_slicer_the_estimate_is_named_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotAvailable, match="no_slicer"):
        slicer.sliced(bracket(), PLA)


def test_the_last_words_of_a_failed_run_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake(tmp_path, monkeypatch, "echo noise\necho 'No layers were detected.'\nexit 1\n")
    with pytest.raises(BadInput, match="No layers were detected"):
        slicer.sliced(bracket(), PLA)


def test_a_run_without_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake(tmp_path, monkeypatch, "sleep 30\n")
    monkeypatch.setattr(slicer, "PATIENCE", 0.5)
    with pytest.raises(BadInput, match="slicing_too_long"):
        slicer.sliced(bracket(), PLA)


def test_a_run_that_burns_its_seconds_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake(tmp_path, monkeypatch, "while :; do :; done\n")
    monkeypatch.setattr(slicer, "SECONDS", 1)
    with pytest.raises(BadInput, match="slicing_too_long"):
        slicer.sliced(bracket(), PLA)


def test_the_figures_are_read_from_the_gcode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        ";Z:0.2", ";TYPE:Perimeter", "G1 X1 Y1 E5", ";Z:0.4", ";TYPE:Support material", "G1 X2 Y1 E3.5", "G1 X2 E-1",
        "G1 E4", "; filament used [mm] = 1000.00", "; estimated printing time (normal mode) = 1d 2h 3m 4s",
    ]  # fmt: skip
    _fake(tmp_path, monkeypatch, "cat > out.gcode <<'END'\n" + "\n".join(lines) + "\nEND\n")
    found = slicer.sliced(bracket(), PLA, keep=True)
    assert found.estimate.engine == "sliced"
    assert found.estimate.time_s == 86_400 + 7_200 + 180 + 4
    assert found.estimate.filament_g == pytest.approx(2.9825, rel=1e-3)
    assert found.estimate.support_g == pytest.approx(3.5 * 2.9825e-3, rel=1e-3)
    assert found.estimate.layers == 2
    assert b"Support material" in found.gcode


def test_the_settings_hold_the_profile_and_the_cures() -> None:
    rows = dict(line.split(" = ", 1) for line in slicer.settings(PLA, support=True).splitlines())
    assert rows["fill_density"] == "20%"
    assert rows["slowdown_below_layer_time"] == "15"
    assert rows["start_filament_gcode"] == '""'
    assert rows["layer_gcode"] == "G92 E0\\n"
    assert rows["support_material"] == "1"
    assert not [key for key, value in rows.items() if not value]


@pytest.mark.skipif(slicer.program() is None, reason="no slicer on PATH")
@pytest.mark.parametrize("support", [False, True])
def test_estimate_and_slicer_agree(support: bool) -> None:
    exact = slicer.sliced(table(), PLA, support).estimate
    found = estimate(table(), PLA, support)
    assert found.time_s == pytest.approx(exact.time_s, rel=0.2)
    assert found.filament_g == pytest.approx(exact.filament_g, rel=0.2)
