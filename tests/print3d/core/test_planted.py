"""Flaws planted by a second generator that nothing was tuned to: each is found in its file, under its code, within 1 mm, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from bench.print3d import unseen_mesh, unseen_shape
from bench.print3d.planted import filed
from bench.print3d.unseen_parts import BASES, base, mesh_of

from nordlotse.print3d.core.check import check
from nordlotse.print3d.core.codes import CODES
from nordlotse.print3d.core.findings import topology_findings
from nordlotse.print3d.core.topology import topology

#: Of so many kinds of each code.
WAYS = range(3)


@pytest.mark.parametrize("code", unseen_mesh.PLANTS)
def test_a_flaw_of_the_mesh_is_found_in_its_file_at_its_place_and_nothing_else_is(code: str) -> None:
    for part in WAYS:
        flaw = unseen_mesh.flawed(code, part)
        found = topology_findings(topology(filed(flaw.mesh, part).mesh))
        own = [one for one in found if one.code not in flaw.besides]
        assert {one.code for one in own} == {code}
        assert min(unseen_mesh.away(flaw, one.where) for one in own) <= 1.0


@pytest.mark.parametrize("code", unseen_shape.SHAPES)
def test_a_flaw_of_shape_is_found_in_its_file_at_its_place_with_its_measure_and_nothing_else_is(code: str) -> None:
    for part in WAYS:
        flaw = unseen_shape.shaped(code, part)
        found = [one for one in check(filed(flaw.mesh, part), flaw.process).findings if one.code not in flaw.besides]
        assert {one.code for one in found} == {code}
        assert min(unseen_shape.away(flaw, one.where) for one in found) <= 1.0
        if flaw.value:
            assert min(found, key=lambda one: abs((one.value or 0.0) - flaw.value)).value == pytest.approx(
                flaw.value, rel=0.05
            )


@pytest.mark.parametrize("number", range(len(BASES)))
def test_a_sound_part_has_no_finding_of_its_mesh_and_none_of_walls_gaps_or_cavities(number: int) -> None:
    codes = {one.code for one in check(filed(mesh_of(base(number)), number), "sls").findings}
    assert not codes


def test_every_code_is_planted_but_the_crack_that_only_a_step_file_can_have() -> None:
    assert set(CODES) - set(unseen_mesh.PLANTS) - set(unseen_shape.SHAPES) == {"tessellation_crack"}


def test_three_flaws_in_one_part_are_three_findings() -> None:
    draw = np.random.default_rng(5)
    mesh = unseen_mesh.host(4, draw)
    made = []
    for code in ("duplicate_face", "inner_shell", "hole"):
        before = mesh
        mesh, place, region, _ = unseen_mesh.PLANTS[code](mesh, draw)
        made.append(unseen_mesh.Flawed(code, before, place, region))
    found = topology_findings(topology(filed(mesh, 0).mesh))
    assert sorted(one.code for one in found) == ["duplicate_face", "hole", "inner_shell"]
    for flaw in made:
        assert min(unseen_mesh.away(flaw, one.where) for one in found if one.code == flaw.code) <= 1.0
