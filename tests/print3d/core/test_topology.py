"""Flaws of a mesh are found at their places; sound meshes are left alone; turning, scaling and order change nothing."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import trimesh
from bench.print3d.files import step
from bench.print3d.flaws import PLANTS, distance, planted, sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manifold3d import Error, Manifold
from manifold3d import Mesh as ManifoldMesh

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.boxes import overlapping
from nordlotse.print3d.core.findings import CODES, UNSOUND, mesh_facts, topology_findings
from nordlotse.print3d.core.intersections import crossings
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.topology import topology
from nordlotse.print3d.core.values import Severity
from nordlotse.print3d.core.welding import joined
from tests.print3d.core.solids import box, bracket, mesh_of


@pytest.mark.parametrize("code", PLANTS)
def test_a_planted_flaw_is_found_under_its_code_within_a_millimetre_and_nothing_else(code: str) -> None:
    for part in range(10):
        flaw = planted(code, part)
        found = topology_findings(topology(flaw.mesh))
        assert [finding.code for finding in found] == [code]
        assert distance(flaw, found[0].where) <= 1.0
        assert found[0].faces


def test_sound_parts_have_no_finding() -> None:
    for part in range(10):
        found = topology(sound(part))
        assert topology_findings(found) == ()
        assert (found.watertight, found.winding_ok, len(found.bodies)) == (True, True, 1)


def test_every_code_has_texts_in_both_languages() -> None:
    for code in CODES.values():
        assert code.text.de and code.text.en and code.remedy.de and code.remedy.en
    assert set(PLANTS) <= set(CODES)


def test_files_that_trimesh_and_manifold_call_clean_have_no_topology_finding(shared: Path) -> None:
    clean = 0
    for row in csv.DictReader((shared / "print3d" / "parts.csv").read_text("utf-8").splitlines()):
        if row["watertight"] != "true" or row["winding_consistent"] != "true":
            continue
        loaded = read((shared / "print3d" / "parts" / row["file"]).read_bytes(), row["file"])
        mesh = loaded.mesh
        solid = Manifold(ManifoldMesh(mesh.vertices.astype(np.float32), mesh.faces.astype(np.uint32)))
        found = topology(mesh)
        if solid.status() == Error.NoError:
            clean += 1
            assert not {f.code for f in topology_findings(found, loaded.kind, loaded.brep_valid)} & UNSOUND, row["file"]
        assert (found.watertight, len(found.bodies)) == (True, int(row["bodies"])), row["file"]
    assert clean > 20


def test_every_flawed_mesh_file_is_flagged_and_a_step_file_is_not_blamed(shared: Path) -> None:
    for row in csv.DictReader((shared / "print3d" / "parts.csv").read_text("utf-8").splitlines()):
        if row["watertight"] == "true" and row["winding_consistent"] == "true":
            continue
        try:
            loaded = read((shared / "print3d" / "parts" / row["file"]).read_bytes(), row["file"])
        except BadInput as refused:
            assert refused.code == "no_triangles"
            continue
        found = topology_findings(topology(loaded.mesh), loaded.kind, loaded.brep_valid)
        if loaded.kind == "step":
            assert {f.code for f in found} <= {"tessellation_crack"}, row["file"]
            assert all(f.severity is Severity.NOTE for f in found)
        else:
            assert {f.code for f in found} & UNSOUND, row["file"]


def test_overlapping_boxes_are_the_same_as_by_comparing_all_with_all() -> None:
    random = np.random.default_rng(3)
    for spread in (0.05, 1.0, 30.0):
        start = random.uniform(0, 40, (400, 1, 3))
        corners = start + random.normal(0, 1, (400, 3, 3)) * random.exponential(spread, (400, 1, 1))
        pairs = {
            tuple(sorted(pair))
            for a, b in overlapping(corners, 0.0)
            for pair in zip(a.tolist(), b.tolist(), strict=True)
        }
        crossing = {tuple(sorted(pair)) for pair in _by_segments(corners)}
        low, high = corners.min(axis=1), corners.max(axis=1)
        touching = (low[:, None] <= high[None] + 1e-4).all(axis=2) & (high[:, None] >= low[None] - 1e-4).all(axis=2)
        every = {(a, b) for a, b in np.argwhere(touching).tolist() if a < b}
        assert crossing <= pairs <= every


def _by_segments(corners: Floats) -> set[tuple[int, int]]:
    """Return the pairs where an edge of one triangle passes through the other: slow and plain."""
    found = set()
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    for a in range(len(corners)):
        for i in range(3):
            p, q = corners[a, i], corners[a, (i + 1) % 3]
            above = np.einsum("ij,ij->i", p - corners[:, 0], normal)
            below = np.einsum("ij,ij->i", q - corners[:, 0], normal)
            inside = above * below < 0
            share = np.divide(above, above - below, out=np.zeros_like(above), where=inside)
            at = p + share[:, None] * (q - p)
            for k in range(3):
                side = np.cross(corners[:, (k + 1) % 3] - corners[:, k], at - corners[:, k])
                inside &= np.einsum("ij,ij->i", side, normal) > 0
            inside[a] = False
            found |= {(min(a, int(b)), max(a, int(b))) for b in np.flatnonzero(inside)}
    return found


def test_crossings_of_a_triangle_soup_are_those_found_edge_by_edge() -> None:
    random = np.random.default_rng(5)
    corners = random.uniform(0, 30, (250, 1, 3)) + random.normal(0, 3, (250, 3, 3))
    mesh = Mesh(corners.reshape(-1, 3), np.arange(750, dtype=np.int32).reshape(-1, 3))
    mine = {tuple(sorted(pair)) for pair in crossings(mesh).pairs.tolist()}
    plain = _by_segments(corners)
    assert len(plain) > 100
    assert len(mine ^ plain) <= 0.01 * len(plain)  # touches within the tolerance


def test_neighbours_that_touch_or_lie_flat_on_each_other_do_not_cross() -> None:
    stacked = joined([box(10, 10, 10), box(10, 10, 10).moved(np.array([0.0, 0.0, 10.0]))])
    beside = joined([box(10, 10, 10), box(5, 5, 5).moved(np.array([10.0, 2.0, 3.0]))])
    for mesh in (stacked, beside, bracket()):
        assert not len(crossings(mesh).pairs)


def test_a_ball_whose_equator_lies_in_the_wall_crosses_it() -> None:
    ball = mesh_of(Manifold.sphere(4, 32)).moved(np.array([15.0, 15.0, 30.0]))
    found = topology_findings(topology(joined([box(30, 30, 30), ball])))
    assert [f.code for f in found] == ["bodies_overlap"]
    assert found[0].where[2] == pytest.approx(30.0, abs=0.1)


def test_a_step_file_with_open_edges_is_blamed_only_if_its_solid_is_unsound() -> None:
    mesh = read(step(), "cube.step").mesh
    open_mesh = topology(Mesh(mesh.vertices, mesh.faces[1:]))
    assert [f.code for f in topology_findings(open_mesh, "step", True)] == ["tessellation_crack"]
    assert [f.code for f in topology_findings(open_mesh, "step", None)] == ["tessellation_crack"]
    assert [f.code for f in topology_findings(open_mesh, "step", False)] == ["hole"]


def test_facts_tell_the_volume_of_the_exact_geometry_where_it_is_known() -> None:
    loaded = read(step(), "cube.step")
    facts = mesh_facts(loaded, topology(loaded.mesh))
    assert facts.volume_mm3 == pytest.approx(8000.0)
    assert facts.volume_from == ("mesh" if loaded.exact_volume is None else "b-rep")
    assert (facts.bodies, facts.watertight, facts.winding_ok) == (1, True, True)


CODE_NAMES = st.sampled_from([code for code in PLANTS if code != "inside_out"])
TURN = st.tuples(*[st.floats(0.0, 1.0)] * 3)


def _codes(mesh: Mesh) -> Counter[str]:
    return Counter(f.code for f in topology_findings(topology(mesh)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    code=CODE_NAMES,
    part=st.integers(0, 9),
    turn=TURN,
    move=st.floats(-300, 300),
    scale=st.floats(0.1, 10.0),
    seed=st.integers(0, 99),
)
def test_rigid_motion_scale_mirror_and_order_do_not_change_the_findings(
    code: str, part: int, turn: tuple[float, float, float], move: float, scale: float, seed: int
) -> None:
    flaw = planted(code, part).mesh
    before = topology_findings(topology(flaw))
    rotation = trimesh.transformations.random_rotation_matrix(np.array(turn))[:3, :3]
    random = np.random.default_rng(seed)
    order = random.permutation(len(flaw.faces))
    moved = flaw.turned(rotation * scale).moved(np.array([move, -move, move / 2]))
    after = topology_findings(topology(Mesh(moved.vertices, np.ascontiguousarray(moved.faces[order]))))
    assert Counter(f.code for f in after) == Counter(f.code for f in before)
    for one, other in zip(before, after, strict=True):
        expected = np.array(one.where) @ (rotation * scale).T + np.array([move, -move, move / 2])
        assert np.linalg.norm(expected - np.array(other.where)) <= 1e-3 * max(1.0, scale) * np.linalg.norm(flaw.size)
    mirrored = Mesh(flaw.vertices * np.array([-1.0, 1.0, 1.0]), np.ascontiguousarray(flaw.faces[:, ::-1]))
    assert _codes(mirrored) == Counter(f.code for f in before)
