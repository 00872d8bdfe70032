"""Print profiles as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.estimate import estimate
from nordlotse.print3d.core.limits_data import machines, material
from nordlotse.print3d.core.profile import profile, profiles, with_material
from tests.print3d.core.solids import bracket


@pytest.mark.parametrize("name", list(profiles()))
def test_a_profile_agrees_with_its_machine_and_its_material(name: str) -> None:
    given = profile(name)
    assert tuple(given.values[f"bed_{axis}"] for axis in "xyz") == machines()[given.machine].build
    assert given.values["density"] == material(given.material).density


def test_another_filament_weighs_by_its_density_and_takes_the_same_time() -> None:
    given = profile("fdm-pla-0.2")
    pla, abs_ = estimate(bracket(), given), estimate(bracket(), with_material(given, material("abs")))
    assert abs_.filament_g == pytest.approx(pla.filament_g * 1.04 / 1.24)
    assert replace(abs_, cpu_s=0).time_s == pla.time_s


def test_steel_is_no_filament() -> None:
    with pytest.raises(BadInput, match="material_of_other_process"):
        with_material(profile("fdm-pla-0.2"), material("316l"))
