"""Cavities behind openings that are too narrow, told on the surface: however large the room and small the opening."""

from __future__ import annotations

import pytest
from bench.print3d.planted import as_loaded
from manifold3d import Manifold
from scipy.spatial.transform import Rotation

from nordlotse.print3d.core.check import check, check_file
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.samples import SAMPLES, sample_bytes
from nordlotse.print3d.core.values import Finding
from tests.print3d.core.solids import mesh_of


def _trapped(mesh: Mesh, process: str = "lpbf") -> list[Finding]:
    return [one for one in check(as_loaded(mesh), process).findings if one.code == "trapped_volume"]


def _hollow(side: float, wall: float, opening: float) -> Manifold:
    box = Manifold.cube((side,) * 3, True) - Manifold.cube((side - 2 * wall,) * 3, True)
    return box - Manifold.cylinder(side, opening / 2, -1, 32).translate((side / 5, side / 7, 0))


@pytest.mark.parametrize("opening", [0.4, 0.8, 1.8])
def test_a_tiny_opening_of_a_box_of_100_mm_is_seen_with_its_width_however_the_box_lies(opening: float) -> None:
    turn = Rotation.from_euler("xyz", (31, 17, 50), degrees=True).as_matrix()
    for mesh in (mesh_of(_hollow(100, 3, opening)), mesh_of(_hollow(100, 3, opening)).turned(turn)):
        found = _trapped(mesh)
        assert len(found) == 1
        assert found[0].value == pytest.approx(opening, rel=0.03)
        assert found[0].where == pytest.approx((0.0, 0.0, 0.0), abs=0.5)
        assert "2.0 mm" in found[0].remedy.en


def test_one_opening_that_is_wide_enough_empties_a_room_with_several_narrow_ones() -> None:
    narrow = _hollow(60, 3, 0.8)
    assert _trapped(mesh_of(narrow))
    assert not _trapped(mesh_of(narrow - Manifold.cylinder(60, 1.5, -1, 32).rotate((90, 0, 0))))


def test_the_widest_of_several_narrow_openings_is_told() -> None:
    both = _hollow(60, 3, 0.8) - Manifold.cylinder(60, 0.75, -1, 32).rotate((90, 0, 0))
    assert [one.value for one in _trapped(mesh_of(both))] == [pytest.approx(1.5, rel=0.03)]


def test_two_rooms_joined_by_a_wide_way_are_one_and_by_a_narrow_one_two() -> None:
    block = Manifold.cube((60, 30, 30), True)
    rooms = Manifold.cube((20, 20, 20), True).translate((-15, 0, 0)) + Manifold.cube((20, 20, 20), True).translate(
        (15, 0, 0)
    )
    pipe = Manifold.cylinder(20, 0.4, -1, 24).translate((-15, 0, 0))
    for way, count in ((4.0, 1), (0.5, 2)):
        between = Manifold.cylinder(30, way, -1, 32).rotate((0, 90, 0)).translate((-15, 0, 0))
        assert len(_trapped(mesh_of(block - rooms - between - pipe))) == count


def test_a_narrow_bore_or_slit_that_leads_into_nothing_is_no_cavity() -> None:
    block = Manifold.cube((30, 20, 20))
    assert not _trapped(mesh_of(block - Manifold.cylinder(15, 0.6, -1, 32).translate((15, 10, 8))))
    assert not _trapped(mesh_of(block - Manifold.cube((20, 0.8, 12)).translate((5, 10, 10))))


def _cup_in_its_socket() -> Mesh:
    """A cup that sits loose in a socket, 0.25 mm beside the wall: its inside is open above."""
    socket = Manifold.cube((40, 40, 24), True) - Manifold.cylinder(24, 14.25, -1, 64).translate((0, 0, -8))
    cup = Manifold.cylinder(20, 14, -1, 64) - Manifold.cylinder(20, 11, -1, 64).translate((0, 0, 2))
    return mesh_of(socket + cup.translate((0, 0, -7.75)))


def test_an_open_cup_that_sits_loose_in_a_socket_is_no_cavity() -> None:
    mesh = _cup_in_its_socket()
    assert any(one.code == "loose_body" for one in check(as_loaded(mesh)).findings)
    assert not _trapped(mesh)


@pytest.mark.parametrize(
    "mesh",
    [
        _cup_in_its_socket(),
        mesh_of(_hollow(60, 3, 0.8)),
        mesh_of(_hollow(60, 3, 0.8) - Manifold.cube((50, 8, 8)).translate((-20, -25, -25))),
    ],
)
def test_every_finding_lies_within_the_part_s_box(mesh: Mesh) -> None:
    findings = check(as_loaded(mesh)).findings
    assert findings
    low, high = mesh.bounds
    assert all(((one.where >= low - 1.0) & (one.where <= high + 1.0)).all() for one in findings)


def test_every_finding_in_our_samples_lies_within_the_part_s_box() -> None:
    seen = 0
    for one in SAMPLES:
        found, loaded = check_file(sample_bytes(one.id), one.file)
        low, high = loaded.mesh.bounds
        for finding in found.findings:
            seen += 1
            assert ((finding.where >= low - 1.0) & (finding.where <= high + 1.0)).all(), (one.id, finding.code)
    assert seen > 3
