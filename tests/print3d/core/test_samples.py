"""The sample parts that come with the room show what they promise, and nothing else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pytest

from nordlotse.foundation.problem import NotFound
from nordlotse.print3d.core.check import check_file
from nordlotse.print3d.core.samples import SAMPLES, sample, sample_bytes
from nordlotse.print3d.core.values import Checked, Loaded


@cache
def checked(name: str) -> tuple[Checked, Loaded]:
    return check_file(sample_bytes(name), sample(name).file)


def codes(name: str) -> set[str]:
    return {finding.code for finding in checked(name)[0].findings}


def test_every_file_of_the_folder_is_a_sample_and_together_they_are_small() -> None:
    folder = files("nordlotse.print3d.core.data").joinpath("samples")
    found = {file.name: len(file.read_bytes()) for file in folder.iterdir()}
    assert set(found) == {one.file for one in SAMPLES}
    assert sum(found.values()) < 200_000


@pytest.mark.parametrize("name", [one.id for one in SAMPLES])
def test_every_sample_has_a_sound_mesh(name: str) -> None:
    facts = checked(name)[0].facts
    assert facts.watertight and facts.winding_ok


def test_every_process_makes_the_bracket() -> None:
    assert {v.verdict for v in checked("bracket")[0].printable.values()} == {"yes"}


def test_the_holder_has_a_wall_of_six_tenths_and_an_overhang() -> None:
    wall = next(f for f in checked("holder")[0].findings if f.code == "thin_wall")
    assert wall.value == pytest.approx(0.6, abs=0.01)
    assert 44.0 <= wall.where[0] <= 44.6
    assert "overhang" in codes("holder")


def test_the_knob_traps_powder_in_the_middle_of_its_ball() -> None:
    trapped = next(f for f in checked("knob")[0].findings if f.code == "trapped_volume")
    assert trapped.where == pytest.approx((0, 0, 20), abs=0.5)
    assert checked("knob")[0].printable["sls"].verdict == "with_changes"
    assert checked("knob")[0].printable["fdm"].verdict == "yes"


def test_the_flange_is_read_from_step_with_its_name() -> None:
    found, loaded = checked("flange")
    assert (loaded.kind, loaded.parts) == ("step", ("Flansch",))
    # disc and hub less a bore of 16 mm and four holes of 6 mm
    by_hand = 3.141592653589793 * (30**2 * 8 + 15**2 * 12 - 8**2 * 20 - 4 * 3**2 * 8)
    assert found.facts.volume_mm3 == pytest.approx(by_hand, rel=0.003)


def test_an_unknown_sample_is_told_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="no_such_sample") as refused:
        sample("vase")
    assert "bracket, holder" in refused.value.remedy_en
