"""Cutting into layers."""

from __future__ import annotations

import numpy as np
import pytest

from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.paths import areas, lengths
from nordlotse.print3d.core.slicing import cut, layer_count, layers, neighbours, thinned
from tests.print3d.core.solids import box, bracket, table, tube


def test_a_cube_of_20_mm_has_100_layers_of_80_mm_outline_and_400_mm2() -> None:
    found = layers(box(20, 20, 20), 0.2)
    assert found.count == 100
    assert found.length == pytest.approx(80.0)
    assert found.area == pytest.approx(400.0)
    assert found.top[-1] == pytest.approx(400.0)
    assert found.bottom[0] == pytest.approx(400.0)
    assert found.top[:-1].sum() == found.bottom[1:].sum() == 0


def test_a_tube_has_the_outline_of_both_its_circles() -> None:
    found = layers(tube(10, 6, 8), 0.2)
    sides = 2 * 64 * np.sin(np.pi / 64)
    assert found.length == pytest.approx(sides * 16)
    assert found.area == pytest.approx(64 / 2 * np.sin(2 * np.pi / 64) * (100 - 36))


def test_a_top_belongs_to_the_layer_below_it() -> None:
    found = layers(table(20.0), 0.2)
    assert found.bottom[100] == pytest.approx(1500.0)
    assert found.top[114] == pytest.approx(1600.0)


@pytest.mark.parametrize("part", [box(10, 20, 30), tube(10, 6, 8), bracket(), table()])
def test_contours_agree_with_the_figures_of_the_triangles(part: Mesh) -> None:
    found = layers(part, 0.2)
    contours = cut(part, found.heights)
    assert contours.open_ends == 0
    assert np.bincount(contours.cut, lengths(contours), found.count) == pytest.approx(found.length)
    assert np.bincount(contours.cut, areas(contours), found.count) == pytest.approx(found.area)


def test_holes_run_the_other_way_round() -> None:
    loops = areas(cut(tube(10, 6, 8), np.array([4.0])))
    assert len(loops) == 2
    assert loops.max() > 0 > loops.min()


def test_a_cut_through_corners_is_closed_all_the_same() -> None:
    contours = cut(box(10, 10, 10), np.array([0.0, 10.0]))
    assert contours.open_ends == 0
    assert areas(contours).sum() == pytest.approx(100.0)


def test_an_open_mesh_tells_its_open_ends() -> None:
    whole = box(10, 10, 10)
    open_box = Mesh(whole.vertices, whole.faces[1:])
    heights = np.linspace(0.5, 9.5, 10)
    assert cut(open_box, heights).open_ends > 0


def test_triangles_turned_over_still_give_the_outline() -> None:
    whole = box(10, 10, 10)
    faces = whole.faces.copy()
    faces[::3] = faces[::3, ::-1]
    contours = cut(Mesh(whole.vertices, faces), np.array([5.0]))
    assert contours.turned
    assert lengths(contours).sum() == pytest.approx(40.0)


def test_thinning_keeps_length_and_area() -> None:
    contours = cut(tube(10, 6, 8, sides=720), np.array([4.0]))
    fewer = thinned(contours, 0.01)
    assert len(fewer.points) < len(contours.points) / 1.5
    assert areas(fewer).sum() == pytest.approx(areas(contours).sum(), rel=1e-3)


def test_neighbours_close_every_loop() -> None:
    contours = cut(tube(10, 6, 8), np.array([2.0, 4.0]))
    after, before = neighbours(contours)
    assert (before[after] == np.arange(len(after))).all()
    assert (np.repeat(contours.cut, contours.sizes)[after] == np.repeat(contours.cut, contours.sizes)).all()


def test_a_part_lower_than_a_layer_has_one() -> None:
    assert layer_count(0.05, 0.2) == 1
