"""Time and material without slicing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.print3d.core.estimate import Factors, estimate
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.paths import lengths, per_slot
from nordlotse.print3d.core.profile import profile, profiles
from nordlotse.print3d.core.work import work
from tests.print3d.core.solids import box, bracket, table, tube, turned_z

PLA = profile("fdm-pla-0.2")


def test_the_profile_holds_the_values_of_our_own_decision() -> None:
    assert PLA.values["layer"] == 0.2
    assert PLA.values["least_layer_time"] == 15
    assert set(profiles()) == {"fdm-pla-0.2"}
    with pytest.raises(NotFound, match="no_such_profile"):
        profile("fdm-unobtainium")


def test_a_sheet_without_thickness_gets_no_figures() -> None:
    corners = np.array([[0.0, 0, 0], [20, 0, 5], [20, 20, 5], [0, 20, 0]])
    sheet = Mesh(corners, np.array([[0, 1, 2], [0, 2, 3], [0, 2, 1], [0, 3, 2]], np.int32))
    with pytest.raises(BadInput, match="nothing_to_print"):
        estimate(sheet, PLA)


def test_a_box_of_10_20_30_takes_what_a_slicer_says() -> None:
    # sliced with PrusaSlicer 2.5.0: 2,369 s, 3.48 g, 150 layers
    found = estimate(box(10, 20, 30), PLA)
    assert found.layers == 150
    assert found.time_s == pytest.approx(2369, rel=0.06)
    assert found.filament_g == pytest.approx(3.48, rel=0.04)
    assert found.time_low_s < 2369 < found.time_high_s
    assert found.engine == "estimated"
    assert found.support_g == 0


def test_perimeters_of_a_box_lie_half_a_line_and_a_spacing_inside() -> None:
    done = work(box(20, 20, 20), PLA, 12)
    count = len(done.sample.chosen)
    spacing = 0.45 - 0.2 * (1 - np.pi / 4)
    outer = per_slot(done.outer, lengths(done.outer), count) + 8 * done.pair
    inner = per_slot(done.inner, lengths(done.inner), count) + 8 * done.pair
    assert outer == pytest.approx(4 * (20 - 0.45))
    assert inner == pytest.approx(4 * (20 - 0.45 - 2 * spacing))


def test_a_tube_of_one_line_is_filled_by_single_lines() -> None:
    done = work(tube(10, 9.7, 5), PLA, 12)
    assert done.thin_length[1:] == pytest.approx(np.pi * 19.7, rel=0.02)
    found = estimate(tube(10, 9.7, 5), PLA)
    # the narrowest line is 0.34 mm wide: more than the wall of 0.3 mm
    assert found.filament_g == pytest.approx(np.pi * 19.7 * 0.34 * 5 * 1.24e-3, rel=0.35)


def test_first_and_last_layers_are_solid_and_the_middle_is_not() -> None:
    done = work(box(30, 30, 10), PLA, 24)
    share = dict(zip(done.sample.chosen.tolist(), (done.solid / done.core).tolist(), strict=True))
    for layer, part in share.items():
        solid = layer < 4 or layer >= 45
        assert part == pytest.approx(1.0 if solid else 0.0, abs=0.05), layer


@settings(max_examples=12, deadline=None)
@given(st.floats(-180, 180), st.floats(-500, 500), st.floats(-500, 500), st.floats(-100, 100))
def test_where_the_part_lies_does_not_matter(turn: float, x: float, y: float, z: float) -> None:
    before = estimate(bracket(), PLA)
    after = estimate(turned_z(bracket(), turn).moved(np.array([x, y, z])), PLA)
    assert after.layers == before.layers
    # infill runs at 45° to the axes: a turn changes how long its lines are, and how they join
    assert after.time_s == pytest.approx(before.time_s, rel=0.1)
    assert after.filament_g == pytest.approx(before.filament_g, rel=0.05)


def test_a_part_moved_aside_is_the_same_part() -> None:
    moved = estimate(bracket().moved(np.array([512.0, -256.0, 128.0])), PLA)
    assert moved.time_s == pytest.approx(estimate(bracket(), PLA).time_s, rel=1e-6)


def test_the_order_of_triangles_does_not_matter() -> None:
    part = bracket()
    mixed = Mesh(part.vertices, part.faces[np.random.default_rng(3).permutation(len(part.faces))])
    assert estimate(mixed, PLA).time_s == pytest.approx(estimate(part, PLA).time_s, rel=0.01)


@settings(max_examples=10, deadline=None)
@given(st.floats(8, 60), st.floats(1.1, 2.0))
def test_a_larger_box_takes_longer_and_more(side: float, factor: float) -> None:
    small, large = estimate(box(side, side, side), PLA), estimate(box(*[side * factor] * 3), PLA)
    assert large.time_s > small.time_s
    assert large.filament_g > small.filament_g


def test_a_layer_takes_at_least_its_least_time_down_to_the_least_speed() -> None:
    needle = estimate(box(6, 6, 20), PLA)
    # 15 s for each of 100 layers would be 1,500 s; at 15 mm/s such a layer of 60 mm cannot take as long
    assert 500 < needle.time_s < 1500
    assert estimate(box(18, 18, 20), PLA).time_s > 0.9 * 1500


def test_support_is_counted_in_time_and_filament() -> None:
    without, with_it = estimate(table(), PLA), estimate(table(), PLA, support=True)
    assert with_it.time_s > without.time_s * 1.05
    assert with_it.filament_g == pytest.approx(without.filament_g + with_it.support_g)
    # 1,500 mm² under the plate, 20 mm high, filled to about an eighth, and some margin
    assert 3.0 < with_it.support_g < 9.0
    assert estimate(box(20, 20, 20), PLA, support=True).support_g == 0


def test_factors_of_a_shop_move_the_estimate_and_its_band() -> None:
    plain = estimate(bracket(), PLA)
    own = estimate(bracket(), PLA, factors=Factors(1.2, 0.9, 0.05, 0.04))
    assert own.time_s == pytest.approx(1.2 * plain.time_s)
    assert own.filament_g == pytest.approx(0.9 * plain.filament_g)
    assert own.time_high_s == pytest.approx(own.time_s * 1.05)


def test_a_part_beyond_the_machine_is_told() -> None:
    assert any("Bauraum" in text.de for text in estimate(box(300, 20, 5), PLA).warnings)


@pytest.mark.parametrize("seed", range(8))
def test_broken_meshes_are_estimated_not_crashed(seed: int) -> None:
    draw = np.random.default_rng(seed)
    part = bracket() if seed % 2 else tube(12, 8, 15)
    faces = part.faces[draw.random(len(part.faces)) > 0.1]
    flip = draw.random(len(faces)) < 0.2
    faces[flip] = faces[flip, ::-1]
    found = estimate(Mesh(part.vertices, np.concatenate([faces, faces[:5]])), PLA, support=True)
    assert np.isfinite([found.time_s, found.filament_g, found.support_g]).all()
    assert found.time_s > 0
    assert found.time_low_s <= found.time_s <= found.time_high_s


def test_a_mesh_inside_out_is_estimated_like_the_right_one() -> None:
    part = bracket()
    inside_out = Mesh(part.vertices, part.faces[:, ::-1].copy())
    assert estimate(inside_out, PLA).filament_g == pytest.approx(estimate(part, PLA).filament_g, rel=0.1)


def test_nothing_and_no_numbers_are_refused() -> None:
    with pytest.raises(BadInput, match="nothing_to_print"):
        estimate(Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)), PLA)
    part = box(10, 10, 10)
    vertices = part.vertices.copy()
    vertices[0, 0] = np.nan
    with pytest.raises(BadInput):
        estimate(Mesh(vertices, part.faces), PLA)
    with pytest.raises(BadInput, match="part_too_tall"):
        estimate(box(1, 1, 40_000), PLA)
