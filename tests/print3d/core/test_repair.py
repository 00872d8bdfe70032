"""Repair mends what is safe to mend, says what it changed, and leaves the original alone."""

from __future__ import annotations

import numpy as np
import pytest
from bench.print3d.flaws import planted, sound

from nordlotse.print3d.core.findings import UNSOUND, topology_findings
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import as_stl, repair
from nordlotse.print3d.core.topology import topology
from nordlotse.print3d.core.welding import joined
from tests.print3d.core.solids import box


@pytest.mark.parametrize(
    "code", ["hole", "winding", "inside_out", "duplicate_face", "degenerate_face", "non_manifold_edge"]
)
@pytest.mark.parametrize("part", range(5))
def test_a_planted_flaw_is_mended_and_the_change_is_told(code: str, part: int) -> None:
    flaw = planted(code, part)
    kept = flaw.mesh.faces.copy()
    done = repair(flaw.mesh)
    assert not {f.code for f in topology_findings(topology(done.mesh))} & UNSOUND
    assert done.mesh.volume == pytest.approx(sound(part).volume, rel=1e-6)
    assert len(done.changes) == 1
    assert done.changes[0].de and done.changes[0].en
    assert done.after.watertight and done.after.winding_ok
    assert not (done.before.watertight and done.before.winding_ok)
    assert np.array_equal(flaw.mesh.faces, kept)


def test_a_sound_part_is_left_as_it_is() -> None:
    done = repair(sound(2))
    assert done.changes == ()
    assert done.before == done.after


def test_overlapping_bodies_are_united_and_keep_their_common_volume() -> None:
    both = joined([box(20, 20, 20), box(20, 20, 20).moved(np.array([10.0, 5.0, 5.0]))])
    done = repair(both)
    assert done.mesh.volume == pytest.approx(16000.0 - 10 * 15 * 15)
    assert (done.before.bodies, done.after.bodies, done.after.crossings) == (2, 1, 0)
    assert repair(both, unite=False).after.bodies == 2


def test_new_faces_of_a_closed_hole_are_named() -> None:
    mesh = box(10, 10, 10)
    done = repair(Mesh(mesh.vertices, mesh.faces[mesh.normals[:, 2] > -0.5]))
    assert len(done.filled) == 2
    assert done.mesh.areas[done.filled].sum() == pytest.approx(100.0)


def test_a_mended_part_can_be_written_and_read_again() -> None:
    done = repair(planted("hole", 3).mesh)
    again = read(as_stl(done.mesh), "a.stl", unit="mm").mesh
    assert again.volume == pytest.approx(done.mesh.volume, rel=1e-5)
    assert topology(again).watertight


def _rod_with_a_crack_all_round() -> Mesh:
    """A rod of radius 10 and height 10 whose wall is open by 0.02 mm at half its height, but for one edge."""
    sides = 36
    angle = 2.0 * np.pi * np.arange(sides) / sides
    ring = np.stack([10.0 * np.cos(angle), 10.0 * np.sin(angle), np.zeros(sides)], axis=1)
    heights = (0.0, 5.0, 5.02, 10.0)
    points = np.concatenate([*(ring + np.array([0.0, 0.0, z]) for z in heights), [[0, 0, 0], [0, 0, 10.0]]])
    number = np.arange(4 * sides).reshape(4, sides)
    number[2, :2] = number[1, :2]
    faces = []
    for low, high in ((0, 1), (2, 3)):
        for i in range(sides):
            j = (i + 1) % sides
            faces += [
                (number[low, i], number[low, j], number[high, j]),
                (number[low, i], number[high, j], number[high, i]),
            ]
    for i in range(sides):
        j = (i + 1) % sides
        faces += [(4 * sides, number[0, j], number[0, i]), (4 * sides + 1, number[3, i], number[3, j])]
    return Mesh(points.astype(np.float64), np.array(faces, np.int32))


def test_a_thin_crack_round_a_rod_is_closed_along_the_crack_and_not_by_a_wall_across_the_rod() -> None:
    cracked = _rod_with_a_crack_all_round()
    done = repair(cracked)
    assert (done.before.holes, done.after.holes, done.after.watertight, done.after.winding_ok) == (1, 0, True, True)
    assert done.after.area_mm2 - done.before.area_mm2 == pytest.approx(0.02 * 2 * np.pi * 10, rel=0.1)
    (told,) = [one for one in topology_findings(topology(cracked)) if one.code in ("hole", "crack")]
    assert told.value == pytest.approx(done.after.area_mm2 - done.before.area_mm2, rel=0.01)


def test_a_single_body_whose_crossings_are_rounding_is_left_as_it_is_and_nothing_is_said_to_be_united() -> None:
    part = box(20, 20, 20)
    assert all("vereinigt" not in one.de for one in repair(part).changes)
    two = joined([box(20, 20, 20), box(20, 20, 20).moved(np.array([10.0, 5.0, 5.0]))])
    assert [one.de for one in repair(two).changes] == ["2 Einzelkörper zu 1 vereinigt."]


def test_one_change_is_told_in_the_singular() -> None:
    whole = box(20, 20, 20)
    once = Mesh(whole.vertices, np.concatenate([whole.faces, whole.faces[:1]]))
    assert [one.de for one in repair(once).changes] == ["Ein doppeltes Dreieck entfernt."]
