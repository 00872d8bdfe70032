"""The whole check: what is found, for which process, that nothing is claimed at the limit itself, and what never changes a finding."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from bench.print3d.planted import as_loaded
from bench.print3d.shape_flaws import BUILT, reach, shape_flaw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifold3d import Manifold
from scipy.spatial.transform import Rotation

from nordlotse.foundation.problem import NotFound
from nordlotse.print3d.core.check import check
from nordlotse.print3d.core.fit import fit_findings, fits
from nordlotse.print3d.core.limits_data import machines, materials, process_limits
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.rays import solid_of
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.thickness import clearance, thickness
from nordlotse.print3d.core.topology import topology
from nordlotse.print3d.core.values import Checked, Limits, Process
from nordlotse.print3d.core.welding import joined
from nordlotse.print3d.core.workshop import Workshop
from tests.print3d.core.solids import box, bracket, mesh_of, table, tube, turned_z


def _check(mesh: Mesh, process: str | None = "fdm", material: str | None = None) -> Checked:
    return check(as_loaded(mesh), process=process, material=material)


def _codes(mesh: Mesh, process: str | None = "fdm") -> Counter[str]:
    return Counter(one.code for one in _check(mesh, process).findings)


@pytest.mark.parametrize("turn", [0.0, 33.0])
def test_a_sheet_without_thickness_is_no_solid_however_it_lies(turn: float) -> None:
    corners = np.array([[0.0, 0, 0], [20, 0, 0], [20, 20, 0], [0, 20, 0]])
    turned = corners @ Rotation.from_euler("xy", [turn, turn], degrees=True).as_matrix().T + 500.0
    for faces in ([[0, 1, 2]], [[0, 1, 2], [0, 2, 3]], [[0, 1, 2], [0, 2, 3], [0, 2, 1], [0, 3, 2]]):
        found = _check(Mesh(turned, np.array(faces, np.int32)), process=None)
        assert {told.verdict for told in found.printable.values()} == {"no"}
        assert all("ohne Dicke" in told.reasons[0].de for told in found.printable.values())


def test_a_thin_plate_is_a_solid() -> None:
    assert _check(box(100, 100, 0.01)).printable["fdm"].verdict == "with_changes"


@pytest.mark.parametrize("code", BUILT)
def test_a_flaw_of_shape_is_found_at_its_place_and_nothing_else_is_claimed(code: str) -> None:
    for part in range(4):
        flaw = shape_flaw(code, part)
        found = [one for one in _check(flaw.mesh, flaw.process).findings if one.code not in flaw.besides]
        assert [one.code for one in found] == [code]
        assert np.linalg.norm(np.array(found[0].where) - flaw.place) <= reach(flaw)
        assert found[0].faces and found[0].processes == (flaw.process,)
        if flaw.value and code != "trapped_volume":
            assert found[0].value == pytest.approx(flaw.value, rel=0.05)


@pytest.mark.parametrize("process", list(Process))
def test_a_wall_of_just_the_limit_is_no_finding_and_a_thinner_one_is(process: Process) -> None:
    wall = process_limits()[process].wall
    assert "thin_wall" not in _codes(box(30, 20, wall), process)
    found = [one for one in _check(box(30, 20, wall * 0.95), process).findings if one.code == "thin_wall"]
    assert [one.value for one in found] == [pytest.approx(wall * 0.95, rel=1e-3)]
    assert found[0].limit == wall


def test_a_hole_and_a_gap_of_just_the_limit_are_no_finding() -> None:
    limit = process_limits()[Process.FDM]
    block = Manifold.cube((30, 20, 8))
    bore = Manifold.cylinder(10, limit.hole / 2, -1, 48).translate((15, 10, -1))
    slot = Manifold.cube((15, limit.gap, 5)).translate((5, 10, 4))
    assert not _codes(mesh_of(block - bore))
    assert not _codes(mesh_of(block - slot))


@pytest.mark.parametrize("sides", [4, 6, 7, 12, 64])
def test_a_small_bore_of_few_sides_is_a_small_hole(sides: int) -> None:
    bored = Manifold.cube((30, 20, 8)) - Manifold.cylinder(9, 0.5, -1, sides).translate((12, 10, 3))
    assert _codes(mesh_of(bored)) == {"small_hole": 1}


def test_the_thickness_of_a_tube_is_its_wall_and_its_clearance_is_its_bore() -> None:
    solid = solid_of(topology(tube(15, 13.5, 20)))
    wall = thickness(solid).width
    side = np.abs(solid.mesh.normals[:, 2]) < 0.5
    assert wall[side] == pytest.approx(1.5, rel=0.05)
    gap = clearance(solid).width
    assert gap[np.isfinite(gap)] == pytest.approx(27.0, rel=0.05)


def test_edges_and_chamfers_of_a_thick_part_are_not_thin_walls() -> None:
    wedge = mesh_of(Manifold.hull_points([(0, 0, 0), (40, 0, 0), (0, 30, 0), (40, 30, 0), (40, 0, 25), (40, 30, 25)]))
    assert "thin_wall" not in _codes(wedge)
    assert not _codes(bracket())
    assert not _codes(box(40, 30, 20), None)


def test_a_strip_between_a_bore_and_the_outside_is_a_wall_not_a_pin() -> None:
    block = Manifold.cube((30, 20, 8)) - Manifold.cylinder(10, 3, -1, 64).translate((15, 3.8, -1))
    assert _codes(mesh_of(block)) == {"thin_wall": 1}


def test_of_very_many_faces_those_around_the_place_are_marked_and_the_place_stays_in_the_middle() -> None:
    plate = Manifold.cube((40, 30, 0.8)).refine(60)
    found = [one for one in _check(mesh_of(plate)).findings if one.code == "thin_wall"]
    assert len(found) == 1 and len(found[0].faces) == 5_000
    assert found[0].where == pytest.approx((20.0, 15.0, 0.4), abs=0.5)


def test_a_finding_without_a_process_names_those_it_matters_to() -> None:
    found = [one for one in _check(box(30, 20, 0.7), None).findings if one.code == "thin_wall"]
    assert [one.processes for one in found] == [("fdm", "sls")]


def test_an_overhang_is_one_only_below_the_limit_and_only_where_support_is_needed() -> None:
    assert _codes(table())["overhang"] == 1
    assert not _codes(table(), "sls")
    leaning = mesh_of(
        Manifold.hull_points([(x + z, y, z) for x in (0, 20) for y in (0, 15) for z in (0, 15)])
    )  # 45° exactly
    assert not _codes(leaning)
    flatter = mesh_of(Manifold.hull_points([(x + 1.3 * z, y, z) for x in (0, 20) for y in (0, 15) for z in (0, 15)]))
    assert _codes(flatter)["overhang"] == 1


def test_a_short_bridge_holds_itself_and_so_does_the_roof_of_a_small_bore() -> None:
    block = Manifold.cube((40, 30, 18))
    assert not _codes(mesh_of(block - Manifold.cube((9.5, 50, 10)).translate((15, -10, -1))))
    lying = Manifold.cylinder(50, 3, -1, 48).rotate((90, 0, 0)).translate((20, 40, 9))
    assert not _codes(mesh_of(block - lying))


def test_the_lowest_point_of_a_hanging_ball_is_an_island_and_no_wall_beside_it_makes_its_underside_a_bridge() -> None:
    arm = Manifold.cube((5, 10, 30)) + Manifold.cube((30, 10, 4)).translate((0, 0, 26))
    found = _check(mesh_of(arm + Manifold.sphere(4, 32).translate((20, 5, 22.5)))).findings
    islands = [one for one in found if one.code == "island"]
    assert len(islands) == 1
    assert islands[0].where == pytest.approx((20.0, 5.0, 18.5), abs=0.1)
    assert all(one.where[2] > 25 for one in found if one.code == "long_bridge")


def test_a_body_that_begins_inside_another_one_is_no_island() -> None:
    inner = Manifold.sphere(4, 32).translate((15, 15, 30))
    assert "island" not in _codes(joined([box(30, 30, 30), mesh_of(inner)]))


def test_a_cup_has_no_island_and_empties() -> None:
    cup = mesh_of(Manifold.cylinder(30, 12, -1, 48) - Manifold.cylinder(30, 9, -1, 48).translate((0, 0, 4)))
    assert not _codes(cup)
    assert not _codes(cup, "sls")


def test_a_wide_opening_empties_a_cavity_and_a_narrow_one_gets_a_proposal_for_holes() -> None:
    ball = Manifold.cube((30, 30, 24)) - Manifold.sphere(8, 48).translate((15, 15, 12))
    wide = ball - Manifold.cylinder(30, 2.4, -1, 32).translate((15, 15, 12))
    assert not _codes(mesh_of(wide), "sls")
    narrow = ball - Manifold.cylinder(30, 0.8, -1, 32).translate((15, 15, 12))
    found = _check(mesh_of(narrow), "sls").findings
    assert [one.code for one in found] == ["trapped_volume"]
    assert found[0].value == pytest.approx(1.6, abs=0.6)
    assert "mindestens 3,5 mm" in found[0].remedy.de and "Wand 4,0 mm" in found[0].remedy.de
    assert "trapped_volume" not in _codes(mesh_of(narrow), "fdm")
    just = ball - Manifold.cylinder(30, 3.5 / 2, -1, 32).translate((15, 15, 12))
    assert not _codes(mesh_of(just), "sls")


def test_the_material_decides_whether_a_long_base_warps() -> None:
    plate = box(120, 30, 6)
    assert "warping" not in {one.code for one in _check(plate, material="pla").findings}
    assert "warping" in {one.code for one in _check(plate, material="abs").findings}


def test_warping_metal_is_anchored_and_relieved_of_stress_and_gets_no_advice_for_plastic() -> None:
    found = {one.processes: one for one in _check(box(180, 30, 6), None).findings if one.code == "warping"}
    metal = found[("lpbf",)]
    assert "glühen" in metal.remedy.de and "Brim" not in metal.remedy.de
    plastic = next(one for one in _check(box(180, 30, 6), material="abs").findings if one.code == "warping")
    assert "Brim" in plastic.remedy.de


def test_a_flat_disc_fits_upright_and_across_a_plate_that_is_too_narrow_for_it_flat() -> None:
    disc = mesh_of(Manifold.cylinder(26, 305 / 2, -1, 64))
    plate = replace(next(iter(machines().values())), build=(300.0, 300.0, 350.0))
    assert fits(disc, plate) and not fit_findings(disc, [plate])
    low = replace(plate, build=(300.0, 300.0, 290.0))
    assert not fits(disc, low)
    (told,) = fit_findings(disc, [low])
    assert low.name.de in told.text.de and "300 × 300 × 290 mm" in told.text.de and "in jeder Lage" in told.text.de


def test_a_ball_is_not_tall_and_slim_and_an_upright_blade_is_however_it_is_turned() -> None:
    assert "tall_slim" not in _codes(mesh_of(Manifold.sphere(15, 48)))
    for angle in (0.0, 45.0, 77.0):
        assert _codes(turned_z(box(3, 60, 60), angle))["tall_slim"] == 1


def test_a_part_that_fits_only_slanted_in_its_file_fits() -> None:
    turn = Rotation.from_rotvec(np.radians(40) * np.array([1.0, 2.0, 0.5]) / np.sqrt(5.25)).as_matrix()
    long = box(590, 100, 40).turned(turn)
    assert "too_big" not in _codes(long)
    assert _check(box(900, 100, 40)).printable["fdm"].verdict == "no"


def test_verdicts_say_yes_with_changes_or_no_and_what_was_not_checked_always_stands_there() -> None:
    sound, thin = _check(box(30, 20, 10), None), _check(box(30, 20, 0.3), None)
    assert {one.verdict for one in sound.printable.values()} == {"yes"}
    assert {one.verdict for one in thin.printable.values()} == {"with_changes"}
    assert set(sound.printable) == {one.value for one in Process}
    for one in (sound, thin):
        assert "Festigkeit" in one.unchecked.de and "approval" in one.unchecked.en
        assert "§ 40a DesignG" in one.rights.de
    open_box = Mesh(box(30, 20, 10).vertices, box(30, 20, 10).faces[1:])
    assert _check(open_box).printable["fdm"].verdict == "with_changes"


def test_a_file_without_a_surface_cannot_be_printed() -> None:
    line = Mesh(box(9, 9, 9).vertices, np.array([[0, 0, 1]], np.int32))
    assert {one.verdict for one in _check(line, None).printable.values()} == {"no"}


def test_a_material_of_another_process_says_no_and_unknown_names_are_refused() -> None:
    assert _check(box(9, 9, 9), "sla", material="pla").printable["sla"].verdict == "no"
    with pytest.raises(NotFound, match="no_such_material"):
        _check(box(9, 9, 9), material="unobtainium")
    with pytest.raises(NotFound, match="no_such_process"):
        _check(box(9, 9, 9), "casting")


def test_a_file_is_checked_in_a_child_as_here() -> None:
    data = as_stl(box(30, 20, 0.7))
    with Workshop() as shop:
        checked, loaded = shop.run(
            "nordlotse.print3d.core.check:check_file", data, "plate.stl", unit="mm", process="sls"
        )
    assert checked.findings == check(loaded, process="sls").findings
    assert [one.code for one in checked.findings] == ["thin_wall"]
    assert checked.printable["sls"].verdict == "with_changes"


def test_every_process_has_limits_with_source_a_material_and_a_machine() -> None:
    for process in Process:
        limit = process_limits()[process]
        assert limit.source.de and limit.source.en and limit.decided
        assert any(one.process is process for one in materials().values())
        assert any(one.process is process for one in machines().values())
    assert process_limits()[Process.FDM].wall == 1.2


#: Codes that do not depend on how the part lies.
ANY_WAY = [code for code in BUILT if code not in ("overhang", "long_bridge", "island", "warping", "tall_slim")]


def _told(mesh: Mesh, process: str, limits: dict[Process, Limits] | None = None) -> list[tuple[str, float, Floats]]:
    found = check(as_loaded(mesh), process=process, limits=limits, machines=()).findings
    return sorted(((f.code, f.value or 0.0, np.array(f.where)) for f in found), key=lambda row: row[:2])


def _same(before: list[tuple[str, float, Floats]], after: list[tuple[str, float, Floats]], scale: float = 1.0) -> None:
    assert [code for code, *_ in after] == [code for code, *_ in before]
    for (code, old, _), (_, new, _) in zip(before, after, strict=True):
        if code not in ("trapped_volume", "support_volume"):  # known on a grid only
            unit = 1.0 if code in ("overhang", "tall_slim") else scale**3 if code == "inner_shell" else scale
            assert new == pytest.approx(old * unit, rel=0.03, abs=1e-3)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    code=st.sampled_from(list(BUILT)),
    part=st.integers(0, 19),
    angle=st.floats(0, 360),
    move=st.floats(-300, 300),
    seed=st.integers(0, 99),
)
def test_turning_about_z_moving_mirroring_and_order_change_no_finding(
    code: str, part: int, angle: float, move: float, seed: int
) -> None:
    flaw = shape_flaw(code, part)
    before = _told(flaw.mesh, flaw.process)
    random = np.random.default_rng(seed)
    moved = turned_z(flaw.mesh, angle).moved(np.array([move, -move, move / 3]))
    _same(before, _told(Mesh(moved.vertices, moved.faces[random.permutation(len(moved.faces))]), flaw.process))
    mirrored = Mesh(flaw.mesh.vertices * np.array([-1.0, 1.0, 1.0]), np.ascontiguousarray(flaw.mesh.faces[:, ::-1]))
    _same(before, _told(mirrored, flaw.process))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(code=st.sampled_from(ANY_WAY), part=st.integers(0, 19), turn=st.tuples(*[st.floats(0.0, 1.0)] * 3))
def test_turning_any_way_changes_no_finding_that_does_not_depend_on_the_pose(
    code: str, part: int, turn: tuple[float, float, float]
) -> None:
    flaw = shape_flaw(code, part)
    rotation = trimesh.transformations.random_rotation_matrix(np.array(turn))[:3, :3]
    before = [row for row in _told(flaw.mesh, flaw.process) if row[0] in {*ANY_WAY, "inner_shell"}]
    after = [row for row in _told(flaw.mesh.turned(rotation), flaw.process) if row[0] in {*ANY_WAY, "inner_shell"}]
    _same(before, after)
    for (_, _, old), (_, _, new) in zip(before, after, strict=True):
        assert np.linalg.norm(rotation @ old - new) <= 1.0


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(code=st.sampled_from(ANY_WAY), part=st.integers(0, 19), scale=st.floats(0.2, 5.0))
def test_scaling_part_and_limits_together_changes_no_finding(code: str, part: int, scale: float) -> None:
    flaw = shape_flaw(code, part)
    process = Process(flaw.process)
    limit = process_limits()[process]
    lengths = {
        name: getattr(limit, name) * scale for name in ("wall", "gap", "hole", "feature", "bridge", "layer", "drain")
    }
    scaled = {process: Limits(**lengths, overhang=limit.overhang, source=limit.source, decided=limit.decided)}
    before = [row for row in _told(flaw.mesh, process) if row[0] != "warping"]
    after = _told(Mesh(flaw.mesh.vertices * scale, flaw.mesh.faces), process, scaled)
    _same(before, [row for row in after if row[0] != "warping"], scale)
